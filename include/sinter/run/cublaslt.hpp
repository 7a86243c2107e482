// SPDX-License-Identifier: Apache-2.0
// Functions whose products run in cuBLASLt: what the library does behind a product, and the place of such plans.
#pragma once

#include <sinter/cuda/cublaslt.hpp>
#include <sinter/ops/nn.hpp>
#include <sinter/run/libraries.hpp>

namespace sinter {
namespace backend {
/// Products of f16, bf16, f32 and f64 run in cuBLASLt, on tensor cores where it uses them for the type (f32 stays f32: no TF32). What it
/// does not take runs in kernels of sinter: other types, no elements to sum over, strides with no contiguous axis. x w + b, relu(x w + b)
/// and gelu_tanh(x w + b) of matrices and a row b are one call. Other maps behind a product are a kernel after it. Error:  sums in another
/// order than sinter's, and an epilogue rounds once, at the end: not the bits of the CPU. Results may depend on the version of the library.
/// device_error names the call of the library that fails. On host tensors it is the default backend.
struct cublaslt {};
}  // namespace backend

inline namespace SINTER_ISA {
namespace run {

template <fuse::schedule_value S> struct on_host<options<backend::cublaslt, S>> : on_host<options<default_backend, S>> {};

// What the library does behind a product, as the functions of which it is the same.
struct add_row {
  template <class X, class B> constexpr auto operator()(X x, B b) const { return x + b; }
};
struct add_row_relu {
  template <class X, class B> constexpr auto operator()(X x, B b) const { return relu(x + b); }
};
struct add_row_gelu {
  template <class X, class B> constexpr auto operator()(X x, B b) const { return gelu_tanh(x + b); }
};
template <class F> struct row_first {
  template <class B, class X> constexpr auto operator()(B b, X x) const { return F{}(x, b); }
};
template <class Plan> using key_of_map = key_of<Plan, group_code<Plan, 0, on_threads>>;
// Whether a kernel of a map is that of F: kernels are named by what they compute, not by extents.
template <class Key, class F, class T> inline constexpr bool computes =
    std::is_same_v<
        Key,
        key_of_map<plan_stage<function_source<F, detail::param_type<T, false, 64, 64>, detail::param_type<T, false, 64>>, for_device>>> ||
    std::is_same_v<
        Key, key_of_map<plan_stage<function_source<row_first<F>, detail::param_type<T, false, 64>, detail::param_type<T, false, 64, 64>>,
                                   for_device>>>;

template <class Place> struct cublaslt_place : Place {
  static constexpr extent_t product_bytes = static_cast<extent_t>(device::detail::blas_bytes) + 256;

  // The scratch memory of the place is aligned to 64.
  static void* aligned(std::byte* scratch) { return scratch + (256 - reinterpret_cast<std::uintptr_t>(scratch) % 256) % 256; }

  template <dtype D, class Key> static constexpr int find_after() {
    using T = storage_t<D>;
    if constexpr (D == dtype::f16 || D == dtype::bf16 || D == dtype::f32) {
      if constexpr (computes<Key, add_row, T>) return CUBLASLT_EPILOGUE_BIAS;
      else if constexpr (computes<Key, add_row_relu, T>) return CUBLASLT_EPILOGUE_RELU_BIAS;
      else if constexpr (computes<Key, add_row_gelu, T>) return CUBLASLT_EPILOGUE_GELU_BIAS;
    }
    return 0;
  }
  template <dtype D, class Key> static constexpr int after = find_after<D, Key>();

  template <dtype D, class Args> static bool product(const Args& p, int after, const void* row, std::byte* scratch) {
    if constexpr (device::detail::blas_type<D> < 0) return false;
    else {
      return device::detail::blas_multiply<D>(p.a, p.b, p.c, p.batch, p.m, p.n, p.k,
                                              after ? static_cast<cublasLtEpilogue_t>(after) : CUBLASLT_EPILOGUE_DEFAULT, row,
                                              aligned(scratch));
    }
  }
};
template <class Place> struct place_for<backend::cublaslt, Place> { using type = cublaslt_place<Place>; };

}  // namespace run
}  // namespace SINTER_ISA
}  // namespace sinter
