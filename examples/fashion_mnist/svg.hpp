// SPDX-License-Identifier: Apache-2.0
// Draws the demo's picture as SVG text: a grid of images with predicted and true classes, and the loss curve.
// Self-contained: images are embedded as PNG files of about 500 bytes each. Does not train and does not write files.
#pragma once

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace fashion_mnist {

/// One image [28, 28], 0 is background, and what it is and was taken for.
struct tile {
  const std::uint8_t* pixels;
  std::string_view predicted;
  std::string_view truth;
};

/// What the picture shows; loss holds means over equal pieces of the training, pieces_per_epoch of them in an epoch.
struct picture {
  std::string title;
  std::vector<tile> tiles;
  std::vector<double> loss;
  std::size_t pieces_per_epoch;
};

namespace detail {

template <class... A> std::string format(const char* pattern, A... arguments) {
  std::string text(static_cast<std::size_t>(std::snprintf(nullptr, 0, pattern, arguments...)), '\0');
  std::snprintf(text.data(), text.size() + 1, pattern, arguments...);
  return text;
}

/// For text between tags; attributes stand in single quotes here and hold only our own text.
inline std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
  return out;
}

inline std::string draw_text(const char* kind, double x, double y, std::string_view text) {
  return format("<text class='%s' x='%g' y='%g'>%s</text>\n", kind, x, y, escape(text).c_str());
}

inline std::string draw_line(const char* kind, double x1, double y1, double x2, double y2) {
  return format("<line class='%s' x1='%g' y1='%g' x2='%g' y2='%g'/>\n", kind, x1, y1, x2, y2);
}

inline std::string base64(const std::string& bytes) {
  constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t word = 0;
    for (std::size_t k = 0; k < 3; ++k) word = word << 8 | (k < n ? static_cast<std::uint8_t>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) out += k <= n ? digits[word >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

inline std::string big_endian(std::uint32_t x) {
  return {static_cast<char>(x >> 24), static_cast<char>(x >> 16 & 255), static_cast<char>(x >> 8 & 255), static_cast<char>(x & 255)};
}

/// Length, kind, data, CRC: PNG specification, section 5.3.
inline std::string png_chunk(const std::string& kind, const std::string& data) {
  const std::string body = kind + data;
  const auto crc = crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return big_endian(static_cast<std::uint32_t>(data.size())) + body + big_endian(static_cast<std::uint32_t>(crc));
}

/// An 8-bit grey PNG file, dark on white: 255 - pixel.
inline std::string png(const std::uint8_t* pixels, std::size_t rows, std::size_t columns) {
  std::string raw;
  for (std::size_t r = 0; r < rows; ++r) {
    raw += '\0';  // filter "none"
    for (std::size_t c = 0; c < columns; ++c) raw += static_cast<char>(255 - pixels[r * columns + c]);
  }
  uLongf packed_size = compressBound(static_cast<uLong>(raw.size()));
  std::string packed(packed_size, '\0');
  if (compress2(reinterpret_cast<Bytef*>(packed.data()), &packed_size, reinterpret_cast<const Bytef*>(raw.data()),
                static_cast<uLong>(raw.size()), Z_BEST_COMPRESSION) != Z_OK)
    throw std::runtime_error("fashion_mnist::png: zlib needs more memory");
  packed.resize(packed_size);
  const std::string grey_8_bit{8, 0, 0, 0, 0};
  return std::string("\x89PNG\r\n\x1a\n") +
         png_chunk("IHDR", big_endian(static_cast<std::uint32_t>(columns)) + big_endian(static_cast<std::uint32_t>(rows)) + grey_8_bit) +
         png_chunk("IDAT", packed) + png_chunk("IEND", "");
}

inline std::string draw_tile(const tile& t, double x, double y, double size) {
  const bool wrong = t.predicted != t.truth;
  const char* kind = wrong ? "label wrong" : "label";
  const std::string data = base64(png(t.pixels, 28, 28));
  std::string out =
      format("<image x='%g' y='%g' width='%g' height='%g' href='data:image/png;base64,%s'/>\n", x, y, size, size, data.c_str());
  out += format("<rect class='%s' x='%g' y='%g' width='%g' height='%g'/>\n", wrong ? "frame wrong-frame" : "frame", x, y, size, size);
  out += draw_text(kind, x + size / 2, y + size + 13, t.predicted);
  if (wrong) out += draw_text(kind, x + size / 2, y + size + 25, format("(%s)", std::string(t.truth).c_str()));
  return out;
}

/// 1, 2 or 5 times a power of ten, so that at most `most` steps reach x.
inline double tick_step(double x, double most) {
  const double power = std::pow(10., std::floor(std::log10(x / most)));
  for (const double factor : {1., 2., 5.})
    if (factor * power * most >= x) return factor * power;
  return 10 * power;
}

inline std::string draw_polyline(const char* kind, const std::vector<std::array<double, 2>>& points) {
  std::string out = format("<polyline class='%s' points='", kind);
  for (const auto& [x, y] : points) out += format("%.1f,%.1f ", x, y);
  return out + "'/>\n";
}

/// Axes with ticks, the piecewise loss as a light line, its mean over each epoch as a dark one.
inline std::string draw_loss(const picture& p, double left, double top, double width, double height) {
  const double pieces = static_cast<double>(p.pieces_per_epoch);
  const double epochs = std::max(1., std::ceil(static_cast<double>(p.loss.size()) / pieces));
  double highest = 1e-6;
  for (const double loss : p.loss)
    if (std::isfinite(loss)) highest = std::max(highest, loss);
  const double y_step = tick_step(highest, 7);
  const double y_end = y_step * std::ceil(highest / y_step);
  const double x_step = std::max(1., tick_step(epochs, 10));
  const auto x_at = [&](double epoch) { return left + width * epoch / epochs; };
  const auto y_at = [&](double loss) { return top + height * (1 - loss / y_end); };

  std::string out;
  for (int i = 0; i * y_step <= y_end * 1.001; ++i) {
    const double y = y_at(i * y_step);
    out += draw_line(i == 0 ? "axis" : "grid", left, y, left + width, y);
    out += draw_text("tick right", left - 8, y + 4, format("%g", i * y_step));
  }
  for (int i = 0; i * x_step <= epochs * 1.001; ++i) {
    const double x = x_at(i * x_step);
    out += draw_line("axis", x, top + height, x, top + height + 5);
    out += draw_text("tick", x, top + height + 19, format("%g", i * x_step));
  }
  out += draw_line("axis", left, top, left, top + height);
  out += draw_text("tick", left + width / 2, top + height + 38, "epoch");

  std::vector<std::array<double, 2>> fine, coarse;
  double sum = 0;
  for (std::size_t i = 0; i < p.loss.size(); ++i) {
    const double loss = std::isfinite(p.loss[i]) ? p.loss[i] : y_end;
    fine.push_back({x_at((static_cast<double>(i) + .5) / pieces), y_at(loss)});
    sum += loss;
    if ((i + 1) % p.pieces_per_epoch != 0) continue;
    coarse.push_back({x_at(static_cast<double>(i + 1) / pieces - .5), y_at(sum / pieces)});
    sum = 0;
  }
  out += draw_polyline("fine", fine) + draw_polyline("coarse", coarse);
  for (const auto& [x, y] : coarse) out += format("<circle cx='%.1f' cy='%.1f' r='3.5'/>\n", x, y);
  return out;
}

inline constexpr const char* style = R"(<style>
  text { font-family: "DejaVu Sans", Helvetica, Arial, sans-serif; fill: #24292f; }
  .title { font-size: 20px; font-weight: bold; }
  .subtitle { font-size: 13px; fill: #57606a; }
  .label { font-size: 11px; text-anchor: middle; }
  .wrong { fill: #c62828; font-weight: bold; }
  .frame { fill: none; stroke: #d0d7de; stroke-width: 1; }
  .wrong-frame { stroke: #c62828; stroke-width: 2.5; }
  .tick { font-size: 12px; fill: #57606a; text-anchor: middle; }
  .right { text-anchor: end; }
  .axis { stroke: #57606a; stroke-width: 1; }
  .grid { stroke: #eaeef2; stroke-width: 1; }
  .fine { fill: none; stroke: #9ec5fe; stroke-width: 1.5; }
  .coarse { fill: none; stroke: #0550ae; stroke-width: 2.5; }
  circle { fill: #0550ae; }
</style>
)";

}  // namespace detail

/// The picture as the text of an SVG file, eight tiles to a row.
inline std::string to_svg(const picture& p) {
  constexpr std::size_t columns = 8;
  constexpr double margin = 28, top = 92, size = 64, step_x = 82, step_y = 100, gap = 60, chart = 400;
  const std::size_t rows = std::max<std::size_t>(4, (p.tiles.size() + columns - 1) / columns);
  const double grid_width = columns * step_x;
  const double grid_height = static_cast<double>(rows) * step_y;
  const double width = margin + grid_width + gap + chart + margin;
  const double height = top + grid_height + 8;
  const double chart_left = margin + grid_width + gap;

  std::string out = detail::format("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %g %g' width='%g' height='%g' role='img'>\n",
                                   width, height, width, height);
  out += "<title>" + detail::escape(p.title) + "</title>\n" + detail::style;
  out += "<rect width='100%' height='100%' fill='#ffffff'/>\n";
  out += detail::draw_text("title", margin, 40, p.title);
  out +=
      detail::format("<text class='subtitle' x='%g' y='66'>The first %zu test images and their predicted class; ", margin, p.tiles.size());
  out += "<tspan class='wrong'>wrong (true class)</tspan></text>\n";
  out += detail::draw_text("subtitle", chart_left, 66,
                           "Training loss: light 1/" + std::to_string(p.pieces_per_epoch) + " epoch means, dark epoch means");
  for (std::size_t i = 0; i < p.tiles.size(); ++i)
    out += detail::draw_tile(p.tiles[i], margin + (step_x - size) / 2 + step_x * static_cast<double>(i % columns),
                             top + step_y * static_cast<double>(i / columns), size);
  out += detail::draw_loss(p, chart_left, top, chart, grid_height - 60);
  return out + "</svg>\n";
}

}  // namespace fashion_mnist
