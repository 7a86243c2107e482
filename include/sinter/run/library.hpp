// SPDX-License-Identifier: Apache-2.0
// Runs a library call: the functor gets the operands and results of one batch after the other as views, on the calling thread. Knows
// nothing of SIMD.
#pragma once

#include <sinter/run/binding.hpp>

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

  SINTER_HOST_INLINE static void run(const binding<Plan>& b, char* buffer) {
    run(b, buffer, detail::make_int_list<n.operands>{}, detail::make_int_list<functor::results>{});
  }
  // Bytes for the results that nobody uses.
  static constexpr extent_t buffer(const binding<Plan>& b) { return buffer(b, detail::make_int_list<functor::results>{}); }
  static constexpr bool has_open_buffer() {
    bool open = false;
    for (int k = 0; k < n.operands; ++k)
      for (int a = g.outer; a < shape_at(n.operand[k]).rank; ++a) open |= graph::is_symbol(shape_at(n.operand[k])[a]);
    return open && g.roots.count < functor::results;
  }

  // Operand K and result R of the first batch.
  template <int K> SINTER_HOST_INLINE static void bind_operand(call_array& to, const binding<Plan>& b) {
    constexpr fuse::loop_access a = access_of(K);
    constexpr shape<> s = shape_at(n.operand[K]);
    constexpr extent_t bytes = size_of(type_at(n.operand[K]));
    to.base = b.template address<a.node>();
    for (int d = g.outer; d < s.rank; ++d) to.extent[d - g.outer] = b.at(s[d]);
    if (is_nowhere<a.node, Plan>(to.base)) return;
    to.base += b.at(a.base) * bytes;
    for (int d = 0; d < g.outer; ++d) to.step[d] = b.at(a.outer[d]) * bytes;
  }
  template <int R> SINTER_HOST_INLINE static void bind_stored(call_array& to, const binding<Plan>& b) {
    constexpr fuse::store st = store_at(store_of(R));
    constexpr shape<> s = shape_at(st.node);
    to.base = b.template address<st.node>();
    for (int d = 0; d < g.outer; ++d) to.step[d] = b.at(st.where.outer[d]) * size_of(type_at(st.node));
    for (int d = g.outer; d < s.rank; ++d) to.extent[d - g.outer] = b.at(s[d]);
  }

 private:
  static constexpr shape<> shape_at(int node) { return Plan::value.graph.shapes[Plan::value.graph.nodes[node].shape]; }
  static constexpr dtype type_at(int node) { return Plan::value.graph.nodes[node].type; }
  static constexpr fuse::loop_access access_of(int k) { return Plan::value.accesses[g.accesses.first + k]; }
  static constexpr fuse::store store_at(int i) { return Plan::value.stores[g.roots.first + i]; }
  static constexpr int store_of(int r) {  // of result r, or -1
    for (int i = 0; i < g.roots.count; ++i)
      if (Plan::value.graph.pool[Plan::value.graph.nodes[store_at(i).node].attribute + 1] == r) return i;
    return -1;
  }

  // A result that nobody uses is not in the plan: the rule is asked again. Its extents are in terms of the plan's symbols, and of further
  // ones behind these.
  template <int N> struct answer {
    call_result result;
    int symbols = 0;
    graph::symbol symbol[N + 1] = {};
  };
  template <int R, int N> static constexpr answer<N> ask() {
    graph::builder b;
    for (int i = 0; i < Plan::size.graph.symbols; ++i) b.symbols.add(Plan::value.graph.symbols[i]);
    call_operand x[n.operands];
    for (int k = 0; k < n.operands; ++k) {
      shape<> each;
      for (int a = g.outer; a < shape_at(n.operand[k]).rank; ++a) each.append(shape_at(n.operand[k])[a]);
      x[k] = {b, type_at(n.operand[k]), each, each.rank};
    }
    answer<N> said{functor::template result<R>(x)};
    said.symbols = b.symbols.size();
    for (int i = 0; i < N; ++i) said.symbol[i] = b.symbols[i];
    return said;
  }
  template <int R> struct unused {
    static constexpr auto said = ask<R, ask<R, 0>().symbols>();
    template <extent_t E> static constexpr extent_t at(const binding<Plan>& b) {
      if constexpr (!graph::is_symbol(E) || graph::symbol_index(E) < Plan::size.graph.symbols) return b.at(E);
      else {
        constexpr graph::symbol s = said.symbol[graph::symbol_index(E)];
        const extent_t x = at<s.a>(b), y = at<s.b>(b);
        if constexpr (s.kind == graph::symbol::sum) return x + y;
        else if constexpr (s.kind == graph::symbol::difference) return x - y;
        else if constexpr (s.kind == graph::symbol::product) return x * y;
        else if constexpr (s.kind == graph::symbol::smaller) return x < y ? x : y;
        else return y == 0 ? 0 : x / y + (x % y > 0);
      }
    }
    template <int... A> static constexpr extent_t bytes(const binding<Plan>& b, detail::int_list<A...>) {
      return ((extent_t{1} * ... * at<said.result.extents[A]>(b)) * size_of(said.result.type) + 63) / 64 * 64;
    }
    static constexpr extent_t bytes(const binding<Plan>& b) { return bytes(b, detail::make_int_list<said.result.extents.rank>{}); }
    template <int... A> static void bind(extent_t* to, const binding<Plan>& b, detail::int_list<A...>) {
      ((to[A] = at<said.result.extents[A]>(b)), ...);
    }
  };
  template <int R> static constexpr extent_t bytes_of_unused(const binding<Plan>& b) {
    if constexpr (store_of(R) >= 0) return 0;
    else return unused<R>::bytes(b);
  }
  template <int... R> static constexpr extent_t buffer(const binding<Plan>& b, detail::int_list<R...>) {
    return (bytes_of_unused<R>(b) + ...);
  }

  template <int R> SINTER_HOST_INLINE static void bind_result(call_array& to, const binding<Plan>& b, char*& scratch) {
    if constexpr (store_of(R) < 0) {
      to.base = scratch, scratch += unused<R>::bytes(b);
      unused<R>::bind(to.extent, b, detail::make_int_list<unused<R>::said.result.extents.rank>{});
    } else {
      bind_stored<R>(to, b);
    }
  }
  template <int K> static constexpr auto see_operand() {
    return detail::holder_of<seen_as<const storage_t<type_at(n.operand[K])>, shape_at(n.operand[K]).rank - g.outer>>{};
  }
  template <int R> static constexpr auto see_result() {
    if constexpr (store_of(R) < 0)
      return detail::holder_of<seen_as<storage_t<unused<R>::said.result.type>, unused<R>::said.result.extents.rank>>{};
    else
      return detail::holder_of<
          seen_as<storage_t<type_at(store_at(store_of(R)).node)>, shape_at(store_at(store_of(R)).node).rank - g.outer>>{};
  }
  template <int... K, int... R>
  SINTER_HOST_INLINE static void run(const binding<Plan>& b, char* buffer, detail::int_list<K...>, detail::int_list<R...>) {
    call_array x[n.operands + functor::results];
    (bind_operand<K>(x[K], b), ...);
    (bind_result<R>(x[n.operands + R], b, buffer), ...);
    extent_t batch[g.outer + 1] = {};
    for (int d = 0; d < g.outer; ++d) batch[d] = b.at(g.outer_extent[d]);
    library_kernel<F, typename decltype(see_operand<K>())::type..., typename decltype(see_result<R>())::type...>::call(x, batch, g.outer);
  }
};

}  // namespace run
}  // namespace SINTER_ISA
}  // namespace sinter
