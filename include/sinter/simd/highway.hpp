// SPDX-License-Identifier: Apache-2.0
// The backend on Google Highway (1.0.3 or later), for the instruction set the translation unit is compiled for: no run-time
// dispatch. The only header that includes Highway.
#pragma once

// Without it Highway 1.0.3 refuses -march=native on AVX-512 machines (detect_targets.h).
#if !defined(HWY_COMPILE_ONLY_STATIC) && !defined(HWY_COMPILE_ONLY_SCALAR) && !defined(HWY_COMPILE_ONLY_EMU128)
#define HWY_COMPILE_ONLY_STATIC
#endif
// On ARM it compiles its functions for CPUs with AES if it could choose at run time, and g++ inlines none of those into ours; vectors of a
// length that is not known to the compiler (SVE) fit into no pack, so NEON is taken.
#pragma push_macro("TOOLCHAIN_MISS_SYS_AUXV_H")
#undef TOOLCHAIN_MISS_SYS_AUXV_H
#define TOOLCHAIN_MISS_SYS_AUXV_H
#if defined(__ARM_FEATURE_SVE) && !defined(HWY_DISABLED_TARGETS)
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
#endif
#include <hwy/cache_control.h>
#include <hwy/highway.h>
#pragma pop_macro("TOOLCHAIN_MISS_SYS_AUXV_H")

#include <sinter/simd/scalar.hpp>

namespace sinter {
namespace backend {
/// Native vectors through Google Highway.
struct highway {};
}  // namespace backend

inline namespace SINTER_ISA {
namespace simd {

#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128 || HWY_HAVE_SCALABLE
// No vectors that Highway knows (x86-64 without -march: Highway 1.0.3 starts at SSSE3), or none of a fixed length.
template <> struct instructions<backend::highway> : instructions<backend::scalar> {};
#else
namespace hn = hwy::HWY_NAMESPACE;

template <> struct instructions<backend::highway> {
  template <class R> static constexpr int lanes = static_cast<int>(HWY_LANES(R));
  template <class R, int N> using tag = hn::CappedTag<R, static_cast<std::size_t>(N)>;
  template <class R, int N> using vector = hn::Vec<tag<R, N> >;
  template <int W, int N> using logical = hn::Mask<tag<word<W>, N> >;
  template <class V> using tag_of = hn::DFromV<V>;
  template <class V> using element_of = hn::TFromD<tag_of<V> >;
#if HWY_ARCH_X86
  static constexpr bool x86 = true, has_fma = HWY_TARGET <= HWY_AVX2, has_half = HWY_TARGET <= HWY_AVX2;
#else
  static constexpr bool x86 = false, has_fma = true, has_half = false;
#endif

  template <class R, int N> SINTER_INLINE static vector<R, N> set(R x) { return hn::Set(tag<R, N>(), x); }
  template <class R, int N> SINTER_INLINE static vector<R, N> iota(R start) { return hn::Iota(tag<R, N>(), start); }

  template <class V> SINTER_INLINE static V add(V a, V b) { return hn::Add(a, b); }
  template <class V> SINTER_INLINE static V sub(V a, V b) { return hn::Sub(a, b); }
  template <class V> SINTER_INLINE static V neg(V a) {
    if constexpr (std::unsigned_integral<element_of<V> >) return hn::Sub(hn::Zero(tag_of<V>()), a);  // 1.0.3 on NEON negates no unsigned
    else return hn::Neg(a);
  }
  template <class V> SINTER_INLINE static V div(V a, V b) { return hn::Div(a, b); }
  template <class V> SINTER_INLINE static V mul(V a, V b) {
    if constexpr (std::floating_point<element_of<V> >) {
      V r = hn::Mul(a, b);
      SINTER_KEEP_ROUNDING(r.raw);
      return r;
    } else if constexpr (sizeof(element_of<V>) == 8 && !(x86 && HWY_TARGET <= HWY_AVX3)) {
      return mul_by_parts(a, b);
    } else {
      return hn::Mul(a, b);
    }
  }
  template <class V> SINTER_INLINE static V fma(V a, V b, V c) { return hn::MulAdd(a, b, c); }
  template <class V> SINTER_INLINE static void pin(V& a) { SINTER_KEEP_ROUNDING(a.raw); }
  template <class V> SINTER_INLINE static V sqrt(V a) { return hn::Sqrt(a); }
  template <class V> SINTER_INLINE static V floor(V a) { return signed_zero(hn::Floor(a), a); }
  template <class V> SINTER_INLINE static V ceil(V a) { return signed_zero(hn::Ceil(a), a); }
  template <class V> SINTER_INLINE static V trunc(V a) { return signed_zero(hn::Trunc(a), a); }
  template <class V> SINTER_INLINE static V round(V a) { return signed_zero(hn::Round(a), a); }
  // MINPS is a < b ? a : b exactly; others order zeros or prefer numbers to NaN.
  template <class V> SINTER_INLINE static V min_fast(V a, V b) {
    if constexpr (x86 || std::integral<element_of<V> >) return hn::Min(a, b);
    else return hn::IfThenElse(hn::Lt(a, b), a, b);
  }
  template <class V> SINTER_INLINE static V max_fast(V a, V b) {
    if constexpr (x86 || std::integral<element_of<V> >) return hn::Max(a, b);
    else return hn::IfThenElse(hn::Gt(a, b), a, b);
  }

  template <class V> SINTER_INLINE static auto equal(V a, V b) { return canonical<V>(hn::Eq(a, b)); }
  // Not hn::Ne: in 1.0.3 on AVX-512 it is false of NaN.
  template <class V> SINTER_INLINE static auto not_equal(V a, V b) { return hn::Not(equal(a, b)); }
  template <class V> SINTER_INLINE static auto less(V a, V b) { return canonical<V>(hn::Lt(a, b)); }
  template <class V> SINTER_INLINE static auto less_equal(V a, V b) { return canonical<V>(hn::Le(a, b)); }
  template <class M, class V> SINTER_INLINE static V select(M m, V a, V b) { return hn::IfThenElse(hn::RebindMask(tag_of<V>(), m), a, b); }

  template <class V> SINTER_INLINE static V bit_and(V a, V b) { return hn::And(a, b); }
  template <class V> SINTER_INLINE static V bit_or(V a, V b) { return hn::Or(a, b); }
  template <class V> SINTER_INLINE static V bit_xor(V a, V b) { return hn::Xor(a, b); }
  template <int K, class V> SINTER_INLINE static V shift_left(V a) { return hn::ShiftLeft<K>(a); }
  template <int K, class V> SINTER_INLINE static V shift_right(V a) { return hn::ShiftRight<K>(a); }
  template <class V> SINTER_INLINE static V shift_left(V a, int k) { return hn::ShiftLeftSame(a, k); }
  template <class V> SINTER_INLINE static V shift_right(V a, int k) { return hn::ShiftRightSame(a, k); }
  template <class V> SINTER_INLINE static V shift_left(V a, V k) { return hn::Shl(a, k); }
  template <class V> SINTER_INLINE static V shift_right(V a, V k) { return hn::Shr(a, k); }

  template <class M> SINTER_INLINE static M mask_and(M a, M b) { return hn::And(a, b); }
  template <class M> SINTER_INLINE static M mask_or(M a, M b) { return hn::Or(a, b); }
  template <class M> SINTER_INLINE static M mask_xor(M a, M b) { return hn::Xor(a, b); }
  template <class M> SINTER_INLINE static M mask_not(M a) { return hn::Not(a); }
  template <int W, int N> SINTER_INLINE static logical<W, N> first_lanes(int k) {
    return hn::FirstN(tag<word<W>, N>(), static_cast<std::size_t>(k));
  }
  template <int W> SINTER_INLINE static bool mask_first(logical<W, 1> m) { return any<W, 1>(m); }

  template <class R, int N> SINTER_INLINE static R first(vector<R, N> a) { return hn::GetLane(a); }
  template <class R, int N> SINTER_INLINE static vector<R, N / 2> lower_half(vector<R, N> a) { return hn::LowerHalf(tag<R, N / 2>(), a); }
  template <class R, int N> SINTER_INLINE static vector<R, N / 2> upper_half(vector<R, N> a) {
    if constexpr (N * sizeof(R) == 8) return hn::LowerHalf(hn::Shuffle2301(a));  // 1.0.3 masks and shifts bytes
    else return hn::UpperHalf(tag<R, N / 2>(), a);
  }
  static constexpr bool has_gather = true;
  template <class R, int N, class V> SINTER_INLINE static vector<R, N> gather(const R* p, V index) {
    return hn::GatherIndex(tag<R, N>(), p, index);
  }
  template <class R, int N>
  requires(N >= 4) SINTER_INLINE static vector<R, N> load_second(const R* p) {
    const tag<R, N> d;
    const auto lo = hn::LoadU(d, p), hi = hn::LoadU(d, p + N - 1);  // p[N], p[N + 2], ... are the odd lanes
    return hn::ConcatUpperLower(d, hn::ConcatOdd(d, hi, hi), hn::ConcatEven(d, lo, lo));
  }
  template <class R, int N>
  requires(N >= 4) SINTER_INLINE static void store_pairs(R* p, vector<R, N> x, vector<R, N> y) {
    hn::StoreInterleaved2(x, y, tag<R, N>(), p);
  }
  template <class R, int N> SINTER_INLINE static vector<R, 2 * N> concat(vector<R, N> lo, vector<R, N> hi) {
    return hn::Combine(tag<R, 2 * N>(), hi, lo);
  }
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
  // Bits in a mask register; the bits beyond N may hold anything.
  template <int W, int N> SINTER_INLINE static bool any(logical<W, N> m) { return (m.raw & used<N>) != 0; }
  template <int W, int N> SINTER_INLINE static bool all(logical<W, N> m) { return (m.raw & used<N>) == used<N>; }
  template <int W, int N> SINTER_INLINE static logical<W, N / 2> mask_lower_half(logical<W, N> m) { return from_bits<W, N / 2>(m.raw); }
  template <int W, int N> SINTER_INLINE static logical<W, N / 2> mask_upper_half(logical<W, N> m) {
    return from_bits<W, N / 2>(m.raw >> (N / 2));
  }
  template <int W, int N> SINTER_INLINE static logical<W, 2 * N> mask_concat(logical<W, N> lo, logical<W, N> hi) {
    return from_bits<W, 2 * N>((lo.raw & used<N>) | (static_cast<unsigned>(hi.raw) << N));
  }
  template <int W2, int W, int N> SINTER_INLINE static logical<W2, N> mask_cast(logical<W, N> m) { return from_bits<W2, N>(m.raw); }
#else
  template <int W, int N> SINTER_INLINE static bool any(logical<W, N> m) { return !hn::AllFalse(tag<word<W>, N>(), m); }
  template <int W, int N> SINTER_INLINE static bool all(logical<W, N> m) { return hn::AllTrue(tag<word<W>, N>(), m); }
  template <int W, int N> SINTER_INLINE static logical<W, N / 2> mask_lower_half(logical<W, N> m) {
    return hn::MaskFromVec(lower_half<word<W>, N>(hn::VecFromMask(tag<word<W>, N>(), m)));
  }
  template <int W, int N> SINTER_INLINE static logical<W, N / 2> mask_upper_half(logical<W, N> m) {
    return hn::MaskFromVec(upper_half<word<W>, N>(hn::VecFromMask(tag<word<W>, N>(), m)));
  }
  template <int W, int N> SINTER_INLINE static logical<W, 2 * N> mask_concat(logical<W, N> lo, logical<W, N> hi) {
    const tag<word<W>, N> d;
    return hn::MaskFromVec(concat<word<W>, N>(hn::VecFromMask(d, lo), hn::VecFromMask(d, hi)));
  }
  template <int W2, int W, int N> SINTER_INLINE static logical<W2, N> mask_cast(logical<W, N> m) {
    const tag<signed_word<W>, N> d;
    const auto v = hn::BitCast(d, hn::VecFromMask(tag<word<W>, N>(), m));
    return hn::MaskFromVec(hn::BitCast(tag<word<W2>, N>(), convert<signed_word<W2>, signed_word<W>, N>(v)));
  }
#endif

  template <class R2, int N, class V> SINTER_INLINE static vector<R2, N> bit_cast_to(V a) { return hn::BitCast(tag<R2, N>(), a); }
  template <class R2, class R, int N> SINTER_INLINE static vector<R2, N> convert(vector<R, N> a) {
    const tag<R2, N> d;
    if constexpr (sizeof(R2) > sizeof(R)) return hn::PromoteTo(d, a);
    else if constexpr (sizeof(R2) == sizeof(R)) return hn::ConvertTo(d, a);
    else if constexpr (std::integral<R>)
      return hn::BitCast(d, hn::TruncateTo(tag<std::uint32_t, N>(), hn::BitCast(tag<std::uint64_t, N>(), a)));
    else return hn::DemoteTo(d, a);
  }

  template <class R, int N, class S> SINTER_INLINE static vector<R, N> load(const S* p) {
    if constexpr (std::same_as<R, S>) return hn::LoadU(tag<R, N>(), p);
    else return hn::PromoteTo(tag<R, N>(), hn::LoadU(narrow<S, N>(), p));
  }
  template <class R, int N, class S> SINTER_INLINE static void store(S* p, vector<R, N> x) {
    if constexpr (std::same_as<R, S>) {
      hn::StoreU(x, tag<R, N>(), p);
    } else {
      // Not hn::TruncateTo: in 1.0.3 it permutes wrongly on AVX3_DL. DemoteTo saturates, so only the bits to keep go in.
      using U = std::make_unsigned_t<S>;
      const tag<std::int32_t, N> d;
      const auto kept = hn::And(hn::BitCast(d, x), hn::Set(d, std::numeric_limits<U>::max()));
      hn::StoreU(hn::DemoteTo(narrow<U, N>(), kept), narrow<U, N>(), reinterpret_cast<U*>(p));
    }
  }
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2
  // 16 bytes, as often as they fit.
  template <class R, int N> SINTER_INLINE static vector<R, N> load_repeated(const R* p) { return hn::LoadDup128(tag<R, N>(), p); }
  template <class R, int N> SINTER_INLINE static vector<R, N> load_some(const R* p, int first, int last) {
    return hn::MaskedLoad(some<R, N>(first, last), tag<R, N>(), p);
  }
  template <class R, int N> SINTER_INLINE static void store_some(R* p, vector<R, N> x, int first, int last) {
    hn::BlendedStore(x, some<R, N>(first, last), tag<R, N>(), p);
  }
  template <int N> SINTER_INLINE static vector<float, N> load_half(const std::uint16_t* p) {
    return hn::PromoteTo(tag<float, N>(), hn::BitCast(narrow<hwy::float16_t, N>(), hn::LoadU(narrow<std::uint16_t, N>(), p)));
  }
  template <int N> SINTER_INLINE static void store_half(std::uint16_t* p, vector<float, N> x) {
    hn::StoreU(hn::BitCast(narrow<std::uint16_t, N>(), hn::DemoteTo(narrow<hwy::float16_t, N>(), x)), narrow<std::uint16_t, N>(), p);
  }
  template <class V> SINTER_INLINE static V round_to_half(V x) {
    const hn::Rebind<hwy::float16_t, tag_of<V> > d;
    return hn::PromoteTo(tag_of<V>(), hn::DemoteTo(d, x));
  }
#endif
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
  /// p * 2^n with one rounding.
  template <class V> SINTER_INLINE static V scale(V p, V n) { return V{scalef(p.raw, n.raw)}; }
#endif
  template <class R, int N> SINTER_INLINE static void stream(R* p, vector<R, N> x) { hn::Stream(x, tag<R, N>(), p); }
  SINTER_INLINE static void stream_fence() { hwy::FlushStream(); }

 private:
  // Without SSE4.1's instruction 1.0.3 rounds through integers, which have no -0.
  template <class V> SINTER_INLINE static V signed_zero(V rounded, V a) {
#if HWY_TARGET == HWY_SSSE3
    return hn::CopySign(rounded, a);
#else
    (void)a;
    return rounded;
#endif
  }
  template <class S, int N> using narrow = hn::Rebind<S, tag<std::uint32_t, N> >;

  // Masks of all element types of a width are kept as those of the unsigned integer.
  template <class V, class M> SINTER_INLINE static auto canonical(M m) {
    return hn::RebindMask(hn::Rebind<word<sizeof(element_of<V>)>, tag_of<V> >(), m);
  }
  template <class V> SINTER_INLINE static V mul_by_parts(V a, V b) {
    const hn::Rebind<std::uint64_t, tag_of<V> > d;
    const hn::Repartition<std::uint32_t, decltype(d)> half;
    const auto product = [half](auto x, auto y) HWY_ATTR { return hn::MulEven(hn::BitCast(half, x), hn::BitCast(half, y)); };
    const auto x = hn::BitCast(d, a), y = hn::BitCast(d, b);
    const auto cross = hn::Add(product(hn::ShiftRight<32>(x), y), product(x, hn::ShiftRight<32>(y)));
    return hn::BitCast(tag_of<V>(), hn::Add(product(x, y), hn::ShiftLeft<32>(cross)));
  }
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
  template <int N> static constexpr unsigned used = (1u << N) - 1;
  SINTER_INLINE static __m512 scalef(__m512 p, __m512 n) { return _mm512_scalef_ps(p, n); }
  SINTER_INLINE static __m256 scalef(__m256 p, __m256 n) { return _mm256_scalef_ps(p, n); }
  SINTER_INLINE static __m128 scalef(__m128 p, __m128 n) { return _mm_scalef_ps(p, n); }
  SINTER_INLINE static __m512d scalef(__m512d p, __m512d n) { return _mm512_scalef_pd(p, n); }
  SINTER_INLINE static __m256d scalef(__m256d p, __m256d n) { return _mm256_scalef_pd(p, n); }
  SINTER_INLINE static __m128d scalef(__m128d p, __m128d n) { return _mm_scalef_pd(p, n); }
  template <int W, int N, class Bits> SINTER_INLINE static logical<W, N> from_bits(Bits bits) {
    using M = logical<W, N>;
    return M{static_cast<decltype(M::raw)>(bits)};
  }
#endif
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2
  template <class R, int N> SINTER_INLINE static auto some(int first, int last) {
    const tag<R, N> d;
    const auto clamp = [](int lane) HWY_ATTR { return static_cast<std::size_t>(lane < 0 ? 0 : lane > N ? N : lane); };
    return hn::AndNot(hn::FirstN(d, clamp(first)), hn::FirstN(d, clamp(last)));
  }
#endif
};
#endif

static_assert(vector_backend<backend::highway>);

}  // namespace simd
}  // namespace SINTER_ISA
}  // namespace sinter
