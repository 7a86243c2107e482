// SPDX-License-Identifier: Apache-2.0
// Functions of complex elements, each as real ops on the two parts. A traced graph holds one node for `exp` of a complex tensor, whose
// derivative is that of any exp; transform/complex.hpp puts what stands here in its place. Zeros, their signs too, and infinities are those
// of C's Annex G, but for NaN and infinite angles (exp(x + i inf)): they make both parts NaN.
// All are templates, which programs without complex elements do not instantiate.
#pragma once

#include <limits>

#include <sinter/ops/elementwise.hpp>

namespace sinter::ops::complex_math {

template <class V> struct parts { V re, im; };

inline constexpr double infinity = std::numeric_limits<double>::infinity(), ln2 = 0.69314718055994530942;

template <class V> constexpr bool is_narrow(V x) { return x.type() == dtype::f32; }
template <class V> constexpr V like(V x, double number) { return V(number).as(*x.graph(), x.type()); }
// Whether the sign bit is set: that of -0 too.
template <class V> constexpr V is_negative(V x) { return bitcast::trace(x, is_narrow(x) ? dtype::i32 : dtype::i64) < 0; }
template <class V> constexpr V with_sign(V size, V of) { return where(is_negative(of), -size, size); }
template <class V> constexpr parts<V> swapped(parts<V> z) { return {z.im, z.re}; }

// Functions with much cancellation, of f32 parts: in f64, rounded once. There no square of a part overflows or vanishes.
template <class V> constexpr parts<V> widened(parts<V> z) { return {cast::trace(z.re, dtype::f64), cast::trace(z.im, dtype::f64)}; }
template <class V> constexpr parts<V> narrowed(parts<V> z) { return {cast::trace(z.re, dtype::f32), cast::trace(z.im, dtype::f32)}; }

// |re| and |im|; the larger and the smaller by it. Of 0 and of infinities the ratio is 0.
template <class V> struct magnitudes {
  V re, im, most, ratio, degenerate;
  constexpr explicit magnitudes(parts<V> z) : re(abs::trace(z.re)), im(abs::trace(z.im)), most(maximum(re, im)) {
    degenerate = (most == 0) | (most == infinity);
    ratio = where(degenerate, 0, minimum(re, im) / most);
  }
  constexpr V root() const { return sqrt(ratio * ratio + 1); }
  constexpr V size() const { return most * root(); }
  constexpr V wide() const { return re >= im; }
};

template <class V> constexpr V abs(parts<V> z) { return magnitudes<V>(z).size(); }

// z / |z|; 0 of 0.
template <class V> constexpr parts<V> sign(parts<V> z) {
  const magnitudes<V> size(z);
  const V most = where(size.most == 0, 1, size.most), root = size.root();
  return {z.re / most / root, z.im / most / root};
}

template <class V> constexpr parts<V> multiply(parts<V> z, parts<V> w) { return {z.re * w.re - z.im * w.im, z.re * w.im + z.im * w.re}; }
// Source: Smith 1962, Algorithm 116, with selections for its branches. A divisor of 0 divides each part.
template <class V> constexpr parts<V> divide(parts<V> z, parts<V> w) {
  const V by_re = abs::trace(w.re) >= abs::trace(w.im);
  const V large = where(by_re, w.re, w.im), small = where(by_re, w.im, w.re);
  const V ratio = where(large == 0, large, small / large), divisor = large + small * ratio;
  const V p = where(by_re, z.re, z.im), q = where(by_re, z.im, z.re);
  const V im = q - p * ratio;
  return {(p + q * ratio) / divisor, where(by_re, im, -im) / divisor};
}

// The root of the larger part comes first, so that nothing overflows. Source: Numerical Recipes 5.4.
template <class V> constexpr parts<V> sqrt(parts<V> z) {
  const magnitudes<V> size(z);
  const V first = sqrt(size.most) * sqrt((where(size.wide(), 1, size.ratio) + size.root()) * 0.5);
  const V second = where(size.degenerate & (size.im == size.most), size.im, size.im / (first * 2));
  const V right = z.re >= 0;
  return {where(right, first, second), with_sign(where(right, second, first), z.im)};
}
// conj(sqrt(z)) / |z|; of 0 an infinity and NaN, as 1 / 0 is.
template <class V> constexpr parts<V> rsqrt(parts<V> z) {
  const magnitudes<V> size(z);
  const V wide = size.wide(), root = size.root();
  const V half = sqrt((where(wide, 1, size.ratio) + root) * 0.5), divisor = sqrt(size.most) * root;
  const V first = half / divisor, second = where(wide, size.ratio, 1) / (half * 2 * divisor);
  const V right = z.re >= 0;
  return {where(right, first, second), with_sign(-where(right, second, first), z.im)};
}
// The principal one, whose angle is a third of z's.
template <class V> constexpr parts<V> cbrt(parts<V> z) {
  const magnitudes<V> of(z);
  const V size = cbrt(of.most) * cbrt(of.root()), angle = atan2(z.im, z.re) * (1 / 3.);
  return {size * cos(angle), where(angle == 0, angle, size * sin(angle))};
}

// exp, sinh and cosh times a sine or cosine may have a place where they alone overflow: then they are taken of something less.
template <class V> struct shifted {
  V x, scale;
  // `size`: x or |x|; `sign`: its sign, or nothing.
  constexpr shifted(V at, V size, V sign) {
    const double step = is_narrow(at) ? 32 : 64, scale_of_step = is_narrow(at) ? 78962960182680.695161 : 6.2351490808116168829e27;
    const V big = size > (is_narrow(at) ? 80 : 700);
    x = where(big, at - sign * step, at);
    scale = where(big, like(at, scale_of_step), 1);
  }
};
template <class V> constexpr parts<V> exp(parts<V> z) {
  const shifted<V> x(z.re, z.re, like(z.re, 1));
  const V size = exp(x.x);
  return {size * cos(z.im) * x.scale, where(z.im == 0, z.im, size * sin(z.im) * x.scale)};
}
template <class V> constexpr parts<V> exp2(parts<V> z) {
  const V angle = z.im * ln2, size = exp2(z.re);
  return {size * cos(angle), where(z.im == 0, z.im, size * sin(angle))};
}
// cos(y) - 1 = -2 sin(y / 2)^2, so that small ones cancel nothing.
template <class V> constexpr parts<V> expm1(parts<V> z) {
  if (is_narrow(z.re)) return narrowed(expm1(widened(z)));
  const V half = sin(z.im * 0.5), cosine = cos(z.im);
  const parts<V> whole = exp(z);
  return {where(z.re > 40, whole.re, expm1(z.re) * cosine - half * half * 2), whole.im};
}

template <class V> constexpr parts<V> sinh(parts<V> z) {
  const shifted<V> x(z.re, abs::trace(z.re), sinter::sign(z.re));
  return {sinh(x.x) * cos(z.im) * x.scale, where(z.im == 0, z.im, cosh(x.x) * sin(z.im) * x.scale)};
}
template <class V> constexpr parts<V> cosh(parts<V> z) {
  const V sign = sinter::sign(z.re);
  const shifted<V> x(z.re, abs::trace(z.re), sign);
  return {cosh(x.x) * cos(z.im) * x.scale, where(z.im == 0, sign * z.im, sinh(x.x) * sin(z.im) * x.scale)};
}
// sinh(x) cosh(x) and sin(y) cos(y) over sinh(x)^2 + cos(y)^2, all divided by cosh(x)^2.
template <class V> constexpr parts<V> tanh(parts<V> z) {
  const V size = cosh(z.re), t = tanh(z.re), c = cos(z.im) / size, s = sin(z.im) / size;
  const V divisor = t * t + c * c;
  return {t / divisor, s * c / divisor};
}
// f(x + iy) = i conj(g(y + ix)) where f is odd and g its hyperbolic twin: the parts<V> change places, twice.
template <class V> constexpr parts<V> sin(parts<V> z) { return swapped(sinh(swapped(z))); }
template <class V> constexpr parts<V> tan(parts<V> z) { return swapped(tanh(swapped(z))); }
template <class V> constexpr parts<V> cos(parts<V> z) {
  const parts<V> y = cosh(swapped(z));
  return {y.re, -y.im};
}
// 1 / (1 + exp(-z)), or exp(z) / (1 + exp(z)), by the sign of re. With e = exp(-|re|), 1 + e cos(y) = 1 - e + 2 e cos(y/2)^2 and
// e + cos(y) = e - 1 + 2 cos(y/2)^2.
template <class V> constexpr parts<V> sigmoid(parts<V> z) {
  const V below = -abs::trace(z.re), e = exp(below), less = expm1(below), s = sin(z.im * 0.5), c = cos(z.im * 0.5), cc = c * c * 2;
  const V one = e * cc - less, im = e * s * c * 2, divisor = one * one + im * im;
  return {where(z.re >= 0, one, e * (cc + less)) / divisor, im / divisor};
}

// a + b and what it rounds off. Source: Knuth, The Art of Computer Programming 2, 4.2.2.
template <class V> constexpr parts<V> two_sum(V a, V b) {
  const V sum = a + b, of_b = sum - a;
  return {sum, (a - (sum - of_b)) + (b - of_b)};
}
// log |x + iy|. `c`: what x^2 + y^2 - 1 is more than p^2 + y^2. Near 1 that is summed without loss; elsewhere it is
// log(most) + log(1 + ratio^2) / 2.
template <class V> constexpr V log_size(const magnitudes<V>& size, V p, V y, V c) {
  const V pp = p * p, yy = y * y;
  const parts<V> squares = two_sum(pp, yy), all = two_sum(squares.re, c);
  const V rest = fma(p, p, -pp) + fma(y, y, -yy) + squares.im + all.im;
  const V near = (size.most > 0.5) & (size.most < 3);
  return log1p(where(near, all.re + rest, size.ratio * size.ratio)) * 0.5 + where(near, 0, log(size.most));
}
template <class V> constexpr parts<V> log(parts<V> z) {
  if (is_narrow(z.re)) return narrowed(log(widened(z)));
  return {log_size(magnitudes<V>(z), z.re, z.im, like(z.re, -1)), atan2(z.im, z.re)};
}
template <class V> constexpr parts<V> log1p(parts<V> z) {
  if (is_narrow(z.re)) return narrowed(log1p(widened(z)));
  const V x = z.re + 1;
  return {log_size(magnitudes<V>({x, z.im}), z.re, z.im, z.re * 2), atan2(z.im, x)};
}
template <class V> constexpr parts<V> log2(parts<V> z) {
  if (is_narrow(z.re)) return narrowed(log2(widened(z)));
  const parts<V> y = log(z);
  return {y.re * (1 / ln2), y.im * (1 / ln2)};
}

// |z|^re(w) exp(-im(w) arg(z)), at the angle im(w) log|z| + re(w) arg(z).
template <class V> constexpr parts<V> pow(parts<V> z, parts<V> w) {
  if (is_narrow(z.re)) return narrowed(pow(widened(z), widened(w)));
  const V size = abs(z), angle = atan2(z.im, z.re), is_zero = size == 0;
  const V turned = w.im * where(is_zero, 0, log(size)) + w.re * angle;
  const V result = pow(size, w.re) * exp(-(w.im * angle));
  return {result * cos(turned), where(turned == 0, turned, result * sin(turned))};
}
// -i log((x + iy) / sqrt(x^2 + y^2)), of the complex y and x.
template <class V> constexpr parts<V> atan2(parts<V> y, parts<V> x) {
  const parts<V> xx = multiply(x, x), yy = multiply(y, y), sum{x.re - y.im, x.im + y.re};
  const parts<V> r = log(divide(sum, sqrt(parts<V>{xx.re + yy.re, xx.im + yy.im})));
  return {r.im, -r.re};
}

// asin(z) = atan2(x, sqrt(a + x) sqrt(a - x)) + i log1p(a - 1 + sqrt(a - 1) sqrt(a + 1)) of x = |re|, y = |im|, and 2a the sum of the
// distances r and s of z from -1 and 1. a - x and a - 1 are sums of positive terms: with q = r + x + 1 and p = s + |x - 1| one of them is
// (p + y^2 / q) / 2, the other y^2 (1 / p + 1 / q) / 2. Source: Hull, Fairgrieve, Tang 1997, Implementing the complex arcsine and arccosine
// functions using exception handling; here without their cases, for which `scale` brings large numbers near enough.
template <class V> struct arc {
  V x, beside, height;  // atan2(x, beside): the angle; height: the logarithm
  constexpr explicit arc(parts<V> z, bool was_narrow) {
    const V re = abs::trace(z.re), im = abs::trace(z.im), most = maximum(re, im), infinite = most == infinity;
    // Of an infinity only the direction counts.
    x = where(infinite, where(re == infinity, like(re, 0x1p400), 0), re);
    V y = where(infinite, where(im == infinity, like(im, 0x1p400), 0), im), add = where(infinite, like(re, infinity), 0);
    if (!was_narrow) {
      const V large = x + y > 0x1p500, largest = x + y > 0x1p760;
      const V scale = where(largest, like(re, 0x1p-700), where(large, like(re, 0x1p-440), 1));
      x = x * scale, y = y * scale;
      add = add + where(largest, like(re, 700 * ln2), where(large, like(re, 440 * ln2), 0));
    }
    const V from = x + 1, to = x - 1, yy = y * y;
    const V r = sqrt(from * from + yy), s = where(to == 0, y, sqrt(to * to + yy));
    const V q = r + from, p = s + abs::trace(to), a = (r + s) * 0.5;
    const V sum = sqrt((p + y * (y / q)) * 0.5), product = y * sqrt((1 / maximum(p, 0x1p-1022) + 1 / q) * 0.5);
    const V below = x < 1, up = where(below, product, sum);
    beside = sqrt(a + x) * where(below, sum, product);
    height = log1p(up * up + up * sqrt(a + 1)) + add;
  }
};
template <class V> constexpr parts<V> asin(parts<V> z, bool was_narrow = false) {
  if (is_narrow(z.re)) return narrowed(asin(widened(z), true));
  const arc<V> y(z, was_narrow);
  return {with_sign(atan2(y.x, y.beside), z.re), with_sign(y.height, z.im)};
}
template <class V> constexpr parts<V> acos(parts<V> z, bool was_narrow = false) {
  if (is_narrow(z.re)) return narrowed(acos(widened(z), true));
  const arc<V> y(z, was_narrow);
  return {atan2(y.beside, where(z.re < 0, -y.x, y.x)), with_sign(-y.height, z.im)};
}

// log1p(4x / ((1 - x)^2 + y^2)) / 4 and atan2(2y, (1 - x)(1 + x) - y^2) / 2 of x = |re|. Source: Kahan 1987, Branch cuts for complex
// elementary functions.
template <class V> constexpr parts<V> atanh(parts<V> z) {
  if (is_narrow(z.re)) return narrowed(atanh(widened(z)));
  const V x = abs::trace(z.re), y = abs::trace(z.im), to = 1 - x;
  const magnitudes<V> size({to, y});
  const V quotient = x / size.most * 4 / size.most / (size.ratio * size.ratio + 1);
  // Nearer to 1 than 2^-100 only y is left of the distance, whose square may vanish.
  const V log_of = where(size.most < 0x1p-100, 2 * ln2 - log(size.most) * 2, log1p(where(size.most == infinity, 0, quotient)));
  const V near_x = minimum(x, 0x1p500), near_y = minimum(y, 0x1p500);
  const V angle = atan2(near_y * 2, (1 - near_x) * (1 + near_x) - near_y * near_y);
  return {with_sign(log_of * 0.25, z.re), with_sign(angle * 0.5, z.im)};
}
template <class V> constexpr parts<V> atan(parts<V> z) { return swapped(atanh(swapped(z))); }

// The parts<V> of an element op's result, given those of its operands.
template <class V> constexpr parts<V> apply(opcode op, parts<V> z, parts<V> w) {
  switch (op) {
    case opcode::sign: return sign(z);
    case opcode::sqrt: return sqrt(z);
    case opcode::rsqrt: return rsqrt(z);
    case opcode::cbrt: return cbrt(z);
    case opcode::exp: return exp(z);
    case opcode::exp2: return exp2(z);
    case opcode::expm1: return expm1(z);
    case opcode::log: return log(z);
    case opcode::log2: return log2(z);
    case opcode::log1p: return log1p(z);
    case opcode::sin: return sin(z);
    case opcode::cos: return cos(z);
    case opcode::tan: return tan(z);
    case opcode::asin: return asin(z);
    case opcode::acos: return acos(z);
    case opcode::atan: return atan(z);
    case opcode::sinh: return sinh(z);
    case opcode::cosh: return cosh(z);
    case opcode::tanh: return tanh(z);
    case opcode::sigmoid: return sigmoid(z);
    case opcode::divide: return divide(z, w);
    case opcode::pow: return pow(z, w);
    case opcode::atan2: return atan2(z, w);
    default: throw "sinter: complex elements meet an op without a meaning; this is an error of sinter";
  }
}

}  // namespace sinter::ops::complex_math
