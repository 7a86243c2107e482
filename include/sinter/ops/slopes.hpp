// SPDX-License-Identifier: Apache-2.0
// The derivatives of the element ops, one line each, as ops on traced values: of higher orders they are found by the same lines. The
// order of operations and the values at kinks, ties and zeros are JAX's.
#pragma once

#include <sinter/ops/complex.hpp>
#include <sinter/ops/gamma.hpp>

namespace sinter::ops {

// t times the derivative of the element op y with respect to its operand k: what a tangent becomes on its way forward, and a cotangent
// on its way back. For ops between types see pullback and pushforward below.
constexpr value scaled(value y, int k, value t) {
  graph::builder& g = *y.graph();
  const graph::node n = detail::node_of(y);
  const value a = detail::operand_of(y, 0), b = n.operands > 1 ? detail::operand_of(y, 1) : a;
  const value x = k == 0 ? a : b, other = k == 0 ? b : a;
  switch (n.op) {
    case opcode::negate: return -t;
    case opcode::abs: return t * sign(a);
    case opcode::sqrt: return t * (0.5 / y);
    case opcode::rsqrt: return t * (y / a * -0.5);
    case opcode::cbrt: return t * (y / a * (1 / 3.));
    case opcode::exp: return t * y;
    case opcode::exp2: return t * (y * 0.69314718055994530942);
    case opcode::expm1: return t * (y + 1);
    case opcode::log: return t / a;
    case opcode::log2: return t / (a * 0.69314718055994530942);
    case opcode::log1p: return t / (a + 1);
    case opcode::sin: return t * cos(a);
    case opcode::cos: return -(t * sin(a));
    case opcode::tan: return t * (y * y + 1);
    case opcode::asin: return t * rsqrt(1 - a * a);
    case opcode::acos: return -(t * rsqrt(1 - a * a));
    case opcode::atan: return t / (a * a + 1);
    case opcode::sinh: return t * cosh(a);
    case opcode::cosh: return t * sinh(a);
    case opcode::tanh: return t * (1 - y * y);
    case opcode::erf: return t * (exp(-(a * a)) * 1.1283791670955125739);
    case opcode::erfc: return t * (exp(-(a * a)) * -1.1283791670955125739);
    case opcode::lgamma: return t * map<detail::digamma_function>::trace(a);
    case opcode::sigmoid: return t * (y * (1 - y));
    case opcode::add: return t;
    case opcode::subtract: return k == 0 ? t : -t;
    case opcode::multiply: return t * other;
    case opcode::divide: return k == 0 ? t / b : -(t / b) * y;
    case opcode::remainder: {
      if (k == 0) return t;
      const value q = a / b;
      return -t * (sign(q) * floor(sinter::abs(q)));
    }
    case opcode::pow: {
      if (k == 1) return t * (y * log(where(a == 0, 1, a)));
      const value is_zero = b == 0, safe = where(is_zero, 1, b);
      return t * where(is_zero, 0, safe * pow(a, safe - 1));
    }
    case opcode::atan2: return t * ((k == 0 ? b : -a) / (a * a + b * b));
    case opcode::maximum:
    case opcode::minimum: {
      if (n.attributes) return where(y > other, t, 0);  // relu: its result is at hand longer than its operand
      const value wins = n.op == opcode::maximum ? x > other : x < other;
      return where(x == other, t * 0.5, where(wins, t, 0));
    }
    case opcode::select: return k == 1 ? where(a, t, 0) : where(a, 0, t);
    case opcode::fma: return k == 2 ? t : t * other;
    case opcode::element_call: {
      const external* user = g.externals[static_cast<int>(detail::attribute_of(y, 0))];
      if (!user->slope) {
        g.fail(op_has_no_derivative);
        if (!g.failed.count) g.failed.show(y.type()), g.failed.show(y.shape());
        return t;
      }
      value operand[graph::max_operands];
      for (int i = 0; i < n.operands; ++i) operand[i] = detail::operand_of(y, i);
      return t * user->slope(operand, k);
    }
    default: return t;
  }
}
// Whether derivatives pass through a node: steps have derivative zero, and so has what is no real or complex number.
constexpr bool passes_derivatives(const graph::node& n) {
  return (is_float(n.type) || is_complex(n.type)) && n.op != opcode::sign && n.op != opcode::floor && n.op != opcode::ceil &&
         n.op != opcode::round && n.op != opcode::bitcast;
}

// Conversions and parts, from one element type to another. The cotangent of a complex number is that of a linear map, as in JAX.
struct element_rules {
  static constexpr value pullback(value y, int k, value ct) {
    const value x = detail::operand_of(y, k);
    switch (detail::node_of(y).op) {
      case opcode::cast:
        return is_complex(y.type()) && !is_complex(x.type()) ? cast::trace(real::trace(ct), x.type()) : cast::trace(ct, x.type());
      case opcode::real: return join_parts(ct, detail::zeros_like(ct));
      case opcode::imag: return join_parts(detail::zeros_like(ct), -ct);
      case opcode::complex: return k == 0 ? real::trace(ct) : -imag::trace(ct);
      case opcode::abs: return is_complex(x.type()) ? cast::trace(ct, x.type()) * direction(x, y) : scaled(y, k, ct);
      default: return scaled(y, k, ct);
    }
  }
  static constexpr value pushforward(value y, int k, value t) {
    const value x = detail::operand_of(y, k);
    switch (detail::node_of(y).op) {
      case opcode::cast: return cast::trace(t, y.type());
      case opcode::real: return real::trace(t);
      case opcode::imag: return imag::trace(t);
      case opcode::complex: return k == 0 ? join_parts(t, detail::zeros_like(t)) : join_parts(detail::zeros_like(t), t);
      case opcode::abs: return is_complex(x.type()) ? real::trace(t * direction(x, y)) : scaled(y, k, t);
      default: return scaled(y, k, t);
    }
  }

 private:
  static constexpr value direction(value x, value size) { return conj::trace(x) / cast::trace(where(size == 0, 1, size), x.type()); }
};

}  // namespace sinter::ops
