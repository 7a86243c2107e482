// SPDX-License-Identifier: Apache-2.0
// Random programs 10 to 14; the target trust_200 checks 200.
#include "check.hpp"

TEST_CASE("kernels agree with the evaluator: programs 10 to 14") { trust::check_programs<10, 5>(); }
