// SPDX-License-Identifier: Apache-2.0
// Compiled once for each instruction set: all kinds of kernels, and whatever else of sinter leaves functions behind.
#include "kernels.hpp"

#include <cstring>
#include <sstream>

#include <sinter/sinter.hpp>

namespace {

using namespace sinter;

constexpr auto rows = fn([](auto x, auto w) {
  return std::tuple(softmax(x, axis<1>), layer_norm(x * w, axis<1>), sum(x, axis<0>), argmax(x, axis<1>), relu(dot(x, transpose(x))),
                    var(x, axis<1>), gelu_tanh(x) + pow(abs(x), 0.3f), cast<float16>(x * 3));
});

void mix(std::uint64_t& digest, const auto& x) {
  for (auto e : x) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &e, sizeof(e));
    digest = (digest ^ bits) * 0x9fb21c651e98df25ull;
    digest ^= digest >> 31;
  }
}
template <class X, class W> void add(std::uint64_t& digest, const X& x, const W& w) {
  const auto r = rows(x, w);
  [&]<std::size_t... I>(std::index_sequence<I...>) { (mix(digest, std::get<I>(r)), ...); }
  (std::make_index_sequence<8>());
}

}  // namespace

template <> std::string run_kernels<isa::current>(std::uint64_t& digest) {
  tensor<float, 7, 77> x;
  tensor<float, 77> w;
  for (int i = 0; i < 7; ++i)
    for (int j = 0; j < 77; ++j)
      x(i, j) = static_cast<float>((i * 77 + j) * 37 % 101) / 32 - 1.5f, w(j) = 1 + static_cast<float>(j % 4) / 4;
  add(digest, x, w);
  tensor<float, dyn, dyn> y(7, 77);
  y = x;
  add(digest, y, w);
  tensor<float, 8> small;
  small.fill(0.75f);
  small = exp(small) + small;
  small += 1;
  mix(digest, small);
  y.sub(range<0, 3>, all) = y.sub(range<3, 6>, all) * 2;
  tensor<float, 3, 77> copy = y.sub(range<0, 3>, all);
  mix(digest, copy);
  mix(digest, eval(copy * w));
  mix(digest, eval(cast<float>(cast<float16>(copy) * (1 + 0x1p-12) + copy.size())));
  mix(digest, tensor<float>(static_cast<float>(sum(x))));
  std::ostringstream text;
  text << small << rows.explain(x, w);
  return isa::name(isa::current());
}
