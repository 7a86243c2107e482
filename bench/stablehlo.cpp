// SPDX-License-Identifier: Apache-2.0
// What calls of StableHLO modules cost: five ops on 8 floats beside the same lambda and a loop, and a generator's loop, whose caches of
// keys and values grow by a row in each step, beside one that copies both in each.
//   cmake --build build/release --target bench_stablehlo && build/release/bench/bench_stablehlo
#include "compare.hpp"

#include <sinter/simd/counting.hpp>
#include <sinter/stablehlo.hpp>

namespace {

struct five_ops {
  static constexpr char value[] = R"(
func.func public @main(%x: tensor<8xf32>, %y: tensor<8xf32>) -> tensor<8xf32> {
  %0 = stablehlo.multiply %x, %y : tensor<8xf32>
  %1 = stablehlo.add %0, %x : tensor<8xf32>
  %2 = stablehlo.maximum %1, %y : tensor<8xf32>
  %3 = stablehlo.abs %2 : tensor<8xf32>
  %4 = stablehlo.subtract %3, %x : tensor<8xf32>
  return %4 : tensor<8xf32>
})";
};
constexpr auto five = sinter::stablehlo<five_ops>;
constexpr auto five_traced = sinter::fn([](auto x, auto y) { return sinter::abs(sinter::maximum(x * y + x, y)) - x; });

// As GPT-2 is exported: the loop carries what it reads as well, dynamic_update_slice writes a row of each cache, one product reads a cache.
struct generator {
  static constexpr char value[] = R"(
module @jit_generate {
  func.func public @main(%rows: tensor<32x768xf32>, %w: tensor<768xf32>) -> (tensor<1024x768xf32>, tensor<1024x768xf32>, tensor<768xf32>) {
    %0 = stablehlo.constant dense<0> : tensor<i32>
    %1 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %2 = stablehlo.broadcast_in_dim %1, dims = [] : (tensor<f32>) -> tensor<1024x768xf32>
    %3 = stablehlo.broadcast_in_dim %1, dims = [] : (tensor<f32>) -> tensor<768xf32>
    %4:6 = stablehlo.while(%i = %0, %k = %2, %v = %2, %h = %3, %r = %rows, %u = %w) : tensor<i32>, tensor<1024x768xf32>, tensor<1024x768xf32>, tensor<768xf32>, tensor<32x768xf32>, tensor<768xf32>
     cond {
      %5 = stablehlo.constant dense<32> : tensor<i32>
      %6 = stablehlo.compare  LT, %i, %5,  SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %6 : tensor<i1>
    } do {
      %5 = stablehlo.constant dense<0> : tensor<i32>
      %6 = stablehlo.dynamic_slice %r, %i, %5, sizes = [1, 768] : (tensor<32x768xf32>, tensor<i32>, tensor<i32>) -> tensor<1x768xf32>
      %7 = stablehlo.broadcast_in_dim %u, dims = [1] : (tensor<768xf32>) -> tensor<1x768xf32>
      %8 = stablehlo.multiply %6, %7 : tensor<1x768xf32>
      %9 = stablehlo.add %6, %7 : tensor<1x768xf32>
      %10 = stablehlo.dynamic_update_slice %k, %8, %i, %5 : (tensor<1024x768xf32>, tensor<1x768xf32>, tensor<i32>, tensor<i32>) -> tensor<1024x768xf32>
      %11 = stablehlo.dynamic_update_slice %v, %9, %i, %5 : (tensor<1024x768xf32>, tensor<1x768xf32>, tensor<i32>, tensor<i32>) -> tensor<1024x768xf32>
      %12 = stablehlo.dynamic_slice %10, %i, %5, sizes = [1, 768] : (tensor<1024x768xf32>, tensor<i32>, tensor<i32>) -> tensor<1x768xf32>
      %13 = stablehlo.reshape %12 : (tensor<1x768xf32>) -> tensor<768xf32>
      %14 = stablehlo.add %h, %13 : tensor<768xf32>
      %15 = stablehlo.constant dense<1> : tensor<i32>
      %16 = stablehlo.add %i, %15 : tensor<i32>
      stablehlo.return %16, %10, %11, %14, %r, %u : tensor<i32>, tensor<1024x768xf32>, tensor<1024x768xf32>, tensor<768xf32>, tensor<32x768xf32>, tensor<768xf32>
    }
    return %4#1, %4#2, %4#3 : tensor<1024x768xf32>, tensor<1024x768xf32>, tensor<768xf32>
  }
})";
};
constexpr auto generate = sinter::stablehlo<generator>;
constexpr int steps = 32, columns = 768;

using cache = sinter::tensor<float, 1024, columns>;

// The same with caches that every step copies, as a loop does whose results are new arrays: to `other`, which takes the old one's place.
void generate_copying(const float* rows, const float* w, float* k, float* v, float* other, float* h) {
  constexpr std::size_t size = 1024 * columns;
  std::fill(k, k + size, 0.f), std::fill(v, v + size, 0.f), std::fill(h, h + columns, 0.f);
  for (int i = 0; i < steps; ++i) {
    for (float** c : {&k, &v}) std::memcpy(other, *c, sizeof(float) * size), std::swap(*c, other);
    for (int j = 0; j < columns; ++j) {
      const float r = rows[i * columns + j];
      k[i * columns + j] = r * w[j], v[i * columns + j] = r + w[j], h[j] += r * w[j];
    }
    benchmark::ClobberMemory();
  }
}

}  // namespace

int main(int argc, char** argv) {
  static sinter::tensor<float, 8> x, y, z;
  bench::fill(x, y);
  const bench::piece small{"module of 5 ops on 8 floats", sinter::work_of(five, x, y)};
  bench::add(small, "sinter", [] { five.into(z, x, y); });
  bench::add(small, "lambda", [] { five_traced.into(z, x, y); });
  bench::add(small, "loop", [] {
    benchmark::ClobberMemory();
    for (int i = 0; i < 8; ++i) {
      const float m = x(i) * y(i) + x(i);
      z(i) = std::abs(m > y(i) ? m : y(i)) - x(i);
    }
  });

  static sinter::tensor<float, steps, columns> rows;
  static sinter::tensor<float, columns> w, h;
  static cache k, v, other;
  bench::fill(rows, w);
  auto to = std::tie(k, v, h);
  sinter::backend::counting_state() = {};
  generate.on<sinter::backend::counting>().into(to, rows, w);
  const double needed = 4. * (2. * 1024 * columns + 3. * steps * columns);  // zeros of the caches, then three rows a step
  std::printf("a while that fills two caches stores %.0f bytes, of which %.0f are the caches' zeros and what each step adds to them\n",
              static_cast<double>(sinter::backend::counting_state().store_bytes), needed);
  bench::piece loop{"while that fills 2 caches of 3 MB, 32 steps", {}};
  loop.work.flops = 3. * steps * columns, loop.work.bytes_written = needed, loop.work.bytes_read = 4. * (steps + 1) * columns;
  bench::add(loop, "sinter", [] {
    auto into = std::tie(k, v, h);
    generate.into(into, rows, w);
  });
  bench::add(loop, "copies", [] { generate_copying(rows.data(), w.data(), k.data(), v.data(), other.data(), h.data()); });
  return bench::run(argc, argv);
}
