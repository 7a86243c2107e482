// SPDX-License-Identifier: Apache-2.0
// One packet through the code of a group: loads, steps and stores, each a template on the number of the step. The loops around
// it are in rows.hpp and columns.hpp; what an op does to packets is in elements.hpp.
#pragma once

#include <sinter/fuse/code.hpp>
#include <sinter/simd/elements.hpp>
#include <sinter/simd/reducers.hpp>

namespace sinter {
namespace fuse {

/// Names a code by its content; `code_of(key)` finds it. The functors of the user that it calls are part of the name.
template <std::uint64_t A, std::uint64_t B, class... Externals> struct key {
  using externals = sinter::detail::type_list<Externals...>;
  SINTER_NON_TEMPLATE_FRIEND_BEGIN
  friend constexpr const auto& code_of(key);
  SINTER_NON_TEMPLATE_FRIEND_END
};

// Says what a key names, once: equal codes of different functions meet here.
template <class Key, class Code> struct define_code {
  friend constexpr const auto& code_of(Key) { return Code::value; }
  static constexpr bool done = true;
};
template <class Key, class Code> constexpr bool ensure_code() {
  if constexpr (requires(Key k) { code_of(k).kind; }) return true;
  else return define_code<Key, Code>::done;
}

/// Where an operand or result is: its first element and its strides in elements.
template <int Outer> struct pointer {
  char* base = nullptr;
  std::ptrdiff_t outer[Outer + 1] = {}, inner = 0, loop = 0;
};
/// The run-time arguments of a kernel.
template <int Accesses, int Stores, int Guards, int Outer> struct arguments {
  pointer<Outer> access[Accesses + 1], store[Stores + 1];
  extent_t first[Guards + 1] = {}, last[Guards + 1] = {};  // bounds of guards
  extent_t origin[Accesses + 1] = {};                      // iota: the value at index 0
  extent_t outer[Outer + 1] = {}, inner = 1, loop = 1;
  extent_t begin = 0, end = 1;  // the part of the inner axis that a map or column program runs over
  void* buffer = nullptr;       // rows that are kept
  bool stream = false;          // see fuse::streams
};

}  // namespace fuse

inline namespace SINTER_ISA {
namespace simd {

using fuse::reach;

SINTER_HOST_DEVICE constexpr int power_of_two(extent_t n) {
  int p = 1;
  while (p < n) p *= 2;
  return p;
}

// How many elements a packet of a few native vectors holds: no more than the virtual lanes, or than a short inner loop fills.
template <class B, class Code> constexpr int packet_lanes(const Code& c, int vectors) {
  const int native = c.mask_bytes == 8 ? native_lanes<B, double> : native_lanes<B, float>;
  if (native == 1) return 1;
  const int n = native * vectors > fuse::lanes ? fuse::lanes : native * vectors;
  return c.inner >= 0 && power_of_two(c.inner) < n ? power_of_two(c.inner) : n;
}

// The first lane as a pack of one.
template <int N, class X> SINTER_INLINE auto first_lane(const X& x) {
  if constexpr (N == 1) return x;
  else return first_lane<N / 2>(lower_half(x));
}

template <class List, int I> struct external_at { using type = void; };
template <class... F, int I>
requires(I >= 0 && I < static_cast<int>(sizeof...(F))) struct external_at<sinter::detail::type_list<F...>, I> {
  using type = sinter::detail::nth_t<I, F...>;
};

template <class B, dtype D, int W, int N> struct value_of { using type = pack<B, register_of<D>, N>; };
template <class B, int W, int N> struct value_of<B, dtype::boolean, W, N> { using type = mask<B, W, N>; };

template <int I, class T> struct env_slot { T held; };
template <class List, class... T> struct env_slots;
template <int... I, class... T> struct env_slots<sinter::detail::int_list<I...>, T...> : env_slot<I, T>... {};

// Where a packet is: pointers at the start of the row (or strip and row), the position along the inner loop, and how many of
// its lanes exist.
template <int Accesses, int Stores> struct position {
  const char* access[Accesses + 1];
  char* store[Stores + 1];
  extent_t origin[Accesses + 1];
  extent_t low[Accesses + 1], high[Accesses + 1];  // the part of the inner loop that an access may touch
  extent_t j = 0;
  extent_t index[max_rank + 1] = {};  // of the outer loops and, in column programs, of the reduced loop
  extent_t kept = 0;                  // index of the packet in a row buffer
  int which = 0;                      // of the rows that run together
  int count = 0;
};

// The code of a kernel, and its parts as constants of their own: what nvcc reads of a constant costs it as much memory as there is in all
// of that constant.
template <class Key> struct code_parts {
  static constexpr auto c = code_of(Key{});
  static constexpr auto size = std::remove_cvref_t<decltype(c)>::size;
  static constexpr int outer = c.outer, loops = c.loops, mask_bytes = c.mask_bytes;
  static constexpr fuse::group_kind kind = c.kind;
  template <int I> static constexpr fuse::code_step step_at = c.steps[I];
  template <int A> static constexpr fuse::code_access access_at = c.accesses[A];
  template <int S> static constexpr fuse::code_store store_at = c.stores[S];
};

// Where: a position that holds elements of its own, which it read before and which it writes afterwards; void: none.
template <class Key, class B, int N, class Where = void> struct evaluator {
  using parts = code_parts<Key>;
  static constexpr const auto& c = parts::c;
  static constexpr auto size = parts::size;
  static constexpr int W = parts::mask_bytes, outer = parts::outer;
  template <int I> static constexpr const fuse::code_step& step_at = parts::template step_at<I>;
  template <int A> static constexpr const fuse::code_access& access_at = parts::template access_at<A>;
  template <int S> static constexpr const fuse::code_store& store_at = parts::template store_at<S>;
  using policy = std::conditional_t<c.fast_math, math::fast, math::accurate>;
  static constexpr bool columns = parts::kind == fuse::group_kind::columns;
  using args = fuse::arguments<size.accesses, size.stores, size.guards, outer>;
  using where = std::conditional_t<std::is_void_v<Where>, position<size.accesses, size.stores>, Where>;
  using step_list = sinter::detail::make_int_list<size.steps>;
  using access_list = sinter::detail::make_int_list<size.accesses>;

  template <int I> using value = typename value_of<B, step_at<I>.type, W, N>::type;
  template <class> struct make_env;
  template <int... I> struct make_env<sinter::detail::int_list<I...>> {
    using type = env_slots<sinter::detail::int_list<I...>, value<I>...>;
  };
  struct env : make_env<step_list>::type {};  // a short name, which is part of every function's
  template <int I> SINTER_INLINE static value<I>& at(env& e) { return static_cast<env_slot<I, value<I>>&>(e).held; }

  template <int I> static constexpr auto reducer_of() {
    return reducer_for < step_at<I>.op, step_at<I>.from, B,
           step_at<I>.from == dtype::boolean ? W : static_cast<int>(sizeof(register_of<step_at<I>.from>)),
           typename external_at<typename Key::externals, step_at<I>.external>::type > ();
  }
  template <int I> using reducer = typename decltype(reducer_of<I>())::type;

  // Splat of one element.
  template <dtype D> SINTER_INLINE static auto splat(const storage_t<D>* p) {
    if constexpr (D == dtype::boolean) return broadcast_mask<B, W, N>(*p);
    else return broadcast<B, register_of<D>, N>(static_cast<register_of<D>>(*p));
  }
  template <dtype D> SINTER_INLINE static auto zero() {
    if constexpr (D == dtype::boolean) return broadcast_mask<B, W, N>(false);
    else return broadcast<B, register_of<D>, N>(register_of<D>{});
  }

  template <int A, bool Full> SINTER_INLINE static auto load_access(const where& p, const args& a) {
    using S = storage_t<access_at<A>.type>;
    const S* at = reinterpret_cast<const S*>(p.access[A]);
    if constexpr (access_at<A>.kind == fuse::access::index) {
      using R = register_of<access_at<A>.type>;
      using I = std::conditional_t<sizeof(R) == 4, std::int32_t, std::int64_t>;
      const auto start = broadcast<B, I, N>(static_cast<I>(p.origin[A] + p.j * a.access[A].inner));
      const auto index =
          access_at<A>.inner == reach::once ? start : start + iota<B, I, N>() * broadcast<B, I, N>(static_cast<I>(a.access[A].inner));
      return convert_to<S>(index);
    } else if constexpr (access_at<A>.kind == fuse::access::scalar) {
      return splat<access_at<A>.type>(at);
    } else if constexpr (access_at<A>.guards > 0) {
      const extent_t f = p.low[A] - p.j, l = p.high[A] - p.j;
      const int first = static_cast<int>(f < 0 ? 0 : f > N ? N : f), last = static_cast<int>(l < 0 ? 0 : l > p.count ? p.count : l);
      if (first >= last) return zero<access_at<A>.type>();
      if constexpr (access_at<A>.inner == reach::once) return splat<access_at<A>.type>(at);
      else if constexpr (access_at<A>.inner == reach::unit) return load_some<B, N, W>(at + p.j, first, last);
      else return load_strided_some<B, N, W>(at + p.j * a.access[A].inner, a.access[A].inner, first, last);
    } else if constexpr (access_at<A>.inner == reach::once) {
      return splat<access_at<A>.type>(at);
    } else if constexpr (requires { p.template held<A>(); }) {
      return load<B, N, W>(p.template held<A>());
    } else if constexpr (access_at<A>.inner == reach::unit || access_at<A>.staged) {
      if constexpr (Full) return load<B, N, W>(at + p.j);
      else return load_some<B, N, W>(at + p.j, 0, p.count);
    } else if constexpr (access_at<A>.second && Full) {
      return load_second<B, N, W>(at + 2 * p.j);
    } else {
      if (a.access[A].inner == 1) {
        if constexpr (Full) return load<B, N, W>(at + p.j);
        else return load_some<B, N, W>(at + p.j, 0, p.count);
      }
      if constexpr (Full) return load_strided<B, N, W>(at + p.j * a.access[A].inner, a.access[A].inner);
      else return load_strided_some<B, N, W>(at + p.j * a.access[A].inner, a.access[A].inner, 0, p.count);
    }
  }

  // The elements `base` further than an access: one offset for all lanes, and then they lie as those of any access, or one for each.
  template <int A, bool Full, class Base> SINTER_INLINE static auto gather_access(const Base& base, const where& p, const args& a) {
    using S = storage_t<access_at<A>.type>;
    int first = 0, last = Full ? N : p.count;
    if constexpr (access_at<A>.guards > 0) {
      const extent_t f = p.low[A] - p.j, l = p.high[A] - p.j;
      first = static_cast<int>(f < 0 ? 0 : f > N ? N : f), last = static_cast<int>(l < 0 ? 0 : l > last ? last : l);
      if (first >= last) return zero<access_at<A>.type>();
    }
    constexpr bool all = Full && access_at<A>.guards == 0;
    const S* at = reinterpret_cast<const S*>(p.access[A]);
    const extent_t step = a.access[A].inner;
    if constexpr (access_at<A>.apart) {
      using I = typename Base::element;
      at += p.j * step;
      if constexpr (access_at<A>.inner == reach::once) return gather_some<B, N, W, all>(at, base, first, last);
      else return gather_some<B, N, W, all>(at, base + iota<B, I, N>() * broadcast<B, I, N>(static_cast<I>(step)), first, last);
    } else {
      at = moved_by(at, static_cast<extent_t>(sinter::simd::first(base)));
      if constexpr (access_at<A>.inner == reach::once) return splat<access_at<A>.type>(at);
      else if constexpr (access_at<A>.inner == reach::unit && all) return load<B, N, W>(at + p.j);
      else if constexpr (access_at<A>.inner == reach::unit) return load_some<B, N, W>(at + p.j, first, last);
      else if constexpr (all) return load_strided<B, N, W>(at + p.j * step, step);
      else return load_strided_some<B, N, W>(at + p.j * step, step, first, last);
    }
  }
  template <class S> SINTER_INLINE static S* moved_by(S* p, extent_t elements) { return p + elements; }

  // Shifts by a constant are instructions of their own, and need no look at the count.
  template <int I> SINTER_HOST_DEVICE static constexpr bool is_known_shift() {
    if constexpr (is_shift(step_at<I>.op)) return step_at<step_at<I>.operand[1]>.op == opcode::constant;
    else return false;
  }
  template <int I> SINTER_HOST_DEVICE static constexpr int known_count() {
    constexpr auto k = step_at<step_at<I>.operand[1]>.constant;
    return k < 0 || k > 63 ? 64 : static_cast<int>(k);
  }

  template <int I, bool Full> SINTER_INLINE static auto compute(env& e, const where& p, const args& a) {
    if constexpr (step_at<I>.op == opcode::constant) {
      if constexpr (step_at<I>.type == dtype::boolean) return broadcast_mask<B, W, N>(step_at<I>.constant != 0);
      else if constexpr (is_float(step_at<I>.type)) {
        using R = register_of<step_at<I>.type>;  // rounded by the compiler: a backend's own way may look at run time
        constexpr R x = storage_t<step_at<I>.type>(static_cast<R>(__builtin_bit_cast(double, step_at<I>.constant)));
        return broadcast<B, R, N>(x);
      } else return broadcast<B, register_of<step_at<I>.type>, N>(static_cast<register_of<step_at<I>.type>>(step_at<I>.constant));
    } else if constexpr (step_at<I>.op == opcode::scatter) {
      return at<step_at<I>.operand[1]>(e);
    } else if constexpr (step_at<I>.op == opcode::gather) {
      return gather_access<step_at<I>.access, Full>(at<step_at<I>.operand[0]>(e), p, a);
    } else if constexpr (step_at<I>.access >= 0) {
      return load_access<step_at<I>.access, Full>(p, a);
    } else if constexpr (step_at<I>.op == opcode::pad) {
      return choose<I>(e, p, a);
    } else if constexpr (is_known_shift<I>()) {
      return round_to<storage_t<step_at<I>.type>>(shift_op<step_at<I>.op, step_at<I>.type>(at<step_at<I>.operand[0]>(e), known_count<I>()));
    } else {
      return element_op<step_at<I>.op, step_at<I>.type, step_at<I>.from, W,
                        typename external_at<typename Key::externals, step_at<I>.external>::type, policy>(
          operands<I>(e, sinter::detail::make_int_list<step_at<I>.operands>{}));
    }
  }
  template <int I, int... K> SINTER_INLINE static auto operands(env& e, sinter::detail::int_list<K...>) {
    return packed<value<step_at<I>.operand[K]>...>{{at<step_at<I>.operand[K]>(e)}...};
  }
  // pad and concatenate: the first operand where all bounds hold, else the second.
  template <int I> SINTER_INLINE static value<I> choose(env& e, const where& p, const args& a) {
    extent_t low = 0, high = detail::largest<extent_t>;
    narrow<step_at<I>.first_guard>(low, high, p, a, sinter::detail::make_int_list<step_at<I>.guards>{});
    const extent_t f = low - p.j, l = high - p.j;
    const int first = static_cast<int>(f < 0 ? 0 : f > N ? N : f), last = static_cast<int>(l < 0 ? 0 : l > N ? N : l);
    if constexpr (step_at<I>.type == dtype::boolean) {
      return select(first_lanes<B, W, N>(last) & ~first_lanes<B, W, N>(first), at<step_at<I>.operand[0]>(e), at<step_at<I>.operand[1]>(e));
    } else {
      constexpr int bytes = sizeof(register_of<step_at<I>.type>);
      return select(first_lanes<B, bytes, N>(last) & ~first_lanes<B, bytes, N>(first), at<step_at<I>.operand[0]>(e),
                    at<step_at<I>.operand[1]>(e));
    }
  }
  // Index of the loops around the packet, for bounds on them. [0, outer) is the odometer of the row, [outer] the reduced loop.
  static constexpr int loop_index = outer;
  template <int First, int... G>
  SINTER_INLINE static void narrow(extent_t& low, extent_t& high, const where& p, const args& a, sinter::detail::int_list<G...>) {
    (narrow_by<First + G>(low, high, p, a), ...);
  }
  template <int G> SINTER_INLINE static void narrow_by(extent_t& low, extent_t& high, const where& p, const args& a) {
    constexpr int dim = parts::c.guard_dim[G], g = G;
    if constexpr (dim == fuse::loop_access::inner_dim) {
      low = a.first[g] > low ? a.first[g] : low;
      high = a.last[g] < high ? a.last[g] : high;
    } else {
      const extent_t i = p.index[dim == fuse::loop_access::loop_dim ? loop_index : dim];
      if (i < a.first[g] || i >= a.last[g]) high = low;
    }
  }

  // The steps of loop L for one packet. Kept: the env still holds what an earlier loop computed.
  template <int L, bool Full, bool Kept = false> SINTER_INLINE static void element_steps(env& e, const where& p, const args& a) {
    element_steps<L, Full, Kept>(e, p, a, step_list{});
  }
  template <int L, bool Full, bool Kept, int... I>
  SINTER_INLINE static void element_steps(env& e, const where& p, const args& a, sinter::detail::int_list<I...>) {
    (element_step<I, L, Full, Kept>(e, p, a), ...);
  }
  SINTER_HOST_DEVICE static constexpr int first_loop(unsigned loops) {
    int l = 0;
    while (!(loops >> l & 1)) ++l;
    return l;
  }
  template <int I, int L, bool Full, bool Kept> SINTER_INLINE static void element_step(env& e, const where& p, const args& a) {
    if constexpr (step_at<I>.element && step_at<I>.reduction < 0 && (step_at<I>.loops >> L & 1) &&
                  !(Kept && first_loop(step_at<I>.loops) != L)) {
      if constexpr (step_at<I>.buffer >= 0 && first_loop(step_at<I>.loops) != L) {
        at<I>(e) = load<B, N, W>(kept<I>(p, a));
      } else {
        at<I>(e) = compute<I, Full>(e, p, a);
        if constexpr (step_at<I>.buffer >= 0) store(kept<I>(p, a), at<I>(e));
      }
    }
  }
  template <int I> SINTER_INLINE static auto kept(const where& p, const args& a) {
    using S = storage_t<register_dtype(step_at<I>.type)>;
    const extent_t row = columns ? a.loop * N : (a.inner + N - 1) / N * N;
    return reinterpret_cast<S*>(static_cast<char*>(a.buffer) + (step_at<I>.buffer + p.which * parts::c.buffers) * row * 8) + p.kept;
  }
  // The steps that depend on the row only and on D reductions.
  template <int D, bool Full> SINTER_INLINE static void row_steps(env& e, const where& p, const args& a) {
    row_steps<D, Full>(e, p, a, step_list{});
  }
  template <int D, bool Full, int... I>
  SINTER_INLINE static void row_steps(env& e, const where& p, const args& a, sinter::detail::int_list<I...>) {
    (row_step<I, D, Full>(e, p, a), ...);
  }
  template <int I, int D, bool Full> SINTER_INLINE static void row_step(env& e, const where& p, const args& a) {
    if constexpr (!step_at<I>.element && step_at<I>.reduction < 0 && step_at<I>.depth == D) at<I>(e) = compute<I, Full>(e, p, a);
  }
  // These steps in their order, whatever they depend on.
  template <bool Full, int... I> SINTER_INLINE static void steps(env& e, const where& p, const args& a, sinter::detail::int_list<I...>) {
    ((at<I>(e) = compute<I, Full>(e, p, a)), ...);
  }
  // Stores of element values that belong to loop L.
  template <int L, bool Full, bool Stream> SINTER_INLINE static void element_stores(env& e, const where& p, const args& a) {
    element_stores<L, Full, Stream>(e, p, a, sinter::detail::make_int_list<size.stores>{});
  }
  template <int L, bool Full, bool Stream, int... S>
  SINTER_INLINE static void element_stores(env& e, const where& p, const args& a, sinter::detail::int_list<S...>) {
    (store_one<S, L, Full, Stream>(e, p, a), ...);
  }
  template <int S, int L, bool Full, bool Stream> SINTER_INLINE static void store_one(env& e, const where& p, const args& a) {
    if constexpr (store_at<S>.element && store_at<S>.loop == L) write<S, Full, Stream>(e, p, a);
  }
  // Stores of values of the row: one element (rows) or one strip (columns).
  template <bool Full> SINTER_INLINE static void row_stores(env& e, const where& p, const args& a) {
    row_stores<Full>(e, p, a, sinter::detail::make_int_list<size.stores>{});
  }
  template <bool Full, int... S>
  SINTER_INLINE static void row_stores(env& e, const where& p, const args& a, sinter::detail::int_list<S...>) {
    (store_row<S, Full>(e, p, a), ...);
  }
  template <int S, bool Full> SINTER_INLINE static void store_row(env& e, const where& p, const args& a) {
    if constexpr (!store_at<S>.element) write<S, Full, false>(e, p, a);
  }
  template <int S, bool Full, bool Stream> SINTER_INLINE static void write(env& e, const where& p, const args& a) {
    auto* to = reinterpret_cast<storage_t<store_at<S>.type>*>(p.store[S]);
    const auto& x = at<store_at<S>.step>(e);
    if constexpr (store_at<S>.scattered) {
      scatter<S, Full>(e, p, a);
    } else if constexpr (requires { p.template pending<S>(); }) {
      store(p.template pending<S>(), x);
    } else if constexpr (Full && store_at<S>.pair == fuse::code_store::first) {
      store_pairs(to + 2 * p.j, x, at<store_at<S + 1>.step>(e));
    } else if constexpr (Full && store_at<S>.pair == fuse::code_store::second) {
      // Written by the one before.
    } else if constexpr (store_at<S>.inner == reach::once && std::same_as<storage_t<store_at<S>.type>, register_of<store_at<S>.type>>) {
      store(to, first_lane<N>(x));  // a masked store of a whole vector crosses cache lines
    } else if constexpr (store_at<S>.inner == reach::once) {
      store_some(to, x, 0, 1);
    } else if constexpr (store_at<S>.inner == reach::unit) {
      if constexpr (Full && Stream) stream(to + p.j, x);
      else if constexpr (Full) store(to + p.j, x);
      else store_some(to + p.j, x, 0, p.count);
    } else {
      if (a.store[S].inner == 1) {
        if constexpr (Full) store(to + p.j, x);
        else store_some(to + p.j, x, 0, p.count);
      } else if constexpr (Full) store_strided(to + p.j * a.store[S].inner, x, a.store[S].inner);
      else store_strided_some(to + p.j * a.store[S].inner, x, a.store[S].inner, 0, p.count);
    }
  }

  // Combines updates with the elements that they are for, in order. One offset for the whole packet: its elements lie apart from each
  // other, and beside each other where the stride is 1.
  template <int S, bool Full> SINTER_INLINE static void scatter(env& e, const where& p, const args& a) {
    using T = storage_t<store_at<S>.type>;
    T* to = reinterpret_cast<T*>(p.store[S]);
    const auto& base = at<step_at<store_at<S>.step>.operand[0]>(e);
    const auto& x = at<step_at<store_at<S>.step>.operand[1]>(e);
    const extent_t step = a.store[S].inner;
    const int count = Full ? N : p.count;
    if constexpr (!store_at<S>.apart && store_at<S>.inner == reach::unit) {
      const auto from = static_cast<extent_t>(sinter::simd::first(base));
      if (from < 0) return;
      to += from + p.j;
      if constexpr (static_cast<combiner>(step_at<store_at<S>.step>.constant) == combiner::set) {
        if constexpr (Full) store(to, x);
        else store_some(to, x, 0, count);
      } else if constexpr (Full) {
        store(to, combined<S>(load<B, N, W>(static_cast<const T*>(to)), x));
      } else {
        store_some(to, combined<S>(load_some<B, N, W>(static_cast<const T*>(to), 0, count), x), 0, count);
      }
    } else {
      using I = typename std::remove_cvref_t<decltype(base)>::element;
      I offset[N];
      T update[N];
      store(offset, base), store(update, x);
      for (int l = 0; l < count; ++l) {
        if (offset[l] < 0) continue;
        T* const element = to + (p.j + l) * step + offset[l];
        if constexpr (static_cast<combiner>(step_at<store_at<S>.step>.constant) == combiner::set) *element = update[l];
        else store(element, combined<S>(load<B, 1, W>(static_cast<const T*>(element)), load<B, 1, W>(static_cast<const T*>(update + l))));
      }
    }
  }
  template <int S, class X> SINTER_INLINE static auto combined(const X& x, const X& update) {
    constexpr dtype type = store_at<S>.type;
    constexpr opcode op[] = {opcode::add, opcode::add, opcode::multiply, opcode::maximum, opcode::minimum};
    return element_op<op[step_at<store_at<S>.step>.constant], type, type, W, void, policy>(packed<X, X>{{x}, {update}});
  }

  // Sets the pointers for one index of the outer loops (and the reduced loop).
  SINTER_INLINE static void go_to(where& p, const args& a, const extent_t* index) {
    go_to(p, a, index, sinter::detail::make_int_list<size.accesses>{}, sinter::detail::make_int_list<size.stores>{});
  }
  template <int... A, int... S> SINTER_INLINE static void go_to(where& p, const args& a, const extent_t* index,
                                                                sinter::detail::int_list<A...>, sinter::detail::int_list<S...>) {
    for (int d = 0; d < outer + columns; ++d) p.index[d] = index[d];
    (access_to<A>(p, a, index), ...);
    (store_to<S>(p, a, index), ...);
  }
  template <int A> SINTER_INLINE static void access_to(where& p, const args& a, const extent_t* index) {
    extent_t o = 0;
    for (int d = 0; d < outer; ++d) o += index[d] * a.access[A].outer[d];
    if constexpr (columns) o += index[loop_index] * a.access[A].loop;
    if constexpr (access_at<A>.kind == fuse::access::index) p.origin[A] = a.origin[A] + o;
    else if constexpr (access_at<A>.guards > 0)
      p.access[A] = moved(a.access[A].base, o * static_cast<extent_t>(sizeof(storage_t<access_at<A>.type>)));
    else p.access[A] = a.access[A].base + o * static_cast<extent_t>(sizeof(storage_t<access_at<A>.type>));
    if constexpr (access_at<A>.guards > 0) {
      extent_t low = 0, high = a.inner;
      narrow<access_at<A>.first_guard>(low, high, p, a, sinter::detail::make_int_list<access_at<A>.guards>{});
      p.low[A] = low, p.high[A] = high;
    }
  }
  template <int S> SINTER_INLINE static void store_to(where& p, const args& a, const extent_t* index) {
    extent_t o = 0;
    for (int d = 0; d < outer; ++d) o += index[d] * a.store[S].outer[d];
    if constexpr (columns) o += index[loop_index] * a.store[S].loop;
    p.store[S] = a.store[S].base + o * static_cast<extent_t>(sizeof(storage_t<store_at<S>.type>));
  }
};

}  // namespace simd
}  // namespace SINTER_ISA
}  // namespace sinter
