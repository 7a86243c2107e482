// SPDX-License-Identifier: Apache-2.0
// The view ops and sums as plain loops over doubles: what the tests of ops/views compare with.
#pragma once

#include <cstddef>
#include <vector>

#include <doctest/doctest.h>

#include <sinter/sinter.hpp>

namespace plain {

using index = std::vector<int>;

struct array {
  index shape;
  std::vector<double> v;

  array() = default;
  explicit array(index s, double fill = 0) : shape(static_cast<index&&>(s)) {
    std::size_t n = 1;
    for (const int e : shape) n *= static_cast<std::size_t>(e);
    v.assign(n, fill);
  }
  std::size_t at(const index& i) const {
    std::size_t o = 0;
    for (std::size_t a = 0; a < shape.size(); ++a) o = o * static_cast<std::size_t>(shape[a]) + static_cast<std::size_t>(i[a]);
    return o;
  }
  double operator()(const index& i) const { return v[at(i)]; }
};

// Makes an array of a shape from a function of the index.
template <class F> array make(const index& shape, F f) {
  array y(shape);
  index i(shape.size());
  for (double& x : y.v) {
    x = f(static_cast<const index&>(i));
    for (std::size_t a = shape.size(); a-- > 0 && ++i[a] == shape[a];) i[a] = 0;
  }
  return y;
}

inline array reshape(array x, const index& s) {
  x.shape = s;
  return x;
}
inline array transpose(const array& x, const index& order) {
  index s;
  for (const int a : order) s.push_back(x.shape[static_cast<std::size_t>(a)]);
  return make(s, [&](const index& i) {
    index j(i.size());
    for (std::size_t k = 0; k < order.size(); ++k) j[static_cast<std::size_t>(order[k])] = i[k];
    return x(j);
  });
}
struct cut {
  int first, last, step = 1;
};
inline array slice(const array& x, const std::vector<cut>& c) {
  index s;
  for (const cut& k : c) s.push_back((k.last - k.first + k.step - 1) / k.step);
  return make(s, [&](index i) {
    for (std::size_t a = 0; a < i.size(); ++a) i[a] = c[a].first + i[a] * c[a].step;
    return x(i);
  });
}
inline array reverse(const array& x, const index& axes) {
  return make(x.shape, [&](index i) {
    for (const int a : axes) i[static_cast<std::size_t>(a)] = x.shape[static_cast<std::size_t>(a)] - 1 - i[static_cast<std::size_t>(a)];
    return x(i);
  });
}
struct edge {
  int low, high;
};
inline array pad(const array& x, const std::vector<edge>& e, double fill) {
  index s = x.shape;
  for (std::size_t a = 0; a < s.size(); ++a) s[a] += e[a].low + e[a].high;
  return make(s, [&](index i) {
    for (std::size_t a = 0; a < i.size(); ++a) {
      i[a] -= e[a].low;
      if (i[a] < 0 || i[a] >= x.shape[a]) return fill;
    }
    return x(i);
  });
}
inline array concatenate(int axis, const array& x, const array& y) {
  const auto a = static_cast<std::size_t>(axis);
  index s = x.shape;
  s[a] += y.shape[a];
  return make(s, [&](index i) {
    if (i[a] < x.shape[a]) return x(i);
    i[a] -= x.shape[a];
    return y(i);
  });
}
inline array broadcast(const array& x, const index& s) {
  return make(s, [&](const index& i) {
    index j(i.end() - static_cast<std::ptrdiff_t>(x.shape.size()), i.end());
    for (std::size_t a = 0; a < j.size(); ++a)
      if (x.shape[a] == 1) j[a] = 0;
    return x(j);
  });
}
inline array sum(const array& x, int axis) {
  const auto a = static_cast<std::size_t>(axis);
  index s = x.shape;
  s.erase(s.begin() + axis);
  return make(s, [&](index i) {
    i.insert(i.begin() + axis, 0);
    double t = 0;
    for (; i[a] < x.shape[a]; ++i[a]) t += x(i);
    return t;
  });
}
template <class F> array map(array x, F f) {
  for (double& e : x.v) e = f(e);
  return x;
}

/// A tensor with the elements 1, 2, 3, ... and the same as an array.
template <class T> array count(T& t, int first = 1) {
  array y;
  for (int a = 0; a < T::rank; ++a) y.shape.push_back(static_cast<int>(t.extent(a)));
  y = array(y.shape);
  for (std::size_t i = 0; i < y.v.size(); ++i) {
    y.v[i] = first + static_cast<int>(i);
    t.data()[i] = static_cast<typename T::value_type>(y.v[i]);
  }
  return y;
}

/// Whether an expression, tensor or view has the shape and elements of y.
template <class X> bool equal(const X& x, const array& y) {
  const auto t = sinter::eval(x);
  index s;
  for (int a = 0; a < decltype(t)::rank; ++a) s.push_back(static_cast<int>(t.extent(a)));
  CHECK(s == y.shape);
  if (s != y.shape) return false;
  int wrong = 0;
  for (std::size_t i = 0; i < y.v.size(); ++i)
    if (static_cast<double>(t.data()[i]) != y.v[i] && wrong++ < 3) {
      CAPTURE(i);
      CHECK(static_cast<double>(t.data()[i]) == y.v[i]);
    }
  return wrong == 0;
}

}  // namespace plain
