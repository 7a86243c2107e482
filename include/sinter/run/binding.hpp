// SPDX-License-Identifier: Apache-2.0
// What a call binds to a plan: addresses, extents that are known at run time, numbers; and from these the arguments of its kernels.
#pragma once

#include <string>

#include <sinter/run/plan_stages.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace run {

[[noreturn]] SINTER_NOINLINE inline void broken_constraint(bool equal, int from_a, extent_t a, int from_b, extent_t b) {
  const auto name = [](int from) -> std::string {
    if (from == -2) return "the function needs ";
    if (from == -1) return "computed extent ";
    return "axis " + std::to_string(from % 16) + " of argument " + std::to_string(from / 16) + " is ";
  };
  if (equal)
    throw shape_error("sinter: run-time extents that must be equal differ: " + name(from_a) + std::to_string(a) + ", " + name(from_b) +
                      std::to_string(b) + "; pass tensors of matching shapes");
  throw shape_error("sinter: a run-time extent is too small: " + name(from_a) + std::to_string(a) + ", at least " + std::to_string(b) +
                    " is needed");
}

[[noreturn]] SINTER_NOINLINE inline void extents_overflow() {
  throw shape_error("sinter: the product of extents overflows; pass tensors with fewer elements");
}

// Where a constant array lies on a GPU, once a call has put it there.
template <class Source, extent_t Offset> struct device_literal { static inline thread_local const char* at = nullptr; };
template <class Plan> inline constexpr bool is_on_device = false;
template <class Plan>
requires(Plan::on_device) inline constexpr bool is_on_device<Plan> = true;

// What a call binds: addresses of parameters and results, values of symbols, scalars. The plan itself is only read in constant
// evaluation, so that nothing of it is left in the program.
template <class Plan> struct binding {
  const void* param[Plan::size.params + 1] = {};
  void* result[Plan::size.results + 1] = {};
  std::byte* arena = nullptr;
  extent_t symbol[Plan::size.graph.symbols + 1] = {};
  alignas(8) std::byte scalar[Plan::size.graph.nodes + 1][8];

  SINTER_HOST_INLINE constexpr extent_t at(extent_t e) const { return graph::is_symbol(e) ? symbol[graph::symbol_index(e)] : e; }

  // Evaluates the symbols in order; the shapes say extent(p, axis) and stride(p, axis) of parameters (results: -1 - r).
  template <class Shapes> SINTER_HOST_INLINE constexpr void bind_symbols(const Shapes& shapes) {
    bind_symbols(shapes, detail::make_int_list<Plan::size.graph.symbols>{});
  }
  /// The first `count` are given: a body's symbols begin with those of the function that it stands in.
  SINTER_HOST_INLINE constexpr void bind_symbols_within(const extent_t* given, int count) {
    bind_symbols_within(given, count, detail::make_int_list<Plan::size.graph.symbols>{});
  }
  SINTER_HOST_INLINE constexpr void check_constraints() const { check_constraints(detail::make_int_list<Plan::size.graph.constraints>{}); }
  template <int R, int Axis> SINTER_HOST_INLINE extent_t result_extent() const {
    constexpr extent_t e = Plan::value.graph.shapes[Plan::value.graph.nodes[Plan::value.graph.results[R]].shape].extent[Axis];
    return at(e);
  }
  template <int P> SINTER_HOST_INLINE char* argument() const { return const_cast<char*>(static_cast<const char*>(param[P])); }
  /// The data of external E, from byte `Offset` on.
  template <int E, extent_t Offset> SINTER_HOST_INLINE static char* data() {
    using source = typename decltype(external_type(detail::external_tag<Plan::value.graph.externals[E]>{}))::data;
    if constexpr (is_on_device<Plan>) return const_cast<char*>(device_literal<source, Offset>::at);
    else return const_cast<char*>(reinterpret_cast<const char*>(source::data())) + Offset;
  }
  template <int R, int... A> SINTER_HOST_INLINE extent_t result_size(detail::int_list<A...>) const {
    return (extent_t{1} * ... * result_extent<R, A>());
  }
  template <int Node> SINTER_HOST_INLINE char* address() const {
    constexpr fuse::place p = Plan::value.places[Node];
    if constexpr (p.kind == fuse::place::literal) return data<p.index, p.offset>();
    else if constexpr (p.kind == fuse::place::param) return const_cast<char*>(static_cast<const char*>(param[p.index]));
    else if constexpr (p.kind == fuse::place::result) return static_cast<char*>(result[p.index]);
    else return reinterpret_cast<char*>(arena) + at(p.offset);
  }

 private:
  template <class Shapes, int... I>
  SINTER_HOST_INLINE constexpr void bind_symbols([[maybe_unused]] const Shapes& shapes, detail::int_list<I...>) {
    bool overflow = false;
    ((overflow |= bind_symbol<I>(shapes)), ...);
    if (overflow) extents_overflow();
  }
  struct no_shapes {
    constexpr extent_t extent(int, int) const { return 0; }
    constexpr extent_t stride(int, int) const { return 0; }
  };
  template <int... I> SINTER_HOST_INLINE constexpr void bind_symbols_within(const extent_t* given, int count, detail::int_list<I...>) {
    ((I < count ? void(symbol[I] = given[I]) : void(bind_symbol<I>(no_shapes{}))), ...);
  }
  // Whether a symbol is no extent but a distance in memory, which wraps: strides of axes without neighbours may be anything.
  static constexpr bool has_stride(extent_t e) {
    if (!graph::is_symbol(e)) return false;
    const graph::symbol s = Plan::value.graph.symbols[graph::symbol_index(e)];
    return s.kind == graph::symbol::stride || (s.kind != graph::symbol::param && (has_stride(s.a) || has_stride(s.b)));
  }
  // True where arithmetic on extents overflows.
  template <int I, class Shapes> SINTER_HOST_INLINE constexpr bool bind_symbol([[maybe_unused]] const Shapes& shapes) {
    constexpr graph::symbol s = Plan::value.graph.symbols[I];
    if constexpr (s.kind == graph::symbol::param) symbol[I] = shapes.extent(static_cast<int>(s.a), static_cast<int>(s.b));
    else if constexpr (s.kind == graph::symbol::stride) symbol[I] = shapes.stride(static_cast<int>(s.a), static_cast<int>(s.b));
    else {
      constexpr bool wraps = has_stride(s.a) || has_stride(s.b);
      const extent_t a = at(s.a), b = at(s.b);
      if constexpr (s.kind == graph::symbol::sum) return detail::sum_overflows(a, b, symbol[I]) && !wraps;
      else if constexpr (s.kind == graph::symbol::difference) return detail::difference_overflows(a, b, symbol[I]) && !wraps;
      else if constexpr (s.kind == graph::symbol::product) return detail::product_overflows(a, b, symbol[I]) && !wraps;
      else if constexpr (s.kind == graph::symbol::smaller) symbol[I] = a < b ? a : b;
      else symbol[I] = b == 0 ? 0 : a / b + (a % b > 0);
    }
    return false;
  }
  template <int... I> SINTER_HOST_INLINE constexpr void check_constraints(detail::int_list<I...>) const { (check_constraint<I>(), ...); }
  template <int I> SINTER_HOST_INLINE constexpr void check_constraint() const {
    constexpr graph::constraint c = Plan::value.graph.constraints[I];
    const extent_t a = at(c.a), b = at(c.b);
    if (c.kind == graph::constraint::equal ? a != b : a < b)
      broken_constraint(c.kind == graph::constraint::equal, origin<c.a>(), a, origin<c.b>(), b);
  }
  // Where an extent comes from: argument * 16 + axis, -1 for a computed one, -2 for a number.
  template <extent_t E> static constexpr int origin() {
    if constexpr (!graph::is_symbol(E)) return -2;
    else {
      constexpr graph::symbol s = Plan::value.graph.symbols[graph::symbol_index(E)];
      return s.kind == graph::symbol::param ? static_cast<int>(s.a * 16 + s.b) : -1;
    }
  }
};

// Fills the arguments of group G.
template <int D, class Pointer, class Plan> SINTER_HOST_INLINE void bind_outer(Pointer& to, const binding<Plan>& b, extent_t stride) {
  to.outer[D] = b.at(stride);
}
template <int Node, class Plan> constexpr bool may_be_empty() {
  constexpr shape<> s = Plan::value.graph.shapes[Plan::value.graph.nodes[Node].shape];
  for (int a = 0; a < s.rank; ++a)
    if (graph::is_symbol(s[a]) || s[a] == 0) return true;
  return false;
}
// An array without elements may have no address, to which nothing is added.
template <int Node, class Plan> SINTER_HOST_INLINE bool is_nowhere([[maybe_unused]] const char* base) {
  if constexpr (may_be_empty<Node, Plan>()) return !base;
  else return false;
}
template <int G, int I, class Args, class Plan, int... D>
SINTER_HOST_INLINE void bind_access(Args& a, const binding<Plan>& b, int& guards, detail::int_list<D...>) {
  constexpr fuse::loop_access x = Plan::value.accesses[Plan::value.groups[G].accesses.first + I];
  constexpr int bytes = size_of(Plan::value.graph.nodes[x.node].type);
  auto& to = a.access[I];
  if constexpr (x.kind == fuse::access::scalar) to.base = const_cast<char*>(reinterpret_cast<const char*>(b.scalar[x.node]));
  else if constexpr (x.kind == fuse::access::argument && Plan::value.graph.nodes[x.node].op == opcode::literal)
    to.base = b.template data<Plan::value.graph.pool[Plan::value.graph.nodes[x.node].attribute],
                              Plan::value.graph.pool[Plan::value.graph.nodes[x.node].attribute + 2]>();
  else if constexpr (x.kind == fuse::access::argument)
    to.base = b.template argument<Plan::value.graph.pool[Plan::value.graph.nodes[x.node].attribute]>();
  else if constexpr (x.kind == fuse::access::memory) to.base = b.template address<x.node>();
  else a.origin[I] = b.at(x.base);
  if constexpr (x.guards > 0)
    for (int k = 0; k < x.guards; ++k, ++guards) a.first[guards] = b.at(x.bound[k].first), a.last[guards] = b.at(x.bound[k].last);
  if constexpr (x.kind == fuse::access::memory || x.kind == fuse::access::argument) {
    if (is_nowhere<x.node, Plan>(to.base)) return;
    if constexpr (x.guards > 0) to.base = simd::moved(to.base, b.at(x.base) * bytes);
    else to.base += b.at(x.base) * bytes;
  }
  (bind_outer<D>(to, b, x.outer[D]), ...);
  to.inner = b.at(x.inner), to.loop = b.at(x.loop);
}
template <int G, int I, class Args, class Plan, int... D>
SINTER_HOST_INLINE void bind_store(Args& a, const binding<Plan>& b, detail::int_list<D...>) {
  constexpr fuse::store s = Plan::value.stores[Plan::value.groups[G].roots.first + I];
  auto& to = a.store[I];
  to.base = b.template address<s.node>();
  if (is_nowhere<s.node, Plan>(to.base)) return;
  to.base += b.at(s.where.base) * size_of(Plan::value.graph.nodes[s.node].type);
  (bind_outer<D>(to, b, s.where.outer[D]), ...);
  to.inner = b.at(s.where.inner), to.loop = b.at(s.where.loop);
}
template <int G, int I, class Args, class Plan> SINTER_HOST_INLINE void bind_selection(Args& a, const binding<Plan>& b, int& guards) {
  constexpr fuse::guard q = Plan::value.selections[Plan::value.groups[G].selections.first + I];
  a.first[guards] = b.at(q.first), a.last[guards] = b.at(q.last), ++guards;
}
template <int G, class Args, class Plan, int... D, int... A, int... Q, int... S>
SINTER_HOST_INLINE void bind_arguments(Args& a, const binding<Plan>& b, detail::int_list<D...> outer, detail::int_list<A...>,
                                       detail::int_list<Q...>, detail::int_list<S...>) {
  constexpr fuse::group g = Plan::value.groups[G];
  ((a.outer[D] = b.at(g.outer_extent[D])), ...);
  a.inner = a.end = b.at(g.inner), a.loop = b.at(g.loop);
  [[maybe_unused]] int guards = 0;
  (bind_access<G, A>(a, b, guards, outer), ...);
  (bind_selection<G, Q>(a, b, guards), ...);
  (bind_store<G, S>(a, b, outer), ...);
}
template <int G, class Args, class Plan> SINTER_HOST_INLINE void bind_arguments(Args& a, const binding<Plan>& b) {
  constexpr fuse::group g = Plan::value.groups[G];
  bind_arguments<G>(a, b, detail::make_int_list<g.outer>{}, detail::make_int_list<g.accesses.count>{},
                    detail::make_int_list<g.selections.count>{}, detail::make_int_list<g.roots.count>{});
}

template <class Args> constexpr extent_t rows_of(const Args& a, int outer) {
  extent_t n = 1;
  for (int d = 0; d < outer; ++d) n *= a.outer[d];
  return n;
}

// What is copied before a scatter runs: the array that it changes, to where the result is. Nothing in place.
struct scattered_array {
  const char* from;
  char* to;
  extent_t bytes;
};
template <class P> constexpr int find_scattered(const P& plan, const fuse::group& g) {
  for (int i = 0; i < g.accesses.count; ++i)
    if (plan.accesses[g.accesses.first + i].use == fuse::access::whole) return plan.accesses[g.accesses.first + i].node;
  return -1;
}
template <int G, class Plan> SINTER_HOST_INLINE scattered_array scattered_by(const binding<Plan>& b) {
  constexpr fuse::group g = Plan::value.groups[G];
  constexpr int array = find_scattered(Plan::value, g), result = Plan::value.stores[g.roots.first].node;
  constexpr graph::node n = Plan::value.graph.nodes[result];
  constexpr shape<> s = Plan::value.graph.shapes[n.shape];
  const char* const from = b.template address<array>();
  char* const to = b.template address<result>();
  extent_t bytes = from == to ? 0 : size_of(n.type);
  for (int k = 0; k < s.rank; ++k) bytes *= b.at(s[k]);
  return {from, to, bytes};
}
// The elements that group G runs over, or -1 where they are known at run time.
template <class Plan, int G> constexpr extent_t static_elements() {
  const fuse::group g = Plan::value.groups[G];
  extent_t n = graph::is_symbol(g.inner) || graph::is_symbol(g.loop) ? -1 : g.inner * g.loop;
  for (int d = 0; d < g.outer; ++d) n = n < 0 || graph::is_symbol(g.outer_extent[d]) ? -1 : n * g.outer_extent[d];
  return n;
}
// Few elements: the kernel is inlined into the call, the call into its caller, and all arguments vanish.
template <class Plan, int G> constexpr bool is_small() {
  constexpr group_kind kind = Plan::value.groups[G].kind;
  return kind != group_kind::library_call && kind != group_kind::control && kind != group_kind::scatter &&
         static_elements<Plan, G>() >= 0 && static_elements<Plan, G>() <= 64;
}
// A microsecond of work at most: the kernel is inlined into the call.
template <class Plan, int G> constexpr bool is_short() { return static_elements<Plan, G>() >= 0 && static_elements<Plan, G>() <= 16384; }

}  // namespace run
}  // namespace SINTER_ISA
}  // namespace sinter
