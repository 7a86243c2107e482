// SPDX-License-Identifier: Apache-2.0
// The rules of every op: gradients against differences in double (at most 1e-8 away, relative to the larger of 1 and the derivative),
// tangents against gradients, and both mapped over a batch against calls one by one.
#include "derivatives.hpp"

namespace {

using namespace derivatives;
using sinter::axes;
using sinter::axis;
using sinter::keepdims;
using sinter::range;
using sinter::shape;

using one = list<f64<7>>;
using two = list<f64<7>, f64<7>>;
using matrix = list<f64<3, 4>>;

TEST_CASE("gradients of element ops") {
  const auto unary = [](const std::string& name, auto f, double low, double high) { check(name, f, one{}, low, high); };
  unary(
      "negate", [](auto x) { return -x; }, -2, 2);
  unary(
      "abs", [](auto x) { return abs(x); }, 0.5, 2);
  unary(
      "abs below", [](auto x) { return abs(x); }, -2, -0.5);
  unary(
      "sqrt", [](auto x) { return sqrt(x); }, 0.5, 2);
  unary(
      "rsqrt", [](auto x) { return rsqrt(x); }, 0.5, 2);
  unary(
      "cbrt", [](auto x) { return cbrt(x); }, -2, -0.5);
  unary(
      "exp", [](auto x) { return exp(x); }, -2, 2);
  unary(
      "exp2", [](auto x) { return exp2(x); }, -2, 2);
  unary(
      "expm1", [](auto x) { return expm1(x); }, -2, 2);
  unary(
      "log", [](auto x) { return log(x); }, 0.5, 2);
  unary(
      "log2", [](auto x) { return log2(x); }, 0.5, 2);
  unary(
      "log1p", [](auto x) { return log1p(x); }, -0.5, 2);
  unary(
      "sin", [](auto x) { return sin(x); }, -2, 2);
  unary(
      "cos", [](auto x) { return cos(x); }, -2, 2);
  unary(
      "tan", [](auto x) { return tan(x); }, -1, 1);
  unary(
      "asin", [](auto x) { return asin(x); }, -0.5, 0.5);
  unary(
      "acos", [](auto x) { return acos(x); }, -0.5, 0.5);
  unary(
      "atan", [](auto x) { return atan(x); }, -2, 2);
  unary(
      "sinh", [](auto x) { return sinh(x); }, -2, 2);
  unary(
      "cosh", [](auto x) { return cosh(x); }, -2, 2);
  unary(
      "tanh", [](auto x) { return tanh(x); }, -2, 2);
  unary(
      "erf", [](auto x) { return erf(x); }, -2, 2);
  unary(
      "erfc", [](auto x) { return erfc(x); }, -2, 2);
  unary(
      "lgamma", [](auto x) { return lgamma(x); }, 0.1, 9);
  unary(
      "lgamma below", [](auto x) { return lgamma(x); }, -0.8, -0.2);
  unary(
      "sigmoid", [](auto x) { return sigmoid(x); }, -2, 2);
  unary(
      "steps", [](auto x) { return x * (floor(x) + ceil(x) + round(x) + sign(x)); }, 0.55, 0.95);

  const auto binary = [](const std::string& name, auto f, double low, double high) { check(name, f, two{}, low, high); };
  binary(
      "add, subtract", [](auto x, auto y) { return x + y - (y - x * 2); }, -2, 2);
  binary(
      "multiply", [](auto x, auto y) { return x * y * x; }, -2, 2);
  binary(
      "divide", [](auto x, auto y) { return x / y; }, 0.5, 2);
  binary(
      "remainder", [](auto x, auto y) { return (x + 5) % (y * 0.01 + 2.7); }, 0, 0.2);
  binary(
      "remainder below", [](auto x, auto y) { return (x - 6) % (y * 0.01 + 2.7); }, 0, 0.2);
  binary(
      "pow", [](auto x, auto y) { return pow(x, y); }, 0.5, 2);
  binary(
      "pow of numbers", [](auto x, auto y) { return pow(x, 3) + pow(y, -1.5) + pow(2, y) + pow(x, 0) + pow(y, 2); }, 0.5, 2);
  binary(
      "atan2", [](auto x, auto y) { return atan2(x, y); }, 0.5, 2);
  binary(
      "maximum, minimum", [](auto x, auto y) { return maximum(x, y) * 3 + minimum(x, y * 1.5); }, -2, 2);
  binary(
      "select", [](auto x, auto y) { return where(x < y, x * y, sin(x)); }, -2, 2);
  binary(
      "fma", [](auto x, auto y) { return fma(x, y, x * 3); }, -2, 2);
  binary(
      "cast", [](auto x, auto y) { return sinter::cast<double>(sinter::cast<long>(x * 100)) * y; }, 0.013, 0.017);
}

TEST_CASE("gradients of views") {
  check(
      "broadcast", [](auto x) { return sinter::broadcast_to<2, 3, 4>(x); }, list<f64<3, 1>>{});
  check(
      "operands that broadcast", [](auto x, auto y) { return x * y; }, list<f64<3, 4>, f64<4>>{});
  check(
      "a scalar", [](auto x, auto y) { return x * y; }, list<f64<3, 4>, f64<>>{});
  check(
      "reshape", [](auto x) { return sinter::reshape<2, 6>(x); }, matrix{});
  check(
      "transpose", [](auto x) { return sinter::transpose<2, 0, 1>(x); }, list<f64<2, 3, 4>>{});
  check(
      "slice", [](auto x) { return slice(x, range<1, 3>, range<0, 2>); }, matrix{});
  check(
      "slice with steps", [](auto x) { return slice(x, range<1, 8, 3>, range<0, 7, 2>, range<1, 3>); }, list<f64<8, 7, 4>>{});
  check(
      "slice to the end", [](auto x) { return slice(x, range<0, 7, 4>, range<2, 4, 2>); }, list<f64<8, 4>>{});
  check(
      "reverse", [](auto x) { return reverse(x, axis<1>); }, matrix{});
  check(
      "pad", [](auto x, auto y) { return pad(x, sinter::edges<1, 0>, sinter::edges<2, 3>, y); }, list<f64<3, 4>, f64<>>{});
  check(
      "concatenate", [](auto x, auto y) { return concatenate(axis<1>, x, y, x); }, list<f64<3, 4>, f64<3, 2>>{});
  check(
      "tril, triu", [](auto x) { return tril(x) * 2 + triu(x, sinter::diagonal<1>); }, list<f64<4, 4>>{});
  check(
      "symmetric", [](auto x) { return symmetric(x, sinter::lower); }, list<f64<4, 4>>{});
}

TEST_CASE("gradients of reductions") {
  check(
      "sum", [](auto x) { return sum(x, axis<0>) * sum(x); }, matrix{});
  check(
      "sum over axes apart", [](auto x) { return sum(x, axis<0, 2>, keepdims) * x; }, list<f64<2, 3, 4>>{});
  check(
      "mean, var", [](auto x) { return mean(x, axis<1>) * var(x, axis<1>); }, matrix{});
  check(
      "prod", [](auto x) { return prod(x, axis<1>); }, matrix{});
  check(
      "prod over axes apart", [](auto x) { return prod(x, axis<0, 2>); }, list<f64<2, 3, 2>>{});
  check(
      "max, min", [](auto x) { return max(x, axis<1>) * min(x, axis<1>) + max(x); }, matrix{});
  check(
      "max over axes apart", [](auto x) { return max(x, axis<0, 2>, keepdims) * x; }, list<f64<2, 3, 4>>{});
}

TEST_CASE("gradients of products") {
  check(
      "dot", [](auto x, auto y) { return dot(x, y); }, list<f64<3, 4>, f64<4, 2>>{});
  check(
      "dot of vectors", [](auto x, auto y) { return dot(x, y); }, list<f64<4>, f64<4>>{});
  check(
      "dot with a vector", [](auto x, auto y) { return dot(x, y); }, list<f64<3, 4>, f64<4>>{});
  check(
      "matmul of batches", [](auto x, auto y) { return matmul(x, y); }, list<f64<2, 3, 4>, f64<2, 4, 2>>{});
  check(
      "matmul that broadcasts", [](auto x, auto y) { return matmul(x, y); }, list<f64<2, 1, 3, 4>, f64<3, 4, 2>>{});
  check(
      "matmul with one matrix", [](auto x, auto y) { return matmul(x, y); }, list<f64<2, 2, 3, 4>, f64<4, 2>>{});
  check(
      "leading axes", [](auto x, auto y) { return dot(x, y); }, list<f64<2, 3, 4>, f64<4, 2>>{});
  check(
      "einsum", [](auto x, auto y) { return sinter::einsum<"bhqd,bkhd->bhqk">(x, y); }, list<f64<2, 2, 3, 4>, f64<2, 3, 2, 4>>{});
}

TEST_CASE("gradients of compositions") {
  check(
      "softmax", [](auto x) { return softmax(x); }, matrix{});
  check(
      "log_softmax", [](auto x) { return log_softmax(x, axis<0>); }, matrix{});
  check(
      "layer_norm", [](auto x) { return layer_norm(x, axis<1>); }, matrix{});
  check(
      "rms_norm", [](auto x) { return rms_norm(x, axis<1>); }, matrix{});
  check(
      "cross_entropy", [](auto x, auto y) { return cross_entropy(x, y); }, list<f64<3, 4>, f64<3, 4>>{});
  check(
      "gelu, silu", [](auto x) { return gelu(x) + gelu_tanh(x) * silu(x); }, one{});
  check(
      "relu, clamp", [](auto x) { return relu(x) * clamp(x, -1, 1.5); }, one{});
  check(
      "attention", [](auto q, auto k, auto v) { return attention(q, k, v, sinter::causal); },
      list<f64<2, 3, 4>, f64<2, 3, 4>, f64<2, 3, 2>>{});
  check(
      "grouped attention", [](auto q, auto k, auto v) { return attention(q, k, v); }, list<f64<4, 3, 2>, f64<2, 5, 2>, f64<2, 5, 2>>{});
}

TEST_CASE("second derivatives") {
  check_second(
      "element ops", [](auto x) { return tanh(x) * exp(x) + lgamma(x) / sqrt(x) + log1p(x) * pow(x, 2.5); }, one{}, 0.5, 2);
  check_second(
      "arcs", [](auto x) { return asin(x) * atan(x) + erf(x) * cbrt(x + 2) - sigmoid(x) * rsqrt(x + 3); }, one{}, -0.5, 0.5);
  check_second(
      "products", [](auto x, auto y) { return tanh(dot(x, y)); }, list<f64<3, 4>, f64<4, 2>>{});
  check_second(
      "softmax", [](auto x) { return softmax(x) * log_softmax(x); }, matrix{});
  check_second(
      "layer_norm", [](auto x) { return layer_norm(x, axis<1>); }, matrix{});
  check_second(
      "prod, max", [](auto x) { return prod(x, axis<1>) * max(x, axis<1>); }, matrix{});
  check_second(
      "views", [](auto x) { return exp(slice(pad(x, sinter::edges<1, 1>, sinter::edges<0, 0>, 1), range<0, 5, 2>, range<1, 3>)); },
      matrix{});
}

}  // namespace
