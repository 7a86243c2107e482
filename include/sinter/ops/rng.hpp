// SPDX-License-Identifier: Apache-2.0
// StableHLO's random numbers: rng_bit_generator, whose bits and states are XLA's, and rng. Its generators take a state and give the next
// one; random.hpp has those of keys. Source: Salmon et al., Parallel Random Numbers: As Easy as 1, 2, 3, SC 2011; the StableHLO
// specification.
#pragma once

#include <sinter/ops/random.hpp>

namespace sinter::detail {

enum class rng_algorithm { three_fry, philox };
enum class rng_distribution { uniform, normal };

// Words of 64 bits as the lower and the upper 32, and back.
struct word_pair {
  value low, high;
};
constexpr word_pair halves_of(value x) {
  return {ops::cast::trace(x, dtype::u32), ops::cast::trace(shift_right_logical(x, 32), dtype::u32)};
}
constexpr value joined(const word_pair& w) {
  return ops::cast::trace(w.low, dtype::u64) | shift_left(ops::cast::trace(w.high, dtype::u64), 32);
}
// Element i of a vector, as a number.
constexpr value element_at(value x, extent_t i) {
  const range_value r[] = {range_value{i, i + 1}};
  return ops::reshape::trace(ops::slice::trace_ranges(x, r, 1), {});
}
constexpr value places_in(graph::builder& g, const shape<>& s) {  // 0, 1, ... in row-major order, u64
  return ops::reshape::trace(ops::iota::trace(g, dtype::u64, shape<>(g.size_of(s)), axes(0)), s);
}
constexpr value alternating(graph::builder&, value a, value b, int axis) {  // a and b along a new axis
  return ops::concatenate::trace(axes(axis), ops::insert_axis(a, axis), ops::insert_axis(b, axis));
}

// One block for each counter, of which the second word counts what does not fit into the first.
constexpr word_pair three_fry_blocks(value key, value counter) {
  const word_pair k = halves_of(key), c = halves_of(counter);
  return {ops::map<threefry<block_word::first>>::trace(k.low, k.high, c.low, c.high),
          ops::map<threefry<block_word::second>>::trace(k.low, k.high, c.low, c.high)};
}
struct random_words {
  value bits, state;
};
// 32 bits an element: blocks go through half of one axis, the first even one or else the longest; their two words are neighbours there.
constexpr random_words three_fry_32(graph::builder& g, value key, value state, const shape<>& s) {
  if (s.rank == 0) {
    const word_pair w = three_fry_blocks(key, state);
    return {w.low, state + value(1)};
  }
  int axis = -1;
  for (int a = 0; a < s.rank && axis < 0; ++a)
    if (s[a] % 2 == 0) axis = a;
  for (int a = 0; a < s.rank && (axis < 0 || s[axis] % 2 != 0); ++a)
    if (axis < 0 || s[a] > s[axis]) axis = a;
  shape<> half = s, even = s;
  half[axis] = (s[axis] + 1) / 2, even[axis] = 2 * half[axis];
  const word_pair w = three_fry_blocks(key, state + places_in(g, half));
  value y = ops::reshape::trace(alternating(g, w.low, w.high, axis + 1), even);
  range_value r[max_rank];
  for (int a = 0; a < s.rank; ++a) r[a] = {0, s[a]};
  y = ops::slice::trace_ranges(y, r, s.rank);
  return {y, state + value(static_cast<std::int64_t>(g.size_of(half)))};
}
constexpr random_words three_fry_64(graph::builder& g, value key, value state, const shape<>& s) {
  const value y = joined(three_fry_blocks(key, state + places_in(g, s)));
  return {y, state + value(static_cast<std::int64_t>(g.size_of(s)))};
}

// Ten rounds on four words, all the counters at once.
struct philox_words {
  value word[4];
};
constexpr philox_words philox_blocks(value key, philox_words x) {
  word_pair k = halves_of(key);
  for (int round = 0; round < 10; ++round) {
    const word_pair a = halves_of(ops::cast::trace(x.word[0], dtype::u64) * value(std::int64_t{0xd2511f53}));
    const word_pair b = halves_of(ops::cast::trace(x.word[2], dtype::u64) * value(std::int64_t{0xcd9e8d57}));
    x = {{b.high ^ x.word[1] ^ k.low, b.low, a.high ^ x.word[3] ^ k.high, a.low}};
    k = {k.low + value(std::int64_t{0x9e3779b9}), k.high + value(std::int64_t{0xbb67ae85})};
  }
  return x;
}
// Blocks of 128 bits at counters state, state + 1, ...; the state is one number of 128 bits.
struct philox_trace {
  value low, high;
  constexpr philox_trace plus(value n) const {
    const value sum = low + n;
    return {sum, where(sum < low, high + value(1), high)};
  }
  // [blocks, 4] words of 32 bits.
  constexpr value blocks(graph::builder& g, value key, extent_t count) const {
    const philox_trace at = plus(places_in(g, shape<>(count)));
    const word_pair l = halves_of(at.low), h = halves_of(broadcast_right(g, at.high, shape<>(count)));
    const philox_words y = philox_blocks(key, {{l.low, l.high, h.low, h.high}});
    return ops::reshape::trace(alternating(g, alternating(g, y.word[0], y.word[1], 1), alternating(g, y.word[2], y.word[3], 1), 1),
                               shape<>(count, 4));
  }
};
constexpr value first_elements(value x, extent_t n) {
  const range_value r[] = {range_value{0, n}};
  return ops::slice::trace_ranges(x, r, 1);
}

// Random bits of the type of the result (integers of 8 to 64 bits; floating point gets their pattern) and the next state, in out[0] (the
// state) and out[1]. The state is u64[2], the key and a counter; for philox u64[3], whose counter has 128 bits, the lower half first.
constexpr void rng_bit_generator(graph::builder& g, value state, rng_algorithm algorithm, const shape<>& s, dtype result, value* out) {
  out[0] = out[1] = state;
  const bool philox = algorithm == rng_algorithm::philox;
  const extent_t words = state.rank() == 1 ? state.shape()[0] : 0;
  if (g.failed.broken) return;
  if (state.type() != dtype::u64 || !(words == 2 || (words == 3 && philox))) {
    g.fail(needs_random_state);
    if (!g.failed.count) g.failed.show(state.type()), g.failed.show(state.shape());
    return;
  }
  const dtype word = size_of(result) == 8 ? dtype::u64 : dtype::u32;
  const extent_t n = g.size_of(s);
  const value key = element_at(state, 0), counter = element_at(state, 1);
  value next[2];
  random_words made{full(g, word, s, 0), counter};
  if (!philox) {
    if (n > 0) made = word == dtype::u64 ? three_fry_64(g, key, counter, s) : three_fry_32(g, key, counter, s);
    next[0] = made.state;
  } else {
    const philox_trace at{counter, words == 3 ? element_at(state, 2) : value(0).as(g, dtype::u64)};
    const extent_t count = word == dtype::u64 ? (n + 1) / 2 : (n + 3) / 4;
    if (n > 0) {
      const value all_of = at.blocks(g, key, count);
      value flat = ops::reshape::trace(all_of, shape<>(4 * count));
      if (word == dtype::u64) {
        const range_value even[] = {range_value{0, 4 * count, 2}}, odd[] = {range_value{1, 4 * count, 2}};
        flat = joined({ops::slice::trace_ranges(flat, even, 1), ops::slice::trace_ranges(flat, odd, 1)});
      }
      made.bits = ops::reshape::trace(first_elements(flat, n), s);
    }
    const philox_trace after = at.plus(value(static_cast<std::int64_t>(count)));
    next[0] = after.low, next[1] = after.high;
  }
  out[0] = alternating(g, key, next[0], 0);
  if (words == 3) out[0] = ops::concatenate::trace(axes(0), out[0], ops::reshape::trace(next[1], shape<>(1)));
  if (is_float(result) && size_of(result) == 2) made.bits = ops::cast::trace(made.bits, dtype::u16);
  out[1] = is_float(result) ? ops::bitcast::trace(made.bits, result) : ops::cast::trace(made.bits, result);
}

// Random numbers between a and b (normal: of mean a and deviation b) without any state: those of the key 0 folded with `number`, which
// tells the calls of one program apart. Each run of the program gives the same ones.
constexpr value rng(graph::builder& g, value a, value b, const shape<>& s, rng_distribution how, std::uint32_t number) {
  if (g.failed.broken) return a;
  const dtype t = a.type();
  const value zero = full(g, dtype::u32, shape<>(1), 0);
  const value key = ops::fold_in::trace(ops::concatenate::trace(axes(0), zero, zero), value(static_cast<std::int64_t>(number)));
  if (g.failed.broken) return a;
  const dtype drawn = ops::drawn_as(t);
  if (is_float(t) && how == rng_distribution::normal)
    return ops::cast::trace(ops::normal::trace(key, drawn, s) * ops::cast::trace(b, drawn) + ops::cast::trace(a, drawn), t);
  if (is_float(t)) return ops::cast::trace(ops::uniform::trace(key, drawn, s, ops::cast::trace(a, drawn), ops::cast::trace(b, drawn)), t);
  if (!is_integer(t) && t != dtype::boolean) return ops::refuse_random_type(g, t), a;
  // Bools: any of the two.
  if (t == dtype::boolean) return (ops::random_bits::trace(key, dtype::u32, s) & value(1)) == value(1);
  const value span = ops::cast::trace(b, dtype::u64) - ops::cast::trace(a, dtype::u64);
  const value place = ops::random_bits::trace(key, dtype::u64, s) % span;
  return ops::cast::trace(ops::cast::trace(a, dtype::u64) + place, t);
}

}  // namespace sinter::detail
