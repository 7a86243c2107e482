// SPDX-License-Identifier: Apache-2.0
// The kinds of node and one table row each: name, number of operands, class, and what an element costs.
#pragma once

#include <cstdint>

#include <sinter/core/config.hpp>

namespace sinter {

// clang-format off
enum class opcode : std::uint16_t {
  // leaves
  param, constant, iota, literal, extent, region_param, bundle,
  // views: which element of the operand an element is
  broadcast, reshape, transpose, slice, reverse, pad, concatenate, stack, as_complex, identity, gather,
  // element by element
  negate, abs, sign, floor, ceil, round, sqrt, rsqrt, cbrt, exp, exp2, expm1, log, log2, log1p,
  sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, erf, erfc, lgamma, sigmoid, logical_not, cast, bitcast,
  real, imag, complex,
  add, subtract, multiply, divide, remainder, pow, atan2, maximum, minimum,
  equal, not_equal, less, less_equal, greater, greater_equal, logical_and, logical_or, logical_xor,
  shift_left, shift_right_logical, shift_right_arithmetic,
  select, fma, element_call,
  // over axes
  reduce_sum, reduce_prod, reduce_max, reduce_min, reduce_any, reduce_all, reduce_argmax, reduce_argmin, reduce_call,
  // whole operands
  dot, row_call, library_call, control, scatter,
  count
};
// clang-format on

/// What `scatter` does with an element and an update of it.
enum class combiner : std::uint8_t { set, add, multiply, maximum, minimum };

struct op_info {
  enum class_t : std::uint8_t { leaf, view, element, reduction, whole } kind;
  std::int8_t operands;  ///< -1: as many as given
  const char* name;
  std::uint8_t cost;  ///< per element, in units of an addition: 1, 8 (division, root), 16 and more (transcendental)
};

// clang-format off
SINTER_TABLE constexpr op_info op_table[] = {
    {op_info::leaf, 0, "param", 0}, {op_info::leaf, 0, "constant", 0}, {op_info::leaf, 0, "iota", 1}, {op_info::leaf, 0, "literal", 0},
    {op_info::leaf, 0, "extent", 0}, {op_info::leaf, 0, "region_param", 0}, {op_info::leaf, -1, "bundle", 0},
    {op_info::view, 1, "broadcast", 0}, {op_info::view, 1, "reshape", 0}, {op_info::view, 1, "transpose", 0}, {op_info::view, 1, "slice", 0},
    {op_info::view, 1, "reverse", 0}, {op_info::view, 2, "pad", 1}, {op_info::view, 2, "concatenate", 1},
    {op_info::view, 2, "stack", 0}, {op_info::view, 1, "as_complex", 0}, {op_info::view, 1, "identity", 0}, {op_info::view, 2, "gather", 4},
    {op_info::element, 1, "negate", 1}, {op_info::element, 1, "abs", 1}, {op_info::element, 1, "sign", 2}, {op_info::element, 1, "floor", 1},
    {op_info::element, 1, "ceil", 1}, {op_info::element, 1, "round", 1}, {op_info::element, 1, "sqrt", 8}, {op_info::element, 1, "rsqrt", 16}, {op_info::element, 1, "cbrt", 40},
    {op_info::element, 1, "exp", 16}, {op_info::element, 1, "exp2", 16}, {op_info::element, 1, "expm1", 20}, {op_info::element, 1, "log", 20}, {op_info::element, 1, "log2", 20},
    {op_info::element, 1, "log1p", 24}, {op_info::element, 1, "sin", 32}, {op_info::element, 1, "cos", 32}, {op_info::element, 1, "tan", 36}, {op_info::element, 1, "asin", 32},
    {op_info::element, 1, "acos", 32}, {op_info::element, 1, "atan", 28}, {op_info::element, 1, "sinh", 36}, {op_info::element, 1, "cosh", 28}, {op_info::element, 1, "tanh", 24},
    {op_info::element, 1, "erf", 24}, {op_info::element, 1, "erfc", 48}, {op_info::element, 1, "lgamma", 200}, {op_info::element, 1, "sigmoid", 24}, {op_info::element, 1, "logical_not", 1},
    {op_info::element, 1, "cast", 1}, {op_info::element, 1, "bitcast", 1},
    {op_info::element, 1, "real", 0}, {op_info::element, 1, "imag", 0}, {op_info::element, 2, "complex", 0},
    {op_info::element, 2, "add", 1}, {op_info::element, 2, "subtract", 1}, {op_info::element, 2, "multiply", 1}, {op_info::element, 2, "divide", 8},
    {op_info::element, 2, "remainder", 16}, {op_info::element, 2, "pow", 60}, {op_info::element, 2, "atan2", 40}, {op_info::element, 2, "maximum", 2}, {op_info::element, 2, "minimum", 2},
    {op_info::element, 2, "equal", 1}, {op_info::element, 2, "not_equal", 1}, {op_info::element, 2, "less", 1}, {op_info::element, 2, "less_equal", 1},
    {op_info::element, 2, "greater", 1}, {op_info::element, 2, "greater_equal", 1}, {op_info::element, 2, "logical_and", 1},
    {op_info::element, 2, "logical_or", 1}, {op_info::element, 2, "logical_xor", 1},
    {op_info::element, 2, "shift_left", 1}, {op_info::element, 2, "shift_right_logical", 1}, {op_info::element, 2, "shift_right_arithmetic", 1},
    {op_info::element, 3, "select", 1}, {op_info::element, 3, "fma", 1}, {op_info::element, -1, "element_call", 16},
    {op_info::reduction, 1, "sum", 1}, {op_info::reduction, 1, "prod", 1}, {op_info::reduction, 1, "max", 2}, {op_info::reduction, 1, "min", 2},
    {op_info::reduction, 1, "any", 1}, {op_info::reduction, 1, "all", 1}, {op_info::reduction, 1, "argmax", 3}, {op_info::reduction, 1, "argmin", 3},
    {op_info::reduction, 1, "reduce_call", 4},
    {op_info::whole, 2, "dot", 0}, {op_info::whole, -1, "row_call", 0}, {op_info::whole, -1, "library_call", 0},
    {op_info::whole, -1, "control", 0}, {op_info::whole, 3, "scatter", 8},
};
// clang-format on
static_assert(sizeof(op_table) / sizeof(op_info) == static_cast<int>(opcode::count), "every opcode has a row in op_table");

SINTER_HOST_DEVICE constexpr const op_info& info(opcode op) { return op_table[static_cast<int>(op)]; }
SINTER_HOST_DEVICE constexpr bool is_element(opcode op) { return info(op).kind == op_info::element; }
SINTER_HOST_DEVICE constexpr bool is_reduction(opcode op) { return info(op).kind == op_info::reduction; }
/// Whether a node stands for elements that are in memory before a run.
SINTER_HOST_DEVICE constexpr bool is_in_memory(opcode op) { return op == opcode::param || op == opcode::literal; }
SINTER_HOST_DEVICE constexpr bool is_view_op(opcode op) { return info(op).kind == op_info::view; }

}  // namespace sinter
