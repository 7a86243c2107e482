// SPDX-License-Identifier: Apache-2.0
// Runs one module and compares what its checks name. What is the same for all cases is in judge.cpp, which is compiled once.
#pragma once

#if defined(__CUDACC__)
#include <sinter/cuda.hpp>
#elif defined(CONFORMANCE_REPLAY)
#include <sinter/run/device_call.hpp>
#endif
#include <sinter/complex.hpp>
#include <sinter/import/stablehlo_message.hpp>
#include <sinter/stablehlo.hpp>

namespace conformance {

using sinter::mlir::check_op;
using sinter::mlir::text;

enum class outcome { strict, relaxed, failed, not_in_scope, did_not_compile };

struct verdict {
  outcome result = outcome::strict;
  char why[400] = "";
};

/// Compares two arrays as a check says; a verdict that is bad already stays.
void compare(const check_op& check, const void* have, const void* want, sinter::extent_t count, verdict& v);
/// A module that is not lowered.
void refuse(text module, const sinter::mlir::diagnostic& failed, const char* rule, verdict& v);
void without_checks(verdict& v);

/// A case, in a list of all that are linked; run == nullptr: it did not compile.
struct entry {
  const char* id;
  void (*run)(verdict&);
  const char* why;
  const entry* next;
  static inline const entry* first = nullptr;
  entry(const char* name, void (*f)(verdict&), const char* reason = "") : id(name), run(f), why(reason), next(first) { first = this; }
};

template <const sinter::rule* R> constexpr const char* name_of_rule() { return __PRETTY_FUNCTION__; }

template <class Stage, class Results, int... K> void compare_all(const Results& r, verdict& v, sinter::detail::int_list<K...>) {
  static constexpr auto& checks = Stage::result.checks;
  (compare(checks[K], std::get<2 * K>(r).data(), std::get<2 * K + 1>(r).data(), static_cast<sinter::extent_t>(std::get<2 * K>(r).size()),
           v),
   ...);
}
#if defined(__CUDACC__)  // on a GPU
template <class F, int... R> auto by_device(const F& f, sinter::detail::int_list<R...>) {
  using plan = typename F::template device_program<>;
  std::tuple<sinter::device::device_of<sinter::run::result_t<plan, R>>...> y;
  f.into(y);
  return std::tuple(std::get<R>(y).to_host()...);
}
#elif defined(CONFORMANCE_REPLAY)  // by its kernels, on the host
template <class F, int... R> auto by_device(const F& f, sinter::detail::int_list<R...>) {
  std::tuple<sinter::run::result_t<typename F::template device_program<>, R>...> y;
  sinter::device::replay(f, y);
  return y;
}
#endif
template <class Text> void run(verdict& v) {
  using stage = sinter::mlir::lower_stage<Text>;
  static constexpr auto& result = stage::result;
  if constexpr (result.failed || result.rule.happened()) {
    const char* rule = nullptr;
    if constexpr (result.rule.happened()) rule = name_of_rule<result.rule.broken>();
    refuse(sinter::mlir::text_of<Text>, result.failed, rule, v);
  } else if constexpr (result.size.checks == 0) without_checks(v);
  else {
    constexpr auto f = sinter::stablehlo<Text>;
#if defined(CONFORMANCE_REPLAY) || defined(__CUDACC__)
    const auto r = by_device(f, sinter::detail::make_int_list<2 * result.size.checks>{});
#else
    const auto r = f();
#endif
    compare_all<stage>(r, v, sinter::detail::make_int_list<result.size.checks>{});
  }
}

}  // namespace conformance
