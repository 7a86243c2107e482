// SPDX-License-Identifier: Apache-2.0
// The vocabulary of simd/ on every backend against plain C++: operations, memory, conversions, folds, functions.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <vector>

#include <doctest/doctest.h>

#include <sinter/simd/counting.hpp>
#include <sinter/simd/highway.hpp>
#include <sinter/simd/math.hpp>
#include <sinter/simd/memory.hpp>
#include <sinter/simd/scalar.hpp>

#if __has_include(<xsimd/xsimd.hpp>)
#include <sinter/simd/xsimd.hpp>
#define TEST_XSIMD 1
#else
#define TEST_XSIMD 0
#endif

namespace {

namespace simd = sinter::simd;
namespace backend = sinter::backend;
using sinter::bfloat16;
using sinter::float16;

static_assert(simd::native_lanes<backend::scalar, float> == 1 && simd::native_lanes<backend::counting, double> == 1);
#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
static_assert(simd::native_lanes<backend::highway, float> == 16);
#elif defined(__AVX2__) && defined(__FMA__) && defined(__AES__) && defined(__PCLMUL__)
static_assert(simd::native_lanes<backend::highway, float> == 8);
#endif
#if !TEST_XSIMD
#elif defined(__AVX512F__)
static_assert(simd::native_lanes<backend::xsimd, float> == 16 && simd::native_lanes<backend::xsimd, double> == 8);
#elif defined(__AVX__)
static_assert(simd::native_lanes<backend::xsimd, float> == 8 && simd::native_lanes<backend::xsimd, double> == 4);
#elif defined(__SSE4_1__)
static_assert(simd::native_lanes<backend::xsimd, float> == 4 && simd::native_lanes<backend::xsimd, double> == 2);
#endif
static_assert(std::is_trivially_copyable_v<simd::pack<backend::highway, float, 64>>);

// Equal bits, or both NaN.
template <class T> bool same(T a, T b) {
  if constexpr (std::floating_point<T>) {
    if (a != a || b != b) return a != a && b != b;
  }
  return std::memcmp(&a, &b, sizeof(T)) == 0;
}

// Values where operations differ, for every type; all pairs are tried.
template <class R> const std::vector<R>& samples() {
  static const std::vector<R> values = [] {
    using L = std::numeric_limits<R>;
    if constexpr (std::floating_point<R>) {
      return std::vector<R>{0,
                            R(-0.0),
                            1,
                            -1,
                            R(0.5),
                            R(-0.5),
                            R(1.5),
                            R(2.5),
                            R(-2.5),
                            3,
                            R(0.1),
                            R(-7.3),
                            R(1e6),
                            L::min(),
                            L::denorm_min(),
                            -L::denorm_min(),
                            L::max(),
                            L::lowest(),
                            L::infinity(),
                            -L::infinity(),
                            L::quiet_NaN(),
                            R(0x1p31),
                            R(-0x1p31),
                            R(0x1p32),
                            R(0x1p63),
                            R(-0x1p63),
                            R(0x1p64),
                            R(4294967040.0),
                            R(2147483520.0),
                            R(9.2e18),
                            R(1 + 0x1p-20)};
    } else {
      return std::vector<R>{0,
                            1,
                            2,
                            3,
                            7,
                            31,
                            32,
                            63,
                            64,
                            100,
                            R(-1),
                            R(-2),
                            R(-7),
                            L::max(),
                            L::min(),
                            R(L::max() - 1),
                            R(L::min() + 1),
                            R(0x12345678),
                            R(0x7fffff7f),
                            R(0x1000001),
                            R(L::max() / 3)};
    }
  }();
  return values;
}

template <class R> using bits_of = simd::word<sizeof(R)>;

// An operation: on packs, and what plain C++ says.
struct add {
  template <class X> SINTER_INLINE X operator()(X a, X b) const { return a + b; }
  template <class R> R plain(R a, R b) const {
    if constexpr (std::integral<R>) return R(bits_of<R>(a) + bits_of<R>(b));
    else return a + b;
  }
};
struct sub {
  template <class X> SINTER_INLINE X operator()(X a, X b) const { return a - b; }
  template <class R> R plain(R a, R b) const {
    if constexpr (std::integral<R>) return R(bits_of<R>(a) - bits_of<R>(b));
    else return a - b;
  }
};
struct mul {
  template <class X> SINTER_INLINE X operator()(X a, X b) const { return a * b; }
  template <class R> R plain(R a, R b) const {
    if constexpr (std::integral<R>) return R(bits_of<R>(a) * bits_of<R>(b));
    else return a * b;
  }
};
struct div {
  template <class X> SINTER_INLINE X operator()(X a, X b) const { return a / b; }
  template <class R> R plain(R a, R b) const {
    if constexpr (std::integral<R>) {
      if (b == 0) return R(-1);
      if (std::signed_integral<R> && b == R(-1)) return R(bits_of<R>(0) - bits_of<R>(a));
    }
    return a / b;
  }
};
struct contraction {  // must not become an fma
  template <class X> SINTER_INLINE X operator()(X a, X b) const { return a * b + a; }
  template <class R> R plain(R a, R b) const {
    volatile R product = mul().plain(a, b);
    return add().plain(R(product), a);
  }
};
struct fused {
  template <class X> SINTER_INLINE X operator()(X a, X b) const { return fma(a, b, a); }
  template <class R> R plain(R a, R b) const {
    if constexpr (std::integral<R>) return contraction().plain(a, b);
    else return std::fma(a, b, a);
  }
};
struct minimum {
  template <class X> SINTER_INLINE X operator()(X a, X b) const { return simd::minimum(a, b); }
  template <class R> R plain(R a, R b) const {
    if (a != a || b != b) return a + b;
    if (a == b && a == 0) return std::signbit(double(a)) ? a : b;
    return a < b ? a : b;
  }
};
struct maximum {
  template <class X> SINTER_INLINE X operator()(X a, X b) const { return simd::maximum(a, b); }
  template <class R> R plain(R a, R b) const {
    if (a != a || b != b) return a + b;
    if (a == b && a == 0) return std::signbit(double(a)) ? b : a;
    return a > b ? a : b;
  }
};
struct min_fast {
  template <class X> SINTER_INLINE X operator()(X a, X b) const { return simd::min_fast(a, b); }
  template <class R> R plain(R a, R b) const { return a < b ? a : b; }
};
struct max_fast {
  template <class X> SINTER_INLINE X operator()(X a, X b) const { return simd::max_fast(a, b); }
  template <class R> R plain(R a, R b) const { return a > b ? a : b; }
};
struct comparisons {  // one bit of the result for each, and for the logic of masks
  template <class X> SINTER_INLINE X operator()(X a, X b) const {
    using R = typename X::element;
    X r = select(a == b, X(1), 0) + select(a != b, X(2), 0) + select(a < b, X(4), 0) + select(a <= b, X(8), 0);
    r = r + select(a > b, X(16), 0) + select(a >= b, X(32), 0);
    return r + select((a < b) | (a == R(1)), X(64), 0) + select((a < b) & ~(b == R(1)), X(128), 0) + select((a < b) ^ (a == b), X(256), 0);
  }
  template <class R> R plain(R a, R b) const {
    const int r = (a == b) + 2 * (a != b) + 4 * (a < b) + 8 * (a <= b) + 16 * (a > b) + 32 * (a >= b) + 64 * (a < b || a == 1) +
                  128 * (a < b && b != 1) + 256 * ((a < b) != (a == b));
    return R(r);
  }
};
struct numbers {  // numbers beside packs
  template <class X> SINTER_INLINE X operator()(X a, X) const { return 2 - (a + 1) * 3; }
  template <class R> R plain(R a, R) const { return sub().plain(R(2), mul().plain(add().plain(a, R(1)), R(3))); }
};
struct signs {
  template <class X> SINTER_INLINE X operator()(X a, X b) const { return -abs(a) + b; }
  template <class R> R plain(R a, R b) const {
    const R m = a < 0 || std::signbit(double(a)) ? sub().plain(R(0), a) : a;
    if constexpr (std::floating_point<R>) return -std::fabs(a) + b;
    else return add().plain(sub().plain(R(0), std::signed_integral<R> ? m : a), b);
  }
};
// Integers only.
struct remainder {
  template <class X> SINTER_INLINE X operator()(X a, X b) const { return a % b; }
  template <class R> R plain(R a, R b) const { return b == 0 ? a : std::signed_integral<R> && b == R(-1) ? R(0) : R(a % b); }
};
struct logic {
  template <class X> SINTER_INLINE X operator()(X a, X b) const { return (a & b) ^ (a | ~b); }
  template <class R> R plain(R a, R b) const { return R((a & b) ^ (a | ~b)); }
};
struct shifts {
  template <class X> SINTER_INLINE X operator()(X a, X b) const {
    return ((a << b) ^ (a >> b)) + ((a << 5) ^ (a >> 7)) + (simd::shift_left<9>(a) ^ simd::shift_right<3>(a));
  }
  template <class R> R left(R a, R k) const { return bits_of<R>(k) < 8 * sizeof(R) ? R(bits_of<R>(a) << k) : R(0); }
  template <class R> R right(R a, R k) const { return bits_of<R>(k) < 8 * sizeof(R) ? R(a >> k) : a < 0 ? R(-1) : R(0); }
  template <class R> R plain(R a, R b) const {
    const R r = R(left(a, b) ^ right(a, b)), s = R(left(a, R(5)) ^ right(a, R(7))), t = R(left(a, R(9)) ^ right(a, R(3)));
    return add().plain(add().plain(r, s), t);
  }
};
// Floats only.
struct roundings {
  template <class X> SINTER_INLINE X operator()(X a, X b) const {
    return select(b < 1, select(b < 0, floor(a), ceil(a)), select(b < 3, trunc(a), round(a)));
  }
  template <class R> R plain(R a, R b) const {
    return b < 1 ? (b < 0 ? std::floor(a) : std::ceil(a)) : b < 3 ? std::trunc(a) : std::nearbyint(a);
  }
};
struct round_away {
  template <class X> SINTER_INLINE X operator()(X a, X) const { return simd::round_away(a); }
  template <class R> R plain(R a, R) const { return std::round(a); }
};
struct roots {
  template <class X> SINTER_INLINE X operator()(X a, X b) const { return copysign(sqrt(a), b); }
  template <class R> R plain(R a, R b) const { return std::copysign(std::sqrt(a), b); }
};

template <class B, class R, int N, class F> void apply(const R* a, const R* b, R* out) {
  simd::store(out, F()(simd::load<B, N>(a), simd::load<B, N>(b)));
}
template <class F, class R> R apply_plain(R a, R b) { return F().plain(a, b); }
// One function for all operations of a type, through pointers: it compiles once.
template <class R> SINTER_NOINLINE void check_results(int n, void (*packs)(const R*, const R*, R*), R (*plain)(R, R)) {
  const auto& v = samples<R>();
  const auto lanes = static_cast<std::size_t>(n);
  R a[64], b[64], out[64];
  int wrong = 0;
  for (std::size_t first = 0; first < v.size(); first += lanes) {
    for (std::size_t shift = 0; shift < v.size(); ++shift) {
      for (std::size_t l = 0; l < lanes; ++l) {
        a[l] = v[(first + l) % v.size()];
        b[l] = v[(first + l + shift) % v.size()];
      }
      packs(a, b, out);
      for (std::size_t l = 0; l < lanes; ++l) {
        const R want = plain(a[l], b[l]);
        if (same(out[l], want)) continue;
        if (++wrong < 4)
          MESSAGE("lanes " << n << " lane " << l << ": " << +a[l] << ", " << +b[l] << " -> " << +out[l] << ", not " << +want);
      }
    }
  }
  CHECK(wrong == 0);
}
template <class B, class R, int N, class F> void check(F) { check_results<R>(N, apply<B, R, N, F>, apply_plain<F, R>); }
template <class B, class R, int N, class... F> void check_each(F... f) { (check<B, R, N>(f), ...); }

template <class B, class R, int N> void operations() {
  check_each<B, R, N>(add{}, sub{}, mul{}, div{}, contraction{}, fused{}, minimum{}, maximum{}, min_fast{}, max_fast{}, comparisons{},
                      numbers{}, signs{});
  if constexpr (std::integral<R>) check_each<B, R, N>(remainder{}, logic{}, shifts{});
  else check_each<B, R, N>(roundings{}, round_away{}, roots{});
}
// One lane, one native vector, two, and the most; the backends of one lane stop early where only the recursion is left.
template <class B, class R> void widths() {
  constexpr int n = simd::native_lanes<B, R>;
  operations<B, R, 1>();
  if constexpr (n > 1) operations<B, R, n>();
  operations<B, R, 2 * n>();
}
template <class B> void types() {
  widths<B, float>();
  widths<B, double>();
  widths<B, std::int32_t>();
  widths<B, std::uint32_t>();
  widths<B, std::int64_t>();
  widths<B, std::uint64_t>();
  check_each<B, float, 64>(contraction{}, fused{}, maximum{}, comparisons{});
  check_each<B, std::int64_t, 64>(mul{}, comparisons{});
}

}  // namespace

TEST_CASE("simd: operations, scalar") { types<backend::scalar>(); }
TEST_CASE("simd: operations, counting") {
  widths<backend::counting, float>();
  widths<backend::counting, std::int64_t>();
}
TEST_CASE("simd: operations, highway") { types<backend::highway>(); }
#if TEST_XSIMD
TEST_CASE("simd: operations, xsimd") { types<backend::xsimd>(); }
#else
TEST_CASE("simd: xsimd" * doctest::skip()) { MESSAGE("skipped: xsimd is not installed"); }
#endif

namespace {

// ---- memory

template <class S> S element(int i) {
  if constexpr (std::same_as<S, bool>) return i % 3 == 1;
  else if constexpr (simd::detail::is_half<S>) return S(float(i) * 0.75f - 9);
  else return S(i * 37 - 90);
}
template <class S> auto widened(S x) {
  if constexpr (std::same_as<S, bool>) return x;
  else return simd::register_t<S>(x);
}
// Every lane of a pack or a mask as a register value.
template <class X> auto unpack(X x) {
  if constexpr (requires { typename X::element; }) {
    std::vector<typename X::element> r(X::size);
    simd::store(r.data(), x);
    return r;
  } else {
    bool lanes[X::size];
    simd::store(lanes, x);
    return std::vector<std::uint8_t>(lanes, lanes + X::size);
  }
}

template <class B, class S, int N> void memory() {
  std::unique_ptr<S[]> in(new S[N]), wide(new S[std::size_t(3 * N)]);  // of exact size, for the address sanitizer
  for (int i = 0; i < N; ++i) in[std::size_t(i)] = element<S>(i);
  for (int i = 0; i < 3 * N; ++i) wide[std::size_t(i)] = element<S>(i);
  const S* const p = in.get();
  const auto x = simd::load<B, N>(p);
  const auto all = unpack(x);
  bool right = true;  // one assertion, for each costs compile time
  for (int l = 0; l < N; ++l) right = right && all[std::size_t(l)] == widened(p[l]);
  {
    std::unique_ptr<S[]> out(new S[N]);
    simd::store(out.get(), x);
    right = right && std::memcmp(out.get(), p, N * sizeof(S)) == 0;
    std::fill_n(out.get(), N, S{});
    simd::stream(out.get(), x);
    simd::stream_fence<B>();
    right = right && std::memcmp(out.get(), p, N * sizeof(S)) == 0;
    simd::store_strided(wide.get(), x, 3);
    for (int l = 0; l < N; ++l) right = right && wide[std::size_t(3 * l)] == p[l];
    for (int l = 0; l < 3 * N; ++l) wide[std::size_t(l)] = element<S>(l);
    right = right && unpack(simd::load_strided<B, N>(wide.get() + 3 * (N - 1), -3))[0] == widened(element<S>(3 * (N - 1)));
    right = right && unpack(simd::load_strided<B, N>(wide.get(), 3))[N - 1] == widened(element<S>(3 * (N - 1)));
  }
  const int step = N > 16 ? 5 : 1;
  for (int first = -1; first <= N; first += step) {
    for (int last = first; last <= N + 1; last += step) {
      const int begin = std::max(first, 0), end = std::max(begin, std::min(last, N)), count = end - begin;
      std::unique_ptr<S[]> part(new S[std::size_t(std::max(count, 1))]);
      for (int i = 0; i < count; ++i) part[std::size_t(i)] = p[begin + i];
      const auto some = unpack(simd::load_some<B, N>(part.get() - begin, first, last));
      const auto strided = unpack(simd::load_strided_some<B, N>(wide.get(), 3, first, last));
      for (int l = 0; l < N; ++l) {
        const bool inside = l >= begin && l < end;
        right = right && some[std::size_t(l)] == widened(inside ? p[l] : S{});
        right = right && strided[std::size_t(l)] == widened(inside ? element<S>(3 * l) : S{});
      }
      std::unique_ptr<S[]> out(new S[std::size_t(std::max(count, 1))]);
      simd::store_some(out.get() - begin, x, first, last);
      for (int i = 0; i < count; ++i) right = right && out[std::size_t(i)] == p[begin + i];
      std::unique_ptr<S[]> target(new S[std::size_t(3 * N)]());
      simd::store_strided_some(target.get(), x, 3, first, last);
      for (int l = 0; l < N; ++l) right = right && target[std::size_t(3 * l)] == (l >= begin && l < end ? p[l] : S{});
    }
  }
  // Every second element, from and to memory without an element to spare: the sanitizers look.
  std::unique_ptr<S[]> pairs(new S[std::size_t(2 * N)]), from(new S[std::size_t(2 * N - 1)]);
  for (int l = 0; l < 2 * N - 1; ++l) from[std::size_t(l)] = element<S>(l);
  const auto second = unpack(simd::load_second<B, N>(static_cast<const S*>(from.get())));
  simd::store_pairs(pairs.get(), x, simd::load<B, N>(static_cast<const S*>(wide.get()) + 1));
  for (int l = 0; l < N; ++l) {
    right = right && second[std::size_t(l)] == widened(element<S>(2 * l));
    right = right && pairs[std::size_t(2 * l)] == p[l] && pairs[std::size_t(2 * l + 1)] == wide[std::size_t(l + 1)];
  }
  CHECK(right);
}
template <class B, class S> void memory_widths() {
  constexpr int n = simd::native_lanes<B, float>;
  memory<B, S, 1>();
  if constexpr (n > 1) memory<B, S, n>();
  if constexpr (n == 1 || std::same_as<S, bool> || std::same_as<S, std::int64_t>) memory<B, S, 2 * n>();
}
template <class B> void memory_types() {
  memory_widths<B, bool>();
  memory_widths<B, std::int8_t>();
  memory_widths<B, std::int16_t>();
  memory_widths<B, std::int32_t>();
  memory_widths<B, std::int64_t>();
  memory_widths<B, std::uint8_t>();
  memory_widths<B, std::uint16_t>();
  memory_widths<B, std::uint32_t>();
  memory_widths<B, std::uint64_t>();
  memory_widths<B, float16>();
  memory_widths<B, bfloat16>();
  memory_widths<B, float>();
  memory_widths<B, double>();
}

template <class B, int N> void masks() {
  for (int k = -2; k <= N + 2; ++k) {
    const auto m = simd::first_lanes<B, 4, N>(k);
    const auto wide = simd::mask_cast<8>(m);
    const auto lanes = unpack(m), lanes8 = unpack(wide);
    bool right = true;
    for (int l = 0; l < N; ++l) right = right && lanes[std::size_t(l)] == (l < k) && lanes8[std::size_t(l)] == (l < k);
    CHECK(right);
    CHECK(simd::any(m) == (k > 0));
    CHECK(simd::all(m) == (k >= N));
    CHECK(simd::any(wide) == (k > 0));
    CHECK(simd::all(wide) == (k >= N));
    CHECK(simd::first(m) == (k > 0));
    CHECK(simd::all(simd::mask_cast<4>(wide) == m));
    CHECK(simd::lane<N - 1>(m) == (k >= N));
    if constexpr (N > 1) {
      CHECK(simd::all(concat(lower_half(m), upper_half(m)) == m));
      CHECK(simd::any(upper_half(m)) == (k > N / 2));
      CHECK(simd::all(lower_half(wide)) == (k >= N / 2));
    }
  }
  const auto i = simd::iota<B, std::int32_t, N>();
  CHECK(simd::lane<N - 1>(i) == N - 1);
  CHECK(simd::lane<N / 3>(simd::iota<B, double, N>()) == N / 3);
  CHECK(simd::first(simd::broadcast_lane0<4>(i + 5)) == 5);
  bool flags[64];
  for (int l = 0; l < 64; ++l) flags[l] = l % 3 == 1;
  CHECK(unpack(simd::load<B, N, 8>(flags)) == unpack(simd::load<B, N>(flags)));
}

}  // namespace

TEST_CASE("simd: memory, scalar") { memory_types<backend::scalar>(); }
TEST_CASE("simd: memory, counting") {
  memory<backend::counting, float, 4>();
  memory<backend::counting, bfloat16, 2>();
}
TEST_CASE("simd: memory, highway") {
  memory_types<backend::highway>();
  memory<backend::highway, float, 64>();
}
#if TEST_XSIMD
TEST_CASE("simd: memory, xsimd") {
  memory_types<backend::xsimd>();
  memory<backend::xsimd, float, 2>();
  memory<backend::xsimd, double, 4>();
}
#endif
TEST_CASE("simd: masks and lanes") {
  masks<backend::scalar, 1>();
  masks<backend::scalar, 8>();
  masks<backend::highway, 1>();
  masks<backend::highway, 2>();
  masks<backend::highway, 8>();
  masks<backend::highway, 16>();
  masks<backend::highway, 64>();
#if TEST_XSIMD
  masks<backend::xsimd, 1>();
  masks<backend::xsimd, 2>();
  masks<backend::xsimd, 4>();
  masks<backend::xsimd, 8>();
  masks<backend::xsimd, 16>();
  masks<backend::xsimd, 64>();
#endif
}

namespace {

// ---- conversions

template <class R2, class R> R2 plainly(R x) {
  if constexpr (std::floating_point<R> && std::integral<R2>) {
    if (x != x) return 0;
    if (x >= R(std::numeric_limits<R2>::max())) return std::numeric_limits<R2>::max();
    if (x <= R(std::numeric_limits<R2>::min())) return std::numeric_limits<R2>::min();
  }
  return static_cast<R2>(x);
}
template <class R> std::vector<R> conversion_samples() {
  std::vector<R> v = samples<R>();
  if constexpr (std::integral<R>) {  // ties and near ties of binary32 and binary64
    std::uint64_t seed = 1;
    for (int i = 0; i < 400; ++i) {
      seed = seed * 6364136223846793005u + 1442695040888963407u;
      const std::uint64_t top = seed >> (i % 60) & ~((std::uint64_t{1} << (i % 37)) - 1);
      for (const std::uint64_t low : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}}) v.push_back(R(top + low));
    }
  } else {
    for (int i = -40; i < 40; ++i) v.push_back(R(i) * R(1e8) + R(0.5));
  }
  while (v.size() % 64 != 0) v.push_back(0);
  return v;
}
template <class B, class R2, int N, class R> void convert_packs(const R* x, R2* out) {
  simd::store(out, simd::convert<R2>(simd::load<B, N>(x)));
}
template <class R2, class R> SINTER_NOINLINE void check_conversion(int n, void (*packs)(const R*, R2*)) {
  static const auto v = conversion_samples<R>();
  const auto lanes = static_cast<std::size_t>(n);
  int wrong = 0;
  R2 out[64];
  for (std::size_t i = 0; i < v.size(); i += lanes) {
    packs(&v[i], out);
    for (std::size_t l = 0; l < lanes; ++l) {
      if (same(out[l], plainly<R2>(v[i + l]))) continue;
      if (++wrong < 4) MESSAGE("lanes " << n << ": " << v[i + l] << " -> " << out[l] << ", not " << plainly<R2>(v[i + l]));
    }
  }
  CHECK(wrong == 0);
}
template <class B, class R2, int N, class R> void conversion() { check_conversion<R2, R>(N, convert_packs<B, R2, N, R>); }
template <class B, class R, int N> void conversions_from() {
  conversion<B, float, N, R>();
  conversion<B, double, N, R>();
  conversion<B, std::int32_t, N, R>();
  conversion<B, std::uint32_t, N, R>();
  conversion<B, std::int64_t, N, R>();
  conversion<B, std::uint64_t, N, R>();
}
template <class B, int N> void conversions() {
  conversions_from<B, float, N>();
  conversions_from<B, double, N>();
  conversions_from<B, std::int32_t, N>();
  conversions_from<B, std::uint32_t, N>();
  conversions_from<B, std::int64_t, N>();
  conversions_from<B, std::uint64_t, N>();
}

// All patterns of a 16-bit type, and around each the values that round to it or its neighbours.
template <class B, class S> void half_types() {
  constexpr int n = 16;
  int wrong = 0;
  for (std::uint32_t start = 0; start < 65536; start += n) {
    S in[n], out[n];
    for (std::uint32_t l = 0; l < n; ++l) in[l].bits = static_cast<std::uint16_t>(start + l);
    float lanes[n], rounded[n];
    simd::store(lanes, simd::load<B, n>(in));
    for (int l = 0; l < n; ++l) wrong += !same(lanes[l], float(in[l]));
    for (const std::int32_t nudge : {0, 1, -1, 0x1000, 0xfff, 0x1001, 0x8000, 0x7fff, 0x8001}) {
      float near[n];
      for (int l = 0; l < n; ++l) near[l] = std::bit_cast<float>(std::bit_cast<std::uint32_t>(float(in[l])) + std::uint32_t(nudge));
      const auto x = simd::load<B, n>(near);
      simd::store(out, x);
      simd::store(rounded, simd::round_to<S>(x));
      for (int l = 0; l < n; ++l) {
        const S expected = near[l];
        wrong += near[l] != near[l] ? float(out[l]) == float(out[l]) : out[l].bits != expected.bits;
        wrong += !same(rounded[l], float(expected));
      }
    }
  }
  CHECK(wrong == 0);
}
template <class B, class S> void narrow_integer() {
  using R = simd::register_t<S>;
  R in[16], rounded[16];
  S out[16];
  for (int i = 0; i < 16; ++i) in[i] = R(i * 12345677 - 99);
  simd::store(out, simd::load<B, 16>(in));
  simd::store(rounded, simd::round_to<S>(simd::load<B, 16>(in)));
  for (int i = 0; i < 16; ++i) CHECK((out[i] == S(in[i]) && rounded[i] == R(S(in[i]))));
}
template <class B> void storage_types() {
  half_types<B, float16>();
  half_types<B, bfloat16>();
  narrow_integer<B, std::int8_t>();
  narrow_integer<B, std::int16_t>();
  narrow_integer<B, std::uint8_t>();
  narrow_integer<B, std::uint16_t>();
}

}  // namespace

TEST_CASE("simd: conversions") {
  conversions<backend::scalar, 1>();
  conversions<backend::highway, 1>();
  conversions<backend::highway, simd::native_lanes<backend::highway, float>>();
  conversions<backend::highway, 2 * simd::native_lanes<backend::highway, double>>();
#if TEST_XSIMD
  conversions<backend::xsimd, 2>();
  conversions<backend::xsimd, 2 * simd::native_lanes<backend::xsimd, double>>();
#endif
}
TEST_CASE("simd: storage types") {
  storage_types<backend::scalar>();
  storage_types<backend::counting>();
  storage_types<backend::highway>();
#if TEST_XSIMD
  storage_types<backend::xsimd>();
#endif
}

namespace {

// ---- folds

template <class R> R tree(const R* x, int n) {  // the halving tree, by hand
  if (n == 1) return x[0];
  std::vector<R> half(std::size_t(n / 2));
  for (int j = 0; j < n / 2; ++j) half[std::size_t(j)] = x[j] + x[j + n / 2];
  return tree(half.data(), n / 2);
}
template <class B, class R, int N> void folds() {
  R x[N];
  for (int i = 0; i < N; ++i) x[i] = std::floating_point<R> ? R(1) / R(i + 3) : R(i * i);
  CHECK(same(simd::fold(simd::load<B, N>(x), add{}), tree(x, N)));
}
template <class B> void folds_of() {
  folds<B, float, 1>();
  folds<B, float, 16>();
  folds<B, float, 64>();
  folds<B, double, 2>();
  folds<B, double, 64>();
  folds<B, std::int32_t, 64>();
  folds<B, std::uint64_t, 8>();
}

// A state of two packs: the largest and where it first is.
template <class B, int N> struct largest {
  simd::pack<B, float, N> value;
  simd::pack<B, std::int32_t, N> index;
};
template <class B, int N> int first_largest(largest<B, N> s) {
  if constexpr (N == 1) {
    return simd::first(s.index);
  } else {
    const auto a = lower_half(s.value), b = upper_half(s.value);
    const auto i = lower_half(s.index), j = upper_half(s.index);
    const auto second = (b > a) | ((a == b) & (j < i));
    return first_largest(largest<B, N / 2>{select(second, b, a), select(second, j, i)});
  }
}

}  // namespace

TEST_CASE("simd: folds") {
  folds_of<backend::scalar>();
  folds_of<backend::counting>();
  folds_of<backend::highway>();
#if TEST_XSIMD
  folds_of<backend::xsimd>();
#endif
  float x[32];
  for (int i = 0; i < 32; ++i) x[i] = float(i * 7 % 13);
  const int at = int(std::max_element(x, x + 32) - x);
  CHECK(first_largest<backend::scalar, 32>({simd::load<backend::scalar, 32>(x), simd::iota<backend::scalar, std::int32_t, 32>()}) == at);
  CHECK(first_largest<backend::highway, 32>({simd::load<backend::highway, 32>(x), simd::iota<backend::highway, std::int32_t, 32>()}) == at);
}

TEST_CASE("simd: counting") {
  using B = backend::counting;
  backend::counts& c = backend::counting_state();
  c = {};
  float x[8] = {1, 2, 3, 4, 5, 6, 7, 8}, y[8] = {};
  bfloat16 z[8];
  const auto a = simd::load<B, 8>(x);
  simd::store(y, simd::exp(a) / (1 + simd::sqrt(simd::fma(a, a, a))));
  simd::store_some(z, a, 2, 5);
  (void)simd::load_some<B, 8>(x, 0, 3);
  CHECK(c.loads == 11);
  CHECK(c.load_bytes == 44);
  CHECK(c.stores == 11);
  CHECK(c.store_bytes == 8 * 4 + 3 * 2);
  CHECK(c.exp == 8);
  CHECK(c.transcendental == 8);
  CHECK(c.div == 8);
  CHECK(c.sqrt == 8);
  CHECK(c.fma == 8);
  CHECK(c.arithmetic == 4 * 8);
  CHECK(c.depth == 0);
}
