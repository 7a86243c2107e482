// SPDX-License-Identifier: Apache-2.0
// Random programs 5 to 9; the target trust_200 checks 200.
#include "check.hpp"

TEST_CASE("kernels agree with the evaluator: programs 5 to 9") { trust::check_programs<5, 5>(); }
