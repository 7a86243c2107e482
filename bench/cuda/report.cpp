// SPDX-License-Identifier: Apache-2.0
// Makes the report of a run from rows: report.json, report.md and report.svg.   report <folder> <file of rows> ...
// A row is words between tabs:
//   machine  what  value                    step  what  passed|failed|skipped  seconds  note          broken  work  why
//   work  name  who  seconds  spread  bytes  flops  seconds of the floor  floor  reach  calls         peer  work  who  seconds
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace {

using words = std::vector<std::string>;
words words_of(const std::string& line) {
  words w;
  std::istringstream in(line);
  for (std::string s; std::getline(in, s, '\t');) w.push_back(s);
  return w;
}
double number(const std::string& s) {
  try {
    return std::stod(s);
  } catch (const std::exception&) {
    return 0;
  }
}
template <class... A> std::string print(const char* format, A... a) {
  char s[600];
  std::snprintf(s, sizeof s, format, a...);
  return s;
}
// Text inside of quotes in JSON and of elements in SVG.
std::string quoted(const std::string& s) {
  std::string q = "\"";
  for (const char c : s) {
    if (c == '"' || c == '\\') q += '\\';
    if (static_cast<unsigned char>(c) < 0x20) q += print("\\u%04x", c);
    else q += c;
  }
  return q + '"';
}
std::string escaped(const std::string& s) {
  std::string e;
  for (const char c : s) e += c == '<' ? "&lt;" : c == '&' ? "&amp;" : std::string(1, c);
  return e;
}
std::string cell(std::string s) {
  std::replace(s.begin(), s.end(), '|', '/');
  return s;
}

struct work {
  std::string name, who, bound;
  double seconds, spread, bytes, flops, least, reach;
  int calls;
  double share() const { return least > 0 && seconds > 0 ? least / seconds : 0; }
};
struct peer {
  std::string name, who;
  double seconds;
};
struct report {
  std::vector<work> works;
  std::vector<peer> peers;
  std::vector<words> machine, steps, broken;

  void take(const words& w) {
    if (w.size() == 3 && w[0] == "machine") machine.push_back(w);
    else if (w.size() >= 4 && w[0] == "step") steps.push_back(w);
    else if (w.size() == 3 && w[0] == "broken") broken.push_back(w);
    else if (w.size() == 4 && w[0] == "peer") peers.push_back({w[1], w[2], number(w[3])});
    else if (w.size() == 11 && w[0] == "work")
      works.push_back({w[1], w[2], w[8], number(w[3]), number(w[4]), number(w[5]), number(w[6]), number(w[7]), number(w[9]),
                       static_cast<int>(number(w[10]))});
    else if (!w.empty()) std::cerr << "report: a row that is none of ours is left out: " << w[0] << '\n';
  }
  bool good() const {
    return broken.empty() && std::none_of(steps.begin(), steps.end(), [](const words& w) { return w[2] == "failed"; });
  }

  std::string json() const {
    std::string out = "{\n \"good\": " + std::string(good() ? "true" : "false") + ",\n \"machine\": {";
    const char* comma = "";
    for (const words& w : machine) out += comma + ("\n  " + quoted(w[1])) + ": " + quoted(w[2]), comma = ",";
    out += "\n },\n \"steps\": [", comma = "";
    for (const words& w : steps) {
      out += comma + ("\n  {\"step\": " + quoted(w[1])) + ", \"result\": " + quoted(w[2]) + print(", \"seconds\": %.0f", number(w[3])) +
             ", \"note\": " + quoted(w.size() > 4 ? w[4] : "") + "}";
      comma = ",";
    }
    out += "\n ],\n \"works\": [", comma = "";
    for (const work& w : works) {
      out += comma + ("\n  {\"work\": " + quoted(w.name)) + ", \"who\": " + quoted(w.who) + print(", \"us\": %.6g", w.seconds * 1e6) +
             print(", \"spread\": %.3g, \"calls\": %d", w.spread, w.calls);
      if (w.bytes > 0) out += print(", \"GB/s\": %.4g", w.bytes / w.seconds * 1e-9);
      if (w.flops > 0) out += print(", \"TFLOP/s\": %.4g", w.flops / w.seconds * 1e-12);
      if (w.least > 0) out += print(", \"floor_us\": %.6g, \"share\": %.4g, \"floor\": ", w.least * 1e6, w.share()) + quoted(w.bound);
      if (w.reach > 0) out += print(", \"reach\": %.3g", w.reach);
      out += ", \"times_of_peers_over_ours\": {" + ratios(w, true) + "}}", comma = ",";
    }
    out += "\n ],\n \"broken\": [", comma = "";
    for (const words& w : broken) out += comma + ("\n  {\"work\": " + quoted(w[1])) + ", \"why\": " + quoted(w[2]) + "}", comma = ",";
    return out + "\n ]\n}\n";
  }
  std::string table() const {
    std::string out = "| step | result | seconds | |\n|---|---|---|---|\n";
    for (const words& w : steps)
      out += "| " + cell(w[1]) + " | " + w[2] + " | " + print("%.0f", number(w[3])) + " | " + (w.size() > 4 ? cell(w[4]) : "") + " |\n";
    out += "\n| machine | |\n|---|---|\n";
    for (const words& w : machine) out += "| " + cell(w[1]) + " | " + cell(w[2]) + " |\n";
    if (works.empty()) return out + "\nNothing was timed.\n";
    out +=
        "\n| work | who | us | spread % | GB/s | TFLOP/s | of the floor | floor | reach | times of peers over it |\n"
        "|---|---|---|---|---|---|---|---|---|---|\n";
    for (const work& w : works) {
      const auto or_none = [](double x, const char* format, double by) { return x > 0 ? print(format, by) : std::string(); };
      out += "| " + cell(w.name) + " | " + w.who + print(" | %.5g | %.1f | ", w.seconds * 1e6, w.spread * 100) +
             or_none(w.bytes, "%.0f", w.bytes / w.seconds * 1e-9) + " | " + or_none(w.flops, "%.1f", w.flops / w.seconds * 1e-12) + " | " +
             or_none(w.least, "%.3f", w.share()) + " | " + w.bound + " | " +
             (w.reach <= 0           ? ""
              : w.share() >= w.reach ? print("%.2f reached", w.reach)
                                     : print("%.2f missed", w.reach)) +
             " | " + ratios(w, false) + " |\n";
    }
    for (const words& w : broken) out += "\n* **" + cell(w[1]) + "** has no time: " + cell(w[2]);
    return out + "\n";
  }
  // A bar a work: its share of the floor, with a mark at what is aimed at.
  std::string picture() const {
    const int line = 22, left = 330, width = 420, top = 40;
    const int height = top + line * static_cast<int>(works.size() + 1) + 20;
    std::string out = print(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" "
        "font-size=\"12\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
        left + width + 130, height);
    out +=
        "<text x=\"10\" y=\"22\" font-size=\"15\">share of the floor: what the machine needs at least, measured in the same run</text>\n";
    for (int p = 0; p <= 100; p += 25)
      out += print(
          "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#ccc\"/><text x=\"%d\" y=\"%d\" fill=\"#666\" "
          "text-anchor=\"middle\">%d %%</text>\n",
          left + width * p / 100, top, left + width * p / 100, height - 30, left + width * p / 100, height - 14, p);
    int y = top;
    for (const work& w : works) {
      const double share = std::min(w.share(), 1.1);
      const char* colour = w.reach <= 0 ? "#7a9cc6" : w.share() >= w.reach ? "#4a9c5d" : "#d08740";
      out += print("<text x=\"%d\" y=\"%d\" text-anchor=\"end\">", left - 8, y + 15) + escaped(w.name) +
             (w.who == "sinter" ? "" : ", " + escaped(w.who)) + "</text>" +
             print("<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>", left, y + 3, share * width, line - 6, colour);
      if (w.reach > 0)
        out += print("<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"black\" stroke-width=\"2\"/>", left + w.reach * width, y,
                     left + w.reach * width, y + line);
      out += print("<text x=\"%.1f\" y=\"%d\" fill=\"#333\">%.0f %%, %.4g us</text>\n", left + std::max(share, w.reach) * width + 6, y + 15,
                   w.share() * 100, w.seconds * 1e6);
      y += line;
    }
    if (works.empty()) out += print("<text x=\"10\" y=\"%d\">nothing was timed</text>\n", top + 15);
    return out + "</svg>\n";
  }

 private:
  std::string ratios(const work& w, bool json) const {
    std::string out;
    for (const peer& p : peers)
      if (p.name == w.name && p.seconds > 0)
        out += (out.empty() ? "" : ", ") + (json ? quoted(p.who) + ":" : p.who) + print(" %.2f", p.seconds / w.seconds);
    return out;
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return std::cerr << "report <folder> <file of rows> ...\n", 2;
  report r;
  for (int i = 2; i < argc; ++i) {
    std::ifstream in(argv[i]);
    for (std::string line; std::getline(in, line);) r.take(words_of(line));
  }
  const std::string folder = argv[1];
  std::ofstream json(folder + "/report.json"), table(folder + "/report.md"), picture(folder + "/report.svg");
  json << r.json(), table << r.table(), picture << r.picture();
  json.close(), table.close(), picture.close();
  std::cout << r.table();
  if (!json || !table || !picture) return std::cerr << "report: cannot write to " << folder << '\n', 2;
  return r.good() ? 0 : 1;
}
