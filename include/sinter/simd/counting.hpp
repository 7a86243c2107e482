// SPDX-License-Identifier: Apache-2.0
// The scalar backend with counters: tests state what a kernel loads, stores and computes an element, and how often it calls
// which function. Not for speed; its results are those of backend::scalar.
#pragma once

#include <sinter/simd/scalar.hpp>

namespace sinter {
namespace backend {

/// Events since the last reset, in elements: one pack of N counts N. Arithmetic inside a mathematical function, a conversion
/// or maximum is not counted: the function is (but for the outermost only).
struct counts {
  std::uint64_t loads = 0, stores = 0, load_bytes = 0, store_bytes = 0;
  std::uint64_t arithmetic = 0;  ///< add, sub, mul, neg, fma, div, sqrt, min, max, rounding
  std::uint64_t div = 0, sqrt = 0, fma = 0;
  std::uint64_t transcendental = 0;  ///< the sum of those below
  std::uint64_t exp = 0, log = 0, tanh = 0, erf = 0, pow = 0, other = 0;
  int depth = 0;  ///< nesting of functions that were announced
};

/// The counters of this thread; assign {} to reset.
inline counts& counting_state() {
  thread_local counts state;
  return state;
}

/// One lane, plain C++, counted.
struct counting {
  SINTER_INLINE static void enter() { ++counting_state().depth; }
  SINTER_INLINE static void leave() { --counting_state().depth; }
  SINTER_INLINE static void count(function f, int lanes) {
    counts& c = counting_state();
    if (c.depth != 0) return;
    const auto n = static_cast<std::uint64_t>(lanes);
    c.transcendental += n;
    switch (f) {
      case function::exp:
      case function::exp2:
      case function::expm1: c.exp += n; break;
      case function::log:
      case function::log2:
      case function::log1p: c.log += n; break;
      case function::tanh: c.tanh += n; break;
      case function::erf: c.erf += n; break;
      case function::pow: c.pow += n; break;
      default: c.other += n;
    }
  }
  SINTER_INLINE static void arithmetic(std::uint64_t counts::*which = nullptr) {
    counts& c = counting_state();
    if (c.depth != 0) return;
    ++c.arithmetic;
    if (which != nullptr) ++(c.*which);
  }
  SINTER_INLINE static void loaded(std::size_t bytes) {
    ++counting_state().loads;
    counting_state().load_bytes += bytes;
  }
  SINTER_INLINE static void stored(std::size_t bytes) {
    ++counting_state().stores;
    counting_state().store_bytes += bytes;
  }
};

}  // namespace backend

inline namespace SINTER_ISA {
namespace simd {

template <> struct instructions<backend::counting> : instructions<backend::scalar> {
  using base = instructions<backend::scalar>;
  using state = backend::counting;
  using events = backend::counts;

  template <class R> SINTER_INLINE static R add(R a, R b) { return state::arithmetic(), base::add(a, b); }
  template <class R> SINTER_INLINE static R sub(R a, R b) { return state::arithmetic(), base::sub(a, b); }
  template <class R> SINTER_INLINE static R mul(R a, R b) { return state::arithmetic(), base::mul(a, b); }
  template <class R> SINTER_INLINE static R neg(R a) { return state::arithmetic(), base::neg(a); }
  template <class R> SINTER_INLINE static R div(R a, R b) { return state::arithmetic(&events::div), base::div(a, b); }
  template <class R> SINTER_INLINE static R fma(R a, R b, R c) { return state::arithmetic(&events::fma), base::fma(a, b, c); }
  template <class R> SINTER_INLINE static R sqrt(R a) { return state::arithmetic(&events::sqrt), base::sqrt(a); }
  template <class R> SINTER_INLINE static R floor(R a) { return state::arithmetic(), base::floor(a); }
  template <class R> SINTER_INLINE static R ceil(R a) { return state::arithmetic(), base::ceil(a); }
  template <class R> SINTER_INLINE static R trunc(R a) { return state::arithmetic(), base::trunc(a); }
  template <class R> SINTER_INLINE static R round(R a) { return state::arithmetic(), base::round(a); }
  template <class R> SINTER_INLINE static R min_fast(R a, R b) { return state::arithmetic(), base::min_fast(a, b); }
  template <class R> SINTER_INLINE static R max_fast(R a, R b) { return state::arithmetic(), base::max_fast(a, b); }

  template <class R, int N, class S> SINTER_INLINE static R load(const S* p) { return state::loaded(sizeof(S)), base::load<R, N>(p); }
  template <class R, int N, class S> SINTER_INLINE static void store(S* p, R x) { state::stored(sizeof(S)), base::store<R, N>(p, x); }
  template <int N> SINTER_INLINE static float load_half(const std::uint16_t* p) { return state::loaded(2), base::load_half<N>(p); }
  template <int N> SINTER_INLINE static void store_half(std::uint16_t* p, float x) { state::stored(2), base::store_half<N>(p, x); }
};

static_assert(vector_backend<backend::counting>);

}  // namespace simd
}  // namespace SINTER_ISA
}  // namespace sinter
