// SPDX-License-Identifier: Apache-2.0
// What the adapters of this folder share: views from run-time extents and strides, and the strides of tensors.
#pragma once

#include <sinter/core/tensor.hpp>

namespace sinter::detail {

template <class View> struct view_maker;
template <class T, extent_t... E> struct view_maker<view<T, E...>> {
  static constexpr int rank = sizeof...(E);
  static constexpr extent_t given[rank + 1] = {E..., 0};

  // Whether run-time extents are those that the type fixes.
  static bool fits(const extent_t* e) { return extents<E...>{}.assign(e); }
  static view<T, E...> make(T* p, const extent_t* e, const std::ptrdiff_t* s) {
    extent_t open[rank + 1] = {};
    int n = 0;
    for (int a = 0; a < rank; ++a)
      if (given[a] == dyn) open[n++] = e[a];
    return make(p, open, s, make_int_list<rank>{}, make_int_list<view<T, E...>::dynamic_rank>{});
  }

 private:
  template <int... A, int... K> static view<T, E...> make(T* p, [[maybe_unused]] const extent_t* open,
                                                          [[maybe_unused]] const std::ptrdiff_t* s, int_list<A...>, int_list<K...>) {
    return view<T, E...>(p, strides(s[A]...), open[K]...);
  }
};

// The distance between neighbours along an axis of a tensor or view.
template <class X> extent_t stride_in(const X& x, int axis) {
  if constexpr (is_view<X>) {
    return x.stride(axis);
  } else {
    extent_t s = 1;
    for (int a = axis + 1; a < X::rank; ++a) s = detail::wrapping_product(s, x.extent(a));
    return s;
  }
}

}  // namespace sinter::detail
