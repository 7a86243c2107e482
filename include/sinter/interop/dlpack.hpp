// SPDX-License-Identifier: Apache-2.0
// Tensors in CPU memory to and from DLPack, the protocol by which array libraries share memory. No copies but of small tensors.
// Not here: GPUs (cuda_dlpack.hpp), the versioned struct of DLPack 1.0, and so read-only exports.
#pragma once

#include <memory>
#include <string>

#include <sinter/interop/dlpack_abi.hpp>
#include <sinter/interop/layout.hpp>

namespace sinter {

/// Owns what a library exported; `release()` hands it to the next one.
struct dlpack_deleter {
  void operator()(DLManagedTensor* t) const noexcept {
    if (t->deleter) t->deleter(t);
  }
};
using dlpack_owner = std::unique_ptr<DLManagedTensor, dlpack_deleter>;

namespace detail {

template <class T> constexpr DLDataType dlpack_type() {
  constexpr dtype d = dtype_of<T>();
  constexpr int code = d == dtype::boolean      ? 6
                       : d == dtype::bf16       ? 4
                       : is_float(d)            ? 2
                       : is_complex(d)          ? 5
                       : is_unsigned_integer(d) ? 1
                                                : 0;
  return {static_cast<std::uint8_t>(code), info(d).bits, 1};
}
inline std::string name_of(DLDataType t) {
  static constexpr const char* kinds[] = {"int", "uint", "float", "handle", "bfloat", "complex", "bool"};
  std::string text = (t.code < 7 ? kinds[t.code] : "type code " + std::to_string(t.code) + ", bits ") + std::to_string(t.bits);
  return t.lanes == 1 ? text : text + " x " + std::to_string(t.lanes) + " lanes";
}

// What an export owns: the struct itself, shape and strides, and the elements or a share of them.
template <class Memory> struct dlpack_export {
  Memory memory;
  DLManagedTensor managed{};
  std::int64_t shape[max_rank] = {}, strides[max_rank] = {};
  explicit dlpack_export(Memory&& m) : memory(static_cast<Memory&&>(m)) {}
};
template <class T, class X, class Memory> dlpack_owner export_dlpack(const X& x, T* data, DLDevice device, Memory memory) {
  auto e = std::make_unique<dlpack_export<Memory>>(static_cast<Memory&&>(memory));
  for (int a = 0; a < X::rank; ++a) e->shape[a] = x.extent(a), e->strides[a] = stride_in(x, a);
  e->managed.dl_tensor = {data, device, X::rank, dlpack_type<T>(), e->shape, e->strides, 0};
  e->managed.manager_ctx = e.get();
  e->managed.deleter = [](DLManagedTensor* self) { delete static_cast<dlpack_export<Memory>*>(self->manager_ctx); };
  return dlpack_owner(&e.release()->managed);
}
inline constexpr DLDevice dlpack_cpu{kDLCPU, 0};

}  // namespace detail

/// Exports a tensor. Its heap block is shared: writes are seen on both sides, and it lives until the last side lets go. A tensor of at
/// most 256 static bytes, which lives in its object, is copied. Const tensors are not taken: DLPack lets the receiver write.
template <class T, extent_t... E> dlpack_owner to_dlpack(tensor<T, E...>& x) {
  using detail::block, detail::block_owner;
  if (!x.data() && x.size() > 0) throw exception("sinter::to_dlpack: a tensor that was moved from has no elements; assign it first");
  if (x.memory() || x.size() == 0) return detail::export_dlpack(x, x.data(), detail::dlpack_cpu, block_owner(x.memory()));
  block_owner owner = block_owner::of_new(block::make(static_cast<std::size_t>(x.size()) * sizeof(T)));
  T* const to = static_cast<T*>(owner.get()->data());
  for (extent_t i = 0; i < x.size(); ++i) to[i] = x.data()[i];
  return detail::export_dlpack(x, to, detail::dlpack_cpu, static_cast<block_owner&&>(owner));
}
template <class T, extent_t... E> dlpack_owner to_dlpack(tensor<T, E...>&& x) { return to_dlpack(x); }
/// Exports a view; its memory must outlive what is exported.
template <class T, extent_t... E> dlpack_owner to_dlpack(const view<T, E...>& x) {
  static_assert(!std::is_const_v<T>, "sinter::to_dlpack: DLPack lets the receiver write, and this view only reads; copy it into a tensor");
  if constexpr (std::is_const_v<T>) return nullptr;
  else return detail::export_dlpack(x, x.data(), detail::dlpack_cpu, detail::block_owner());
}

namespace detail {

// A DLTensor on whatever device as a view. Throws where element type, shape or address are not the view's.
template <class View> View import_dlpack(const DLTensor& t) {
  using T = typename View::value_type;
  constexpr DLDataType want = dlpack_type<T>();
  if (t.dtype.code != want.code || t.dtype.bits != want.bits || t.dtype.lanes != want.lanes)
    throw exception("sinter::from_dlpack: the tensor holds " + name_of(t.dtype) + ", the view " + name_of(want) +
                    "; name the view after the tensor");
  using maker = view_maker<View>;
  extent_t have[max_rank + 1] = {}, size = 1;
  std::ptrdiff_t s[max_rank + 1] = {};
  const int shown = t.ndim < max_rank ? t.ndim : max_rank;
  bool good = t.ndim == View::rank;
  for (int a = shown - 1; a >= 0; --a) {
    have[a] = t.shape[a], good &= have[a] >= 0;
    s[a] = t.strides ? t.strides[a] : size;
    good &= !__builtin_mul_overflow(size, have[a], &size);
  }
  if (!good || !maker::fits(have))
    throw_shape_error("sinter::from_dlpack: the tensor has another shape than the view; name one that fits:", have, shown, maker::given,
                      View::rank);
  const auto address = reinterpret_cast<std::uintptr_t>(t.data) + static_cast<std::uintptr_t>(t.byte_offset);
  if (size > 0 && (!t.data || address % alignof(T) != 0))
    throw exception("sinter::from_dlpack: the elements lie at no address for their type (null or not aligned); copy the tensor first");
  return maker::make(reinterpret_cast<T*>(address), have, s);
}

}  // namespace detail

/// A DLTensor as a view: `from_dlpack<view<float, dyn, 768>>(managed->dl_tensor)`. The DLTensor must outlive the view's use.
/// Error: device_error unless it lies in memory of the CPU; shape_error for another rank or extents; exception for another element type
/// or address.
template <class View> View from_dlpack(const DLTensor& t) {
  static_assert(detail::is_view<View>, "sinter::from_dlpack: name the view to make: from_dlpack<sinter::view<float, sinter::dyn, 768>>(t)");
  if (t.device.device_type != kDLCPU && static_cast<int>(t.device.device_type) != 3)  // 3: CPU memory that CUDA has pinned
    throw device_error("sinter::from_dlpack: the tensor lies on a device of type " +
                       std::to_string(static_cast<int>(t.device.device_type)) + "; copy it to the CPU (type 1) first");
  return detail::import_dlpack<View>(t);
}

}  // namespace sinter
