// SPDX-License-Identifier: Apache-2.0
// The ops of StableHLO and CHLO (and of the dialects around them) by name.
#pragma once

#include <sinter/import/text.hpp>

namespace sinter::mlir {

// clang-format off
enum class op_kind : std::uint8_t {
  // events between ops
  function_begin, function_end, region_begin, region_end, operation_end,
  // ops, in the order of op_names
  module_op, func, func_return, stablehlo_return, call,
  constant, iota, add, subtract, multiply, divide, remainder, power, maximum, minimum, atan2, and_, or_, xor_, not_,
  shift_left, shift_right_logical, shift_right_arithmetic,
  abs, cbrt, ceil, cosine, count_leading_zeros, exponential, exponential_minus_one, floor, is_finite, log, log_plus_one, logistic,
  negate, popcnt, round_nearest_afz, round_nearest_even, rsqrt, sign, sine, sqrt, tan, tanh,
  real, imag, complex, convert, bitcast_convert, reduce_precision, compare, select, clamp, map,
  broadcast_in_dim, reshape, transpose, slice, reverse, pad, concatenate,
  dynamic_slice, dynamic_update_slice, gather, scatter, reduce, reduce_window, select_and_scatter, sort,
  dot, dot_general, convolution, batch_norm_inference, batch_norm_training, batch_norm_grad,
  fft, cholesky, triangular_solve, rng, rng_bit_generator,
  while_, if_, case_, composite, custom_call, optimization_barrier, tuple, get_tuple_element, broadcast, einsum, unary_einsum,
  torch_index_select, create_token, after_all, get_dimension_size, device_id,
  check_eq, check_eq_const, check_almost_eq, check_almost_eq_const, check_close,
  chlo_acos, chlo_acosh, chlo_asin, chlo_asinh, chlo_atan, chlo_atanh, chlo_bessel_i1e, chlo_conj, chlo_constant, chlo_constant_like,
  chlo_cosh, chlo_digamma, chlo_erf, chlo_erf_inv, chlo_erfc, chlo_is_inf, chlo_is_neg_inf, chlo_is_pos_inf, chlo_lgamma,
  chlo_next_after, chlo_polygamma, chlo_sinh, chlo_square, chlo_tan, chlo_top_k, chlo_zeta, chlo_mulhi, chlo_ragged_dot,
  chlo_broadcast_add, chlo_broadcast_subtract, chlo_broadcast_multiply, chlo_broadcast_divide, chlo_broadcast_maximum,
  chlo_broadcast_minimum, chlo_broadcast_power, chlo_broadcast_remainder, chlo_broadcast_and, chlo_broadcast_or, chlo_broadcast_xor,
  chlo_broadcast_atan2, chlo_broadcast_compare, chlo_broadcast_select, chlo_broadcast_complex, chlo_broadcast_next_after,
  chlo_broadcast_polygamma, chlo_broadcast_zeta, chlo_broadcast_shift_left, chlo_broadcast_shift_right_arithmetic,
  chlo_broadcast_shift_right_logical,
  of_devices, of_dynamic_shapes, of_quantised_types,  // not in scope
  unknown
};
// clang-format on

struct named_op {
  const char* name;
  op_kind kind;
};
// clang-format off
inline constexpr named_op op_names[] = {
    {"module", op_kind::module_op}, {"builtin.module", op_kind::module_op}, {"func.func", op_kind::func}, {"func", op_kind::func},
    {"return", op_kind::func_return}, {"func.return", op_kind::func_return}, {"stablehlo.return", op_kind::stablehlo_return},
    {"call", op_kind::call}, {"func.call", op_kind::call},
    {"stablehlo.constant", op_kind::constant}, {"stablehlo.iota", op_kind::iota}, {"stablehlo.add", op_kind::add},
    {"stablehlo.subtract", op_kind::subtract}, {"stablehlo.multiply", op_kind::multiply}, {"stablehlo.divide", op_kind::divide},
    {"stablehlo.remainder", op_kind::remainder}, {"stablehlo.power", op_kind::power}, {"stablehlo.maximum", op_kind::maximum},
    {"stablehlo.minimum", op_kind::minimum}, {"stablehlo.atan2", op_kind::atan2}, {"stablehlo.and", op_kind::and_},
    {"stablehlo.or", op_kind::or_}, {"stablehlo.xor", op_kind::xor_}, {"stablehlo.not", op_kind::not_},
    {"stablehlo.shift_left", op_kind::shift_left}, {"stablehlo.shift_right_logical", op_kind::shift_right_logical},
    {"stablehlo.shift_right_arithmetic", op_kind::shift_right_arithmetic},
    {"stablehlo.abs", op_kind::abs}, {"stablehlo.cbrt", op_kind::cbrt}, {"stablehlo.ceil", op_kind::ceil}, {"stablehlo.cosine", op_kind::cosine},
    {"stablehlo.count_leading_zeros", op_kind::count_leading_zeros}, {"stablehlo.exponential", op_kind::exponential},
    {"stablehlo.exponential_minus_one", op_kind::exponential_minus_one}, {"stablehlo.floor", op_kind::floor},
    {"stablehlo.is_finite", op_kind::is_finite}, {"stablehlo.log", op_kind::log}, {"stablehlo.log_plus_one", op_kind::log_plus_one},
    {"stablehlo.logistic", op_kind::logistic}, {"stablehlo.negate", op_kind::negate}, {"stablehlo.popcnt", op_kind::popcnt},
    {"stablehlo.round_nearest_afz", op_kind::round_nearest_afz}, {"stablehlo.round_nearest_even", op_kind::round_nearest_even},
    {"stablehlo.rsqrt", op_kind::rsqrt}, {"stablehlo.sign", op_kind::sign}, {"stablehlo.sine", op_kind::sine}, {"stablehlo.sqrt", op_kind::sqrt},
    {"stablehlo.tan", op_kind::tan}, {"stablehlo.tanh", op_kind::tanh}, {"stablehlo.real", op_kind::real}, {"stablehlo.imag", op_kind::imag},
    {"stablehlo.complex", op_kind::complex}, {"stablehlo.convert", op_kind::convert}, {"stablehlo.bitcast_convert", op_kind::bitcast_convert},
    {"stablehlo.reduce_precision", op_kind::reduce_precision}, {"stablehlo.compare", op_kind::compare}, {"stablehlo.select", op_kind::select},
    {"stablehlo.clamp", op_kind::clamp}, {"stablehlo.map", op_kind::map},
    {"stablehlo.broadcast_in_dim", op_kind::broadcast_in_dim}, {"stablehlo.reshape", op_kind::reshape}, {"stablehlo.transpose", op_kind::transpose},
    {"stablehlo.slice", op_kind::slice}, {"stablehlo.reverse", op_kind::reverse}, {"stablehlo.pad", op_kind::pad},
    {"stablehlo.concatenate", op_kind::concatenate}, {"stablehlo.dynamic_slice", op_kind::dynamic_slice},
    {"stablehlo.dynamic_update_slice", op_kind::dynamic_update_slice}, {"stablehlo.gather", op_kind::gather},
    {"stablehlo.scatter", op_kind::scatter}, {"stablehlo.reduce", op_kind::reduce}, {"stablehlo.reduce_window", op_kind::reduce_window},
    {"stablehlo.select_and_scatter", op_kind::select_and_scatter}, {"stablehlo.sort", op_kind::sort}, {"stablehlo.dot", op_kind::dot},
    {"stablehlo.dot_general", op_kind::dot_general}, {"stablehlo.convolution", op_kind::convolution},
    {"stablehlo.batch_norm_inference", op_kind::batch_norm_inference}, {"stablehlo.batch_norm_training", op_kind::batch_norm_training},
    {"stablehlo.batch_norm_grad", op_kind::batch_norm_grad}, {"stablehlo.fft", op_kind::fft}, {"stablehlo.cholesky", op_kind::cholesky},
    {"stablehlo.triangular_solve", op_kind::triangular_solve}, {"stablehlo.rng", op_kind::rng},
    {"stablehlo.rng_bit_generator", op_kind::rng_bit_generator}, {"stablehlo.while", op_kind::while_}, {"stablehlo.if", op_kind::if_},
    {"stablehlo.case", op_kind::case_}, {"stablehlo.composite", op_kind::composite}, {"stablehlo.custom_call", op_kind::custom_call},
    {"stablehlo.optimization_barrier", op_kind::optimization_barrier}, {"stablehlo.tuple", op_kind::tuple},
    {"stablehlo.get_tuple_element", op_kind::get_tuple_element}, {"stablehlo.broadcast", op_kind::broadcast},
    {"stablehlo.einsum", op_kind::einsum}, {"stablehlo.unary_einsum", op_kind::unary_einsum},
    {"stablehlo.torch_index_select", op_kind::torch_index_select}, 
    {"stablehlo.create_token", op_kind::create_token}, {"stablehlo.after_all", op_kind::after_all},
    {"stablehlo.get_dimension_size", op_kind::get_dimension_size}, {"stablehlo.partition_id", op_kind::device_id},
    {"stablehlo.replica_id", op_kind::device_id},
    {"check.expect_eq", op_kind::check_eq}, {"check.expect_eq_const", op_kind::check_eq_const},
    {"check.expect_almost_eq", op_kind::check_almost_eq}, {"check.expect_almost_eq_const", op_kind::check_almost_eq_const},
    {"check.expect_close", op_kind::check_close},
    {"chlo.acos", op_kind::chlo_acos}, {"chlo.acosh", op_kind::chlo_acosh}, {"chlo.asin", op_kind::chlo_asin},
    {"chlo.asinh", op_kind::chlo_asinh}, {"chlo.atan", op_kind::chlo_atan}, {"chlo.atanh", op_kind::chlo_atanh},
    {"chlo.bessel_i1e", op_kind::chlo_bessel_i1e}, {"chlo.conj", op_kind::chlo_conj}, {"chlo.constant", op_kind::chlo_constant},
    {"chlo.constant_like", op_kind::chlo_constant_like}, {"chlo.cosh", op_kind::chlo_cosh}, {"chlo.digamma", op_kind::chlo_digamma},
    {"chlo.erf", op_kind::chlo_erf}, {"chlo.erf_inv", op_kind::chlo_erf_inv}, {"chlo.erfc", op_kind::chlo_erfc},
    {"chlo.is_inf", op_kind::chlo_is_inf}, {"chlo.is_neg_inf", op_kind::chlo_is_neg_inf}, {"chlo.is_pos_inf", op_kind::chlo_is_pos_inf},
    {"chlo.lgamma", op_kind::chlo_lgamma}, {"chlo.next_after", op_kind::chlo_next_after}, {"chlo.polygamma", op_kind::chlo_polygamma},
    {"chlo.sinh", op_kind::chlo_sinh}, {"chlo.square", op_kind::chlo_square}, {"chlo.tan", op_kind::chlo_tan},
    {"chlo.top_k", op_kind::chlo_top_k}, {"chlo.zeta", op_kind::chlo_zeta}, {"chlo.mulhi", op_kind::chlo_mulhi},
    {"chlo.ragged_dot", op_kind::chlo_ragged_dot},
    {"chlo.broadcast_add", op_kind::chlo_broadcast_add}, {"chlo.broadcast_subtract", op_kind::chlo_broadcast_subtract},
    {"chlo.broadcast_multiply", op_kind::chlo_broadcast_multiply}, {"chlo.broadcast_divide", op_kind::chlo_broadcast_divide},
    {"chlo.broadcast_maximum", op_kind::chlo_broadcast_maximum}, {"chlo.broadcast_minimum", op_kind::chlo_broadcast_minimum},
    {"chlo.broadcast_power", op_kind::chlo_broadcast_power}, {"chlo.broadcast_remainder", op_kind::chlo_broadcast_remainder},
    {"chlo.broadcast_and", op_kind::chlo_broadcast_and}, {"chlo.broadcast_or", op_kind::chlo_broadcast_or},
    {"chlo.broadcast_xor", op_kind::chlo_broadcast_xor}, {"chlo.broadcast_atan2", op_kind::chlo_broadcast_atan2},
    {"chlo.broadcast_compare", op_kind::chlo_broadcast_compare}, {"chlo.broadcast_select", op_kind::chlo_broadcast_select},
    {"chlo.broadcast_complex", op_kind::chlo_broadcast_complex}, {"chlo.broadcast_next_after", op_kind::chlo_broadcast_next_after},
    {"chlo.broadcast_polygamma", op_kind::chlo_broadcast_polygamma}, {"chlo.broadcast_zeta", op_kind::chlo_broadcast_zeta},
    {"chlo.broadcast_shift_left", op_kind::chlo_broadcast_shift_left},
    {"chlo.broadcast_shift_right_arithmetic", op_kind::chlo_broadcast_shift_right_arithmetic},
    {"chlo.broadcast_shift_right_logical", op_kind::chlo_broadcast_shift_right_logical},
    {"stablehlo.all_gather", op_kind::of_devices}, {"stablehlo.all_reduce", op_kind::of_devices},
    {"stablehlo.all_to_all", op_kind::of_devices}, {"stablehlo.collective_broadcast", op_kind::of_devices},
    {"stablehlo.collective_permute", op_kind::of_devices}, {"stablehlo.cross-replica-sum", op_kind::of_devices},
    {"stablehlo.infeed", op_kind::of_devices}, {"stablehlo.outfeed", op_kind::of_devices},
    {"stablehlo.recv", op_kind::of_devices}, {"stablehlo.reduce_scatter", op_kind::of_devices},
    {"stablehlo.send", op_kind::of_devices}, {"stablehlo.dynamic_broadcast_in_dim", op_kind::of_dynamic_shapes},
    {"stablehlo.dynamic_conv", op_kind::of_dynamic_shapes}, {"stablehlo.dynamic_gather", op_kind::of_dynamic_shapes},
    {"stablehlo.dynamic_iota", op_kind::of_dynamic_shapes}, {"stablehlo.dynamic_pad", op_kind::of_dynamic_shapes},
    {"stablehlo.dynamic_reshape", op_kind::of_dynamic_shapes},
    {"stablehlo.real_dynamic_slice", op_kind::of_dynamic_shapes}, {"stablehlo.set_dimension_size", op_kind::of_dynamic_shapes},
    {"chlo.dynamic_reshape", op_kind::of_dynamic_shapes}, {"stablehlo.uniform_quantize", op_kind::of_quantised_types},
    {"stablehlo.uniform_dequantize", op_kind::of_quantised_types},
};
// clang-format on

namespace detail {
inline constexpr int op_name_slots = 512;
struct op_name_table {
  std::int16_t slot[op_name_slots] = {};  // 1 + index into op_names; 0: empty
  constexpr op_name_table() {
    int index = 0;
    for (const named_op& n : op_names) {
      std::uint32_t at = hash(n.name) % op_name_slots;
      while (slot[at]) at = (at + 1) % op_name_slots;
      slot[at] = static_cast<std::int16_t>(++index);
    }
  }
};
inline constexpr op_name_table op_names_by_hash{};
}  // namespace detail

/// How many operands ops of a kind have; -1: it depends.
constexpr int operands_of(op_kind k) {
  if (k >= op_kind::add && k <= op_kind::xor_) return 2;
  if (k >= op_kind::shift_left && k <= op_kind::shift_right_arithmetic) return 2;
  if (k >= op_kind::not_ && k <= op_kind::reduce_precision) return k == op_kind::complex ? 2 : 1;
  if (k >= op_kind::broadcast_in_dim && k <= op_kind::reverse) return 1;
  if (k >= op_kind::chlo_acos && k <= op_kind::chlo_top_k)
    return k == op_kind::chlo_constant ? 0 : k == op_kind::chlo_next_after || k == op_kind::chlo_polygamma ? 2 : 1;
  switch (k) {
    case op_kind::constant:
    case op_kind::device_id:
    case op_kind::iota: return 0;
    case op_kind::fft:
    case op_kind::get_dimension_size:
    case op_kind::cholesky:
    case op_kind::rng_bit_generator: return 1;
    case op_kind::compare:
    case op_kind::pad:
    case op_kind::gather:
    case op_kind::dot:
    case op_kind::dot_general:
    case op_kind::convolution:
    case op_kind::triangular_solve:
    case op_kind::chlo_zeta: return 2;
    case op_kind::select:
    case op_kind::clamp:
    case op_kind::select_and_scatter:
    case op_kind::batch_norm_training: return 3;
    case op_kind::batch_norm_inference:
    case op_kind::batch_norm_grad: return 5;
    default: return -1;
  }
}

constexpr op_kind kind_of(const text& t, const span& name) {
  for (std::uint32_t at = hash(t, name) % detail::op_name_slots;; at = (at + 1) % detail::op_name_slots) {
    const int found = detail::op_names_by_hash.slot[at];
    if (!found) return op_kind::unknown;
    if (equal(t, name, op_names[found - 1].name)) return op_names[found - 1].kind;
  }
}

}  // namespace sinter::mlir
