// SPDX-License-Identifier: Apache-2.0
// libFuzzer: any text is a diagnostic or a sound graph. Built on request, with clang:
//   cmake --build build/clang19 --target fuzz_stablehlo && build/clang19/tests/fuzz_stablehlo -max_total_time=600 <corpus> <modules>
#include <cstdio>

#include "import/read_module.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  const auto o = read_module::read(std::string(reinterpret_cast<const char*>(bytes), size));
  if (o.unsound) {
    std::fprintf(stderr, "a graph that is not sound: %s\n", o.unsound);
    std::abort();
  }
  return 0;
}
