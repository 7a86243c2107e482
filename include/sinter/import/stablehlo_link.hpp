// SPDX-License-Identifier: Apache-2.0
// Links a parsed module: each use of a name becomes the number of a value.
#pragma once

#include <sinter/import/stablehlo_parse.hpp>

namespace sinter::mlir {

/// An op whose operands and results are numbers of values. `match`: of an op with regions its operation_end, of a function_begin its
/// function_end, of a region_begin its region_end, and the other way round; -1: none.
struct linked_op {
  op_kind kind;
  bool generic;
  span name;
  int attributes, signature, end;
  int first_operand, operands, first_result, results, match;
};

struct link_size {
  int ops = 0, operands = 0, values = 0;
};

/// A linked module, as it is read.
struct module_view {
  text source;
  const linked_op* ops;
  const int* operand;     // numbers of values
  const int* value_type;  // of a parameter of a function or region where its type stands; else -1
  link_size size;
};

template <link_size N> struct frozen_module {
  diagnostic failed;
  linked_op ops[N.ops + 1] = {};
  int operand[N.operands + 1] = {};
  int value_type[N.values + 1] = {};
  constexpr module_view view(text t) const { return {t, ops, operand, value_type, N}; }
};

/// An array that is filled where it stays, of the caller's or its own: in constant evaluation each copy of an element takes its time.
template <class T> class filled_array {
 public:
  constexpr explicit filled_array(int most) : at_(new T[static_cast<unsigned>(most) + 1]{}), owned_(at_) {}
  constexpr explicit filled_array(T* at) : at_(at) {}
  filled_array(const filled_array&) = delete;
  filled_array& operator=(const filled_array&) = delete;
  constexpr ~filled_array() { delete[] owned_; }
  constexpr int size() const { return size_; }
  constexpr const T* data() const { return at_; }
  constexpr T& operator[](int i) { return at_[i]; }
  constexpr const T& operator[](int i) const { return at_[i]; }
  constexpr T& back() { return at_[size_ - 1]; }
  constexpr int add(const T& x) {
    at_[size_] = x;
    return size_++;
  }

 private:
  T *at_, *owned_ = nullptr;
  int size_ = 0;
};

/// Links slice after slice.
class linker {
 public:
  filled_array<linked_op> ops;
  filled_array<int> operands, value_type;
  diagnostic failed;

  constexpr linker(text t, parse_size total) : ops(total.ops), operands(total.uses), value_type(total.values), t_(t) {
    make_buckets(total);
  }
  template <link_size N> constexpr linker(text t, parse_size total, frozen_module<N>& to)
      : ops(to.ops), operands(to.operand), value_type(to.value_type), t_(t) {
    make_buckets(total);
  }
  constexpr void add(const op_record* op, const use* uses, const definition* definitions, parse_size n) {
    for (int i = 0; i < n.ops && !failed; ++i) {
      const op_record& r = op[i];
      const bool opens = i + 1 < n.ops && op[i + 1].kind == op_kind::region_begin && r.kind > op_kind::operation_end;
      add(r, uses, definitions, opens);
    }
  }
  constexpr link_size size() const { return {ops.size(), operands.size(), value_type.size()}; }

 private:
  struct visible {
    definition d;
    int value, previous;  // the one before it in its bucket, counted from 1; 0: none
  };
  struct scope {
    int op, visible;
  };
  text t_;
  sinter::detail::list<int> bucket_;  // the last visible definition of a hash, counted from 1; 0: none
  sinter::detail::list<visible> visible_;
  sinter::detail::list<scope> scopes_;

  constexpr void make_buckets(const parse_size& total) {
    int slots = 64;
    while (slots < total.definitions) slots *= 2;
    bucket_.resize(slots);
    visible_.reserve(total.definitions);
  }
  constexpr void fail(expected what, span at) {
    if (!failed) failed = {what, at.begin, at.end};
  }
  constexpr int& bucket(std::uint32_t h) { return bucket_[static_cast<int>(h & static_cast<std::uint32_t>(bucket_.size() - 1))]; }
  constexpr int find(const span& name, std::uint32_t h) {
    int i = bucket(h);
    while (i > 0 && !equal(t_, visible_[i - 1].d.name, name)) i = visible_[i - 1].previous;
    return i - 1;
  }
  constexpr int resolve(const use& u) {
    const int i = find(u.name, u.hash);
    if (i < 0) return fail(expected::defined_value, u.name), 0;
    if (u.number >= visible_[i].d.count) return fail(expected::result_number, u.name), 0;
    return visible_[i].value + u.number;
  }
  constexpr void define(const definition& d, int value) {
    const int other = find(d.name, d.hash);
    if (other >= 0 && (scopes_.size() == 0 || other >= scopes_.back().visible)) return fail(expected::unique_name, d.name);
    int& b = bucket(d.hash);
    b = visible_.add({d, value, b}) + 1;
  }
  constexpr void pop_to(int n) {
    for (int i = visible_.size() - 1; i >= n; --i) bucket(visible_[i].d.hash) = visible_[i].previous;
    visible_.drop(visible_.size() - n);
  }
  constexpr void add(const op_record& r, const use* uses, const definition* definitions, bool opens) {
    linked_op o{r.kind, r.generic, r.name, r.attributes, r.signature, r.end, operands.size(), r.uses, 0, 0, -1};
    for (int k = 0; k < r.uses; ++k) operands.add(resolve(uses[r.first_use + k]));
    const int id = ops.size();
    const bool ends = r.kind == op_kind::operation_end || r.kind == op_kind::region_end || r.kind == op_kind::function_end;
    if (ends) {
      if (scopes_.size() == 0) return fail(expected::module_or_function, {r.end, r.end});
      const scope s = scopes_.back();
      scopes_.pop();
      pop_to(s.visible);
      o.match = s.op, ops[s.op].match = id;
      if (r.kind == op_kind::function_end && ops[s.op].name.size() == 0) ops[s.op].name = r.name;
      if (r.kind == op_kind::operation_end) {
        o.first_result = ops[s.op].first_result, o.results = ops[s.op].results;
        for (int i = pending_.size() - 1; i >= 0 && pending_[i].op == s.op; --i) define(pending_[i].d, pending_[i].value), pending_.pop();
      }
    }
    const int parent = scopes_.size() ? scopes_.back().op : -1;
    const bool of_loop = r.kind == op_kind::region_begin && ops[parent].kind == op_kind::while_ && !ops[parent].generic;
    const bool second = of_loop && ops.back().kind == op_kind::region_end;
    const bool begins = opens || r.kind == op_kind::region_begin || r.kind == op_kind::function_begin;
    if (begins) scopes_.add({id, visible_.size()});
    if (!ends) o.first_result = value_type.size();
    for (int k = 0; k < r.definitions; ++k) {
      const definition& d = definitions[r.first_definition + k];
      if (opens) pending_.add({d, value_type.size(), id});
      else if (of_loop) arguments_.add({d, 0, parent});
      if (!opens) define(d, value_type.size());
      for (int c = 0; c < d.count; ++c) value_type.add(d.type);
      o.results += d.count;
    }
    for (int i = 0; second && i < arguments_.size(); ++i)  // both regions of a loop have the parameters that the first one names
      if (arguments_[i].op == parent) define(arguments_[i].d, value_type.add(-1)), ++o.results;
    if (r.kind == op_kind::operation_end)
      while (arguments_.size() && arguments_.back().op == o.match) arguments_.pop();
    ops.add(o);
  }
  struct pending {
    definition d;
    int value, op;
  };
  sinter::detail::list<pending> arguments_;  // of loops that are open
  sinter::detail::list<pending> pending_;    // results of ops whose regions are still open
};

/// All slices of a text, linked.
template <class Text> struct link_stage {
  template <int... K> static constexpr parse_size total(sinter::detail::int_list<K...>) {
    parse_size n;
    ((n.ops += slice<Text, K>::value.size.ops, n.uses += slice<Text, K>::value.size.uses,
      n.definitions += slice<Text, K>::value.size.definitions, n.values += slice<Text, K>::value.size.values),
     ...);
    return n;
  }
  using all = sinter::detail::make_int_list<slices<Text>()>;
  static constexpr parse_size parsed = total(all{});
  static constexpr link_size size{parsed.ops, parsed.uses, parsed.values};
  template <int... K> static constexpr frozen_module<size> link(sinter::detail::int_list<K...>) {
    frozen_module<size> m;
    linker l(text_of<Text>, parsed, m);
    ((m.failed = m.failed ? m.failed : slice<Text, K>::value.failed), ...);
    if (!m.failed)
      (l.add(slice<Text, K>::value.ops, slice<Text, K>::value.uses, slice<Text, K>::value.definitions, slice<Text, K>::value.size), ...);
    if (!m.failed) m.failed = l.failed;
    return m;
  }
  static constexpr frozen_module<size> value = link(all{});
};

}  // namespace sinter::mlir
