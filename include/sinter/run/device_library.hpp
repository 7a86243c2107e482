// SPDX-License-Identifier: Apache-2.0
// Library calls of a plan for a GPU: those without kernels run on the host, which waits for the operands, and copies the results back.
#pragma once

#include <sinter/run/library.hpp>
#include <sinter/run/workspace.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace run {

// nvcc compiles what calls kernels for the device, too, only to find which kernels are called: nothing is bound there.
#if defined(__CUDA_ARCH__)
inline constexpr bool binds = false;
#else
inline constexpr bool binds = true;
#endif

// Group G, with its operands and results in memory of the host: Place::download(to, from, bytes), which waits, and Place::upload_to.
template <class Plan, int G, class Place> struct library_on_host {
  static extent_t scratch(const binding<Plan>&) { return 0; }
  static void run(const binding<Plan>& b, std::byte*) {
    binding<Plan> h = b;
    std::size_t bytes = padded_bytes(b.at(Plan::value.total.workspace_bytes)) + padded_bytes(library_group<Plan, G>::buffer(b));
    const std::size_t own = bytes;
    visit(b, [&](auto, std::size_t n) { bytes += n; });
    const arena_part memory(bytes, nullptr);
    h.arena = memory.data();
    std::byte* next = memory.data() + own;
    visit(b, [&]<int Node>(detail::int_list<Node>, std::size_t n) { place<Node>(h, next), next += n; });
    const literals_here constants;
    copy_all<true>(h, b, detail::make_int_list<g.accesses.count>{});
    library_group<Plan, G>::run(h, reinterpret_cast<char*>(memory.data() + padded_bytes(b.at(Plan::value.total.workspace_bytes))));
    copy_all<false>(h, b, detail::make_int_list<g.roots.count>{});
  }

 private:
  static constexpr fuse::group g = Plan::value.groups[G];
  static constexpr std::size_t padded_bytes(extent_t n) { return (static_cast<std::size_t>(n) + 63) / 64 * 64; }
  template <int K> static constexpr int operand = Plan::value.accesses[g.accesses.first + K].node;
  template <int R> static constexpr int result = Plan::value.stores[g.roots.first + R].node;

  // What lies between the first and the last element of an array: of a strided one, its gaps too.
  template <int Node> static constexpr bool is_strided_parameter() {
    constexpr graph::node n = Plan::value.graph.nodes[Node];
    return n.op == opcode::param && Plan::value.graph.pool[n.attribute + 1] != 0;
  }
  template <int Node> static std::size_t bytes_of(const binding<Plan>& b) {
    constexpr graph::node n = Plan::value.graph.nodes[Node];
    constexpr shape<> s = Plan::value.graph.shapes[n.shape];
    extent_t bytes = size_of(n.type);
    for (int a = 0; a < s.rank; ++a) bytes *= b.at(s[a]);
    return static_cast<std::size_t>(bytes);
  }
  // f(node, bytes) of parameters and results, which have no place in the arena.
  template <class F> static void visit(const binding<Plan>& b, F f) {
    visit_operands(b, f, detail::make_int_list<g.accesses.count>{});
    visit_results(b, f, detail::make_int_list<g.roots.count>{});
  }
  template <class F, int... K> static void visit_operands(const binding<Plan>& b, F& f, detail::int_list<K...>) {
    (visit_one<operand<K>>(b, f), ...);
  }
  template <class F, int... R> static void visit_results(const binding<Plan>& b, F& f, detail::int_list<R...>) {
    (visit_one<result<R>>(b, f), ...);
  }
  template <int Node, class F> static void visit_one(const binding<Plan>& b, F& f) {
    constexpr auto kind = Plan::value.places[Node].kind;
    if constexpr (kind == fuse::place::param || kind == fuse::place::result)
      f(detail::int_list<Node>{}, padded_bytes(static_cast<extent_t>(bytes_of<Node>(b))));
  }
  template <int Node> static void place(binding<Plan>& h, std::byte* at) {
    constexpr fuse::place p = Plan::value.places[Node];
    if constexpr (p.kind == fuse::place::param) h.param[p.index] = at;
    else h.result[p.index] = at;
  }
  template <bool Down, int... K> static void copy_all(const binding<Plan>& h, const binding<Plan>& b, detail::int_list<K...>) {
    (copy<Down, K>(h, b), ...);
  }
  template <bool Down, int K> static void copy(const binding<Plan>& h, const binding<Plan>& b) {
    constexpr int node = [] {
      if constexpr (Down) return operand<K>;
      else return result<K>;
    }();
    static_assert(!Down || !is_strided_parameter<node>(),
                  "sinter::device: a library call on the host takes a device tensor, not a device view; give a tensor, or + 0 the view");
    if constexpr (Plan::value.places[node].kind == fuse::place::literal) return;
    else if (const std::size_t n = bytes_of<node>(b)) {
      if constexpr (Down) Place::download(h.template address<node>(), b.template address<node>(), n);
      else Place::upload_to(b.template address<node>(), h.template address<node>(), n);
    }
  }
  // While one lives, the constant arrays among the operands are those of the host.
  struct literals_here {
    const char* before[g.accesses.count + 1] = {};
    literals_here() { exchange(true, detail::make_int_list<g.accesses.count>{}); }
    literals_here(const literals_here&) = delete;
    ~literals_here() { exchange(false, detail::make_int_list<g.accesses.count>{}); }

   private:
    template <int... K> void exchange(bool begin, detail::int_list<K...>) { (exchange_one<K>(begin), ...); }
    template <int K> void exchange_one([[maybe_unused]] bool begin) {
      constexpr fuse::place p = Plan::value.places[operand<K>];
      if constexpr (p.kind == fuse::place::literal) {
        using source = typename decltype(external_type(detail::external_tag<Plan::value.graph.externals[p.index]>{}))::data;
        const char*& at = device_literal<source, p.offset>::at;
        if (begin) before[K] = at, at = static_cast<const char*>(static_cast<const void*>(source::data())) + p.offset;
        else at = before[K];
      }
    }
  };
};

// How a call of F runs: run(binding, scratch) and scratch(binding), the bytes that it needs. Functors with kernels of the device have their
// own (run/device_sort.hpp).
template <class F, class Plan, int G, class Place> struct device_library : library_on_host<Plan, G, Place> {};
template <class F> inline constexpr bool has_kernels = false;

}  // namespace run
}  // namespace SINTER_ISA
}  // namespace sinter
