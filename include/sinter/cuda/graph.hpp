// SPDX-License-Identifier: Apache-2.0
// Whole programs as one launch: what calls would launch is recorded once, as a CUDA graph, and replayed.
#pragma once

#include <type_traits>

#include <sinter/cuda/workspace.hpp>

namespace sinter::device {

/// A recorded sequence of launches, with scratch memory of its own:
///   device::graph_exec g;
///   g.capture([&] { f.into(y, x, w); h.into(z, y); });
///   g.launch();
/// The tensors that the calls name must live, and stay where they are, as long as the graph is launched; values are those of each launch.
/// Cost: a launch is one call of the runtime; a capture makes a stream and calls the runtime some times a kernel: record once.
class graph_exec {
 public:
  graph_exec() = default;
  graph_exec(graph_exec&& o) noexcept : exec_(o.exec_), scratch_(o.scratch_) { o.forget(); }
  graph_exec& operator=(graph_exec&& o) noexcept {
    if (this == &o) return *this;
    close();
    exec_ = o.exec_, scratch_ = o.scratch_, o.forget();
    return *this;
  }
  ~graph_exec() { close(); }

  /// Records what f launches, and runs none of it. f is called once, with the recorded stream or without arguments; calls that name no
  /// stream go to it. Where f throws, or the runtime refuses, this graph stays what it was.
  /// Error: exception where f makes a device tensor; device_error where f, or another thread meanwhile, waits for the device or ends
  /// a device tensor.
  template <class F> void capture(F&& f) { capture(stream(), f); }
  /// Likewise on a given stream, which must not be the default one: that the runtime does not record.
  template <class F> void capture(const stream& s, F&& f) {
    record(
        s,
        [](void* body, const stream& to) {
          auto& call = *static_cast<std::remove_reference_t<F>*>(body);
          if constexpr (std::is_invocable_v<decltype(call), const stream&>) call(to);
          else call();
        },
        const_cast<void*>(static_cast<const void*>(&f)));
  }

  /// Runs the recorded work on a stream, in order with what else is there. One graph runs once at a time, on whatever streams.
  void launch(const stream& s = current_stream()) const {
    if (!valid()) throw exception("sinter::device::graph_exec: nothing is recorded; call capture(f) before launch()");
    check(cudaGraphLaunch(exec_, s.handle()), "cudaGraphLaunch");
  }
  /// Whether something is recorded.
  bool valid() const { return exec_; }
  explicit operator bool() const { return valid(); }
  cudaGraphExec_t handle() const { return exec_; }

 private:
  // What is being recorded: ended whatever happens.
  struct recording {
    cudaStream_t stream;
    detail::thread_state before = detail::this_thread;
    cudaGraph_t graph = nullptr;
    bool open = true;

    recording(const device::stream& s, detail::arenas* scratch) : stream(s.handle()) {
      // Relaxed: scratch memory may grow meanwhile.
      check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeRelaxed), "cudaStreamBeginCapture");
      detail::this_thread = {stream, scratch};
    }
    recording(const recording&) = delete;
    cudaError_t end() noexcept {
      if (!open) return cudaSuccess;
      open = false;
      detail::this_thread = before;
      return cudaStreamEndCapture(stream, &graph);
    }
    ~recording() {
      detail::ignore(end());
      if (graph) detail::ignore(cudaGraphDestroy(graph));
    }
  };
  SINTER_NOINLINE void record(const stream& s, void (*call)(void*, const stream&), void* body) {
    if (s.is_default())
      throw exception("sinter::device::graph_exec: the default stream cannot be recorded; call capture(f), or name a stream of your own");
    if (detail::this_thread.captured)
      throw exception("sinter::device::graph_exec: this thread records already; end the outer capture before the inner one");
    graph_exec made;
    made.scratch_ = new detail::arenas(true);
    {
      recording r(s, made.scratch_);
      call(body, s);
      check(r.end(), "cudaStreamEndCapture");
      check(cudaGraphInstantiateWithFlags(&made.exec_, r.graph, 0), "cudaGraphInstantiateWithFlags");
    }
    *this = static_cast<graph_exec&&>(made);
  }
  void forget() noexcept { exec_ = nullptr, scratch_ = nullptr; }
  void close() noexcept {
    if (exec_) detail::ignore(cudaGraphExecDestroy(exec_));
    delete scratch_;  // waits for what still runs
    forget();
  }

  cudaGraphExec_t exec_ = nullptr;
  detail::arenas* scratch_ = nullptr;
};

}  // namespace sinter::device
