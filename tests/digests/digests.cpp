// SPDX-License-Identifier: Apache-2.0
// Prints a digest of the bits of every f32 and f64 op, reduction and a few fused programs. Every build of this file, on any backend,
// instruction set, compiler and number of threads, must print the same.   digests [<threads>]
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <sinter/sinter.hpp>

#if SINTER_USE_XSIMD
#include <sinter/xsimd.hpp>
#endif

namespace {

using namespace sinter;

// NaN counts as one value: its sign and payload are not fixed.
template <class T> std::uint64_t digest(const T& x) {
  std::uint64_t d = 0x9ae16a3b2f90404full;
  for (auto e : x) {
    std::uint64_t bits = 0;
    if (e != e) bits = 0x7ff8;
    else std::memcpy(&bits, &e, sizeof(e));
    d = (d ^ bits) * 0x9fb21c651e98df25ull;
    d ^= d >> 31;
  }
  return d;
}
template <class Tuple> void print(const char* name, const char* type, const Tuple& results) {
  std::printf("%s %s", name, type);
  std::apply([](const auto&... r) { (std::printf(" %016llx", static_cast<unsigned long long>(digest(r))), ...); }, results);
  std::printf("\n");
}

// Exactly representable in both types; signs, zeros, small and large.
template <class T> tensor<T, dyn, dyn> noise(extent_t n, extent_t m, int seed, T scale) {
  tensor<T, dyn, dyn> x(n, m);
  for (extent_t i = 0; i < x.size(); ++i) {
    const auto r = static_cast<std::uint32_t>(i + seed) * 2654435761u;
    x.data()[i] = static_cast<T>(static_cast<int>(r >> 16) - 32768) / 32768 * scale;
  }
  if (x.size() > 8) x.data()[1] = 0, x.data()[3] = -T{0}, x.data()[5] = 1;
  return x;
}

template <class T> void print_all(const char* type) {
  const auto x = noise<T>(37, 101, 1, 4), y = noise<T>(37, 101, 2, 3), u = noise<T>(37, 101, 3, 1);
  print("arithmetic", type,
        fn([](auto a, auto b) { return std::tuple(a + b, a - b, a * b, a / b, a * b + a, fma(a, b, a), a % b, -a); })(x, y));
  print("rounding", type, fn([](auto a, auto b) {
          return std::tuple(abs(a), sign(a), floor(a), ceil(a), round(a), sqrt(abs(a)), rsqrt(abs(a)), maximum(a, b));
        })(x, y));
  print("choice", type, fn([](auto a, auto b) {
          return std::tuple(minimum(a, b), clamp(a, -1, 1), where(a < b, a, b), cast<std::int32_t>(a * 100), cast<float16>(a), relu(a));
        })(x, y));
  print("exponentials", type,
        fn([](auto a) { return std::tuple(exp(a), exp2(a), expm1(a), log(abs(a)), log2(abs(a)), log1p(abs(a)), sigmoid(a), tanh(a)); })(x));
  print("circular", type, fn([](auto a, auto b) {
          return std::tuple(sin(a * 100), cos(a * 100), tan(a), asin(b), acos(b), atan(a), atan2(a, b), sin(a * 1e30f));
        })(cast<float>(x), cast<float>(u)));
  print("circular", type,
        fn([](auto a, auto b) { return std::tuple(sin(a * 100), cos(a * 100), tan(a), asin(b), acos(b), atan(a), atan2(a, b)); })(x, u));
  print("special", type, fn([](auto a, auto b) {
          return std::tuple(sinh(a), cosh(a), erf(a), erfc(a), pow(abs(a), b), cbrt(a), lgamma(a), gelu(a));
        })(x, y));
  print("fast", type, fn([](auto a) {
                        return std::tuple(tanh(a), erf(a), sin(a * 100), log(abs(a)), sigmoid(a), gelu_tanh(a), atan(a), tan(a));
                      }).template with<schedule<math::fast>>()(x));
  print("rows", type, fn([](auto a) {
          return std::tuple(sum(a, axis<1>), prod(a, axis<1>), max(a, axis<1>), min(a, axis<1>), mean(a, axis<1>), var(a, axis<1>),
                            argmax(a, axis<1>), argmin(a, axis<1>));
        })(x));
  print("columns", type, fn([](auto a) {
          return std::tuple(sum(a, axis<0>), prod(a, axis<0>), max(a, axis<0>), min(a, axis<0>), mean(a, axis<0>), var(a, axis<0>),
                            argmax(a, axis<0>), any(a > 3, axis<0>));
        })(x));
  print("long", type,
        fn([](auto a) { return std::tuple(sum(a, axis<1>), max(a, axis<1>), sum(exp(a), axis<0>)); })(noise<T>(2, 300007, 4, 2)));
  print("tall", type, fn([](auto a) { return std::tuple(sum(a, axis<0>), var(a, axis<0>)); })(noise<T>(5000, 203, 5, 2)));
  print("networks", type, fn([](auto a, auto b) {
          return std::tuple(softmax(a, axis<1>), log_softmax(a, axis<1>), layer_norm(a, axis<1>) * b, rms_norm(a, axis<1>),
                            gelu_tanh(a * b + 1), silu(a));
        })(x, y));
  print("wide", type, fn([](auto a, auto b) {
          return std::tuple(softmax(a, axis<1>), gelu_tanh(a * b), transpose(a));
        })(noise<T>(700, 515, 6, 5), noise<T>(700, 515, 7, 1)));
  print("products", type, fn([](auto a, auto b) { return std::tuple(relu(dot(a, transpose(b)))); })(x, y));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1) set_num_threads(std::atoi(argv[1]));
  print_all<float>("f32");
  print_all<double>("f64");
}
