// SPDX-License-Identifier: Apache-2.0
// A contraction and the groups that are nested in it, without the plan that it comes from: equal ones of different layers and different
// functions are one. Batches and blocks are handed out to threads here; run/contraction.hpp binds operands.
#pragma once

#include <sinter/run/kernels.hpp>
#include <sinter/run/threads.hpp>
#include <sinter/run/workspace.hpp>
#include <sinter/simd/gemm.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace run {

// The accesses and stores of a group that are of one node: what is redirected to a block of memory.
template <class Accesses, class Stores> struct linked;
template <int... A, int... S> struct linked<detail::int_list<A...>, detail::int_list<S...>> {
  template <class Args> static void redirect(Args& x, char* origin, extent_t stride, int outer) {
    const auto to = [&](auto& p) {
      p.base = origin, p.inner = 1;
      extent_t along = stride;
      for (int d = outer; d-- > 0; along *= x.outer[d]) p.outer[d] = along;
    };
    (to(x.access[A]), ...);
    (to(x.store[S]), ...);
  }
};
using not_linked = linked<detail::int_list<>, detail::int_list<>>;

// A group as a part of a contraction: its kernel on some of its rows, with one of the links in a block of memory instead of where the
// node is whole. Inlined: it is short.
template <class Key, class Backend, bool Inlined, class... Links> struct nested_kernel {
  static constexpr auto c = code_of(Key{});
  using kernel = kernel_of<c.kind, Key, Backend>;
  static constexpr bool is_product = false, exists = true;
  fuse::arguments<c.size.accesses, c.size.stores, c.size.guards, c.outer> bound;

  // Element (row, column) of link I is block[I][(row - first_row) * stride + column - first_column].
  template <int... Link, class S> SINTER_HOST_INLINE void run(S* const* block, extent_t stride, extent_t first_row, extent_t rows,
                                                              extent_t first_column, extent_t columns, char* buffer) const {
    auto x = bound;
    const extent_t before = (first_row * stride + first_column) * static_cast<extent_t>(sizeof(S));
    (detail::nth_t<Link, Links...>::redirect(x, simd::moved(reinterpret_cast<char*>(*block++), -before), stride, c.outer), ...);
    x.begin = first_column, x.end = first_column + columns, x.buffer = buffer;
    if (c.kind == group_kind::rows) x.inner = columns;  // all of the row, or as much of it as counts
    if constexpr (Inlined) kernel::run(x, first_row, first_row + rows);
    else kernel::call(x, first_row, first_row + rows);
  }
  // The same, with a link in a block as above.
  template <int Link, class S> nested_kernel writing_to(S* block, extent_t stride, extent_t first_row) const {
    nested_kernel other = *this;
    detail::nth_t<Link, Links...>::redirect(
        other.bound, simd::moved(reinterpret_cast<char*>(block), -first_row * stride * static_cast<extent_t>(sizeof(S))), stride, c.outer);
    return other;
  }
};
struct no_kernel {
  static constexpr bool is_product = false, exists = false;
};

// All that tells products apart but their operands and what is nested in them.
struct product_traits {
  dtype type{};
  int batch_axes = 0, products = 1;
  bool packed = false;                           // b is given as pack_panels leaves it
  bool inside = false;                           // another contraction asks for the rows of its blocks
  bool consumes_whole = false;                   // the consumer reads all of a small product at once
  bool limited = false;                          // of the rows that the consumer makes only beginnings count
  extent_t rows = -1, columns = -1, depth = -1;  // where they are static
  fuse::schedule_value schedule{};
};

// Bytes: of all buffers; of those of the product itself, which come first; where that of the consumer begins.
struct buffers {
  extent_t all = 0, own = 0, consumer_at = 0;
};

template <product_traits T, class Backend, class MakerA, class MakerB, class Consumer> struct product {
  using S = storage_t<T.type>;
  static constexpr bool is_product = true, exists = true;

  // Whether only the beginnings of the rows count that the consumer makes, and whether it leaves out the rest.
  static constexpr bool hides_ends = T.limited;
  static constexpr bool makes_limited_rows = [] {
    if constexpr (hides_ends) return Consumer::c.inner < 0;
    else return false;
  }();

  // What is around the product, for the rows of one batch.
  struct around {
    static constexpr bool makes_a = MakerA::exists, makes_b = MakerB::exists, consumes = Consumer::exists && !T.consumes_whole;
    static constexpr bool chains = MakerA::is_product;
    static constexpr bool whole_rows = [] {
      if constexpr (consumes) return Consumer::c.kind == group_kind::rows;
      else return false;
    }();
    static constexpr bool hides = [] {  // of rows of a only a beginning counts, by the row
      if constexpr (chains) return MakerA::hides_ends;
      else return false;
    }();
    static constexpr bool limited = [] {  // and only that is made, in blocks of rows
      if constexpr (chains) return MakerA::makes_limited_rows;
      else return false;
    }();
    static constexpr bool packed = T.packed;
    static constexpr fuse::schedule_value schedule = T.schedule;
    static constexpr int products = T.products;
    static constexpr extent_t rows = T.rows, columns = T.columns;
    static constexpr bool may_swap = !consumes && !makes_a && !makes_b && !packed && (columns == 1 || columns < 0);
    static constexpr extent_t m = T.inside ? -1 : may_swap && columns == 1 ? 1 : rows, n = may_swap && columns == 1 ? rows : columns;
    static constexpr extent_t k = T.depth;

    const MakerA& maker_of_a;
    const MakerB& maker_of_b;
    const Consumer& consumer;
    extent_t first_row = 0;
    char* makers_buffer = nullptr;
    char* consumers_buffer = nullptr;

    // How much of k this row needs, and what is made for these, where it is limited.
    extent_t visible(extent_t row) const { return maker_of_a.visible(row); }
    extent_t depth(extent_t row, extent_t many) const { return maker_of_a.columns_of(row, many); }
    void make_a(S* to, extent_t stride, extent_t row, extent_t many, extent_t depth, bool fresh) const {
      if constexpr (chains) maker_of_a.run_rows(to, stride, first_row + row, many, makers_buffer, fresh);
      else if constexpr (makes_a) maker_of_a.template run<0>(&to, stride, first_row + row, many, 0, depth, makers_buffer);
    }
    void make_b(S* to, extent_t stride, extent_t row, extent_t depth, extent_t column, extent_t many) const {
      if constexpr (makes_b) maker_of_b.template run<0>(&to, stride, row, depth, column, many, consumers_buffer);
    }
    void consume(S* const* block, extent_t stride, extent_t row, extent_t many, extent_t column, extent_t wide) const {
      if constexpr (products == 2) consumer.template run<0, 1>(block, stride, first_row + row, many, column, wide, consumers_buffer);
      else if constexpr (consumes) consumer.template run<0>(block, stride, first_row + row, many, column, wide, consumers_buffer);
    }
  };
  using kernel = simd::gemm<Backend, T.type, around>;
  using operands = typename kernel::operands;

  [[no_unique_address]] MakerA maker_of_a;
  [[no_unique_address]] MakerB maker_of_b;
  [[no_unique_address]] Consumer consumer;
  fuse::arguments<2, 1, 0, T.batch_axes + 1> x[T.products];
  operands o[T.products];
  bool is_vector = false;
  buffers bytes;
  extent_t visible_ahead = 0;

  extent_t visible(extent_t row) const {  // of a batch
    const extent_t n = o[0].n, counts = row + visible_ahead;
    return counts < 0 ? 0 : counts < n ? counts : n;
  }
  // How many elements of these rows of a batch count, in whole runs of virtual lanes.
  extent_t columns_of(extent_t row, extent_t many) const {
    const extent_t n = o[0].n, counts = (row + many - 1 + visible_ahead + fuse::lanes - 1) / fuse::lanes * fuse::lanes;
    return counts >= n ? n : counts > fuse::lanes ? counts : n < fuse::lanes ? n : fuse::lanes;
  }
  // Rows first_row, ... (counted through all batches) of the consumer's result, into a block of memory.
  void run_rows(S* block, extent_t stride, extent_t first_row, extent_t rows, char* buffer, bool fresh) const {
    const extent_t batch = first_row / o[0].m, i = first_row - batch * o[0].m;
    extent_t columns = o[0].n;
    if constexpr (makes_limited_rows) columns = columns_of(i, rows);
    one_batch(consumer.template writing_to<2>(block, stride, first_row), batch, i, i + rows, 0, columns, buffer, fresh);
  }
  SINTER_NOINLINE void run(char* buffer) const {
    extent_t batches = 1;
    for (int d = 0; d < T.batch_axes; ++d) batches *= x[0].outer[d];
    const auto part = [&](extent_t first, extent_t last, extent_t i0, extent_t i1, extent_t j0, extent_t j1, char* mine) {
      for (extent_t batch = first; batch < last; ++batch) one_batch(consumer, batch, i0, i1, j0, j1, mine, true);
    };
    const extent_t m = o[0].m, n = o[0].n;
    executor* const e = sinter::detail::current_executor.load(std::memory_order_acquire);
    const extent_t wanted = e && !sinter::detail::inside_part ? batches * m * n * (o[0].k + 1) / part_work : 1;
    const int parts = static_cast<int>(wanted < 2 ? 1 : wanted < 4 * e->concurrency() ? wanted : 4 * e->concurrency());
    if (parts < 2) return part(0, batches, 0, m, 0, n, buffer);
    const auto with_own_buffer = [&](auto... range) {
      const arena_part own(static_cast<std::size_t>(bytes.all), nullptr);
      part(range..., reinterpret_cast<char*>(own.data()));
    };
    const extent_t none = 0, width = kernel::panel_width(m), height = kernel::rows_of_block(n, o[0].k);
    if (batches >= parts) parallel_parts(*e, batches, 1, parts, [&](extent_t i, extent_t j) { with_own_buffer(i, j, none, m, none, n); });
    else if (!around::whole_rows && !around::chains && n >= 2 * width * e->concurrency())
      parallel_parts(*e, n, width, e->concurrency(), [&](extent_t i, extent_t j) { with_own_buffer(none, batches, none, m, i, j); });
    else parallel_parts(*e, m, height, parts, [&](extent_t i, extent_t j) { with_own_buffer(none, batches, i, j, none, n); });
  }

 private:
  // A part that another thread runs should take some microseconds: as many multiply-adds.
  static constexpr extent_t part_work = 1 << 18;

  void one_batch(const Consumer& to, extent_t batch, extent_t i0, extent_t i1, extent_t j0, extent_t j1, char* buffer, bool fresh) const {
    operands p[T.products];
    for (int q = 0; q < T.products; ++q) {
      p[q] = o[q];
      const S* a = reinterpret_cast<const S*>(x[q].access[0].base);
      const S* w = reinterpret_cast<const S*>(x[q].access[1].base);
      p[q].c = reinterpret_cast<S*>(x[q].store[0].base);
      extent_t rest = batch;
      for (int d = T.batch_axes - 1; d >= 0; --d) {
        const extent_t i = rest % x[q].outer[d];
        rest /= x[q].outer[d];
        a += i * x[q].access[0].outer[d], w += i * x[q].access[1].outer[d], p[q].c += i * x[q].store[0].outer[d];
      }
      p[q].a = is_vector ? w : a, p[q].b = is_vector ? a : w;
    }
    const around all{maker_of_a, maker_of_b, to, batch * o[0].m, buffer + bytes.own, buffer + bytes.consumer_at};
    kernel::run(p, all, i0, i1, j0, j1, buffer, fresh);
  }
};

}  // namespace run
}  // namespace SINTER_ISA
}  // namespace sinter
