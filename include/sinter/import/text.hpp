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

/// A part of a text. Like all records that constants hold many of, it has no initialisers: compilers then fill room with zeros at no cost.
struct span {
  int begin, end;
  constexpr int size() const { return end - begin; }
};

constexpr bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
namespace detail {
// Characters as a table, for each character of a text is looked up.
struct characters {
  bool at[256] = {};
  constexpr characters(const char* s) {
    for (; *s; ++s) at[static_cast<unsigned char>(*s)] = true;
  }
};
inline constexpr characters names("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789.$-");  // and numbers
inline constexpr characters brackets("()[]{}<>\"/");                                                      // quotes and slashes
}  // namespace detail
constexpr bool is_name(char c) { return detail::names.at[static_cast<unsigned char>(c)]; }
constexpr int hex_digit(char c) {
  return is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// Where the character `*c` is, from `at` on; the end if there is none.
constexpr int scan(const text& t, int at, const char* c) {
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
/// Whether the character c is in [begin, end).
constexpr bool contains(const text& t, int begin, int end, char c) {
#if SINTER_SCAN_LOOP
  while (begin < end && t.at[begin] != c) ++begin;
  return begin < end;
#else
  return __builtin_memchr(t.at + begin, c, static_cast<std::size_t>(end - begin)) != nullptr;
#endif
}
/// Where the next bracket, quote or slash is.
constexpr int next_bracket(const text& t, int at) {
#if SINTER_SCAN_LOOP || SINTER_SCAN_STRCHR
  while (at < t.size && !detail::brackets.at[static_cast<unsigned char>(t.at[at])]) ++at;
  return at;
#else
  const int found = at + static_cast<int>(__builtin_strcspn(t.at + at, "()[]{}<>\"/"));
  return found < t.size ? found : t.size;
#endif
}

/// Behind blanks.
constexpr int skip_blanks(const text& t, int at) {
#if SINTER_SCAN_LOOP || SINTER_SCAN_STRCHR
#if SINTER_SCAN_STRCHR  // an indentation
  while (at + 4 <= t.size && __builtin_memcmp(t.at + at, "    ", 4) == 0) at += 4;
#endif
  while (is_space(t.at[at])) ++at;
  return at;
#else
  return at + static_cast<int>(__builtin_strspn(t.at + at, " \n\t\r"));
#endif
}
/// Behind blanks and comments.
constexpr int skip_space(const text& t, int at) {
  for (;;) {
    char c = t.at[at];
    if (c == ' ') c = t.at[++at];  // mostly there is one
    if (c > '/') return at;
    if (is_space(c)) {
      at = skip_blanks(t, at + 1);
    } else {
      if (c != '/' || t.at[at + 1] != '/') return at;
      at = scan(t, at, "\n");
      if (at >= t.size) return t.size;
    }
  }
}
/// Behind a name that begins at `at`.
constexpr int skip_name(const text& t, int at) {
  const int begin = at;
#if SINTER_SCAN_LOOP || SINTER_SCAN_STRCHR
  while (detail::names.at[static_cast<unsigned char>(t.at[at])]) ++at;
#else
  at += static_cast<int>(__builtin_strspn(t.at + at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789.$-"));
#endif
  return at > begin && t.at[at] == '>' && t.at[at - 1] == '-' ? at - 1 : at;  // an arrow is no name
}
/// Behind a string whose opening quote is at `at`; the end if it is not closed.
constexpr int skip_string(const text& t, int at) {
  for (int from = at + 1; (at = scan(t, from, "\"")) < t.size; from = at + 1) {
    int escapes = 0;
    while (t.at[at - 1 - escapes] == '\\') ++escapes;
    if (escapes % 2 == 0) return at + 1;
  }
  return t.size;
}
constexpr bool is_opening(char c) { return c == '(' || c == '[' || c == '{' || c == '<'; }
/// Behind the bracket that closes the one at `at`; the end if none does.
constexpr int skip_group(const text& t, int at) {
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
/// Whether `word` stands at `at`.
constexpr bool starts_with(const text& t, int at, const char* word) {
  if (t.at[at] != *word) return false;
  const int size = static_cast<int>(__builtin_strlen(word));
  return at + size <= t.size && same_characters(t.at + at, word, size);
}
/// The same, and no name goes on behind it.
constexpr bool is_word(const text& t, int at, const char* word) {
  return starts_with(t, at, word) && !is_name(t.at[at + static_cast<int>(__builtin_strlen(word))]);
}
constexpr bool equal(const text& t, const span& a, const span& b) {
  return a.size() == b.size() && same_characters(t.at + a.begin, t.at + b.begin, a.size());
}
constexpr bool equal(const text& t, const span& a, const char* b) {
  const int size = static_cast<int>(__builtin_strlen(b));
  return a.size() == size && same_characters(t.at + a.begin, b, size);
}
/// Of a name: from its length and some of its characters, for all of them would take most of the time of a parse.
constexpr std::uint32_t hash(const char* s, int size) {
  if (size < 1) return 0;
  std::uint32_t h = static_cast<std::uint32_t>(size) * 0x9e3779b1u + static_cast<std::uint32_t>(s[size - 1]);
  if (size > 3)
    h = ((h * 31 + static_cast<std::uint32_t>(s[size - 2])) * 31 + static_cast<std::uint32_t>(s[size - 3])) * 31 +
        static_cast<std::uint32_t>(s[size - 4]);
  else if (size > 1) h = (h * 31 + static_cast<std::uint32_t>(s[0])) * 31 + static_cast<std::uint32_t>(s[1]);
  if (size > 10) h = (h * 31 + static_cast<std::uint32_t>(s[10])) * 31 + static_cast<std::uint32_t>(s[size / 2]);
  return h ^ (h >> 15);
}
constexpr std::uint32_t hash(const text& t, const span& a) { return hash(t.at + a.begin, a.size()); }
constexpr std::uint32_t hash(const char* s) { return hash(s, static_cast<int>(__builtin_strlen(s))); }

struct position {
  int line = 1, column = 1;
};
constexpr position position_of(const text& t, int at) {
  position p;
  int begin = 0;
  for (int next; (next = scan(t, begin, "\n")) < at && next < t.size; begin = next + 1) ++p.line;
  p.column = at - begin + 1;
  return p;
}

}  // namespace sinter::mlir
