// SPDX-License-Identifier: Apache-2.0
// Host memory that stays where it is, which a GPU reads and writes at full speed while the host does something else.
#pragma once

#include <sinter/cuda/tensor.hpp>

namespace sinter::device {

/// A tensor in page-locked host memory, not initialised: `device::pinned<float, dyn, 768> x(n)`. `x.view()` shows it to expressions, and to
/// copies that name a stream, which then run beside the host: `y.copy_from(x.view(), s)`. It moves; views of it stay right.
/// Error: as device::tensor.
/// Cost: a slow call of the system, and memory that the system cannot use otherwise: make few, and keep them.
template <class T, extent_t... E> class pinned {
  using seen = sinter::view<T, E...>;

 public:
  /// Run-time extents, in order.
  template <std::integral... I>
  requires(sizeof...(I) == seen::dynamic_rank) explicit pinned(I... n)
      : memory_(allocate(seen(nullptr, n...).size())), view_(static_cast<T*>(memory_), n...) {}
  pinned(pinned&& o) noexcept : memory_(o.memory_), view_(o.view_) { o.memory_ = nullptr; }
  ~pinned() {
    if (memory_) detail::ignore(cudaFreeHost(memory_));
  }

  seen view() {
    present();
    return view_;
  }
  sinter::view<const T, E...> view() const {
    present();
    return view_;
  }

 private:
  static void* allocate(extent_t size) {
    void* p = nullptr;
    if (size == 0) return p;
    const std::size_t bytes = static_cast<std::size_t>(size) * sizeof(T);
    if (const cudaError_t e = cudaMallocHost(&p, bytes)) check(e, ("cudaMallocHost of " + std::to_string(bytes) + " bytes").c_str());
    return p;
  }
  void present() const {
    if (!memory_ && view_.size() > 0) throw exception("sinter::device::pinned: it was moved from and has no elements; make another");
  }

  void* memory_;
  seen view_;
};

}  // namespace sinter::device
