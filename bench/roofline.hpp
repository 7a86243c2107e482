// SPDX-License-Identifier: Apache-2.0
// Draws a roofline: flops a byte against flops a second, both axes logarithmic, a slope for each level of memory, a numbered dot a
// benchmark, and the names beside. What does no arithmetic stands at the left edge, at the height of its bytes a second.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include <sinter/run/machine.hpp>

namespace bench {

struct dot {
  std::string name;
  double bytes = 0, flops = 0, seconds = 1, share = 0;
};

class roofline {
 public:
  roofline(const sinter::machine& m, const std::vector<dot>& dots) : m_(m) {
    out_ = R"(<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" width="1080" height="680" viewBox="0 0 1080 680" font-family="sans-serif" font-size="13">
<rect width="1080" height="680" fill="white"/>
)";
    axes();
    roofs();
    for (std::size_t i = 0; i < dots.size(); ++i) place(dots[i], static_cast<int>(i) + 1);
    out_ += "</svg>\n";
  }
  const std::string& text() const { return out_; }

 private:
  static constexpr double left = 80, right = 690, top = 40, bottom = 610;            // pixels
  static constexpr double least = 1. / 64, most = 64, lowest = 1e7, highest = 1e12;  // flops a byte, flops a second
  const sinter::machine& m_;
  std::string out_;
  struct point {
    double x, y;
  };
  std::vector<point> labels_;

  static double x_of(double intensity) {
    return left + (right - left) * std::log(std::clamp(intensity, least, most) / least) / std::log(most / least);
  }
  static double y_of(double flops) {
    return bottom - (bottom - top) * std::log(std::clamp(flops, lowest, highest) / lowest) / std::log(highest / lowest);
  }
  static std::string escaped(const std::string& s) {
    std::string r;
    for (char c : s) {
      if (c == '<') r += "&lt;";
      else if (c == '>') r += "&gt;";
      else if (c == '&') r += "&amp;";
      else if (c == '"') r += "&quot;";
      else if (static_cast<unsigned char>(c) >= 32) r += c;
    }
    return r;
  }
  void line(double x0, double y0, double x1, double y1, const char* style) {
    char s[256];
    std::snprintf(s, sizeof s, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" %s/>\n", x0, y0, x1, y1, style);
    out_ += s;
  }
  void write(double x, double y, const std::string& text, const char* style = "") {
    char s[128];
    std::snprintf(s, sizeof s, "<text x=\"%.1f\" y=\"%.1f\" %s>", x, y, style);
    out_ += s + escaped(text) + "</text>\n";
  }
  static std::string number(double x) {
    char s[32];
    std::snprintf(s, sizeof s, "%g", x);
    return s;
  }
  void axes() {
    for (double f = least; f <= most; f *= 2) {
      line(x_of(f), top, x_of(f), bottom, "stroke=\"#e4e4e4\"");
      write(x_of(f), bottom + 20, f < 1 ? "1/" + number(1 / f) : number(f), "text-anchor=\"middle\"");
    }
    for (double f = 1e8; f <= highest; f *= 10) {
      line(left, y_of(f), right, y_of(f), "stroke=\"#e4e4e4\"");
      write(left - 8, y_of(f) + 4, number(f * 1e-9), "text-anchor=\"end\"");
    }
    line(left, bottom, right, bottom, "stroke=\"black\"");
    line(left, top, left, bottom, "stroke=\"black\"");
    write((left + right) / 2, bottom + 46, "flops a byte", "text-anchor=\"middle\"");
    write(left, top - 16, "GFLOP/s, one thread");
    write(right + 90, top - 2, "of limit", "font-size=\"12\" text-anchor=\"end\"");
  }
  void roofs() {
    const double peak = m_.flops_f32;
    for (const auto& l : m_.levels) {
      const double rate = std::max({l.copy, l.copy_past, l.read}), start = std::max(least, lowest / rate),
                   end = std::min(most, peak / rate);
      if (end > start) line(x_of(start), y_of(start * rate), x_of(end), y_of(end * rate), "stroke=\"#4477aa\" stroke-width=\"1.5\"");
      const double x = x_of(start) + 12, y = y_of(start * rate) - 14;
      const double turn = std::atan2(y_of(2e9) - y_of(1e9), x_of(2) - x_of(1)) * 57.29578;
      char style[120];
      std::snprintf(style, sizeof style, "fill=\"#4477aa\" font-size=\"11\" transform=\"rotate(%.0f %.1f %.1f)\"", turn, x, y);
      write(x, y, std::string(l.name) + " " + number(std::round(rate * 1e-9)) + " GB/s", style);
    }
    line(x_of(least), y_of(peak), right, y_of(peak), "stroke=\"#aa3377\" stroke-width=\"1.5\"");
    write(right - 4, y_of(peak) - 6, "fused multiply-adds " + number(std::round(peak * 1e-9)) + " GFLOP/s",
          "text-anchor=\"end\" fill=\"#aa3377\" font-size=\"11\"");
  }
  // A dot, its number at the first free place around it, and its line in the list.
  void place(const dot& d, int number_of) {
    const bool none = d.flops <= 0;
    const double x = none ? left : x_of(d.flops / d.bytes), y = none ? y_of(least * d.bytes / d.seconds) : y_of(d.flops / d.seconds);
    char s[160];
    std::snprintf(s, sizeof s, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"#228833\" fill-opacity=\"0.8\"/>\n", x, y);
    out_ += s;
    point at{x + 7, y + 4};
    for (int ring = 0; ring < 12; ++ring) {
      at = {x + (ring % 2 ? -18 : 7), y + 4 + (ring / 2 + 1) / 2 * 13 * ((ring / 2) % 2 ? 1 : -1)};
      if (std::none_of(labels_.begin(), labels_.end(),
                       [&](const point& p) { return std::abs(p.x - at.x) < 17 && std::abs(p.y - at.y) < 12; }))
        break;
    }
    labels_.push_back(at);
    write(at.x, at.y, std::to_string(number_of), "font-size=\"11\" font-weight=\"bold\"");
    const double row = top + 18 * number_of;
    write(right + 44, row, std::to_string(number_of), "font-size=\"12\" font-weight=\"bold\" text-anchor=\"end\"");
    write(right + 90, row, number(std::round(d.share * 100)) + " %", "font-size=\"12\" text-anchor=\"end\"");
    write(right + 100, row, d.name, "font-size=\"12\"");
  }
};

}  // namespace bench
