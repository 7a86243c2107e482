// SPDX-License-Identifier: Apache-2.0
// Element-by-element ops: what each means and takes. Their code over packets is in simd/elements.hpp.
#pragma once

#include <sinter/ops/rules.hpp>

namespace sinter {

namespace ops {

template <opcode Op, detail::types Types = detail::types::floating> struct element {
  template <class... V> static constexpr value trace(V... x) {
    value v[] = {value(x)...};
    return detail::element_node(*detail::graph_of(value(x)...), Op, Types, v, sizeof...(V));
  }
};
struct select {
  static constexpr value trace(value condition, value a, value b) {
    value v[] = {condition, a, b};
    return detail::element_node(*detail::graph_of(condition, a, b), opcode::select, detail::types::any, v, 3, 1);
  }
};
struct cast {
  static constexpr value trace(value x, dtype to) {
    if (x.type() == to) return x;
    const int id = x.id();
    graph::builder& g = *x.graph();
    if (!info(x.type()).computes) g.fail(type_is_storage_only);
    if (is_complex(x.type()) && !is_complex(to)) {
      g.fail(complex_to_real);
      if (!g.failed.count) g.failed.show(x.type()), g.failed.show(x.shape());
    }
    return {g, g.add(opcode::cast, to, x.shape(), &id, 1)};
  }
};
struct bitcast {
  static constexpr value trace(value x, dtype to) {
    graph::builder& g = *x.graph();
    const dtype from = x.type();
    if (from == to) return x;
    const bool has_bits = from != dtype::boolean && !is_complex(from) && to != dtype::boolean && !is_complex(to);
    if (!info(from).computes || !info(to).computes) g.fail(type_is_storage_only);
    else if (!has_bits || size_of(from) != size_of(to)) g.fail(sizes_differ);
    if (g.failed.broken && !g.failed.count) g.failed.show(from), g.failed.show(to);
    const int id = x.id();
    return {g, g.add(opcode::bitcast, to, shape<>(x.shape()), &id, 1)};
  }
};

// A real number of each complex one: opcode::real, imag or abs.
constexpr value part(value x, opcode which) {
  graph::builder& g = *x.graph();
  const int id = x.id();
  return {g, g.add(which, real_dtype(x.type()), x.shape(), &id, 1)};
}
// Complex elements of two real tensors of one shape.
constexpr value join_parts(value re, value im) {
  graph::builder& g = *re.graph();
  if (g.failed.broken) return re;
  const int id[] = {re.id(), im.id()};
  return {g, g.add(opcode::complex, re.type() == dtype::f64 ? dtype::complex128 : dtype::complex64, re.shape(), id, 2)};
}
// The larger or smaller. Of complex elements: by the real parts, where these are equal by the imaginary ones.
template <opcode Op> struct extreme {
  static constexpr value trace(value a, value b) {
    graph::builder& g = *detail::graph_of(a, b);
    const value typed = a.is_number() ? b : a;
    if (typed.is_number() || !is_complex(typed.type())) return element<Op, detail::types::number_or_bool>::trace(a, b);
    a = a.as(g, typed.type()), b = b.as(g, typed.type());
    if (a.type() != b.type()) return element<opcode::add, detail::types::arithmetic>::trace(a, b);  // says so
    constexpr opcode order = Op == opcode::maximum ? opcode::greater : opcode::less;
    const auto wins = [](value x, value y) { return element<order, detail::types::comparison>::trace(x, y); };
    const value re = part(a, opcode::real), other = part(b, opcode::real);
    const value equal = element<opcode::equal, detail::types::equality>::trace(re, other);
    return select::trace(select::trace(equal, wins(part(a, opcode::imag), part(b, opcode::imag)), wins(re, other)), a, b);
  }
};
struct abs {
  static constexpr value trace(value x) {
    if (!x.is_number() && is_complex(x.type())) return part(x, opcode::abs);
    return detail::element_node(*x.graph(), opcode::abs, detail::types::number, &x, 1);
  }
};

}  // namespace ops

/// y = -x. Types: numbers, complex; integers wrap. Cost: 1 op an element.
template <class X>
requires operands<X>
constexpr auto operator-(const X& x) { return suspend<ops::element<opcode::negate, detail::types::arithmetic>>(x); }

/// y = |x|. Types: numbers; the least integer stays itself; of complex elements the real sqrt(re^2 + im^2), within 2 ulp, without overflow
/// on the way. Cost: 1 op an element; complex 1 division, 1 root.
template <class X>
requires operands<X>
constexpr auto abs(const X& x) { return suspend<ops::abs>(x); }

/// y = -1, 0 or 1; the sign of zero and NaN pass through. Types: numbers. Cost: 2 ops an element.
/// Complex: x / |x|, each part within 2.3 ulp, 0 of 0.
template <class X>
requires operands<X>
constexpr auto sign(const X& x) { return suspend<ops::element<opcode::sign, detail::types::arithmetic>>(x); }

/// y = the largest integer <= x. Types: floating point. Cost: 1 op an element.
template <class X>
requires operands<X>
constexpr auto floor(const X& x) { return suspend<ops::element<opcode::floor>>(x); }

/// y = the smallest integer >= x. Types: floating point. Cost: 1 op an element.
template <class X>
requires operands<X>
constexpr auto ceil(const X& x) { return suspend<ops::element<opcode::ceil>>(x); }

/// y = the nearest integer, half to even. Types: floating point. Cost: 1 op an element. Source: IEEE 754 roundToIntegralTiesToEven.
template <class X>
requires operands<X>
constexpr auto round(const X& x) { return suspend<ops::element<opcode::round>>(x); }

/// y = the square root, correctly rounded; NaN below zero. Types: floating point. Cost: 1 root an element.
/// Complex: the root whose real part is not negative, each part within 3.1 ulp.
template <class X>
requires operands<X>
constexpr auto sqrt(const X& x) { return suspend<ops::element<opcode::sqrt, detail::types::inexact>>(x); }

/// y = 1 / sqrt(x), both rounded. Shapes: x [...] -> [...].
/// Types: f64, f32, f16, bf16 (the last two through f32). NaN passes through.
/// Error: f32 1.49, f64 1.5 ulp.
/// Complex: conj(sqrt(x)) / |x|, each part within 4.8 ulp; inf + NaN i at 0.
/// Cost:  1 root, 1 division.
template <class X>
requires operands<X>
constexpr auto rsqrt(const X& x) { return suspend<ops::element<opcode::rsqrt, detail::types::inexact>>(x); }

/// y = the cube root; of a negative number the negative one. Shapes: x [...] -> [...].
/// Types: f64, f32, f16, bf16 (the last two through f32). NaN passes through.
/// Error: f32 0.5, f64 0.5 ulp.
/// Complex: the principal one, whose angle is a third of x's, within 2.6 ulp of |y|.
/// Cost:  2 divisions, 1 logarithm's reduction.
template <class X>
requires operands<X>
constexpr auto cbrt(const X& x) { return suspend<ops::element<opcode::cbrt, detail::types::inexact>>(x); }

/// y = e^x. Shapes: x [...] -> [...].
/// Types: f64, f32, f16, bf16 (the last two through f32). NaN passes through.
/// Error: f32 0.91, f64 0.93 ulp.
/// Complex: each part within 2.2 ulp.
/// Cost:  some 10 fma.
template <class X>
requires operands<X>
constexpr auto exp(const X& x) { return suspend<ops::element<opcode::exp, detail::types::inexact>>(x); }

/// y = 2^x; exact for integers. Shapes: x [...] -> [...].
/// Types: f64, f32, f16, bf16 (the last two through f32). NaN passes through.
/// Error: f32 0.91, f64 1 ulp.
/// Complex: within 4 ulp of |y| where |im| < 4.
/// Cost:  that of exp.
template <class X>
requires operands<X>
constexpr auto exp2(const X& x) { return suspend<ops::element<opcode::exp2, detail::types::inexact>>(x); }

/// y = e^x - 1, without cancellation near 0. Shapes: x [...] -> [...].
/// Types: f64, f32, f16, bf16 (the last two through f32). NaN passes through.
/// Error: f32 1.46, f64 1.49 ulp; fast 1.46, 2.09.
/// Complex: complex64 0.5 ulp in each part, complex128 2.6 ulp of |y|.
/// Cost:  that of exp and 4 ops.
template <class X>
requires operands<X>
constexpr auto expm1(const X& x) { return suspend<ops::element<opcode::expm1, detail::types::inexact>>(x); }

/// y = the natural logarithm; -inf at 0, NaN below. Shapes: x [...] -> [...].
/// Types: f64, f32, f16, bf16 (the last two through f32). NaN passes through.
/// Error: f32 0.88, f64 0.81 ulp; fast 1.22, 0.81.
/// Complex: angle from -pi to pi; complex64 0.5 ulp in each part, complex128 1.7 ulp of |y|.
/// Cost:  some 12 fma, f64 1 division.
template <class X>
requires operands<X>
constexpr auto log(const X& x) { return suspend<ops::element<opcode::log, detail::types::inexact>>(x); }

/// y = the logarithm to base 2; exact for powers of two. Shapes: x [...] -> [...].
/// Types: f64, f32, f16, bf16 (the last two through f32). NaN passes through.
/// Error: f32 1.17, f64 0.87 ulp.
/// Complex: complex64 0.5 ulp in each part, complex128 3 ulp of |y|.
/// Cost:  that of log.
template <class X>
requires operands<X>
constexpr auto log2(const X& x) { return suspend<ops::element<opcode::log2, detail::types::inexact>>(x); }

/// y = log(1 + x), without cancellation near 0. Shapes: x [...] -> [...].
/// Types: f64, f32, f16, bf16 (the last two through f32). NaN passes through.
/// Error: f32 0.88, f64 0.83 ulp; fast 1.22, 0.83.
/// Complex: complex64 0.5 ulp in each part, complex128 1.7 ulp of |y|.
/// Cost:  that of log and 1 division.
template <class X>
requires operands<X>
constexpr auto log1p(const X& x) { return suspend<ops::element<opcode::log1p, detail::types::inexact>>(x); }

/// y = the sine, right for every finite x; NaN at infinity. Shapes: x [...] -> [...].
/// Types: f64, f32, f16, bf16 (the last two through f32). NaN passes through.
/// Error: f32 0.87, f64 0.81 ulp; fast 2.11, 0.81.
/// Complex: each part within 2.5 ulp.
/// Cost:  some 16 fma; beyond 32768 (f64: 2^26) some 100 ns an element.
template <class X>
requires operands<X>
constexpr auto sin(const X& x) { return suspend<ops::element<opcode::sin, detail::types::inexact>>(x); }

/// y = the cosine, right for every finite x; NaN at infinity. Shapes: x [...] -> [...].
/// Types: f64, f32, f16, bf16 (the last two through f32). NaN passes through.
/// Error: f32 0.87, f64 0.85 ulp; fast 2.11, 0.85.
/// Complex: each part within 2.4 ulp.
/// Cost:  that of sin.
template <class X>
requires operands<X>
constexpr auto cos(const X& x) { return suspend<ops::element<opcode::cos, detail::types::inexact>>(x); }

/// y = the tangent, right for every finite x; NaN at infinity. Shapes: x [...] -> [...].
/// Types: f64, f32, f16, bf16 (the last two through f32). NaN passes through.
/// Error: f32 1.48, f64 1.37 ulp; fast 2, 1.7.
/// Complex: each part within 7.5 ulp.
/// Cost:  that of sin and 2 divisions.
template <class X>
requires operands<X>
constexpr auto tan(const X& x) { return suspend<ops::element<opcode::tan, detail::types::inexact>>(x); }

/// y = the arc sine, -pi/2 to pi/2; NaN beyond -1 and 1. Shapes: x [...] -> [...].
/// Types: f64, f32, f16, bf16 (the last two through f32). NaN passes through.
/// Error: f32 0.72, f64 0.73 ulp; fast 2.03, 2.02.
/// Complex: cuts beyond -1 and 1; each part within 0.5 (complex64), 3.5 ulp (complex128).
/// Cost:  1 root, 2 divisions.
template <class X>
requires operands<X>
constexpr auto asin(const X& x) { return suspend<ops::element<opcode::asin, detail::types::inexact>>(x); }

/// y = the arc cosine, 0 to pi; NaN beyond -1 and 1. Shapes: x [...] -> [...].
/// Types: f64, f32, f16, bf16 (the last two through f32). NaN passes through.
/// Error: f32 0.72, f64 0.7 ulp; fast 1.17, 1.16.
/// Complex: cuts beyond -1 and 1; each part within 0.5 (complex64), 3.5 ulp (complex128).
/// Cost:  that of asin.
template <class X>
requires operands<X>
constexpr auto acos(const X& x) { return suspend<ops::element<opcode::acos, detail::types::inexact>>(x); }

/// y = the arc tangent, -pi/2 to pi/2. Shapes: x [...] -> [...].
/// Types: f64, f32, f16, bf16 (the last two through f32). NaN passes through.
/// Error: f32 0.84, f64 0.74 ulp; fast 1.46, 1.55.
/// Complex: cuts beyond -i and i; each part within 0.5 (complex64), 3.1 ulp (complex128).
/// Cost:  2 divisions, f64 3.
template <class X>
requires operands<X>
constexpr auto atan(const X& x) { return suspend<ops::element<opcode::atan, detail::types::inexact>>(x); }

/// y = the hyperbolic sine, (e^x - e^-x) / 2. Shapes: x [...] -> [...].
/// Types: f64, f32, f16, bf16 (the last two through f32). NaN passes through.
/// Error: f32 1.36, f64 1.46 ulp.
/// Complex: each part within 2.5 ulp.
/// Cost:  some 16 fma, 1 division.
template <class X>
requires operands<X>
constexpr auto sinh(const X& x) { return suspend<ops::element<opcode::sinh, detail::types::inexact>>(x); }

/// y = the hyperbolic cosine, (e^x + e^-x) / 2. Shapes: x [...] -> [...].
/// Types: f64, f32, f16, bf16 (the last two through f32). NaN passes through.
/// Error: f32 1.31, f64 1.33 ulp.
/// Complex: each part within 2.4 ulp.
/// Cost:  that of sinh.
template <class X>
requires operands<X>
constexpr auto cosh(const X& x) { return suspend<ops::element<opcode::cosh, detail::types::inexact>>(x); }

/// y = the hyperbolic tangent. Shapes: x [...] -> [...].
/// Types: f64, f32, f16, bf16 (the last two through f32). NaN passes through.
/// Error: f32 1.53, f64 1.67 ulp; fast 3.38, 1.67.
/// Complex: each part within 7.5 ulp.
/// Cost:  1 exp, 1 division; fast f32 8 fma, 2 divisions.
template <class X>
requires operands<X>
constexpr auto tanh(const X& x) { return suspend<ops::element<opcode::tanh, detail::types::inexact>>(x); }

/// y = the error function, 2/sqrt(pi) int_0^x exp(-t^2) dt. Shapes: x [...] -> [...].
/// Types: f64, f32, f16, bf16 (the last two through f32). NaN passes through.
/// Error: f32 1.34, f64 1.13 ulp; fast 3.46, 1.13.
/// Cost:  1 exp; fast f32 10 fma, 2 divisions.
template <class X>
requires operands<X>
constexpr auto erf(const X& x) { return suspend<ops::element<opcode::erf>>(x); }

/// y = 1 - erf(x), without cancellation. Shapes: x [...] -> [...].
/// Types: f64, f32, f16, bf16 (the last two through f32). NaN passes through.
/// Error: f32 2.86, f64 2.94 ulp.
/// Cost:  1 exp, 2 divisions.
template <class X>
requires operands<X>
constexpr auto erfc(const X& x) { return suspend<ops::element<opcode::erfc>>(x); }

/// y = log |gamma(x)|; infinite at 0, -1, -2, .... Shapes: x [...] -> [...].
/// Types: f64, f32, f16, bf16 (the last two through f32). NaN passes through.
/// Error: f32 0.5, f64 8.19 ulp; for x < 0 in ulp of max(1, |y|).
/// Cost:  1 log, 4 divisions; f32 computes in f64.
template <class X>
requires operands<X>
constexpr auto lgamma(const X& x) { return suspend<ops::element<opcode::lgamma>>(x); }

/// y = 1 / (1 + exp(-x)). Shapes: x [...] -> [...].
/// Types: f64, f32, f16, bf16 (the last two through f32). NaN passes through.
/// Error: f32 1.69, f64 1.66 ulp; fast 2.44, 2.22.
/// Complex: within 5.7 ulp of |y|.
/// Cost:  1 exp, 1 division.
template <class X>
requires operands<X>
constexpr auto sigmoid(const X& x) { return suspend<ops::element<opcode::sigmoid, detail::types::inexact>>(x); }

/// y = not x; of integers: every bit flipped. Types: bool, integers.
template <class X>
requires operands<X>
constexpr auto logical_not(const X& x) { return suspend<ops::element<opcode::logical_not, detail::types::logical>>(x); }

/// y = not x. Types: bool; of integers every bit is flipped.
template <class X>
requires operands<X>
constexpr auto operator!(const X& x) { return suspend<ops::element<opcode::logical_not, detail::types::logical>>(x); }

/// y = a + b. Shapes broadcast. Types: two equal number types or complex; integers wrap. Rounded once; FMA is formed in the graph.
template <class A, class B>
requires operands<A, B>
constexpr auto operator+(const A& a, const B& b) { return suspend<ops::element<opcode::add, detail::types::arithmetic>>(a, b); }

/// y = a - b. Shapes broadcast. Types: two equal number types or complex; integers wrap. Rounded once; FMA is formed in the graph.
template <class A, class B>
requires operands<A, B>
constexpr auto operator-(const A& a, const B& b) { return suspend<ops::element<opcode::subtract, detail::types::arithmetic>>(a, b); }

/// y = a * b. Shapes broadcast. Types: two equal number types or complex; integers wrap. Rounded once; FMA is formed in the graph.
/// Complex: re = a.re b.re - a.im b.im, im = a.re b.im + a.im b.re, in each the second product rounded, the first inside a fused
/// multiply-add.
template <class A, class B>
requires operands<A, B>
constexpr auto operator*(const A& a, const B& b) { return suspend<ops::element<opcode::multiply, detail::types::arithmetic>>(a, b); }

/// y = a / b; integers truncate, x / 0 is -1 (all bits set). Shapes broadcast. Types: two equal number types or complex; integers wrap.
/// Rounded once; FMA is formed in the graph. Complex: Smith's algorithm, 3 divisions, no overflow on the way
/// below a quarter of the largest number; by 0: each part by 0.
template <class A, class B>
requires operands<A, B>
constexpr auto operator/(const A& a, const B& b) { return suspend<ops::element<opcode::divide, detail::types::arithmetic>>(a, b); }

/// y = a - trunc(a / b) * b; the sign is that of a, x % 0 is x. Shapes broadcast. Types: two equal number types; integers wrap. Rounded
/// once; FMA is formed in the graph.
template <class A, class B>
requires operands<A, B>
constexpr auto operator%(const A& a, const B& b) { return suspend<ops::element<opcode::remainder, detail::types::number>>(a, b); }

/// y = a^b. Shapes broadcast. Types: numbers, complex; integers wrap, and with b < 0 give 1 / a^-b truncated: 1, -1 or, of 0 too, 0.
/// Error: f32 0.53, f64 0.91 ulp.
/// Complex: the principal value exp(b log a), 0^0 = 1; for |a|, |b| < 4 within 0.5 (complex64), 15 ulp (complex128) of |y|.
/// Cost:  a logarithm and an exponential in f64 (f32) or in pairs of numbers (f64); of integers 2 products for each bit of the largest b.
/// Source: IEEE 754 pow, special values included; StableHLO power.
template <class A, class B>
requires operands<A, B>
constexpr auto pow(const A& a, const B& b) { return suspend<ops::element<opcode::pow, detail::types::arithmetic>>(a, b); }

/// y = the angle of the point (b, a), -pi to pi: atan2(y, x). Shapes broadcast. Types: floating point.
/// Error: f32 1.22, f64 0.99 ulp; fast 1.62, 1.62.
/// Cost:  2 divisions, f64 3.
/// Complex: -i log((b + ia) / sqrt(a^2 + b^2)).
/// Source: C's Annex F, special values included.
template <class A, class B>
requires operands<A, B>
constexpr auto atan2(const A& a, const B& b) { return suspend<ops::element<opcode::atan2, detail::types::inexact>>(a, b); }

/// y = the larger; NaN wins, -0 < +0. Shapes broadcast. Source: IEEE 754-2019 maximum.
/// Complex: by the real parts, where these are equal by the imaginary ones, as in NumPy; b where neither is larger.
template <class A, class B>
requires operands<A, B>
constexpr auto maximum(const A& a, const B& b) { return suspend<ops::extreme<opcode::maximum>>(a, b); }

/// y = the smaller; NaN wins, -0 < +0. Shapes broadcast. Source: IEEE 754-2019 minimum.
/// Complex: by the real parts, where these are equal by the imaginary ones, as in NumPy; b where neither is smaller.
template <class A, class B>
requires operands<A, B>
constexpr auto minimum(const A& a, const B& b) { return suspend<ops::extreme<opcode::minimum>>(a, b); }

/// y = a == b as bool. Shapes broadcast. NaN compares as in IEEE 754.
template <class A, class B>
requires operands<A, B>
constexpr auto operator==(const A& a, const B& b) { return suspend<ops::element<opcode::equal, detail::types::equality>>(a, b); }

/// y = a != b as bool. Shapes broadcast. NaN compares as in IEEE 754.
template <class A, class B>
requires operands<A, B>
constexpr auto operator!=(const A& a, const B& b) { return suspend<ops::element<opcode::not_equal, detail::types::equality>>(a, b); }

/// y = a < b as bool. Shapes broadcast. NaN compares as in IEEE 754.
template <class A, class B>
requires operands<A, B>
constexpr auto operator<(const A& a, const B& b) { return suspend<ops::element<opcode::less, detail::types::comparison>>(a, b); }

/// y = a <= b as bool. Shapes broadcast. NaN compares as in IEEE 754.
template <class A, class B>
requires operands<A, B>
constexpr auto operator<=(const A& a, const B& b) { return suspend<ops::element<opcode::less_equal, detail::types::comparison>>(a, b); }

/// y = a > b as bool. Shapes broadcast. NaN compares as in IEEE 754.
template <class A, class B>
requires operands<A, B>
constexpr auto operator>(const A& a, const B& b) { return suspend<ops::element<opcode::greater, detail::types::comparison>>(a, b); }

/// y = a >= b as bool. Shapes broadcast. NaN compares as in IEEE 754.
template <class A, class B>
requires operands<A, B>
constexpr auto operator>=(const A& a, const B& b) { return suspend<ops::element<opcode::greater_equal, detail::types::comparison>>(a, b); }

/// y = a and b, bit by bit. Shapes broadcast. Types: bool, integers.
template <class A, class B>
requires operands<A, B>
constexpr auto operator&(const A& a, const B& b) { return suspend<ops::element<opcode::logical_and, detail::types::logical>>(a, b); }

/// y = a or b, bit by bit. Shapes broadcast. Types: bool, integers.
template <class A, class B>
requires operands<A, B>
constexpr auto operator|(const A& a, const B& b) { return suspend<ops::element<opcode::logical_or, detail::types::logical>>(a, b); }

/// y = a exclusive or b, bit by bit. Shapes broadcast. Types: bool, integers.
template <class A, class B>
requires operands<A, B>
constexpr auto operator^(const A& a, const B& b) { return suspend<ops::element<opcode::logical_xor, detail::types::logical>>(a, b); }

/// y = a and b, bit by bit. Shapes broadcast. Types: bool, integers.
template <class A, class B>
requires operands<A, B>
constexpr auto logical_and(const A& a, const B& b) { return suspend<ops::element<opcode::logical_and, detail::types::logical>>(a, b); }

/// y = a or b, bit by bit. Shapes broadcast. Types: bool, integers.
template <class A, class B>
requires operands<A, B>
constexpr auto logical_or(const A& a, const B& b) { return suspend<ops::element<opcode::logical_or, detail::types::logical>>(a, b); }

/// y = a exclusive or b, bit by bit. Shapes broadcast. Types: bool, integers.
template <class A, class B>
requires operands<A, B>
constexpr auto logical_xor(const A& a, const B& b) { return suspend<ops::element<opcode::logical_xor, detail::types::logical>>(a, b); }

/// y = a * 2^b, modulo the width; 0 where b is negative or not below the width. Shapes broadcast. Types: integers.
/// Source: StableHLO shift_left.
template <class A, class B>
requires operands<A, B>
constexpr auto shift_left(const A& a, const B& b) { return suspend<ops::element<opcode::shift_left, detail::types::integer>>(a, b); }

/// y = the bits of a moved b places to the right, zeros before them; 0 where b is negative or not below the width. Shapes broadcast.
/// Types: integers; signed ones count as their bits. Source: StableHLO shift_right_logical.
template <class A, class B>
requires operands<A, B>
constexpr auto shift_right_logical(const A& a, const B& b) {
  return suspend<ops::element<opcode::shift_right_logical, detail::types::integer>>(a, b);
}

/// y = the bits of a moved b places to the right, copies of the first before them; only those where b is negative or not below the width.
/// Shapes broadcast. Types: integers; unsigned ones count as their bits. Source: StableHLO shift_right_arithmetic.
template <class A, class B>
requires operands<A, B>
constexpr auto shift_right_arithmetic(const A& a, const B& b) {
  return suspend<ops::element<opcode::shift_right_arithmetic, detail::types::integer>>(a, b);
}

/// y = a * b + c, rounded once. Shapes broadcast. Types: floating point.
template <class A, class B, class C>
requires operands<A, B, C>
constexpr auto fma(const A& a, const B& b, const C& c) { return suspend<ops::element<opcode::fma>>(a, b, c); }

/// y = a where the condition holds, else b. Shapes broadcast; a and b have one type, the condition is bool. Cost: 1 op an element.
template <class C, class A, class B>
requires operands<C, A, B>
constexpr auto where(const C& condition, const A& a, const B& b) { return suspend<ops::select>(condition, a, b); }

/// Converts the elements to type T. Floating point to integer truncates and saturates, NaN gives 0; to bool: x != 0; to a narrower
/// integer wraps; else rounds once, to nearest even. A real number becomes a complex one, whose products with others scale both parts; a
/// complex one no real one (sinter::real).
template <element T, operand X> constexpr auto cast(const X& x) { return suspend<ops::cast>(x, type_t<T>{}); }

/// The bits of each element as an element of type T, which has the same size: bitcast<std::uint32_t>(x). Has no derivative.
/// Types: numbers. NaN of f16 and bf16 may become another NaN. Cost: nothing in 4 and 8 bytes, 1 to 10 ops in f16 and bf16.
template <element T, operand X> constexpr auto bitcast(const X& x) { return suspend<ops::bitcast>(x, type_t<T>{}); }

/// y = minimum(maximum(x, lo), hi). Shapes broadcast. NaN passes through.
template <class X, class L, class H>
requires operands<X, L, H>
constexpr auto clamp(const X& x, const L& lo, const H& hi) { return minimum(maximum(x, lo), hi); }

/// Compound assignment is an assignment: y += x evaluates y + x into y.
template <class Y, class X>
requires((detail::is_tensor<std::remove_cvref_t<Y>> ||
          detail::is_view<std::remove_cvref_t<Y>>)&&(operand<X> || detail::number_like<X> || detail::complex_like<X>)) SINTER_HOST_INLINE
    auto&
    operator+=(Y&& y, const X& x) {
  return y = y + x;
}
template <class Y, class X>
requires((detail::is_tensor<std::remove_cvref_t<Y>> ||
          detail::is_view<std::remove_cvref_t<Y>>)&&(operand<X> || detail::number_like<X> || detail::complex_like<X>)) SINTER_HOST_INLINE
    auto&
    operator-=(Y&& y, const X& x) {
  return y = y - x;
}
template <class Y, class X>
requires((detail::is_tensor<std::remove_cvref_t<Y>> ||
          detail::is_view<std::remove_cvref_t<Y>>)&&(operand<X> || detail::number_like<X> || detail::complex_like<X>)) SINTER_HOST_INLINE
    auto&
    operator*=(Y&& y, const X& x) {
  return y = y * x;
}
template <class Y, class X>
requires((detail::is_tensor<std::remove_cvref_t<Y>> ||
          detail::is_view<std::remove_cvref_t<Y>>)&&(operand<X> || detail::number_like<X> || detail::complex_like<X>)) SINTER_HOST_INLINE
    auto&
    operator/=(Y&& y, const X& x) {
  return y = y / x;
}

}  // namespace sinter
