// SPDX-License-Identifier: Apache-2.0
// The vocabulary of vector code: pack<B, R, N> is N lanes of R on backend B, mask<B, W, N> is N truth values beside lanes of
// W bytes. Everything above is written once on these; a backend supplies one native vector (instructions<B>) and wider packs
// are two halves. Conversions are in convert.hpp, memory is in memory.hpp; both come with this header.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

#include <sinter/core/config.hpp>

namespace sinter::backend {
struct scalar;
struct highway;
struct xsimd;
struct counting;

/// The mathematical functions that a counting backend tells apart.
enum class function : std::uint8_t { exp, exp2, expm1, log, log2, log1p, tanh, erf, pow, other };
}  // namespace sinter::backend

namespace sinter {
inline namespace SINTER_ISA {
namespace simd {

/// What a backend supplies: see simd/README.md. Specialised in simd/<backend>.hpp.
template <class B> struct instructions;

/// The element types that registers hold.
template <class R>
concept register_element = std::same_as<R, float> || std::same_as<R, double> || std::same_as<R, std::int32_t> ||
    std::same_as<R, std::uint32_t> || std::same_as<R, std::int64_t> || std::same_as<R, std::uint64_t>;

/// A number that may stand beside a pack; it is converted to the pack's element.
template <class T>
concept number = std::is_arithmetic_v<T> && !std::same_as<T, bool>;

/// The integer of W bytes.
template <int W> using word = std::conditional_t<W == 4, std::uint32_t, std::uint64_t>;
template <int W> using signed_word = std::conditional_t<W == 4, std::int32_t, std::int64_t>;

/// Lanes of one native vector.
template <class B, register_element R> inline constexpr int native_lanes = instructions<B>::template lanes<R>;

template <class B, register_element R, int N> struct pack;
template <class B, int W, int N> struct mask;

namespace detail {
// nvcc takes no call of a host function in device code, constant or not.
template <class T> inline constexpr T largest = std::numeric_limits<T>::max();
template <class T> inline constexpr T lowest = std::numeric_limits<T>::lowest();

template <class V> struct one_vector { V v; };
template <class Half> struct two_halves { Half lo, hi; };
template <class B, class R, int N> struct pack_lanes : two_halves<pack<B, R, N / 2>> {};
template <class B, class R, int N>
requires(N <= native_lanes<B, R>) struct pack_lanes<B, R, N> : one_vector<typename instructions<B>::template vector<R, N>> {
};
template <class B, int W, int N> struct mask_lanes : two_halves<mask<B, W, N / 2>> {};
template <class B, int W, int N>
requires(N <= native_lanes<B, word<W>>) struct mask_lanes<B, W, N> : one_vector<typename instructions<B>::template logical<W, N>> {
};

// While one lives, a counting backend does not count arithmetic: it belongs to the function that was announced.
template <class B> struct uncounted {
  SINTER_INLINE uncounted() {
    if constexpr (requires { B::enter(); }) B::enter();
  }
  SINTER_INLINE ~uncounted() {
    if constexpr (requires { B::leave(); }) B::leave();
  }
  uncounted(const uncounted&) = delete;
  uncounted& operator=(const uncounted&) = delete;
};

template <class B> SINTER_INLINE void announce(backend::function f, int lanes) {
  if constexpr (requires { B::count(f, lanes); }) B::count(f, lanes);
}
}  // namespace detail

/// N truth values that belong to lanes of W bytes (4 or 8).
template <class B, int W, int N> struct mask : detail::mask_lanes<B, W, N> {
  static_assert((W == 4 || W == 8) && N >= 1 && N <= 64 && std::has_single_bit(static_cast<unsigned>(N)));
  using backend = B;
  static constexpr int size = N, width = W;
  static constexpr bool native = N <= native_lanes<B, word<W>>;
  using op = instructions<B>;

  mask() = default;
  template <class V>
  requires(native&& std::same_as<V, typename op::template logical<W, N>>) SINTER_INLINE explicit mask(V m) { this->v = m; }
  template <class Half>
  requires(!native && std::same_as<Half, mask<B, W, N / 2>>) SINTER_INLINE mask(Half a, Half b) {
    this->lo = a;
    this->hi = b;
  }

  SINTER_INLINE friend mask operator&(mask a, mask b) {
    if constexpr (native) return mask(op::mask_and(a.v, b.v));
    else return mask{a.lo & b.lo, a.hi & b.hi};
  }
  SINTER_INLINE friend mask operator|(mask a, mask b) {
    if constexpr (native) return mask(op::mask_or(a.v, b.v));
    else return mask{a.lo | b.lo, a.hi | b.hi};
  }
  SINTER_INLINE friend mask operator^(mask a, mask b) {
    if constexpr (native) return mask(op::mask_xor(a.v, b.v));
    else return mask{a.lo ^ b.lo, a.hi ^ b.hi};
  }
  SINTER_INLINE friend mask operator~(mask a) {
    if constexpr (native) return mask(op::mask_not(a.v));
    else return mask{~a.lo, ~a.hi};
  }
  SINTER_INLINE friend mask operator!(mask a) { return ~a; }
  SINTER_INLINE friend mask operator&&(mask a, mask b) { return a & b; }
  SINTER_INLINE friend mask operator||(mask a, mask b) { return a | b; }
  SINTER_INLINE friend mask operator==(mask a, mask b) { return ~(a ^ b); }
  SINTER_INLINE friend mask operator!=(mask a, mask b) { return a ^ b; }
};

/// x in every lane.
template <class B, register_element R, int N> SINTER_INLINE pack<B, R, N> broadcast(R x) {
  if constexpr (pack<B, R, N>::native) {
    return pack<B, R, N>(instructions<B>::template set<R, N>(x));
  } else {
    const auto half = broadcast<B, R, N / 2>(x);
    return pack<B, R, N>(half, half);
  }
}

/// select(m, a, b): lane by lane m ? a : b.
template <class B, class R, int N>
SINTER_INLINE pack<B, R, N> select(mask<B, static_cast<int>(sizeof(R)), N> m, pack<B, R, N> a, std::type_identity_t<pack<B, R, N>> b) {
  if constexpr (a.native) return pack<B, R, N>(instructions<B>::select(m.v, a.v, b.v));
  else return pack<B, R, N>{select(m.lo, a.lo, b.lo), select(m.hi, a.hi, b.hi)};
}

namespace detail {
// f on every lane by itself, for what vectors cannot do.
template <class F, class B, class R, int N, class... P> SINTER_INLINE pack<B, R, N> lanewise(F f, pack<B, R, N> x, P... more);

struct divide_lane {
  template <class R> SINTER_INLINE R operator()(R a, R b) const {
    if (b == 0) return static_cast<R>(~R{0});
    if constexpr (std::signed_integral<R>) {
      if (b == -1) return static_cast<R>(std::make_unsigned_t<R>{0} - static_cast<std::make_unsigned_t<R>>(a));
    }
    return static_cast<R>(a / b);
  }
};
struct remainder_lane {
  template <class R> SINTER_INLINE R operator()(R a, R b) const {
    if (b == 0) return a;
    if constexpr (std::signed_integral<R>) {
      if (b == -1) return 0;
    }
    return static_cast<R>(a % b);
  }
};
struct fma_lane {
  SINTER_INLINE float operator()(float a, float b, float c) const { return __builtin_fmaf(a, b, c); }
  SINTER_INLINE double operator()(double a, double b, double c) const { return __builtin_fma(a, b, c); }
};
}  // namespace detail

/// N lanes of R, N a power of two up to 64. Arithmetic is IEEE with one rounding an operation (never contracted); integers wrap;
/// integer division follows StableHLO: x / 0 is -1 (all bits), x % 0 is x, INT_MIN / -1 is INT_MIN. A number beside a pack is
/// converted to R. Shift counts of the width and more give 0, or the sign.
template <class B, register_element R, int N> struct pack : detail::pack_lanes<B, R, N> {
  static_assert(N >= 1 && N <= 64 && std::has_single_bit(static_cast<unsigned>(N)));
  using backend = B;
  using element = R;
  using op = instructions<B>;
  using mask_t = mask<B, static_cast<int>(sizeof(R)), N>;
  static constexpr int size = N, bits = 8 * static_cast<int>(sizeof(R));
  static constexpr bool native = N <= native_lanes<B, R>;

  pack() = default;
  template <class V>
  requires(native&& std::same_as<V, typename op::template vector<R, N>>) SINTER_INLINE explicit(!number<V>) pack(V x) { this->v = x; }
  template <class Half>
  requires(!native && std::same_as<Half, pack<B, R, N / 2>>) SINTER_INLINE pack(Half a, Half b) {
    this->lo = a;
    this->hi = b;
  }
  template <number T>
  requires(!native || !std::same_as<T, typename op::template vector<R, N>>) SINTER_INLINE explicit(false) pack(T x)
      : pack(broadcast<B, R, N>(static_cast<R>(x))) {}

  SINTER_INLINE friend pack operator+(pack a, pack b) {
    if constexpr (native) return pack(op::add(a.v, b.v));
    else return pack{a.lo + b.lo, a.hi + b.hi};
  }
  SINTER_INLINE friend pack operator-(pack a, pack b) {
    if constexpr (native) return pack(op::sub(a.v, b.v));
    else return pack{a.lo - b.lo, a.hi - b.hi};
  }
  SINTER_INLINE friend pack operator*(pack a, pack b) {
    if constexpr (native) return pack(op::mul(a.v, b.v));
    else return pack{a.lo * b.lo, a.hi * b.hi};
  }
  SINTER_INLINE friend pack operator/(pack a, pack b) {
    if constexpr (std::integral<R>) return detail::lanewise(detail::divide_lane{}, a, b);
    else if constexpr (native) return pack(op::div(a.v, b.v));
    else return pack{a.lo / b.lo, a.hi / b.hi};
  }
  SINTER_INLINE friend pack operator%(pack a, pack b) requires std::integral<R> { return detail::lanewise(detail::remainder_lane{}, a, b); }
  SINTER_INLINE friend pack operator-(pack a) {
    if constexpr (native) return pack(op::neg(a.v));
    else return pack{-a.lo, -a.hi};
  }
  SINTER_INLINE friend pack operator+(pack a) { return a; }

  SINTER_INLINE friend mask_t operator==(pack a, pack b) {
    if constexpr (native) return mask_t(op::equal(a.v, b.v));
    else return mask_t{a.lo == b.lo, a.hi == b.hi};
  }
  SINTER_INLINE friend mask_t operator<(pack a, pack b) {
    if constexpr (native) return mask_t(op::less(a.v, b.v));
    else return mask_t{a.lo < b.lo, a.hi < b.hi};
  }
  SINTER_INLINE friend mask_t operator<=(pack a, pack b) {
    if constexpr (std::integral<R>) return ~(b < a);
    else if constexpr (native) return mask_t(op::less_equal(a.v, b.v));
    else return mask_t{a.lo <= b.lo, a.hi <= b.hi};
  }
  SINTER_INLINE friend mask_t operator!=(pack a, pack b) {
    if constexpr (native) return mask_t(op::not_equal(a.v, b.v));
    else return mask_t{a.lo != b.lo, a.hi != b.hi};
  }
  SINTER_INLINE friend mask_t operator>(pack a, pack b) { return b < a; }
  SINTER_INLINE friend mask_t operator>=(pack a, pack b) { return b <= a; }

  SINTER_INLINE friend pack operator&(pack a, pack b) requires std::integral<R> {
    if constexpr (native) return pack(op::bit_and(a.v, b.v));
    else return pack{a.lo & b.lo, a.hi & b.hi};
  }
  SINTER_INLINE friend pack operator|(pack a, pack b) requires std::integral<R> {
    if constexpr (native) return pack(op::bit_or(a.v, b.v));
    else return pack{a.lo | b.lo, a.hi | b.hi};
  }
  SINTER_INLINE friend pack operator^(pack a, pack b) requires std::integral<R> {
    if constexpr (native) return pack(op::bit_xor(a.v, b.v));
    else return pack{a.lo ^ b.lo, a.hi ^ b.hi};
  }
  SINTER_INLINE friend pack operator~(pack a) requires std::integral<R> { return a ^ pack(static_cast<R>(~R{0})); }
  SINTER_INLINE friend pack operator<<(pack a, int k) requires std::integral<R> {
    if (k < 0 || k >= bits) return pack(R{0});
    if constexpr (native) return pack(op::shift_left(a.v, k));
    else return pack{a.lo << k, a.hi << k};
  }
  SINTER_INLINE friend pack operator>>(pack a, int k) requires std::integral<R> {
    if (k < 0 || k >= bits) {
      if constexpr (std::unsigned_integral<R>) return pack(R{0});
      k = bits - 1;
    }
    if constexpr (native) return pack(op::shift_right(a.v, k));
    else return pack{a.lo >> k, a.hi >> k};
  }
  SINTER_INLINE friend pack operator<<(pack a, pack k) requires std::integral<R> {
    if constexpr (native) return select(in_range(k), pack(op::shift_left(a.v, (k & pack(bits - 1)).v)), pack(R{0}));
    else return pack{a.lo << k.lo, a.hi << k.hi};
  }
  SINTER_INLINE friend pack operator>>(pack a, pack k) requires std::integral<R> {
    if constexpr (!native) return pack(a.lo >> k.lo, a.hi >> k.hi);
    else if constexpr (std::signed_integral<R>) return pack(op::shift_right(a.v, select(in_range(k), k, pack(bits - 1)).v));
    else return select(in_range(k), pack(op::shift_right(a.v, (k & pack(bits - 1)).v)), pack(R{0}));
  }

  SINTER_INLINE friend pack& operator+=(pack& a, pack b) { return a = a + b; }
  SINTER_INLINE friend pack& operator-=(pack& a, pack b) { return a = a - b; }
  SINTER_INLINE friend pack& operator*=(pack& a, pack b) { return a = a * b; }
  SINTER_INLINE friend pack& operator/=(pack& a, pack b) { return a = a / b; }

 private:
  SINTER_INLINE static mask_t in_range(pack k) { return (k & pack(static_cast<R>(~static_cast<R>(bits - 1)))) == pack(R{0}); }
};

// ---- halves and single lanes

/// Lanes 0 to N/2 - 1.
template <class B, class R, int N> SINTER_INLINE pack<B, R, N / 2> lower_half(pack<B, R, N> x) {
  if constexpr (!x.native) return x.lo;
  else return pack<B, R, N / 2>(instructions<B>::template lower_half<R, N>(x.v));
}
/// Lanes N/2 to N - 1.
template <class B, class R, int N> SINTER_INLINE pack<B, R, N / 2> upper_half(pack<B, R, N> x) {
  if constexpr (!x.native) return x.hi;
  else return pack<B, R, N / 2>(instructions<B>::template upper_half<R, N>(x.v));
}
template <class B, int W, int N> SINTER_INLINE mask<B, W, N / 2> lower_half(mask<B, W, N> x) {
  if constexpr (!x.native) return x.lo;
  else return mask<B, W, N / 2>(instructions<B>::template mask_lower_half<W, N>(x.v));
}
template <class B, int W, int N> SINTER_INLINE mask<B, W, N / 2> upper_half(mask<B, W, N> x) {
  if constexpr (!x.native) return x.hi;
  else return mask<B, W, N / 2>(instructions<B>::template mask_upper_half<W, N>(x.v));
}
/// The lanes of lo, then those of hi.
template <class B, class R, int N> SINTER_INLINE pack<B, R, 2 * N> concat(pack<B, R, N> lo, pack<B, R, N> hi) {
  using result = pack<B, R, 2 * N>;
  if constexpr (!result::native) return result(lo, hi);
  else return result(instructions<B>::template concat<R, N>(lo.v, hi.v));
}
template <class B, int W, int N> SINTER_INLINE mask<B, W, 2 * N> concat(mask<B, W, N> lo, mask<B, W, N> hi) {
  using result = mask<B, W, 2 * N>;
  if constexpr (!result::native) return result(lo, hi);
  else return result(instructions<B>::template mask_concat<W, N>(lo.v, hi.v));
}
/// Lane 0 as a number.
template <class B, class R, int N> SINTER_INLINE R first(pack<B, R, N> x) {
  if constexpr (!x.native) return first(x.lo);
  else return instructions<B>::template first<R, N>(x.v);
}
template <class B, int W, int N> SINTER_INLINE bool first(mask<B, W, N> x) {
  if constexpr (N > 1) return first(lower_half(x));
  else return instructions<B>::template mask_first<W>(x.v);
}
/// Lane I as a number.
template <int I, class B, class R, int N> SINTER_INLINE R lane(pack<B, R, N> x) {
  static_assert(I >= 0 && I < N);
  if constexpr (I == 0) return first(x);
  else if constexpr (I < N / 2) return lane<I>(lower_half(x));
  else return lane<I - N / 2>(upper_half(x));
}
template <int I, class B, int W, int N> SINTER_INLINE bool lane(mask<B, W, N> x) {
  static_assert(I >= 0 && I < N);
  if constexpr (N == 1) return first(x);
  else if constexpr (I < N / 2) return lane<I>(lower_half(x));
  else return lane<I - N / 2>(upper_half(x));
}
/// Lane 0 in each of N lanes.
template <int N, class B, class R, int M> SINTER_INLINE pack<B, R, N> broadcast_lane0(pack<B, R, M> x) {
  return broadcast<B, R, N>(first(x));
}

namespace detail {
template <class F, class B, class R, int N, class... P> SINTER_INLINE pack<B, R, N> lanewise(F f, pack<B, R, N> x, P... more) {
  if constexpr (N == 1) return broadcast<B, R, 1>(f(first(x), first(more)...));
  else return concat(lanewise(f, lower_half(x), lower_half(more)...), lanewise(f, upper_half(x), upper_half(more)...));
}
template <class B, class R, int N> SINTER_INLINE pack<B, R, N> iota_from(int start) {
  if constexpr (!pack<B, R, N>::native) return concat(iota_from<B, R, N / 2>(start), iota_from<B, R, N / 2>(start + N / 2));
  else return pack<B, R, N>(instructions<B>::template iota<R, N>(static_cast<R>(start)));
}
}  // namespace detail

/// 0, 1, ..., N - 1.
template <class B, register_element R, int N> SINTER_INLINE pack<B, R, N> iota() { return detail::iota_from<B, R, N>(0); }

/// The lanes before lane k; k may be negative or beyond N.
template <class B, int W, int N> SINTER_INLINE mask<B, W, N> first_lanes(int k) {
  using result = mask<B, W, N>;
  if constexpr (!result::native) return result(first_lanes<B, W, N / 2>(k), first_lanes<B, W, N / 2>(k - N / 2));
  else return result(instructions<B>::template first_lanes<W, N>(k < 0 ? 0 : k > N ? N : k));
}
/// The same truth value in every lane.
template <class B, int W, int N> SINTER_INLINE mask<B, W, N> broadcast_mask(bool x) { return first_lanes<B, W, N>(x ? N : 0); }

template <class B, int W, int N> SINTER_INLINE bool any(mask<B, W, N> x) {
  if constexpr (!x.native) return any(x.lo | x.hi);
  else return instructions<B>::template any<W, N>(x.v);
}
template <class B, int W, int N> SINTER_INLINE bool all(mask<B, W, N> x) {
  if constexpr (!x.native) return all(x.lo & x.hi);
  else return instructions<B>::template all<W, N>(x.v);
}
/// select between masks.
template <class B, int W, int N> SINTER_INLINE mask<B, W, N> select(mask<B, W, N> m, mask<B, W, N> a, mask<B, W, N> b) {
  return (m & a) | (~m & b);
}

/// Folds by halves: lane j with lane j + N/2 until one is left, f(lower, upper) on packs of every width. The tree depends on
/// N alone, so the bits are the same on every backend. States of several packs are folded with lower_half and upper_half.
template <class B, class R, int N, class F> SINTER_INLINE R fold(pack<B, R, N> x, F f) {
  if constexpr (N == 1) return first(x);
  else return fold(f(lower_half(x), upper_half(x)), f);
}

// ---- bits

/// The same bits as lanes of another type of the same width.
template <register_element R2, class B, class R, int N>
requires(sizeof(R) == sizeof(R2)) SINTER_INLINE pack<B, R2, N> bit_cast_to(pack<B, R, N> x) {
  if constexpr (std::same_as<R, R2>) return x;
  else if constexpr (!x.native) return concat(bit_cast_to<R2>(x.lo), bit_cast_to<R2>(x.hi));
  else return pack<B, R2, N>(instructions<B>::template bit_cast_to<R2, N>(x.v));
}
/// Shifts by a constant, 0 <= K < bits.
template <int K, class B, std::integral R, int N> SINTER_INLINE pack<B, R, N> shift_left(pack<B, R, N> x) {
  static_assert(K >= 0 && K < pack<B, R, N>::bits);
  if constexpr (!x.native) return pack<B, R, N>(shift_left<K>(x.lo), shift_left<K>(x.hi));
  else return pack<B, R, N>(instructions<B>::template shift_left<K>(x.v));
}
template <int K, class B, std::integral R, int N> SINTER_INLINE pack<B, R, N> shift_right(pack<B, R, N> x) {
  static_assert(K >= 0 && K < pack<B, R, N>::bits);
  if constexpr (!x.native) return pack<B, R, N>(shift_right<K>(x.lo), shift_right<K>(x.hi));
  else return pack<B, R, N>(instructions<B>::template shift_right<K>(x.v));
}
namespace detail {
template <class B, class R, int N> SINTER_INLINE auto words(pack<B, R, N> x) { return bit_cast_to<word<sizeof(R)>>(x); }
template <class R> inline constexpr word<sizeof(R)> sign_bit = word<sizeof(R)>{1} << (8 * sizeof(R) - 1);
}  // namespace detail

/// The magnitude of x with the sign of y.
template <class B, std::floating_point R, int N>
SINTER_INLINE pack<B, R, N> copysign(pack<B, R, N> x, std::type_identity_t<pack<B, R, N>> y) {
  constexpr auto s = detail::sign_bit<R>;
  return bit_cast_to<R>((detail::words(x) & ~s) | (detail::words(y) & s));
}
/// The sign bit of x alone, as +0 or -0.
template <class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> sign_of(pack<B, R, N> x) {
  return bit_cast_to<R>(detail::words(x) & detail::sign_bit<R>);
}
/// x with its sign flipped where that of s is set.
template <class B, std::floating_point R, int N>
SINTER_INLINE pack<B, R, N> flip_sign(pack<B, R, N> x, std::type_identity_t<pack<B, R, N>> s) {
  return bit_cast_to<R>(detail::words(x) ^ (detail::words(s) & detail::sign_bit<R>));
}
template <class B, class R, int N> SINTER_INLINE typename pack<B, R, N>::mask_t is_nan(pack<B, R, N> x) { return x != x; }

// ---- arithmetic functions

/// |x|; of integers it wraps.
template <class B, class R, int N> SINTER_INLINE pack<B, R, N> abs(pack<B, R, N> x) {
  if constexpr (std::unsigned_integral<R>) return x;
  else if constexpr (std::integral<R>) return select(x < 0, -x, x);
  else return bit_cast_to<R>(detail::words(x) & ~detail::sign_bit<R>);
}
/// a * b + c with one rounding, on every backend; of integers it wraps.
template <class B, class R, int N>
SINTER_INLINE pack<B, R, N> fma(pack<B, R, N> a, std::type_identity_t<pack<B, R, N>> b, std::type_identity_t<pack<B, R, N>> c) {
  if constexpr (std::integral<R>) return a * b + c;
  else if constexpr (!instructions<B>::has_fma) return detail::lanewise(detail::fma_lane{}, a, b, c);
  else if constexpr (a.native) return pack<B, R, N>(instructions<B>::fma(a.v, b.v, c.v));
  else return pack<B, R, N>{fma(a.lo, b.lo, c.lo), fma(a.hi, b.hi, c.hi)};
}
template <class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> sqrt(pack<B, R, N> x) {
  if constexpr (x.native) return pack<B, R, N>(instructions<B>::sqrt(x.v));
  else return pack<B, R, N>{sqrt(x.lo), sqrt(x.hi)};
}
template <class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> floor(pack<B, R, N> x) {
  if constexpr (x.native) return pack<B, R, N>(instructions<B>::floor(x.v));
  else return pack<B, R, N>{floor(x.lo), floor(x.hi)};
}
template <class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> ceil(pack<B, R, N> x) {
  if constexpr (x.native) return pack<B, R, N>(instructions<B>::ceil(x.v));
  else return pack<B, R, N>{ceil(x.lo), ceil(x.hi)};
}
template <class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> trunc(pack<B, R, N> x) {
  if constexpr (x.native) return pack<B, R, N>(instructions<B>::trunc(x.v));
  else return pack<B, R, N>{trunc(x.lo), trunc(x.hi)};
}
/// To the nearest integer, halves to even.
template <class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> round(pack<B, R, N> x) {
  if constexpr (x.native) return pack<B, R, N>(instructions<B>::round(x.v));
  else return pack<B, R, N>{round(x.lo), round(x.hi)};
}
/// To the nearest integer, halves away from zero.
template <class B, std::floating_point R, int N> SINTER_INLINE pack<B, R, N> round_away(pack<B, R, N> x) {
  const auto t = trunc(x);
  return copysign(select(abs(x - t) >= R{0.5}, abs(t) + R{1}, abs(t)), x);
}

/// a < b ? a : b exactly, whatever is NaN or zero: b where either is NaN.
template <class B, class R, int N> SINTER_INLINE pack<B, R, N> min_fast(pack<B, R, N> a, std::type_identity_t<pack<B, R, N>> b) {
  if constexpr (a.native) return pack<B, R, N>(instructions<B>::min_fast(a.v, b.v));
  else return pack<B, R, N>{min_fast(a.lo, b.lo), min_fast(a.hi, b.hi)};
}
/// a > b ? a : b exactly.
template <class B, class R, int N> SINTER_INLINE pack<B, R, N> max_fast(pack<B, R, N> a, std::type_identity_t<pack<B, R, N>> b) {
  if constexpr (a.native) return pack<B, R, N>(instructions<B>::max_fast(a.v, b.v));
  else return pack<B, R, N>{max_fast(a.lo, b.lo), max_fast(a.hi, b.hi)};
}
/// The smaller; NaN if either is NaN; -0 < +0.
/// Cost: 3 instructions. The two orders differ only on NaN and zeros of both signs, and there the union of the bits is right.
template <class B, class R, int N> SINTER_INLINE pack<B, R, N> minimum(pack<B, R, N> a, std::type_identity_t<pack<B, R, N>> b) {
  if constexpr (std::integral<R>) {
    return min_fast(a, b);
  } else {
    const auto x = detail::words(min_fast(a, b));
    [[maybe_unused]] const detail::uncounted<B> rest;
    return bit_cast_to<R>(x | detail::words(min_fast(b, a)));
  }
}
/// The larger; NaN if either is NaN; -0 < +0.
/// Cost: 5 instructions. Where the two orders differ: (x | y) - (x ^ y) is NaN, or -0 - -0 = +0.
template <class B, class R, int N> SINTER_INLINE pack<B, R, N> maximum(pack<B, R, N> a, std::type_identity_t<pack<B, R, N>> b) {
  if constexpr (std::integral<R>) {
    return max_fast(a, b);
  } else {
    const auto x = detail::words(max_fast(a, b));
    [[maybe_unused]] const detail::uncounted<B> rest;
    const auto difference = x ^ detail::words(max_fast(b, a));
    return bit_cast_to<R>(x | difference) - bit_cast_to<R>(difference);
  }
}

/// What a backend supplies (a representative part of it; the rest is listed in simd/README.md).
template <class B>
concept vector_backend = requires(typename instructions<B>::template vector<float, 1> v, typename instructions<B>::template logical<4, 1> m,
                                  const float* p, float* q) {
  { native_lanes<B, float> } -> std::convertible_to<int>;
  { native_lanes<B, double> } -> std::convertible_to<int>;
  { instructions<B>::has_fma } -> std::convertible_to<bool>;
  { instructions<B>::add(v, v) } -> std::same_as<decltype(v)>;
  { instructions<B>::mul(v, v) } -> std::same_as<decltype(v)>;
  { instructions<B>::sqrt(v) } -> std::same_as<decltype(v)>;
  { instructions<B>::round(v) } -> std::same_as<decltype(v)>;
  { instructions<B>::min_fast(v, v) } -> std::same_as<decltype(v)>;
  { instructions<B>::less(v, v) } -> std::same_as<decltype(m)>;
  { instructions<B>::mask_and(m, m) } -> std::same_as<decltype(m)>;
  { instructions<B>::select(m, v, v) } -> std::same_as<decltype(v)>;
  { instructions<B>::template load<float, 1>(p) } -> std::same_as<decltype(v)>;
  {instructions<B>::template store<float, 1>(q, v)};
};

}  // namespace simd
}  // namespace SINTER_ISA
}  // namespace sinter
