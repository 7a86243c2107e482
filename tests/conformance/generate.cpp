// SPDX-License-Identifier: Apache-2.0
// Writes the modules below a folder as C++: `generate <folder> <prefix> <files> [<most of each family>]` writes <prefix>0.cpp and so on.
// A file is several cases where lines `// -----` part it; a part without a function or without a check is none.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <vector>

#include "../../cmake/stablehlo/literal.hpp"
#include "family.hpp"

namespace {

struct one_case {
  std::string id, text;
};

bool is_border(std::string_view line) {
  while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
  return line.starts_with("// -----");
}
bool is_case(const std::string& text) {
  const bool function = text.find("func.func") != std::string::npos || text.find("func @") != std::string::npos;
  return function && text.find("check.") != std::string::npos;
}
void split(const std::string& file, const std::string& text, std::vector<one_case>& cases) {
  int number = 0;
  std::size_t begin = 0;
  const auto add = [&](std::size_t end) {
    std::string part = text.substr(begin, end - begin);
    if (is_case(part)) cases.push_back({file + '#' + std::to_string(number), std::move(part)});
    ++number;
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size()), next = std::min(end + 1, text.size());
    if (is_border(std::string_view(text).substr(at, end - at))) add(at), begin = next;
    at = next;
  }
  add(text.size());
}

// compile.sh says which cases are compiled, where not all of a file can be, and of one why it is not.
constexpr const char* prologue = R"(#include "judge.hpp"
#ifndef CONFORMANCE_FROM
#define CONFORMANCE_FROM 0
#define CONFORMANCE_TO 1000000
#endif
#ifndef CONFORMANCE_BROKEN
#define CONFORMANCE_BROKEN 0
#endif
#ifdef CONFORMANCE_CANARY
struct canary {
  static constexpr char value[] = "func.func @main() {\n"
      "%0 = stablehlo.constant dense<2> : tensor<i32>\n"
      "check.expect_eq_const %0, dense<2> : tensor<i32>\n"
      "return }";
};
static const conformance::entry e("canary", &conformance::run<canary>);
#endif
)";

std::string quoted(const std::string& s) {
  std::string to;
  embed::append_literal(to, s);
  return to;
}

}  // namespace

int main(int count, char** argument) {
  namespace fs = std::filesystem;
  if (count < 4) return std::cerr << "generate <folder> <prefix> <files> [<most of each family>]\n", 2;
  const fs::path root = argument[1];
  const std::string prefix = argument[2];
  const int files = std::max(1, std::atoi(argument[3])), most = count > 4 ? std::atoi(argument[4]) : 0;
  std::vector<std::string> paths;
  for (const auto& entry : fs::recursive_directory_iterator(root))
    if (entry.is_regular_file() && entry.path().extension() == ".mlir") paths.push_back(fs::relative(entry.path(), root).generic_string());
  std::sort(paths.begin(), paths.end());
  std::vector<one_case> cases;
  for (const std::string& path : paths) {
    std::string text;
    if (!embed::read_file((root / path).string(), text)) return std::cerr << path << ": cannot be read\n", 1;
    split(path, text, cases);
  }
  if (most > 0) {
    std::map<std::string, int> taken;
    std::erase_if(cases, [&](const one_case& c) { return ++taken[conformance::family(c.id)] > most; });
  }
  std::size_t total = 0, done = 0, at = 0;
  const auto cost = [](const one_case& c) { return 4000 + c.text.size(); };  // of compiling it, about
  for (const one_case& c : cases) total += cost(c);
  for (int k = 0; k < files; ++k) {
    std::string code = prologue + std::string("namespace cases_") + std::to_string(k) + " {\n";
    const std::size_t until = total * static_cast<std::size_t>(k + 1) / static_cast<std::size_t>(files);
    int number = 0;
    for (; at < cases.size() && (done < until || k + 1 == files); ++at, ++number) {
      const one_case& c = cases[at];
      const std::string n = std::to_string(number);
      done += cost(c);
      code += "#if CONFORMANCE_FROM <= " + n + " && " + n + " < CONFORMANCE_TO\n#if !CONFORMANCE_BROKEN\nstruct c" + n +
              " {\n  static constexpr char value[] =\n" + quoted(c.text) + ";\n};\nstatic const conformance::entry e" + n + "(\n" +
              quoted(c.id) + ",\n    &conformance::run<c" + n + ">);\n#else\nstatic const conformance::entry e" + n + "(\n" + quoted(c.id) +
              ", nullptr, CONFORMANCE_WHY);\n#endif\n#endif\n";
    }
    code += "}\n// cases: " + std::to_string(number) + "\n";
    if (!embed::write_file(prefix + std::to_string(k) + ".cpp", code)) return std::cerr << prefix << k << ".cpp: cannot be written\n", 1;
  }
}
