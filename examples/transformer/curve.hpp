// SPDX-License-Identifier: Apache-2.0
// The curve of a loss as SVG text.
#pragma once

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace transformer {

/// Points (step, loss) of training and of held-out text.
struct curve {
  std::vector<std::pair<double, double>> training, held_out;
};

inline std::string to_svg(const curve& c, const std::string& title) {
  constexpr double left = 56, top = 48, width = 640, height = 320, low = 1, high = 4;  // of the loss, in nats
  const double last = c.held_out.empty() ? 1 : c.held_out.back().first;
  std::string out;
  const auto print = [&](const char* pattern, auto... values) {
    char text[256];
    std::snprintf(text, sizeof text, pattern, values...);
    out += text;
  };
  const auto x_at = [&](double step) { return left + width * step / last; };
  const auto y_at = [&](double loss) { return top + height * (high - std::clamp(loss, low, high)) / (high - low); };
  const auto draw = [&](const char* style, const std::vector<std::pair<double, double>>& points) {
    print("<polyline fill='none' %s points='", style);
    for (const auto& [step, loss] : points) print("%.1f,%.1f ", x_at(step), y_at(loss));
    out += "'/>\n";
  };
  print("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %g %g' font-family='sans-serif' font-size='12' fill='#24292f'>\n",
        left + width + 24, top + height + 48);
  print("<rect width='100%%' height='100%%' fill='white'/>\n<text x='%g' y='28' font-size='16'>", left);
  out += title + "</text>\n";
  for (double loss = low; loss <= high; ++loss) {
    print("<line x1='%g' x2='%g' y1='%g' y2='%g' stroke='#d0d7de'/>\n", left, left + width, y_at(loss), y_at(loss));
    print("<text x='%g' y='%g' text-anchor='end'>%g</text>\n", left - 8, y_at(loss) + 4, loss);
  }
  for (int i = 0; i <= 4; ++i)
    print("<text x='%g' y='%g' text-anchor='middle'>%.0f</text>\n", x_at(last * i / 4), top + height + 20, last * i / 4);
  print("<text x='%g' y='%g' text-anchor='middle'>step</text>\n", left + width / 2, top + height + 38);
  draw("stroke='#9ec5fe'", c.training);
  draw("stroke='#0550ae' stroke-width='2.5'", c.held_out);
  return out + "</svg>\n";
}

}  // namespace transformer
