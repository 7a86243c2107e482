// SPDX-License-Identifier: Apache-2.0
// What each element-by-element opcode does to packets. Results round to the element type after each op.
#pragma once

#include <sinter/core/lists.hpp>
#include <sinter/graph/opcode.hpp>
#include <sinter/simd/math.hpp>
#include <sinter/simd/memory.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace simd {

template <dtype D> using register_of = storage_t<register_dtype(D)>;

// A few packets as one argument.
template <int I, class T> struct packed_slot { T held; };
template <class List, class... T> struct packed_slots;
template <int... I, class... T> struct packed_slots<sinter::detail::int_list<I...>, T...> : packed_slot<I, T>... {};
template <class... T> using packed = packed_slots<sinter::detail::make_int_list<sizeof...(T)>, T...>;
template <int I, class T> SINTER_INLINE const T& get(const packed_slot<I, T>& s) { return s.held; }

template <class B, int N, int W, dtype To, dtype From, class X> SINTER_INLINE auto cast_op(const X& x) {
  if constexpr (To == dtype::boolean) {
    return mask_cast<W>(x != X(0));
  } else if constexpr (From == dtype::boolean) {
    using R = register_of<To>;
    return select(mask_cast<sizeof(R)>(x), broadcast<B, R, N>(R(1)), broadcast<B, R, N>(R(0)));
  } else {
    using R = register_of<To>;
    using S = storage_t<To>;
    if constexpr (is_float(From) && is_integer(To) && sizeof(S) < sizeof(R)) {  // saturate at the narrow type's ends
      const X least = X(detail::lowest<S>), most = X(detail::largest<S>);
      return convert<R>(select(x < least, least, select(x > most, most, x)));
    } else {
      return convert_to<S>(x);
    }
  }
}

template <dtype To, dtype From, class X> SINTER_INLINE auto bitcast_op(const X& x) {
  using R = register_of<To>;
  if constexpr (sizeof(R) == sizeof(storage_t<To>)) return bit_cast_to<R>(x);
  else if constexpr (From == dtype::f16) return bitcast_op<To, dtype::u16>(detail::half_bits(x));
  else if constexpr (From == dtype::bf16) return bitcast_op<To, dtype::u16>(detail::brain_bits(x));
  else if constexpr (is_float(To)) {
    const auto bits = bit_cast_to<std::uint32_t>(x) & 0xffff;
    if constexpr (To == dtype::f16) return detail::from_half_bits(bits);
    else return detail::from_brain_bits(bits);
  } else {
    return round_to<storage_t<To>>(bit_cast_to<R>(x));
  }
}

// Narrow integers stand in 32 bits: those that a shift to the right brings in come first. K: the count, where it is known.
template <opcode Op, dtype T, class X, class K> SINTER_INLINE X shift_op(const X& x, const K& k) {
  using R = typename X::element;
  if constexpr (Op == opcode::shift_left) return x << k;
  else {
    using signed_t = std::make_signed_t<R>;
    using as = std::conditional_t<Op == opcode::shift_right_logical, std::make_unsigned_t<R>, signed_t>;
    constexpr int unused = X::bits - 8 * static_cast<int>(sizeof(storage_t<T>));
    const auto bits = shift_right<unused>(shift_left<unused>(bit_cast_to<as>(x)));
    if constexpr (std::same_as<K, int>) return bit_cast_to<R>(bits >> k);
    else return bit_cast_to<R>(bits >> bit_cast_to<as>(k));
  }
}
SINTER_HOST_DEVICE constexpr bool is_shift(opcode op) {
  return op == opcode::shift_left || op == opcode::shift_right_logical || op == opcode::shift_right_arithmetic;
}

template <class X> SINTER_INLINE X sign_op(const X& x) {
  using R = typename X::element;
  if constexpr (std::floating_point<R>) return select((x == X(0)) | is_nan(x), x, copysign(X(1), x));
  else if constexpr (std::signed_integral<R>) return select(x > X(0), X(1), select(x == X(0), X(0), X(static_cast<R>(-1))));
  else return select(x == X(0), X(0), X(1));
}

// By squaring. Lanes whose exponent is used up keep their result; it wraps, also where a narrower type's does.
template <class B, class R, int N> SINTER_INLINE pack<B, R, N> integer_power(const pack<B, R, N>& a, const pack<B, R, N>& b) {
  using X = pack<B, R, N>;
  X y(R{1}), square = a, rest = b;
  if constexpr (std::signed_integral<R>) rest = select(b < X(R{0}), X(R{0}), b);
  for (auto more = rest != X(R{0}); any(more); more = rest != X(R{0})) {
    y = select((rest & X(R{1})) != X(R{0}), y * square, y);
    square = square * square, rest = shift_right<1>(rest);
  }
  if constexpr (std::signed_integral<R>) {
    const X minus(R{-1}), one(R{1});
    const X inverse = select((a == one) | ((a == minus) & ((b & one) == X(R{0}))), one, select(a == minus, minus, X(R{0})));
    y = select(b < X(R{0}), inverse, y);
  }
  return y;
}

// T: element type of the result, From: of the first operand, W: bytes of a mask's lanes, Policy: which mathematical functions.
template <opcode Op, dtype T, dtype From, int W, class External, class Policy, class Operands, class X>
SINTER_INLINE auto element_value(const Operands& o, const X& x) {
  if constexpr (Op == opcode::negate) return -x;
  else if constexpr (Op == opcode::abs) {
    if constexpr (is_unsigned_integer(T)) return x;
    else return abs(x);
  } else if constexpr (Op == opcode::sign) return sign_op(x);
  else if constexpr (Op == opcode::floor) return floor(x);
  else if constexpr (Op == opcode::ceil) return ceil(x);
  else if constexpr (Op == opcode::round) return round(x);
  else if constexpr (Op == opcode::sqrt) return sqrt(x);
  else if constexpr (Op == opcode::rsqrt) return rsqrt<Policy>(x);
  else if constexpr (Op == opcode::cbrt) return cbrt<Policy>(x);
  else if constexpr (Op == opcode::exp) return exp<Policy>(x);
  else if constexpr (Op == opcode::exp2) return exp2<Policy>(x);
  else if constexpr (Op == opcode::expm1) return expm1<Policy>(x);
  else if constexpr (Op == opcode::log) return log<Policy>(x);
  else if constexpr (Op == opcode::log2) return log2<Policy>(x);
  else if constexpr (Op == opcode::log1p) return log1p<Policy>(x);
  else if constexpr (Op == opcode::sin) return sin<Policy>(x);
  else if constexpr (Op == opcode::cos) return cos<Policy>(x);
  else if constexpr (Op == opcode::tan) return tan<Policy>(x);
  else if constexpr (Op == opcode::asin) return asin<Policy>(x);
  else if constexpr (Op == opcode::acos) return acos<Policy>(x);
  else if constexpr (Op == opcode::atan) return atan<Policy>(x);
  else if constexpr (Op == opcode::sinh) return sinh<Policy>(x);
  else if constexpr (Op == opcode::cosh) return cosh<Policy>(x);
  else if constexpr (Op == opcode::tanh) return tanh<Policy>(x);
  else if constexpr (Op == opcode::erf) return erf<Policy>(x);
  else if constexpr (Op == opcode::erfc) return erfc<Policy>(x);
  else if constexpr (Op == opcode::lgamma) return lgamma<Policy>(x);
  else if constexpr (Op == opcode::sigmoid) return sigmoid<Policy>(x);
  else if constexpr (Op == opcode::logical_not) return ~x;
  else if constexpr (Op == opcode::add) return x + get<1>(o);
  else if constexpr (Op == opcode::subtract) return x - get<1>(o);
  else if constexpr (Op == opcode::multiply) return x * get<1>(o);
  else if constexpr (Op == opcode::divide) return x / get<1>(o);
  else if constexpr (Op == opcode::remainder) return remainder_op(x, get<1>(o));
  else if constexpr (Op == opcode::pow) {
    if constexpr (std::integral<typename X::element>) return integer_power(x, get<1>(o));
    else return pow<Policy>(x, get<1>(o));
  } else if constexpr (Op == opcode::atan2) return atan2<Policy>(x, get<1>(o));
  else if constexpr (Op == opcode::maximum) {
    if constexpr (T == dtype::boolean) return x | get<1>(o);
    else return maximum(x, get<1>(o));
  } else if constexpr (Op == opcode::minimum) {
    if constexpr (T == dtype::boolean) return x & get<1>(o);
    else return minimum(x, get<1>(o));
  } else if constexpr (Op == opcode::logical_and) return x & get<1>(o);
  else if constexpr (Op == opcode::logical_or) return x | get<1>(o);
  else if constexpr (Op == opcode::logical_xor) return x ^ get<1>(o);
  else if constexpr (is_shift(Op)) return shift_op<Op, T>(x, get<1>(o));
  else if constexpr (Op == opcode::fma) return fma(x, get<1>(o), get<2>(o));
}
// C's fmod, lane by lane: it is exact, and rare.
template <class B, class R, int N> SINTER_INLINE pack<B, R, N> remainder_op(const pack<B, R, N>& a, const pack<B, R, N>& b) {
  if constexpr (std::floating_point<R>) {
    R x[N], y[N];
    store(x, a), store(y, b);
    for (int i = 0; i < N; ++i) {
      if constexpr (sizeof(R) == 4) x[i] = __builtin_fmodf(x[i], y[i]);
      else x[i] = __builtin_fmod(x[i], y[i]);
    }
    return load<B, N>(static_cast<const R*>(x));
  } else {
    return a % b;
  }
}

template <opcode Op, class X> SINTER_INLINE auto compare_op(const X& a, const X& b) {
  if constexpr (Op == opcode::equal) return a == b;
  else if constexpr (Op == opcode::not_equal) return a != b;
  else if constexpr (Op == opcode::less) return a < b;
  else if constexpr (Op == opcode::less_equal) return a <= b;
  else if constexpr (Op == opcode::greater) return a > b;
  else return a >= b;
}
// Masks compare as false < true.
template <opcode Op, class M> SINTER_INLINE auto compare_masks(const M& a, const M& b) {
  if constexpr (Op == opcode::equal) return ~(a ^ b);
  else if constexpr (Op == opcode::not_equal) return a ^ b;
  else if constexpr (Op == opcode::less) return ~a & b;
  else if constexpr (Op == opcode::less_equal) return ~a | b;
  else if constexpr (Op == opcode::greater) return a & ~b;
  else return a | ~b;
}

// Its name says what to do where nvcc refuses it.
template <class F, class Operands, int... I>
SINTER_CALLS_USER auto call_marked_host_device(const Operands& o, sinter::detail::int_list<I...>) {
  return F{}(get<I>(o)...);
}

template <class> inline constexpr int slots_in = 0;
template <int... I, class... T> inline constexpr int slots_in<packed_slots<sinter::detail::int_list<I...>, T...>> = sizeof...(T);
template <class B, class R, int N> constexpr B backend_of(const pack<B, R, N>*);
template <class B, int W, int N> constexpr B backend_of(const mask<B, W, N>*);
template <class B, class R, int N> constexpr sinter::detail::int_list<N> width_of(const pack<B, R, N>*);
template <class B, int W, int N> constexpr sinter::detail::int_list<N> width_of(const mask<B, W, N>*);
template <int N> SINTER_HOST_DEVICE constexpr int only(sinter::detail::int_list<N>) { return N; }

// Of floating-point numbers: no result has more digits than the operands.
SINTER_HOST_DEVICE constexpr bool is_exact(opcode op) {
  return op == opcode::negate || op == opcode::abs || op == opcode::sign || op == opcode::floor || op == opcode::ceil ||
         op == opcode::round || op == opcode::maximum || op == opcode::minimum;
}

template <opcode Op, dtype T, dtype From, int W, class External, class Policy = math::accurate, class Operands>
SINTER_INLINE auto element_op(const Operands& o) {
  const auto& x = get<0>(o);
  using X = std::remove_cvref_t<decltype(x)>;
  using B = decltype(backend_of(static_cast<const X*>(nullptr)));
  constexpr int N = only(decltype(width_of(static_cast<const X*>(nullptr))){});
  if constexpr (Op == opcode::cast) return cast_op<B, N, W, T, From>(x);
  else if constexpr (Op == opcode::bitcast) return bitcast_op<T, From>(x);
  else if constexpr (Op == opcode::select) {
    if constexpr (T == dtype::boolean) return select(x, get<1>(o), get<2>(o));
    else return select(mask_cast<sizeof(register_of<T>)>(x), get<1>(o), get<2>(o));
  } else if constexpr (Op >= opcode::equal && Op <= opcode::greater_equal) {
    if constexpr (From == dtype::boolean) return compare_masks<Op>(x, get<1>(o));
    else return mask_cast<W>(compare_op<Op>(x, get<1>(o)));
  } else if constexpr (Op == opcode::element_call)
    return round_to<storage_t<T>>(call_marked_host_device<External>(o, sinter::detail::make_int_list<slots_in<Operands>>{}));
  else if constexpr (T == dtype::boolean || (is_float(T) && is_exact(Op))) return element_value<Op, T, From, W, External, Policy>(o, x);
  else return round_to<storage_t<T>>(element_value<Op, T, From, W, External, Policy>(o, x));
}

}  // namespace simd
}  // namespace SINTER_ISA
}  // namespace sinter
