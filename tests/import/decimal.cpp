// SPDX-License-Identifier: Apache-2.0
// Numbers of a text against exact values, and against strtod.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>

#include <sinter/import/decimal.hpp>

using namespace sinter::mlir;

namespace {

template <int N> constexpr double parse(const char (&s)[N]) {
  const number_text n = number_at({s, N - 1}, 0);
  return n.kind == number_text::none || n.end != N - 1 ? -123.0 : n.as_double();
}
template <int N> constexpr std::int64_t parse_integer(const char (&s)[N]) {
  const number_text n = number_at({s, N - 1}, 0);
  return n.kind == number_text::integer && n.end == N - 1 ? n.as_integer() : -123;
}
template <int N> constexpr number_text::kind_t kind(const char (&s)[N]) { return number_at({s, N - 1}, 0).kind; }
constexpr double infinity = std::numeric_limits<double>::infinity();

// Exact, and the nearest of what is not.
static_assert(parse("0.0") == 0 && parse("1.0") == 1 && parse("-2.5") == -2.5 && parse("1.") == 1);
static_assert(parse("0.1") == 0x1.999999999999ap-4 && parse("0.3") == 0x1.3333333333333p-2);
static_assert(parse("1e22") == 1e22 && parse("1e23") == 0x1.52d02c7e14af6p+76 && parse("8.5e-2") == 0.085);
static_assert(parse("3.4028234663852886e+38") == 0x1.fffffep+127 && parse("1.17549435e-38") == 1.17549435e-38);
static_assert(parse("6.9294956446009195e15") == 6929495644600920.0 && parse("123456789012345678.0") == 123456789012345680.0);
// Ties go to the even neighbour.
static_assert(parse("9007199254740993.0") == 9007199254740992.0 && parse("9007199254740995.0") == 9007199254740996.0);
static_assert(parse("9007199254740993.00000000000000000000000000001") == 9007199254740994.0);
static_assert(parse("1.00000000000000011102230246251565404236316680908203125") == 1.0);
static_assert(parse("1.00000000000000011102230246251565404236316680908203126") == 0x1.0000000000001p+0);
static_assert(parse("1.00000000000000033306690738754696212708950042724609375") == 0x1.0000000000002p+0);
static_assert(parse("1.00000000000000055511151231257827021181583404541015625") == 0x1.0000000000002p+0);
static_assert(parse("1.00000000000000055511151231257827021181583404541015624") == 0x1.0000000000002p+0);
static_assert(parse("1.00000000000000055511151231257827021181583404541015625000000000000000000000001") == 0x1.0000000000003p+0);
// The smallest numbers and the largest.
static_assert(parse("4.9406564584124654e-324") == 0x1p-1074 && parse("2.4703282292062328e-324") == 0x1p-1074);
static_assert(parse("2.4703282292062327e-324") == 0 && parse("1e-400") == 0 && parse("0e400") == 0);
static_assert(parse("2.2250738585072011e-308") == 0x0.fffffffffffffp-1022 && parse("2.2250738585072014e-308") == 0x1p-1022);
static_assert(parse("2.2250738585072012e-308") == 0x1p-1022);
static_assert(parse("1.7976931348623157e308") == 0x1.fffffffffffffp+1023 && parse("1.7976931348623158e308") == 0x1.fffffffffffffp+1023);
static_assert(parse("1.7976931348623159e308") == infinity && parse("-1e400") == -infinity && parse("1.0e99999999999") == infinity);
static_assert(parse("0.000000000000000000000000000000000000000000000000001e51") == 1);
static_assert(parse("100000000000000000000000000000000000000000000000000e-50") == 1);
// Integers, up to 64 bits of either sign.
static_assert(parse_integer("0") == 0 && parse_integer("-17") == -17 && parse_integer("9223372036854775807") == 9223372036854775807);
static_assert(parse_integer("-9223372036854775808") == std::numeric_limits<std::int64_t>::min());
static_assert(number_at({"18446744073709551615", 20}, 0).digits == ~std::uint64_t{0});
static_assert(kind("18446744073709551616") == number_text::none && kind("99999999999999999999999") == number_text::none);
// Bits, words, and what is no number.
static_assert(number_at({"0x7FC00000", 10}, 0).digits == 0x7fc00000 && kind("0x7FC00000") == number_text::bits);
static_assert(kind("0x") == number_text::none && kind("0x12345678123456781") == number_text::none);
static_assert(kind("true") == number_text::boolean && kind("false") == number_text::boolean && kind("truely") == number_text::none);
static_assert(kind("") == number_text::none && kind("-") == number_text::none && kind(".5") == number_text::none);
static_assert(number_at({"12e", 3}, 0).end == 2 && number_at({"1.5e+", 5}, 0).end == 3 && number_at({"7:i64", 5}, 0).end == 1);

double parsed(const std::string& s) { return number_at({s.c_str(), static_cast<int>(s.size())}, 0).as_double(); }

}  // namespace

TEST_CASE("decimals round as strtod rounds them") {
  std::mt19937_64 random(11);
  const auto check = [](const std::string& s) {
    const double want = std::strtod(s.c_str(), nullptr), have = parsed(s);
    if (!(have == want)) CHECK_MESSAGE(have == want, s);
    return have == want;
  };
  int good = 0;
  for (int i = 0; i < 20000; ++i) {  // bits of any number, printed with 1 to 20 digits
    const std::uint64_t bits = random();
    double d;
    __builtin_memcpy(&d, &bits, sizeof d);
    if (!std::isfinite(d)) {
      ++good;
      continue;
    }
    char s[64];
    std::snprintf(s, sizeof s, "%.*e", static_cast<int>(random() % 20), d);
    good += check(s);
  }
  CHECK(good == 20000);
  good = 0;
  for (int i = 0; i < 2000; ++i) {  // middles between two neighbours, exactly, and a little to either side
    const std::uint64_t bits = (random() & 0x000fffffffffffff) | ((1023 - 70 + random() % 140) << 52);
    double d;
    __builtin_memcpy(&d, &bits, sizeof d);
    const long double middle = (static_cast<long double>(d) + static_cast<long double>(std::nextafter(d, infinity))) / 2;
    char s[400];
    std::snprintf(s, sizeof s, "%.150Lf", middle);
    std::string up = s, down = s;
    up += "1";
    for (std::size_t k = down.size(); k-- > 0;)  // one less in the last digit that is not 0
      if (down[k] != '0' && down[k] != '.') {
        --down[k];
        down += "9";
        break;
      }
    good += check(s) && check(up) && check(down);
  }
  CHECK(good == 2000);
  good = 0;
  for (int i = 0; i < 300; ++i) {  // hundreds of digits
    std::string s = std::to_string(1 + random() % 9) + ".";
    for (int k = 0; k < 900; ++k) s += static_cast<char>('0' + random() % 10);
    s += "e" + std::to_string(static_cast<int>(random() % 640) - 330);
    good += check(s);
  }
  CHECK(good == 300);
}
TEST_CASE("every binary64 comes back from 17 digits, every binary32 from 9") {
  std::mt19937_64 random(12);
  int good = 0;
  for (int i = 0; i < 20000; ++i) {
    const std::uint64_t bits = random();
    double d;
    float f;
    const auto low = static_cast<std::uint32_t>(bits);
    __builtin_memcpy(&d, &bits, sizeof d);
    __builtin_memcpy(&f, &low, sizeof f);
    char s[64];
    std::snprintf(s, sizeof s, "%.16e", d);
    bool same = !std::isfinite(d) || parsed(s) == d;
    std::snprintf(s, sizeof s, "%.8e", static_cast<double>(f));
    same &= !std::isfinite(f) || static_cast<float>(parsed(s)) == f;
    good += same;
  }
  CHECK(good == 20000);
}
