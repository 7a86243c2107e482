// SPDX-License-Identifier: Apache-2.0
// Complex elements: made of parts, taken apart. Arithmetic, views, sums and products on them are those of the other headers.
#pragma once

#include <sinter/ops/elementwise.hpp>

namespace sinter {

namespace ops {

struct complex {
  static constexpr value trace(value re, value im) {
    graph::builder& g = *detail::graph_of(re, im);
    const dtype t = re.is_number() ? im.type() : re.type();
    if (t != dtype::f32 && t != dtype::f64) {
      g.fail(needs_real);
      if (!g.failed.count) g.failed.show(t);
      return re.is_number() ? im : re;
    }
    re = re.as(g, t), im = im.as(g, t);
    if (g.failed.broken) return re;
    if (im.type() != t) {
      g.fail(element_types_differ);
      if (!g.failed.count) g.failed.show(t), g.failed.show(im.type());
      return re;
    }
    const shape<> s = detail::common_shape(g, re.shape(), im.shape());
    if (g.failed.broken) return re;
    return join_parts(detail::broadcast_right(g, re, s), detail::broadcast_right(g, im, s));
  }
};
// Of real elements: themselves, and zeros.
struct real {
  static constexpr value trace(value x) { return is_complex(x.type()) ? part(x, opcode::real) : x; }
};
struct imag {
  static constexpr value trace(value x) {
    if (is_complex(x.type())) return part(x, opcode::imag);
    return detail::broadcast_right(*x.graph(), value(0).as(*x.graph(), x.type()), x.shape());
  }
};
struct conj {
  static constexpr value trace(value x) {
    if (!is_complex(x.type())) return x;
    return join_parts(part(x, opcode::real), element<opcode::negate>::trace(part(x, opcode::imag)));
  }
};
// im + i re, which is i conj(x): an odd function f and its hyperbolic twin g have f(x) = i conj(g(i conj(x))).
constexpr value swapped_parts(value x) { return join_parts(part(x, opcode::imag), part(x, opcode::real)); }

}  // namespace ops

/// y = re + i im. Shapes broadcast. Types: two f32 give complex64, two f64 complex128; a number takes the other's type.
/// Cost: nothing but the stores; fuses with any neighbour. Source: jax.lax.complex.
template <class A, class B>
requires operands<A, B>
constexpr auto complex(const A& re, const B& im) { return suspend<ops::complex>(re, im); }

/// y = the real part; of real elements they themselves. Types: all; complex64 gives f32, complex128 f64. Cost: none, a strided read.
template <class X>
requires operands<X>
constexpr auto real(const X& x) { return suspend<ops::real>(x); }

/// y = the imaginary part; of real elements 0. Types and cost as real.
template <class X>
requires operands<X>
constexpr auto imag(const X& x) { return suspend<ops::imag>(x); }

/// y = the conjugate, re - i im; of real elements they themselves. Cost: 1 negation an element; as the first operand of a product none.
template <class X>
requires operands<X>
constexpr auto conj(const X& x) { return suspend<ops::conj>(x); }

}  // namespace sinter
