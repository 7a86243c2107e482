// SPDX-License-Identifier: Apache-2.0
// Sorts by the kernels of the GPU, replayed, against those of the CPU: bit by bit, as the order of equal elements is known.
#include "cuda/replay.hpp"

using namespace replayed;

namespace {

// Few different numbers, so that there are ties, and what is special of floating-point ones.
template <class X> X with_ties(X x, std::uint32_t seed) {
  using T = element_of<X>;
  const auto n = static_cast<extent_t>(x.size());
  for (extent_t i = 0; i < n; ++i) {
    const double v = 1000 * near::noise(seed + static_cast<std::uint32_t>(i));
    const double few = std::floor(i % 3 == 0 ? v / 100 : v);
    if constexpr (std::is_same_v<T, bool>) x.data()[i] = v > 0;
    else if constexpr (std::is_unsigned_v<T>) x.data()[i] = static_cast<T>(std::fabs(few) / 8);
    else if constexpr (std::is_same_v<T, std::int8_t>) x.data()[i] = static_cast<T>(few / 16);
    else x.data()[i] = static_cast<T>(static_cast<float>(few));
    if constexpr (std::is_floating_point_v<T> || is_small<T>) {
      constexpr float strange[] = {std::numeric_limits<float>::quiet_NaN(), 0.f, -0.f, -std::numeric_limits<float>::infinity(),
                                   -std::numeric_limits<float>::quiet_NaN()};
      if (i % 7 == 3) x.data()[i] = static_cast<T>(strange[i / 7 % 5]);
    } else if constexpr (!std::is_same_v<T, bool>) {
      if (i % 7 == 3) x.data()[i] = i % 2 ? std::numeric_limits<T>::max() : std::numeric_limits<T>::min();
    }
  }
  return x;
}

// Sorts and places both ways, of rows of a length that is known at run time.
constexpr auto orders = fn([](auto x) { return std::tuple(sort(x), argsort(x), sort(x, descending), argsort(x, descending)); });
template <class T> void check_lengths(const char* name) {
  for (const extent_t n : {1, 2, 31, 1000, 1024, 1025, 2048, 5000}) {
    CAPTURE(n);
    check(name, 0, orders, with_ties(tensor<T, dyn, dyn>(n < 100 ? 3 : 1, n), static_cast<std::uint32_t>(n)));
  }
}

}  // namespace

TEST_CASE("sorts have the CPU's bits") {
  check_lengths<float>("f32");
  check_lengths<float16>("f16");
  check_lengths<double>("f64");
  check_lengths<std::int32_t>("i32");
  check_lengths<std::uint8_t>("u8");
}
TEST_CASE("sorts of the other types") {
  check("bf16", 0, orders, with_ties(tensor<bfloat16, 3, 40>(), 1));
  check("bool", 0, orders, with_ties(tensor<bool, 3, 40>(), 2));
  check("i8", 0, orders, with_ties(tensor<std::int8_t, 3, 40>(), 3));
  check("i64", 0, orders, with_ties(tensor<std::int64_t, 3, 40>(), 4));
  check("u32", 0, orders, with_ties(tensor<std::uint32_t, 3, 40>(), 5));
  check("u64", 0, orders, with_ties(tensor<std::uint64_t, 1100>(), 6));
}
TEST_CASE("batches, axes and what is around a sort") {
  check("short rows", 0, orders, with_ties(tensor<float, 700, 3>(), 1));
  check("rows", 0, orders, with_ties(tensor<float, 3, 700>(), 2));
  check("two batch axes", 0, orders, with_ties(tensor<float, dyn, 2, 1500>(3), 3));
  check("axis 0", 0, fn([](auto x) { return std::tuple(sort(x, axis<0>), argsort(x, axis<0>, descending)); }),
        with_ties(tensor<float, 1200, 5>(), 4));
  check("no rows", 0, orders, tensor<float, dyn, dyn>(0, 2000));
  check("no elements", 0, fn([](auto x) { return argsort(x); }), tensor<float, dyn, dyn>(3, 0));
  check("fused", 0, fn([](auto x) { return sort(exp(x) * 2, axis<1>) + 1; }), filled<tensor<float, 9, 40>>(1, 5));
  check("grad", 0, grad([](auto x, auto w) { return sum(sort(x) * w, axis<0>); }), filled<tensor<float, 40>>(1, 6),
        filled<tensor<float, 40>>(1, 7));
  check("vmap", 0, vmap<in_axes<1>>([](auto x) { return sort(x); }), filled<tensor<float, 40, 6>>(1, 8));
  check("in a loop", 0, fn([](auto x) {
          return fori_loop(
              0, 3, [](auto, auto v) { return sort(v * -1.5f); }, x);
        }),
        filled<tensor<float, 1100>>(1, 9));
  const auto x = with_ties(tensor<float, 20, 90>(), 10);
  check("view", 0, orders, x.sub(range<0, 20, 2>, range<3, 80>));
  check("columns of a view", 0, orders, x.sub(range<0, 20>, range<0, 90, 3>));
}
TEST_CASE("the largest of rows") {
  for (const extent_t k : {0, 1, 40, 1024, 1025, 3000, 5000}) {
    CAPTURE(k);
    const auto top = fn([](auto x, auto w) { return top_k(x, w.extent(0)); });
    check("f32", 0, top, with_ties(tensor<float, dyn, dyn>(2, 5000), 1), tensor<float, dyn>(k));
    check("f64", 0, top, with_ties(tensor<double, dyn, dyn>(1, 5000), 2), tensor<float, dyn>(k));
  }
  check("short rows", 0, fn([](auto x) { return top_k<5>(x); }), with_ties(tensor<float, 300, 40>(), 3));
  check("all", 0, fn([](auto x) { return top_k<40>(x); }), with_ties(tensor<std::int32_t, 3, 40>(), 4));
  check("none", 0, fn([](auto x) { return top_k<0>(x); }), with_ties(tensor<float16, 3, 40>(), 5));
}
