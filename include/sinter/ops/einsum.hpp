// SPDX-License-Identifier: Apache-2.0
// Products over any axes: dot_general, and einsum, which finds the cheapest order of its products at compile time. Both are brought to
// the one node for products by views.
#pragma once

#include <sinter/ops/dot.hpp>
#include <sinter/ops/reduce.hpp>

namespace sinter {

namespace ops {

struct dot_general {
  static constexpr value trace(value a, value b, axes over_a, axes over_b, axes batch_a = {}, axes batch_b = {}) {
    graph::builder& g = *detail::graph_of(a, b);
    if (a.is_number() || b.is_number()) return g.fail(rank_not_supported), a.is_number() ? b : a;
    over_a = detail::positive_axes(g, over_a, a.shape()), batch_a = detail::positive_axes(g, batch_a, a.shape());
    over_b = detail::positive_axes(g, over_b, b.shape()), batch_b = detail::positive_axes(g, batch_b, b.shape());
    if (g.failed.broken) return a;
    bool good = over_a.count == over_b.count && batch_a.count == batch_b.count;
    bool taken_a[max_rank] = {}, taken_b[max_rank] = {};
    for (int i = 0; good && i < over_a.count; ++i) good &= pair(g, a, over_a.axis[i], taken_a, b, over_b.axis[i], taken_b);
    for (int i = 0; good && i < batch_a.count; ++i) good &= pair(g, a, batch_a.axis[i], taken_a, b, batch_b.axis[i], taken_b);
    if (!good) {
      g.fail(axes_do_not_pair);
      if (!g.failed.count) g.failed.show(a.shape()), g.failed.show(b.shape());
      return a;
    }
    const shape<> of_a = a.shape(), of_b = b.shape();
    // Free axes that do not run as one loop: all but the last stay apart, as axes along which the other operand repeats.
    axes free_a, free_b;
    const int apart_a = free_axes(a, taken_a, free_a), apart_b = free_axes(b, taken_b, free_b);
    const int batch = batch_a.count + apart_a + apart_b;
    if (batch + 2 > max_rank) return g.fail(rank_not_supported), a;
    shape<> left, right;
    extent_t m = 1, n = 1, k = 1;
    for (int i = 0; i < batch_a.count; ++i) left.append(a.shape()[batch_a.axis[i]]);
    right = left;
    for (int i = 0; i < apart_a; ++i) left.append(a.shape()[free_a.axis[i]]), right.append(1);
    for (int i = 0; i < apart_b; ++i) left.append(1), right.append(b.shape()[free_b.axis[i]]);
    for (int i = apart_a; i < free_a.count; ++i) m = g.product(m, a.shape()[free_a.axis[i]]);
    for (int i = apart_b; i < free_b.count; ++i) n = g.product(n, b.shape()[free_b.axis[i]]);
    for (int i = 0; i < over_a.count; ++i) k = g.product(k, a.shape()[over_a.axis[i]]);
    shape<> result;
    for (int i = 0; i < batch; ++i) result.append(i < batch - apart_b ? left[i] : right[i]);
    left.append(m), left.append(k), right.append(k), right.append(n);
    a = reshape::trace(transpose::trace(a, joined(batch_a, free_a, over_a)), left);
    b = reshape::trace(transpose::trace(b, joined(batch_b, sub(free_b, 0, apart_b), over_b, sub(free_b, apart_b, free_b.count))), right);
    if (g.failed.broken) return a;
    shape<> to_a = result, to_b = result;
    to_a.append(m), to_a.append(k), to_b.append(k), to_b.append(n);
    value y = dot_node(detail::broadcast_right(g, a, to_a), detail::broadcast_right(g, b, to_b));
    if (g.failed.broken) return y;
    // [batch, apart_a, apart_b, m, n] -> [batch, apart_a, m, apart_b, n], then the joined axes as they were.
    axes order;
    for (int i = 0; i < batch - apart_b; ++i) order.axis[order.count++] = i;
    order.axis[order.count++] = batch;
    for (int i = batch - apart_b; i < batch; ++i) order.axis[order.count++] = i;
    order.axis[order.count++] = batch + 1;
    y = transpose::trace(y, order);
    shape<> to;
    for (int i = 0; i < batch_a.count; ++i) to.append(of_a[batch_a.axis[i]]);
    for (int i = 0; i < free_a.count; ++i) to.append(of_a[free_a.axis[i]]);
    for (int i = 0; i < free_b.count; ++i) to.append(of_b[free_b.axis[i]]);
    return reshape::trace(y, to);
  }

 private:
  static constexpr bool pair(graph::builder& g, value a, int i, bool* taken_a, value b, int j, bool* taken_b) {
    bool good = !taken_a[i] && !taken_b[j];
    taken_a[i] = taken_b[j] = true;
    g.require_equal(a.shape()[i], b.shape()[j], good);
    return good;
  }
  static constexpr axes sub(const axes& a, int first, int last) {
    axes r;
    for (int i = first; i < last; ++i) r.axis[r.count++] = a.axis[i];
    return r;
  }
  static constexpr axes joined(const axes& a, const axes& b, const axes& c, const axes& d = {}) {
    axes r;
    for (const axes* more : {&a, &b, &c, &d})
      for (int i = 0; i < more->count; ++i) r.axis[r.count++] = more->axis[i];
    return r;
  }
  // The axes that are not taken; returns how many of them do not run as one loop with the last.
  static constexpr int free_axes(value x, const bool* taken, axes& out) {
    for (int i = 0; i < x.rank(); ++i)
      if (!taken[i]) out.axis[out.count++] = i;
    int apart = out.count > 0 ? out.count - 1 : 0;
    while (apart > 0 && out.axis[apart - 1] + 1 == out.axis[apart]) --apart;
    return apart;
  }
};

/// The letters of a specification of einsum.
struct einsum_spec {
  static constexpr int most = 8;  // operands
  int operands = 1, rank[most + 1] = {};
  char label[most + 1][max_rank] = {};  // [operands]: of the result
  bool good = true;

  constexpr explicit einsum_spec(const char* s) {
    bool arrow = false;
    int at = 0;
    for (; *s && good; ++s) {
      if (*s == ' ') continue;
      if (s[0] == '-' && s[1] == '>') good = !arrow, arrow = true, at = most, ++s;
      else if (*s == ',') good = !arrow && operands < most, ++at, ++operands;
      else if (is_letter(*s)) add(at, *s);
      else good = false;
    }
    if (!arrow && good) implicit();
    for (int i = 0; good && i < rank[most]; ++i) {
      good = times(label[most][i], most) == 1;
      bool known = false;
      for (int k = 0; k < operands; ++k) known |= times(label[most][i], k) > 0;
      good &= known;
    }
  }
  constexpr int times(char c, int k) const {
    int n = 0;
    for (int i = 0; i < rank[k]; ++i) n += label[k][i] == c;
    return n;
  }

 private:
  static constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
  constexpr void add(int k, char c) {
    good &= rank[k] < max_rank;
    if (good) label[k][rank[k]++] = c;
  }
  // Without an arrow: the letters that appear once, in the order of the alphabet.
  constexpr void implicit() {
    for (int c = 'A'; c <= 'z'; ++c) {
      int n = 0;
      for (int k = 0; k < operands; ++k) n += times(static_cast<char>(c), k);
      if (n == 1) add(most, static_cast<char>(c));
    }
  }
};

// A tensor whose axes have letters.
struct labelled {
  value x;
  char label[max_rank] = {};
  int rank = 0;

  constexpr int find(char c) const {
    for (int i = 0; i < rank; ++i)
      if (label[i] == c) return i;
    return -1;
  }
  constexpr void drop(int axis) {
    for (int i = axis; i + 1 < rank; ++i) label[i] = label[i + 1];
    --rank;
  }
};

class einsum_order {
 public:
  constexpr einsum_order(graph::builder& g, const einsum_spec& spec, const value* x) : g_(g), spec_(spec) {
    for (int k = 0; k < spec.operands && !g.failed.broken; ++k) {
      labelled t{x[k], {}, spec.rank[k]};
      if (x[k].is_number() || x[k].rank() != spec.rank[k]) {
        g.fail(einsum_rank_differs);
        if (!g.failed.count && !x[k].is_number()) g.failed.show(x[k].shape()), g.failed.show(static_cast<extent_t>(spec.rank[k]));
        return;
      }
      for (int i = 0; i < t.rank; ++i) t.label[i] = spec.label[k][i];
      while (take_diagonal(t)) {
      }
      operand_[k] = t;
    }
    for (int k = 0; k < spec.operands; ++k)
      for (int i = 0; i < operand_[k].rank && !g.failed.broken; ++i) note_extent(operand_[k], i);
  }
  constexpr value result() {
    if (g_.failed.broken) return operand_[0].x;
    find_order();
    labelled t = product_of((1u << spec_.operands) - 1);
    if (g_.failed.broken) return t.x;
    for (int i = t.rank; i-- > 0;)
      if (!in_result(t.label[i])) sum_out(t, i);
    axes order;
    for (int i = 0; i < spec_.rank[einsum_spec::most]; ++i) order.axis[order.count++] = t.find(spec_.label[einsum_spec::most][i]);
    return order.count > 1 ? transpose::trace(t.x, order) : t.x;
  }

 private:
  graph::builder& g_;
  const einsum_spec& spec_;
  labelled operand_[einsum_spec::most];
  extent_t extent_[128] = {};
  bool known_[128] = {};
  double cost_[1u << einsum_spec::most] = {};
  unsigned left_[1u << einsum_spec::most] = {};  // how a set of operands is best made of two

  constexpr bool in_result(char c) const { return spec_.times(c, einsum_spec::most) > 0; }
  constexpr bool is_used_outside(char c, unsigned set) const {
    if (in_result(c)) return true;
    for (int k = 0; k < spec_.operands; ++k)
      if (!(set >> k & 1) && operand_[k].find(c) >= 0) return true;
    return false;
  }
  constexpr void note_extent(const labelled& t, int i) {
    const auto c = static_cast<unsigned char>(t.label[i]);
    const extent_t e = t.x.shape()[i];
    bool good = true;
    extent_[c] = known_[c] ? g_.require_equal(extent_[c], e, good) : e;
    known_[c] = true;
    if (good) return;
    g_.fail(einsum_extents_differ);
    if (!g_.failed.count) g_.failed.show(extent_[c]), g_.failed.show(e);
  }
  constexpr void sum_out(labelled& t, int axis) {
    t.x = reduce<opcode::reduce_sum>::trace(t.x, axes(axis));
    t.drop(axis);
  }
  // A letter twice in one operand: its diagonal. True when one was found.
  constexpr bool take_diagonal(labelled& t) {
    for (int i = 0; i < t.rank; ++i)
      for (int j = i + 1; j < t.rank; ++j) {
        if (t.label[i] != t.label[j]) continue;
        bool good = true;
        g_.require_equal(t.x.shape()[i], t.x.shape()[j], good);
        if (!good) {
          g_.fail(einsum_extents_differ);
          if (!g_.failed.count) g_.failed.show(t.x.shape());
          return false;
        }
        const shape<> s = t.x.shape();
        const value same = element<opcode::equal, detail::types::comparison>::trace(iota::trace(g_, dtype::i64, s, axes(i)),
                                                                                    iota::trace(g_, dtype::i64, s, axes(j)));
        t.x = select::trace(same, t.x, value(0));
        sum_out(t, j);
        return true;
      }
    return false;
  }
  // Dynamic programming over the sets of operands: the multiplications of the best way to make each. Run-time extents count as 256.
  constexpr void find_order() {
    const unsigned all = 1u << spec_.operands;
    for (unsigned set = 1; set < all; ++set) {
      if ((set & (set - 1)) == 0) continue;
      cost_[set] = -1;
      for (unsigned a = (set - 1) & set; a > 0; a = (a - 1) & set) {
        const unsigned b = set & ~a;
        if (a < b) continue;
        double c = cost_[a] + cost_[b], size = 1;
        for (int letter = 'A'; letter <= 'z'; ++letter) {
          const char l = static_cast<char>(letter);
          if (known_[letter] && (is_open(l, a) || is_open(l, b)))
            size *= graph::is_symbol(extent_[letter]) ? 256.0 : static_cast<double>(extent_[letter]);
        }
        c += size;
        if (cost_[set] < 0 || c < cost_[set]) cost_[set] = c, left_[set] = a;
      }
    }
  }
  // Whether the tensor made of a set of operands has this letter.
  constexpr bool is_open(char c, unsigned set) const {
    bool inside = false;
    for (int k = 0; k < spec_.operands; ++k) inside |= (set >> k & 1) && operand_[k].find(c) >= 0;
    return inside && ((set & (set - 1)) == 0 || is_used_outside(c, set));
  }
  constexpr labelled product_of(unsigned set) {
    if ((set & (set - 1)) == 0) {
      int k = 0;
      while (!(set >> k & 1)) ++k;
      return operand_[k];
    }
    labelled a = product_of(left_[set]), b = product_of(set & ~left_[set]);
    if (left_[set] > (set & ~left_[set])) {  // operands keep their order
      const labelled t = a;
      a = b, b = t;
    }
    if (g_.failed.broken) return a;
    return multiply(a, b, set);
  }
  constexpr labelled multiply(labelled a, labelled b, unsigned set) {
    for (int i = a.rank; i-- > 0;)
      if (b.find(a.label[i]) < 0 && !is_used_outside(a.label[i], set)) sum_out(a, i);
    for (int i = b.rank; i-- > 0;)
      if (a.find(b.label[i]) < 0 && !is_used_outside(b.label[i], set)) sum_out(b, i);
    axes over_a, over_b, batch_a, batch_b;
    labelled y;
    for (int i = 0; i < a.rank; ++i) {
      const int j = b.find(a.label[i]);
      if (j < 0) continue;
      const bool kept = is_used_outside(a.label[i], set);
      axes &at = kept ? batch_a : over_a, &bt = kept ? batch_b : over_b;
      at.axis[at.count++] = i, bt.axis[bt.count++] = j;
      if (kept) y.label[y.rank++] = a.label[i];
    }
    for (int i = 0; i < a.rank; ++i)
      if (b.find(a.label[i]) < 0) y.label[y.rank++] = a.label[i];
    for (int j = 0; j < b.rank; ++j)
      if (a.find(b.label[j]) < 0 && y.rank < max_rank) y.label[y.rank++] = b.label[j];
    if (over_a.count > 0) y.x = dot_general::trace(a.x, b.x, over_a, over_b, batch_a, batch_b);
    else y.x = element<opcode::multiply, detail::types::arithmetic>::trace(aligned(a, y), aligned(b, y));
    return y;
  }
  // t with the axes of y, in its order; extent 1 where t has none.
  constexpr value aligned(const labelled& t, const labelled& y) const {
    axes order;
    shape<> s;
    for (int i = 0; i < y.rank; ++i) {
      const int at = t.find(y.label[i]);
      if (at >= 0) order.axis[order.count++] = at;
      s.append(at >= 0 ? t.x.shape()[at] : 1);
    }
    return reshape::trace(order.count > 1 ? transpose::trace(t.x, order) : t.x, s);
  }
};

/// Text as a template argument.
template <std::size_t N> struct text {
  char c[N] = {};
  constexpr text(const char (&s)[N]) {
    for (std::size_t i = 0; i < N; ++i) c[i] = s[i];
  }
};
template <text Spec> struct einsum {
  template <class... V> static constexpr value trace(V... x) {
    constexpr einsum_spec spec(Spec.c);
    const value v[] = {value(x)...};
    graph::builder& g = *detail::graph_of(v[0], v[sizeof...(V) - 1]);
    if (!spec.good) return g.fail(einsum_is_malformed), v[0];
    if (spec.operands != static_cast<int>(sizeof...(V))) return g.fail(einsum_counts_differ), v[0];
    return einsum_order(g, spec, v).result();
  }
};

}  // namespace ops

namespace detail {

// What a product of such operands computes in for a result of this type: the result's type, unless an operand has more digits. Of bools,
// where a sum is `or`, it counts.
constexpr dtype product_type(dtype a, dtype b, dtype result) {
  const dtype wide = size_of(real_dtype(b)) > size_of(real_dtype(a)) || (is_float(b) && !is_float(a)) ? b : a;
  if (result == dtype::boolean) return wide == dtype::boolean ? dtype::i32 : wide;
  const bool loses = size_of(real_dtype(wide)) > size_of(real_dtype(result)) || (is_float(wide) && is_integer(result));
  return loses && wide != dtype::boolean && is_complex(wide) == is_complex(result) ? wide : result;
}
// dot_general of operands of any types as the result's type, over any axes or none.
constexpr value dot_general(graph::builder& g, value a, value b, const axes& batch_a, const axes& batch_b, const axes& over_a,
                            const axes& over_b, dtype result) {
  if (g.failed.broken) return a;
  const dtype t = product_type(a.type(), b.type(), result);
  const value y = ops::dot_general::trace(ops::cast::trace(a, t), ops::cast::trace(b, t), over_a, over_b, batch_a, batch_b);
  return g.failed.broken ? y : ops::cast::trace(y, result);
}

}  // namespace detail

/// y[batch..., i..., j...] = sum over the axes `over_a` of a and `over_b` of b: the axes `batch_a` and `batch_b` run together, the others
/// (i of a, then j of b) stay. The first axis of `over_a` goes with the first of `over_b`, and so on; the batch keeps the order of
/// `batch_a`. `dot_general(a, b, axis<1>, axis<0>)` is dot; `dot_general(q, k, axis<2>, axis<2>, axis<0>, axis<0>)` a batch of products
/// with transposes. Types and error as dot. Cost: 2 (batch)(i)(j)(k) operations; no operand is copied unless several summed axes do not
/// lie side by side in both. Source: StableHLO dot_general.
template <operand A, operand B, int... I, int... J>
constexpr auto dot_general(const A& a, const B& b, axis_t<I...> over_a, axis_t<J...> over_b) {
  return suspend<ops::dot_general>(a, b, over_a, over_b);
}
template <operand A, operand B, int... I, int... J, int... P, int... Q>
constexpr auto dot_general(const A& a, const B& b, axis_t<I...> over_a, axis_t<J...> over_b, axis_t<P...> batch_a, axis_t<Q...> batch_b) {
  return suspend<ops::dot_general>(a, b, over_a, over_b, batch_a, batch_b);
}

/// Einstein's sum: each letter is an axis; letters that the result does not name are summed. `einsum<"ij,jk->ik">(a, b)`,
/// `einsum<"bhqd,bhkd->bhqk">(q, k)`, `einsum<"ii->">(a)` (the trace), `einsum<"i,j,k->ijk">(x, y, z)`. Without an arrow the result has the
/// letters that appear once, in alphabetical order. Up to 8 operands: the order of the products is the one with the fewest
/// multiplications (run-time extents count as 256). Types and error as dot. Source: NumPy einsum (without "...").
template <ops::text Spec, operand... X> constexpr auto einsum(const X&... x) { return suspend<ops::einsum<Spec>>(x...); }

}  // namespace sinter
