// SPDX-License-Identifier: Apache-2.0
// Ops of StableHLO and CHLO that compute element by element.
#pragma once

#include <sinter/import/stablehlo_context.hpp>
#include <sinter/ops/bessel.hpp>
#include <sinter/ops/float_bits.hpp>
#include <sinter/ops/gamma.hpp>
#include <sinter/ops/indexing.hpp>
#include <sinter/ops/inverses.hpp>

namespace sinter::mlir {

constexpr bool is_bool(value x) { return x.type() == dtype::boolean; }

// Of complex numbers that with the larger real part, of equal ones that with the larger imaginary part.
constexpr value larger(value x, value y) {
  if (is_complex(x.type())) return where(sinter::detail::is_less(x, y), y, x);
  return is_bool(x) ? x | y : maximum(x, y);
}
constexpr value smaller(value x, value y) {
  if (is_complex(x.type())) return where(sinter::detail::is_less(y, x), y, x);
  return is_bool(x) ? x & y : minimum(x, y);
}
constexpr value compare(op_context& c, value a, value b) {
  const text t = c.m.source;
  int direction = c.attribute("comparison_direction"), type = c.attribute("compare_type");
  if (!c.o->generic && direction < 0) {  // compare GT, %a, %b, TOTALORDER
    direction = skip_space(t, c.o->attributes);
    for (int at = c.o->signature - 2; at > c.o->attributes && type < 0; --at)
      if (t[at] == ',') type = skip_space(t, at + 1);
    if (type >= 0 && t[type] == '%') type = -1;
  }
  if (c.r.names(type, "TOTALORDER") && is_float(a.type())) a = total_order(a), b = total_order(b);
  if (c.r.names(direction, "EQ")) return a == b;
  if (c.r.names(direction, "NE")) return a != b;
  if (is_complex(a.type())) return c.fail(expected::direction), a;
  if (is_bool(a)) a = cast<std::uint8_t>(a), b = cast<std::uint8_t>(b);
  if (c.r.names(direction, "LT")) return a < b;
  if (c.r.names(direction, "LE")) return a <= b;
  if (c.r.names(direction, "GT")) return a > b;
  if (c.r.names(direction, "GE")) return a >= b;
  return c.r.fail(expected::direction, direction < 0 ? c.o->name.begin : direction), a;
}

constexpr value reduced_precision(op_context& c, value x) {
  float_layout to{static_cast<int>(c.r.integer(c.attribute("exponent_bits"), 0)),
                  static_cast<int>(c.r.integer(c.attribute("mantissa_bits"), 0))};
  if (const int at = c.attribute("format"); at >= 0) {  // e5m10
    const number_text e = number_at(c.m.source, at + 1), f = number_at(c.m.source, e.end + 1);
    if (c.m.source[at] != 'e' || c.m.source[e.end] != 'm' || f.kind != number_text::integer || e.kind != number_text::integer)
      return c.r.fail(expected::format, at), x;
    to = {static_cast<int>(e.digits), static_cast<int>(f.digits)};
  }
  if (to.exponent < 1 || to.fraction < 0 || to.exponent > 64 || to.fraction > 64) return c.fail(expected::format), x;
  return ops::reduce_precision::trace(x, to);
}

constexpr value bitcast_converted(op_context& c, value x, const tensor_type& to) {
  const element_type from = c.element_of_operand(0);
  const int bits = bits_of(from), to_bits = bits_of(to.element);
  element_type plain = to.element;
  if (is_narrow_float(from.kept)) x = ops::cast::trace(sinter::detail::format_bits(x, format_of(from.kept)), dtype::u8);
  if (is_narrow_float(plain.kept)) plain.type = dtype::u8;
  value y = sinter::detail::bitcast_convert(x, bits, plain.type, to_bits);
  if (c.bad()) return y;
  if (is_narrow_float(to.element.kept)) return sinter::detail::from_format_bits(y, format_of(to.element.kept));
  return to.element.kept == narrow::none ? y : c.rounded(y, to.element.kept);
}

constexpr value converted(op_context& c, value x, const tensor_type& to) {
  const element_type from = c.element_of_operand(0);
  if (from == to.element) return x;
  if (is_narrow_float(to.element.kept))
    return sinter::detail::round_to_format(sinter::detail::convert(x, is_complex(x.type()) ? real_dtype(x.type()) : x.type()),
                                           format_of(to.element.kept));
  if (to.element.kept != narrow::none && is_float(x.type())) {  // truncates and saturates
    const bool is_signed = is_signed_integer(to.element.type);
    const int bits = bits_of(to.element);
    const int low = is_signed ? -(1 << (bits - 1)) : 0, high = is_signed ? (1 << (bits - 1)) - 1 : (1 << bits) - 1;
    return clamp(sinter::detail::convert(x, to.element.type), value(low), value(high));
  }
  return sinter::detail::convert(x, to.element.type);
}

/// The result of an element op of kind k; `known`: whether it is one.
constexpr value element_op(op_context& c, op_kind k, const tensor_type& type, bool& known) {
  known = c.operands() > 0;
  if (!known) return value();
  const value x = c.operand(0);
  if (c.bad()) return x;
  const auto y = [&] { return c.operand(1); };
  switch (k) {
    case op_kind::add: return is_bool(x) ? x | y() : x + y();
    case op_kind::subtract: return is_bool(x) ? x ^ y() : x - y();
    case op_kind::multiply: return is_bool(x) ? x & y() : x * y();
    case op_kind::divide: return is_bool(x) ? x & y() : x / y();
    case op_kind::remainder: return x % y();
    case op_kind::power: return pow(x, y());
    case op_kind::maximum: return larger(x, y());
    case op_kind::minimum: return smaller(x, y());
    case op_kind::atan2: return atan2(x, y());
    case op_kind::and_: return x & y();
    case op_kind::or_: return x | y();
    case op_kind::xor_: return x ^ y();
    case op_kind::not_: return ~x;
    case op_kind::shift_left: {
      const int bits = bits_of(c.element_of_operand(0));
      if (bits < 8 * size_of(x.type())) return where(y() < value(bits), shift_left(x, y()), value(0));
      return shift_left(x, y());
    }
    case op_kind::shift_right_logical: {
      const int bits = bits_of(c.element_of_operand(0));
      if (bits < 8 * size_of(x.type())) return shift_right_logical(x & value((1 << bits) - 1), y());
      return shift_right_logical(x, y());
    }
    case op_kind::shift_right_arithmetic: {
      const element_type t = c.element_of_operand(0);
      const int bits = bits_of(t);
      if (t.kept != narrow::none && is_unsigned_integer(x.type()))  // its first bit is copied
        return shift_right_arithmetic(shift_right_arithmetic(shift_left(x, 8 - bits), y()), 8 - bits);
      return shift_right_arithmetic(x, y());
    }
    case op_kind::abs: return is_unsigned_integer(x.type()) || is_bool(x) ? x : abs(x);
    case op_kind::cbrt: return cbrt(x);
    case op_kind::ceil: return ceil(x);
    case op_kind::cosine: return cos(x);
    case op_kind::count_leading_zeros: {
      const int bits = bits_of(c.element_of_operand(0)), unused = 8 * size_of(x.type()) - bits;
      if (unused > 0) return clz(x & value((1 << bits) - 1)) - value(unused);
      return clz(x);
    }
    case op_kind::exponential: return exp(x);
    case op_kind::exponential_minus_one: return expm1(x);
    case op_kind::floor: return floor(x);
    case op_kind::is_finite: return isfinite(x);
    case op_kind::log: return log(x);
    case op_kind::log_plus_one: return log1p(x);
    case op_kind::logistic: return sigmoid(x);
    case op_kind::negate: return -x;
    case op_kind::popcnt: {
      const int bits = bits_of(c.element_of_operand(0));
      return population_count(bits < 8 * size_of(x.type()) ? x & value((1 << bits) - 1) : x);
    }
    case op_kind::round_nearest_afz: return round_away(x);
    case op_kind::round_nearest_even: return round(x);
    case op_kind::rsqrt: return rsqrt(x);
    case op_kind::sign: return sign(x);
    case op_kind::sine: return sin(x);
    case op_kind::sqrt: return sqrt(x);
    case op_kind::tan:
    case op_kind::chlo_tan: return tan(x);
    case op_kind::tanh: return tanh(x);
    case op_kind::real: return is_complex(x.type()) ? ops::part(x, opcode::real) : x;
    case op_kind::imag: return is_complex(x.type()) ? ops::part(x, opcode::imag) : x - x;
    case op_kind::complex: return complex(x, y());
    case op_kind::convert: return converted(c, x, type);
    case op_kind::bitcast_convert: return bitcast_converted(c, x, type);
    case op_kind::reduce_precision: return reduced_precision(c, x);
    case op_kind::compare: return compare(c, x, y());
    case op_kind::select: return where(x, y(), c.operand(2));
    case op_kind::clamp: {
      const value v = c.operand(1), high = c.operand(2);
      if (is_bool(v)) return (v | x) & high;
      return minimum(maximum(x, v), high);
    }
    case op_kind::chlo_acos: return acos(x);
    case op_kind::chlo_acosh: return acosh(x);
    case op_kind::chlo_asin: return asin(x);
    case op_kind::chlo_asinh: return asinh(x);
    case op_kind::chlo_atan: return atan(x);
    case op_kind::chlo_atanh: return atanh(x);
    case op_kind::chlo_bessel_i1e: return bessel_i1e(x);
    case op_kind::chlo_conj: return is_complex(x.type()) ? conj(x) : x;
    case op_kind::chlo_cosh: return cosh(x);
    case op_kind::chlo_digamma: return digamma(x);
    case op_kind::chlo_erf: return erf(x);
    case op_kind::chlo_erf_inv: return erf_inv(x);
    case op_kind::chlo_erfc: return erfc(x);
    case op_kind::chlo_is_inf: return isinf(x);
    case op_kind::chlo_is_neg_inf: return isinf(x) & (x < value(0));
    case op_kind::chlo_is_pos_inf: return isinf(x) & (x > value(0));
    case op_kind::chlo_lgamma: return lgamma(x);
    case op_kind::chlo_next_after: return nextafter(x, y());
    case op_kind::chlo_polygamma: return polygamma(x, y());
    case op_kind::chlo_sinh: return sinh(x);
    case op_kind::chlo_square: return x * x;
    case op_kind::chlo_zeta: return zeta(x, y());
    case op_kind::optimization_barrier: return x;
    default: known = false; return x;
  }
}
/// The same for ops of CHLO whose operands broadcast.
constexpr op_kind without_broadcast(op_kind k) {
  switch (k) {
    case op_kind::chlo_broadcast_add: return op_kind::add;
    case op_kind::chlo_broadcast_subtract: return op_kind::subtract;
    case op_kind::chlo_broadcast_multiply: return op_kind::multiply;
    case op_kind::chlo_broadcast_divide: return op_kind::divide;
    case op_kind::chlo_broadcast_maximum: return op_kind::maximum;
    case op_kind::chlo_broadcast_minimum: return op_kind::minimum;
    case op_kind::chlo_broadcast_power: return op_kind::power;
    case op_kind::chlo_broadcast_remainder: return op_kind::remainder;
    case op_kind::chlo_broadcast_and: return op_kind::and_;
    case op_kind::chlo_broadcast_or: return op_kind::or_;
    case op_kind::chlo_broadcast_xor: return op_kind::xor_;
    case op_kind::chlo_broadcast_atan2: return op_kind::atan2;
    case op_kind::chlo_broadcast_compare: return op_kind::compare;
    case op_kind::chlo_broadcast_select: return op_kind::select;
    case op_kind::chlo_broadcast_complex: return op_kind::complex;
    case op_kind::chlo_broadcast_next_after: return op_kind::chlo_next_after;
    case op_kind::chlo_broadcast_polygamma: return op_kind::chlo_polygamma;
    case op_kind::chlo_broadcast_zeta: return op_kind::chlo_zeta;
    case op_kind::chlo_broadcast_shift_left: return op_kind::shift_left;
    case op_kind::chlo_broadcast_shift_right_arithmetic: return op_kind::shift_right_arithmetic;
    case op_kind::chlo_broadcast_shift_right_logical: return op_kind::shift_right_logical;
    default: return k;
  }
}

}  // namespace sinter::mlir
