// SPDX-License-Identifier: Apache-2.0
// The run of a compiled program: each group's kernel called with its arguments, in order, on one thread or several.
#pragma once

#include <cstring>

#include <sinter/run/contraction.hpp>
#include <sinter/run/library.hpp>

namespace sinter {

inline namespace SINTER_ISA {
namespace run {

template <class Plan, int G, class Backend, fuse::schedule_value Schedule> struct control_group;  // run/control.hpp

// Whether a kernel reads and writes more than stays in the caches, and whether it writes what it reads.
template <class Code, class Args> constexpr bool is_large(const Args& a) {
  extent_t bytes = 0;
  const auto add = [&](const auto& p, extent_t n) {
    for (int d = 0; d < Code::value.outer; ++d) n *= p.outer[d] ? a.outer[d] : 1;
    bytes += n * (p.inner ? a.inner : 1);
  };
  for (int i = 0; i < Code::size.accesses; ++i)
    if (Code::value.accesses[i].kind == fuse::access::memory) add(a.access[i], size_of(Code::value.accesses[i].type));
  for (int i = 0; i < Code::size.stores; ++i) add(a.store[i], size_of(Code::value.stores[i].type));
  return bytes > fuse::streamed_bytes;
}
template <int Accesses, int Stores, int Guards, int Outer>
constexpr bool is_in_place(const fuse::arguments<Accesses, Stores, Guards, Outer>& a) {
  for (int i = 0; i < Accesses; ++i)
    for (int k = 0; k < Stores; ++k)
      if (a.access[i].base == a.store[k].base) return true;
  return false;
}

// What an element costs, in units of op_table; a load or store from the cache counts as 4.
template <class Code> constexpr extent_t element_work() {
  extent_t units = 4 * (Code::size.accesses + Code::size.stores);
  for (int i = 0; i < Code::size.steps; ++i)
    units += Code::value.steps[i].op == opcode::row_call                                    ? 32
             : is_element(Code::value.steps[i].op) || is_reduction(Code::value.steps[i].op) ? info(Code::value.steps[i].op).cost
                                                                                            : 0;
  return units;
}
// A part that another thread runs should take some microseconds: as many units.
inline constexpr extent_t part_work = 1 << 19;

// Whether a group may ever be cut into parts.
template <class Code> constexpr bool is_worth_threads(const fuse::group& g) {
  extent_t n = element_work<Code>();
  for (int d = 0; d < g.outer; ++d) n = n < 0 || graph::is_symbol(g.outer_extent[d]) ? -1 : n * g.outer_extent[d];
  n = n < 0 || graph::is_symbol(g.inner) || graph::is_symbol(g.loop) ? -1 : n * g.inner * g.loop;
  return n < 0 || n >= 2 * part_work;
}
// Runs a kernel, on several threads if it is large: maps and column programs are cut along the inner axis where there are few rows.
template <class Code, class Kernel, class Args> SINTER_NOINLINE void launch_parts(executor& e, const Args& a, extent_t rows) {
  constexpr bool columns = Code::value.kind == group_kind::columns;
  constexpr bool cuts_inner = columns || (Code::value.kind != group_kind::row_call && Code::value.reductions == 0);
  const extent_t wanted = rows * a.inner * a.loop * element_work<Code>() / part_work, most = 4 * e.concurrency();
  const int parts = static_cast<int>(wanted < most ? wanted : most);
  const extent_t bytes = buffer_bytes<Code>(a.inner, a.loop);
  if (parts < 2) return Kernel::call(a, 0, rows);
  const auto with_own_buffer = [&](Args part, extent_t first, extent_t last) {
    const arena_part buffer(static_cast<std::size_t>(bytes), nullptr);
    if (bytes > 0) part.buffer = buffer.data();
    Kernel::call(part, first, last);
  };
  if (rows >= parts || !cuts_inner) {
    parallel_parts(e, rows, Code::value.pairs ? 2 : 1, parts, [&](extent_t first, extent_t last) { with_own_buffer(a, first, last); });
  } else {
    parallel_parts(e, a.inner, 1024, parts, [&](extent_t first, extent_t last) {
      Args part = a;
      part.begin = first, part.end = last;
      with_own_buffer(part, 0, rows);
    });
  }
}
template <class Code, class Kernel, class Args> SINTER_HOST_INLINE void launch(Args& a, extent_t rows) {
  executor* const e = sinter::detail::current_executor.load(std::memory_order_acquire);
  if (!e || sinter::detail::inside_part) return Kernel::call(a, 0, rows);
  launch_parts<Code, Kernel>(*e, a, rows);
}

template <int G, class Backend, class Plan> SINTER_HOST_INLINE void copy_scattered(const binding<Plan>& b) {
  const scattered_array a = scattered_by<G>(b);
  if (a.bytes == 0) return;
  const auto bytes = static_cast<std::size_t>(a.bytes);
  if constexpr (requires { Backend::stored(std::size_t{}); }) Backend::loaded(bytes), Backend::stored(bytes);
  std::memcpy(a.to, a.from, bytes);
}

template <int G, class Backend, fuse::schedule_value Schedule, class Plan>
SINTER_HOST_INLINE void run_group(binding<Plan>& b, std::byte* buffer) {
  constexpr fuse::group g = Plan::value.groups[G];
  if constexpr (g.kind == group_kind::dot) {
    contraction<Plan, G, Backend, Schedule>::run(b, reinterpret_cast<char*>(buffer));
  } else if constexpr (g.kind == group_kind::library_call) {
    library_group<Plan, G>::run(b, reinterpret_cast<char*>(buffer));
  } else if constexpr (g.kind == group_kind::control) {
    control_group<Plan, G, Backend, Schedule>::run(b, buffer);
  } else {
    if constexpr (g.kind == group_kind::scatter) copy_scattered<G, Backend>(b);
    using key = key_of<Plan, group_code<Plan, G, Schedule>>;
    static_assert(fuse::ensure_code<key, group_code<Plan, G, Schedule>>());
    using code = code_of_key<key>;  // equal groups share what runs them
    fuse::arguments<g.accesses.count, g.roots.count, code::size.guards, g.outer> a;
    bind_arguments<G>(a, b);
    a.buffer = buffer;
    if constexpr (code::value.stream == fuse::streams::when_asked) a.stream = is_large<code>(a) && !is_in_place(a);
    if constexpr (g.kind == group_kind::scatter) kernel_of<g.kind, key, Backend>::call(a, 0, rows_of(a, g.outer));  // in order
    else if constexpr (g.kind == group_kind::map ? is_short<Plan, G>() && !is_worth_threads<code>(g)
                                                 : is_small<Plan, G>() && g.kind == group_kind::rows)
      kernel_of<g.kind, key, Backend>::run(a, 0, rows_of(a, g.outer));
    else if constexpr (is_worth_threads<code>(g)) launch<code, kernel_of<g.kind, key, Backend>>(a, rows_of(a, g.outer));
    else kernel_of<g.kind, key, Backend>::call(a, 0, rows_of(a, g.outer));
  }
}

template <int G, class Backend, fuse::schedule_value Schedule, class Plan>
SINTER_NOINLINE void run_group_apart(binding<Plan>& b, std::byte* buffer) {
  run_group<G, Backend, Schedule>(b, buffer);
  // g++ 12 else finds some of these to be pure, and drops their calls.
  asm volatile("" : : : "memory");
}

template <class Plan, class Backend, fuse::schedule_value Schedule, int G>
SINTER_HOST_INLINE constexpr extent_t group_buffer(const binding<Plan>& b) {
  constexpr fuse::group g = Plan::value.groups[G];
  if constexpr (g.head >= 0) return 0;
  else if constexpr (g.kind == group_kind::dot) return contraction<Plan, G, Backend, Schedule>::buffer(b);
  else if constexpr (g.kind == group_kind::library_call) return library_group<Plan, G>::buffer(b);
  else if constexpr (g.kind == group_kind::control) return control_group<Plan, G, Backend, Schedule>::buffer(b);
  else return buffer_bytes<group_code<Plan, G, Schedule>>(b.at(g.inner), b.at(g.loop));
}

// Bytes of arena that a call needs.
template <class Plan, class Backend, fuse::schedule_value Schedule, int... G>
SINTER_HOST_INLINE constexpr extent_t arena_bytes(const binding<Plan>& b, detail::int_list<G...>) {
  extent_t rows = 0, own_rows = 0;
  ((own_rows = group_buffer<Plan, Backend, Schedule, G>(b), rows = own_rows > rows ? own_rows : rows), ...);
  constexpr extent_t own = Plan::value.total.workspace_bytes;
  return b.at(own) + rows;
}

template <class Plan, class Backend, fuse::schedule_value Schedule, int... K>
SINTER_HOST_INLINE void run_groups(binding<Plan>& b, detail::int_list<K...>) {
  [[maybe_unused]] constexpr extent_t own = Plan::value.total.workspace_bytes;
  // A function that binds the arguments of many kernels takes an optimiser more than its length; those of a group each do not.
  if constexpr (sizeof...(K) > 16) (run_group_apart<Plan::value.order[K], Backend, Schedule>(b, b.arena + b.at(own)), ...);
  else (run_group<Plan::value.order[K], Backend, Schedule>(b, b.arena + b.at(own)), ...);
}

}  // namespace run
}  // namespace SINTER_ISA

}  // namespace sinter
