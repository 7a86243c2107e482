// SPDX-License-Identifier: Apache-2.0
// Integers that several threads count in. C++20's <atomic> brings waiting threads and system calls with it: a tenth of a second and 15 MB
// of each of nvcc's three passes, for what compilers have as builtins.
#pragma once

namespace sinter::detail {

template <class T> class atomic {
 public:
  constexpr explicit atomic(T n) : n_(n) {}
  atomic(const atomic&) = delete;

  T load() const { return __atomic_load_n(&n_, __ATOMIC_ACQUIRE); }
  void store(T n) { __atomic_store_n(&n_, n, __ATOMIC_RELEASE); }
  /// By one that is counted already: nothing else need be ordered.
  void add(T n) { __atomic_fetch_add(&n_, n, __ATOMIC_RELAXED); }
  /// What it was before.
  T subtract(T n) { return __atomic_fetch_sub(&n_, n, __ATOMIC_ACQ_REL); }
  void set_bits(T bits) { __atomic_fetch_or(&n_, bits, __ATOMIC_ACQ_REL); }

 private:
  T n_;
};

}  // namespace sinter::detail
