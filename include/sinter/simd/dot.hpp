// SPDX-License-Identifier: Apache-2.0
// The plain product of matrices: tiles of rows by packets held in registers, any strides, one fused multiply-add a term in the order
// of k, so that the bits do not depend on the tile. No blocking for caches, no fusion.
#pragma once

#include <sinter/simd/evaluate.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace simd {

// arguments: access 0 is a[outer..., m, k], access 1 is b[outer..., k, n]; outer loops are the batch and, last, m; loop is k.
template <dtype D, class B, int Outer> struct dot_kernel {
  using S = storage_t<D>;
  using R = register_of<D>;
  using args = fuse::arguments<2, 1, 0, Outer>;
  static constexpr int native = native_lanes<B, R>;
  static constexpr int N = native == 1 ? 1 : 2 * native;
  static constexpr int rows = native == 1 ? 4 : 6;
  using packet = pack<B, R, N>;
  static constexpr int m_axis = Outer - 1;
  static constexpr int panel = 256;  // depth of a panel of b that is copied because its rows are strided

  SINTER_NOINLINE static void call(const args& a) {
    extent_t batches = 1;
    for (int d = 0; d < m_axis; ++d) batches *= a.outer[d];
    extent_t index[Outer + 1] = {};
    for (extent_t batch = 0; batch < batches; ++batch) {
      std::ptrdiff_t oa = 0, ob = 0, oc = 0;
      for (int d = 0; d < m_axis; ++d)
        oa += index[d] * a.access[0].outer[d], ob += index[d] * a.access[1].outer[d], oc += index[d] * a.store[0].outer[d];
      matrix(a, reinterpret_cast<const S*>(a.access[0].base) + oa, reinterpret_cast<const S*>(a.access[1].base) + ob,
             reinterpret_cast<S*>(a.store[0].base) + oc);
      for (int d = m_axis - 1; d >= 0 && ++index[d] == a.outer[d]; --d) index[d] = 0;
    }
  }

 private:
  struct operand {
    const S* a;
    const S* b;
    S* c;
    std::ptrdiff_t a_row, a_k, b_k, b_column, c_row, c_column;
    extent_t depth;
    bool add;  // to what c holds
  };
  static void matrix(const args& g, const S* a, const S* b, S* c) {
    operand o{a,
              b,
              c,
              g.access[0].outer[m_axis],
              g.access[0].loop,
              g.access[1].loop,
              g.access[1].inner,
              g.store[0].outer[m_axis],
              g.store[0].inner,
              g.loop,
              false};
    const extent_t m = g.outer[m_axis], n = g.inner;
    // Rows of b that are not contiguous are copied panel by panel. Not for types that round when they are stored in between.
    if constexpr (N > 1 && sizeof(S) == sizeof(R)) {
      if (o.b_column != 1 && m >= rows) {
        alignas(64) S copy[panel * N];
        for (extent_t j = 0; j < n; j += N) {
          const int columns = n - j < N ? static_cast<int>(n - j) : N;
          extent_t k = 0;
          do {
            const extent_t depth = o.depth - k < panel ? o.depth - k : panel;
            for (int q = 0; q < columns; ++q)
              for (extent_t p = 0; p < depth; ++p) copy[p * N + q] = b[(k + p) * o.b_k + (j + q) * o.b_column];
            operand part = o;
            part.a += k * o.a_k, part.b = copy, part.b_k = N, part.b_column = 1, part.c += j * o.c_column, part.depth = depth,
                                 part.add = k > 0;
            columns_of(part, m, columns);
            k += depth;
          } while (k < o.depth);
        }
        return;
      }
    }
    for (extent_t j = 0; j < n; j += N) {
      operand part = o;
      part.b += j * o.b_column, part.c += j * o.c_column;
      columns_of(part, m, n - j < N ? static_cast<int>(n - j) : N);
    }
  }
  SINTER_INLINE static void columns_of(operand o, extent_t m, int columns) {
    for (extent_t i = 0; i < m;) {
      const bool tall = m - i >= rows, full = columns == N;
      if (tall && full) tile<rows, true>(o, columns);
      else if (tall) tile<rows, false>(o, columns);
      else if (full) tile<1, true>(o, columns);
      else tile<1, false>(o, columns);
      const extent_t step = tall ? rows : 1;
      i += step, o.a += step * o.a_row, o.c += step * o.c_row;
    }
  }
  template <int I> struct accumulator { packet sum; };
  template <class List> struct accumulators;
  template <int... I> struct accumulators<sinter::detail::int_list<I...>> : accumulator<I>... {};

  template <int M, bool Full> SINTER_NOINLINE static void tile(const operand& o, int columns) {
    tile_of<Full>(o, columns, sinter::detail::make_int_list<M>{});
  }
  template <bool Full, int... I> SINTER_INLINE static void tile_of(const operand& o, int columns, sinter::detail::int_list<I...> list) {
    accumulators<decltype(list)> s;
    ((static_cast<accumulator<I>&>(s).sum = o.add ? read<Full>(o.c + I * o.c_row, o.c_column, columns) : packet(R(0))), ...);
    const S* a = o.a;
    const S* b = o.b;
    for (extent_t k = 0; k < o.depth; ++k, a += o.a_k, b += o.b_k) {
      const packet x = read<Full>(b, o.b_column, columns);
      ((static_cast<accumulator<I>&>(s).sum =
            multiply_add(broadcast<B, R, N>(static_cast<R>(a[I * o.a_row])), x, static_cast<accumulator<I>&>(s).sum)),
       ...);
    }
    (write<Full>(o.c + I * o.c_row, o.c_column, static_cast<accumulator<I>&>(s).sum, columns), ...);
  }
  SINTER_INLINE static packet multiply_add(packet a, packet b, packet c) {
    if constexpr (std::floating_point<R>) return fma(a, b, c);
    else return a * b + c;
  }
  template <bool Full> SINTER_INLINE static packet read(const S* p, std::ptrdiff_t stride, int columns) {
    if (stride == 1) {
      if constexpr (Full) return load<B, N>(p);
      else return load_some<B, N>(p, 0, columns);
    }
    return load_strided_some<B, N>(p, stride, 0, columns);
  }
  template <bool Full> SINTER_INLINE static void write(S* p, std::ptrdiff_t stride, packet x, int columns) {
    if (stride == 1) {
      if constexpr (Full) store(p, x);
      else store_some(p, x, 0, columns);
    } else {
      store_strided_some(p, x, stride, 0, columns);
    }
  }
};

}  // namespace simd
}  // namespace SINTER_ISA
}  // namespace sinter
