// SPDX-License-Identifier: Apache-2.0
// What tensor and view stand on: extents of which some are known at run time, heap blocks with owners, and the evaluation that
// an assignment asks for (declared here, defined in run).
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <new>
#include <type_traits>

#include <sinter/core/atomic.hpp>
#include <sinter/core/check.hpp>

#if SINTER_LARGE_PAGES
#include <sys/mman.h>
#endif

namespace sinter {

template <class T, extent_t... E> class tensor;
template <class T, extent_t... E> class view;

/// True for suspended computations (see graph/expression.hpp); they can be assigned to tensors and views.
template <class T> inline constexpr bool is_expression = false;
template <class T>
concept expression_like = is_expression<std::remove_cvref_t<T>>;

namespace detail {

template <class T> inline constexpr bool is_tensor = false;
template <class T, extent_t... E> inline constexpr bool is_tensor<tensor<T, E...>> = true;
template <class T> inline constexpr bool is_view = false;
template <class T, extent_t... E> inline constexpr bool is_view<view<T, E...>> = true;

// Evaluates an expression, or copies a tensor or view, into existing memory. Defined in run/eval.hpp.
// The message, not yet instantiated, if X cannot be assigned to a Destination; else some complete type. Assignments instantiate it
// themselves, which keeps it short.
template <class X, class Destination> struct misfit_of;
template <class X, class Destination> using misfit = typename misfit_of<X, Destination>::type;
template <class E, class Destination> SINTER_HOST_INLINE void evaluate(const E& expression, Destination& destination);
template <class X, class Destination> SINTER_HOST_INLINE void copy(const X& from, Destination& destination);

template <class T, int Rank> struct nested_list { using type = std::initializer_list<typename nested_list<T, Rank - 1>::type>; };
template <class T> struct nested_list<T, 0> { using type = T; };

inline namespace SINTER_ISA {
SINTER_NOINLINE inline std::string extents_text(const extent_t* e, int rank) {
  std::string text = "[";
  for (int i = 0; i < rank; ++i) text += (i ? ", " : "") + (e[i] == dyn ? "dyn" : std::to_string(e[i]));
  return text + "]";
}
[[noreturn]] SINTER_NOINLINE inline void throw_shape_error(const char* what, const extent_t* have, int have_rank, const extent_t* want,
                                                           int want_rank) {
  throw shape_error(what + (" " + extents_text(have, have_rank)) + " against " + extents_text(want, want_rank));
}
[[noreturn]] SINTER_NOINLINE inline void throw_too_large(const char* type, const extent_t* e, int rank) {
  throw shape_error(std::string(type) + ": the product of the extents " + extents_text(e, rank) +
                    " is above 2^48 elements; give the extents of memory that exists");
}
[[noreturn]] SINTER_NOINLINE inline void throw_index_error(extent_t index, int axis, extent_t extent) {
  throw index_error("sinter::tensor: index " + std::to_string(index) + " is outside axis " + std::to_string(axis) + ", whose extent is " +
                    std::to_string(extent));
}
[[noreturn]] SINTER_NOINLINE inline void throw_range_error(extent_t first, extent_t last, int axis, extent_t extent) {
  const auto end = [extent](extent_t i) { return i < 0 ? i + extent : i; };
  const bool leaves = end(first) < 0 || end(first) > extent || end(last) < 0 || end(last) > extent;
  throw index_error("sinter::sub: range<" + std::to_string(first) + ", " + std::to_string(last) + "> " +
                    (leaves ? "leaves axis " : "ends before it begins on axis ") + std::to_string(axis) + ", whose extent is " +
                    std::to_string(extent));
}
[[noreturn]] SINTER_NOINLINE inline void throw_moved_from() {
  throw exception("sinter::tensor: a tensor that was moved from has no elements; assign it first");
}
}  // namespace SINTER_ISA

// Extents of which some are static; the run-time ones are stored, in order.
template <extent_t... E> struct extents {
  static constexpr int rank = sizeof...(E);
  static constexpr int dynamic_rank = ((E == dyn) + ... + 0);
  static constexpr extent_t given[rank + 1] = {E..., 0};
  [[no_unique_address]] std::conditional_t<(dynamic_rank > 0), extent_t[dynamic_rank + (dynamic_rank == 0)], type_list<>> run_time{};

  static constexpr int slot(int axis) {
    int n = 0;
    for (int i = 0; i < axis; ++i) n += given[i] == dyn;
    return n;
  }
  constexpr extent_t operator[](int axis) const {
    if constexpr (dynamic_rank == 0) return given[axis];
    else return given[axis] == dyn ? run_time[slot(axis)] : given[axis];
  }
  constexpr extent_t size() const {
    extent_t n = 1;
    for (int i = 0; i < rank; ++i) n = detail::wrapping_product(n, (*this)[i]);
    return n;
  }
  constexpr bool assign(const extent_t* e) {  // false: a static extent differs
    bool good = true;
    for (int i = 0; i < rank; ++i) {
      if constexpr (dynamic_rank > 0)
        if (given[i] == dyn) {
          run_time[slot(i)] = e[i];
          continue;
        }
      good &= given[i] == e[i];
    }
    return good;
  }
};

// A heap block of elements with a count of its owners: the tensor and the pending expressions that read it.
struct block {
  atomic<int> owners{1};
  int version = 0;  // counts the writes that a pending expression must not miss
  static constexpr std::size_t header = 64;

  void* data() { return reinterpret_cast<char*>(this) + header; }
  // Walks along other axes than the last touch a page an element; with large ones a transposition is a fifth faster.
  static void ask_for_large_pages([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t size) {
#if SINTER_LARGE_PAGES
    constexpr std::uintptr_t page = 4096, worth_it = 4 << 20;
    if (size < worth_it) return;
    const std::size_t before = static_cast<std::size_t>(-reinterpret_cast<std::uintptr_t>(memory) % page);
    (void)madvise(static_cast<char*>(memory) + before, (size - before) / page * page, MADV_HUGEPAGE);  // a hint: failure changes nothing
#endif
  }
  static block* make(std::size_t bytes) {
    const std::size_t size = header + (bytes + 63) / 64 * 64;
    void* const memory = ::operator new (size, std::align_val_t{64});
    ask_for_large_pages(memory, size);
    return new (memory) block;
  }
  static void release(block* b) noexcept {
    if (b && b->owners.subtract(1) == 1) ::operator delete (b, std::align_val_t{64});
  }
};

// Keeps a block alive.
class block_owner {
 public:
  block_owner() = default;
  explicit block_owner(block* b) noexcept : block_(b) {
    if (b) b->owners.add(1);
  }
  static block_owner of_new(block* b) noexcept {  // its first owner, whom `make` has counted
    block_owner o;
    o.block_ = b;
    return o;
  }
  block_owner(const block_owner& o) noexcept : block_owner(o.block_) {}
  block_owner(block_owner&& o) noexcept : block_(o.block_) { o.block_ = nullptr; }
  block_owner& operator=(block_owner o) noexcept {
    block* b = block_;
    block_ = o.block_, o.block_ = b;
    return *this;
  }
  ~block_owner() { block::release(block_); }
  block* get() const { return block_; }

 private:
  block* block_ = nullptr;
};

template <class T> inline constexpr bool has_dtype = element<T>;  // a variable: compilers explain concepts at length

struct no_strides_yet {};
struct uninitialised {};

inline constexpr std::size_t inline_bytes = 256;  // up to this size a static tensor lives inside its object

// Whole vectors do not cross lines of the cache, and no object grows by it.
template <class T> constexpr std::size_t vector_alignment(std::size_t count) {
  for (std::size_t a = 64; a > alignof(T); a /= 2)
    if (count * sizeof(T) % a == 0) return a;
  return alignof(T);
}

template <class T, bool Inline, extent_t... E> struct tensor_storage {  // inline
  static constexpr bool on_heap = false;
  static constexpr std::size_t count = (std::size_t{1} * ... * static_cast<std::size_t>(E < 0 ? 1 : E)) + ((E == 0) || ...);
  alignas(vector_alignment<T>(count)) T elements[count]{};
  constexpr T* data() { return elements; }
  constexpr const T* data() const { return elements; }
};
template <class T, extent_t... E> struct tensor_storage<T, false, E...> {
  static constexpr bool on_heap = true;
  block* memory = nullptr;
  T* data() { return memory ? static_cast<T*>(memory->data()) : nullptr; }
  const T* data() const { return memory ? static_cast<const T*>(memory->data()) : nullptr; }
};
template <class T, extent_t... E>
inline constexpr bool stored_inline = ((E != dyn) && ...) && static_size<E...>() <= static_cast<extent_t>(inline_bytes / sizeof(T));

}  // namespace detail

}  // namespace sinter
