// SPDX-License-Identifier: Apache-2.0
// The backend on xsimd (8.1 or later), for the instruction set the translation unit is compiled for: no run-time dispatch. The
// only header that includes xsimd. Packs of less than 16 bytes lie in the lower lanes of 16.
//
// What xsimd 8.1 lacks (halves, conversions between widths) or gets wrong is written on the compilers' own vectors or intrinsics:
//   AVX-512: fma rounds twice, -x is 0 - x and loses -0, mask ^ mask is an or, -mavx512f without DQ does not compile;
//   AVX, AVX2: fma of 16 bytes rounds twice, mask ^ mask is no mask, signed 64-bit shifts to the right are wrong;
//   all: x != x is false of NaN.
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

template <> struct instructions<backend::xsimd> {
  template <class R> static constexpr int lanes = static_cast<int>(xs::batch<R>::size);
  // Lanes of the batch that holds N lanes. (clang 14 asks for them beyond `lanes` and outside the class.)
  template <class R> static constexpr int least = 16 / static_cast<int>(sizeof(R));
  template <class R, int N> static constexpr int held = N < least<R> ? least<R> : N < lanes<R> ? N : lanes<R>;
  template <class R, int N> using vector = xs::make_sized_batch_t<R, static_cast<std::size_t>(held<R, N>)>;
  template <int W, int N> using logical = typename vector<word<W>, N>::batch_bool_type;
#if defined(__FMA__)
  static constexpr bool has_fma = true;
#else
  static constexpr bool has_fma = false;
#endif
#if defined(__AVX2__)
  static constexpr bool has_avx2 = true;
#else
  static constexpr bool has_avx2 = false;
#endif
#if defined(__F16C__)
  static constexpr bool has_half = true;
#else
  static constexpr bool has_half = false;
#endif

  template <class R, int N> SINTER_INLINE static vector<R, N> set(R x) { return vector<R, N>(x); }
  template <class R, int N> SINTER_INLINE static vector<R, N> iota(R start) {
    return counted_from<R, N>(start, sinter::detail::make_int_list<held<R, N> >{});
  }

  template <class V> SINTER_INLINE static V add(V a, V b) { return a + b; }
  template <class V> SINTER_INLINE static V sub(V a, V b) { return a - b; }
  template <class V> SINTER_INLINE static V div(V a, V b) { return a / b; }
  template <class V> SINTER_INLINE static V neg(V a) {
    if constexpr (std::integral<typename V::value_type>) return V(typename V::value_type{0}) - a;
    else return wrapped<V>(-raw_of(a));
  }
  template <class V> SINTER_INLINE static V mul(V a, V b) {
    if constexpr (std::integral<typename V::value_type>) {
      using U = std::make_unsigned_t<typename V::value_type>;
      return wrapped<V>(raw_of<U>(a) * raw_of<U>(b));
    } else {
      V r = a * b;
      SINTER_KEEP_ROUNDING(r.data);
      return r;
    }
  }
  template <class V> SINTER_INLINE static void pin(V& a) { SINTER_KEEP_ROUNDING(a.data); }
#if defined(__FMA__)
  template <class V> SINTER_INLINE static V fma(V a, V b, V c) {
    constexpr bool f32 = sizeof(typename V::value_type) == 4;
    if constexpr (sizeof(V) == 64 && f32) return _mm512_fmadd_ps(a.data, b.data, c.data);
    else if constexpr (sizeof(V) == 64) return _mm512_fmadd_pd(a.data, b.data, c.data);
    else if constexpr (sizeof(V) == 32 && f32) return _mm256_fmadd_ps(a.data, b.data, c.data);
    else if constexpr (sizeof(V) == 32) return _mm256_fmadd_pd(a.data, b.data, c.data);
    else if constexpr (f32) return _mm_fmadd_ps(a.data, b.data, c.data);
    else return _mm_fmadd_pd(a.data, b.data, c.data);
  }
#endif
  template <class V> SINTER_INLINE static V sqrt(V a) { return xs::sqrt(a); }
  template <class V> SINTER_INLINE static V floor(V a) { return xs::floor(a); }
  template <class V> SINTER_INLINE static V ceil(V a) { return xs::ceil(a); }
  template <class V> SINTER_INLINE static V trunc(V a) { return xs::trunc(a); }
  template <class V> SINTER_INLINE static V round(V a) { return xs::nearbyint(a); }
  // MINPS is a < b ? a : b exactly.
  template <class V> SINTER_INLINE static V min_fast(V a, V b) { return xs::min(a, b); }
  template <class V> SINTER_INLINE static V max_fast(V a, V b) { return xs::max(a, b); }

  template <class V> SINTER_INLINE static auto equal(V a, V b) { return canonical(a == b); }
  template <class V> SINTER_INLINE static auto not_equal(V a, V b) { return mask_not(equal(a, b)); }
  template <class V> SINTER_INLINE static auto less(V a, V b) { return canonical(a < b); }
  template <class V> SINTER_INLINE static auto less_equal(V a, V b) { return canonical(a <= b); }
  template <class M, class V> SINTER_INLINE static V select(M m, V a, V b) {
    return xs::select(wrapped<typename V::batch_bool_type>(m.data), a, b);
  }

  template <class V> SINTER_INLINE static V bit_and(V a, V b) { return a & b; }
  template <class V> SINTER_INLINE static V bit_or(V a, V b) { return a | b; }
  template <class V> SINTER_INLINE static V bit_xor(V a, V b) { return a ^ b; }
  template <int K, class V> SINTER_INLINE static V shift_left(V a) { return shift_left(a, K); }
  template <int K, class V> SINTER_INLINE static V shift_right(V a) { return shift_right(a, K); }
  template <class V> SINTER_INLINE static V shift_left(V a, int k) { return wrapped<V>(raw_of(a) << k); }
  template <class V> SINTER_INLINE static V shift_right(V a, int k) { return wrapped<V>(raw_of(a) >> k); }
  template <class V> SINTER_INLINE static V shift_left(V a, V k) { return wrapped<V>(raw_of(a) << raw_of(k)); }
  template <class V> SINTER_INLINE static V shift_right(V a, V k) { return wrapped<V>(raw_of(a) >> raw_of(k)); }

  // A mask of 64 bytes is an integer of one bit a lane, others are vectors: the operators of both are right.
  template <class M> SINTER_INLINE static M mask_and(M a, M b) { return data_of<M>(a.data & b.data); }
  template <class M> SINTER_INLINE static M mask_or(M a, M b) { return data_of<M>(a.data | b.data); }
  template <class M> SINTER_INLINE static M mask_xor(M a, M b) { return data_of<M>(a.data ^ b.data); }
  template <class M> SINTER_INLINE static M mask_not(M a) { return data_of<M>(~a.data); }
  template <int W, int N> SINTER_INLINE static logical<W, N> first_lanes(int k) {
    if constexpr (in_bits<W, N>) return data_of<logical<W, N> >((1u << k) - 1);
    else return less(iota<signed_word<W>, N>(0), set<signed_word<W>, N>(k));
  }
  template <int W, int N> SINTER_INLINE static bool any(logical<W, N> m) {
    if constexpr (held<word<W>, N> == N) return xs::any(m);
    else return xs::any(mask_and(m, first_lanes<W, N>(N)));
  }
  template <int W, int N> SINTER_INLINE static bool all(logical<W, N> m) { return !any<W, N>(mask_not(m)); }
  template <int W> SINTER_INLINE static bool mask_first(logical<W, 1> m) { return raw_of(vector_of<W, 1>(m))[0] != 0; }
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
    const auto v = convert<signed_word<W2>, signed_word<W>, N>(bit_cast_to<signed_word<W>, N>(vector_of<W, N>(m)));
    return mask_of<W2, N>(bit_cast_to<word<W2>, N>(v));
  }

  template <class R, int N> SINTER_INLINE static R first(vector<R, N> a) { return raw_of(a)[0]; }
  template <class R, int N> SINTER_INLINE static vector<R, N / 2> lower_half(vector<R, N> a) { return resized<R, N / 2, 0>(raw_of(a)); }
  template <class R, int N> SINTER_INLINE static vector<R, N / 2> upper_half(vector<R, N> a) { return resized<R, N / 2, N / 2>(raw_of(a)); }
  template <class R, int N> SINTER_INLINE static vector<R, 2 * N> concat(vector<R, N> lo, vector<R, N> hi) {
    return joined<R, N>(raw_of(lo), raw_of(hi), sinter::detail::make_int_list<held<R, 2 * N> >{});
  }
  template <class R2, int N, class V> SINTER_INLINE static vector<R2, N> bit_cast_to(V a) { return wrapped<vector<R2, N> >(a.data); }
  template <class R2, class R, int N> SINTER_INLINE static vector<R2, N> convert(vector<R, N> a) {
    constexpr int n = N == 1 ? 2 : N;  // the compilers have no vectors of one lane
    return resized<R2, N, 0>(__builtin_convertvector(lanes_of<R, n, 0>(raw_of(a)), raw<R2, n>));
  }

  template <class R, int N, class S> SINTER_INLINE static vector<R, N> load(const S* p) {
    using V = vector<R, N>;
    if constexpr (std::same_as<R, S>) {
      if constexpr (held<R, N> == N) return V::load_unaligned(p);
      else return wrapped<V>(bytes_at<N * sizeof(R)>(p));
    } else if constexpr (N == 8 && !has_avx2) {
      return concat<R, 4>(load<R, 4>(p), load<R, 4>(p + 4));
    } else {  // on intrinsics: g++ 12 widens lane by lane
      constexpr bool is_signed = std::signed_integral<S>;
      const auto b = bytes_at<N * sizeof(S)>(p);
      if constexpr (N == 16 && sizeof(S) == 1) return is_signed ? _mm512_cvtepi8_epi32(b) : _mm512_cvtepu8_epi32(b);
      else if constexpr (N == 16) return is_signed ? _mm512_cvtepi16_epi32(b) : _mm512_cvtepu16_epi32(b);
      else if constexpr (N == 8 && sizeof(S) == 1) return is_signed ? _mm256_cvtepi8_epi32(b) : _mm256_cvtepu8_epi32(b);
      else if constexpr (N == 8) return is_signed ? _mm256_cvtepi16_epi32(b) : _mm256_cvtepu16_epi32(b);
      else if constexpr (sizeof(S) == 1) return is_signed ? _mm_cvtepi8_epi32(b) : _mm_cvtepu8_epi32(b);
      else return is_signed ? _mm_cvtepi16_epi32(b) : _mm_cvtepu16_epi32(b);
    }
  }
  template <class R, int N, class S> SINTER_INLINE static void store(S* p, vector<R, N> x) {
    if constexpr (std::same_as<R, S>) {
      if constexpr (held<R, N> == N) x.store_unaligned(p);
      else std::memcpy(p, &x.data, N * sizeof(R));
    } else {  // in two steps: g++ 12 narrows from four bytes to one lane by lane
      const auto half = __builtin_convertvector(raw_of<std::uint32_t>(x), raw<std::uint16_t, held<R, N> >);
      const auto r = __builtin_convertvector(half, raw<std::make_unsigned_t<S>, held<R, N> >);
      std::memcpy(p, &r, N * sizeof(S));
    }
  }
#if defined(__F16C__)
  template <int N> SINTER_INLINE static vector<float, N> load_half(const std::uint16_t* p) { return from_half<N>(bytes_at<2 * N>(p)); }
  template <int N> SINTER_INLINE static void store_half(std::uint16_t* p, vector<float, N> x) {
    const auto h = to_half(x);
    std::memcpy(p, &h, 2 * N);
  }
  template <class V> SINTER_INLINE static V round_to_half(V x) { return from_half<static_cast<int>(V::size)>(to_half(x)); }
#endif
#if defined(__AVX2__)
  template <register_element R, int N> SINTER_INLINE static auto load_some(const R* p, int first, int last) {
    using V = vector<R, N>;
    const auto m = some<sizeof(R), N>(first, last);
    const auto* const q = reinterpret_cast<const std::conditional_t<sizeof(R) == 4, int, long long>*>(p);
    if constexpr (sizeof(V) == 64 && sizeof(R) == 4) return wrapped<V>(_mm512_maskz_loadu_epi32(m.data, q));
    else if constexpr (sizeof(V) == 64) return wrapped<V>(_mm512_maskz_loadu_epi64(m.data, q));
    else if constexpr (sizeof(V) == 32 && sizeof(R) == 4) return wrapped<V>(_mm256_maskload_epi32(q, m.data));
    else if constexpr (sizeof(V) == 32) return wrapped<V>(_mm256_maskload_epi64(q, m.data));
    else if constexpr (sizeof(R) == 4) return wrapped<V>(_mm_maskload_epi32(q, m.data));
    else return wrapped<V>(_mm_maskload_epi64(q, m.data));
  }
  template <register_element R, int N, class V> SINTER_INLINE static void store_some(R* p, V x, int first, int last) {
    const auto m = some<sizeof(R), N>(first, last);
    const auto bits = bit_cast_to<word<sizeof(R)>, N>(x);
    auto* const q = reinterpret_cast<std::conditional_t<sizeof(R) == 4, int, long long>*>(p);
    if constexpr (sizeof(V) == 64 && sizeof(R) == 4) _mm512_mask_storeu_epi32(q, m.data, bits.data);
    else if constexpr (sizeof(V) == 64) _mm512_mask_storeu_epi64(q, m.data, bits.data);
    else if constexpr (sizeof(V) == 32 && sizeof(R) == 4) _mm256_maskstore_epi32(q, m.data, bits.data);
    else if constexpr (sizeof(V) == 32) _mm256_maskstore_epi64(q, m.data, bits.data);
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
  /// p * 2^n with one rounding.
  template <class V>
  requires(sizeof(V) == 64) SINTER_INLINE static V scale(V p, V n) {
    if constexpr (sizeof(typename V::value_type) == 4) return _mm512_scalef_ps(p.data, n.data);
    else return _mm512_scalef_pd(p.data, n.data);
  }

 private:
  // N lanes of R as a vector of g++ and clang: operators, shuffles and conversions, with the bits that C++ defines for one lane.
  template <class R, int N> struct raw_type { typedef R type __attribute__((vector_size(static_cast<std::size_t>(N) * sizeof(R)))); };
  template <class R, int N> using raw = typename raw_type<R, N>::type;
  template <class As = void, class V> SINTER_INLINE static auto raw_of(V x) {
    using R = std::conditional_t<std::is_void_v<As>, typename V::value_type, As>;
    return __builtin_bit_cast(raw<R, static_cast<int>(V::size)>, x.data);
  }
  template <class V, class Raw> SINTER_INLINE static V wrapped(Raw x) { return V(__builtin_bit_cast(typename V::register_type, x)); }

  // Lanes First to First + M - 1 of x; beyond x anything.
  template <class R, int M, int First, class Raw, int... I> SINTER_INLINE static raw<R, M> shuffled(Raw x, sinter::detail::int_list<I...>) {
    constexpr int n = static_cast<int>(sizeof(Raw) / sizeof(R));
    return __builtin_shufflevector(x, x, (First + I < n ? First + I : -1)...);
  }
  template <class R, int M, int First, class Raw> SINTER_INLINE static raw<R, M> lanes_of(Raw x) {
    return shuffled<R, M, First>(x, sinter::detail::make_int_list<M>{});
  }
  template <class R, int M, int First, class Raw> SINTER_INLINE static vector<R, M> resized(Raw x) {
    return wrapped<vector<R, M> >(lanes_of<R, held<R, M>, First>(x));
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
  template <class M, class Data> SINTER_INLINE static M data_of(Data x) { return static_cast<typename M::register_type>(x); }
  // Masks of all element types of a width are kept as those of the unsigned integer.
  template <class R, class A> SINTER_INLINE static auto canonical(xs::batch_bool<R, A> m) {
    return wrapped<xs::batch_bool<word<sizeof(R)>, A> >(m.data);
  }
  template <int W, int N> SINTER_INLINE static vector<word<W>, N> vector_of(logical<W, N> m) {
    using V = vector<word<W>, N>;
    if constexpr (in_bits<W, N>) return xs::select(m, V(static_cast<word<W> >(-1)), V(word<W>{0}));
    else return V(m.data);
  }
  template <int W, int N> SINTER_INLINE static logical<W, N> mask_of(vector<word<W>, N> v) {
    if constexpr (in_bits<W, N>) return v != vector<word<W>, N>(word<W>{0});
    else return logical<W, N>(v.data);
  }
  // Lanes first <= l < last; both may lie outside.
  template <int W, int N> SINTER_INLINE static logical<W, N> some(int first, int last) {
    const int begin = first < 0 ? 0 : first > N ? N : first, end = last < 0 ? 0 : last > N ? N : last;
    return mask_and(mask_not(first_lanes<W, N>(begin)), first_lanes<W, N>(end));
  }

  template <int Count> SINTER_INLINE static auto bytes_at(const void* p) {
    if constexpr (Count >= 16) {
      raw<long long, Count / 8> x;
      std::memcpy(&x, p, Count);
      return x;
    } else {
      long long x = 0;
      std::memcpy(&x, p, Count);
      return _mm_set_epi64x(0, x);
    }
  }
#if defined(__F16C__)
  template <int N, class Bits> SINTER_INLINE static vector<float, N> from_half(Bits b) {
    if constexpr (N == 16) return _mm512_cvtph_ps(b);
    else if constexpr (N == 8) return _mm256_cvtph_ps(b);
    else return _mm_cvtph_ps(b);
  }
  template <class V> SINTER_INLINE static auto to_half(V x) {  // to nearest even
    if constexpr (sizeof(V) == 64) return _mm512_cvtps_ph(x.data, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    else if constexpr (sizeof(V) == 32) return _mm256_cvtps_ph(x.data, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    else return _mm_cvtps_ph(x.data, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  }
#endif
};
#endif

static_assert(vector_backend<backend::xsimd>);

}  // namespace simd
}  // namespace SINTER_ISA
}  // namespace sinter
