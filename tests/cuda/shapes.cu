// SPDX-License-Identifier: Apache-2.0
// Every kernel shape on device tensors, and what its PTX must be: tests/cuda/ptx.sh compiles this file and reads the lines below.
// ptx expectations: 443
// ptx: run_block -ld.local -st.local stack=0 spill=0
// A map of 4 elements a packet and 2 packets a thread: 3 inputs are 6 loads. Of views that may lie anywhere: one element at a time.
// ptx: map_program.*EEELi4EEE.*argumentsEJLi3E count(ld.global)=6 count(ld.global.v4.f32)=6 count(st.global)=2 +st.global.v4.f32 regs<=56
// Halves are converted by instructions: when they are read, after an op that rounds (there and back), and when they are written.
// ptx: map_program.*EEELi8EEE.*argumentsEJLi1E count(ld.global)=2 +ld.global.v4 count(st.global)=2 +st.global.v4 regs<=40
// ptx: map_program.*EEELi8EEE.*argumentsEJLi1E count(cvt.f32.f16)=32 count(cvt.rn.f16.f32)=32 -and.b32 -shr.u32
// ptx: map_program.*EEELi8EEE.*argumentsEJLi2E count(ld.global.v4)=2 count(st.global.v4)=1 regs<=40
// ptx: map_program.*EEELi8EEE.*argumentsEJLi2E count(cvt.rn.bf16x2.f32)=8 count(cvt.rn.bf16.f32)=8 -and.b32 -shr.u32
// ptx: map_program.*EEELi1EEE count(ld.global)=4 +ld.global.f32 -ld.global.v regs<=48
// Rows of 1024 in a warp, which needs no barrier; of 16384 in a block of 512. Each element is read once.
// ptx: 12rows_program.*Li8ELi1ELb0EEE count(ld.global)=8 +ld.global.v4.f32 count(st.global)=8 +st.global.v4.f32 +shfl.sync
// ptx: 12rows_program.*Li32ELi8ELi1E -bar.sync -ld.shared regs<=104
// ptx: 12rows_program.*Li512ELi8ELi1E +bar.sync regs<=80
// ptx(sm_90a): 12rows_program.*Li512ELi8ELi1E regs<=64
// Of 65536 in a cluster of 8 blocks, four of which a multiprocessor has room for. They wait until all run, and for two reductions.
// ptx(sm_90a): 12rows_program.*Li256ELi8ELi8E count(ld.global)=8 count(ld.global.v4.f32)=8 count(st.global)=8 +st.global.v4.f32 regs<=64
// ptx(sm_90a): 12rows_program.*Li256ELi8ELi8E count(barrier.cluster.arrive)=3 count(barrier.cluster.wait)=3 -bar.sync +mapa.shared::cluster
// ptx(sm_90a): 12rows_program.*Li256ELi8ELi8E count(st.shared::cluster)=2 -st.shared.
// Of run-time lengths the same body has as many blocks as a row needs.
// ptx(sm_90a): 12rows_program.*Li512ELi8ELi8ELb1E count(ld.global)=8 count(ld.global.v4.f32)=8 count(st.global)=8 +barrier.cluster regs<=64
// ptx: 12rows_program.*Li256ELi0ELi1E +ld.global +st.global +bar.sync -barrier regs<=40
// For sm_80 only its name is left, and the kernel of one block, which reads rows several times.
// ptx(sm_80): 12rows_program.*Li256ELi8ELi8E -ld -st -mapa -barrier
// ptx: 12rows_program.*Li1024ELi0ELi1E +ld.global.v4.f32 +st.global.v4.f32 +bar.sync regs<=40
// All of an array, several results at once: two packets in flight, then one at a time; parts meet in memory.
// ptx: cut_rows_program +ld.global.v4.f32 -st.global.v4 +membar.gl +atom.global.add +bar.sync regs<=48
// ptx: columns_program +ld.global.v4.f32 +st.global.v4.f32 +ld.shared.v4.f32 +bar.sync regs<=48
// ptx: transpose_program +st.shared +bar.sync regs<=44
// ptx: product_program +ld.shared +bar.sync regs<=64
// ptx: scatter_program regs<=32 -bar.sync
// ptx: user_rows_program +shfl.sync regs<=32
// ptx: spread_program count(ld.global)=1 count(st.global)=1 regs<=24
// Words of f32 are one number, of f64 two; elements are read once, places are written.
// ptx: sort_tiles_program +bar.sync +ld.shared +st.shared regs<=40
// ptx: sort_tiles_program.*sort_argumentsEJLi1E count(ld.global)=2 +ld.global.u32 +ld.shared.u64 +st.shared.u64
// ptx: merge_program +bar.sync +ld.shared +st.shared +st.global.u32 regs<=40
// ptx: merge_program.*sort_argumentsEJLi0E +ld.global.v +st.shared.v +ld.shared.v
#include <sinter/cuda.hpp>
#include <sinter/sinter.hpp>

using namespace sinter;
namespace {
template <class T, extent_t... E> using on_gpu = device::tensor<T, E...>;
struct centred {
  SINTER_INLINE static void run(auto& row) {
    const auto mean = row.sum([](auto x) { return x; }) / static_cast<float>(row.size());
    row.map([&](auto x) { return x - mean; });
  }
};
struct ascending {
  constexpr auto operator()(auto v) const { return sort(v); }
};
using sort_plan = decltype(fn(ascending{}))::device_program_into<0, on_gpu<float, 64, 5000>>;
static_assert(!run::needs_host<sort_plan>(sinter::detail::make_int_list<sort_plan::size.groups>{}));  // it can be recorded
}  // namespace

void map(on_gpu<float, 4096, 1024>& y, const on_gpu<float, 4096, 1024>& x, const on_gpu<float, 1024>& w, const on_gpu<float, 1024>& b) {
  fn([](auto v, auto s, auto t) { return gelu_tanh(v * s + t); }).into(y, x, w, b);
}
void map_half(on_gpu<float16, 4096, 1024>& y, const on_gpu<float16, 4096, 1024>& x) {
  fn([](auto v) { return relu(v) + 1; }).into(y, x);
}
void map_brain(on_gpu<bfloat16, 4096, 1024>& y, const on_gpu<bfloat16, 4096, 1024>& x) {
  fn([](auto v, auto w) { return relu(v) * w; }).into(y, x, y);
}
void map_of_views(device::view<float, dyn, dyn> y, device::view<const float, dyn, dyn> x) {
  fn([](auto v) { return exp(v); }).into(y, x);
}
void rows(on_gpu<float, 4096, 1024>& y, const on_gpu<float, 4096, 1024>& x) {
  fn([](auto v) { return softmax(v, axis<1>); }).into(y, x);
  fn([](auto v) { return layer_norm(v, axis<1>); }).into(y, x);
}
void long_rows(on_gpu<float, 64, 16384>& y, const on_gpu<float, 64, 16384>& x) {
  fn([](auto v) { return softmax(v, axis<1>); }).into(y, x);
}
void cluster_rows(on_gpu<float, 64, 65536>& y, const on_gpu<float, 64, 65536>& x) {
  fn([](auto v) { return softmax(v, axis<1>); }).into(y, x);
}
void open_rows(on_gpu<float, dyn, dyn>& y, const on_gpu<float, dyn, dyn>& x) {
  fn([](auto v) { return softmax(v, axis<1>); }).into(y, x);
}
void columns(on_gpu<float, 1024>& s, on_gpu<float, 1024>& m, const on_gpu<float, 4096, 1024>& x) {
  fn([](auto v) { return std::tuple(sum(v, axis<0>), max(v, axis<0>)); }).into(std::tie(s, m), x);
}
void transposes(on_gpu<float, 1024, 4096>& y, const on_gpu<float, 4096, 1024>& x) {
  fn([](auto v) { return transpose(v) * 2; }).into(y, x);
}
void products(on_gpu<float, 4096, 1024>& y, const on_gpu<float, 4096, 1024>& x, const on_gpu<float, 1024, 1024>& w,
              const on_gpu<float, 1024>& b) {
  fn([](auto v, auto m, auto c) { return gelu(dot(v, m) + c); }).into(y, x, w, b);
}
void full_reductions(on_gpu<float>& s, on_gpu<float>& m, on_gpu<float>& t, const on_gpu<float, 4096, 1024>& x) {
  fn([](auto v) { return std::tuple(sum(v), mean(v * v), max(v)); }).into(std::tie(s, m, t), x);
}
void scatters(on_gpu<float, 4096, 1024>& y, const on_gpu<int, 64>& i, const on_gpu<float, 64, 1024>& u) {
  fn([](auto v, auto k, auto n) { return scatter_add(v, k, n, axis<0>); }).into(y, y, i, u);
}
void user_rows(on_gpu<float, 64, 1000>& y, const on_gpu<float, 64, 1000>& x) {
  fn([](auto v) { return map_rows<centred>(v); }).into(y, x);
}
void sorts(on_gpu<float, 64, 5000>& y, const on_gpu<float, 64, 5000>& x, on_gpu<double, 5000>& z, const on_gpu<double, 5000>& w) {
  fn(ascending{}).into(y, x);
  fn([](auto v) { return sort(v, descending); }).into(z, w);
}
