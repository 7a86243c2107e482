// SPDX-License-Identifier: Apache-2.0
// Scratch memory of calls: one block a thread and stream, which grows to what the largest call asked for and stays.
#pragma once

#include <sinter/cuda/stream.hpp>

namespace sinter::device {

/// Scratch memory for work on one stream. `reserve(bytes)` gives at least so many, 256-byte aligned, for use until the next call:
/// work in the order of one stream shares them.
/// Cost: a comparison, unless more is asked for than ever before; then the block becomes at least half as large again.
class arena {
 public:
  /// `keep`: blocks that became too small stay as long as the arena. A graph's launches use them again.
  explicit arena(bool keep = false) : keep_(keep) {}
  arena(const arena&) = delete;
  ~arena() {
    while (old_) {
      const replaced* next = old_->next;
      delete old_;
      old_ = next;
    }
  }

  std::byte* reserve(std::size_t bytes) {
    if (bytes > capacity_) grow(bytes);
    return static_cast<std::byte*>(memory_.data());
  }
  std::size_t capacity() const { return capacity_; }

 private:
  struct replaced {
    detail::memory memory;
    const replaced* next;
  };
  void grow(std::size_t bytes) {
    const std::size_t more = capacity_ + capacity_ / 2;
    const std::size_t size = ((bytes > more ? bytes : more) + 255) / 256 * 256;
    if (!keep_) {  // one after the other, never both
      capacity_ = 0;
      memory_ = {};
      memory_ = detail::memory(size);
    } else {
      detail::memory larger(size);
      if (memory_.data()) old_ = new replaced{static_cast<detail::memory&&>(memory_), old_};
      memory_ = static_cast<detail::memory&&>(larger);
    }
    capacity_ = size;
  }

  detail::memory memory_;
  std::size_t capacity_ = 0;
  const replaced* old_ = nullptr;
  bool keep_;
};

namespace detail {

// The arenas of a thread or a graph. A stream's number is never used again, its handle may be.
class arenas {
 public:
  explicit arenas(bool keep = false) : keep_(keep) {}
  arenas(const arenas&) = delete;
  ~arenas() { clear(); }

  arena& of(const stream& s) {
    unsigned long long id = 0;  // the default stream; those of the runtime begin with 1
    if (!s.is_default()) check(cudaStreamGetId(s.handle(), &id), "cudaStreamGetId");
    const int device = current_device();
    for (entry* e = first_; e; e = e->next)
      if (e->stream == id && e->device == device) return e->memory;
    first_ = new entry{arena(keep_), id, device, first_};
    return first_->memory;
  }
  void clear() noexcept {
    while (first_) {
      entry* next = first_->next;
      delete first_;
      first_ = next;
    }
  }

 private:
  struct entry {
    arena memory;
    unsigned long long stream;
    int device;
    entry* next;
  };
  entry* first_ = nullptr;
  bool keep_;
};
inline arenas& own_arenas() {
  static thread_local arenas all;
  return all;
}

}  // namespace detail

/// The scratch memory of this thread's calls on a stream of the current device; while a graph_exec records, that of the graph.
inline arena& workspace(const stream& s) {
  detail::arenas* const captured = detail::this_thread.captured;
  return (captured ? *captured : detail::own_arenas()).of(s);
}
/// Gives back this thread's scratch memory on all streams, also on those that are gone, once what uses it is done. It grows again when it
/// is needed; the end of a thread gives it back too.
inline void release_workspace() { detail::own_arenas().clear(); }

}  // namespace sinter::device
