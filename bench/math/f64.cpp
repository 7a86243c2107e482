// SPDX-License-Identifier: Apache-2.0
#include "ulp.hpp"

namespace measure {
void rows_f64(const options& o) { rows<double>(o, all()); }
}  // namespace measure
