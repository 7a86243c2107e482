// SPDX-License-Identifier: Apache-2.0
// The text to learn: files of fortunes, as characters that the model knows.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "model.hpp"

namespace transformer {

/// A file's characters as ids: bytes that are no ASCII and letters struck over by a backspace are left out, tabs become a space.
inline void append(std::vector<std::uint8_t>& ids, const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  if (!in || bytes.empty())
    throw std::runtime_error(file.string() + ": cannot be read; install the Debian packages fortunes and fortunes-min");
  for (const char c : bytes) {
    if (c == '\b' && !ids.empty()) ids.pop_back();
    else if (c == '\t') ids.push_back(static_cast<std::uint8_t>(id_of(' ')));
    else if (c == '\n' || (c >= ' ' && c <= '~')) ids.push_back(static_cast<std::uint8_t>(id_of(c)));
  }
}

/// Texts for training, and the last twentieth of each file, which is held out.
struct corpus {
  std::vector<std::uint8_t> training, held_out;
};
inline corpus read_fortunes(const std::filesystem::path& folder) {
  corpus c;
  for (const char* name : {"computers", "cookie", "definitions", "education", "food", "fortunes", "kids", "law", "linux", "literature",
                           "magic", "people", "platitudes", "science", "songs-poems", "sports", "startrek", "wisdom", "work"}) {
    std::vector<std::uint8_t> ids;
    append(ids, folder / name);
    const auto split = ids.begin() + static_cast<std::ptrdiff_t>(ids.size() - ids.size() / 20);
    c.training.insert(c.training.end(), ids.begin(), split);
    c.held_out.insert(c.held_out.end(), split, ids.end());
  }
  return c;
}

}  // namespace transformer
