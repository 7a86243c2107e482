// SPDX-License-Identifier: Apache-2.0
// Modified Bessel functions of the first kind, times e^-|x|.
#pragma once

#include <sinter/ops/functors.hpp>

namespace sinter {

namespace detail {

// Order 0 or 1. Up to 8 e^-x times a polynomial in x^2 / 4, from there on one in 1 / x over the root of x: minimax, by Remez exchanges.
template <int Order> struct bessel_function {
  template <class X> SINTER_INLINE X operator()(X x) const {
    using R = typename X::element;
    const X a = abs(x), half = a * X(R(0.5)), z = X(R{1}) / a;
    const auto near = a < X(R{8});
    const X far_value = far_part(z) * sqrt(z), small = near_part(half * half) * exp(-a);
    if constexpr (Order == 0) return select(near, small, far_value);
    else return copysign(select(near, small * half, far_value), x);
  }

 private:
  template <class X> SINTER_INLINE static X near_part(X y) {
    constexpr bool is_single = sizeof(typename X::element) == 4;
    if constexpr (Order == 0 && is_single)
      return power_series(y, 0x1p+0f, 0x1.000004p+0f, 0x1.ffff94p-3f, 0x1.c720cp-6f, 0x1.c6f3b6p-10f, 0x1.241452p-14f, 0x1.fc5bep-20f,
                          0x1.72bc5cp-25f, 0x1.a3060cp-32f, 0x1.079e16p-36f);
    else if constexpr (Order == 0)
      return power_series(y, 0x1p+0, 0x1p+0, 0x1.ffffffffffff3p-3, 0x1.c71c71c71c85bp-6, 0x1.c71c71c71a941p-10, 0x1.23456789c5dfbp-14,
                          0x1.02e85c06c9aadp-19, 0x1.522a4421881dbp-25, 0x1.522a4126fcd0dp-31, 0x1.0b3153e43266fp-37, 0x1.55ff4daa173f6p-44,
                          0x1.69e61ddaa927fp-51, 0x1.40a5e5f28dbd8p-58, 0x1.f2a2aa2c45682p-66, 0x1.108c3e46a6474p-73,
                          0x1.1caecffeff5a6p-80);
    else if constexpr (is_single)
      return power_series(y, 0x1p+0f, 0x1.ffffbcp-2f, 0x1.55580ap-4f, 0x1.c6f556p-8f, 0x1.6d1ff8p-12f, 0x1.7ce1d6p-17f, 0x1.461e66p-22f,
                          0x1.95c998p-29f, 0x1.2d3f0cp-33f);
    else
      return power_series(y, 0x1p+0, 0x1.ffffffffffff9p-2, 0x1.55555555556p-4, 0x1.c71c71c71adb1p-8, 0x1.6c16c16c357d9p-12,
                          0x1.845c8a0a2c21ep-17, 0x1.27e4fb9ee764ap-22, 0x1.522a40f968d57p-28, 0x1.2c978125d34bdp-34, 0x1.ab7eeaf149413p-41,
                          0x1.f19f2076cbf88p-48, 0x1.e0e1e5addecc1p-55, 0x1.959f173adcee9p-62, 0x1.da00191cea8c6p-70,
                          0x1.0ce3019c47b0bp-76);
  }
  template <class X> SINTER_INLINE static X far_part(X z) {
    constexpr bool is_single = sizeof(typename X::element) == 4;
    if constexpr (Order == 0 && is_single)
      return power_series(z, 0x1.988454p-2f, 0x1.98881ap-5f, 0x1.c91838p-6f, 0x1.14c294p-5f, -0x1.c58de8p-7f, 0x1.8d3edcp-2f);
    else if constexpr (Order == 0)
      return power_series(z, 0x1.9884533d4365p-2, 0x1.9884533d45289p-5, 0x1.cb94dd9a11688p-6, 0x1.debb1b6933291p-6, 0x1.6e87e5ea1d656p-5,
                          0x1.70fa691470959p-4, 0x1.5c33a4f9799a5p-2, -0x1.928127e836229p+3, 0x1.0648e3daebd73p+10, -0x1.cd058774d7e41p+15,
                          0x1.2e3fa0db15997p+21, -0x1.2e0f772c39b8ep+26, 0x1.d33828cc6ae35p+30, -0x1.19ff5d991beaep+35,
                          0x1.0a83dbef52ef1p+39, -0x1.89c84cc6e411fp+42, 0x1.c3ccf43abef19p+45, -0x1.8d78f85e618ffp+48,
                          0x1.0691ea898b41ap+51, -0x1.f7835ae2ce56bp+52, 0x1.4a89f422afca6p+54, -0x1.09ac55d72323p+55,
                          0x1.8a52bd48fb088p+54);
    else if constexpr (is_single)
      return power_series(z, 0x1.988454p-2f, -0x1.326456p-3f, -0x1.7d8cc4p-5f, -0x1.7a171ap-5f, 0x1.3d149ep-7f, -0x1.cf2b06p-2f);
    else
      return power_series(z, 0x1.9884533d43651p-2, -0x1.32633e6df2fc3p-3, -0x1.7efc0e0468d95p-5, -0x1.4f1c8fe7042cbp-5,
                          -0x1.d742a60ee0513p-5, -0x1.c2b9eb629db45p-4, -0x1.9e0fd151d316fp-2, 0x1.d05ee2e0831c9p+3, -0x1.276976a9aab5ep+10,
                          0x1.ff1340d4ee973p+15, -0x1.4b3e7ce3cc68p+21, 0x1.4821b5c5d4261p+26, -0x1.f7f77a1bbaaf7p+30,
                          0x1.2e66396c2844bp+35, -0x1.1c6106f43fc39p+39, 0x1.a25fb18d4fecbp+42, -0x1.de34c2d203a2ep+45,
                          0x1.a34afd8960103p+48, -0x1.1426944913e92p+51, 0x1.080e5a8cd3c82p+53, -0x1.59d34cb1f584ap+54,
                          0x1.15537e547326fp+55, -0x1.9ac11de50faabp+54);
  }
};

struct bessel_order_0 : bessel_function<0> {
  static constexpr const char* name = "bessel_i0e";
  static constexpr value derivative(value x);
};
struct bessel_order_1 : bessel_function<1> {
  static constexpr const char* name = "bessel_i1e";
  static constexpr value derivative(value x);
};
constexpr value bessel_order_0::derivative(value x) {
  return ops::map<bessel_order_1>::trace(x) - sign(x) * ops::map<bessel_order_0>::trace(x);
}
constexpr value bessel_order_1::derivative(value x) {
  const value y0 = ops::map<bessel_order_0>::trace(x), y1 = ops::map<bessel_order_1>::trace(x);
  return where(x == 0, 0.5, y0 - y1 * (sign(x) + 1 / where(x == 0, 1, x)));
}

}  // namespace detail

/// y = e^-|x| I_0(x), the modified Bessel function of order 0. Shapes: x [...] -> [...].
/// Types: f64, f32, f16, bf16 (the last two through f32). NaN passes through.
/// Error: at most f32 3.5, f64 3 ulp.
/// Cost:  1 exp, 1 division, 1 root, two polynomials (f32 10 and 6 terms, f64 16 and 23). Source: jax.scipy.special.i0e.
template <class X>
requires operands<X>
constexpr auto bessel_i0e(const X& x) { return suspend<ops::map<detail::bessel_order_0, detail::types::floating>>(x); }

/// y = e^-|x| I_1(x), the modified Bessel function of order 1. Shapes: x [...] -> [...].
/// Types: f64, f32, f16, bf16 (the last two through f32). NaN passes through.
/// Error: at most f32 4, f64 3 ulp.
/// Cost:  that of bessel_i0e. Source: jax.scipy.special.i1e.
template <class X>
requires operands<X>
constexpr auto bessel_i1e(const X& x) { return suspend<ops::map<detail::bessel_order_1, detail::types::floating>>(x); }

}  // namespace sinter
