// SPDX-License-Identifier: Apache-2.0
// Kernels on the current stream: where plans for a GPU run (see run/device.hpp). Compiled by nvcc.
#pragma once

#include <sinter/cuda/block.hpp>
#include <sinter/cuda/stream.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace cuda_kernels {

/// Work on the stream that is current when it is launched.
struct stream_place {
  template <class Program> static void launch(const typename Program::args& a, extent_t blocks) {
    if (blocks == 0) return;
    if (blocks > 0x7fffffff)
      throw device_error("sinter::device: a kernel needs more than 2^31 - 1 blocks; call the function on parts of the arrays");
    launch_kernel<Program>(a, static_cast<unsigned>(blocks));
    device::check(cudaGetLastError(), "cudaLaunchKernel", Program::name);
  }
  /// In clusters of blocks. False, and nothing is launched, where the GPU has none, or the kernel was not compiled for one that has.
  template <class Program> static bool launch_over_clusters(const typename Program::args& a, extent_t blocks) {
    if (blocks > 0x7fffffff) return false;
    return blocks == 0 || launch_clusters<Program>(a, static_cast<unsigned>(blocks));
  }
  static void copy(void* to, const void* from, std::size_t bytes) {
    device::check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, stream()), "cudaMemcpyAsync within the device");
  }
  static void clear(void* to, std::size_t bytes) { device::check(cudaMemsetAsync(to, 0, bytes, stream()), "cudaMemsetAsync"); }
  /// On the device that is current, as long as the process lives.
  static const void* upload(const void* data, std::size_t bytes) {
    auto* const there = new device::detail::memory(bytes > 0 ? bytes : 1);
    device::check(cudaMemcpy(there->data(), data, bytes, cudaMemcpyHostToDevice), "cudaMemcpy of a constant");
    return there->data();
  }
  /// Both wait: the host computes with what they bring.
  static void download(void* to, const void* from, std::size_t bytes) {
    refuse_in_capture("a library call");
    device::check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, stream()), "cudaMemcpyAsync to the host");
    device::check(cudaStreamSynchronize(stream()), "cudaStreamSynchronize");
  }
  static void upload_to(void* to, const void* from, std::size_t bytes) {
    device::check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, stream()), "cudaMemcpyAsync to the device");
    device::check(cudaStreamSynchronize(stream()), "cudaStreamSynchronize");
  }
  /// Waits for the stream: loops of unknown length and branches are decided by the host.
  static bool read(const bool* flag) {
    refuse_in_capture("a loop of unknown length or a branch");
    bool here = false;
    device::check(cudaMemcpyAsync(&here, flag, sizeof(here), cudaMemcpyDeviceToHost, stream()), "cudaMemcpyAsync to the host");
    device::check(cudaStreamSynchronize(stream()), "cudaStreamSynchronize");
    return here;
  }
  static void write(std::int32_t* to, std::int32_t i);

 private:
  static void refuse_in_capture(const char* what) {
    if (device::detail::this_thread.captured)
      throw exception(std::string("sinter::device: ") + what +
                      " needs the host and cannot be recorded; call the function outside of graph_exec::capture");
  }
  static cudaStream_t stream() { return device::current_stream().handle(); }
  template <class Program, template <int...> class Arguments, int... N>
  static void launch_kernel(const Arguments<N...>& a, unsigned blocks) {
    run_block<Program, Arguments, N...><<<blocks, Program::threads, 0, stream()>>>(a);
  }
  template <class Program, template <int...> class Arguments, int... N>
  static bool launch_clusters(const Arguments<N...>& a, unsigned blocks) {
    static thread_local known_clusters known;
    void (*const kernel)(Arguments<N...>) = run_block<Program, Arguments, N...>;
    return launch_clusters(
        known,
        {reinterpret_cast<const void*>(kernel), &a, Program::threads, static_cast<unsigned>(blocks_of_row<Program>(a)), Program::name},
        blocks);
  }
  // Of a kernel: the device that was asked last, and whether it runs clusters of that size.
  struct known_clusters {
    int device = -1;
    unsigned size = 0;
    bool run = false;
  };
  struct kernel_of_clusters {
    const void* kernel;
    const void* args;
    unsigned threads, cluster;
    const char* name;
  };
  SINTER_NOINLINE static bool launch_clusters(known_clusters& known, const kernel_of_clusters& k, unsigned blocks) {
    cudaLaunchAttribute shape = {};
    shape.id = cudaLaunchAttributeClusterDimension;
    shape.val.clusterDim.x = k.cluster, shape.val.clusterDim.y = 1, shape.val.clusterDim.z = 1;
    cudaLaunchConfig_t config = {};
    config.gridDim = dim3(blocks), config.blockDim = dim3(k.threads), config.stream = stream();
    config.attrs = &shape, config.numAttrs = 1;
    if (const int device = device::detail::current_device(); known.device != device || known.size != k.cluster)
      known = {device, k.cluster, runs_clusters(k.kernel, config)};
    if (!known.run) return false;
    void* arguments[] = {const_cast<void*>(k.args)};
    device::check(cudaLaunchKernelExC(&config, k.kernel, arguments), "cudaLaunchKernelExC", k.name);
    return true;
  }
  // A kernel for sm_80 that runs on a newer GPU is empty: what counts is what it was compiled for. Parts of a GPU may have no room.
  static bool runs_clusters(const void* kernel, const cudaLaunchConfig_t& config) {
    cudaFuncAttributes is = {};
    int clusters = 0;
    const bool known = cudaFuncGetAttributes(&is, kernel) == cudaSuccess && is.ptxVersion >= 90 &&
                       cudaOccupancyMaxActiveClusters(&clusters, kernel, &config) == cudaSuccess;
    if (!known) (void)cudaGetLastError();  // the other kernel reports what is wrong
    return known && clusters > 0;
  }
};

// A number into memory, as a kernel: a graph keeps it.
template <int> __global__ void write_index(std::int32_t* to, std::int32_t i) { *to = i; }
inline void stream_place::write(std::int32_t* to, std::int32_t i) {
  write_index<0><<<1, 1, 0, stream()>>>(to, i);
  device::check(cudaGetLastError(), "cudaLaunchKernel", "write_index");
}

}  // namespace cuda_kernels
}  // namespace SINTER_ISA
}  // namespace sinter
