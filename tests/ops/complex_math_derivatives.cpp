// SPDX-License-Identifier: Apache-2.0
// Derivatives of functions of complex elements: they are holomorphic, so that a cotangent is multiplied by f'(z).
#include <complex>
#include <tuple>

#include "complex_near.hpp"

using namespace near;

TEST_CASE("derivatives of holomorphic functions") {
  const tensor<c128, 4> z{c128(0.3, 0.4), c128(-0.6, 0.2), c128(1.5, -0.7), c128(0.2, -1.2)}, ones{1, 1, 1, 1};
  const auto check = [&](auto f, auto slope) {
    const auto [y, back] = sinter::vjp<0>(f)(z, ones);
    for (int i = 0; i < 4; ++i) {
      CAPTURE(i);
      CHECK(std::abs(c128(back(i)) - slope(c128(z(i)))) <= 1e-14 * std::abs(slope(c128(z(i)))));
    }
  };
  check([](auto x) { return sinter::exp(x) + sinter::expm1(x); }, [](c128 x) { return 2. * std::exp(x); });
  check([](auto x) { return sinter::log(x) + sinter::log1p(x); }, [](c128 x) { return 1. / x + 1. / (x + 1.); });
  check([](auto x) { return sinter::sqrt(x) * sinter::rsqrt(x + 1); },
        [](c128 x) { return 0.5 / std::sqrt(x) / std::sqrt(x + 1.) - 0.5 * std::sqrt(x) / std::sqrt(x + 1.) / (x + 1.); });
  check([](auto x) { return sinter::sin(x) + sinter::cosh(x); }, [](c128 x) { return std::cos(x) + std::sinh(x); });
  check([](auto x) { return sinter::tan(x) + sinter::tanh(x); },
        [](c128 x) { return 2. + std::tan(x) * std::tan(x) - std::tanh(x) * std::tanh(x); });
  check([](auto x) { return sinter::asin(x); }, [](c128 x) { return 1. / std::sqrt(1. - x * x); });
  check([](auto x) { return sinter::atan(x); }, [](c128 x) { return 1. / (1. + x * x); });
  check([](auto x) { return sinter::pow(x, x); }, [](c128 x) { return std::pow(x, x) * (std::log(x) + 1.); });
  check([](auto x) { return sinter::sigmoid(x); }, [](c128 x) { return std::exp(-x) / ((1. + std::exp(-x)) * (1. + std::exp(-x))); });
  check([](auto x) { return sinter::asinh(x); }, [](c128 x) { return 1. / std::sqrt(1. + x * x); });
  check([](auto x) { return sinter::acosh(x); }, [](c128 x) { return 1. / (std::sqrt(x - 1.) * std::sqrt(x + 1.)); });
  check([](auto x) { return sinter::atanh(x); }, [](c128 x) { return 1. / (1. - x * x); });
  const auto forward = sinter::jvp<0>([](auto x) { return sinter::acos(x); })(z, ones);
  for (int i = 0; i < 4; ++i) CHECK(std::abs(c128(std::get<1>(forward)(i)) + 1. / std::sqrt(1. - z(i) * z(i))) <= 1e-14);
}
