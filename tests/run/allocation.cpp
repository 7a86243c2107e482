// SPDX-License-Identifier: Apache-2.0
// What allocates and what does not, counted with a replaced operator new; and the arena of a thread.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <tuple>

#include <doctest/doctest.h>

#include <sinter/sinter.hpp>

namespace {
int allocations = 0;
}  // namespace

// Aligned and plain forms both; the others of the standard library call these. Not inlined: g++ 12 -O2 would inline one of a pair and
// warn that free meets no malloc.
[[gnu::noinline]] void* operator new(std::size_t n) {
  ++allocations;
  if (void* p = std::malloc(n ? n : 1)) return p;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t n, std::align_val_t a) {
  ++allocations;
  const auto align = static_cast<std::size_t>(a);
  if (void* p = std::aligned_alloc(align, (n + align - 1) / align * align)) return p;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* p) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

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

constexpr auto network =
    sinter::fn([](auto x, auto w, auto b) { return sinter::softmax(sinter::dot(sinter::relu(sinter::dot(x, w) + b), w), axis<1>); });
// The sums of rows and of columns.
struct margins {
  static constexpr int ranks[] = {2};
  static constexpr auto result(const sinter::call_operand& a) {
    return std::tuple(sinter::call_result{a.type(), sinter::shape{a.extent(0)}}, sinter::call_result{a.type(), sinter::shape{a.extent(1)}});
  }
  template <class A, class R, class C> static void run(A a, R rows, C columns) {
    rows.fill(0), columns.fill(0);
    for (int i = 0; i < a.extent(0); ++i)
      for (int j = 0; j < a.extent(1); ++j) rows(i) += a(i, j), columns(j) += a(i, j);
  }
};
constexpr auto row_sums = sinter::fn([](auto a) { return std::get<0>(sinter::library_call<margins>(a * 2)) + 1; });
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
  CHECK(allocations_of([&] { row_sums.into(b, x); }) == 0);
  CHECK(allocations_of([&] { x += w; }) == 0);
  CHECK(allocations_of([&] { x = y; }) == 0);
  CHECK(allocations_of([&] { x.sub(sinter::range<1, 9>, 3) = y.sub(3, sinter::range<0, 8>) * 2; }) == 0);
  CHECK(allocations_of([&] { x.sub(sinter::range<1, 9>, 3) = x.sub(sinter::range<0, 8>, 3); }) == 0);
  CHECK(allocations_of([&] { (void)static_cast<float>(sinter::sum(x)); }) == 0);
}

TEST_CASE("library calls with run-time extents allocate nothing, and run in a workspace of the caller's") {
  tensor<float, dyn, dyn> x(20, 30);
  tensor<float, dyn> y(20);
  CHECK(allocations_of([&] { row_sums.into(y, x); }) == 0);
  alignas(64) std::byte memory[4096];
  const auto bytes = static_cast<std::size_t>(row_sums.plan(x).workspace_bytes);
  CHECK(bytes == 2432 + 128 + 128);  // what is doubled, the sums of rows, and those of columns that nobody reads
  CHECK(allocations_of([&] { row_sums.into(sinter::workspace(memory, bytes), y, x); }) == 0);
  CHECK_THROWS_AS(row_sums.into(sinter::workspace(memory, bytes - 64), y, x), sinter::exception);
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
  CHECK(allocations_of([&] {
          auto e = x + x * 2;
          (void)e;
        }) == 0);  // sharing is no copy
}

TEST_CASE("the arena grows, gives parts back in order, and keeps one block") {
  using sinter::run::arena_part;
  {
    const arena_part outer(1000, nullptr);
    std::byte* a = outer.data();
    a[0] = std::byte{1}, a[999] = std::byte{2};
    CHECK(reinterpret_cast<std::uintptr_t>(a) % 64 == 0);
    {
      const arena_part inner(100, nullptr);
      CHECK((inner.data() >= a + 1000 || inner.data() + 100 <= a));
      const arena_part large(10'000'000, nullptr);  // another block: what was taken stays where it is
      std::byte* c = large.data();
      c[9'999'999] = std::byte{3};
      CHECK(a[0] == std::byte{1});
      CHECK(a[999] == std::byte{2});
      const arena_part third(64, nullptr);
      CHECK((third.data() >= c + 10'000'000 || third.data() + 64 <= c));
    }
    const arena_part next(64, nullptr);
    CHECK((next.data() >= a + 1000 || next.data() + 64 <= a));
    CHECK(a[999] == std::byte{2});
  }
  CHECK(sinter::run::thread_arena::get().now().used == 0);
  CHECK(allocations_of([] { arena_part p(9'000'000, nullptr); }) == 0);
  CHECK(arena_part(0, nullptr).data() == nullptr);
  alignas(64) std::byte own[128];
  const sinter::workspace space(own, sizeof own);
  CHECK(arena_part(100, &space).data() == own);
  CHECK_THROWS_AS(arena_part(129, &space), sinter::exception);
}
