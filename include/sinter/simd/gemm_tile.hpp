// SPDX-License-Identifier: Apache-2.0
// The product of two matrices in tiles of rows by vectors that stay in registers. Every element is one chain of fused multiply-adds in
// the order of k, begun at +0: no tile, blocking, packing, width or thread changes a bit.
#pragma once

#include <sinter/core/lists.hpp>
#include <sinter/core/shape.hpp>
#include <sinter/simd/convert.hpp>
#include <sinter/simd/memory.hpp>
#include <sinter/simd/transpose.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace simd {

/// Vector registers that code may count on.
template <class B> inline constexpr int register_count = native_lanes<B, float> == 16 || std::same_as<isa::current, isa::neon> ? 32 : 16;

/// The tile of a product: the accumulators leave room for a row of b and one broadcast element of a.
template <class B, class R> struct tile_shape {
  static constexpr int lanes = native_lanes<B, R>;
  static constexpr int rows = 6;
  static constexpr int vectors = lanes == 1 ? 2 : register_count<B> == 32 ? 4 : 2;
  static constexpr int columns = vectors * lanes;
};

/// What a tile brings to the caches while it multiplies: nothing, the next panel of b, rows that the product's consumer will read, or rows
/// of b further on.
enum class fetches { nothing, panel, rows, matrix };

/// c[i, j] = (add ? c[i, j] : 0) + sum_k a[i, k] b[k, j] for one tile. b's rows are contiguous.
template <class R> struct tile_operands {
  const R* a;
  const R* b;
  R* c;
  std::ptrdiff_t a_row, a_k, b_k, c_row;
  extent_t depth;
  int last;  // elements of the last vector of a row, for tiles that end there
  bool add;
  R* packed = nullptr;                      // where a tile that packs leaves the rows of b, one after another
  const R* ahead = nullptr;                 // fetches::panel: a line of it for every two terms, to the second-level cache
  const char* const* rows_ahead = nullptr;  // fetches::rows: at least one; as many bytes of each as a row of the tile has
  int count_ahead = 0;
};
/// The same with everything but the addresses known to the compiler.
template <class R, extent_t Rows, extent_t Depth, std::ptrdiff_t ARow, std::ptrdiff_t AK, std::ptrdiff_t BK, std::ptrdiff_t CRow, int Last>
struct fixed_tile_operands {
  const R* a;
  const R* b;
  R* c;
  static constexpr std::ptrdiff_t a_row = ARow, a_k = AK, b_k = BK, c_row = CRow;
  static constexpr extent_t rows = Rows, depth = Depth;
  static constexpr int last = Last;
  static constexpr bool add = false;
  static constexpr R* packed = nullptr;
};

#if SINTER_VECTOR_EXTENSIONS
/// Element T of every four, four times.
template <int T, class B, class R, int N, int... I>
SINTER_HOST_INLINE pack<B, R, N> repeat_in_quads(const pack<B, R, N>& x, sinter::detail::int_list<I...>) {
  typedef R row __attribute__((vector_size(N * sizeof(R))));
  row r;
  std::memcpy(&r, &x, sizeof(r));
  r = __builtin_shufflevector(r, r, (I / 4 * 4 + T)...);
  pack<B, R, N> y;
  std::memcpy(&y, &r, sizeof(r));
  return y;
}
#endif

template <class B, class R> struct tile_product {
  static constexpr int N = native_lanes<B, R>;
  static constexpr int rows_ahead = 8;  // of b, that a tile asks for which packs, or fetches the matrix
  using packet = pack<B, R, N>;
  using operands = tile_operands<R>;

  /// a b + c, in one rounding.
  template <int K> SINTER_HOST_INLINE static pack<B, R, K> term(pack<B, R, K> a, pack<B, R, K> b, pack<B, R, K> c) {
    if constexpr (std::floating_point<R>) return fma(a, b, c);
    else return a * b + c;
  }

  /// Keeps x in a register: g++ would fold its load into each of the instructions that use it.
  SINTER_HOST_INLINE static void pin(packet& x) {
    if constexpr (requires { instructions<B>::pin(x.v); }) instructions<B>::pin(x.v);
  }
  /// M rows by V vectors; Masked: of the last vector only the first o.last elements; Packs: leaves a copy of b.
  template <int M, int V, bool Masked, bool Packs = false, fetches Ahead = fetches::nothing>
  SINTER_NOINLINE static void run(const operands& o) {
    run<V, Masked, Packs, Ahead>(o, sinter::detail::make_int_list<M>{}, sinter::detail::make_int_list<M * V>{},
                                 sinter::detail::make_int_list<V>{});
  }
  /// The same for fixed operands, whose addresses stay in registers.
  template <int M, int V, bool Masked, class Fixed> SINTER_NOINLINE static void run_fixed(const R* a, const R* b, R* c) {
    run<V, Masked, false, fetches::nothing>(Fixed{a, b, c}, sinter::detail::make_int_list<M>{}, sinter::detail::make_int_list<M * V>{},
                                            sinter::detail::make_int_list<V>{});
  }

 private:
  template <int I> struct held { packet x; };
  template <class List> struct registers;
  template <int... I> struct registers<sinter::detail::int_list<I...>> : held<I>... {
    template <int K> SINTER_HOST_INLINE packet& at() { return static_cast<held<K>&>(*this).x; }
  };

  template <int V, bool Masked, bool Packs, fetches Ahead, class O, int... I, int... C, int... J>
  SINTER_HOST_INLINE static void run(const O& o, sinter::detail::int_list<I...>, sinter::detail::int_list<C...> all,
                                     sinter::detail::int_list<J...> row) {
    registers<decltype(all)> s;
    if (o.add) ((s.template at<C>() = load_part<V, C % V, Masked>(o.c + (C / V) * o.c_row + (C % V) * N, o)), ...);
    else ((s.template at<C>() = packet(R(0))), ...);
    const R* a = o.a;
    const R* b = o.b;
    const std::ptrdiff_t a_k = o.a_k, b_k = o.b_k;
    [[maybe_unused]] R* packed = o.packed;
    extent_t k = o.depth;
#if SINTER_VECTOR_EXTENSIONS
    if constexpr (mixes<V, sizeof...(I), O>())
      for (; k > 3; k -= 4, a += 4, b += 4 * b_k) four_steps<Masked, I...>(s, a, b, o);
#endif
    [[maybe_unused]] const R* ahead = nullptr;
    if constexpr (Ahead == fetches::panel) ahead = o.ahead;
    // Two lines for every two terms.
    constexpr int lines = V * N * static_cast<int>(sizeof(R)) / 64, pairs = lines > 2 ? (lines + 1) / 2 : 1;
    [[maybe_unused]] int pair = 0, last_pair = 0;
    if constexpr (Ahead == fetches::rows) last_pair = pairs * o.count_ahead - 1;
    for (; k > 1; k -= 2) {
      if constexpr (Ahead == fetches::panel) __builtin_prefetch(ahead, 0, 2), ahead = moved(ahead, 64);
      if constexpr (Ahead == fetches::rows) {
        const char* const line = moved(o.rows_ahead[pair / pairs], pair % pairs * 128);
        __builtin_prefetch(line);
        if constexpr (lines > 1) __builtin_prefetch(moved(line, 64));
        pair += pair != last_pair;
      }
      step<V, Masked, Packs, Ahead, I...>(s, a, b, o, packed, row), a += a_k, b += b_k;
      step<V, Masked, Packs, Ahead, I...>(s, a, b, o, Packs ? packed + V * N : packed, row), a += a_k, b += b_k;
      if constexpr (Packs) packed += 2 * V * N;
    }
    if (k > 0) step<V, Masked, Packs, Ahead, I...>(s, a, b, o, packed, row);
    (store_part<V, C % V, Masked>(o.c + (C / V) * o.c_row + (C % V) * N, s.template at<C>(), o), ...);
  }
  // One term of every sum.
  template <int V, bool Masked, bool Packs, fetches Ahead, int... I, class Sums, class O, int... J>
  SINTER_HOST_INLINE static void step(Sums& s, const R* a, const R* b, const O& o, [[maybe_unused]] R* packed,
                                      sinter::detail::int_list<J...> row) {
    registers<sinter::detail::int_list<J...>> x;
    ((x.template at<J>() = load_part<V, J, Masked>(b + J * N, o)), ...);
    (pin(x.template at<J>()), ...);
    if constexpr (Packs) {
      (store(packed + J * N, x.template at<J>()), ...);
      (__builtin_prefetch(moved(b, (rows_ahead * o.b_k + J * N) * static_cast<extent_t>(sizeof(R)))), ...);
    } else if constexpr (Ahead == fetches::matrix) {  // to the second-level cache, which may ask for more lines at a time than the first
      (__builtin_prefetch(moved(b, (rows_ahead * o.b_k + J * N) * static_cast<extent_t>(sizeof(R))), 0, 2), ...);
    }
    (row_of<V, I>(s, x, a + I * o.a_row, row), ...);
  }
#if SINTER_VECTOR_EXTENSIONS
  // With one vector a row, each product waits for a load of its own. Every fourth row takes four terms at once and permutes them instead.
  template <int V, int Rows, class O> static constexpr bool mixes() {
    if constexpr (
        requires { O::rows; } && requires(const R* p) { instructions<B>::template load_repeated<R, N>(p); })
      return V == 1 && Rows >= 8 && sizeof(R) == 4 && O::a_k == 1;
    else return false;
  }
  template <bool Masked, int... I, class Sums, class O>
  SINTER_HOST_INLINE static void four_steps(Sums& s, const R* a, const R* b, const O& o) {
    packet x[] = {load_part<1, 0, Masked>(b, o), load_part<1, 0, Masked>(b + o.b_k, o), load_part<1, 0, Masked>(b + 2 * o.b_k, o),
                  load_part<1, 0, Masked>(b + 3 * o.b_k, o)};
    pin(x[0]), pin(x[1]), pin(x[2]), pin(x[3]);
    (four_of<I>(s.template at<I>(), x, a + I * o.a_row), ...);
  }
  template <int I> SINTER_HOST_INLINE static void four_of(packet& s, const packet (&x)[4], const R* a) {
    if constexpr (I % 4 == 3) {
      const sinter::detail::make_int_list<N> lanes{};
      packet y(instructions<B>::template load_repeated<R, N>(a));
      pin(y);
      s = term(repeat_in_quads<0>(y, lanes), x[0], s), s = term(repeat_in_quads<1>(y, lanes), x[1], s);
      s = term(repeat_in_quads<2>(y, lanes), x[2], s), s = term(repeat_in_quads<3>(y, lanes), x[3], s);
    } else {
      s = term(broadcast<B, R, N>(a[0]), x[0], s), s = term(broadcast<B, R, N>(a[1]), x[1], s);
      s = term(broadcast<B, R, N>(a[2]), x[2], s), s = term(broadcast<B, R, N>(a[3]), x[3], s);
    }
  }
#endif
  template <int V, int I, class Sums, class Row, int... J>
  SINTER_HOST_INLINE static void row_of(Sums& s, Row& x, const R* a, sinter::detail::int_list<J...>) {
    packet y = broadcast<B, R, N>(*a);
    if constexpr (V > 1) pin(y);  // used once, it is better an operand in memory
    ((s.template at<I * V + J>() = term(y, x.template at<J>(), s.template at<I * V + J>())), ...);
  }
  template <int V, int J, bool Masked, class O> SINTER_HOST_INLINE static packet load_part(const R* p, const O& o) {
    if constexpr (Masked && J == V - 1) return load_some<B, N>(p, 0, o.last);
    else return load<B, N>(p);
  }
  template <int V, int J, bool Masked, class O> SINTER_HOST_INLINE static void store_part(R* p, packet x, const O& o) {
    if constexpr (Masked && J == V - 1) store_some(p, x, 0, o.last);
    else store(p, x);
  }
};

#if SINTER_VECTOR_EXTENSIONS
// N terms of N sums: a square of b, transposed in registers.
template <class B, class R, int N, int... I> SINTER_HOST_INLINE pack<B, R, N> add_square(const R* a, std::ptrdiff_t a_k, const R* b,
                                                                                         std::ptrdiff_t b_row, pack<B, R, N> sum,
                                                                                         sinter::detail::int_list<I...>) {
  square<R, N> s;
  (std::memcpy(&s.at[I], b + I * b_row, sizeof(s.at[I])), ...);
  s.transpose();
  pack<B, R, N> row[N];
  (std::memcpy(&row[I], &s.at[I], sizeof(row[I])), ...);
  ((sum = tile_product<B, R>::term(broadcast<B, R, N>(a[I * a_k]), row[I], sum)), ...);
  return sum;
}
#endif
/// c[j] = sum_k a[k] b[j, k] for two vectors of j, where the rows of b are contiguous.
template <class B, class R>
SINTER_NOINLINE void transposed_tile(const R* a, std::ptrdiff_t a_k, const R* b, std::ptrdiff_t b_row, R* c, extent_t depth) {
  constexpr int N = native_lanes<B, R>;
  const R* const below = b + N * b_row;
  pack<B, R, N> x(R(0)), y(R(0));
  extent_t k = 0;
#if SINTER_VECTOR_EXTENSIONS
  if constexpr (N >= 4)
    for (; k + N <= depth; k += N) {
      x = add_square<B, R, N>(a + k * a_k, a_k, b + k, b_row, x, sinter::detail::make_int_list<N>{});
      y = add_square<B, R, N>(a + k * a_k, a_k, below + k, b_row, y, sinter::detail::make_int_list<N>{});
    }
#endif
  for (; k < depth; ++k) {
    const auto factor = broadcast<B, R, N>(a[k * a_k]);
    x = tile_product<B, R>::term(factor, load_strided<B, N>(b + k, b_row), x);
    y = tile_product<B, R>::term(factor, load_strided<B, N>(below + k, b_row), y);
  }
  store(c, x);
  store(c + N, y);
}

}  // namespace simd
}  // namespace SINTER_ISA
}  // namespace sinter
