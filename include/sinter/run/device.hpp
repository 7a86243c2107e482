// SPDX-License-Identifier: Apache-2.0
// The run of a plan by kernels of a GPU, or by the same kernels replayed on the host. Where it runs is a type, Place:
//   Place::launch<Program>(args, blocks)     a kernel
//   Place::launch_over_clusters<Program>(args, blocks)     one of clusters of blocks; false, and nothing is done, where there are none
//   Place::copy(to, from, bytes), Place::clear(to, bytes)
//   Place::upload(data, bytes)                    a constant array of the host, which stays: its address
//   Place::download(to, from, bytes), Place::upload_to(to, from, bytes)   from and to the host, which waits
//   Place::read(flag), Place::write(index, i)    of control flow: a truth value out of memory, a number into it
// all of them one after the other. One that has a library of products has also
//   Place::product_bytes                         scratch memory of a product
//   Place::after<Type, Key>                      0, or what it does by itself of a map that consumes a product and one row of numbers
//   Place::product<Type>(program::args, after, row, scratch)    false, and nothing is done, if it cannot
// One that convolves, too (its plans have to: for_convolutions in plan_stages.hpp),
//   Place::plans                                 the flags of its plans
//   Place::convolution<Type>(windows, program::args, after, row, filter, scratch)    the same of windows; a is what they are of, filter()
//                                                makes b [n, k], in row-major order, and says where it is
#pragma once

#include <utility>

#include <sinter/cuda/columns.hpp>
#include <sinter/cuda/copy.hpp>
#include <sinter/cuda/filter.hpp>
#include <sinter/cuda/map.hpp>
#include <sinter/cuda/product.hpp>
#include <sinter/cuda/rows.hpp>
#include <sinter/cuda/rows_cut.hpp>
#include <sinter/cuda/rows_user.hpp>
#include <sinter/cuda/scatter.hpp>
#include <sinter/cuda/transpose.hpp>
#include <sinter/run/control_loop.hpp>
#include <sinter/run/device_sort.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace run {

inline constexpr fuse::schedule_value on_threads = [] {
  fuse::schedule_value s;
  s.threads = true;
  return s;
}();

template <class Place> struct device_engine;
// The place of functions with a backend that the user names; headers of libraries have others.
template <class Backend, class Place> struct place_for { using type = Place; };
template <group_kind Kind> inline constexpr bool has_code =
    Kind != group_kind::library_call&& Kind != group_kind::control&& Kind != group_kind::dot;

// Group G of a plan for a GPU: its kernel chosen and its arguments bound. Owned: all operands and results are tensors, whose addresses
// are multiples of 16.
// Plans are passed to functions that look into them: nvcc keeps a copy of a whole constant for each expression of a constant evaluation
// that names it, and three for a reference to a part of it.
template <class Plan, int G, class Place, bool Owned> struct device_group {
  static constexpr fuse::group g = Plan::value.groups[G];
  using own_code = group_code<Plan, G, on_threads>;
  using key = key_of<Plan, own_code>;
  static_assert(!has_code<g.kind> || fuse::ensure_code<key, own_code>());
  struct code {
    static constexpr const auto& value = code_of(key{});
    static constexpr fuse::code_size size = std::remove_cvref_t<decltype(value)>::size;
  };
  static constexpr bool is_tiled() {
    if constexpr (g.kind == group_kind::map) return code::value.tiled;
    else return false;
  }
  static constexpr int packet = cuda_kernels::packet_of(own_code::value);

  // What is known of alignment when the plan is made.
  static constexpr bool is_multiple(extent_t e, int v) { return !graph::is_symbol(e) && e % v == 0; }
  static constexpr bool lies_aligned(const fuse::loop_access& a, dtype type) {
    const int bytes = size_of(type), v = packet * bytes < 16 ? packet : 16 / bytes;
    bool good = is_multiple(a.base, v) && is_multiple(a.loop, v);
    for (int d = 0; d < g.outer; ++d) good = good && (g.outer_extent[d] == 1 || is_multiple(a.outer[d], v));
    return good;
  }
  template <class P> static constexpr bool all_aligned(const P& plan) {
    bool good = true;
    for (int i = 0; i < g.accesses.count; ++i) {
      const fuse::loop_access& a = plan.accesses[g.accesses.first + i];
      if (a.kind == fuse::access::memory && a.inner == 1 && a.guards == 0) good = good && lies_aligned(a, plan.graph.nodes[a.node].type);
    }
    for (int i = 0; i < g.roots.count; ++i) {
      const fuse::store& s = plan.stores[g.roots.first + i];
      if (s.where.inner == 1) good = good && lies_aligned(s.where, plan.graph.nodes[s.node].type);
    }
    return good;
  }
  static constexpr int find_packet() {
    if constexpr (packet == 1 || (!graph::is_symbol(g.inner) && g.inner % packet != 0)) return 1;
    else if constexpr (!Owned || graph::is_symbol(g.inner)) return 0;
    else return all_aligned(Plan::value) ? packet : 0;
  }
  static constexpr int known_packet = find_packet();

  template <class Args> static void bind(Args& a, const binding<Plan>& b) {
    if constexpr (binds) {
      bind_arguments<G>(a, b);
      bind_numbers(a, b, detail::make_int_list<g.accesses.count>{});
    }
  }
  template <int V> static constexpr cuda_kernels::row_cut row_cut = cuda_kernels::cut_of_row(graph::is_symbol(g.inner) ? -1 : g.inner, V);
  template <class Code> static constexpr cuda_kernels::row_cut cluster_cut_of(const Code& c, int v) {
    if (c.loops == 1) return {};
    const int registers = cuda_kernels::values_kept(c) * (c.mask_bytes == 8 ? 2 : 1);
    if (graph::is_symbol(g.inner)) return cuda_kernels::open_cut_over_cluster(v, registers);
    return cuda_kernels::cut_over_cluster(g.inner, v, registers);
  }
  template <int V> static constexpr cuda_kernels::row_cut cluster_cut = cluster_cut_of(code::value, V);
  // Rows that blocks may share.
  static constexpr bool finds_shared_rows() {
    if constexpr (g.kind == group_kind::rows) return row_cut<packet>.packets == 0 && code::value.loops == 1;
    else return false;
  }
  static constexpr bool shares_rows = finds_shared_rows();
  // f(int_list<V>): with packets of V elements.
  template <class F> static void with_packet(const binding<Plan>& b, F f) {
    if constexpr (known_packet > 0) f(detail::int_list<known_packet>{});
    else if constexpr (!binds) f(detail::int_list<packet>{}), f(detail::int_list<1>{});
    else {
      typename simd::evaluator<key, backend::cuda, 1>::args a;
      bind_arguments<G>(a, b);
      if (cuda_kernels::is_aligned<code>(a, packet)) f(detail::int_list<packet>{});
      else f(detail::int_list<1>{});
    }
  }

  template <int I> using library = device_library<typename library_group<Plan, I>::F, Plan, I, Place>;
  static void run(const binding<Plan>& b, std::byte* scratch) {
    if constexpr (is_tiled()) {
      launch<cuda_kernels::transpose_program<key>>(b);
    } else if constexpr (g.kind == group_kind::map) {
      if constexpr (known_packet > 0) launch<cuda_kernels::map_program<key, known_packet>>(b);
      else with_packet(b, [&]<int V>(detail::int_list<V>) { launch<cuda_kernels::map_program<key, V>>(b); });
    } else if constexpr (g.kind == group_kind::rows) {
      with_packet(b, [&]<int V>(detail::int_list<V>) {
        if constexpr (shares_rows) run_cut<cuda_kernels::cut_rows_program<key, V>>(b, scratch);
        else launch_rows<V>(b);
      });
    } else if constexpr (g.kind == group_kind::columns) {
      with_packet(b, [&]<int V>(detail::int_list<V>) { run_cut<cuda_kernels::columns_program<key, V>>(b, scratch); });
    } else if constexpr (g.kind == group_kind::scatter) {
      if constexpr (binds) copy_scattered(b);
      using program = cuda_kernels::scatter_program<key>;
      typename program::args a;
      bind(a, b);
      a.owners = program::owners_of(a);
      Place::template launch<program>(a, program::blocks(a, rows_of(a, g.outer)));
    } else if constexpr (g.kind == group_kind::dot) {
      run_product(b, scratch);
    } else if constexpr (g.kind == group_kind::control) {
      control_loop<Plan, G, device_engine<Place>>::run(b, scratch);
    } else if constexpr (g.kind == group_kind::row_call) {
      launch<cuda_kernels::user_rows_program<key>>(b);
    } else {
      static_assert(g.kind == group_kind::library_call);
      library<G>::run(b, scratch);
    }
  }
  // Bytes beside the operands.
  static extent_t scratch(const binding<Plan>& b) {
    extent_t bytes = 0;
    if constexpr (g.kind == group_kind::control) bytes = control_loop<Plan, G, device_engine<Place>>::buffer(b);
    if constexpr (g.kind == group_kind::library_call) bytes = library<G>::scratch(b);
    if constexpr (g.kind == group_kind::dot && by_library && (convolves || !has_makers))
      bytes = Place::product_bytes + bytes_of_filter(b) + (has_consumer && (convolves || !after) ? bytes_of_product(b) : 0);
    if constexpr (binds && shares_rows)
      with_packet(b, [&]<int V>(detail::int_list<V>) { bytes = bytes_of_cut<cuda_kernels::cut_rows_program<key, V>>(b); });
    if constexpr (binds && g.kind == group_kind::columns)
      with_packet(b, [&]<int V>(detail::int_list<V>) { bytes = bytes_of_cut<cuda_kernels::columns_program<key, V>>(b); });
    return bytes;
  }

  // A map of the product at `from`, which its accesses A read.
  template <int... A> static void run_behind(const binding<Plan>& b, const char* from, detail::int_list<A...> reads) {
    if constexpr (code::value.tiled) launch_behind<cuda_kernels::transpose_program<key>>(b, from, reads);
    else with_packet(b, [&]<int V>(detail::int_list<V>) { launch_behind<cuda_kernels::map_program<key, V>>(b, from, reads); });
  }

 private:
  template <class, int, class, bool> friend struct device_group;
  template <class Program, int... A> static void launch_behind(const binding<Plan>& b, const char* from, detail::int_list<A...>) {
    typename Program::args a;
    bind(a, b);
    ((a.access[A].base = const_cast<char*>(from)), ...);
    Place::template launch<Program>(a, Program::blocks(a, rows_of(a, g.outer)));
  }
  // Shorter rows of run-time lengths fit the first cache of a multiprocessor, if one block reads them several times.
  static constexpr extent_t shortest_clustered = 8192;
  template <int V> static void launch_rows(const binding<Plan>& b) {
    constexpr cuda_kernels::row_cut whole = row_cut<V>, over = cluster_cut<V>;
    if constexpr (over.cluster > 1) {
      constexpr bool open = graph::is_symbol(g.inner);
      using program = cuda_kernels::rows_program<key, V, over.threads, over.packets, over.cluster, open>;
      typename program::args a;
      bind(a, b);
      const bool fits = !open || !binds || (a.inner > shortest_clustered && a.inner <= program::most);
      if (fits && Place::template launch_over_clusters<program>(a, binds ? program::blocks(a, rows_of(a, g.outer)) : 1)) return;
    }
    launch<cuda_kernels::rows_program<key, V, whole.threads, whole.packets>>(b);
  }
  static constexpr extent_t counter_bytes(extent_t strips) { return (strips * 4 + 63) / 64 * 64; }
  template <class Program> static void launch(const binding<Plan>& b) {
    typename Program::args a;
    bind(a, b);
    if constexpr (binds) Place::template launch<Program>(a, Program::blocks(a, rows_of(a, g.outer)));
    else Place::template launch<Program>(a, 1);
  }
  template <class Program> static extent_t bytes_of_cut(const binding<Plan>& b) {
    typename Program::args a;
    bind(a, b);
    const extent_t rows = rows_of(a, g.outer), strips = rows * Program::strips_in_row(a);
    return counter_bytes(strips) + Program::scratch_bytes(strips, Program::cuts_of(a, rows));
  }
  template <class Program> static void run_cut(const binding<Plan>& b, std::byte* scratch) {
    typename Program::args a;
    bind(a, b);
    const extent_t rows = rows_of(a, g.outer), strips = rows * Program::strips_in_row(a);
    a.cuts = Program::cuts_of(a, rows);
    a.arrived = reinterpret_cast<int*>(scratch);
    a.partial = scratch + counter_bytes(strips);
    if (a.cuts > 1) Place::clear(scratch, counter_bytes(strips));
    Place::template launch<Program>(a, Program::blocks(a, rows));
  }
  // A number goes with the arguments, in place of its address.
  template <class Args, int... A> static void bind_numbers(Args& a, const binding<Plan>& b, detail::int_list<A...>) {
    (bind_number<A>(a, b), ...);
  }
  template <int A, class Args> static void bind_number(Args& a, const binding<Plan>& b) {
    constexpr fuse::loop_access x = Plan::value.accesses[g.accesses.first + A];
    if constexpr (x.kind == fuse::access::scalar) __builtin_memcpy(&a.access[A].base, b.scalar[x.node], 8);
  }
  static void copy_scattered(const binding<Plan>& b) {
    const scattered_array a = scattered_by<G>(b);
    if (a.bytes > 0) Place::copy(a.to, a.from, static_cast<std::size_t>(a.bytes));
  }

  // Of a product: what its result is, and which accesses of its consumer read that.
  struct result_and_readers {
    int node = 0;
    dtype type{};
    int count = 0, reads[32] = {};
  };
  template <class P> static constexpr result_and_readers find_readers(const P& plan) {
    result_and_readers r;
    if (g.kind != group_kind::dot) return r;
    r.node = plan.stores[g.roots.first].node, r.type = plan.graph.nodes[r.node].type;
    if (g.consumer < 0) return r;
    const fuse::span& of = plan.groups[g.consumer].accesses;
    for (int i = 0; i < of.count; ++i) {
      const fuse::loop_access& a = plan.accesses[of.first + i];
      if (a.kind == fuse::access::memory && a.node == r.node) r.reads[r.count++] = i;
    }
    return r;
  }
  static constexpr result_and_readers product = find_readers(Plan::value);
  template <int... K> static constexpr auto reads_of(detail::int_list<K...>) { return detail::int_list<product.reads[K]...>{}; }
  using reads = decltype(reads_of(detail::make_int_list<product.count>{}));
  template <int C> struct consumer_type { using type = cuda_kernels::consumer<typename device_group<Plan, C, Place, Owned>::key, reads>; };
  struct no_consumer_type {
    using type = cuda_kernels::no_consumer;
  };
  template <int M> struct maker_type {
    using type = cuda_kernels::maker<typename device_group<Plan, M, Place, Owned>::key, Plan::value.groups[M].apart>;
  };
  struct no_maker_type {
    using type = cuda_kernels::no_maker;
  };
  template <int M> using maker_of = typename std::conditional_t<(M >= 0), maker_type<(M >= 0 ? M : G)>, no_maker_type>::type;

  // Products of a library, where the place has one. A map behind it that the library cannot do is a kernel after it, as an own group.
  static constexpr bool by_library = requires { Place::product_bytes; };
  static constexpr bool has_makers = g.kind == group_kind::dot && (g.makes_a >= 0 || g.makes_b >= 0);
  static constexpr bool has_consumer = g.kind == group_kind::dot && g.consumer >= 0;
  using next = device_group<Plan, has_consumer ? g.consumer : G, Place, Owned>;
  template <class P> static constexpr int row_of_numbers(const P& plan) {  // of the consumer: its only access beside the product
    constexpr fuse::group c = next::g;
    if (!has_consumer || g.outer != 1 || c.outer != 1 || c.roots.count != 1 || c.accesses.count != 2 || c.selections.count != 0) return -1;
    const int i = product.reads[0] == 0 ? 1 : 0;
    const fuse::loop_access& a = plan.accesses[c.accesses.first + i];
    const bool same =
        plan.graph.nodes[a.node].type == product.type && plan.graph.nodes[plan.stores[c.roots.first].node].type == product.type;
    return same && a.kind == fuse::access::memory && a.inner == 1 && a.outer[0] == 0 && a.guards == 0 && a.node != product.node ? i : -1;
  }
  static constexpr int find_after() {
    if constexpr (by_library && has_consumer) {
      if constexpr (row_of_numbers(Plan::value) >= 0) return Place::template after<product.type, typename next::key>;
    }
    return 0;
  }
  static constexpr int after = g.kind == group_kind::dot ? find_after() : 0;
  static extent_t bytes_of_product(const binding<Plan>& b) {
    extent_t n = size_of(product.type) * b.at(g.inner);
    for (int d = 0; d < g.outer; ++d) n *= b.at(g.outer_extent[d]);
    return n;
  }
  // multiply(p, after, row): false, and nothing is done, if the library cannot.
  template <class Args, class F> static bool run_by_library(Args p, const binding<Plan>& b, std::byte* waits, F multiply) {
    if constexpr (!has_consumer) return multiply(p, 0, nullptr);
    else {
      if constexpr (after != 0) {
        Args fused = p;
        const auto& to = p.consumer.store[0];
        fused.c.base = to.base, fused.c.row = to.outer[0], fused.c.column = to.inner;
        if (multiply(fused, after, p.consumer.access[row_of_numbers(Plan::value)].base)) return true;
        if constexpr (!convolves) return false;
      }
      p.c.base = reinterpret_cast<const char*>(waits), p.c.row = p.n, p.c.column = 1;
      std::ptrdiff_t run = p.m * p.n;
      for (int d = g.outer - 1; d-- > 0; run *= p.batch[d]) p.c.batch[d] = run;
      if (!multiply(p, 0, nullptr)) return false;
      next::run_behind(b, p.c.base, reads{});
      return true;
    }
  }
  template <class Args> static bool run_product_by_library(const Args& p, const binding<Plan>& b, std::byte* scratch) {
    return run_by_library(p, b, scratch + Place::product_bytes, [&](const Args& x, int behind, const void* row) {
      return Place::template product<product.type>(x, behind, row, scratch);
    });
  }

  // Windows that the place convolves.
  static constexpr fuse::windows find_windows() {
    if constexpr (Plan::convolves && g.kind == group_kind::dot && g.makes_a >= 0 && g.outer == 1) {
      const fuse::windows w = windows_in(Plan::value);
      extent_t k = w.features;
      for (int i = 0; i < w.spatial; ++i) k *= w.window[i];
      return k == g.loop ? w : fuse::windows{};
    }
    return {};
  }
  template <class P> static constexpr fuse::windows windows_in(const P& plan) {
    return fuse::windows_of(plan.graph.view(), plan.accesses[g.accesses.first].node);
  }
  static constexpr fuse::windows convolved = find_windows();
  static constexpr bool convolves = by_library && convolved.spatial > 0;
  // Whether the features of each of its outputs lie one after the other; else its kernel waits in scratch memory in this order.
  template <class P> static constexpr bool is_ordered(const P& plan) {
    const fuse::group& m = plan.groups[g.makes_b >= 0 ? g.makes_b : G];
    const fuse::loop_access& a = plan.accesses[m.accesses.first + (g.makes_b < 0)];
    return g.makes_b < 0 ? a.loop == 1 && a.inner == g.loop : m.outer == 1 && a.outer[0] == 1 && a.inner == g.loop;
  }
  static constexpr bool copies_filter = convolves && !is_ordered(Plan::value);
  static extent_t bytes_of_filter(const binding<Plan>& b) {
    return copies_filter ? (size_of(product.type) * b.at(g.inner) * b.at(g.loop) + 255) / 256 * 256 : 0;
  }
  template <class Args> static void copy_filter(const Args& p, char* to) {
    constexpr int loops = g.makes_b >= 0 ? Plan::value.groups[g.makes_b >= 0 ? g.makes_b : G].outer : 1;
    using program = cuda_kernels::filter_program<size_of(product.type), loops>;
    typename program::args f;
    f.to = to, f.k = p.k, f.n = p.n;
    if constexpr (g.makes_b >= 0) {
      const auto& from = p.maker_of_b.access[0];
      f.from = from.base, f.column = from.inner;
      for (int d = 0; d < loops; ++d) f.extent[d] = p.maker_of_b.outer[d], f.step[d] = from.outer[d];
    } else {
      f.from = p.b.base, f.column = p.b.column, f.extent[0] = p.k, f.step[0] = p.b.row;
    }
    Place::template launch<program>(f, program::blocks(f));
  }
  template <class Args> static bool run_convolution(Args p, const binding<Plan>& b, std::byte* scratch) {
    char* const copy = reinterpret_cast<char*>(scratch) + Place::product_bytes;
    bool copied = false;
    const auto filter = [&]() -> const char* {
      if constexpr (copies_filter) {
        if (!std::exchange(copied, true)) copy_filter(p, copy);
        return copy;
      } else if constexpr (g.makes_b >= 0) return p.maker_of_b.access[0].base;
      else return p.b.base;
    };
    p.a.base = p.maker_of_a.access[0].base;
    return run_by_library(p, b, scratch + Place::product_bytes + bytes_of_filter(b), [&](const Args& x, int behind, const void* row) {
      return Place::template convolution<product.type>(convolved, x, behind, row, filter, scratch);
    });
  }
  static void run_product(const binding<Plan>& b, [[maybe_unused]] std::byte* scratch) {
    constexpr int batches = g.outer - 1;
    constexpr dtype type = product.type;
    using consumer =
        typename std::conditional_t<(g.consumer >= 0), consumer_type<(g.consumer >= 0 ? g.consumer : G)>, no_consumer_type>::type;
    using program = cuda_kernels::product_program<type, batches, consumer, maker_of<g.makes_a>, maker_of<g.makes_b>>;
    fuse::arguments<2, 1, 0, g.outer> x;
    if constexpr (binds) bind_arguments<G>(x, b);
    typename program::args a;
    const auto take = [&](auto& to, const auto& from, std::ptrdiff_t row, std::ptrdiff_t column) {
      to.base = from.base, to.row = row, to.column = column;
      for (int d = 0; d < batches; ++d) to.batch[d] = from.outer[d];
    };
    take(a.a, x.access[0], x.access[0].outer[batches], x.access[0].loop);
    take(a.b, x.access[1], x.access[1].loop, x.access[1].inner);
    take(a.c, x.store[0], x.store[0].outer[batches], x.store[0].inner);
    extent_t count = 1;
    for (int d = 0; d < batches; ++d) a.batch[d] = x.outer[d], count *= x.outer[d];
    a.m = x.outer[batches], a.n = x.inner, a.k = x.loop;
    if constexpr (g.consumer >= 0) device_group<Plan, g.consumer, Place, Owned>::bind(a.consumer, b);
    if constexpr (g.makes_a >= 0) device_group<Plan, g.makes_a, Place, Owned>::bind(a.maker_of_a, b);
    if constexpr (g.makes_b >= 0) device_group<Plan, g.makes_b, Place, Owned>::bind(a.maker_of_b, b);
    if constexpr (convolves) {
      if (run_convolution(a, b, scratch)) return;
    } else if constexpr (by_library && !has_makers) {
      if (run_product_by_library(a, b, scratch)) return;
    }
    Place::template launch<program>(a, program::blocks(a, count));
  }
};

// The constant arrays of a plan, put where it runs by the first call of a thread.
template <class Plan, class Place, int I> void place_literal() {
  constexpr graph::node n = Plan::value.graph.nodes[I];
  if constexpr (n.op == opcode::literal) {
    using source =
        typename decltype(external_type(detail::external_tag<Plan::value.graph.externals[Plan::value.graph.pool[n.attribute]]>{}))::data;
    constexpr extent_t offset = Plan::value.graph.pool[n.attribute + 2];
    constexpr shape<> s = Plan::value.graph.shapes[n.shape];
    if (device_literal<source, offset>::at) return;
    std::size_t bytes = static_cast<std::size_t>(size_of(n.type));
    for (int a = 0; a < s.rank; ++a) bytes *= static_cast<std::size_t>(s[a]);
    const void* from = source::data();
    device_literal<source, offset>::at = static_cast<const char*>(Place::upload(static_cast<const char*>(from) + offset, bytes));
  }
}
template <class Plan, class Place, int... I> void place_literals(detail::int_list<I...>) { (place_literal<Plan, Place, I>(), ...); }
template <class P> constexpr bool has_literals(const P& plan) {
  for (int i = 0; i < plan.size.graph.nodes; ++i)
    if (plan.graph.nodes[i].op == opcode::literal) return true;
  return false;
}
template <int N> struct kernel_order {
  int group[N + 1] = {};
};
template <int N, class P> constexpr kernel_order<N> order_of(const P& plan) {
  kernel_order<N> o;
  for (int k = 0; k < N; ++k) o.group[k] = plan.order[k];
  return o;
}
template <class Plan> inline constexpr auto device_order = order_of<Plan::value.total.kernels>(Plan::value);

template <class Plan, class Place, bool Owned, int... K>
void run_on_device(const binding<Plan>& b, std::byte* scratch, detail::int_list<K...>) {
  if constexpr (binds && has_literals(Plan::value)) place_literals<Plan, Place>(detail::make_int_list<Plan::size.graph.nodes>{});
  (device_group<Plan, device_order<Plan>.group[K], Place, Owned>::run(b, scratch), ...);
}
// Bytes of arena: the intermediates, then what kernels need beside them, which they share.
template <class Plan, class Place, bool Owned, int... K> extent_t device_bytes(const binding<Plan>& b, detail::int_list<K...>) {
  extent_t most = 0, one = 0;
  ((one = device_group<Plan, device_order<Plan>.group[K], Place, Owned>::scratch(b), most = one > most ? one : most), ...);
  return (b.at(Plan::value.total.workspace_bytes) + 63) / 64 * 64 + most;
}

// How bodies of loops run (run/control_loop.hpp): what they read and write lies anywhere in an array.
template <class Place> struct device_engine : Place {
  static constexpr unsigned find_plans() {
    if constexpr (requires { Place::plans; }) return Place::plans;
    else return for_device;
  }
  static constexpr unsigned plans = find_plans();
  static constexpr bool remote = true;
  template <class Body> static void run(binding<Body>& x) {
    run_on_device<Body, Place, false>(x, x.arena + (x.at(Body::value.total.workspace_bytes) + 63) / 64 * 64,
                                      detail::make_int_list<Body::value.total.kernels>{});
  }
  template <class Body> static extent_t bytes(const binding<Body>& x) {
    return device_bytes<Body, Place, false>(x, detail::make_int_list<Body::value.total.kernels>{});
  }
};

}  // namespace run
}  // namespace SINTER_ISA
}  // namespace sinter
