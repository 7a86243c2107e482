// SPDX-License-Identifier: Apache-2.0
// What is wrong with a module's text, as compile-time messages: one rule for each thing that the text must have. Beside it the compiler
// prints line, column and what stands there.
#pragma once

#include <sinter/core/check.hpp>
#include <sinter/import/stablehlo_parse.hpp>

namespace sinter {

namespace stablehlo_expects {
inline constexpr rule closing_bracket{}, closing_quote{}, module_or_function{}, symbol{}, value_name{}, equals_sign{}, op_name{},
    known_op{}, opening_parenthesis{}, closing_parenthesis{}, opening_brace{}, closing_brace{}, colon{}, type{}, arrow{}, region{},
    one_block{}, less_nesting{}, defined_value{}, result_number{}, defined_function{}, unique_name{}, attribute{}, integer{}, integers{},
    number{}, literal{}, element_type{}, shape{}, supported_type{}, supported_op{}, same_shapes{}, declared_type{}, argument_type{},
    operands{}, results{}, no_recursion{}, elementwise_body{}, function_to_call{}, callable_function{}, data{}, fewer_constants{},
    direction{}, format{}, text_without_zero{}, fewer_ops{}, fewer_loops{}, static_shape{}, unquantised_type{}, one_device{},
    known_dialect{};
}  // namespace stablehlo_expects

template <class... W> struct error<&stablehlo_expects::closing_bracket, W...> : broken_call {
  static_assert(never<W...>, "sinter::stablehlo: this bracket is not closed, or by one of another kind; is the text complete?");
};
template <class... W> struct error<&stablehlo_expects::closing_quote, W...> : broken_call {
  static_assert(never<W...>, "sinter::stablehlo: this string is not closed; is the text complete?");
};
template <class... W> struct error<&stablehlo_expects::module_or_function, W...> : broken_call {
  static_assert(never<W...>, "sinter::stablehlo: a module or a function must stand here: module { ... } or func.func @name(...) { ... }");
};
template <class... W> struct error<&stablehlo_expects::symbol, W...> : broken_call {
  static_assert(never<W...>, "sinter::stablehlo: a symbol must stand here: @name");
};
template <class... W> struct error<&stablehlo_expects::value_name, W...> : broken_call {
  static_assert(never<W...>, "sinter::stablehlo: a value must stand here: %name");
};
template <class... W> struct error<&stablehlo_expects::equals_sign, W...> : broken_call {
  static_assert(never<W...>, "sinter::stablehlo: '=' must stand here, between a name and what it means");
};
template <class... W> struct error<&stablehlo_expects::op_name, W...> : broken_call {
  static_assert(never<W...>, "sinter::stablehlo: an op must stand here, such as stablehlo.add");
};
template <class... W> struct error<&stablehlo_expects::known_op, W...> : broken_call {
  static_assert(never<W...>, "sinter::stablehlo: no such op of StableHLO or CHLO is known; is its name written right?");
};
template <class... W> struct error<&stablehlo_expects::opening_parenthesis, W...> : broken_call {
  static_assert(never<W...>, "sinter::stablehlo: '(' must stand here");
};
template <class... W> struct error<&stablehlo_expects::closing_parenthesis, W...> : broken_call {
  static_assert(never<W...>, "sinter::stablehlo: ')' or ',' must stand here");
};
template <class... W> struct error<&stablehlo_expects::opening_brace, W...> : broken_call {
  static_assert(never<W...>, "sinter::stablehlo: '{' must stand here, before a function's or region's ops");
};
template <class... W> struct error<&stablehlo_expects::closing_brace, W...> : broken_call {
  static_assert(never<W...>, "sinter::stablehlo: '}' must stand here, behind a function's or region's ops; is the text complete?");
};
template <class... W> struct error<&stablehlo_expects::colon, W...> : broken_call {
  static_assert(never<W...>, "sinter::stablehlo: ':' and the op's type must stand here");
};
template <class... W> struct error<&stablehlo_expects::type, W...> : broken_call {
  static_assert(never<W...>, "sinter::stablehlo: a type must stand here, such as tensor<2x3xf32>");
};
template <class... W> struct error<&stablehlo_expects::arrow, W...> : broken_call {
  static_assert(never<W...>, "sinter::stablehlo: '->' must stand here");
};
template <class... W> struct error<&stablehlo_expects::region, W...> : broken_call {
  static_assert(never<W...>,
                "sinter::stablehlo: the op needs a region here, or another number of them: { ... }, of a while cond { ... } do { ... }");
};
template <class... W> struct error<&stablehlo_expects::one_block, W...> : broken_call {
  static_assert(never<W...>,
                "sinter::stablehlo: only regions of one block are read; write loops and branches as stablehlo.while, if and case");
};
template <class... W> struct error<&stablehlo_expects::less_nesting, W...> : broken_call {
  static_assert(never<W...>, "sinter::stablehlo: regions are nested deeper than 32; make functions of some");
};
template <class... W> struct error<&stablehlo_expects::defined_value, W...> : broken_call {
  static_assert(never<W...>, "sinter::stablehlo: this value is not defined above, in this function or around this region");
};
template <class... W> struct error<&stablehlo_expects::result_number, W...> : broken_call {
  static_assert(never<W...>, "sinter::stablehlo: the op has fewer results than the number behind '#' says");
};
template <class... W> struct error<&stablehlo_expects::defined_function, W...> : broken_call {
  static_assert(never<W...>, "sinter::stablehlo: no function of this name has a body in the module");
};
template <class... W> struct error<&stablehlo_expects::unique_name, W...> : broken_call {
  static_assert(never<W...>, "sinter::stablehlo: this name is taken already; rename one of the two");
};
template <class... W> struct error<&stablehlo_expects::attribute, W...> : broken_call {
  static_assert(
      never<W...>,
      "sinter::stablehlo: the op lacks an attribute, or has one of another kind; print the module again with a current StableHLO");
};
template <class... W> struct error<&stablehlo_expects::integer, W...> : broken_call {
  static_assert(never<W...>, "sinter::stablehlo: an integer must stand here, or a smaller one");
};
template <class... W> struct error<&stablehlo_expects::integers, W...> : broken_call {
  static_assert(never<W...>, "sinter::stablehlo: the op needs a list of integers here, one for each axis");
};
template <class... W> struct error<&stablehlo_expects::number, W...> : broken_call {
  static_assert(never<W...>, "sinter::stablehlo: a number must stand here");
};
template <class... W> struct error<&stablehlo_expects::literal, W...> : broken_call {
  static_assert(never<W...>,
                "sinter::stablehlo: a constant must be dense<...>, of as many numbers, or hexadecimal digits, as its type has elements");
};
template <class... W> struct error<&stablehlo_expects::element_type, W...> : broken_call {
  static_assert(never<W...>, "sinter::stablehlo: an element type must stand here, such as f32, bf16, i64, i1 or complex<f32>");
};
template <class... W> struct error<&stablehlo_expects::shape, W...> : broken_call {
  static_assert(never<W...>, "sinter::stablehlo: extents must fit the op's operands; a tensor has at most 8 axes and 2^48 elements");
};
template <class... W> struct error<&stablehlo_expects::supported_type, W...> : broken_call {
  static_assert(never<W...>, "sinter::stablehlo: tuples and tokens are not taken here; pass and return tensors");
};
template <class... W> struct error<&stablehlo_expects::supported_op, W...> : broken_call {
  static_assert(never<W...>,
                "sinter::stablehlo: this op is known but not supported; rewrite it with others, or decompose it before export");
};
template <class... W> struct error<&stablehlo_expects::same_shapes, W...> : broken_call {
  static_assert(never<W...>, "sinter::stablehlo: the shapes or element types of the op's operands do not fit each other or its attributes");
};
template <class... W> struct error<&stablehlo_expects::declared_type, W...> : broken_call {
  static_assert(
      never<W...>,
      "sinter::stablehlo: the op, or the function that it calls, makes another type (first) than the text declares here (last); mend one");
};
template <class... W> struct error<&stablehlo_expects::argument_type, W...> : broken_call {
  static_assert(
      never<W...>,
      "sinter::stablehlo: operand number<K> of this call is of another type (first) than the function's parameter (second); mend one");
};
template <class... W> struct error<&stablehlo_expects::operands, W...> : broken_call {
  static_assert(never<W...>, "sinter::stablehlo: the op takes another number of operands");
};
template <class... W> struct error<&stablehlo_expects::results, W...> : broken_call {
  static_assert(never<W...>, "sinter::stablehlo: the op, or what its region returns, has another number of results");
};
template <class... W> struct error<&stablehlo_expects::no_recursion, W...> : broken_call {
  static_assert(never<W...>, "sinter::stablehlo: the function calls itself; write a stablehlo.while");
};
template <class... W> struct error<&stablehlo_expects::elementwise_body, W...> : broken_call {
  static_assert(never<W...>, "sinter::stablehlo: the region must consist of ops on single elements");
};
template <class... W> struct error<&stablehlo_expects::function_to_call, W...> : broken_call {
  static_assert(never<W...>,
                "sinter::stablehlo: no function is known for this custom call; add one of its name to `calls` of the module's Text type, "
                "as in using calls = std::tuple<F>, or decompose it before export");
};
template <class... W> struct error<&stablehlo_expects::callable_function, W...> : broken_call {
  static_assert(never<W...>,
                "sinter::stablehlo: the function of this name in `calls` cannot be called with so many values; give its operator() as many "
                "parameters as the custom call has operands");
};
template <class... W> struct error<&stablehlo_expects::data, W...> : broken_call {
  static_assert(
      never<W...>,
      "sinter::stablehlo: the numbers of this constant are not in the text; give Text a `static const void* data()` that points "
      "to as many bytes as number<N> says, aligned to 64, one constant behind the other at multiples of 64; or let sinter_add_stablehlo "
      "of CMake put them into a file, and make up those that the export left out (ELIDED)");
};
template <class... W> struct error<&stablehlo_expects::fewer_constants, W...> : broken_call {
  static_assert(
      never<W...>,
      "sinter::stablehlo: the text holds more than 16 MiB of constants; use sinter_add_stablehlo of CMake, which puts them aside");
};
template <class... W> struct error<&stablehlo_expects::direction, W...> : broken_call {
  static_assert(never<W...>, "sinter::stablehlo: a comparison is EQ, NE, LT, LE, GT or GE; complex numbers have only EQ and NE");
};
template <class... W> struct error<&stablehlo_expects::format, W...> : broken_call {
  static_assert(never<W...>, "sinter::stablehlo: a format such as e5m10 must stand here");
};
template <class... W> struct error<&stablehlo_expects::text_without_zero, W...> : broken_call {
  static_assert(
      never<W...>,
      "sinter::stablehlo: the text holds a character zero; StableHLO is text, is this bytecode? Translate it with stablehlo-translate");
};
template <class... W> struct error<&stablehlo_expects::fewer_ops, W...> : broken_call {
  static_assert(never<W...>, "sinter::stablehlo: more than 100000 ops once calls are written out; call fewer functions, or loop");
};
template <class... W> struct error<&stablehlo_expects::fewer_loops, W...> : broken_call {
  static_assert(never<W...>,
                "sinter::stablehlo: the module has more than 64 loops once calls are written out, ops that are loops included; split it "
                "into several");
};
template <class... W> struct error<&stablehlo_expects::static_shape, W...> : broken_call {
  static_assert(
      never<W...>,
      "sinter::stablehlo: dynamic shapes are out of scope; export the module with static shapes, or refine it with stablehlo-opt");
};
template <class... W> struct error<&stablehlo_expects::unquantised_type, W...> : broken_call {
  static_assert(never<W...>,
                "sinter::stablehlo: quantised types are out of scope; convert them with stablehlo-opt --stablehlo-legalize-quant-to-math");
};
template <class... W> struct error<&stablehlo_expects::one_device, W...> : broken_call {
  static_assert(never<W...>, "sinter::stablehlo: this op talks to other devices, which is out of scope; export the module for one device");
};
template <class... W> struct error<&stablehlo_expects::known_dialect, W...> : broken_call {
  static_assert(never<W...>, "sinter::stablehlo: ops of this dialect are out of scope; export to StableHLO, CHLO and func");
};

namespace mlir {

constexpr const rule* rule_of(expected what) {
  switch (what) {
    case expected::nothing: return nullptr;
    case expected::closing_bracket: return &stablehlo_expects::closing_bracket;
    case expected::closing_quote: return &stablehlo_expects::closing_quote;
    case expected::module_or_function: return &stablehlo_expects::module_or_function;
    case expected::symbol: return &stablehlo_expects::symbol;
    case expected::value_name: return &stablehlo_expects::value_name;
    case expected::equals_sign: return &stablehlo_expects::equals_sign;
    case expected::op_name: return &stablehlo_expects::op_name;
    case expected::known_op: return &stablehlo_expects::known_op;
    case expected::opening_parenthesis: return &stablehlo_expects::opening_parenthesis;
    case expected::closing_parenthesis: return &stablehlo_expects::closing_parenthesis;
    case expected::opening_brace: return &stablehlo_expects::opening_brace;
    case expected::closing_brace: return &stablehlo_expects::closing_brace;
    case expected::colon: return &stablehlo_expects::colon;
    case expected::type: return &stablehlo_expects::type;
    case expected::arrow: return &stablehlo_expects::arrow;
    case expected::region: return &stablehlo_expects::region;
    case expected::one_block: return &stablehlo_expects::one_block;
    case expected::less_nesting: return &stablehlo_expects::less_nesting;
    case expected::defined_value: return &stablehlo_expects::defined_value;
    case expected::result_number: return &stablehlo_expects::result_number;
    case expected::defined_function: return &stablehlo_expects::defined_function;
    case expected::unique_name: return &stablehlo_expects::unique_name;
    case expected::attribute: return &stablehlo_expects::attribute;
    case expected::integer: return &stablehlo_expects::integer;
    case expected::integers: return &stablehlo_expects::integers;
    case expected::number: return &stablehlo_expects::number;
    case expected::literal: return &stablehlo_expects::literal;
    case expected::element_type: return &stablehlo_expects::element_type;
    case expected::shape: return &stablehlo_expects::shape;
    case expected::supported_type: return &stablehlo_expects::supported_type;
    case expected::supported_op: return &stablehlo_expects::supported_op;
    case expected::same_shapes: return &stablehlo_expects::same_shapes;
    case expected::declared_type: return &stablehlo_expects::declared_type;
    case expected::argument_type: return &stablehlo_expects::argument_type;
    case expected::operands: return &stablehlo_expects::operands;
    case expected::results: return &stablehlo_expects::results;
    case expected::no_recursion: return &stablehlo_expects::no_recursion;
    case expected::elementwise_body: return &stablehlo_expects::elementwise_body;
    case expected::function_to_call: return &stablehlo_expects::function_to_call;
    case expected::callable_function: return &stablehlo_expects::callable_function;
    case expected::data: return &stablehlo_expects::data;
    case expected::fewer_constants: return &stablehlo_expects::fewer_constants;
    case expected::direction: return &stablehlo_expects::direction;
    case expected::format: return &stablehlo_expects::format;
    case expected::text_without_zero: return &stablehlo_expects::text_without_zero;
    case expected::fewer_ops: return &stablehlo_expects::fewer_ops;
    case expected::fewer_loops: return &stablehlo_expects::fewer_loops;
    case expected::static_shape: return &stablehlo_expects::static_shape;
    case expected::unquantised_type: return &stablehlo_expects::unquantised_type;
    case expected::one_device: return &stablehlo_expects::one_device;
    case expected::known_dialect: return &stablehlo_expects::known_dialect;
  }
  return nullptr;
}

}  // namespace mlir

}  // namespace sinter
