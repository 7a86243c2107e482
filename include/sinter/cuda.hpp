// SPDX-License-Identifier: Apache-2.0
// sinter on NVIDIA GPUs, so far for functions whose plan is made of maps: device tensors, and calls that launch their kernels.
// Compiled by nvcc with -std=c++20 and no other flag.
#pragma once

#include <cuda_runtime_api.h>

#include <sinter/cuda/map.hpp>
#include <sinter/sinter.hpp>

namespace sinter {

namespace device {

inline void check(cudaError_t e, const char* what) {
  if (e != cudaSuccess) throw device_error(std::string("sinter::device: ") + what + ": " + cudaGetErrorString(e));
}

/// A tensor in the memory of the current device; static extents. Moves, does not copy.
template <class T, extent_t... E> class tensor {
  static_assert(((E >= 0) && ...), "sinter::device::tensor: extents are static; copy run-time extents into a static shape");

 public:
  using value_type = T;
  using host = sinter::tensor<T, E...>;
  static constexpr extent_t size = (extent_t{1} * ... * E);

  tensor() { check(cudaMalloc(reinterpret_cast<void**>(&data_), static_cast<std::size_t>(size > 0 ? size : 1) * sizeof(T)), "cudaMalloc"); }
  explicit tensor(const host& from) : tensor() {
    check(cudaMemcpy(data_, from.data(), bytes(), cudaMemcpyHostToDevice), "cudaMemcpy to the device");
  }
  tensor(tensor&& o) noexcept : data_(o.data_) { o.data_ = nullptr; }
  tensor& operator=(tensor&& o) noexcept {
    T* t = data_;
    data_ = o.data_, o.data_ = t;
    return *this;
  }
  ~tensor() { cudaFree(data_); }
  T* data() const { return data_; }
  /// A copy in host memory.
  host to_host() const {
    host h;
    check(cudaMemcpy(h.data(), data_, bytes(), cudaMemcpyDeviceToHost), "cudaMemcpy to the host");
    return h;
  }

 private:
  static constexpr std::size_t bytes() { return static_cast<std::size_t>(size) * sizeof(T); }
  T* data_ = nullptr;
};

template <class T, extent_t... E> tensor<T, E...> to(const sinter::tensor<T, E...>& t) { return tensor<T, E...>(t); }

namespace detail {

template <class Plan, int G> void launch(run::binding<Plan>& b, cudaStream_t stream) {
  constexpr fuse::group g = Plan::value.groups[G];
  static_assert(g.kind == fuse::group_kind::map,
                "sinter::device: so far only functions whose plan consists of maps run on the GPU; run the others on the CPU");
  using code = run::group_code<Plan, G, fuse::schedule_value{}>;
  using key = run::key_of<Plan, code>;
  static_assert(fuse::ensure_code<key, code>());
  using arguments = fuse::arguments<g.accesses.count, g.roots.count, code::size.guards, g.outer>;
  arguments a;
  run::bind_arguments<G>(a, b);
  cuda_kernels::launch_map(key{}, a, run::rows_of(a, g.outer), stream);
  check(cudaGetLastError(), "launch of a map kernel");
}
template <class Plan, int... K> void launch_all(run::binding<Plan>& b, cudaStream_t stream, sinter::detail::int_list<K...>) {
  (launch<Plan, Plan::value.order[K]>(b, stream), ...);
}
template <class Plan, int P, class X> void bind(run::binding<Plan>& b, const X& x) {
  if constexpr (P < Plan::size.params) b.param[P] = x.data();
}
template <class Plan, class... X, int... P> void bind_all(run::binding<Plan>& b, sinter::detail::int_list<P...>, const X&... x) {
  (bind<Plan, P>(b, x), ...);
}

}  // namespace detail

/// Writes f(x...) into y, on a stream. Shapes and types as on the CPU; all operands are device tensors; y overlaps no operand.
template <class F, class Options, class T, extent_t... E, class... X>
void into(const function<F, Options>&, tensor<T, E...>& y, cudaStream_t stream, const X&... x) {
  using plan = typename function<F, Options>::template program<typename X::host...>;
  static_assert(plan::size.results == 1, "sinter::device::into: one result so far");
  static_assert(run::check_destination<run::result_t<plan, 0>, sinter::tensor<T, E...>>::good);
  static_assert(plan::value.total.temporaries == 0,
                "sinter::device: so far only functions without intermediates run on the GPU; run the others on the CPU");
  run::binding<plan> b;
  detail::bind_all<plan>(b, sinter::detail::make_int_list<sizeof...(X)>{}, x...);
  b.result[0] = y.data();
  detail::launch_all<plan>(b, stream, sinter::detail::make_int_list<plan::size.groups>{});
}

}  // namespace device

}  // namespace sinter
