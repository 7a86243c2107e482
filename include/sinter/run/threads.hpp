// SPDX-License-Identifier: Apache-2.0
// Threads: a pool that runs the parts of one kernel at a time, and the hook for an executor of the user's. What a part computes never
// depends on how many there are, so no bit of a result does.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include <sinter/core/check.hpp>

namespace sinter {

/// Where kernels run that are worth more than one thread: `set_executor(&mine)`. `run` calls task(context, i) once for each
/// 0 <= i < parts, on any threads, and returns when all calls have returned. The task throws nothing. Several threads may call run at once.
struct executor {
  virtual ~executor() = default;
  /// How many threads take part, the caller's included.
  virtual int concurrency() const = 0;
  virtual void run(int parts, void (*task)(void* context, int part), void* context) = 0;
};

namespace detail {
// One for all instruction sets of a program: what runs kernels (null: the calling thread), and whether this thread runs a part of one;
// kernels called from it run on its thread alone.
inline std::atomic<executor*> current_executor{nullptr};
inline thread_local bool inside_part = false;
}  // namespace detail

inline namespace SINTER_ISA {
namespace run {

struct part_guard {
  bool before = std::exchange(sinter::detail::inside_part, true);
  ~part_guard() { sinter::detail::inside_part = before; }
};

// Runs one job at a time; threads claim its parts from a ticket that holds the job's number, its parts and the next one. A claim is one
// compare-exchange, so a thread that is late finds nothing and nobody waits for it. Who comes while a job runs works alone.
class thread_pool final : public executor {
 public:
  explicit thread_pool(int threads) : size_(threads), worker_(new std::thread[static_cast<std::size_t>(threads - 1)]) {
    try {
      for (; started_ < threads - 1; ++started_) worker_[static_cast<std::size_t>(started_)] = std::thread([this] { work(); });
    } catch (...) {
      stop();
      throw;
    }
  }
  thread_pool(const thread_pool&) = delete;
  ~thread_pool() override { stop(); }

  int concurrency() const override { return size_; }
  void run(int parts, void (*task)(void*, int), void* context) override {
    if (parts > most_parts || busy_.exchange(true, std::memory_order_acquire)) {
      for (int i = 0; i < parts; ++i) task(context, i);
      return;
    }
    task_.store(task, std::memory_order_relaxed), context_.store(context, std::memory_order_relaxed);
    done_.store(0, std::memory_order_relaxed);
    const std::uint64_t job = (ticket_.load(std::memory_order_relaxed) >> 32) + 1;
    ticket_.store(job << 32 | static_cast<std::uint64_t>(parts) << 16, std::memory_order_seq_cst);
    ticket_.notify_all();
    while (claim()) {
    }
    for (int spins = 0, done; (done = done_.load(std::memory_order_acquire)) != parts;)
      if (++spins > patience) done_.wait(done);
      else pause();
    busy_.store(false, std::memory_order_release);
  }

 private:
  static constexpr int most_parts = 0xffff, patience = 4000;  // patience: pauses, some 50 microseconds
  static void pause() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
  }
  // Claims a part of the job and runs it; false when none is left.
  bool claim() {
    std::uint64_t t = ticket_.load(std::memory_order_acquire);
    while (true) {
      const int parts = t >> 16 & 0xffff, next = t & 0xffff;
      if (next >= parts) return false;
      // Nobody changes the job while a part of it is unclaimed: if the exchange succeeds, these are the job's.
      const auto task = task_.load(std::memory_order_relaxed);
      void* const context = context_.load(std::memory_order_relaxed);
      if (!ticket_.compare_exchange_weak(t, t + 1, std::memory_order_acq_rel, std::memory_order_acquire)) continue;
      task(context, next);
      if (done_.fetch_add(1, std::memory_order_acq_rel) + 1 == parts) done_.notify_all();
      return true;
    }
  }
  void work() {
    while (!stopping_.load(std::memory_order_acquire)) {
      if (claim()) continue;
      const std::uint64_t seen = ticket_.load(std::memory_order_acquire);
      int spins = 0;
      while (ticket_.load(std::memory_order_acquire) == seen && ++spins < patience) pause();
      if (spins == patience && !stopping_.load(std::memory_order_acquire)) ticket_.wait(seen);
    }
  }
  void stop() {
    stopping_.store(true, std::memory_order_release);
    ticket_.store(((ticket_.load() >> 32) + 1) << 32);
    ticket_.notify_all();
    for (int i = 0; i < started_; ++i) worker_[static_cast<std::size_t>(i)].join();
  }

  alignas(64) std::atomic<std::uint64_t> ticket_{0};  // job << 32 | parts << 16 | next part
  std::atomic<void (*)(void*, int)> task_{nullptr};
  std::atomic<void*> context_{nullptr};
  alignas(64) std::atomic<int> done_{0};
  std::atomic<bool> busy_{false}, stopping_{false};
  int size_ = 1, started_ = 0;
  std::unique_ptr<std::thread[]> worker_;
};

// The pools that were asked for. They live on until the program ends: a call may still use one that was replaced.
struct thread_pools {
  std::atomic<bool> changing{false};
  struct kept {
    thread_pool pool;
    std::unique_ptr<kept> before;
  };
  std::unique_ptr<kept> last;
  ~thread_pools() { sinter::detail::current_executor.store(nullptr); }
};
inline thread_pools& pools() {
  static thread_pools p;
  return p;
}

// Calls f(first, last) for parts of 0 <= i < count, on several threads; parts begin at multiples of `step`. What f throws is thrown here.
template <class F> void parallel_parts(executor& e, extent_t count, extent_t step, int parts, const F& f) {
  struct job {
    const F& f;
    extent_t count, length;
    std::atomic<bool> failed{false};
    std::exception_ptr error{};
  };
  const extent_t length = ((count + parts - 1) / parts + step - 1) / step * step;
  job j{f, count, length};
  e.run(
      static_cast<int>((count + length - 1) / length),
      [](void* context, int part) {
        job& mine = *static_cast<job*>(context);
        const part_guard guard;
        try {
          const extent_t first = part * mine.length;
          if (!mine.failed.load(std::memory_order_relaxed))
            mine.f(first, first + mine.length < mine.count ? first + mine.length : mine.count);
        } catch (...) {
          if (!mine.failed.exchange(true)) mine.error = std::current_exception();
        }
      },
      &j);
  if (j.failed.load()) std::rethrow_exception(j.error);
}

}  // namespace run

/// Runs kernels on an executor of the user's, who owns it; null: on the calling thread. It must outlive every call that uses it.
inline void set_executor(executor* e) { detail::current_executor.store(e, std::memory_order_release); }

/// Large kernels run on n threads, the caller's included: a pool of n - 1 is started. 1, the default, starts none. The bits of results
/// do not depend on n (the sign and payload of NaN aside). Error: n < 1 throws sinter::exception; std::system_error where threads cannot
/// be started, nothing changes then.
inline void set_num_threads(int n) {
  if (n < 1) throw exception("sinter::set_num_threads: " + std::to_string(n) + " threads were asked for; ask for at least 1");
  if (n == 1) return set_executor(nullptr);
  run::thread_pools& all = run::pools();
  while (all.changing.exchange(true, std::memory_order_acquire)) std::this_thread::yield();
  struct unlock {
    std::atomic<bool>& flag;
    ~unlock() { flag.store(false, std::memory_order_release); }
  } guard{all.changing};
  run::thread_pools::kept* found = all.last.get();
  while (found && found->pool.concurrency() != n) found = found->before.get();
  if (!found) {
    auto fresh = std::unique_ptr<run::thread_pools::kept>(new run::thread_pools::kept{run::thread_pool(n), nullptr});
    fresh->before = std::move(all.last);
    all.last = std::move(fresh);
    found = all.last.get();
  }
  set_executor(&found->pool);
}

/// How many threads large kernels run on.
inline int num_threads() {
  executor* e = detail::current_executor.load(std::memory_order_acquire);
  return e ? e->concurrency() : 1;
}

}  // namespace SINTER_ISA
}  // namespace sinter
