// SPDX-License-Identifier: Apache-2.0
#include "ulp.hpp"

namespace measure {
void rows_f32(const options& o) { rows<float>(o, all()); }
}  // namespace measure
