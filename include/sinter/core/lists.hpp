// SPDX-License-Identifier: Apache-2.0
// Lists of numbers and types, and a growing array for constant evaluation: the little that would otherwise
// cost <utility>, <tuple> and <vector>.
#pragma once

#include <cstdint>

#include <sinter/core/config.hpp>

namespace sinter::detail {

template <int... I> struct int_list {};

#if defined(__CUDACC__)  // nvcc 13 has neither builtin
template <class A, class B> struct join_int_lists;
template <int... A, int... B> struct join_int_lists<int_list<A...>, int_list<B...>> {
  using type = int_list<A..., (static_cast<int>(sizeof...(A)) + B)...>;
};
template <int N> struct int_list_maker {
  using type = typename join_int_lists<typename int_list_maker<N / 2>::type, typename int_list_maker<N - N / 2>::type>::type;
};
template <> struct int_list_maker<0> { using type = int_list<>; };
template <> struct int_list_maker<1> { using type = int_list<0>; };
#elif defined(__clang__)
template <int N> struct int_list_maker {
  template <class, int... I> struct list { using type = int_list<I...>; };
  using type = typename __make_integer_seq<list, int, N>::type;
};
#else
template <int N> struct int_list_maker { using type = int_list<__integer_pack(N)...>; };
#endif
template <int N> using make_int_list = typename int_list_maker<N>::type;

template <class... T> struct type_list { static constexpr int size = sizeof...(T); };

// Element I of a pack.
template <int I, class T, class... Rest> struct nth { using type = typename nth<I - 1, Rest...>::type; };
template <class T, class... Rest> struct nth<0, T, Rest...> { using type = T; };
template <int I, class... T> using nth_t = typename nth<I, T...>::type;

// A type as a value.
template <class T> struct holder_of { using type = T; };

// A growing array that works in constant evaluation. Move only. Its first elements are a member of one object: that g++ makes in two
// operations, where each element of `new T[n]{}` takes thirty.
template <class T, int First = 32> class list {
  struct few {
    T element[First] = {};
  };

 public:
  constexpr list() = default;
  constexpr list(list&& o) noexcept : first_(o.first_), data_(o.data_), size_(o.size_), capacity_(o.capacity_) { o.forget(); }
  constexpr list(const list&) = delete;
  constexpr list& operator=(list&& o) noexcept {
    few* const first = o.first_;
    T* const data = o.data_;
    const int size = o.size_, capacity = o.capacity_;
    o.forget();
    release();
    first_ = first, data_ = data, size_ = size, capacity_ = capacity;
    return *this;
  }
  constexpr ~list() { release(); }

  constexpr int size() const { return size_; }
  constexpr T& operator[](int i) { return data_[i]; }
  constexpr const T& operator[](int i) const { return data_[i]; }
  constexpr T& back() { return data_[size_ - 1]; }
  constexpr const T* data() const { return data_; }
  constexpr T* begin() { return data_; }
  constexpr T* end() { return data_ + size_; }
  constexpr const T* begin() const { return data_; }
  constexpr const T* end() const { return data_ + size_; }
  constexpr void clear() { size_ = 0; }
  constexpr void pop() { --size_; }
  constexpr void drop(int n) { size_ -= n; }

  constexpr int add(const T& v) {
    if (size_ == capacity_) reserve(capacity_ ? 2 * capacity_ : First);
    data_[size_] = v;
    return size_++;
  }
  // Room for n more; they are written through the pointer. For constant evaluation, where each call counts.
  constexpr T* add_room(int n) {
    if (size_ + n > capacity_) reserve(size_ + n > 2 * capacity_ ? size_ + n : 2 * capacity_);
    size_ += n;
    return data_ + (size_ - n);
  }
  constexpr void add_all(const T* from, int n) {
    T* const to = add_room(n);
    for (int i = 0; i < n; ++i) to[i] = from[i];
  }
  constexpr void resize(int n) {
    const int used = capacity_;  // what is new is empty already
    reserve(n);
    for (int i = size_; i < n && i < used; ++i) data_[i] = T{};
    size_ = n;
  }
  constexpr void resize(int n, const T& fill) {
    if (n > capacity_) reserve(n > 2 * capacity_ ? n : 2 * capacity_);
    for (int i = size_; i < n; ++i) data_[i] = fill;
    size_ = n;
  }
  constexpr void reserve(int n) {
    if (n <= capacity_) return;
    if (n <= First) {
      first_ = new few;
      data_ = first_->element, capacity_ = First;
      return;
    }
    T* const bigger = new T[static_cast<unsigned>(n)]{};
    for (int i = 0; i < size_; ++i) bigger[i] = data_[i];
    release();
    first_ = nullptr, data_ = bigger, capacity_ = n;
  }

 private:
  constexpr void forget() { first_ = nullptr, data_ = nullptr, size_ = capacity_ = 0; }
  constexpr void release() {
    if (first_) delete first_;
    else delete[] data_;
  }

  few* first_ = nullptr;
  T* data_ = nullptr;
  int size_ = 0, capacity_ = 0;
};

}  // namespace sinter::detail
