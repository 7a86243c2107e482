// SPDX-License-Identifier: Apache-2.0
// Reading text in constant evaluation: finding characters, names, brackets and numbers. Everything here also runs at run time.
#pragma once

#include <sinter/core/lists.hpp>

namespace sinter::mlir {

/// Text that ends with a zero.
struct text {
  const char* at = nullptr;
  int size = 0;
  constexpr char operator[](int i) const { return at[i]; }
};

/// A part of a text.
struct span {
  int begin = 0, end = 0;
  constexpr int size() const { return end - begin; }
};

constexpr bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
namespace detail {
struct name_characters {  // of names and numbers; a table, for each character of a text is looked up
  bool at[256] = {};
  constexpr name_characters() {
    for (int c = 0; c < 128; ++c)
      at[c] = is_letter(static_cast<char>(c)) || is_digit(static_cast<char>(c)) || c == '.' || c == '$' || c == '-';
  }
};
inline constexpr name_characters names{};
}  // namespace detail
constexpr bool is_name(char c) { return detail::names.at[static_cast<unsigned char>(c)]; }
constexpr int hex_digit(char c) {
  return is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// Where the character `*c` is, from `at` on; the end if there is none.
constexpr int scan(text t, int at, const char* c) {
#if SINTER_SCAN_LOOP
  while (at < t.size && t.at[at] != *c) ++at;
  return at;
#elif SINTER_SCAN_STRCHR
  const char* found = __builtin_strchr(t.at + at, *c);
  return found ? static_cast<int>(found - t.at) : t.size;
#else
  const int found = at + static_cast<int>(__builtin_strcspn(t.at + at, c));
  return found < t.size ? found : t.size;
#endif
}
/// Where the next bracket, quote or slash is.
constexpr int next_bracket(text t, int at) {
#if SINTER_SCAN_LOOP || SINTER_SCAN_STRCHR
  for (; at < t.size; ++at) {
    const char c = t.at[at];
    if (c == '(' || c == ')' || c == '[' || c == ']' || c == '{' || c == '}' || c == '<' || c == '>' || c == '"' || c == '/') return at;
  }
  return t.size;
#else
  const int found = at + static_cast<int>(__builtin_strcspn(t.at + at, "()[]{}<>\"/"));
  return found < t.size ? found : t.size;
#endif
}

/// Behind blanks and comments.
constexpr int skip_space(text t, int at) {
  for (;; ++at) {
    const char c = t.at[at];
    if (c > '/') return at;
    if (c == '/' && t.at[at + 1] == '/') {
      at = scan(t, at, "\n");
      if (at >= t.size) return t.size;
    } else if (!is_space(c)) return at;
  }
}
/// Behind a name that begins at `at`.
constexpr int skip_name(text t, int at) {
  const int begin = at;
#if SINTER_SCAN_LOOP || SINTER_SCAN_STRCHR
  while (detail::names.at[static_cast<unsigned char>(t.at[at])]) ++at;
#else
  at += static_cast<int>(__builtin_strspn(t.at + at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789.$-"));
#endif
  return at > begin && t.at[at] == '>' && t.at[at - 1] == '-' ? at - 1 : at;  // an arrow is no name
}
/// Behind a string whose opening quote is at `at`; the end if it is not closed.
constexpr int skip_string(text t, int at) {
  for (int from = at + 1; (at = scan(t, from, "\"")) < t.size; from = at + 1) {
    int escapes = 0;
    while (t.at[at - 1 - escapes] == '\\') ++escapes;
    if (escapes % 2 == 0) return at + 1;
  }
  return t.size;
}
constexpr bool is_opening(char c) { return c == '(' || c == '[' || c == '{' || c == '<'; }
/// Behind the bracket that closes the one at `at`; the end if none does.
constexpr int skip_group(text t, int at) {
  constexpr int deepest = 64;
  char open[deepest] = {};
  int depth = 0;
  for (; at < t.size; at = next_bracket(t, at)) {
    const char c = t.at[at];
    if (c == '"') {
      at = skip_string(t, at);
      continue;
    }
    if (c == '/') {
      at = t.at[at + 1] == '/' ? scan(t, at, "\n") : at + 1;
      continue;
    }
    if (c == '>' && t.at[at - 1] == '-') {  // an arrow
      ++at;
      continue;
    }
    if (is_opening(c)) {
      if (depth == deepest) return t.size;
      open[depth++] = c;
    } else {
      const char want = c == ')' ? '(' : c == ']' ? '[' : c == '}' ? '{' : '<';
      if (depth == 0 || open[depth - 1] != want) return t.size;
      if (--depth == 0) return at + 1;
    }
    ++at;
  }
  return t.size;
}
/// Whether `word` stands at `at`.
constexpr bool starts_with(text t, int at, const char* word) {
  for (; *word; ++word, ++at)
    if (t.at[at] != *word) return false;
  return true;
}
/// The same, and no name goes on behind it.
constexpr bool is_word(text t, int at, const char* word) {
  if (!starts_with(t, at, word)) return false;
  while (*word) ++word, ++at;
  return !is_name(t.at[at]);
}
/// Whether n characters at a and b are the same.
constexpr bool same_characters(const char* a, const char* b, int n) {
#if SINTER_SCAN_LOOP
  for (int i = 0; i < n; ++i)
    if (a[i] != b[i]) return false;
  return true;
#else
  return __builtin_memcmp(a, b, static_cast<std::size_t>(n)) == 0;
#endif
}
constexpr bool equal(text t, span a, span b) { return a.size() == b.size() && same_characters(t.at + a.begin, t.at + b.begin, a.size()); }
constexpr bool equal(text t, span a, const char* b) {
  const int size = static_cast<int>(__builtin_strlen(b));
  return a.size() == size && same_characters(t.at + a.begin, b, size);
}
/// Of a name: from its length and some of its characters, for all of them would take most of the time of a parse.
constexpr std::uint32_t hash(const char* s, int size) {
  if (size < 1) return 0;
  const auto at = [&](int i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(s[i])); };
  std::uint32_t h = static_cast<std::uint32_t>(size) * 0x9e3779b1u + at(size - 1) * 0x85ebca6bu;
  if (size > 1) h = (h ^ at(size - 2)) * 0x01000193u;
  if (size > 2) h = (h ^ at(size - 3)) * 0x01000193u;
  if (size > 3) h = (h ^ at(size - 4)) * 0x01000193u;
  if (size > 8) h = (h ^ at(size / 2)) * 0x01000193u;
  if (size > 10) h = (h ^ at(10)) * 0x01000193u;
  return h ^ (h >> 15);
}
constexpr std::uint32_t hash(text t, span a) { return hash(t.at + a.begin, a.size()); }
constexpr std::uint32_t hash(const char* s) { return hash(s, static_cast<int>(__builtin_strlen(s))); }

struct position {
  int line = 1, column = 1;
};
constexpr position position_of(text t, int at) {
  position p;
  int begin = 0;
  for (int next; (next = scan(t, begin, "\n")) < at && next < t.size; begin = next + 1) ++p.line;
  p.column = at - begin + 1;
  return p;
}

}  // namespace sinter::mlir
