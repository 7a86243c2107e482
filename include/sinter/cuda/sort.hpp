// SPDX-License-Identifier: Apache-2.0
// The places of the first k elements of rows in their order. Tiles of a row are sorted in shared memory, then runs are merged in global
// memory, two by two, until one is left. A word is a key and a place; no two are equal, so that an element of one run goes to its own
// index plus how many words of the other run stand before it: stable, and the same whatever the threads do.
#pragma once

#include <type_traits>

#include <sinter/cuda/block.hpp>
#include <sinter/ops/ordered_bits.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace cuda_kernels {

// Of up to 4 bytes keys stand above places in one number.
struct alignas(16) wide_word {
  std::uint64_t key, place;
};
template <bool Wide> using sort_word = std::conditional_t<Wide, wide_word, std::uint64_t>;
SINTER_INLINE bool is_before(std::uint64_t a, std::uint64_t b) { return a < b; }
SINTER_INLINE bool is_before(const wide_word& a, const wide_word& b) { return a.key < b.key || (a.key == b.key && a.place < b.place); }
SINTER_INLINE std::int32_t place_of(std::uint64_t w) { return static_cast<std::int32_t>(w & 0xffffffffu); }
SINTER_INLINE std::int32_t place_of(const wide_word& w) { return static_cast<std::int32_t>(w.place); }

// How many of so many sorted words stand before w; step: a power of two, at most `count` is below twice of it.
template <class Word> SINTER_INLINE int rank_of(const Word& w, const Word* sorted, int count, int step) {
  int rank = 0;
  for (; step > 0; step /= 2)
    if (rank + step <= count && is_before(sorted[rank + step - 1], w)) rank += step;
  return rank;
}

inline constexpr int sort_tile = 1024;

// Rows of n elements: where they and their results lie along outer loops, bytes apart, and the words of all rows before and after a merge.
template <int Outer> struct sort_arguments {
  extent_t rows, n, k, outer[Outer + 1];
  const char* x;
  char *to, *from, *next;
  std::ptrdiff_t x_step[Outer + 1], to_step[Outer + 1];
  int doublings;    // of runs within a tile
  extent_t length;  // of the runs that are merged
};
template <int Outer> struct sort_program {
  using args = sort_arguments<Outer>;
  static constexpr int tile = sort_tile, threads = 512, across = warp_threads, each = tile / threads;
  template <int> using reductions = int_list<>;

  SINTER_INLINE static std::ptrdiff_t offset(extent_t row, const extent_t* outer, const std::ptrdiff_t* step) {
    std::ptrdiff_t at = 0;
    for (int d = Outer - 1; d > 0; --d) at += row % outer[d] * step[d], row /= outer[d];
    return at + row * step[0];
  }

 protected:
  SINTER_INLINE static extent_t smaller(extent_t a, extent_t b) { return a < b ? a : b; }
  SINTER_INLINE static std::int32_t* result(const args& a, extent_t row) {
    return reinterpret_cast<std::int32_t*>(a.to + offset(row, a.outer, a.to_step));
  }
};

// Sorts tiles by runs of 1, 2, 4, ...: one round reads them, each other one merges. Short rows share a tile, of a power of two words each.
template <dtype Type, bool Descending, int Outer> struct sort_tiles_program : sort_program<Outer> {
  using base = sort_program<Outer>;
  using base::tile, base::threads, base::each, typename base::args;
  using element = storage_t<Type>;
  static constexpr bool wide = size_of(Type) == 8;
  using word = sort_word<wide>;
  static constexpr const char* name = "sort of tiles";
  static constexpr int phases = 2, loop_end = 1;
  template <int P> static constexpr bool shares = P == 0;
  struct thread {};
  struct shared {
    word words[2][tile];
  };

  static constexpr int doublings_of(extent_t n) {
    int d = 0;
    while ((1 << d) < n && (1 << d) < tile) ++d;
    return d;
  }
  static constexpr extent_t tiles_of(extent_t n) { return (n + tile - 1) / tile; }
  static constexpr extent_t blocks(const args& a) {
    const extent_t together = a.n > tile ? 1 : tile >> a.doublings;
    return (a.rows + together - 1) / together * tiles_of(a.n);
  }
  SINTER_INLINE static extent_t rounds(const args& a) { return a.doublings + 1; }

  template <int P> SINTER_INLINE static void phase(const args& a, extent_t block, int t, thread&, shared& with, extent_t round) {
    const int width = 1 << a.doublings;
    const extent_t tiles = (a.n + tile - 1) / tile, line = block / tiles, first = (block - line * tiles) * tile;
    const extent_t row0 = line * (a.n > tile ? 1 : tile >> a.doublings);
    SINTER_UNROLL
    for (int e = 0; e < each; ++e) {
      const int i = t + e * threads, within = i & (width - 1);
      const extent_t row = row0 + (i >> a.doublings), place = first + within;
      if constexpr (P == 1) {
        if (row < a.rows && place < a.n && within < a.k) write(a, row, place, with.words[a.doublings & 1][i]);
      } else if (round == 0) {
        with.words[0][i] = read(a, row, place);
      } else {
        const int length = 1 << (round - 1), begin = i & -length;
        const word* const from = with.words[(round - 1) & 1];
        const word w = from[i];
        with.words[round & 1][(begin & ~length) + (i - begin) + rank_of(w, from + (begin ^ length), length, length)] = w;
      }
    }
  }

 private:
  // What fills a tile stands behind all elements.
  SINTER_INLINE static word read(const args& a, extent_t row, extent_t place) {
    constexpr std::uint64_t last = wide ? ~std::uint64_t{0} : 0xffffffffu;
    std::uint64_t key = last;
    if (row < a.rows && place < a.n) {
      const auto bits = sinter::detail::ordered_bits(reinterpret_cast<const element*>(a.x + base::offset(row, a.outer, a.x_step))[place]);
      key = static_cast<decltype(bits)>(Descending ? ~bits : bits);
    }
    if constexpr (wide) return {key, static_cast<std::uint64_t>(place)};
    else return key << 32 | static_cast<std::uint64_t>(place);
  }
  SINTER_INLINE static void write(const args& a, extent_t row, extent_t place, const word& w) {
    if (a.n > tile) reinterpret_cast<word*>(a.next)[row * a.n + place] = w;
    else base::result(a, row)[place] = place_of(w);
  }
};

// Merges runs two by two, of each only its first k words. A block makes a tile of the words of two runs: it finds where the tile begins
// and ends in both, reads these parts into shared memory, and ranks each word there. Source: Green, McColl and Bader, GPU Merge Path
// (2012).
template <bool Wide, int Outer> struct merge_program : sort_program<Outer> {
  using base = sort_program<Outer>;
  using base::tile, base::threads, base::each, typename base::args;
  using word = sort_word<Wide>;
  static constexpr const char* name = "merge of sorted runs";
  static constexpr int phases = 3;
  template <int P> static constexpr bool shares = P < 2;
  struct shared {
    extent_t begin[2];  // in the first run: of this tile, of the next one
    word words[tile];
  };
  struct thread {};

  static constexpr extent_t parts_of(const args& a) {
    const extent_t most = a.k < 2 * a.length ? a.k : 2 * a.length;
    return (most + tile - 1) / tile;
  }
  static constexpr extent_t blocks(const args& a) { return a.rows * ((a.n + 2 * a.length - 1) / (2 * a.length)) * parts_of(a); }

  template <int P> SINTER_INLINE static void phase(const args& a, extent_t block, int t, thread&, shared& with) {
    const extent_t parts = (base::smaller(a.k, 2 * a.length) + tile - 1) / tile, pairs = (a.n + 2 * a.length - 1) / (2 * a.length);
    const extent_t pair = block / parts, part = block - pair * parts, row = pair / pairs, first = (pair - row * pairs) * 2 * a.length;
    const extent_t rest = a.n - first, left = base::smaller(base::smaller(rest, a.length), a.k);
    const extent_t right = rest > a.length ? base::smaller(base::smaller(rest - a.length, a.length), a.k) : 0;
    const extent_t count = base::smaller(left + right, a.k), begin = part * tile, end = base::smaller(begin + tile, count);
    if (begin >= count) return;
    const word* const x = reinterpret_cast<const word*>(a.from) + row * a.n + first;
    const word* const y = x + a.length;
    if constexpr (P == 0) {
      if (t < 2) with.begin[t] = split(x, left, y, right, t == 0 ? begin : end);
    } else {
      const extent_t x0 = with.begin[0], y0 = begin - x0;
      const int of_x = static_cast<int>(with.begin[1] - x0), of_both = static_cast<int>(end - begin);
      SINTER_UNROLL
      for (int e = 0; e < each; ++e) {
        const int i = t + e * threads;
        if (i >= of_both) continue;
        if constexpr (P == 1) {
          with.words[i] = i < of_x ? x[x0 + i] : y[y0 + i - of_x];
        } else {
          const word w = with.words[i];
          const bool is_x = i < of_x;
          const int rank = rank_of(w, with.words + (is_x ? of_x : 0), is_x ? of_both - of_x : of_x, tile / 2);
          const extent_t at = first + begin + (is_x ? i : i - of_x) + rank;
          if (2 * a.length < a.n) reinterpret_cast<word*>(a.next)[row * a.n + at] = w;
          else base::result(a, row)[at] = place_of(w);
        }
      }
    }
  }

 private:
  // How many of the first `count` words of the merged runs are of the first one.
  SINTER_INLINE static extent_t split(const word* x, extent_t left, const word* y, extent_t right, extent_t count) {
    extent_t low = count > right ? count - right : 0, high = base::smaller(count, left);
    while (low < high) {
      const extent_t middle = (low + high) / 2;
      if (is_before(x[middle], y[count - 1 - middle])) low = middle + 1;
      else high = middle;
    }
    return low;
  }
};

}  // namespace cuda_kernels
}  // namespace SINTER_ISA
}  // namespace sinter
