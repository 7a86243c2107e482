// SPDX-License-Identifier: Apache-2.0
// Eigen's matrices as views and back, in every layout, without copies.
#include <sinter/eigen.hpp>

#include <type_traits>

#include <doctest/doctest.h>

namespace {

using namespace sinter;

template <class V, class M> bool sees(const V& v, M& m) {  // each element at its place, the same memory
  if constexpr (V::rank == 1) {
    for (int i = 0; i < m.size(); ++i)
      if (&v(i) != &m.coeffRef(i)) return false;
    return v.extent(0) == m.size();
  } else {
    for (int i = 0; i < m.rows(); ++i)
      for (int j = 0; j < m.cols(); ++j)
        if (&v(i, j) != &m.coeffRef(i, j)) return false;
    return v.extent(0) == m.rows() && v.extent(1) == m.cols();
  }
}

using row_major = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
constexpr auto twice_plus = fn([](auto x, auto y) { return x * 2 + y; });

static_assert(std::is_same_v<decltype(from_eigen(std::declval<Eigen::MatrixXf&>())), view<float, dyn, dyn>>);
static_assert(std::is_same_v<decltype(from_eigen(std::declval<const Eigen::MatrixXf&>())), view<const float, dyn, dyn>>);
static_assert(std::is_same_v<decltype(from_eigen(std::declval<Eigen::Matrix<double, 3, 4>&>())), view<double, 3, 4>>);
static_assert(std::is_same_v<decltype(from_eigen(std::declval<Eigen::Array<int, Eigen::Dynamic, 4>&>())), view<int, dyn, 4>>);
static_assert(std::is_same_v<decltype(from_eigen(std::declval<Eigen::Matrix<int, 4, Eigen::Dynamic>&>())), view<int, 4, dyn>>);
static_assert(std::is_same_v<decltype(from_eigen(std::declval<Eigen::VectorXd&>())), view<double, dyn>>);
static_assert(std::is_same_v<decltype(from_eigen(std::declval<Eigen::RowVector3f&>())), view<float, 3>>);
static_assert(std::is_same_v<decltype(from_eigen(std::declval<Eigen::Map<const Eigen::MatrixXf>>())), view<const float, dyn, dyn>>);
static_assert(
    std::is_same_v<decltype(as_eigen(std::declval<tensor<float, 3, 4>&>())), Eigen::Map<Eigen::Matrix<float, 3, 4, Eigen::RowMajor>>>);
static_assert(std::is_same_v<decltype(as_eigen(std::declval<const tensor<float, dyn>&>())), Eigen::Map<const Eigen::VectorXf>>);

}  // namespace

TEST_CASE("eigen: what a view of a matrix sees") {
  Eigen::MatrixXf columns(3, 4);
  row_major rows(3, 4);
  Eigen::Matrix<double, 2, 5> fixed;
  Eigen::Array<int, Eigen::Dynamic, 3> array(4, 3);
  Eigen::VectorXf v(7);
  Eigen::RowVectorXd r(4);
  CHECK(sees(from_eigen(columns), columns));
  CHECK(sees(from_eigen(rows), rows));
  CHECK(sees(from_eigen(fixed), fixed));
  CHECK(sees(from_eigen(array), array));
  CHECK(sees(from_eigen(v), v));
  CHECK(sees(from_eigen(r), r));
  CHECK(from_eigen(columns).stride(0) == 1);
  CHECK(from_eigen(columns).stride(1) == 3);
  CHECK(from_eigen(rows).stride(0) == 4);

  auto block = columns.block(1, 1, 2, 3);
  CHECK(sees(from_eigen(block), block));
  auto column = rows.col(2);  // stride 4
  CHECK(sees(from_eigen(column), column));
  auto line = columns.row(1);
  CHECK(sees(from_eigen(line), line));
  Eigen::Ref<Eigen::MatrixXf> reference = columns;
  CHECK(sees(from_eigen(reference), reference));
  float memory[24] = {};
  Eigen::Map<Eigen::MatrixXf, 0, Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>> spread(
      memory, 3, 2, Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>(12, 2));
  CHECK(sees(from_eigen(spread), spread));
}

TEST_CASE("eigen: functions and expressions read and write matrices") {
  Eigen::MatrixXf x(5, 9), y(5, 9), out(5, 9);
  for (int i = 0; i < x.size(); ++i) x(i) = float(i), y(i) = float(i % 7) - 3;
  const Eigen::MatrixXf expected = x * 2 + y;
  twice_plus.into(from_eigen(out), from_eigen(x), from_eigen(y));
  CHECK(out == expected);
  out.setZero();
  from_eigen(out) = from_eigen(x) * 2 + from_eigen(y);
  CHECK(out == expected);
  const row_major z = y;
  out.setZero();
  from_eigen(out) = from_eigen(x) * 2 + from_eigen(z);  // layouts mix
  CHECK(out == expected);
  from_eigen(out.row(2)) = from_eigen(x.row(0)) + 1;  // a block is a temporary, its elements are not
  CHECK(out.row(2) == (x.row(0).array() + 1).matrix());
  const tensor<float, dyn, dyn> owned = from_eigen(x);
  CHECK(owned(3, 4) == x(3, 4));
  Eigen::MatrixXf wrong(5, 8);
  CHECK_THROWS_AS(from_eigen(wrong) = from_eigen(x) + 1, shape_error);
  CHECK_THROWS_AS(twice_plus.into(from_eigen(wrong), from_eigen(x), from_eigen(y)), shape_error);
}

TEST_CASE("eigen: tensors and views as maps") {
  tensor<float, 3, 4> x;
  for (int i = 0; i < 12; ++i) x.data()[i] = float(i);
  auto m = as_eigen(x);
  CHECK(m.data() == x.data());
  CHECK(m(2, 1) == x(2, 1));
  m *= 2;
  CHECK(x(1, 1) == 10);
  const tensor<float, dyn, 4> grows = x + 1;
  CHECK(as_eigen(grows).rows() == 3);
  CHECK(as_eigen(grows)(1, 3) == grows(1, 3));
  tensor<double, dyn> v(6);
  as_eigen(v).setLinSpaced(0, 5);
  CHECK(v(4) == 4);
  tensor<int, 5, 1> column{{1}, {2}, {3}, {4}, {5}};
  CHECK(as_eigen(column).sum() == 15);

  auto part = x.sub(all, range<0, 4, 2>);
  CHECK(as_eigen(part)(2, 1) == x(2, 2));
  as_eigen(part).setConstant(7);
  CHECK(x(0, 2) == 7);
  CHECK(x(0, 1) == 2);
  const view<const float, 4, 3> transposed(x.data(), strides{1, 4});
  CHECK(as_eigen(transposed)(3, 2) == x(2, 3));
  CHECK(as_eigen(x.sub(all, 1)).size() == 3);
  CHECK(as_eigen(x.sub(all, 1))(2) == x(2, 1));
  CHECK_THROWS_AS(as_eigen(view<float, 4>(x.data() + 3, strides{-1})), shape_error);

  // There and back: the same memory and strides.
  auto again = from_eigen(as_eigen(part));
  CHECK(again.data() == part.data());
  CHECK(again.stride(0) == 4);
  CHECK(again.stride(1) == 2);
}
