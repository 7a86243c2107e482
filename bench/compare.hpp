// SPDX-License-Identifier: Apache-2.0
// Runs sinter and its peers interleaved and prints, for each piece of work, median time, GB/s, the share of this machine's limit
// measured in the same run, and the ratio to each peer. Google Benchmark does the timing.
#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

namespace bench {

// Registers one way to do a piece of work. `bytes` is what it must move at least; 0: not a matter of memory.
template <class F> void add(const std::string& work, const std::string& who, double bytes, F run) {
  benchmark::RegisterBenchmark((work + "|" + who).c_str(), [run, bytes](benchmark::State& state) {
    for (auto _ : state) {
      run();
      benchmark::ClobberMemory();
    }
    state.counters["bytes"] = bytes;
  });
}

// Collects medians and prints the comparison at the end.
class table : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& r : runs) {
      if (r.run_type != Run::RT_Aggregate || r.aggregate_name != "median") continue;
      const std::string name = r.run_name.function_name;
      const std::size_t bar = name.find('|');
      const std::string work = name.substr(0, bar);
      if (!results_.count(work)) order_.push_back(work);
      results_[work].push_back({name.substr(bar + 1), r.GetAdjustedRealTime(), r.counters.at("bytes")});
    }
  }
  void Finalize() override {
    std::sort(order_.begin(), order_.end());
    double limit = 0;  // bytes a second of a plain copy
    for (const entry& e : results_["copy 16 MB"]) limit = e.bytes / e.time;
    std::printf("%-34s %-24s %12s %8s %10s %8s\n", "work", "by", "median ns", "GB/s", "of copy", "sinter x");
    for (const std::string& work : order_) {
      double own = 0;
      for (const entry& e : results_[work])
        if (e.who == "sinter") own = e.time;
      for (const entry& e : results_[work]) {
        std::printf("%-34s %-24s %12.1f %8.1f ", work.c_str(), e.who.c_str(), e.time, e.bytes / e.time);
        if (e.bytes > 0 && limit > 0) std::printf("%10.2f ", e.bytes / e.time / limit);
        else std::printf("%10s ", "-");
        if (own > 0) std::printf("%8.2f", e.time / own);
        std::printf("\n");
      }
    }
  }

 private:
  struct entry {
    std::string who;
    double time, bytes;
  };
  std::vector<std::string> order_;
  std::map<std::string, std::vector<entry>> results_;
};

inline int run(int argc, char** argv) {
  std::vector<char*> all(argv, argv + argc);
  std::string interleave = "--benchmark_enable_random_interleaving=true", repeat = "--benchmark_repetitions=11",
              shortly = "--benchmark_min_time=0.02";
  for (std::string* s : {&interleave, &repeat, &shortly}) all.insert(all.begin() + 1, s->data());
  int n = static_cast<int>(all.size());
  benchmark::Initialize(&n, all.data());
  table t;
  benchmark::RunSpecifiedBenchmarks(&t);
  return 0;
}

}  // namespace bench
