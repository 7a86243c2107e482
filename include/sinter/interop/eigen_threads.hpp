// SPDX-License-Identifier: Apache-2.0
// Kernels on a thread pool of Eigen's: sinter::eigen_threads is the executor for set_executor. Holds no threads of its own. The only
// header that includes Eigen's pools.
#pragma once

#include <algorithm>
#include <atomic>
#include <concepts>
#include <memory>
#include <string>

#include <unsupported/Eigen/CXX11/ThreadPool>

#include <sinter/run/threads.hpp>

namespace sinter {

inline namespace SINTER_ISA {

/// Large kernels run on a pool of Eigen's: any Eigen::ThreadPoolInterface, or that of an Eigen::ThreadPoolDevice.
///   Eigen::ThreadPool pool(8);
///   sinter::eigen_threads threads(pool);
///   sinter::set_executor(&threads);                          // until set_executor(nullptr) or the end of `threads`
/// `eigen_threads(pool, n)` lets at most n threads take part in a kernel, the caller's included; else there are as many as the pool or
/// the device counts. The caller runs whatever parts the pool leaves, so a pool that is busy, or waits for the caller, stops nothing.
/// Called on a thread of the pool, kernels run on that thread alone. Several threads may call at once. What a part throws is thrown to the
/// caller. The bits of results are those of one thread.
/// Error: n < 1 throws sinter::exception. The pool must outlive this object, which must outlive every call that uses it.
/// Cost:  a large kernel allocates one block, and schedules n - 1 closures.
class eigen_threads final : public executor {
 public:
  explicit eigen_threads(Eigen::ThreadPoolInterface& pool) : eigen_threads(pool, std::max(pool.NumThreads(), 1)) {}
  eigen_threads(Eigen::ThreadPoolInterface& pool, int threads) : pool_(pool), threads_(std::min(threads, pool.NumThreads() + 1)) {
    if (threads < 1) throw exception("sinter::eigen_threads: " + std::to_string(threads) + " threads were asked for; ask for at least 1");
  }
  template <class Device>
  requires requires(const Device& d) {
    { d.getPool() } -> std::convertible_to<Eigen::ThreadPoolInterface*>;
    { d.numThreads() } -> std::convertible_to<int>;
  }
  explicit eigen_threads(const Device& device) : eigen_threads(*device.getPool(), std::max<int>(device.numThreads(), 1)) {}
  eigen_threads(const eigen_threads&) = delete;
  ~eigen_threads() override {
    executor* self = this;
    detail::current_executor.compare_exchange_strong(self, nullptr);
  }

  int concurrency() const override { return threads_; }
  void run(int parts, void (*task)(void*, int), void* context) override {
    const int helpers = std::min(parts, threads_) - 1;
    if (helpers < 1 || pool_.CurrentThreadId() >= 0) {
      for (int i = 0; i < parts; ++i) task(context, i);
      return;
    }
    const auto j = std::make_shared<job>(parts, task, context);
    try {
      for (int i = 0; i < helpers; ++i) pool_.Schedule([j] { j->work(); });
    } catch (...) {
      // A pool that takes no more leaves the parts to those who are there already.
    }
    j->work();
    for (int seen; (seen = j->done.load(std::memory_order_acquire)) != parts;) j->done.wait(seen, std::memory_order_acquire);
  }

 private:
  // Shared with the closures, for the pool may run one long after its job has ended: it then finds no part and touches nothing else.
  struct job {
    const int parts;
    void (*const task)(void*, int);
    void* const context;
    std::atomic<int> next{0}, done{0};

    job(int parts_, void (*task_)(void*, int), void* context_) : parts(parts_), task(task_), context(context_) {}
    void work() {
      for (int i; next.load(std::memory_order_relaxed) < parts && (i = next.fetch_add(1, std::memory_order_relaxed)) < parts;) {
        task(context, i);
        if (done.fetch_add(1, std::memory_order_acq_rel) + 1 == parts) done.notify_all();
      }
    }
  };

  Eigen::ThreadPoolInterface& pool_;
  const int threads_;
};

}  // namespace SINTER_ISA
}  // namespace sinter
