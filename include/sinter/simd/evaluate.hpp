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
  friend constexpr auto code_of(key);
  SINTER_NON_TEMPLATE_FRIEND_END
};

// Says what a key names, once: equal codes of different functions meet here.
template <class Key, class Code> struct define_code {
  friend constexpr auto code_of(Key) { return Code::value; }
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

template <class Key, class B, int N> struct evaluator {
  static constexpr auto c = code_of(Key{});
  static constexpr auto size = decltype(c)::size;
  static constexpr int W = c.mask_bytes;
  using policy = std::conditional_t<c.fast_math, math::fast, math::accurate>;
  static constexpr bool columns = c.kind == fuse::group_kind::columns;
  using args = fuse::arguments<size.accesses, size.stores, size.guards, c.outer>;
  using where = position<size.accesses, size.stores>;
  using step_list = sinter::detail::make_int_list<size.steps>;
  using access_list = sinter::detail::make_int_list<size.accesses>;

  template <int I> using value = typename value_of<B, c.steps[I].type, W, N>::type;
  template <class> struct make_env;
  template <int... I> struct make_env<sinter::detail::int_list<I...>> {
    using type = env_slots<sinter::detail::int_list<I...>, value<I>...>;
  };
  using env = typename make_env<step_list>::type;
  template <int I> SINTER_INLINE static value<I>& at(env& e) { return static_cast<env_slot<I, value<I>>&>(e).held; }

  template <int I> static constexpr auto reducer_of() {
    constexpr fuse::code_step s = c.steps[I];
    return reducer_for < s.op, s.from, B, s.from == dtype::boolean ? W : static_cast<int>(sizeof(register_of<s.from>)),
           typename external_at<typename Key::externals, s.external>::type > ();
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
    constexpr fuse::code_access k = c.accesses[A];
    using S = storage_t<k.type>;
    const S* at = reinterpret_cast<const S*>(p.access[A]);
    if constexpr (k.kind == fuse::access::index) {
      using R = register_of<k.type>;
      using I = std::conditional_t<sizeof(R) == 4, std::int32_t, std::int64_t>;
      const auto start = broadcast<B, I, N>(static_cast<I>(p.origin[A] + p.j * a.access[A].inner));
      const auto index = k.inner == reach::once ? start : start + iota<B, I, N>() * broadcast<B, I, N>(static_cast<I>(a.access[A].inner));
      return convert_to<S>(index);
    } else if constexpr (k.kind == fuse::access::scalar) {
      return splat<k.type>(at);
    } else if constexpr (k.guards > 0) {
      const extent_t f = p.low[A] - p.j, l = p.high[A] - p.j;
      const int first = static_cast<int>(f < 0 ? 0 : f > N ? N : f), last = static_cast<int>(l < 0 ? 0 : l > p.count ? p.count : l);
      if (first >= last) return zero<k.type>();
      if constexpr (k.inner == reach::once) return splat<k.type>(at);
      else if constexpr (k.inner == reach::unit) return load_some<B, N, W>(at + p.j, first, last);
      else return load_strided_some<B, N, W>(at + p.j * a.access[A].inner, a.access[A].inner, first, last);
    } else if constexpr (k.inner == reach::once) {
      return splat<k.type>(at);
    } else if constexpr (k.inner == reach::unit || k.staged) {
      if constexpr (Full) return load<B, N, W>(at + p.j);
      else return load_some<B, N, W>(at + p.j, 0, p.count);
    } else if constexpr (k.second && Full) {
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
    constexpr fuse::code_access k = c.accesses[A];
    using S = storage_t<k.type>;
    int first = 0, last = Full ? N : p.count;
    if constexpr (k.guards > 0) {
      const extent_t f = p.low[A] - p.j, l = p.high[A] - p.j;
      first = static_cast<int>(f < 0 ? 0 : f > N ? N : f), last = static_cast<int>(l < 0 ? 0 : l > last ? last : l);
      if (first >= last) return zero<k.type>();
    }
    constexpr bool all = Full && k.guards == 0;
    const S* at = reinterpret_cast<const S*>(p.access[A]);
    const extent_t step = a.access[A].inner;
    if constexpr (k.apart) {
      using I = typename Base::element;
      at += p.j * step;
      if constexpr (k.inner == reach::once) return gather_some<B, N, W, all>(at, base, first, last);
      else return gather_some<B, N, W, all>(at, base + iota<B, I, N>() * broadcast<B, I, N>(static_cast<I>(step)), first, last);
    } else {
      at = moved_by(at, static_cast<extent_t>(sinter::simd::first(base)));
      if constexpr (k.inner == reach::once) return splat<k.type>(at);
      else if constexpr (k.inner == reach::unit && all) return load<B, N, W>(at + p.j);
      else if constexpr (k.inner == reach::unit) return load_some<B, N, W>(at + p.j, first, last);
      else if constexpr (all) return load_strided<B, N, W>(at + p.j * step, step);
      else return load_strided_some<B, N, W>(at + p.j * step, step, first, last);
    }
  }
  template <class S> SINTER_INLINE static S* moved_by(S* p, extent_t elements) { return p + elements; }

  // Shifts by a constant are instructions of their own, and need no look at the count.
  SINTER_HOST_DEVICE static constexpr bool is_known_shift(const fuse::code_step& s) {
    return is_shift(s.op) && c.steps[s.operand[1]].op == opcode::constant;
  }
  template <int I> SINTER_HOST_DEVICE static constexpr int known_count() {
    constexpr auto k = c.steps[c.steps[I].operand[1]].constant;
    return k < 0 || k > 63 ? 64 : static_cast<int>(k);
  }

  template <int I, bool Full> SINTER_INLINE static auto compute(env& e, const where& p, const args& a) {
    constexpr fuse::code_step s = c.steps[I];
    if constexpr (s.op == opcode::constant) {
      if constexpr (s.type == dtype::boolean) return broadcast_mask<B, W, N>(s.constant != 0);
      else if constexpr (is_float(s.type))
        return round_to<storage_t<s.type>>(
            broadcast<B, register_of<s.type>, N>(static_cast<register_of<s.type>>(__builtin_bit_cast(double, s.constant))));
      else return broadcast<B, register_of<s.type>, N>(static_cast<register_of<s.type>>(s.constant));
    } else if constexpr (s.op == opcode::scatter) {
      return at<s.operand[1]>(e);
    } else if constexpr (s.op == opcode::gather) {
      return gather_access<s.access, Full>(at<s.operand[0]>(e), p, a);
    } else if constexpr (s.access >= 0) {
      return load_access<s.access, Full>(p, a);
    } else if constexpr (s.op == opcode::pad) {
      return choose<I>(e, p, a);
    } else if constexpr (is_known_shift(s)) {
      return round_to<storage_t<s.type>>(shift_op<s.op, s.type>(at<s.operand[0]>(e), known_count<I>()));
    } else {
      return element_op<s.op, s.type, s.from, W, typename external_at<typename Key::externals, s.external>::type, policy>(
          operands<I>(e, sinter::detail::make_int_list<s.operands>{}));
    }
  }
  template <int I, int... K> SINTER_INLINE static auto operands(env& e, sinter::detail::int_list<K...>) {
    return packed<value<c.steps[I].operand[K]>...>{{at<c.steps[I].operand[K]>(e)}...};
  }
  // pad and concatenate: the first operand where all bounds hold, else the second.
  template <int I> SINTER_INLINE static value<I> choose(env& e, const where& p, const args& a) {
    constexpr fuse::code_step s = c.steps[I];
    extent_t low = 0, high = std::numeric_limits<extent_t>::max();
    for (int g = s.first_guard; g < s.first_guard + s.guards; ++g) narrow(low, high, g, p, a);
    const extent_t f = low - p.j, l = high - p.j;
    const int first = static_cast<int>(f < 0 ? 0 : f > N ? N : f), last = static_cast<int>(l < 0 ? 0 : l > N ? N : l);
    if constexpr (s.type == dtype::boolean) {
      return select(first_lanes<B, W, N>(last) & ~first_lanes<B, W, N>(first), at<s.operand[0]>(e), at<s.operand[1]>(e));
    } else {
      constexpr int bytes = sizeof(register_of<s.type>);
      return select(first_lanes<B, bytes, N>(last) & ~first_lanes<B, bytes, N>(first), at<s.operand[0]>(e), at<s.operand[1]>(e));
    }
  }
  // Index of the loops around the packet, for bounds on them. [outer] is the odometer of the row, [c.outer] the reduced loop.
  static constexpr int loop_index = c.outer;
  SINTER_INLINE static void narrow(extent_t& low, extent_t& high, int g, const where& p, const args& a) {
    const int dim = c.guard_dim[g];
    if (dim == fuse::loop_access::inner_dim) {
      low = a.first[g] > low ? a.first[g] : low;
      high = a.last[g] < high ? a.last[g] : high;
    } else {
      const extent_t i = dim == fuse::loop_access::loop_dim ? p.index[loop_index] : p.index[dim];
      if (i < a.first[g] || i >= a.last[g]) high = low;
    }
  }

  // The steps of loop L for one packet.
  template <int L, bool Full> SINTER_INLINE static void element_steps(env& e, const where& p, const args& a) {
    element_steps<L, Full>(e, p, a, step_list{});
  }
  template <int L, bool Full, int... I>
  SINTER_INLINE static void element_steps(env& e, const where& p, const args& a, sinter::detail::int_list<I...>) {
    (element_step<I, L, Full>(e, p, a), ...);
  }
  SINTER_HOST_DEVICE static constexpr int first_loop(unsigned loops) {
    int l = 0;
    while (!(loops >> l & 1)) ++l;
    return l;
  }
  template <int I, int L, bool Full> SINTER_INLINE static void element_step(env& e, const where& p, const args& a) {
    constexpr fuse::code_step s = c.steps[I];
    if constexpr (s.element && s.reduction < 0 && (s.loops >> L & 1)) {
      if constexpr (s.buffer >= 0 && first_loop(s.loops) != L) {
        at<I>(e) = load<B, N, W>(kept<I>(p, a));
      } else {
        at<I>(e) = compute<I, Full>(e, p, a);
        if constexpr (s.buffer >= 0) store(kept<I>(p, a), at<I>(e));
      }
    }
  }
  template <int I> SINTER_INLINE static auto kept(const where& p, const args& a) {
    constexpr fuse::code_step s = c.steps[I];
    using S = storage_t<register_dtype(s.type)>;
    const extent_t row = columns ? a.loop * N : (a.inner + N - 1) / N * N;
    return reinterpret_cast<S*>(static_cast<char*>(a.buffer) + (s.buffer + p.which * c.buffers) * row * 8) + p.kept;
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
    constexpr fuse::code_step s = c.steps[I];
    if constexpr (!s.element && s.reduction < 0 && s.depth == D) at<I>(e) = compute<I, Full>(e, p, a);
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
    constexpr fuse::code_store s = c.stores[S];
    if constexpr (s.element && s.loop == L) write<S, Full, Stream>(e, p, a);
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
    constexpr fuse::code_store s = c.stores[S];
    if constexpr (!s.element) write<S, Full, false>(e, p, a);
  }
  template <int S, bool Full, bool Stream> SINTER_INLINE static void write(env& e, const where& p, const args& a) {
    constexpr fuse::code_store s = c.stores[S];
    auto* to = reinterpret_cast<storage_t<s.type>*>(p.store[S]);
    const auto& x = at<s.step>(e);
    if constexpr (s.scattered) {
      scatter<S, Full>(e, p, a);
    } else if constexpr (Full && s.pair == fuse::code_store::first) {
      store_pairs(to + 2 * p.j, x, at<c.stores[S + 1].step>(e));
    } else if constexpr (Full && s.pair == fuse::code_store::second) {
      // Written by the one before.
    } else if constexpr (s.inner == reach::once && std::same_as<storage_t<s.type>, register_of<s.type>>) {
      store(to, first_lane<N>(x));  // a masked store of a whole vector crosses cache lines
    } else if constexpr (s.inner == reach::once) {
      store_some(to, x, 0, 1);
    } else if constexpr (s.inner == reach::unit) {
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
    constexpr fuse::code_store s = c.stores[S];
    constexpr fuse::code_step t = c.steps[s.step];
    using T = storage_t<s.type>;
    T* to = reinterpret_cast<T*>(p.store[S]);
    const auto& base = at<t.operand[0]>(e);
    const auto& x = at<t.operand[1]>(e);
    const extent_t step = a.store[S].inner;
    const int count = Full ? N : p.count;
    if constexpr (!s.apart && s.inner == reach::unit) {
      const auto from = static_cast<extent_t>(sinter::simd::first(base));
      if (from < 0) return;
      to += from + p.j;
      if constexpr (static_cast<combiner>(t.constant) == combiner::set) {
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
        if constexpr (static_cast<combiner>(t.constant) == combiner::set) *element = update[l];
        else store(element, combined<S>(load<B, 1, W>(static_cast<const T*>(element)), load<B, 1, W>(static_cast<const T*>(update + l))));
      }
    }
  }
  template <int S, class X> SINTER_INLINE static auto combined(const X& x, const X& update) {
    constexpr dtype type = c.stores[S].type;
    constexpr opcode op[] = {opcode::add, opcode::add, opcode::multiply, opcode::maximum, opcode::minimum};
    return element_op<op[c.steps[c.stores[S].step].constant], type, type, W, void, policy>(packed<X, X>{{x}, {update}});
  }

  // Sets the pointers for one index of the outer loops (and the reduced loop).
  SINTER_INLINE static void go_to(where& p, const args& a, const extent_t* index) {
    go_to(p, a, index, sinter::detail::make_int_list<size.accesses>{}, sinter::detail::make_int_list<size.stores>{});
  }
  template <int... A, int... S> SINTER_INLINE static void go_to(where& p, const args& a, const extent_t* index,
                                                                sinter::detail::int_list<A...>, sinter::detail::int_list<S...>) {
    for (int d = 0; d < c.outer + columns; ++d) p.index[d] = index[d];
    (access_to<A>(p, a, index), ...);
    (store_to<S>(p, a, index), ...);
  }
  template <int A> SINTER_INLINE static void access_to(where& p, const args& a, const extent_t* index) {
    constexpr fuse::code_access k = c.accesses[A];
    extent_t o = 0;
    for (int d = 0; d < c.outer; ++d) o += index[d] * a.access[A].outer[d];
    if constexpr (columns) o += index[loop_index] * a.access[A].loop;
    if constexpr (k.kind == fuse::access::index) p.origin[A] = a.origin[A] + o;
    else if constexpr (k.guards > 0) p.access[A] = moved(a.access[A].base, o * static_cast<extent_t>(sizeof(storage_t<k.type>)));
    else p.access[A] = a.access[A].base + o * static_cast<extent_t>(sizeof(storage_t<k.type>));
    if constexpr (k.guards > 0) {
      extent_t low = 0, high = a.inner;
      for (int g = k.first_guard; g < k.first_guard + k.guards; ++g) narrow(low, high, g, p, a);
      p.low[A] = low, p.high[A] = high;
    }
  }
  template <int S> SINTER_INLINE static void store_to(where& p, const args& a, const extent_t* index) {
    extent_t o = 0;
    for (int d = 0; d < c.outer; ++d) o += index[d] * a.store[S].outer[d];
    if constexpr (columns) o += index[loop_index] * a.store[S].loop;
    p.store[S] = a.store[S].base + o * static_cast<extent_t>(sizeof(storage_t<c.stores[S].type>));
  }
};

}  // namespace simd
}  // namespace SINTER_ISA
}  // namespace sinter
