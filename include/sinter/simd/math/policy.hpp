// SPDX-License-Identifier: Apache-2.0
// How exactly mathematical functions are computed: a schedule knob of `fn`, and the first template argument of the functions.
#pragma once

namespace sinter::math {

/// The default: errors as small as can be had for little; the table is in simd/README.md.
struct accurate {
  static constexpr bool is_fast = false;
  static constexpr int says = 4;
  template <class Schedule> static constexpr void apply(Schedule& s) { s.fast_math = false; }
};

/// At most 4 ulp, in fewer steps where that pays: `f.with<schedule<math::fast>>()`; what it does not replace is `accurate` (lgamma of f64:
/// 8.2 ulp). NaN, infinities, poles and signed zeros are those of `accurate`, and so are the same bits on every backend (the sign and
/// payload of NaN aside).
struct fast {
  static constexpr bool is_fast = true;
  static constexpr int says = 4;
  template <class Schedule> static constexpr void apply(Schedule& s) { s.fast_math = true; }
};

}  // namespace sinter::math
