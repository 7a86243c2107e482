// SPDX-License-Identifier: Apache-2.0
// Eigen's matrices, arrays, maps, references and blocks as views, and tensors and views as Eigen::Map. No copies. A matrix has rank
// 2, what is a vector by its type rank 1. The only header that includes Eigen.
#pragma once

#include <Eigen/Core>

#include <sinter/interop/layout.hpp>

namespace sinter {

namespace detail {

constexpr extent_t from_eigen_extent(Eigen::Index n) { return n == Eigen::Dynamic ? dyn : static_cast<extent_t>(n); }
constexpr int to_eigen_extent(extent_t n) { return n == dyn ? static_cast<int>(Eigen::Dynamic) : static_cast<int>(n); }

template <class T, extent_t... E> struct eigen_matrix;
template <class T, extent_t N> struct eigen_matrix<T, N> { using type = Eigen::Matrix<T, to_eigen_extent(N), 1>; };
template <class T, extent_t R, extent_t C> struct eigen_matrix<T, R, C> {
  static constexpr int order = C == 1 && R != 1 ? Eigen::ColMajor : Eigen::RowMajor;  // Eigen allows no row-major column
  using type = Eigen::Matrix<T, to_eigen_extent(R), to_eigen_extent(C), order>;
};
template <class T, extent_t... E> struct eigen_matrix_of {
  static_assert(sizeof...(E) == 1 || sizeof...(E) == 2,
                "sinter::as_eigen: Eigen has vectors and matrices; take a part with sub, or reshape");
  static_assert(std::is_arithmetic_v<T>, "sinter::as_eigen: Eigen does not know this element type; convert it with sinter::cast<float>(x)");
  using matrix = typename eigen_matrix<std::remove_const_t<T>, E...>::type;
  using type = std::conditional_t<std::is_const_v<T>, const matrix, matrix>;
};
template <class T, class X, extent_t... E> auto map_of(T* p, const X& x, shape<E...>) {
  using map = Eigen::Map<typename eigen_matrix_of<T, E...>::type>;
  if constexpr (sizeof...(E) == 1) return map(p, x.extent(0));
  else return map(p, x.extent(0), x.extent(1));
}

}  // namespace detail

/// An Eigen matrix, array, map, reference or block as a view: column-major ones too, const ones as view<const T, ...>.
/// `f.into(from_eigen(m), x)` and `from_eigen(m) = x + y` write to it.
template <class M> auto from_eigen(M&& m) {
  using P = std::remove_cvref_t<M>;
  static_assert(std::is_base_of_v<Eigen::DenseBase<P>, P>, "sinter::from_eigen: this is no dense Eigen matrix or array");
  static_assert((static_cast<unsigned>(P::Flags) & Eigen::DirectAccessBit) != 0,
                "sinter::from_eigen: an Eigen expression has no elements yet; assign it to a matrix first");
  static_assert(std::is_lvalue_reference_v<M> || !std::is_base_of_v<Eigen::PlainObjectBase<P>, P>,
                "sinter::from_eigen: the matrix is a temporary, whose elements are gone when the view is used; give it a name first");
  using T = std::remove_pointer_t<decltype(m.data())>;
  if constexpr (P::IsVectorAtCompileTime) {
    const extent_t e[] = {m.size()};
    const std::ptrdiff_t s[] = {m.innerStride()};
    return detail::view_maker<view<T, detail::from_eigen_extent(P::SizeAtCompileTime)>>::make(m.data(), e, s);
  } else {
    using result = view<T, detail::from_eigen_extent(P::RowsAtCompileTime), detail::from_eigen_extent(P::ColsAtCompileTime)>;
    const extent_t e[] = {m.rows(), m.cols()};
    const std::ptrdiff_t s[] = {m.rowStride(), m.colStride()};
    return detail::view_maker<result>::make(m.data(), e, s);
  }
}

/// A tensor of rank 1 or 2 as an Eigen::Map of a vector or a row-major matrix; static extents stay static.
template <class T, extent_t... E> auto as_eigen(tensor<T, E...>& x) { return detail::map_of(x.data(), x, shape<E...>{}); }
template <class T, extent_t... E> auto as_eigen(const tensor<T, E...>& x) { return detail::map_of(x.data(), x, shape<E...>{}); }
template <class T, extent_t... E> auto as_eigen(tensor<T, E...>&&) = delete;  // its elements would be gone
/// A view as an Eigen::Map with strides. Error: shape_error where a stride is negative, which Eigen does not take.
template <class T, extent_t... E> auto as_eigen(const view<T, E...>& x) {
  using matrix = typename detail::eigen_matrix_of<T, E...>::type;
  for (int a = 0; a < x.rank; ++a)
    if (x.stride(a) < 0) throw shape_error("sinter::as_eigen: a stride of the view is negative; Eigen takes only others");
  if constexpr (sizeof...(E) == 1) {
    using step = Eigen::InnerStride<Eigen::Dynamic>;
    return Eigen::Map<matrix, Eigen::Unaligned, step>(x.data(), x.extent(0), step(x.stride(0)));
  } else {
    using step = Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>;
    constexpr int outer = matrix::IsRowMajor ? 0 : 1;
    return Eigen::Map<matrix, Eigen::Unaligned, step>(x.data(), x.extent(0), x.extent(1), step(x.stride(outer), x.stride(1 - outer)));
  }
}

}  // namespace sinter
