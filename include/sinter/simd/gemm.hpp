// SPDX-License-Identifier: Apache-2.0
// The product of matrices around the tiles of gemm_tile.hpp: blocks for the caches, packing where the layout asks for it, and what is
// fused around the product, block by block while it is in the cache. Any strides; no copy of a whole operand.
#pragma once

#include <sinter/fuse/code.hpp>
#include <sinter/simd/gemm_tile.hpp>
#include <sinter/simd/transpose.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace simd {

/// c[i, j] = sum_k a[i, k] b[k, j]: addresses, strides in elements, extents.
template <class S> struct gemm_operands {
  const S* a = nullptr;
  const S* b = nullptr;
  S* c = nullptr;
  std::ptrdiff_t a_row = 0, a_k = 0, b_k = 0, b_column = 0, c_row = 0, c_column = 0;
  extent_t m = 0, n = 0, k = 0;
};

/// Nothing is fused around a product. Others: run/contraction.hpp.
struct nothing_around {
  static constexpr bool makes_a = false, makes_b = false, consumes = false;
  static constexpr bool whole_rows = false;  // the consumer wants all columns of its rows at once
  static constexpr extent_t m = -1, n = -1;  // static extents
};

/// How a product is cut: rows of a and columns of b that stay in the caches, and the depth that a tile runs over at once.
struct gemm_blocks {
  extent_t rows = 0, columns = 0, depth = 0;
};

template <class B, dtype D, class Around = nothing_around> struct gemm {
  using S = storage_t<D>;
  using R = register_of<D>;
  using operands = gemm_operands<S>;
  using tile = tile_product<B, R>;
  using shape = tile_shape<B, R>;
  static constexpr bool converts = !std::same_as<S, R>;  // a and b are converted while they are packed, blocks of c when they are done
  static constexpr int N = shape::lanes, most_rows = shape::rows, most_vectors = shape::vectors, row_vectors = 4 * shape::vectors;

  // Rows of a block: with the depth of 1024 they take half of a second-level cache of 1 MB; all columns of them where a row is consumed.
  static constexpr extent_t rows_per_block = 96, depth_per_block = 1024, depth_of_one_row = 32, packed_bytes = 4 << 20,
                            row_block_bytes = 256 << 10;
  static constexpr extent_t rows_of_block(extent_t n) {
    if (!Around::whole_rows) return rows_per_block;
    const extent_t r = row_block_bytes / (n * static_cast<extent_t>(sizeof(R)) + 1) / most_rows * most_rows;
    return r < most_rows ? most_rows : r > rows_per_block ? rows_per_block : r;
  }
  // One row runs over wide panels: with as many sums as hide the latency of each.
  static constexpr extent_t panel_width(extent_t m) { return (m == 1 ? row_vectors : most_vectors) * N; }
  // Rows of b that are a large power of two apart fall into the same sets of the cache.
  static constexpr bool packs_b(const operands& g) {
    const extent_t step = g.b_k * static_cast<extent_t>(sizeof(S));
    return Around::makes_b || converts || (g.b_column != 1 && g.n > 1) || (g.m >= 4 * most_rows && step >= 4096 && step % 2048 == 0);
  }
  static constexpr bool packs_a(const operands& g) {
    return Around::makes_a || converts || (g.a_k != 1 && g.k >= 64 && g.n > 4 * panel_width(2));
  }
  static constexpr bool stores_directly(const operands& g) { return !Around::consumes && !converts && (g.c_column == 1 || g.n == 1); }
  static constexpr extent_t up(extent_t x, extent_t to) { return (x + to - 1) / to * to; }
  static constexpr extent_t columns_of_block(const operands& g) {
    if (Around::whole_rows) return up(g.n, panel_width(g.m));
    if (!packs_b(g)) return up(g.n, panel_width(g.m));
    const extent_t width = panel_width(g.m), fit = packed_bytes / ((g.k + 1) * static_cast<extent_t>(sizeof(R))) / width * width;
    return fit < width ? width : fit < g.n ? fit : up(g.n, width);
  }
  // Columns that are finished together: a few panels if one pass over k does it.
  static constexpr extent_t columns_at_once(const operands& g) {
    const extent_t all = columns_of_block(g), few = up(64, panel_width(g.m));
    return stores_directly(g) || Around::whole_rows || g.k > depth_of_block(g) || few > all ? all : few;
  }
  static constexpr extent_t bytes(extent_t elements, std::size_t size) { return up(elements * static_cast<extent_t>(size), 64); }

  // Panels are kept where more rows come that use them.
  static constexpr bool keeps_panels(const operands& g) { return g.m > rows_of_block(g.n); }
  static constexpr extent_t depth_of_block(const operands& g) { return g.m == 1 && packs_b(g) ? depth_of_one_row : depth_per_block; }
  static constexpr extent_t packed_elements(const operands& g) {
    return keeps_panels(g) ? columns_of_block(g) * g.k : panel_width(g.m) * (g.k < depth_of_block(g) ? g.k : depth_of_block(g));
  }

  /// Bytes of buffer that a product needs.
  static constexpr extent_t buffer_bytes(const operands& g) {
    const extent_t rows = up(g.m < rows_of_block(g.n) ? g.m : rows_of_block(g.n), most_rows);
    extent_t n = 0;
    if (packs_b(g))
      n +=
          bytes(packed_elements(g), sizeof(R)) + (converts && Around::makes_b ? bytes(panel_width(g.m) * depth_of_block(g), sizeof(S)) : 0);
    if (packs_a(g)) n += bytes(rows * g.k, sizeof(R)) + (converts && Around::makes_a ? bytes(rows * g.k, sizeof(S)) : 0);
    if (!stores_directly(g))
      n += bytes(rows * columns_at_once(g), sizeof(R)) + (converts && Around::consumes ? bytes(rows * columns_at_once(g), sizeof(S)) : 0);
    return n;
  }

  /// Rows first_row <= i < last_row and columns first_column <= j < last_column of the product.
  static void run(const operands& g, const Around& around, extent_t first_row, extent_t last_row, extent_t first_column,
                  extent_t last_column, char* buffer) {
    block x{g, around};
    x.width = panel_width(g.m);
    const extent_t rows = rows_of_block(g.n), columns = columns_of_block(g);
    const extent_t held = up(g.m < rows ? g.m : rows, most_rows);
    const auto take = [&](auto*& p, extent_t elements) {
      p = reinterpret_cast<std::remove_reference_t<decltype(p)>>(buffer);
      buffer += bytes(elements, sizeof(*p));
    };
    x.packed = packs_b(g), x.made = packs_a(g), x.direct = stores_directly(g), x.at_once = columns_at_once(g);
    x.kept = keeps_panels(g), x.depth = depth_of_block(g);
    if (x.packed) take(x.panels, packed_elements(g));
    if (x.packed && converts && Around::makes_b) take(x.raw_panel, x.width * x.depth);
    if (x.made) take(x.rows_of_a, held * g.k);
    if (x.made && converts && Around::makes_a) take(x.raw_rows, held * g.k);
    if (!x.direct) take(x.sums, held * x.at_once);
    if (!x.direct && converts && Around::consumes) take(x.rounded, held * x.at_once);
    for (x.jc = first_column; x.jc < last_column; x.jc += columns)
      for (x.ic = first_row; x.ic < last_row; x.ic += rows) {
        x.first = x.ic == first_row;
        x.rows = last_row - x.ic < rows ? last_row - x.ic : rows;
        x.columns = last_column - x.jc < columns ? last_column - x.jc : columns;
        x.run();
      }
  }

 private:
  using tile_function = void (*)(const tile_operands<R>&);
  // Which tiles a product of static extents never uses.
  static constexpr bool has_rows(int height) {
    if (Around::m < 0 || (Around::whole_rows && Around::n < 0)) return true;
    const extent_t step = rows_of_block(Around::n);
    for (extent_t i = 0; i < Around::m; i += step) {
      const extent_t rows = Around::m - i < step ? Around::m - i : step, tiles = (rows + most_rows - 1) / most_rows;
      if (rows / tiles == height || (rows % tiles && rows / tiles + 1 == height)) return true;
    }
    return false;
  }
  static constexpr bool has_vectors(int vectors, bool last) {
    if (Around::n < 0) return true;
    const extent_t width = panel_width(Around::m), rest = Around::n % width;
    return last ? rest != 0 : Around::n >= width;
  }
  template <int V, bool Last, int... I> static constexpr auto heights(sinter::detail::int_list<I...>) {
    struct table {
      tile_function of[most_rows];
    };
    const auto one = [](auto height) -> tile_function {
      constexpr int M = decltype(height)::value;
      if constexpr (has_rows(M) && has_vectors(V, Last)) return tile::template run<M, V, Last>;
      else return nullptr;
    };
    return table{{one(std::integral_constant<int, I + 1>{})...}};
  }
  template <int V, bool Last> static constexpr auto tiles = heights<V, Last>(sinter::detail::make_int_list<most_rows>{});

  struct block {
    const operands& g;
    const Around& around;
    extent_t width = 0, jc = 0, ic = 0, rows = 0, columns = 0, at_once = 0, depth = 0;
    bool packed = false, kept = false, made = false, direct = false, first = false;
    R* panels = nullptr;
    S* raw_panel = nullptr;
    R* rows_of_a = nullptr;
    S* raw_rows = nullptr;
    R* sums = nullptr;
    S* rounded = nullptr;

    void run() {
      if (made) make_a();
      for (extent_t jb = 0; jb < columns; jb += at_once) {
        const extent_t wide = columns - jb < at_once ? columns - jb : at_once;
        extent_t k = 0;
        do {
          const extent_t deep = g.k - k < depth ? g.k - k : depth;
          for (extent_t j = jb; j < jb + wide; j += width) panel(j, columns - j < width ? columns - j : width, k, deep, jb);
          k += deep;
        } while (k < g.k);
        if (!direct) finish(jb, wide);
      }
    }
    // Columns j, j + 1, ... (counted from jc) of all rows of the block.
    void panel(extent_t j, extent_t wide, extent_t k, extent_t deep, extent_t jb) {
      tile_operands<R> o{};
      o.depth = deep, o.add = k > 0;
      if (packed) {
        R* const p = kept ? panels + j * g.k + k * width : panels;
        if (first || !kept) pack(p, j, wide, k, deep);
        o.b = p, o.b_k = width;
      } else if constexpr (!converts) {
        o.b = g.b + k * g.b_k + (jc + j) * g.b_column, o.b_k = g.b_k;
      }
      if (made) o.a = rows_of_a + k, o.a_row = g.k, o.a_k = 1;
      else if constexpr (!converts) o.a = g.a + ic * g.a_row + k * g.a_k, o.a_row = g.a_row, o.a_k = g.a_k;
      if (!direct) o.c = sums + (j - jb), o.c_row = at_once;
      else if constexpr (!converts) o.c = g.c + ic * g.c_row + jc + j, o.c_row = g.c_row;
      if (width > most_vectors * N) return wide_row(o, wide);
      const int vectors = static_cast<int>((wide + N - 1) / N);
      if (wide == width) strip(o, tiles<most_vectors, false>.of);
      else {
        o.last = static_cast<int>(wide - (vectors - 1) * N);
        last_strip(o, vectors, sinter::detail::make_int_list<most_vectors>{});
      }
    }
    template <int... V> SINTER_INLINE void last_strip(tile_operands<R>& o, int vectors, sinter::detail::int_list<V...>) {
      ((V + 1 == vectors ? strip(o, tiles<V + 1, true>.of) : void()), ...);
    }
    // The rows are split evenly over tiles of at most two heights.
    SINTER_INLINE void strip(tile_operands<R>& o, const tile_function* of) {
      const extent_t tiles_of_rows = (rows + most_rows - 1) / most_rows, height = rows / tiles_of_rows, taller = rows % tiles_of_rows;
      for (extent_t t = 0; t < tiles_of_rows; ++t) {
        const extent_t h = height + (t < taller);
        of[h - 1](o);
        o.a += h * o.a_row, o.c += h * o.c_row;
      }
    }
    void wide_row(tile_operands<R>& o, extent_t wide) {
      if constexpr (Around::m < 0 || Around::m == 1) {
        if (wide == width) return tile::template run<1, row_vectors, false>(o);
        for (; wide >= most_vectors * N; wide -= most_vectors * N, o.b += most_vectors * N, o.c += most_vectors * N)
          tile::template run<1, most_vectors, false>(o);
        for (; wide > 0; wide -= N, o.b += N, o.c += N) {
          o.last = wide < N ? static_cast<int>(wide) : N;
          tile::template run<1, 1, true>(o);
        }
      }
    }
    void pack(R* to, extent_t j, extent_t wide, extent_t k, extent_t deep) {
      if constexpr (Around::makes_b && !converts) {
        around.make_b(to, width, k, deep, jc + j, wide);
      } else if constexpr (Around::makes_b) {
        around.make_b(raw_panel, width, k, deep, jc + j, wide);
        copy_matrix(raw_panel, width, 1, to, width, deep, wide);
      } else {
        copy_matrix(g.b + k * g.b_k + (jc + j) * g.b_column, g.b_k, g.b_column, to, width, deep, wide);
      }
    }
    void make_a() {
      if constexpr (Around::makes_a && !converts) {
        around.make_a(rows_of_a, g.k, ic, rows);
      } else if constexpr (Around::makes_a) {
        around.make_a(raw_rows, g.k, ic, rows);
        copy_matrix(raw_rows, g.k, 1, rows_of_a, g.k, rows, g.k);
      } else {
        copy_matrix(g.a + ic * g.a_row, g.a_row, g.a_k, rows_of_a, g.k, rows, g.k);
      }
    }
    // to[i * to_row + j] = from[i * row + j * column], converted.
    static void copy_matrix(const S* from, std::ptrdiff_t row, std::ptrdiff_t column, R* to, std::ptrdiff_t to_row, extent_t height,
                            extent_t wide) {
      if (column == 1) {
        for (extent_t i = 0; i < height; ++i, from += row, to += to_row) {
          extent_t j = 0;
          for (; j + N <= wide; j += N) store(to + j, load<B, N>(from + j));
          if (j < wide) store_some(to + j, load_some<B, N>(from + j, 0, static_cast<int>(wide - j)), 0, static_cast<int>(wide - j));
        }
        return;
      }
      if constexpr (!converts) {
        if (row == 1) return transpose<B>(from, column, to, to_row, height, wide);
      }
      for (extent_t i = 0; i < height; ++i)
        for (extent_t j = 0; j < wide; ++j) to[i * to_row + j] = static_cast<R>(from[i * row + j * column]);
    }
    void finish(extent_t jb, extent_t wide) {
      if constexpr (Around::consumes && !converts) {
        around.consume(sums, at_once, ic, rows, jc + jb, wide);
      } else if constexpr (Around::consumes) {
        round_matrix(rounded, at_once, 1, wide);
        around.consume(rounded, at_once, ic, rows, jc + jb, wide);
      } else {
        round_matrix(g.c + ic * g.c_row + (jc + jb) * g.c_column, g.c_row, g.c_column, wide);
      }
    }
    void round_matrix(S* to, std::ptrdiff_t row, std::ptrdiff_t column, extent_t wide) const {
      for (extent_t i = 0; i < rows; ++i)
        for (extent_t j = 0; j < wide; j += N) {
          const int count = static_cast<int>(wide - j < N ? wide - j : N);
          const auto x = load_some<B, N>(sums + i * at_once + j, 0, count);
          if (column == 1) store_some(to + i * row + j, x, 0, count);
          else store_strided_some(to + i * row + j * column, x, column, 0, count);
        }
    }
  };
};

}  // namespace simd
}  // namespace SINTER_ISA
}  // namespace sinter
