// SPDX-License-Identifier: Apache-2.0
// Row programs of the user's: a warp has a row, of which each lane sees every 32nd element.
#pragma once

#include <sinter/cuda/block.hpp>
#include <sinter/cuda/place.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace cuda_kernels {

// One row, as simd::user_row. On the host one lane does the work of all.
template <class Key> class user_row {
  using at = placed<Key, 0>;
  using ev = typename at::ev;
  static constexpr auto c = code_of(Key{});
  static constexpr int operands = ev::size.accesses;
  using B = backend::cuda;
  using R = simd::register_of<c.steps[0].type>;
  using S = storage_t<c.steps[0].type>;

 public:
  using packet = simd::pack<B, R, 1>;
#if defined(__CUDA_ARCH__)
  static constexpr int lanes = warp_threads;
#else
  static constexpr int lanes = 1;
#endif
  SINTER_INLINE user_row(typename at::where& p, const typename at::args& a, int lane) : p_(p), a_(a), lane_(lane) {}

  SINTER_INLINE extent_t size() const { return a_.inner; }
  template <class F> SINTER_INLINE packet sum(F f) { return reduce<simd::plain_reducer<B, R, simd::sum_of>>(f); }
  template <class F> SINTER_INLINE packet max(F f) { return reduce<simd::plain_reducer<B, R, simd::maximum_of>>(f); }
  template <class F> SINTER_INLINE packet min(F f) { return reduce<simd::plain_reducer<B, R, simd::minimum_of>>(f); }
  template <class F> SINTER_INLINE void map(F f) {
    written_ = true;
    S* to = reinterpret_cast<S*>(p_.store[0]);
    for (extent_t j = lane_; j < a_.inner; j += lanes) simd::store(to + j, simd::round_to<S>(call(f, j, list{})));
  }
  SINTER_INLINE void finish() {
    if (written_) return;
    S* to = reinterpret_cast<S*>(p_.store[0]);
    for (extent_t j = lane_; j < a_.inner; j += lanes) simd::store(to + j, simd::round_to<S>(packet(R{})));
  }

 private:
  using list = sinter::detail::make_int_list<operands>;
  template <class F, int... A> SINTER_INLINE packet call(F& f, extent_t j, int_list<A...>) {
    p_.j = j, p_.count = 1;
    return f(ev::template load_access<A, true>(p_, a_)...);
  }
  template <class Reducer, class F> SINTER_INLINE packet reduce(F f) {
    auto s = Reducer::template identity<1>();
    for (extent_t j = lane_; j < a_.inner; j += lanes) s = Reducer::template accumulate<1>(s, call(f, j, list{}), j);
#if defined(__CUDA_ARCH__)
    s = combine_in_warp<Reducer>(s);
#endif
    return s;
  }

  typename at::where& p_;
  const typename at::args& a_;
  int lane_;
  bool written_ = false;
};

template <class F, class Row> SINTER_CALLS_USER void run_marked_host_device(Row& row) { F::run(row); }

template <class Key> struct user_rows_program : placed<Key, 0> {
  using base = placed<Key, 0>;
  using base::c, typename base::ev, typename base::args, typename base::where;
  using program = typename simd::external_at<typename Key::externals, c.steps[0].external>::type;
  static constexpr const char* name = "row program";
  static constexpr int across = warp_threads, threads = 128, phases = 1;
  struct thread {};
  struct shared {};
  template <int> using reductions = int_list<>;
  template <int> static constexpr bool shares = false;
  SINTER_HOST_DEVICE static constexpr extent_t blocks(const args&, extent_t rows) {
    return (rows + threads / across - 1) / (threads / across);
  }

  template <int> SINTER_INLINE static void phase(const args& a, extent_t block, int t, thread&, shared&) {
    extent_t rows = 1;
    for (int d = 0; d < base::parts::outer; ++d) rows *= a.outer[d];
    const extent_t r = block * (threads / across) + t / across;
    if (r >= rows || t % across >= user_row<Key>::lanes) return;
    where p;
    base::go_to_row(p, a, r);
    user_row<Key> row(p, a, t % across);
    run_marked_host_device<program>(row);
    row.finish();
  }
};

}  // namespace cuda_kernels
}  // namespace SINTER_ISA
}  // namespace sinter
