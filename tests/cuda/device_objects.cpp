// SPDX-License-Identifier: Apache-2.0
// Device tensors, streams, graphs and scratch memory on a runtime that keeps account: what is copied when, in which order memory is used
// again, and what remains after every possible failure.
#include <sinter/cuda/graph.hpp>
#include <sinter/cuda/pinned.hpp>
#include <sinter/cuda/tensor.hpp>
#include <sinter/interop/cuda_dlpack.hpp>
#include <sinter/optim.hpp>
#include <sinter/sinter.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <doctest/doctest.h>

#include "cuda/fake_runtime.hpp"

namespace {

using namespace sinter;

static_assert(device::is_device_tensor<device::tensor<float, 2, 3>> && device::is_device_tensor<const device::view<const int, dyn>&>);
static_assert(!device::is_device_tensor<tensor<float, 2>> && !device::is_device_tensor<view<float, 2>> && !device::is_device_tensor<int>);
static_assert(std::is_same_v<device::host_of<const device::tensor<float, 2, dyn>&>, tensor<float, 2, dyn>>);
static_assert(std::is_same_v<device::host_of<device::view<const float, 2>>, view<const float, 2>>);
static_assert(std::is_same_v<device::device_of<const view<const float, dyn, 3>&>, device::tensor<float, dyn, 3>>);
static_assert(device::tensor<float, 2, dyn>::rank == 2 && device::tensor<float, 2, dyn>::dynamic_rank == 1);
static_assert(!std::is_copy_constructible_v<device::tensor<float, 2>> && std::is_nothrow_move_constructible_v<device::tensor<float, 2>>);
static_assert(std::is_nothrow_move_assignable_v<device::tensor<float, dyn>> && !std::is_copy_assignable_v<device::view<float, 2>>);
static_assert(!std::is_copy_constructible_v<device::stream> && !std::is_copy_constructible_v<device::graph_exec>);
static_assert(std::is_convertible_v<device::tensor<float, 2>&, device::view<const float, dyn>>);
static_assert(!std::is_constructible_v<device::view<float, 2>, const device::tensor<float, 2>&>);
static_assert(!std::is_constructible_v<device::view<float, 3>, device::tensor<float, dyn>&>);

// A runtime as at the start of a process; at the end nothing is left of what was made.
struct fresh {
  fresh() { start(); }
  ~fresh() {
    device::release_workspace();
    CHECK(fake::alive() == 0);
    CHECK(fake::last_error() == cudaSuccess);
    start();
  }
  static void start() {
    fake::reset();
    device::detail::with_streams.store(0), device::detail::with_pools.store(0);
  }
};
template <class F> std::string refusal(F f) {
  try {
    f();
  } catch (const exception& e) {
    return e.what();
  }
  return "";
}
bool has(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

tensor<float, dyn, 40> counting(int n) {
  tensor<float, dyn, 40> x(n);
  for (int i = 0; i < n * 40; ++i) x.data()[i] = static_cast<float>(i);
  return x;
}
template <class X, class Y> bool same(const X& x, const Y& y) {
  bool good = x.size() == y.size();
  for (int a = 0; a < X::rank; ++a) good &= x.extent(a) == y.extent(a);
  for (extent_t i = 0; good && i < x.size(); ++i) good = x.data()[i] == y.data()[i];
  return good;
}

}  // namespace

TEST_CASE("device: errors name the call, the kernel and what to do") {
  const fresh runtime;
  CHECK_NOTHROW(device::check(cudaSuccess, "cudaAnything"));
  const std::string text = refusal([] { device::check(cudaErrorMemoryAllocation, "cudaMallocAsync of 4 bytes"); });
  CHECK(text ==
        "sinter::device: cudaMallocAsync of 4 bytes failed: cudaErrorMemoryAllocation: out of memory; free tensors that are no longer "
        "needed, "
        "or work on smaller batches");
  const std::string kernel = refusal([] { device::check(cudaErrorIllegalAddress, "cudaLaunchKernelExC", "map<softmax>"); });
  CHECK(has(kernel, "cudaErrorIllegalAddress"));
  CHECK(has(kernel, "; in kernel map<softmax>; "));
  CHECK(has(kernel, "compute-sanitizer"));
  CHECK(has(refusal([] { device::check(cudaErrorInsufficientDriver, "f"); }), "update it"));
  CHECK(has(refusal([] { device::check(cudaErrorNoDevice, "f"); }), "CUDA_VISIBLE_DEVICES"));
  CHECK_THROWS_AS(device::check(cudaErrorUnknown, "f"), device_error);

  const std::string large = refusal([] { device::tensor<float, dyn>(extent_t{1} << 44); });
  CHECK(has(large, "cudaMallocAsync of 70368744177664 bytes failed"));
  CHECK(fake::last_error() == cudaSuccess);  // or the next call would report it again
}

TEST_CASE("device: tensors to the device and back") {
  const fresh runtime;
  const auto x = counting(3);
  const auto d = device::to(x);
  static_assert(std::is_same_v<decltype(d), const device::tensor<float, dyn, 40>>);
  CHECK(fake::device_of(d.data()) == 0);
  CHECK(reinterpret_cast<std::uintptr_t>(d.data()) % 256 == 0);
  CHECK(d.size() == 120);
  CHECK(d.bytes() == 480);
  CHECK(d.extent(0) == 3);
  CHECK(d.extent(1) == 40);
  CHECK(same(d.to_host(), x));
  CHECK(fake::threshold() == ~0ull);  // the pool keeps its memory

  const tensor<int, 2, 2> small{{1, 2}, {3, 4}};
  CHECK(same(device::to(small).to_host(), small));
  CHECK(float(device::to(2.5f).to_host()) == 2.5f);
  static_assert(std::is_same_v<decltype(device::to(true)), device::tensor<bool>>);
  CHECK(same(device::to(x.sub(range<1, 3>, all)).to_host(), tensor<float, 2, 40>(x.sub(range<1, 3>, all))));

  device::tensor<float, 3, dyn> y(40);
  y.copy_from(x);
  CHECK(same(y.to_host(), x));
  tensor<float, dyn, dyn> back(3, 40);
  y.copy_to(back);
  CHECK(same(back, x));
  float memory[120] = {};
  y.copy_to(view<float, 3, 40>(memory));
  CHECK(memory[119] == 119);
  auto z = y.copy();
  CHECK(z.data() != y.data());
  y.copy_from(tensor<float, 3, 40>());
  CHECK(same(z.to_host(), x));
  y.copy_from(z);
  CHECK(same(y.to_host(), x));
  CHECK(same(y.sub(1, all).to_host(), tensor<float, 40>(x.sub(1, all))));
}

TEST_CASE("device: fill writes every element, without a copy where all bytes are the same") {
  const fresh runtime;
  device::tensor<float, dyn, 40> x(3);
  x.fill(0);
  device::tensor<std::uint8_t, 5> bytes;
  bytes.fill(7);
  const auto zeros = x.to_host();
  CHECK(std::all_of(zeros.begin(), zeros.end(), [](float v) { return v == 0; }));
  CHECK(bytes.to_host()(4) == 7);
  CHECK(fake::count("cudaMemsetAsync") == 2);
  x.fill(1.5f);
  const auto others = x.to_host();
  CHECK(std::all_of(others.begin(), others.end(), [](float v) { return v == 1.5f; }));
  CHECK(fake::count("cudaMemsetAsync") == 2);
  x.sub(1, all).fill(0);
  CHECK(x.to_host()(1, 39) == 0);
  CHECK(x.to_host()(2, 0) == 1.5f);
  CHECK(has(refusal([&] { device::view(x).sub(all, 3).fill(0); }), "gaps"));
  device::tensor<int, 0>().fill(1);
}

TEST_CASE("device: what optimisers remember is on the device of the parameters") {
  const fresh runtime;
  struct parameters {
    device::tensor<float, dyn, 4> w;
    device::tensor<float, 4> b;
  };
  parameters p{device::tensor<float, dyn, 4>(3), {}};
  p.w.fill(3);
  const adam_state<parameters> s = adam_init(p);
  static_assert(std::is_same_v<decltype(s.count), device::tensor<std::int32_t>>);
  CHECK(s.count.to_host()() == 0);
  const auto mean = s.mean.w.to_host();
  CHECK(mean.extent(0) == 3);
  CHECK(std::all_of(mean.begin(), mean.end(), [](float v) { return v == 0; }));
  CHECK(s.square.w.data() != s.mean.w.data());
  CHECK(p.w.to_host()(2, 3) == 3);
  CHECK(momentum_init(p).velocity.b.to_host()(3) == 0);
}

TEST_CASE("device: a pool's threshold that somebody set stays") {
  const fresh runtime;
  fake::threshold() = 4096;
  const device::tensor<float, 100> x;
  const device::tensor<float, 100> y;
  CHECK(fake::threshold() == 4096);
  CHECK(fake::count("cudaDeviceGetDefaultMemPool") == 1);
}

TEST_CASE("device: tensors without elements have no memory and copy nothing") {
  const fresh runtime;
  device::tensor<float, dyn, 40> empty, zero(0);
  device::tensor<float, 4, 0> fixed;
  CHECK(empty.size() + zero.size() + fixed.size() == 0);
  CHECK(zero.data() == nullptr);
  CHECK(zero.extent(1) == 40);
  zero.copy_from(counting(0));
  empty.copy_to(zero);
  CHECK(fixed.to_host().size() == 0);
  CHECK(zero.copy().to_host().extent(0) == 0);
  CHECK(device::to(counting(0)).size() == 0);
  CHECK(device::view<float, 0, dyn>(nullptr, 5).to_host().extent(1) == 5);
  CHECK(fake::count("cudaMallocAsync") + fake::count("cudaMemcpyAsync") == 0);
}

TEST_CASE("device: moves") {
  const fresh runtime;
  const auto x = counting(2);
  auto a = device::to(x);
  const float* const address = a.data();
  auto b = std::move(a);
  CHECK(b.data() == address);
  CHECK(a.data() == nullptr);
  CHECK(a.size() == 0);
  CHECK(a.to_host().size() == 0);
  a = std::move(b);
  CHECK(same(a.to_host(), x));
  auto& itself = a;
  a = std::move(itself);
  CHECK(a.data() == address);
  a = device::to(counting(5));
  CHECK(a.extent(0) == 5);
  CHECK(fake::blocks() == 1);

  device::tensor<float, 3> s, t = std::move(s);
  CHECK(has(refusal([&] { s.to_host(); }), "moved from"));
  CHECK(has(refusal([&] { s.copy(); }), "moved from"));
  CHECK(has(refusal([&] { s.copy_from(t); }), "moved from"));
  CHECK(has(refusal([&] { t.copy_from(s); }), "moved from"));
  CHECK(has(refusal([&] { device::view<const float, dyn> v(s); }), "moved from"));
  s = std::move(t);
  CHECK_NOTHROW(s.to_host());
}

TEST_CASE("device: shapes are checked before anything is copied") {
  const fresh runtime;
  device::tensor<float, dyn, 40> d(3);
  const auto calls = fake::calls().size();
  CHECK_THROWS_AS(d.copy_from(counting(2)), shape_error);
  CHECK(has(refusal([&] { d.copy_from(counting(2)); }), "[2, 40] against [3, 40]"));
  tensor<float, 2, 40> h;
  CHECK_THROWS_AS(d.copy_to(h), shape_error);
  CHECK_THROWS_AS((d.copy_from(device::view<float, 3, 39>(d.data()))), shape_error);
  CHECK_THROWS_AS((device::tensor<float, dyn, 40>(-1)), shape_error);
  CHECK(has(refusal([] { device::tensor<float, dyn, 40>(-7); }), "-7 is negative"));
  CHECK_THROWS_AS((device::tensor<float, dyn, dyn>(extent_t{1} << 40, extent_t{1} << 40)), shape_error);
  CHECK_THROWS_AS((device::view<float, dyn>(nullptr, -1)), shape_error);
  CHECK(fake::calls().size() == calls);

  const auto x = counting(3);
  CHECK(has(refusal([&] { d.copy_from(x.sub(all, range<0, 40, 2>)); }), "against"));
  device::tensor<float, 3, 20> e;
  CHECK(has(refusal([&] { e.copy_from(x.sub(all, range<0, 20>)); }), "gaps"));
  CHECK(has(refusal([&] { device::to(x.sub(all, 0)); }), "gaps"));
  CHECK(has(refusal([&] { d.sub(all, 0).to_host(); }), "gaps"));
  CHECK_NOTHROW(d.sub(range<1, 2>, range<3, 9>).to_host());  // one row has none
}

TEST_CASE("device: views of raw pointers") {
  const fresh runtime;
  auto x = counting(4);
  auto d = device::to(x);
  const device::view<float, dyn, 40> v(d.data(), 4);
  CHECK(same(v.to_host(), x));
  const device::view<const float, dyn, dyn> w = v;
  CHECK(w.stride(0) == 40);
  CHECK(w.data() == d.data());
  CHECK(w.bytes() == 640);
  const device::view<float, 2, 20> strided(d.data(), strides{80, 2});
  CHECK(strided.layout().stride(1) == 2);
  CHECK(strided.sub(1, range<1, 3>).data() == d.data() + 82);
  CHECK(has(refusal([&] { strided.to_host(); }), "gaps"));
  v.sub(2, all).copy_from(tensor<float, 40>());
  CHECK(v.to_host()(2, 7) == 0);
  CHECK(v.to_host()(3, 7) == x(3, 7));
  const auto& constant = d;
  static_assert(std::is_same_v<decltype(device::view(constant)), device::view<const float, dyn, 40>>);
  static_assert(std::is_same_v<decltype(constant.sub(0, all)), device::view<const float, 40>>);
  CHECK(device::view(d).extent(0) == 4);
}

TEST_CASE("device: copies that name a stream are done in its order") {
  const fresh runtime;
  const auto x = counting(2);
  const device::stream s;
  auto d = device::to(x, s);
  tensor<float, 2, 40> h;
  d.copy_to(h, s);
  CHECK(h(1, 39) == 0);
  s.synchronize();
  CHECK(h(1, 39) == 79);
  const auto y = d.copy(s);
  CHECK(same(y.to_host(s), x));

  device::tensor<float, 2, 40> z;
  z.copy_from(tensor<float, 2, 40>());
  d.copy_to(z);  // within the device: in the order of the current stream, the default one
  CHECK(same(z.to_host(), x));
}

TEST_CASE("device: page-locked memory") {
  const fresh runtime;
  device::pinned<float, dyn, 40> a(3);
  a.view() = counting(3) * 2;
  const device::stream s;
  const auto d = device::to(a.view(), s);
  s.synchronize();
  CHECK(d.to_host()(2, 39) == 238);
  const device::pinned<float, dyn, 40> b = std::move(a);
  CHECK(b.view()(0, 1) == 2);
  CHECK(has(refusal([&] { a.view(); }), "moved from"));
  const device::pinned<float, 2, 0> empty;
  CHECK(empty.view().size() == 0);
  CHECK(fake::count("cudaMallocHost") == 1);
  fake::fail(1);
  CHECK(has(refusal([] { device::pinned<double, 10> c; }), "cudaMallocHost of 80 bytes failed"));
  CHECK_THROWS_AS((device::pinned<float, dyn>(-1)), shape_error);
}

TEST_CASE("device: streams and events") {
  const fresh runtime;
  CHECK(device::current_stream().is_default());
  CHECK(device::current_stream().handle() == cudaStreamLegacy);
  CHECK(device::stream::of(nullptr).is_default());
  CHECK(device::stream::of(cudaStreamLegacy).is_default());
  CHECK(device::detail::with_streams.load() == 0);
  device::stream a, b;
  CHECK(a.handle() != b.handle());
  CHECK(device::detail::with_streams.load() == 1);

  std::string order;
  fake::launch(a.handle(), [&] { order += "a"; });
  b.wait(a);
  fake::launch(b.handle(), [&] { order += "b"; });
  fake::launch(a.handle(), [&] { order += "c"; });
  b.synchronize();
  CHECK(order == "ab");
  device::event start, stop;
  start.record(a);
  fake::launch(a.handle(), [&] { order += "d"; });
  stop.record(a);
  CHECK(device::elapsed_ms(start, stop) == 1);
  CHECK(order == "abcd");
  a.wait(stop);
  {
    const device::with_stream outer(a);
    CHECK(device::current_stream().handle() == a.handle());
    {
      const device::with_stream inner(device::stream::of(nullptr));
      CHECK(device::current_stream().is_default());
    }
    start.record();
    CHECK(device::current_stream().handle() == a.handle());
    std::thread([] { CHECK(device::current_stream().is_default()); }).join();
  }
  CHECK(device::current_stream().is_default());

  const cudaStream_t handle = a.handle();
  device::stream c = std::move(a);
  CHECK(a.is_default());
  CHECK(c.handle() == handle);
  c = std::move(b);
  CHECK(fake::count("cudaStreamDestroy") == 1);
  device::event moved = std::move(start);
  start = std::move(moved);
  start.record(c);
  CHECK_THROWS_AS(moved.synchronize(), device_error);
  const auto borrowed = device::stream::of(c.handle());
  CHECK(borrowed.handle() == c.handle());
}

TEST_CASE("device: with the default stream alone nothing waits for the end of a tensor, and it ends in order") {
  const fresh runtime;
  float seen = 0;
  {
    const device::tensor<float, 100> x = device::to(sinter::tensor<float, 100>());
    fake::launch(cudaStreamLegacy, [&, p = x.data()] { seen = p[99] + 1; });
  }
  CHECK(fake::count("cudaDeviceSynchronize") == 0);
  CHECK(seen == 0);
  CHECK(fake::blocks() == 0);
  device::current_stream().synchronize();
  CHECK(seen == 1);
}

TEST_CASE("device: with other streams the end of a tensor waits for all of them") {
  const fresh runtime;
  float seen = 0;
  std::optional<device::stream> s;
  {
    const auto x = device::to(sinter::tensor<float, 100>());
    fake::launch(cudaStreamLegacy, [] {});
    const int waits = fake::count("cudaStreamSynchronize");
    s.emplace();  // blocks made before are there for it
    CHECK(fake::count("cudaStreamSynchronize") == waits + 1);
    fake::launch(s->handle(), [&, p = x.data()] { seen = p[99] + 1; });
    s.reset();  // what is in it is done nevertheless
  }
  CHECK(seen == 1);
  const device::tensor<float, 8> y;
  CHECK(fake::calls().back() == "cudaStreamSynchronize");  // the new block is there for all streams
}

TEST_CASE("device: a tensor ends on the device that it was made on") {
  const fresh runtime;
  {
    cudaSetDevice(1);
    device::tensor<float, 8> x;
    device::stream s;
    CHECK(x.device() == 1);
    CHECK(fake::device_of(x.data()) == 1);
    cudaSetDevice(0);
    CHECK(device::detail::with_streams.load() == 2);
    device::tensor<float, 8> y;
    y = std::move(x);
    CHECK(y.device() == 1);
  }
  CHECK(fake::blocks() == 0);
  int device = 1;
  cudaGetDevice(&device);
  CHECK(device == 0);
}

TEST_CASE("device: scratch memory grows, and is one a stream and thread") {
  const fresh runtime;
  const device::stream s;
  auto& own = device::workspace(device::current_stream());
  CHECK(own.reserve(0) == nullptr);
  std::byte* const p = own.reserve(1000);
  CHECK(own.capacity() == 1024);
  CHECK(own.reserve(1024) == p);
  CHECK(fake::blocks() == 1);
  CHECK(own.reserve(1025) != nullptr);
  CHECK(own.capacity() == 1536);
  CHECK(fake::blocks() == 1);
  CHECK(&device::workspace(device::current_stream()) == &own);
  CHECK(&device::workspace(device::stream::of(s.handle())) == &device::workspace(s));
  CHECK(&device::workspace(s) != &own);
  std::thread([&] {
    CHECK(&device::workspace(device::current_stream()) != &own);
    device::workspace(device::current_stream()).reserve(64);
    CHECK(fake::blocks() == 2);
  }).join();
  CHECK(fake::blocks() == 1);
  fake::fail(5);  // that of the new block, behind those that end the old one
  CHECK_THROWS_AS(own.reserve(1 << 20), device_error);
  fake::fail(0);
  CHECK(own.reserve(100) != nullptr);
}

TEST_CASE("device: a graph records, and replays on the memory's values of then") {
  const fresh runtime;
  const device::stream s;
  auto x = device::to(sinter::tensor<float, 4>{1, 2, 3, 4});
  device::tensor<float, 4> y;
  float* const from = x.data();
  float* const to = y.data();
  device::graph_exec g;
  CHECK(!g.valid());
  CHECK(has(refusal([&] { g.launch(); }), "nothing is recorded"));
  std::byte *first = nullptr, *second = nullptr, *other = nullptr;
  g.capture([&] {
    const device::stream now = device::current_stream();
    first = device::workspace(now).reserve(100);
    fake::launch(now.handle(), [=] { to[0] = from[0] * 2; });
    second = device::workspace(now).reserve(1000);
    other = device::workspace(s).reserve(1000);
    y.sub(range<2, 3>).copy_from(x.sub(range<3, 4>));
  });
  CHECK(g.valid());
  CHECK(first != second);
  CHECK(other != second);
  CHECK(fake::device_of(first) == 0);  // launches that use it come again
  CHECK(device::current_stream().is_default());
  y.copy_from(sinter::tensor<float, 4>());
  g.launch();
  CHECK(y.to_host()(0) == 2);
  CHECK(y.to_host()(2) == 4);
  x.copy_from(sinter::tensor<float, 4>{10, 20, 30, 40});
  g.launch(s);
  s.synchronize();
  CHECK(y.to_host()(0) == 20);
  CHECK(y.to_host()(2) == 40);

  g.capture(s, [&](const device::stream& to_record) {
    CHECK(to_record.handle() == s.handle());
    fake::launch(to_record.handle(), [=] { to[0] = 7; });
  });
  CHECK(fake::device_of(first) == -1);
  device::graph_exec h = std::move(g);
  CHECK(!g);
  g = std::move(h);
  g.launch();
  CHECK(y.to_host()(0) == 7);
}

TEST_CASE("device: a capture that fails leaves the graph as it was") {
  const fresh runtime;
  device::tensor<float, 4> x, y;
  float* const to = y.data();
  device::graph_exec g;
  const device::stream s;
  g.capture([&] { fake::launch(device::current_stream().handle(), [=] { to[0] = 5; }); });
  const int alive = fake::alive();
  struct stop {};
  CHECK_THROWS_AS(g.capture(s,
                            [&] {
                              device::workspace(device::current_stream()).reserve(100);
                              throw stop{};
                            }),
                  stop);
  CHECK(device::current_stream().is_default());
  CHECK(has(refusal([&] { g.capture([] { device::tensor<float, 4> t; }); }), "inside of graph_exec::capture"));
  CHECK(has(refusal([&] { g.capture([&] { g.capture([] {}); }); }), "records already"));
  CHECK(has(refusal([&] { g.capture(device::current_stream(), [] {}); }), "default stream"));
  CHECK_THROWS_AS(g.capture([&] { (void)x.to_host(); }), device_error);  // waits
  CHECK(has(refusal([&] {
              g.capture([&] {
                try {
                  (void)x.to_host();
                } catch (const device_error&) {
                }
              });
            }),
            "cudaStreamEndCapture failed"));
  CHECK(fake::alive() == alive);
  g.launch();
  CHECK(y.to_host()(0) == 5);
  g.capture(s, [] {});  // the stream can be recorded again
}

// Everything above once, on a fresh runtime whose n-th call fails: an exception that names a call, or none where something only ends.
namespace {
void everything() {
  const auto x = counting(3);
  auto d = device::to(x);
  const auto e = d.copy();
  tensor<float, 3, 40> h;
  e.copy_to(h);
  const device::stream s;
  d.copy_from(x, s);
  s.wait(device::current_stream());
  device::event start, stop;
  start.record(s), stop.record(s);
  (void)device::elapsed_ms(start, stop);
  (void)device::workspace(s).reserve(1000);
  (void)device::workspace(s).reserve(5000);
  device::graph_exec g;
  g.capture([&] {
    (void)device::workspace(device::current_stream()).reserve(100);
    (void)device::workspace(device::current_stream()).reserve(1000);
    d.copy_from(e, device::current_stream());
  });
  g.launch(s);
  s.synchronize();
  const auto exported = to_dlpack(std::move(d));
  const auto back = from_dlpack<device::view<const float, dyn, 40>>(exported->dl_tensor).to_host();
  CHECK(same(back, x));
}
}  // namespace

TEST_CASE("device: whatever call fails, nothing is lost and the error names it") {
  fresh::start();
  everything();
  device::release_workspace();
  const auto calls = fake::calls();
  CHECK(fake::alive() == 0);
  REQUIRE(calls.size() > 50);
  for (int n = 1; n <= static_cast<int>(calls.size()); ++n) {
    fresh::start();
    fake::fail(n);
    const std::string text = refusal(everything);
    const std::string& call = calls[static_cast<std::size_t>(n - 1)];
    INFO("call " << n << ": " << call << ": " << text);
    // What ends something reports nothing, nor does a question on the way to it; all else is heard of.
    const bool silent = has(call, "Destroy") || has(call, "Free") || call == "cudaDeviceSynchronize" || call == "cudaGetDevice";
    CHECK((text == "" ? silent : text.rfind("sinter::device: " + call, 0) == 0));
    CHECK(fake::last_error() == cudaSuccess);
    device::release_workspace();
    CHECK(fake::alive() == 0);
    CHECK(device::current_stream().is_default());
    fake::reset();  // what sinter knows of devices stays
    CHECK(refusal(everything) == "");
    device::release_workspace();
    CHECK(fake::alive() == 0);
  }
  fresh::start();
}

TEST_CASE("device: DLPack") {
  const fresh runtime;
  const auto x = counting(3);
  auto d = device::to(x);
  const float* const address = d.data();
  {
    const auto shared = to_dlpack(device::view(d));
    CHECK(shared->dl_tensor.device.device_type == kDLCUDA);
    CHECK(shared->dl_tensor.data == address);
    CHECK(shared->dl_tensor.strides[0] == 40);
  }
  CHECK(fake::blocks() == 1);
  const auto owned = to_dlpack(std::move(d));
  CHECK(d.data() == nullptr);
  CHECK(fake::blocks() == 1);
  DLTensor t = owned->dl_tensor;
  const auto v = from_dlpack<device::view<const float, dyn, 40>>(t);
  CHECK(v.data() == address);
  CHECK(same(v.to_host(), x));
  CHECK_THROWS_AS((from_dlpack<device::view<float, 3, 41>>(t)), shape_error);
  CHECK(has(refusal([&] { from_dlpack<device::view<double, 3, 40>>(t); }), "the tensor holds float32, the view float64"));
  CHECK_THROWS_AS((from_dlpack<view<float, 3, 40>>(t)), device_error);
  t.device.device_id = 1;
  CHECK(has(refusal([&] { from_dlpack<device::view<float, 3, 40>>(t); }), "CUDA device 1, and the current one is 0"));
  t.device = {kDLCPU, 0};
  CHECK(has(refusal([&] { from_dlpack<device::view<float, 3, 40>>(t); }), "a device of type 1"));

  cudaSetDevice(1);
  const auto there = to_dlpack(device::tensor<float, 2>());
  CHECK(there->dl_tensor.device.device_id == 1);
  cudaSetDevice(0);
  device::tensor<float, 2> gone, taken = std::move(gone);
  CHECK(has(refusal([&] { to_dlpack(std::move(gone)); }), "moved from"));
}
