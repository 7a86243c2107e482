// SPDX-License-Identifier: Apache-2.0
// Calls with device tensors: on the current stream, the second time with the same addresses as one CUDA graph.
#pragma once

#include <sinter/cuda/graph.hpp>
#include <sinter/cuda/launch.hpp>
#include <sinter/cuda/tensor.hpp>
#include <sinter/run/device_call.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace run {

template <class T, extent_t... E> inline constexpr bool lies_on_device<device::tensor<T, E...>> = true;
template <class T, extent_t... E> inline constexpr bool lies_on_device<device::view<T, E...>> = true;
template <class T, extent_t... E> inline constexpr bool is_strided<device::view<T, E...>> = true;
template <class T, extent_t... E> inline constexpr bool is_strided<const device::view<T, E...>> = true;
template <class T, extent_t... E> struct argument<device::tensor<T, E...>> { using type = detail::param_type<T, false, E...>; };
template <class T, extent_t... E> struct argument<device::view<T, E...>> {
  using type = detail::param_type<std::remove_const_t<T>, true, E...>;
};
template <template <template <class, extent_t...> class> class S, class T, extent_t... E>
struct structure_with<S<traced_tensor>, device::tensor<T, E...>> {
  using type = S<device::tensor>;
};

// A tensor, whose address is a multiple of 16; not a view.
template <class X> inline constexpr bool is_own = is_number<X>;
template <class T, extent_t... E> inline constexpr bool is_own<device::tensor<T, E...>> = true;
// Prints a message, if it is one.
template <class Report> constexpr bool is_silent() {
  if constexpr (std::is_void_v<Report>) return true;
  else return sizeof(Report) == 0;
}

template <class Plan, int G> constexpr bool waits_for_host() {
  constexpr group_kind kind = Plan::value.groups[G].kind;
  if constexpr (kind == group_kind::library_call) return !has_kernels<typename library_group<Plan, G>::F>;
  else return kind == group_kind::control;
}
template <class Plan, int... G> constexpr bool needs_host(detail::int_list<G...>) { return (waits_for_host<Plan, G>() || ...); }

// What a call was, so that one that is the same is known: the addresses and numbers of its binding, where results have gaps, the stream and
// the device.
template <class Plan, class Run> struct recorded_call {
  const void* param[Plan::size.params + 1] = {};
  void* result[Plan::size.results + 1] = {};
  extent_t symbol[Plan::size.graph.symbols + 1] = {};
  destination_layout layout[Run::layouts];
  cudaStream_t stream = nullptr;
  int device = -1;
  device::graph_exec graph;

  bool is_same(const Run& run, cudaStream_t s, int on) const {
    const binding<Plan>& b = run.b;
    bool same = stream == s && device == on;
    for (int i = 0; i < Plan::size.params; ++i) same = same && param[i] == b.param[i];
    for (int i = 0; i < Plan::size.results; ++i) same = same && result[i] == b.result[i];
    for (int i = 0; i < Plan::size.graph.symbols; ++i) same = same && symbol[i] == b.symbol[i];
    for (int i = 0; i < Run::layouts; ++i) same = same && layout[i] == run.layout[i];
    return same;
  }
  void take(const Run& run, cudaStream_t s, int on) {
    const binding<Plan>& b = run.b;
    graph = device::graph_exec();
    for (int i = 0; i < Plan::size.params; ++i) param[i] = b.param[i];
    for (int i = 0; i < Plan::size.results; ++i) result[i] = b.result[i];
    for (int i = 0; i < Plan::size.graph.symbols; ++i) symbol[i] = b.symbol[i];
    for (int i = 0; i < Run::layouts; ++i) layout[i] = run.layout[i];
    stream = s, device = on;
  }
};

template <class Function, class... X> struct device_call {
  static_assert(((lies_on_device<X> || is_number<X>)&&...),
                "sinter::device: some operands lie on the GPU and some on the host; copy the latter with sinter::device::to(x)");
  using plan = typename Function::template device_program<X...>;
  using traced = typename Function::template traced_result<X...>;
  static constexpr bool has_numbers = (is_number<X> || ...);
  static constexpr auto results = detail::make_int_list<plan::size.results>{};
  static constexpr auto params = detail::make_int_list<sizeof...(X)>{};

  static auto call(const X&... x) { return make(results, x...); }
  template <class D> static void into(D& to, const X&... x) { write(detail::leaves_of(to), x...); }

 private:
  template <int... R> static auto make(detail::int_list<R...>, const X&... x) {
    std::tuple<device::device_of<result_t<plan, R>>...> y;
    launch<true, 0>(std::tuple<device::device_of<result_t<plan, R>>&...>(std::get<R>(y)...), x...);
    return grouped<traced>(y);
  }
  template <class... D> static void write(std::tuple<D&...> to, const X&... x) {
    constexpr bool on_device = (lies_on_device<std::remove_const_t<D>> && ...);
    static_assert(on_device, "sinter::device: a result lies on the host, the operands on the GPU; write to a sinter::device::tensor");
    static_assert(
        static_cast<int>(sizeof...(D)) == plan::size.results,
        "sinter::device: the function has another number of results than there are tensors to write to; tie as many as it returns");
    if constexpr (on_device && static_cast<int>(sizeof...(D)) == plan::size.results) {
      if constexpr (fits<D...>(results)) launch<false, strided_mask<D...>()>(to, x...);
    }
  }
  template <class... D, int... R> static constexpr bool fits(detail::int_list<R...>) {
    return (is_silent<typename check_destination<result_t<plan, R>, typename D::host>::report>() && ...);
  }

  template <bool Makes, unsigned Strided, class... D> static void launch(std::tuple<D&...> to, const X&... x) {
    using plan = typename Function::template device_program_into<Strided, X...>;
    constexpr bool owned = Makes ? (is_own<X> && ...) : (is_own<D> && ...) && (is_own<X> && ...);
    device_run<plan, typename place_for<typename Function::backend, cuda_kernels::stream_place>::type, owned, Strided> run;
    if constexpr (!binds) return run.run(nullptr);
    else record_or_run<plan, Makes>(run, to, x...);
  }
  template <class Plan, bool Makes, class Run, class... D> static void record_or_run(Run& run, std::tuple<D&...> to, const X&... x) {
    run.template bind<Makes>(results, params, to, x...);
    const device::stream s = device::current_stream();
    const auto go = [&] { run.run(device::workspace(device::current_stream()).reserve(run.bytes)); };
    // One kernel is launched as fast as a graph; numbers among the arguments would be those of the recording.
    constexpr bool records =
        !Makes && Plan::value.total.kernels > 1 && !has_numbers && !needs_host<Plan>(detail::make_int_list<Plan::size.groups>{});
    if constexpr (records) {
      if (!device::detail::this_thread.captured) {
        static thread_local recorded_call<Plan, Run> last;
        const int on = device::detail::current_device();
        if (!last.is_same(run, s.handle(), on)) last.take(run, s.handle(), on);
        else {
          if (!last.graph) last.graph.capture(go);
          return last.graph.launch(s);
        }
      }
    }
    go();
  }
};

}  // namespace run
}  // namespace SINTER_ISA
}  // namespace sinter
