// SPDX-License-Identifier: Apache-2.0
// Functions on backend::cub, run on the host with a radix sort of the host: which sorts it takes, and that their results are the CPU's.
#include <sinter/run/cub.hpp>

#include <algorithm>
#include <vector>

#include "cuda/replay.hpp"

namespace {

struct sorted_row {
  int key_bytes = 0;
  std::int64_t n = 0;
  bool operator==(const sorted_row&) const = default;
};
std::vector<sorted_row> made;
int asked = 0;
cudaError_t next = cudaSuccess;
constexpr std::size_t scratch_bytes = 1000;

template <class Key> void sort_pairs(const void* keys, void* sorted_keys, const std::int32_t* places, std::int32_t* to, int n) {
  const Key* const key = static_cast<const Key*>(keys);
  std::vector<int> order(static_cast<std::size_t>(n));
  for (int i = 0; i < n; ++i) order[static_cast<std::size_t>(i)] = i;
  std::sort(order.begin(), order.end(), [&](int a, int b) { return key[a] != key[b] ? key[a] < key[b] : a < b; });
  for (int i = 0; i < n; ++i)
    static_cast<Key*>(sorted_keys)[i] = key[order[static_cast<std::size_t>(i)]], to[i] = places[order[static_cast<std::size_t>(i)]];
}

}  // namespace

namespace sinter::device::cub_implementation {
cudaError_t radix_sort(int key_bytes, void* scratch, std::size_t& bytes, const void* keys, void* sorted_keys, const std::int32_t* places,
                       std::int32_t* sorted_places, int n, cudaStream_t) {
  if (next != cudaSuccess) return std::exchange(next, cudaSuccess);
  if (!scratch) return ++asked, bytes = scratch_bytes, cudaSuccess;
  if (bytes != scratch_bytes) return cudaErrorInvalidValue;
  std::memset(scratch, 0x5a, bytes);
  const auto with = [&](auto sort) { sort(keys, sorted_keys, places, sorted_places, n); };
  switch (key_bytes) {
    case 1: with(sort_pairs<std::uint8_t>); break;
    case 2: with(sort_pairs<std::uint16_t>); break;
    case 4: with(sort_pairs<std::uint32_t>); break;
    case 8: with(sort_pairs<std::uint64_t>); break;
    default: return cudaErrorInvalidValue;
  }
  made.push_back({key_bytes, n});
  return cudaSuccess;
}
}  // namespace sinter::device::cub_implementation

namespace {

using namespace replayed;
using rows = std::vector<sorted_row>;

constexpr extent_t many = extent_t{1} << 19;
constexpr auto up = fn([](auto x) { return std::tuple(sort(x), argsort(x)); });
constexpr auto down = fn([](auto x) { return argsort(x, descending); });
constexpr auto columns = fn([](auto x) { return argsort(x, axis<0>); });
constexpr auto half = fn([](auto x) { return std::get<1>(top_k<many / 2>(x)); });
constexpr auto few = fn([](auto x) { return std::get<1>(top_k<3>(x)); });

// Few different numbers, so that there are ties, and what is special of floating-point ones.
template <class X> X with_ties(X x) {
  using T = element_of<X>;
  for (extent_t i = 0; i < x.size(); ++i) x.data()[i] = static_cast<T>(static_cast<float>((i * 7919 % 1009 - 500) % 100));
  if constexpr (std::is_floating_point_v<T> || is_small<T>)
    for (extent_t i = 0; i < x.size(); i += 97)
      x.data()[i] = static_cast<T>(i % 2   ? std::numeric_limits<float>::quiet_NaN()
                                   : i % 4 ? -0.f
                                           : -std::numeric_limits<float>::infinity());
  return x;
}
// The rows that the library sorted, after the results were compared with the host's, bit by bit.
template <class F, class X> rows sorted(const char* name, F f, const X& x) {
  made.clear();
  check(name, 0, f.template on<backend::cub>(), x);
  return std::exchange(made, {});
}

TEST_CASE("long rows are the library's") {
  CHECK(sorted("f32", up, with_ties(tensor<float, many>())) == rows{{4, many}});
  CHECK(sorted("f32, down", down, with_ties(tensor<float, dyn>(many + 5))) == rows{{4, many + 5}});
  CHECK(sorted("f16", down, with_ties(tensor<float16, many>())) == rows{{2, many}});
  CHECK(sorted("f64", down, with_ties(tensor<double, many>())) == rows{{8, many}});
  CHECK(sorted("i8", down, with_ties(tensor<std::int8_t, many>())) == rows{{1, many}});
  CHECK(sorted("i32", up, with_ties(tensor<std::int32_t, many>())) == rows{{4, many}});
  CHECK(sorted("columns", columns, with_ties(tensor<float, many, 3>())) == rows(3, {4, many}));
  CHECK(sorted("top_k", half, with_ties(tensor<float, 2, many>())) == rows(2, {4, many}));
}

TEST_CASE("short rows and the first of a row are not") {
  CHECK(sorted("short", up, with_ties(tensor<float, 3, 5000>())).empty());
  CHECK(sorted("few", few, with_ties(tensor<float, many>())).empty());
}

TEST_CASE("scratch memory is asked for once a length, and errors name the call") {
  const auto x = with_ties(tensor<float, many>());
  (void)sorted("once", up, x);
  asked = 0;
  (void)sorted("again", up, x);
  CHECK(asked == 0);
  next = cudaErrorInvalidValue;
  std::string text;
  try {
    auto y = down(x);
    device::replay(down.on<backend::cub>(), y, x);
  } catch (const device_error& e) {
    text = e.what();
  }
  CHECK(text.find("cub::DeviceRadixSort::SortPairs failed: ") != std::string::npos);
}

TEST_CASE("several libraries are one backend") {
  const auto x = with_ties(tensor<float, many>());
  made.clear();
  check("one", 0, down.on<backend::libraries<backend::cub>>(), x);
  CHECK(made.size() == 1);
}

}  // namespace
