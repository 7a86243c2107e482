// SPDX-License-Identifier: Apache-2.0
// What allocates and what does not, counted with a replaced operator new; and the arena of a thread.
#include <cstddef>
#include <cstdlib>
#include <new>
#include <tuple>

#include <doctest/doctest.h>

#include <sinter/sinter.hpp>

namespace {
int allocations = 0;
}  // namespace

// Aligned and plain forms both; the others of the standard library call these.
void* operator new(std::size_t n) {
  ++allocations;
  if (void* p = std::malloc(n ? n : 1)) return p;
  throw std::bad_alloc();
}
void* operator new(std::size_t n, std::align_val_t a) {
  ++allocations;
  const auto align = static_cast<std::size_t>(a);
  if (void* p = std::aligned_alloc(align, (n + align - 1) / align * align)) return p;
  throw std::bad_alloc();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

namespace {

using sinter::axis;
using sinter::dyn;
using sinter::tensor;

// Allocations of the second and third of three runs.
template <class F> int allocations_of(F f) {
  f();
  const int before = allocations;
  f();
  f();
  return allocations - before;
}

constexpr auto network = sinter::fn([](auto x, auto w, auto b) { return sinter::softmax(sinter::dot(sinter::relu(sinter::dot(x, w) + b), w), axis<1>); });
constexpr auto both = sinter::fn([](auto a, auto b) { return std::tuple(a + b, a - b); });

}  // namespace

TEST_CASE("calls into existing tensors allocate nothing") {
  tensor<float, 64, 64> x, w, y;
  tensor<float, 64> b;
  CHECK(allocations_of([&] { network.into(y, x, w, b); }) == 0);
  CHECK(allocations_of([&] { network.into(x, x, w, b); }) == 0);
  CHECK(allocations_of([&] { both.into(std::tie(y, x), x, w); }) == 0);
  CHECK(allocations_of([&] { y = sinter::softmax(x, axis<1>) + w; }) == 0);
  CHECK(allocations_of([&] { x = x + 1; }) == 0);
  CHECK(allocations_of([&] { x = sinter::transpose(x); }) == 0);
  CHECK(allocations_of([&] { x += w; }) == 0);
  CHECK(allocations_of([&] { x = y; }) == 0);
  CHECK(allocations_of([&] { x.sub(sinter::range<1, 9>, 3) = y.sub(3, sinter::range<0, 8>) * 2; }) == 0);
  CHECK(allocations_of([&] { x.sub(sinter::range<1, 9>, 3) = x.sub(sinter::range<0, 8>, 3); }) == 0);
  CHECK(allocations_of([&] { (void)static_cast<float>(sinter::sum(x)); }) == 0);
}

TEST_CASE("nor do calls with run-time extents, while these stay the same") {
  tensor<float, dyn, dyn> x(40, 50), w(50, 50), y(40, 50);
  tensor<float, dyn> b(50);
  CHECK(allocations_of([&] { network.into(y, x, w, b); }) == 0);
  CHECK(allocations_of([&] { y = sinter::softmax(x, axis<0>) * 2; }) == 0);
  CHECK(allocations_of([&] { y = y / 2; }) == 0);
  CHECK(allocations_of([&] { y += x; }) == 0);
  CHECK(allocations_of([&] { y = x; }) == 0);
  CHECK(allocations_of([&] { w = sinter::transpose(w); }) == 0);
}

TEST_CASE("small tensors never allocate, large ones once a result") {
  tensor<float, 8> a, c;
  CHECK(allocations_of([&] { c = tensor<float, 8>(a + c); }) == 0);
  tensor<float, 1000> x;
  CHECK(allocations_of([&] { auto y = sinter::eval(x + 1); }) == 2);
  CHECK(allocations_of([&] { auto y = sinter::fn([](auto v) { return v + 1; })(x); }) == 2);
  CHECK(allocations_of([&] { auto e = x + x * 2; (void)e; }) == 0);  // sharing is no copy
}

TEST_CASE("the arena grows, gives parts back in order, and keeps one block") {
  auto& arena = sinter::run::thread_arena::get();
  {
    sinter::run::arena_part outer;
    std::byte* a = outer.take(1000);
    a[0] = std::byte{1}, a[999] = std::byte{2};
    CHECK(reinterpret_cast<std::uintptr_t>(a) % 64 == 0);
    {
      sinter::run::arena_part inner;
      std::byte* b = inner.take(100);
      CHECK((b >= a + 1000 || b + 100 <= a));
      std::byte* c = inner.take(10'000'000);  // another block: what was taken stays where it is
      c[9'999'999] = std::byte{3};
      CHECK(a[0] == std::byte{1});
      CHECK(a[999] == std::byte{2});
      sinter::run::arena_part third;
      std::byte* d = third.take(64);
      CHECK((d >= c + 10'000'000 || d + 64 <= c));
    }
    std::byte* e = outer.take(64);
    CHECK((e >= a + 1000 || e + 64 <= a));
    CHECK(a[999] == std::byte{2});
  }
  const auto mark = arena.now();
  CHECK(mark.used == 0);
  CHECK(allocations_of([&] {
          sinter::run::arena_part p;
          p.take(9'000'000);
        }) == 0);
}
