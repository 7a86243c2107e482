// SPDX-License-Identifier: Apache-2.0
// What integers have beside arithmetic: NumPy's names of the bitwise ops, counts of bits, and integers of few bits kept in wider ones.
#pragma once

#include <sinter/ops/user.hpp>

namespace sinter {

namespace detail {

// The integer type of as many bytes.
constexpr dtype unsigned_dtype(int bytes) {
  return bytes == 1 ? dtype::u8 : bytes == 2 ? dtype::u16 : bytes == 4 ? dtype::u32 : dtype::u64;
}
constexpr dtype signed_dtype(int bytes) { return bytes == 1 ? dtype::i8 : bytes == 2 ? dtype::i16 : bytes == 4 ? dtype::i32 : dtype::i64; }

// Sums of bits in fields of 2, 4, 8 and more bits. Source: Warren, Hacker's Delight, 5-1.
struct population_count {
  static constexpr const char* name = "population_count";
  static constexpr bool leading = false;
  template <class X> SINTER_INLINE X operator()(X x) const {
    using R = typename X::element;
    constexpr R ones = static_cast<R>(~R{0}), pairs = ones / 3, fours = ones / 5, eights = ones / 17;
    x = x - ((x >> 1) & X(pairs));
    x = (x & X(fours)) + ((x >> 2) & X(fours));
    x = (x + (x >> 4)) & X(eights);
    x = x + (x >> 8);
    x = x + (x >> 16);
    if constexpr (sizeof(R) == 8) x = x + (x >> 32);
    return x & X(R{127});
  }
};
// The first bit that is set sets all after it; those that are left are counted.
struct count_leading_zeros {
  static constexpr const char* name = "clz";
  static constexpr bool leading = true;
  template <class X> SINTER_INLINE X operator()(X x) const {
    for (int i = 1; i < 8 * static_cast<int>(sizeof(typename X::element)); i *= 2) x = x | (x >> i);
    return population_count()(~x);
  }
};

constexpr bool check_integer(value x) {
  graph::builder& g = *x.graph();
  if (g.failed.broken) return false;
  if (is_integer(x.type()) && info(x.type()).computes) return true;
  g.fail(is_integer(x.type()) ? type_is_storage_only : needs_integer);
  if (!g.failed.count) g.failed.show(x.type()), g.failed.show(x.shape());
  return false;
}

// Integers of 1 to 7 bits stand in i8 or u8, sign-extended or with zeros: what an op on these gave, wrapped to so many bits.
constexpr value wrap_bits(value x, int bits) {
  const int unused = 8 * size_of(x.type()) - bits;
  if (x.graph()->failed.broken || unused <= 0) return x;
  if (is_unsigned_integer(x.type())) return x & value((std::int64_t{1} << bits) - 1);
  return shift_right_arithmetic(shift_left(x, unused), unused);
}

}  // namespace detail

namespace ops {

// F counts something in unsigned integers of 32 or 64 bits; in leading zeros those before a narrower type's count too much.
template <class F> struct count_bits {
  static constexpr value trace(value x) {
    if (!detail::check_integer(x)) return x;
    const int bytes = size_of(x.type()), before = F::leading && bytes < 4 ? 32 - 8 * bytes : 0;
    const value y = map<F>::trace(bitcast::trace(x, detail::unsigned_dtype(bytes)));
    return bitcast::trace(before ? y - before : y, x.type());
  }
};

}  // namespace ops

/// y = not x, bit by bit. Types: bool, integers. Cost: 1 op an element.
template <class X>
requires operands<X>
constexpr auto operator~(const X& x) { return suspend<ops::element<opcode::logical_not, detail::types::logical>>(x); }

/// The same as ~x. Source: numpy.bitwise_not.
template <class X>
requires operands<X>
constexpr auto bitwise_not(const X& x) { return ~x; }
/// The same as a & b, a | b, a ^ b. Shapes broadcast. Types: bool, integers. Source: numpy.bitwise_and, bitwise_or, bitwise_xor.
template <class A, class B>
requires operands<A, B>
constexpr auto bitwise_and(const A& a, const B& b) { return a & b; }
template <class A, class B>
requires operands<A, B>
constexpr auto bitwise_or(const A& a, const B& b) { return a | b; }
template <class A, class B>
requires operands<A, B>
constexpr auto bitwise_xor(const A& a, const B& b) { return a ^ b; }

/// y = how many bits of x are 1; negative numbers count as their bits. Types: integers, the result has the type of x.
/// Cost: 12 ops an element. Source: jax.lax.population_count, StableHLO popcnt.
template <class X>
requires operands<X>
constexpr auto population_count(const X& x) { return suspend<ops::count_bits<detail::population_count>>(x); }

/// y = how many bits of x before the first that is 1; of 0 the width. Types: integers, the result has the type of x.
/// Cost: 24 ops an element. Source: jax.lax.clz, StableHLO count_leading_zeros.
template <class X>
requires operands<X>
constexpr auto clz(const X& x) { return suspend<ops::count_bits<detail::count_leading_zeros>>(x); }

}  // namespace sinter
