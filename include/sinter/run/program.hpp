// SPDX-License-Identifier: Apache-2.0
// A compiled program: the passes of one traced function, each kept as its own constant, and the run that binds addresses and extents
// to the plan and calls the kernels. Everything but the run happens in constant evaluation.
#pragma once

#include <sinter/fuse/plan.hpp>
#include <sinter/graph/verify.hpp>
#include <sinter/run/workspace.hpp>
#include <sinter/simd/columns.hpp>
#include <sinter/simd/dot.hpp>
#include <sinter/simd/rows.hpp>
#include <sinter/simd/rows_user.hpp>
#include <sinter/transform/simplify.hpp>

namespace sinter {

namespace run {

using fuse::group_kind;

// The graph of a source after each pass. Source has `static constexpr void trace(graph::builder&)`.
template <class Source> constexpr graph::builder traced() {
  graph::builder g;
  Source::trace(g);
  return g;
}
template <class Source> struct trace_stage {
  static constexpr detail::failure failed = traced<Source>().failed;
  static constexpr graph::counts size = traced<Source>().size();
  static constexpr auto value = traced<Source>().template freeze<size>();
};
template <class Source> struct simplify_stage {
  static constexpr graph::counts size = transform::simplify(trace_stage<Source>::value.view()).size();
  static constexpr auto value = transform::simplify(trace_stage<Source>::value.view()).template freeze<size>();
  static_assert(graph::verify(value.view()) == nullptr, "sinter: the simplified graph is damaged; this is an error of sinter");
};
constexpr fuse::planned plan_of(const graph::graph_view& g, unsigned strided) {
  return fuse::make_plan(fuse::partition(transform::form_fma(g), strided));
}
template <class Source, unsigned Strided> struct plan_stage {
  static constexpr fuse::plan_size size = fuse::size_of(plan_of(simplify_stage<Source>::value.view(), Strided));
  static constexpr auto value = fuse::freeze<size>(plan_of(simplify_stage<Source>::value.view(), Strided));
};

// The code of group G, and the key that names it.
template <class Plan, int G, fuse::schedule_value Schedule> struct group_code {
  static constexpr fuse::code_size size = fuse::code_size_of(Plan::value, Plan::value.groups[G]);
  static constexpr auto value = fuse::make_code<size>(Plan::value, Plan::value.groups[G], Schedule);
  static constexpr fuse::hash128 name = fuse::hash(value);
};
template <class Plan, class List> struct externals_of;
template <class Plan, int... I> struct externals_of<Plan, detail::int_list<I...>> {
  template <std::uint64_t A, std::uint64_t B>
  using key = fuse::key<A, B, typename decltype(external_type(detail::external_tag<Plan::value.graph.externals[I]>{}))::type...>;
};
template <class Plan, class Code> using key_of =
    typename externals_of<Plan, detail::make_int_list<Plan::size.graph.externals>>::template key<Code::name.a, Code::name.b>;

// What a call binds: addresses of parameters and results, strides of views and of results of any layout, values of symbols.
template <class Plan> struct binding {
  const void* param[Plan::size.params + 1] = {};
  void* result[Plan::size.results + 1] = {};
  std::byte* arena = nullptr;
  extent_t symbol[Plan::size.graph.symbols + 1] = {};
  alignas(8) std::byte scalar[Plan::size.graph.nodes + 1][8];

  static constexpr const auto& plan = Plan::value;
  constexpr extent_t at(extent_t e) const { return graph::is_symbol(e) ? symbol[graph::symbol_index(e)] : e; }

  // Evaluates the symbols in order; extent(p, axis) and stride(p, axis) ask for those of parameters (results: -1 - r).
  template <class Extent, class Stride> SINTER_INLINE void bind_symbols(Extent extent, Stride stride) {
    for (int i = 0; i < Plan::size.graph.symbols; ++i) {
      const graph::symbol s = plan.graph.symbols[i];
      switch (s.kind) {
        case graph::symbol::param: symbol[i] = extent(static_cast<int>(s.a), static_cast<int>(s.b)); break;
        case graph::symbol::stride: symbol[i] = stride(static_cast<int>(s.a), static_cast<int>(s.b)); break;
        case graph::symbol::sum: symbol[i] = at(s.a) + at(s.b); break;
        case graph::symbol::difference: symbol[i] = at(s.a) - at(s.b); break;
        case graph::symbol::product: symbol[i] = at(s.a) * at(s.b); break;
        case graph::symbol::quotient_up: symbol[i] = at(s.b) == 0 ? 0 : (at(s.a) + at(s.b) - 1) / at(s.b); break;
      }
    }
  }
  SINTER_INLINE void check_constraints() const {
    for (int i = 0; i < Plan::size.graph.constraints; ++i) {
      const graph::constraint c = plan.graph.constraints[i];
      const extent_t a = at(c.a), b = at(c.b);
      if (c.kind == graph::constraint::equal ? a != b : a < b) broken_constraint(c, a, b);
    }
  }
  extent_t result_extent(int r, int axis) const { return at(plan.graph.shapes[plan.graph.nodes[plan.graph.results[r]].shape].extent[axis]); }

  char* address(int node) const {
    const fuse::place& p = plan.places[node];
    switch (p.kind) {
      case fuse::place::param: return const_cast<char*>(static_cast<const char*>(param[p.index]));
      case fuse::place::result: return static_cast<char*>(result[p.index]);
      default: return reinterpret_cast<char*>(arena) + at(p.offset);
    }
  }

 private:
  [[noreturn]] SINTER_NOINLINE static void broken_constraint(const graph::constraint& c, extent_t a, extent_t b) {
    const auto name = [](extent_t e) -> std::string {
      if (!graph::is_symbol(e)) return "the function's";
      const graph::symbol s = plan.graph.symbols[graph::symbol_index(e)];
      if (s.kind != graph::symbol::param) return "the computed";
      return "argument " + std::to_string(s.a) + " axis " + std::to_string(s.b) + ":";
    };
    if (c.kind == graph::constraint::equal)
      throw shape_error("sinter: run-time extents that must be equal differ: " + name(c.a) + " " + std::to_string(a) + " against " + name(c.b) + " " +
                        std::to_string(b) + "; pass tensors of matching shapes");
    throw shape_error("sinter: a run-time extent is too small: " + name(c.a) + " " + std::to_string(a) + ", at least " + std::to_string(b) + " needed");
  }
};

// Fills the arguments of group G.
template <int G, class Args, class Plan> SINTER_INLINE void bind_arguments(Args& a, binding<Plan>& b) {
  constexpr const auto& plan = Plan::value;
  constexpr fuse::group g = plan.groups[G];
  for (int d = 0; d < g.outer; ++d) a.outer[d] = b.at(g.outer_extent[d]);
  a.inner = b.at(g.inner), a.loop = b.at(g.loop);
  int guards = 0;
  const auto guard = [&](const fuse::guard& q) { a.first[guards] = b.at(q.first), a.last[guards] = b.at(q.last), ++guards; };
  for (int i = 0; i < g.accesses.count; ++i) {
    const fuse::loop_access& x = plan.accesses[g.accesses.first + i];
    auto& to = a.access[i];
    if (x.kind == fuse::access::memory) to.base = b.address(x.node) + b.at(x.base) * size_of(plan.graph.nodes[x.node].type);
    else if (x.kind == fuse::access::scalar) to.base = reinterpret_cast<char*>(b.scalar[x.node]);
    else a.origin[i] = b.at(x.base);
    for (int d = 0; d < g.outer; ++d) to.outer[d] = b.at(x.outer[d]);
    to.inner = b.at(x.inner), to.loop = b.at(x.loop);
    for (int k = 0; k < x.guards; ++k) guard(x.bound[k]);
  }
  for (int i = 0; i < g.selections.count; ++i) guard(plan.selections[g.selections.first + i]);
  for (int i = 0; i < g.roots.count; ++i) {
    const fuse::store& s = plan.stores[g.roots.first + i];
    auto& to = a.store[i];
    to.base = b.address(s.node) + b.at(s.where.base) * size_of(plan.graph.nodes[s.node].type);
    for (int d = 0; d < g.outer; ++d) to.outer[d] = b.at(s.where.outer[d]);
    to.inner = b.at(s.where.inner), to.loop = b.at(s.where.loop);
  }
}

template <class Args> constexpr extent_t rows_of(const Args& a, int outer) {
  extent_t n = 1;
  for (int d = 0; d < outer; ++d) n *= a.outer[d];
  return n;
}

// All extents of group G known and few elements: its kernel is inlined and its arguments vanish.
template <class Plan, int G> constexpr bool is_small() {
  const fuse::group g = Plan::value.groups[G];
  extent_t n = 1;
  for (int d = 0; d < g.outer; ++d) {
    if (graph::is_symbol(g.outer_extent[d])) return false;
    n *= g.outer_extent[d];
  }
  return !graph::is_symbol(g.inner) && !graph::is_symbol(g.loop) && n * g.inner * g.loop <= 64;
}

// The bytes of row buffers that group G needs.
template <class Code> constexpr extent_t buffer_bytes(extent_t inner, extent_t loop) {
  return Code::value.buffers == 0 ? 0 : (Code::value.kind == group_kind::columns ? loop * fuse::lanes : inner + fuse::lanes) * 8 * Code::value.buffers;
}

template <int G, class Backend, fuse::schedule_value Schedule, class Plan> SINTER_INLINE void run_group(binding<Plan>& b, std::byte* buffer) {
  constexpr const auto& plan = Plan::value;
  constexpr fuse::group g = plan.groups[G];
  if constexpr (g.kind == group_kind::dot) {
    using kernel = simd::dot_kernel<plan.graph.nodes[plan.stores[g.roots.first].node].type, Backend, g.outer>;
    typename kernel::args a;
    bind_arguments<G>(a, b);
    kernel::call(a);
  } else {
    using code = group_code<Plan, G, Schedule>;
    using key = key_of<Plan, code>;
    static_assert(fuse::ensure_code<key, code>());
    fuse::arguments<g.accesses.count, g.roots.count, code::size.guards, g.outer> a;
    bind_arguments<G>(a, b);
    a.buffer = buffer;
    if constexpr (g.kind == group_kind::row_call) simd::user_rows_kernel<key, Backend>::call(a, 0, rows_of(a, g.outer));
    else if constexpr (g.kind == group_kind::columns) simd::columns_kernel<key, Backend>::call(a, 0, rows_of(a, g.outer));
    else if constexpr (is_small<Plan, G>()) simd::rows_kernel<key, Backend>::run(a, 0, rows_of(a, g.outer));
    else simd::rows_kernel<key, Backend>::call(a, 0, rows_of(a, g.outer));
  }
}

template <class Plan, fuse::schedule_value Schedule, int G> SINTER_INLINE extent_t group_buffer(const binding<Plan>& b) {
  constexpr fuse::group g = Plan::value.groups[G];
  if constexpr (g.kind == group_kind::dot) return 0;
  else return buffer_bytes<group_code<Plan, G, Schedule>>(b.at(g.inner), b.at(g.loop));
}

// Bytes of arena that a call needs.
template <class Plan, fuse::schedule_value Schedule, int... G> SINTER_INLINE extent_t arena_bytes(const binding<Plan>& b, detail::int_list<G...>) {
  extent_t rows = 0;
  ((rows = group_buffer<Plan, Schedule, G>(b) > rows ? group_buffer<Plan, Schedule, G>(b) : rows), ...);
  return b.at(Plan::value.total.workspace_bytes) + rows;
}

template <class Plan, class Backend, fuse::schedule_value Schedule, int... K> SINTER_INLINE void run_groups(binding<Plan>& b, detail::int_list<K...>) {
  (run_group<Plan::value.order[K], Backend, Schedule>(b, b.arena + b.at(Plan::value.total.workspace_bytes)), ...);
}

}  // namespace run

}  // namespace sinter
