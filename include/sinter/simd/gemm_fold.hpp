// SPDX-License-Identifier: Apache-2.0
// The last one to four columns of a product: a vector holds them of several rows, where a tile of gemm_tile.hpp would leave most of its
// lanes idle. The terms of an element are summed in the order of k, as there.
#pragma once

#include <sinter/simd/gemm_tile.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace simd {

template <class B, class R> struct folded_columns {
  static constexpr int L = native_lanes<B, R>, most_columns = 4;
  static constexpr int rows = L / most_columns;  // in a vector
  static constexpr int most_groups = register_count<B> == 32 ? 12 : 4;
  static constexpr bool possible = SINTER_VECTOR_EXTENSIONS && L * sizeof(R) >= 32 && sizeof(R) == 4;

#if SINTER_VECTOR_EXTENSIONS
  /// Columns of `many` rows, which are more than (Groups - 1) * rows and at most Groups * rows.
  template <int Groups, int Columns> SINTER_NOINLINE static void run(const tile_operands<R>& o, extent_t many) {
    run<Columns>(o, many - (Groups - 1) * rows, sinter::detail::make_int_list<Groups>{});
  }
  template <int Groups, int Columns, class Fixed> SINTER_NOINLINE static void run_fixed(const R* a, const R* b, R* c) {
    run<Columns>(Fixed{a, b, c}, Fixed::rows - (Groups - 1) * rows, sinter::detail::make_int_list<Groups>{});
  }

 private:
  using packet = pack<B, R, L>;
  typedef R quad __attribute__((vector_size(4 * sizeof(R))));
  typedef R eight __attribute__((vector_size(8 * sizeof(R))));
  typedef R whole __attribute__((vector_size(L * sizeof(R))));

  template <class V> SINTER_HOST_INLINE static packet packed(const V& x) {
    packet y;
    std::memcpy(&y, &x, sizeof(y));
    return y;
  }
  // Columns elements; 0: one in all four places.
  template <int Columns> SINTER_HOST_INLINE static quad load_quad(const R* p) {
    if constexpr (Columns == 0) return quad{*p, *p, *p, *p};
    else if constexpr (Columns == 1) return quad{p[0]};
    else if constexpr (Columns == 2) return quad{p[0], p[1]};
    else if constexpr (Columns == 3) return quad{p[0], p[1], p[2]};
    quad q;
    std::memcpy(&q, p, sizeof(q));
    return q;
  }
  SINTER_HOST_INLINE static eight join(quad x, quad y) { return __builtin_shufflevector(x, y, 0, 1, 2, 3, 4, 5, 6, 7); }
  SINTER_HOST_INLINE static whole join(eight x, eight y) requires(L == 16) {
    return __builtin_shufflevector(x, y, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  }
  // Row r of a vector of which `left` rows count: behind the end, the last one again.
  SINTER_HOST_INLINE static std::ptrdiff_t row(int r, extent_t left) { return r < left ? r : left - 1; }
  template <int Columns> SINTER_HOST_INLINE static whole load_rows(const R* p, std::ptrdiff_t step, extent_t left) {
    const eight x = join(load_quad<Columns>(p), load_quad<Columns>(p + row(1, left) * step));
    if constexpr (L == 8) return x;
    else return join(x, join(load_quad<Columns>(p + row(2, left) * step), load_quad<Columns>(p + row(3, left) * step)));
  }
  template <int Columns> SINTER_HOST_INLINE static void store_rows(R* p, std::ptrdiff_t step, const packet& x, extent_t left) {
    quad q[rows];
    std::memcpy(q, &x, sizeof(q));
    std::memcpy(p, &q[0], Columns * sizeof(R));
    std::memcpy(p + row(1, left) * step, &q[1], Columns * sizeof(R));
    if constexpr (L == 16) {
      std::memcpy(p + row(2, left) * step, &q[2], Columns * sizeof(R));
      std::memcpy(p + row(3, left) * step, &q[3], Columns * sizeof(R));
    }
  }
  template <int Columns> SINTER_HOST_INLINE static packet repeat(const R* p) {
    if constexpr (Columns == 1) return broadcast<B, R, L>(*p);
    const quad x = load_quad<Columns>(p);
    const eight y = join(x, x);
    if constexpr (L == 8) return packed(y);
    else return packed(join(y, y));
  }
  SINTER_HOST_INLINE static void add_four(const packet& a, const packet (&x)[4], packet& s) {
    const sinter::detail::make_int_list<L> lanes{};
    s = tile_product<B, R>::term(repeat_in_quads<0>(a, lanes), x[0], s),
    s = tile_product<B, R>::term(repeat_in_quads<1>(a, lanes), x[1], s);
    s = tile_product<B, R>::term(repeat_in_quads<2>(a, lanes), x[2], s),
    s = tile_product<B, R>::term(repeat_in_quads<3>(a, lanes), x[3], s);
  }
  // left: rows of the last vector.
  template <int Columns, class O, int... G> SINTER_HOST_INLINE static void run(const O& o, extent_t left, sinter::detail::int_list<G...>) {
    constexpr int last = sizeof...(G) - 1;
    packet s[] = {(static_cast<void>(G), packet(R(0)))...};
    if (o.add) ((s[G] = packed(load_rows<Columns>(o.c + G * rows * o.c_row, o.c_row, G == last ? left : rows))), ...);
    const R* a = o.a;
    const R* b = o.b;
    extent_t k = o.depth;
    if (o.a_k == 1)
      for (; k >= 4; k -= 4, a += 4, b += 4 * o.b_k) {
        const packet x[] = {repeat<Columns>(b), repeat<Columns>(b + o.b_k), repeat<Columns>(b + 2 * o.b_k), repeat<Columns>(b + 3 * o.b_k)};
        (add_four(packed(load_rows<4>(a + G * rows * o.a_row, o.a_row, G == last ? left : rows)), x, s[G]), ...);
      }
    for (; k > 0; --k, a += o.a_k, b += o.b_k) {
      const packet x = repeat<Columns>(b);
      ((s[G] = tile_product<B, R>::term(packed(load_rows<0>(a + G * rows * o.a_row, o.a_row, G == last ? left : rows)), x, s[G])), ...);
    }
    (store_rows<Columns>(o.c + G * rows * o.c_row, o.c_row, s[G], G == last ? left : rows), ...);
  }
#endif
};

}  // namespace simd
}  // namespace SINTER_ISA
}  // namespace sinter
