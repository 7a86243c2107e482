// SPDX-License-Identifier: Apache-2.0
// The contractions of a plan: which product and which groups around it they are, and their operands bound.
#pragma once

#include <sinter/run/product.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace run {

// Whether the sums of a tile, a row of b and an element of a stay in registers.
template <class Backend> constexpr bool tile_fits(const fuse::schedule_value& s) {
  return s.tile_rows == 0 || s.tile_rows * s.tile_vectors + s.tile_vectors + 1 <= simd::register_count<Backend>;
}

// The accesses and stores of group G that are node N; -1: none.
template <class Plan, int G, int N> struct block_at {
  static constexpr fuse::group g = Plan::value.groups[G];
  struct chosen {
    int access[g.accesses.count + 1] = {}, store[g.roots.count + 1] = {}, accesses = 0, stores = 0;
  };
  static constexpr chosen value = [] {
    chosen c;
    for (int i = 0; i < g.accesses.count; ++i) {
      const fuse::loop_access& a = Plan::value.accesses[g.accesses.first + i];
      if (a.kind == fuse::access::memory && a.node == N) c.access[c.accesses++] = i;
    }
    for (int i = 0; i < g.roots.count; ++i)
      if (Plan::value.stores[g.roots.first + i].node == N) c.store[c.stores++] = i;
    return c;
  }();
  template <int... A, int... S>
  static block_of<detail::int_list<value.access[A]...>, detail::int_list<value.store[S]...>> type_of(detail::int_list<A...>,
                                                                                                     detail::int_list<S...>);
  using type = decltype(type_of(detail::make_int_list<value.accesses>{}, detail::make_int_list<value.stores>{}));
};

// Group G as a part of a contraction, with these nodes in blocks of memory instead of where they are whole.
template <class Plan, int G, class Backend, fuse::schedule_value Schedule, int... Nodes> struct nested {
  static constexpr fuse::group g = Plan::value.groups[G];
  using code = group_code<Plan, G, Schedule>;
  using key = key_of<Plan, code>;
  static_assert(fuse::ensure_code<key, code>());
  static constexpr extent_t elements = static_elements<Plan, G>();
  // Small ones are in the cache anyway.
  struct chosen {
    int at[g.accesses.count + 1] = {}, bytes[g.accesses.count + 1] = {}, count = 0;
  };
  static constexpr chosen matrices_read = [] {
    chosen c;
    const bool reads = g.kind == group_kind::map && g.outer == 1 && (elements < 0 || elements >= (1 << 14));
    for (int i = 0; reads && i < g.accesses.count; ++i) {
      const fuse::loop_access& a = Plan::value.accesses[g.accesses.first + i];
      if (a.kind == fuse::access::memory && a.guards == 0 && a.inner == 1 && a.outer[0] != 0 && ((a.node != Nodes) && ...))
        c.at[c.count] = i, c.bytes[c.count++] = size_of(Plan::value.graph.nodes[a.node].type);
    }
    return c;
  }();
  template <int... I>
  static matrices<detail::int_list<matrices_read.at[I]...>, detail::int_list<matrices_read.bytes[I]...>> listed(detail::int_list<I...>);
  using type = nested_group<kernel_of<g.kind, key, Backend>, fuse::arguments<g.accesses.count, g.roots.count, code::size.guards, g.outer>,
                            g.outer, g.apart, g.kind == group_kind::rows, (elements >= 0 && elements <= 64 * 16),
                            decltype(listed(detail::make_int_list<matrices_read.count>{})), typename block_at<Plan, G, Nodes>::type...>;

  SINTER_HOST_INLINE static void bind(type& to, const binding<Plan>& b) { bind_arguments<G>(to.bound, b); }
  static constexpr extent_t buffer(const binding<Plan>& b) { return buffer_bytes<code>(b.at(g.inner), b.at(g.loop)); }
};
template <class Plan> struct nothing_nested {
  using type = no_group;
  SINTER_HOST_INLINE static void bind(no_group&, const binding<Plan>&) {}
  static constexpr extent_t buffer(const binding<Plan>&) { return 0; }
};
// Group G around a contraction, if it is one: a contraction itself, whose consumer makes node Own, or another group.
template <class Plan, int G, class Backend, fuse::schedule_value Schedule, int Own = -1> struct contraction;
template <class Plan, int G, bool Dot, class Backend, fuse::schedule_value Schedule, int... Nodes> struct nested_or_none {
  using type = nested<Plan, G, Backend, Schedule, Nodes...>;
};
template <class Plan, int G, class Backend, fuse::schedule_value Schedule, int Own, int... Nodes>
struct nested_or_none<Plan, G, true, Backend, Schedule, Own, Nodes...> {
  using type = contraction<Plan, G, Backend, Schedule, Own>;
};
template <class Plan, bool Dot, class Backend, fuse::schedule_value Schedule, int... Nodes>
struct nested_or_none<Plan, -1, Dot, Backend, Schedule, Nodes...> {
  using type = nothing_nested<Plan>;
};

// Group G, a contraction. Own: the node that its consumer makes for another contraction, or -1.
template <class Plan, int G, class Backend, fuse::schedule_value Schedule, int Own> struct contraction {
  static constexpr fuse::group g = Plan::value.groups[G];
  static constexpr int batch_axes = g.outer - 1, products = g.partner < 0 ? 1 : 2;
  static constexpr int result_of(int group) { return Plan::value.stores[Plan::value.groups[group].roots.first].node; }
  static constexpr int operand_of(int group, int i) { return Plan::value.accesses[Plan::value.groups[group].accesses.first + i].node; }
  static constexpr dtype type_of_result = Plan::value.graph.nodes[result_of(G)].type;
  using S = storage_t<type_of_result>;
  static constexpr bool is_dot(int group) { return group >= 0 && Plan::value.groups[group < 0 ? G : group].kind == group_kind::dot; }
  template <int I, int... Nodes> using group_at = typename nested_or_none<Plan, I, is_dot(I), Backend, Schedule, Nodes...>::type;

  // The consumer reads all of a small product at once.
  static constexpr bool consumes_whole = g.consumer >= 0 && Plan::value.groups[g.consumer >= 0 ? g.consumer : G].inner != g.inner;
  static constexpr bool consumes = g.consumer >= 0 && !consumes_whole;

  using maker_of_a = group_at<g.makes_a, operand_of(G, 0)>;
  using maker_of_b = group_at<g.makes_b, operand_of(G, 1)>;
  using consumer = std::conditional_t<products == 2, group_at<g.consumer, result_of(G), result_of(g.partner < 0 ? G : g.partner), Own>,
                                      group_at<g.consumer, result_of(G), Own>>;

  static constexpr extent_t rows = static_or_open(g.outer_extent[batch_axes]), columns = static_or_open(g.inner);
  static constexpr bool may_swap = !consumes && g.makes_a < 0 && g.makes_b < 0 && !g.packed && (columns == 1 || columns < 0);
  static constexpr product_traits exact = [] {
    product_traits t;
    t.type = type_of_result, t.batch_axes = batch_axes, t.products = products, t.packed = g.packed, t.schedule = Schedule;
    t.whole_rows = consumes && Plan::value.groups[consumes ? g.consumer : G].kind == group_kind::rows;
    t.hides_ends = g.consumer >= 0 && Plan::value.groups[g.consumer < 0 ? G : g.consumer].limited;
    if constexpr (g.consumer >= 0) t.limited_rows = t.hides_ends && group_code<Plan, g.consumer, Schedule>::value.inner < 0;
    // Inside another contraction the rows of its blocks are asked for.
    t.m = g.head >= 0 ? -1 : may_swap && columns == 1 ? 1 : rows, t.n = may_swap && columns == 1 ? rows : columns;
    t.k = static_or_open(g.loop);
    return t;
  }();
  template <product_traits T> using product_of = product<Backend, T, typename maker_of_a::type, typename maker_of_b::type,
                                                         std::conditional_t<consumes, typename consumer::type, no_group>>;
  using exact_kernel = typename product_of<exact>::kernel;
  static constexpr product_traits traits = [] {
    product_traits t = exact;
    t.m = exact_kernel::m_like_this, t.n = exact_kernel::n_like_this, t.k = exact_kernel::k_like_this;
    return t;
  }();
  using type = product_of<traits>;
  using kernel = typename type::kernel;
  using operands = typename type::operands;

  // A product with a vector is computed as that of the vector, as a row, with the transpose.
  static constexpr bool is_vector(const binding<Plan>& b) {
    return may_swap && b.at(g.inner) == 1 && (columns == 1 || b.at(g.outer_extent[batch_axes]) > 1);
  }
  // Strides and extents; addresses come later.
  template <int I> static constexpr operands shape_of(const binding<Plan>& b) {
    constexpr fuse::group h = Plan::value.groups[I];
    constexpr fuse::loop_access a = Plan::value.accesses[h.accesses.first], w = Plan::value.accesses[h.accesses.first + 1];
    constexpr fuse::loop_access c = Plan::value.stores[h.roots.first].where;
    operands o;
    o.a_row = b.at(a.outer[batch_axes]), o.a_k = b.at(a.loop), o.b_k = b.at(w.loop), o.b_column = b.at(w.inner);
    o.c_row = b.at(c.outer[batch_axes]), o.c_column = b.at(c.inner);
    o.m = b.at(h.outer_extent[batch_axes]), o.n = b.at(h.inner), o.k = b.at(h.loop);
    if (is_vector(b)) {
      std::swap(o.m, o.n), std::swap(o.c_row, o.c_column);
      const std::ptrdiff_t a_row = o.a_row, a_k = o.a_k;
      o.a_row = o.b_column, o.a_k = o.b_k, o.b_column = a_row, o.b_k = a_k;
    }
    return o;
  }
  static constexpr extent_t product_bytes(const binding<Plan>& b) {
    operands o[products] = {shape_of<G>(b)};
    if constexpr (products == 2) o[1] = shape_of<g.partner>(b);
    return kernel::buffer_bytes(o);
  }
  // The buffers of the product, then one that the groups around it share.
  static constexpr extent_t buffer(const binding<Plan>& b) {
    if constexpr (is_bare()) return 0;
    const extent_t parts[] = {maker_of_a::buffer(b), maker_of_b::buffer(b), consumer::buffer(b)};
    extent_t most = 0;
    for (const extent_t p : parts) most = p > most ? p : most;
    // What a chained product packed must outlive the consumer's buffer.
    return product_bytes(b) + (is_dot(g.makes_a) ? parts[0] + (parts[2] > parts[1] ? parts[2] : parts[1]) : most);
  }

  template <operands O> struct constant_shape {
    static constexpr operands bare_shape() { return O; }
  };
  // Nothing depends on the arguments but addresses, and there is little to do.
  static constexpr operands bare_shape() {
    operands o = shape_of<G>(binding<Plan>());
    if (g.consumer >= 0) o.c_row = o.n, o.c_column = 1;
    return o;
  }
  static constexpr bool is_bare() {
    if constexpr (Plan::size.graph.symbols > 0 || batch_axes > 0 || g.makes_a >= 0 || g.makes_b >= 0) return false;
    else if constexpr (consumes)
      return rows * columns <= fuse::most_elements_beside && consumer::buffer(binding<Plan>()) == 0 && exact_kernel::is_bare(bare_shape());
    else return exact_kernel::is_bare(bare_shape());
  }
  SINTER_HOST_INLINE static void run(const binding<Plan>& b, char* buffer) {
    if constexpr (consumes_whole || (is_bare() && consumes)) {  // from a block beside
      // Room for whole packets: g++ warns of a masked load that ends behind an array.
      alignas(64) S beside[(rows * columns + fuse::lanes - 1) / fuse::lanes * fuse::lanes];
      S* const block = beside;
      if constexpr (is_bare()) run_bare(b, block);
      else call(b, buffer, block);
      constexpr extent_t height = consumes_whole ? 1 : rows, width = consumes_whole ? rows * columns : columns;
      typename consumer::type next;
      consumer::bind(next, b);
      next.run(&block, 1, width, 0, height, 0, width, nullptr);
    } else if constexpr (is_bare()) {
      run_bare(b, reinterpret_cast<S*>(b.template address<result_of(G)>()));
    } else {
      call(b, buffer, nullptr);
    }
  }
  static void bind(type& to, const binding<Plan>& b) {
    maker_of_a::bind(to.maker_of_a, b), maker_of_b::bind(to.maker_of_b, b);
    if constexpr (consumes) consumer::bind(to.consumer, b);
    bind_arguments<G>(to.at[0], b), to.shape[0] = shape_of<G>(b);
    if constexpr (products == 2) bind_arguments<g.partner>(to.at[1], b), to.shape[1] = shape_of<g.partner>(b);
    to.is_vector = is_vector(b), to.own_bytes = product_bytes(b), to.bytes = buffer(b);
    if constexpr (traits.hides_ends) to.visible = b.at(Plan::value.groups[g.consumer].visible);
    to.consumer_at = to.own_bytes + (is_dot(g.makes_a) ? maker_of_a::buffer(b) : 0);
  }

 private:
  SINTER_HOST_INLINE static void run_bare(const binding<Plan>& b, S* to) {
    const S* const x = reinterpret_cast<const S*>(b.template address<operand_of(G, 0)>()) + Plan::value.accesses[g.accesses.first].base;
    const S* const y = reinterpret_cast<const S*>(b.template address<operand_of(G, 1)>()) + Plan::value.accesses[g.accesses.first + 1].base;
    constexpr bool room_a = Plan::value.places[operand_of(G, 0)].kind == fuse::place::arena;
    constexpr bool room_c = g.consumer >= 0 || Plan::value.places[result_of(G)].kind == fuse::place::arena;
    exact_kernel::template run_bare<constant_shape<bare_shape()>, room_a, room_c>(x, y, to);
  }
  SINTER_NOINLINE static void call(const binding<Plan>& b, char* buffer, S* to) {
    type all;
    bind(all, b);
    if (to) all.at[0].store[0].base = reinterpret_cast<char*>(to);
    all.run_all(buffer);
  }
};

}  // namespace run
}  // namespace SINTER_ISA
}  // namespace sinter
