// SPDX-License-Identifier: Apache-2.0
// Times a compiled function on given operands and sets the time beside the plan's figures and the machine's limits.
#pragma once

#include <atomic>
#include <ostream>
#include <vector>

#include <sinter/run/fn.hpp>
#include <sinter/run/machine.hpp>
#include <sinter/run/threads.hpp>

namespace sinter {

/// How long one call took, what it had to do, and how fast this machine could do that.
struct bench_result {
  double seconds = 0;  ///< of one call: the median
  double spread = 0;   ///< distance of the quartiles over the median
  double fastest = 0;  ///< seconds of the fastest repeat
  int kernels = 0, temporaries = 0, threads = 1;
  extent_t workspace_bytes = 0;
  work done;       ///< from the plan
  roof best_case;  ///< by the limits of one thread

  double bytes_per_second() const { return done.bytes() / seconds; }
  double flops_per_second() const { return done.flops / seconds; }
  /// Of the machine's roofline; 1 is as fast as one thread can be.
  double share() const { return best_case.seconds / seconds; }
  std::string text() const {
    const char* const unit = seconds < 1e-6 ? "ns" : seconds < 1e-3 ? "us" : "ms";
    const double scale = seconds < 1e-6 ? 1e9 : seconds < 1e-3 ? 1e6 : 1e3;
    char s[400];
    std::snprintf(s, sizeof s,
                  "%.4g %s +- %.0f %%, %.4g GB/s, %.4g GFLOP/s, %.0f %% of this machine's limit (%s); bytes %.0f + %.0f, flops %.0f, %d "
                  "kernel%s, %d temporar%s, arena bytes %lld",
                  seconds * scale, unit, spread * 100, bytes_per_second() * 1e-9, flops_per_second() * 1e-9, share() * 100, best_case.bound,
                  done.bytes_read, done.bytes_written, done.flops, kernels, kernels == 1 ? "" : "s", temporaries,
                  temporaries == 1 ? "y" : "ies", static_cast<long long>(workspace_bytes));
    return threads > 1 ? s + (", " + std::to_string(threads)) + " threads beside the limit of one" : std::string(s);
  }
};
inline std::ostream& operator<<(std::ostream& out, const bench_result& r) { return out << r.text(); }

inline namespace SINTER_ISA {
namespace run {

constexpr bool is_function(opcode op) { return is_element(op) && op >= opcode::exp && op <= opcode::sigmoid; }

// The transcendental functions that a call computes, and whether it computes in double.
template <class Plan> void add_functions(work& w, const binding<Plan>& b) {
  const auto& plan = Plan::value;
  for (int k = 0; k < Plan::size.groups; ++k) {
    const fuse::group& g = plan.groups[k];
    double row = 1;
    for (int d = 0; d < g.outer; ++d) row *= static_cast<double>(b.at(g.outer_extent[d]));
    const double all = row * static_cast<double>(b.at(g.inner)) * static_cast<double>(b.at(g.loop));
    const bool columns = g.kind == group_kind::columns;
    if (columns) row *= static_cast<double>(b.at(g.inner));
    for (int i = 0; i < g.steps.count; ++i) {
      const fuse::step& s = plan.steps[g.steps.first + i];
      if (is_function(s.op) || s.op == opcode::pow || s.op == opcode::atan2) w.functions += (s.uses & (columns ? 2u : 1u)) ? all : row;
    }
  }
  for (const auto& n : plan.graph.nodes) w.f64 |= n.type == dtype::f64;
}

template <class Y> Y& tied(Y& y) { return y; }
template <class... Y> std::tuple<Y&...> tied(std::tuple<Y...>& y) {
  return std::apply([](Y&... each) { return std::tie(each...); }, y);
}

}  // namespace run

/// What a call of f must do, by its plan.
template <class F, class O, class... X> work work_of(const function<F, O>& f, const X&... x) {
  using plan = typename function<F, O>::template program<X...>;
  const run::plan_summary p = f.plan(x...);
  work w;
  w.bytes_read = static_cast<double>(p.bytes_read), w.bytes_written = static_cast<double>(p.bytes_written);
  w.flops = static_cast<double>(p.flops);
  run::binding<plan> b;
  b.bind_symbols(run::shapes_of_call<std::tuple<>, std::tuple<const X&...>>{{}, {x...}, nullptr});
  run::add_functions<plan>(w, b);
  return w;
}

/// Times f on tensors, views and numbers, writing into results that exist: batches of about a millisecond, 31 of them or half a second.
template <class F, class O, class... X> bench_result measure(const function<F, O>& f, const X&... x) {
  using clock = std::chrono::steady_clock;
  auto results = f(x...);
  auto&& y = run::tied(results);
  const auto batch = [&](extent_t times) {
    const auto start = clock::now();
    for (extent_t i = 0; i < times; ++i) {
      f.into(y, x...);
      std::atomic_signal_fence(std::memory_order_seq_cst);
    }
    return std::chrono::duration<double>(clock::now() - start).count();
  };
  extent_t times = 1;
  while (batch(times) < 1e-3 && times < (extent_t{1} << 28)) times *= 2;
  std::vector<double> seconds;
  for (double spent = 0; seconds.size() < 31 && (seconds.size() < 5 || spent < .5); spent += seconds.back() * static_cast<double>(times))
    seconds.push_back(batch(times) / static_cast<double>(times));
  std::sort(seconds.begin(), seconds.end());
  const std::size_t n = seconds.size();
  const run::plan_summary p = f.plan(x...);
  bench_result r;
  r.seconds = seconds[n / 2], r.fastest = seconds[0], r.spread = (seconds[n - 1 - n / 4] - seconds[n / 4]) / seconds[n / 2];
  r.kernels = p.kernels, r.temporaries = p.temporaries, r.workspace_bytes = p.workspace_bytes, r.threads = num_threads();
  r.done = work_of(f, x...);
  r.best_case = roof_of(r.done, machine_limits());
  return r;
}

/// Times f on these operands and prints a line: time, GB/s, GFLOP/s, share of this machine's limit, what the plan says.
/// `sinter::measure` is the same and prints nothing. Error: a file that cannot be read or written is none.
template <class F, class O, class... X> bench_result bench(const function<F, O>& f, const X&... x) {
  const bench_result r = measure(f, x...);
  std::printf("%s\n", r.text().c_str());
  return r;
}

}  // namespace SINTER_ISA
}  // namespace sinter
