// SPDX-License-Identifier: Apache-2.0
// Text as a C++ string literal, whatever bytes it holds: one piece a line, long ones cut, for compilers limit the length of a literal
// (16 KB in one case) but not that of adjacent ones.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace embed {

inline void append_literal(std::string& to, std::string_view text) {
  constexpr std::size_t longest = 2000;
  std::size_t piece = 0;
  to += "    \"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (c == '\n') to += "\\n";
    else if (c == '"' || c == '\\' || c == '?') to += '\\', to += static_cast<char>(c);
    else if (c >= ' ' && c < 127) to += static_cast<char>(c);
    else {  // octal digits end after three, hexadecimal ones would go on
      char octal[8];
      std::snprintf(octal, sizeof octal, "\\%03o", c);
      to += octal;
    }
    if ((c == '\n' || ++piece >= longest) && i + 1 < text.size()) to += "\"\n    \"", piece = 0;
    if (c == '\n') piece = 0;
  }
  to += "\"";
}

inline bool read_file(const std::string& path, std::string& to) {
  std::FILE* f = std::fopen(path.c_str(), "rb");
  if (!f) return false;
  char part[65536];
  for (std::size_t n; (n = std::fread(part, 1, sizeof part, f)) > 0;) to.append(part, n);
  const bool good = !std::ferror(f);
  std::fclose(f);
  return good;
}
/// Writes a file unless it holds just this already, so that nothing is compiled again.
inline bool write_file(const std::string& path, const std::string& bytes) {
  std::string old;
  if (read_file(path, old) && old == bytes) return true;
  std::FILE* f = std::fopen(path.c_str(), "wb");
  if (!f) return false;
  const bool good = std::fwrite(bytes.data(), 1, bytes.size(), f) == bytes.size();
  return std::fclose(f) == 0 && good;
}

}  // namespace embed
