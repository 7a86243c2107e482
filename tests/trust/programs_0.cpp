// SPDX-License-Identifier: Apache-2.0
// Random programs 0 to 4; the target trust_200 checks 200.
#include "check.hpp"

TEST_CASE("kernels agree with the evaluator: programs 0 to 4") { trust::check_programs<0, 5>(); }
