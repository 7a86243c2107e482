// SPDX-License-Identifier: Apache-2.0
// sinter::bench and the machine's limits: what they count, and the file that keeps the limits. No test looks at a time.
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <doctest/doctest.h>

#include <sinter/bench.hpp>

namespace {

namespace fs = std::filesystem;
using sinter::axis;
using sinter::dyn;
using sinter::tensor;

constexpr auto softmax = sinter::fn([](auto x) { return sinter::softmax(x, axis<1>); });
constexpr auto two = sinter::fn([](auto x, auto a) { return std::tuple(sinter::sum(x * a), sinter::exp(x)); });
constexpr auto in_double = sinter::fn([](auto x) { return sinter::tanh(x) + x; });

// A machine whose every figure differs, and that needs no measuring.
sinter::machine example() {
  sinter::machine m;
  double next = 1e9 / 3;
  sinter::detail::for_each_figure(m, [&next](const std::string&, double& x) { x = next *= 1.25; });
  return m;
}
// A folder of its own, where the limits are kept while a test runs.
struct scratch {
  fs::path folder;
  scratch() : folder(fs::temp_directory_path() / ("sinter_bench_" + std::to_string(::getpid()))) {
    fs::remove_all(folder);
    ::setenv("XDG_CACHE_HOME", folder.c_str(), 1);
  }
  ~scratch() {
    std::error_code ignored;
    fs::remove_all(folder, ignored);
  }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
};
std::string content(const std::string& file) {
  std::ostringstream s;
  s << std::ifstream(file).rdbuf();
  return s.str();
}

}  // namespace

TEST_CASE("bench: counts are the plan's") {
  const scratch here;
  sinter::detail::save_machine(sinter::run::machine_file(), example());
  tensor<float, dyn, 33> x(7);
  const auto r = sinter::measure(softmax, x);
  CHECK(r.kernels == 1);
  CHECK(r.temporaries == 0);
  CHECK(r.done.bytes_read == 7 * 33 * 4);
  CHECK(r.done.bytes_written == 7 * 33 * 4);
  CHECK(r.done.flops == static_cast<double>(softmax.plan(x).flops));
  CHECK(r.done.functions == 7 * 33);
  CHECK_FALSE(r.done.f64);
  CHECK(r.workspace_bytes == softmax.plan(x).workspace_bytes);
  CHECK(r.seconds > 0);
  CHECK(r.fastest <= r.seconds);
  CHECK(r.spread >= 0);
  CHECK(r.share() > 0);
  CHECK(r.text().find("1 kernel, 0 temporaries") != std::string::npos);

  tensor<float, 5, 4> y;
  const auto t = sinter::measure(two, y, 2.f);
  CHECK(t.done.bytes() == static_cast<double>(two.plan(y, 2.f).bytes_read + two.plan(y, 2.f).bytes_written));
  CHECK(t.done.functions == 20);
  tensor<double, 6> z;
  CHECK(sinter::work_of(in_double, z).f64);
}

TEST_CASE("bench: the roof is the slowest of memory, arithmetic and functions") {
  sinter::machine m = example();
  for (auto& l : m.levels) l.read = 4, l.write = 1, l.copy = 2, l.copy_past = 1;
  m.levels[0].holds = 100, m.levels[1].holds = 200, m.levels[2].holds = 300;
  m.flops_f32 = 10, m.exps_f32 = 5, m.flops_f64 = 1;
  CHECK(sinter::roof_of({40, 40, 0, 0, false}, m).seconds == 40);       // 80 bytes of copy
  CHECK(sinter::roof_of({60, 20, 0, 0, false}, m).seconds == 20 + 10);  // 40 of copy, 40 of reading
  CHECK(sinter::roof_of({20, 60, 0, 0, false}, m).seconds == 20 + 40);
  CHECK(sinter::roof_of({40, 40, 0, 0, false}, m).bound == std::string("L1"));
  CHECK(sinter::roof_of({100, 100, 0, 0, false}, m).bound == std::string("L2"));
  CHECK(sinter::roof_of({1000, 0, 0, 0, false}, m).bound == std::string("memory"));
  CHECK(sinter::roof_of({4, 0, 1000, 0, false}, m).seconds == 100);
  CHECK(sinter::roof_of({4, 0, 1000, 0, true}, m).seconds == 1000);
  CHECK(sinter::roof_of({4, 0, 0, 10, false}, m).bound == std::string("exp"));
}

TEST_CASE("bench: the file of limits is read back, replaced whole, and refused when damaged") {
  const scratch here;
  const std::string file = sinter::run::machine_file();
  CHECK(file.starts_with(here.folder.string()));
  const sinter::machine m = example();
  sinter::machine found;
  CHECK_FALSE(sinter::detail::load_machine(file, found));
  CHECK(sinter::detail::save_machine(file, m));
  CHECK(sinter::detail::load_machine(file, found));
  CHECK(found == m);
  CHECK(sinter::detail::save_machine(file, m));
  CHECK(std::distance(fs::directory_iterator(here.folder / "sinter"), fs::directory_iterator()) == 1);

  const std::string good = content(file);
  std::string digit = good;
  digit[digit.find("L2.copy ") + 8] ^= 1;
  for (const std::string& bad : {std::string(), good.substr(0, good.size() / 2), good.substr(0, good.size() - 1), good + "x", digit,
                                 std::string("sinter machine limits 1\nhash "), std::string(1000, '\0')}) {
    std::ofstream(file, std::ios::binary) << bad;
    found = sinter::machine();
    CHECK_FALSE(sinter::detail::load_machine(file, found));
    CHECK(found == sinter::machine());
  }
}

TEST_CASE("bench: measuring replaces a damaged file, and a place that cannot be written is no error") {
  const scratch here;
  const std::string file = sinter::run::machine_file();
  fs::create_directories(here.folder / "sinter");
  std::ofstream(file) << "damaged";
  const sinter::machine measured = sinter::run::measure_and_save();
  sinter::machine found;
  CHECK(sinter::detail::load_machine(file, found));
  CHECK(found == measured);
  sinter::detail::for_each_figure(measured, [](const std::string& name, double x) {
    CAPTURE(name);
    CHECK((x > 0 && std::isfinite(x)));
  });
  std::ofstream(here.folder / "plain") << "a file, not a folder";
  CHECK_FALSE(sinter::detail::save_machine((here.folder / "plain" / "machine.txt").string(), measured));
}
