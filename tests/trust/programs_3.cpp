// SPDX-License-Identifier: Apache-2.0
// Random programs 15 to 19; the target trust_200 checks 200.
#include "check.hpp"

TEST_CASE("kernels agree with the evaluator: programs 15 to 19") { trust::check_programs<15, 5>(); }
