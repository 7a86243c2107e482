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

inline namespace SINTER_ISA {
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
    while (used_ == 0 && top_ && top_->below) {   // nothing in use: the smaller blocks can go
      block* b = top_->below;
      top_->below = b->below;
      ::operator delete (b, std::align_val_t{64});
    }
  }

 private:
  struct alignas(64) block {
    block* below;
    std::byte* bytes() { return reinterpret_cast<std::byte*>(this + 1); }
  };
  void grow(std::size_t bytes) {
    const std::size_t want = bytes > 2 * size_ ? bytes : 2 * size_;
    block* b = new (::operator new (sizeof(block) + want, std::align_val_t{64})) block{top_};
    top_ = b, size_ = want, used_ = 0;
  }
  void free_blocks() {
    while (top_) {
      block* b = top_->below;
      ::operator delete (top_, std::align_val_t{64});
      top_ = b;
    }
  }
  block* top_ = nullptr;
  std::size_t size_ = 0, used_ = 0;
};

[[noreturn]] SINTER_NOINLINE inline void throw_workspace(const workspace& w, std::size_t bytes) {
  if (w.size >= bytes) throw exception("sinter: the workspace begins at an address that is no multiple of 64; align it: alignas(64)");
  throw exception("sinter: the workspace has " + std::to_string(w.size) + " bytes, " + std::to_string(bytes) +
                  " are needed, aligned to 64 bytes; see plan.workspace_bytes");
}
// The memory of one call: nothing, a part of the caller's bytes, or a part of the thread's arena.
class arena_part {
 public:
  SINTER_HOST_INLINE arena_part(std::size_t bytes, const workspace* space) {
    if (bytes == 0) return;
    if (!space) take(bytes);
    else if (space->size < bytes || reinterpret_cast<std::uintptr_t>(space->data) % 64 != 0) throw_workspace(*space, bytes);
    else data_ = space->data;
  }
  arena_part(const arena_part&) = delete;
  SINTER_HOST_INLINE ~arena_part() {
    if (taken_) thread_arena::get().back_to(mark_);
  }
  std::byte* data() const { return data_; }

 private:
  SINTER_NOINLINE void take(std::size_t bytes) {
    thread_arena& a = thread_arena::get();
    mark_ = a.now();
    data_ = a.take(bytes);
    taken_ = true;
  }
  std::byte* data_ = nullptr;
  thread_arena::mark mark_{};
  bool taken_ = false;
};

}  // namespace run
}  // namespace SINTER_ISA

}  // namespace sinter
