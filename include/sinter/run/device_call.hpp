// SPDX-License-Identifier: Apache-2.0
// One call of a plan for a GPU: shapes checked, memory found, kernels launched, what could not be written in place copied.
#pragma once

#include <cstring>

#include <sinter/run/device.hpp>
#include <sinter/run/function.hpp>
#include <sinter/run/operands.hpp>
#include <sinter/run/workspace.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace run {

template <class Plan, int R, int... A> void bind_result_extents(const binding<Plan>& b, extent_t* to, detail::int_list<A...>) {
  ((to[A] = b.template result_extent<R, A>()), ...);
}
// A result before it is written: of the extents that it should have. A tensor that the call makes is made here.
template <class Plan, int R, bool Makes, class D> void prepare_result(const binding<Plan>& b, D& to) {
  constexpr int rank = result_t<Plan, R>::rank;
  extent_t want[max_rank] = {}, have[max_rank] = {};
  bind_result_extents<Plan, R>(b, want, detail::make_int_list<rank>{});
  if constexpr (Makes) {
    if constexpr (D::dynamic_rank > 0) to = D(detail::uninitialised{}, want);
  } else {
    bool same = true;
    for (int a = 0; a < rank; ++a) have[a] = to.extent(a), same = same && want[a] == have[a];
    if (!same) detail::throw_shape_error("sinter: the result has another shape than what it is assigned to:", want, rank, have, rank);
  }
}

// The layout of a destination that may have gaps between its elements.
struct destination_layout {
  extent_t count = 0, extent[max_rank] = {};
  std::ptrdiff_t stride[max_rank] = {};
  friend bool operator==(const destination_layout&, const destination_layout&) = default;
};
template <class D> destination_layout layout_of_destination(const D& to) {
  destination_layout l;
  l.count = to.size();
  for (int a = 0; a < D::rank; ++a) l.extent[a] = to.extent(a), l.stride[a] = to.stride(a);
  return l;
}

// One call: addresses and extents, then memory, then the kernels. Makes: the results d... are made here. Strided: the results, a bit each,
// whose elements may have gaps between them.
template <class Plan, class Place, bool Owned, unsigned Strided = 0> struct device_run {
  static constexpr auto groups = detail::make_int_list<Plan::value.total.kernels>{};
  binding<Plan> b;
  // Results that are written to the arena first: they overlap what is still read, or their kernel cannot leave gaps.
  bool apart[Plan::size.results + 1] = {};
  static constexpr int layouts = Strided != 0 ? Plan::size.results : 1;
  destination_layout layout[layouts];
  std::size_t own = 0, bytes = 0;

  template <bool Makes, class... D, class... X, int... R, int... P>
  void bind(detail::int_list<R...> results, detail::int_list<P...> params, std::tuple<D&...> d, const X&... x) {
    if constexpr (binds) bind_all<Makes>(results, params, d, x...);
  }
  void run(std::byte* arena) const {
    if constexpr (binds) run(arena, detail::make_int_list<Plan::size.results>{});
    else name_kernels(arena, detail::make_int_list<Plan::size.results>{});
  }

 private:
  // Where only what kernels there are is asked: those of the groups, and of results with gaps.
  template <int... R> void name_kernels(std::byte* arena, detail::int_list<R...>) const {
    run_on_device<Plan, Place, Owned>(b, arena, groups);
    (name_spread<R>(), ...);
  }
  template <int R> void name_spread() const {
    if constexpr (has_gaps(R)) spread<R>(nullptr);
  }
  template <bool Makes, class... D, class... X, int... R, int... P>
  void bind_all(detail::int_list<R...>, detail::int_list<P...> params, std::tuple<D&...> d, const X&... x) {
    constexpr auto nodes = detail::make_int_list<Plan::size.graph.nodes>{};
    (bind_param<Plan, P>(b, x, nodes), ...);
    if constexpr (!Makes)
      ((apart[R] =
            Plan::value.copy_of[R] < 0 && ((has_gaps(R) && !Plan::value.direct[R]) || any_unsafe<Plan, R>(std::get<R>(d), params, x...))),
       ...);
    if constexpr (Plan::size.graph.symbols > 0) {
      b.bind_symbols(shapes_of_call<std::tuple<D&...>, std::tuple<const X&...>>{d, {x...}, apart});
      b.check_constraints();
      bind_extents<Plan>(b, nodes);
    }
    (prepare_result<Plan, R, Makes>(b, std::get<R>(d)), ...);
    ((b.result[R] = const_cast<void*>(static_cast<const void*>(std::get<R>(d).data()))), ...);
    (keep_layout<R>(std::get<R>(d)), ...);
    own = padded(device_bytes<Plan, Place, Owned>(b, groups)), bytes = own;
    ((bytes += apart[R] ? padded(result_bytes<Plan, R>(b)) : 0), ...);
  }
  static constexpr bool has_gaps(int r) { return r < 30 && (Strided >> r & 1) != 0; }
  template <int R, class D> void keep_layout(const D& to) {
    if constexpr (has_gaps(R)) layout[R] = layout_of_destination(to);
  }
  template <int... R> void run(std::byte* arena, detail::int_list<R...>) const {
    binding<Plan> c = b;
    c.arena = arena;
    std::byte* next = arena + own;
    ((apart[R] ? void((c.result[R] = next, next += padded(result_bytes<Plan, R>(c)))) : void()), ...);
    run_on_device<Plan, Place, Owned>(c, arena + padded(c.at(Plan::value.total.workspace_bytes)), groups);
    (deliver<R>(c), ...);
  }
  template <int R> void deliver(const binding<Plan>& c) const {
    constexpr int from = Plan::value.copy_of[R] >= 0 ? Plan::value.copy_of[R] : R;
    const auto n = static_cast<std::size_t>(result_bytes<Plan, R>(c));
    if ((from == R && !apart[R]) || n == 0) return;
    if constexpr (has_gaps(R)) spread<R>(c.result[from]);
    else Place::copy(b.result[R], c.result[from], n);
  }
  template <int R> void spread(const void* from) const {
    constexpr int rank = result_t<Plan, R>::rank;
    using program = cuda_kernels::spread_program<static_cast<int>(sizeof(typename result_t<Plan, R>::value_type)), rank>;
    typename program::args a{static_cast<const char*>(from), static_cast<char*>(b.result[R]), layout[R].count, {}, {}};
    for (int d = 0; d < rank; ++d) a.extent[d] = layout[R].extent[d], a.stride[d] = layout[R].stride[d];
    Place::template launch<program>(a, program::blocks(a));
  }
};

}  // namespace run
}  // namespace SINTER_ISA

namespace device {

/// The GPU's kernels, run on the host: block by block, phase by phase, thread by thread. Slow; for tests, and for a debugger.
struct replay_place {
  template <class Program> static void launch(const typename Program::args& a, extent_t blocks) {
    cuda_kernels::replay<Program>(a, blocks);
  }
  template <class Program> static bool launch_over_clusters(const typename Program::args& a, extent_t blocks) {
    cuda_kernels::replay<Program>(a, blocks);
    return true;
  }
  static void copy(void* to, const void* from, std::size_t bytes) { std::memmove(to, from, bytes); }
  static void clear(void* to, std::size_t bytes) { std::memset(to, 0, bytes); }
  static const void* upload(const void* data, std::size_t) { return data; }
  static void download(void* to, const void* from, std::size_t bytes) { std::memcpy(to, from, bytes); }
  static void upload_to(void* to, const void* from, std::size_t bytes) { std::memcpy(to, from, bytes); }
  static bool read(const bool* flag) { return *flag; }
  static void write(std::int32_t* to, std::int32_t i) { *to = i; }
};

namespace detail {
template <class F, class O, class... D, class... X> void replay_into(const function<F, O>&, std::tuple<D&...> y, const X&... x) {
  if constexpr ((run::is_tree_argument<X> || ...)) {
    const auto leaves = [&](const auto&... leaf) { replay_into(function<run::of_leaves<F, X...>, O>(), y, leaf...); };
    return std::apply(leaves, std::tuple_cat(run::argument_leaves(x)...));
  } else {
    constexpr unsigned strided = run::strided_mask<D...>();
    using plan = typename function<F, O>::template device_program_into<strided, X...>;
    run::device_run<plan, typename run::place_for<typename function<F, O>::backend, replay_place>::type, false, strided> call;
    call.template bind<false>(sinter::detail::make_int_list<plan::size.results>{}, sinter::detail::make_int_list<sizeof...(X)>{}, y, x...);
    const run::arena_part memory(call.bytes, nullptr);
    call.run(memory.data());
  }
}
}  // namespace detail

/// y = f(x...) by the GPU's kernels, replayed on the host: y and x are host tensors and views.
/// Error:  a tensor or view of another shape throws sinter::shape_error before anything is written.
template <class F, class O, class Y, class... X> void replay(const function<F, O>& f, Y& y, const X&... x) {
  detail::replay_into(f, run::as_destinations(y), x...);
}

}  // namespace device
}  // namespace sinter
