// SPDX-License-Identifier: Apache-2.0
// What the programs of this folder share: the figures of a module's plan, the time of a run beside this machine's limits, and whether
// what came out can be right.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <vector>

#include <sinter/run/bench.hpp>
#include <sinter/stablehlo.hpp>

namespace model {

/// What a run has to do.
struct work {
  double flops = 0, bytes = 0;
  work operator+(const work& o) const { return {flops + o.flops, bytes + o.bytes}; }
};
/// A step of the loops of unknown length.
template <class Plan, int G> work work_of_step() {
  if constexpr (Plan::value.groups[G].kind == sinter::run::group_kind::control) {
    using control = sinter::run::control_of<Plan, G>;
    constexpr auto body = control::first_body::value.total;
    if (control::kind == sinter::graph::control::while_loop)
      return {static_cast<double>(sinter::run::flops_of_bodies<Plan, G>({})), static_cast<double>(body.bytes_read + body.bytes_written)};
  }
  return {};
}
template <class Plan, int... G> work work_of_step(sinter::detail::int_list<G...>) { return (work{} + ... + work_of_step<Plan, G>()); }

/// Runs the module and prints what it holds, what it costs and how near to this machine's limits it is. `steps`: of its loop.
template <class Text, class Options, class... X>
auto run(const char* name, const sinter::function<sinter::mlir::module_function<Text>, Options>& f, int steps, const X&... x) {
  using plan = typename sinter::function<sinter::mlir::module_function<Text>, Options>::template program<X...>;
  const auto p = f.template plan<X...>();
  std::printf("%s: %d nodes, %d kernels and %d in loops, %d temporaries, arena %.1f MB, constants %.1f MB, carries copied %d\n", name,
              sinter::mlir::lower_stage<Text>::result.size.graph.nodes, p.kernels, p.body_kernels, p.temporaries,
              static_cast<double>(p.workspace_bytes) * 1e-6, static_cast<double>(Text::bytes) * 1e-6, p.copies);

  auto y = f(x...);
  std::vector<double> seconds;
  for (double spent = 0; seconds.size() < 5 || (spent < 10 && seconds.size() < 31); spent += seconds.back()) {
    const auto start = std::chrono::steady_clock::now();
    y = f(x...);
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(seconds.begin(), seconds.end());
  const double median = seconds[seconds.size() / 2];

  const auto step = work_of_step<plan>(sinter::detail::make_int_list<plan::size.groups>{});
  const double flops = static_cast<double>(p.flops) + (steps - 1) * step.flops;  // the plan counts one step
  const double bytes = static_cast<double>(p.bytes_read + p.bytes_written) + steps * step.bytes;
  const sinter::machine& m = sinter::measure_machine_limits();
  std::printf("  %.4g ms a run; %.4g GFLOP, %.4g GFLOP/s, %.2f of the peak of %.4g; %.4g GB, %.4g GB/s, memory reads %.4g\n", median * 1e3,
              flops * 1e-9, flops / median * 1e-9, flops / median / m.flops_f32, m.flops_f32 * 1e-9, bytes * 1e-9, bytes / median * 1e-9,
              m.levels[3].read * 1e-9);
  return y;
}

/// Prints a checksum of an array (FNV-1a of its bytes, the same on every machine), its mean and range. Whether all of it is finite and
/// not all the same.
template <class X> bool plausible(const char* name, const X& x) {
  double sum = 0, least = INFINITY, most = -INFINITY;
  bool finite = true;
  for (const auto& e : x) {
    const auto v = static_cast<double>(e);
    finite = finite && std::isfinite(v), sum += v, least = std::min(least, v), most = std::max(most, v);
  }
  const auto hash =
      sinter::detail::hash_of({reinterpret_cast<const char*>(x.data()), static_cast<std::size_t>(x.size()) * sizeof(*x.data())});
  std::printf("  %s: checksum %016llx, mean %.4g, from %.4g to %.4g%s\n", name, static_cast<unsigned long long>(hash),
              sum / static_cast<double>(x.size()), least, most, finite ? "" : ", not finite");
  return finite && least < most;
}

/// Has a decoder (a mask and words in, these and those behind them out) continue made-up words; its loop adds all but the first new one.
/// Whether its text begins with the prompt and goes on with words that there are.
template <int Prompt, int Length, class F> bool continue_prompt(const char* name, const F& f, int vocabulary) {
  sinter::tensor<std::int32_t, 1, Prompt> mask, words;
  mask.fill(1);
  for (int i = 0; auto& w : words) w = (7919 * ++i) % vocabulary;
  const sinter::tensor<std::int32_t, 1, Length> text = run(name, f, Length - Prompt - 1, mask, words);
  bool right = plausible("text", text);
  for (int i = 0; i < Length; ++i) {
    std::printf("%s%d", i ? " " : "  ", text(0, i));
    right = right && (i < Prompt ? text(0, i) == words(0, i) : text(0, i) >= 0 && text(0, i) < vocabulary);
  }
  std::printf("\n");
  return right;
}

}  // namespace model
