// SPDX-License-Identifier: Apache-2.0
// The header of a .safetensors file: JSON of exactly the form that the format has, no other, and what it must say of the data behind it.
// Nothing recurs, and no more is kept than the header is long. Specification: huggingface/safetensors, "Format".
#pragma once

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include <sinter/core/file.hpp>
#include <sinter/interop/npy.hpp>

namespace sinter::detail {

struct safetensors_type {
  const char* name;
  unsigned bytes;
};
// Those of one byte and more that the format names; sinter computes with all but those of 8 bits beside integers.
inline constexpr safetensors_type safetensors_types[] = {{"BOOL", 1}, {"U8", 1},  {"I8", 1},   {"F8_E5M2", 1}, {"F8_E4M3", 1}, {"I16", 2},
                                                         {"U16", 2},  {"F16", 2}, {"BF16", 2}, {"I32", 4},     {"U32", 4},     {"F32", 4},
                                                         {"F64", 8},  {"I64", 8}, {"U64", 8},  {"C64", 8}};
template <class T> constexpr const char* safetensors_name() {
  constexpr dtype d = dtype_of<T>();
  switch (d) {
    case dtype::boolean: return "BOOL";
    case dtype::i8: return "I8";
    case dtype::i16: return "I16";
    case dtype::i32: return "I32";
    case dtype::i64: return "I64";
    case dtype::u8: return "U8";
    case dtype::u16: return "U16";
    case dtype::u32: return "U32";
    case dtype::u64: return "U64";
    case dtype::f16: return "F16";
    case dtype::bf16: return "BF16";
    case dtype::f32: return "F32";
    case dtype::f64: return "F64";
    default: return "C64";
  }
}
struct safetensors_entry {
  std::string name, type;
  std::vector<extent_t> extents;
  std::uint64_t begin = 0, end = 0;  // bytes behind the header
};
struct safetensors_header {
  std::vector<safetensors_entry> entries;  // in the order of their data
  std::vector<std::pair<std::string, std::string>> metadata;
};

// Bytes of the sequence of UTF-8 that begins a text, or 0.
inline std::size_t utf8_length(std::string_view s) {
  const auto at = [&](std::size_t i) { return i < s.size() ? static_cast<unsigned char>(s[i]) : 0u; };
  const unsigned c = at(0);
  if (c < 0x80) return s.empty() ? 0 : 1;
  const std::size_t n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
  if (c < 0xc2 || c > 0xf4) return 0;
  for (std::size_t i = 1; i < n; ++i)
    if (at(i) < 0x80 || at(i) > 0xbf) return 0;
  if ((c == 0xe0 && at(1) < 0xa0) || (c == 0xed && at(1) > 0x9f) || (c == 0xf0 && at(1) < 0x90) || (c == 0xf4 && at(1) > 0x8f)) return 0;
  return n;
}

class safetensors_parser {
 public:
  safetensors_parser(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  safetensors_header parse() {
    safetensors_header h;
    bool has_metadata = false;
    if (text_.empty() || text_[0] != '{') wrong("no { at its first byte");
    object([&](std::string key) {
      if (key != "__metadata__") return entry(h, static_cast<std::string&&>(key));
      if (has_metadata) wrong("__metadata__ twice");
      has_metadata = true;
      object([&](std::string name) { h.metadata.emplace_back(static_cast<std::string&&>(name), string()); });
    });
    for (; at_ < text_.size(); ++at_)
      if (text_[at_] != ' ') wrong("more than spaces behind its end");
    return h;
  }

 private:
  std::string_view text_;
  const std::string& file_;
  std::size_t at_ = 0;

  [[noreturn]] void wrong(const std::string& what) const {
    refuse_file(file_, "the header has " + what + " at byte " + std::to_string(at_ + 8) +
                           R"(; expected {"name": {"dtype": "F32", "shape": [3, 4], "data_offsets": [0, 48]}} with other values)");
  }
  char peek() {  // the next character that is no space, or 0
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool accept(char c) { return peek() == c && at_ < text_.size() ? ++at_, true : false; }
  void expect(char c) {
    if (!accept(c)) wrong(std::string("no ") + c);
  }
  // Calls `value` with each key, at its value.
  template <class F> void object(F value) {
    expect('{');
    if (accept('}')) return;
    do {
      std::string key = string();
      expect(':');
      value(static_cast<std::string&&>(key));
    } while (accept(','));
    expect('}');
  }
  std::uint64_t number() {
    const char first = peek();
    if (first < '0' || first > '9') wrong("no number, or a negative one");
    std::uint64_t n = 0;
    const std::size_t begin = at_;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_)
      if (__builtin_mul_overflow(n, std::uint64_t{10}, &n) || __builtin_add_overflow(n, static_cast<unsigned>(text_[at_] - '0'), &n))
        wrong("a number that is too large");
    if (first == '0' && at_ > begin + 1) wrong("a number that begins with 0");
    return n;
  }
  template <class F> void array(F item) {
    expect('[');
    if (accept(']')) return;
    do item(number());
    while (accept(','));
    expect(']');
  }
  std::string string() {
    expect('"');
    std::string s;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (static_cast<unsigned char>(text_[at_]) < 0x20) wrong("a control character in a string");
      if (text_[at_] == '\\') {
        escape(s);
        continue;
      }
      const std::size_t n = utf8_length(text_.substr(at_));
      if (n == 0) wrong("a string that is no UTF-8");
      s.append(text_.substr(at_, n));
      at_ += n;
    }
    if (at_ == text_.size()) wrong("a string without end");
    ++at_;
    return s;
  }
  void escape(std::string& s) {
    constexpr std::string_view letters = "\"\\/bfnrt", meant = "\"\\/\b\f\n\r\t";
    const char c = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    const std::size_t which = c == '\0' ? std::string_view::npos : letters.find(c);
    if (which != std::string_view::npos) {
      s += meant[which];
      at_ += 2;
    } else if (c == 'u') {
      unsigned code = unit();
      if (code >= 0xdc00 && code <= 0xdfff) wrong("half of a character");
      if (code >= 0xd800 && code <= 0xdbff) {
        const unsigned low = text_.substr(at_, 2) == "\\u" ? unit() : 0;
        if (low < 0xdc00 || low > 0xdfff) wrong("half of a character");
        code = 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff);
      }
      const auto put = [&](unsigned byte) { s += static_cast<char>(byte); };
      if (code < 0x80) put(code);
      else if (code < 0x800) put(0xc0 | code >> 6), put(0x80 | (code & 63));
      else if (code < 0x10000) put(0xe0 | code >> 12), put(0x80 | (code >> 6 & 63)), put(0x80 | (code & 63));
      else put(0xf0 | code >> 18), put(0x80 | (code >> 12 & 63)), put(0x80 | (code >> 6 & 63)), put(0x80 | (code & 63));
    } else {
      wrong("an escape that JSON has not");
    }
  }
  unsigned unit() {  // \uXXXX
    unsigned code = 0;
    if (text_.size() - at_ < 6) wrong("an escape that is cut off");
    for (std::size_t i = 2; i < 6; ++i) {
      const char c = text_[at_ + i];
      const bool digit = c >= '0' && c <= '9', lower = c >= 'a' && c <= 'f', upper = c >= 'A' && c <= 'F';
      if (!digit && !lower && !upper) wrong("an escape without four digits");
      code = code * 16 + static_cast<unsigned>(c - (digit ? '0' : lower ? 'a' - 10 : 'A' - 10));
    }
    at_ += 6;
    return code;
  }
  void entry(safetensors_header& h, std::string name) {
    safetensors_entry e;
    e.name = static_cast<std::string&&>(name);
    unsigned seen = 0;
    object([&](const std::string& key) {
      const unsigned bit = key == "dtype" ? 1 : key == "shape" ? 2 : key == "data_offsets" ? 4 : 0;
      if (!bit || (seen & bit)) wrong("the key '" + key + "' in tensor '" + e.name + "'");
      seen |= bit;
      if (bit == 1) e.type = string();
      else if (bit == 2)
        array([&](std::uint64_t n) {
          if (n > static_cast<std::uint64_t>(std::numeric_limits<extent_t>::max())) wrong("an extent that is too large");
          if (e.extents.size() == 64) wrong("more than 64 axes");
          e.extents.push_back(static_cast<extent_t>(n));
        });
      else {
        std::uint64_t to[2] = {}, count = 0;
        array([&](std::uint64_t n) {
          if (count == 2) wrong("more than two data_offsets");
          to[count++] = n;
        });
        if (count != 2) wrong("fewer than two data_offsets");
        e.begin = to[0], e.end = to[1];
      }
    });
    if (seen != 7) wrong("no dtype, shape or data_offsets in tensor '" + e.name + "'");
    h.entries.push_back(static_cast<safetensors_entry&&>(e));
  }
};

inline constexpr std::uint64_t longest_safetensors_header = 100'000'000;  // bytes, as in the reference implementation

// Keys that stand there twice, which JSON leaves to the reader: one of the two values would be lost.
template <class Items, class Key> void refuse_duplicates(const Items& items, Key key, const char* what, const std::string& file) {
  std::vector<std::string_view> keys;
  for (const auto& i : items) keys.push_back(key(i));
  std::sort(keys.begin(), keys.end());
  const auto twice = std::adjacent_find(keys.begin(), keys.end());
  if (twice != keys.end()) refuse_file(file, std::string("has two ") + what + " named '" + std::string(*twice) + "'");
}
// Whether the data behind the header is that of the tensors, one after the other, all of it.
inline void check_safetensors(safetensors_header& h, std::uint64_t data, const std::string& file) {
  refuse_duplicates(
      h.entries, [](const auto& e) { return std::string_view(e.name); }, "tensors", file);
  refuse_duplicates(
      h.metadata, [](const auto& m) { return std::string_view(m.first); }, "notes", file);
  for (const safetensors_entry& e : h.entries) {
    const auto* const type =
        std::find_if(std::begin(safetensors_types), std::end(safetensors_types), [&](const auto& t) { return e.type == t.name; });
    if (type == std::end(safetensors_types))
      refuse_file(file, "tensor '" + e.name + "' has the element type '" + e.type + "', which is unknown");
    std::uint64_t bytes = type->bytes;
    bool fits = true, nothing = false;
    for (const extent_t n : e.extents) nothing |= n == 0;
    for (const extent_t n : e.extents) fits &= nothing || !__builtin_mul_overflow(bytes, static_cast<std::uint64_t>(n), &bytes);
    if (nothing) bytes = 0;
    if (e.begin > e.end || e.end > data)
      refuse_file(file, "tensor '" + e.name + "' lies at bytes " + std::to_string(e.begin) + " to " + std::to_string(e.end) + " of " +
                            std::to_string(data) + " bytes of data");
    if (!fits || bytes != e.end - e.begin)
      refuse_file(file, "tensor '" + e.name + "' has " + std::to_string(e.end - e.begin) +
                            " bytes; expected as many as its shape and type have" + (fits ? ", " + std::to_string(bytes) : ""));
  }
  std::sort(h.entries.begin(), h.entries.end(), [](const auto& a, const auto& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end != b.end ? a.end < b.end : a.name < b.name;
  });
  std::uint64_t at = 0;
  for (const safetensors_entry& e : h.entries) {
    if (e.begin != at)
      refuse_file(file, "tensor '" + e.name + "' begins at byte " + std::to_string(e.begin) +
                            " of the data, where the one before ends at " + std::to_string(at));
    at = e.end;
  }
  if (at != data)
    refuse_file(file, "has " + std::to_string(data) + " bytes of data, of which no tensor has those from " + std::to_string(at));
}

}  // namespace sinter::detail
