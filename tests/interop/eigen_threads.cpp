// SPDX-License-Identifier: Apache-2.0
// Kernels on pools of Eigen's: the same bits, exceptions, calls from threads of the pool, many callers, pools that are busy or fail.
#define EIGEN_USE_THREADS
#include <sinter/eigen_threads.hpp>

#include <atomic>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <thread>
#include <tuple>
#include <vector>

#include <doctest/doctest.h>
#include <unsupported/Eigen/CXX11/Tensor>

namespace {

using sinter::axis;
using sinter::dyn;
using matrix = sinter::tensor<float, dyn, dyn>;

matrix filled(sinter::extent_t rows, sinter::extent_t columns) {
  matrix x(rows, columns);
  for (sinter::extent_t i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>(i * 7919 % 4001) / 512 - 4;
  return x;
}
bool same(const auto& a, const auto& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(*a.data())) == 0;
}
constexpr auto all = sinter::fn([](auto x) {
  return std::tuple(sinter::softmax(x, axis<1>), sinter::gelu_tanh(x * 2 + 1), sinter::sum(x, axis<0>), sinter::max(x, axis<1>));
});
bool all_same(const auto& a, const auto& b) {
  return [&]<std::size_t... I>(std::index_sequence<I...>) { return (same(std::get<I>(a), std::get<I>(b)) && ...); }
  (std::make_index_sequence<4>());
}
// On one thread.
const auto& expected() {
  static const auto results = all(filled(600, 512));
  return results;
}

struct in_use {
  explicit in_use(sinter::executor& e) { sinter::set_executor(&e); }
  ~in_use() { sinter::set_executor(nullptr); }
};
// Calls f(part) for n parts as a kernel would.
void parts(sinter::executor& e, int n, const auto& f) {
  sinter::run::parallel_parts(e, n, 1, n, [&](sinter::extent_t first, sinter::extent_t) { f(first); });
}
// Whether each part ran once, on the calling thread.
bool in_line(sinter::executor& e) {
  std::vector<std::thread::id> ran(16);
  parts(e, 16, [&](sinter::extent_t i) { ran[static_cast<std::size_t>(i)] = std::this_thread::get_id(); });
  return ran == std::vector<std::thread::id>(16, std::this_thread::get_id());
}

}  // namespace

TEST_CASE("eigen_threads: the same bits as on one thread and on threads of our own") {
  const auto one = expected();
  const auto x = filled(600, 512);
  sinter::set_num_threads(2);
  CHECK(all_same(all(x), one));
  sinter::set_num_threads(1);
  for (int n : {1, 2, 3}) {
    Eigen::ThreadPool pool(n);
    sinter::eigen_threads threads(pool);
    const in_use guard(threads);
    CHECK(sinter::num_threads() == n);
    CHECK(all_same(all(x), one));
    CHECK(all_same(all(x), one));
  }
}

TEST_CASE("eigen_threads: how many threads take part") {
  Eigen::ThreadPool pool(2);
  CHECK(sinter::eigen_threads(pool).concurrency() == 2);
  CHECK(sinter::eigen_threads(pool, 1).concurrency() == 1);
  CHECK(sinter::eigen_threads(pool, 3).concurrency() == 3);
  CHECK(sinter::eigen_threads(pool, 99).concurrency() == 3);
  CHECK(sinter::eigen_threads(Eigen::ThreadPoolDevice(&pool, 1)).concurrency() == 1);
  CHECK_THROWS_WITH_AS(sinter::eigen_threads(pool, 0), "sinter::eigen_threads: 0 threads were asked for; ask for at least 1",
                       sinter::exception);

  const Eigen::ThreadPoolDevice device(&pool, 2);
  sinter::eigen_threads threads(device);
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> running = 0, most = 0, ran = 0;
    parts(threads, 12, [&](sinter::extent_t) {
      const int now = ++running;
      for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
      }
      std::this_thread::yield();
      ++ran, --running;
    });
    CHECK(ran == 12);
    CHECK(most <= 2);
  }
}

TEST_CASE("eigen_threads: the end of the object is the end of its use") {
  Eigen::ThreadPool pool(2);
  sinter::eigen_threads other(pool);
  {
    sinter::eigen_threads threads(pool);
    sinter::set_executor(&threads);
    CHECK(sinter::num_threads() == 2);
  }
  CHECK(sinter::detail::current_executor.load() == nullptr);
  {
    sinter::eigen_threads threads(pool);
    sinter::set_executor(&other);
  }
  CHECK(sinter::detail::current_executor.load() == &other);
  sinter::set_executor(nullptr);
}

TEST_CASE("eigen_threads: what a part throws is thrown to the caller, who can go on") {
  Eigen::ThreadPool pool(2);
  sinter::eigen_threads threads(pool, 3);
  for (int round = 0; round < 20; ++round)
    CHECK_THROWS_AS(parts(threads, 8,
                          [](sinter::extent_t i) {
                            if (i >= 4) throw std::out_of_range("here");
                          }),
                    std::out_of_range);
  const auto& one = expected();
  const in_use guard(threads);
  CHECK(all_same(all(filled(600, 512)), one));
}

TEST_CASE("eigen_threads: called on threads of the pool and inside parts, kernels run in line") {
  Eigen::ThreadPool pool(2);
  sinter::eigen_threads threads(pool, 3);
  const auto& one = expected();
  const in_use guard(threads);
  const auto x = filled(600, 512);
  std::atomic<int> wrong = 0;
  Eigen::Barrier barrier(6);
  for (int i = 0; i < 6; ++i)
    pool.Schedule([&] {
      wrong += !in_line(threads);
      wrong += !all_same(all(x), one);
      barrier.Notify();
    });
  barrier.Wait();
  CHECK(wrong == 0);
  parts(threads, 4, [&](sinter::extent_t) {
    wrong += !sinter::detail::inside_part;
    wrong += !all_same(all(x), one);
  });
  CHECK(wrong == 0);
  CHECK(!sinter::detail::inside_part);
}

TEST_CASE("eigen_threads: several callers at once") {
  Eigen::ThreadPool pool(2);
  sinter::eigen_threads threads(pool);
  const auto& one = expected();
  const in_use guard(threads);
  const auto x = filled(600, 512);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> callers;
  for (int t = 0; t < 4; ++t)
    callers.emplace_back([&] {
      for (int i = 0; i < 4; ++i) wrong += !all_same(all(x), one);
    });
  for (std::thread& t : callers) t.join();
  CHECK(wrong == 0);
}

TEST_CASE("eigen_threads: a pool whose threads wait for the caller stops nothing; who comes late finds nothing") {
  Eigen::ThreadPool pool(2);
  sinter::eigen_threads threads(pool, 3);
  Eigen::Notification finished;
  Eigen::Barrier blocked(2);
  for (int i = 0; i < 2; ++i)
    pool.Schedule([&] {
      blocked.Notify();
      finished.Wait();
    });
  blocked.Wait();
  const auto& one = expected();
  {
    const in_use guard(threads);
    CHECK(all_same(all(filled(600, 512)), one));
    CHECK(in_line(threads));
  }
  finished.Notify();
}

TEST_CASE("eigen_threads: a pool that fails, or runs at once what it is given") {
  struct pool_of_one final : Eigen::ThreadPoolInterface {
    int left = 1;
    void Schedule(std::function<void()> f) override {
      if (left-- == 0) throw std::bad_alloc();
      f();
    }
    int NumThreads() const override { return 4; }
    int CurrentThreadId() const override { return -1; }
  } pool;
  sinter::eigen_threads threads(pool);
  CHECK(in_line(threads));
  CHECK(pool.left == -1);
  pool.left = 0;
  CHECK(in_line(threads));
}
