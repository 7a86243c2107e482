// SPDX-License-Identifier: Apache-2.0
// What is wrong with a module's text, in words: line and column, what was expected, and what stands there.
#pragma once

#include <string>

#include <sinter/import/stablehlo_parse.hpp>

namespace sinter::mlir {

constexpr const char* words(expected what) {
  switch (what) {
    case expected::nothing: return "nothing";
    case expected::closing_bracket: return "the bracket that closes this one";
    case expected::closing_quote: return "a closing quote";
    case expected::module_or_function: return "a module or a function";
    case expected::symbol: return "a symbol, @name";
    case expected::value_name: return "a value, %name";
    case expected::equals_sign: return "'='";
    case expected::op_name: return "the name of an op";
    case expected::known_op: return "an op of StableHLO or CHLO that sinter knows";
    case expected::opening_parenthesis: return "'('";
    case expected::closing_parenthesis: return "')'";
    case expected::opening_brace: return "'{'";
    case expected::closing_brace: return "'}'";
    case expected::colon: return "':' and a type";
    case expected::type: return "a type";
    case expected::arrow: return "'->'";
    case expected::region: return "a region";
    case expected::one_block: return "a region of one block";
    case expected::less_nesting: return "less deep nesting";
    case expected::defined_value: return "a value that is defined above";
    case expected::result_number: return "the number of a result that the op has";
    case expected::defined_function: return "a function of the module";
    case expected::unique_name: return "a name that is not yet taken";
    case expected::attribute: return "an attribute";
    case expected::integer: return "an integer";
    case expected::integers: return "integers, one for each axis";
    case expected::number: return "a number";
    case expected::literal: return "a constant, dense<...>, of as many elements as its type has";
    case expected::element_type: return "an element type";
    case expected::shape: return "a shape that fits, of at most 8 axes";
    case expected::supported_type: return "a tensor";
    case expected::supported_op: return "an op that is supported";
    case expected::same_shapes: return "operands of fitting shapes and types";
    case expected::declared_type: return "the type that the op makes";
    case expected::argument_type: return "arguments of the types that the function takes";
    case expected::operands: return "another number of operands";
    case expected::results: return "another number of results";
    case expected::no_recursion: return "a function that does not call itself";
    case expected::elementwise_body: return "a body of ops on elements";
    case expected::function_to_call: return "a function that is known";
    case expected::callable_function: return "a function that takes so many operands";
    case expected::data: return "constants that are at hand: Text::data()";
    case expected::direction: return "EQ, NE, LT, LE, GT or GE";
    case expected::format: return "a format such as e5m10";
    case expected::fewer_constants: return "at most 16 MiB of constants within the text";
    case expected::static_shape: return "static shapes";
    case expected::unquantised_type: return "types that are not quantised";
    case expected::one_device: return "ops of one device";
    case expected::known_dialect: return "an op of StableHLO, CHLO or func";
    case expected::fewer_loops: return "at most 64 loops, those of called functions and of ops that are loops included";
    case expected::fewer_ops: return "fewer ops: calls are written out, and functions that call functions multiply";
    case expected::text_without_zero: return "text without zeros";
  }
  return "something else";
}

/// "3:14: expected '(' at 'foo)'".
inline std::string message(text t, const diagnostic& d) {
  const position p = position_of(t, d.at);
  std::string s = std::to_string(p.line) + ':' + std::to_string(p.column) + ": expected " + words(d.what);
  if (d.at < t.size && d.end > d.at) s += " at '" + std::string(t.at + d.at, static_cast<std::size_t>(d.end - d.at)) + '\'';
  return s;
}

}  // namespace sinter::mlir
