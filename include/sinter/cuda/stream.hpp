// SPDX-License-Identifier: Apache-2.0
// Streams, events, and the stream of calls that name none.
#pragma once

#include <sinter/cuda/memory.hpp>

namespace sinter::device {

class stream;

/// A point in a stream, which others can wait for, and the time between two such points.
class event {
 public:
  event() { check(cudaEventCreateWithFlags(&handle_, cudaEventDefault), "cudaEventCreateWithFlags"); }
  event(event&& o) noexcept : handle_(o.handle_) { o.handle_ = nullptr; }
  event& operator=(event&& o) noexcept {
    cudaEvent_t e = handle_;
    handle_ = o.handle_, o.handle_ = e;
    return *this;
  }
  ~event() {
    if (handle_) detail::ignore(cudaEventDestroy(handle_));
  }

  /// The point behind all that is in the stream now; the last call counts.
  void record(const stream& s);
  void record();
  /// Returns when the stream has passed the point, at once where nothing was recorded.
  void synchronize() const { check(cudaEventSynchronize(handle_), "cudaEventSynchronize"); }
  cudaEvent_t handle() const { return handle_; }

 private:
  cudaEvent_t handle_ = nullptr;
};

/// Milliseconds from one recorded point to another, which it waits for; resolution about half a microsecond.
inline float elapsed_ms(const event& start, const event& stop) {
  float ms = 0;
  stop.synchronize();
  check(cudaEventElapsedTime(&ms, start.handle(), stop.handle()), "cudaEventElapsedTime");
  return ms;
}

/// A queue of work on the current device, done in order. `stream s;` is a new one that waits for no other; `stream::of(handle)` is one that
/// somebody else owns, such as PyTorch's. One that was moved from is the default stream (cudaStreamLegacy).
/// Work on different streams has no order but what `wait` gives it.
/// Cost: making the first one waits for the default stream, and from then on destroying tensors waits for the device (cuda/memory.hpp).
class stream {
 public:
  stream() {
    detail::note_stream();
    check(cudaStreamCreateWithFlags(&handle_, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
    owned_ = true;
  }
  /// Not owned: it must outlive all use. A null handle is the default stream of the translation unit: cudaStreamLegacy, or
  /// cudaStreamPerThread under nvcc's --default-stream per-thread.
  static stream of(cudaStream_t handle) {
#if defined(CUDA_API_PER_THREAD_DEFAULT_STREAM)
    if (!handle) handle = cudaStreamPerThread;
#endif
    if (handle == cudaStreamLegacy) handle = nullptr;
    if (handle) detail::note_stream();
    return stream(handle);
  }
  stream(stream&& o) noexcept : handle_(o.handle_), owned_(o.owned_) { o.forget(); }
  stream& operator=(stream&& o) noexcept {
    if (this == &o) return *this;
    close();
    handle_ = o.handle_, owned_ = o.owned_, o.forget();
    return *this;
  }
  /// What is in the queue is still done.
  ~stream() { close(); }

  cudaStream_t handle() const { return handle_ ? handle_ : cudaStreamLegacy; }
  bool is_default() const { return !handle_; }
  /// Returns when all work in the queue is done, and throws what kernels did wrong.
  void synchronize() const { check(cudaStreamSynchronize(handle()), "cudaStreamSynchronize"); }
  /// Later work in this stream waits for an event, or for what is in another stream now. Returns at once.
  void wait(const event& e) const { check(cudaStreamWaitEvent(handle(), e.handle(), cudaEventWaitDefault), "cudaStreamWaitEvent"); }
  void wait(const stream& other) const {
    event e;
    e.record(other);
    wait(e);
  }

 private:
  explicit stream(cudaStream_t h) noexcept : handle_(h) {}
  void forget() noexcept { handle_ = nullptr, owned_ = false; }
  void close() noexcept {
    if (owned_) detail::ignore(cudaStreamDestroy(handle_));
    forget();
  }
  friend stream current_stream() noexcept;

  cudaStream_t handle_ = nullptr;  // null: the default stream
  bool owned_ = false;
};

namespace detail {
class arenas;
struct thread_state {
  cudaStream_t current = nullptr;  // null: the default stream
  arenas* captured = nullptr;      // not null: a graph_exec records; its scratch memory
};
inline constinit thread_local thread_state this_thread;
}  // namespace detail

/// The stream of this thread's calls and copies that name none: the default stream (cudaStreamLegacy, which is PyTorch's too), unless
/// a with_stream says otherwise.
inline stream current_stream() noexcept { return stream(detail::this_thread.current); }

/// Makes a stream the current one of this thread until the end of the scope: `device::with_stream scope(s);`. They nest.
class with_stream {
 public:
  explicit with_stream(const stream& s) noexcept : before_(detail::this_thread.current) {
    detail::this_thread.current = s.is_default() ? nullptr : s.handle();
  }
  with_stream(const with_stream&) = delete;
  ~with_stream() { detail::this_thread.current = before_; }

 private:
  cudaStream_t before_;
};

inline void event::record(const stream& s) { check(cudaEventRecord(handle_, s.handle()), "cudaEventRecord"); }
inline void event::record() { record(current_stream()); }

}  // namespace sinter::device
