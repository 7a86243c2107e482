// SPDX-License-Identifier: Apache-2.0
// What the lowering of one op sees: its operands, the types it declares, its attributes, and where its results go.
#pragma once

#include <sinter/import/stablehlo_data.hpp>
#include <sinter/ops/bitcast.hpp>
#include <sinter/ops/small_floats.hpp>

namespace sinter::mlir {

using sinter::detail::list;

/// The name that stands at `at`: of @name, @"name" or "name".
constexpr span name_at(text t, int at) {
  if (t[at] == '@' && t[at + 1] != '"') return {at + 1, skip_name(t, at + 1)};
  if (t[at] == '@') ++at;
  return t[at] == '"' ? span{at + 1, skip_string(t, at) - 1} : span{};
}
/// What a custom call names.
constexpr span call_target(const reader& r, const module_view& m, const linked_op& o) {
  const int at = r.attribute(m, o, "call_target_name");
  return name_at(m.source, at < 0 ? skip_space(m.source, o.attributes) : at);
}

/// A function of the user's that custom calls name.
struct user_function {
  const char* name;
  /// Adds f(x[0], ..., x[n - 1]) to the graph and its results to `to`. False: f takes another number of values.
  bool (*trace)(graph::builder& g, const value* x, int n, list<int>& to);
};

/// What a module refers to: where its arrays lie, for the nodes that stand for them, and functions that it calls by name.
struct data_sources {
  const placed_literal* literals = nullptr;
  int count = 0;
  const external *decoded = nullptr, *aside = nullptr;
  const user_function* functions = nullptr;
  int function_count = 0;
};

/// Values of the module while it is lowered: for each its node, and whether it is kept in a wider type.
struct values {
  list<int> node;
  list<narrow> kept;
};

struct op_context {
  graph::builder& g;
  reader& r;
  const module_view& m;
  values& v;
  const data_sources& data;
  const linked_op* o = nullptr;
  bool lifted = false;  // arrays stand in the place of numbers: only element types are as declared

  constexpr bool bad() const { return r.failed || g.failed.broken; }
  constexpr void fail(expected what) { r.fail(what, o->name.begin); }
  /// Stands for what cannot be made.
  constexpr value nothing() { return {g, g.nodes.size() ? 0 : g.constant(dtype::boolean, 0, 0)}; }
  constexpr int operands() const { return o->operands; }
  constexpr int operand_id(int k) const { return m.operand[o->first_operand + k]; }
  constexpr value operand(int k) {
    if (k >= o->operands) return fail(expected::operands), nothing();
    const int id = v.node[operand_id(k)];
    if (id < 0) return r.fail(expected::defined_value, o->name.begin), nothing();
    return {g, id};
  }
  constexpr element_type element_of_operand(int k) {
    const value x = operand(k);
    return {x.type(), k < o->operands ? v.kept[operand_id(k)] : narrow::none};
  }
  /// Where the op's type stands: of an op with regions in the generic form behind these.
  constexpr int signature() const {
    return o->signature < 0 && o->match >= 0 && o->kind > op_kind::operation_end ? m.ops[o->match].signature : o->signature;
  }
  constexpr tensor_type result_type(int k) {
    if (signature() < 0) return fail(expected::type), tensor_type{};
    const tensor_type t = r.listed(r.results_of(signature()), k);
    if (!r.failed && t.kind == tensor_type::none) r.fail(expected::type, signature());
    return t;
  }
  constexpr int attribute(const char* key) const { return r.attribute(m, *o, key); }
  constexpr int attribute(const char* key, const char* other) const { return r.attribute(m, *o, key, other); }
  constexpr sinter::axes axes(const char* key, const char* other) {
    sinter::axes a;
    r.list(attribute(key, other), a);
    return a;
  }
  constexpr sinter::axes axes(const char* key) { return axes(key, key); }

  /// Result k is x, whose type must be the declared one.
  constexpr void set(int k, value x) { set(k, x, result_type(k)); }
  constexpr void set(int k, value x, const tensor_type& t) {
    if (bad()) return;
    if (k >= o->results) return fail(expected::results);
    x = x.as(g, t.element.type);
    if (x.type() != t.element.type || (!lifted && !(x.shape() == t.extents))) {
      if (!g.failed.count) g.failed.show(x.type()), g.failed.show(x.shape());
      return r.fail(expected::declared_type, signature() >= 0 ? r.listed_at(r.results_of(signature()), k) : o->name.begin);
    }
    v.node[o->first_result + k] = x.id(), v.kept[o->first_result + k] = t.element.kept;
  }
  /// x, computed in the kept type, as numbers of the type that it stands for.
  constexpr value rounded(value x, narrow kept) {
    if (bad() || kept == narrow::none) return x;
    if (is_narrow_float(kept)) return sinter::detail::round_to_format(x, format_of(kept));
    return sinter::detail::wrap_bits(x, kept == narrow::i2 || kept == narrow::u2 ? 2 : 4);
  }
  /// One number as a node of rank 0.
  constexpr value number(const number_text& n, element_type t) {
    if (is_float(t.type)) {
      const bool plain = n.kind != number_text::bits && t.kept == narrow::none;
      double d = n.as_double();
      if (!plain) {
        const std::uint64_t bits = element_bits(n, t);
        d = t.type == dtype::f64   ? __builtin_bit_cast(double, bits)
            : t.type == dtype::f32 ? static_cast<double>(__builtin_bit_cast(float, static_cast<std::uint32_t>(bits)))
            : t.type == dtype::f16 ? static_cast<double>(sinter::detail::from_half(static_cast<std::uint16_t>(bits)))
                                   : static_cast<double>(__builtin_bit_cast(float, static_cast<std::uint32_t>(bits) << 16));
      }
      return {g, g.constant(t.type, d, 0)};
    }
    return {g, g.constant(t.type, 0,
                          t.type == dtype::boolean ? n.digits != 0
                                                   : static_cast<std::int64_t>(kept_bits(static_cast<std::uint64_t>(n.as_integer()), t)))};
  }
  /// The constant that op `op` (the index of *o) holds, of type t.
  constexpr value constant(int op, const tensor_type& t) {
    const int at = literal_of(r, m, *o);
    if (at < 0) return fail(expected::literal), nothing();
    const literal_text l = literal_at(r, at);
    if (r.failed) return nothing();
    if (l.kind == literal_text::splat) {
      value x;
      if (is_complex(t.element.type)) {
        const element_type part{real_dtype(t.element.type)};
        int p = m.source[l.at] == '(' ? skip_space(m.source, l.at + 1) : l.at;
        const number_text re = number_at(m.source, p);
        p = skip_space(m.source, re.end);
        number_text im;
        im.kind = number_text::integer;
        if (m.source[p] == ',') im = number_at(m.source, skip_space(m.source, p + 1));
        if (re.kind == number_text::none || im.kind == number_text::none) return r.fail(expected::number, l.at), nothing();
        x = ops::join_parts(number(re, part), number(im, part));
      } else {
        const number_text n = number_at(m.source, l.at);
        if (n.kind == number_text::none || skip_space(m.source, n.end) < l.end) return r.fail(expected::number, l.at), nothing();
        if (n.kind == number_text::decimal && !is_float(t.element.type)) return r.fail(expected::integer, l.at), nothing();
        x = number(n, t.element);
      }
      return sinter::detail::broadcast_right(g, x, t.extents);
    }
    for (int lo = 0, hi = data.count; lo < hi;) {
      const int middle = (lo + hi) / 2;
      const placed_literal& p = data.literals[middle];
      if (p.op == op) {
        if (p.aside && !data.aside) return r.fail(expected::data, at), nothing();
        const extent_t attribute[] = {g.intern(p.aside ? data.aside : data.decoded), graph::row_major, p.offset};
        return {g, g.add(opcode::literal, t.element.type, t.extents, nullptr, 0, attribute, 3)};
      }
      if (p.op < op) lo = middle + 1;
      else hi = middle;
    }
    return fail(expected::literal), nothing();
  }
};

}  // namespace sinter::mlir
