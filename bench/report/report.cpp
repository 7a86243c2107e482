// SPDX-License-Identifier: Apache-2.0
// Makes the report of what the benchmark programs left with --rows=FILE: a table in Markdown and a roofline.
//   bench_report <folder> <file of rows> ...      writes <folder>/report.md and <folder>/roofline.svg
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "../roofline.hpp"

namespace {

struct row {
  std::string work, who, bound;
  double seconds = 0, spread = 0, bytes = 0, flops = 0, best = 0;
};

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> f;
  std::istringstream in(line);
  for (std::string s; std::getline(in, s, '\t');) f.push_back(s);
  return f;
}
std::string table_of(const std::vector<row>& rows, const sinter::machine& m) {
  std::ostringstream out;
  char s[300];
  out << "| level | read GB/s | write GB/s | copy GB/s | copy past the caches GB/s |\n|---|---|---|---|---|\n";
  for (const auto& l : m.levels) {
    std::snprintf(s, sizeof s, "| %s | %.0f | %.0f | %.0f | %.0f |\n", l.name, l.read * 1e-9, l.write * 1e-9, l.copy * 1e-9,
                  l.copy_past * 1e-9);
    out << s;
  }
  std::snprintf(s, sizeof s, "\nfused multiply-adds %.0f GFLOP/s f32, %.0f f64; exp %.1f Gelem/s f32, %.1f f64\n\n", m.flops_f32 * 1e-9,
                m.flops_f64 * 1e-9, m.exps_f32 * 1e-9, m.exps_f64 * 1e-9);
  out << s << "| work | sinter us | spread % | GB/s | GFLOP/s | of limit | limit | times of others over sinter's |\n"
      << "|---|---|---|---|---|---|---|---|";
  for (const row& own : rows) {
    if (own.who != "sinter") continue;
    std::snprintf(s, sizeof s, "\n| %s | %.4g | %.0f | %.1f | %.1f | %.2f | %s |", own.work.c_str(), own.seconds * 1e6, own.spread * 100,
                  own.bytes / own.seconds * 1e-9, own.flops / own.seconds * 1e-9, own.best / own.seconds, own.bound.c_str());
    out << s;
    std::string comma;
    for (const row& other : rows) {
      if (other.work != own.work || other.who == "sinter") continue;
      std::snprintf(s, sizeof s, "%s %s %.2f", comma.c_str(), other.who.c_str(), other.seconds / own.seconds);
      out << s, comma = ",";
    }
    out << " |";
  }
  out << '\n';
  return out.str();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return std::cerr << "bench_report <folder> <file of rows> ...\n", 1;
  sinter::machine m;
  std::vector<row> rows;
  for (int i = 2; i < argc; ++i) {
    std::ifstream in(argv[i]);
    if (!in) return std::cerr << "bench_report: cannot read " << argv[i] << '\n', 1;
    for (std::string line; std::getline(in, line);) {
      const auto f = fields_of(line);
      if (f.size() == 2)
        sinter::detail::for_each_figure(m, [&](const std::string& name, double& x) {
          if (name == f[0]) x = name.ends_with("holds") ? std::stod(f[1]) : std::max(x, std::stod(f[1]));
        });
      else if (f.size() == 8 && !f[0].starts_with("limit:"))  // those are among the figures already
        rows.push_back({f[0], f[1], f[7], std::stod(f[2]), std::stod(f[3]), std::stod(f[4]), std::stod(f[5]), std::stod(f[6])});
    }
  }
  std::vector<bench::dot> dots;
  for (const row& r : rows)
    if (r.who.starts_with("sinter")) dots.push_back({r.work + r.who.substr(6), r.bytes, r.flops, r.seconds, r.best / r.seconds});
  const std::string folder = argv[1], table = table_of(rows, m);
  std::ofstream report(folder + "/report.md"), picture(folder + "/roofline.svg");
  report << table;
  picture << bench::roofline(m, dots).text();
  std::cout << table << "\nwritten: " << folder << "/report.md, " << folder << "/roofline.svg\n";
  return report && picture ? 0 : 1;
}
