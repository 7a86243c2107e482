// SPDX-License-Identifier: Apache-2.0
// Runs a contraction and the groups that are nested in it: operands bound, batches and blocks handed out to threads.
#pragma once

#include <sinter/run/kernels.hpp>
#include <sinter/run/threads.hpp>
#include <sinter/run/workspace.hpp>
#include <sinter/simd/gemm.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace run {

// Whether the sums of a tile, a row of b and an element of a stay in registers.
template <class Backend> constexpr bool tile_fits(const fuse::schedule_value& s) {
  return s.tile_rows == 0 || s.tile_rows * s.tile_vectors + s.tile_vectors + 1 <= simd::register_count<Backend>;
}

// Group G as a part of a contraction: its kernel on some of its rows, with one node in a block of memory instead of where it is whole.
template <class Plan, int G, class Backend, fuse::schedule_value Schedule> struct nested {
  static constexpr fuse::group g = Plan::value.groups[G];
  using code = group_code<Plan, G, Schedule>;
  using key = key_of<Plan, code>;
  static_assert(fuse::ensure_code<key, code>());
  using kernel = kernel_of<g.kind, key, Backend>;
  fuse::arguments<g.accesses.count, g.roots.count, code::size.guards, g.outer> bound;

  SINTER_HOST_INLINE explicit nested(const binding<Plan>& b) { bind_arguments<G>(bound, b); }
  static constexpr extent_t buffer(const binding<Plan>& b) { return buffer_bytes<code>(b.at(g.inner), b.at(g.loop)); }

  // Element (row, column) of node I is block[I][(row - first_row) * stride + column - first_column].
  template <int... Node, class S> SINTER_HOST_INLINE void run(S* const* block, extent_t stride, extent_t first_row, extent_t rows,
                                                              extent_t first_column, extent_t columns, char* buffer) const {
    auto x = bound;
    const extent_t before = (first_row * stride + first_column) * static_cast<extent_t>(sizeof(S));
    (redirect<Node>(x, simd::moved(reinterpret_cast<char*>(*block++), -before), stride, detail::make_int_list<g.accesses.count>{},
                    detail::make_int_list<g.roots.count>{}),
     ...);
    x.begin = first_column, x.end = first_column + columns, x.buffer = buffer;
    if (g.kind == group_kind::rows) x.inner = columns;  // all of the row, or as much of it as counts
    if constexpr (static_elements<Plan, G>() >= 0 && static_elements<Plan, G>() <= 64 * 16) kernel::run(x, first_row, first_row + rows);
    else kernel::call(x, first_row, first_row + rows);
  }
  // The same, with the result `Node` in a block as above.
  template <int Node, class S> nested writing_to(S* block, extent_t stride, extent_t first_row) const {
    nested other = *this;
    redirect<Node>(other.bound, simd::moved(reinterpret_cast<char*>(block), -first_row * stride * static_cast<extent_t>(sizeof(S))), stride,
                   detail::make_int_list<g.accesses.count>{}, detail::make_int_list<g.roots.count>{});
    return other;
  }

 private:
  template <int Node, class Args, int... A, int... R>
  static void redirect(Args& x, char* origin, extent_t stride, detail::int_list<A...>, detail::int_list<R...>) {
    const auto to = [&](auto& p) {
      p.base = origin, p.inner = 1;
      extent_t along = stride;
      for (int d = g.outer; d-- > 0; along *= x.outer[d]) p.outer[d] = along;
    };
    ((reads<Node, A>() ? to(x.access[A]) : void()), ...);
    ((Plan::value.stores[g.roots.first + R].node == Node ? to(x.store[R]) : void()), ...);
  }
  template <int Node, int A> static constexpr bool reads() {
    constexpr fuse::loop_access a = Plan::value.accesses[g.accesses.first + A];
    return a.kind == fuse::access::memory && a.node == Node;
  }
};
// No group.
template <class Plan> struct no_group {
  SINTER_HOST_INLINE explicit no_group(const binding<Plan>&) {}
  static constexpr extent_t buffer(const binding<Plan>&) { return 0; }
};
template <class Plan, int G, class Backend, fuse::schedule_value Schedule> struct contraction;
template <class Plan, int G, class Backend, fuse::schedule_value Schedule> struct nested_or_none {
  using type = std::conditional_t<Plan::value.groups[G].kind == group_kind::dot, contraction<Plan, G, Backend, Schedule>,
                                  nested<Plan, G, Backend, Schedule>>;
};
template <class Plan, class Backend, fuse::schedule_value Schedule> struct nested_or_none<Plan, -1, Backend, Schedule> {
  using type = no_group<Plan>;
};

template <class Plan, int G, class Backend, fuse::schedule_value Schedule> struct contraction {
  static constexpr fuse::group g = Plan::value.groups[G];
  static constexpr int batch_axes = g.outer - 1, products = g.partner < 0 ? 1 : 2;
  static constexpr int result_of(int group) { return Plan::value.stores[Plan::value.groups[group].roots.first].node; }
  static constexpr int operand_of(int group, int i) { return Plan::value.accesses[Plan::value.groups[group].accesses.first + i].node; }
  static constexpr dtype type = Plan::value.graph.nodes[result_of(G)].type;
  using S = storage_t<type>;
  template <int I> using group_at = typename nested_or_none<Plan, I, Backend, Schedule>::type;

  // The consumer reads all of a small product at once.
  static constexpr bool consumes_whole = g.consumer >= 0 && Plan::value.groups[g.consumer >= 0 ? g.consumer : G].inner != g.inner;

  // What is around the product, for the rows of one batch.
  struct around {
    static constexpr bool makes_a = g.makes_a >= 0, makes_b = g.makes_b >= 0, consumes = g.consumer >= 0 && !consumes_whole;
    static constexpr bool chains = makes_a && Plan::value.groups[makes_a ? g.makes_a : G].kind == group_kind::dot;
    static constexpr bool whole_rows = consumes && Plan::value.groups[consumes ? g.consumer : G].kind == group_kind::rows;
    static constexpr bool hides = [] {  // of rows of a only a beginning counts, by the row
      if constexpr (chains) return group_at<g.makes_a>::hides_ends();
      else return false;
    }();
    static constexpr bool limited = [] {  // and only that is made, in blocks of rows
      if constexpr (chains) return group_at<g.makes_a>::makes_limited_rows();
      else return false;
    }();
    static constexpr bool packed = g.packed;
    static constexpr fuse::schedule_value schedule = Schedule;
    static constexpr int products = contraction::products;
    static constexpr extent_t rows = static_or_open(g.outer_extent[batch_axes]), columns = static_or_open(g.inner);
    static constexpr bool may_swap = !consumes && !makes_a && !makes_b && !packed && (columns == 1 || columns < 0);
    // Inside another contraction the rows of its blocks are asked for.
    static constexpr extent_t m = g.head >= 0 ? -1 : may_swap && columns == 1 ? 1 : rows, n = may_swap && columns == 1 ? rows : columns;
    static constexpr extent_t k = static_or_open(g.loop);

    const group_at<g.makes_a>& maker_of_a;
    const group_at<g.makes_b>& maker_of_b;
    const group_at<g.consumer>& consumer;
    extent_t first_row = 0;
    char* makers_buffer = nullptr;
    char* consumers_buffer = nullptr;

    // How much of k this row needs, and what is made for these, where it is limited.
    extent_t visible(extent_t row) const { return maker_of_a.visible(row); }
    extent_t depth(extent_t row, extent_t many) const { return maker_of_a.columns_of(row, many); }
    void make_a(S* to, extent_t stride, extent_t row, extent_t many, extent_t depth, bool fresh) const {
      if constexpr (chains) maker_of_a.template run_rows<operand_of(G, 0)>(to, stride, first_row + row, many, makers_buffer, fresh);
      else if constexpr (makes_a) maker_of_a.template run<operand_of(G, 0)>(&to, stride, first_row + row, many, 0, depth, makers_buffer);
    }
    void make_b(S* to, extent_t stride, extent_t row, extent_t depth, extent_t column, extent_t many) const {
      if constexpr (makes_b) maker_of_b.template run<operand_of(G, 1)>(&to, stride, row, depth, column, many, consumers_buffer);
    }
    void consume(S* const* block, extent_t stride, extent_t row, extent_t many, extent_t column, extent_t wide) const {
      if constexpr (products == 2)
        consumer.template run<result_of(G), result_of(g.partner)>(block, stride, first_row + row, many, column, wide, consumers_buffer);
      else if constexpr (consumes)
        consumer.template run<result_of(G)>(block, stride, first_row + row, many, column, wide, consumers_buffer);
    }
  };
  using kernel = simd::gemm<Backend, type, around>;
  using operands = typename kernel::operands;

  // A product with a vector is computed as that of the vector, as a row, with the transpose.
  static constexpr bool is_vector(const binding<Plan>& b) {
    return around::may_swap && b.at(g.inner) == 1 && (around::columns == 1 || b.at(g.outer_extent[batch_axes]) > 1);
  }
  // Strides and extents; addresses come later.
  template <int I> static constexpr operands shape_of(const binding<Plan>& b) {
    constexpr fuse::group h = Plan::value.groups[I];
    constexpr fuse::loop_access a = Plan::value.accesses[h.accesses.first], w = Plan::value.accesses[h.accesses.first + 1];
    constexpr fuse::loop_access c = Plan::value.stores[h.roots.first].where;
    operands o;
    o.a_row = b.at(a.outer[batch_axes]), o.a_k = b.at(a.loop), o.b_k = b.at(w.loop), o.b_column = b.at(w.inner);
    o.c_row = b.at(c.outer[batch_axes]), o.c_column = b.at(c.inner);
    o.m = b.at(h.outer_extent[batch_axes]), o.n = b.at(h.inner), o.k = b.at(h.loop);
    if (is_vector(b)) {
      std::swap(o.m, o.n), std::swap(o.c_row, o.c_column);
      const std::ptrdiff_t a_row = o.a_row, a_k = o.a_k;
      o.a_row = o.b_column, o.a_k = o.b_k, o.b_column = a_row, o.b_k = a_k;
    }
    return o;
  }
  static constexpr extent_t product_bytes(const binding<Plan>& b) {
    operands o[products] = {shape_of<G>(b)};
    if constexpr (products == 2) o[1] = shape_of<g.partner>(b);
    return kernel::buffer_bytes(o);
  }
  // The buffers of the product, then one that the groups around it share.
  static constexpr extent_t buffer(const binding<Plan>& b) {
    if constexpr (is_bare()) return 0;
    const extent_t parts[] = {group_at<g.makes_a>::buffer(b), group_at<g.makes_b>::buffer(b), group_at<g.consumer>::buffer(b)};
    extent_t most = 0;
    for (const extent_t p : parts) most = p > most ? p : most;
    // What a chained product packed must outlive the consumer's buffer.
    return product_bytes(b) + (around::chains ? parts[0] + (parts[2] > parts[1] ? parts[2] : parts[1]) : most);
  }

  // Nothing depends on the arguments but addresses, and there is little to do.
  static constexpr operands bare_shape() {
    operands o = shape_of<G>(binding<Plan>());
    if (g.consumer >= 0) o.c_row = o.n, o.c_column = 1;
    return o;
  }
  static constexpr bool is_bare() {
    if constexpr (Plan::size.graph.symbols > 0 || batch_axes > 0 || around::makes_a || around::makes_b) return false;
    else if constexpr (around::consumes)
      return around::rows * around::columns <= fuse::most_elements_beside && group_at<g.consumer>::buffer(binding<Plan>()) == 0 &&
             kernel::is_bare(bare_shape());
    else return kernel::is_bare(bare_shape());
  }
  SINTER_HOST_INLINE static void run(const binding<Plan>& b, char* buffer) {
    if constexpr (consumes_whole || (is_bare() && around::consumes)) {  // from a block beside
      // Room for whole packets: g++ warns of a masked load that ends behind an array.
      alignas(64) S beside[(around::rows * around::columns + fuse::lanes - 1) / fuse::lanes * fuse::lanes];
      S* const block = beside;
      if constexpr (is_bare()) run_bare(b, block);
      else call(b, buffer, block);
      constexpr extent_t rows = consumes_whole ? 1 : around::rows,
                         columns = consumes_whole ? around::rows * around::columns : around::columns;
      group_at<g.consumer>(b).template run<result_of(G)>(&block, columns, 0, rows, 0, columns, nullptr);
    } else if constexpr (is_bare()) {
      run_bare(b, reinterpret_cast<S*>(b.template address<result_of(G)>()));
    } else {
      call(b, buffer, nullptr);
    }
  }
  explicit contraction(const binding<Plan>& b) : maker_of_a_(b), maker_of_b_(b), consumer_(b), o_{shape_of<G>(b)} {
    bind_arguments<G>(x_[0], b);
    if constexpr (products == 2) o_[1] = shape_of<g.partner>(b), bind_arguments<g.partner>(x_[1], b);
    vector_ = is_vector(b);
    own_bytes_ = product_bytes(b), bytes_ = buffer(b);
    if constexpr (hides_ends()) visible_ = b.at(Plan::value.groups[g.consumer].visible);
    consumer_at_ = own_bytes_ + (around::chains ? group_at<g.makes_a>::buffer(b) : 0);
  }
  // Whether only the beginnings of the rows count that the consumer makes, and whether it leaves out the rest.
  static constexpr bool hides_ends() { return g.consumer >= 0 && Plan::value.groups[g.consumer < 0 ? G : g.consumer].limited; }
  static constexpr bool makes_limited_rows() {
    if constexpr (!hides_ends()) return false;
    else return group_code<Plan, g.consumer, Schedule>::value.inner < 0;
  }
  extent_t visible(extent_t row) const {  // of a batch
    const extent_t n = o_[0].n, counts = row + visible_;
    return counts < 0 ? 0 : counts < n ? counts : n;
  }
  // How many elements of these rows of a batch count, in whole runs of virtual lanes.
  extent_t columns_of(extent_t row, extent_t many) const {
    const extent_t n = o_[0].n, counts = (row + many - 1 + visible_ + fuse::lanes - 1) / fuse::lanes * fuse::lanes;
    return counts >= n ? n : counts > fuse::lanes ? counts : n < fuse::lanes ? n : fuse::lanes;
  }
  // Rows first_row, ... (counted through all batches) of the consumer's result, into a block of memory.
  template <int Node> void run_rows(S* block, extent_t stride, extent_t first_row, extent_t rows, char* buffer, bool fresh) const {
    const extent_t batch = first_row / o_[0].m, i = first_row - batch * o_[0].m;
    extent_t columns = o_[0].n;
    if constexpr (makes_limited_rows()) columns = columns_of(i, rows);
    one_batch(consumer_.template writing_to<Node>(block, stride, first_row), batch, i, i + rows, 0, columns, buffer, fresh);
  }

 private:
  group_at<g.makes_a> maker_of_a_;
  group_at<g.makes_b> maker_of_b_;
  group_at<g.consumer> consumer_;
  fuse::arguments<2, 1, 0, g.outer> x_[products];
  operands o_[products];
  bool vector_;
  extent_t own_bytes_, bytes_, consumer_at_, visible_ = 0;

  void one_batch(const group_at<g.consumer>& consumer, extent_t batch, extent_t i0, extent_t i1, extent_t j0, extent_t j1, char* buffer,
                 bool fresh) const {
    operands p[products];
    for (int q = 0; q < products; ++q) {
      p[q] = o_[q];
      const S* a = reinterpret_cast<const S*>(x_[q].access[0].base);
      const S* w = reinterpret_cast<const S*>(x_[q].access[1].base);
      p[q].c = reinterpret_cast<S*>(x_[q].store[0].base);
      extent_t rest = batch;
      for (int d = batch_axes - 1; d >= 0; --d) {
        const extent_t i = rest % x_[q].outer[d];
        rest /= x_[q].outer[d];
        a += i * x_[q].access[0].outer[d], w += i * x_[q].access[1].outer[d], p[q].c += i * x_[q].store[0].outer[d];
      }
      p[q].a = vector_ ? w : a, p[q].b = vector_ ? a : w;
    }
    const around all{maker_of_a_, maker_of_b_, consumer, batch * o_[0].m, buffer + own_bytes_, buffer + consumer_at_};
    kernel::run(p, all, i0, i1, j0, j1, buffer, fresh);
  }
  SINTER_HOST_INLINE static void run_bare(const binding<Plan>& b, S* to) {
    const S* const x = reinterpret_cast<const S*>(b.template address<operand_of(G, 0)>()) + Plan::value.accesses[g.accesses.first].base;
    const S* const y = reinterpret_cast<const S*>(b.template address<operand_of(G, 1)>()) + Plan::value.accesses[g.accesses.first + 1].base;
    constexpr bool room_a = Plan::value.places[operand_of(G, 0)].kind == fuse::place::arena;
    constexpr bool room_c = g.consumer >= 0 || Plan::value.places[result_of(G)].kind == fuse::place::arena;
    kernel::template run_bare<contraction, room_a, room_c>(x, y, to);
  }
  SINTER_NOINLINE static void call(const binding<Plan>& b, char* buffer, S* to) {
    contraction all(b);
    if (to) all.x_[0].store[0].base = reinterpret_cast<char*>(to);
    all.run_all(buffer);
  }
  void run_all(char* buffer) const {
    extent_t batches = 1;
    for (int d = 0; d < batch_axes; ++d) batches *= x_[0].outer[d];
    const auto part = [&](extent_t first, extent_t last, extent_t i0, extent_t i1, extent_t j0, extent_t j1, char* mine) {
      for (extent_t batch = first; batch < last; ++batch) one_batch(consumer_, batch, i0, i1, j0, j1, mine, true);
    };
    const extent_t m = o_[0].m, n = o_[0].n;
    executor* const e = sinter::detail::current_executor.load(std::memory_order_acquire);
    const extent_t wanted = e && !sinter::detail::inside_part ? batches * m * n * (o_[0].k + 1) / part_work : 1;
    const int parts = static_cast<int>(wanted < 2 ? 1 : wanted < 4 * e->concurrency() ? wanted : 4 * e->concurrency());
    if (parts < 2) return part(0, batches, 0, m, 0, n, buffer);
    const auto with_own_buffer = [&](auto... range) {
      const arena_part own(static_cast<std::size_t>(bytes_), nullptr);
      part(range..., reinterpret_cast<char*>(own.data()));
    };
    const extent_t none = 0, width = kernel::panel_width(m), height = kernel::rows_of_block(n, o_[0].k);
    if (batches >= parts) parallel_parts(*e, batches, 1, parts, [&](extent_t i, extent_t j) { with_own_buffer(i, j, none, m, none, n); });
    else if (!around::whole_rows && !around::chains && n >= 2 * width * e->concurrency())
      parallel_parts(*e, n, width, e->concurrency(), [&](extent_t i, extent_t j) { with_own_buffer(none, batches, none, m, i, j); });
    else parallel_parts(*e, m, height, parts, [&](extent_t i, extent_t j) { with_own_buffer(none, batches, i, j, none, n); });
  }

  // A part that another thread runs should take some microseconds: as many multiply-adds.
  static constexpr extent_t part_work = 1 << 18;
};

}  // namespace run
}  // namespace SINTER_ISA
}  // namespace sinter
