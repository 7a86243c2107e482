// SPDX-License-Identifier: Apache-2.0
// Complex numbers as carries of loops, in memory; more of them in transform/control_complex.cpp, which no sanitizer compiles.
#include <algorithm>
#include <complex>

#include <doctest/doctest.h>

#include <sinter/complex.hpp>
#include <sinter/sinter.hpp>

namespace {

using complex = std::complex<double>;
using sinter::fn;
using sinter::tensor;

template <class T> void fill(T& x, double step) {
  for (sinter::extent_t i = 0; i < x.size(); ++i) {
    const double k = static_cast<double>(i);
    x.data()[i] = complex(0.5 - step * k, 0.25 + 0.1 * k);
  }
}
template <class A, class B> double apart(const A& a, const B& b) {
  REQUIRE(a.size() == b.size());
  double worst = 0;
  for (sinter::extent_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(complex(a.data()[i]) - complex(b.data()[i])));
  return worst;
}

TEST_CASE("complex carries of loops") {
  tensor<complex, 3> x, w, want;
  fill(x, 0.2), fill(w, 0.1);
  constexpr auto f = fn([](auto c, auto by) {
    return sinter::fori_loop(
        0, 3, [=](auto, auto a) { return a * by + conj(a); }, c);
  });
  for (int i = 0; i < 3; ++i) {
    complex a = x(i);
    for (int k = 0; k < 3; ++k) a = a * complex(w(i)) + std::conj(a);
    want(i) = a;
  }
  CHECK(apart(f(x, w), want) < 1e-15);
  CHECK(f.plan(x, w).kernels == 1);  // carries stay as they are in memory
  tensor<complex, 7> wide;
  const auto part = wide.sub(sinter::range<0, 6, 2>);
  f.into(part, x, w);
  for (int i = 0; i < 3; ++i) CHECK(std::abs(complex(wide(2 * i)) - complex(want(i))) < 1e-15);
  CHECK(complex(wide(1)) == complex(0));
}

}  // namespace
