// SPDX-License-Identifier: Apache-2.0
// Random legal programs: random_program<Seed> is a function of three tensors that grows a pool of values step by step.
// Beside each value it keeps a bound of its size and its quantum, the power of two that divides every element (0: rounded somewhere).
// So sizes stay near 1, and ops that jump (floor, comparisons, argmax, integers) are applied to exact values only: there no rounding
// decides.
#pragma once

#include <tuple>

#include <sinter/sinter.hpp>

namespace trust {

using sinter::axes;
using sinter::axis;
using sinter::dtype;
using sinter::dyn;
using sinter::extent_t;
using sinter::keep;
using sinter::shape;
using sinter::value;

struct random_numbers {
  std::uint64_t state;
  constexpr explicit random_numbers(int seed) : state(static_cast<std::uint64_t>(seed) * 0x9e3779b97f4a7c15u + 0x1234567u) {
    below(2), below(2);
  }
  constexpr int below(int n) {  // 0, ..., n - 1
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<int>((state >> 33) % static_cast<std::uint64_t>(n));
  }
  constexpr bool one_in(int n) { return below(n) == 0; }
};

// The three parameters of a program: x of any shape, y that broadcasts with x, z a vector or a matrix that x can be multiplied with.
struct parameters {
  shape<> extents[3];
  bool open[3][sinter::max_rank] = {};  // extents that the type leaves to run time
};
constexpr parameters parameters_of(int seed) {
  random_numbers r(seed);
  parameters p;
  constexpr int sizes[] = {1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17, 20};
  const int rank = seed % 16 == 9 ? 0 : 1 + r.below(r.one_in(3) ? 4 : 3);
  const bool open = seed % 4 == 1;
  for (int i = 0; i < rank; ++i) p.extents[0].append(open ? 3 + r.below(17) : sizes[r.below(12)]);
  if (rank > 0 && seed % 16 == 6) p.extents[0][r.below(rank)] = 0;
  for (int i = r.below(rank + 1); i < rank; ++i) p.extents[1].append(r.one_in(3) ? 1 : p.extents[0][i]);
  const extent_t last = rank ? p.extents[0][rank - 1] : 4;
  p.extents[2].append(last);
  if (r.one_in(2)) p.extents[2].append(1 + r.below(9));
  for (int k = 0; open && k < 3; ++k)
    for (int i = 0; i < p.extents[k].rank; ++i) p.open[k][i] = p.extents[k][i] != 1 && !r.one_in(3);
  return p;
}

class program {
 public:
  // x, y, z: f32; or f64, where nothing is rounded to less, so that derivatives can be compared.
  constexpr program(int seed, value x, value y, value z) : random_(seed + 1000), parameters_(parameters_of(seed)), real_(x.type()) {
    for (const value& v : {x, y, z}) add({v, 2, 0.125});
    const int steps = 7 + random_.below(5);
    for (int i = 0; i < steps; ++i) step();
  }
  // The youngest values that nothing uses; the last result takes in what is left over.
  constexpr value result(int i, int results) const {
    value r = pool_[i].v;
    int seen = 0;
    for (int k = count_; k-- > 0;) {
      if (pool_[k].uses > 0) continue;
      if (seen == i) r = pool_[k].v;
      else if (seen > i && i + 1 == results) r = r + (full(pool_[k].v) ? mean(pool_[k].v) : sum(pool_[k].v)) * 0.125;
      ++seen;
    }
    return r;
  }

 private:
  struct item {
    value v;
    double bound = 0, quantum = 0;
    int uses = 0;
    constexpr bool exact() const { return quantum > 0 && bound / quantum < 0x1p20; }
  };
  random_numbers random_;
  parameters parameters_;
  dtype real_;
  item pool_[64];
  int count_ = 0;

  constexpr extent_t actual(const value& v, extent_t e) const {
    if (!sinter::graph::is_symbol(e)) return e;
    const sinter::graph::symbol s = v.graph()->symbols[sinter::graph::symbol_index(e)];
    const auto of = [&](extent_t x) { return actual(v, x); };
    switch (s.kind) {
      case sinter::graph::symbol::sum: return of(s.a) + of(s.b);
      case sinter::graph::symbol::difference: return of(s.a) - of(s.b);
      case sinter::graph::symbol::product: return of(s.a) * of(s.b);
      case sinter::graph::symbol::smaller: return of(s.a) < of(s.b) ? of(s.a) : of(s.b);
      case sinter::graph::symbol::quotient_up: return (of(s.a) + of(s.b) - 1) / of(s.b);
      default: return parameters_.extents[s.a][static_cast<int>(s.b)];
    }
  }
  constexpr extent_t extent(const value& v, int a) const { return actual(v, v.shape()[a]); }
  constexpr extent_t size(const value& v) const {
    extent_t n = 1;
    for (int a = 0; a < v.rank(); ++a) n *= extent(v, a);
    return n;
  }
  // Elements of a and b pair up; a static 1 pairs with anything.
  constexpr bool pairs(const value& a, const value& b) const {
    extent_t n = 1;
    for (int i = 1; i <= a.rank() || i <= b.rank(); ++i) {
      const extent_t p = i <= a.rank() ? extent(a, a.rank() - i) : 1, q = i <= b.rank() ? extent(b, b.rank() - i) : 1;
      const bool one_p = i > a.rank() || a.shape()[a.rank() - i] == 1, one_q = i > b.rank() || b.shape()[b.rank() - i] == 1;
      if (p != q && !one_p && !one_q) return false;
      n *= p > q ? p : q;
    }
    return n <= 4096;
  }

  // Values stay small: what may exceed 4 goes through tanh, or is scaled where it is to stay exact.
  constexpr void add(item x) {
    if (is_real(x) && x.bound > 4) {
      if (x.exact() && random_.one_in(2)) {
        while (x.bound > 4) x = {x.v * 0.125, x.bound / 8, x.quantum / 8};
      } else if (random_.one_in(3)) {
        x = {clamp(x.v, -2, 2), 2, x.exact() ? x.quantum : 0};
      } else {
        x = {tanh(x.v * (x.bound > 64 ? 0.03125 : 0.5)), 1, 0};
      }
    }
    pool_[count_++] = x;
  }
  constexpr item& pick() {  // one that nothing uses yet, or any
    int k = random_.below(count_);
    if (!random_.one_in(3))
      for (int i = 0; i < count_ && pool_[k].uses > 0; ++i) k = (k + 1) % count_;
    ++pool_[k].uses;
    return pool_[k];
  }
  constexpr item pick_like(bool (*good)(const item&)) {
    for (int i = 0; i < 20; ++i) {
      item& x = pick();
      if (good(x)) return x;
      --x.uses;
    }
    ++pool_[0].uses;
    return pool_[0];
  }
  static constexpr bool is_real(const item& x) { return x.v.type() == dtype::f32 || x.v.type() == dtype::f64; }
  constexpr value as_real(const value& v) const { return sinter::ops::cast::trace(v, real_); }
  static constexpr bool is_exact(const item& x) { return is_real(x) && x.exact(); }
  constexpr item real() { return pick_like(is_real); }
  constexpr item exact() { return pick_like(is_exact); }
  constexpr item beside(const item& a, bool (*good)(const item&)) {  // an operand that pairs with a
    for (int i = 0; i < 20; ++i) {
      item& b = pick();
      if (good(b) && pairs(a.v, b.v)) return b;
      --b.uses;
    }
    const double n = random_.below(17) * 0.25 - 2;
    return {value(n), n < 0 ? -n : n, 0.25};
  }

  constexpr void step() {
    switch (random_.below(22)) {
      case 20: return indexed(real());
      case 21: return indexed(exact());
      case 0:
      case 1: return arithmetic(real());
      case 2: return function(real());
      case 3: return jump(exact());
      case 4: return choice(exact());
      case 5: return other_type(exact());
      case 6:
      case 7:
      case 8: return reduction(real());
      case 9: return extreme(exact());
      case 10: return reshaped(real());
      case 11: return transposed(real());
      case 12: return part(real());
      case 13: return padded(real());
      case 14: return joined(real());
      case 15: return counted(real());
      case 16: return composed(real());
      case 17: return product(real());
      case 18: return half(real());
      default: return add({reverse(real().v, axes()), pool_[count_ - 1].bound, 0});
    }
  }
  constexpr void arithmetic(item a) {
    const item b = beside(a, is_real);
    const double q = a.exact() && b.exact() ? (a.quantum < b.quantum ? a.quantum : b.quantum) : 0;
    switch (random_.below(7)) {
      case 0: return add({a.v + b.v, a.bound + b.bound, q});
      case 1: return add({a.v - b.v, a.bound + b.bound, q});
      case 2: return add({a.v * b.v, a.bound * b.bound, q > 0 ? a.quantum * b.quantum : 0});
      case 3: return add({maximum(a.v, b.v), a.bound > b.bound ? a.bound : b.bound, q});
      case 4: return add({minimum(a.v, b.v), a.bound > b.bound ? a.bound : b.bound, q});
      case 5: return add({a.v / (b.v.is_number() ? value(b.bound + 0.5) : abs(b.v) + 0.5), 2 * a.bound, 0});
      default: return add({fma(a.v, b.v, real_like(a)), a.bound * b.bound + 1, 0});
    }
  }
  constexpr value real_like(const item& a) {
    const item c = beside(a, is_real);
    return c.bound > 1 ? value(0.75) : c.v;
  }
  constexpr void function(item a) {
    const double b = a.bound;
    switch (random_.below(16)) {
      case 0: return add({exp(a.v * 0.5), 8, 0});
      case 1: return add({log(abs(a.v) + 0.5), 2, 0});
      case 2: return add({tanh(a.v), 1, 0});
      case 3: return add({erf(a.v), 1, 0});
      case 4: return add({sigmoid(a.v), 1, 0});
      case 5: return add({sqrt(abs(a.v) + 0.25), b + 1, 0});
      case 6: return add({rsqrt(a.v * a.v + 0.5), 1.5, 0});
      case 7: return add({pow(abs(a.v) + 0.5, beside(a, [](const item&) { return false; }).v), 32, 0});
      case 8: return add({-a.v, b, a.quantum});
      case 9: return add({cos(a.v), 1, 0});
      case 10: return add({atan(a.v), 1.6, 0});
      case 11: return add({expm1(a.v * 0.5), 8, 0});
      case 12: return add({log1p(abs(a.v)), b, 0});
      case 13: return add({atan2(abs(a.v) + 0.5, beside(a, [](const item&) { return false; }).v), 3.2, 0});
      case 14: return add({sinh(a.v * 0.25), b + 1, 0});
      default: return add({abs(a.v), b, a.quantum});
    }
  }
  constexpr void jump(item a) {
    switch (random_.below(5)) {
      case 0: return add({floor(a.v), a.bound + 1, 1});
      case 1: return add({ceil(a.v), a.bound + 1, 1});
      case 2: return add({round(a.v), a.bound + 1, 1});
      case 3: return add({sign(a.v), 1, 1});
      default: return add({a.v % 0.75, 0.75, a.quantum < 0.25 ? a.quantum : 0.25});
    }
  }
  constexpr value comparison(const item& a) {
    const item b = beside(a, is_exact);
    switch (random_.below(6)) {
      case 0: return a.v < b.v;
      case 1: return a.v <= b.v;
      case 2: return a.v > b.v;
      case 3: return a.v >= b.v;
      case 4: return a.v == b.v;
      default: return a.v != b.v;
    }
  }
  constexpr void choice(item a) {
    value c = comparison(a);
    if (random_.one_in(2)) {
      const value d = comparison(a);
      if (pairs(c, d)) c = random_.one_in(2) ? c & d : random_.one_in(2) ? c | !d : c ^ d;
    }
    if (random_.one_in(3) && c.rank() > 0) c = random_.one_in(2) ? any(c, some_axes(c), keep{true}) : all_of(c, some_axes(c), keep{true});
    const item t = beside({c}, is_real), e = beside({c}, is_real);
    if (!pairs(t.v.is_number() ? c : t.v, e.v.is_number() ? c : e.v) || (t.v.is_number() && e.v.is_number()))
      return add({as_real(c), 1, 1});
    add({where(c, t.v, e.v), t.bound > e.bound ? t.bound : e.bound,
         t.exact() && e.exact() ? (t.quantum < e.quantum ? t.quantum : e.quantum) : 0});
  }
  template <class T> constexpr value integer_steps(value i) {
    for (int k = 1 + random_.below(3); k > 0; --k) {
      const int n = random_.below(6) + 1;
      switch (random_.below(12)) {
        case 0: i = i * n + 5; break;
        case 1: i = i / n; break;
        case 2: i = i % n; break;
        case 3: i = (i & n) | (i ^ 3); break;
        case 4: i = maximum(i, n) - minimum(i, 2); break;
        case 5: i = abs(-i); break;
        case 6: i = where(i > n, i, !i); break;
        case 7: i = sign(i) - i; break;
        case 8: i = i * i; break;
        case 9:
          if (i.rank() > 0) i = i + sum(i, some_axes(i), keep{true});
          break;
        case 10:
          if (i.rank() > 0 && full(i)) i = i - max(i, some_axes(i), keep{true});
          break;
        default:
          if (i.rank() > 0) i = cast<T>(i >= prod(i, some_axes(i), keep{true})) + i;
      }
    }
    return i;
  }
  template <class T> constexpr void integers(const item& a) { add({as_real(integer_steps<T>(cast<T>(a.v * 4)) % 8), 8, 1}); }
  constexpr void other_type(item a) {
    switch (random_.below(9)) {
      case 0: return integers<std::int8_t>(a);
      case 1: return integers<std::int16_t>(a);
      case 2: return integers<std::int32_t>(a);
      case 3: return integers<std::int64_t>(a);
      case 4: return integers<std::uint8_t>({abs(a.v), a.bound, a.quantum});
      case 5: return integers<std::uint16_t>({abs(a.v), a.bound, a.quantum});
      case 6: return integers<std::uint32_t>({abs(a.v), a.bound, a.quantum});
      case 7: return integers<std::uint64_t>({abs(a.v), a.bound, a.quantum});
      default: {
        const value d = cast<double>(a.v);
        return add({as_real(tanh(d * d + 0.5) - (d.rank() ? sum(d, axes(-1), keep{true}) * 0.03125 : d)), 5, 0});
      }
    }
  }
  template <class T> constexpr void in_half(const item& a) {
    const value h = real_ == dtype::f64 ? a.v : cast<T>(a.v);
    switch (random_.below(3)) {
      case 0: return add({as_real(h * h + h), a.bound * a.bound + a.bound, 0});
      case 1: return add({as_real(exp(h * 0.25) / (abs(h) + 1)), 3, 0});
      default: return add({as_real(h.rank() > 0 && full(h) ? h - max(h, some_axes(h), keep{true}) : -h), 2 * a.bound, 0});
    }
  }
  constexpr void half(item a) { return random_.one_in(2) ? in_half<sinter::float16>(a) : in_half<sinter::bfloat16>(a); }

  constexpr bool full(const value& v) const { return size(v) > 0; }
  constexpr axes some_axes(const value& v) {  // at least one
    axes a;
    for (int i = 0; i < v.rank(); ++i)
      if (random_.one_in(2)) a.axis[a.count++] = random_.one_in(4) ? i - v.rank() : i;
    return a.count ? a : axes(random_.below(v.rank()));
  }
  constexpr double terms(const value& v, const axes& a) const {
    extent_t n = 1;
    for (int i = 0; i < a.count; ++i) n *= extent(v, (a.axis[i] + v.rank()) % v.rank());
    return static_cast<double>(n);
  }
  constexpr void reduction(item a) {
    if (a.v.rank() == 0) return function(a);
    const axes which = some_axes(a.v);
    const keep k{random_.one_in(2)};
    const double n = terms(a.v, which);
    value r;
    double bound = a.bound, q = 0;
    switch (full(a.v) ? random_.below(6) : 5) {
      case 0: r = mean(a.v, which, k); break;
      case 1: r = var(a.v, which, k), bound = 2 * a.bound * a.bound; break;
      case 2: r = max(a.v, which, k), q = a.quantum; break;
      case 3: r = min(a.v, which, k), q = a.quantum; break;
      case 4:
        r = prod(a.v * 0.25 + 1, which, k), bound = 1;
        if (a.bound > 4 || n > 20) r = sum(a.v, which, k), bound *= n;
        else r = tanh(r * 0.125);
        break;
      default: r = sum(a.v, which, k), bound *= n, q = a.exact() ? a.quantum : 0;
    }
    add({r, bound, q});
    if (k.value && random_.one_in(2) && pairs(a.v, pool_[count_ - 1].v)) {
      ++pool_[count_ - 1].uses;
      add({a.v - pool_[count_ - 1].v, a.bound + pool_[count_ - 1].bound, 0});
    }
  }
  constexpr void extreme(item a) {
    if (a.v.rank() == 0 || !full(a.v)) return jump(a);
    const axes along(random_.below(a.v.rank()));
    const value i = random_.one_in(2) ? argmax(a.v, along, keep{true}) : argmin(a.v, along, keep{true});
    add({as_real(i) * 0.0625, 4, 0.0625});
  }
  constexpr void reshaped(item a) {
    shape<> s;
    const int way = random_.below(4), n = a.v.rank();
    if (way == 0) s.append(dyn);
    else if (way == 1 && n < 4) s.append(1);
    if (way > 0)
      for (int i = 0; i < n; ++i) s.append(a.v.shape()[i]);
    if (way == 2 && n > 1) {  // two neighbours join
      const int at = random_.below(n - 1);
      shape<> t;
      for (int i = 0; i < n; ++i)
        if (i == at) t.append(a.v.graph()->product(s[i], s[i + 1])), ++i;
        else t.append(s[i]);
      s = t;
    } else if (way == 3 && n > 0 && n < 4) {  // one splits
      const int at = random_.below(n);
      const extent_t e = s[at];
      if (!sinter::graph::is_symbol(e) && e > 0 && e % 2 == 0) {
        shape<> t;
        for (int i = 0; i < n; ++i)
          if (i == at) t.append(random_.one_in(2) ? 2 : e / 2), t.append(e / t[i]);
          else t.append(s[i]);
        s = t;
      }
    }
    add({reshape(a.v, s), a.bound, a.quantum});
  }
  constexpr void transposed(item a) {
    axes order;
    for (int i = 0; i < a.v.rank(); ++i) order.axis[order.count++] = i;
    for (int i = a.v.rank() - 1; i > 0; --i) {
      const int j = random_.below(i + 1), t = order.axis[i];
      order.axis[i] = order.axis[j], order.axis[j] = t;
    }
    add({transpose(a.v, order), a.bound, a.quantum});
  }
  constexpr void part(item a) {
    sinter::range_value r[sinter::max_rank];
    const int n = a.v.rank();
    if (n == 0) return function(a);
    for (int i = 0; i < n; ++i) {
      const auto e = static_cast<int>(extent(a.v, i));
      r[i].kind = sinter::range_value::whole;
      if (e < 3 || random_.one_in(2)) continue;
      r[i] = {random_.below(2), random_.one_in(2) ? -random_.below(2) - 1 : 3, 1 + random_.below(3), sinter::range_value::part};
      if (r[i].last == -2 && e == 3) r[i].last = -1;
    }
    const value whole = random_.one_in(3) ? reverse(a.v, some_axes(a.v)) : a.v;
    add({sinter::ops::slice::trace_ranges(whole, r, n), a.bound, a.quantum});
  }
  constexpr void padded(item a) {
    sinter::edge_value e[sinter::max_rank];
    if (a.v.rank() == 0 || size(a.v) > 1000) return transposed(a);
    for (int i = 0; i < a.v.rank(); ++i)
      if (extent(a.v, i) < 20 && random_.one_in(2)) e[i] = {random_.below(3), random_.below(3)};
    add({sinter::ops::pad::trace_edges(a.v, e, a.v.rank(), 0.5), a.bound > 0.5 ? a.bound : 0.5, a.quantum < 0.5 ? a.quantum : 0.5});
  }
  constexpr void joined(item a) {
    if (a.v.rank() == 0 || size(a.v) > 1000) return transposed(a);
    const int along = random_.below(a.v.rank());
    const item b = beside(a, [](const item& x) { return is_real(x) && x.v.rank() > 0; });
    const auto fits = [&] {
      if (b.v.is_number() || b.v.rank() != a.v.rank()) return false;
      for (int i = 0; i < a.v.rank(); ++i)
        if (i != along && extent(a.v, i) != extent(b.v, i)) return false;
      return size(b.v) <= 1000;
    };
    const value other = fits() ? b.v : exp(a.v * 0.25);
    const double bound = fits() ? b.bound : 3;
    add({sinter::ops::concatenate::trace(axes(along), a.v, other), a.bound > bound ? a.bound : bound, 0});
  }
  constexpr void counted(item a) {
    if (a.v.rank() == 0) return function(a);
    const value i =
        sinter::ops::iota::trace(*a.v.graph(), random_.one_in(2) ? dtype::f32 : dtype::i32, a.v.shape(), axes(random_.below(a.v.rank())));
    add({a.v + as_real(i) * 0.0625, a.bound + 2, a.exact() ? (a.quantum < 0.0625 ? a.quantum : 0.0625) : 0});
  }
  constexpr void composed(item a) {
    if (a.v.rank() == 0 || !full(a.v)) return function(a);
    const axes which = random_.one_in(2) ? axes(-1) : some_axes(a.v);
    switch (random_.below(4)) {
      case 0: return add({softmax(a.v, which), 1, 0});
      case 1: return add({layer_norm(a.v, which, 0.5), 2 * a.bound, 0});
      case 2: return add({rms_norm(a.v, which, 0.5), 2 * a.bound, 0});
      default: return add({log_softmax(a.v, which), 2 * a.bound + 10, 0});
    }
  }
  // Elements by indices, some of which lie outside.
  constexpr void indexed(item a) {
    const item b = exact();
    if (a.v.rank() == 0 || !full(a.v) || !full(b.v)) return function(a);
    const int k = random_.below(a.v.rank()), ranks = a.v.rank() + b.v.rank() - 1;
    const value i = cast<int>(floor(b.v * 4)) + random_.below(5);
    const extent_t many = size(a.v) / extent(a.v, k) * size(b.v);
    const int way = random_.below(3);
    if (way == 0 || many > 4096 || ranks > 5) {
      shape<> sizes = a.v.shape();
      if (!sinter::graph::is_symbol(sizes[k])) sizes[k] = 1 + random_.below(static_cast<int>(sizes[k]));
      value at[] = {0, 0, 0, 0, 0, 0, 0, 0};
      at[k] = b.v.rank() ? max(i) : i;
      bool any = false;
      const value start = sinter::detail::window_start(a.v, sizes, at, any);
      if (!any) return add({-a.v, a.bound, a.quantum});
      const value base = sinter::detail::broadcast_node(*a.v.graph(), start, sizes, {});
      return add(
          {sinter::detail::gather_node(a.v, base, sinter::detail::row_major_strides(*a.v.graph(), a.v.shape()).along), a.bound, a.quantum});
    }
    const value taken = sinter::ops::take::trace(a.v, i, axes(k));
    if (way == 1) return add({taken, a.bound, a.quantum});
    if (random_.one_in(2)) {
      const double added = 0.25 * static_cast<double>(size(b.v));
      return add({sinter::ops::scatter_along<sinter::combiner::add>::trace(a.v, i, 0.25, axes(k)), a.bound + added,
                  a.quantum < 0.25 ? a.quantum : 0.25});
    }
    const value updates = taken * 0.5;
    add({sinter::ops::scatter_along<sinter::combiner::set>::trace(a.v, i, updates, axes(k)), a.bound, a.quantum * 0.5});
  }
  constexpr void product(item a) {
    const value z = pool_[2].v;
    const int n = a.v.rank();
    if (n == 0) return function(a);
    if (extent(a.v, n - 1) == extent(z, 0)) return add({dot(a.v, z), 2 * a.bound * static_cast<double>(extent(z, 0)), 0});
    if (n == 2 && extent(a.v, 0) * extent(a.v, 0) < 1000) return add({dot(a.v, transpose(a.v, axes(1, 0))), a.bound * a.bound * 20, 0});
    composed(a);
  }
};

/// The program of a seed; returns a tuple of one to three results.
template <int Seed> struct random_program {
  static constexpr int results = 1 + Seed % 3;
  constexpr auto operator()(auto x, auto y, auto z) const {
    const program p(Seed, x, y, z);
    if constexpr (results == 1) return std::tuple(p.result(0, results));
    else if constexpr (results == 2) return std::tuple(p.result(0, results), p.result(1, results));
    else return std::tuple(p.result(0, results), p.result(1, results), p.result(2, results));
  }
};

}  // namespace trust
