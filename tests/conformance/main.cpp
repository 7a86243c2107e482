// SPDX-License-Identifier: Apache-2.0
// Runs all cases that are linked, each in a process of its own, and prints a table by family.
//   [--cases <file>]     what became of each case: outcome, name and reason
//   [--manifest <file>]  the cases that are counted; those that are not linked failed
//   [--seconds <n>]      that a case may take; 20
//   [--known <file>]     cases that fail today: others that fail, and those of them that pass, make this program fail
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <vector>

#include "family.hpp"
#include "judge.hpp"

namespace {

using conformance::entry;
using conformance::outcome;
using conformance::verdict;

int seconds_a_case = 20;

void run_here(const entry& e, int to) {
  const auto seconds = static_cast<rlim_t>(seconds_a_case);
  rlimit no_core{0, 0}, time{seconds, seconds};
  setrlimit(RLIMIT_CORE, &no_core);
  setrlimit(RLIMIT_CPU, &time);
  alarm(3 * static_cast<unsigned>(seconds_a_case));
  verdict v;
  try {
    e.run(v);
  } catch (const std::exception& error) {
    v.result = outcome::failed;
    std::snprintf(v.why, sizeof v.why, "throws %s", error.what());
  }
  const bool written = write(to, &v, sizeof v) == static_cast<ssize_t>(sizeof v);
  _exit(written ? 0 : 1);
}
verdict run(const entry& e) {
  verdict v;
  v.result = outcome::failed;
  int ends[2];
  if (pipe(ends) != 0) return std::strcpy(v.why, "no pipe"), v;
  const pid_t child = fork();
  if (child == 0) run_here(e, ends[1]);
  close(ends[1]);
  verdict got;
  const bool whole = child > 0 && read(ends[0], &got, sizeof got) == static_cast<ssize_t>(sizeof got);
  close(ends[0]);
  int status = 0;
  if (child > 0) waitpid(child, &status, 0);
  if (whole) return got;
  const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  if (signal == SIGXCPU || signal == SIGALRM || signal == SIGKILL)
    std::snprintf(v.why, sizeof v.why, "does not end within %d s", seconds_a_case);
  else std::snprintf(v.why, sizeof v.why, "crashes with signal %d", signal);
  return v;
}

struct row {
  int count[5] = {}, absent = 0;
  std::string note;
};
struct score {
  int strict = 0, relaxed = 0, of = 0;
  void add(outcome o) { strict += o == outcome::strict, relaxed += o <= outcome::relaxed, ++of; }
  double part(int n) const { return of ? 100.0 * n / of : 100.0; }
};
// Percent, rounded down, so that 100.0 is all.
double shown(double percent) { return static_cast<double>(static_cast<long long>(percent * 10 + 1e-6)) / 10; }

std::set<std::string> first_words(const char* path) {
  std::set<std::string> words;
  std::ifstream in(path);
  if (!in) std::cerr << path << ": cannot be read\n", std::exit(2);
  for (std::string line; std::getline(in, line);)
    if (!line.empty() && line[0] != '#') words.insert(line.substr(0, line.find_first_of("\t ")));
  return words;
}

const char* const name_of[] = {"strict", "relaxed", "failed", "not in scope", "did not compile"};

}  // namespace

int main(int count, char** argument) {
  const char *cases_path = nullptr, *manifest_path = nullptr, *known_path = nullptr;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string option = argument[i];
    if (option == "--seconds") seconds_a_case = std::atoi(argument[i + 1]);
    else (option == "--cases" ? cases_path : option == "--manifest" ? manifest_path : known_path) = argument[i + 1];
  }
  std::map<std::string, verdict> all;
  for (const entry* e = entry::first; e; e = e->next) {
    verdict v;
    if (e->run) {
      v = run(*e);
    } else {
      v.result = outcome::did_not_compile;
      std::snprintf(v.why, sizeof v.why, "%s", e->why);
    }
    all[e->id] = v;
  }

  std::set<std::string> listed;
  if (manifest_path) listed = first_words(manifest_path), listed.erase("id");
  std::map<std::string, row> rows;
  score total, unlisted;
  std::map<std::string, score> families;
  for (const auto& [id, v] : all) {
    row& r = rows[conformance::family(id)];
    ++r.count[static_cast<int>(v.result)];
    if (v.result > outcome::strict && r.note.empty()) r.note = id + ": " + v.why;
    if (v.result == outcome::not_in_scope && !listed.count(id)) continue;
    (listed.empty() || listed.count(id) ? total : unlisted).add(v.result);
    families[conformance::family(id)].add(v.result);
  }
  for (const std::string& id : listed)
    if (!all.count(id))
      ++rows[conformance::family(id)].absent, total.add(outcome::failed), families[conformance::family(id)].add(outcome::failed);

  std::printf("%-28s %7s %7s %7s %7s %7s  %s\n", "", "passed", "passed", "", "not in", "did not", "");
  std::printf("%-28s %7s %7s %7s %7s %7s  %s\n", "family", "strict", "relaxed", "failed", "scope", "compile", "first that did not pass");
  for (const auto& [family, r] : rows) {
    std::string note = r.absent ? std::to_string(r.absent) + " of the manifest are absent " + r.note : r.note;
    for (char& c : note)
      if (c == '\n' || c == '\t') c = ' ';
    std::printf("%-28s %7d %7d %7d %7d %7d  %s\n", family.c_str(), r.count[0], r.count[1], r.count[2], r.count[3], r.count[4],
                note.substr(0, 180).c_str());
  }
  if (cases_path) {
    std::ofstream out(cases_path);
    for (const auto& [id, v] : all) out << name_of[static_cast<int>(v.result)] << '\t' << id << '\t' << v.why << '\n';
  }
  double strict = 0, relaxed = 0;
  for (const auto& [family, s] : families) strict += s.part(s.strict), relaxed += s.part(s.relaxed);
  const double n = families.empty() ? 1 : static_cast<double>(families.size());
  if (unlisted.of)
    std::printf("not in the manifest: strict %.1f %%, relaxed %.1f %%, of %d\n", shown(unlisted.part(unlisted.strict)),
                shown(unlisted.part(unlisted.relaxed)), unlisted.of);
  std::printf("mean of the families: strict %.1f %%, relaxed %.1f %%, of %zu\n", shown(strict / n), shown(relaxed / n), families.size());
  std::printf("total: strict %.1f %%, relaxed %.1f %%, of %d\n", shown(total.part(total.strict)), shown(total.part(total.relaxed)),
              total.of);

  int wrong = total.of == 0;
  if (known_path) {
    const std::set<std::string> known = first_words(known_path);
    for (const auto& [id, v] : all) {
      const bool passes = v.result <= outcome::relaxed;
      if (passes && known.count(id)) ++wrong, std::printf("passes now, so take it out of %s: %s\n", known_path, id.c_str());
      if (!passes && v.result != outcome::not_in_scope && !known.count(id))
        ++wrong, std::printf("%s: %s: %s\n", name_of[static_cast<int>(v.result)], id.c_str(), v.why);
    }
  }
  return wrong ? 1 : 0;
}
