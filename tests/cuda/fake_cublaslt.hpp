// SPDX-License-Identifier: Apache-2.0
// A cuBLASLt of the host alone, for tests of what sinter asks of the real one: it multiplies by the layouts that it is given, and refuses
// what the real one refuses.
#pragma once

#include <string>
#include <vector>

#include <cublasLt.h>

namespace fake {

struct product {
  int epilogue = 0, batches = 0;
  bool a_transposed = false, b_transposed = false;
  bool operator==(const product&) const = default;
};
/// The products since the last call of this function, in order.
std::vector<product> products();
/// How often an algorithm was looked for since then.
int searches();
/// Algorithms for none; or an error of the next call that looks for one.
void refuse(bool all);
void fail_next(cublasStatus_t s);

}  // namespace fake
