// SPDX-License-Identifier: Apache-2.0
// The backend on xsimd (8.1 or later), for the instruction set the translation unit is compiled for: no run-time dispatch. The
// only header that includes xsimd.
//
// Packs of 16 bytes and more are batches, smaller ones lie in the lower lanes of 16 bytes, one lane is a number. What xsimd 8.1
// lacks (halves, conversions between widths) or gets wrong is written on the compilers' own vectors:
//   mask ^ mask is an or on AVX-512 and no mask on AVX2;  x != x is false of NaN;  -x is 0 - x on AVX-512, which loses -0;
//   fma rounds twice on AVX-512, and in 16 bytes where AVX is on;  64-bit shifts to the right are wrong or missing below AVX-512;
//   AVX-512 needs DQ: -mavx512f alone does not compile.
#pragma once

#include <cstring>
#include <xsimd/xsimd.hpp>

#include <sinter/core/lists.hpp>
#include <sinter/simd/scalar.hpp>

namespace sinter {
namespace backend {
/// Native vectors through xsimd.
struct xsimd {};
}  // namespace backend

inline namespace SINTER_ISA {
namespace simd {

#if !defined(__SSE4_1__)
// x86 without SSE4.1, where xsimd emulates rounding and comparisons, and what has not been tried (ARM): plain C++.
template <> struct instructions<backend::xsimd> : instructions<backend::scalar> {};
#else
namespace xs = ::xsimd;

template <> struct instructions<backend::xsimd> : instructions<backend::scalar> {
  using one = instructions<backend::scalar>;
  template <class R> static constexpr int lanes = static_cast<int>(xs::batch<R>::size);
#if defined(__FMA__)
  static constexpr bool has_fma = true;
#else
  static constexpr bool has_fma = false;
#endif
  static constexpr bool has_half = false;  // xsimd has no f16

  // Lanes of the batch that holds N lanes, and that batch. (clang 14 asks for them beyond `lanes` and outside the class.)
  template <class R> static constexpr int least = 16 / static_cast<int>(sizeof(R));
  template <class R, int N> static constexpr int held = N < least<R> ? least<R> : N < lanes<R> ? N : lanes<R>;
  template <class R, int N> using batch_of = xs::make_sized_batch_t<R, static_cast<std::size_t>(held<R, N>)>;
  template <class R, int N> using vector = std::conditional_t<N == 1, R, batch_of<R, N> >;
  template <int W, int N> using logical = std::conditional_t<N == 1, bool, typename batch_of<word<W>, N>::batch_bool_type>;

  template <class R, int N> SINTER_INLINE static vector<R, N> set(R x) { return vector<R, N>(x); }
  template <class R, int N> SINTER_INLINE static vector<R, N> iota(R start) {
    if constexpr (N == 1) return start;
    else return counted_from<R, N>(start, sinter::detail::make_int_list<held<R, N> >{});
  }

  using one::add, one::sub, one::mul, one::neg, one::div, one::fma, one::sqrt, one::floor, one::ceil, one::trunc, one::round;
  template <class R, class A> SINTER_INLINE static xs::batch<R, A> add(xs::batch<R, A> a, xs::batch<R, A> b) { return a + b; }
  template <class R, class A> SINTER_INLINE static xs::batch<R, A> sub(xs::batch<R, A> a, xs::batch<R, A> b) { return a - b; }
  template <class R, class A> SINTER_INLINE static xs::batch<R, A> div(xs::batch<R, A> a, xs::batch<R, A> b) { return a / b; }
  template <class R, class A> SINTER_INLINE static xs::batch<R, A> neg(xs::batch<R, A> a) {
    if constexpr (std::integral<R>) return xs::batch<R, A>(R{0}) - a;
    else return wrapped<xs::batch<R, A> >(-raw_of(a));
  }
  template <class R, class A> SINTER_INLINE static xs::batch<R, A> mul(xs::batch<R, A> a, xs::batch<R, A> b) {
    if constexpr (std::integral<R>) {
      return wrapped<xs::batch<R, A> >(raw_of<std::make_unsigned_t<R> >(a) * raw_of<std::make_unsigned_t<R> >(b));
    } else {
      xs::batch<R, A> r = a * b;
      SINTER_KEEP_ROUNDING(r.data);
      return r;
    }
  }
#if defined(__FMA__)
  template <class R, class A> SINTER_INLINE static xs::batch<R, A> fma(xs::batch<R, A> a, xs::batch<R, A> b, xs::batch<R, A> c) {
    if constexpr (sizeof(a) == 64 && sizeof(R) == 4) return _mm512_fmadd_ps(a.data, b.data, c.data);
    else if constexpr (sizeof(a) == 64) return _mm512_fmadd_pd(a.data, b.data, c.data);
    else if constexpr (sizeof(a) == 32 && sizeof(R) == 4) return _mm256_fmadd_ps(a.data, b.data, c.data);
    else if constexpr (sizeof(a) == 32) return _mm256_fmadd_pd(a.data, b.data, c.data);
    else if constexpr (sizeof(R) == 4) return _mm_fmadd_ps(a.data, b.data, c.data);
    else return _mm_fmadd_pd(a.data, b.data, c.data);
  }
#endif
  template <class R, class A> SINTER_INLINE static xs::batch<R, A> sqrt(xs::batch<R, A> a) { return xs::sqrt(a); }
  template <class R, class A> SINTER_INLINE static xs::batch<R, A> floor(xs::batch<R, A> a) { return xs::floor(a); }
  template <class R, class A> SINTER_INLINE static xs::batch<R, A> ceil(xs::batch<R, A> a) { return xs::ceil(a); }
  template <class R, class A> SINTER_INLINE static xs::batch<R, A> trunc(xs::batch<R, A> a) { return xs::trunc(a); }
  template <class R, class A> SINTER_INLINE static xs::batch<R, A> round(xs::batch<R, A> a) { return xs::nearbyint(a); }

  // MINPS is a < b ? a : b exactly.
  using one::min_fast, one::max_fast, one::equal, one::not_equal, one::less, one::less_equal, one::select;
  template <class R, class A> SINTER_INLINE static xs::batch<R, A> min_fast(xs::batch<R, A> a, xs::batch<R, A> b) { return xs::min(a, b); }
  template <class R, class A> SINTER_INLINE static xs::batch<R, A> max_fast(xs::batch<R, A> a, xs::batch<R, A> b) { return xs::max(a, b); }
  template <class R, class A> SINTER_INLINE static auto equal(xs::batch<R, A> a, xs::batch<R, A> b) { return canonical(a == b); }
  template <class R, class A> SINTER_INLINE static auto not_equal(xs::batch<R, A> a, xs::batch<R, A> b) { return mask_not(equal(a, b)); }
  template <class R, class A> SINTER_INLINE static auto less(xs::batch<R, A> a, xs::batch<R, A> b) { return canonical(a < b); }
  template <class R, class A> SINTER_INLINE static auto less_equal(xs::batch<R, A> a, xs::batch<R, A> b) { return canonical(a <= b); }
  template <class U, class R, class A>
  SINTER_INLINE static xs::batch<R, A> select(xs::batch_bool<U, A> m, xs::batch<R, A> a, xs::batch<R, A> b) {
    return xs::select(wrapped<xs::batch_bool<R, A> >(m.data), a, b);
  }

  using one::bit_and, one::bit_or, one::bit_xor, one::shift_left, one::shift_right;
  template <class R, class A> SINTER_INLINE static xs::batch<R, A> bit_and(xs::batch<R, A> a, xs::batch<R, A> b) { return a & b; }
  template <class R, class A> SINTER_INLINE static xs::batch<R, A> bit_or(xs::batch<R, A> a, xs::batch<R, A> b) { return a | b; }
  template <class R, class A> SINTER_INLINE static xs::batch<R, A> bit_xor(xs::batch<R, A> a, xs::batch<R, A> b) { return a ^ b; }
  template <int K, class R, class A> SINTER_INLINE static xs::batch<R, A> shift_left(xs::batch<R, A> a) { return shift_left(a, K); }
  template <int K, class R, class A> SINTER_INLINE static xs::batch<R, A> shift_right(xs::batch<R, A> a) { return shift_right(a, K); }
  template <class R, class A> SINTER_INLINE static xs::batch<R, A> shift_left(xs::batch<R, A> a, int k) {
    return wrapped<xs::batch<R, A> >(raw_of(a) << static_cast<R>(k));
  }
  template <class R, class A> SINTER_INLINE static xs::batch<R, A> shift_right(xs::batch<R, A> a, int k) {
    return wrapped<xs::batch<R, A> >(raw_of(a) >> static_cast<R>(k));
  }
  template <class R, class A> SINTER_INLINE static xs::batch<R, A> shift_left(xs::batch<R, A> a, xs::batch<R, A> k) {
    return wrapped<xs::batch<R, A> >(raw_of(a) << raw_of(k));
  }
  template <class R, class A> SINTER_INLINE static xs::batch<R, A> shift_right(xs::batch<R, A> a, xs::batch<R, A> k) {
    return wrapped<xs::batch<R, A> >(raw_of(a) >> raw_of(k));
  }

  // A mask is an integer of bits on AVX-512 (16 lanes of 4 bytes, 8 of 8), else a vector.
  using one::mask_and, one::mask_or, one::mask_xor, one::mask_not;
  template <class U, class A> SINTER_INLINE static xs::batch_bool<U, A> mask_and(xs::batch_bool<U, A> a, xs::batch_bool<U, A> b) {
    return data_of<U, A>(a.data & b.data);
  }
  template <class U, class A> SINTER_INLINE static xs::batch_bool<U, A> mask_or(xs::batch_bool<U, A> a, xs::batch_bool<U, A> b) {
    return data_of<U, A>(a.data | b.data);
  }
  template <class U, class A> SINTER_INLINE static xs::batch_bool<U, A> mask_xor(xs::batch_bool<U, A> a, xs::batch_bool<U, A> b) {
    return data_of<U, A>(a.data ^ b.data);
  }
  template <class U, class A> SINTER_INLINE static xs::batch_bool<U, A> mask_not(xs::batch_bool<U, A> a) { return data_of<U, A>(~a.data); }
  template <int W, int N> SINTER_INLINE static logical<W, N> first_lanes(int k) {
    if constexpr (N == 1) return k > 0;
    else if constexpr (in_bits<W, N>) return static_cast<typename logical<W, N>::register_type>((1u << k) - 1);
    else return less(iota<signed_word<W>, N>(0), set<signed_word<W>, N>(k));
  }
  template <int W, int N> SINTER_INLINE static bool any(logical<W, N> m) {
    if constexpr (N == 1) return m;
    else if constexpr (held<word<W>, N> == N) return xs::any(m);
    else return xs::any(mask_and(m, first_lanes<W, N>(N)));
  }
  template <int W, int N> SINTER_INLINE static bool all(logical<W, N> m) {
    if constexpr (N == 1) return m;
    else return !any<W, N>(mask_not(m));
  }
  template <int W, int N> SINTER_INLINE static logical<W, N / 2> mask_lower_half(logical<W, N> m) {
    return mask_of<W, N / 2>(lower_half<word<W>, N>(vector_of<W, N>(m)));
  }
  template <int W, int N> SINTER_INLINE static logical<W, N / 2> mask_upper_half(logical<W, N> m) {
    return mask_of<W, N / 2>(upper_half<word<W>, N>(vector_of<W, N>(m)));
  }
  template <int W, int N> SINTER_INLINE static logical<W, 2 * N> mask_concat(logical<W, N> lo, logical<W, N> hi) {
    return mask_of<W, 2 * N>(concat<word<W>, N>(vector_of<W, N>(lo), vector_of<W, N>(hi)));
  }
  template <int W2, int W, int N> SINTER_INLINE static logical<W2, N> mask_cast(logical<W, N> m) {
    if constexpr (N == 1) {
      return m;
    } else {
      const auto v = bit_cast_to<signed_word<W>, N>(vector_of<W, N>(m));
      return mask_of<W2, N>(bit_cast_to<word<W2>, N>(convert<signed_word<W2>, signed_word<W>, N>(v)));
    }
  }

  template <class R, int N> SINTER_INLINE static R first(vector<R, N> a) {
    if constexpr (N == 1) return a;
    else return raw_of(a)[0];
  }
  template <class R, int N> SINTER_INLINE static vector<R, N / 2> lower_half(vector<R, N> a) { return part<R, N / 2, 0>(raw_of(a)); }
  template <class R, int N> SINTER_INLINE static vector<R, N / 2> upper_half(vector<R, N> a) { return part<R, N / 2, N / 2>(raw_of(a)); }
  template <class R, int N> SINTER_INLINE static vector<R, 2 * N> concat(vector<R, N> lo, vector<R, N> hi) {
    if constexpr (N == 1) return wrapped<vector<R, 2> >(raw<R, held<R, 2> >{lo, hi});
    else return joined<R, N>(raw_of(lo), raw_of(hi), sinter::detail::make_int_list<held<R, 2 * N> >{});
  }
  template <class R2, int N, class V> SINTER_INLINE static vector<R2, N> bit_cast_to(V a) {
    if constexpr (N == 1) return __builtin_bit_cast(R2, a);
    else return wrapped<vector<R2, N> >(a.data);
  }
  template <class R2, class R, int N> SINTER_INLINE static vector<R2, N> convert(vector<R, N> a) {
    if constexpr (N == 1) return static_cast<R2>(a);
    else return part<R2, N, 0>(__builtin_convertvector(lanes_from<R, N, 0>(raw_of(a)), raw<R2, N>));
  }

  template <class R, int N, class S> SINTER_INLINE static vector<R, N> load(const S* p) {
    if constexpr (N == 1) {
      return *p;
    } else if constexpr (std::same_as<R, S> && held<R, N> == N) {
      return vector<R, N>::load_unaligned(p);
    } else {
      raw<S, N> r;
      std::memcpy(&r, p, sizeof(r));
      return part<R, N, 0>(__builtin_convertvector(r, raw<R, N>));
    }
  }
  template <class R, int N, class S> SINTER_INLINE static void store(S* p, vector<R, N> x) {
    if constexpr (N == 1) {
      *p = static_cast<S>(x);
    } else if constexpr (std::same_as<R, S> && held<R, N> == N) {
      x.store_unaligned(p);
    } else {
      const raw<S, N> r = __builtin_convertvector(lanes_from<R, N, 0>(raw_of(x)), raw<S, N>);
      std::memcpy(p, &r, sizeof(r));
    }
  }

#if defined(__AVX2__)
  template <register_element R, int N> SINTER_INLINE static auto load_some(const R* p, int first, int last) {
    using V = vector<R, N>;
    using int_of = std::conditional_t<sizeof(R) == 4, int, long long>;
    const auto m = some<sizeof(R), N>(first, last);
    const auto* const q = reinterpret_cast<const int_of*>(p);
    if constexpr (N == 1) return m ? *p : R{0};
    else if constexpr (N * sizeof(R) == 64 && sizeof(R) == 4) return wrapped<V>(_mm512_maskz_loadu_epi32(m.data, q));
    else if constexpr (N * sizeof(R) == 64) return wrapped<V>(_mm512_maskz_loadu_epi64(m.data, q));
    else if constexpr (N * sizeof(R) == 32 && sizeof(R) == 4) return wrapped<V>(_mm256_maskload_epi32(q, m.data));
    else if constexpr (N * sizeof(R) == 32) return wrapped<V>(_mm256_maskload_epi64(q, m.data));
    else if constexpr (sizeof(R) == 4) return wrapped<V>(_mm_maskload_epi32(q, m.data));
    else return wrapped<V>(_mm_maskload_epi64(q, m.data));
  }
  template <register_element R, int N, class V> SINTER_INLINE static void store_some(R* p, V x, int first, int last) {
    using int_of = std::conditional_t<sizeof(R) == 4, int, long long>;
    const auto m = some<sizeof(R), N>(first, last);
    const auto bits = bit_cast_to<word<sizeof(R)>, N>(x);
    auto* const q = reinterpret_cast<int_of*>(p);
    if constexpr (N == 1) m ? void(*p = x) : void();
    else if constexpr (N * sizeof(R) == 64 && sizeof(R) == 4) _mm512_mask_storeu_epi32(q, m.data, bits.data);
    else if constexpr (N * sizeof(R) == 64) _mm512_mask_storeu_epi64(q, m.data, bits.data);
    else if constexpr (N * sizeof(R) == 32 && sizeof(R) == 4) _mm256_maskstore_epi32(q, m.data, bits.data);
    else if constexpr (N * sizeof(R) == 32) _mm256_maskstore_epi64(q, m.data, bits.data);
    else if constexpr (sizeof(R) == 4) _mm_maskstore_epi32(q, m.data, bits.data);
    else _mm_maskstore_epi64(q, m.data, bits.data);
  }
#endif
  template <class R, int N> SINTER_INLINE static void stream(R* p, vector<R, N> x) {
    const auto bits = bit_cast_to<word<sizeof(R)>, N>(x);
    auto* const q = reinterpret_cast<decltype(bits.data)*>(p);
    if constexpr (sizeof(bits) == 64) _mm512_stream_si512(q, bits.data);
    else if constexpr (sizeof(bits) == 32) _mm256_stream_si256(q, bits.data);
    else _mm_stream_si128(q, bits.data);
  }
  SINTER_INLINE static void stream_fence() { _mm_sfence(); }
#if defined(__AVX512F__)
  /// p * 2^n with one rounding.
  template <class R, class A>
  requires(sizeof(xs::batch<R, A>) == 64) SINTER_INLINE static xs::batch<R, A> scale(xs::batch<R, A> p, xs::batch<R, A> n) {
    if constexpr (sizeof(R) == 4) return _mm512_scalef_ps(p.data, n.data);
    else return _mm512_scalef_pd(p.data, n.data);
  }
#endif

 private:
  // N lanes of R as a vector of g++ and clang: operators, shuffles and conversions, with the bits that C++ defines for one lane.
  template <class R, int N> struct raw_type { typedef R type __attribute__((vector_size(static_cast<std::size_t>(N) * sizeof(R)))); };
  template <class R, int N> using raw = typename raw_type<R, N>::type;

  template <class As = void, class R, class A> SINTER_INLINE static auto raw_of(xs::batch<R, A> x) {
    using E = std::conditional_t<std::is_void_v<As>, R, As>;
    return __builtin_bit_cast(raw<E, static_cast<int>(xs::batch<R, A>::size)>, x.data);
  }
  template <class V, class Raw> SINTER_INLINE static V wrapped(Raw x) { return V(__builtin_bit_cast(typename V::register_type, x)); }

  // Lanes First to First + M - 1 of x; beyond x anything.
  template <class R, int M, int First, class Raw, int... I>
  SINTER_INLINE static raw<R, M> lanes_from(Raw x, sinter::detail::int_list<I...>) {
    constexpr int n = static_cast<int>(sizeof(Raw) / sizeof(R));
    return __builtin_shufflevector(x, x, (First + I < n ? First + I : -1)...);
  }
  template <class R, int M, int First, class Raw> SINTER_INLINE static raw<R, M> lanes_from(Raw x) {
    return lanes_from<R, M, First>(x, sinter::detail::make_int_list<M>{});
  }
  template <class R, int M, int First, class Raw> SINTER_INLINE static vector<R, M> part(Raw x) {
    if constexpr (M == 1) return x[First];
    else return wrapped<vector<R, M> >(lanes_from<R, held<R, M>, First>(x));
  }
  template <class R, int N, class Raw, int... I>
  SINTER_INLINE static vector<R, 2 * N> joined(Raw lo, Raw hi, sinter::detail::int_list<I...>) {
    const raw<R, held<R, 2 * N> > r = __builtin_shufflevector(lo, hi, (I < N ? I : I < 2 * N ? held<R, N> + I - N : -1)...);
    return wrapped<vector<R, 2 * N> >(r);
  }
  template <class R, int N, int... I> SINTER_INLINE static vector<R, N> counted_from(R start, sinter::detail::int_list<I...>) {
    const raw<R, held<R, N> > r = {static_cast<R>(start + static_cast<R>(I))...};
    return wrapped<vector<R, N> >(r);
  }

  template <int W, int N> static constexpr bool in_bits = W* N == 64;
  template <class U, class A, class Bits> SINTER_INLINE static xs::batch_bool<U, A> data_of(Bits bits) {
    return static_cast<typename xs::batch_bool<U, A>::register_type>(bits);
  }
  // Masks of all element types of a width are kept as those of the unsigned integer.
  template <class R, class A> SINTER_INLINE static auto canonical(xs::batch_bool<R, A> m) {
    return wrapped<xs::batch_bool<word<sizeof(R)>, A> >(m.data);
  }
  template <int W, int N> SINTER_INLINE static vector<word<W>, N> vector_of(logical<W, N> m) {
    using V = vector<word<W>, N>;
    if constexpr (N == 1) return m ? ~V{0} : V{0};
    else if constexpr (in_bits<W, N>) return xs::select(m, V(static_cast<word<W> >(-1)), V(word<W>{0}));
    else return V(m.data);
  }
  template <int W, int N> SINTER_INLINE static logical<W, N> mask_of(vector<word<W>, N> v) {
    if constexpr (N == 1) return v != 0;
    else if constexpr (in_bits<W, N>) return v != vector<word<W>, N>(word<W>{0});
    else return logical<W, N>(v.data);
  }

  // Lanes first <= l < last; both may lie outside.
  template <int W, int N> SINTER_INLINE static logical<W, N> some(int first, int last) {
    const int begin = first < 0 ? 0 : first > N ? N : first, end = last < 0 ? 0 : last > N ? N : last;
    return mask_and(mask_not(first_lanes<W, N>(begin)), first_lanes<W, N>(end));
  }
};
#endif

static_assert(vector_backend<backend::xsimd>);

}  // namespace simd
}  // namespace SINTER_ISA
}  // namespace sinter
