// SPDX-License-Identifier: Apache-2.0
// Modules that CMake has embedded (sinter_add_stablehlo): names, text of any bytes, constants in a file, and what is said of a file that is
// missing or belongs to another module.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <elided.hpp>
#include <plain.hpp>
#include <resources.hpp>
#include <sinter/complex.hpp>
#include <sinter/stablehlo.hpp>

namespace {

using sinter::tensor;
template <class Text>
concept has_data = requires {
  Text::data();
};
template <class T, class X> std::vector<T> list(const X& x) { return std::vector<T>(x.data(), x.data() + x.size()); }

}  // namespace

TEST_CASE("a module without large constants needs no file") {
  CHECK(static_cast<float>(plain(tensor<float>(3.f))) == 6);
  CHECK(!has_data<plain_text>);
  CHECK(std::string(plain_text::value)
            .find("?"
                  "?/ and\ta tab, \xc3\xa9 and \"\\0A\"\n") != std::string::npos);
}

TEST_CASE("constants in a file: of resources, bytes and lists") {
  const tensor<float, 2, 4> x{{1, 2, 3, 4}, {0, 0, 1, 0}};
  CHECK(std::string(models::tests::resources_text::value).find("dense<[0") == std::string::npos);
  CHECK(std::string(models::tests::resources_text::value).find("{-#") == std::string::npos);

  sinter::module_data_folder("/nowhere");
  try {
    models::tests::resources(x);
    FAIL("no file, no exception");
  } catch (const sinter::io_error& e) {
    CHECK(std::string(e.what()).find("/nowhere/resources.bin: cannot be read: ") != std::string::npos);
  }
  sinter::module_data_folder("");

  ::setenv("SINTER_MODULE_DATA", "/there", 1);
  try {
    models::tests::resources(x);
    FAIL("no file, no exception");
  } catch (const sinter::io_error& e) {
    CHECK(std::string(e.what()).find("/there/resources.bin: cannot be read: ") != std::string::npos);
  }
  std::string place = models::tests::resources_text::folder;
  place += "/of_another_module";
  static_cast<void>(std::system(("mkdir -p '" + place + "'").c_str()));
  std::ofstream(place + "/resources.bin") << "something else";
  ::setenv("SINTER_MODULE_DATA", place.c_str(), 1);
  CHECK_THROWS_AS(models::tests::resources(x), sinter::io_error);
  ::unsetenv("SINTER_MODULE_DATA");

  const auto [y, i, p, c, u] = models::tests::resources(x);
  CHECK(list<float>(y) == std::vector<float>{19, 22, 36, 10, 20, 32});
  CHECK(i.data()[18] == 18);
  CHECK(i.data()[19] == -19);
  CHECK(list<bool>(p) == std::vector<bool>{true, false, true});
  CHECK(list<std::complex<float>>(c) == std::vector<std::complex<float>>{{1, 2}, {3, 4}});
  CHECK(u.data()[14] == 15);
  CHECK(u.data()[15] == 0);
}

TEST_CASE("constants that were left out are made up") {
  tensor<float, 1, 64> x;
  for (float& e : x) e = 1;
  const auto [y, w, v, i] = elided(x);
  double sum = 0, squares = 0;
  for (const float e : w) sum += e, squares += double{e} * e;
  CHECK(std::fabs(sum / 1024) < .02);
  CHECK(squares / 1024 == doctest::Approx(1. / 64).epsilon(.1));
  float first = 0;
  for (int k = 0; k < 64; ++k) first += w.data()[16 * k];
  CHECK(y.data()[0] == doctest::Approx(first));
  for (int k = 0; k < 64; ++k) {
    CHECK(static_cast<float>(v.data()[k]) >= .5f);
    CHECK(static_cast<float>(v.data()[k]) <= 1.5f);
  }
  for (const std::int64_t e : i) CHECK(e == 0);
}
