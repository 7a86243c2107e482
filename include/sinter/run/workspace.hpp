// SPDX-License-Identifier: Apache-2.0
// The memory for intermediates: one growing arena a thread, shared by all functions, or the caller's bytes.
#pragma once

#include <cstddef>
#include <new>

#include <sinter/core/check.hpp>

namespace sinter {

/// Bytes for the intermediates of a call, owned by the caller: `f.into(workspace, y, x)`. Aligned to 64 bytes;
/// `plan.workspace_bytes` says how many are needed.
struct workspace {
  std::byte* data = nullptr;
  std::size_t size = 0;
  constexpr workspace() = default;
  constexpr workspace(void* p, std::size_t n) : data(static_cast<std::byte*>(p)), size(n) {}
  template <class Span>
    requires requires(Span& s) {
      { s.size_bytes() } -> std::convertible_to<std::size_t>;
      s.data();
    }
  constexpr workspace(Span s) : data(reinterpret_cast<std::byte*>(s.data())), size(s.size_bytes()) {}
};

namespace run {

// The arena of this thread: grows, never shrinks. A nested call takes the part behind what is in use.
class thread_arena {
 public:
  static thread_arena& get() {
    thread_local thread_arena arena;
    return arena;
  }
  ~thread_arena() { free_blocks(); }

  std::byte* take(std::size_t bytes) {
    bytes = (bytes + 63) / 64 * 64;
    if (used_ + bytes > size_) grow(bytes);
    std::byte* p = top_->bytes() + used_;
    used_ += bytes;
    return p;
  }
  struct mark {
    void* block;
    std::size_t used;
  };
  mark now() const { return {top_, used_}; }
  void back_to(const mark& m) {
    if (m.block == top_) used_ = m.used;
    else if (m.used == 0 || !m.block) used_ = 0;  // the block that was current before has been replaced by a larger one
    while (used_ == 0 && top_ && top_->below) {    // nothing in use: the smaller blocks can go
      block* b = top_->below;
      top_->below = b->below;
      ::operator delete(b, std::align_val_t{64});
    }
  }

 private:
  struct alignas(64) block {
    block* below;
    std::byte* bytes() { return reinterpret_cast<std::byte*>(this + 1); }
  };
  void grow(std::size_t bytes) {
    const std::size_t want = bytes > 2 * size_ ? bytes : 2 * size_;
    block* b = new (::operator new(sizeof(block) + want, std::align_val_t{64})) block{top_};
    top_ = b, size_ = want, used_ = 0;
  }
  void free_blocks() {
    while (top_) {
      block* b = top_->below;
      ::operator delete(top_, std::align_val_t{64});
      top_ = b;
    }
  }
  block* top_ = nullptr;
  std::size_t size_ = 0, used_ = 0;
};

// A part of the arena for one call.
class arena_part {
 public:
  arena_part() : mark_(thread_arena::get().now()) {}
  arena_part(const arena_part&) = delete;
  ~arena_part() { thread_arena::get().back_to(mark_); }
  std::byte* take(std::size_t bytes) { return thread_arena::get().take(bytes); }

 private:
  thread_arena::mark mark_;
};

}  // namespace run

}  // namespace sinter
