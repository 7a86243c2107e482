// SPDX-License-Identifier: Apache-2.0
// Compiled twice, with the checked mode and without: both share the functions of types, of which the linker keeps one copy.
#include "modes.hpp"

#include <sinter/sinter.hpp>

using namespace sinter;

using matrix = tensor<float, 20, 20>;
using open_matrix = tensor<float, dyn, dyn>;
using pending = decltype(std::declval<const matrix&>() * 2 + std::declval<const open_matrix&>());

template <int Checked> pending make(const matrix& x, const open_matrix& y);
template <> pending make<SINTER_CHECKED>(const matrix& x, const open_matrix& y) { return x * 2 + y; }

namespace {
struct inputs {
  matrix x;
  open_matrix y{20, 20};
  inputs() {
    for (int i = 0; i < 20; ++i)
      for (int j = 0; j < 20; ++j) x(i, j) = static_cast<float>(i + j), y(i, j) = static_cast<float>(i - j);
  }
};
double total(const auto& x) {
  double s = 0;
  for (const float e : x) s += static_cast<double>(e);
  return s;
}
}  // namespace

template <> double compute<SINTER_CHECKED>() {
  inputs in;
  const auto e = exp(in.x / 100) + in.y;
  matrix a = e / sum(e, axis<1>, keepdims);
  a += 1;
  open_matrix b = transpose(in.x) - in.y;
  b.sub(0, all) = in.y.sub(1, all) * 2;
  const auto c = eval(in.x * 2 + in.y);
  const float d = sum(in.x * in.x);
  tensor<float, 4> small{1, 2, 3, 4};
  small = small + small;
  return total(a) + total(b) + total(c) + static_cast<double>(d) + total(small);
}
template <> double compute_what_the_other_made<SINTER_CHECKED>() {
  inputs in;
  const pending p = make<!SINTER_CHECKED>(in.x, in.y);
  matrix r = p;
  open_matrix s = p - in.x;
  return total(r) + total(s);
}
template <> bool notices<SINTER_CHECKED>() {
  inputs in;
  const pending p = make<!SINTER_CHECKED>(in.x, in.y);
  in.x.fill(0);
  try {
    return total(eval(p)) < 0;
  } catch (const exception&) {
    return true;
  }
}
