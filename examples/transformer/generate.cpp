// SPDX-License-Identifier: Apache-2.0
// Writes text with the trained model, a character at a time.
//   transformer_generate <weights> [seed] [beginning]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>

#include <sinter/safetensors.hpp>

#include "model.hpp"

namespace {

using namespace transformer;
constexpr int characters = 400;
constexpr float temperature = 0.8f;

/// Reads a character, draws the next one, and keeps the keys and values for those after it.
constexpr auto step = sinter::fn([](auto p, auto past, auto character, auto position, auto key) {
  const auto [logits, after] = next_logits(p, past, character, position);
  return std::tuple(sinter::categorical(sinter::fold_in(key, position), logits / temperature), after);
});

void write(const model& p, const std::string& beginning, std::uint64_t seed) {
  const auto key = sinter::random_key(seed);
  cache<sinter::tensor> past{};
  sinter::tensor<std::int64_t> drawn;
  const auto start = std::chrono::steady_clock::now();
  for (int n = 0; n < characters; ++n) {
    const auto given = static_cast<std::size_t>(n);
    const std::int32_t read = given < beginning.size() ? id_of(beginning[given]) : static_cast<std::int32_t>(std::int64_t{drawn});
    if (n > 0) std::putchar(character_of(read));
    step.into(std::tie(drawn, past), p, past, read, n, key);
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::putchar('\n');
  std::fprintf(stderr, "%.0f characters/s\n", characters / seconds);
}

}  // namespace

int main(int count, char** arguments) try {
  if (count < 2 || count > 4) {
    std::fprintf(stderr, "usage: transformer_generate <weights> [seed] [beginning]\n");
    return 2;
  }
  model p{};
  sinter::load_safetensors(arguments[1], p);
  std::string beginning = "\n";  // what stands between two texts is known to the model
  if (count > 3) beginning += arguments[3];
  for (const char c : beginning)
    if (c != '\n' && (c < ' ' || c > '~')) throw std::invalid_argument("the beginning must be printable ASCII");
  write(p, beginning, count > 2 ? std::strtoull(arguments[2], nullptr, 10) : 1);
} catch (const std::exception& error) {
  std::fprintf(stderr, "transformer_generate: %s\n", error.what());
  return 1;
}

// Output:
// That's the long of the paper is eagers.  There so much to audies
// window bears of their possible express to use the compiler attacked there.
//   -- Elizaforman
// %
// The surdent of a chectists of a group to the complain in which
// should about I city;
// The only fall me you best us a mind friend to stand in the tradetitor.
// The Dear was dead the computer windmail
// Several that dead copcert during most would n
