// SPDX-License-Identifier: Apache-2.0
// Runs loops and branches: the body is a program of its own, whose arguments and results are where the carries are. A carry that the body
// may overwrite has one place; others have two, which take turns so that the last step writes to the result. Copied is only what a loop
// of unknown length leaves in the wrong place, and what others need as it was while the body changes a part of it: `copies` counts them.
// Engine says how bodies run, and reaches their memory:
//   Engine::plans                               the flags of their plans (see for_device)
//   Engine::run(binding), Engine::bytes(binding)   the groups of a body; the arena that they need
//   Engine::copy(to, from, bytes), Engine::read(flag), Engine::write(index, i)
//   Engine::remote                              whether the flag and the index must lie in that memory, too
#pragma once

#include <sinter/run/binding.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace run {

template <class Plan, int G, class Engine> struct control_loop {
  static constexpr fuse::group g = Plan::value.groups[G];
  static constexpr int node = Plan::value.stores[g.roots.first].node;
  static constexpr extent_t attribute(graph::control::attribute a) {
    return Plan::value.graph.pool[Plan::value.graph.nodes[node].attribute + a];
  }
  static constexpr extent_t kind = attribute(graph::control::kind), trips = attribute(graph::control::trips);
  static constexpr bool reversed = attribute(graph::control::reversed) != 0;
  static constexpr int carries = static_cast<int>(attribute(graph::control::carries)),
                       along = static_cast<int>(attribute(graph::control::along)),
                       collected = static_cast<int>(attribute(graph::control::collected)), results = carries + collected;
  template <int Which> using body = plan_stage<body_source<typename Plan::home, attribute(graph::control::region), Which>, Engine::plans>;
  using first_body = body<0>;
  using second_body = body<kind == graph::control::scan ? 0 : 1>;  // the condition, or the other side

  static constexpr extent_t buffer(const binding<Plan>& b) {
    extent_t bytes = small_bytes;
    visit(b, [&](extent_t n) { bytes += n; });
    const extent_t one = body_bytes<first_body>(b), two = body_bytes<second_body>(b);
    return bytes + (one > two ? one : two);
  }
  /// How many carries the loop copies: before its first step, in each, or behind the last. What a step computes anew is no copy.
  static constexpr int copies() {
    int n = 0;
    for (int k = 0; k < carries && kind != graph::control::branch; ++k) {
      const opcode root = first_body::value.graph.nodes[first_body::value.result_root[k]].op;
      const bool changed = root == opcode::scatter || root == opcode::control;  // a part of it, the rest must be there
      const bool there = begins_there(k) || begins_in_result(k);
      const bool turns = kind == graph::control::scan ? there && trips % 2 == 1 : store_of(k) >= 0;
      n += first_body::value.copy_of[k] >= 0 || (in_place(k) ? changed && !there : changed || turns);
    }
    return n;
  }
  SINTER_NOINLINE static void run(const binding<Plan>& b, std::byte* buffer) {
    if constexpr (kind == graph::control::scan) run_scan(b, buffer);
    else if constexpr (kind == graph::control::while_loop) run_while(b, buffer);
    else run_branch(b, buffer);
  }

 private:
  static constexpr extent_t small_bytes = Engine::remote ? 64 : 0;  // the index of a step, or whether there is another one
  // A carry that the body may write where it reads it.
  static constexpr bool in_place(int k) {
    return k < first_body::size.params && first_body::value.overwrites[k * first_body::size.params + k];
  }
  static constexpr int store_of(int result) {  // -1: nobody uses it
    for (int i = 0; i < g.roots.count; ++i) {
      const graph::node& n = Plan::value.graph.nodes[Plan::value.stores[g.roots.first + i].node];
      if (Plan::value.graph.pool[n.attribute + graph::control::result] == result) return i;
    }
    return -1;
  }
  // How often each node is read by the loop's kernel and those behind it.
  struct read_counts {
    int of[Plan::size.graph.nodes + 1] = {};
  };
  static constexpr read_counts count_reads() {
    read_counts n;
    int k = 0;
    while (Plan::value.order[k] != G) ++k;
    for (; k < Plan::value.total.kernels; ++k) {
      const fuse::unit u = Plan::value.kernel(k);
      for (int m = 0; m < u.count; ++m) {
        const fuse::span of = Plan::value.groups[u.group[m]].accesses;
        for (int i = of.first; i < of.first + of.count; ++i) ++n.of[Plan::value.accesses[i].node];
      }
    }
    return n;
  }
  static constexpr read_counts reads = count_reads();
  // A carry that nobody uses after the loop, and what it begins with neither: it stays where it is.
  static constexpr bool begins_there(int k) {
    if (kind == graph::control::branch || k >= carries || store_of(k) >= 0) return false;
    const fuse::loop_access& a = Plan::value.accesses[g.accesses.first + k];
    return a.kind == fuse::access::memory && a.base == 0 && Plan::value.places[a.node].kind == fuse::place::arena && reads.of[a.node] == 1;
  }
  // Likewise, where the loop leaves it.
  static constexpr bool begins_in_result(int k) {
    if (store_of(k) < 0) return false;
    const fuse::loop_access& a = Plan::value.accesses[g.accesses.first + k];
    const fuse::place from = Plan::value.places[a.node], to = Plan::value.places[Plan::value.stores[g.roots.first + store_of(k)].node];
    return a.kind == fuse::access::memory && a.base == 0 && from.kind == to.kind && from.index == to.index && from.offset == to.offset;
  }
  template <class Body, int R> static constexpr extent_t bytes_of(const binding<Plan>& b) {
    constexpr graph::node n = Body::value.graph.nodes[Body::value.graph.results[R]];
    constexpr shape<> s = Body::value.graph.shapes[n.shape];
    binding<Body> inner;
    bind_symbols(inner, b);
    extent_t bytes = size_of(n.type);
    for (int a = 0; a < s.rank; ++a) bytes *= inner.at(s[a]);
    return bytes;
  }
  // The symbols of a body begin with those of the traced function that it stands in.
  template <class Body> static constexpr void bind_symbols(binding<Body>& inner, const binding<Plan>& b) {
    if constexpr (Body::size.graph.symbols > 0) inner.bind_symbols_within(b.symbol, trace_stage<typename Plan::home>::size.symbols);
  }
  template <class Body> static constexpr extent_t body_bytes(const binding<Plan>& b) {
    binding<Body> inner;
    bind_symbols(inner, b);
    return padded(Engine::bytes(inner));
  }
  static constexpr extent_t padded(extent_t bytes) { return (bytes + 63) / 64 * 64; }
  // f(bytes) for each part of the buffer in order: results that nobody uses, second places of carries.
  template <class F> static constexpr void visit(const binding<Plan>& b, F f) { visit(b, f, detail::make_int_list<results>{}); }
  template <class F, int... R> static constexpr void visit(const binding<Plan>& b, F f, detail::int_list<R...>) {
    (f(store_of(R) < 0 && !begins_there(R) ? whole_bytes<R>(b) : 0), ...);
    (f(R < carries && !in_place(R) ? padded(bytes_of<first_body, R>(b)) : 0), ...);
  }
  template <int R> static constexpr extent_t whole_bytes(const binding<Plan>& b) {
    return padded(bytes_of<first_body, R>(b) * (R < carries || kind == graph::control::branch ? 1 : trips));
  }

  // Addresses of what goes in and out.
  struct frame {
    char* in[g.accesses.count + 1];
    char* final[results + 1];
    char* second[results + 1];
    extent_t bytes[results + 1];
    bool used[results + 1];  // after the loop
    std::byte* arena;
  };
  template <int A> static char* operand(const binding<Plan>& b) {
    constexpr fuse::loop_access a = Plan::value.accesses[g.accesses.first + A];
    return b.template address<a.node>() + b.at(a.base) * size_of(Plan::value.graph.nodes[a.node].type);
  }
  template <int R> static void place_result(frame& f, const binding<Plan>& b, char*& at) {
    constexpr int st = store_of(R);
    f.bytes[R] = bytes_of<first_body, R>(b), f.used[R] = st >= 0;
    if constexpr (st >= 0) f.final[R] = b.template address<Plan::value.stores[g.roots.first + st].node>();
    else if constexpr (begins_there(R)) f.final[R] = f.in[R];
    else f.final[R] = at, at += whole_bytes<R>(b);
  }
  template <int R> static void place_second(frame& f, char*& at) {
    if constexpr (R < carries && !in_place(R)) f.second[R] = at, at += padded(f.bytes[R]);
  }
  template <int... A, int... R>
  static frame frame_of(const binding<Plan>& b, std::byte* buffer, detail::int_list<A...>, detail::int_list<R...>) {
    frame f{};
    char* at = reinterpret_cast<char*>(buffer) + small_bytes;
    ((f.in[A] = operand<A>(b)), ...);
    (place_result<R>(f, b, at), ...);
    (place_second<R>(f, at), ...);
    f.arena = reinterpret_cast<std::byte*>(at);
    return f;
  }
  static frame frame_of(const binding<Plan>& b, std::byte* buffer) {
    return frame_of(b, buffer, detail::make_int_list<g.accesses.count>{}, detail::make_int_list<results>{});
  }

  template <class Body> static void set_param(binding<Body>& x, int k, const void* p) {
    if (k < Body::size.params) x.param[k] = p;
  }
  template <class Body> static void begin(binding<Body>& x, const binding<Plan>& b, const frame& f, int first_captured, int first_in) {
    bind_symbols(x, b);
    if constexpr (Body::size.graph.symbols > 0) bind_extents<Body>(x, detail::make_int_list<Body::size.graph.nodes>{});
    x.arena = f.arena;
    for (int k = first_in; k < g.accesses.count; ++k) set_param(x, first_captured + k - first_in, f.in[k]);
  }
  template <class Body> static void go(binding<Body>& x) { Engine::run(x); }
  // A result that repeats an earlier one is not written by the body.
  template <class Body> static void repeat_results(binding<Body>& x, const frame& f, int n) {
    for (int r = 0; r < n; ++r)
      if (Body::value.copy_of[r] >= 0) Engine::copy(x.result[r], x.result[Body::value.copy_of[r]], static_cast<std::size_t>(f.bytes[r]));
  }

  static void run_scan(const binding<Plan>& b, std::byte* buffer) {
    const frame f = frame_of(b, buffer);
    binding<first_body> x;
    std::int32_t here = 0;
    auto* const index = Engine::remote ? reinterpret_cast<std::int32_t*>(buffer) : &here;
    begin(x, b, f, carries + along + 1, carries + along);
    set_param(x, carries + along, index);
    extent_t step[along + 1] = {};
    element_bytes(b, step, detail::make_int_list<along>{});
    const char* now[carries + 1];
    for (int k = 0; k < carries; ++k) now[k] = begin_of(f, k);
    for (extent_t t = 0; t < trips; ++t) {
      const extent_t i = reversed ? trips - 1 - t : t;
      if constexpr (first_body::size.params > carries + along)
        if (first_body::value.reads[carries + along]) Engine::write(index, static_cast<std::int32_t>(i));
      for (int k = 0; k < carries; ++k) {
        set_param(x, k, now[k]);
        char* const next = in_place(k) || (trips - 1 - t) % 2 == 0 ? f.final[k] : f.second[k];
        x.result[k] = next, now[k] = next;
      }
      for (int k = 0; k < along; ++k) set_param(x, carries + k, f.in[carries + k] + i * step[k]);
      for (int k = carries; k < results; ++k) x.result[k] = f.final[k] + i * f.bytes[k];
      go(x);
      repeat_results(x, f, results);
    }
    if (trips == 0)
      for (int k = 0; k < carries; ++k)
        if (f.final[k] != f.in[k]) Engine::copy(f.final[k], f.in[k], static_cast<std::size_t>(f.bytes[k]));
  }
  // Where a carry that begins in its last place would be overwritten there by the first step, it begins in the second.
  static const char* begin_of(const frame& f, int k) {
    if (in_place(k) || f.in[k] != f.final[k] || trips % 2 == 0) return f.in[k];
    Engine::copy(f.second[k], f.in[k], static_cast<std::size_t>(f.bytes[k]));
    return f.second[k];
  }
  template <int... K> static void element_bytes(const binding<Plan>& b, extent_t* to, detail::int_list<K...>) {
    ((to[K] = elements_below<K>(b)), ...);
  }
  template <int K> static extent_t elements_below(const binding<Plan>& b) {
    constexpr int from = bundled(carries + K);
    constexpr shape<> s = Plan::value.graph.shapes[Plan::value.graph.nodes[from].shape];
    extent_t bytes = size_of(Plan::value.graph.nodes[from].type);
    for (int a = 1; a < s.rank; ++a) bytes *= b.at(s[a]);
    return bytes;
  }
  static constexpr int bundled(int k) {
    int at = 0, found = -1;
    graph::for_each_in_bundle(Plan::value.graph, Plan::value.graph.nodes[node].operand[0], [&](int id) { found = at++ == k ? id : found; });
    return found;
  }

  static void run_while(const binding<Plan>& b, std::byte* buffer) {
    const frame f = frame_of(b, buffer);
    binding<first_body> x;
    binding<second_body> condition;
    bool here = false;
    auto* const goes_on = Engine::remote ? reinterpret_cast<bool*>(buffer) : &here;
    begin(x, b, f, carries, carries), begin(condition, b, f, carries, carries);
    condition.result[0] = goes_on;
    char* now[carries + 1];
    for (int k = 0; k < carries; ++k) now[k] = f.in[k];
    for (;;) {
      for (int k = 0; k < carries; ++k) set_param(condition, k, now[k]);
      go(condition);
      if (!Engine::read(goes_on)) break;
      for (int k = 0; k < carries; ++k) {
        set_param(x, k, now[k]);
        char* const next = in_place(k) || now[k] != f.final[k] ? f.final[k] : f.second[k];
        x.result[k] = next, now[k] = next;
      }
      go(x);
      repeat_results(x, f, carries);
    }
    for (int k = 0; k < carries; ++k)
      if (f.used[k] && now[k] != f.final[k]) Engine::copy(f.final[k], now[k], static_cast<std::size_t>(f.bytes[k]));
  }
  static void run_branch(const binding<Plan>& b, std::byte* buffer) {
    const frame f = frame_of(b, buffer);
    if (Engine::read(reinterpret_cast<const bool*>(f.in[0]))) run_side<first_body>(b, f);
    else run_side<second_body>(b, f);
  }
  template <class Body> static void run_side(const binding<Plan>& b, const frame& f) {
    binding<Body> x;
    begin(x, b, f, 0, 1);
    for (int r = 0; r < results; ++r) x.result[r] = f.final[r];
    go(x);
    repeat_results(x, f, results);
  }
};

}  // namespace run
}  // namespace SINTER_ISA
}  // namespace sinter
