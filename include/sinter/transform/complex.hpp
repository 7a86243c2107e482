// SPDX-License-Identifier: Apache-2.0
// Complex elements as pairs of real ones: after this pass no node computes on complex types, so that every later pass, plan and kernel
// knows real numbers only. A complex parameter becomes one of its parts with a last axis of 2; a result is stacked of two.
#pragma once

#include <sinter/ops/complex_math.hpp>
#include <sinter/transform/simplify.hpp>

namespace sinter::transform {

constexpr bool has_complex(const graph_view& g) {
  for (int i = 0; i < g.node_count; ++i)
    if (is_complex(g[i].type)) return true;
  return false;
}

namespace detail {

// V: value; a template, so that only programs with complex elements instantiate it.
template <class V> class complex_splitter {
 public:
  builder out;
  constexpr explicit complex_splitter(const graph_view& in) : in_(in) {
    for (int i = 0; i < in.symbol_count; ++i) out.symbols.add(in.symbols[i]);
    for (int i = 0; i < in.constraint_count; ++i) out.constraints.add(in.constraints[i]);
    for (int i = 0; i < in.external_count; ++i) out.externals.add(in.externals[i]);
  }
  constexpr void run() {
    for (int i = 0; i < in_.node_count; ++i) made_.add(is_complex(in_[i].type) ? pair_of(i) : pair{real_of(i)});
    for (int r = 0; r < in_.result_count; ++r) {
      const int i = in_.results[r];
      if (!is_complex(in_[i].type)) {
        out.results.add(made_[i].re);
        continue;
      }
      const bool in_memory = in_[i].op == opcode::control;
      const int both = in_memory ? interleaved(i) : stack(made_[i].re, im(made_[i]), in_.shape_of(i).rank);
      out.results.add(out.add(opcode::as_complex, in_[i].type, in_.shape_of(i), &both, 1));
    }
  }

 private:
  // What stands for a node. A real number in the place of a complex one has no imaginary part: others are scaled by it.
  struct pair {
    int re = -1, im = -1;
    // The same numbers (or their conjugates) with the parts beside each other along the last axis, where memory holds them so.
    int flat = -1;
    bool conjugated = false;
  };
  const graph_view in_;
  sinter::detail::list<pair> made_;

  constexpr int unary(opcode op, int a) { return out.add(op, out.nodes[a].type, shape<>(out.shape_of(a)), &a, 1); }
  constexpr int binary(opcode op, int a, int b) {
    const int id[] = {a, b};
    return out.add(op, out.nodes[a].type, shape<>(out.shape_of(a)), id, 2);
  }
  constexpr int choose(int condition, int a, int b) {
    const int id[] = {condition, a, b};
    return out.add(opcode::select, out.nodes[a].type, shape<>(out.shape_of(a)), id, 3);
  }
  constexpr int compare(opcode op, int a, int b) {
    const int id[] = {a, b};
    return out.add(op, dtype::boolean, shape<>(out.shape_of(a)), id, 2);
  }
  constexpr int negated(int a) { return unary(opcode::negate, a); }
  constexpr int reshape(int a, const shape<>& s) {
    return out.shape_of(a) == s ? a : out.add(opcode::reshape, out.nodes[a].type, s, &a, 1);
  }
  constexpr int number_like(int a, double x) { return constant_like(out, out.nodes[a].type, shape<>(out.shape_of(a)), x, 0); }
  constexpr int im(const pair& p) { return p.im >= 0 ? p.im : number_like(p.re, 0); }

  // Two tensors along a new axis.
  constexpr int stack(int a, int b, int axis) {
    const shape<> from = out.shape_of(a);
    shape<> s;
    for (int k = 0; k <= from.rank; ++k) {
      if (k == axis) s.append(2);
      if (k < from.rank) s.append(from[k]);
    }
    const int id[] = {a, b};
    const extent_t attribute = axis;
    return out.add(opcode::stack, out.nodes[a].type, s, id, 2, &attribute, 1);
  }
  // Every step-th element of the last axis from `first` on; `s`: with how many of them.
  constexpr int every(int a, int first, int step, const shape<>& s) {
    extent_t attribute[2 * max_rank] = {};
    for (int k = 0; k < s.rank; ++k) attribute[2 * k + 1] = 1;
    attribute[2 * s.rank - 2] = first, attribute[2 * s.rank - 1] = step;
    return out.add(opcode::slice, out.nodes[a].type, s, &a, 1, attribute, 2 * s.rank);
  }
  constexpr shape<> flat_shape(shape<> s) {
    s[s.rank - 1] = out.product(2, s[s.rank - 1]);
    return s;
  }
  constexpr pair from_flat(int flat, const shape<>& s, bool conjugated) {
    const int imaginary = every(flat, 1, 2, s);
    return {every(flat, 0, 2, s), conjugated ? negated(imaginary) : imaginary, flat, conjugated};
  }

  constexpr int copy(int i, const int* operand) {
    const node& n = in_[i];
    return out.add(n.op, real_dtype(n.type), in_.shape_of(i), operand, n.operands, in_.pool + n.attribute, n.attributes);
  }
  // A node of real elements.
  constexpr int real_of(int i) {
    const node& n = in_[i];
    const pair a = n.operands > 0 ? made_[n.operand[0]] : pair{}, b = n.operands > 1 ? made_[n.operand[1]] : pair{};
    if (n.op == opcode::real || (n.op == opcode::identity && in_.attribute(i, 0) != graph::recomputed)) return a.re;
    if (n.op == opcode::imag) return im(a);
    if (n.op == opcode::abs && a.im >= 0) return ops::complex_math::abs(parts_of(a)).id();
    if ((n.op == opcode::equal || n.op == opcode::not_equal) && (a.im >= 0 || b.im >= 0)) {
      const int re = compare(n.op, a.re, b.re), imaginary = compare(n.op, im(a), im(b));
      return binary(n.op == opcode::equal ? opcode::logical_and : opcode::logical_or, re, imaginary);
    }
    int operand[graph::max_operands] = {};
    for (int k = 0; k < n.operands; ++k)  // what goes into a loop lies in memory
      operand[k] = n.op == opcode::bundle && is_complex(in_[n.operand[k]].type) ? interleaved(n.operand[k]) : made_[n.operand[k]].re;
    return copy(i, operand);
  }
  // Both parts of a node beside each other, as in memory.
  constexpr int interleaved(int i) {
    const shape<> s = in_.shape_of(i);
    const pair& p = made_[i];
    if (p.flat >= 0 && !p.conjugated) return reshape(p.flat, with_parts(s));
    return stack(p.re, im(p), s.rank);
  }
  static constexpr shape<> with_parts(shape<> s) {
    s.append(2);
    return s;
  }
  constexpr pair pair_of(int i) {
    const node& n = in_[i];
    const pair a = n.operands > 0 ? made_[n.operand[0]] : pair{}, b = n.operands > 1 ? made_[n.operand[1]] : pair{};
    switch (n.op) {
      case opcode::param:
      case opcode::literal: return param(i);
      case opcode::control: return control(i);
      case opcode::as_complex: return parts(a.re, in_.shape_of(i));
      case opcode::complex: return joined(n, a.re, b.re);
      case opcode::cast: return cast(real_dtype(n.type), a);
      case opcode::negate: return {unary(n.op, a.re), a.im < 0 ? -1 : unary(n.op, a.im)};
      case opcode::add: return {binary(n.op, a.re, b.re), a.im < 0 ? b.im : b.im < 0 ? a.im : binary(n.op, a.im, b.im)};
      case opcode::subtract: return {binary(n.op, a.re, b.re), b.im < 0 ? a.im : a.im < 0 ? negated(b.im) : binary(n.op, a.im, b.im)};
      case opcode::multiply: return product(a, b);
      case opcode::divide: return quotient(a, b);
      case opcode::select: {
        const pair c = made_[n.operand[2]];
        return {choose(a.re, b.re, c.re), b.im < 0 && c.im < 0 ? -1 : choose(a.re, im(b), im(c))};
      }
      case opcode::identity:
        if (in_.attribute(i, 0) != graph::recomputed) return a;
        return part_by_part(i, a, b);
      case opcode::reshape: return reshaped(a, in_.shape_of(i));
      case opcode::dot: return dot(a, b, in_.shape_of(i));
      case opcode::gather: return gathered(i, a, b.re);
      case opcode::scatter: return scattered(i, a, b.re, made_[n.operand[2]]);
      default: return is_element(n.op) ? function(n.op, a, b) : part_by_part(i, a, b);
    }
  }

  constexpr pair param(int i) {
    const node& n = in_[i];
    const shape<> s = with_parts(in_.shape_of(i));
    const bool dense = in_.attribute(i, 1) == graph::row_major;
    const extent_t attribute[] = {in_.attribute(i, 0), dense ? graph::row_major : graph::strided_pairs,
                                  n.op == opcode::literal ? in_.attribute(i, 2) : 0};
    const int both = out.add(n.op, real_dtype(n.type), s, nullptr, 0, attribute, n.attributes);
    pair p = parts(both, in_.shape_of(i));
    if (dense && s.rank > 1) p.flat = reshape(both, flat_shape(in_.shape_of(i)));
    return p;
  }
  // A result of a loop or branch, whose body gives such pairs.
  constexpr pair control(int i) {
    const node& n = in_[i];
    const shape<> s = in_.shape_of(i);
    const int bundle = made_[n.operand[0]].re;
    const int both = out.add(n.op, real_dtype(n.type), with_parts(s), &bundle, 1, in_.pool + n.attribute, n.attributes);
    pair p = parts(both, s);
    if (s.rank > 0) p.flat = reshape(both, flat_shape(s));
    return p;
  }
  constexpr pair parts(int both, const shape<>& s) {
    if (out.nodes[both].op == opcode::stack) return {out.nodes[both].operand[0], out.nodes[both].operand[1]};
    shape<> one = s;
    one.append(1);
    return {reshape(every(both, 0, 1, one), s), reshape(every(both, 1, 1, one), s)};
  }
  constexpr pair joined(const node& n, int re, int imaginary) const {
    // The parts of one number, the second perhaps negated.
    const node &x = in_[n.operand[0]], &y = in_[n.operand[1]];
    const bool negated = y.op == opcode::negate;
    const node& z = negated ? in_[y.operand[0]] : y;
    pair p{re, imaginary};
    if (x.op == opcode::real && z.op == opcode::imag && x.operand[0] == z.operand[0]) {
      const pair& of = made_[x.operand[0]];
      p.flat = of.flat, p.conjugated = of.conjugated != negated;
    }
    return p;
  }
  constexpr pair cast(dtype t, const pair& a) {
    const auto one = [&](int id) {
      return id < 0 || out.nodes[id].type == t ? id : out.add(opcode::cast, t, shape<>(out.shape_of(id)), &id, 1);
    };
    return {one(a.re), one(a.im)};
  }
  constexpr pair product(const pair& a, const pair& b) {
    constexpr opcode times = opcode::multiply;
    if (a.im < 0) return {binary(times, a.re, b.re), b.im < 0 ? -1 : binary(times, a.re, b.im)};
    if (b.im < 0) return {binary(times, a.re, b.re), binary(times, a.im, b.re)};
    return {binary(opcode::subtract, binary(times, a.re, b.re), binary(times, a.im, b.im)),
            binary(opcode::add, binary(times, a.re, b.im), binary(times, a.im, b.re))};
  }
  constexpr pair quotient(const pair& a, const pair& b) {
    if (b.im < 0) return {binary(opcode::divide, a.re, b.re), a.im < 0 ? -1 : binary(opcode::divide, a.im, b.re)};
    return function(opcode::divide, a, b);
  }
  // Functions of numbers, as real ops.
  constexpr ops::complex_math::parts<V> parts_of(const pair& p) { return {V(out, p.re), V(out, im(p))}; }
  constexpr pair function(opcode op, const pair& a, const pair& b) {
    const ops::complex_math::parts<V> z = parts_of(a), y = ops::complex_math::apply(op, z, b.re < 0 ? z : parts_of(b));
    return {y.re.id(), y.im.id()};
  }
  constexpr pair reshaped(const pair& a, const shape<>& s) {
    if (a.flat >= 0 && s.rank > 0) return from_flat(reshape(a.flat, flat_shape(s)), s, a.conjugated);
    return {reshape(a.re, s), a.im < 0 ? -1 : reshape(a.im, s)};
  }

  // Offsets into the parts; where they lie beside each other in memory, into that.
  constexpr pair gathered(int i, const pair& a, int base) {
    const node& n = in_[i];
    const bool fits =
        in_.shape_of(n.operand[0]).rank > 0 && a.flat >= 0 && out.nodes[base].type == dtype::i32 && small(out.shape_of(a.flat));
    if (!fits) {
      const int re[] = {a.re, base}, imaginary[] = {a.im, base};
      return {copy(i, re), a.im < 0 ? -1 : copy(i, imaginary)};
    }
    const int twice = binary(opcode::multiply, base, constant_like(out, dtype::i32, shape<>(out.shape_of(base)), 0, 2));
    const int next = binary(opcode::add, twice, constant_like(out, dtype::i32, shape<>(out.shape_of(base)), 0, 1));
    extent_t stride[max_rank] = {};
    for (int k = 0; k < n.attributes; ++k) stride[k] = out.product(2, in_.attribute(i, k));
    const auto from = [&](int at) {
      const int id[] = {a.flat, at};
      return out.add(n.op, real_dtype(n.type), in_.shape_of(i), id, 2, stride, n.attributes);
    };
    const int imaginary = from(next);
    return {from(twice), a.conjugated ? negated(imaginary) : imaginary};
  }
  static constexpr bool small(const shape<>& s) {
    extent_t size = 1;
    for (int k = 0; k < s.rank; ++k) size = graph::is_symbol(s[k]) || size < 0 ? -1 : sinter::detail::saturating_product(size, s[k]);
    return size >= 0 && size < extent_t{1} << 31;
  }
  constexpr pair scattered(int i, const pair& a, int base, const pair& updates) {
    const int re[] = {a.re, base, updates.re};
    pair p{copy(i, re)};
    if (a.im < 0 && updates.im < 0) return p;
    const int imaginary[] = {im(a), base, im(updates)};
    p.im = copy(i, imaginary);
    return p;
  }

  // Views and sums treat both parts alike.
  constexpr pair part_by_part(int i, const pair& a, const pair& b) {
    const node& n = in_[i];
    if (!is_view_op(n.op) && n.op != opcode::reduce_sum)
      throw "sinter: complex elements meet an op without a meaning; this is an error of sinter";
    const int re[] = {a.re, b.re};
    pair p{copy(i, re)};
    if (a.im < 0 && (n.operands < 2 || b.im < 0)) return p;
    const int imaginary[] = {im(a), n.operands < 2 ? -1 : im(b)};
    p.im = copy(i, imaginary);
    if (n.op == opcode::broadcast && a.flat >= 0) {  // along leading axes the numbers still lie beside each other
      const shape<> s = in_.shape_of(i), from = in_.shape_of(n.operand[0]);
      const int last = from.rank - 1;
      if (in_.attribute(i, last) == s.rank - 1 && from[last] == s[s.rank - 1]) {
        const int id[] = {a.flat};
        p.flat = out.add(n.op, real_dtype(n.type), flat_shape(s), id, 1, in_.pool + n.attribute, n.attributes);
        p.conjugated = a.conjugated;
      }
    }
    return p;
  }

  // Two real products of twice the depth: the parts of a beside each other, times the parts of b below each other. Each part of the
  // result is one chain over k of a.re b.re - a.im b.im or a.re b.im + a.im b.re, whatever the layout of the operands.
  constexpr pair dot(const pair& a, const pair& b, const shape<>& s) {
    const auto times = [&](int x, int y) {
      const int id[] = {x, y};
      return out.add(opcode::dot, out.nodes[x].type, s, id, 2);
    };
    if (a.im < 0) return {times(a.re, b.re), b.im < 0 ? -1 : times(a.re, b.im)};
    if (b.im < 0) return {times(a.re, b.re), times(a.im, b.re)};
    const bool conjugated = a.flat >= 0 && a.conjugated;
    const int rows = a.flat >= 0 ? a.flat : reshape(stack(a.re, a.im, s.rank), flat_shape(out.shape_of(a.re)));
    const bool repeats = repeats_matrices(b);  // then one of each is enough
    const int re = repeats ? out.nodes[b.re].operand[0] : b.re, imaginary = repeats ? out.nodes[b.im].operand[0] : b.im;
    const int left = below(re, conjugated ? imaginary : negated(imaginary)), right = below(imaginary, conjugated ? negated(re) : re);
    return {times(rows, repeats ? repeated(left, b.re) : left), times(rows, repeats ? repeated(right, b.re) : right)};
  }
  // Row 2k of the result is row k of x, row 2k + 1 that of y.
  constexpr int below(int x, int y) {
    const shape<> s = out.shape_of(x);
    return reshape(stack(x, y, s.rank - 1), twice_as_high(s));
  }
  constexpr shape<> twice_as_high(shape<> s) {
    s[s.rank - 2] = out.product(2, s[s.rank - 2]);
    return s;
  }
  // Whether both parts repeat matrices along other axes, in the same way.
  constexpr bool repeats_matrices(const pair& p) const {
    const node &x = out.nodes[p.re], &y = out.nodes[p.im];
    const int n = x.attributes, rank = out.shape_of(p.re).rank;
    if (x.op != opcode::broadcast || y.op != opcode::broadcast || n < 2 || y.attributes != n) return false;
    const shape<>& from = out.shape_of(x.operand[0]);
    if (!(from == out.shape_of(y.operand[0]))) return false;
    for (int k = 0; k < n; ++k)
      if (out.attribute(p.re, k) != out.attribute(p.im, k)) return false;
    for (int k = 1; k <= 2; ++k)
      if (out.attribute(p.re, n - k) != rank - k || from[n - k] != out.shape_of(p.re)[rank - k]) return false;
    return true;
  }
  constexpr int repeated(int id, int like) {
    extent_t where[max_rank] = {};
    const int n = out.nodes[like].attributes;
    for (int k = 0; k < n; ++k) where[k] = out.attribute(like, k);
    return out.add(opcode::broadcast, out.nodes[id].type, twice_as_high(out.shape_of(like)), &id, 1, where, n);
  }
};

}  // namespace detail

/// The same graph on real elements.
template <class V = value> constexpr builder split_complex(const graph_view& in) {
  detail::complex_splitter<V> s(in);
  s.run();
  return static_cast<builder&&>(s.out);
}

}  // namespace sinter::transform
