// SPDX-License-Identifier: Apache-2.0
// The limits of one thread of this machine: bytes a second of each level of memory, fused multiply-adds, exps; measured, or read from a
// file that an earlier program left. And the roofline: how fast a piece of work could be at best. Knows no functions and no plans.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>

#include <sinter/core/lists.hpp>
#include <sinter/core/shape.hpp>
#include <sinter/run/backend.hpp>
#include <sinter/simd/math.hpp>
#include <sinter/simd/memory.hpp>

namespace sinter {

/// What one thread of a machine can do at most.
struct machine {
  /// Bytes a second, read and written bytes added, while the working set fits this level.
  struct level {
    const char* name = "";
    double holds = 0;  ///< bytes, three quarters of its size; a working set up to this belongs to it
    double read = 0, write = 0, copy = 0;
    double copy_past = 0;  ///< a copy whose stores go past the caches
    bool operator==(const level& o) const {
      return holds == o.holds && read == o.read && write == o.write && copy == o.copy && copy_past == o.copy_past;
    }
  };
  level levels[4] = {{"L1", 24e3}, {"L2", 768e3}, {"L3", 24e6}, {"memory", 1e300}};
  double flops_f32 = 0, flops_f64 = 0;  ///< a second; a fused multiply-add is two
  double exps_f32 = 0, exps_f64 = 0;    ///< elements a second, math::accurate, from the first level
  bool operator==(const machine&) const = default;

  /// The level that a working set of so many bytes lives in.
  const level& level_of(double bytes) const {
    int i = 0;
    while (i < 3 && bytes > levels[i].holds) ++i;
    return levels[i];
  }
};

/// What a piece of work must do.
struct work {
  double bytes_read = 0, bytes_written = 0;
  double flops = 0;
  double functions = 0;  ///< exp, log, tanh, ...: each counts as one exp
  bool f64 = false;      ///< whether it computes in double
  double bytes() const { return bytes_read + bytes_written; }
};

/// The least time that work can take on a machine, and what bounds it: "L1", "L2", "L3", "memory", "flops" or "exp".
struct roof {
  double seconds = 0;
  const char* bound = "";
};
inline roof roof_of(const work& w, const machine& m) {
  const machine::level& at = m.level_of(w.bytes());
  const double both = std::min(w.bytes_read, w.bytes_written);
  roof r{2 * both / std::max(at.copy, at.copy_past) + (w.bytes_read - both) / at.read + (w.bytes_written - both) / at.write, at.name};
  const auto limit = [&r](double seconds, const char* by) {
    if (seconds > r.seconds) r = {seconds, by};
  };
  limit(w.flops / (w.f64 ? m.flops_f64 : m.flops_f32), "flops");
  limit(w.functions / (w.f64 ? m.exps_f64 : m.exps_f32), "exp");
  return r;
}

namespace detail {

// Calls f(name, figure) for each figure of a machine.
template <class Machine, class F> void for_each_figure(Machine& m, F f) {
  for (auto& l : m.levels) {
    const std::string name = l.name;
    f(name + ".holds", l.holds), f(name + ".read", l.read), f(name + ".write", l.write), f(name + ".copy", l.copy);
    f(name + ".copy_past", l.copy_past);
  }
  f("flops_f32", m.flops_f32), f("flops_f64", m.flops_f64), f("exps_f32", m.exps_f32), f("exps_f64", m.exps_f64);
}
inline std::uint64_t hash_of(std::string_view text) {  // FNV-1a
  std::uint64_t h = 0xcbf29ce484222325u;
  for (char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return h;
}
inline std::string hex(std::uint64_t x) {
  char s[17];
  std::snprintf(s, sizeof s, "%016llx", static_cast<unsigned long long>(x));
  return s;
}

// The file: a head line, a line a figure, and the hash of all that at the end, without which it counts as damaged.
inline constexpr const char* machine_head = "sinter machine limits 1\n";
inline std::string machine_text(const machine& m) {
  std::string s = machine_head;
  for_each_figure(m, [&s](const std::string& name, double x) {
    char line[64];
    std::snprintf(line, sizeof line, "%s %.17g\n", name.c_str(), x);
    s += line;
  });
  return s + "hash " + hex(hash_of(s)) + "\n";
}
inline bool parse_machine(std::string_view text, machine& m) {
  const std::size_t end = text.rfind("hash ");
  if (end == text.npos || text.substr(0, text.find('\n') + 1) != machine_head) return false;
  if (text.substr(end) != "hash " + hex(hash_of(text.substr(0, end))) + "\n") return false;
  std::istringstream in{std::string(text.substr(std::string_view(machine_head).size()))};
  bool good = true;
  for_each_figure(m, [&](const std::string& name, double& x) {
    std::string found;
    good = good && in >> found >> x && found == name && x > 0;
  });
  return good;
}
inline bool load_machine(const std::string& file, machine& m) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) return false;
  machine found = m;
  if (!parse_machine(text.str(), found)) return false;
  m = found;
  return true;
}
// Writes a file beside it and renames that, so that readers see the old one or the new one. Whether it worked.
inline bool save_machine(const std::string& file, const machine& m) {
  std::error_code failed;
  const std::filesystem::path path(file);
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), failed);
  const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
  const std::string fresh = file + "." + hex(static_cast<std::uint64_t>(now)) + ".new";
  std::ofstream out(fresh, std::ios::binary);
  if (!out) return false;
  out << machine_text(m);
  out.close();
  if (out) std::filesystem::rename(fresh, path, failed);
  else failed = std::make_error_code(std::errc::io_error);
  if (!failed) return true;
  std::filesystem::remove(fresh, failed);
  return false;
}

// What /proc and /sys say of the first processor; empty where there are none.
inline std::string processor_model() {
  std::ifstream in("/proc/cpuinfo");
  std::string all;
  for (std::string line; std::getline(in, line) && !line.empty();)
    for (const char* key : {"vendor_id", "cpu family", "model", "stepping", "cache size", "CPU "})
      if (line.starts_with(key)) all += line + "\n";
  return all;
}
inline double cache_bytes(int level, double otherwise) {
  for (int i = 0; i < 8; ++i) {
    const std::string folder = "/sys/devices/system/cpu/cpu0/cache/index" + std::to_string(i) + "/";
    std::ifstream in_level(folder + "level"), in_type(folder + "type"), in_size(folder + "size");
    int found = 0;
    std::string type;
    double size = 0;
    char unit = 0;
    if (in_level >> found && in_type >> type && in_size >> size && found == level && type != "Instruction" && size > 0) {
      in_size >> unit;
      return size * (unit == 'K' ? 1024 : unit == 'M' ? 1048576 : 1);
    }
  }
  return otherwise;
}

}  // namespace detail

inline namespace SINTER_ISA {
namespace run {

// The instruction set, checked mode and backend that measure: each has limits of its own.
inline std::string code_name() {
  std::string s;
  using isa = sinter::isa::current;
  if constexpr (std::same_as<isa, sinter::isa::avx512>) s = "avx512";
  else if constexpr (std::same_as<isa, sinter::isa::avx2>) s = "avx2";
  else if constexpr (std::same_as<isa, sinter::isa::sse4>) s = "sse4";
  else if constexpr (std::same_as<isa, sinter::isa::sse2>) s = "sse2";
  else if constexpr (std::same_as<isa, sinter::isa::neon>) s = "neon";
  else s = "plain";
  if constexpr (std::same_as<default_backend, backend::scalar>) s += "-scalar";
  else if constexpr (std::same_as<default_backend, backend::xsimd>) s += "-xsimd";
  return SINTER_CHECKED ? s + "-checked" : s;
}

// Loops over n floats, four native vectors a step. They return nothing that a compiler could foresee.
template <class B> struct speed_loops {
  static constexpr int N = simd::native_lanes<B, float> * 4 < 64 ? simd::native_lanes<B, float> * 4 : 64;
  template <class P> SINTER_INLINE static float total(P x) {  // of all lanes, or the loads of some would vanish
    if constexpr (P::size == 1) return simd::first(x);
    else return total(simd::lower_half(x) + simd::upper_half(x));
  }
  SINTER_NOINLINE static void read(const float* p, extent_t n, volatile float* out) {
    auto a = simd::broadcast<B, float, N>(0.f), b = a;
    for (extent_t i = 0; i + 2 * N <= n; i += 2 * N) a = a + simd::load<B, N>(p + i), b = b + simd::load<B, N>(p + i + N);
    *out = total(a + b);
  }
  // In four places at once, which hides more of the latency of far levels.
  SINTER_NOINLINE static void read_four(const float* p, extent_t n, volatile float* out) {
    const extent_t part = n / (4 * N) * N;
    auto a = simd::broadcast<B, float, N>(0.f), b = a, c = a, d = a;
    for (extent_t i = 0; i < part; i += N) {
      a = a + simd::load<B, N>(p + i), b = b + simd::load<B, N>(p + part + i);
      c = c + simd::load<B, N>(p + 2 * part + i), d = d + simd::load<B, N>(p + 3 * part + i);
    }
    *out = total((a + b) + (c + d));
  }
  SINTER_NOINLINE static void write(float* p, extent_t n, float x) {
    const auto a = simd::broadcast<B, float, N>(x);
    for (extent_t i = 0; i + N <= n; i += N) simd::store(p + i, a);
  }
  SINTER_NOINLINE static void copy(float* to, const float* from, extent_t n) {
    for (extent_t i = 0; i + N <= n; i += N) simd::store(to + i, simd::load<B, N>(from + i));
  }
  SINTER_NOINLINE static void copy_past(float* to, const float* from, extent_t n) {
    for (extent_t i = 0; i + N <= n; i += N) simd::stream(to + i, simd::load<B, N>(from + i));
    simd::stream_fence<B>();
  }
  template <class R> SINTER_NOINLINE static void exps(R* to, const R* from, extent_t n) {
    constexpr int M = simd::native_lanes<B, R> * 4 < 64 ? simd::native_lanes<B, R> * 4 : 64;
    for (extent_t i = 0; i + M <= n; i += M) simd::store(to + i, simd::exp(simd::load<B, M>(from + i)));
  }
  // Independent chains of fused multiply-adds: 16 where 32 registers are, else 12.
  static constexpr int chains = simd::native_lanes<B, float> >= 16 ? 16 : 12;
  template <class R> SINTER_NOINLINE static void fmas(extent_t steps, R factor, R summand, volatile R* out) {
    fmas(steps, factor, summand, out, detail::make_int_list<chains>{});
  }
  template <class R, int... I>
  SINTER_INLINE static void fmas(extent_t steps, R factor, R summand, volatile R* out, detail::int_list<I...>) {
    constexpr int M = simd::native_lanes<B, R>;
    using P = simd::pack<B, R, M>;
    const P f = simd::broadcast<B, R, M>(factor), s = simd::broadcast<B, R, M>(summand);
    P x[] = {simd::broadcast<B, R, M>(static_cast<R>(I))...};
    for (extent_t k = 0; k < steps; ++k) ((x[I] = simd::fma(x[I], f, s)), ...);
    *out = simd::first((x[I] + ...));
  }
};

// Units a second of f, which does so many: the best of several runs. By the process's own time, so that what else runs disturbs less.
template <class F> double best_rate(double units, F f) {
  const auto run = [&f](int times) {
    const std::clock_t start = std::clock();
    for (int i = 0; i < times; ++i) f();
    return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  };
  int times = 1;
  double seconds = run(1), best = 0, spent = 0;
  while ((seconds = run(times)) < 5e-4 && times < (1 << 28)) times *= 2;
  for (int i = 0; i < 40 && (i < 10 || spent < 3e-2); ++i) {
    seconds = run(times), spent += seconds;
    best = std::max(best, units * times / seconds);
  }
  return best;
}

inline machine measure() {
  using loops = speed_loops<default_backend>;
  machine m;
  for (int i = 0; i < 3; ++i) m.levels[i].holds = .75 * sinter::detail::cache_bytes(i + 1, m.levels[i].holds / .75);
  m.levels[1].holds = std::max(m.levels[1].holds, m.levels[0].holds), m.levels[2].holds = std::max(m.levels[2].holds, m.levels[1].holds);
  // A third of each cache; 128 MiB, or four times the last cache, of memory.
  const double biggest = std::max(134217728., std::min(5 * m.levels[2].holds, 1e9));
  const auto floats = static_cast<extent_t>(biggest / 4);
  constexpr extent_t gap = 272;  // keeps a copy's two addresses apart in the low 12 bits
  const std::unique_ptr<float[]> memory(new float[static_cast<std::size_t>(floats + gap + 16)]());
  float* const p = memory.get() + (64 - reinterpret_cast<std::uintptr_t>(memory.get()) % 64) % 64 / sizeof(float);
  volatile float out = 0;
  for (auto& l : m.levels) {
    const extent_t n = (&l == &m.levels[3] ? floats : static_cast<extent_t>(l.holds / 9)) / 1024 * 1024, half = n / 1024 / 2 * 1024;
    float* const q = p + half + gap / 16 * 16;
    const double whole = static_cast<double>(n) * 4, both = static_cast<double>(half) * 8;
    l.read = std::max(best_rate(whole, [&] { loops::read(p, n, &out); }), best_rate(whole, [&] { loops::read_four(p, n, &out); }));
    l.write = best_rate(whole, [&] { loops::write(p, n, 1.f); });
    l.copy = best_rate(both, [&] { loops::copy(q, p, half); });
    l.copy_past = best_rate(both, [&] { loops::copy_past(q, p, half); });
  }
  constexpr extent_t steps = 4096, few = 1024;
  constexpr double fmas = 2. * steps * loops::chains;
  volatile double out64 = 0;
  m.flops_f32 = best_rate(fmas * simd::native_lanes<default_backend, float>, [&] { loops::fmas(steps, .999f, 1e-3f, &out); });
  m.flops_f64 = best_rate(fmas * simd::native_lanes<default_backend, double>, [&] { loops::fmas(steps, .999, 1e-3, &out64); });
  double* const d = reinterpret_cast<double*>(p);
  for (extent_t i = 0; i < few; ++i) p[i] = static_cast<float>(i) / few;
  m.exps_f32 = best_rate(few, [&] { loops::exps(p + 2 * few, static_cast<const float*>(p), few); });
  for (extent_t i = 0; i < few; ++i) d[i] = static_cast<double>(i) / few;
  m.exps_f64 = best_rate(few, [&] { loops::exps(d + 2 * few, static_cast<const double*>(d), few); });
  return m;
}

// Where the limits are kept: empty where the environment names no place.
inline std::string machine_file() {
  const char* const cache = std::getenv("XDG_CACHE_HOME");
  const char* const home = std::getenv("HOME");
  std::string folder;
  if (cache && *cache) folder = std::string(cache) + "/sinter/";
  else if (home && *home) folder = std::string(home) + "/.cache/sinter/";
  else return {};
  return folder + "machine-" + sinter::detail::hex(sinter::detail::hash_of(sinter::detail::processor_model())) + "-" + code_name() + ".txt";
}
inline machine measure_and_save() {
  const machine m = measure();
  if (const std::string file = machine_file(); !file.empty()) sinter::detail::save_machine(file, m);
  return m;
}
inline machine& known_machine() {
  static machine m = [] {
    machine found;
    if (const std::string file = machine_file(); !file.empty() && sinter::detail::load_machine(file, found)) return found;
    return measure_and_save();
  }();
  return m;
}

}  // namespace run

/// The limits of one thread of this machine. The first program that asks measures for about a second and leaves them in
/// $XDG_CACHE_HOME/sinter or ~/.cache/sinter, where a file can be written; a damaged file is replaced.
inline const machine& machine_limits() { return run::known_machine(); }

/// Measures the limits anew, replaces the file, and returns them; do it while nothing else runs. Not while another thread asks for them.
inline const machine& measure_machine_limits() { return run::known_machine() = run::measure_and_save(); }

}  // namespace SINTER_ISA
}  // namespace sinter
