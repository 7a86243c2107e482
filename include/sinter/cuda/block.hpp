// SPDX-License-Identifier: Apache-2.0
// How a block program runs. It is a list of phases that each thread of a block passes; between two of them the reductions of the first are
// combined over the threads of a row. On a GPU threads are threads and meet in shuffles and shared memory; on the host they are a
// loop, and meet in the same order, so that a replay gives the same bits. Programs know nothing of either.
//
//   struct program {
//     using args = ...;                     the kernel's argument
//     static constexpr int threads, across; of a block; of a row, over which reductions combine: 32, threads or cluster * threads
//     static constexpr int phases;
//     struct thread { ... };                what stays in registers from phase to phase
//     struct shared { ... };                what the threads of a block share
//     template <int P> using reductions = int_list<I...>;             that phase P ends with,
//     template <int I> using reducer = ...;                           what they are,
//     template <int I> static auto& state(thread&);                   and a thread's part of one
//     template <int> static constexpr bool shares;                    whether what a phase shares needs a barrier
//     template <int P> static void phase(const args&, extent_t block, int t, thread&, shared&);
//   };
// A program with loop_end = N repeats its phases 0 to N - 1 `rounds(args)` times; phases then take the number of the round, too. One with
//     template <int P> static bool is_over(const args&, const shared&);
// ends after phase P in blocks where that is true. One with cluster = N has a row in N blocks beside each other, a cluster of the GPU
// (sm_90 and later): each warp writes what it reduced to the shared memory of all of them. They may be fewer: cluster_of(args).
#pragma once

#include <sinter/core/lists.hpp>
#include <sinter/core/shape.hpp>
#include <sinter/cuda/arch/cluster_barrier.hpp>
#include <sinter/cuda/arch/cluster_store.hpp>
#include <sinter/cuda/arch/shuffle.hpp>
#include <sinter/cuda/arch/synchronize.hpp>
#include <sinter/simd/evaluate.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace cuda_kernels {

inline constexpr int warp_threads = 32;

using sinter::detail::int_list;

template <class Program> inline constexpr int warps_of = Program::across > warp_threads ? Program::across / warp_threads : 1;

template <class Program> SINTER_HOST_DEVICE constexpr int phases_repeated() {
  if constexpr (requires { Program::loop_end; }) return Program::loop_end;
  else return 0;
}
template <class Program> SINTER_HOST_DEVICE constexpr int blocks_of_row() {
  if constexpr (requires { Program::cluster; }) return Program::cluster;
  else return 1;
}
template <class Program> SINTER_INLINE constexpr int blocks_of_row([[maybe_unused]] const typename Program::args& a) {
  if constexpr (requires { Program::cluster_of(a); }) return Program::cluster_of(a);
  else return blocks_of_row<Program>();
}
// The warps of a row, which are all that there are room for where that is not chosen by the arguments.
template <class Program> SINTER_INLINE constexpr int warps_of_row(const typename Program::args& a) {
  if constexpr (blocks_of_row<Program>() == 1) return warps_of<Program>;
  else return blocks_of_row<Program>(a) * (Program::threads / warp_threads);
}
template <class Program, int P, class... X> SINTER_INLINE void run_phase(const typename Program::args& a, extent_t round, X&&... x) {
  if constexpr (phases_repeated<Program>() > 0) Program::template phase<P>(a, x..., round);
  else Program::template phase<P>(a, x...);
}
template <class Program, int P> SINTER_INLINE bool is_over(const typename Program::args& a, const typename Program::shared& s) {
  if constexpr (requires { Program::template is_over<P>(a, s); }) return Program::template is_over<P>(a, s);
  else return false;
}
// A warp combines what the warps of a row reduced, one of every 32 in each lane, then the lanes.
template <class Program> SINTER_HOST_DEVICE constexpr int lanes_that_meet() {
  return warps_of<Program> < warp_threads ? sinter::simd::power_of_two(warps_of<Program>) : warp_threads;
}
template <int First, int... I> constexpr auto shifted(int_list<I...>) { return int_list<First + I...>{}; }
template <int First, int End> using range_of_ints = decltype(shifted<First>(sinter::detail::make_int_list<End - First>{}));

// Room for what the warps of a row reduced, of every reduction of every phase, so that no two meet in one place.
template <int I, class State, int Warps> struct met_at { State warp[Warps]; };
template <class Program, class List> struct meeting_of;
template <class Program, int... I> struct meeting_of<Program, int_list<I...>>
    : met_at<I, typename Program::template reducer<I>::template state<1>, warps_of<Program>>... {};
template <class Program, int P, bool Last = (P >= Program::phases)> struct meetings : meetings<Program, P + 1> {
  meeting_of<Program, typename Program::template reductions<P>> at;
};
template <class Program, int P> struct meetings<Program, P, true> {};

#if defined(__CUDACC__)
// All states of a row in each of its threads. Lane 0 combines in a tree, the other lanes take what it has.
template <class R, class State> __device__ __forceinline__ State combine_in_warp(State s) {
  SINTER_UNROLL
  for (int half = warp_threads / 2; half > 0; half /= 2) s = R::template combine<1>(s, arch::shuffle_down(s, half));
  return arch::shuffle(s, 0);
}
template <class Program, int I, class Thread, class Meeting>
__device__ __forceinline__ void meet([[maybe_unused]] const typename Program::args& a, Thread& me, Meeting& m, int t) {
  using R = typename Program::template reducer<I>;
  auto& s = Program::template state<I>(me);
  using State = typename R::template state<1>;
  s = combine_in_warp<R>(s);
  if constexpr (Program::across > warp_threads) {
    auto& of_warps = static_cast<met_at<I, State, warps_of<Program>>&>(m).warp;
    if constexpr (blocks_of_row<Program>() > 1) {  // each of the first lanes to one block
      const int cluster = blocks_of_row<Program>(a);
      const int warp = static_cast<int>(blockIdx.x % cluster) * (Program::threads / warp_threads) + t / warp_threads;
      if (t % warp_threads < cluster) arch::store_to_block(of_warps + warp, static_cast<unsigned>(t % warp_threads), s);
    } else {
      if (t % warp_threads == 0) of_warps[t / warp_threads] = s;
    }
  }
}
template <class Program, int I, class Thread, class Meeting>
__device__ __forceinline__ void meet_again(const typename Program::args& a, Thread& me, Meeting& m, int t) {
  using R = typename Program::template reducer<I>;
  using State = typename R::template state<1>;
  auto& of_warps = static_cast<met_at<I, State, warps_of<Program>>&>(m).warp;
  const int lane = t % warp_threads;
  const int warps = warps_of_row<Program>(a);
  State s = lane < warps ? of_warps[lane] : R::template identity<1>();
  SINTER_UNROLL
  for (int w = warp_threads; w < warps_of<Program>; w += warp_threads)
    if (w + lane < warps) s = R::template combine<1>(s, of_warps[w + lane]);
  SINTER_UNROLL
  for (int half = lanes_that_meet<Program>() / 2; half > 0; half /= 2) s = R::template combine<1>(s, arch::shuffle_down(s, half));
  Program::template state<I>(me) = arch::shuffle(s, 0);
}
template <class Program, class Thread, class Meeting, int... I>
__device__ __forceinline__ void meet_all(const typename Program::args& a, Thread& me, Meeting& m, int t, int_list<I...>) {
  (meet<Program, I>(a, me, m, t), ...);
  if constexpr (sizeof...(I) > 0 && Program::across > warp_threads) {
    if constexpr (blocks_of_row<Program>() > 1) arch::synchronize_cluster();
    else arch::synchronize_block();
    (meet_again<Program, I>(a, me, m, t), ...);
  }
}
template <class Program, class Thread, class Shared, class Meetings, int... P>
__device__ __forceinline__ void run_phases(const typename Program::args& a, extent_t round, Thread& me, Shared& s, Meetings& m,
                                           int_list<P...>) {
  const int t = static_cast<int>(threadIdx.x);
  const extent_t block = static_cast<extent_t>(blockIdx.x);
  [[maybe_unused]] const bool ended =
      ((run_phase<Program, P>(a, round, block, t, me, s), P == 0 && blocks_of_row<Program>() > 1 ? arch::wait_for_cluster() : void(),
        meet_all<Program>(a, me, static_cast<meetings<Program, P>&>(m).at, t, typename Program::template reductions<P>{}),
        Program::template shares<P> ? arch::synchronize_block() : void(), is_over<Program, P>(a, s)) ||
       ...);
}
template <class Program> struct together {
  typename Program::shared own;
  meetings<Program, 0> met;
};
// Arguments are spelled with numbers: nvcc's host half names kernels before it has seen what a key stands for, so their types must not
// need it.
template <class Program, template <int...> class Arguments, int... N> __global__ void __launch_bounds__(Program::threads)
    run_block(const __grid_constant__ Arguments<N...> a) {
  constexpr int cluster = blocks_of_row<Program>();
  static_assert(cluster == 1 || (Program::across == cluster * Program::threads && phases_repeated<Program>() == 0));
  if constexpr (cluster > 1 && !SINTER_HAS_CLUSTERS) return;  // a kernel in name: it is not launched there
  if constexpr (cluster > 1) arch::join_cluster();
  __shared__ alignas(16) unsigned char room[sizeof(together<Program>)];  // its types have constructors, which do nothing
  auto& both = reinterpret_cast<together<Program>&>(room);
  typename Program::thread me;
  constexpr int repeated = phases_repeated<Program>();
  if constexpr (repeated > 0) {
    const extent_t rounds = Program::rounds(a);
    for (extent_t k = 0; k < rounds; ++k) run_phases<Program>(a, k, me, both.own, both.met, range_of_ints<0, repeated>{});
  }
  run_phases<Program>(a, 0, me, both.own, both.met, range_of_ints<repeated, Program::phases>{});
}
#endif

// The same on the host, block by block (of a cluster: together) and phase by phase. Reduction I of the threads of every row of a block:
template <class Program, int I> struct replayed_meeting {
  using R = typename Program::template reducer<I>;
  using state = typename R::template state<1>;
  // The lower half of so many states takes the upper half.
  static state tree(state* s, int count) {
    for (int half = count / 2; half > 0; half /= 2)
      for (int k = 0; k < half; ++k) s[k] = R::template combine<1>(s[k], s[k + half]);
    return s[0];
  }
  static void run(const typename Program::args& a, typename Program::thread* all) {
    const int blocks = blocks_of_row<Program>(a), across = blocks_of_row<Program>() > 1 ? blocks * Program::threads : Program::across;
    for (int row = 0; row < blocks * Program::threads; row += across) {
      state warps[warp_threads], lanes[warp_threads];
      for (state& w : warps) w = R::template identity<1>();
      for (int w = 0; w < across / warp_threads; ++w) {
        for (int l = 0; l < warp_threads; ++l) lanes[l] = Program::template state<I>(all[row + w * warp_threads + l]);
        const state s = tree(lanes, warp_threads);
        state& to = warps[w % warp_threads];
        to = w < warp_threads ? s : R::template combine<1>(to, s);
      }
      const state s = across == warp_threads ? warps[0] : tree(warps, lanes_that_meet<Program>());
      for (int t = row; t < row + across; ++t) Program::template state<I>(all[t]) = s;
    }
  }
};
template <class Program> class replayed_block {
  using thread = typename Program::thread;
  static constexpr int threads = Program::threads, cluster = blocks_of_row<Program>();
  thread* const all_;
  typename Program::shared shared_[cluster];

  template <int... I> void meet_all(const typename Program::args& a, int_list<I...>) { (replayed_meeting<Program, I>::run(a, all_), ...); }
  template <int P> bool phase(const typename Program::args& a, extent_t block, extent_t round) {
    for (int b = 0; b < blocks_of_row<Program>(a); ++b)
      for (int t = 0; t < threads; ++t) run_phase<Program, P>(a, round, block + b, t, all_[b * threads + t], shared_[b]);
    meet_all(a, typename Program::template reductions<P>{});
    return is_over<Program, P>(a, shared_[0]);
  }
  template <int... P> void phases(const typename Program::args& a, extent_t block, extent_t round, int_list<P...>) {
    [[maybe_unused]] const bool ended = (phase<P>(a, block, round) || ...);
  }

 public:
  explicit replayed_block(thread* all) : all_(all) {}
  void run(const typename Program::args& a, extent_t block) {
    constexpr int repeated = phases_repeated<Program>();
    if constexpr (repeated > 0)
      for (extent_t k = 0; k < Program::rounds(a); ++k) phases(a, block, k, range_of_ints<0, repeated>{});
    phases(a, block, 0, range_of_ints<repeated, Program::phases>{});
  }
};
template <class Program> void replay(const typename Program::args& a, extent_t blocks) {
  auto* const threads = new typename Program::thread[blocks_of_row<Program>() * Program::threads];
  for (extent_t b = 0; b < blocks; b += blocks_of_row<Program>(a)) replayed_block<Program>(threads).run(a, b);
  delete[] threads;
}

}  // namespace cuda_kernels
}  // namespace SINTER_ISA
}  // namespace sinter
