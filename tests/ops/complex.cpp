// SPDX-License-Identifier: Apache-2.0
// Complex elements against std::complex in double: arithmetic, parts, views, sums; literals and printing.
#include <sstream>
#include <type_traits>

#include "complex_near.hpp"

namespace {

using namespace near;

static_assert(sinter::dtype_of<c64>() == sinter::dtype::complex64 && sinter::dtype_of<c128>() == sinter::dtype::complex128);
static_assert(sinter::element<c64> && !sinter::element<std::complex<long double>>);
static_assert(sinter::real_dtype(sinter::dtype::complex128) == sinter::dtype::f64 && sinter::is_complex(sinter::dtype::complex64));

constexpr auto add = sinter::fn([](auto x, auto y) { return x + y; });
constexpr auto subtract = sinter::fn([](auto x, auto y) { return x - y; });
constexpr auto multiply = sinter::fn([](auto x, auto y) { return x * y; });
constexpr auto divide = sinter::fn([](auto x, auto y) { return x / y; });
constexpr auto conjugate = sinter::fn([](auto x) { return sinter::conj(x); });
constexpr auto negate = sinter::fn([](auto x) { return -x; });
constexpr auto magnitude = sinter::fn([](auto x) { return sinter::abs(x); });
constexpr auto chain = sinter::fn([](auto x, auto y) { return sinter::conj(x * y + 2) / (y - x) * 0.5; });

using row = tensor<c64, 1000>;
using matrix = tensor<c64, 64, 64>;
using open = tensor<c64, dyn, dyn>;
// A chain of maps is one kernel, which reads and writes nothing else.
static_assert(chain.plan<row, row>().kernels == 1 && chain.plan<row, row>().temporaries == 0);
static_assert(chain.plan<row, row>().bytes_read == 16000 && chain.plan<row, row>().bytes_written == 8000);
static_assert(magnitude.plan<row>().kernels == 1 && magnitude.plan<row>().bytes_written == 4000);
static_assert(chain.plan<open, open>().kernels == 1 && chain.plan<open, open>().temporaries == 0);
static_assert(sinter::fn([](auto a) { return sinter::sum(a, axis<1>); }).plan<matrix>().kernels == 1);
static_assert(sinter::fn([](auto a) { return sinter::reshape<64 * 64>(a) * 2; }).plan<matrix>().kernels == 1);
static_assert(sinter::fn([](auto a) { return sinter::transpose(a) + a; }).plan<matrix>().kernels == 1);

}  // namespace

TEST_CASE("literals, elements and printing") {
  tensor<c64, 2, 2> x{{c64(1, 2), c64(3, -4)}, {c64(0, 0.5f), c64(-1, -0.f)}};
  CHECK(x(0, 1) == c64(3, -4));
  CHECK(x.at(1, 0) == c64(0, 0.5f));
  CHECK_THROWS_AS(x.at(2, 0), sinter::index_error);
  std::ostringstream text;
  text << x;
  CHECK(text.str() == "[[  1+2j,   3-4j],\n [0+0.5j,  -1-0j]]");
  x.fill(c64(0, 1));
  CHECK(x(1, 1) == c64(0, 1));
  const tensor<c128, dyn> y{c128(1, 1), c128(2, 0)};
  CHECK(y.extent(0) == 2);
  CHECK(tensor<c64, 3>()(2) == c64(0, 0));
  const c64 total = sinter::sum(x);
  CHECK(total == c64(0, 4));
}

TEST_CASE_TEMPLATE("arithmetic", T, c64, c128) {
  const double u = unit<T>;
  for (const int n : {0, 1, 2, 7, 8, 15, 16, 17, 33, 1000}) {
    CAPTURE(n);
    tensor<T, dyn> x(n), y(n);
    fill_complex(x), fill_complex(y, 4711);
    CHECK(close(
        add(x, y), [](c128 a, c128 b) { return a + b; }, [&](c128 a, c128 b) { return u * size_of_parts(a + b); }, x, y));
    CHECK(close(
        subtract(x, y), [](c128 a, c128 b) { return a - b; }, [&](c128 a, c128 b) { return u * size_of_parts(a - b); }, x, y));
    const auto sizes = [](c128 a, c128 b) { return size_of_parts(a) * size_of_parts(b); };
    CHECK(close(
        multiply(x, y), [](c128 a, c128 b) { return a * b; }, [&](c128 a, c128 b) { return 2 * u * sizes(a, b); }, x, y));
    CHECK(close(
        divide(x, y), [](c128 a, c128 b) { return a / b; }, [&](c128 a, c128 b) { return 8 * u * std::abs(a / b); }, x, y));
    CHECK(close(
        negate(x), [](c128 a) { return -a; }, [](c128) { return 0; }, x));
    CHECK(close(
        conjugate(x), [](c128 a) { return std::conj(a); }, [](c128) { return 0; }, x));
    const auto sizes_of = magnitude(x);
    for (int i = 0; i < n; ++i) CHECK(near::ulp(sizes_of(i), std::abs(std::complex<long double>(x(i)))) <= 2);
    CHECK(same_elements(chain(x, y), chain.on<sinter::backend::scalar>()(x, y)));
    CHECK(same_elements(multiply(x, y), multiply.on<sinter::backend::scalar>()(x, y)));
    CHECK(same_elements(divide(x, y), divide.on<sinter::backend::scalar>()(x, y)));
  }
}

TEST_CASE("division and magnitudes at the ends of the range") {
  const float huge = 0x1p126f, tiny = 0x1p-126f, inf = std::numeric_limits<float>::infinity();
  const tensor<c64, 4> x{c64(huge, huge), c64(tiny, -tiny), c64(1, 2), c64(3, 4)};
  for (const c64 one : sinter::eval(x / x)) CHECK(one == c64(1, 0));
  const tensor<c64, 2> a{c64(1, -2), c64(3, 4)}, zero;
  const auto q = sinter::eval(a / zero);
  CHECK(q(0) == c64(inf, -inf));
  CHECK(q(1) == c64(inf, inf));
  const auto m = sinter::eval(sinter::abs(tensor<c64, 5>{c64(huge, huge), c64(tiny, tiny), c64(inf, -1), c64(-inf, inf), c64(0, -0.f)}));
  CHECK(near::ulp(m(0), std::sqrt(2.L) * 0x1p126L) <= 2);
  CHECK(near::ulp(m(1), std::sqrt(2.L) * 0x1p-126L) <= 2);
  CHECK(m(2) == inf);
  CHECK(m(3) == inf);
  CHECK(near::same(m(4), 0.f));
}

TEST_CASE("parts, comparisons, selections, conversions, numbers") {
  const tensor<c64, 3> x{c64(1, 2), c64(3, 4), c64(5, -6)}, y{c64(1, 2), c64(3, -4), c64(-5, -6)};
  CHECK(sinter::eval(sinter::real(x))(2) == 5);
  CHECK(sinter::eval(sinter::imag(x))(2) == -6);
  CHECK(same_elements(sinter::eval(sinter::complex(sinter::real(x), sinter::imag(x))), x));
  CHECK(sinter::eval(sinter::complex(sinter::real(x), 1))(1) == c64(3, 1));
  CHECK(sinter::eval(sinter::complex(tensor<double, 2, 1>{{1}, {2}}, tensor<double, 2>{3, 4}))(1, 0) == c128(2, 3));
  const auto equal = sinter::eval(x == y), differ = sinter::eval(x != y);
  for (int i = 0; i < 3; ++i) CHECK((equal(i) == (x(i) == y(i)) && differ(i) == (x(i) != y(i))));
  CHECK(sinter::eval(x == 1)(0) == false);
  CHECK(sinter::eval(sinter::where(equal, x, 7))(1) == c64(7, 0));
  CHECK(sinter::eval(sinter::where(equal, sinter::conj(x), y))(0) == c64(1, -2));
  CHECK(sinter::eval(sinter::cast<c64>(tensor<int, 2>{3, 4}))(1) == c64(4, 0));
  CHECK(sinter::eval(sinter::cast<c64>(x == x))(1) == c64(1, 0));
  CHECK(sinter::eval(sinter::cast<c128>(x))(2) == c128(5, -6));
  CHECK(sinter::eval(sinter::cast<c64>(sinter::cast<c128>(x)))(2) == c64(5, -6));
  CHECK(sinter::eval(2 - x)(0) == c64(1, -2));
  CHECK(sinter::eval(x * 0.5)(1) == c64(1.5f, 2));
  CHECK(sinter::eval(1 / x)(1) == c64(0.12f, -0.16f));
  CHECK(sinter::eval(sinter::real(tensor<float, 2>{1, 2}))(1) == 2);
  CHECK(sinter::eval(sinter::imag(tensor<float, 2>{1, 2}))(1) == 0);
  // A complex number stands beside tensors of its type, eagerly and as a literal of a function.
  const c64 i(0, 1);
  CHECK(sinter::eval(x * i)(0) == c64(-2, 1));
  CHECK(sinter::eval(c64(1, 1) - x)(1) == c64(-2, -3));
  CHECK(sinter::eval(sinter::where(equal, x, i))(1) == i);
  tensor<c64, 3> z = x;
  z *= i;
  CHECK(z(2) == c64(6, 5));
  constexpr auto turned = sinter::fn([](auto a) { return a * c64(0, 1) + c64(1, 0); });
  CHECK(turned(x)(0) == c64(-1, 1));
  static_assert(turned.plan<tensor<c64, 3>>().bytes_read == 24);
  // A real number scales: no product of an infinity and its absent imaginary part.
  const float inf = std::numeric_limits<float>::infinity();
  CHECK(sinter::eval(tensor<c64>(c64(inf, 1)) * 2)() == c64(inf, 2));
  CHECK(sinter::eval(sinter::mean(x))() == c64(3, 0));
}

TEST_CASE("views") {
  tensor<c64, 4, 6> x;
  fill_complex(x);
  const auto t = sinter::eval(sinter::transpose(x));
  const auto s = sinter::eval(sinter::slice(x, range<1, 4>, range<0, 6, 2>));
  const auto r = sinter::eval(sinter::reshape<3, 8>(x) * 2);
  const auto rt = sinter::eval(sinter::reshape<24>(sinter::transpose(x)));
  const auto v = sinter::eval(sinter::reverse(x, axis<1>));
  const auto p = sinter::eval(sinter::pad(x, sinter::edges<1, 0>, sinter::edges<0, 2>, 3));
  const auto c = sinter::eval(sinter::concatenate(axis<0>, x, sinter::conj(x)));
  const auto b = sinter::eval(sinter::broadcast_to<2, 4, 6>(x));
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 6; ++j) {
      CHECK(t(j, i) == x(i, j));
      CHECK(r.data()[i * 6 + j] == 2.f * x(i, j));
      CHECK(rt(j * 4 + i) == x(i, j));
      CHECK(v(i, 5 - j) == x(i, j));
      CHECK(p(i + 1, j) == x(i, j));
      CHECK((c(i, j) == x(i, j) && c(i + 4, j) == std::conj(x(i, j))));
      CHECK(b(1, i, j) == x(i, j));
      if (i > 0 && j % 2 == 0) CHECK(s(i - 1, j / 2) == x(i, j));
    }
  CHECK(p(0, 0) == c64(3, 0));
  CHECK(sinter::eval(sinter::tril(sinter::slice(x, all, range<0, 4>)))(0, 1) == c64(0, 0));
  // Strided operands and destinations.
  tensor<c64, 8, 12> big;
  big.fill(c64(9, 9));
  auto part = big.sub(range<0, 8, 2>, range<1, 12, 2>);
  part = x * 2;
  CHECK(big(2, 3) == 2.f * x(1, 1));
  CHECK(big(2, 2) == c64(9, 9));
  CHECK(sinter::eval(part - x)(3, 5) == x(3, 5));
  part = sinter::conj(part);
  CHECK(big(6, 11) == std::conj(2.f * x(3, 5)));
  const view<const c64, 6, 4> columns(x.data(), sinter::strides{1, 6});
  CHECK(same_elements(sinter::eval(columns + 0), t));
  tensor<c64, 4, 6> copy;
  copy = sinter::eval(part);
  CHECK(copy(1, 1) == std::conj(2.f * x(1, 1)));
  view<c64, 4, 6> whole(x);
  whole = part;  // a copy of a view
  CHECK(x(1, 1) == copy(1, 1));
}

TEST_CASE_TEMPLATE("sums", T, c64, c128) {
  for (const int n : {0, 1, 5, 64, 1000, 20000}) {
    tensor<T, 3, dyn> x(n);
    fill_complex(x);
    const auto rows = sinter::eval(sinter::sum(x, axis<1>)), columns = sinter::eval(sinter::sum(x, axis<0>));
    const auto total = sinter::eval(sinter::sum(x));
    c128 exact_total = 0;
    for (int i = 0; i < 3; ++i) {
      c128 exact = 0;
      for (int j = 0; j < n; ++j) exact += wide(x(i, j));
      CHECK(std::abs(wide(rows(i)) - exact) <= 8 * unit<T> * n);
      exact_total += exact;
    }
    CHECK(std::abs(wide(total()) - exact_total) <= 32 * unit<T> * n);
    for (int j = 0; j < n; ++j) CHECK(std::abs(wide(columns(j)) - wide(x(0, j)) - wide(x(1, j)) - wide(x(2, j))) <= 8 * unit<T>);
  }
}

TEST_CASE("products of elements") {
  tensor<c128, 5, 100> x;
  fill_complex(x);
  const auto rows = sinter::eval(sinter::prod(x + 1, axis<1>));
  const auto columns = sinter::eval(sinter::prod(x, axis<0>, sinter::keepdims));
  c128 all = 1;
  for (int i = 0; i < 5; ++i) {
    c128 row = 1;
    for (int j = 0; j < 100; ++j) row *= x(i, j) + 1.;
    CHECK(std::abs(rows(i) - row) <= 1e-13 * std::abs(row));
    all *= row;
  }
  for (int j = 0; j < 100; ++j) {
    const c128 column = x(0, j) * x(1, j) * x(2, j) * x(3, j) * x(4, j);
    CHECK(std::abs(columns(0, j) - column) <= 1e-15 * std::abs(column) * 8);
  }
  CHECK(std::abs(sinter::eval(sinter::prod(x + 1))() - all) <= 1e-12 * std::abs(all));
  CHECK(sinter::eval(sinter::prod(tensor<c64, 0>()))() == c64(1, 0));
  CHECK(sinter::eval(sinter::prod(tensor<c64>(c64(2, 3))))() == c64(2, 3));
  CHECK(sinter::eval(sinter::prod(tensor<float, 3>{2, 3, 4}))() == 24);
}
