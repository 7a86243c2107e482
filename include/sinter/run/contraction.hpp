// SPDX-License-Identifier: Apache-2.0
// Runs a contraction and the groups that are nested in it: which product of run/product.hpp it is, and the operands that it is bound to.
#pragma once

#include <sinter/run/product.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace run {

// Whether the sums of a tile, a row of b and an element of a stay in registers.
template <class Backend> constexpr bool tile_fits(const fuse::schedule_value& s) {
  return s.tile_rows == 0 || s.tile_rows * s.tile_vectors + s.tile_vectors + 1 <= simd::register_count<Backend>;
}

// What group G of a plan reads and writes of a node; -1: nothing.
template <class Plan, int G, int Node> struct link_of {
  static constexpr fuse::group g = Plan::value.groups[G];
  static constexpr bool is_read(int i) {
    const fuse::loop_access& a = Plan::value.accesses[g.accesses.first + i];
    return a.kind == fuse::access::memory && a.node == Node;
  }
  static constexpr bool is_written(int i) { return Plan::value.stores[g.roots.first + i].node == Node; }
  static constexpr int reads = [] {
    int n = 0;
    for (int i = 0; i < g.accesses.count; ++i) n += is_read(i);
    return n;
  }();
  static constexpr int writes = [] {
    int n = 0;
    for (int i = 0; i < g.roots.count; ++i) n += is_written(i);
    return n;
  }();
  static constexpr int read(int n) {
    int i = 0;
    while (!is_read(i) || n-- > 0) ++i;
    return i;
  }
  static constexpr int written(int n) {
    int i = 0;
    while (!is_written(i) || n-- > 0) ++i;
    return i;
  }
  template <int... A, int... S>
  static linked<detail::int_list<read(A)...>, detail::int_list<written(S)...>> make(detail::int_list<A...>, detail::int_list<S...>);
  using type = decltype(make(detail::make_int_list<reads>{}, detail::make_int_list<writes>{}));
};
template <class Plan, int G> struct link_of<Plan, G, -1> { using type = not_linked; };

// Group G of a plan as a part of a contraction; Nodes are its links.
template <class Plan, int G, class Backend, fuse::schedule_value Schedule, int... Nodes> struct nested {
  static constexpr fuse::group g = Plan::value.groups[G];
  using code = group_code<Plan, G, Schedule>;
  using key = key_of<Plan, code>;
  static_assert(fuse::ensure_code<key, code>());
  static constexpr bool inlined = static_elements<Plan, G>() >= 0 && static_elements<Plan, G>() <= 64 * 16;
  using type = nested_kernel<key, Backend, inlined, typename link_of<Plan, G, Nodes>::type...>;

  SINTER_HOST_INLINE static void bind(type& to, const binding<Plan>& b) { bind_arguments<G>(to.bound, b); }
  static constexpr extent_t buffer(const binding<Plan>& b) { return buffer_bytes<code>(b.at(g.inner), b.at(g.loop)); }
};
// No group.
template <class Plan> struct no_group {
  using type = no_kernel;
  SINTER_HOST_INLINE static void bind(type&, const binding<Plan>&) {}
  static constexpr extent_t buffer(const binding<Plan>&) { return 0; }
};
template <class Plan, int G, class Backend, fuse::schedule_value Schedule, int Out = -1> struct contraction;
template <class Plan> constexpr bool is_product(int group) { return group >= 0 && Plan::value.groups[group].kind == group_kind::dot; }
template <class Plan, int G, class Backend, fuse::schedule_value Schedule, int... Nodes> struct nested_or_none {
  using type = nested<Plan, G, Backend, Schedule, Nodes...>;
};
template <class Plan, int G, class Backend, fuse::schedule_value Schedule, int Node>
requires(is_product<Plan>(G)) struct nested_or_none<Plan, G, Backend, Schedule, Node> {
  using type = contraction<Plan, G, Backend, Schedule, Node>;
};
template <class Plan, class Backend, fuse::schedule_value Schedule, int... Nodes>
struct nested_or_none<Plan, -1, Backend, Schedule, Nodes...> {
  using type = no_group<Plan>;
};

// Out: what another contraction, which asks for its rows, reads of its consumer.
template <class Plan, int G, class Backend, fuse::schedule_value Schedule, int Out> struct contraction {
  static constexpr fuse::group g = Plan::value.groups[G];
  static constexpr int batch_axes = g.outer - 1, products = g.partner < 0 ? 1 : 2;
  static constexpr int result_of(int group) { return group < 0 ? -1 : Plan::value.stores[Plan::value.groups[group].roots.first].node; }
  static constexpr int operand_of(int group, int i) { return Plan::value.accesses[Plan::value.groups[group].accesses.first + i].node; }
  using maker_of_a = typename nested_or_none<Plan, g.makes_a, Backend, Schedule, operand_of(G, 0)>::type;
  using maker_of_b = typename nested_or_none<Plan, g.makes_b, Backend, Schedule, operand_of(G, 1)>::type;
  using consumer = typename nested_or_none<Plan, g.consumer, Backend, Schedule, result_of(G), result_of(g.partner), Out>::type;

  static constexpr product_traits traits = [] {
    constexpr fuse::group around = Plan::value.groups[g.consumer >= 0 ? g.consumer : G];
    product_traits t;
    t.type = Plan::value.graph.nodes[result_of(G)].type;
    t.batch_axes = batch_axes, t.products = products, t.packed = g.packed, t.inside = g.head >= 0;
    t.consumes_whole = g.consumer >= 0 && around.inner != g.inner, t.limited = g.consumer >= 0 && around.limited;
    t.rows = static_or_open(g.outer_extent[batch_axes]), t.columns = static_or_open(g.inner), t.depth = static_or_open(g.loop);
    t.schedule = Schedule;
    return t;
  }();
  using type = product<traits, Backend, typename maker_of_a::type, typename maker_of_b::type, typename consumer::type>;
  using around = typename type::around;
  using kernel = typename type::kernel;
  using operands = typename type::operands;
  using S = typename type::S;

  // A product with a vector is computed as that of the vector, as a row, with the transpose.
  static constexpr bool is_vector(const binding<Plan>& b) {
    return around::may_swap && b.at(g.inner) == 1 && (around::columns == 1 || b.at(g.outer_extent[batch_axes]) > 1);
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
    return product_bytes(b) + (around::chains ? parts[0] + (parts[2] > parts[1] ? parts[2] : parts[1]) : most);
  }

  static constexpr buffers buffers_of(const binding<Plan>& b) {
    const extent_t own = product_bytes(b);
    return {buffer(b), own, own + (around::chains ? maker_of_a::buffer(b) : 0)};
  }

  // Nothing depends on the arguments but addresses, and there is little to do.
  static constexpr operands bare_shape() {
    operands o = shape_of<G>(binding<Plan>());
    if (g.consumer >= 0) o.c_row = o.n, o.c_column = 1;
    return o;
  }
  static constexpr bool is_bare() {
    if constexpr (Plan::size.graph.symbols > 0 || batch_axes > 0 || around::makes_a || around::makes_b) return false;
    else if constexpr (around::consumes)
      return around::rows * around::columns <= fuse::most_elements_beside && consumer::buffer(binding<Plan>()) == 0 &&
             kernel::is_bare(bare_shape());
    else return kernel::is_bare(bare_shape());
  }
  SINTER_HOST_INLINE static void run(const binding<Plan>& b, char* buffer) {
    if constexpr (traits.consumes_whole || (is_bare() && around::consumes)) {  // from a block beside
      // Room for whole packets: g++ warns of a masked load that ends behind an array.
      alignas(64) S beside[(around::rows * around::columns + fuse::lanes - 1) / fuse::lanes * fuse::lanes];
      S* const block = beside;
      if constexpr (is_bare()) run_bare(b, block);
      else call(b, buffer, block);
      constexpr extent_t rows = traits.consumes_whole ? 1 : around::rows,
                         columns = traits.consumes_whole ? around::rows * around::columns : around::columns;
      typename consumer::type all;
      consumer::bind(all, b);
      all.template run<0>(&block, columns, 0, rows, 0, columns, nullptr);
    } else if constexpr (is_bare()) {
      run_bare(b, reinterpret_cast<S*>(b.template address<result_of(G)>()));
    } else {
      call(b, buffer, nullptr);
    }
  }
  SINTER_HOST_INLINE static void bind(type& to, const binding<Plan>& b) {
    maker_of_a::bind(to.maker_of_a, b), maker_of_b::bind(to.maker_of_b, b), consumer::bind(to.consumer, b);
    to.o[0] = shape_of<G>(b), bind_arguments<G>(to.x[0], b);
    if constexpr (products == 2) to.o[1] = shape_of<g.partner>(b), bind_arguments<g.partner>(to.x[1], b);
    to.is_vector = is_vector(b);
    if constexpr (Plan::size.graph.symbols == 0) {
      constexpr buffers sizes = buffers_of(binding<Plan>());
      to.bytes = sizes;
    } else {
      to.bytes = buffers_of(b);
    }
    if constexpr (traits.limited) to.visible_ahead = b.at(Plan::value.groups[g.consumer].visible);
  }

 private:
  SINTER_HOST_INLINE static void run_bare(const binding<Plan>& b, S* to) {
    const S* const x = reinterpret_cast<const S*>(b.template address<operand_of(G, 0)>()) + Plan::value.accesses[g.accesses.first].base;
    const S* const y = reinterpret_cast<const S*>(b.template address<operand_of(G, 1)>()) + Plan::value.accesses[g.accesses.first + 1].base;
    constexpr bool room_a = Plan::value.places[operand_of(G, 0)].kind == fuse::place::arena;
    constexpr bool room_c = g.consumer >= 0 || Plan::value.places[result_of(G)].kind == fuse::place::arena;
    kernel::template run_bare<contraction, room_a, room_c>(x, y, to);
  }
  SINTER_NOINLINE static void call(const binding<Plan>& b, char* buffer, S* to) {
    type all;
    bind(all, b);
    if (to) all.x[0].store[0].base = reinterpret_cast<char*>(to);
    all.run(buffer);
  }
};

}  // namespace run
}  // namespace SINTER_ISA
}  // namespace sinter
