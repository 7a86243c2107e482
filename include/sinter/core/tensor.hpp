// SPDX-License-Identifier: Apache-2.0
// tensor, which owns its elements: small static ones inside the object, others in one heap block that pending expressions share.
#pragma once

#include <sinter/core/view.hpp>

namespace sinter {

/// A tensor that owns its elements, row-major, zero-initialised. Extents are numbers or `dyn`; their product is at most 2^48, else
/// shape_error; std::bad_alloc where the memory is not there.
/// Cost: at most 256 bytes and static: inside the object; else one 64-byte aligned heap block. Copying copies the elements.
/// Moving from one with a heap block leaves it without elements, as are its copies, until it is assigned or filled: with run-time extents
/// it is empty, with static ones begin() == end(), `at`, expressions and views throw sinter::exception, and x(i) is checked as indices are.
template <class T, extent_t... E> class tensor {
  static_assert(detail::has_dtype<T> && !std::is_const_v<T>,
                "sinter::tensor: the element type is none of sinter's; use float, double, sinter::float16, sinter::bfloat16, bool or an "
                "integer, with sinter/complex.hpp "
                "std::complex");
  static_assert(detail::few_enough_axes<sizeof...(E)>, "sinter::tensor: a tensor has at most 8 axes; reshape it to fewer");
  static_assert(detail::few_enough_elements<E...>,
                "sinter::tensor: the product of the extents is above 2^48 elements; make the extents smaller");
  static_assert(((E >= dyn) && ...), "sinter::tensor: an extent is negative; use sinter::dyn for a run-time extent");

 public:
  using value_type = T;
  static constexpr int rank = sizeof...(E);
  static constexpr int dynamic_rank = detail::extents<E...>::dynamic_rank;

  SINTER_HOST_INLINE tensor() {
    if constexpr (storage::on_heap && dynamic_rank == 0) allocate_zero();  // run-time extents are 0: no memory
  }
  /// For evaluation: memory that is not initialised, of these extents.
  tensor(detail::uninitialised, const extent_t* e) {
    extents_.assign(e);
    if constexpr (storage::on_heap) allocate();
  }
  /// Run-time extents, in order.
  template <std::integral... I>
  requires(sizeof...(I) == dynamic_rank && dynamic_rank > 0) explicit tensor(I... n) {
    extent_t given[] = {static_cast<extent_t>(n)...};
    for (int i = 0; i < dynamic_rank; ++i) {
      if (given[i] < 0)
        throw shape_error("sinter::tensor: the run-time extent " + std::to_string(given[i]) + " is negative; give 0 or more");
      extents_.run_time[i] = given[i];
    }
    allocate_zero();
  }
  /// Lists: tensor<float, 2, 2>{{1, 2}, {3, 4}}; run-time extents come from the list.
  tensor(typename detail::nested_list<T, rank>::type list) requires(rank > 0) : tensor() {
    extent_t e[max_rank] = {};
    measure<0>(list, e);
    if (!extents_.assign(e))
      detail::throw_shape_error("sinter::tensor: the list has another shape than the tensor:", e, rank, detail::extents<E...>::given, rank);
    if constexpr (dynamic_rank > 0) allocate_zero();
    T* p = data();
    fill_from<0>(list, e, p);
  }
  SINTER_HOST_INLINE tensor(T value) requires(rank == 0) { *data() = value; }
  SINTER_HOST_INLINE tensor(const tensor& o) : extents_(o.extents_) {
    if constexpr (storage::on_heap) {
      if (!o.data()) return;  // moved from
      allocate();
    }
    copy_elements(o.data(), size(), data());
  }
  tensor(tensor&& o) noexcept : storage_(o.storage_), extents_(o.extents_) {
    if constexpr (storage::on_heap) o.forget();
  }
  /// Evaluates an expression into new memory.
  template <expression_like X> SINTER_HOST_INLINE tensor(const X& x) {
    if constexpr (storage::on_heap && dynamic_rank == 0) allocate();
    struct guard {
      tensor* t;
      ~guard() {
        if (t) t->drop();
      }
    } g{this};
    (void)sizeof(detail::misfit<X, tensor>);
    detail::evaluate(x, *this);
    g.t = nullptr;
  }
  /// Copies a view, or a tensor whose extents are spelled otherwise.
  template <class X>
  requires((detail::is_tensor<X> || detail::is_view<X>)&&!std::is_same_v<X, tensor>) SINTER_HOST_INLINE tensor(const X& x) : tensor() {
    (void)sizeof(detail::misfit<X, tensor>);
    detail::copy(x, *this);
  }
  SINTER_HOST_INLINE ~tensor() { drop(); }

  SINTER_HOST_INLINE tensor& operator=(const tensor& o) {
    if (this == &o) return *this;
    if constexpr (storage::on_heap)
      if (size() != o.size() || !data() || !o.data()) return *this = tensor(o);
    extents_ = o.extents_;
    touch();
    copy_elements(o.data(), size(), data());
    return *this;
  }
  tensor& operator=(tensor&& o) noexcept {
    if constexpr (storage::on_heap) {
      if (this != &o) {
        drop();
        storage_ = o.storage_, extents_ = o.extents_;
        o.forget();
      }
    } else {
      storage_ = o.storage_;
    }
    return *this;
  }
  /// Evaluates an expression into this tensor; run-time extents take the result's. Right also where x reads this tensor.
  template <expression_like X> SINTER_HOST_INLINE tensor& operator=(const X& x) {
    (void)sizeof(detail::misfit<X, tensor>);
    detail::evaluate(x, *this);
    return *this;
  }

  template <class X>
  requires((detail::is_tensor<X> || detail::is_view<X>)&&!std::is_same_v<X, tensor>) SINTER_HOST_INLINE tensor& operator=(const X& x) {
    (void)sizeof(detail::misfit<X, tensor>);
    detail::copy(x, *this);
    return *this;
  }

  T* data() { return storage_.data(); }
  const T* data() const { return storage_.data(); }
  /// The number of elements.
  extent_t size() const { return extents_.size(); }
  extent_t extent(int axis) const { return extents_[axis]; }
  T* begin() { return data(); }
  T* end() { return has_elements() ? data() + size() : nullptr; }
  const T* begin() const { return data(); }
  const T* end() const { return has_elements() ? data() + size() : nullptr; }
  SINTER_HOST_INLINE void fill(T value) {
    if (!has_elements()) allocate();
    touch();
    for (T& x : *this) x = value;
  }

  /// Element access; indices are checked in the checked mode.
  template <std::integral... I>
  requires(sizeof...(I) == rank) SINTER_HOST_INLINE T& operator()(I... i) { return data()[offset<SINTER_CHECKED>(i...)]; }
  template <std::integral... I>
  requires(sizeof...(I) == rank) SINTER_HOST_INLINE const T& operator()(I... i) const { return data()[offset<SINTER_CHECKED>(i...)]; }
  /// Element access that always checks; throws index_error.
  template <std::integral... I>
  requires(sizeof...(I) == rank) SINTER_HOST_INLINE T& at(I... i) { return data()[offset<true>(i...)]; }
  template <std::integral... I>
  requires(sizeof...(I) == rank) SINTER_HOST_INLINE const T& at(I... i) const { return data()[offset<true>(i...)]; }

  operator T() const requires(rank == 0) { return *data(); }

  /// A view of a part: `x.sub(range<0, 10>, i)` takes ten rows of column i. One index (drops the axis), range or `all` an axis.
  template <class... P>
  requires(sizeof...(P) == rank && rank > 0) auto sub(P... parts) { return view<T, E...>(*this).sub(parts...); }
  template <class... P>
  requires(sizeof...(P) == rank && rank > 0) auto sub(P... parts) const { return view<const T, E...>(*this).sub(parts...); }

  /// For evaluation: whether extents fit the static ones.
  static bool takes(const extent_t* e) { return detail::extents<E...>{}.assign(e); }
  /// For evaluation: the heap block (null when inline) and the note that its elements change.
  detail::block* memory() const {
    if constexpr (storage::on_heap) return storage_.memory;
    else return nullptr;
  }
  SINTER_HOST_INLINE void touch() {
    if constexpr (storage::on_heap && SINTER_CHECKED)
      if (storage_.memory) ++storage_.memory->version;
  }

 private:
  using storage = detail::tensor_storage<T, detail::stored_inline<T, E...>, E...>;

  // False where static extents promise elements that were moved away.
  bool has_elements() const {
    if constexpr (storage::on_heap && dynamic_rank == 0) return storage_.memory;
    else return true;
  }

  SINTER_HOST_INLINE static void copy_elements(const T* from, extent_t n, T* to) {
    for (extent_t i = 0; i < n; ++i) to[i] = from[i];
  }
  static std::size_t bytes_of(const detail::extents<E...>& e) {
    extent_t each[rank + 1], n = 1;
    for (int i = rank - 1; i >= 0; --i) n = detail::saturating_product(n, each[i] = e[i]);
    if (n > max_elements) detail::throw_too_large("sinter::tensor", each, rank);
    return static_cast<std::size_t>(n) * sizeof(T);
  }
  void allocate() {
    if constexpr (storage::on_heap) storage_.memory = detail::block::make(bytes_of(extents_));
  }
  void allocate_zero() {
    allocate();
    fill_zero();
  }
  SINTER_HOST_INLINE void fill_zero() { __builtin_memset(static_cast<void*>(data()), 0, static_cast<std::size_t>(size()) * sizeof(T)); }
  void drop() noexcept {
    if constexpr (storage::on_heap) detail::block::release(storage_.memory);
  }
  void forget() noexcept {
    storage_.memory = nullptr;
    if constexpr (dynamic_rank > 0)
      for (extent_t& e : extents_.run_time) e = 0;
  }
  template <bool Check, class... I> extent_t offset(I... i) const {
    extent_t o = 0;
    int axis = 0;
    if (Check && !has_elements()) detail::throw_moved_from();
    (((Check && (static_cast<extent_t>(i) < 0 || static_cast<extent_t>(i) >= extents_[axis])
           ? detail::throw_index_error(static_cast<extent_t>(i), axis, extents_[axis])
           : void()),
      o = o * extents_[axis] + static_cast<extent_t>(i), ++axis),
     ...);
    return o;
  }
  template <int Axis, class L> static void measure(const L& list, extent_t* e) {
    e[Axis] = static_cast<extent_t>(list.size());
    if constexpr (Axis + 1 < rank)
      if (list.size()) measure<Axis + 1>(*list.begin(), e);
  }
  template <int Axis, class L> static void fill_from(const L& list, const extent_t* e, T*& p) {
    if (static_cast<extent_t>(list.size()) != e[Axis])
      throw shape_error("sinter::tensor: the rows of the list have different lengths; give each the same");
    if constexpr (Axis + 1 < rank) {
      for (const auto& l : list) fill_from<Axis + 1>(l, e, p);
    } else {
      for (const T& x : list) *p++ = x;
    }
  }

  storage storage_{};
  [[no_unique_address]] detail::extents<E...> extents_{};
};

}  // namespace sinter
