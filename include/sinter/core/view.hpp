// SPDX-License-Identifier: Apache-2.0
// view: memory that somebody else owns, seen as a tensor of any layout. Its parts are views again and can be assigned.
#pragma once

#include <sinter/core/storage.hpp>

namespace sinter {

/// Memory that somebody else owns, seen as a tensor; row-major unless strides are given. Assigning to a view writes its
/// elements (it never rebinds). A `view<const T, ...>` only reads. The product of the extents is at most 2^48, else shape_error.
template <class T, extent_t... E> class view {
  static_assert(detail::has_dtype<std::remove_const_t<T>>,
                "sinter::view: the element type is none of sinter's; use float, double, sinter::float16, sinter::bfloat16, bool or an "
                "integer, with sinter/complex.hpp "
                "std::complex");
  static_assert(detail::few_enough_axes<sizeof...(E)>, "sinter::view: a tensor has at most 8 axes; reshape it to fewer");
  static_assert(detail::few_enough_elements<E...>,
                "sinter::view: the product of the extents is above 2^48 elements; make the extents smaller");
  static_assert(((E >= dyn) && ...), "sinter::view: an extent is negative; use sinter::dyn for a run-time extent");

  template <class U, extent_t... F> static constexpr bool sees = [] {
    if constexpr (sizeof...(F) != sizeof...(E)) return false;
    else return (std::is_same_v<T, U> || std::is_same_v<T, const U>)&&((E == F || E == dyn) && ...);
  }();

 public:
  using value_type = std::remove_const_t<T>;
  static constexpr int rank = sizeof...(E);
  static constexpr int dynamic_rank = detail::extents<E...>::dynamic_rank;

  /// Run-time extents follow the pointer, in order.
  template <std::integral... I>
  requires(sizeof...(I) == dynamic_rank) explicit view(T* p, I... n) : data_(p) {
    set_extents(n...);
    set_row_major();
  }
  /// Strides in elements, then run-time extents.
  template <std::integral... I>
  requires(sizeof...(I) == dynamic_rank) view(T* p, strides s, I... n) : data_(p) {
    set_extents(n...);
    if (s.rank != rank)
      throw shape_error("sinter::view: " + std::to_string(s.rank) + " strides for " + std::to_string(rank) + " axes; give one an axis");
    for (int i = 0; i < rank; ++i) stride_[i] = s.stride[i];
  }
  /// Sees a tensor or another view; extents may become run-time ones, elements read-only.
  template <class U, extent_t... F>
  requires(sees<U, F...>) view(tensor<U, F...>& t) : data_(t.data()) {
    take(t);
    set_row_major();
  }
  template <class U, extent_t... F>
  requires(sees<const U, F...>) view(const tensor<U, F...>& t) : data_(t.data()) {
    take(t);
    set_row_major();
  }
  template <class U, extent_t... F>
  requires(sees<U, F...> && !std::is_same_v<view<U, F...>, view>) view(const view<U, F...>& v) : data_(v.data()) {
    take(v);
    for (int i = 0; i < rank; ++i) stride_[i] = v.stride(i);
  }
  view(const view&) = default;

  SINTER_HOST_INLINE view& operator=(const view& o) {
    detail::copy(o, *this);
    return *this;
  }
  template <class X>
  requires(detail::is_tensor<X> || detail::is_view<X>) SINTER_HOST_INLINE view& operator=(const X& x) {
    (void)sizeof(detail::misfit<X, view>);
    detail::copy(x, *this);
    return *this;
  }
  template <expression_like X> SINTER_HOST_INLINE view& operator=(const X& x) {
    (void)sizeof(detail::misfit<X, view>);
    detail::evaluate(x, *this);
    return *this;
  }

  T* data() const { return data_; }
  extent_t size() const { return extents_.size(); }
  extent_t extent(int axis) const { return extents_[axis]; }
  std::ptrdiff_t stride(int axis) const { return stride_[axis]; }
  SINTER_HOST_INLINE void fill(value_type value) const requires(!std::is_const_v<T>) {
    extent_t index[max_rank] = {};
    for (extent_t n = size(); n > 0; --n) {
      std::ptrdiff_t o = 0;
      for (int a = 0; a < rank; ++a) o += index[a] * stride_[a];
      data_[o] = value;
      for (int a = rank - 1; a >= 0 && ++index[a] == extents_[a]; --a) index[a] = 0;
    }
  }

  template <std::integral... I>
  requires(sizeof...(I) == rank) SINTER_HOST_INLINE T& operator()(I... i) const { return data_[offset<SINTER_CHECKED>(i...)]; }
  template <std::integral... I>
  requires(sizeof...(I) == rank) SINTER_HOST_INLINE T& at(I... i) const { return data_[offset<true>(i...)]; }
  operator value_type() const requires(rank == 0) { return *data_; }

  /// A view of a part: one index (drops the axis), range or `all` for each axis. Throws index_error where it leaves this view.
  template <class... P>
  requires(sizeof...(P) == rank && rank > 0) auto sub(P... parts) const {
    static_assert((steps_forward<P> && ...),
                  "sinter::sub: a range has a step below 1; write range<first, last, step> with a step of at least 1");
    static_assert((fits<P, E> && ...), "sinter::sub: a range leaves its axis or ends before it begins; keep 0 <= first <= last <= extent");
    return sub_view(detail::make_int_list<((!std::is_integral_v<P>)+... + 0)>{}, parts...);
  }

 private:
  template <class... I> void set_extents(I... n) {
    if constexpr (dynamic_rank > 0) {
      extent_t given[] = {static_cast<extent_t>(n)...};
      for (int i = 0; i < dynamic_rank; ++i) {
        if (given[i] < 0)
          throw shape_error("sinter::view: the run-time extent " + std::to_string(given[i]) + " is negative; give 0 or more");
        extents_.run_time[i] = given[i];
      }
      extent_t each[rank], size = 1;
      for (int i = rank - 1; i >= 0; --i) size = detail::saturating_product(size, each[i] = extents_[i]);
      if (size > max_elements) detail::throw_too_large("sinter::view", each, rank);
    }
  }
  void set_row_major() {
    std::ptrdiff_t s = 1;
    for (int i = rank - 1; i >= 0; --i) stride_[i] = s, s = detail::wrapping_product(s, extents_[i]);
  }
  template <class X> void take(const X& t) {
    extent_t e[max_rank] = {};
    for (int i = 0; i < rank; ++i) e[i] = t.extent(i);
    extents_.assign(e);
    if (!data_ && size() > 0) throw exception("sinter::view: a tensor that was moved from has no elements; assign it first");
  }

  template <bool Check, class... I> std::ptrdiff_t offset(I... i) const {
    std::ptrdiff_t o = 0;
    int axis = 0;
    (((Check && (static_cast<extent_t>(i) < 0 || static_cast<extent_t>(i) >= extents_[axis])
           ? detail::throw_index_error(static_cast<extent_t>(i), axis, extents_[axis])
           : void()),
      o += static_cast<extent_t>(i) * stride_[axis], ++axis),
     ...);
    return o;
  }

  template <class P> static constexpr bool steps_forward = [] {
    if constexpr (std::is_integral_v<P>) return true;
    else return range_value(P{}).step >= 1;
  }();
  // Whether a range lies within an axis, as far as the types say.
  template <class P, extent_t Whole> static constexpr bool fits = [] {
    if constexpr (std::is_integral_v<P> || std::is_same_v<P, all_t>) return true;
    else {
      constexpr range_value r = P{};
      if constexpr (Whole == dyn) return (r.first < 0) != (r.last < 0) || r.first <= r.last;
      else {
        constexpr extent_t first = r.first < 0 ? r.first + Whole : r.first, last = r.last < 0 ? r.last + Whole : r.last;
        return 0 <= first && first <= last && last <= Whole;
      }
    }
  }();
  // The extent of one part as a type-level number: static where the range is, else dyn; -2 for an index, which drops the axis.
  template <class P, extent_t Whole> static constexpr extent_t part_extent() {
    if constexpr (std::is_integral_v<P>) return -2;
    else if constexpr (std::is_same_v<P, all_t>) return Whole;
    else {
      constexpr range_value r = P{};
      if constexpr (r.step < 1 || !fits<P, Whole>) return 0;
      else if constexpr ((r.first < 0 || r.last < 0) && Whole == dyn) return dyn;
      else return ((r.last < 0 ? r.last + Whole : r.last) - (r.first < 0 ? r.first + Whole : r.first) + r.step - 1) / r.step;
    }
  }
  struct kept_extents {
    extent_t extent[rank + 1] = {};
    int n = 0;
    constexpr void add(extent_t e) {
      if (e != -2) extent[n++] = e;
    }
  };
  template <class... P> static constexpr kept_extents kept() {
    kept_extents k;
    (k.add(part_extent<P, E>()), ...);
    return k;
  }
  struct part_cursor {
    extent_t extent[max_rank] = {};
    std::ptrdiff_t stride[max_rank] = {};
    std::ptrdiff_t offset = 0;
    int axis = 0, out = 0;
  };
  template <class P> void take_part(part_cursor& c, P part) const {
    const extent_t n = extents_[c.axis];
    if constexpr (std::is_integral_v<P>) {
      const extent_t i = static_cast<extent_t>(part) < 0 ? static_cast<extent_t>(part) + n : static_cast<extent_t>(part);
      if (i < 0 || i >= n) detail::throw_index_error(static_cast<extent_t>(part), c.axis, n);
      c.offset += i * stride_[c.axis];
    } else {
      const range_value given = part;
      range_value r = given;
      if (r.kind == range_value::whole) r.last = n;
      else if (r.first < 0) r.first += n;
      if (r.last < 0) r.last += n;
      if (r.first < 0 || r.last < r.first || r.last > n) detail::throw_range_error(given.first, given.last, c.axis, n);
      c.offset += r.first * stride_[c.axis];
      c.extent[c.out] = (r.last - r.first + r.step - 1) / r.step;
      c.stride[c.out++] = stride_[c.axis] * r.step;
    }
    ++c.axis;
  }
  template <int... K, class... P> auto sub_view(detail::int_list<K...>, P... parts) const {
    constexpr kept_extents k = kept<P...>();
    part_cursor c;
    (take_part(c, parts), ...);
    view<T, k.extent[K]...> result(data_ + c.offset, detail::no_strides_yet{});
    result.extents_.assign(c.extent);
    for (int a = 0; a < static_cast<int>(sizeof...(K)); ++a) result.stride_[a] = c.stride[a];
    return result;
  }
  view(T* p, detail::no_strides_yet) : data_(p) {}
  template <class, extent_t...> friend class view;

  T* data_;
  [[no_unique_address]] detail::extents<E...> extents_{};
  std::ptrdiff_t stride_[rank + (rank == 0)] = {};
};

}  // namespace sinter
