// SPDX-License-Identifier: Apache-2.0
// Batches of random programs 0 to 3; the target trust_200 checks those of 200.
#include "batch.hpp"

TEST_CASE("vmap has the bits of a loop: programs 0 to 3") { trust::check_batches<0, 4>(); }
