// SPDX-License-Identifier: Apache-2.0
// Where a thread's packets are: the index of outer loops of a row, pointers at it, and numbers that came with the arguments.
#pragma once

#include <sinter/cuda/backend.hpp>
#include <sinter/simd/evaluate.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace cuda_kernels {

// How many elements one access of 16 bytes holds, of the widest type that a kernel reads or writes in order along its inner loop; 1 where
// there are none, and where elements are found by an offset that need not be a multiple of that.
template <class Code> SINTER_HOST_DEVICE constexpr int packet_of(const Code& c) {
  int widest = 0;
  for (int i = 0; i < Code::size.accesses; ++i) {
    const fuse::code_access& k = c.accesses[i];
    if (k.kind != fuse::access::memory) continue;
    if (k.indexed && k.inner == fuse::reach::unit && !k.apart) return 1;
    if (k.inner == fuse::reach::unit && size_of(k.type) > widest) widest = size_of(k.type);
  }
  for (int i = 0; i < Code::size.stores; ++i) {
    const fuse::code_store& k = c.stores[i];
    if (k.scattered) return 1;
    if (k.inner == fuse::reach::unit && size_of(k.type) > widest) widest = size_of(k.type);
  }
  return widest == 0 ? 1 : 16 / widest < 8 ? 16 / widest : 8;
}

// Whether packets of V elements lie at addresses that are multiples of their size, in every row.
template <class Code, class Args> constexpr bool is_aligned(const Args& a, int v) {
  const auto good = [&](const auto& p, extent_t bytes) {
    extent_t chunk = v * bytes < 16 ? v * bytes : 16;
    bool all = reinterpret_cast<std::uintptr_t>(p.base) % static_cast<std::uintptr_t>(chunk) == 0;
    for (int d = 0; d < Code::value.outer; ++d) all &= a.outer[d] == 1 || p.outer[d] * bytes % chunk == 0;
    return all && (a.loop == 1 || p.loop * bytes % chunk == 0);
  };
  if (a.inner % v != 0) return false;
  bool all = true;
  for (int i = 0; i < Code::size.accesses; ++i) {
    const fuse::code_access& k = Code::value.accesses[i];
    if (k.kind == fuse::access::memory && k.inner == fuse::reach::unit && k.guards == 0) all &= good(a.access[i], size_of(k.type));
  }
  for (int i = 0; i < Code::size.stores; ++i)
    if (Code::value.stores[i].inner == fuse::reach::unit) all &= good(a.store[i], size_of(Code::value.stores[i].type));
  return all;
}

// A position with V elements of every operand and result that lies in order along the inner loop: read by one access before they are
// computed with, written by one afterwards. The steps in between see one element at a time, which takes a compiler less than packets do.
// Its type knows nothing of the kernel but what these elements are (void: none), so that many kernels share it.
template <class Parts, int A> constexpr bool holds_operand() {
  constexpr fuse::code_access k = Parts::template access_at<A>;
  // What a column needs once, before or after its elements, is read where it is needed.
  bool of_elements = false;
  for (int i = 0; i < Parts::size.steps; ++i) of_elements |= Parts::c.steps[i].access == A && Parts::c.steps[i].element;
  return k.kind == fuse::access::memory && k.inner == fuse::reach::unit && k.guards == 0 && !k.indexed && !k.staged && of_elements;
}
template <class Parts, int S> constexpr bool holds_result() {
  constexpr fuse::code_store k = Parts::template store_at<S>;
  // Of column programs what belongs to a strip, too.
  return (k.element || Parts::kind == fuse::group_kind::columns) && k.inner == fuse::reach::unit && !k.scattered &&
         k.pair == fuse::code_store::alone;
}
template <bool Exists, dtype T> using held_type =
    typename std::conditional_t<Exists, std::type_identity<storage_t<T>>, std::type_identity<void>>::type;
template <bool IsResult, int I, class T, int V> struct held_elements {
  typename simd::instructions<backend::cuda>::template chunk<T, V> chunk;
};
template <bool IsResult, int I, int V> struct held_elements<IsResult, I, void, V> {};

using sinter::detail::int_list, sinter::detail::type_list, sinter::detail::make_int_list;

template <int V, class Operands, class Results, class Accesses, class Stores> struct packet_position;
template <int V, class... O, class... R, int... A, int... S>
struct packet_position<V, type_list<O...>, type_list<R...>, int_list<A...>, int_list<S...>>
    : simd::position<static_cast<int>(sizeof...(A)), static_cast<int>(sizeof...(S))>,
      held_elements<false, A, O, V>...,
      held_elements<true, S, R, V>... {
  int lane = 0;
  template <int I> using operand_type = sinter::detail::nth_t<I, O..., void>;
  template <int I> using result_type = sinter::detail::nth_t<I, R..., void>;
  template <int I> using operand = held_elements<false, I, operand_type<I>, V>;
  template <int I> using result = held_elements<true, I, result_type<I>, V>;

  // Of the lane that is computed.
  template <int I>
  requires(!std::is_void_v<operand_type<I>>) SINTER_INLINE const auto* held() const {
    return static_cast<const operand<I>&>(*this).chunk.lane + lane;
  }
  template <int I>
  requires(!std::is_void_v<result_type<I>>) SINTER_INLINE auto* pending() const {
    return const_cast<packet_position*>(this)->template result_at<I>() + lane;
  }
  template <int I> SINTER_INLINE auto* result_at() { return static_cast<result<I>&>(*this).chunk.lane; }
  // All lanes, from where the packet is and to there.
  template <int... I> SINTER_INLINE void read([[maybe_unused]] extent_t at, int_list<I...>) { (read_one<I>(at), ...); }
  template <int... I> SINTER_INLINE void write([[maybe_unused]] extent_t at, int_list<I...>) const { (write_one<I>(at), ...); }

 private:
  template <int I> SINTER_INLINE void read_one(extent_t at) {
    if constexpr (!std::is_void_v<operand_type<I>>) {
      auto& to = static_cast<operand<I>&>(*this).chunk;
      using elements = std::remove_reference_t<decltype(to)>;
      to = *reinterpret_cast<const elements*>(reinterpret_cast<const operand_type<I>*>(this->access[I]) + at);
    }
  }
  template <int I> SINTER_INLINE void write_one(extent_t at) const {
    if constexpr (!std::is_void_v<result_type<I>>) {
      const auto& from = static_cast<const result<I>&>(*this).chunk;
      using elements = std::remove_cvref_t<decltype(from)>;
      *reinterpret_cast<elements*>(reinterpret_cast<result_type<I>*>(this->store[I]) + at) = from;
    }
  }
};

// V: elements of a packet; 0: what the steps read and write is where it is.
template <class Key, int V> struct position_of {
  using parts = simd::code_parts<Key>;
  using accesses = make_int_list<parts::size.accesses>;
  using stores = make_int_list<parts::size.stores>;
  template <class, class> struct made;
  template <int... A, int... S> struct made<int_list<A...>, int_list<S...>> {
    using type = packet_position<V, type_list<held_type<holds_operand<parts, A>(), parts::template access_at<A>.type>...>,
                                 type_list<held_type<holds_result<parts, S>(), parts::template store_at<S>.type>...>, accesses, stores>;
  };
  using type = typename made<accesses, stores>::type;
};
template <class Key> struct position_of<Key, 0> {
  static constexpr auto size = simd::code_parts<Key>::size;
  using type = simd::position<size.accesses, size.stores>;
};

// A few numbers below N, in order; as a list.
template <int N> struct chosen {
  int count = 0, at[N + 1] = {};
  constexpr void add(int i) { at[count++] = i; }
};
template <class Chosen, class> struct chosen_list;
template <class Chosen, int... K> struct chosen_list<Chosen, int_list<K...>> { using type = int_list<Chosen::value.at[K]...>; };
template <class Chosen> using list_of = typename chosen_list<Chosen, make_int_list<Chosen::value.count>>::type;

// Rows or columns that several blocks share: each leaves what it reduced of its part in memory, the last to arrive combines them.
template <int Accesses, int Stores, int Guards, int Outer> struct cut_arguments : fuse::arguments<Accesses, Stores, Guards, Outer> {
  extent_t cuts = 1;        // parts of each row, or strip of columns
  int* arrived = nullptr;   // of each, the parts that are done: 0 before and after
  void* partial = nullptr;  // [rows, cuts] or [strips, cuts, lanes]: what a block or thread leaves
};

template <class Key, int V> struct placed {
  using parts = simd::code_parts<Key>;
  static constexpr const auto& c = parts::c;
  static constexpr auto size = parts::size;
  static constexpr int outer = parts::outer;
  using where = typename position_of<Key, V>::type;
  using ev = simd::evaluator<Key, backend::cuda, 1, where>;
  using args = typename ev::args;
  using env = typename ev::env;

  // The accesses of which loop L uses what they read, first or at all.
  template <int L, bool First> struct operands_read {
    static constexpr auto value = [] {
      chosen<size.accesses> l;
      for (int a = 0; a < size.accesses; ++a) {
        bool used = false;
        for (int i = 0; i < size.steps; ++i) {
          const fuse::code_step& s = c.steps[i];
          used |= s.access == a && s.element && s.reduction < 0 && (s.loops >> L & 1) != 0 && !(First && (s.loops & ((1u << L) - 1)) != 0);
        }
        if (used) l.add(a);
      }
      return l;
    }();
  };
  template <int L> struct results_written {
    static constexpr auto value = [] {
      chosen<size.stores> l;
      for (int s = 0; s < size.stores; ++s)
        if (c.stores[s].element && c.stores[s].loop == L) l.add(s);
      return l;
    }();
  };
  template <int L, bool First> SINTER_INLINE static void read(where& p, extent_t j) { p.read(j, list_of<operands_read<L, First>>{}); }
  template <int L> SINTER_INLINE static void write(where& p, extent_t j) { p.write(j, list_of<results_written<L>>{}); }

  // The steps that are reductions, of loop L and of all (L < 0).
  template <int L> struct steps_reducing {
    static constexpr auto value = [] {
      chosen<size.steps> l;
      for (int i = 0; i < size.steps; ++i)
        if (c.steps[i].reduction >= 0 && (L < 0 || (c.steps[i].loops >> (L < 0 ? 0 : L) & 1) != 0)) l.add(i);
      return l;
    }();
  };
  template <int I, int L> static constexpr bool reduces = L >= 0 && parts::template step_at<I>.reduction >= 0 &&
                                                          (parts::template step_at<I>.loops >> (L < 0 ? 0 : L) & 1) != 0;
  template <int L> using reductions = list_of<steps_reducing<L>>;
  using all_reductions = reductions<-1>;

  // At row r of the flattened outer loops; 32-bit division is a third of the other.
  SINTER_INLINE static void go_to_row(where& p, const args& a, extent_t r, extent_t reduced = 0) {
    extent_t index[outer + 2] = {};
    if constexpr (outer == 1) index[0] = r;
    if constexpr (outer > 1)
      for (int d = outer - 1; d >= 0; --d) {
        const extent_t n = a.outer[d] > 0 ? a.outer[d] : 1, q = quotient(r, n);
        index[d] = r - q * n, r = q;
      }
    index[outer] = reduced;
    go_to(p, a, index);
  }
  SINTER_INLINE static void go_to(where& p, const args& a, const extent_t* index) {
    ev::go_to(p, a, index);
    take_scalars(p, a, sinter::detail::make_int_list<ev::size.accesses>{});
  }
  SINTER_INLINE static extent_t quotient(extent_t a, extent_t b) {
    if ((a | b) >> 31 == 0) return static_cast<std::uint32_t>(a) / static_cast<std::uint32_t>(b);
    return a / b;
  }

 private:
  // A number's bytes are in place of its address: run/device.hpp puts them there.
  template <int... A> SINTER_INLINE static void take_scalars(where& p, const args& a, sinter::detail::int_list<A...>) {
    (take_scalar<A>(p, a), ...);
  }
  template <int A> SINTER_INLINE static void take_scalar(where& p, const args& a) {
    if constexpr (parts::template access_at<A>.kind == fuse::access::scalar) p.access[A] = reinterpret_cast<const char*>(&a.access[A].base);
  }
};

}  // namespace cuda_kernels
}  // namespace SINTER_ISA
}  // namespace sinter
