// SPDX-License-Identifier: Apache-2.0
// A contraction and the groups nested in it, as a type that names no plan: equal ones of different functions, or of one, are the same
// code. run/contraction.hpp says what they are and binds them.
#pragma once

#include <sinter/run/kernels.hpp>
#include <sinter/run/threads.hpp>
#include <sinter/run/workspace.hpp>
#include <sinter/simd/gemm.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace run {

// The accesses and stores of a nested group that are a block of memory instead of the whole array.
template <class Accesses, class Stores> struct block_of;
template <int... A, int... S> struct block_of<detail::int_list<A...>, detail::int_list<S...>> {
  template <class Args> static void redirect(Args& x, char* origin, extent_t stride, [[maybe_unused]] int outer) {
    [[maybe_unused]] const auto to = [&](auto& p) {
      p.base = origin, p.inner = 1;
      extent_t along = stride;
      for (int d = outer; d-- > 0; along *= x.outer[d]) p.outer[d] = along;
    };
    (to(x.access[A]), ...), (to(x.store[S]), ...);
  }
};

// The matrices in memory, row by row, that a nested group reads beside these blocks: its accesses and the sizes of their elements.
template <class Accesses, class Bytes> struct matrices;
template <int... A, int... Bytes> struct matrices<detail::int_list<A...>, detail::int_list<Bytes...>> {
  static constexpr int count = sizeof...(A);
  template <class Args> static int rows([[maybe_unused]] const Args& x, [[maybe_unused]] const char** to,
                                        [[maybe_unused]] extent_t first_row, [[maybe_unused]] extent_t rows,
                                        [[maybe_unused]] extent_t column) {
    int n = 0;
    [[maybe_unused]] const auto add = [&](const auto& p, extent_t bytes) {
      for (extent_t i = first_row; i < first_row + rows; ++i) to[n++] = simd::moved(p.base, (i * p.outer[0] + column) * bytes);
    };
    (add(x.access[A], Bytes), ...);
    return n;
  }
};

// A group as a part of a contraction: its kernel on some of its rows. Blocks: those of what it makes, or of the products that it
// consumes; last, that of its own result, which another contraction reads.
// Apart: as many rows of a group are one row of what it makes.
template <class Kernel, class Arguments, int Outer, int Apart, bool RowProgram, bool Inlined, class Matrices, class... Blocks>
struct nested_group {
  static constexpr bool is_product = false;
  using matrices_read = Matrices;
  Arguments bound;

  // Element (row, column) of what the I-th of Blocks stands for is block[I][(row - first_row) * stride + column - first_column].
  template <class S> SINTER_HOST_INLINE void run(S* const* block, int blocks, extent_t stride, extent_t first_row, extent_t rows,
                                                 extent_t first_column, extent_t columns, char* buffer) const {
    if constexpr (Apart > 1) {  // whole rows, one after the other
      stride /= Apart, first_row *= Apart, rows *= Apart, columns /= Apart;
    }
    auto x = bound;
    const extent_t before = (first_row * stride + first_column) * static_cast<extent_t>(sizeof(S));
    [[maybe_unused]] int i = 0;
    ((i < blocks ? Blocks::redirect(x, simd::moved(reinterpret_cast<char*>(block[i]), -before), stride, Outer) : void(), ++i), ...);
    x.begin = first_column, x.end = first_column + columns, x.buffer = buffer;
    if constexpr (RowProgram) x.inner = columns;  // all of the row, or as much of it as counts
    if constexpr (Inlined) Kernel::run(x, first_row, first_row + rows);
    else Kernel::call(x, first_row, first_row + rows);
  }
  // The same, with its own result in a block as above.
  template <class S> nested_group writing_to(S* block, extent_t stride, extent_t first_row) const {
    nested_group other = *this;
    using own = detail::nth_t<sizeof...(Blocks) - 1, Blocks...>;
    own::redirect(other.bound, simd::moved(reinterpret_cast<char*>(block), -first_row * stride * static_cast<extent_t>(sizeof(S))), stride,
                  Outer);
    return other;
  }
};
struct no_group {
  static constexpr bool is_product = false;
  using matrices_read = matrices<detail::int_list<>, detail::int_list<>>;
};

// What tells one contraction from another, beside the groups around it.
struct product_traits {
  dtype type{};
  int batch_axes = 0, products = 1;
  bool packed = false;
  bool whole_rows = false;    // the consumer is a row program
  bool hides_ends = false;    // only the beginnings of the rows count that the consumer makes
  bool limited_rows = false;  // and it leaves out the rest
  extent_t m = -1, n = -1, k = -1;
  fuse::schedule_value schedule = {};
};

// A part of a product: batches, rows, columns.
struct product_part {
  extent_t first, last, i0, i1, j0, j1;
};
// How a product may be cut into parts: between panels and blocks, which are so wide and high; bytes of buffer for each part.
struct product_cut {
  extent_t batches = 1, m = 0, n = 0, k = 0, width = 0, height = 0, bytes = 0;
  bool cuts_columns = false;
};
SINTER_NOINLINE inline void run_parts(const product_cut& c, const void* self, void (*run)(const void*, const product_part&, char*),
                                      char* buffer) {
  constexpr extent_t part_work = 1 << 18;  // a part that another thread runs should take some microseconds: as many multiply-adds
  executor* const e = sinter::detail::current_executor.load(std::memory_order_acquire);
  const extent_t wanted = e && !sinter::detail::inside_part ? c.batches * c.m * c.n * (c.k + 1) / part_work : 1;
  const int parts = static_cast<int>(wanted < 2 ? 1 : wanted < 4 * e->concurrency() ? wanted : 4 * e->concurrency());
  const product_part all{0, c.batches, 0, c.m, 0, c.n};
  if (parts < 2) return run(self, all, buffer);
  const auto cut = [&](extent_t n, extent_t step, int most, extent_t product_part::*first, extent_t product_part::*last) {
    parallel_parts(*e, n, step, most, [&](extent_t i, extent_t j) {
      product_part part = all;
      part.*first = i, part.*last = j;
      const arena_part own(static_cast<std::size_t>(c.bytes), nullptr);
      run(self, part, reinterpret_cast<char*>(own.data()));
    });
  };
  if (c.batches >= parts) cut(c.batches, 1, parts, &product_part::first, &product_part::last);
  else if (c.cuts_columns && c.n >= 2 * c.width * e->concurrency())
    cut(c.n, c.width, e->concurrency(), &product_part::j0, &product_part::j1);
  else cut(c.m, c.height, parts, &product_part::i0, &product_part::i1);
}

template <class Backend, product_traits T, class MakerA, class MakerB, class Consumer> struct product {
  static constexpr product_traits traits = T;
  static constexpr bool is_product = true;
  using S = storage_t<T.type>;

  // What is around the product, for the rows of one batch.
  struct around {
    static constexpr bool makes_a = !std::same_as<MakerA, no_group>, makes_b = !std::same_as<MakerB, no_group>,
                          consumes = !std::same_as<Consumer, no_group>;
    static constexpr bool chains = MakerA::is_product, whole_rows = T.whole_rows;
    static constexpr bool hides = [] {  // of rows of a only a beginning counts, by the row
      if constexpr (chains) return MakerA::traits.hides_ends;
      else return false;
    }();
    static constexpr bool limited = [] {  // and only that is made, in blocks of rows
      if constexpr (chains) return MakerA::traits.limited_rows;
      else return false;
    }();
    static constexpr int matrices_read = whole_rows || chains ? 0 : Consumer::matrices_read::count;
    static constexpr bool packed = T.packed;
    static constexpr fuse::schedule_value schedule = T.schedule;
    static constexpr int products = T.products;
    static constexpr extent_t m = T.m, n = T.n, k = T.k;

    const MakerA& maker_of_a;
    const MakerB& maker_of_b;
    const Consumer& consumer;
    extent_t first_row = 0;
    char* makers_buffer = nullptr;
    char* consumers_buffer = nullptr;

    // How much of k this row needs, and what is made for these, where it is limited.
    extent_t visible(extent_t row) const { return maker_of_a.visible_of(row); }
    extent_t depth(extent_t row, extent_t many) const { return maker_of_a.columns_of(row, many); }
    void make_a(S* to, extent_t stride, extent_t row, extent_t many, extent_t depth, bool fresh) const {
      if constexpr (chains) maker_of_a.run_rows(to, stride, first_row + row, many, makers_buffer, fresh);
      else if constexpr (makes_a) maker_of_a.run(&to, 1, stride, first_row + row, many, 0, depth, makers_buffer);
    }
    void make_b(S* to, extent_t stride, extent_t row, extent_t depth, extent_t column, extent_t many) const {
      if constexpr (makes_b) maker_of_b.run(&to, 1, stride, row, depth, column, many, consumers_buffer);
    }
    // Where the consumer's matrices have these rows, from this column on.
    int rows_to_read(const char** to, extent_t row, extent_t many, extent_t column) const {
      return Consumer::matrices_read::rows(consumer.bound, to, first_row + row, many, column);
    }
    void consume(S* const* block, extent_t stride, extent_t row, extent_t many, extent_t column, extent_t wide) const {
      if constexpr (consumes) consumer.run(block, products, stride, first_row + row, many, column, wide, consumers_buffer);
    }
  };
  using kernel = simd::gemm<Backend, T.type, around>;
  using operands = typename kernel::operands;

  MakerA maker_of_a;
  MakerB maker_of_b;
  Consumer consumer;
  fuse::arguments<2, 1, 0, T.batch_axes + 1> at[T.products];
  operands shape[T.products];
  bool is_vector = false;  // the product of a vector, as a row, with the transpose
  extent_t own_bytes = 0, bytes = 0, consumer_at = 0, visible = 0;

  extent_t visible_of(extent_t row) const {  // of a batch
    const extent_t n = shape[0].n, counts = row + visible;
    return counts < 0 ? 0 : counts < n ? counts : n;
  }
  // How many elements of these rows of a batch count, in whole runs of virtual lanes.
  extent_t columns_of(extent_t row, extent_t many) const {
    const extent_t n = shape[0].n, counts = (row + many - 1 + visible + fuse::lanes - 1) / fuse::lanes * fuse::lanes;
    return counts >= n ? n : counts > fuse::lanes ? counts : n < fuse::lanes ? n : fuse::lanes;
  }
  // Rows first_row, ... (counted through all batches) of the consumer's result, into a block of memory.
  void run_rows(S* block, extent_t stride, extent_t first_row, extent_t rows, char* buffer, bool fresh) const {
    const extent_t batch = first_row / shape[0].m, i = first_row - batch * shape[0].m;
    extent_t columns = shape[0].n;
    if constexpr (T.limited_rows) columns = columns_of(i, rows);
    one_batch(consumer.writing_to(block, stride, first_row), batch, i, i + rows, 0, columns, buffer, fresh);
  }
  void run_all(char* buffer) const {
    product_cut c;
    for (int d = 0; d < T.batch_axes; ++d) c.batches *= at[0].outer[d];
    c.m = shape[0].m, c.n = shape[0].n, c.k = shape[0].k, c.bytes = bytes;
    c.width = kernel::panel_width(c.m), c.height = kernel::rows_of_block(c.n, c.k), c.cuts_columns = !around::whole_rows && !around::chains;
    run_parts(c, this, run_part, buffer);
  }

 private:
  static void run_part(const void* self, const product_part& r, char* buffer) {
    const product& p = *static_cast<const product*>(self);
    for (extent_t batch = r.first; batch < r.last; ++batch) p.one_batch(p.consumer, batch, r.i0, r.i1, r.j0, r.j1, buffer, true);
  }
  void one_batch(const Consumer& next, extent_t batch, extent_t i0, extent_t i1, extent_t j0, extent_t j1, char* buffer, bool fresh) const {
    operands p[T.products];
    for (int q = 0; q < T.products; ++q) {
      p[q] = shape[q];
      const S* a = reinterpret_cast<const S*>(at[q].access[0].base);
      const S* w = reinterpret_cast<const S*>(at[q].access[1].base);
      p[q].c = reinterpret_cast<S*>(at[q].store[0].base);
      extent_t rest = batch;
      for (int d = T.batch_axes - 1; d >= 0; --d) {
        const extent_t i = rest % at[q].outer[d];
        rest /= at[q].outer[d];
        a += i * at[q].access[0].outer[d], w += i * at[q].access[1].outer[d], p[q].c += i * at[q].store[0].outer[d];
      }
      p[q].a = is_vector ? w : a, p[q].b = is_vector ? a : w;
    }
    const around all{maker_of_a, maker_of_b, next, batch * shape[0].m, buffer + own_bytes, buffer + consumer_at};
    kernel::run(p, all, i0, i1, j0, j1, buffer, fresh);
  }
};

}  // namespace run
}  // namespace SINTER_ISA
}  // namespace sinter
