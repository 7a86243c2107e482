// SPDX-License-Identifier: Apache-2.0
// The canonical code of a group: all that its kernel is generated from and nothing else, so that equal groups of different functions
// share one kernel. Extents of outer loops, addresses and strides stay outside, as run-time arguments.
#pragma once

#include <sinter/fuse/partition.hpp>

namespace sinter::fuse {

inline constexpr int lanes = 64;                     // virtual lanes of a reduction along the innermost axis
inline constexpr extent_t reduction_block = 8192;    // elements combined in lanes before the pairwise tree takes over
inline constexpr extent_t column_block = 1024;       // rows combined in sequence before the pairwise tree takes over
inline constexpr int long_body = 24;                 // element steps
inline constexpr extent_t short_row = 1024;          // elements
inline constexpr extent_t buffer_elements = 131072;  // a longer row is computed again instead of kept
// A map or row program that reads and writes more than this many bytes stores past the caches, unless in place: what it wrote would
// not be in them when it is read. Measured on 32 MB of L3: at 16 MB written cached stores lose 20 to 30 %, at 4 MB they win.
inline constexpr extent_t streamed_bytes = 24 << 20;

enum class streams : std::uint8_t { never, when_asked, always };  // when_asked: if the arguments of the kernel say so
enum class reach : std::uint8_t { once, unit, strided };          // of an access along the inner loop

struct code_access {
  access::kind_t kind{};
  dtype type{};
  reach inner{};
  bool varies = false;   // along the loop that a row or column program repeats
  bool staged = false;   // transposed tile by tile before it is read
  bool second = false;   // every second element along the inner loop
  bool indexed = false;  // further by an offset that a step computes,
  bool apart = false;    // one for each lane of a packet
  std::uint8_t guards = 0, first_guard = 0;
};
struct code_step {
  opcode op{};
  dtype type{}, from{};  // from: element type of the first operand
  std::uint8_t operands = 0;
  std::int16_t operand[graph::max_operands] = {};
  std::int16_t access = -1;
  std::int16_t reduction = -1;
  bool element = false;     // computed for every element, else once a row (or strip of columns)
  std::uint16_t loops = 0;  // element: the loops that compute it; reduction: the loop that combines it
  std::int8_t buffer = -1;  // kept in this row buffer from its first loop on
  std::uint8_t depth = 0;
  std::int16_t first_guard = 0, guards = 0;  // pad: its condition
  std::int16_t external = -1;
  std::int64_t constant = 0;
};
struct code_store {
  std::int16_t step = 0;
  dtype type{};
  reach inner{};
  bool element = false;  // stored for every element
  std::uint8_t loop = 0;
  enum pair_t : std::uint8_t { alone, first, second } pair = alone;  // two stores that alternate along the inner loop
  bool scattered = false;                                            // the step is a scatter: its operand 1 goes where operand 0 says,
  bool apart = false;                                                // which says it for each lane of a packet
};
struct code_size {
  int steps = 0, accesses = 0, stores = 0, guards = 0;
};

// Capacities are rounded up so that few types of code exist.
template <code_size N> struct code {
  group_kind kind{};
  std::uint8_t outer = 0, loops = 0, reductions = 0, buffers = 0, mask_bytes = 4;
  std::uint8_t packets = 1;  // native packets in flight, where no reduction fixes it
  bool whole = false;        // the inner (rows) extent is a multiple of 64
  bool one_block = false;    // and at most one block
  streams stream{};          // non-temporal stores of results
  bool ahead = false;        // comes from beyond the caches: the last loop over a row asks for the next one
  bool tiled = false;        // in tiles of the last outer loop and the inner one, for staged accesses
  bool pairs = false;        // short rows: two at a time, so that one hides the latency of the other's reductions
  bool fast_math = false;    // mathematical functions in fewer steps
  bool one_body = false;     // a long body: full packets and the last one share it, which halves what is compiled
  extent_t inner = -1;       // the inner extent where it is small and static
  code_step steps[N.steps + 1] = {};
  code_access accesses[N.accesses + 1] = {};
  code_store stores[N.stores + 1] = {};
  std::int16_t guard_dim[N.guards + 1] = {};  // outer loop, or loop_access::inner_dim, loop_dim
  static constexpr code_size size = N;
};

struct hash128 {
  std::uint64_t a = 0x9ae16a3b2f90404full, b = 0xc3a5c85c97cb3127ull;
  constexpr void mix(std::int64_t v) {
    a = (a ^ static_cast<std::uint64_t>(v)) * 0x9fb21c651e98df25ull;
    a ^= a >> 29;
    b = (b + static_cast<std::uint64_t>(v)) * 0xd6e8feb86659fd93ull;
    b ^= (b >> 32) ^ a;
  }
};

// Four fields of 16 bits in one word: a word takes constant evaluation as long as eight fields.
template <class... V> constexpr std::int64_t packed_fields(V... v) {
  static_assert(sizeof...(V) <= 4);
  std::uint64_t word = 0;
  ((word = word << 16 | static_cast<std::uint16_t>(v)), ...);
  return static_cast<std::int64_t>(word);
}
template <code_size N> constexpr hash128 hash(const code<N>& c) {
  hash128 h;
  const auto mix = [&](auto... v) { h.mix(packed_fields(v...)); };
  mix(c.kind, c.outer, c.loops, c.reductions), mix(c.buffers, c.mask_bytes, c.packets, c.stream);
  mix(c.whole, c.one_block, c.ahead, c.one_body), mix(c.pairs, c.tiled, c.fast_math), h.mix(c.inner);
  mix(N.steps, N.accesses, N.stores, N.guards);
  for (int i = 0; i < N.steps; ++i) {
    const code_step& s = c.steps[i];
    mix(s.op, s.type, s.from, s.element), mix(s.access, s.loops, s.buffer, s.first_guard), mix(s.guards, s.external, s.reduction, s.depth);
    h.mix(s.constant), mix(s.operands, s.operand[0], s.operand[1], s.operand[2]), h.mix(s.operand[3]);
  }
  for (int i = 0; i < N.accesses; ++i) {
    const code_access& s = c.accesses[i];
    mix(s.kind, s.type, s.inner, s.varies), mix(s.guards, s.first_guard, s.staged, s.second), mix(s.indexed, s.apart);
  }
  for (int i = 0; i < N.stores; ++i) {
    const code_store& s = c.stores[i];
    mix(s.step, s.type, s.inner, s.element), mix(s.loop, s.pair, s.scattered, s.apart);
  }
  for (int i = 0; i < N.guards; ++i) h.mix(c.guard_dim[i]);
  return h;
}

// How a group is scheduled: how many packets are in flight and how results are stored (0, automatic: the cost model decides), which of the
// two kinds of mathematical functions it calls, and how products are cut.
struct schedule_value {
  int packets = 0;
  enum store_t : std::uint8_t { automatic, cached, streaming } store = automatic;
  bool fast_math = false;
  bool threads = false;  // for a GPU: one thread a packet, so that nothing of how a core walks along a row matters
  int tile_rows = 0, tile_vectors = 0, block_rows = 0, block_depth = 0;  // of a product; 0: chosen for the target
};

namespace detail {

constexpr reach reach_of(extent_t stride) { return stride == 0 ? reach::once : stride == 1 ? reach::unit : reach::strided; }

}  // namespace detail

namespace detail {

// What a map or row program reads and writes: -1 where its extents are known at run time.
template <class P> constexpr extent_t bytes_touched(const P& p, const group& g) {
  extent_t bytes = 0;
  const auto add = [&](int node, const loop_access& a) {
    extent_t n = size_of(p.graph.nodes[node].type);
    const auto along = [&](extent_t extent, extent_t stride) { n = stride == 0 ? n : graph::is_symbol(extent) || n < 0 ? -1 : n * extent; };
    for (int d = 0; d < g.outer; ++d) along(g.outer_extent[d], a.outer[d]);
    along(g.inner, a.inner);
    bytes = n < 0 || bytes < 0 ? -1 : bytes + n;
  };
  for (int i = 0; i < g.accesses.count; ++i) {
    const loop_access& a = p.accesses[g.accesses.first + i];
    if (a.kind == access::memory) add(a.node, a);
  }
  for (int i = 0; i < g.roots.count; ++i) {
    const store& s = p.stores[g.roots.first + i];
    add(s.node, s.where);
  }
  return bytes;
}
// Whether one of them is a result with more than one element a row.
template <class P> constexpr bool writes_rows(const P& p, const group& g) {
  bool result = false;
  for (int i = 0; i < g.roots.count; ++i) {
    const store& s = p.stores[g.roots.first + i];
    result |= p.is_result(s.node) && s.where.inner != 0;
  }
  return result;
}

}  // namespace detail

/// The guards of a group in the order of the kernel's arguments: those of each access, then the selections.
template <class P> constexpr int guard_count(const P& p, const group& g) {
  int n = g.selections.count;
  for (int i = 0; i < g.accesses.count; ++i) n += p.accesses[g.accesses.first + i].guards;
  return n;
}
template <class P> constexpr code_size code_size_of(const P& p, int number) {
  const group& g = p.groups[number];
  return {g.steps.count, g.accesses.count, g.roots.count, guard_count(p, g)};
}

/// Makes the canonical code of a group of a plan, by its number: nvcc copies a constant for each part of it that a call names.
template <code_size N, class P> constexpr code<N> make_code(const P& p, int number, schedule_value schedule) {
  const group& g = p.groups[number];
  code<N> c;
  c.kind = g.kind;
  c.outer = static_cast<std::uint8_t>(g.outer);
  const bool columns = g.kind == group_kind::columns;
  int guards = 0, body = 0;
  bool deep = false;  // something with a long latency in it

  for (int i = 0; i < N.accesses; ++i) {
    const loop_access& a = p.accesses[g.accesses.first + i];
    code_access& k = c.accesses[i];
    k.kind = a.kind, k.type = p.graph.nodes[a.node].type, k.inner = detail::reach_of(a.inner);
    k.varies = columns ? a.loop != 0 : a.inner != 0;
    k.indexed = a.use == access::indexed;
    k.second = a.inner == 2 && a.guards == 0;
    k.guards = static_cast<std::uint8_t>(a.guards), k.first_guard = static_cast<std::uint8_t>(guards);
    for (int j = 0; j < a.guards; ++j) {
      c.guard_dim[guards++] = static_cast<std::int16_t>(a.bound[j].dim);
      k.varies |= a.bound[j].dim == (columns ? loop_access::loop_dim : loop_access::inner_dim);
    }
  }
  const int selections_at = guards;
  for (int j = 0; j < g.selections.count; ++j) c.guard_dim[guards++] = static_cast<std::int16_t>(p.selections[g.selections.first + j].dim);

  bool narrow = false, any_wide = false;
  for (int i = 0; i < N.steps; ++i) {
    const step& s = p.steps[g.steps.first + i];
    code_step& k = c.steps[i];
    k.op = s.op, k.type = s.type, k.operands = s.operands, k.access = static_cast<std::int16_t>(s.access),
    k.depth = static_cast<std::uint8_t>(s.depth);
    for (int j = 0; j < s.operands; ++j) k.operand[j] = static_cast<std::int16_t>(s.operand[j]);
    k.from = s.operands ? p.steps[g.steps.first + s.operand[0]].type : s.type;
    k.element = (s.uses & (columns ? 2u : 1u)) != 0;
    if (s.op == opcode::constant) k.constant = s.payload;
    if (s.op == opcode::element_call || s.op == opcode::reduce_call || s.op == opcode::row_call)
      k.external = static_cast<std::int16_t>(s.payload);
    if (s.op == opcode::pad)
      k.first_guard = static_cast<std::int16_t>(selections_at + (s.payload >> 8)), k.guards = static_cast<std::int16_t>(s.payload & 0xff);
    if (s.op == opcode::scatter) k.constant = s.payload;
    if (s.op == opcode::gather) c.accesses[s.access].apart = (p.steps[g.steps.first + s.operand[0]].uses & 1u) != 0;
    if (is_reduction(s.op)) k.reduction = c.reductions++;
    const int bytes = s.type == dtype::boolean ? 0 : size_of(register_dtype(s.type));
    narrow |= bytes == 4;
    any_wide |= bytes == 8;
    body += k.element && is_element(s.op);
    deep |= k.element && info(s.op).cost >= 16;
    c.fast_math |= schedule.fast_math && is_element(s.op) && info(s.op).cost >= 16;
  }
  c.mask_bytes = !narrow && any_wide ? 8 : 4;

  // Loops: a reduction combines in the loop of its operand's depth; an element store happens in the loop of its value's depth.
  int loops = 0;
  for (int i = 0; i < N.stores; ++i) {
    const store& s = p.stores[g.roots.first + i];
    code_store& k = c.stores[i];
    k.step = static_cast<std::int16_t>(s.step), k.type = p.graph.nodes[s.node].type;
    k.inner = detail::reach_of(s.where.inner);
    k.element = columns ? s.where.loop != 0 : s.where.inner != 0;
    if (g.kind == group_kind::scatter) {
      k.scattered = true, k.element = c.steps[s.step].element;
      k.apart = (p.steps[g.steps.first + c.steps[s.step].operand[0]].uses & 1u) != 0;
    }
    if (k.element) {
      k.loop = static_cast<std::uint8_t>(p.steps[g.steps.first + s.step].depth);
      loops = k.loop + 1 > loops ? k.loop + 1 : loops;
    }
  }
  for (int i = 0; i + 1 < N.stores; ++i) {
    code_store &k = c.stores[i], &next = c.stores[i + 1];
    const store &s = p.stores[g.roots.first + i], &t = p.stores[g.roots.first + i + 1];
    if (k.pair == code_store::alone && s.node == t.node && s.where.inner == 2 && s.where.base == 0 && t.where.base == 1 &&
        k.element == next.element && k.loop == next.loop)
      k.pair = code_store::first, next.pair = code_store::second;
  }
  for (int i = 0; i < N.steps; ++i)
    if (c.steps[i].reduction >= 0) {
      const int l = c.steps[c.steps[i].operand[0]].depth;
      c.steps[i].loops = static_cast<std::uint16_t>(1u << l);
      loops = l + 1 > loops ? l + 1 : loops;
    }
  c.loops = static_cast<std::uint8_t>(loops);

  // Which loop computes which step. What is costly and needed again later is kept in a row buffer.
  const extent_t row = columns ? g.loop : g.inner;
  const bool keep = !schedule.threads && (graph::is_symbol(row) || row <= buffer_elements);
  sinter::detail::list<bool> need;
  for (int l = 0; l < loops; ++l) {
    need.clear();
    need.resize(N.steps);
    for (int i = 0; i < N.stores; ++i)
      if (c.stores[i].element && c.stores[i].loop == l) need[c.stores[i].step] = true;
    for (int i = N.steps; i-- > 0;) {
      code_step& s = c.steps[i];
      if (s.reduction >= 0) {
        if (s.loops >> l & 1) need[s.operand[0]] = true;
        continue;
      }
      if (!need[i] || !s.element) continue;
      const bool again = s.loops != 0;
      s.loops = static_cast<std::uint16_t>(s.loops | 1u << l);
      if (again && keep && p.steps[g.steps.first + i].heavy && s.access < 0) {
        if (s.buffer < 0) s.buffer = static_cast<std::int8_t>(c.buffers++);
        continue;
      }
      for (int k = 0; k < s.operands; ++k) need[s.operand[k]] = true;
    }
  }

  // A map reads what is contiguous along its last outer loop by tiles.
  const auto long_enough = [](extent_t e) { return graph::is_symbol(e) || e >= 32; };
  if (g.kind == group_kind::map && g.outer > 0 && long_enough(g.inner) && (graph::is_symbol(g.inner) || g.inner > lanes) &&
      long_enough(g.outer_extent[g.outer - 1]))
    for (int i = 0; i < N.accesses; ++i) {
      const loop_access& a = p.accesses[g.accesses.first + i];
      if (a.kind != access::memory || a.use != access::each || a.guards || c.accesses[i].inner != reach::strided ||
          a.outer[g.outer - 1] != 1)
        continue;
      c.accesses[i].staged = c.tiled = true;
    }

  if (!graph::is_symbol(g.inner)) {
    if (g.inner <= lanes && (g.head < 0 || g.kind == group_kind::rows)) c.inner = g.inner;  // a nested map runs over parts of its rows
    c.whole = g.kind == group_kind::rows && g.inner % lanes == 0;
    c.one_block = g.kind == group_kind::rows && g.inner <= reduction_block;
    c.pairs = g.kind == group_kind::rows && g.outer > 0 && g.inner <= short_row && body <= long_body;
  }
  if (columns && !graph::is_symbol(g.loop)) c.one_block = g.loop <= column_block;
  // A map that waits for memory needs two packets in flight to hide the loop, one with long latencies four; a long body has
  // parallelism of its own and is costly to compile.
  c.packets = static_cast<std::uint8_t>(schedule.packets ? schedule.packets : body > long_body ? 1 : deep ? 4 : 2);
  c.one_body = body > long_body && c.reductions == 0 && !c.tiled;
  if (g.kind == group_kind::map || g.kind == group_kind::rows) {
    const extent_t bytes = detail::bytes_touched(p, g);
    const bool rows = detail::writes_rows(p, g), large = bytes > streamed_bytes || (bytes < 0 && rows);
    c.stream = schedule.store == schedule_value::streaming                    ? streams::always
               : schedule.store == schedule_value::automatic && large && rows ? streams::when_asked
                                                                              : streams::never;
    c.ahead = large || c.stream != streams::never;
  }
  if (schedule.threads) {
    c.inner = -1, c.packets = 1, c.stream = streams::never;
    c.whole = c.one_block = c.pairs = c.one_body = c.ahead = false;
  }
  return c;
}

}  // namespace sinter::fuse
