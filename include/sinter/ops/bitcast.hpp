// SPDX-License-Identifier: Apache-2.0
// Bits as elements of another type, also of another size: a last axis comes or goes. And StableHLO's conversion, complex numbers included.
#pragma once

#include <sinter/ops/complex.hpp>
#include <sinter/ops/integer.hpp>

namespace sinter {

namespace detail {

/// StableHLO's convert between any two types: `cast`, but of a complex number the real part becomes a real one.
constexpr value convert(value x, dtype to) {
  return ops::cast::trace(is_complex(x.type()) && !is_complex(to) ? ops::part(x, opcode::real) : x, to);
}

// Bits of an element as StableHLO counts them: a bool has one.
constexpr int significant_bits(dtype t) { return t == dtype::boolean ? 1 : info(t).bits; }

// Elements as unsigned integers along one more, last axis: two of a complex one, the real part first.
constexpr value words_of(value x, int bits) {
  graph::builder& g = *x.graph();
  const auto in_last_axis = [](value v) {
    shape<> s = v.shape();
    s.append(1);
    return ops::reshape::trace(v, s);
  };
  if (is_complex(x.type())) {
    const value part[] = {in_last_axis(ops::part(x, opcode::real)), in_last_axis(ops::part(x, opcode::imag))};
    return words_of(ops::concatenate::trace(axes(part[0].rank() - 1), part[0], part[1]), bits / 2);
  }
  const dtype t = x.type() == dtype::boolean ? dtype::u8 : unsigned_dtype(size_of(x.type()));
  value y = x.type() == dtype::boolean ? ops::cast::trace(x, t) : ops::bitcast::trace(x, t);
  if (x.type() != dtype::boolean && bits < info(t).bits) y = y & value((std::int64_t{1} << bits) - 1).as(g, t);
  return y;
}
// Words [..., n] of some bits as words [..., m] of others, the lower bits first.
constexpr value other_words(value x, int bits, int to_bits) {
  if (bits == to_bits) return x;
  const bool is_split = bits > to_bits;
  const int ratio = is_split ? bits / to_bits : to_bits / bits, last = x.rank() - 1;
  const dtype to = unsigned_dtype((to_bits + 7) / 8), wide = is_split ? x.type() : to;
  shape<> parts = x.shape(), joined = parts;
  const extent_t n = parts[last];
  parts[last] = is_split ? n : n / ratio, parts.append(is_split ? 1 : ratio);
  joined[last] = n * ratio;
  const value place = ops::iota::trace(*x.graph(), wide, shape<>(ratio), axes(0)) * (is_split ? to_bits : bits);
  const value part = ops::reshape::trace(ops::cast::trace(x, wide), parts);
  // No two have a bit in common: a sum joins them.
  if (!is_split) return reduce_node(shift_left(part, place), opcode::reduce_sum, axes(last + 1), {}, wide);
  value piece = shift_right_logical(part, place);
  if (to_bits < info(to).bits) piece = piece & value((std::int64_t{1} << to_bits) - 1);
  return ops::reshape::trace(ops::cast::trace(piece, to), joined);
}
constexpr value element_of_last_axis(value x, extent_t k) {
  range_value r[max_rank];
  for (int i = 0; i < x.rank(); ++i) r[i].kind = range_value::whole;
  r[x.rank() - 1] = {k, k + 1, 1, range_value::part};
  shape<> rest;
  for (int i = 0; i + 1 < x.rank(); ++i) rest.append(x.shape()[i]);
  return ops::reshape::trace(ops::slice::trace_ranges(x, r, x.rank()), rest);
}

/// The bits of x, of elements of `bits`, as elements of type `to` and `to_bits`: of smaller ones [..., n], the lower bits first, of larger
/// ones, whose x is [..., n], [...]. Complex elements are two numbers, the real part first; integers of fewer bits than their type
/// stand in its lower ones. x has at most 6 axes where the size changes. Source: StableHLO bitcast_convert.
constexpr value bitcast_convert(value x, int bits, dtype to, int to_bits) {
  graph::builder& g = *x.graph();
  if (g.failed.broken) return x;
  const shape<> from = x.shape();
  const bool is_smaller = to_bits<bits, is_larger = to_bits> bits;
  if (bits == info(x.type()).bits && to_bits == info(to).bits && bits == to_bits && !is_complex(x.type()) && !is_complex(to) &&
      x.type() != dtype::boolean && to != dtype::boolean)
    return ops::bitcast::trace(x, to);
  const bool fits =
      is_smaller ? bits % to_bits == 0 : to_bits % bits == 0 && (!is_larger || (from.rank > 0 && from[from.rank - 1] == to_bits / bits));
  if (!fits) {
    g.fail(elements_do_not_join);
    if (!g.failed.count) g.failed.show(from), g.failed.show(x.type()), g.failed.show(to);
    return x;
  }
  const bool was_complex = is_complex(x.type()), becomes_complex = is_complex(to);
  value y = words_of(x, bits);
  shape<> s = from;  // of the elements in which all bits of the larger type lie
  if (is_larger) {
    shape<> shorter;
    for (int i = 0; i + 1 < from.rank; ++i) shorter.append(from[i]);
    s = shorter;
  }
  const auto lines = [&](extent_t n) {
    shape<> r = s;
    r.append(n);
    return r;
  };
  const int group = is_larger ? to_bits : bits, word = was_complex ? bits / 2 : bits, to_word = becomes_complex ? to_bits / 2 : to_bits;
  y = other_words(ops::reshape::trace(y, lines(group / word)), word, to_word);
  shape<> result = is_smaller ? lines(bits / to_bits) : s;
  if (becomes_complex) {
    shape<> pairs = result;
    pairs.append(2);
    y = ops::reshape::trace(ops::bitcast::trace(y, real_dtype(to)), pairs);
    return ops::join_parts(element_of_last_axis(y, 0), element_of_last_axis(y, 1));
  }
  y = ops::reshape::trace(y, result);
  if (to == dtype::boolean) return y != 0;
  return wrap_bits(ops::bitcast::trace(y, to), to_bits);
}

}  // namespace detail

namespace ops {
struct bitcast_convert {
  static constexpr value trace(value x, dtype to) {
    return detail::bitcast_convert(x, detail::significant_bits(x.type()), to, detail::significant_bits(to));
  }
};
}  // namespace ops

/// The bits of the elements as elements of type T, of any size: `bitcast_convert<std::uint8_t>(x)`. A bool is one bit; the lower bits come
/// first. Shapes: x [...] -> [..., n] of smaller elements, x [..., n] -> [...] of larger ones, else [...] -> [...]. Types: all.
/// Cost: that of bitcast; of another size 3 ops an element, to a larger one a sum over n. No derivative.
/// Source: jax.lax.bitcast_convert_type, StableHLO bitcast_convert.
template <element T, operand X> constexpr auto bitcast_convert(const X& x) { return suspend<ops::bitcast_convert>(x, type_t<T>{}); }

}  // namespace sinter
