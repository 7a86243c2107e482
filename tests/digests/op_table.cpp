// SPDX-License-Identifier: Apache-2.0
// Prints a digest of the bits of every op of the op table, for floats, integers, bools and halves, on the values where machines differ:
// signed zeros, NaN, infinities, denormals, ties, what overflows. Every build, for any CPU and backend, must print the same. Fails if an op
// of the table is left out. One packet at a time, so that it compiles fast; tests/digests looks at all kinds of kernels.
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <limits>
#include <tuple>
#include <utility>

#include <sinter/complex.hpp>
#include <sinter/random.hpp>
#include <sinter/sinter.hpp>
#include <sinter/special.hpp>

namespace {

using namespace sinter;

// 31 special values, all pairs of them in x and y, and numbers of all sizes.
constexpr int count = 1037;
template <class T> T special(int i) {
  using limits = std::numeric_limits<T>;
  if constexpr (std::floating_point<T>) {
    const T values[] = {T(0),
                        T(-0.0),
                        1,
                        -1,
                        T(0.5),
                        T(-0.5),
                        T(1.5),
                        T(2.5),
                        T(-2.5),
                        T(0.1),
                        T(-7.3),
                        T(88.7),
                        T(-104),
                        T(709.5),
                        T(65519),
                        T(65520),
                        T(1e30),
                        T(127.5),
                        T(-128.5),
                        T(0x1p31),
                        T(-0x1p31),
                        T(0x1p32),
                        T(0x1p63),
                        T(0x1p64),
                        limits::min(),
                        limits::max(),
                        limits::denorm_min(),
                        -limits::denorm_min(),
                        limits::infinity(),
                        -limits::infinity(),
                        limits::quiet_NaN()};
    return values[i];
  } else {
    const T small[] = {
        0, 1, 2, 3, 7, 31, 100, T(-1), T(-2), T(-7), limits::max(), limits::min(), T(limits::max() - 1), T(limits::min() + 1)};
    return i < 14 ? small[i] : static_cast<T>(limits::max() >> (i - 14) * static_cast<int>(sizeof(T)) / 2);
  }
}
template <class T> T number(std::uint32_t i) {
  const std::uint64_t r = (i * 0x9e3779b97f4a7c15ull) ^ (i * 0xc2b2ae3d27d4eb4full >> 29);
  constexpr T scale[] = {1, 4, 30};
  if constexpr (std::floating_point<T>) return static_cast<T>(static_cast<std::int32_t>(r >> 32)) / T(0x1p31) * scale[i % 3];
  else return static_cast<T>(r >> (i % 5) * 9);
}
template <class T> using line = tensor<T, count>;
template <class T> void fill(line<T>& x, line<T>& y) {
  for (int i = 0; i < count; ++i) {
    const auto k = static_cast<std::uint32_t>(i);
    x(i) = i < 961 ? special<T>(i % 31) : number<T>(k);
    y(i) = i < 961 ? special<T>(i / 31) : number<T>(k + 5000);
  }
}

// NaN counts as one value: its sign and payload are not fixed.
template <class X> std::uint64_t digest(const X& x) {
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

bool seen[static_cast<int>(opcode::count)];

// Products and sums that must not be contracted: where users write no fma there is none.
struct cubic {
  auto operator()(auto x, auto y) const { return x * y + y * y * x; }
};
struct norm {
  static constexpr int identity = 0;
  static auto accumulate(auto acc, auto x) { return acc + x * x; }
  static auto combine(auto a, auto b) { return a + b; }
  static auto finish(auto acc) { return sqrt(acc); }
};
struct centred {
  static void run(auto& row) {
    const auto mean = row.sum([](auto x) { return x; }) / static_cast<float>(row.size());
    row.map([&](auto x) { return mean + x * x; });
  }
};

// The sum of each row, in order.
struct row_sums {
  static constexpr int ranks[] = {2};
  static constexpr call_result result(const call_operand& a) { return {a.type(), shape{a.extent(0)}}; }
  template <class A, class Y> static void run(A a, Y y) {
    for (int i = 0; i < a.extent(0); ++i) {
      y(i) = 0;
      for (int j = 0; j < a.extent(1); ++j) y(i) += a(i, j);
    }
  }
};

// The ops of a program as it was traced and as it was planned.
template <class Source, unsigned Strided> void mark(run::plan_stage<Source, Strided>) {
  for (const auto& node : run::trace_stage<Source>::value.nodes) seen[static_cast<int>(node.op)] = true;
  for (const auto& node : run::plan_stage<Source, Strided>::value.graph.nodes) seen[static_cast<int>(node.op)] = true;
}

// Calls a function and prints a line for each result; `names` are divided by spaces.
template <class F, class... X> void print(const char* type, const char* names, F, const X&... x) {
  constexpr auto f = fn(F()).template with<schedule<packets<1>, cached>>();
  mark(typename decltype(f)::template program<X...>());
  const auto results = f(x...);
  std::apply(
      [&](const auto&... r) {
        (
            [&] {
              const int length = static_cast<int>(std::strcspn(names, " "));
              std::printf("%s %.*s %016llx\n", type, length, names, static_cast<unsigned long long>(digest(r)));
              names += length + (names[length] == ' ');
            }(),
            ...);
      },
      results);
}

template <class T> void floats(const char* type) {
  line<T> x, y;
  fill(x, y);
  print(
      type, "negate abs sign floor ceil round sqrt rsqrt",
      [](auto a) { return std::tuple(-a, abs(a), sign(a), floor(a), ceil(a), round(a), sqrt(a), rsqrt(a)); }, x);
  print(
      type, "exp exp2 expm1 log log2 log1p tanh sigmoid",
      [](auto a) { return std::tuple(exp(a), exp2(a), expm1(a), log(a), log2(a), log1p(a), tanh(a), sigmoid(a)); }, x);
  print(
      type, "sin cos tan asin acos atan", [](auto a) { return std::tuple(sin(a), cos(a), tan(a), asin(a), acos(a), atan(a)); }, x);
  print(
      type, "sinh cosh erf erfc cbrt lgamma", [](auto a) { return std::tuple(sinh(a), cosh(a), erf(a), erfc(a), cbrt(a), lgamma(a)); }, x);
  print(
      type, "asinh acosh atanh erf_inv bessel_i0e bessel_i1e digamma",
      [](auto a) { return std::tuple(asinh(a), acosh(a), atanh(a), erf_inv(a), bessel_i0e(a), bessel_i1e(a), digamma(a)); }, x);
  print(
      type, "round_away nextafter total_order reduce_precision zeta",
      [](auto a, auto b) {
        return std::tuple(round_away(a), nextafter(a, b), total_order(a), reduce_precision<5, 7>(a), zeta(abs(a), abs(b)));
      },
      x, y);
  print(
      type, "add subtract multiply divide remainder maximum minimum contracted",
      [](auto a, auto b) { return std::tuple(a + b, a - b, a * b, a / b, a % b, maximum(a, b), minimum(a, b), a * b + b); }, x, y);
  print(
      type, "fma pow atan2 where of_users",
      [](auto a, auto b) { return std::tuple(fma(a, b, a), pow(a, b), atan2(a, b), where(a < b, a, b), sinter::map<cubic>(a, b)); }, x, y);
  print(
      type, "equal not_equal less less_equal greater greater_equal",
      [](auto a, auto b) { return std::tuple(a == b, a != b, a<b, a <= b, a> b, a >= b); }, x, y);
}
template <class T> void integers(const char* type) {
  line<T> x, y;
  fill(x, y);
  print(
      type, "negate abs sign not add subtract multiply",
      [](auto a, auto b) { return std::tuple(-a, abs(a), sign(a), !a, a + b, a - b, a * b); }, x, y);
  print(
      type, "divide remainder maximum minimum and or xor",
      [](auto a, auto b) { return std::tuple(a / b, a % b, maximum(a, b), minimum(a, b), a & b, a | b, a ^ b); }, x, y);
  print(
      type, "shift_left shift_right_logical shift_right_arithmetic bitcast",
      [](auto a, auto b) {
        using signed_t = std::make_signed_t<T>;
        using other = std::conditional_t<std::same_as<T, signed_t>, std::make_unsigned_t<T>, signed_t>;
        return std::tuple(shift_left(a, b), shift_right_logical(a, b), shift_right_arithmetic(a, b), shift_left(bitcast<other>(a), 3));
      },
      x, y);
  print(
      type, "less less_equal equal where", [](auto a, auto b) { return std::tuple(a < b, a <= b, a == b, where(a > b, a, b)); }, x, y);
  print(
      type, "pow population_count clz", [](auto a, auto b) { return std::tuple(pow(a, b), population_count(a), clz(a)); }, x, y);
}
template <class T> void halves(const char* type) {
  line<float> x, y;
  fill(x, y);
  const line<T> h = cast<T>(x), g = cast<T>(y);
  print(
      type, "add multiply divide sqrt exp maximum less",
      [](auto a, auto b) { return std::tuple(a + b, a * b, a / b, sqrt(a), exp(a), maximum(a, b), a < b); }, h, g);
}
template <class T> line<T> cast_inputs() {
  line<T> x, y;
  fill(x, y);
  return x;
}
template <class X> void casts(const char* type, const X& x) {
  print(
      type, "to_f32 to_f64 to_f16 to_bf16 to_bool to_i8 to_u8",
      [](auto a) {
        return std::tuple(cast<float>(a), cast<double>(a), cast<float16>(a), cast<bfloat16>(a), cast<bool>(a), cast<std::int8_t>(a),
                          cast<std::uint8_t>(a));
      },
      x);
  print(
      type, "to_i16 to_u16 to_i32 to_u32 to_i64 to_u64",
      [](auto a) {
        return std::tuple(cast<std::int16_t>(a), cast<std::uint16_t>(a), cast<std::int32_t>(a), cast<std::uint32_t>(a),
                          cast<std::int64_t>(a), cast<std::uint64_t>(a));
      },
      x);
}
template <class T> void reductions(const char* type) {
  constexpr int rows = 150, columns = 83;
  tensor<T, rows, columns> x;
  for (int i = 0; i < rows * columns; ++i) x.data()[i] = number<T>(static_cast<std::uint32_t>(i)) / 4 + (i % 7 == 0);
  if constexpr (std::floating_point<T>) {
    x(100, 1) = x(64, 2) = x(0, 2) = std::numeric_limits<T>::quiet_NaN();
    for (int i = 0; i < rows; ++i) x(i, 3) = i % 2 ? T(0) : T(-0.0), x(i, 4) = i % 3 ? T(-0.0) : T(0), x(i, 5) = T(-0.0);
    for (int j = 0; j < columns; ++j) x(3, j) = j % 2 ? T(0) : T(-0.0), x(4, j) = j % 3 ? T(-0.0) : T(0), x(5, j) = T(-0.0);
  }
  print(
      type, "sum prod max min argmax argmin",
      [](auto a) {
        return std::tuple(sum(a, axis<0>), prod(a, axis<0>), max(a, axis<0>), min(a, axis<0>), argmax(a, axis<0>), argmin(a, axis<0>));
      },
      x);
  // Those along rows compile slower.
  print(
      type, "sum_of_row max_of_row", [](auto a) { return std::tuple(sum(a, axis<1>), max(a, axis<1>)); }, x);
  if constexpr (sizeof(T) == 4)
    print(
        type, "argmin_of_row", [](auto a) { return std::tuple(argmin(a, axis<1>)); }, x);
}
void others() {
  line<float> x, y;
  fill(x, y);
  print(
      "bool", "and or xor not equal where any all to_f32 to_i64",
      [](auto a, auto b) {
        const auto p = a<b, q = a> 0, r = b > 0;
        return std::tuple(p & q, p | r, q ^ r, !p, p == q, where(p, q, r), any(p), all_of(q), cast<float>(p), cast<std::int64_t>(p));
      },
      x, y);
  tensor<float, 20, 30> m;
  for (int i = 0; i < 600; ++i) m.data()[i] = number<float>(static_cast<std::uint32_t>(i));
  print(
      "f32", "dot rows_of_users", [](auto a) { return std::tuple(dot(a, transpose(a)), map_rows<centred>(a)); }, m);
  print(
      "f32", "reduction_of_users reduction_of_users_0",
      [](auto a) { return std::tuple(sinter::reduce<norm>(a, axis<1>), sinter::reduce<norm>(a, axis<0>)); }, m);
  print(
      "f32", "iota pad concatenate reverse reshape",
      [](auto a) {
        const auto r = reverse(slice(a, range<1, 19>, range<0, 30, 2>), axis<1>);
        return std::tuple(stop_gradient(a) + iota<float, 20, 30>(axis<1>), pad(r, edges<1, 2>, edges<0, 3>), concatenate(axis<0>, r, r * 2),
                          r, reshape<30, 20>(a) + broadcast_to<30, 20>(sum(a, axis<0, 1>)));
      },
      m);
  print(
      "f32", "take take_along_axis dynamic_slice take_rows",
      [](auto a) {
        const auto i = cast<std::int32_t>(floor(slice(a, all, range<0, 7>) * 8)) + 4;
        return std::tuple(take(a, i), take_along_axis(a, i, axis<1>), dynamic_slice<3, 21>(a, 5, 40),
                          take(a, slice(i, all, range<0, 1>), axis<0>));
      },
      m);
  print(
      "f32", "scatter_set scatter_add scatter_multiply scatter_max scatter_min dynamic_update_slice",
      [](auto a) {
        const auto i = cast<std::int32_t>(floor(reshape<20>(slice(a, all, range<3, 4>)) * 8)) + 9, j = i / 2;
        return std::tuple(scatter_set(a, i, a * 2, axis<0>), scatter_add(a, i, a, axis<0>),
                          scatter_multiply(a, j, reshape<20, 1>(sum(a, axis<1>)), axis<1>), scatter_max(a, i, reverse(a), axis<0>),
                          scatter_min(a, j, -0.5f, axis<1>), dynamic_update_slice(a, slice(a, range<0, 5>, range<0, 17>) * 3, 1, 9));
      },
      m);
  print(
      "f32", "library_call", [](auto a) { return std::tuple(library_call<row_sums>(a)); }, m);
  print(
      "f32", "control: a loop, a scan, a branch",
      [](auto a) {
        const auto looped = fori_loop(
            0, 3, [](auto i, auto c) { return tanh(c) * cast<float>(i + 1); }, a);
        const auto scanned = scan([](auto c, auto row) { return std::tuple(c * 0.5f + row, sum(c)); }, sum(a, axis<0>), a);
        return std::tuple(looped, std::get<0>(scanned), std::get<1>(scanned),
                          cond(
                              sum(a) > 0, [=] { return exp(a); }, [=] { return -a; }));
      },
      m);
  print(
      "random", "bits uniform_f16 normal_f32 normal_f64 categorical permutation",
      [](auto key, auto a) {
        return std::tuple(random_bits<std::uint64_t, 1037>(key), uniform<float16, 1037>(key), normal<float, 17, 61>(key),
                          normal<double, 1037>(key), categorical(key, a), permutation<1037>(key));
      },
      random_key(7), m);
  tensor<std::complex<float>, 20, 30> z;
  for (int i = 0; i < 600; ++i)
    z.data()[i] = {number<float>(static_cast<std::uint32_t>(i)), number<float>(static_cast<std::uint32_t>(i + 700))};
  print(
      "complex64", "complex real imag conj product quotient dot",
      [](auto a) {
        return std::tuple(complex(real(a), abs(a)), real(a), imag(a), conj(a), a * (a + a), a / conj(a), dot(a, transpose(a)));
      },
      z);
}

// Whether every op of the table was called; leaves need not be.
bool complete() {
  bool all = true;
  for (int op = 0; op < static_cast<int>(opcode::count); ++op)
    if (!seen[op] && op_table[op].kind != op_info::leaf)
      all = false, std::printf("the op %s is missing from this program\n", op_table[op].name);
  return all;
}

}  // namespace

int main() {
  floats<float>("f32");
  floats<double>("f64");
  integers<std::int8_t>("i8");
  integers<std::int32_t>("i32");
  integers<std::uint32_t>("u32");
  integers<std::int64_t>("i64");
  integers<std::uint64_t>("u64");
  halves<float16>("f16");
  halves<bfloat16>("bf16");
  casts("f32", cast_inputs<float>());
  casts("f64", cast_inputs<double>());
  casts("f16", eval(cast<float16>(cast_inputs<float>())));
  casts("i32", cast_inputs<std::int32_t>());
  casts("i64", cast_inputs<std::int64_t>());
  casts("u64", cast_inputs<std::uint64_t>());
  reductions<float>("f32");
  reductions<double>("f64");
  reductions<std::int32_t>("i32");
  others();
  return complete() ? 0 : 1;
}
