// SPDX-License-Identifier: Apache-2.0
// value: what stands for a tensor while a function is traced. It is a number of a node in a graph under construction; operators and
// functions on it add nodes. A bare number is a value that has no type yet and takes that of its neighbour.
#pragma once

#include <concepts>

#include <sinter/graph/graph.hpp>

namespace sinter {

/// An extent of a traced tensor. Converts to a number for use in `shape{...}`; sums and products of run-time extents are kept
/// as symbols.
class traced_extent {
 public:
  constexpr traced_extent(graph::builder* g, extent_t e) : graph_(g), extent_(e) {}
  constexpr operator extent_t() const { return extent_; }
  friend constexpr traced_extent operator*(traced_extent a, traced_extent b) { return {a.graph_, a.graph_->product(a, b)}; }
  friend constexpr traced_extent operator+(traced_extent a, traced_extent b) { return {a.graph_, a.graph_->sum(a, b)}; }
  friend constexpr traced_extent operator-(traced_extent a, traced_extent b) { return {a.graph_, a.graph_->difference(a, b)}; }
  template <std::integral I> friend constexpr traced_extent operator*(traced_extent a, I b) {
    return {a.graph_, a.graph_->product(a, static_cast<extent_t>(b))};
  }
  template <std::integral I> friend constexpr traced_extent operator*(I b, traced_extent a) { return a * b; }
  template <std::integral I> friend constexpr traced_extent operator+(traced_extent a, I b) {
    return {a.graph_, a.graph_->sum(a, static_cast<extent_t>(b))};
  }
  template <std::integral I> friend constexpr traced_extent operator+(I b, traced_extent a) { return a + b; }
  template <std::integral I> friend constexpr traced_extent operator-(traced_extent a, I b) {
    return {a.graph_, a.graph_->difference(a, static_cast<extent_t>(b))};
  }
  friend constexpr traced_extent minimum(traced_extent a, traced_extent b) { return {a.graph_, a.graph_->smaller(a, b)}; }

 private:
  graph::builder* graph_;
  extent_t extent_;
};

class value {
 public:
  constexpr value() = default;
  constexpr value(graph::builder& g, int id) : graph_(&g), id_(id) {}
  /// A bare number.
  template <class N>
  requires std::integral<N> || std::floating_point<N>
  constexpr value(N n)
      : number_(static_cast<double>(n)),
        integer_(whole(n)),
        integral_(std::integral<N> || static_cast<N>(whole(n)) == n),
        integer_type_(std::integral<N>) {}
  /// A run-time number, parameter `index` of the graph, whose type is still open; `integral` when it is of an integer type.
  static constexpr value open_param(graph::builder& g, int index, bool integral) {
    value v;
    v.graph_ = &g, v.param_ = index, v.integral_ = v.integer_type_ = integral;
    return v;
  }

  constexpr bool is_number() const { return id_ < 0; }
  constexpr graph::builder* graph() const { return graph_; }
  constexpr int id() const { return id_; }
  constexpr dtype type() const { return graph_->nodes[id_].type; }
  constexpr const sinter::shape<>& shape() const { return graph_->shape_of(id_); }
  constexpr int rank() const { return is_number() ? 0 : shape().rank; }
  constexpr traced_extent extent(int axis) const { return {graph_, shape()[axis < 0 ? axis + shape().rank : axis]}; }

  /// This number as a node of type t. A number with a fraction beside integers or bools breaks a rule.
  constexpr value as(graph::builder& g, dtype t) const {
    if (!is_number()) return *this;
    if (is_complex(t)) {
      const int part = as(g, real_dtype(t)).id();
      return {g, g.add(opcode::cast, t, {}, &part, 1)};
    }
    if (!integral_ && !is_float(t)) {
      g.fail(number_does_not_fit);
      if (g.failed.count == 0) g.failed.show(t);
    }
    if (param_ < 0) return {g, g.constant(t, number_, integer_)};
    const extent_t attribute[] = {param_, 0};
    return {g, g.add(opcode::param, t, {}, nullptr, 0, attribute, 2)};
  }
  /// The element type that a number has when nothing beside it says otherwise: f32, or i32.
  constexpr dtype natural_type() const { return integer_type_ ? dtype::i32 : dtype::f32; }

 private:
  template <class N> static constexpr std::int64_t whole(N n) {
    if constexpr (std::integral<N>) return static_cast<std::int64_t>(n);
    else return n < N(0x1p62) && n > N(-0x1p62) ? static_cast<std::int64_t>(n) : 0;
  }

  graph::builder* graph_ = nullptr;
  int id_ = -1;
  int param_ = -1;
  double number_ = 0;
  std::int64_t integer_ = 0;
  bool integral_ = false;      // has no fraction: may stand beside integers
  bool integer_type_ = false;  // is of an integer type of C++
};

}  // namespace sinter
