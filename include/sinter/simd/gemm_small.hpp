// SPDX-License-Identifier: Apache-2.0
// The product of small dense matrices of static extents, as one line of code: a vector holds several rows of c, and what a term needs of a
// and b is a permutation of what was loaded. Where whole rows do not fill a vector, c is cut without regard to rows: vectors that overlap
// would be stored and loaded again in a chain of products, and processors do not hand on what two stores wrote. The terms of an element
// are summed in the order of k, as in gemm_tile.hpp.
#pragma once

#include <sinter/simd/gemm_tile.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace simd {

/// c[M, N] = a[M, K] b[K, N].
template <class B, class R, extent_t M, extent_t N, extent_t K> struct small_product {
  static constexpr int L = native_lanes<B, R>;
  static constexpr int rows = N > 0 && N <= L ? L / static_cast<int>(N) : 1;  // of c in a vector
  static constexpr int vectors = static_cast<int>((M + rows - 1) / rows);

  /// Where a row of c would leave half of a vector idle, and every sum has a register.
  static constexpr bool pays =
      SINTER_VECTOR_EXTENSIONS && L >= 4 && M > 0 && K > 0 && rows > 1 && rows* K <= L&& vectors <= register_count<B> / 2 && K <= L;

  /// Room: a or c has memory behind its end, up to whole lines of the cache. Then whole vectors are loaded and stored: processors do not
  /// hand on what a masked store wrote.
  template <bool RoomA, bool RoomC>
  SINTER_HOST_INLINE static void run([[maybe_unused]] const R* a, [[maybe_unused]] const R* b, [[maybe_unused]] R* c) {
#if SINTER_VECTOR_EXTENSIONS
    if constexpr (cuts_flat < RoomA || RoomC > ())
      return run_flat<RoomA, RoomC>(a, b, c, sinter::detail::make_int_list<vectors_of(M * N)>{},
                                    sinter::detail::make_int_list<vectors_of(M * K)>{}, sinter::detail::make_int_list<vectors_of(K * N)>{},
                                    sinter::detail::make_int_list<static_cast<int>(K)>{});
    else
      run<RoomA, RoomC>(a, b, c, sinter::detail::make_int_list<vectors>{}, sinter::detail::make_int_list<static_cast<int>(K)>{},
                        sinter::detail::make_int_list<vectors * operands_of_a>{}, sinter::detail::make_int_list<L>{});
#endif
  }

 private:
  // Alone, a vector of whole rows takes fewer permutations.
  template <bool Chained> static constexpr bool cuts_flat() {
    return register_count<B> == 32 && N > 2 && rows * N != L && M * N <= 4 * L && K * N <= 4 * L && (Chained || M * N <= L);
  }
  static constexpr int vectors_of(extent_t elements) { return static_cast<int>((elements + L - 1) / L); }
#if SINTER_VECTOR_EXTENSIONS
  using packet = pack<B, R, L>;
  typedef R row __attribute__((vector_size(L * sizeof(R))));
  static constexpr int n = static_cast<int>(N), k_all = static_cast<int>(K), most = rows * n;  // most: elements of c in a vector

  static constexpr extent_t in_lines(extent_t elements) {
    constexpr extent_t line = 64 / static_cast<extent_t>(sizeof(R));
    return (elements + line - 1) / line * line;
  }
  // Wanted elements of a matrix of Size from element First on.
  template <extent_t Size, extent_t First, int Wanted> SINTER_HOST_INLINE static packet load_from(const R* p) {
    if constexpr (First + L <= Size) return load<B, L>(p + First);
    else return load_some<B, L>(p + First, 0, static_cast<int>(Size - First < Wanted ? Size - First : Wanted));
  }
  template <int... From> SINTER_HOST_INLINE static packet permute(const packet& x) {
    const row y = as_row(x);
    return as_packet(shuffle<From...>(y, y));
  }
  // Row T of b as often as it fits.
  template <int T, int... I> SINTER_HOST_INLINE static packet repeat(const R* b, sinter::detail::int_list<I...>) {
    if constexpr (n * sizeof(R) == 16 && requires { instructions<B>::template load_repeated<R, L>(b); })
      return packet(instructions<B>::template load_repeated<R, L>(b + T * N));
    else return permute<(I % n)...>(load_from<K * N, T * N, n>(b));
  }
  static constexpr int lane_of_a(int l, int k) { return (l < most ? l / n : 0) * k_all + k; }
  template <int V, bool Room> SINTER_HOST_INLINE static void store_rows(R* c, packet x) {
    constexpr extent_t count = M * N - V * most < most ? M * N - V * most : most;
    // What a whole vector writes behind its rows, the next one writes again.
    if constexpr (count == L || V * most + L <= (Room ? in_lines(M * N) : M * N)) store(c + V * most, x);
    else store_some(c + V * most, x, 0, static_cast<int>(count));
  }
  // Permutations inside 16 bytes are cheaper: where a row of c is a number of these, four terms of a are brought there at once.
  static constexpr bool in_quads = sizeof(R) == 4 && n % 4 == 0 && k_all % 4 == 0;
  static constexpr int operands_of_a = in_quads ? k_all / 4 : 1;  // for a vector of c
  template <int Q, int... I> SINTER_HOST_INLINE static packet operand_of_a(const packet& x, sinter::detail::int_list<I...>) {
    if constexpr (in_quads && operands_of_a > 1) return permute<(lane_of_a(I, 4 * Q) + I % 4)...>(x);
    else return x;
  }
  template <int T, int... V, int... I> SINTER_HOST_INLINE static void add_term(const packet (&a)[sizeof...(V) * operands_of_a], const R* b,
                                                                               packet (&s)[sizeof...(V)], sinter::detail::int_list<I...>,
                                                                               sinter::detail::int_list<V...>) {
    const packet y = repeat<T>(b, sinter::detail::int_list<I...>{});
    if constexpr (in_quads)
      ((s[V] = tile_product<B, R>::term(repeat_in_quads<T % 4>(a[V * operands_of_a + T / 4], sinter::detail::int_list<I...>{}), y, s[V])),
       ...);
    else ((s[V] = tile_product<B, R>::term(permute<lane_of_a(I, T)...>(a[V]), y, s[V])), ...);
  }
  template <bool RoomA, int X, class Lanes> SINTER_HOST_INLINE static packet load_operand(const R* a, Lanes lanes) {
    constexpr int v = X / operands_of_a;
    packet x = load_from<(RoomA ? in_lines(M * K) : M * K), v * rows * K, rows * k_all>(a);
    x = operand_of_a<X % operands_of_a>(x, lanes);
    tile_product<B, R>::pin(x);
    return x;
  }
  template <bool RoomA, bool RoomC, int... V, int... T, int... X, class Lanes>
  SINTER_HOST_INLINE static void run(const R* a, const R* b, R* c, sinter::detail::int_list<V...> all, sinter::detail::int_list<T...>,
                                     sinter::detail::int_list<X...>, Lanes lanes) {
    const packet x[] = {load_operand<RoomA, X>(a, lanes)...};
    packet s[] = {(static_cast<void>(V), packet(R(0)))...};
    (add_term<T>(x, b, s, lanes, all), ...);
    (store_rows<V, RoomC>(c, s[V]), ...);
  }
  // Elements At of a matrix in vectors x: they are in at most three, from that of element Lowest on.
  template <int Lowest, int Highest, int Vectors, int... At, int... I>
  SINTER_HOST_INLINE static packet gather(const packet (&x)[Vectors], sinter::detail::int_list<At...>, sinter::detail::int_list<I...>) {
    constexpr int first = Lowest / L, second = first + 1 < Vectors ? first + 1 : first, from = first * L;
    const row y = shuffle<(At - from < 2 * L ? At - from : 0)...>(as_row(x[first]), as_row(x[second]));
    if constexpr (Highest / L - first < 2) return as_packet(y);
    else return as_packet(shuffle<(At - from < 2 * L ? I : At - from - L)...>(y, as_row(x[first + 2])));
  }
  SINTER_HOST_INLINE static row as_row(const packet& x) {
    row y;
    std::memcpy(&y, &x, sizeof(y));
    return y;
  }
  SINTER_HOST_INLINE static packet as_packet(const row& x) {
    packet y;
    std::memcpy(&y, &x, sizeof(y));
    return y;
  }
  template <int... From> SINTER_HOST_INLINE static row shuffle(const row& x, const row& y) {
    return __builtin_shufflevector(x, y, From...);
  }
  // Lane l of vector V of c, or its last element again.
  static constexpr int element(int v, int l) {
    const int e = v * L + l, last = static_cast<int>(M * N) - 1;
    return e < last ? e : last;
  }
  static constexpr int flat_a(int v, int l, int k) { return element(v, l) / n * k_all + k; }
  static constexpr int flat_b(int v, int l, int k) { return k * n + element(v, l) % n; }
  template <int V, int T, int NA, int NB, int... I> SINTER_HOST_INLINE static packet flat_term(const packet (&a)[NA], const packet (&b)[NB],
                                                                                               const packet& s,
                                                                                               sinter::detail::int_list<I...>) {
    using lanes = sinter::detail::int_list<I...>;
    const packet x = gather<flat_a(V, 0, T), flat_a(V, L - 1, T)>(a, sinter::detail::int_list<flat_a(V, I, T)...>{}, lanes{});
    const packet y = gather<T * n, T * n + n - 1>(b, sinter::detail::int_list<flat_b(V, I, T)...>{}, lanes{});
    return tile_product<B, R>::term(x, y, s);
  }
  template <int T, int NA, int NB, int... V> SINTER_HOST_INLINE static void add_flat(const packet (&a)[NA], const packet (&b)[NB],
                                                                                     packet (&s)[sizeof...(V)],
                                                                                     sinter::detail::int_list<V...>) {
    ((s[V] = flat_term<V, T>(a, b, s[V], sinter::detail::make_int_list<L>{})), ...);
  }
  template <extent_t Size, int V, bool Room> SINTER_HOST_INLINE static packet load_flat(const R* p) {
    return load_from<(Room ? in_lines(Size) : Size), V * L, L>(p);
  }
  template <bool RoomA, bool RoomC, int... V, int... A, int... Y, int... T>
  SINTER_HOST_INLINE static void run_flat(const R* a, const R* b, R* c, sinter::detail::int_list<V...> all, sinter::detail::int_list<A...>,
                                          sinter::detail::int_list<Y...>, sinter::detail::int_list<T...>) {
    packet x[] = {load_flat<M * K, A, RoomA>(a)...}, y[] = {load_flat<K * N, Y, false>(b)...};
    (tile_product<B, R>::pin(x[A]), ...);
    (tile_product<B, R>::pin(y[Y]), ...);
    packet s[] = {(static_cast<void>(V), packet(R(0)))...};
    (add_flat<T>(x, y, s, all), ...);
    (store_flat<V, RoomC>(c, s[V]), ...);
  }
  template <int V, bool Room> SINTER_HOST_INLINE static void store_flat(R* c, const packet& x) {
    constexpr extent_t left = M * N - V * L;
    if constexpr (left >= L || Room) store(c + V * L, x);
    else store_some(c + V * L, x, 0, static_cast<int>(left));
  }
#endif
};

}  // namespace simd
}  // namespace SINTER_ISA
}  // namespace sinter
