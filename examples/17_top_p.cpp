// SPDX-License-Identifier: Apache-2.0
// The next token of a language model: the most likely ones that make up nine tenths of all, drawn from. sort, cumsum and categorical are
// ops of one function.
#include <cstdio>
#include <tuple>

#include <sinter/random.hpp>
#include <sinter/sinter.hpp>

using sinter::tensor;

// Logits in their order; those after a share p of all are left out.
constexpr auto next_token = sinter::fn([](auto key, auto logits, auto p) {
  auto order = sinter::argsort(logits, sinter::descending);
  auto sorted = sinter::take_along_axis(logits, order, sinter::axis<-1>);
  auto share = softmax(sorted, sinter::axis<-1>);
  auto before = sinter::cumsum(share, sinter::axis<-1>) - share;
  auto kept = sinter::where(before < p, sorted, -1e30f);
  auto drawn = categorical(key, kept);
  return std::tuple(sinter::take(order, drawn), sinter::sum(sinter::cast<int>(before < p)));
});

constexpr auto likely = sinter::fn([](auto logits) { return sinter::top_k<2>(logits); });

int main() {
  const tensor<float, 6> logits{0.1f, 3.0f, -1.0f, 2.5f, 0.5f, 2.0f};
  const auto [values, places] = likely(logits);
  std::printf("most likely: %d and %d\n", places(0), places(1));

  int count[6] = {};
  for (unsigned step = 0; step < 1000; ++step) {
    const auto [token, candidates] = next_token(sinter::random_key(step), logits, 0.9f);
    if (step == 0) std::printf("%d tokens make up nine tenths\n", candidates());
    ++count[token()];
  }
  for (int token = 0; token < 6; ++token) std::printf("token %d: %d times\n", token, count[token]);
}

// Output:
// most likely: 1 and 3
// 3 tokens make up nine tenths
// token 0: 0 times
// token 1: 492 times
// token 2: 0 times
// token 3: 297 times
// token 4: 0 times
// token 5: 211 times
