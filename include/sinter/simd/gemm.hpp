// SPDX-License-Identifier: Apache-2.0
// The product of matrices around the tiles of gemm_tile.hpp: blocks for the caches, packing where the layout asks for it, and what is
// fused around the product, block by block while it is in the cache. Any strides; no copy of a whole operand.
#pragma once

#include <sinter/fuse/code.hpp>
#include <sinter/simd/elements.hpp>
#include <sinter/simd/gemm_fold.hpp>
#include <sinter/simd/gemm_small.hpp>
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
  static constexpr bool makes_a = false, makes_b = false, consumes = false, chains = false;
  static constexpr bool whole_rows = false;  // the consumer wants all columns of its rows at once
  static constexpr bool packed = false;      // b is given as pack_panels leaves it
  static constexpr bool hides = false;       // the ends of rows of a are zeros that leave out b, whatever is there
  static constexpr bool limited = false;     // and are not computed for whole blocks of rows
  static constexpr int matrices_read = 0;    // by the consumer, beside the product
  static constexpr fuse::schedule_value schedule = {};
  static constexpr extent_t m = -1, n = -1, k = -1;  // static extents
};

constexpr extent_t round_up(extent_t x, extent_t to) { return (x + to - 1) / to * to; }

template <class B, dtype D, class Around = nothing_around> struct gemm {
  using S = storage_t<D>;
  using R = register_of<D>;
  using operands = gemm_operands<S>;
  using tile = tile_product<B, R>;
  using shape = tile_shape<B, R>;
  static constexpr bool converts = !std::same_as<S, R>;  // a and b are converted while they are packed, blocks of c when they are done
  static constexpr fuse::schedule_value chosen = Around::schedule;
  static constexpr int N = shape::lanes, most_rows = chosen.tile_rows ? chosen.tile_rows : shape::rows;
  static constexpr int most_vectors = chosen.tile_vectors ? chosen.tile_vectors : shape::vectors, row_vectors = 4 * shape::vectors;

  // Rows of a block: with the depth of 1024 they take 3/16 of a second-level cache of 1 MB; all columns of them where a row is consumed.
  static constexpr extent_t second_level_bytes = 1 << 20, depth_of_one_row = 32, packed_bytes = 4 << 20,
                            row_block_bytes = second_level_bytes / 4;
  static constexpr extent_t depth_per_block = chosen.block_depth ? chosen.block_depth : 1024;
  static constexpr extent_t rows_per_block =
      round_up(chosen.block_rows ? chosen.block_rows : second_level_bytes * 3 / 16 / (1024 * 4) / most_rows * most_rows, most_rows);
  static constexpr extent_t rows_of_block(extent_t n, extent_t k) {
    const extent_t row = Around::chains ? k : Around::whole_rows ? n : 0;
    const extent_t r = row_block_bytes / (row * static_cast<extent_t>(sizeof(R)) + 1) / most_rows * most_rows;
    return r < most_rows ? most_rows : r > rows_per_block ? rows_per_block : r;
  }
  // One row runs over wide panels: with as many sums as hide the latency of each.
  static constexpr extent_t panel_width(extent_t m) { return (m == 1 && !Around::packed ? row_vectors : most_vectors) * N; }
  // Rows of b that are a large power of two apart fall into the same sets of the cache.
  static constexpr bool packs_b(const operands& g) {
    const extent_t step = g.b_k * static_cast<extent_t>(sizeof(S));
    if (Around::packed) return false;
    return Around::makes_b || converts || (g.b_column != 1 && g.n > 1) || (g.m >= 4 * most_rows && step >= 4096 && step % 2048 == 0);
  }
  static constexpr bool packs_a(const operands& g) {
    return Around::makes_a || converts || (g.a_k != 1 && g.k >= 64 && g.n > 4 * panel_width(2));
  }
  static constexpr bool stores_directly(const operands& g) { return !Around::consumes && !converts && (g.c_column == 1 || g.n == 1); }
  // Panels are kept where more rows come that use them.
  static constexpr bool keeps_panels(const operands& g) { return g.m > rows_of_block(g.n, g.k); }
  static constexpr extent_t depth_of_block(const operands& g) { return g.m == 1 && packs_b(g) ? depth_of_one_row : depth_per_block; }

  // How the products are cut: rows and columns of a block, and the columns that are finished together.
  struct cut {
    extent_t width, rows, held, columns, at_once;
  };
  static constexpr cut cut_of(const operands* g) {
    cut c{panel_width(g[0].m), rows_of_block(g[0].n, g[0].k), 0, round_up(g[0].n, panel_width(g[0].m)), round_up(64, panel_width(g[0].m))};
    c.held = round_up(g[0].m < c.rows ? g[0].m : c.rows, most_rows);
    bool few = !stores_directly(g[0]) && !Around::whole_rows;  // a few panels, if one pass over k does it
    for (int p = 0; p < Around::products; ++p) {
      few &= g[p].k <= depth_of_block(g[p]);
      if (Around::whole_rows || Around::chains || !packs_b(g[p]) || !keeps_panels(g[p])) continue;
      const extent_t fit = packed_bytes / ((g[p].k + 1) * static_cast<extent_t>(sizeof(R))) / c.width * c.width;
      c.columns = fit < c.width ? c.width : fit < c.columns ? fit : c.columns;
    }
    if (!few || c.at_once > c.columns) c.at_once = c.columns;
    return c;
  }
  // One row times the transpose of a matrix whose rows are contiguous: a matrix times a vector.
  static constexpr bool is_rows_times_vector(const operands& g) {
    return !Around::makes_a && !Around::makes_b && !Around::packed && !converts && g.m == 1 && g.b_k == 1 && g.b_column != 1 &&
           stores_directly(g);
  }

  // The buffers of product p in their order: f(which, elements, bytes of one).
  enum buffer_kind { panels, raw_panel, rows_of_a, raw_rows, sums, rounded };
  template <class F> static constexpr void buffers(const operands& g, const cut& c, int p, F f) {
    const extent_t deep = g.k < depth_of_block(g) ? g.k : depth_of_block(g);
    if (is_rows_times_vector(g)) return;
    if (packs_b(g)) f(panels, keeps_panels(g) ? c.columns * g.k : c.width * deep, sizeof(R));
    if (packs_b(g) && converts && Around::makes_b && p == 0) f(raw_panel, c.width * deep, sizeof(S));
    if (packs_a(g) && !(Around::makes_a && p > 0)) {
      f(rows_of_a, c.held * g.k, sizeof(R));
      if (converts && Around::makes_a) f(raw_rows, c.held * g.k, sizeof(S));
    }
    if (stores_directly(g)) return;
    f(sums, c.held * c.at_once, sizeof(R));
    if (converts && Around::consumes) f(rounded, c.held * c.at_once, sizeof(S));
  }

  /// Bytes of buffer that the products need.
  static constexpr extent_t buffer_bytes(const operands* g) {
    const cut c = cut_of(g);
    extent_t n = 0;
    for (int p = 0; p < Around::products; ++p)
      buffers(g[p], c, p,
              [&](buffer_kind, extent_t elements, std::size_t size) { n += round_up(elements * static_cast<extent_t>(size), 64); });
    return n;
  }

  /// The whole of one small product of static extents that needs no packing: its tiles alone, one after another. Larger ones may be
  /// shared by threads.
  static constexpr extent_t most_bare = 1 << 20;  // multiply-adds
  static constexpr bool is_bare(const operands& g) {
    return Around::m > 0 && Around::n > 0 && Around::products == 1 && !Around::packed && !converts && Around::m <= 128 &&
           Around::n <= 128 && Around::m * Around::n * g.k <= most_bare && g.k <= depth_per_block && (g.c_column == 1 || g.n == 1) &&
           !packs_a(g) && !packs_b(g) && panel_width(Around::m) == panel_width(2);
  }
  /// Extents for which this code is the same: what it uses of static ones is which tiles the edges need.
  static constexpr extent_t same_edges(extent_t n, extent_t step) { return n <= step ? n : step + n % step; }
  static constexpr extent_t m_like_this = same_edges(Around::m, rows_of_block(Around::n, Around::k));
  static constexpr extent_t n_like_this = Around::whole_rows ? Around::n : same_edges(Around::n, panel_width(Around::m));
  static constexpr extent_t k_like_this = Around::chains ? Around::k : -1;

  // Shape::bare_shape() has the strides and extents as constants. Room: see small_product.
  template <class Shape, bool RoomA, bool RoomC> SINTER_HOST_INLINE static void run_bare([[maybe_unused]] const S* a, const S* b, S* c) {
    if constexpr (!converts) {
      using small = small_product<B, R, Around::m, Around::n, Around::k>;
      if constexpr (is_dense(Shape::bare_shape()) && small::pays) small::template run<RoomA, RoomC>(a, b, c);
      else run_strips<Shape>(a, b, c);
    }
  }
  static constexpr bool is_dense(const operands& g) {
    return g.a_k == 1 && g.a_row == g.k && g.b_column == 1 && g.b_k == g.n && g.c_column == 1 && g.c_row == g.n;
  }

  /// b in panels of as many columns as a tile has, the last of as many vectors as it needs; each with its rows in order. This is what
  /// Around::packed reads.
  static constexpr extent_t panel_columns = most_vectors * N;
  static constexpr extent_t panel_elements(extent_t k, extent_t n) { return round_up(n, N) * k; }
  static void pack_panels(const S* b, std::ptrdiff_t b_k, std::ptrdiff_t b_column, extent_t k, extent_t n, R* to) {
    for (extent_t j = 0; j < n; j += panel_columns) {
      const extent_t wide = n - j < panel_columns ? n - j : panel_columns;
      copy_matrix(b + j * b_column, b_k, b_column, to + j * k, round_up(wide, N), k, wide);
    }
  }

  /// Rows first_row <= i < last_row and columns first_column <= j < last_column of the products.
  static void run(const operands* g, const Around& around, extent_t first_row, extent_t last_row, extent_t first_column,
                  extent_t last_column, char* buffer, bool fresh = true) {
    if constexpr (!converts && (Around::m < 0 || Around::m == 1))
      if (is_rows_times_vector(g[0])) return transposed_row(g[0], first_column, last_column);
    const cut c = cut_of(g);
    block x[Around::products];
    for (int p = 0; p < Around::products; ++p) {
      x[p].g = g[p], x[p].around = &around, x[p].width = c.width, x[p].at_once = c.at_once, x[p].makes_panels = p == 0;
      buffers(g[p], c, p, [&](buffer_kind kind, extent_t elements, std::size_t size) {
        x[p].buffer[kind] = buffer;
        buffer += round_up(elements * static_cast<extent_t>(size), 64);
      });
      if (Around::makes_a && p > 0) x[p].buffer[rows_of_a] = x[0].buffer[rows_of_a];
    }
    const extent_t row_blocks = (last_row - first_row + c.rows - 1) / c.rows;
    for (extent_t jc = first_column; jc < last_column; jc += c.columns)
      for (extent_t i = 0; i < row_blocks; ++i) {
        // Where the depth grows with the row, the first block that runs is the deepest: it packs for all.
        const extent_t ic = first_row + (Around::limited ? row_blocks - 1 - i : i) * c.rows;
        const extent_t columns = last_column - jc < c.columns ? last_column - jc : c.columns;
        for (block& b : x) {
          b.jc = jc, b.ic = ic, b.columns = columns, b.first = fresh && i == 0;
          b.rows = last_row - ic < c.rows ? last_row - ic : c.rows;
          if constexpr (Around::limited) b.all = around.depth(ic, b.rows);
          else b.all = b.g.k;
          if (!(Around::makes_a && &b != x)) b.make_a();
        }
        for (extent_t j = 0; j < columns; j += c.at_once) {
          const extent_t wide = columns - j < c.at_once ? columns - j : c.at_once;
          for (block& b : x) b.compute(j, wide);
          if constexpr (Around::consumes) {
            S* finished[Around::products];
            for (int p = 0; p < Around::products; ++p) finished[p] = x[p].finished();
            around.consume(finished, c.at_once, ic, x[0].rows, jc + j, wide);
          }
        }
      }
  }

 private:
  // The columns behind the last whole vector are few enough to be folded.
  using fold = folded_columns<B, R>;
  static constexpr bool folds_end() {
    return fold::possible && Around::m > 1 && Around::n > 0 && Around::n % N > 0 && Around::n % N <= fold::most_columns;
  }
  // A has the strides and extents of the product, as constants.
  template <class Shape> SINTER_HOST_INLINE static void run_strips(const R* a, const R* b, R* c) {
    constexpr operands g = Shape::bare_shape();
    constexpr extent_t width = most_vectors * N, rest = g.n % width, tail = rest % N;
    constexpr bool folded = folds_end();
    constexpr int vectors = static_cast<int>(rest / N + (tail > 0 && !folded));
    for (extent_t j = 0; j + width <= g.n; j += width) fixed_strip<Shape, most_vectors, false>(a, b + j, c + j);
    if constexpr (vectors > 0) fixed_strip<Shape, vectors, (tail > 0 && !folded)>(a, b + (g.n - rest), c + (g.n - rest));
    if constexpr (folded) {
      constexpr int rows = fold::rows, groups = static_cast<int>((g.m + rows - 1) / rows), most = fold::most_groups,
                    runs = (groups + most - 1) / most, in_run = (groups + runs - 1) / runs;
      fixed_fold<Shape, in_run, 0>(a, b + (g.n - tail), c + (g.n - tail));
    }
  }
  template <class Shape, int Groups, extent_t First> SINTER_HOST_INLINE static void fixed_fold(const R* a, const R* b, R* c) {
    constexpr operands g = Shape::bare_shape();
    constexpr extent_t step = Groups * fold::rows, rows = g.m - First < step ? g.m - First : step;
    constexpr int groups = static_cast<int>((rows + fold::rows - 1) / fold::rows), columns = static_cast<int>(g.n % N);
    using fixed = fixed_tile_operands<R, rows, g.k, g.a_row, g.a_k, g.b_k, g.c_row, columns>;
    fold::template run_fixed<groups, columns, fixed>(a + First * g.a_row, b, c + First * g.c_row);
    if constexpr (First + step < g.m) fixed_fold<Shape, Groups, First + step>(a, b, c);
  }
  // Few vectors a row leave registers for more rows.
  template <class Shape, int V, bool Masked> SINTER_HOST_INLINE static void fixed_strip(const R* a, const R* b, R* c) {
    constexpr operands g = Shape::bare_shape();
    constexpr int most = most_rows * most_vectors / V, tiles_of_rows = static_cast<int>((g.m + most - 1) / most);
    constexpr int height = static_cast<int>(g.m) / tiles_of_rows, taller = static_cast<int>(g.m) % tiles_of_rows;
    using fixed = fixed_tile_operands<R, height, g.k, g.a_row, g.a_k, g.b_k, g.c_row, static_cast<int>(g.n % N)>;
    for (int t = 0; t < taller; ++t, a += (height + 1) * g.a_row, c += (height + 1) * g.c_row)
      tile::template run_fixed<height + 1, V, Masked, fixed>(a, b, c);
    for (int t = taller; t < tiles_of_rows; ++t, a += height * g.a_row, c += height * g.c_row)
      tile::template run_fixed<height, V, Masked, fixed>(a, b, c);
  }
  static void transposed_row(const operands& g, extent_t first, extent_t last) requires(!converts) {
    extent_t j = first;
    for (; j + 2 * N <= last; j += 2 * N) transposed_tile<B>(g.a, g.a_k, g.b + j * g.b_column, g.b_column, g.c + j, g.k);
    for (; j < last; ++j) {
      using one = pack<B, R, 1>;
      one sum(R(0));
      const R* row = g.b + j * g.b_column;
      for (extent_t k = 0; k < g.k; ++k) sum = tile::term(one(g.a[k * g.a_k]), one(row[k]), sum);
      store(g.c + j, sum);
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
    if (row == 1) {
      if constexpr (!converts) return transpose<B>(from, column, to, to_row, height, wide);
      else return copy_columns(from, column, to, to_row, height, wide);
    }
    for (extent_t i = 0; i < height; ++i)
      for (extent_t j = 0; j < wide; ++j) to[i * to_row + j] = static_cast<R>(from[i * row + j * column]);
  }
  // The same where columns are contiguous: a square of them is transposed, then its rows are converted.
  static void copy_columns(const S* from, std::ptrdiff_t column, R* to, std::ptrdiff_t to_row, extent_t height, extent_t wide) {
    constexpr int side = 64;
    alignas(64) S square[side * side];
    for (extent_t i = 0; i < height; i += side)
      for (extent_t j = 0; j < wide; j += side) {
        const extent_t rows = height - i < side ? height - i : side, columns = wide - j < side ? wide - j : side;
        transpose<B>(from + i + j * column, column, square, side, rows, columns);
        for (extent_t k = 0; k < rows; ++k) copy_matrix(square + k * side, side, 1, to + (i + k) * to_row + j, to_row, 1, columns);
      }
  }
  using tile_function = void (*)(const tile_operands<R>&);
  // Which tiles a product of static extents never uses.
  static constexpr bool has_rows(int height) {
    if (Around::m < 0 || (Around::whole_rows && Around::n < 0) || (Around::chains && Around::k < 0)) return true;
    const extent_t step = rows_of_block(Around::n, Around::k);
    for (extent_t i = 0; i < Around::m; i += step) {
      const extent_t rows = Around::m - i < step ? Around::m - i : step, tiles = (rows + most_rows - 1) / most_rows;
      if (rows / tiles == height || (rows % tiles && rows / tiles + 1 == height)) return true;
    }
    return false;
  }
  // Whether the vectors of a last, narrower panel end in a part of one; open extents always say so.
  static constexpr bool ends_masked = Around::n < 0 || (Around::n % N > 0 && !folds_end());
  static constexpr bool has_vectors(int vectors, bool masked) {
    if (Around::n < 0) return true;
    const extent_t width = panel_width(Around::m), rest = Around::n % width;
    if (masked == ends_masked && (masked ? rest + N - 1 : rest) / N == vectors) return true;
    return !masked && vectors == most_vectors && Around::n >= width;
  }
  static constexpr fetches fetched = Around::packed ? fetches::panel : Around::matrices_read > 0 ? fetches::rows : fetches::nothing;
  template <int V, bool Last, bool Packs, int... I> static constexpr auto heights(sinter::detail::int_list<I...>) {
    struct table {
      tile_function of[most_rows];
    };
    const auto one = [](auto height) -> tile_function {
      constexpr int M = decltype(height)::value;
      if constexpr (has_rows(M) && has_vectors(V, Last)) return tile::template run<M, V, Last, Packs, fetched>;
      else return nullptr;
    };
    return table{{one(std::integral_constant<int, I + 1>{})...}};
  }
  template <int V, bool Last, bool Packs = false>
  static constexpr auto tiles = heights<V, Last, Packs>(sinter::detail::make_int_list<most_rows>{});

  using fold_function = void (*)(const tile_operands<R>&, extent_t);
  static constexpr bool has_groups(int groups) {
    const extent_t step = rows_of_block(Around::n, Around::k), most = fold::most_groups * fold::rows;
    for (extent_t i = 0; i < Around::m; i += step)
      for (extent_t left = Around::m - i < step ? Around::m - i : step; left > 0; left -= most)
        if (((left < most ? left : most) + fold::rows - 1) / fold::rows == groups) return true;
    return false;
  }
  template <int Columns, int... I> static constexpr auto fold_heights(sinter::detail::int_list<I...>) {
    struct table {
      fold_function of[fold::most_groups];
    };
    const auto one = [](auto groups) -> fold_function {
      constexpr int G = decltype(groups)::value;
      if constexpr (has_groups(G)) return fold::template run<G, Columns>;
      else return nullptr;
    };
    return table{{one(std::integral_constant<int, I + 1>{})...}};
  }
  template <int Columns> static constexpr auto folds = fold_heights<Columns>(sinter::detail::make_int_list<fold::most_groups>{});

  // Rows ic, ic + 1, ... and columns jc, jc + 1, ... of one product.
  struct block {
    operands g;
    const Around* around = nullptr;
    extent_t width = 0, jc = 0, ic = 0, rows = 0, columns = 0, at_once = 0, all = 0;  // all: terms
    bool first = false, makes_panels = true;
    extent_t first_column = 0;  // of the strip
    bool last_pass = false;     // over k
    char* buffer[6] = {};
    template <class T> SINTER_HOST_INLINE T* at(buffer_kind k) const { return reinterpret_cast<T*>(buffer[k]); }

    // Columns j, j + 1, ... (counted from jc) of all rows.
    void compute(extent_t from, extent_t wide) {
      const extent_t depth = depth_of_block(g);
      extent_t k = 0;
      do {
        const extent_t deep = all - k < depth ? all - k : depth;
        for (extent_t j = from; j < from + wide; j += width) panel(j, columns - j < width ? columns - j : width, k, deep, from);
        k += deep;
      } while (k < all);
      if constexpr (Around::hides) leave_out_hidden(from, wide);
      if (!stores_directly(g)) finish(from, wide);
    }
    // The tiles multiply zeros too, and 0 times infinity is NaN: rows that are not finite are summed once more, over what counts.
    void leave_out_hidden(extent_t from, extent_t wide) {
      using lanes = simd::pack<B, R, N>;
      const auto count = [wide](extent_t j) { return static_cast<int>(wide - j < N ? wide - j : N); };
      for (extent_t i = 0; i < rows; ++i) {
        R* to = at<R>(sums) + i * at_once;
        if constexpr (!converts)
          if (stores_directly(g)) to = g.c + (ic + i) * g.c_row + jc + from;
        lanes zeros(R(0));
        for (extent_t j = 0; j < wide; j += N) zeros = fma(load_some<B, N>(to + j, 0, count(j)), lanes(R(0)), zeros);
        if (simd::all(zeros == lanes(R(0)))) continue;
        const extent_t deep = around->visible(ic + i);
        for (extent_t j = 0; deep > 0 && j < wide; j += N) {
          lanes sum(R(0));
          for (extent_t k = 0; k < deep; ++k) sum = tile::term(lanes(at<R>(rows_of_a)[i * g.k + k]), row_of_b(k, from + j, count(j)), sum);
          store_some(to + j, sum, 0, count(j));
        }
      }
    }
    auto row_of_b(extent_t k, extent_t j, int count) {
      if constexpr (Around::packed) {
        const extent_t first_of_panel = (jc + j) / panel_columns * panel_columns, left = g.n - first_of_panel;
        const R* const p = reinterpret_cast<const R*>(g.b) + first_of_panel * g.k;
        return load_some<B, N>(p + k * round_up(left < panel_columns ? left : panel_columns, N) + (jc + j - first_of_panel), 0, count);
      } else {
        R row[N] = {};
        pack(row, j, count, k, 1);
        return load<B, N>(row);
      }
    }
    void panel(extent_t j, extent_t wide, extent_t k, extent_t deep, extent_t from) {
      tile_operands<R> o{};
      o.depth = deep, o.add = k > 0;
      first_column = jc + j, last_pass = k + deep == all;
      if constexpr (Around::packed) {
        o.b_k = round_up(wide, N), o.b = reinterpret_cast<const R*>(g.b) + (jc + j) * g.k + k * o.b_k;
        o.ahead = moved(o.b, width * g.k * static_cast<extent_t>(sizeof(R)));  // the next panel
      } else if (packs_b(g)) {
        const bool kept = keeps_panels(g);
        R* const p = kept ? at<R>(panels) + j * g.k + k * width : at<R>(panels);
        o.b = p, o.b_k = width;
        if (first || !kept) {
          // The tiles of the first rows pack a whole panel whose rows are contiguous; else it is copied before.
          bool later = false;
          if constexpr (!converts && !Around::makes_b) {
            later = g.b_column == 1 && wide == width && width == most_vectors * N;
            if (later) o.b = g.b + k * g.b_k + jc + j, o.b_k = g.b_k, o.packed = p;
          }
          if (!later) pack(p, j, wide, k, deep);
        }
      } else if constexpr (!converts) {
        o.b = g.b + k * g.b_k + (jc + j) * g.b_column, o.b_k = g.b_k;
      }
      if (packs_a(g)) o.a = at<R>(rows_of_a) + k, o.a_row = g.k, o.a_k = 1;
      else if constexpr (!converts) o.a = g.a + ic * g.a_row + k * g.a_k, o.a_row = g.a_row, o.a_k = g.a_k;
      if (!stores_directly(g)) o.c = at<R>(sums) + (j - from), o.c_row = at_once;
      else if constexpr (!converts) o.c = g.c + ic * g.c_row + jc + j, o.c_row = g.c_row;
      if (width > most_vectors * N) return wide_row(o, wide);
      if (wide == width) return strip(o, tiles<most_vectors, false>.of);
      if constexpr (folds_end()) {
        tile_operands<R> end = o;
        end.b += wide / N * N, end.c += wide / N * N;
        folded_strip(end);
        wide = wide / N * N;
      }
      const int vectors = static_cast<int>((wide + N - 1) / N);
      o.last = static_cast<int>(wide - (vectors - 1) * N);
      last_strip(o, vectors, sinter::detail::make_int_list<most_vectors>{});
    }
    template <int... V> SINTER_HOST_INLINE void last_strip(tile_operands<R>& o, int vectors, sinter::detail::int_list<V...>) {
      ((V + 1 == vectors ? strip(o, tiles<V + 1, ends_masked>.of) : void()), ...);
    }
    void folded_strip(tile_operands<R>& o) {
      for (extent_t left = rows; left > 0; left -= fold::most_groups * fold::rows) {
        const extent_t many = left < fold::most_groups * fold::rows ? left : fold::most_groups * fold::rows;
        folds<static_cast<int>(Around::n % N)>.of[(many - 1) / fold::rows](o, many);
        o.a += many * o.a_row, o.c += many * o.c_row;
      }
    }
    // The rows are split evenly over tiles of at most two heights.
    SINTER_HOST_INLINE void strip(tile_operands<R>& o, const tile_function* of) {
      const extent_t tiles_of_rows = (rows + most_rows - 1) / most_rows, height = rows / tiles_of_rows, taller = rows % tiles_of_rows;
      [[maybe_unused]] extent_t row = ic;
      for (extent_t t = 0; t < tiles_of_rows; ++t) {
        const extent_t h = height + (t < taller);
        [[maybe_unused]] const char* ahead[most_rows * Around::matrices_read + 1];
        if constexpr (fetched == fetches::rows) {
          o.rows_ahead = ahead, o.count_ahead = last_pass ? around->rows_to_read(ahead, row, h, first_column) : 0;
          if (o.count_ahead == 0) ahead[o.count_ahead++] = reinterpret_cast<const char*>(o.a);
          row += h;
        }
        if (o.packed) {
          tiles<most_vectors, false, true>.of[h - 1](o);
          o.b = o.packed, o.b_k = width, o.packed = nullptr;
        } else {
          of[h - 1](o);
        }
        o.a += h * o.a_row, o.c += h * o.c_row;
        if constexpr (Around::packed) o.ahead = moved(o.ahead, (o.depth + 1) / 2 * 64);
      }
    }
    void wide_row(tile_operands<R>& o, extent_t wide) {
      if constexpr (Around::m < 0 || Around::m == 1) {
        // A matrix that no second-level cache holds is as fast as memory, and its rows lie too far apart to be foreseen by processors.
        return o.depth * o.b_k * static_cast<extent_t>(sizeof(R)) < 2 << 20 ? wide_row<fetches::nothing>(o, wide)
                                                                            : wide_row<fetches::matrix>(o, wide);
      }
    }
    template <fetches Ahead> void wide_row(tile_operands<R>& o, extent_t wide) {
      if (wide == width) return tile::template run<1, row_vectors, false, false, Ahead>(o);
      for (; wide >= most_vectors * N; wide -= most_vectors * N, o.b += most_vectors * N, o.c += most_vectors * N)
        tile::template run<1, most_vectors, false, false, Ahead>(o);
      for (; wide > 0; wide -= N, o.b += N, o.c += N) {
        o.last = wide < N ? static_cast<int>(wide) : N;
        tile::template run<1, 1, true>(o);
      }
    }
    void pack(R* to, extent_t j, extent_t wide, extent_t k, extent_t deep) {
      if constexpr (Around::makes_b && !converts) {
        if (makes_panels) return around->make_b(to, width, k, deep, jc + j, wide);
      } else if constexpr (Around::makes_b) {
        if (makes_panels) {
          around->make_b(at<S>(raw_panel), width, k, deep, jc + j, wide);
          return copy_matrix(at<S>(raw_panel), width, 1, to, width, deep, wide);
        }
      }
      copy_matrix(g.b + k * g.b_k + (jc + j) * g.b_column, g.b_k, g.b_column, to, width, deep, wide);
    }
    void make_a() {
      if (!packs_a(g)) return;
      R* const to = at<R>(rows_of_a);
      if constexpr (Around::makes_a && !converts) {
        around->make_a(to, g.k, ic, rows, g.k, first);
      } else if constexpr (Around::makes_a) {
        around->make_a(at<S>(raw_rows), g.k, ic, rows, g.k, first);
        copy_matrix(at<S>(raw_rows), g.k, 1, to, g.k, rows, g.k);
      } else {
        copy_matrix(g.a + ic * g.a_row, g.a_row, g.a_k, to, g.k, rows, g.k);
      }
    }
    void finish(extent_t from, extent_t wide) {
      if constexpr (!Around::consumes) round_matrix(g.c + ic * g.c_row + (jc + from) * g.c_column, g.c_row, g.c_column, wide);
      else if constexpr (converts) round_matrix(at<S>(rounded), at_once, 1, wide);
    }
    S* finished() const {
      if constexpr (converts) return at<S>(rounded);
      else return at<S>(sums);
    }
    void round_matrix(S* to, std::ptrdiff_t row, std::ptrdiff_t column, extent_t wide) const {
      for (extent_t i = 0; i < rows; ++i)
        for (extent_t j = 0; j < wide; j += N) {
          const int count = static_cast<int>(wide - j < N ? wide - j : N);
          const auto x = load_some<B, N>(at<R>(sums) + i * at_once + j, 0, count);
          if (column == 1) store_some(to + i * row + j, x, 0, count);
          else store_strided_some(to + i * row + j * column, x, column, 0, count);
        }
    }
  };
};

}  // namespace simd
}  // namespace SINTER_ISA
}  // namespace sinter
