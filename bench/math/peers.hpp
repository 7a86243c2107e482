// SPDX-License-Identifier: Apache-2.0
// The same functions in the C library, SLEEF (AVX-512 builds only) and xsimd, where these are installed: each as a loop over numbers.
#pragma once

#if defined(SINTER_ULP_SLEEF) && defined(__AVX512F__)
#include <immintrin.h>
#include <sleef.h>
#endif
#if defined(SINTER_ULP_XSIMD)
#include <xsimd/xsimd.hpp>
#endif

#include "functions.hpp"

namespace measure {

struct libm {
  template <class F, class R> static void run(const R* x, const R* y, R* out, int n) {
    for (int i = 0; i < n; ++i) {
      if constexpr (requires { F::exact(x[i], y[i]); }) out[i] = F::exact(x[i], y[i]);
      else out[i] = F::exact(x[i]);
    }
  }
};

// F's functions there, f32 before f64; nothing where there is none. u10: within 1 ulp, u35: within 3.5 ulp.
template <class F> struct sleef_u10 {};
template <class F> struct sleef_u35 {};
#if defined(SINTER_ULP_SLEEF) && defined(__AVX512F__)
template <> struct sleef_u10<exp_f> {
  static constexpr auto single = Sleef_expf16_u10;
  static constexpr auto wide = Sleef_expd8_u10;
};
template <> struct sleef_u10<exp2_f> {
  static constexpr auto single = Sleef_exp2f16_u10;
  static constexpr auto wide = Sleef_exp2d8_u10;
};
template <> struct sleef_u35<exp2_f> {
  static constexpr auto single = Sleef_exp2f16_u35;
  static constexpr auto wide = Sleef_exp2d8_u35;
};
template <> struct sleef_u10<expm1_f> {
  static constexpr auto single = Sleef_expm1f16_u10;
  static constexpr auto wide = Sleef_expm1d8_u10;
};
template <> struct sleef_u10<log_f> {
  static constexpr auto single = Sleef_logf16_u10;
  static constexpr auto wide = Sleef_logd8_u10;
};
template <> struct sleef_u35<log_f> {
  static constexpr auto single = Sleef_logf16_u35;
  static constexpr auto wide = Sleef_logd8_u35;
};
template <> struct sleef_u10<log2_f> {
  static constexpr auto single = Sleef_log2f16_u10;
  static constexpr auto wide = Sleef_log2d8_u10;
};
template <> struct sleef_u35<log2_f> {
  static constexpr auto single = Sleef_log2f16_u35;
  static constexpr auto wide = Sleef_log2d8_u35;
};
template <> struct sleef_u10<log1p_f> {
  static constexpr auto single = Sleef_log1pf16_u10;
  static constexpr auto wide = Sleef_log1pd8_u10;
};
template <> struct sleef_u10<sin_f> {
  static constexpr auto single = Sleef_sinf16_u10;
  static constexpr auto wide = Sleef_sind8_u10;
};
template <> struct sleef_u35<sin_f> {
  static constexpr auto single = Sleef_sinf16_u35;
  static constexpr auto wide = Sleef_sind8_u35;
};
template <> struct sleef_u10<cos_f> {
  static constexpr auto single = Sleef_cosf16_u10;
  static constexpr auto wide = Sleef_cosd8_u10;
};
template <> struct sleef_u35<cos_f> {
  static constexpr auto single = Sleef_cosf16_u35;
  static constexpr auto wide = Sleef_cosd8_u35;
};
template <> struct sleef_u10<tan_f> {
  static constexpr auto single = Sleef_tanf16_u10;
  static constexpr auto wide = Sleef_tand8_u10;
};
template <> struct sleef_u35<tan_f> {
  static constexpr auto single = Sleef_tanf16_u35;
  static constexpr auto wide = Sleef_tand8_u35;
};
template <> struct sleef_u10<asin_f> {
  static constexpr auto single = Sleef_asinf16_u10;
  static constexpr auto wide = Sleef_asind8_u10;
};
template <> struct sleef_u35<asin_f> {
  static constexpr auto single = Sleef_asinf16_u35;
  static constexpr auto wide = Sleef_asind8_u35;
};
template <> struct sleef_u10<acos_f> {
  static constexpr auto single = Sleef_acosf16_u10;
  static constexpr auto wide = Sleef_acosd8_u10;
};
template <> struct sleef_u35<acos_f> {
  static constexpr auto single = Sleef_acosf16_u35;
  static constexpr auto wide = Sleef_acosd8_u35;
};
template <> struct sleef_u10<atan_f> {
  static constexpr auto single = Sleef_atanf16_u10;
  static constexpr auto wide = Sleef_atand8_u10;
};
template <> struct sleef_u35<atan_f> {
  static constexpr auto single = Sleef_atanf16_u35;
  static constexpr auto wide = Sleef_atand8_u35;
};
template <> struct sleef_u10<atan2_f> {
  static constexpr auto single = Sleef_atan2f16_u10;
  static constexpr auto wide = Sleef_atan2d8_u10;
};
template <> struct sleef_u35<atan2_f> {
  static constexpr auto single = Sleef_atan2f16_u35;
  static constexpr auto wide = Sleef_atan2d8_u35;
};
template <> struct sleef_u10<sinh_f> {
  static constexpr auto single = Sleef_sinhf16_u10;
  static constexpr auto wide = Sleef_sinhd8_u10;
};
template <> struct sleef_u35<sinh_f> {
  static constexpr auto single = Sleef_sinhf16_u35;
  static constexpr auto wide = Sleef_sinhd8_u35;
};
template <> struct sleef_u10<cosh_f> {
  static constexpr auto single = Sleef_coshf16_u10;
  static constexpr auto wide = Sleef_coshd8_u10;
};
template <> struct sleef_u35<cosh_f> {
  static constexpr auto single = Sleef_coshf16_u35;
  static constexpr auto wide = Sleef_coshd8_u35;
};
template <> struct sleef_u10<tanh_f> {
  static constexpr auto single = Sleef_tanhf16_u10;
  static constexpr auto wide = Sleef_tanhd8_u10;
};
template <> struct sleef_u35<tanh_f> {
  static constexpr auto single = Sleef_tanhf16_u35;
  static constexpr auto wide = Sleef_tanhd8_u35;
};
template <> struct sleef_u10<erf_f> {
  static constexpr auto single = Sleef_erff16_u10;
  static constexpr auto wide = Sleef_erfd8_u10;
};
template <> struct sleef_u10<erfc_f> {
  static constexpr auto single = Sleef_erfcf16_u15;
  static constexpr auto wide = Sleef_erfcd8_u15;
};
template <> struct sleef_u10<lgamma_f> {
  static constexpr auto single = Sleef_lgammaf16_u10;
  static constexpr auto wide = Sleef_lgammad8_u10;
};
template <> struct sleef_u10<pow_f> {
  static constexpr auto single = Sleef_powf16_u10;
  static constexpr auto wide = Sleef_powd8_u10;
};
template <> struct sleef_u10<cbrt_f> {
  static constexpr auto single = Sleef_cbrtf16_u10;
  static constexpr auto wide = Sleef_cbrtd8_u10;
};
template <> struct sleef_u35<cbrt_f> {
  static constexpr auto single = Sleef_cbrtf16_u35;
  static constexpr auto wide = Sleef_cbrtd8_u35;
};
#endif
template <template <class> class Table> struct sleef {
  template <class F, class R>
  requires requires { Table<F>::single; }
  static void run(const R* x, const R* y, R* out, int n) {
#if defined(SINTER_ULP_SLEEF) && defined(__AVX512F__)
    for (int i = 0; i < n; i += static_cast<int>(64 / sizeof(R))) {
      if constexpr (sizeof(R) == 4) {
        if constexpr (requires(__m512 v) { Table<F>::single(v); }) _mm512_storeu_ps(out + i, Table<F>::single(_mm512_loadu_ps(x + i)));
        else _mm512_storeu_ps(out + i, Table<F>::single(_mm512_loadu_ps(x + i), _mm512_loadu_ps(y + i)));
      } else {
        if constexpr (requires(__m512d v) { Table<F>::wide(v); }) _mm512_storeu_pd(out + i, Table<F>::wide(_mm512_loadu_pd(x + i)));
        else _mm512_storeu_pd(out + i, Table<F>::wide(_mm512_loadu_pd(x + i), _mm512_loadu_pd(y + i)));
      }
    }
#endif
  }
};

template <class F> struct in_xsimd { static constexpr bool exists = false; };
#if defined(SINTER_ULP_XSIMD)
template <> struct in_xsimd<exp_f> {
  static constexpr bool exists = true;
  template <class X> static X on(X x) { return xsimd::exp(x); }
};
template <> struct in_xsimd<exp2_f> {
  static constexpr bool exists = true;
  template <class X> static X on(X x) { return xsimd::exp2(x); }
};
template <> struct in_xsimd<expm1_f> {
  static constexpr bool exists = true;
  template <class X> static X on(X x) { return xsimd::expm1(x); }
};
template <> struct in_xsimd<log_f> {
  static constexpr bool exists = true;
  template <class X> static X on(X x) { return xsimd::log(x); }
};
template <> struct in_xsimd<log2_f> {
  static constexpr bool exists = true;
  template <class X> static X on(X x) { return xsimd::log2(x); }
};
template <> struct in_xsimd<log1p_f> {
  static constexpr bool exists = true;
  template <class X> static X on(X x) { return xsimd::log1p(x); }
};
template <> struct in_xsimd<sin_f> {
  static constexpr bool exists = true;
  template <class X> static X on(X x) { return xsimd::sin(x); }
};
template <> struct in_xsimd<cos_f> {
  static constexpr bool exists = true;
  template <class X> static X on(X x) { return xsimd::cos(x); }
};
template <> struct in_xsimd<tan_f> {
  static constexpr bool exists = true;
  template <class X> static X on(X x) { return xsimd::tan(x); }
};
template <> struct in_xsimd<asin_f> {
  static constexpr bool exists = true;
  template <class X> static X on(X x) { return xsimd::asin(x); }
};
template <> struct in_xsimd<acos_f> {
  static constexpr bool exists = true;
  template <class X> static X on(X x) { return xsimd::acos(x); }
};
template <> struct in_xsimd<atan_f> {
  static constexpr bool exists = true;
  template <class X> static X on(X x) { return xsimd::atan(x); }
};
template <> struct in_xsimd<atan2_f> {
  static constexpr bool exists = true;
  template <class X> static X on(X a, X b) { return xsimd::atan2(a, b); }
};
template <> struct in_xsimd<sinh_f> {
  static constexpr bool exists = true;
  template <class X> static X on(X x) { return xsimd::sinh(x); }
};
template <> struct in_xsimd<cosh_f> {
  static constexpr bool exists = true;
  template <class X> static X on(X x) { return xsimd::cosh(x); }
};
template <> struct in_xsimd<tanh_f> {
  static constexpr bool exists = true;
  template <class X> static X on(X x) { return xsimd::tanh(x); }
};
template <> struct in_xsimd<erf_f> {
  static constexpr bool exists = true;
  template <class X> static X on(X x) { return xsimd::erf(x); }
};
template <> struct in_xsimd<erfc_f> {
  static constexpr bool exists = true;
  template <class X> static X on(X x) { return xsimd::erfc(x); }
};
template <> struct in_xsimd<lgamma_f> {
  static constexpr bool exists = true;
  template <class X> static X on(X x) { return xsimd::lgamma(x); }
};
template <> struct in_xsimd<pow_f> {
  static constexpr bool exists = true;
  template <class X> static X on(X a, X b) { return xsimd::pow(a, b); }
};
template <> struct in_xsimd<cbrt_f> {
  static constexpr bool exists = true;
  template <class X> static X on(X x) { return xsimd::cbrt(x); }
};
#endif
struct xsimd_all {
  template <class F, class R>
  requires(in_xsimd<F>::exists) static void run([[maybe_unused]] const R* x, [[maybe_unused]] const R* y, [[maybe_unused]] R* out,
                                                [[maybe_unused]] int n) {
#if defined(SINTER_ULP_XSIMD)
    using X = xsimd::batch<R>;
    for (int i = 0; i < n; i += static_cast<int>(X::size)) {
      if constexpr (requires { F::exact(x[i], y[i]); })
        in_xsimd<F>::on(X::load_unaligned(x + i), X::load_unaligned(y + i)).store_unaligned(out + i);
      else in_xsimd<F>::on(X::load_unaligned(x + i)).store_unaligned(out + i);
    }
#endif
  }
};

}  // namespace measure
