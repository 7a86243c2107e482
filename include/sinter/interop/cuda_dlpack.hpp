// SPDX-License-Identifier: Apache-2.0
// Device tensors to and from DLPack, without copies. Not here: streams, which the struct does not name; what the receiver runs on another
// stream than the one that made the elements must wait for it.
#pragma once

#include <sinter/cuda/tensor.hpp>
#include <sinter/interop/dlpack.hpp>

namespace sinter {

/// Exports a device tensor, `to_dlpack(std::move(x))`: the receiver owns its memory. To share it export a view,
/// `to_dlpack(device::view(x))`.
template <class T, extent_t... E> dlpack_owner to_dlpack(device::tensor<T, E...>&& x) {
  const auto seen = x.layout();  // throws where x was moved from
  const DLDevice where{kDLCUDA, x.device()};
  return detail::export_dlpack(seen, seen.data(), where, static_cast<device::tensor<T, E...>&&>(x));
}
/// Exports a view of the current device's memory, which must outlive what is exported. Const views are not taken, as on the host.
template <class T, extent_t... E> dlpack_owner to_dlpack(const device::view<T, E...>& x) {
  static_assert(!std::is_const_v<T>, "sinter::to_dlpack: DLPack lets the receiver write, and this view only reads; copy it into a tensor");
  if constexpr (std::is_const_v<T>) return nullptr;
  else return detail::export_dlpack(x.layout(), x.data(), {kDLCUDA, device::detail::current_device()}, detail::type_list<>());
}

/// A DLTensor of the current device as a view: `from_dlpack<device::view<float, dyn, 768>>(managed->dl_tensor)`. It must outlive the view.
/// Error: device_error where it lies elsewhere; shape_error for another rank or extents; exception for another element type or address.
template <class View>
requires device::is_device_tensor<View> View from_dlpack(const DLTensor& t) {
  constexpr int managed = 13;  // kDLCUDAManaged, which is younger than the struct: memory of all devices
  const int kind = static_cast<int>(t.device.device_type);
  if (kind != kDLCUDA && kind != managed)
    throw device_error("sinter::from_dlpack: the tensor lies on a device of type " + std::to_string(kind) +
                       ", the view on a CUDA device (type 2); copy it there first");
  if (const int now = device::detail::current_device(); kind == kDLCUDA && t.device.device_id != now)
    throw device_error("sinter::from_dlpack: the tensor lies on CUDA device " + std::to_string(t.device.device_id) +
                       ", and the current one is " + std::to_string(now) + "; make its device current with cudaSetDevice");
  return View::of_layout(detail::import_dlpack<typename View::host>(t));
}

}  // namespace sinter
