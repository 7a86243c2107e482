// SPDX-License-Identifier: Apache-2.0
// Ops that look at what a floating-point number is made of: finite or not, its neighbours, its place in the total order, fewer digits.
#pragma once

#include <sinter/ops/integer.hpp>
#include <sinter/ops/reduce.hpp>

namespace sinter {

/// Bits of the exponent and of the fraction of a floating-point format.
struct float_layout {
  int exponent = 0, fraction = 0;
};
template <int Exponent, int Fraction> struct float_layout_t {
  constexpr operator float_layout() const { return {Exponent, Fraction}; }
};
template <int E, int F> inline constexpr bool is_attribute<float_layout_t<E, F>> = true;
template <> inline constexpr bool is_traced_attribute<float_layout> = true;

namespace detail {

// Half away from zero: what floor(|x|) left is exact.
struct round_away {
  static constexpr const char* name = "round_away";
  template <class X> SINTER_INLINE X operator()(X x) const {
    const X a = abs(x), whole = floor(a);
    return copysign(select(a - whole >= X(0.5f), whole + X(1), whole), x);
  }
  static constexpr value derivative(value) { return 0; }
};

constexpr float_layout layout_of(dtype t) {
  return t == dtype::f16    ? float_layout{5, 10}
         : t == dtype::bf16 ? float_layout{8, 7}
         : t == dtype::f32  ? float_layout{8, 23}
                            : float_layout{11, 52};
}
constexpr value bits_of(value x) { return ops::bitcast::trace(x, unsigned_dtype(size_of(x.type()))); }
constexpr value truth(value like, bool x) { return full(*like.graph(), dtype::boolean, shape<>(like.shape()), x); }

// Two operands of which one may be a number, which takes the type of the other; false where a rule is broken.
constexpr bool both_floating(value& a, value& b) {
  graph::builder& g = *graph_of(a, b);
  if (a.is_number()) a = b.is_number() ? a.as(g, dtype::f32) : beside(b, a);
  b = beside(a, b);
  if (g.failed.broken || !ops::check_floating(a)) return false;
  if (a.type() == b.type()) return true;
  g.fail(element_types_differ);
  g.failed.show(a.type()), g.failed.show(b.type());
  return false;
}

}  // namespace detail

namespace ops {

struct isfinite {
  static constexpr value trace(value x) {
    if (is_complex(x.type())) return trace(part(x, opcode::real)) & trace(part(x, opcode::imag));
    return is_float(x.type()) ? sinter::abs(x) < std::numeric_limits<double>::infinity() : detail::truth(x, true);
  }
};
struct isinf {
  static constexpr value trace(value x) {
    if (is_complex(x.type())) return trace(part(x, opcode::real)) | trace(part(x, opcode::imag));
    return is_float(x.type()) ? sinter::abs(x) == std::numeric_limits<double>::infinity() : detail::truth(x, false);
  }
};
struct isnan {
  static constexpr value trace(value x) { return is_float(x.type()) || is_complex(x.type()) ? x != x : detail::truth(x, false); }
};
struct nextafter {
  static constexpr value trace(value x, value y) {
    if (!detail::both_floating(x, y)) return x.is_number() ? y : x;
    const dtype t = x.type();
    const value bits = detail::bits_of(x);
    const value moved = where((y > x) == (x > 0), bits + 1, bits - 1);
    const value sign = std::int64_t{1} << (8 * size_of(t) - 1);
    const value least = where(y > 0, value(1).as(*x.graph(), bits.type()), sign | value(1).as(*x.graph(), bits.type()));
    const value next = bitcast::trace(where(x == 0, least, moved), t);
    return where(x == y, y, where((x == x) & (y == y), next, x + y));
  }
};
// Signed integers in the order of the numbers: those of negative numbers, whose bits are in the opposite order, are flipped.
struct total_order {
  static constexpr value trace(value x) {
    if (!check_floating(x)) return x;
    const int width = 8 * size_of(x.type());
    const value bits = bitcast::trace(x, detail::signed_dtype(width / 8));
    return bits ^ shift_right_logical(shift_right_arithmetic(bits, width - 1), 1);
  }
};
// Source: StableHLO reduce_precision; what XLA does with what falls out of the exponents' range, and with NaN where no fraction is left.
struct reduce_precision {
  static constexpr value trace(value x, float_layout to) {
    if (!check_floating(x)) return x;
    const int exponent = to.exponent, fraction = to.fraction;
    const dtype t = x.type();
    const float_layout own = detail::layout_of(t);
    if (exponent >= own.exponent && fraction >= own.fraction) return x;
    graph::builder& g = *x.graph();
    const value bits = detail::bits_of(x);
    const auto word = [&](std::uint64_t w) { return value(static_cast<std::int64_t>(w)).as(g, bits.type()); };
    const int drop = own.fraction - fraction;
    const std::uint64_t one = 1, infinite = ((one << own.exponent) - 1) << own.fraction, sign_bit = one << (own.exponent + own.fraction);
    const value sign = bits & word(sign_bit);
    value y = bits;
    if (drop > 0) {  // to nearest even: the bits that go carry into those that stay
      const value last = shift_right_logical(bits, drop) & word(1);
      y = (bits + (last + word((one << (drop - 1)) - 1))) & word(~((one << drop) - 1));
    }
    if (exponent < own.exponent) {
      const std::uint64_t bias = (one << (own.exponent - 1)) - 1, new_bias = (one << (exponent - 1)) - 1;
      const value size = y & word(infinite);
      y = where(size <= word((bias - new_bias) << own.fraction), sign,
                where(size > word((bias + new_bias) << own.fraction), sign | word(infinite), y));
    }
    return bitcast::trace(where(x == x, y, fraction > 0 ? bits : sign | word(infinite)), t);
  }
};

}  // namespace ops

/// y = the nearest integer, half away from zero; -0 stays. Types: floating point. Cost: 6 ops an element; derivative 0.
/// Source: IEEE 754 roundToIntegralTiesToAway, StableHLO round_nearest_afz.
template <class X>
requires operands<X>
constexpr auto round_away(const X& x) { return suspend<ops::map<detail::round_away, detail::types::floating>>(x); }

/// y = whether x is neither infinite nor NaN; of complex elements, whether both parts are. Types: all -> bool. Cost: 2 ops an element.
template <class X>
requires operands<X>
constexpr auto isfinite(const X& x) { return suspend<ops::isfinite>(x); }
/// y = whether x, or a part of it, is infinite. Types: all -> bool. Cost: 2 ops an element.
template <class X>
requires operands<X>
constexpr auto isinf(const X& x) { return suspend<ops::isinf>(x); }
/// y = whether x, or a part of it, is NaN. Types: all -> bool. Cost: 1 op an element.
template <class X>
requires operands<X>
constexpr auto isnan(const X& x) { return suspend<ops::isnan>(x); }

/// The next number of the element type after x on the way to y; y where they are equal. Shapes broadcast. Types: floating point.
/// Cost: some 14 ops an element; no derivative. Source: C nextafter, jax.lax.nextafter.
template <class X, class Y>
requires operands<X, Y>
constexpr auto nextafter(const X& x, const Y& y) { return suspend<ops::nextafter>(x, y); }

/// Signed integers that compare as the numbers do in the total order: -NaN < -inf < ... < -0 < +0 < ... < inf < NaN; NaN by payload.
/// `total_order(a) < total_order(b)`. Types: floating point -> integers of the same size. Cost: 3 ops an element.
/// Source: IEEE 754 totalOrder, StableHLO compare TOTALORDER.
template <class X>
requires operands<X>
constexpr auto total_order(const X& x) { return suspend<ops::total_order>(x); }

/// y = x rounded, to nearest even, to so many bits of exponent and fraction, in the type of x: `reduce_precision<5, 10>(x)` for binary16.
/// What is too large becomes infinite, what is below the smallest normal number of these bits 0. Types: floating point.
/// Cost: 4 ops an element for the fraction, 7 for the exponent; no derivative. Source: jax.lax.reduce_precision.
template <int Exponent, int Fraction, class X>
requires operands<X>
constexpr auto reduce_precision(const X& x) {
  static_assert(Exponent >= 1 && Fraction >= 0, "sinter::reduce_precision: give at least 1 bit of exponent and 0 of fraction");
  return suspend<ops::reduce_precision>(x, float_layout_t<Exponent, Fraction>{});
}

}  // namespace sinter
