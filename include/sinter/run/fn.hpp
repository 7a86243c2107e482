// SPDX-License-Identifier: Apache-2.0
// What a function does on the host: calls, prepare, and what its plan says of itself.
#pragma once

#include <sinter/run/prepare.hpp>

namespace sinter {

inline namespace SINTER_ISA {
namespace run {

template <class Backend, fuse::schedule_value Schedule> struct on_host<options<Backend, Schedule>> {
  using own = options<Backend, Schedule>;
  using summary = plan_summary;

  template <class Plan, class Traced, int... R, class... X> static auto call(detail::int_list<R...> results, const X&... x) {
    std::tuple<result_t<Plan, R>...> y{unwritten<result_t<Plan, R>>()...};
    call_into<Plan, own>(nullptr, results, detail::make_int_list<sizeof...(X)>{}, std::tuple<result_t<Plan, R>&...>(std::get<R>(y)...),
                         x...);
    return grouped<Traced>(y);
  }
  template <class Plan, class... D, class... X>
  SINTER_HOST_INLINE static void into(const workspace* space, std::tuple<D&...> to, const X&... x) {
    require_apart(to);
    call_into<Plan, own>(space, detail::make_int_list<sizeof...(D)>{}, detail::make_int_list<sizeof...(X)>{}, to, x...);
  }
  template <class Source, class Traced, class... X> static auto prepare(const X&... x) {
    return prepared<own, Source, constant_mask<is_constant_argument<X>...>, Traced, unmarked_t<X>...>(unmark(x)...);
  }
  template <class Plan> static constexpr plan_summary plan() { return run::summary<Plan, own>(); }
  template <class Plan, class... X>
  requires(sizeof...(X) > 0) static plan_summary plan(const X&... x) { return summary_of<Plan, own>(x...); }
  template <class Plan> static std::string_view explain() { return run::explain<Plan, own>(); }
  template <class Plan> static std::string_view dot() { return dot_text<Plan>(); }
  static constexpr bool tile_fits(const fuse::schedule_value& s) { return run::tile_fits<Backend>(s); }
};

}  // namespace run
}  // namespace SINTER_ISA

namespace detail {
template <class F> struct library_call_of {
  template <class... V> constexpr auto operator()(V... x) const { return library_call<F>(x...); }
};
template <class F, class... X> auto evaluate_library_call(const X&... x) { return function<library_call_of<F>>()(x...); }
}  // namespace detail

}  // namespace sinter
