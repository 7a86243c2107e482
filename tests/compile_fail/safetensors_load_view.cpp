// expect: sinter::safetensors_file::load_into: this is no tensor, number or structure of them
// SPDX-License-Identifier: Apache-2.0
#include <sinter/safetensors.hpp>

struct parameters {
#ifdef SINTER_FIXED
  sinter::tensor<float, 2> w;
#else
  sinter::view<float, 2> w;
#endif
};
int main() {
  sinter::tensor<float, 2> memory;
#ifdef SINTER_FIXED
  parameters p{memory};
#else
  parameters p{sinter::view<float, 2>(memory.data())};
#endif
  sinter::load_safetensors("w.safetensors", p);
}
