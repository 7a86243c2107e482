// SPDX-License-Identifier: Apache-2.0
// Products of matrices without tensor cores: a block has a tile of 64 by 64 elements, a thread 4 by 4 of them; 16 elements of k at a
// time wait in shared memory. Each element is one chain of fused multiply-adds in the order of k, as on the CPU. What makes an operand
// element by element does so where a slice is loaded, what consumes the product where a tile is done.
#pragma once

#include <sinter/cuda/block.hpp>
#include <sinter/cuda/place.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace cuda_kernels {

// The group that consumes a product: its key, and which of its accesses read it.
struct no_consumer {};
template <class Key, class Reads> struct consumer;
// Groups that make an operand, by their key; so many of their rows are one of the operand.
struct no_maker {
  static constexpr bool exists = false;
  static constexpr fuse::code_size size{};
  static constexpr int outer = 0;
};
template <class Key, int Apart = 1> struct maker {
  static constexpr bool exists = true;
  using at = placed<Key, 0>;
  static constexpr auto size = at::size;
  static constexpr int outer = at::outer;
  // Element (row, column) of what it makes.
  SINTER_INLINE static auto element(const typename at::args& a, extent_t row, extent_t column) {
    typename at::where p;
    typename at::env e;
    if constexpr (Apart > 1) {
      const extent_t part = at::quotient(column, a.inner);
      row = row * Apart + part, column -= part * a.inner;
    }
    at::go_to_row(p, a, row);
    p.j = column, p.kept = 0, p.count = 1;
    at::ev::template row_steps<0, true>(e, p, a);
    at::ev::template element_steps<0, true>(e, p, a);
    return simd::first(at::ev::template at<at::parts::template store_at<0>.step>(e));
  }
};

template <int Batches> struct product_operand {
  const char* base = nullptr;
  std::ptrdiff_t batch[Batches + 1] = {}, row = 0, column = 0;
};
// Of the group that consumes the product, and those that make a and b: C, X, Y.
template <int Batches, int CA, int CS, int CG, int CO, int XA, int XS, int XG, int XO, int YA, int YS, int YG, int YO>
struct product_arguments {
  product_operand<Batches> a, b, c;  // [m, k], [k, n], [m, n]
  extent_t batch[Batches + 1] = {}, m = 0, n = 0, k = 0;
  fuse::arguments<CA, CS, CG, CO> consumer;
  fuse::arguments<XA, XS, XG, XO> maker_of_a;
  fuse::arguments<YA, YS, YG, YO> maker_of_b;
};

template <dtype D, int Batches, class Consumer, class MakerA, class MakerB> struct product_program {
  using S = storage_t<D>;
  using R = simd::register_of<D>;
  using number = simd::pack<backend::cuda, R, 1>;
  static constexpr const char* name = "product";
  static constexpr int tile = 64, depth = 16, own = 4, side = tile / own, threads = side * side, across = warp_threads;
  // Load a slice, multiply it: as often as k asks for; then the consumer.
  static constexpr int phases = 3, loop_begin = 0, loop_end = 2;
  template <int> using reductions = int_list<>;
  template <int> static constexpr bool shares = true;

  struct from_consumer {
    static constexpr fuse::code_size size{};
    static constexpr int outer = 0;
    template <class Args, class Tile> SINTER_INLINE static void run(const Args&, const Tile&, extent_t, extent_t, extent_t, extent_t, int) {
    }
    static constexpr bool exists = false;
  };
  template <class Key, int... A> struct runs {
    static constexpr bool exists = true;
    using at = placed<Key, 0>;
    using args = typename at::args;
    static constexpr auto size = at::size;
    static constexpr int outer = at::outer;
    // Its elements in the tile, whose first element is (row, column) of batch rows.
    template <class Tile>
    SINTER_INLINE static void run(const args& a, const Tile& from, extent_t row, extent_t column, extent_t rows, extent_t columns, int t) {
      for (int k = t; k < tile * tile; k += threads) {
        const int i = k / tile, j = k % tile;
        if (i >= rows || j >= columns) continue;
        typename at::where p;
        typename at::env e;
        at::go_to_row(p, a, row + i);
        p.j = column + j, p.kept = 0, p.count = 1;
        ((p.access[A] = simd::moved(reinterpret_cast<const char*>(&from[i][0]), -column * static_cast<extent_t>(sizeof(S)))), ...);
        at::ev::template row_steps<0, true>(e, p, a);
        at::ev::template element_steps<0, true>(e, p, a);
        at::ev::template element_stores<0, true, false>(e, p, a);
        if (p.j == 0) at::ev::template row_stores<true>(e, p, a);
      }
    }
  };
  template <class C> struct chosen { using type = from_consumer; };
  template <class Key, int... A> struct chosen<consumer<Key, int_list<A...>>> { using type = runs<Key, A...>; };
  using next = typename chosen<Consumer>::type;

  using args = product_arguments<Batches, next::size.accesses, next::size.stores, next::size.guards, next::outer, MakerA::size.accesses,
                                 MakerA::size.stores, MakerA::size.guards, MakerA::outer, MakerB::size.accesses, MakerB::size.stores,
                                 MakerB::size.guards, MakerB::outer>;
  struct thread {
    number sum[own][own];
    const S *a, *b;
    S* c;
    extent_t row, column, first_row, k;
  };
  // Elements as registers hold them. A row more, so that the columns of a slice of a lie in different banks.
  struct shared {
    R a[depth][tile + 1], b[depth][tile];
    S c[next::exists ? tile : 1][tile];
  };

  SINTER_HOST_DEVICE static constexpr extent_t tiles(extent_t n) { return (n + tile - 1) / tile; }
  SINTER_HOST_DEVICE static constexpr extent_t blocks(const args& a, extent_t batches) { return batches * tiles(a.m) * tiles(a.n); }
  SINTER_HOST_DEVICE static constexpr extent_t rounds(const args& a) { return a.k <= 0 ? 1 : (a.k + depth - 1) / depth; }

  template <int P> SINTER_INLINE static void phase(const args& a, extent_t block, int t, thread& me, shared& with, extent_t round) {
    if constexpr (P == 0) {
      if (round == 0) begin(a, block, me);
      load(a, t, me, with, round * depth);
    } else if constexpr (P == 1) {
      const int r = t / side, q = t % side;
      SINTER_UNROLL
      for (int k = 0; k < depth; ++k)
        if (round * depth + k < a.k) multiply(me, with, k, r, q);
      if (round + 1 == rounds(a)) store(a, t, me, with);
    } else {
      next::run(a.consumer, with.c, me.first_row + me.row, me.column, a.m - me.row, a.n - me.column, t);
    }
  }

 private:
  SINTER_INLINE static void begin(const args& a, extent_t block, thread& me) {
    const extent_t columns = tiles(a.n), rows = tiles(a.m);
    extent_t batch = block / (rows * columns);
    const extent_t in_batch = block - batch * rows * columns;
    me.row = in_batch / columns * tile, me.column = in_batch % columns * tile, me.first_row = batch * a.m;
    me.a = reinterpret_cast<const S*>(a.a.base), me.b = reinterpret_cast<const S*>(a.b.base);
    me.c = reinterpret_cast<S*>(const_cast<char*>(a.c.base));
    for (int d = Batches - 1; d >= 0; --d) {
      const extent_t n = a.batch[d] > 0 ? a.batch[d] : 1, i = batch % n;
      batch /= n;
      me.a += i * a.a.batch[d], me.b += i * a.b.batch[d], me.c += i * a.c.batch[d];
    }
    for (auto& row : me.sum)
      for (auto& x : row) x = simd::broadcast<backend::cuda, R, 1>(R{});
  }
  SINTER_INLINE static void load(const args& a, int t, const thread& me, shared& with, extent_t k0) {
    // Neighbouring threads read neighbouring elements, whichever axis they lie along.
    for (int e = t; e < tile * depth; e += threads) {
      const bool along_k = a.a.column == 1;
      const int i = along_k ? e / depth : e % tile, k = along_k ? e % depth : e / tile;
      const bool in = me.row + i < a.m && k0 + k < a.k;
      with.a[k][i] = in ? element_of_a(a, me, me.row + i, k0 + k) : R{};
    }
    for (int e = t; e < tile * depth; e += threads) {
      const bool along_k = a.b.row == 1 && a.b.column != 1;
      const int j = along_k ? e / depth : e % tile, k = along_k ? e % depth : e / tile;
      const bool in = me.column + j < a.n && k0 + k < a.k;
      with.b[k][j] = in ? element_of_b(a, me, k0 + k, me.column + j) : R{};
    }
  }
  SINTER_INLINE static R element_of_a(const args& a, const thread& me, extent_t i, extent_t k) {
    if constexpr (MakerA::exists) return MakerA::element(a.maker_of_a, me.first_row + i, k);
    else return read(me.a + i * a.a.row + k * a.a.column);
  }
  SINTER_INLINE static R element_of_b(const args& a, const thread& me, extent_t k, extent_t j) {
    if constexpr (MakerB::exists) return MakerB::element(a.maker_of_b, k, j);
    else return read(me.b + k * a.b.row + j * a.b.column);
  }
  SINTER_INLINE static R read(const S* p) { return simd::first(simd::load<backend::cuda, 1>(p)); }
  SINTER_INLINE static void multiply(thread& me, const shared& with, int k, int r, int q) {
    R x[own], y[own];
    SINTER_UNROLL
    for (int i = 0; i < own; ++i) x[i] = with.a[k][r + i * side], y[i] = with.b[k][q + i * side];
    SINTER_UNROLL
    for (int e = 0; e < own * own; ++e) {
      const int i = e / own, j = e % own;
      me.sum[i][j] =
          multiply_add(number(simd::broadcast<backend::cuda, R, 1>(x[i])), simd::broadcast<backend::cuda, R, 1>(y[j]), me.sum[i][j]);
    }
  }
  SINTER_INLINE static number multiply_add(number x, number y, number z) {
    if constexpr (std::floating_point<R>) return fma(x, y, z);
    else return x * y + z;
  }
  SINTER_INLINE static void store(const args& a, int t, thread& me, shared& with) {
    const int r = t / side, q = t % side;
    SINTER_UNROLL
    for (int e = 0; e < own * own; ++e) {
      const int i = e / own, j = e % own;
      const extent_t row = me.row + r + i * side, column = me.column + q + j * side;
      const auto x = simd::round_to<S>(me.sum[i][j]);
      if constexpr (next::exists) simd::store(&with.c[r + i * side][q + j * side], x);
      else if (row < a.m && column < a.n) simd::store(me.c + row * a.c.row + column * a.c.column, x);
    }
  }
};

}  // namespace cuda_kernels
}  // namespace SINTER_ISA
}  // namespace sinter
