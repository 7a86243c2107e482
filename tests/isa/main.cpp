// SPDX-License-Identifier: Apache-2.0
// Runs every version of the kernels that this CPU runs and the one that dispatch picks.   main [<instruction set that must be picked>]
#include <cstdio>
#include <cstring>

#include "kernels.hpp"

namespace {
template <class Isa> bool check(std::uint64_t digest) {
  if (!runs(Isa())) return true;
  std::uint64_t own = 1;
  const std::string name = run_kernels<Isa>(own);
  std::printf("%s: digest %016llx\n", name.c_str(), static_cast<unsigned long long>(own));
  return own == digest;
}
template <class... Isa> bool check_all(std::uint64_t digest, void (*)(Isa...)) { return (check<Isa>(digest) && ...); }
}  // namespace

int main(int argc, char** argv) {
  std::uint64_t digest = 1;
  const std::string picked = sinter::dispatch([&](auto isa) { return run_kernels<decltype(isa)>(digest); });
  std::printf("picked %s\n", picked.c_str());
  using namespace sinter::isa;
  if (!check_all(digest, static_cast<void (*)(SINTER_KERNEL_ISAS)>(nullptr))) return std::puts("the bits differ"), 1;
  if (argc > 1 && picked != argv[1]) return std::printf("%s should have been picked\n", argv[1]), 1;
}
