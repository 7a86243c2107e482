// SPDX-License-Identifier: Apache-2.0
// DLPack: layout of the structs, who owns what, and what an import refuses before it touches memory.
#include <sinter/complex.hpp>
#include <sinter/dlpack.hpp>

#include <cstddef>
#include <string>
#include <type_traits>

#include <doctest/doctest.h>

namespace {

using namespace sinter;

// The binary interface, as NumPy and PyTorch compile it on 64-bit machines.
static_assert(sizeof(DLDevice) == 8 && sizeof(DLDataType) == 4 && sizeof(DLTensor) == 48 && sizeof(DLManagedTensor) == 64);
static_assert(offsetof(DLTensor, device) == 8 && offsetof(DLTensor, ndim) == 16 && offsetof(DLTensor, dtype) == 20);
static_assert(offsetof(DLTensor, shape) == 24 && offsetof(DLTensor, strides) == 32 && offsetof(DLTensor, byte_offset) == 40);
static_assert(offsetof(DLManagedTensor, manager_ctx) == 48 && offsetof(DLManagedTensor, deleter) == 56);

template <class T> bool has_type(int code, int bits) {
  tensor<T, 2> x;
  const auto d = to_dlpack(x);
  const DLDataType t = d->dl_tensor.dtype;
  return t.code == code && t.bits == bits && t.lanes == 1 && from_dlpack<view<T, 2>>(d->dl_tensor).size() == 2;
}
template <class View> std::string refusal(const DLTensor& t) {
  try {
    from_dlpack<View>(t);
    return "";
  } catch (const exception& e) {
    return e.what();
  }
}

}  // namespace

TEST_CASE("dlpack: element types") {
  CHECK(has_type<float>(2, 32));
  CHECK(has_type<double>(2, 64));
  CHECK(has_type<float16>(2, 16));
  CHECK(has_type<bfloat16>(4, 16));
  CHECK(has_type<std::complex<float>>(5, 64));
  CHECK(has_type<bool>(6, 8));
  CHECK(has_type<std::int8_t>(0, 8));
  CHECK(has_type<std::int64_t>(0, 64));
  CHECK(has_type<std::uint16_t>(1, 16));
}

TEST_CASE("dlpack: a large tensor shares its memory, a small one is copied") {
  dlpack_owner d;
  const float* address = nullptr;
  {
    tensor<float, dyn, 40> x(3);
    address = x.data();
    d = to_dlpack(x);
    CHECK(d->dl_tensor.data == address);
    x(2, 39) = 5;
  }  // x is gone, its elements are not
  const auto v = from_dlpack<view<const float, dyn, 40>>(d->dl_tensor);
  CHECK(v.data() == address);
  CHECK(v(2, 39) == 5);
  CHECK(d->dl_tensor.ndim == 2);
  CHECK(d->dl_tensor.shape[0] == 3);
  CHECK(d->dl_tensor.strides[0] == 40);
  CHECK(d->dl_tensor.device.device_type == kDLCPU);

  tensor<int, 2, 2> small{{1, 2}, {3, 4}};
  const auto s = to_dlpack(small);
  small(0, 0) = 9;
  CHECK(from_dlpack<view<int, 2, 2>>(s->dl_tensor)(0, 0) == 1);

  const auto moved = to_dlpack(tensor<double, 100>());
  CHECK(from_dlpack<view<double, dyn>>(moved->dl_tensor)(99) == 0);
  const auto scalar = to_dlpack(tensor<float>(7.f));
  CHECK(float(from_dlpack<view<float>>(scalar->dl_tensor)) == 7);
  const auto none = to_dlpack(tensor<float, dyn, 3>());
  CHECK(from_dlpack<view<float, dyn, 3>>(none->dl_tensor).size() == 0);

  DLManagedTensor* raw = to_dlpack(tensor<float, 200>()).release();  // as another library would hold it
  raw->deleter(raw);
  tensor<float, 100> gone;
  const tensor<float, 100> taken = std::move(gone);
  CHECK_THROWS_AS(to_dlpack(gone), exception);
}

TEST_CASE("dlpack: views keep their strides") {
  tensor<float, 6, 40> x;
  for (int i = 0; i < 240; ++i) x.data()[i] = float(i);
  const auto d = to_dlpack(x.sub(range<0, 6, 2>, range<1, 31, 3>));
  auto v = from_dlpack<view<float, 3, dyn>>(d->dl_tensor);
  CHECK(v.extent(1) == 10);
  CHECK(v.stride(0) == 80);
  CHECK(v(2, 9) == x(4, 28));
  v = v + 1000;
  CHECK(x(4, 28) == 4 * 40 + 28 + 1000);
}

TEST_CASE("dlpack: what others export") {
  float memory[12];
  for (int i = 0; i < 12; ++i) memory[i] = float(i);
  std::int64_t shape[] = {2, 3}, steps[] = {1, 4};
  DLTensor t{memory, {kDLCPU, 0}, 2, {2, 32, 1}, shape, nullptr, 2 * sizeof(float)};
  const auto v = from_dlpack<view<const float, 2, dyn>>(t);
  CHECK(v(1, 2) == 2 + 5);  // null strides: row-major, behind the offset
  t.strides = steps;
  CHECK(from_dlpack<view<float, dyn, 3>>(t)(1, 2) == 2 + 1 + 8);

  CHECK_THROWS_AS((from_dlpack<view<float, dyn>>(t)), shape_error);
  CHECK_THROWS_AS((from_dlpack<view<float, 2, 4>>(t)), shape_error);
  CHECK(refusal<view<float, 2, 4>>(t).find("[2, 3] against [2, 4]") != std::string::npos);
  CHECK(refusal<view<double, 2, 3>>(t).find("the tensor holds float32, the view float64") != std::string::npos);
  t.dtype.lanes = 4;
  CHECK(refusal<view<float, 2, 3>>(t).find("float32 x 4 lanes") != std::string::npos);
  t.dtype = {200, 32, 1};
  CHECK(refusal<view<float, 2, 3>>(t).find("type code 200") != std::string::npos);
  t.dtype = {2, 32, 1};
  t.device.device_type = kDLCUDA;
  CHECK_THROWS_AS((from_dlpack<view<float, 2, 3>>(t)), device_error);
  t.device.device_type = kDLCUDAHost;
  CHECK(refusal<view<float, 2, 3>>(t) == "");
  t.byte_offset = 2;
  CHECK(refusal<view<float, 2, 3>>(t).find("aligned") != std::string::npos);
  t.data = nullptr;
  t.byte_offset = 0;
  CHECK(refusal<view<float, 2, 3>>(t).find("null") != std::string::npos);
  shape[0] = -1;
  CHECK_THROWS_AS((from_dlpack<view<float, dyn, 3>>(t)), shape_error);
  shape[0] = shape[1] = std::int64_t{1} << 40;
  CHECK_THROWS_AS((from_dlpack<view<float, dyn, dyn>>(t)), shape_error);  // more elements than there are numbers
  t.ndim = 100;                                                           // shape is not read beyond what a tensor can have
  std::int64_t many[100] = {};
  t.shape = many;
  t.strides = nullptr;
  CHECK_THROWS_AS((from_dlpack<view<float, dyn, 3>>(t)), shape_error);
}
