// SPDX-License-Identifier: Apache-2.0
// Random numbers that are functions of a key and of where an element stands: Threefry-2x32 with 20 rounds, used as JAX uses it. No state,
// so that bits depend neither on fusion nor on vectors or threads. Not here: generators with state.
// Source: Salmon et al., Parallel Random Numbers: As Easy as 1, 2, 3, SC 2011; jax.random with jax_threefry_partitionable.
#pragma once

#include <sinter/ops/gather.hpp>
#include <sinter/ops/inverses.hpp>
#include <sinter/ops/nn.hpp>
#include <sinter/ops/user.hpp>

namespace sinter {

namespace detail {

// What of the two words of a block is taken.
enum class block_word { first, second, both };
// One block of Threefry on packets: words of the key, words of the counter.
template <block_word Word> struct threefry {
  static constexpr const char* name = "threefry2x32";
  template <class X> SINTER_INLINE X operator()(X k0, X k1, X x0, X x1) const {
    const X k2 = k0 ^ k1 ^ X(0x1bd11bdau);
    x0 = x0 + k0, x1 = x1 + k1;
    rounds<13, 15, 26, 6>(x0, x1), x0 = x0 + k1, x1 = x1 + k2 + X(1u);
    rounds<17, 29, 16, 24>(x0, x1), x0 = x0 + k2, x1 = x1 + k0 + X(2u);
    rounds<13, 15, 26, 6>(x0, x1), x0 = x0 + k0, x1 = x1 + k1 + X(3u);
    rounds<17, 29, 16, 24>(x0, x1), x0 = x0 + k1, x1 = x1 + k2 + X(4u);
    rounds<13, 15, 26, 6>(x0, x1), x0 = x0 + k2, x1 = x1 + k0 + X(5u);
    if constexpr (Word == block_word::first) return x0;
    else if constexpr (Word == block_word::second) return x1;
    else return x0 ^ x1;
  }

 private:
  template <int A, int B, int C, int D, class X> SINTER_INLINE static void rounds(X& x0, X& x1) {
    round<A>(x0, x1), round<B>(x0, x1), round<C>(x0, x1), round<D>(x0, x1);
  }
  template <int Turn, class X> SINTER_INLINE static void round(X& x0, X& x1) {
    x0 = x0 + x1;
    x1 = ((x1 << Turn) | (x1 >> (32 - Turn))) ^ x0;
  }
};

// Exchanges each place with one before it or itself; which one its 64 bits say, as a fraction of how many these are.
// Source: Durstenfeld, Algorithm 235: Random permutation, CACM 7 (1964), inside out as Knuth has it.
struct fisher_yates {
  static constexpr const char* name = "permutation";
  static constexpr int ranks[] = {1};
  static constexpr call_result result(const call_operand& bits) { return {dtype::i64, shape{bits.extent(0)}}; }
  static void run(auto bits, auto order) {
    __extension__ typedef unsigned __int128 wide;
    const std::uint64_t* const from = bits.data();
    std::int64_t* const to = order.data();
    for (std::int64_t i = 0; i < bits.extent(0); ++i) {
      const auto other = static_cast<std::int64_t>(static_cast<wide>(from[i]) * static_cast<std::uint64_t>(i + 1) >> 64);
      to[i] = to[other];
      to[other] = i;
    }
  }
};

}  // namespace detail

namespace ops {

// The words of a key, and blocks at counters: what the functions of random numbers are made of.
struct random_key {
  static constexpr bool check(value key) {
    graph::builder& g = *key.graph();
    if (!g.failed.broken && (key.type() != dtype::u32 || key.rank() != 1 || key.shape()[0] != 2)) {
      g.fail(needs_random_key);
      if (!g.failed.count) g.failed.show(key.type()), g.failed.show(key.shape());
    }
    return !g.failed.broken;
  }
  template <detail::block_word Word> static constexpr value block(value key, value high, value low) {
    const value k0 = reshape::trace(slice::trace(key, range<0, 1>), shape<>{}),
                k1 = reshape::trace(slice::trace(key, range<1, 2>), shape<>{});
    return map<detail::threefry<Word>>::trace(k0, k1, high, low);
  }
};
// The upper and lower word of each element's place in row-major order. Where extents are known at run time only, there is no upper one.
struct random_counter {
  value high, low;
  constexpr random_counter(graph::builder& g, const shape<>& s) {
    const extent_t n = g.size_of(s);
    const bool is_wide = !graph::is_symbol(n) && n > extent_t{1} << 32;
    const value i = reshape::trace(iota::trace(g, is_wide ? dtype::u64 : dtype::u32, shape<>(n), axes(0)), s);
    low = cast::trace(i, dtype::u32);
    high = is_wide ? cast::trace(shift_right_logical(i, 32), dtype::u32) : value(0).as(g, dtype::u32);
  }
};

constexpr void refuse_random_type(graph::builder& g, dtype t) {
  g.fail(random_type);
  if (!g.failed.count) g.failed.show(t);
}
struct random_bits {
  static constexpr value trace(value key, dtype t, shape<> s) {
    graph::builder& g = *key.graph();
    if (!random_key::check(key)) return key;
    if (!is_integer(t)) return refuse_random_type(g, t), key;
    const random_counter at(g, s);
    using detail::block_word;
    if (size_of(t) < 8) return cast::trace(random_key::block<block_word::both>(key, at.high, at.low), t);
    const value high = random_key::block<block_word::first>(key, at.high, at.low);
    const value low = random_key::block<block_word::second>(key, at.high, at.low);
    return cast::trace(shift_left(cast::trace(high, dtype::u64), 32) | cast::trace(low, dtype::u64), t);
  }
};
// Random digits behind the point of a number from 1 to 2.
struct uniform {
  static constexpr value trace(value key, dtype t, shape<> s) {
    graph::builder& g = *key.graph();
    if (!random_key::check(key)) return key;
    if (!is_float(t)) return refuse_random_type(g, t), key;
    const auto above_one = [&](value bits, dtype word, int unused, std::int64_t one) {
      return bitcast::trace(shift_right_logical(cast::trace(bits, word), unused) | value(one), t) - 1;
    };
    if (t == dtype::f64) return above_one(random_bits::trace(key, dtype::u64, s), dtype::u64, 12, 0x3ff0000000000000);
    if (t == dtype::f32) return above_one(random_bits::trace(key, dtype::u32, s), dtype::u32, 9, 0x3f800000);
    if (t == dtype::f16) return above_one(random_bits::trace(key, dtype::u16, s), dtype::u16, 6, 0x3c00);
    return above_one(random_bits::trace(key, dtype::u8, s), dtype::u16, 1, 0x3f80);
  }
  static constexpr value trace(value key, dtype t, shape<> s, value low, value high) {
    const value y = trace(key, t, s);
    if (key.graph()->failed.broken) return key;
    low = low.as(*key.graph(), t), high = high.as(*key.graph(), t);
    return maximum(y * (high - low) + low, low);
  }
};
// f16 and bf16 are drawn in f32 and rounded once: their own uniform numbers are too few for tails.
constexpr dtype drawn_as(dtype t) { return t == dtype::f16 || t == dtype::bf16 ? dtype::f32 : t; }
struct normal {
  static constexpr value trace(value key, dtype t, shape<> s) {
    const bool is_double = t == dtype::f64;
    const value u = uniform::trace(key, drawn_as(t), s, is_double ? -0x1.fffffffffffffp-1 : -0x1.fffffep-1, 1);
    if (key.graph()->failed.broken) return key;
    return cast::trace(map<detail::inverse_erf, detail::types::floating>::trace(u) * 1.41421356237309504880, t);
  }
};
struct gumbel {
  static constexpr value trace(value key, dtype t, shape<> s) {
    const value u = uniform::trace(key, drawn_as(t), s, t == dtype::f64 ? 0x1p-1022 : 0x1p-126, 1);
    if (key.graph()->failed.broken) return key;
    return cast::trace(-log(-log(u)), t);
  }
};
struct bernoulli {
  static constexpr value trace(value key, value p, shape<> s) {
    const dtype t = !p.is_number() && p.type() == dtype::f64 ? dtype::f64 : dtype::f32;
    const value u = uniform::trace(key, t, s);
    if (key.graph()->failed.broken) return key;
    return u < (p.is_number() ? p : cast::trace(p, t));
  }
  static constexpr value trace(value key, value p) { return trace(key, p, p.is_number() ? shape<>{} : shape<>(p.shape())); }
};
struct categorical {
  static constexpr value trace(value key, value logits) {
    if (!check_floating(logits)) return logits;
    const value w = widened(logits), noise = gumbel::trace(key, w.type(), shape<>(w.shape()));
    if (key.graph()->failed.broken) return key;
    return arg_reduce<opcode::reduce_argmax>::trace(noise + w, axes(w.rank() - 1));
  }
};
struct permutation {
  static constexpr value trace(value key, shape<> count) {
    const value bits = random_bits::trace(key, dtype::u64, count);
    if (key.graph()->failed.broken) return key;
    return library_call<detail::fisher_yates, 0>::trace(bits);
  }
  static constexpr value trace(value key, value x) {
    graph::builder& g = *key.graph();
    if (x.rank() == 0) {
      g.fail(rank_not_supported);
      if (!g.failed.count) g.failed.show(x.shape());
      return x;
    }
    const value order = trace(key, shape<>(x.shape()[0]));
    if (g.failed.broken) return x;
    return take::trace(x, order, axes(0));
  }
};
struct dropout {
  static constexpr value trace(value key, value rate, value x) {
    if (!check_floating(x)) return x;
    const value kept = 1 - (rate.is_number() ? rate.as(*key.graph(), dtype::f32) : cast::trace(rate, dtype::f32));
    const value is_kept = bernoulli::trace(key, kept, shape<>(x.shape()));
    if (key.graph()->failed.broken) return x;
    return where(is_kept, x / cast::trace(kept, x.type()), 0);
  }
};
struct split {
  static constexpr value trace(value key, shape<> count) {
    graph::builder& g = *key.graph();
    if (!random_key::check(key)) return key;
    const shape<> column(count[0], 1);
    const random_counter at(g, column);
    using detail::block_word;
    return concatenate::trace(axes(1), random_key::block<block_word::first>(key, at.high, at.low),
                              random_key::block<block_word::second>(key, at.high, at.low));
  }
};
struct fold_in {
  static constexpr value trace(value key, value data) {
    graph::builder& g = *key.graph();
    if (!random_key::check(key)) return key;
    if (!data.is_number() && (!is_integer(data.type()) || data.rank() != 0)) {
      g.fail(is_integer(data.type()) ? rank_not_supported : needs_integer);
      if (!g.failed.count) g.failed.show(data.type()), g.failed.show(data.shape());
      return key;
    }
    const shape<> one(1);
    const value zero = value(0).as(g, dtype::u32);
    const value low = reshape::trace(data.is_number() ? data.as(g, dtype::u32) : cast::trace(data, dtype::u32), one);
    using detail::block_word;
    return concatenate::trace(axes(0), random_key::block<block_word::first>(key, zero, low),
                              random_key::block<block_word::second>(key, zero, low));
  }
};

}  // namespace ops

/// A key made of a number: the two words of the seed, the upper first. Keys are tensors, which functions take as arguments: use each
/// once, and make others of it with split or fold_in. Source: jax.random.PRNGKey.
inline tensor<std::uint32_t, 2> random_key(std::uint64_t seed) {
  return {static_cast<std::uint32_t>(seed >> 32), static_cast<std::uint32_t>(seed)};
}
/// N keys that are independent of one another and of what the key itself gives. Shapes: key [2] -> [N, 2]. Source: jax.random.split.
template <extent_t N = 2, operand K> constexpr auto split(const K& key) { return suspend<ops::split>(key, static_shape<N>{}); }
constexpr value split(const value& key, extent_t n) { return ops::split::trace(key, shape<>(n)); }
/// The key of this number, 0 to 2^32 - 1: of a step, a layer, a row. Shapes: key [2], data [] -> [2]. Source: jax.random.fold_in.
template <class K, class D>
requires operands<K, D>
constexpr auto fold_in(const K& key, const D& data) { return suspend<ops::fold_in>(key, data); }

/// Bits in which each element depends on the key and its own place, counted in row-major order: `random_bits<std::uint32_t, 3, 4>(key)`.
/// Shapes: key [2] -> [E...]; in a function also `random_bits<T>(key, shape{x.extent(0)})`, which repeats after 2^32 elements.
/// Types: integers. Cost: 20 rounds of 5 ops; fuses with any elementwise neighbour.
/// Source: Threefry-2x32-20, Random123; the words of a block are joined as in JAX.
template <element T, extent_t... E, operand K> constexpr auto random_bits(const K& key) {
  return suspend<ops::random_bits>(key, type_t<T>{}, static_shape<E...>{});
}
template <element T> constexpr value random_bits(const value& key, shape<> s) { return ops::random_bits::trace(key, dtype_of<T>(), s); }

/// Numbers from low (with it) to high (but for rounding without it), by default 0 and 1, equally likely: `uniform<float, 3, 4>(key)`.
/// Shapes: as random_bits. Types: floating point; f64 has 52 random digits, f32 23, f16 10, bf16 7. Cost: random_bits and 3 ops, with
/// bounds 2 more. Source: jax.random.uniform, but y * (high - low) + low is an fma.
template <element T, extent_t... E, operand K> constexpr auto uniform(const K& key) {
  return suspend<ops::uniform>(key, type_t<T>{}, static_shape<E...>{});
}
template <element T, extent_t... E, operand K, class L, class H>
requires operands<K, L, H>
constexpr auto uniform(const K& key, const L& low, const H& high) {
  return suspend<ops::uniform>(key, type_t<T>{}, static_shape<E...>{}, low, high);
}
template <element T> constexpr value uniform(const value& key, shape<> s, value low = 0, value high = 1) {
  return ops::uniform::trace(key, dtype_of<T>(), s, low, high);
}

/// Normal numbers of mean 0 and variance 1: sqrt(2) erf_inv(u) of u uniform in (-1, 1), so that one element takes one block and the tails
/// end at 5.4 in f32 (f64: 8.2). Shapes: as random_bits. Types: floating point; f16 and bf16 are drawn in f32 and rounded once.
/// Cost: uniform and erf_inv. Source: jax.random.normal.
template <element T, extent_t... E, operand K> constexpr auto normal(const K& key) {
  return suspend<ops::normal>(key, type_t<T>{}, static_shape<E...>{});
}
template <element T> constexpr value normal(const value& key, shape<> s) { return ops::normal::trace(key, dtype_of<T>(), s); }

/// Numbers of the standard Gumbel distribution, -log(-log(u)). Shapes, types: as normal. Cost: uniform and 2 log.
/// Source: jax.random.gumbel.
template <element T, extent_t... E, operand K> constexpr auto gumbel(const K& key) {
  return suspend<ops::gumbel>(key, type_t<T>{}, static_shape<E...>{});
}
template <element T> constexpr value gumbel(const value& key, shape<> s) { return ops::gumbel::trace(key, dtype_of<T>(), s); }

/// true with probability p: uniform < p. `bernoulli<3, 4>(key, 0.1)`, or of a tensor of probabilities each: `bernoulli(key, p)`.
/// Source: jax.random.bernoulli.
template <extent_t... E, class K, class P>
requires(operands<K, P> && sizeof...(E) > 0) constexpr auto bernoulli(const K& key, const P& p) {
  return suspend<ops::bernoulli>(key, p, static_shape<E...>{});
}
template <operand K, operand P> constexpr auto bernoulli(const K& key, const P& p) { return suspend<ops::bernoulli>(key, p); }
constexpr value bernoulli(const value& key, const value& p, shape<> s) { return ops::bernoulli::trace(key, p, s); }

/// Class ids, each with the probability that softmax gives it: argmax(logits + gumbel) along the last axis. Shapes: key [2],
/// logits [..., n] -> [...]. Types: floating point -> i64. Cost: one kernel, 2 log an element. Source: jax.random.categorical.
template <class K, class X>
requires operands<K, X>
constexpr auto categorical(const K& key, const X& logits) { return suspend<ops::categorical>(key, logits); }

/// The numbers 0 to N - 1 in an order of which all are equally likely: `permutation<60000>(key)`. Shapes: key [2] -> [N] of i64; in a
/// function also `permutation(key, x.extent(0))`. Cost: one kernel of random bits, one on the calling thread, 3 reads and 2 writes an
/// element. Source: Durstenfeld, CACM 7 (1964); not the order of jax.random.permutation.
template <extent_t N, operand K> constexpr auto permutation(const K& key) { return suspend<ops::permutation>(key, static_shape<N>{}); }
constexpr value permutation(const value& key, extent_t n) { return ops::permutation::trace(key, shape<>(n)); }
/// The rows of x (elements along its first axis) in such an order. Shapes: key [2], x [n, ...] -> [n, ...]. Cost: as take along axis 0.
template <operand K, operand X> constexpr auto permutation(const K& key, const X& x) { return suspend<ops::permutation>(key, x); }

/// x / (1 - rate) with probability 1 - rate, else 0. Types: floating point. Cost: uniform, 1 division; nothing is stored: a backward pass
/// draws the same numbers again. Source: Srivastava et al., JMLR 15 (2014), scaled as usual since.
template <class K, class R, class X>
requires operands<K, R, X>
constexpr auto dropout(const K& key, const R& rate, const X& x) { return suspend<ops::dropout>(key, rate, x); }

}  // namespace sinter
