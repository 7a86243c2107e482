// SPDX-License-Identifier: Apache-2.0
// Threads: the same bits on any number of them, user's executors, exceptions, many callers, nesting.
#include <atomic>
#include <cstring>
#include <stdexcept>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include <sinter/sinter.hpp>

namespace {

using sinter::axis;
using sinter::dyn;
using sinter::tensor;
using matrix = tensor<float, dyn, dyn>;

struct threads {
  explicit threads(int n) { sinter::set_num_threads(n); }
  ~threads() { sinter::set_num_threads(1); }
};
matrix filled(sinter::extent_t rows, sinter::extent_t columns) {
  matrix x(rows, columns);
  for (sinter::extent_t i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>(i * 7919 % 4001) / 512 - 4;
  return x;
}
bool same(const auto& a, const auto& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(*a.data())) == 0;
}
// Counts the parts it is given, and runs them in reverse.
struct backwards final : sinter::executor {
  std::atomic<int> jobs{0}, parts{0};
  int concurrency() const override { return 3; }
  void run(int n, void (*task)(void*, int), void* context) override {
    ++jobs, parts += n;
    for (int i = n; i-- > 0;) task(context, i);
  }
};
constexpr auto all = sinter::fn([](auto x) {
  return std::tuple(sinter::softmax(x, axis<1>), sinter::layer_norm(x, axis<1>), sinter::gelu_tanh(x * 2 + 1), sinter::sum(x, axis<0>),
                    sinter::max(x, axis<1>), sinter::var(x, axis<0>));
});
constexpr auto line = sinter::fn([](auto x) { return sinter::tanh(x) * 2 + sinter::iota<float, 1000003>(axis<0>); });

}  // namespace

TEST_CASE("threads: the same bits on 1, 2 and 3") {
  for (const auto& [rows, columns] : {std::pair(700, 515), std::pair(2, 200000), std::pair(1, 300007), std::pair(200000, 3)}) {
    const auto x = filled(rows, columns);
    const auto one = all(x);
    for (int n : {2, 3}) {
      const threads use(n);
      const auto many = all(x);
      [&]<std::size_t... I>(std::index_sequence<I...>) { CHECK((same(std::get<I>(one), std::get<I>(many)) && ...)); }
      (std::make_index_sequence<6>());
    }
  }
  tensor<float, 1000003> x;
  for (int i = 0; i < 1000003; ++i) x(i) = static_cast<float>(i % 1001) / 250 - 2;
  const auto one = line(x);
  const threads use(2);
  CHECK(same(line(x), one));
  x = line(x);
  CHECK(same(x, one));
}

TEST_CASE("threads: an executor of the user's runs the parts; small kernels run without it") {
  backwards mine;
  sinter::set_executor(&mine);
  const auto x = filled(700, 515);
  const matrix y = sinter::softmax(x, axis<1>);
  CHECK(mine.jobs == 1);
  CHECK(mine.parts > 1);
  CHECK(mine.parts <= 12);
  const tensor<float, 8, 8> small;
  const tensor<float, 8, 8> z = sinter::exp(small) + 1;
  CHECK(mine.jobs == 1);
  CHECK(z(0, 0) == 2);
  sinter::set_executor(nullptr);
  CHECK(sinter::num_threads() == 1);
  CHECK(same(y, sinter::eval(sinter::softmax(x, axis<1>))));
}

TEST_CASE("threads: what a part throws is thrown to the caller, who can go on") {
  const threads use(2);
  CHECK(sinter::num_threads() == 2);
  sinter::executor& e = *sinter::detail::current_executor.load();
  for (int i = 0; i < 20; ++i) {
    std::atomic<int> ran = 0;
    CHECK_THROWS_AS(sinter::run::parallel_parts(e, 100, 1, 8,
                                                [&](sinter::extent_t first, sinter::extent_t) {
                                                  ++ran;
                                                  if (first >= 50) throw std::out_of_range("here");
                                                }),
                    std::out_of_range);
    CHECK(ran > 0);
  }
  const auto x = filled(700, 515);
  CHECK(same(sinter::eval(sinter::exp(x)), sinter::eval(sinter::exp(x))));
}

TEST_CASE("threads: several callers at once, and calls inside parts") {
  const auto x = filled(600, 512);
  const auto expected = all(x);
  const threads use(2);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> callers;
  for (int t = 0; t < 4; ++t)
    callers.emplace_back([&] {
      for (int i = 0; i < 8; ++i) wrong += !same(std::get<0>(all(x)), std::get<0>(expected));
    });
  for (std::thread& t : callers) t.join();
  CHECK(wrong == 0);

  sinter::executor& e = *sinter::detail::current_executor.load();
  sinter::run::parallel_parts(e, 4, 1, 4, [&](sinter::extent_t, sinter::extent_t) {
    wrong += !same(std::get<1>(all(x)), std::get<1>(expected));
    wrong += !sinter::detail::inside_part;
  });
  CHECK(wrong == 0);
  CHECK(!sinter::detail::inside_part);
}

TEST_CASE("threads: a wrong number is refused and changes nothing") {
  const threads use(2);
  CHECK_THROWS_WITH_AS(sinter::set_num_threads(0), "sinter::set_num_threads: 0 threads were asked for; ask for at least 1",
                       sinter::exception);
  CHECK(sinter::num_threads() == 2);
}
