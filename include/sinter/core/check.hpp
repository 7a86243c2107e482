// SPDX-License-Identifier: Apache-2.0
// All compile-time messages, and the exceptions of run time. A broken rule instantiates error<&rule, what...>: the compiler
// prints the rule's sentence and, beside it, the user's own shapes and types.
#pragma once

#include <stdexcept>

#include <sinter/core/dtype.hpp>
#include <sinter/core/lists.hpp>
#include <sinter/core/shape.hpp>

namespace sinter {

/// Base of everything that sinter throws.
struct exception : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// Extents that must be equal are not, or a view has another shape than what is assigned to it.
struct shape_error : exception {
  using exception::exception;
};
/// `at` was given an index outside the tensor.
struct index_error : exception {
  using exception::exception;
};
/// A file is missing, damaged, or not what it should be.
struct io_error : exception {
  using exception::exception;
};
/// Memory lies on another device than a function needs, or a call of a device's runtime failed.
struct device_error : exception {
  using exception::exception;
};

/// A rule that can be broken at compile time. A user's own rule is an object of this type at namespace scope; its name
/// appears in the message.
struct rule {};

/// The result of a call that broke a rule. It stands for any tensor and any element, so that nothing more is reported.
struct broken_call {
  constexpr broken_call() = default;
  template <element T> operator T() const;
};

/// What is instantiated when a rule is broken; `What` holds shapes, element types and numbers of the call.
template <const rule* Broken, class... What> struct error : broken_call {
  static_assert(Broken == nullptr, "sinter: the rule that `error<...>` names is broken");
};

/// A number in a message.
template <extent_t N> struct number {};

namespace detail {
// A string as a template argument.
template <int N> struct characters {
  char at[N] = {};
};
}  // namespace detail
/// In a message, where in a text that was compiled, counted from 1, and what stands there.
template <int N> struct line {};
template <int N> struct column {};
template <detail::characters Part> struct text {};
template <class Line, class Column, class Text> struct place {};

/// False, and dependent: `static_assert(sinter::never<W...>, "...")` is the body of a user's own specialisation of error.
template <class...> inline constexpr bool never = false;

inline constexpr rule module_takes_others{};
template <class... W> struct error<&module_takes_others, W...> : broken_call {
  static_assert(never<W...>,
                "sinter::stablehlo: argument number<K> is not what the module takes, whose type and shape stand behind it, then those that "
                "were given; pass a tensor of the first");
};

inline constexpr rule shapes_do_not_broadcast{};
template <class... W> struct error<&shapes_do_not_broadcast, W...> : broken_call {
  static_assert(never<W...>,
                "sinter: these shapes do not broadcast; make each pair of extents equal, or one of them a static 1 (reshape, transpose)");
};
inline constexpr rule element_types_differ{};
template <class... W> struct error<&element_types_differ, W...> : broken_call {
  static_assert(never<W...>, "sinter: these element types differ; convert one operand with sinter::cast<T>(x)");
};
inline constexpr rule number_does_not_fit{};
template <class... W> struct error<&number_does_not_fit, W...> : broken_call {
  static_assert(
      never<W...>,
      "sinter: a number with a fraction stands beside integers or bools; write an integer, or convert the tensor with sinter::cast<T>(x)");
};
inline constexpr rule needs_floating_point{};
template <class... W> struct error<&needs_floating_point, W...> : broken_call {
  static_assert(never<W...>, "sinter: this function needs a floating-point operand; convert it with sinter::cast<float>(x)");
};
inline constexpr rule needs_bool{};
template <class... W> struct error<&needs_bool, W...> : broken_call {
  static_assert(never<W...>, "sinter: this operand must be a bool tensor; compare it (x != 0) or use sinter::cast<bool>(x)");
};
inline constexpr rule needs_number{};
template <class... W> struct error<&needs_number, W...> : broken_call {
  static_assert(never<W...>, "sinter: this function needs numbers, not bools; convert with sinter::cast<T>(x)");
};
inline constexpr rule needs_integer{};
template <class... W> struct error<&needs_integer, W...> : broken_call {
  static_assert(never<W...>, "sinter: this operand must be an integer tensor; convert it with sinter::cast<int>(x)");
};
inline constexpr rule not_for_complex{};
template <class... W> struct error<&not_for_complex, W...> : broken_call {
  static_assert(
      never<W...>,
      "sinter: this function has no meaning for complex elements; compute with sinter::real(x), sinter::imag(x) or sinter::abs(x)");
};
inline constexpr rule elements_do_not_join{};
template <class... W> struct error<&elements_do_not_join, W...> : broken_call {
  static_assert(
      never<W...>,
      "sinter::bitcast_convert: smaller elements must fill larger ones along the last axis; reshape x so that it has their number");
};
inline constexpr rule sizes_differ{};
template <class... W> struct error<&sizes_differ, W...> : broken_call {
  static_assert(never<W...>,
                "sinter::bitcast: from and to must be numbers of one size; convert with sinter::cast<T>(x), or name a type as large");
};
inline constexpr rule needs_random_key{};
template <class... W> struct error<&needs_random_key, W...> : broken_call {
  static_assert(never<W...>,
                "sinter: a random key is a tensor<std::uint32_t, 2>; make one with sinter::random_key(seed), others of it with fold_in");
};
inline constexpr rule random_type{};
template <class... W> struct error<&random_type, W...> : broken_call {
  static_assert(
      never<W...>,
      "sinter: sinter::random_bits gives integers, uniform, normal and gumbel give floating-point numbers; name such a type, as in "
      "sinter::uniform<float, 3>(key)");
};
inline constexpr rule trees_differ{};
template <class... W> struct error<&trees_differ, W...> : broken_call {
  static_assert(
      never<W...>,
      "sinter: parameters, gradients and the optimiser's state must be alike, leaf by leaf; take gradients by sinter::grad and the "
      "state from sinter::adam_init(parameters)");
};
inline constexpr rule complex_to_real{};
template <class... W> struct error<&complex_to_real, W...> : broken_call {
  static_assert(never<W...>, "sinter::cast: a complex number is no real one; take sinter::real(x), sinter::imag(x) or sinter::abs(x)");
};
inline constexpr rule needs_real{};
template <class... W> struct error<&needs_real, W...> : broken_call {
  static_assert(never<W...>, "sinter::complex: the parts must be float or double; convert them with sinter::cast<float>(x)");
};
inline constexpr rule complex_has_8_axes{};
template <class... W> struct error<&complex_has_8_axes, W...> : broken_call {
  static_assert(never<W...>, "sinter: a tensor of complex elements has at most 7 axes; reshape it to fewer");
};
inline constexpr rule type_is_storage_only{};
template <class... W> struct error<&type_is_storage_only, W...> : broken_call {
  static_assert(never<W...>, "sinter: this element type can be stored but not computed with; convert it with sinter::cast<T>(x)");
};
inline constexpr rule axis_out_of_range{};
template <class... W> struct error<&axis_out_of_range, W...> : broken_call {
  static_assert(never<W...>, "sinter: this axis does not exist in the operand's shape; axes run from 0 to rank-1, or from -rank to -1");
};
inline constexpr rule axis_repeated{};
template <class... W> struct error<&axis_repeated, W...> : broken_call {
  static_assert(never<W...>, "sinter: an axis is named twice; name each axis once");
};
inline constexpr rule reduction_of_nothing{};
template <class... W> struct error<&reduction_of_nothing, W...> : broken_call {
  static_assert(never<W...>, "sinter: max, min, argmax and argmin of no elements have no value; reduce an axis with at least one element");
};
inline constexpr rule axis_is_open{};
template <class... W> struct error<&axis_is_open, W...> : broken_call {
  static_assert(never<W...>, "sinter: this function takes steps along an axis, whose extent must be static; name it in the tensor's type");
};
inline constexpr rule too_few_elements{};
template <class... W> struct error<&too_few_elements, W...> : broken_call {
  static_assert(never<W...>, "sinter::top_k: the last axis has fewer elements than are asked for; ask for at most its extent");
};
inline constexpr rule one_axis_needed{};
template <class... W> struct error<&one_axis_needed, W...> : broken_call {
  static_assert(never<W...>, "sinter: this function works along one axis; name one, for example axis<1>");
};
inline constexpr rule element_counts_differ{};
template <class... W> struct error<&element_counts_differ, W...> : broken_call {
  static_assert(
      never<W...>,
      "sinter::reshape: the new shape holds another number of elements; make the products of the extents equal (one extent may be -1)");
};
inline constexpr rule too_many_elements{};
template <class... W> struct error<&too_many_elements, W...> : broken_call {
  static_assert(never<W...>, "sinter: the product of the extents of this shape is above 2^48 elements; make the extents smaller");
};
inline constexpr rule new_axis_is_open{};
template <class... W> struct error<&new_axis_is_open, W...> : broken_call {
  static_assert(never<W...>,
                "sinter: a new axis needs a static extent; write a number of 0 or more where this shape has sinter::dyn or a negative one");
};
inline constexpr rule not_a_permutation{};
template <class... W> struct error<&not_a_permutation, W...> : broken_call {
  static_assert(never<W...>, "sinter::transpose: the axes are no permutation of the operand's axes; name each axis of the operand once");
};
inline constexpr rule slice_out_of_range{};
template <class... W> struct error<&slice_out_of_range, W...> : broken_call {
  static_assert(never<W...>,
                "sinter::slice: a range leaves the operand or has a step below 1; keep 0 <= first <= last <= extent, one range an axis");
};
inline constexpr rule pad_does_not_fit{};
template <class... W> struct error<&pad_does_not_fit, W...> : broken_call {
  static_assert(never<W...>, "sinter::pad: give edges<low, high> with low and high >= 0 for each axis of the operand");
};
inline constexpr rule convolution_does_not_fit{};
template <class... W> struct error<&convolution_does_not_fit, W...> : broken_call {
  static_assert(never<W...>,
                "sinter::conv: ranks, attributes (one number for each spatial axis) or features (the operand's are the kernel's times "
                "feature_group_count, which divides the outputs) do not go together; mend them, or name the axes with dimension_numbers");
};
inline constexpr rule fft_lengths_differ{};
template <class... W> struct error<&fft_lengths_differ, W...> : broken_call {
  static_assert(never<W...>,
                "sinter::fft: rfft takes real numbers, the others complex ones, of as many elements as the lengths say (irfft: n / 2 + 1); "
                "convert them, or cut or pad the axes");
};
inline constexpr rule features_do_not_fit{};
template <class... W> struct error<&features_do_not_fit, W...> : broken_call {
  static_assert(never<W...>,
                "sinter::batch_norm: scale, offset, mean and variance are vectors of the operand's type with one element for each of its "
                "features; name the axis of these, or reshape the vectors");
};
inline constexpr rule needs_random_state{};
template <class... W> struct error<&needs_random_state, W...> : broken_call {
  static_assert(never<W...>,
                "sinter::rng_bit_generator: the state is a vector of 2 unsigned 64-bit integers (philox: 2 or 3); pass a tensor of these");
};
inline constexpr rule index_into_nothing{};
template <class... W> struct error<&index_into_nothing, W...> : broken_call {
  static_assert(never<W...>, "sinter: elements of an axis without any are asked for; index along an axis with at least one element");
};
inline constexpr rule ranks_differ{};
template <class... W> struct error<&ranks_differ, W...> : broken_call {
  static_assert(never<W...>, "sinter::take_along_axis: the indices need as many axes as the operand; reshape them, or use sinter::take");
};
inline constexpr rule start_is_no_number{};
template <class... W> struct error<&start_is_no_number, W...> : broken_call {
  static_assert(never<W...>, "sinter: a start must be one integer, one start an axis; take one element of the tensor");
};
inline constexpr rule window_does_not_fit{};
template <class... W> struct error<&window_does_not_fit, W...> : broken_call {
  static_assert(never<W...>,
                "sinter: a part needs a size (none beyond the operand's extent) and a start for each axis of the operand; leave none out");
};
inline constexpr rule windows_do_not_fit{};
template <class... W> struct error<&windows_do_not_fit, W...> : broken_call {
  static_assert(never<W...>,
                "sinter: windows need a size, step and dilation above 0, none for more axes than there are; a pool is over the axes before "
                "the last, with a step and edges (or same) for each or for none");
};
inline constexpr rule updates_do_not_fit{};
template <class... W> struct error<&updates_do_not_fit, W...> : broken_call {
  static_assert(never<W...>,
                "sinter: the updates do not broadcast to what the indices name: the operand's shape with the indices' axes in the place of "
                "the axis; reshape them");
};
inline constexpr rule dimensions_do_not_fit{};
template <class... W> struct error<&dimensions_do_not_fit, W...> : broken_call {
  static_assert(never<W...>,
                "sinter: the dimension numbers of this gather or scatter do not fit its operands; see the StableHLO specification of it");
};
inline constexpr rule shapes_do_not_concatenate{};
template <class... W> struct error<&shapes_do_not_concatenate, W...> : broken_call {
  static_assert(never<W...>, "sinter::concatenate: the operands must agree in all extents but the one along the axis");
};
inline constexpr rule inner_extents_differ{};
template <class... W> struct error<&inner_extents_differ, W...> : broken_call {
  static_assert(
      never<W...>,
      "sinter::dot: the last extent of the first operand and the last but one of the second differ; transpose or reshape one of them");
};
inline constexpr rule axes_do_not_pair{};
template <class... W> struct error<&axes_do_not_pair, W...> : broken_call {
  static_assert(never<W...>,
                "sinter::dot_general: the axes of the operands that run together must be as many, with equal extents, each named once");
};
inline constexpr rule heads_do_not_group{};
template <class... W> struct error<&heads_do_not_group, W...> : broken_call {
  static_assert(never<W...>,
                "sinter::attention: the heads of the queries must be a multiple of the heads of the keys (third last extents)");
};
inline constexpr rule attention_extents_differ{};
template <class... W> struct error<&attention_extents_differ, W...> : broken_call {
  static_assert(never<W...>,
                "sinter::attention: queries and keys must have equal last extents, keys and values as many rows (second last extents)");
};
inline constexpr rule matrix_is_not_square{};
template <class... W> struct error<&matrix_is_not_square, W...> : broken_call {
  static_assert(never<W...>,
                "sinter: this function needs square matrices; make the last two extents equal (slice, or dot(transpose(a), a))");
};
inline constexpr rule rows_do_not_match{};
template <class... W> struct error<&rows_do_not_match, W...> : broken_call {
  static_assert(never<W...>,
                "sinter: the right-hand side of a x = b must have as many rows as the matrix; b is [..., n, k] for a [..., n, n], or [n]");
};
inline constexpr rule needs_float_or_double{};
template <class... W> struct error<&needs_float_or_double, W...> : broken_call {
  static_assert(never<W...>, "sinter: this function needs f32 or f64; convert the operand with sinter::cast<float>(x)");
};
inline constexpr rule einsum_is_malformed{};
template <class... W> struct error<&einsum_is_malformed, W...> : broken_call {
  static_assert(never<W...>,
                "sinter::einsum: the specification must be letters for the axes of each operand, commas between operands, and after -> "
                "letters of operands, each once: \"ij,jk->ik\"");
};
inline constexpr rule einsum_counts_differ{};
template <class... W> struct error<&einsum_counts_differ, W...> : broken_call {
  static_assert(never<W...>, "sinter::einsum: the specification names another number of operands; separate them with commas");
};
inline constexpr rule einsum_rank_differs{};
template <class... W> struct error<&einsum_rank_differs, W...> : broken_call {
  static_assert(never<W...>, "sinter::einsum: an operand has another number of axes than the specification has letters for it");
};
inline constexpr rule einsum_extents_differ{};
template <class... W> struct error<&einsum_extents_differ, W...> : broken_call {
  static_assert(never<W...>, "sinter::einsum: axes with the same letter have different extents; rename one or reshape an operand");
};
inline constexpr rule rank_not_supported{};
template <class... W> struct error<&rank_not_supported, W...> : broken_call {
  static_assert(never<W...>, "sinter: an operand has a rank that this function does not take; reshape it");
};
inline constexpr rule carry_changes{};
template <class... W> struct error<&carry_changes, W...> : broken_call {
  static_assert(never<W...>,
                "sinter: the body of a loop, or one side of a cond, returns a value of another type or shape than it took (first) or the "
                "other side returns; cast or reshape it");
};
inline constexpr rule loop_without_values{};
template <class... W> struct error<&loop_without_values, W...> : broken_call {
  static_assert(
      never<W...>,
      "sinter: loops run inside of sinter::fn, whose arguments are the tensors; they carry traced values, numbers beside these, and "
      "std::tuple, std::array or structures of such");
};
inline constexpr rule body_returns_others{};
template <class... W> struct error<&body_returns_others, W...> : broken_call {
  static_assert(
      never<W...>,
      "sinter: the body of a loop must return as many values as it takes as carries; the body of a scan a std::tuple of two: these, "
      "and what is collected (std::tuple<>() for nothing)");
};
inline constexpr rule sides_differ{};
template <class... W> struct error<&sides_differ, W...> : broken_call {
  static_assert(never<W...>, "sinter::cond: both sides must return as many values, alone or in a std::tuple or std::array");
};
inline constexpr rule condition_is_no_bool{};
template <class... W> struct error<&condition_is_no_bool, W...> : broken_call {
  static_assert(never<W...>, "sinter: a condition must be one traced bool; reduce it with any or all (if constexpr chooses by a constant)");
};
inline constexpr rule scan_axes_differ{};
template <class... W> struct error<&scan_axes_differ, W...> : broken_call {
  static_assert(never<W...>, "sinter::scan: the arrays must have a first axis of the same static extent; slice or reshape one");
};
inline constexpr rule needs_matrix{};
template <class... W> struct error<&needs_matrix, W...> : broken_call {
  static_assert(never<W...>, "sinter: this function takes matrices, at least two axes; reshape the operand");
};
inline constexpr rule needs_square{};
template <class... W> struct error<&needs_square, W...> : broken_call {
  static_assert(never<W...>, "sinter::symmetric: the last two extents must be equal; slice the operand to a square");
};
inline constexpr rule shapes_differ{};
template <class... W> struct error<&shapes_differ, W...> : broken_call {
  static_assert(
      never<W...>,
      "sinter: the shape of the result and of what it is assigned to differ; assignment does not broadcast, use sinter::broadcast_to");
};
inline constexpr rule result_types_differ{};
template <class... W> struct error<&result_types_differ, W...> : broken_call {
  static_assert(
      never<W...>,
      "sinter: the element type of the result and of what it is assigned to differ; convert the expression with sinter::cast<T>(x)");
};
inline constexpr rule lambda_captures{};
template <class... W> struct error<&lambda_captures, W...> : broken_call {
  static_assert(never<W...>,
                "sinter::fn: the lambda captures variables; only its code is kept: write [] and pass what it needs as an argument");
};
inline constexpr rule tensor_from_outside{};
template <class... W> struct error<&tensor_from_outside, W...> : broken_call {
  static_assert(never<W...>, "sinter::fn: a tensor from outside stands in the lambda; pass it as an argument of the function");
};
inline constexpr rule lambda_is_not_constant{};
template <class... W> struct error<&lambda_is_not_constant, W...> : broken_call {
  static_assert(never<W...>,
                "sinter::fn: the lambda does what no constant expression can (a tensor or variable from outside, a call of a function that "
                "is not constexpr, `if` on a traced value); pass such things as arguments, choose with sinter::where");
};
inline constexpr rule lambda_does_not_take{};
template <class... W> struct error<&lambda_does_not_take, W...> : broken_call {
  static_assert(never<W...>,
                "sinter::fn: the lambda cannot be called with this many arguments; pass one argument for each parameter (if the compiler "
                "found an error in the lambda before this one, mend that)");
};
inline constexpr rule lambda_returns_no_tensor{};
template <class... W> struct error<&lambda_returns_no_tensor, W...> : broken_call {
  static_assert(never<W...>, "sinter::fn: the lambda must return a tensor expression or a std::tuple of them");
};
inline constexpr rule arguments_do_not_fit{};
template <class... W> struct error<&arguments_do_not_fit, W...> : broken_call {
  static_assert(
      never<W...>,
      "sinter: the function takes no such arguments, or another number of them; write an axis as axis<1>, and maximum(a, b) for the "
      "larger of two tensors");
};
inline constexpr rule functor_lacks_member{};
template <class... W> struct error<&functor_lacks_member, W...> : broken_call {
  static_assert(never<W...>,
                "sinter: the functor lacks a member; reduce<F> needs F::identity, F::accumulate and F::combine, map_rows<F> F::run, "
                "library_call<F> F::result, which takes every operand, and F::run");
};
inline constexpr rule op_has_no_derivative{};
template <class... W> struct error<&op_has_no_derivative, W...> : broken_call {
  static_assert(never<W...>,
                "sinter::grad: no derivative is known of an op on the way, one of the user's; give the functor of map a static member "
                "derivative, or put the call into sinter::custom_gradient or sinter::stop_gradient");
};
inline constexpr rule while_loop_in_reverse{};
template <class... W> struct error<&while_loop_in_reverse, W...> : broken_call {
  static_assert(never<W...>,
                "sinter::grad: reverse mode goes through the steps of a loop from the last to the first, and how many a while_loop has is "
                "known when it ends; write a fori_loop with fixed bounds, or take jvp");
};
inline constexpr rule scatter_has_no_derivative{};
template <class... W> struct error<&scatter_has_no_derivative, W...> : broken_call {
  static_assert(never<W...>,
                "sinter::grad: of scatters only scatter_set and scatter_add have derivatives; put others into sinter::custom_gradient or "
                "sinter::stop_gradient");
};
inline constexpr rule custom_gradient_is_reverse{};
template <class... W> struct error<&custom_gradient_is_reverse, W...> : broken_call {
  static_assert(never<W...>,
                "sinter::jvp: a function with a custom_gradient has a rule for reverse mode only; use sinter::grad, vjp or jacrev");
};
inline constexpr rule loss_is_no_scalar{};
template <class... W> struct error<&loss_is_no_scalar, W...> : broken_call {
  static_assert(never<W...>,
                "sinter::grad: the function must give one floating-point number; reduce its result with sum or mean, or use sinter::vjp or "
                "sinter::jacobian");
};
inline constexpr rule argument_has_no_derivative{};
template <class... W> struct error<&argument_has_no_derivative, W...> : broken_call {
  static_assert(
      never<W...>,
      "sinter: a derivative is taken with respect to an argument that is not floating-point; name other arguments (grad<1>(f)), or "
      "convert it before the call with sinter::cast<float>(x)");
};
inline constexpr rule transformed_argument_is_missing{};
template <class... W> struct error<&transformed_argument_is_missing, W...> : broken_call {
  static_assert(never<W...>, "sinter: the transformation names an argument that the call does not have; arguments count from 0");
};
inline constexpr rule custom_rule_takes_others{};
template <class... W> struct error<&custom_rule_takes_others, W...> : broken_call {
  static_assert(never<W...>,
                "sinter::custom_gradient: the rule takes the cotangent of the result, then the arguments of the function: "
                "[](auto ct, auto x) { ... } for one argument");
};
inline constexpr rule tangent_does_not_fit{};
template <class... W> struct error<&tangent_does_not_fit, W...> : broken_call {
  static_assert(never<W...>,
                "sinter: a tangent or cotangent must have the shape and element type of the argument or result that it belongs to");
};
inline constexpr rule batches_differ{};
template <class... W> struct error<&batches_differ, W...> : broken_call {
  static_assert(never<W...>,
                "sinter::vmap: the batched arguments must have the axis that is mapped over, with equal extents; name the axes: "
                "vmap<in_axes<0, none, 1>>(f)");
};
inline constexpr rule op_has_no_batches{};
template <class... W> struct error<&op_has_no_batches, W...> : broken_call {
  static_assert(never<W...>,
                "sinter::vmap: this op has no batches: it is a loop, or its tensor has 8 axes already; map over its operands before it");
};
inline constexpr rule not_an_argument{};
template <class... W> struct error<&not_an_argument, W...> : broken_call {
  static_assert(never<W...>,
                "sinter: this type is no tensor, view, expression or number; wrap memory in sinter::view<T, extents...>(pointer)");
};
inline constexpr rule destination_is_constant{};
template <class... W> struct error<&destination_is_constant, W...> : broken_call {
  static_assert(never<W...>, "sinter: a const tensor or a view<const T, ...> cannot be written; name one that is not const");
};
inline constexpr rule destination_is_no_tensor{};
template <class... W> struct error<&destination_is_no_tensor, W...> : broken_call {
  static_assert(never<W...>, "sinter::fn: `into` writes to tensors and views; for a single number pass a sinter::tensor<T>");
};
inline constexpr rule prepared_for_other_arguments{};
template <class... W> struct error<&prepared_for_other_arguments, W...> : broken_call {
  static_assert(
      never<W...>,
      "sinter::prepare: this call has other arguments than were prepared for; pass those that are not constant, of the same types");
};
inline constexpr rule results_do_not_match{};
template <class... W> struct error<&results_do_not_match, W...> : broken_call {
  static_assert(never<W...>, "sinter::fn: `into` needs one destination for each result; put several into std::tie(a, b)");
};

namespace detail {

// What a trace reports: the broken rule and up to six things to show beside it.
struct failure {
  const rule* broken = nullptr;
  struct item {
    enum kind_t : std::uint8_t { a_shape, a_dtype, a_number, a_place } kind = a_shape;
    shape<> extents{};
    dtype type{};
    extent_t value = 0;          // of a place its line
    int column = 0, length = 0;  // of a place
    const char* text = nullptr;
  } items[6] = {};
  int count = 0;

  // A function, for g++ warns of the address of a rule that is compared where it is a constant.
  constexpr bool happened() const { return broken != nullptr; }
  constexpr void show(const shape<>& s) {
    items[count] = {item::a_shape, s, {}, 0};
    for (extent_t& e : items[count].extents.extent) e = e < std::numeric_limits<extent_t>::min() / 2 ? dyn : e;  // a symbol prints as dyn
    ++count;
  }
  constexpr void show(dtype t) { items[count++] = {item::a_dtype, {}, t, 0}; }
  constexpr void show(extent_t n) { items[count++] = {item::a_number, {}, {}, n}; }
  /// The place goes behind the others.
  constexpr void show_place(int line, int column, const char* text, int length) {
    items[count < 6 ? count++ : 5] = {item::a_place, {}, {}, line, column, length, text};
  }
};

template <dtype D> struct named_dtype { using type = storage_t<D>; };
struct storage_only_type {};
template <dtype D>
requires(!info(D).computes) struct named_dtype<D> {
  using type = storage_only_type;
};

// What stands at a place, as it can be printed.
template <const failure& F, int I> constexpr auto part_at() {
  characters<F.items[I].length + 1> s;
  for (int i = 0; i < F.items[I].length; ++i) {
    const char c = F.items[I].text[i];
    s.at[i] = c >= ' ' && c <= '~' ? c : '?';
  }
  s.at[F.items[I].length] = 0;  // written, or clang 19 prints numbers
  return s;
}
// Turns item I of a failure into a type that the compiler prints.
template <const failure& F, int I> constexpr auto shown() {
  if constexpr (F.items[I].kind == failure::item::a_dtype) return typename named_dtype<F.items[I].type>::type{};
  else if constexpr (F.items[I].kind == failure::item::a_number) return number<F.items[I].value>{};
  else if constexpr (F.items[I].kind == failure::item::a_place)
    return place<line<static_cast<int>(F.items[I].value)>, column<F.items[I].column>, text<part_at<F, I>()>>{};
  else return []<int... A>(int_list<A...>) {
      return shape<F.items[I].extents.extent[A]...>{};
    }
  (make_int_list<F.items[I].extents.rank>{});
}

}  // namespace detail

}  // namespace sinter
