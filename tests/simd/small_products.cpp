// SPDX-License-Identifier: Apache-2.0
// Products of static extents: small ones, whose rows share vectors, and the last few columns of larger ones.
#include "simd/small_products.hpp"

namespace {

using small_products::check_small, small_products::check_static;

TEST_CASE("small products of static extents") {
  check_small<float, 3, 3, 3>(), check_small<float, 4, 4, 4, true>(), check_small<float, 7, 3, 2, true>(),
      check_small<float, 8, 8, 8, true>();
  check_small<float, 1, 5, 3>(), check_small<float, 6, 2, 5>(), check_small<float, 2, 8, 1>(), check_small<float, 9, 20, 6>();
  check_small<double, 3, 3, 3>(), check_small<double, 4, 4, 4, true>(), check_small<double, 5, 2, 3>();
  check_small<std::int32_t, 5, 5, 5, true>();
}

TEST_CASE("the last few columns of static extents") {
  check_static<float, 17, 17, 17>(), check_static<float, 16, 16, 19>(), check_static<float, 33, 18, 7>();
  check_static<float, 2, 20, 4>(), check_static<float, 100, 100, 34>(), check_static<float, 51, 19, 1030>();
  check_static<double, 17, 18, 9>(), check_static<std::int32_t, 18, 19, 6>();
}

}  // namespace
