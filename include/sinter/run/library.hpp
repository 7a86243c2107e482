// SPDX-License-Identifier: Apache-2.0
// Runs a library call: the functor gets the operands and results of one batch after the other as views, on the calling thread. Knows
// nothing of SIMD.
#pragma once

#include <sinter/run/program.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace run {

// An operand or result: its address, how many bytes batches lie apart along each batch axis, the extents of one call.
struct call_array {
  char* base = nullptr;
  extent_t step[max_rank] = {}, extent[max_rank] = {};
};
template <class T, int Rank> struct seen_as {
  static auto at(char* p, const extent_t* extent) { return make(p, extent, detail::make_int_list<Rank>{}); }

 private:
  template <int... A> static auto make(char* p, [[maybe_unused]] const extent_t* extent, detail::int_list<A...>) {
    return view<T, (static_cast<void>(A), dyn)...>(reinterpret_cast<T*>(p), extent[A]...);
  }
};

// The kernel: shared by all calls of a functor on arrays of these types and ranks.
template <class F, class... Seen> struct library_kernel {
  SINTER_NOINLINE static void call(const call_array* x, const extent_t* batch, int axes) {
    call(x, batch, axes, detail::make_int_list<sizeof...(Seen)>{});
  }

 private:
  template <int... I> static void call(const call_array* x, const extent_t* batch, int axes, detail::int_list<I...>) {
    extent_t index[max_rank] = {}, count = 1;
    for (int d = 0; d < axes; ++d) count *= batch[d];
    for (; count > 0; --count) {
      F::run(Seen::at(address(x[I], index, axes), x[I].extent)...);
      for (int d = axes - 1; d >= 0 && ++index[d] == batch[d]; --d) index[d] = 0;
    }
  }
  static char* address(const call_array& x, const extent_t* index, int axes) {
    extent_t offset = 0;
    for (int d = 0; d < axes; ++d) offset += index[d] * x.step[d];
    return x.base + offset;
  }
};

template <class Plan, int G> struct library_group {
  static constexpr fuse::group g = Plan::value.groups[G];
  static constexpr graph::node n = Plan::value.graph.nodes[Plan::value.stores[g.roots.first].node];
  using F =
      typename decltype(external_type(detail::external_tag<Plan::value.graph.externals[Plan::value.graph.pool[n.attribute]]>{}))::type;
  using functor = detail::library_functor<F, n.operands>;
  static constexpr int arrays = n.operands + functor::results;

  SINTER_HOST_INLINE static void run(const binding<Plan>& b, char* buffer) {
    run(b, buffer, detail::make_int_list<n.operands>{}, detail::make_int_list<functor::results>{});
  }
  // Bytes for the results that nobody uses.
  static constexpr extent_t buffer(const binding<Plan>& b) { return buffer(b, detail::make_int_list<functor::results>{}); }
  static constexpr bool has_open_buffer() {
    bool open = false;
    for (int k = 0; k < n.operands; ++k) {
      const shape<> s = shape_of_operand(k);
      for (int a = g.outer; a < s.rank; ++a) open |= graph::is_symbol(s[a]);
    }
    return open && g.roots.count < functor::results;
  }

 private:
  static constexpr shape<> shape_of_operand(int k) { return Plan::value.graph.shapes[Plan::value.graph.nodes[n.operand[k]].shape]; }
  static constexpr dtype type_of_operand(int k) { return Plan::value.graph.nodes[n.operand[k]].type; }
  static constexpr fuse::store store_at(int i) { return Plan::value.stores[g.roots.first + i]; }
  static constexpr int store_of(int r) {  // of result r, or -1
    for (int i = 0; i < g.roots.count; ++i)
      if (Plan::value.graph.pool[Plan::value.graph.nodes[store_at(i).node].attribute + 1] == r) return i;
    return -1;
  }
  // What the functor's rule says of result R: with extents of a binding, or with symbols where none is given.
  template <int K> static constexpr call_operand operand_of_rule(graph::builder& unused, const binding<Plan>* b) {
    constexpr shape<> s = shape_of_operand(K);
    shape<> each;
    for (int a = g.outer; a < s.rank; ++a) each.append(b ? b->at(s[a]) : s[a]);
    return {unused, type_of_operand(K), each, each.rank};
  }
  template <int R, int... K> static constexpr call_result result_by_rule(const binding<Plan>* b, detail::int_list<K...>) {
    graph::builder unused;  // only run-time extents would grow it
    const call_operand x[] = {operand_of_rule<K>(unused, b)...};
    return functor::template result<R>(x);
  }
  template <int R> static constexpr call_result result_by_rule(const binding<Plan>* b) {
    return result_by_rule<R>(b, detail::make_int_list<n.operands>{});
  }
  template <int R> static constexpr dtype type_of_result() {
    if constexpr (store_of(R) >= 0) return Plan::value.graph.nodes[store_at(store_of(R)).node].type;
    else return result_by_rule<R>(nullptr).type;
  }
  template <int R> static constexpr int rank_of_result() {
    if constexpr (store_of(R) >= 0)
      return Plan::value.graph.shapes[Plan::value.graph.nodes[store_at(store_of(R)).node].shape].rank - g.outer;
    else return result_by_rule<R>(nullptr).extents.rank;
  }
  template <int R> static constexpr extent_t bytes_of_unused(const binding<Plan>& b) {
    if constexpr (store_of(R) >= 0) return 0;
    else {
      const call_result r = result_by_rule<R>(&b);
      extent_t bytes = size_of(r.type);
      for (int a = 0; a < r.extents.rank; ++a) bytes *= r.extents[a];
      return (bytes + 63) / 64 * 64;
    }
  }
  template <int... R> static constexpr extent_t buffer(const binding<Plan>& b, detail::int_list<R...>) {
    return (bytes_of_unused<R>(b) + ...);
  }

  template <int K> SINTER_HOST_INLINE static void bind_operand(call_array& to, const binding<Plan>& b) {
    constexpr fuse::loop_access a = Plan::value.accesses[g.accesses.first + K];
    constexpr shape<> s = shape_of_operand(K);
    constexpr extent_t bytes = size_of(type_of_operand(K));
    to.base = b.template address<a.node>() + b.at(a.base) * bytes;
    for (int d = 0; d < g.outer; ++d) to.step[d] = b.at(a.outer[d]) * bytes;
    for (int d = g.outer; d < s.rank; ++d) to.extent[d - g.outer] = b.at(s[d]);
  }
  template <int R> SINTER_HOST_INLINE static void bind_result(call_array& to, const binding<Plan>& b, char*& unused) {
    if constexpr (store_of(R) < 0) {
      const call_result r = result_by_rule<R>(&b);
      to.base = unused, unused += bytes_of_unused<R>(b);
      for (int a = 0; a < r.extents.rank; ++a) to.extent[a] = r.extents[a];
    } else {
      constexpr fuse::store st = store_at(store_of(R));
      constexpr shape<> s = Plan::value.graph.shapes[Plan::value.graph.nodes[st.node].shape];
      to.base = b.template address<st.node>();
      for (int d = 0; d < g.outer; ++d) to.step[d] = b.at(st.where.outer[d]) * size_of(type_of_result<R>());
      for (int d = g.outer; d < s.rank; ++d) to.extent[d - g.outer] = b.at(s[d]);
    }
  }
  template <int... K, int... R>
  SINTER_HOST_INLINE static void run(const binding<Plan>& b, char* buffer, detail::int_list<K...>, detail::int_list<R...>) {
    call_array x[arrays];
    (bind_operand<K>(x[K], b), ...);
    (bind_result<R>(x[n.operands + R], b, buffer), ...);
    extent_t batch[g.outer + 1] = {};
    for (int d = 0; d < g.outer; ++d) batch[d] = b.at(g.outer_extent[d]);
    library_kernel<F, seen_as<const storage_t<type_of_operand(K)>, shape_of_operand(K).rank - g.outer>...,
                   seen_as<storage_t<type_of_result<R>()>, rank_of_result<R>()>...>::call(x, batch, g.outer);
  }
};

}  // namespace run
}  // namespace SINTER_ISA
}  // namespace sinter
