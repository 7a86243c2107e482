// expect: sinter::safetensors_writer: this is no tensor, view, expression, number or structure of them
// SPDX-License-Identifier: Apache-2.0
#include <sinter/safetensors.hpp>

int main() {
  sinter::safetensors_writer file("w.safetensors");
  const std::string text = "adam";
#ifdef SINTER_FIXED
  file.note("optimiser", text);
#else
  file.add("optimiser", text);
#endif
}
