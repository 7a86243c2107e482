// SPDX-License-Identifier: Apache-2.0
// Row programs of the user's: a functor gets one row at a time and says what to reduce and what to write, in packets.
#pragma once

#include <sinter/simd/rows.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace simd {

// One row. Functions given to it take one packet of each operand.
template <class Key, class B> class user_row {
  static constexpr auto c = code_of(Key{});
  static constexpr int native = c.mask_bytes == 8 ? native_lanes<B, double> : native_lanes<B, float>;
  static constexpr int N = native == 1 ? 1 : fuse::lanes;
  using ev = evaluator<Key, B, N>;
  static constexpr int operands = ev::size.accesses;
  using R = register_of<c.steps[0].type>;
  using S = storage_t<c.steps[0].type>;

 public:
  using packet = pack<B, R, N>;
  SINTER_INLINE user_row(typename ev::where& p, const typename ev::args& a) : p_(p), a_(a) {}

  /// Elements in the row.
  SINTER_INLINE extent_t size() const { return a_.inner; }
  /// The sum, largest or smallest of f(x...) over the row, the same in every lane.
  template <class F> SINTER_INLINE packet sum(F f) { return reduce<plain_reducer<B, R, sum_of>>(f); }
  template <class F> SINTER_INLINE packet max(F f) { return reduce<plain_reducer<B, R, maximum_of>>(f); }
  template <class F> SINTER_INLINE packet min(F f) { return reduce<plain_reducer<B, R, minimum_of>>(f); }
  /// Writes f(x...) to the row of the result.
  template <class F> SINTER_INLINE void map(F f) {
    written_ = true;
    S* to = reinterpret_cast<S*>(p_.store[0]);
    const extent_t n = a_.inner;
    extent_t j = 0;
    for (p_.count = N; j + N <= n; j += N) {
      p_.j = j;
      store(to + j, round_to<S>(call<true>(f, sinter::detail::make_int_list<operands>{})));
    }
    if (j < n) {
      p_.j = j, p_.count = static_cast<int>(n - j);
      store_some(to + j, round_to<S>(call<false>(f, sinter::detail::make_int_list<operands>{})), 0, p_.count);
    }
  }

  /// After the program: a row that it did not write holds zeros.
  SINTER_INLINE void finish() {
    if (!written_ && a_.inner > 0) __builtin_memset(static_cast<void*>(p_.store[0]), 0, static_cast<std::size_t>(a_.inner) * sizeof(S));
  }

 private:
  template <bool Full, class F, int... A> SINTER_INLINE packet call(F& f, sinter::detail::int_list<A...>) {
    return f(ev::template load_access<A, Full>(p_, a_)...);
  }
  template <class Reducer, class F> SINTER_INLINE packet reduce(F f) {
    using state = typename Reducer::template state<N>;
    constexpr int slots = fuse::lanes / N;
    block_row<Reducer> tree;
    const extent_t n = a_.inner;
    extent_t begin = 0;
    do {
      const extent_t end = begin + fuse::reduction_block < n ? begin + fuse::reduction_block : n;
      state s[slots];
      for (state& x : s) x = Reducer::template identity<N>();
      extent_t j = begin;
      int slot = 0;
      for (p_.count = N; j + N <= end; j += N) {
        p_.j = j;
        s[slot] = Reducer::template accumulate<N>(s[slot], call<true>(f, sinter::detail::make_int_list<operands>{}), j);
        slot = slot + 1 == slots ? 0 : slot + 1;
      }
      if (j < end) {
        p_.j = j, p_.count = static_cast<int>(end - j);
        const state next = Reducer::template accumulate<N>(s[slot], call<false>(f, sinter::detail::make_int_list<operands>{}), j);
        s[slot] = Reducer::template keep<N>(first_lanes<B, static_cast<int>(sizeof(R)), N>(p_.count), next, s[slot]);
      }
      for (int half = slots / 2; half > 0; half /= 2)
        for (int k = 0; k < half; ++k) s[k] = Reducer::template combine<N>(s[k], s[k + half]);
      tree.push(fold_state<Reducer, N>(s[0]));
      begin = end;
    } while (begin < n);
    return broadcast<B, R, N>(first(tree.result()));
  }

  typename ev::where& p_;
  const typename ev::args& a_;
  bool written_ = false;
};

template <class Key, class B> struct user_rows_kernel {
  static constexpr auto c = code_of(Key{});
  static constexpr int native = c.mask_bytes == 8 ? native_lanes<B, double> : native_lanes<B, float>;
  using ev = evaluator<Key, B, native == 1 ? 1 : fuse::lanes>;
  using program = typename external_at<typename Key::externals, c.steps[0].external>::type;

  SINTER_NOINLINE static void call(const typename ev::args& a, extent_t first, extent_t last) {
    extent_t index[c.outer + 1] = {};
    if constexpr (c.outer > 0) {
      extent_t r = first;
      for (int d = c.outer - 1; d >= 0; --d) index[d] = a.outer[d] > 0 ? r % a.outer[d] : 0, r = a.outer[d] > 0 ? r / a.outer[d] : 0;
    }
    for (extent_t r = first; r < last; ++r) {
      typename ev::where p;
      ev::go_to(p, a, index);
      user_row<Key, B> row(p, a);
      program::run(row);
      row.finish();
      if constexpr (c.outer > 0)
        for (int d = c.outer - 1; d >= 0 && ++index[d] == a.outer[d]; --d) index[d] = 0;
    }
  }
};

}  // namespace simd
}  // namespace SINTER_ISA
}  // namespace sinter
