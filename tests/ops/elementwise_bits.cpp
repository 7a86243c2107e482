// SPDX-License-Identifier: Apache-2.0
// Shifts and bitcast against plain C++: every width, counts beyond it, on all backends; counts that are constants, and folded ones.
#include <sinter/sinter.hpp>
#include <sinter/xsimd.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <tuple>
#include <type_traits>

#include <doctest/doctest.h>

#include "near.hpp"

namespace {

using sinter::dyn;
using sinter::tensor;

template <class T> T left(T x, std::int64_t k) {
  using U = std::make_unsigned_t<T>;
  return k < 0 || k >= std::numeric_limits<U>::digits ? T{0} : static_cast<T>(static_cast<std::uint64_t>(static_cast<U>(x)) << k);
}
template <class T> T logical(T x, std::int64_t k) {
  using U = std::make_unsigned_t<T>;
  return k < 0 || k >= std::numeric_limits<U>::digits ? T{0} : static_cast<T>(static_cast<U>(x) >> k);
}
template <class T> T arithmetic(T x, std::int64_t k) {
  using S = std::make_signed_t<T>;
  const auto s = static_cast<S>(x);
  return static_cast<T>(k < 0 || k >= std::numeric_limits<std::make_unsigned_t<T>>::digits ? (s < 0 ? -1 : 0) : s >> k);
}

}  // namespace

TEST_CASE_TEMPLATE("shifts", T, std::int8_t, std::uint8_t, std::int16_t, std::uint16_t, std::int32_t, std::uint32_t, std::int64_t,
                   std::uint64_t) {
  constexpr int bits = 8 * sizeof(T);
  constexpr auto f = sinter::fn([](auto x, auto k) {
    return std::tuple(shift_left(x, k), shift_right_logical(x, k), shift_right_arithmetic(x, k), shift_left(x, 3),
                      shift_right_logical(x, 3), shift_right_arithmetic(x, 3), shift_left(x, 8 * static_cast<int>(sizeof(T))),
                      shift_right_arithmetic(x, 100), shift_right_logical(x, -1));
  });
  for (const int n : {0, 1, 15, 16, 17, 1000}) {
    tensor<T, dyn> x(n), k(n);
    for (int i = 0; i < n; ++i) {
      const auto r = static_cast<std::uint32_t>(i);
      x(i) = static_cast<T>((static_cast<std::uint64_t>(near::bits(r)) << 32) | near::bits(r + 9999));
      k(i) = static_cast<T>(i % 7 == 6 ? -i : i % (bits + 3));
    }
    const auto check = [&](const auto& g) {
      const auto [l, r, a, l3, r3, a3, none, sign, negative] = g(x, k);
      int wrong = 0;
      for (int i = 0; i < n; ++i) {
        const auto count = std::is_signed_v<T> ? static_cast<std::int64_t>(k(i)) : k(i) > 100 ? 100 : static_cast<std::int64_t>(k(i));
        wrong += l(i) != left(x(i), count) || r(i) != logical(x(i), count) || a(i) != arithmetic(x(i), count);
        wrong += l3(i) != left(x(i), 3) || r3(i) != logical(x(i), 3) || a3(i) != arithmetic(x(i), 3);
        wrong += none(i) != 0 || sign(i) != arithmetic(x(i), 100) || negative(i) != 0;
      }
      CHECK(wrong == 0);
    };
    // One packet at a time but for i32, so that these compile fast: the loops know no types.
    using thin =
        std::conditional_t<std::is_same_v<T, std::int32_t>, sinter::schedule<>, sinter::schedule<sinter::packets<1>, sinter::cached>>;
    check(f.template with<thin>());
    check(f.template with<thin>().template on<sinter::backend::scalar>());
    check(f.template with<thin>().template on<sinter::backend::xsimd>());
  }
}

TEST_CASE("shifts of constants are folded") {
  constexpr auto f = sinter::fn([](auto x) {
    const auto c = sinter::cast<std::int8_t>(x) * 0 - 128;  // not a constant before the graph is simplified
    return std::tuple(shift_left(c, 1), shift_right_logical(c, 3), shift_right_arithmetic(c, 3), shift_right_arithmetic(c, 9),
                      shift_right_logical(c, 8), sinter::bitcast<std::uint8_t>(c));
  });
  const auto [l, r, a, sign, none, same] = f(tensor<std::int8_t, 2>{1, 2});
  CHECK((l(0) == 0 && r(0) == 16 && a(0) == -16 && sign(0) == -1 && none(0) == 0 && same(0) == 128));
  constexpr auto ones = sinter::fn([](auto x) {
    return std::tuple(sinter::bitcast<std::int32_t>(x * 0 + 1) +
                          sinter::bitcast<std::int32_t>(sinter::cast<float>(sinter::iota<int, 4>(sinter::axis<0>) * 0 + 1)),
                      sinter::bitcast<float>(sinter::iota<std::uint32_t, 4>(sinter::axis<0>) * 0 + 0x40490fdb));
  });
  const auto [twice, pi] = ones(tensor<float, 4>{1, 2, 3, 4});
  CHECK((twice(3) == 2 * 0x3f800000 && pi(2) == 0x1.921fb6p+1f));
}

TEST_CASE("bitcast") {
  constexpr int n = 65536;
  const auto check = [](auto there, auto back, auto bits_type, auto& x, auto exact) {
    using I = decltype(bits_type);
    const tensor<I, n> bits = there(x);
    const auto again = back(bits);
    int wrong = 0;
    for (int i = 0; i < n; ++i) {
      const auto want = std::bit_cast<I>(x(i));
      wrong += bits(i) != want && !(!exact && static_cast<float>(x(i)) != static_cast<float>(x(i)));
      wrong += std::bit_cast<I>(again(i)) != bits(i);
    }
    CHECK(wrong == 0);
  };
  const auto on_all = [&](auto there, auto back, auto bits, auto& x, auto exact) {
    check(there, back, bits, x, exact);
    check(there.template on<sinter::backend::scalar>(), back.template on<sinter::backend::scalar>(), bits, x, exact);
    check(there.template on<sinter::backend::xsimd>(), back.template on<sinter::backend::xsimd>(), bits, x, exact);
  };
  using sinter::bitcast;
  static tensor<sinter::float16, n> h;
  static tensor<sinter::bfloat16, n> b;
  static tensor<float, n> f;
  static tensor<double, n> d;
  for (int i = 0; i < n; ++i) {
    h(i).bits = b(i).bits = static_cast<std::uint16_t>(i);
    const auto k = static_cast<std::uint32_t>(i);
    f(i) = std::bit_cast<float>(near::bits(k));
    d(i) = std::bit_cast<double>(static_cast<std::uint64_t>(near::bits(k)) << 32 | near::bits(k + n));
  }
  using half = sinter::float16;
  using brain = sinter::bfloat16;
  constexpr auto to16 = sinter::fn([](auto x) { return bitcast<std::uint16_t>(x); });
  constexpr auto to_i16 = sinter::fn([](auto x) { return bitcast<std::int16_t>(x); });
  on_all(to16, sinter::fn([](auto x) { return bitcast<half>(x); }), std::uint16_t{}, h, false);
  on_all(to_i16, sinter::fn([](auto x) { return bitcast<brain>(x); }), std::int16_t{}, b, false);
  on_all(sinter::fn([](auto x) { return bitcast<std::int32_t>(x); }), sinter::fn([](auto x) { return bitcast<float>(x); }), std::int32_t{},
         f, true);
  on_all(sinter::fn([](auto x) { return bitcast<std::uint64_t>(x); }), sinter::fn([](auto x) { return bitcast<double>(x); }),
         std::uint64_t{}, d, true);
  const tensor<std::int8_t, 2> s = bitcast<std::int8_t>(tensor<std::uint8_t, 2>{200, 5});
  CHECK((s(0) == -56 && s(1) == 5));
  const tensor<brain, 2> between = bitcast<brain>(tensor<half, 2>{1.f, 2.f});
  CHECK(std::bit_cast<std::uint16_t>(between(1)) == std::bit_cast<std::uint16_t>(half(2.f)));
}

TEST_CASE("bits have no derivative") {
  constexpr auto f = [](auto x) { return sum(x * sinter::bitcast<float>(shift_left(sinter::bitcast<std::uint32_t>(x), 0))); };
  const tensor<float, 3> x{1, -2, 3};
  const auto g = sinter::grad(f)(x);
  const auto [y, t] = sinter::jvp(f)(x, x);
  CHECK((g(1) == -2 && float(t) == 14));
}
