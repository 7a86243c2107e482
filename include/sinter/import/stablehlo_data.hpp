// SPDX-License-Identifier: Apache-2.0
// The arrays of a module: constants of more than one number. Those written in the text are decoded in constant evaluation into one array
// of bytes; those put aside (dense_resource) lie where Text::data() says, and are only placed here.
#pragma once

#include <cstddef>

#include <sinter/import/stablehlo_type.hpp>
#include <sinter/ops/user.hpp>

namespace sinter::mlir {

/// A constant: one number for all elements, or an array. `at`: where dense<...> or dense_resource<...> stands.
struct literal_text {
  enum kind_t : std::uint8_t { none, splat, list, blob, resource } kind = none;
  int at = 0, end = 0;  // the numbers, or the digits of a blob; of a resource its name
};
constexpr literal_text literal_at(reader& r, int at) {
  const text t = r.source();
  literal_text l;
  if (starts_with(t, at, "dense_resource<")) {
    l.kind = literal_text::resource, l.at = at + 15, l.end = skip_group(t, at + 14) - 1;
    return l;
  }
  if (!starts_with(t, at, "dense<")) {
    const number_text n = number_at(t, at);  // 1.0 : f32
    if (n.kind == number_text::none) return r.fail(expected::literal, at), l;
    l.kind = literal_text::splat, l.at = at, l.end = n.end;
    return l;
  }
  l.end = skip_group(t, at + 5) - 1, l.at = skip_space(t, at + 6);
  const char c = t[l.at];
  l.kind = c == '[' || l.at == l.end ? literal_text::list : c == '"' ? literal_text::blob : literal_text::splat;
  if (l.kind == literal_text::blob) {
    if (t[l.at + 1] != '0' || t[l.at + 2] != 'x') return r.fail(expected::literal, l.at), literal_text{};
    l.at += 3, l.end = scan(t, l.at, "\"");
  }
  return l;
}

/// Where the literal of a constant stands: behind its attributes, or as the attribute `value`; of check ops behind the comma.
constexpr int literal_of(const reader& r, const module_view& m, const linked_op& o) {
  const text t = m.source;
  if (o.generic) return r.attribute(m, o, "value");
  int at = skip_space(t, o.attributes);
  if (o.kind != op_kind::constant && o.kind != op_kind::chlo_constant) {
    while (at < o.end && t[at] != ',') ++at;
    return skip_space(t, at + 1);
  }
  return t[at] == '{' ? skip_space(t, skip_group(t, at)) : at;
}
constexpr bool has_literal(op_kind k) {
  return k == op_kind::constant || k == op_kind::chlo_constant || k == op_kind::check_eq_const || k == op_kind::check_almost_eq_const;
}
/// The type of such an op's literal: of the constant, or of the value that is checked.
constexpr tensor_type literal_type(reader& r, const linked_op& o) {
  int at = r.results_of(o.signature);
  return r.type(at);
}
constexpr extent_t elements_of(const tensor_type& t) {
  extent_t n = 1;
  for (int a = 0; a < t.extents.rank; ++a) n = sinter::detail::saturating_product(n, t.extents[a]);
  return n;
}

/// A number as the bytes of an element.
constexpr void store_bytes(std::uint64_t bits, int bytes, unsigned char* to) {
  for (int i = 0; i < bytes; ++i) to[i] = static_cast<unsigned char>(bits >> (8 * i));
}
/// The bits that stand for a number of the text in an element of this (real) type, as it is kept.
constexpr std::uint64_t element_bits(const number_text& n, element_type t) {
  const bool from_bits = n.kind == number_text::bits;
  if (!is_float(t.type)) return t.type == dtype::boolean ? n.digits != 0 : static_cast<std::uint64_t>(n.as_integer());
  if (is_narrow_float(t.kept)) {
    const small_float f = format_of(t.kept);
    const auto bits = from_bits ? static_cast<std::uint8_t>(n.digits) : sinter::detail::encode(f, n.as_double());
    return __builtin_bit_cast(std::uint32_t, static_cast<float>(sinter::detail::decode(f, bits)));
  }
  if (from_bits) return n.digits;
  const double d = n.as_double();
  if (t.type == dtype::f64) return __builtin_bit_cast(std::uint64_t, d);
  if (t.type == dtype::f16) return float16(d).bits;
  if (t.type == dtype::bf16) return bfloat16(d).bits;
  constexpr double most = std::numeric_limits<float>::max();
  if (d > most || d < -most) {  // to infinity unless it rounds down
    constexpr double middle = most + 0x1p103;
    const std::uint32_t sign = d < 0 ? 0x80000000u : 0;
    return sign | ((d < 0 ? -d : d) < middle ? 0x7f7fffffu : 0x7f800000u);
  }
  return __builtin_bit_cast(std::uint32_t, static_cast<float>(d));
}
/// The bits of an element in a blob, as bits of the element as it is kept.
constexpr std::uint64_t kept_bits(std::uint64_t bits, element_type t) {
  if (t.type == dtype::boolean) return bits != 0;
  if (is_narrow_float(t.kept))
    return __builtin_bit_cast(std::uint32_t,
                              static_cast<float>(sinter::detail::decode(format_of(t.kept), static_cast<std::uint8_t>(bits))));
  if (t.kept == narrow::i4 || t.kept == narrow::i2) {
    const int unused = 64 - bits_of(t);
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(bits << unused) >> unused);
  }
  if (t.kept != narrow::none) return bits & ((1u << bits_of(t)) - 1);
  return bits;
}
constexpr int stored_bytes(element_type t) { return t.kept != narrow::none ? 1 : size_of(real_dtype(t.type)); }  // of a part, in a blob

/// An array of the module and where its bytes lie.
struct placed_literal {
  int op = 0;
  bool aside = false;  // in Text::data(), else in the decoded array
  extent_t offset = 0, bytes = 0;
  literal_text literal;
};
struct layout_size {
  int literals = 0;
  extent_t bytes = 0, aside = 0;
};
template <int N> struct data_layout {
  diagnostic failed;
  layout_size size;
  placed_literal literal[N + 1] = {};
  constexpr const placed_literal* find(int op) const {
    int lo = 0, hi = size.literals;
    while (lo < hi) {
      const int middle = (lo + hi) / 2;
      if (literal[middle].op < op) lo = middle + 1;
      else hi = middle;
    }
    return lo < size.literals && literal[lo].op == op ? &literal[lo] : nullptr;
  }
};
constexpr extent_t aligned(extent_t n) { return (n + 63) / 64 * 64; }
constexpr int count_literals(const module_view& m) {
  int n = 0;
  for (int i = 0; i < m.size.ops; ++i) n += has_literal(m.ops[i].kind);
  return n;
}
template <int N> constexpr data_layout<N> lay_out(const module_view& m) {
  data_layout<N> d;
  reader r(m.source);
  for (int i = 0; i < m.size.ops && !r.failed; ++i) {
    const linked_op& o = m.ops[i];
    if (!has_literal(o.kind)) continue;
    const int at = literal_of(r, m, o);
    if (at < 0) {
      r.fail(expected::literal, o.name.begin);
      break;
    }
    const literal_text l = literal_at(r, at);
    if (r.failed || l.kind == literal_text::splat) continue;
    const tensor_type t = literal_type(r, o);
    if (t.kind != tensor_type::tensor) r.fail(expected::type, o.signature);
    if (r.failed) break;
    placed_literal& p = d.literal[d.size.literals++];
    p.op = i, p.aside = l.kind == literal_text::resource, p.literal = l;
    p.bytes = sinter::detail::saturating_product(elements_of(t), size_of(t.element.type));
    extent_t& end = p.aside ? d.size.aside : d.size.bytes;
    const number_text given = p.aside ? number_at(m.source, l.at) : number_text{};
    if (given.digits > std::uint64_t{max_elements} || p.bytes > max_elements) {
      r.fail(expected::shape, o.signature);
      break;
    }
    if (given.kind == number_text::integer) end = static_cast<extent_t>(given.digits);  // dense_resource<offset>
    p.offset = end, end += aligned(p.bytes);
    if (!p.aside && end > extent_t{1} << 24) r.fail(expected::fewer_constants, at);
    if (end > max_elements) r.fail(expected::shape, o.signature);
  }
  d.failed = r.failed;
  return d;
}

/// Decodes the bytes [begin, end) of the literals into `to`.
class literal_decoder {
 public:
  constexpr literal_decoder(const module_view& m, extent_t begin, extent_t end, unsigned char* to)
      : m_(m), r_(m.source), begin_(begin), end_(end), to_(to) {}
  diagnostic failed;
  constexpr void decode(const placed_literal& p) {
    if (p.offset >= end_ || p.offset + p.bytes <= begin_ || r_.failed) return;
    const linked_op& o = m_.ops[p.op];
    const literal_text& l = p.literal;
    const tensor_type t = literal_type(r_, o);
    const int parts = is_complex(t.element.type) ? 2 : 1, bytes = size_of(real_dtype(t.element.type));
    const element_type part{real_dtype(t.element.type), t.element.kept};
    const extent_t count = p.bytes / bytes;
    if (l.kind == literal_text::blob) blob(l, p, part, bytes, count);
    else list(l, p, part, bytes, count);
    static_cast<void>(parts);
    failed = r_.failed;
  }

 private:
  const module_view m_;
  reader r_;
  extent_t begin_, end_;
  unsigned char* to_;

  constexpr void store(extent_t offset, std::uint64_t bits, int bytes) {
    if (offset >= begin_ && offset < end_) store_bytes(bits, bytes, to_ + (offset - begin_));
  }
  constexpr void blob(const literal_text& l, const placed_literal& p, element_type t, int bytes, extent_t count) {
    const text s = m_.source;
    const int digits = 2 * stored_bytes(t);
    const bool splat = l.end - l.at == digits;
    if (!splat && l.end - l.at != count * digits) return r_.fail(expected::literal, l.at);
    if (!splat && t.kept == narrow::none && t.type != dtype::boolean) return blob_of_bytes(l.at, p);
    extent_t first = (begin_ - p.offset) / bytes, last = (end_ - p.offset + bytes - 1) / bytes;
    if (first < 0) first = 0;
    if (last > count) last = count;
    for (extent_t i = first; i < last; ++i) {
      int at = l.at + (splat ? 0 : static_cast<int>(i) * digits);
      std::uint64_t bits = 0;
      for (int k = 0; k < digits; k += 2, at += 2) {
        const int high = hex_digit(s[at]), low = hex_digit(s[at + 1]);
        if (high < 0 || low < 0) return r_.fail(expected::literal, at);
        bits |= static_cast<std::uint64_t>(16 * high + low) << (4 * k);
      }
      store(p.offset + i * bytes, kept_bits(bits, t), bytes);
    }
  }
  // Of elements that are kept as the blob has them.
  constexpr void blob_of_bytes(int at, const placed_literal& p) {
    const text s = m_.source;
    extent_t i = begin_ - p.offset;
    if (i < 0) i = 0;
    const extent_t last = end_ - p.offset < p.bytes ? end_ - p.offset : p.bytes;
    for (at += 2 * static_cast<int>(i); i < last; ++i, at += 2) {
      const int high = hex_digit(s.at[at]), low = hex_digit(s.at[at + 1]);
      if (high < 0 || low < 0) return r_.fail(expected::literal, at);
      to_[p.offset + i - begin_] = static_cast<unsigned char>(16 * high + low);
    }
  }
  constexpr void list(const literal_text& l, const placed_literal& p, element_type t, int bytes, extent_t count) {
    const text s = m_.source;
    extent_t i = 0;
    for (int at = l.at; at < l.end;) {
      const char c = s[at];
      if (is_space(c) || c == ',' || c == '[' || c == ']' || c == '(' || c == ')') {
        ++at;
        continue;
      }
      if (c == '/' && s[at + 1] == '/') {
        at = skip_space(s, at);
        continue;
      }
      const number_text n = number_at(s, at);
      if (n.kind == number_text::none || i == count) return r_.fail(expected::number, at);
      if (n.kind == number_text::decimal && !is_float(t.type)) return r_.fail(expected::integer, at);
      store(p.offset + i++ * bytes, element_bits(n, t), bytes);
      at = n.end;
    }
    if (i != count) r_.fail(expected::literal, l.at);
  }
};

inline constexpr int bytes_at_once = 2048;
template <int N> struct byte_array {
  alignas(64) unsigned char at[N] = {};
};
template <class Text> inline constexpr module_view module_of = link_stage<Text>::value.view(text_of<Text>);

/// The layout of a module's arrays, and the bytes of those that its text holds.
template <class Text> struct data_stage {
  static constexpr auto layout = lay_out<count_literals(module_of<Text>)>(module_of<Text>);
  static constexpr int parts = static_cast<int>((layout.size.bytes + bytes_at_once - 1) / bytes_at_once);
  struct part_value {
    diagnostic failed;
    byte_array<bytes_at_once> bytes;
  };
  static constexpr part_value decode(int k) {
    part_value v;
    literal_decoder d(module_of<Text>, extent_t{k} * bytes_at_once, extent_t{k + 1} * bytes_at_once, v.bytes.at);
    for (int i = 0; i < layout.size.literals && !d.failed; ++i)
      if (!layout.literal[i].aside) d.decode(layout.literal[i]);
    v.failed = d.failed;
    return v;
  }
  template <int K> static constexpr part_value part = decode(K);
  template <int... K> static constexpr diagnostic failure(sinter::detail::int_list<K...>) {
    diagnostic d = layout.failed;
    ((d = d ? d : part<K>.failed), ...);
    return d;
  }
  static constexpr diagnostic failed = failure(sinter::detail::make_int_list<parts>{});
};
template <class Text, class List> struct decoded_bytes;
template <class Text, int... K> struct decoded_bytes<Text, sinter::detail::int_list<K...>> {
  byte_array<bytes_at_once> part[sizeof...(K) + 1] = {data_stage<Text>::template part<K>.bytes..., {}};
};

/// Where literals lie that the text holds, and those that it has put aside.
template <class Text> struct decoded_data {
  static constexpr const char* name = "constants";
  static constexpr decoded_bytes<Text, sinter::detail::make_int_list<data_stage<Text>::parts>> bytes{};
  static const void* data() { return &bytes; }
};
template <class Text> struct aside_data {
  static constexpr const char* name = "data";
  static const void* data() { return Text::data(); }
};
}  // namespace sinter::mlir

namespace sinter::detail {

template <class Data> struct data_external { static constexpr external descriptor{Data::name, graph::is_data, type_text<Data>()}; };
// No type that code generation uses: the address of data is bound at run time.
template <class Data> struct data_holder {
  using type = void;
  using data = Data;
};
template <class Data> struct define_data {
  friend constexpr auto external_type(external_tag<&data_external<Data>::descriptor>) { return data_holder<Data>{}; }
  static constexpr const external* address = &data_external<Data>::descriptor;
};

}  // namespace sinter::detail
