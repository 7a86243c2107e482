// SPDX-License-Identifier: Apache-2.0
// What the functors over packets of this folder share: sums of powers, and constants that nvcc takes in device code.
#pragma once

#include <limits>

#include <sinter/ops/user.hpp>

namespace sinter::detail {

template <class R> inline constexpr R infinite = std::numeric_limits<R>::infinity();
template <class R> inline constexpr R no_number = std::numeric_limits<R>::quiet_NaN();

// c0 + c1 x + c2 x^2 + ... by Horner's rule.
template <class X, class C> SINTER_INLINE X power_series(X, C c) { return X(c); }
template <class X, class C, class... More> SINTER_INLINE X power_series(X x, C c, More... more) {
  return fma(x, power_series(x, more...), X(c));
}

}  // namespace sinter::detail
