// SPDX-License-Identifier: Apache-2.0
// mdspan as views and back. Written on the interface alone, so that std::mdspan, Kokkos' and cuda::std::mdspan all work and none is
// needed; only where <mdspan> exists does as_mdspan also choose the type itself. No copies.
#pragma once

#if __has_include(<version>)
#include <version>
#endif
#if defined(__cpp_lib_mdspan)
#include <mdspan>
#include <span>
#endif

#include <sinter/interop/layout.hpp>

namespace sinter {

/// What the functions below ask of an mdspan.
template <class M>
concept mdspan_like = requires(const M& m) {
  typename M::element_type;
  typename M::reference;
  typename M::extents_type;
  typename M::mapping_type;
  m.data_handle();
  m.mapping();
  m.extents();
  M::rank();
};

namespace detail {

template <class M> constexpr extent_t static_extent_of(std::size_t axis) {
  const auto e = M::extents_type::static_extent(axis);
  return e == static_cast<decltype(e)>(-1) ? dyn : static_cast<extent_t>(e);
}
template <class M, int... A> auto from_mdspan(const M& m, int_list<A...>) {
  const extent_t e[] = {static_cast<extent_t>(m.extents().extent(A))..., 0};
  const std::ptrdiff_t s[] = {static_cast<std::ptrdiff_t>(m.mapping().stride(A))..., 0};
  return view_maker<view<typename M::element_type, static_extent_of<M>(A)...>>::make(m.data_handle(), e, s);
}

template <class M, class X, int... A> M as_mdspan(X& x, int_list<A...>) {
  using E = typename M::extents_type;
  using mapping = typename M::mapping_type;
  using index = typename E::index_type;
  const extent_t have[] = {x.extent(A)..., 0}, want[] = {static_extent_of<M>(A)..., 0};
  if (((want[A] != dyn && want[A] != have[A]) || ...))
    throw_shape_error("sinter::as_mdspan: the static extents of the mdspan are not those of the tensor; leave them dynamic or equal:", have,
                      X::rank, want, X::rank);
  const E extents(static_cast<index>(x.extent(A))...);
  if constexpr (std::is_constructible_v<mapping, E> && (sizeof...(A) == 0 || !requires(const mapping& m) { m.strides(); })) {
    const mapping m(extents);
    if (((x.extent(A) > 1 && static_cast<extent_t>(m.stride(A)) != stride_in(x, A)) || ...) && x.size() > 0)
      throw shape_error("sinter::as_mdspan: the elements do not lie as the layout of the mdspan wants them; ask for layout_stride");
    return M(x.data(), m);
  } else {  // layout_stride
    typename std::remove_cvref_t<decltype(std::declval<const mapping&>().strides())> s{{static_cast<index>(stride_in(x, A))...}};
    return M(x.data(), mapping(extents, s));
  }
}

}  // namespace detail

/// An mdspan of any strided layout as a view; static extents stay static. The mdspan itself may be a temporary, its memory not.
template <mdspan_like M> auto from_mdspan(const M& m) {
  static_assert(std::is_convertible_v<decltype(m.data_handle()), typename M::element_type*> &&
                    std::is_same_v<typename M::reference, typename M::element_type&>,
                "sinter::from_mdspan: the accessor of the mdspan does more than point to elements; use one with default_accessor");
  static_assert(M::rank() <= max_rank, "sinter::from_mdspan: a tensor has at most 8 axes; take a submdspan");
  if (!m.mapping().is_strided()) throw shape_error("sinter::from_mdspan: the layout of the mdspan has no strides; copy it to one that has");
  return detail::from_mdspan(m, detail::make_int_list<static_cast<int>(M::rank())>{});
}

/// A tensor or view as the mdspan type M: `as_mdspan<std::mdspan<float, std::extents<int, 64, 768>>>(x)`.
/// Error: shape_error where static extents differ or the elements lie otherwise than the layout says; layout_stride takes any.
template <mdspan_like M, class X>
requires(detail::is_tensor<std::remove_const_t<X>> || detail::is_view<std::remove_const_t<X>>) M as_mdspan(X& x) {
  static_assert(static_cast<int>(M::rank()) == X::rank, "sinter::as_mdspan: the mdspan has another rank than the tensor");
  return detail::as_mdspan<M>(x, detail::make_int_list<X::rank>{});
}
/// The same of a view that is a temporary.
template <mdspan_like M, class T, extent_t... E> M as_mdspan(view<T, E...>&& x) { return as_mdspan<M>(x); }

#if defined(__cpp_lib_mdspan)
namespace detail {
template <extent_t... E> using std_extents = std::extents<extent_t, (E == dyn ? std::dynamic_extent : static_cast<std::size_t>(E))...>;
}
/// A tensor as a std::mdspan of layout_right, a view as one of layout_stride.
template <class T, extent_t... E> auto as_mdspan(tensor<T, E...>& x) { return as_mdspan<std::mdspan<T, detail::std_extents<E...>>>(x); }
template <class T, extent_t... E> auto as_mdspan(const tensor<T, E...>& x) {
  return as_mdspan<std::mdspan<const T, detail::std_extents<E...>>>(x);
}
template <class T, extent_t... E> auto as_mdspan(const view<T, E...>& x) {
  return as_mdspan<std::mdspan<T, detail::std_extents<E...>, std::layout_stride>>(x);
}
#endif

}  // namespace sinter
