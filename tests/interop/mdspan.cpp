// SPDX-License-Identifier: Apache-2.0
// mdspan as views and back. Run on every real implementation that is found (std, Kokkos' reference, cuda::std), and always on a small
// stand-in, which is all there is where none is installed.
#include <sinter/mdspan.hpp>

#include <array>
#include <cstddef>
#include <type_traits>
#include <utility>

#include <doctest/doctest.h>

#if __has_include(<mdspan/mdspan.hpp>)
#include <mdspan/mdspan.hpp>
#elif __has_include(<experimental/mdspan>)
#include <experimental/mdspan>
#endif
#if __has_include(<cuda/std/mdspan>)
#include <cuda/std/mdspan>
#endif

namespace {

using namespace sinter;
constexpr std::size_t open = static_cast<std::size_t>(-1);

// The part of C++23's mdspan that the functions use.
namespace stand_in {
template <class Index, std::size_t... E> struct extents {
  using index_type = Index;
  std::array<Index, sizeof...(E)> extent_{};
  template <class... I> constexpr explicit extents(I... i) : extent_{static_cast<Index>(i)...} {}
  static constexpr std::size_t static_extent(std::size_t a) { return std::array<std::size_t, sizeof...(E)>{E...}[a]; }
  constexpr Index extent(std::size_t a) const { return extent_[a]; }
};
template <bool Right> struct ordered {
  template <class X> struct mapping {
    X e;
    constexpr explicit mapping(const X& x) : e(x) {}
    constexpr auto stride(std::size_t a) const {
      typename X::index_type s = 1;
      for (std::size_t i = 0; i < e.extent_.size(); ++i) s *= (Right ? i > a : i < a) ? e.extent(i) : 1;
      return s;
    }
    static constexpr bool is_strided() { return true; }
  };
};
struct strided {
  template <class X> struct mapping {
    X e;
    decltype(X::extent_) s;
    constexpr mapping(const X& x, const decltype(X::extent_)& strides) : e(x), s(strides) {}
    constexpr auto strides() const { return s; }
    constexpr auto stride(std::size_t a) const { return s[a]; }
    static constexpr bool is_strided() { return true; }
  };
};
template <class T, class X, class Layout> class mdspan {
 public:
  using element_type = T;
  using reference = T&;
  using extents_type = X;
  using mapping_type = typename Layout::template mapping<X>;
  mdspan(T* p, const mapping_type& m) : p_(p), m_(m) {}
  static constexpr std::size_t rank() { return std::tuple_size_v<decltype(X::extent_)>; }
  T* data_handle() const { return p_; }
  const mapping_type& mapping() const { return m_; }
  const X& extents() const { return m_.e; }

 private:
  T* p_;
  mapping_type m_;
};

struct family {
  template <std::size_t... E> using extents = stand_in::extents<int, E...>;
  template <class T, std::size_t... E> using right = mdspan<T, extents<E...>, ordered<true>>;
  template <class T, std::size_t... E> using left = mdspan<T, extents<E...>, ordered<false>>;
  template <class T, std::size_t... E> using stride = mdspan<T, extents<E...>, strided>;
};
}  // namespace stand_in

#define MDSPAN_FAMILY(name, ns)                                                                          \
  struct name {                                                                                          \
    template <std::size_t... E> using extents = ns::extents<int, E...>;                                  \
    template <class T, std::size_t... E> using right = ns::mdspan<T, extents<E...>, ns::layout_right>;   \
    template <class T, std::size_t... E> using left = ns::mdspan<T, extents<E...>, ns::layout_left>;     \
    template <class T, std::size_t... E> using stride = ns::mdspan<T, extents<E...>, ns::layout_stride>; \
  };
#if defined(__cpp_lib_mdspan)
MDSPAN_FAMILY(std_family, std)
#endif
#if __has_include(<mdspan/mdspan.hpp>)
MDSPAN_FAMILY(kokkos_family, Kokkos)
#elif __has_include(<experimental/mdspan>)
MDSPAN_FAMILY(kokkos_family, std::experimental)
#endif
#if __has_include(<cuda/std/mdspan>)
MDSPAN_FAMILY(cuda_family, cuda::std)
#endif

template <class M, class Strides, class... I> M strided(typename M::element_type* p, const Strides& s, I... e) {
  using mapping = typename M::mapping_type;
  return M(p,
           mapping(typename M::extents_type(e...), std::remove_cvref_t<decltype(std::declval<const mapping&>().strides())>{{s[0], s[1]}}));
}

template <class F> void check() {
  float memory[24];
  for (int i = 0; i < 24; ++i) memory[i] = float(i);

  using dense = typename F::template right<float, 2, open>;
  static_assert(std::is_same_v<decltype(from_mdspan(std::declval<dense>())), view<float, 2, dyn>>);
  static_assert(
      std::is_same_v<decltype(from_mdspan(std::declval<typename F::template left<const float, 2, 3>>())), view<const float, 2, 3>>);
  const dense rows(memory, typename dense::mapping_type(typename dense::extents_type(2, 3)));
  const auto v = from_mdspan(rows);
  CHECK(v.data() == memory);
  CHECK(v.extent(1) == 3);
  CHECK(v(1, 2) == 5);

  using columns = typename F::template left<float, open, 3, 2>;
  const columns c(memory, typename columns::mapping_type(typename columns::extents_type(4, 3, 2)));
  const auto w = from_mdspan(c);
  CHECK(w(3, 0, 0) == 3);
  CHECK(w(0, 1, 0) == 4);
  CHECK(w(1, 2, 1) == 1 + 8 + 12);

  using spread = typename F::template stride<float, open, open>;
  const int steps[] = {12, 5};
  auto z = from_mdspan(strided<spread>(memory, steps, 2, 3));
  CHECK(z(1, 2) == 22);
  z = z * 2;  // writes through
  CHECK(memory[17] == 34);
  CHECK(memory[16] == 16);

  // Tensors and views as mdspans.
  tensor<float, dyn, 3> x(2);
  for (int i = 0; i < 6; ++i) x.data()[i] = float(i);
  const auto mx = as_mdspan<typename F::template right<float, open, 3>>(x);
  CHECK(mx.data_handle() == x.data());
  CHECK(mx.extents().extent(0) == 2);
  CHECK(from_mdspan(mx)(1, 2) == 5);
  const auto& constant = x;
  CHECK(as_mdspan<typename F::template right<const float, open, open>>(constant).data_handle() == x.data());
  const auto part = x.sub(all, range<0, 3, 2>);
  const auto mp = as_mdspan<typename F::template stride<float, open, 2>>(part);
  CHECK(mp.mapping().stride(0) == 3);
  CHECK(mp.mapping().stride(1) == 2);
  CHECK(from_mdspan(mp)(1, 1) == 5);
  const view<float, 3, 2> transposed(x.data(), strides{1, 3});
  CHECK(from_mdspan(as_mdspan<typename F::template left<float, 3, 2>>(transposed))(2, 1) == 5);
  CHECK_THROWS_AS((as_mdspan<typename F::template right<float, 3, 2>>(transposed)), shape_error);
  CHECK_THROWS_AS((as_mdspan<typename F::template right<float, open, 2>>(part)), shape_error);
  CHECK_THROWS_AS((as_mdspan<typename F::template right<float, 3, 3>>(x)), shape_error);  // a static extent that is another
}

}  // namespace

TEST_CASE("mdspan: a stand-in") { check<stand_in::family>(); }
#if defined(__cpp_lib_mdspan)
TEST_CASE("mdspan: std") {
  check<std_family>();
  tensor<float, 2, dyn> x(3);
  static_assert(std::is_same_v<decltype(as_mdspan(x)), std::mdspan<float, std::extents<extent_t, 2, std::dynamic_extent>>>);
  CHECK(as_mdspan(x.sub(all, range<0, 1>)).stride(0) == 3);
}
#endif
#if __has_include(<mdspan/mdspan.hpp>) || __has_include(<experimental/mdspan>)
TEST_CASE("mdspan: Kokkos") { check<kokkos_family>(); }
#endif
#if __has_include(<cuda/std/mdspan>)
TEST_CASE("mdspan: cuda::std") { check<cuda_family>(); }
#endif
