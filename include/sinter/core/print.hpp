// SPDX-License-Identifier: Apache-2.0
// Printing like NumPy: nested brackets, columns of one width.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <iosfwd>
#include <string>

#include <sinter/core/tensor.hpp>

namespace sinter {

namespace detail {
inline namespace SINTER_ISA {

template <class T> std::string element_text(const T& x) {
  if constexpr (std::is_same_v<T, bool>) return x ? "true" : "false";
  else if constexpr (std::is_integral_v<T>) return std::to_string(x);
  else if constexpr (is_complex_element<T>) {
    const std::string im = element_text(x.imag());
    return element_text(x.real()) + (im[0] == '-' ? "" : "+") + im + "j";
  } else {
    char text[32];
    int digits = sizeof(T) == 8 ? 15 : sizeof(T) == 4 ? 6 : 3;
    std::snprintf(text, sizeof text, "%.*g", digits, static_cast<double>(x));
    if constexpr (sizeof(T) == 2)  // the shortest that reads back as x
      while (++digits <= 5 && T(std::strtof(text, nullptr)).bits != x.bits)
        std::snprintf(text, sizeof text, "%.*g", digits, static_cast<double>(x));
    return text;
  }
}
// Long axes show three elements at each end.
template <class Get>
void print_axis(std::string& out, int axis, int rank, const extent_t* extent, extent_t* index, const Get& get, std::size_t width) {
  if (axis == rank) {
    const std::string t = get(index);
    out.append(width > t.size() ? width - t.size() : 0, ' ');
    out += t;
    return;
  }
  out += '[';
  const bool last = axis + 1 == rank, shorten = extent[axis] > 1000 / (last ? 1 : 100);
  for (extent_t i = 0; i < extent[axis]; ++i) {
    if (i > 0)
      out +=
          last ? std::string(", ")
               : "," + std::string(static_cast<std::size_t>(rank - axis - 1), '\n') + std::string(static_cast<std::size_t>(axis) + 1, ' ');
    if (shorten && i == 3) {
      out += "...";
      i = extent[axis] - 4;
      continue;
    }
    index[axis] = i;
    print_axis(out, axis + 1, rank, extent, index, get, width);
  }
  out += ']';
}
template <class X> std::string tensor_text(const X& x) {
  constexpr int rank = X::rank;
  extent_t extent[max_rank + 1] = {}, index[max_rank + 1] = {};
  for (int a = 0; a < rank; ++a) extent[a] = x.extent(a);
  const auto get = [&](const extent_t* i) {
    return [&]<int... A>(int_list<A...>) { return element_text(typename X::value_type(x.at(i[A]...))); }
    (make_int_list<rank>{});
  };
  std::size_t width = 0;
  extent_t n = 1;
  for (int a = 0; a < rank; ++a) n = detail::wrapping_product(n, extent[a]);
  if (n <= 10000)
    for (extent_t k = 0; k < n; ++k) {
      const std::size_t w = get(index).size();
      width = w > width ? w : width;
      for (int a = rank - 1; a >= 0 && ++index[a] == extent[a]; --a) index[a] = 0;
    }
  std::string out;
  print_axis(out, 0, rank, extent, index, get, rank == 0 ? 0 : width);
  return out;
}

}  // namespace SINTER_ISA
}  // namespace detail

inline namespace SINTER_ISA {

/// Prints a tensor or view like NumPy: [[1, 2], [3, 4]] with one row a line.
template <class Stream, class X>
requires((detail::is_tensor<X> || detail::is_view<X>)&&requires(Stream& s, std::string t) { s << t; }) Stream& operator<<(Stream& out,
                                                                                                                          const X& x) {
  out << detail::tensor_text(x);
  return out;
}
// Printing an expression says how instead of listing all that a stream prints; of a broken call nothing more is said. A rank-0 result
// converts to its element.
template <class Stream, expression_like X>
requires(
    !requires { requires X::rank == 0; } && requires(Stream & s, std::string t) { s << t; }) Stream&
operator<<(Stream& out, const X&) {
  if constexpr (requires { X::rank; })
    static_assert(never<X>, "sinter: an expression has no elements before it is evaluated; print sinter::eval(x)");
  return out;
}

}  // namespace SINTER_ISA
}  // namespace sinter
