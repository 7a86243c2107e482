// SPDX-License-Identifier: Apache-2.0
// view: device memory that somebody else owns, and the copies between host and device.
#pragma once

#include <cstring>

#include <sinter/core/tensor.hpp>
#include <sinter/cuda/stream.hpp>

namespace sinter::device {

template <class T, extent_t... E> class tensor;
template <class T, extent_t... E> class view;

namespace detail {
template <class X> inline constexpr bool is_device_tensor = false;
template <class T, extent_t... E> inline constexpr bool is_device_tensor<tensor<T, E...>> = true;
template <class T, extent_t... E> inline constexpr bool is_device_tensor<view<T, E...>> = true;
template <class X> inline constexpr bool is_host_tensor = sinter::detail::is_tensor<X> || sinter::detail::is_view<X>;

struct of_layout_tag {};

inline namespace SINTER_ISA {
[[noreturn]] SINTER_NOINLINE inline void throw_strided() {
  throw exception("sinter::device: elements with gaps between them are not copied; copy the whole, or a part that is contiguous");
}
}  // namespace SINTER_ISA

// What a copy needs to know of a tensor.
struct span {
  const void* data;
  std::size_t bytes;
  extent_t extent[max_rank];
  bool contiguous = true;
  template <class T, extent_t... E> explicit span(const sinter::view<T, E...>& v)
      : data(v.data()), bytes(static_cast<std::size_t>(v.size()) * sizeof(T)) {
    std::ptrdiff_t s = 1;
    for (int a = static_cast<int>(sizeof...(E)) - 1; a >= 0; --a) {
      extent[a] = v.extent(a);
      contiguous &= extent[a] == 1 || v.stride(a) == s;
      s = sinter::detail::wrapping_product(s, extent[a]);
    }
  }
};
template <class T, extent_t... E> sinter::view<const T, E...> layout_of(const sinter::tensor<T, E...>& x) { return x; }
template <class T, extent_t... E> sinter::view<T, E...> layout_of(sinter::tensor<T, E...>& x) { return x; }
template <class T, extent_t... E> const sinter::view<T, E...>& layout_of(const sinter::view<T, E...>& x) { return x; }
template <class X>
requires is_device_tensor<std::remove_const_t<X>>
auto layout_of(X& x) { return x.layout(); }

inline void copy(const span& to, const span& from, int rank, cudaMemcpyKind kind, const stream& s) {
  bool good = true;
  for (int a = 0; a < rank; ++a) good &= to.extent[a] == from.extent[a];
  if (!good)
    sinter::detail::throw_shape_error("sinter::device: a copy keeps the shape; make both the same:", from.extent, rank, to.extent, rank);
  if (to.bytes == 0) return;
  if (!to.contiguous || !from.contiguous) throw_strided();
  const char* const call = kind == cudaMemcpyHostToDevice   ? "cudaMemcpyAsync to the device"
                           : kind == cudaMemcpyDeviceToHost ? "cudaMemcpyAsync to the host"
                                                            : "cudaMemcpyAsync within the device";
  check(cudaMemcpyAsync(const_cast<void*>(to.data), from.data, to.bytes, kind, s.handle()), call);
}
template <class To, class From> void copy(To& to, From& from, const stream& s) {
  using to_type = std::remove_const_t<To>;
  using from_type = std::remove_const_t<From>;
  static_assert(std::is_same_v<typename to_type::value_type, typename from_type::value_type>,
                "sinter::device: a copy keeps the element type; convert with sinter::cast<T>(x) before or after it");
  static_assert(to_type::rank == from_type::rank, "sinter::device: a copy keeps the number of axes; reshape before or after it");
  const auto target = layout_of(to);
  static_assert(!std::is_const_v<std::remove_pointer_t<decltype(target.data())>>,
                "sinter::device: a const tensor or a view<const T, ...> cannot be written; name one that is not const");
  constexpr cudaMemcpyKind kind = !is_device_tensor<to_type>    ? cudaMemcpyDeviceToHost
                                  : is_device_tensor<from_type> ? cudaMemcpyDeviceToDevice
                                                                : cudaMemcpyHostToDevice;
  copy(span(target), span(layout_of(from)), to_type::rank, kind, s);
  if constexpr (sinter::detail::is_tensor<to_type>) to.touch();
}
}  // namespace detail

/// Whether X is a device::tensor or device::view; const and references do not matter.
template <class X> inline constexpr bool is_device_tensor = detail::is_device_tensor<std::remove_cvref_t<X>>;
/// What stands for X on the host: the sinter::tensor of a device::tensor, the sinter::view of a device::view.
template <class X> using host_of = typename std::remove_cvref_t<X>::host;

/// Device memory that somebody else owns, seen as a tensor, row-major unless strides are given; `view<const T, ...>` only reads. Made of a
/// raw pointer as sinter::view is: `device::view<float, dyn, 768>(p, n)`, `device::view<float, 3, 4>(p, strides{8, 1})`; or of a tensor.
/// Which device the pointer belongs to is not checked. A view is not assigned; copy_from writes its elements.
/// Copies keep shape and element type, else shape_error before anything is copied; elements with gaps are refused with sinter::exception.
/// Between host and device, those that name no stream return when they are done. Those that name one are put into it: host memory must
/// stay, and stay what it is, until the stream has done them.
template <class T, extent_t... E> class view {
  using seen = sinter::view<T, E...>;

 public:
  using value_type = std::remove_const_t<T>;
  using host = seen;
  static constexpr int rank = seen::rank;
  static constexpr int dynamic_rank = seen::dynamic_rank;

  /// Run-time extents follow the pointer, in order.
  template <std::integral... I>
  requires(sizeof...(I) == dynamic_rank) explicit view(T* p, I... n) : layout_(p, n...) {}
  /// Strides in elements, then run-time extents.
  template <std::integral... I>
  requires(sizeof...(I) == dynamic_rank) view(T* p, strides s, I... n) : layout_(p, s, n...) {}
  /// Sees a tensor or another view; extents may become run-time ones, elements read-only.
  template <class U, extent_t... F>
  requires(std::is_convertible_v<sinter::view<U, F...>, seen>) view(tensor<U, F...>& t) : layout_(t.layout()) {}
  template <class U, extent_t... F>
  requires(std::is_convertible_v<sinter::view<const U, F...>, seen>) view(const tensor<U, F...>& t) : layout_(t.layout()) {}
  template <class U, extent_t... F>
  requires(std::is_convertible_v<sinter::view<U, F...>, seen> && !std::is_same_v<view<U, F...>, view>) view(const view<U, F...>& v)
      : layout_(v.layout()) {}
  view(const view&) = default;
  view& operator=(const view&) = delete;

  /// The address on the device.
  T* data() const { return layout_.data(); }
  extent_t size() const { return layout_.size(); }
  std::size_t bytes() const { return static_cast<std::size_t>(size()) * sizeof(T); }
  extent_t extent(int axis) const { return layout_.extent(axis); }
  std::ptrdiff_t stride(int axis) const { return layout_.stride(axis); }
  /// For calls: address, extents and strides. The host must not read through it.
  const seen& layout() const { return layout_; }
  /// A view of a part, as sinter::view::sub.
  template <class... P>
  requires(sizeof...(P) == rank && rank > 0) auto sub(P... parts) const { return of_layout(layout_.sub(parts...)); }
  /// Device memory that a sinter::view describes.
  template <class U, extent_t... F> static view<U, F...> of_layout(const sinter::view<U, F...>& v) {
    return view<U, F...>(detail::of_layout_tag{}, v);
  }

  /// A copy in host memory; returns when it is there.
  sinter::tensor<value_type, E...> to_host(const stream& s = current_stream()) const {
    extent_t e[max_rank] = {};
    for (int a = 0; a < rank; ++a) e[a] = extent(a);
    sinter::tensor<value_type, E...> h(sinter::detail::uninitialised{}, e);
    detail::copy(h, *this, s);
    s.synchronize();
    return h;
  }
  /// Writes x to all elements, which are contiguous. Cost: as device::tensor::fill.
  void fill(value_type x, const stream& s = current_stream()) const {
    const detail::span to(layout_);
    if (to.bytes == 0) return;
    if (!to.contiguous) detail::throw_strided();
    unsigned char b[sizeof x];
    std::memcpy(b, &x, sizeof x);
    bool same = true;
    for (const unsigned char c : b) same = same && c == b[0];
    if (same) return check(cudaMemsetAsync(data(), b[0], to.bytes, s.handle()), "cudaMemsetAsync");
    extent_t e[max_rank] = {};
    for (int a = 0; a < rank; ++a) e[a] = extent(a);
    sinter::tensor<value_type, E...> h(sinter::detail::uninitialised{}, e);
    h.fill(x);
    copy_from(h, s);
    s.synchronize();
  }
  /// Copies the elements of a tensor or view of the host or the device.
  template <class X> void copy_from(const X& x) const {
    const stream s = current_stream();
    detail::copy(*this, x, s);
    if constexpr (!is_device_tensor<X>) s.synchronize();
  }
  template <class X> void copy_from(const X& x, const stream& s) const { detail::copy(*this, x, s); }
  /// Copies the elements to a tensor or view of the host or the device.
  template <class X> void copy_to(X&& x) const {
    const stream s = current_stream();
    detail::copy(x, *this, s);
    if constexpr (!is_device_tensor<X>) s.synchronize();
  }
  template <class X> void copy_to(X&& x, const stream& s) const { detail::copy(x, *this, s); }

 private:
  view(detail::of_layout_tag, const seen& v) : layout_(v) {}
  template <class, extent_t...> friend class view;

  seen layout_;
};
template <class T, extent_t... E> view(tensor<T, E...>&) -> view<T, E...>;
template <class T, extent_t... E> view(const tensor<T, E...>&) -> view<const T, E...>;

}  // namespace sinter::device
