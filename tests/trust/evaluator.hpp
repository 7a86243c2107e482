// SPDX-License-Identifier: Apache-2.0
// A plain evaluator of a traced graph: loops over indices, one element at a time, in double and 64-bit integers, rounded to the
// node's type after each op. Shares graph/ and core/ with the library and nothing with its kernels. Knows no functions of the user's.
//
// Beside each element it keeps how far a right kernel may be from it (`error`), so that no tolerance is chosen by hand:
//  * ops that IEEE 754 rounds correctly give equal bits on equal operands: error 0. Only a product may stay unrounded (inside an fma).
//  * otherwise the operands' errors pass through the op (its values at the corners of the box of operands), and each side rounds
//    once more: 2u|y|; functions of simd/math.hpp promise 3 ulp at most (tests/simd): 8u|y|.
//  * n terms summed in any order differ from the sum by at most n u sum|x| (Higham 2002, 4.2); exactly 0 where all partial sums
//    are representable.
//  * where the errors of the operands leave a comparison open, the element has an infinite error: nothing is said about it.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <sinter/core/tensor.hpp>
#include <sinter/graph/control.hpp>

namespace trust {

using sinter::dtype;
using sinter::extent_t;
using sinter::opcode;
using control = sinter::graph::control;
using extents = std::vector<extent_t>;

inline constexpr double unknown = std::numeric_limits<double>::infinity();

// `real` of floating-point types, else `whole` (u64 as its two's complement).
struct number {
  double real = 0;
  std::int64_t whole = 0;
  double error = 0;
  bool certain() const { return error < unknown; }
};

struct array {
  dtype type{};
  extents shape;
  std::vector<number> at;
};

inline std::size_t count(const extents& s) {
  std::size_t n = 1;
  for (extent_t e : s) n *= static_cast<std::size_t>(e);
  return n;
}
inline std::size_t flat(const extents& s, const extents& index) {
  std::size_t k = 0;
  for (std::size_t a = 0; a < s.size(); ++a) k = k * static_cast<std::size_t>(s[a]) + static_cast<std::size_t>(index[a]);
  return k;
}
// Calls f with every index of a shape, in row-major order.
template <class F> void each(const extents& s, F f) {
  extents index(s.size());
  for (std::size_t k = count(s); k > 0; --k) {
    f(static_cast<const extents&>(index));
    for (std::size_t a = s.size(); a-- > 0;) {
      if (++index[a] < s[a]) break;
      index[a] = 0;
    }
  }
}

// ---- types

inline double unit(dtype t) {  // half the distance from 1 to the next number
  return t == dtype::f64 ? 0x1p-53 : t == dtype::f32 ? 0x1p-24 : t == dtype::f16 ? 0x1p-11 : 0x1p-8;
}
inline double tiny(dtype t) { return t == dtype::f64 ? 0x1p-1074 : t == dtype::f16 ? 0x1p-24 : 0x1p-133; }  // the least distance
inline double rounded(dtype t, double x) {
  const auto f = static_cast<float>(x);
  return t == dtype::f64 ? x : t == dtype::f32 ? f : t == dtype::f16 ? float(sinter::float16(f)) : float(sinter::bfloat16(f));
}
// x in the type t, rounded once: a cast of a type with more digits than f32 has.
template <class X> double rounded_once(dtype t, X x) {
  if (t == dtype::f64) return static_cast<double>(x);
  if (t == dtype::f32) return static_cast<double>(static_cast<float>(x));
  const auto exact = static_cast<long double>(x);
  if (exact == 0 || !std::isfinite(exact)) return static_cast<double>(exact);
  const bool half = t == dtype::f16;
  int e = 0;
  std::frexp(exact, &e);
  const int digit = std::max(e - (half ? 11 : 8), half ? -24 : -133);
  const double r = static_cast<double>(std::ldexp(std::nearbyint(std::ldexp(exact, -digit)), digit)), end = half ? 0x1p16 : 0x1p128;
  return std::fabs(r) >= end ? std::copysign(INFINITY, r) : r;
}
inline std::int64_t wrapped(dtype t, std::uint64_t x) {
  switch (t) {
    case dtype::boolean: return x != 0;
    case dtype::i8: return static_cast<std::int8_t>(x);
    case dtype::i16: return static_cast<std::int16_t>(x);
    case dtype::i32: return static_cast<std::int32_t>(x);
    case dtype::u8: return static_cast<std::uint8_t>(x);
    case dtype::u16: return static_cast<std::uint16_t>(x);
    case dtype::u32: return static_cast<std::uint32_t>(x);
    default: return static_cast<std::int64_t>(x);
  }
}
inline bool whole_less(dtype t, std::int64_t a, std::int64_t b) {
  return t == dtype::u64 ? static_cast<std::uint64_t>(a) < static_cast<std::uint64_t>(b) : a < b;
}
inline std::int64_t saturated(dtype t, double x) {  // truncates; the nearest end outside the range, 0 for NaN
  const int bits = sinter::info(t).bits - sinter::is_signed_integer(t);
  const double end = std::ldexp(1.0, bits);
  const std::uint64_t most = bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
  if (std::isnan(x)) return 0;
  if (x >= end) return static_cast<std::int64_t>(most);
  if (sinter::is_signed_integer(t)) return x < -end ? static_cast<std::int64_t>(~most) : static_cast<std::int64_t>(x);
  return x <= -1 ? 0 : static_cast<std::int64_t>(static_cast<std::uint64_t>(x));
}

// ---- one element

inline double real_op(opcode op, dtype t, const double* v) {
  const double a = v[0], b = v[1], c = v[2];
  switch (op) {
    case opcode::negate: return -a;
    case opcode::abs: return std::fabs(a);
    case opcode::sign: return a > 0 ? 1 : a < 0 ? -1 : a;
    case opcode::floor: return std::floor(a);
    case opcode::ceil: return std::ceil(a);
    case opcode::round: return std::nearbyint(a);
    case opcode::sqrt: return std::sqrt(a);
    case opcode::rsqrt: return 1 / std::sqrt(a);
    case opcode::cbrt: return std::cbrt(a);
    case opcode::exp: return std::exp(a);
    case opcode::exp2: return std::exp2(a);
    case opcode::expm1: return std::expm1(a);
    case opcode::log: return std::log(a);
    case opcode::log2: return std::log2(a);
    case opcode::log1p: return std::log1p(a);
    case opcode::sin: return std::sin(a);
    case opcode::cos: return std::cos(a);
    case opcode::tan: return std::tan(a);
    case opcode::asin: return std::asin(a);
    case opcode::acos: return std::acos(a);
    case opcode::atan: return std::atan(a);
    case opcode::sinh: return std::sinh(a);
    case opcode::cosh: return std::cosh(a);
    case opcode::tanh: return std::tanh(a);
    case opcode::erf: return std::erf(a);
    case opcode::erfc: return std::erfc(a);
    case opcode::lgamma: return std::lgamma(a);
    case opcode::sigmoid: return 1 / (1 + std::exp(-a));
    case opcode::add: return a + b;
    case opcode::subtract: return a - b;
    case opcode::multiply: return a * b;
    case opcode::divide: return a / b;
    case opcode::remainder: return std::fmod(a, b);
    case opcode::pow: return std::pow(a, b);
    case opcode::atan2: return std::atan2(a, b);
    case opcode::maximum: return std::isnan(a) || std::isnan(b) ? NAN : a > b ? a : b;
    case opcode::minimum: return std::isnan(a) || std::isnan(b) ? NAN : a < b ? a : b;
    case opcode::fma: return t == dtype::f64 ? std::fma(a, b, c) : std::fmaf(float(a), float(b), float(c));
    default: throw std::logic_error(sinter::info(op).name);
  }
}
inline bool is_function(opcode op) { return (op >= opcode::rsqrt && op <= opcode::sigmoid) || op == opcode::pow || op == opcode::atan2; }
inline bool rounds(opcode op) {
  return is_function(op) || op == opcode::sqrt || (op >= opcode::add && op <= opcode::divide) || op == opcode::remainder ||
         op == opcode::fma;
}
// How far a floating-point op strays from `y` over the box of its operands.
inline double spread(opcode op, dtype t, const number* v, int n, double y) {
  double worst = 0, cell = NAN;
  for (int corner = 0; corner < 1 << n; ++corner) {
    double x[3] = {};
    bool repeated = false;
    for (int k = 0; k < n; ++k) {
      const bool high = corner >> k & 1;
      repeated |= high && v[k].error == 0;
      x[k] = v[k].real + (high ? v[k].error : -v[k].error);
    }
    if (repeated) continue;
    const double d = std::fabs((op == opcode::fma ? x[0] * x[1] + x[2] : real_op(op, t, x)) - y);
    if (!(d <= worst)) worst = d;
    const double quotient = op == opcode::remainder ? std::trunc(x[0] / x[1]) : 0;
    if (!std::isnan(cell) && quotient != cell) return unknown;
    cell = quotient;
  }
  if ((op == opcode::divide || op == opcode::remainder) && std::fabs(v[1].real) <= v[1].error) return unknown;
  return worst;
}
inline bool may_stay_unrounded(dtype t, const double* x, double product) {
  if (!std::isfinite(product)) return false;
  return t == dtype::f64 ? std::fma(x[0], x[1], -product) != 0 : t == dtype::f32 && rounded(t, product) != product;
}
inline number real_element(opcode op, dtype t, const number* v, int n) {
  number y;
  double x[3] = {};
  bool equal = true;
  for (int k = 0; k < n; ++k) x[k] = v[k].real, equal &= v[k].error == 0;
  const double exact = real_op(op, t, x);
  y.real = rounded(t, exact);
  if (!equal) y.error = spread(op, t, v, n, exact);
  const double u = unit(t), size = std::fabs(exact) + y.error;
  if (is_function(op)) y.error += (t == dtype::f16 || t == dtype::bf16 ? 2 * u + 8 * unit(dtype::f32) : 8 * u) * size + tiny(t);
  else if (op == opcode::multiply && equal) y.error = may_stay_unrounded(t, x, exact) ? u * size + tiny(t) : 0;
  else if (rounds(op) && !equal) y.error += 2 * u * size + tiny(t);
  if (!(y.error < unknown)) y.error = std::isnan(y.real) || std::isinf(y.real) ? (equal ? 0 : unknown) : unknown;
  return y;
}
// The derivatives of lgamma, by steps up and the asymptotic series; order 0 by reflection too.
inline double polygamma(int order, double x) {
  constexpr double pi = 3.14159265358979323846, even[] = {1 / 6., -1 / 30., 1 / 42., -1 / 30., 5 / 66., -691 / 2730., 7 / 6.};
  if (order == 0 && x < 0.5) return polygamma(0, 1 - x) - pi / std::tan(pi * (x - std::round(x)));
  double sum = 0, factor = order == 0 ? -1 : std::tgamma(order);  // (order - 1)!
  for (; x < 20; ++x) sum += (order == 0 ? -1 : factor * order) * std::pow(x, -order - 1);
  sum += order == 0 ? std::log(x) - 0.5 / x : factor * std::pow(x, -order) + factor * order / 2 * std::pow(x, -order - 1);
  for (int k = 1; k <= 7; ++k) {  // B_2k (2k + order - 1)! / (2k)! / x^(2k + order)
    const double term = even[k - 1] * std::tgamma(2 * k + order) / std::tgamma(2 * k + 1) * std::pow(x, -2 * k - order);
    sum += order == 0 ? -term : term;
  }
  return order == 0 || order % 2 ? sum : -sum;
}
// Functors of the library that derivatives of others use.
inline number called(const std::string& name, dtype t, const number* v) {
  const bool first = name == "digamma";
  if (!first && name != "polygamma") throw std::logic_error(name);
  const number& x = v[first ? 0 : 1];
  const auto f = [&](double at) { return polygamma(first ? 0 : static_cast<int>(v[0].real), at); };
  const double exact = f(x.real), u = t == dtype::f64 ? 64 * unit(t) : 2 * unit(t);
  number y;
  y.real = rounded(t, exact);
  y.error = x.error == 0 ? 0 : std::max(std::fabs(f(x.real + x.error) - exact), std::fabs(f(x.real - x.error) - exact));
  y.error += u * (std::fabs(exact) + y.error + 1) + tiny(t);
  if (!(y.error < unknown) || std::isnan(y.real)) y.error = unknown;
  return y;
}
inline std::int64_t whole_op(opcode op, dtype t, std::int64_t a, std::int64_t b) {
  const auto x = static_cast<std::uint64_t>(a), y = static_cast<std::uint64_t>(b);
  const bool wide = t == dtype::u64;
  switch (op) {
    case opcode::negate: return wrapped(t, 0 - x);
    case opcode::abs: return wrapped(t, !wide && a < 0 ? 0 - x : x);
    case opcode::sign: return (a != 0) - 2 * (a < 0 && !wide);
    case opcode::logical_not: return t == dtype::boolean ? !a : wrapped(t, ~x);
    case opcode::add: return wrapped(t, x + y);
    case opcode::subtract: return wrapped(t, x - y);
    case opcode::multiply: return wrapped(t, x * y);
    case opcode::divide: return wrapped(t, b == 0 ? ~std::uint64_t{0} : wide ? x / y : b == -1 ? 0 - x : static_cast<std::uint64_t>(a / b));
    case opcode::remainder: return b == 0 ? a : wide ? static_cast<std::int64_t>(x % y) : b == -1 ? 0 : a % b;
    case opcode::pow: {
      if (!sinter::is_unsigned_integer(t) && b < 0) return a == 1 ? 1 : a == -1 ? (b % 2 ? -1 : 1) : 0;
      std::uint64_t power = 1, square = x;
      for (std::uint64_t rest = y; rest; rest >>= 1, square *= square)
        if (rest & 1) power *= square;
      return wrapped(t, power);
    }
    case opcode::maximum: return whole_less(t, a, b) ? b : a;
    case opcode::minimum: return whole_less(t, b, a) ? b : a;
    case opcode::logical_and: return a & b;
    case opcode::logical_or: return a | b;
    case opcode::logical_xor: return a ^ b;
    case opcode::shift_left: return y < static_cast<unsigned>(sinter::info(t).bits) ? wrapped(t, x << y) : 0;
    case opcode::shift_right_logical:
    case opcode::shift_right_arithmetic: {
      const bool arithmetic = op == opcode::shift_right_arithmetic;
      const int bits = sinter::info(t).bits, count = y < static_cast<unsigned>(bits) ? static_cast<int>(y) : bits - arithmetic;
      const auto low = static_cast<__int128>(x & (~std::uint64_t{0} >> (64 - bits)));
      return wrapped(
          t, static_cast<std::uint64_t>((arithmetic && low >> (bits - 1) ? low - (static_cast<__int128>(1) << bits) : low) >> count));
    }
    default: throw std::logic_error(sinter::info(op).name);
  }
}
// Orders a and b: -1, 0, 1; 2: unordered.
inline int order(dtype t, const number& a, const number& b) {
  if (is_float(t)) return a.real < b.real ? -1 : a.real > b.real ? 1 : a.real == b.real ? 0 : 2;
  return whole_less(t, a.whole, b.whole) ? -1 : whole_less(t, b.whole, a.whole);
}
inline bool order_is_certain(dtype t, const number& a, const number& b) {
  if (a.error == 0 && b.error == 0) return true;
  return is_float(t) && std::fabs(a.real - b.real) > a.error + b.error;
}
inline number compared(opcode op, dtype from, const number& a, const number& b) {
  const int o = order(from, a, b);
  const bool holds = op == opcode::equal        ? o == 0
                     : op == opcode::not_equal  ? o != 0
                     : op == opcode::less       ? o == -1
                     : op == opcode::less_equal ? o == -1 || o == 0
                     : op == opcode::greater    ? o == 1
                                                : o == 1 || o == 0;
  return {0, holds, order_is_certain(from, a, b) ? 0 : unknown};
}
inline number converted(dtype to, dtype from, const number& x) {
  number y;
  if (is_float(from)) {
    if (is_float(to)) {
      y.real = rounded_once(to, x.real);
      y.error = x.error == 0 || unit(to) <= unit(from) ? x.error : x.error + 2 * unit(to) * (std::fabs(x.real) + x.error) + tiny(to);
    } else if (to == dtype::boolean) {
      y.whole = x.real != 0;
      if (x.error != 0 && std::fabs(x.real) <= x.error) y.error = unknown;
    } else {
      y.whole = saturated(to, x.real);
      if (x.error != 0 && (!x.certain() || saturated(to, x.real - x.error) != saturated(to, x.real + x.error))) y.error = unknown;
    }
    return y;
  }
  y.error = x.error;
  const auto bits = static_cast<std::uint64_t>(x.whole);
  if (is_float(to)) y.real = from == dtype::u64 ? rounded_once(to, bits) : rounded_once(to, x.whole);
  else y.whole = wrapped(to, bits);
  return y;
}
inline number element(opcode op, dtype t, dtype from, const number* v, int n) {
  if (op == opcode::cast) return converted(t, from, v[0]);
  if (op >= opcode::equal && op <= opcode::greater_equal) return compared(op, from, v[0], v[1]);
  if (op == opcode::select) {
    number y = v[0].whole ? v[1] : v[2];
    if (!v[0].certain()) {
      const double apart = is_float(t) ? std::fabs(v[1].real - v[2].real) : v[1].whole == v[2].whole ? 0 : unknown;
      y.error = apart + v[1].error + v[2].error;
    }
    return y;
  }
  if (is_float(t)) return real_element(op, t, v, n);
  number y;
  y.whole = whole_op(op, t, v[0].whole, n > 1 ? v[1].whole : 0);
  for (int k = 0; k < n; ++k) y.error = v[k].error > y.error ? v[k].error : y.error;
  return y;
}

// ---- many elements into one

// The greatest power of two that divides x.
inline double quantum(double x) {
  if (x == 0 || !std::isfinite(x)) return unknown;
  int e = 0;
  auto m = static_cast<std::int64_t>(std::ldexp(std::frexp(x, &e), 53));
  while (m % 2 == 0) m /= 2, ++e;
  return std::ldexp(1.0, e - 53);
}
inline number real_sum(dtype t, const std::vector<number>& x) {
  double sum = 0, size = 0, errors = 0, q = unknown;
  for (const number& v : x) {
    sum += v.real, size += std::fabs(v.real) + v.error, errors += v.error;
    q = std::fmin(q, quantum(v.real));
  }
  number y;
  y.real = rounded(t, sum);
  const double u = unit(t == dtype::f64 ? dtype::f64 : dtype::f32);
  if (x.size() > 1 && (errors != 0 || !(size * u <= q)))
    y.error = errors + static_cast<double>(x.size()) * (u + 0x1p-53) * size + 2 * unit(t) * (std::fabs(sum) + errors);
  else y.error = errors;
  if (!(y.error < unknown)) y.error = errors == 0 && !std::isfinite(sum) ? 0 : unknown;  // NaN or infinity in any order
  return y;
}
inline number real_product(dtype t, const std::vector<number>& x) {
  double product = 1, most = 1, bits = 1, errors = 0;
  for (const number& v : x) {
    product *= v.real, most *= std::fabs(v.real) + v.error, errors += v.error;
    bits *= v.real == 0 ? 1 : std::fabs(v.real) / quantum(v.real);
  }
  number y;
  y.real = rounded(t, product);
  const double u = unit(t == dtype::f64 ? dtype::f64 : dtype::f32), n = static_cast<double>(x.size());
  if (errors != 0 || bits * u > 1) y.error = most - std::fabs(product) + 4 * n * u * most + 2 * unit(t) * most;
  if (!(y.error < unknown)) y.error = unknown;
  return y;
}
inline number reduced(opcode op, dtype t, dtype from, const std::vector<number>& x) {
  if (op == opcode::reduce_sum && is_float(t)) return real_sum(t, x);
  if (op == opcode::reduce_prod && is_float(t)) return real_product(t, x);
  number y;
  const auto fold = [&](opcode each, std::int64_t start) {
    y.whole = start;
    for (const number& v : x) y.whole = whole_op(each, t, y.whole, v.whole), y.error = std::fmax(y.error, v.error);
    return y;
  };
  switch (op) {
    case opcode::reduce_sum: return fold(opcode::add, 0);
    case opcode::reduce_prod: return fold(opcode::multiply, 1);
    case opcode::reduce_any: return fold(opcode::logical_or, 0);
    case opcode::reduce_all: return fold(opcode::logical_and, 1);
    default: break;
  }
  // The extremes: the first of equals, the first NaN.
  const bool largest = op == opcode::reduce_max || op == opcode::reduce_argmax;
  std::size_t best = 0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    const bool is_nan = is_float(from) && std::isnan(x[k].real), best_is_nan = is_float(from) && std::isnan(x[best].real);
    if (!best_is_nan && (is_nan || order(from, x[k], x[best]) == (largest ? 1 : -1))) best = k;
  }
  if (op == opcode::reduce_max || op == opcode::reduce_min) {
    y = x[best];
    double low = -INFINITY, high = -INFINITY;  // between the largest of what the elements are at least, and at most
    const double side = op == opcode::reduce_max ? 1 : -1;
    for (const number& v : x) low = std::fmax(low, side * v.real - v.error), high = std::fmax(high, side * v.real + v.error);
    if (y.error != 0 || low != high) y.error = std::fmax(high - side * y.real, side * y.real - low);
    if (!is_float(t) || std::isnan(y.real) || !(y.error >= 0)) {
      y.error = 0;
      for (const number& v : x) y.error = std::fmax(y.error, v.error);
    }
    return y;
  }
  y.whole = static_cast<std::int64_t>(best);
  for (std::size_t k = 0; k < x.size(); ++k)
    if (k != best && !order_is_certain(from, x[k], x[best])) y.error = unknown;
  return y;
}

// ---- the graph

class evaluation {
 public:
  evaluation(const sinter::graph::graph_view& g, const std::vector<array>& params) : g_(g), params_(params) {
    for (int i = 0; i < g.symbol_count; ++i) {
      const sinter::graph::symbol s = g.symbols[i];
      const auto a = [&] { return extent(s.a); };
      const auto b = [&] { return extent(s.b); };
      switch (s.kind) {
        case s.param: symbols_.push_back(params[static_cast<std::size_t>(s.a)].shape[static_cast<std::size_t>(s.b)]); break;
        case s.sum: symbols_.push_back(a() + b()); break;
        case s.difference: symbols_.push_back(a() - b()); break;
        case s.product: symbols_.push_back(a() * b()); break;
        case s.smaller: symbols_.push_back(a() < b() ? a() : b()); break;
        case s.quotient_up: symbols_.push_back(b() ? (a() + b() - 1) / b() : 0); break;
        case s.stride: throw std::logic_error("a trace has no strides");
      }
    }
    find_regions();
    nodes_.resize(static_cast<std::size_t>(g.node_count));
    compute_all(g.node_count);
  }
  std::vector<array> results() const {
    std::vector<array> r;
    for (int i = 0; i < g_.result_count; ++i) r.push_back(nodes_[static_cast<std::size_t>(g_.results[i])]);
    return r;
  }

 private:
  const sinter::graph::graph_view g_;
  const std::vector<array>& params_;
  std::vector<extent_t> symbols_;
  std::vector<array> nodes_;
  // Of each node: whether a result needs it, and the regions of control flow whose parameters it depends on. Those that now run.
  using regions = std::set<extent_t>;
  std::vector<bool> reached_;
  std::vector<regions> open_;
  regions running_;

  extent_t extent(extent_t e) const {
    return sinter::graph::is_symbol(e) ? symbols_[static_cast<std::size_t>(sinter::graph::symbol_index(e))] : e;
  }
  const array& operand(int id, int k) const { return nodes_[static_cast<std::size_t>(g_[id].operand[k])]; }
  extent_t attribute(int id, std::size_t i) const { return extent(g_.attribute(id, static_cast<int>(i))); }

  void find_regions() {
    const auto n = static_cast<std::size_t>(g_.node_count);
    reached_.resize(n), open_.resize(n);
    for (int i = 0; i < g_.result_count; ++i) reached_[static_cast<std::size_t>(g_.results[i])] = true;
    for (std::size_t i = n; i-- > 0;)
      for (int k = 0; reached_[i] && k < g_[static_cast<int>(i)].operands; ++k)
        reached_[static_cast<std::size_t>(g_[static_cast<int>(i)].operand[k])] = true;
    for (int i = 0; i < g_.node_count; ++i) {
      regions& to = open_[static_cast<std::size_t>(i)];
      for (int k = 0; k < g_[i].operands; ++k) {
        const regions& from = open_[static_cast<std::size_t>(g_[i].operand[k])];
        to.insert(from.begin(), from.end());
      }
      if (g_[i].op == opcode::region_param) to.insert(g_.attribute(i, 0));
      if (g_[i].op == opcode::control) to.erase(g_.attribute(i, control::region));
    }
  }
  // The nodes before `end` that depend on the regions which run, and on the one given.
  void compute_all(int end, extent_t region = -1) {
    for (int i = 0; i < end; ++i) {
      const auto at = static_cast<std::size_t>(i);
      if (!reached_[at] || g_[i].op == opcode::bundle || g_[i].op == opcode::region_param) continue;
      if (region >= 0 && !open_[at].count(region)) continue;
      if (!std::includes(running_.begin(), running_.end(), open_[at].begin(), open_[at].end())) continue;
      nodes_[at] = g_[i].op == opcode::control ? controlled(i) : node(i);
    }
  }
  std::vector<int> bundled(int id) const {
    std::vector<int> all;
    sinter::graph::for_each_in_bundle(g_, id, [&](int k) { all.push_back(k); });
    return all;
  }
  const array& at(int id) const { return nodes_[static_cast<std::size_t>(id)]; }

  // One result of a loop or branch: all of it runs.
  array controlled(int id) {
    const auto attribute = [&](control::attribute a) { return g_.attribute(id, a); };
    const std::vector<int> in = bundled(g_[id].operand[0]), out = bundled(g_[id].operand[1]);
    const auto result = static_cast<std::size_t>(attribute(control::result)),
               carries = static_cast<std::size_t>(attribute(control::carries));
    const extent_t kind = attribute(control::kind), region = attribute(control::region);
    if (kind == control::branch) return doubted(at(at(in[0]).at[0].whole ? out[result] : out[result + out.size() / 2]), at(in[0]).at[0]);
    const auto set = [&](std::size_t index, const array& x) {
      for (int i = 0; i < id; ++i)
        if (g_[i].op == opcode::region_param && g_.attribute(i, 0) == region && g_.attribute(i, 1) == static_cast<extent_t>(index))
          nodes_[static_cast<std::size_t>(i)] = x;
    };
    std::vector<array> carry;
    for (std::size_t k = 0; k < carries; ++k) carry.push_back(at(in[k]));
    const extent_t trips = kind == control::scan ? attribute(control::trips) : 1000;
    array all{g_[id].type, {trips}, {}};
    if (result >= carries)
      for (int a = 1; a < g_.shape_of(id).rank; ++a) all.shape.push_back(extent(g_.shape_of(id)[a]));
    all.at.resize(result >= carries ? count(all.shape) : 0);
    bool certain = true;
    running_.insert(region);
    for (extent_t step = 0; step <= trips; ++step) {
      if (step == trips && kind == control::scan) break;
      if (step == trips) throw std::logic_error("a loop of more than 1000 steps");
      const extent_t t = attribute(control::reversed) ? trips - 1 - step : step;
      for (std::size_t k = 0; k < carries; ++k) set(k, carry[k]);
      for (std::size_t k = carries; k < in.size(); ++k) {
        const array& whole = at(in[k]);
        array part{whole.type, {whole.shape.begin() + 1, whole.shape.end()}, {}};
        const auto n = static_cast<std::ptrdiff_t>(count(part.shape));
        part.at.assign(whole.at.begin() + t * n, whole.at.begin() + (t + 1) * n);
        set(k, part);
      }
      set(in.size(), {dtype::i32, {}, {{0, t, 0}}});
      compute_all(id, region);
      if (kind == control::while_loop) certain &= at(out[carries]).at[0].certain();
      if (kind == control::while_loop && !at(out[carries]).at[0].whole) break;
      for (std::size_t k = 0; k < carries; ++k) carry[k] = at(out[k]);
      if (result >= carries) {
        const std::vector<number>& y = at(out[result]).at;
        std::copy(y.begin(), y.end(), all.at.begin() + t * static_cast<std::ptrdiff_t>(y.size()));
      }
    }
    running_.erase(region);
    return doubted(result < carries ? carry[result] : all, {0, 0, certain ? 0 : unknown});
  }
  static array doubted(array x, const number& condition) {
    for (number& v : x.at)
      if (!condition.certain()) v.error = unknown;
    return x;
  }

  array node(int id) const {
    const sinter::graph::node& n = g_[id];
    array y{n.type, {}, {}};
    for (int a = 0; a < g_.shape_of(id).rank; ++a) y.shape.push_back(extent(g_.shape_of(id)[a]));
    if (n.op == opcode::param) return param(id, y);
    if (is_reduction(n.op)) return reduction(id, y);
    if (n.op == opcode::concatenate || n.op == opcode::pad) return chosen(id, y);
    if (n.op == opcode::dot) return product(id, y);
    if (n.op == opcode::gather) return gathered(id, y);
    if (n.op == opcode::scatter) return scattered(id, y);
    each(y.shape, [&](const extents& index) {
      if (is_view_op(n.op)) y.at.push_back(operand(id, 0).at[viewed(id, y.shape, index)]);
      else if (is_element(n.op)) y.at.push_back(element(id, flat(y.shape, index)));
      else y.at.push_back(leaf(id, index));
    });
    return y;
  }
  array param(int id, array y) const {                                   // a number takes the type that the graph gave it
    if (g_.attribute(id, 0) < 0) return y.at.resize(count(y.shape)), y;  // one of a batch: nothing that counts is computed from it
    const array& p = params_[static_cast<std::size_t>(g_.attribute(id, 0))];
    for (number x : p.at) y.at.push_back(p.type == y.type ? x : converted(y.type, p.type, x));
    return y;
  }
  number leaf(int id, const extents& index) const {
    const sinter::graph::node& n = g_[id];
    const std::int64_t bits = g_.attribute(id, 0);
    switch (n.op) {
      case opcode::constant:
        if (is_float(n.type)) return {rounded(n.type, std::bit_cast<double>(bits)), 0, 0};
        return {0, wrapped(n.type, static_cast<std::uint64_t>(bits)), 0};
      case opcode::iota: return converted(n.type, dtype::i64, {0, index[static_cast<std::size_t>(bits)], 0});
      case opcode::extent: return converted(n.type, dtype::i64, {0, extent(bits), 0});
      default: throw std::logic_error(sinter::info(n.op).name);
    }
  }
  number element(int id, std::size_t k) const {
    number v[3];
    for (int i = 0; i < g_[id].operands; ++i) v[i] = operand(id, i).at[k];
    const bool compares = g_[id].op >= opcode::equal && g_[id].op <= opcode::greater_equal;
    if (compares && g_[id].operand[0] == g_[id].operand[1] && v[0].certain()) v[0].error = v[1].error = 0;  // whether it is NaN
    if (g_[id].op == opcode::element_call) return called(g_.externals[g_.attribute(id, 0)]->name, g_[id].type, v);
    return trust::element(g_[id].op, g_[id].type, operand(id, g_[id].operands - 1).type, v, g_[id].operands);
  }
  // The element of the operand that a view shows at an index.
  std::size_t viewed(int id, const extents& shape, const extents& index) const {
    const array& x = operand(id, 0);
    extents from(x.shape.size());
    for (std::size_t k = 0; k < from.size(); ++k) switch (g_[id].op) {
        case opcode::reshape: return flat(shape, index);
        case opcode::identity: return flat(shape, index);
        case opcode::broadcast: from[k] = x.shape[k] == 1 ? 0 : index[static_cast<std::size_t>(attribute(id, k))]; break;
        case opcode::transpose: from[static_cast<std::size_t>(attribute(id, k))] = index[k]; break;
        case opcode::slice: from[k] = attribute(id, 2 * k) + index[k] * attribute(id, 2 * k + 1); break;
        case opcode::reverse: from[k] = g_.attribute(id, 0) >> k & 1 ? shape[k] - 1 - index[k] : index[k]; break;
        default: throw std::logic_error(sinter::info(g_[id].op).name);
      }
    return flat(x.shape, from);
  }
  array chosen(int id, array y) const {
    const bool pads = g_[id].op == opcode::pad;
    const array &a = operand(id, 0), &b = operand(id, 1);
    each(y.shape, [&](extents index) {
      bool inside = true;
      const auto axis = static_cast<std::size_t>(g_.attribute(id, 0));
      for (std::size_t k = 0; k < index.size(); ++k) {
        if (pads) index[k] -= attribute(id, k);
        inside &= index[k] >= 0 && index[k] < a.shape[k];
      }
      if (!inside && !pads) index[axis] -= a.shape[axis];
      y.at.push_back(inside ? a.at[flat(a.shape, index)] : pads ? b.at[0] : b.at[flat(b.shape, index)]);
    });
    return y;
  }
  // Where operand 1 and the strides say that an element is.
  number place(int id, const extents& shape, const extents& index) const {
    number p = operand(id, 1).at[flat(shape, index)];
    for (std::size_t k = 0; k < index.size() && p.whole >= 0; ++k) p.whole += attribute(id, k) * index[k];
    return p;
  }
  array gathered(int id, array y) const {
    each(y.shape, [&](const extents& index) {
      const number p = place(id, y.shape, index);
      y.at.push_back(operand(id, 0).at.at(static_cast<std::size_t>(p.whole)));
      if (!p.certain()) y.at.back().error = unknown;
    });
    return y;
  }
  array scattered(int id, array y) const {
    const array& updates = operand(id, 2);
    const sinter::opcode ops[] = {opcode::add, opcode::add, opcode::multiply, opcode::maximum, opcode::minimum};
    const auto how = static_cast<std::size_t>(g_.attribute(id, static_cast<int>(updates.shape.size())));
    y.at = operand(id, 0).at;
    bool certain = true;
    each(updates.shape, [&](const extents& index) {
      const number p = place(id, updates.shape, index), &u = updates.at[flat(updates.shape, index)];
      certain &= p.certain();
      if (p.whole < 0) return;
      number& x = y.at.at(static_cast<std::size_t>(p.whole));
      const number v[] = {x, u, {}};
      x = how == 0 ? u : trust::element(ops[how], y.type, y.type, v, 2);
    });
    for (number& x : y.at)
      if (!certain) x.error = unknown;
    return y;
  }
  array reduction(int id, array y) const {
    const array& x = operand(id, 0);
    std::vector<std::vector<number>> terms(count(y.shape));
    each(x.shape, [&](extents index) {
      const number& v = x.at[flat(x.shape, index)];
      for (extent_t a = attribute(id, 0); a < attribute(id, 1); ++a) index[static_cast<std::size_t>(a)] = 0;
      terms[flat(y.shape, index)].push_back(v);
    });
    for (const auto& t : terms) y.at.push_back(reduced(g_[id].op, y.type, x.type, t));
    return y;
  }
  array product(int id, array y) const {
    const array &a = operand(id, 0), &b = operand(id, 1);
    const std::size_t r = y.shape.size();
    each(y.shape, [&](const extents& index) {
      extents at_a = index, at_b = index;
      std::vector<number> terms;
      for (extent_t k = 0; k < a.shape[r - 1]; ++k) {
        at_a[r - 1] = at_b[r - 2] = k;
        const number v[] = {a.at[flat(a.shape, at_a)], b.at[flat(b.shape, at_b)]};
        number term;
        if (is_float(y.type)) {
          term.real = v[0].real * v[1].real, term.error = spread(opcode::multiply, y.type, v, 2, term.real);
          if (y.type == dtype::f64) term.error += std::fabs(std::fma(v[0].real, v[1].real, -term.real));
        } else {
          term.whole = whole_op(opcode::multiply, y.type, v[0].whole, v[1].whole), term.error = std::fmax(v[0].error, v[1].error);
        }
        terms.push_back(term);
      }
      y.at.push_back(reduced(opcode::reduce_sum, y.type, y.type, terms));
    });
    return y;
  }
};

/// The results of a graph on parameters.
inline std::vector<array> evaluate(const sinter::graph::graph_view& g, const std::vector<array>& params) {
  return evaluation(g, params).results();
}

// ---- tensors in and out

template <class T> number number_of(T x) {
  if constexpr (std::is_integral_v<T>) return {0, static_cast<std::int64_t>(x), 0};
  else return {static_cast<double>(x), 0, 0};
}
template <class T, extent_t... E> array array_of(const sinter::tensor<T, E...>& x) {
  array a{sinter::dtype_of<T>(), {}, {}};
  for (int k = 0; k < x.rank; ++k) a.shape.push_back(x.extent(k));
  for (std::size_t i = 0; i < count(a.shape); ++i) a.at.push_back(number_of(x.data()[i]));
  return a;
}

template <class T, extent_t... E> array array_of(const sinter::view<T, E...>& x) {
  array a{sinter::dtype_of<std::remove_const_t<T>>(), {}, {}};
  for (int k = 0; k < x.rank; ++k) a.shape.push_back(x.extent(k));
  each(a.shape, [&](const extents& index) {
    std::ptrdiff_t at = 0;
    for (int k = 0; k < x.rank; ++k) at += index[static_cast<std::size_t>(k)] * x.stride(k);
    a.at.push_back(number_of(x.data()[at]));
  });
  return a;
}

}  // namespace trust
