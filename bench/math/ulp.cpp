// SPDX-License-Identifier: Apache-2.0
// The largest errors of the mathematical functions in ulp and their speed from the first-level cache, as a table for simd/README.md.
//   ulp [--function sin] [--type f32] [--quick] [--samples 1000000] [--threads 2] [--speed] [--where]
// By default over all 2^32 f32 and 10^8 f64 (pairs of f32, too), which takes minutes a function; --quick takes every 1009th f32 and a
// million f64; --speed measures speed only, --where prints the arguments of the largest errors.
#include <cstdlib>
#include <cstring>

#include "ulp.hpp"

int main(int count, char** words) {
  measure::options o;
  std::string type;
  for (int i = 1; i < count; ++i) {
    const auto is = [&](const char* name) { return std::strcmp(words[i], name) == 0; };
    const auto value = [&] { return i + 1 < count ? words[++i] : ""; };
    if (is("--function")) o.function = value();
    else if (is("--type")) type = value();
    else if (is("--quick")) o.stride = 1009, o.samples = 1000000;
    else if (is("--samples")) o.samples = std::strtoull(value(), nullptr, 10);
    else if (is("--threads")) o.threads = std::max(1, std::atoi(value()));
    else if (is("--speed")) o.errors = false;
    else if (is("--where")) o.where = true;
    else return std::fprintf(stderr, "ulp: %s is none of its options, which stand at the top of bench/math/ulp.cpp\n", words[i]), 1;
  }
  std::printf("| function | type | ulp | Gelem/s | fast ulp | fast Gelem/s | libm | SLEEF 1 ulp | SLEEF 3.5 ulp | xsimd |\n");
  std::printf("|---|---|---|---|---|---|---|---|---|---|\n");
  if (type != "f64") measure::rows_f32(o);
  if (type != "f32") measure::rows_f64(o);
}
