// SPDX-License-Identifier: Apache-2.0
// Convolutions against the sums that define them: strides, padding of any sign, dilations, groups, orders of axes, element types.
#include <doctest/doctest.h>

#include <complex>
#include <vector>

#include <sinter/complex.hpp>
#include <sinter/sinter.hpp>

namespace {

using namespace sinter;

template <class T> T number(int i) {
  if constexpr (std::is_same_v<T, bool>) return i * 5 % 3 == 0;
  else if constexpr (is_complex(dtype_of<T>())) return T(static_cast<float>(i * 5 % 7) - 3, static_cast<float>(i * 3 % 5) - 2);
  else return static_cast<T>(i * 37 % 7);
}
template <class X> void fill(X& x, int seed = 0) {
  for (auto& e : x) e = number<std::remove_cvref_t<decltype(e)>>(seed++);
}

// What a convolution is: for operands of any order of axes.
struct setup {
  detail::convolution_dimensions d;
  detail::convolution_window w;
  extent_t feature_groups = 1, batch_groups = 1;
};
template <class Y, class X, class W> std::vector<Y> convolve(const X& x, const W& k, const setup& s, const std::vector<extent_t>& to) {
  const int rank = X::rank, spatial = rank - 2;
  const auto strides = [&](auto extent) {
    std::vector<extent_t> r(static_cast<std::size_t>(rank), 1);
    for (int a = rank - 1; a > 0; --a) r[static_cast<std::size_t>(a - 1)] = r[static_cast<std::size_t>(a)] * extent(a);
    return r;
  };
  const auto xs = strides([&](int a) { return x.extent(a); }), ks = strides([&](int a) { return k.extent(a); });
  const auto at = [](auto& v, int i) -> auto& { return v[static_cast<std::size_t>(i)]; };
  extent_t size = 1, volume = 1;
  for (extent_t e : to) size *= e;
  for (int i = 0; i < spatial; ++i) volume *= k.extent(s.d.kernel_spatial.axis[i]);
  const extent_t features = k.extent(s.d.kernel_input_feature), outputs = k.extent(s.d.kernel_output_feature);
  const extent_t groups = s.feature_groups * s.batch_groups, batches = x.extent(s.d.input_batch) / s.batch_groups;
  std::vector<Y> y;
  for (extent_t e = 0; e < size; ++e) {
    std::vector<extent_t> index(to.size());
    extent_t rest = e;
    for (int a = rank; a-- > 0;) at(index, a) = rest % at(to, a), rest /= at(to, a);
    const extent_t o = at(index, s.d.output_feature), group = o / (outputs / groups);
    const extent_t n = at(index, s.d.output_batch) + (s.batch_groups > 1 ? group * batches : 0);
    std::complex<double> sum = 0;
    for (extent_t v = 0; v < volume; ++v)
      for (extent_t c = 0; c < features; ++c) {
        extent_t left = v, from = n * at(xs, s.d.input_batch), tap = o * at(ks, s.d.kernel_output_feature);
        from += (c + (s.feature_groups > 1 ? group * features : 0)) * at(xs, s.d.input_feature),
            tap += c * at(ks, s.d.kernel_input_feature);
        bool inside = true;
        for (int i = spatial; i-- > 0;) {
          const extent_t n_taps = k.extent(s.d.kernel_spatial.axis[i]), p = left % n_taps;
          left /= n_taps;
          const extent_t place = at(index, s.d.output_spatial.axis[i]) * s.w.stride[i] + p * s.w.rhs_dilation[i] - s.w.low[i];
          const extent_t q = place >= 0 ? place / s.w.lhs_dilation[i] : -1;
          inside &= place >= 0 && place % s.w.lhs_dilation[i] == 0 && q < x.extent(s.d.input_spatial.axis[i]);
          from += q * at(xs, s.d.input_spatial.axis[i]);
          tap += (s.w.reversal[i] ? n_taps - 1 - p : p) * at(ks, s.d.kernel_spatial.axis[i]);
        }
        if (!inside) continue;
        if constexpr (is_complex(dtype_of<Y>())) sum += std::complex<double>(x.data()[from]) * std::complex<double>(k.data()[tap]);
        else sum += static_cast<double>(x.data()[from]) * static_cast<double>(k.data()[tap]);
      }
    if constexpr (is_complex(dtype_of<Y>())) y.push_back(Y(sum));
    else if constexpr (std::is_same_v<Y, bool>) y.push_back(sum.real() != 0);
    else if constexpr (is_integer(dtype_of<Y>())) y.push_back(static_cast<Y>(static_cast<std::int64_t>(sum.real())));
    else y.push_back(static_cast<Y>(static_cast<float>(sum.real())));
  }
  return y;
}
constexpr setup nhwc() {
  setup s;
  s.d = {0, 3, 3, 2, 0, 3, axes(1, 2), axes(0, 1), axes(1, 2)};
  return s;
}
constexpr setup nchw() {
  setup s;
  s.d = {0, 1, 0, 1, 0, 1, axes(2, 3), axes(2, 3), axes(2, 3)};
  return s;
}
template <auto S, class Y, class X, class W> bool agrees(const X& x, const W& k) {
  constexpr auto f = fn([](auto a, auto b) {
    return detail::convolution(*a.graph(), a, b, S().d, S().w, S().feature_groups, S().batch_groups, dtype_of<Y>());
  });
  const auto y = f(x, k);
  std::vector<extent_t> to;
  for (int a = 0; a < X::rank; ++a) to.push_back(y.extent(a));
  const std::vector<Y> want = convolve<Y>(x, k, S(), to);
  bool good = static_cast<std::size_t>(y.size()) == want.size();
  for (std::size_t i = 0; good && i < want.size(); ++i) good = y.data()[i] == want[i];
  return good;
}
template <class T, extent_t... E> tensor<T, E...> numbers(int seed = 0) {
  tensor<T, E...> x;
  fill(x, seed);
  return x;
}

TEST_CASE("convolution: windows of every kind") {
  const auto x = numbers<float, 2, 7, 8, 3>();
  const auto k = numbers<float, 3, 2, 3, 5>(1);
  CHECK(agrees<[] { return nhwc(); }, float>(x, k));
  constexpr auto same = [] {
    setup s = nhwc();
    s.w.low[0] = s.w.high[0] = s.w.high[1] = 1;
    return s;
  };
  CHECK(agrees<same, float>(x, k));
  constexpr auto strided = [] {
    setup s = nhwc();
    s.w.stride[0] = 2, s.w.stride[1] = 3, s.w.low[0] = 2, s.w.low[1] = 1, s.w.high[1] = 3;
    return s;
  };
  CHECK(agrees<strided, float>(x, k));
  constexpr auto dilated = [] {
    setup s = nhwc();
    s.w.rhs_dilation[0] = 2, s.w.rhs_dilation[1] = 3, s.w.low[0] = 1;
    return s;
  };
  CHECK(agrees<dilated, float>(x, k));
  constexpr auto all_of_it = [] {
    setup s = nhwc();
    s.w.lhs_dilation[0] = 2, s.w.lhs_dilation[1] = 3, s.w.rhs_dilation[1] = 2, s.w.stride[0] = 3, s.w.stride[1] = 2;
    s.w.low[0] = -2, s.w.high[0] = 3, s.w.low[1] = 4, s.w.high[1] = -3, s.w.reversal[0] = true;
    return s;
  };
  CHECK(agrees<all_of_it, float>(x, k));
}
TEST_CASE("convolution: orders of axes, one and three spatial ones, none") {
  CHECK(agrees<[] { return nchw(); }, float>(numbers<float, 2, 3, 7, 8>(), numbers<float, 5, 3, 3, 2>(1)));
  constexpr auto mixed = [] {
    setup s;
    s.d = {2, 0, 1, 3, 3, 1, axes(3, 1), axes(0, 2), axes(2, 0)};
    s.w.low[0] = s.w.high[1] = 1, s.w.reversal[1] = true;
    return s;
  };
  CHECK(agrees<mixed, double>(numbers<double, 3, 7, 2, 8>(), numbers<double, 3, 5, 2, 3>(1)));
  constexpr auto line = [] {
    setup s;
    s.d = {0, 2, 2, 1, 0, 2, axes(1), axes(0), axes(1)};
    s.w.low[0] = s.w.high[0] = 1;
    return s;
  };
  CHECK(agrees<line, float>(numbers<float, 2, 9, 3>(), numbers<float, 3, 3, 4>(1)));
  constexpr auto space = [] {
    setup s;
    s.d = {0, 4, 4, 3, 0, 4, axes(1, 2, 3), axes(0, 1, 2), axes(1, 2, 3)};
    s.w.low[0] = s.w.high[1] = s.w.low[2] = 1;
    return s;
  };
  CHECK(agrees<space, float>(numbers<float, 2, 4, 5, 6, 3>(), numbers<float, 2, 3, 2, 3, 4>(1)));
  constexpr auto none = [] {
    setup s;
    s.d = {1, 0, 1, 0, 0, 1, {}, {}, {}};
    return s;
  };
  CHECK(agrees<none, float>(numbers<float, 3, 4>(), numbers<float, 3, 5>(1)));
}
TEST_CASE("convolution: windows of one element") {
  const auto x = numbers<float, 2, 6, 5, 4>();
  CHECK(agrees<[] { return nhwc(); }, float>(x, numbers<float, 1, 1, 4, 7>(1)));
  constexpr auto strided = [] {
    setup s = nhwc();
    s.w.stride[0] = s.w.stride[1] = 2, s.w.low[1] = 1;
    return s;
  };
  CHECK(agrees<strided, float>(x, numbers<float, 1, 1, 4, 7>(1)));
  CHECK(agrees<[] { return nchw(); }, float>(numbers<float, 2, 4, 6, 5>(), numbers<float, 7, 4, 1, 1>(1)));
  constexpr auto groups = [] {
    setup s = nhwc();
    s.feature_groups = 2;
    return s;
  };
  CHECK(agrees<groups, float>(x, numbers<float, 1, 1, 2, 6>(1)));
}
TEST_CASE("convolution: groups") {
  constexpr auto features = [] {
    setup s = nhwc();
    s.feature_groups = 2, s.w.low[0] = 1, s.w.high[1] = 2;
    return s;
  };
  CHECK(agrees<features, float>(numbers<float, 2, 6, 5, 6>(), numbers<float, 3, 2, 3, 4>(1)));
  constexpr auto depthwise = [] {
    setup s = nchw();
    s.feature_groups = 3, s.w.low[0] = s.w.low[1] = s.w.high[0] = s.w.high[1] = 1;
    return s;
  };
  CHECK(agrees<depthwise, float>(numbers<float, 2, 3, 9, 9>(), numbers<float, 3, 1, 3, 3>(1)));
  CHECK(agrees<depthwise, float>(numbers<float, 2, 3, 9, 9>(), numbers<float, 12, 1, 3, 3>(1)));
  constexpr auto batches = [] {
    setup s = nhwc();
    s.batch_groups = 3, s.w.low[0] = 1, s.w.stride[1] = 2;
    return s;
  };
  CHECK(agrees<batches, float>(numbers<float, 6, 6, 5, 4>(), numbers<float, 3, 2, 4, 6>(1)));
  constexpr auto of_one = [] {
    setup s = nhwc();
    s.batch_groups = 6;
    return s;
  };
  CHECK(agrees<of_one, float>(numbers<float, 6, 6, 5, 1>(), numbers<float, 3, 2, 1, 6>(1)));
}
TEST_CASE("convolution: element types") {
  constexpr auto s = [] {
    setup p = nhwc();
    p.w.low[0] = p.w.high[1] = 1;
    return p;
  };
  CHECK(agrees<s, double>(numbers<double, 1, 4, 5, 2>(), numbers<double, 3, 2, 2, 3>(1)));
  CHECK(agrees<s, float16>(numbers<float16, 1, 4, 5, 2>(), numbers<float16, 3, 2, 2, 3>(1)));
  CHECK(agrees<s, bfloat16>(numbers<bfloat16, 1, 4, 5, 2>(), numbers<bfloat16, 3, 2, 2, 3>(1)));
  CHECK(agrees<s, std::int8_t>(numbers<std::int8_t, 1, 4, 5, 2>(), numbers<std::int8_t, 3, 2, 2, 3>(1)));
  CHECK(agrees<s, std::int32_t>(numbers<std::int8_t, 1, 4, 5, 2>(), numbers<std::int8_t, 3, 2, 2, 3>(1)));
  CHECK(agrees<s, std::int64_t>(numbers<std::int64_t, 1, 4, 5, 2>(), numbers<std::int64_t, 3, 2, 2, 3>(1)));
  CHECK(agrees<s, std::uint16_t>(numbers<std::uint16_t, 1, 4, 5, 2>(), numbers<std::uint16_t, 3, 2, 2, 3>(1)));
  CHECK(agrees<s, bool>(numbers<bool, 1, 4, 5, 2>(), numbers<bool, 3, 2, 2, 3>(1)));
  using c64 = std::complex<float>;
  CHECK(agrees<s, c64>(numbers<c64, 1, 4, 5, 2>(), numbers<c64, 3, 2, 2, 3>(1)));
}
TEST_CASE("convolution of nothing, and of too little") {
  constexpr auto s = [] { return nhwc(); };
  CHECK(agrees<s, float>(numbers<float, 0, 4, 5, 2>(), numbers<float, 3, 2, 2, 3>(1)));
  CHECK(agrees<s, float>(numbers<float, 2, 2, 5, 2>(), numbers<float, 3, 2, 2, 3>(1)));
  CHECK(agrees<s, float>(numbers<float, 2, 4, 5, 0>(), numbers<float, 3, 2, 0, 3>(1)));
  CHECK(agrees<s, float>(numbers<float, 2, 4, 5, 2>(), numbers<float, 3, 2, 2, 0>(1)));
}

TEST_CASE("conv: as in jax.lax") {
  const auto x = numbers<float, 2, 3, 7, 8>();
  const auto k = numbers<float, 4, 3, 3, 2>(1);
  const auto same_as = [](const auto& y, const auto& want) {
    bool good = static_cast<std::size_t>(y.size()) == want.size();
    for (std::size_t i = 0; good && i < want.size(); ++i) good = y.data()[i] == want[i];
    return good;
  };
  setup s = nchw();
  CHECK(same_as(eval(conv(x, k)), convolve<float>(x, k, s, {2, 4, 5, 7})));
  s.w.low[0] = s.w.high[0] = s.w.high[1] = 1;
  CHECK(same_as(eval(conv(x, k, same_padding)), convolve<float>(x, k, s, {2, 4, 7, 8})));
  s.w.stride[0] = 2, s.w.stride[1] = 3, s.w.high[1] = 0;
  CHECK(same_as(eval(conv(x, k, same_padding, window_strides<2, 3>)), convolve<float>(x, k, s, {2, 4, 4, 3})));
  s = nchw();
  s.w.low[1] = -1, s.w.high[1] = 2, s.w.lhs_dilation[0] = s.w.rhs_dilation[1] = 2;
  CHECK(same_as(eval(conv(x, k, edges<0, 0>, edges<-1, 2>, lhs_dilation<2, 1>, rhs_dilation<1, 2>)),
                convolve<float>(x, k, s, {2, 4, 11, 7})));
  s = nhwc();
  const auto y = numbers<float, 6, 5, 6, 4>();
  s.feature_groups = 2;
  CHECK(same_as(eval(conv(y, numbers<float, 2, 3, 2, 6>(), dimension_numbers<"NHWC", "HWIO", "NHWC">, feature_group_count<2>)),
                convolve<float>(y, numbers<float, 2, 3, 2, 6>(), s, {6, 4, 4, 6})));
  s.feature_groups = 1, s.batch_groups = 3;
  CHECK(same_as(eval(conv(y, numbers<float, 2, 3, 4, 6>(), batch_group_count<3>, dimension_numbers<"NHWC", "HWIO", "NHWC">)),
                convolve<float>(y, numbers<float, 2, 3, 4, 6>(), s, {2, 4, 4, 6})));
}

TEST_CASE("conv: windows never are a matrix in memory") {
  constexpr auto f =
      fn([](auto x, auto k) { return relu(conv(x, k, edges<1, 1>, edges<1, 1>, dimension_numbers<"NHWC", "HWIO", "NHWC">)); });
  using image = tensor<float, 2, 14, 14, 64>;
  constexpr auto p = f.plan<image, tensor<float, 3, 3, 64, 128>>();
  static_assert(p.kernels == 2 && p.temporaries == 1);
  static_assert(p.workspace_bytes < 2 * 14 * 14 * 9 * 64 * 4 / 2);  // half of all windows
  constexpr auto q = f.plan<image, tensor<float, 1, 1, 64, 128>>();
  static_assert(q.kernels == 1 && q.temporaries == 0);  // the product pads
  constexpr auto pointwise = fn([](auto x, auto k) { return relu(conv(x, k, dimension_numbers<"NHWC", "HWIO", "NHWC">)); });
  static_assert(pointwise.plan<image, tensor<float, 1, 1, 64, 128>>().kernels == 1);
  constexpr auto r = pointwise.plan<tensor<float, dyn, 14, 14, 64>, tensor<float, 3, 3, 64, 128>>();
  static_assert(r.kernels >= 1);
  const auto x = numbers<float, 2, 14, 14, 64>();
  const auto k = numbers<float, 3, 3, 64, 128>(1);
  tensor<float, dyn, 14, 14, 64> open(2);
  for (extent_t e = 0; e < x.size(); ++e) open.data()[e] = x.data()[e];
  const auto y = pointwise(x, k), z = tensor<float, 2, 12, 12, 128>(pointwise(open, k));
  bool good = true;
  for (extent_t e = 0; e < y.size(); ++e) good &= y.data()[e] == z.data()[e];
  CHECK(good);
}

TEST_CASE("conv: derivatives are convolutions") {
  constexpr auto f = [](auto x, auto k) { return sum(conv(x, k, window_strides<2, 1>, edges<1, 0>, edges<0, 1>)); };
  const auto x = numbers<float, 2, 3, 5, 4>();
  const auto k = numbers<float, 4, 3, 3, 2>(1);
  const auto [dx, dk] = fn(grad<0, 1>(f))(x, k);
  // The derivative with respect to an element is the sum of a linear function at that unit.
  bool good = true;
  for (extent_t e = 0; e < x.size(); e += 7) {
    auto unit = x;
    unit.fill(0), unit.data()[e] = 1;
    good &= dx.data()[e] == eval(f(unit, k))();
  }
  for (extent_t e = 0; e < k.size(); e += 5) {
    auto unit = k;
    unit.fill(0), unit.data()[e] = 1;
    good &= dk.data()[e] == eval(f(x, unit))();
  }
  CHECK(good);
}

}  // namespace
