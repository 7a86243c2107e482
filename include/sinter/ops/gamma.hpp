// SPDX-License-Identifier: Apache-2.0
// Functions around the logarithm of the gamma function: its derivatives, and the zeta function that they are. In f32 they compute in f64.
#pragma once

#include <sinter/ops/functors.hpp>

namespace sinter {

namespace detail {

template <class F, class... X> SINTER_INLINE auto in_double(const F& f, const X&... x) {
  return convert<float>(f.of(convert<double>(x)...));
}

// From 1/2 on: ten steps up, whose reciprocals are summed as one fraction, and the asymptotic series. Below by reflection.
// Source: Abramowitz and Stegun 6.3.
struct digamma_function {
  static constexpr const char* name = "digamma";
  template <class X> SINTER_INLINE X operator()(X x) const {
    if constexpr (sizeof(typename X::element) == 4) return in_double(*this, x);
    else return of(x);
  }
  template <class X> SINTER_INLINE X of(X x) const {
    const auto left = x < X(0.5);
    const X t = select(left, X(1) - x, x);
    const auto near = t < X(10);
    X s = select(near, t, X(10)), above(1), below = s;
    for (int i = 1; i < 10; ++i) {
      s = s + X(1);
      above = fma(above, s, below), below = below * s;
    }
    const X z = select(near, t + X(10), t), inverse = X(1) / z, w = inverse * inverse;
    const X series = w * power_series(w, 1 / 12., -1 / 120., 1 / 252., -1 / 240., 1 / 132., -691 / 32760., 1 / 12.);
    X y = log(z) - (fma(X(0.5), inverse, series) + select(near, above / below, X(0)));
    if (any(left)) {  // - pi / tan(pi x), of x less the nearest integer; NaN at integers
      const X r = x - round(x);
      y = select(left, select(r == X(0), r / r, y - X(3.14159265358979323846) / tan(r * X(3.14159265358979323846))), y);
    }
    return y;
  }
  static constexpr value derivative(value x);
};

// The sum of (q + k)^-s: at least nine terms, until q + k is at least 9, then Euler and Maclaurin's formula. Fewer than 300 terms: q below
// -290 gives NaN. Source: Johansson, Rigorous high-precision computation of the Hurwitz zeta function, 2015.
struct zeta_function {
  static constexpr const char* name = "zeta";
  template <class X> SINTER_INLINE X operator()(X s, X q) const {
    if constexpr (sizeof(typename X::element) == 4) return in_double(*this, s, q);
    else return of(s, q);
  }
  template <class X> SINTER_INLINE X of(X s, X q) const {
    X at = q, sum(0);
    for (int k = 0; k < 300; ++k) {
      const auto goes_on = k < 9 ? at == at : at < X(9);
      if (!any(goes_on)) break;
      sum = select(goes_on, sum + pow(at, -s), sum);
      at = select(goes_on, at + X(1), at);
    }
    // at^-s (at / (s - 1) + 1/2 + the sum of B_2j / (2j)! s (s + 1) ... (s + 2j - 2) / at^(2j - 1)).
    const X power = pow(at, -s), inverse = X(1) / at, w = inverse * inverse;
    const X tail = s * inverse *
                   bernoulli<0>(s, w, 1 / 12., -1 / 720., 1 / 30240., -1 / 1209600., 1 / 47900160., -691 / 1307674368000., 1 / 74724249600.,
                                -3617 / 10670622842880000., 43867 / 5109094217170944000., -174611 / 802857662698291200000.);
    X y = sum + power * (at / (s - X(1)) + X(0.5) + tail);
    y = select(power == X(0), sum, y);  // q or s is large
    const auto is_pole = (q <= X(0)) & (q == floor(q));
    y = select(is_pole | (s == X(1)), X(infinite<double>), y);
    return select((s >= X(1)) & (q > X(-290)), y, X(no_number<double>));
  }

 private:
  // c0 + (s + 1) (s + 2) w (c1 + (s + 3) (s + 4) w (...)).
  template <int J, class X, class C> SINTER_INLINE static X bernoulli(X, X, C c) { return X(c); }
  template <int J, class X, class C, class... More> SINTER_INLINE static X bernoulli(X s, X w, C c, More... more) {
    return fma((s + X(J + 1)) * (s + X(J + 2)) * w, bernoulli<J + 2>(s, w, more...), X(c));
  }

 public:
  // Only with respect to q.
  static constexpr std::tuple<value, value> derivative(value s, value q) {
    return {value(no_number<double>), -s * ops::map<zeta_function>::trace(s + 1, q)};
  }
};

// (-1)^(n + 1) n! zeta(n + 1, x); of n = 0 digamma.
struct polygamma_function {
  static constexpr const char* name = "polygamma";
  template <class X> SINTER_INLINE X operator()(X n, X x) const {
    if constexpr (sizeof(typename X::element) == 4) return in_double(*this, n, x);
    else return of(n, x);
  }
  template <class X> SINTER_INLINE X of(X n, X x) const {
    const X next = n + X(1), half = n * X(0.5);
    X y = exp(lgamma(next)) * zeta_function().of(next, x);
    y = select(half == floor(half), -y, y);
    const auto first = n == X(0);
    if (any(first)) y = select(first, digamma_function().of(x), y);
    return select((n == floor(n)) & (n >= X(0)), y, X(no_number<double>));
  }
  // Only with respect to x.
  static constexpr std::tuple<value, value> derivative(value n, value x) {
    return {value(no_number<double>), ops::map<polygamma_function>::trace(n + 1, x)};
  }
};

constexpr value digamma_function::derivative(value x) { return ops::map<polygamma_function>::trace(1, x); }

}  // namespace detail

/// y = the derivative of lgamma. NaN at 0, -1, -2, .... Shapes: x [...] -> [...].
/// Types: f64, f32, f16, bf16 (the last two through f32, which computes in f64). NaN passes through.
/// Error: at most f32 0.51, f64 14 ulp of max(1, |y|).
/// Cost:  1 log, 2 divisions, some 40 ops; a packet with a lane below 1/2 1 tan more. Source: jax.scipy.special.digamma.
template <class X>
requires operands<X>
constexpr auto digamma(const X& x) { return suspend<ops::map<detail::digamma_function, detail::types::floating>>(x); }

/// y = Hurwitz's zeta function, the sum of (q + k)^-s over k = 0, 1, ...; infinite where s is 1 or q is 0, -1, ...; NaN where s < 1, or
/// where q is below -290 or, s having a fraction, below 0. Shapes broadcast. Types: as digamma. Error: at most 1e-14 |y| in f64 for q > 0.
/// Cost: 10 pow. Derivative: with respect to q alone. Source: jax.scipy.special.zeta.
template <class S, class Q>
requires operands<S, Q>
constexpr auto zeta(const S& s, const Q& q) { return suspend<ops::map<detail::zeta_function, detail::types::floating>>(s, q); }

/// y = derivative n of digamma at x, n = 0, 1, 2, ...; other n give NaN. Shapes broadcast. Types: as digamma, n and x of one type.
/// Error: at most 1e-14 |y| in f64 for x > 0, n <= 20. Cost: zeta, 1 exp, 1 lgamma. Derivative: with respect to x alone.
/// Source: jax.scipy.special.polygamma.
template <class N, class X>
requires operands<N, X>
constexpr auto polygamma(const N& n, const X& x) { return suspend<ops::map<detail::polygamma_function, detail::types::floating>>(n, x); }

}  // namespace sinter
