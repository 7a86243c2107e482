// SPDX-License-Identifier: Apache-2.0
// tensor, which owns its elements in the memory of a device, and `to`, which makes one of what lies on the host.
#pragma once

#include <sinter/cuda/view.hpp>

namespace sinter::device {

/// A tensor in the memory of the device that was current when it was made: row-major, 256-byte aligned, not initialised. Extents are
/// numbers or `dyn`, as on the host: `device::tensor<float, dyn, 768> x(n)`. It moves; copies are made by `copy()`.
/// One that was moved from has no memory (run-time extents are 0): copies and views throw sinter::exception, until it is assigned.
/// Error: shape_error for negative extents and above 2^48 elements, device_error where the memory is not there, exception inside of
/// graph_exec::capture, where memory would not be that of later launches.
/// Cost: a call of the runtime for memory from its pool, none where there are no elements. Memory is used again only after the work that is
/// queued when the tensor ends: free with the default stream alone, a wait for the device in programs that have others (cuda/memory.hpp).
template <class T, extent_t... E> class tensor {
 public:
  using value_type = T;
  using host = sinter::tensor<T, E...>;
  static constexpr int rank = host::rank;
  static constexpr int dynamic_rank = host::dynamic_rank;

  tensor() : memory_(dynamic_rank == 0 ? bytes_of(extents_) : 0) {}
  /// Run-time extents, in order.
  template <std::integral... I>
  requires(sizeof...(I) == dynamic_rank && dynamic_rank > 0) explicit tensor(I... n)
      : extents_{{static_cast<extent_t>(n)...}}, memory_(bytes_of(extents_)) {}
  /// All extents, as an array; the static ones are not looked at.
  tensor(sinter::detail::uninitialised, const extent_t* e) : extents_(extents_from(e)), memory_(bytes_of(extents_)) {}
  tensor(tensor&& o) noexcept : extents_(o.extents_), memory_(static_cast<detail::memory&&>(o.memory_)) { o.forget(); }
  tensor& operator=(tensor&& o) noexcept {
    if (this == &o) return *this;
    memory_ = static_cast<detail::memory&&>(o.memory_);
    extents_ = o.extents_;
    o.forget();
    return *this;
  }

  /// The address on the device; null where there are no elements.
  T* data() { return static_cast<T*>(memory_.data()); }
  const T* data() const { return static_cast<const T*>(memory_.data()); }
  /// The number of elements.
  extent_t size() const { return extents_.size(); }
  std::size_t bytes() const { return static_cast<std::size_t>(size()) * sizeof(T); }
  extent_t extent(int axis) const { return extents_[axis]; }
  /// The number of the device that it lies on.
  int device() const { return memory_.device(); }
  /// For calls: address, extents and strides. The host must not read through it.
  sinter::view<T, E...> layout() { return layout_at(data(), sinter::detail::make_int_list<dynamic_rank>{}); }
  sinter::view<const T, E...> layout() const { return layout_at(data(), sinter::detail::make_int_list<dynamic_rank>{}); }
  /// A view of a part, as sinter::tensor::sub.
  template <class... P>
  requires(sizeof...(P) == rank && rank > 0) auto sub(P... parts) { return view<T, E...>(*this).sub(parts...); }
  template <class... P>
  requires(sizeof...(P) == rank && rank > 0) auto sub(P... parts) const { return view<const T, E...>(*this).sub(parts...); }

  /// A copy in host memory; returns when it is there.
  host to_host(const stream& s = current_stream()) const { return view<const T, E...>(*this).to_host(s); }
  /// A copy on the device, in the order of a stream.
  tensor copy(const stream& s = current_stream()) const {
    const auto from = layout();
    extent_t e[max_rank] = {};
    for (int a = 0; a < rank; ++a) e[a] = from.extent(a);
    tensor t(sinter::detail::uninitialised{}, e);
    t.copy_from(*this, s);
    return t;
  }
  /// Writes x to all elements, in the order of a stream. Cost: one pass of the device where all bytes of x are the same, as of 0; else a
  /// copy from the host, which waits.
  void fill(T x, const stream& s = current_stream()) { device::view<T, E...>(*this).fill(x, s); }
  /// Copies from and to tensors and views of the host and the device, as those of device::view.
  template <class X> void copy_from(const X& x) { view<T, E...>(*this).copy_from(x); }
  template <class X> void copy_from(const X& x, const stream& s) { view<T, E...>(*this).copy_from(x, s); }
  template <class X> void copy_to(X&& x) const { view<const T, E...>(*this).copy_to(x); }
  template <class X> void copy_to(X&& x, const stream& s) const { view<const T, E...>(*this).copy_to(x, s); }

 private:
  using extents = sinter::detail::extents<E...>;

  static extents extents_from(const extent_t* e) {
    extents r;
    r.assign(e);
    return r;
  }
  static std::size_t bytes_of(extents e) {
    extent_t each[rank + 1] = {}, n = 1;
    for (int a = rank - 1; a >= 0; --a) {
      if ((each[a] = e[a]) < 0)
        throw shape_error("sinter::device::tensor: the run-time extent " + std::to_string(each[a]) + " is negative; give 0 or more");
      n = sinter::detail::saturating_product(n, each[a]);
    }
    if (n > max_elements) sinter::detail::throw_too_large("sinter::device::tensor", each, rank);
    if (n > 0 && detail::this_thread.captured)
      throw exception("sinter::device::tensor: made inside of graph_exec::capture; make it before, and write into it");
    return static_cast<std::size_t>(n) * sizeof(T);
  }
  template <class U, int... K> sinter::view<U, E...> layout_at(U* p, sinter::detail::int_list<K...>) const {
    if (!p && size() > 0) throw exception("sinter::device::tensor: a tensor that was moved from has no elements; assign it first");
    return sinter::view<U, E...>(p, extents_.run_time[K]...);
  }
  void forget() noexcept {
    if constexpr (dynamic_rank > 0) extents_ = {};
  }

  [[no_unique_address]] extents extents_{};
  detail::memory memory_;
};

namespace detail {
template <class X> struct device_type;
template <class T, extent_t... E> struct device_type<sinter::tensor<T, E...>> { using type = tensor<T, E...>; };
template <class T, extent_t... E> struct device_type<sinter::view<T, E...>> { using type = tensor<std::remove_const_t<T>, E...>; };
}  // namespace detail

/// The device::tensor that holds what a sinter::tensor or sinter::view holds.
template <class X> using device_of = typename detail::device_type<std::remove_cvref_t<X>>::type;

/// Copies a tensor or a contiguous view of the host to the current device, in the order of a stream: x must stay, and stay what it is,
/// until the stream has copied it.
template <class X>
requires detail::is_host_tensor<X> device_of<X> to(const X& x, const stream& s) {
  extent_t e[max_rank] = {};
  for (int a = 0; a < X::rank; ++a) e[a] = x.extent(a);
  device_of<X> t(sinter::detail::uninitialised{}, e);
  t.copy_from(x, s);
  return t;
}
/// Likewise, and of a number too; returns when the copy is there.
template <class X>
requires detail::is_host_tensor<X> device_of<X> to(const X& x) {
  const stream s = current_stream();
  device_of<X> t = to(x, s);
  s.synchronize();
  return t;
}
template <element T> tensor<T> to(T x) { return to(sinter::tensor<T>(x)); }

}  // namespace sinter::device
