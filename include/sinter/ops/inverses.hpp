// SPDX-License-Identifier: Apache-2.0
// Inverse functions that are no opcode: of the hyperbolic functions and of the error function.
#pragma once

#include <sinter/ops/complex.hpp>
#include <sinter/ops/user.hpp>

namespace sinter {

namespace detail {

// asinh and acosh are log(2 x) beyond the numbers whose square is all digits: from there on only log1p(x) + ln 2 is taken.
template <class R> inline constexpr R is_large = sizeof(R) == 4 ? R(0x1p28) : R(0x1p56);
template <class R> inline constexpr R log_of_two = R(0.693147180559945309417);

// log1p(a + a^2 / (1 + sqrt(1 + a^2))) of a = |x|.
struct inverse_sinh {
  static constexpr const char* name = "asinh";
  template <class X> SINTER_INLINE X operator()(X x) const {
    using R = typename X::element;
    const X one(R{1}), a = abs(x);
    const auto large = a > X(is_large<R>);
    const X s = select(large, one, a), z = s * s, tail = z / (one + sqrt(one + z)), sum = s + tail;
    // What the sum lost counts where it is small.
    const X lost = ((s - sum) + tail) / (one + sum);
    const X y = log1p(select(large, a, sum)) + select(large, X(log_of_two<R>), lost);
    return copysign(y, x);
  }
  static constexpr value derivative(value x) { return rsqrt(x * x + 1); }
};
// log1p(t + sqrt(t (t + 2))) of t = x - 1.
struct inverse_cosh {
  static constexpr const char* name = "acosh";
  template <class X> SINTER_INLINE X operator()(X x) const {
    using R = typename X::element;
    const X one(R{1});
    const auto large = x > X(is_large<R>);
    const X t = select(x < one, -one, select(large, one, x - one));  // below 1 the root of -1
    const X two = t + X(R{2}), square = t * two, root = sqrt(square);
    // What the square, its root and the sum lost.
    const X more = fma(t, two, -square) + t * ((X(R{2}) - two) + t);
    const X root_lost = (fma(-root, root, square) + more) / select(root > X(R{0}), root + root, one);
    const X sum = t + root, lost = select(t > root, (t - sum) + root, (root - sum) + t) + root_lost;
    return log1p(select(large, x, sum)) + select(large, X(log_of_two<R>), lost / (one + sum));
  }
  static constexpr value derivative(value x) { return rsqrt((x - 1) * (x + 1)); }
};
// log1p(2 a + 2 a^2 / (1 - a)) / 2 of a = |x|.
struct inverse_tanh {
  static constexpr const char* name = "atanh";
  template <class X> SINTER_INLINE X operator()(X x) const {
    using R = typename X::element;
    const X one(R{1}), a = abs(x), twice = a + a, y = fma(twice, a / (one - a), twice);
    return copysign(log1p(select(a > one, X(R{-2}), y)) * X(R(0.5)), x);
  }
  static constexpr value derivative(value x) { return 1 / (1 - x * x); }
};

// Source: Giles, Approximating the erfinv function, GPU Computing Gems 2 (2010): polynomials in w = -log(1 - x^2).
struct inverse_erf {
  static constexpr const char* name = "erf_inv";
  template <class X> SINTER_INLINE X operator()(X x) const {
    const X one(1), w = -log((one - x) * (one + x));  // not log1p(-x * x), which loses digits near 1
    X y;
    if constexpr (sizeof(typename X::element) == 4) {
      const X centre = polynomial(w - X(2.5f), 2.81022636e-08f, 3.43273939e-07f, -3.5233877e-06f, -4.39150654e-06f, 0.00021858087f,
                                  -0.00125372503f, -0.00417768164f, 0.246640727f, 1.50140941f);
      const X tail = polynomial(sqrt(w) - X(3.f), -0.000200214257f, 0.000100950558f, 0.00134934322f, -0.00367342844f, 0.00573950773f,
                                -0.0076224613f, 0.00943887047f, 1.00167406f, 2.83297682f);
      y = select(w < X(5.f), centre, tail) * x;
    } else {
      const X centre =
          polynomial(w - X(3.125), -3.6444120640178196996e-21, -1.685059138182016589e-19, 1.2858480715256400167e-18,
                     1.115787767802518096e-17, -1.333171662854620906e-16, 2.0972767875968561637e-17, 6.6376381343583238325e-15,
                     -4.0545662729752068639e-14, -8.1519341976054721522e-14, 2.6335093153082322977e-12, -1.2975133253453532498e-11,
                     -5.4154120542946279317e-11, 1.051212273321532285e-09, -4.1126339803469836976e-09, -2.9070369957882005086e-08,
                     4.2347877827932403518e-07, -1.3654692000834678645e-06, -1.3882523362786468719e-05, 0.0001867342080340571352,
                     -0.00074070253416626697512, -0.0060336708714301490533, 0.24015818242558961693, 1.6536545626831027356);
      const X s = sqrt(w);
      const X tail = polynomial(s - X(3.25), 2.2137376921775787049e-09, 9.0756561938885390979e-08, -2.7517406297064545428e-07,
                                1.8239629214389227755e-08, 1.5027403968909827627e-06, -4.013867526981545969e-06, 2.9234449089955446044e-06,
                                1.2475304481671778723e-05, -4.7318229009055733981e-05, 6.8284851459573175448e-05, 2.4031110387097893999e-05,
                                -0.0003550375203628474796, 0.00095328937973738049703, -0.0016882755560235047313, 0.0024914420961078508066,
                                -0.0037512085075692412107, 0.005370914553590063617, 1.0052589676941592334, 3.0838856104922207635);
      const X far = polynomial(s - X(5.0), -2.7109920616438573243e-11, -2.5556418169965252055e-10, 1.5076572693500548083e-09,
                               -3.7894654401267369937e-09, 7.6157012080783393804e-09, -1.4960026627149240478e-08, 2.9147953450901080826e-08,
                               -6.7711997758452339498e-08, 2.2900482228026654717e-07, -9.9298272942317002539e-07, 4.5260625972231537039e-06,
                               -1.9681778105531670567e-05, 7.5995277030017761139e-05, -0.00021503011930044477347,
                               -0.00013871931833623122026, 1.0103004648645343977, 4.8499064014085844221);
      y = select(w < X(6.25), centre, select(w < X(16.0), tail, far)) * x;
    }
    return select(abs(x) == one, x / X(0), y);
  }
  static constexpr value derivative(value x);

 private:
  template <class X, class C> SINTER_INLINE static X polynomial(X, X sum) { return sum; }
  template <class X, class C, class... More> SINTER_INLINE static X polynomial(X x, C first, C second, More... more) {
    return continued(x, fma(X(first), x, X(second)), more...);
  }
  template <class X> SINTER_INLINE static X continued(X, X sum) { return sum; }
  template <class X, class C, class... More> SINTER_INLINE static X continued(X x, X sum, C next, More... more) {
    return continued(x, fma(sum, x, X(next)), more...);
  }
};
constexpr value inverse_erf::derivative(value x) {
  const value y = ops::map<inverse_erf, types::floating>::trace(x);
  return exp(y * y) * 0.88622692545275801365;  // sqrt(pi) / 2
}

}  // namespace detail

namespace ops {

// Of complex elements by asin, acos and atan: each is the other turned by a right angle.
struct asinh {
  static constexpr value trace(value x) {
    if (!is_complex(x.type())) return map<detail::inverse_sinh, detail::types::floating>::trace(x);
    return swapped_parts(element<opcode::asin, detail::types::inexact>::trace(swapped_parts(x)));
  }
};
// i acos(x) above the real axis and on it, -i acos(x) below: the sign of a zero tells from where the cut is met.
struct acosh {
  static constexpr value trace(value x) {
    if (!is_complex(x.type())) return map<detail::inverse_cosh, detail::types::floating>::trace(x);
    const value y = element<opcode::acos, detail::types::inexact>::trace(x), im = part(x, opcode::imag);
    const value turned = join_parts(-part(y, opcode::imag), part(y, opcode::real));
    return where(bitcast::trace(im, im.type() == dtype::f32 ? dtype::i32 : dtype::i64) < 0, -turned, turned);
  }
};
struct atanh {
  static constexpr value trace(value x) {
    if (!is_complex(x.type())) return map<detail::inverse_tanh, detail::types::floating>::trace(x);
    return swapped_parts(element<opcode::atan, detail::types::inexact>::trace(swapped_parts(x)));
  }
};

}  // namespace ops

/// y = the inverse hyperbolic sine. Shapes: x [...] -> [...].
/// Types: f64, f32, f16, bf16 (the last two through f32), complex. NaN passes through.
/// Error: at most f32 1.4, f64 1.5 ulp.
/// Complex: cuts beyond -i and i; each part within 0.5 (complex64), 3.5 ulp (complex128).
/// Cost:  1 log1p, 1 root, 2 divisions.
template <class X>
requires operands<X>
constexpr auto asinh(const X& x) { return suspend<ops::asinh>(x); }

/// y = the inverse hyperbolic cosine, at least 0; NaN below 1. Shapes: x [...] -> [...].
/// Types: f64, f32, f16, bf16 (the last two through f32), complex. NaN passes through.
/// Error: at most f32 1.3, f64 1.3 ulp.
/// Complex: the real part is not negative, the cut runs from 1 to the left; each part within 0.5 (complex64), 3.5 ulp (complex128).
/// Cost:  1 log1p, 1 root, 2 divisions.
template <class X>
requires operands<X>
constexpr auto acosh(const X& x) { return suspend<ops::acosh>(x); }

/// y = the inverse hyperbolic tangent; infinite at -1 and 1, NaN beyond. Shapes: x [...] -> [...].
/// Types: f64, f32, f16, bf16 (the last two through f32), complex. NaN passes through.
/// Error: at most f32 1.4, f64 1.5 ulp.
/// Complex: cuts beyond -1 and 1; each part within 0.5 (complex64), 3.2 ulp (complex128).
/// Cost:  1 log1p, 1 division.
template <class X>
requires operands<X>
constexpr auto atanh(const X& x) { return suspend<ops::atanh>(x); }

/// The number whose error function is x; infinite at -1 and 1, NaN beyond. Types: floating point.
/// Error: at most 4 ulp in f32, 5 in f64, see tests/ops/inverses.cpp. Cost: 1 log, 2 polynomials (f64: 3). Source: Giles, GPU Computing
/// Gems 2 (2010).
template <operand X> constexpr auto erf_inv(const X& x) { return suspend<ops::map<detail::inverse_erf, detail::types::floating>>(x); }

}  // namespace sinter
