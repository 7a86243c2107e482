// SPDX-License-Identifier: Apache-2.0
// Memory of a device, from the pool that the CUDA runtime keeps of it, allocated and freed in the order of the default stream.
//
// A program that uses no other stream waits nowhere: whatever reads a block comes before its end. Once it makes or names another stream,
// a new block is there for all streams, and the end of one waits for the device first, as cudaFree does: no memory is used again while a
// kernel on some stream may use it. So in a loop on several streams keep the tensors, and write into them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <sinter/core/atomic.hpp>
#include <sinter/cuda/error.hpp>

namespace sinter::device::detail {

inline int current_device() {
  int device = 0;
  check(cudaGetDevice(&device), "cudaGetDevice");
  return device;
}

// Makes a device current, until the end of the scope.
class device_scope {
 public:
  explicit device_scope(int device) noexcept {
    int now = device;
    ignore(cudaGetDevice(&now));
    if (now == device) return;
    ignore(cudaSetDevice(device));
    before_ = now;
  }
  device_scope(const device_scope&) = delete;
  ~device_scope() {
    if (before_ >= 0) ignore(cudaSetDevice(before_));
  }

 private:
  int before_ = -1;
};

// One bit a device. The 64th and those after it share one: then both are treated alike, which is right, if slow.
using device_set = sinter::detail::atomic<std::uint64_t>;
inline constexpr std::uint64_t bit(int device) { return std::uint64_t{1} << (device < 63 ? device : 63); }
inline device_set with_streams{0}, with_pools{0};

// From now on the current device has other streams than the default one; they may use all blocks made before.
inline void note_stream() {
  const std::uint64_t b = bit(current_device());
  if (with_streams.load() & b) return;
  with_streams.set_bits(b);  // first, so that no block of another thread falls between
  check(cudaStreamSynchronize(cudaStreamLegacy), "cudaStreamSynchronize");
}

// The pool returns its memory whenever somebody waits, unless told to keep it. What the user told it stays.
inline void keep_pool(int device) {
  if (device < 63 && with_pools.load() & bit(device)) return;
  cudaMemPool_t pool = nullptr;
  std::uint64_t kept = 0;
  check(cudaDeviceGetDefaultMemPool(&pool, device), "cudaDeviceGetDefaultMemPool");
  check(cudaMemPoolGetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &kept), "cudaMemPoolGetAttribute");
  if (kept == 0) {
    kept = ~std::uint64_t{0};
    check(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &kept), "cudaMemPoolSetAttribute");
  }
  with_pools.set_bits(bit(device));
}

// Owns a block, 256-byte aligned, of the device that was current when it was made. None where bytes is 0.
class memory {
 public:
  memory() = default;
  explicit memory(std::size_t bytes) {
    if (bytes == 0) return;
    device_ = current_device();
    keep_pool(device_);
    if (const cudaError_t e = cudaMallocAsync(&data_, bytes, cudaStreamLegacy))
      check(e, ("cudaMallocAsync of " + std::to_string(bytes) + " bytes").c_str());
    if (with_streams.load() & bit(device_))
      if (const cudaError_t e = cudaStreamSynchronize(cudaStreamLegacy)) {
        release();
        check(e, "cudaStreamSynchronize");
      }
  }
  memory(memory&& o) noexcept : data_(o.data_), device_(o.device_) { o.data_ = nullptr; }
  memory& operator=(memory&& o) noexcept {
    if (this == &o) return *this;
    release();
    data_ = o.data_, device_ = o.device_, o.data_ = nullptr;
    return *this;
  }
  ~memory() { release(); }

  void* data() const { return data_; }
  int device() const { return device_; }

 private:
  // Errors are dropped: those of kernels are seen by the next call that waits, and at the end of a process the runtime may be gone.
  void release() noexcept {
    if (!data_) return;
    const device_scope scope(device_);
    if (with_streams.load() & bit(device_)) ignore(cudaDeviceSynchronize());
    ignore(cudaFreeAsync(data_, cudaStreamLegacy));
    data_ = nullptr;
  }

  void* data_ = nullptr;
  int device_ = 0;
};

}  // namespace sinter::device::detail
