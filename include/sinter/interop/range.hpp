// SPDX-License-Identifier: Apache-2.0
// Contiguous ranges (std::vector, std::span, std::array, arrays, tensors) as views, of one axis or of a given shape. No copies.
#pragma once

#include <array>
#include <ranges>
#include <span>

#include <sinter/core/view.hpp>

namespace sinter {

namespace detail {

template <class R> inline constexpr extent_t extent_of_range = dyn;
template <class T, std::size_t N> inline constexpr extent_t extent_of_range<T[N]> = static_cast<extent_t>(N);
template <class T, std::size_t N> inline constexpr extent_t extent_of_range<std::array<T, N>> = static_cast<extent_t>(N);
template <class T, std::size_t N>
requires(N != std::dynamic_extent) inline constexpr extent_t extent_of_range<std::span<T, N>> = static_cast<extent_t>(N);

[[noreturn]] SINTER_NOINLINE inline void throw_range_error(extent_t n, const extent_t* e, int rank) {
  throw_shape_error("sinter::as_view: the range does not fill the shape; give it as many elements as the shape has:", &n, 1, e, rank);
}

}  // namespace detail

/// The elements of a contiguous range as a view: `as_view(v)` has one axis, `as_view<64, 768>(v)` and `as_view<dyn, 768>(v)` the shape
/// that is named, where one extent may be dyn and follows from the size. std::array, std::span and arrays keep their static extent.
/// Error: shape_error where the elements do not fill the shape. The range must outlive the view.
template <extent_t... E, class R> auto as_view(R&& range) {
  constexpr int open = ((E == dyn) + ... + 0);
  static_assert(std::ranges::contiguous_range<R> && std::ranges::sized_range<R>,
                "sinter::as_view: this is no contiguous range of elements (std::vector<bool> is none); copy it into a std::vector first");
  static_assert(std::ranges::borrowed_range<R>,
                "sinter::as_view: the range is a temporary, whose elements are gone when the view is used; give it a name first");
  static_assert(open <= 1, "sinter::as_view: only one extent can follow from the size of a range; name the others");
  using T = std::remove_reference_t<std::ranges::range_reference_t<R>>;
  constexpr extent_t whole = detail::extent_of_range<std::remove_cvref_t<R>>, known = (extent_t{1} * ... * (E == dyn ? 1 : E));
  const auto n = static_cast<extent_t>(std::ranges::size(range));
  T* const p = std::ranges::data(range);
  if constexpr (sizeof...(E) == 0) {
    if constexpr (whole == dyn) return view<T, dyn>(p, n);
    else return view<T, whole>(p);
  } else {
    static_assert(whole == dyn || (open && known != 0 ? whole % (known ? known : 1) == 0 : whole == known),
                  "sinter::as_view: the range does not fill the shape; give it as many elements as the shape has");
    constexpr extent_t wanted[] = {E...};
    if (open && known != 0 ? n % (known ? known : 1) != 0 : n != known) detail::throw_range_error(n, wanted, sizeof...(E));
    if constexpr (open == 0) return view<T, E...>(p);
    else return view<T, E...>(p, known ? n / known : 0);
  }
}

}  // namespace sinter
