// SPDX-License-Identifier: Apache-2.0
// Runs sinter and its peers interleaved and prints, for each piece of work, time, GB/s, GFLOP/s, the share of this machine's
// limit measured in the same run, and each peer's time over sinter's. Google Benchmark does the timing.
#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <sinter/bench.hpp>

namespace bench {

// One piece of work: what it must do at least, and whether its time is the thread's own, the median, or that of a clock, the shortest:
// a clock also counts what others on the machine take.
struct piece {
  std::string name;
  sinter::work work;
  bool by_clock = false;
};
inline std::map<std::string, piece>& pieces() {
  static std::map<std::string, piece> all;
  return all;
}

// Registers one way to do a piece of work.
template <class F> void add(const piece& p, const std::string& who, F run) {
  pieces()[p.name] = p;
  benchmark::RegisterBenchmark((p.name + "|" + who).c_str(), [run](benchmark::State& state) {
    run();  // brings to the caches what fits: others ran in between
    for (auto _ : state) {
      run();
      benchmark::ClobberMemory();
    }
  });
}

// Limits timed like any other work, between the others: clocks vary, and so does what others on the machine leave of caches and memory.
struct limit {
  std::string name;
  void (*set)(sinter::machine&, double units_a_second);
};
inline std::vector<limit>& limits() {
  static std::vector<limit> all;
  return all;
}
template <class F> void add_limit(const std::string& name, double flops, double read, double written, F run, decltype(limit::set) set) {
  piece p{name, {}};
  p.work.flops = flops, p.work.bytes_read = read, p.work.bytes_written = written;
  add(p, "sinter", run);
  limits().push_back({name, set});
}
inline void add_limits() {
  using sinter::extent_t, sinter::machine;
  using loops = sinter::run::speed_loops<sinter::run::default_backend>;
  static volatile float out;
  static std::vector<float> from(16u << 20), to(16u << 20);
  constexpr extent_t steps = 1 << 15, near = 9 << 18;
  static const extent_t far = static_cast<extent_t>(from.size());
  const double fmas = 2. * steps * loops::chains * sinter::simd::native_lanes<sinter::run::default_backend, float>;
  add_limit(
      "limit: fused multiply-adds", fmas, 0, 0, [] { loops::fmas(steps, .999f, 1e-3f, &out); },
      [](machine& m, double x) { m.flops_f64 *= x / m.flops_f32, m.flops_f32 = x; });
  if (4. * near < sinter::machine_limits().levels[2].holds)
    add_limit(
        "limit: reading 9 MB", 0, 4. * near, 0, [] { loops::read_four(from.data(), near, &out); },
        [](machine& m, double x) { m.levels[2].read = x; });
  const double bytes = 4. * static_cast<double>(far);
  add_limit(
      "limit: reading 64 MB", 0, bytes, 0, [] { loops::read_four(from.data(), far, &out); },
      [](machine& m, double x) { m.levels[3].read = x; });
  add_limit(
      "limit: copying 64 MB", 0, bytes, bytes, [] { loops::copy(to.data(), from.data(), far); },
      [](machine& m, double x) { m.levels[3].copy = x; });
  add_limit(
      "limit: copying 64 MB past the caches", 0, bytes, bytes, [] { loops::copy_past(to.data(), from.data(), far); },
      [](machine& m, double x) { m.levels[3].copy_past = x; });
}

struct row {
  std::string work, who;
  std::vector<double> seconds;
  double time() const { return pieces()[work].by_clock ? seconds[0] : seconds[seconds.size() / 2]; }
  double spread() const { return (seconds[seconds.size() - 1 - seconds.size() / 4] - seconds[seconds.size() / 4]) / time(); }
};

// Collects every repetition and prints the comparison at the end; with a file name, leaves the rows there for the report.
class table : public benchmark::BenchmarkReporter {
 public:
  explicit table(std::string file) : file_(std::move(file)), limits_(sinter::measure_machine_limits()) {}
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& r : runs) {
      if (r.run_type != Run::RT_Iteration || r.iterations == 0) continue;
      const std::string& name = r.run_name.function_name;
      const std::size_t bar = name.find('|');
      row& into = find(name.substr(0, bar), name.substr(bar + 1));
      const double spent = pieces()[into.work].by_clock ? r.real_accumulated_time : r.cpu_accumulated_time;
      into.seconds.push_back(spent / static_cast<double>(r.iterations));
    }
  }
  void Finalize() override {
    take_best(sinter::measure_machine_limits());  // once more: the first time something else may have run
    for (row& r : rows_) std::sort(r.seconds.begin(), r.seconds.end());
    for (const row& r : rows_)
      for (const limit& l : limits())
        if (r.work == l.name) l.set(limits_, (pieces()[r.work].work.flops + pieces()[r.work].work.bytes()) / r.time());
    std::sort(rows_.begin(), rows_.end(), [](const row& a, const row& b) {
      return a.work != b.work ? a.work < b.work : (a.who == "sinter") != (b.who == "sinter") ? a.who == "sinter" : a.who < b.who;
    });
    std::ofstream out;
    if (!file_.empty()) out.open(file_);
    sinter::detail::for_each_figure(limits_, [&](const std::string& name, double x) { out << name << '\t' << x << '\n'; });
    std::printf("%-36s %-18s %12s %6s %7s %8s %9s %-7s %8s\n", "work", "by", "time ns", "+- %", "GB/s", "GFLOP/s", "of limit", "",
                "sinter x");
    for (const row& r : rows_) {
      const sinter::work& w = pieces()[r.work].work;
      const double t = r.time();
      const sinter::roof best = sinter::roof_of(w, limits_);
      std::printf("%-36s %-18s %12.1f %6.0f %7.1f %8.1f %9.2f %-7s %8.2f\n", r.work.c_str(), r.who.c_str(), t * 1e9, r.spread() * 100,
                  w.bytes() / t * 1e-9, w.flops / t * 1e-9, best.seconds / t, best.bound, t / find(r.work, "sinter").time());
      out << r.work << '\t' << r.who << '\t' << t << '\t' << r.spread() << '\t' << w.bytes() << '\t' << w.flops << '\t' << best.seconds
          << '\t' << best.bound << '\n';
    }
  }

 private:
  row& find(const std::string& work, const std::string& who) {
    for (row& r : rows_)
      if (r.work == work && r.who == who) return r;
    rows_.push_back({work, who, {}});
    return rows_.back();
  }
  void take_best(const sinter::machine& m) {
    std::vector<double> other;
    sinter::detail::for_each_figure(m, [&](const std::string&, double x) { other.push_back(x); });
    std::size_t i = 0;
    sinter::detail::for_each_figure(limits_, [&](const std::string&, double& x) { x = std::max(x, other[i++]); });
  }
  std::string file_;
  sinter::machine limits_;
  std::vector<row> rows_;
};

template <class... T> void fill(T&... tensors) {
  unsigned seed = 1;
  const auto one = [&seed](auto& t) {
    for (float& x : t) seed = seed * 1664525u + 1013904223u, x = static_cast<float>(seed >> 8) * 0x1p-23f - 1;
  };
  (one(tensors), ...);
}

// Short repetitions in random order: most of them are not disturbed by what else runs, and the median is one of those.
inline int run(int argc, char** argv, const char* seconds = "0.004", const char* times = "21") {
  std::string file, interleave = "--benchmark_enable_random_interleaving=true", repeat = std::string("--benchmark_repetitions=") + times,
                    shortly = std::string("--benchmark_min_time=") + seconds;
  std::vector<char*> all{argv[0]};
  for (std::string* s : {&interleave, &repeat, &shortly}) all.push_back(s->data());
  for (int i = 1; i < argc; ++i) {
    if (std::strncmp(argv[i], "--rows=", 7) == 0) file = argv[i] + 7;
    else all.push_back(argv[i]);
  }
  int n = static_cast<int>(all.size());
  benchmark::Initialize(&n, all.data());
  add_limits();
  table t(file);
  benchmark::RunSpecifiedBenchmarks(&t);
  return 0;
}

}  // namespace bench
