// expect: sinter: a random key is a tensor<std::uint32_t, 2>; make one with sinter::random_key(seed), others of it with fold_in
// SPDX-License-Identifier: Apache-2.0
#include <sinter/random.hpp>

int main() {
#ifdef SINTER_FIXED
  auto key = sinter::random_key(1);
#else
  sinter::tensor<int, 2> key;
#endif
  auto y = sinter::eval(sinter::uniform<float, 3>(key));
}
