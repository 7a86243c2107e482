// SPDX-License-Identifier: Apache-2.0
// Reading types and attributes of a module's text. Types that nothing computes in are kept in wider ones: i2 and i4 in i8, u2 and u4 in u8,
// floating point of 8 bits and fewer in f32, always holding numbers that the narrow type has.
#pragma once

#include <sinter/core/check.hpp>
#include <sinter/core/small_floats.hpp>
#include <sinter/import/decimal.hpp>
#include <sinter/import/stablehlo_link.hpp>

namespace sinter::mlir {

/// A type whose numbers are kept in a wider one.
enum class narrow : std::uint8_t {
  none,
  i2,
  i4,
  u2,
  u4,
  // in the order of small_float
  f4e2m1fn,
  f6e2m3fn,
  f6e3m2fn,
  f8e3m4,
  f8e4m3,
  f8e4m3fn,
  f8e4m3fnuz,
  f8e4m3b11fnuz,
  f8e5m2,
  f8e5m2fnuz,
  f8e8m0fnu,
};
struct element_type {
  dtype type = dtype::f32;
  narrow kept = narrow::none;
  constexpr bool operator==(const element_type&) const = default;
};
struct tensor_type {
  element_type element;
  shape<> extents;
  enum kind_t : std::uint8_t { none, tensor, tuple, token } kind = none;
  constexpr bool operator==(const tensor_type& o) const { return element == o.element && extents == o.extents && kind == o.kind; }
};

struct named_type {
  const char* name;
  element_type type;
};
// clang-format off
inline constexpr named_type type_names[] = {
    {"f32", {dtype::f32}}, {"i32", {dtype::i32}}, {"i64", {dtype::i64}}, {"i1", {dtype::boolean}}, {"f16", {dtype::f16}}, {"bf16", {dtype::bf16}},
    {"f64", {dtype::f64}}, {"i8", {dtype::i8}}, {"ui8", {dtype::u8}}, {"ui32", {dtype::u32}}, {"ui64", {dtype::u64}}, {"i16", {dtype::i16}},
    {"ui16", {dtype::u16}}, {"si8", {dtype::i8}}, {"si16", {dtype::i16}}, {"si32", {dtype::i32}}, {"si64", {dtype::i64}},
    {"i4", {dtype::i8, narrow::i4}}, {"ui4", {dtype::u8, narrow::u4}}, {"i2", {dtype::i8, narrow::i2}}, {"ui2", {dtype::u8, narrow::u2}},
    {"si4", {dtype::i8, narrow::i4}}, {"si2", {dtype::i8, narrow::i2}}, {"index", {dtype::i64}},
    {"f4E2M1FN", {dtype::f32, narrow::f4e2m1fn}}, {"f6E2M3FN", {dtype::f32, narrow::f6e2m3fn}}, {"f6E3M2FN", {dtype::f32, narrow::f6e3m2fn}},
    {"f8E3M4", {dtype::f32, narrow::f8e3m4}}, {"f8E4M3", {dtype::f32, narrow::f8e4m3}}, {"f8E4M3B11FNUZ", {dtype::f32, narrow::f8e4m3b11fnuz}},
    {"f8E4M3FN", {dtype::f32, narrow::f8e4m3fn}}, {"f8E4M3FNUZ", {dtype::f32, narrow::f8e4m3fnuz}}, {"f8E5M2", {dtype::f32, narrow::f8e5m2}},
    {"f8E5M2FNUZ", {dtype::f32, narrow::f8e5m2fnuz}}, {"f8E8M0FNU", {dtype::f32, narrow::f8e8m0fnu}},
};
// clang-format on
constexpr bool is_narrow_float(narrow n) { return n >= narrow::f4e2m1fn; }
constexpr small_float format_of(narrow n) { return static_cast<small_float>(static_cast<int>(n) - static_cast<int>(narrow::f4e2m1fn)); }
/// Bits of an element as the module's type has it.
constexpr int bits_of(element_type t) {
  if (is_narrow_float(t.kept)) return sinter::detail::bits_of(format_of(t.kept));
  if (t.kept == narrow::none) return t.type == dtype::boolean ? 1 : info(t.type).bits;
  return t.kept == narrow::i2 || t.kept == narrow::u2 ? 2 : 4;
}

/// Reads types and attributes at places of a text. The first failure is kept.
class reader {
 public:
  diagnostic failed;
  constexpr explicit reader(text t) : t_(t) {}
  constexpr text source() const { return t_; }
  constexpr void fail(expected what, int at) {
    if (failed) return;
    int end = at;
    while (end < t_.size && end < at + 48 && t_[end] != '\n' && t_[end]) ++end;
    failed = {what, at, end};
  }

  constexpr bool element(int& at, element_type& to, expected otherwise = expected::element_type) {
    if (starts_with(t_, at, "complex<")) {
      const bool wide = starts_with(t_, at + 8, "f64>");
      if (!wide && !starts_with(t_, at + 8, "f32>")) return fail(expected::element_type, at), false;
      to = {wide ? dtype::complex128 : dtype::complex64};
      at += 12;
      return true;
    }
    const span name{at, skip_name(t_, at)};
    for (const named_type& n : type_names)
      if (t_[at] == n.name[0] && equal(t_, name, n.name)) {
        to = n.type, at = name.end;
        return true;
      }
    fail(starts_with(t_, at, "!quant") ? expected::unquantised_type : otherwise, at);
    return false;
  }
  /// The type at `at`, behind which it moves.
  constexpr tensor_type type(int& at) {
    tensor_type r;
    at = skip_space(t_, at);
    if (t_[at] == '!' && !starts_with(t_, at, "!stablehlo") && !starts_with(t_, at, "!quant")) {  // an alias
      const span name{at, skip_name(t_, at + 1)};
      at = name.end;
      int there = alias(name);
      return there < 0 ? (fail(expected::type, name.begin), r) : type(there);
    }
    if (starts_with(t_, at, "!stablehlo.token")) {
      at += 16, r.kind = tensor_type::token;
      return r;
    }
    if (starts_with(t_, at, "tuple<")) {
      at = skip_group(t_, at + 5), r.kind = tensor_type::tuple;
      return r;
    }
    const int begin = at;
    if (!starts_with(t_, at, "tensor<")) {
      if (element(at, r.element, expected::type)) r.kind = tensor_type::tensor;
      return r;
    }
    at += 7;
    while (is_digit(t_[at]) || t_[at] == '?') {
      extent_t e = 0;
      if (t_[at] == '?') return fail(expected::static_shape, begin), r;
      for (; is_digit(t_[at]); ++at)
        if ((e = 10 * e + (t_[at] - '0')) > max_elements) return fail(expected::shape, begin), r;
      if (t_[at] != 'x' || r.extents.rank == max_rank) return fail(expected::shape, begin), r;
      ++at, r.extents.append(e);
    }
    if (t_[at] == '*') return fail(expected::static_shape, begin), r;
    if (!element(at, r.element)) return r;
    if (t_[at] == ',') {  // an encoding: of bounds, which are dynamic, or of a layout
      if (starts_with(t_, skip_space(t_, at + 1), "#stablehlo.bounds")) return fail(expected::static_shape, begin), r;
      at = skip_group(t_, begin + 6);
    } else if (t_[at++] != '>') return fail(expected::closing_bracket, begin), r;
    r.kind = tensor_type::tensor;
    return r;
  }
  /// Behind the type at `at`.
  constexpr int skip_type(int at) const {
    at = skip_space(t_, at);
    if (t_[at] == '(') return skip_group(t_, at);
    at = skip_name(t_, t_[at] == '!' ? at + 1 : at);
    return t_[at] == '<' ? skip_group(t_, at) : at;
  }
  /// Where the types of an op's results begin, of a signature T, T1, ..., Tn (the last is the result's) or T -> R or (T, ...) -> R.
  constexpr int results_of(int signature) const {
    int at = skip_space(t_, signature), last = at;
    for (;;) {
      last = at;
      at = skip_space(t_, skip_type(at));
      if (starts_with(t_, at, "->")) return skip_space(t_, at + 2);
      if (t_[at] != ',') return last;
      at = skip_space(t_, at + 1);
    }
  }
  /// Type number k of a list (T0, T1 {attributes}, ...) or of a single T.
  constexpr tensor_type listed(int at, int k) {
    at = listed_at(at, k);
    return failed ? tensor_type{} : type(at);
  }
  /// Where it stands.
  constexpr int listed_at(int at, int k) {
    at = skip_space(t_, at);
    if (t_[at] != '(') return at;
    for (++at; k > 0; --k) {
      at = skip_space(t_, skip_type(at));
      if (t_[at] == '{') at = skip_space(t_, skip_group(t_, at));
      if (t_[at] != ',') return fail(expected::type, at), at;
      ++at;
    }
    return skip_space(t_, at);
  }

  /// Where `name = value` stands at the top of the text: behind '='; -1: nowhere.
  constexpr int alias(span name) const {
    for (int at = 0; at < t_.size; at = scan(t_, at, "\n") + 1) {
      const int p = skip_space(t_, at);
      if (p >= t_.size) return -1;
      if (t_[p] != t_[name.begin]) {
        at = p;
        continue;
      }
      const span other{p, skip_name(t_, p + 1)};
      const int q = skip_space(t_, other.end);
      if (equal(t_, name, other) && t_[q] == '=') return skip_space(t_, q + 1);
      at = p;
    }
    return -1;
  }

  /// Where the value of attribute `key` stands in [begin, end), where attributes are `key = value` and those inside {} and <{}>; -1:
  /// nowhere.
  constexpr int attribute(int begin, int end, const char* key) const {
    for (int at = begin; begin >= 0 && at < end;) {
      at = skip_space(t_, at);
      const char c = t_[at];
      if (at >= end) break;
      if (c == '"') {
        const span name{at + 1, skip_string(t_, at) - 1};
        at = name.end + 1;
        const int q = skip_space(t_, at);
        if (t_[q] != '=') continue;
        if (equal(t_, name, key)) return skip_space(t_, q + 1);
        at = skip_value(q + 1, end);
      } else if (is_letter(c)) {
        const span name{at, skip_name(t_, at)};
        at = name.end;
        const int q = skip_space(t_, at);
        if (t_[q] != '=') {
          if (t_[at] == '<') at = skip_group(t_, at);
          continue;
        }
        if (equal(t_, name, key)) return skip_space(t_, q + 1);
        at = skip_value(q + 1, end);
      } else if (c == '[' || (c == '<' && t_[skip_space(t_, at + 1)] != '{')) {
        at = skip_group(t_, at);
      } else if (c == '%' || c == '@') {
        at = t_[at + 1] == '"' ? skip_string(t_, at + 1) : skip_name(t_, at + 1);
      } else ++at;
    }
    return -1;
  }
  /// Attribute `key` of an op, of one with regions also behind these.
  constexpr int attribute(const module_view& m, const linked_op& o, const char* key) const {
    int at = attribute(o.attributes, o.signature >= 0 ? o.signature - 1 : o.end, key);
    if (at < 0 && o.match >= 0 && o.kind > op_kind::operation_end) {
      const linked_op& e = m.ops[o.match];
      at = attribute(e.attributes, e.signature >= 0 ? e.signature - 1 : e.end, key);
    }
    if (at < 0 || t_[at] != '#' || starts_with(t_, at, "#stablehlo") || starts_with(t_, at, "#chlo") || starts_with(t_, at, "#mhlo"))
      return at;
    return alias({at, skip_name(t_, at + 1)});
  }
  constexpr int attribute(const module_view& m, const linked_op& o, const char* key, const char* other) const {
    const int at = attribute(m, o, key);
    return at >= 0 ? at : attribute(m, o, other);
  }

  /// All numbers of [1, 2], array<i64: 1, 2>, dense<[[1, 2], [3, 4]]> : tensor<..>, dense<3> : tensor<2xi64> or 1 : i64. How many there
  /// are.
  constexpr int integers(int at, extent_t* to, int most) {
    int count = 0;
    if (at < 0) return 0;
    if (starts_with(t_, at, "dense<")) {
      const int end = skip_group(t_, at + 5);
      int inner = at + 6;
      const bool splat = t_[skip_space(t_, inner)] != '[';
      if (t_[skip_space(t_, inner)] == '"') return fail(expected::integers, at), 0;
      count = numbers(inner, end - 1, to, most);
      int type_at = skip_space(t_, end);
      if (splat && count == 1 && t_[type_at] == ':') {
        ++type_at;
        const tensor_type type_of = type(type_at);
        extent_t n = 1;
        for (int a = 0; a < type_of.extents.rank; ++a) n = sinter::detail::saturating_product(n, type_of.extents[a]);
        if (n > most) return fail(expected::integers, at), 0;
        for (; count < n; ++count) to[count] = to[0];
        count = static_cast<int>(n);
      }
      return count;
    }
    if (starts_with(t_, at, "array<")) {
      const int end = skip_group(t_, at + 5);
      int inner = at + 6;
      while (inner < end && t_[inner] != ':' && t_[inner] != '>') ++inner;
      return t_[inner] == ':' ? numbers(inner + 1, end - 1, to, most) : 0;
    }
    if (t_[at] == '[') return numbers(at + 1, skip_group(t_, at) - 1, to, most);
    const number_text n = number_at(t_, at);
    if (most < 1 || !is_extent(n)) return fail(expected::integers, at), 0;
    to[0] = n.as_integer();
    return 1;
  }
  constexpr bool list(int at, sinter::axes& to) {
    extent_t n[max_rank + 1] = {};
    to.count = at < 0 ? 0 : integers(at, n, max_rank);
    for (int i = 0; i < to.count; ++i) to.axis[i] = n[i] > max_rank || n[i] < -max_rank ? max_rank + 1 : static_cast<int>(n[i]);
    return !failed;
  }
  constexpr extent_t integer(int at, extent_t otherwise) {
    if (at < 0) return otherwise;
    if (starts_with(t_, at, "dense<")) at = skip_space(t_, at + 6);
    if (t_[at] == '[') at = skip_space(t_, at + 1);
    const number_text n = number_at(t_, at);
    if (!is_extent(n)) return fail(expected::integer, at), otherwise;
    return n.as_integer();
  }
  constexpr bool flag(int at, bool otherwise) { return integer(at, otherwise) != 0; }
  /// Whether an enumeration such as LT, #stablehlo<comparison_direction LT> or "LT" at `at` is `word`.
  constexpr bool names(int at, const char* word) const {
    if (at < 0) return false;
    if (t_[at] == '"') ++at;
    if (t_[at] == '#') {
      at = scan(t_, at, "<") + 1;
      at = skip_name(t_, skip_space(t_, at));
      at = skip_space(t_, at);
    }
    return is_word(t_, at, word);
  }

 private:
  text t_;
  // Whether a number can be one of an attribute: sums and products of few such do not overflow.
  static constexpr bool is_extent(const number_text& n) {
    if (n.kind == number_text::boolean) return true;
    return (n.kind == number_text::integer || n.kind == number_text::bits) && n.digits <= std::uint64_t{max_elements};
  }

  constexpr int skip_value(int at, int end) const {
    for (const int first = at = skip_space(t_, at); at < end;) {
      const char c = t_[at];
      if (c == ',' || c == '}' || (c == '{' && at != first)) return at;
      if (c == '"') at = skip_string(t_, at);
      else if (is_opening(c)) at = skip_group(t_, at);
      else if (c == '%') return at;
      else if (is_name(c)) at = skip_name(t_, at + 1);
      else ++at;
      at = skip_space(t_, at);
    }
    return at;
  }
  constexpr int numbers(int at, int end, extent_t* to, int most) {
    int count = 0;
    for (at = skip_space(t_, at); at < end; at = skip_space(t_, at)) {
      if (t_[at] == ',' || t_[at] == '[' || t_[at] == ']') {
        ++at;
        continue;
      }
      const number_text n = number_at(t_, at);
      if (!is_extent(n) || count == most) return fail(expected::integers, at), 0;
      to[count++] = n.as_integer();
      at = n.end;
      if (t_[at] == ' ' && t_[at + 1] == ':') at = skip_name(t_, skip_space(t_, skip_space(t_, at) + 1));  // 1 : i64
    }
    return count;
  }
};

}  // namespace sinter::mlir
