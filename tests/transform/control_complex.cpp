// SPDX-License-Identifier: Apache-2.0
// Complex numbers in loops and branches: carried, collected, captured, chosen; their derivatives and batches.
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

TEST_CASE("complex carries that change places, are captured and chosen") {
  tensor<complex, 3> x, w, want;
  fill(x, 0.2), fill(w, 0.1);
  constexpr auto swapped = fn([](auto a, auto b) {  // results that are carries as they came, conjugates, one number
    const auto last = sinter::fori_loop(
        0, 3,
        [](auto, auto c) { return std::tuple(std::get<1>(c), std::get<0>(c), conj(std::get<2>(c)), std::get<3>(c) * sum(std::get<0>(c))); },
        std::tuple(a, b, a, sum(a) * 0 + 1));
    return std::tuple(std::get<0>(last), conj(std::get<1>(last)), std::get<2>(last), std::get<3>(last));
  });
  const auto [first, second, third, number] = swapped(x, w);
  for (int i = 0; i < 3; ++i) {
    CHECK(complex(first(i)) == complex(w(i)));
    CHECK(complex(second(i)) == std::conj(complex(x(i))));
    CHECK(complex(third(i)) == std::conj(complex(x(i))));
  }
  const complex of_x = complex(x(0)) + complex(x(1)) + complex(x(2)), of_w = complex(w(0)) + complex(w(1)) + complex(w(2));
  CHECK(std::abs(complex(number) - of_x * of_w * of_x) < 1e-14);

  constexpr auto h = fn([](auto c, auto by) {
    const auto n = sinter::while_loop([](auto a) { return sum(abs(a)) < 100; }, [=](auto a) { return a * 2 + by; }, c);
    return sinter::cond(
        real(sum(n)) > 1, [=] { return std::tuple(n * by, sum(n)); }, [=] { return std::tuple(by, sum(by)); });
  });
  const auto [y, total] = h(x, w);
  complex all = 0;
  for (int i = 0; i < 3; ++i) want(i) = x(i);
  const auto size = [&] { return std::abs(complex(want(0))) + std::abs(complex(want(1))) + std::abs(complex(want(2))); };
  while (size() < 100)
    for (int i = 0; i < 3; ++i) want(i) = complex(want(i)) * 2. + complex(w(i));
  for (int i = 0; i < 3; ++i) all += want(i), want(i) = complex(want(i)) * complex(w(i));
  REQUIRE(all.real() > 1);
  CHECK(apart(y, want) < 1e-13);
  CHECK(std::abs(complex(total) - all) < 1e-13);
}

constexpr auto looped = [](auto c, auto xs, auto w) {
  const auto [last, all] = sinter::scan(
      [=](auto a, auto e) {
        const auto next = a * w + e * conj(a);
        return std::tuple(next, abs(a));
      },
      c, xs);
  return sum(imag(last)) + sum(all);
};
template <int I> constexpr auto row(auto xs) { return sum(sinter::slice(xs, sinter::range<I, I + 1>, sinter::all), sinter::axis<0>); }
constexpr auto unrolled = [](auto c, auto xs, auto w) {
  const auto e0 = row<0>(xs), e1 = row<1>(xs);
  const auto a = c * w + e0 * conj(c), b = a * w + e1 * conj(a);
  return sum(imag(b)) + sum(abs(c)) + sum(abs(a));
};
TEST_CASE("derivatives and batches of loops over complex numbers") {
  tensor<complex, 3> x, w, dx;
  tensor<complex, 2, 3> xs;
  fill(x, 0.2), fill(w, 0.1), fill(xs, 0.3), fill(dx, -0.3);
  const auto [of_x, of_xs, of_w] = sinter::grad<0, 1, 2>(looped)(x, xs, w);
  CHECK(apart(of_x, sinter::grad<0>(unrolled)(x, xs, w)) < 1e-14);
  CHECK(apart(of_xs, sinter::grad<1>(unrolled)(x, xs, w)) < 1e-14);
  CHECK(apart(of_w, sinter::grad<2>(unrolled)(x, xs, w)) < 1e-14);
  const auto [y, t] = sinter::jvp<0>(looped)(x, xs, w, dx);
  const auto [z, s] = sinter::jvp<0>(unrolled)(x, xs, w, dx);
  CHECK(static_cast<double>(y) == doctest::Approx(static_cast<double>(z)).epsilon(1e-14));
  CHECK(static_cast<double>(t) == doctest::Approx(static_cast<double>(s)).epsilon(1e-14));

  constexpr auto grown =
      fn([](auto a) { return sinter::while_loop([](auto c) { return abs(c) < 10; }, [](auto c) { return c * c + c; }, a); });
  tensor<complex, 3> starts{{complex(1, 1), complex(2, -1), complex(20, 0)}};
  const auto ends = sinter::vmap(grown)(starts);
  for (int i = 0; i < 3; ++i) CHECK(complex(ends(i)) == complex(grown(tensor<complex>(starts(i)))));
}

}  // namespace
