// SPDX-License-Identifier: Apache-2.0
// Derivatives of random programs 0 to 15; the target trust_200 checks those of 200.
#include "adjoint.hpp"

TEST_CASE("forward and reverse mode are adjoint: programs 0 to 15") { trust::check_adjoints<0, 16>(); }
