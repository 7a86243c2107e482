// SPDX-License-Identifier: Apache-2.0
// Kernels of the GPU, replayed: rows over the blocks of a cluster. What has no rounding but the elements' own has the CPU's bits.
#include "cuda/replay.hpp"

using namespace replayed;

namespace {

// What is launched how often, and which cluster was the largest.
struct counting_place : device::replay_place {
  static inline int launches = 0, cluster = 0;
  template <class Program> static void launch(const typename Program::args& a, extent_t blocks) {
    ++launches;
    replay_place::launch<Program>(a, blocks);
  }
  template <class Program> static bool launch_over_clusters(const typename Program::args& a, extent_t blocks) {
    ++launches, cluster = cuda_kernels::blocks_of_row<Program>(a);
    CHECK(blocks % cluster == 0);
    return replay_place::launch_over_clusters<Program>(a, blocks);
  }
};
// A GPU without clusters.
struct older_place : counting_place {
  template <class Program> static bool launch_over_clusters(const typename Program::args&, extent_t) { return false; }
};
// Programs of one block by 8 of the same size: of short rows some have a part, some nothing.
struct wider_place : counting_place {
  template <class Program> struct wider;
  template <class Key, int V, int Threads, int Packets>
  requires(Packets > 0) struct wider<cuda_kernels::rows_program<Key, V, Threads, Packets, 1>> {
    using type = cuda_kernels::rows_program<Key, V, Threads == 32 ? 128 : Threads, Packets, 8>;
  };
  template <class Program> static void launch(const typename Program::args& a, extent_t) {
    using program = typename wider<Program>::type;
    counting_place::launch_over_clusters<program>(a, program::blocks(a, a.outer[0]));
  }
};
template <class Place, class F, class... X> void check_at(const std::string& name, double bound, const F&, const X&... x) {
  using plan = typename F::template device_program<X...>;
  const auto want = F()(x...);
  auto y = want;
  auto to = sinter::detail::leaves_of(y);
  std::apply([](auto&... d) { (poison(d), ...); }, to);
  run::device_run<plan, Place, false> call;
  call.template bind<false>(sinter::detail::make_int_list<plan::size.results>{}, sinter::detail::make_int_list<sizeof...(X)>{}, to, x...);
  const run::arena_part memory(call.bytes, nullptr);
  counting_place::launches = counting_place::cluster = 0;
  call.run(memory.data());
  INFO(name);
  CHECK(all_different(to, sinter::detail::leaves_of(want), bound, std::make_index_sequence<std::tuple_size_v<decltype(to)>>{}) == 0);
}

constexpr bool is_cut(extent_t n, int v, int registers, int threads, int packets, int cluster) {
  const auto c = cuda_kernels::cut_over_cluster(n, v, registers);
  return c.threads == threads && c.packets == packets && c.cluster == cluster;
}
static_assert(is_cut(16384, 4, 1, 256, 0, 1) && is_cut(16388, 4, 1, 256, 5, 4) && is_cut(65536, 4, 1, 256, 8, 8));
static_assert(is_cut(131072, 4, 1, 512, 8, 8) && is_cut(262144, 4, 1, 1024, 8, 8) && is_cut(262148, 4, 1, 256, 0, 1));
static_assert(is_cut(65536, 2, 2, 512, 8, 8) && is_cut(262144, 2, 2, 1024, 16, 8) && is_cut(extent_t{1} << 50, 4, 1, 256, 0, 1));
static_assert(is_cut(40001, 1, 1, 256, 20, 8) && is_cut(40000, 4, 2, 512, 3, 8));

constexpr auto softmax_rows = fn([](auto x) { return softmax(x, axis<1>); });
constexpr auto norms = fn([](auto x, auto w) { return std::tuple(layer_norm(x, axis<1>), rms_norm(x, axis<1>) * w); });
// One rounding of a difference; NaN wins in max.
constexpr auto exact = fn([](auto x) {
  return std::tuple(x - max(x, axis<1>, keepdims), cast<int>(x > min(x, axis<1>, keepdims)) + cast<int>(argmax(x, axis<1>, keepdims)),
                    any(x > 3, axis<1>));
});

// On the GPU a thread adds 32 elements at most, its warp 5 times, a lane of the row 8 warps at most, and these 5 times: 50 deep. On the CPU
// 128 in a lane and 6 in a tree, and as much once more for the results of rows longer than 8192.
constexpr double bound = 150 * eps;

template <extent_t N> void rows(int cluster) {
  CAPTURE(N);
  auto x = filled<tensor<float, 3, N>>(1, 1);
  check_at<counting_place>("softmax", bound + eps, softmax_rows, x);
  CHECK(counting_place::launches == 1);
  CHECK(counting_place::cluster == cluster);
  check_at<counting_place>("norms", 4 * bound + 4 * eps, norms, x, filled<tensor<float, N>>(1, 2));
  fill(x, 4, 1, true);
  check_at<counting_place>("NaN", 0, exact, x);
  CHECK(counting_place::cluster == cluster);
  fill(x, 4, 1);
  check_at<counting_place>("no rounding", 0, exact, x);
}

}  // namespace

TEST_CASE("rows over clusters: extents that are known") {
  rows<16388>(4), rows<16389>(4), rows<20000>(4), rows<33000>(8), rows<65536>(8), rows<100001>(8), rows<131072>(8), rows<200001>(8),
      rows<262144>(8);
  const auto longer = filled<tensor<float, 1, 262148>>(1, 1);
  check_at<counting_place>("longer", 2 * bound, softmax_rows, longer);
  CHECK(counting_place::cluster == 0);
}
TEST_CASE("rows over clusters: run-time extents") {
  const auto rows = [](extent_t n, int cluster) {
    CAPTURE(n);
    auto x = filled<tensor<float, dyn, dyn>>(1, 1, 3, n);
    check_at<counting_place>("softmax", cluster > 0 ? bound : rows_bound(n) + eps, softmax_rows, x);
    CHECK(counting_place::launches == 1);
    CHECK(counting_place::cluster == cluster);
    if (cluster == 0) return;
    check_at<counting_place>("norms", 4 * bound + 4 * eps, norms, x, filled<tensor<float, dyn>>(1, 2, n));
    fill(x, 4, 1, true);
    check_at<counting_place>("NaN", 0, exact, x);
  };
  rows(8192, 0), rows(8196, 1), rows(16384, 1), rows(16388, 2), rows(33000, 4), rows(33001, 0), rows(65536, 4), rows(100004, 8);
  rows(131072, 8), rows(131076, 0);
  check_at<counting_place>("f64", bound * 0x1p-29, softmax_rows, filled<tensor<double, dyn, dyn>>(1, 1, 2, 40000));
  CHECK(counting_place::cluster == 8);
}
TEST_CASE("rows over clusters: blocks with nothing") {
  check_at<wider_place>("3", bound, softmax_rows, filled<tensor<float, 5, 3>>(1, 1));
  CHECK(counting_place::cluster == 8);
  check_at<wider_place>("100", bound, softmax_rows, filled<tensor<float, 5, 100>>(1, 1));
  check_at<wider_place>("512", bound, softmax_rows, filled<tensor<float, 5, 512>>(1, 1));
  auto x = filled<tensor<float, 5, 2001>>(4, 1);
  check_at<wider_place>("some in each", bound, softmax_rows, x);
  check_at<wider_place>("no rounding", 0, exact, x);
  fill(x, 4, 1, true);
  check_at<wider_place>("NaN", 0, exact, x);
}
TEST_CASE("rows over clusters: types, shapes, what surrounds them") {
  const auto x = filled<tensor<float, 2, 40000>>(1, 1);
  check_at<counting_place>("f64", bound * 0x1p-29, softmax_rows, filled<tensor<double, 2, 40000>>(1, 1));
  CHECK(counting_place::cluster == 8);
  // Sums in f32, rounded once: neighbours at most.
  check_at<counting_place>("f16", 0x1p-10, fn([](auto v) { return rms_norm(v, axis<1>); }), filled<tensor<float16, 2, 40000>>(1, 1));
  CHECK(counting_place::cluster == 8);
  check_at<counting_place>("bf16, odd", 0x1p-7, softmax_rows, filled<tensor<bfloat16, 2, 40001>>(1, 1));
  check_at<counting_place>("residual", 4 * bound + 4 * eps, fn([](auto a, auto b) {
                             const auto h = a + b;
                             return std::tuple(rms_norm(h, axis<1>), h);
                           }),
                           x, x);
  CHECK(counting_place::cluster == 8);
  check_at<counting_place>("integers", 0, fn([](auto v) { return v * sum(v, axis<1>, keepdims) + prod(v, axis<1>, keepdims); }),
                           filled<tensor<std::int64_t, 2, 40000>>(90, 1));
  check_at<counting_place>("bool", 0, fn([](auto v) { return (v > 0) == all_of(v > -9, axis<1>, keepdims); }), x);
  // Deviations of 0.58 as in replay_reductions.cpp: four bounds.
  check_at<counting_place>("mean and var", 4 * bound, fn([](auto v) { return std::tuple(mean(abs(v), axis<1>), var(v, axis<1>)); }), x);
  CHECK(counting_place::cluster == 8);
  // y (w - sum(w y)), w of a mean size of 1/2: off by the bound of y and half as much of the sum.
  check_at<counting_place>("derivative", 2 * bound, grad([](auto v, auto w) { return sum(softmax(v, axis<1>) * w); }), x, x);
  const auto all = filled<tensor<float, 1 << 18>>(1, 1);
  check_at<counting_place>("norm of all", bound, fn([](auto v) { return v / sqrt(sum(v * v)); }), all);
  CHECK(counting_place::launches == 1);
  check_at<counting_place>("softmax of all", bound, fn([](auto v) { return softmax(v, axis<0>); }), all);
  CHECK(counting_place::launches == 1);
  check_at<counting_place>("var of all", 4 * bound, fn([](auto v) { return var(v); }), all);
  CHECK(counting_place::launches == 1);
  CHECK(counting_place::cluster == 8);
}
TEST_CASE("a GPU without clusters") {
  auto x = filled<tensor<float, 2, 40000>>(1, 1);
  check_at<older_place>("softmax", rows_bound(40000) + eps, softmax_rows, x);
  CHECK(counting_place::cluster == 0);
  fill(x, 4, 1, true);
  check_at<older_place>("NaN", 0, exact, x);
  check_at<older_place>("kept", rows_bound(20000) + eps, softmax_rows, filled<tensor<float, 2, 20000>>(1, 1));
}
