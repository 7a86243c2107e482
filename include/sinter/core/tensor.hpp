// SPDX-License-Identifier: Apache-2.0
// tensor, which owns its elements, and view, which does not. Both are row-major descriptions of memory with static or
// run-time extents; what is assigned to them is evaluated by run (declared here, defined there).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <new>
#include <type_traits>

#include <sinter/core/check.hpp>

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
template <class E, class Destination> SINTER_HOST_INLINE void evaluate(const E& expression, Destination& destination);
template <class X, class Destination> SINTER_HOST_INLINE void copy(const X& from, Destination& destination);

template <class T, int Rank> struct nested_list { using type = std::initializer_list<typename nested_list<T, Rank - 1>::type>; };
template <class T> struct nested_list<T, 0> { using type = T; };

[[noreturn]] SINTER_NOINLINE inline void throw_shape_error(const char* what, const extent_t* have, int have_rank, const extent_t* want, int want_rank) {
  std::string text = what;
  for (const extent_t* e : {have, want}) {
    const int n = e == have ? have_rank : want_rank;
    text += e == have ? " [" : " against [";
    for (int i = 0; i < n; ++i) text += (i ? ", " : "") + std::to_string(e[i]);
    text += "]";
  }
  throw shape_error(text);
}
[[noreturn]] SINTER_NOINLINE inline void throw_index_error(extent_t index, int axis, extent_t extent) {
  throw index_error("sinter::tensor: index " + std::to_string(index) + " is outside axis " + std::to_string(axis) + ", whose extent is " +
                    std::to_string(extent));
}

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
    for (int i = 0; i < rank; ++i) n *= (*this)[i];
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
  std::atomic<int> owners{1};
  int version = 0;  // counts the writes that a pending expression must not miss
  static constexpr std::size_t header = 64;

  void* data() { return reinterpret_cast<char*>(this) + header; }
  static block* make(std::size_t bytes) {
    if (bytes > (std::size_t{1} << 62)) throw std::bad_alloc();
    return new (::operator new(header + (bytes + 63) / 64 * 64, std::align_val_t{64})) block;
  }
  static void release(block* b) noexcept {
    if (b && b->owners.fetch_sub(1, std::memory_order_acq_rel) == 1) ::operator delete(b, std::align_val_t{64});
  }
};

// Keeps a block alive.
class block_owner {
 public:
  block_owner() = default;
  explicit block_owner(block* b) noexcept : block_(b) {
    if (b) b->owners.fetch_add(1, std::memory_order_relaxed);
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

template <class T, bool Inline, extent_t... E> struct tensor_storage {  // inline
  static constexpr bool on_heap = false;
  alignas(sizeof(T) * sizeof...(E) >= 32 ? 32 : alignof(T)) T elements[(std::size_t{1} * ... * static_cast<std::size_t>(E < 0 ? 1 : E)) + ((E == 0) || ...)]{};
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
inline constexpr bool stored_inline = ((E != dyn) && ...) && (sizeof(T) * ... * static_cast<std::size_t>(E < 0 ? 0 : E)) <= inline_bytes;

}  // namespace detail

/// A tensor that owns its elements, row-major, zero-initialised. Extents are numbers or `dyn`.
/// Cost: at most 256 bytes and static: inside the object; else one 64-byte aligned heap block. Copying copies the elements.
template <class T, extent_t... E> class tensor {
  static_assert(detail::has_dtype<T> && !std::is_const_v<T>, "sinter::tensor: the element type is none of sinter's; use float, double, sinter::float16, sinter::bfloat16, bool or an integer");
  static_assert(sizeof...(E) <= max_rank, "sinter::tensor: a tensor has at most 8 axes; reshape it to fewer");
  static_assert(((E >= dyn) && ...), "sinter::tensor: an extent is negative; use sinter::dyn for a run-time extent");

 public:
  using value_type = T;
  static constexpr int rank = sizeof...(E);
  static constexpr int dynamic_rank = detail::extents<E...>::dynamic_rank;

  tensor() {
    if constexpr (storage::on_heap && dynamic_rank == 0) allocate_zero();  // run-time extents are 0: no memory
  }
  /// For evaluation: memory that is not initialised, of these extents.
  tensor(detail::uninitialised, const extent_t* e) {
    extents_.assign(e);
    if constexpr (storage::on_heap) allocate();
  }
  /// Run-time extents, in order.
  template <std::integral... I>
    requires(sizeof...(I) == dynamic_rank && dynamic_rank > 0)
  explicit tensor(I... n) {
    extent_t given[] = {static_cast<extent_t>(n)...};
    for (int i = 0; i < dynamic_rank; ++i) {
      if (given[i] < 0) throw shape_error("sinter::tensor: the run-time extent " + std::to_string(given[i]) + " is negative; give 0 or more");
      extents_.run_time[i] = given[i];
    }
    allocate_zero();
  }
  /// Lists: tensor<float, 2, 2>{{1, 2}, {3, 4}}; run-time extents come from the list.
  tensor(typename detail::nested_list<T, rank>::type list)
    requires(rank > 0)
      : tensor() {
    extent_t e[max_rank] = {};
    measure<0>(list, e);
    if (!extents_.assign(e)) detail::throw_shape_error("sinter::tensor: the list has another shape than the tensor:", e, rank, detail::extents<E...>::given, rank);
    if constexpr (dynamic_rank > 0) allocate_zero();
    T* p = data();
    fill_from<0>(list, e, p);
  }
  tensor(T value)
    requires(rank == 0)
  {
    *data() = value;
  }
  tensor(const tensor& o) : extents_(o.extents_) {
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
  template <expression_like X> tensor(const X& x) {
    if constexpr (storage::on_heap && dynamic_rank == 0) allocate();
    struct guard {
      tensor* t;
      ~guard() {
        if (t) t->drop();
      }
    } g{this};
    detail::evaluate(x, *this);
    g.t = nullptr;
  }
  /// Copies a view, or a tensor whose extents are spelled otherwise.
  template <class X>
    requires((detail::is_tensor<X> || detail::is_view<X>) && !std::is_same_v<X, tensor>)
  tensor(const X& x) : tensor() {
    detail::copy(x, *this);
  }
  ~tensor() { drop(); }

  tensor& operator=(const tensor& o) {
    if (this == &o) return *this;
    if constexpr (storage::on_heap)
      if (size() != o.size() || !data()) return *this = tensor(o);
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
    detail::evaluate(x, *this);
    return *this;
  }

  template <class X>
    requires((detail::is_tensor<X> || detail::is_view<X>) && !std::is_same_v<X, tensor>)
  SINTER_HOST_INLINE tensor& operator=(const X& x) {
    detail::copy(x, *this);
    return *this;
  }

  T* data() { return storage_.data(); }
  const T* data() const { return storage_.data(); }
  /// The number of elements.
  extent_t size() const { return extents_.size(); }
  extent_t extent(int axis) const { return extents_[axis]; }
  T* begin() { return data(); }
  T* end() { return data() + size(); }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size(); }
  void fill(T value) {
    touch();
    for (T& x : *this) x = value;
  }

  /// Element access; indices are checked in the checked mode.
  template <std::integral... I>
    requires(sizeof...(I) == rank)
  T& operator()(I... i) { return data()[offset<SINTER_CHECKED>(i...)]; }
  template <std::integral... I>
    requires(sizeof...(I) == rank)
  const T& operator()(I... i) const { return data()[offset<SINTER_CHECKED>(i...)]; }
  /// Element access that always checks; throws index_error.
  template <std::integral... I>
    requires(sizeof...(I) == rank)
  T& at(I... i) { return data()[offset<true>(i...)]; }
  template <std::integral... I>
    requires(sizeof...(I) == rank)
  const T& at(I... i) const { return data()[offset<true>(i...)]; }

  operator T() const
    requires(rank == 0)
  {
    return *data();
  }

  /// A view of a part: `x.sub(range<0, 10>, i)` takes ten rows of column i. One index (drops the axis), range or `all` an axis.
  template <class... P>
    requires(sizeof...(P) == rank && rank > 0)
  auto sub(P... parts) { return view<T, E...>(*this).sub(parts...); }
  template <class... P>
    requires(sizeof...(P) == rank && rank > 0)
  auto sub(P... parts) const { return view<const T, E...>(*this).sub(parts...); }

  /// For evaluation: whether extents fit the static ones.
  static bool takes(const extent_t* e) { return detail::extents<E...>{}.assign(e); }
  /// For evaluation: the heap block (null when inline) and the note that its elements change.
  detail::block* memory() const {
    if constexpr (storage::on_heap) return storage_.memory;
    else return nullptr;
  }
  void touch() {
    if constexpr (storage::on_heap && SINTER_CHECKED)
      if (storage_.memory) ++storage_.memory->version;
  }

 private:
  using storage = detail::tensor_storage<T, detail::stored_inline<T, E...>, E...>;

  static void copy_elements(const T* from, extent_t n, T* to) {
    for (extent_t i = 0; i < n; ++i) to[i] = from[i];
  }
  static std::size_t bytes_of(const detail::extents<E...>& e) {
    std::size_t n = sizeof(T);
    for (int i = 0; i < rank; ++i)
      if (__builtin_mul_overflow(n, static_cast<std::size_t>(e[i]), &n)) throw std::bad_alloc();
    return n;
  }
  void allocate() { storage_.memory = detail::block::make(bytes_of(extents_)); }
  void allocate_zero() {
    allocate();
    fill_zero();
  }
  void fill_zero() { __builtin_memset(static_cast<void*>(data()), 0, static_cast<std::size_t>(size()) * sizeof(T)); }
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
    if (static_cast<extent_t>(list.size()) != e[Axis]) throw shape_error("sinter::tensor: the rows of the list have different lengths; give each the same");
    if constexpr (Axis + 1 < rank) {
      for (const auto& l : list) fill_from<Axis + 1>(l, e, p);
    } else {
      for (const T& x : list) *p++ = x;
    }
  }

  storage storage_{};
  [[no_unique_address]] detail::extents<E...> extents_{};
};

/// Memory that somebody else owns, seen as a tensor; row-major unless strides are given. Assigning to a view writes its
/// elements (it never rebinds). A `view<const T, ...>` only reads.
template <class T, extent_t... E> class view {
  static_assert(detail::has_dtype<std::remove_const_t<T>>, "sinter::view: the element type is none of sinter's; use float, double, sinter::float16, sinter::bfloat16, bool or an integer");
  static_assert(sizeof...(E) <= max_rank, "sinter::view: a tensor has at most 8 axes; reshape it to fewer");

  template <class U, extent_t... F> static constexpr bool sees = [] {
    if constexpr (sizeof...(F) != sizeof...(E)) return false;
    else return (std::is_same_v<T, U> || std::is_same_v<T, const U>) && ((E == F || E == dyn) && ...);
  }();

 public:
  using value_type = std::remove_const_t<T>;
  static constexpr int rank = sizeof...(E);
  static constexpr int dynamic_rank = detail::extents<E...>::dynamic_rank;

  /// Run-time extents follow the pointer, in order.
  template <std::integral... I>
    requires(sizeof...(I) == dynamic_rank)
  explicit view(T* p, I... n) : data_(p) {
    set_extents(n...);
    set_row_major();
  }
  /// Strides in elements, then run-time extents.
  template <std::integral... I>
    requires(sizeof...(I) == dynamic_rank)
  view(T* p, strides s, I... n) : data_(p) {
    set_extents(n...);
    if (s.rank != rank) throw shape_error("sinter::view: " + std::to_string(s.rank) + " strides for " + std::to_string(rank) + " axes; give one an axis");
    for (int i = 0; i < rank; ++i) stride_[i] = s.stride[i];
  }
  /// Sees a tensor or another view; extents may become run-time ones, elements read-only.
  template <class U, extent_t... F>
    requires(sees<U, F...>)
  view(tensor<U, F...>& t) : data_(t.data()) {
    take(t);
    set_row_major();
  }
  template <class U, extent_t... F>
    requires(sees<const U, F...>)
  view(const tensor<U, F...>& t) : data_(t.data()) {
    take(t);
    set_row_major();
  }
  template <class U, extent_t... F>
    requires(sees<U, F...> && !std::is_same_v<view<U, F...>, view>)
  view(const view<U, F...>& v) : data_(v.data()) {
    take(v);
    for (int i = 0; i < rank; ++i) stride_[i] = v.stride(i);
  }
  view(const view&) = default;

  SINTER_HOST_INLINE view& operator=(const view& o) {
    detail::copy(o, *this);
    return *this;
  }
  template <class X>
    requires(detail::is_tensor<X> || detail::is_view<X>)
  SINTER_HOST_INLINE view& operator=(const X& x) {
    detail::copy(x, *this);
    return *this;
  }
  template <expression_like X> SINTER_HOST_INLINE view& operator=(const X& x) {
    detail::evaluate(x, *this);
    return *this;
  }

  T* data() const { return data_; }
  extent_t size() const { return extents_.size(); }
  extent_t extent(int axis) const { return extents_[axis]; }
  std::ptrdiff_t stride(int axis) const { return stride_[axis]; }
  void fill(value_type value) const
    requires(!std::is_const_v<T>)
  {
    extent_t index[max_rank] = {};
    for (extent_t n = size(); n > 0; --n) {
      std::ptrdiff_t o = 0;
      for (int a = 0; a < rank; ++a) o += index[a] * stride_[a];
      data_[o] = value;
      for (int a = rank - 1; a >= 0 && ++index[a] == extents_[a]; --a) index[a] = 0;
    }
  }

  template <std::integral... I>
    requires(sizeof...(I) == rank)
  T& operator()(I... i) const { return data_[offset<SINTER_CHECKED>(i...)]; }
  template <std::integral... I>
    requires(sizeof...(I) == rank)
  T& at(I... i) const { return data_[offset<true>(i...)]; }
  operator value_type() const
    requires(rank == 0)
  {
    return *data_;
  }

  /// A view of a part: one index (drops the axis), range or `all` for each axis. Throws index_error where it leaves this view.
  template <class... P>
    requires(sizeof...(P) == rank && rank > 0)
  auto sub(P... parts) const {
    return sub_view(detail::make_int_list<((!std::is_integral_v<P>) + ... + 0)>{}, parts...);
  }

 private:
  template <class... I> void set_extents(I... n) {
    if constexpr (dynamic_rank > 0) {
      extent_t given[] = {static_cast<extent_t>(n)...};
      for (int i = 0; i < dynamic_rank; ++i) {
        if (given[i] < 0) throw shape_error("sinter::view: the run-time extent " + std::to_string(given[i]) + " is negative; give 0 or more");
        extents_.run_time[i] = given[i];
      }
    }
  }
  void set_row_major() {
    std::ptrdiff_t s = 1;
    for (int i = rank - 1; i >= 0; --i) stride_[i] = s, s *= extents_[i];
  }
  template <class X> void take(const X& t) {
    extent_t e[max_rank] = {};
    for (int i = 0; i < rank; ++i) e[i] = t.extent(i);
    extents_.assign(e);
  }

  template <bool Check, class... I> std::ptrdiff_t offset(I... i) const {
    std::ptrdiff_t o = 0;
    int axis = 0;
    (((Check && (static_cast<extent_t>(i) < 0 || static_cast<extent_t>(i) >= extents_[axis])
           ? detail::throw_index_error(static_cast<extent_t>(i), axis, extents_[axis])
           : void()),
      o += static_cast<extent_t>(i) * stride_[axis], ++axis),
     ...);
    return o;
  }

  // The extent of one part as a type-level number: static where the range is, else dyn; -2 for an index, which drops the axis.
  template <class P, extent_t Whole> static constexpr extent_t part_extent() {
    if constexpr (std::is_integral_v<P>) return -2;
    else if constexpr (std::is_same_v<P, all_t>) return Whole;
    else {
      constexpr range_value r = P{};
      if constexpr ((r.first < 0 || r.last < 0) && Whole == dyn) return dyn;
      else return ((r.last < 0 ? r.last + Whole : r.last) - (r.first < 0 ? r.first + Whole : r.first) + r.step - 1) / r.step;
    }
  }
  struct kept_extents {
    extent_t extent[rank + 1] = {};
    int n = 0;
    constexpr void add(extent_t e) {
      if (e != -2) extent[n++] = e;
    }
  };
  template <class... P> static constexpr kept_extents kept() {
    kept_extents k;
    (k.add(part_extent<P, E>()), ...);
    return k;
  }
  struct part_cursor {
    extent_t extent[max_rank] = {};
    std::ptrdiff_t stride[max_rank] = {};
    std::ptrdiff_t offset = 0;
    int axis = 0, out = 0;
  };
  template <class P> void take_part(part_cursor& c, P part) const {
    const extent_t n = extents_[c.axis];
    if constexpr (std::is_integral_v<P>) {
      const extent_t i = static_cast<extent_t>(part) < 0 ? static_cast<extent_t>(part) + n : static_cast<extent_t>(part);
      if (i < 0 || i >= n) detail::throw_index_error(static_cast<extent_t>(part), c.axis, n);
      c.offset += i * stride_[c.axis];
    } else {
      range_value r = part;
      if (r.kind == range_value::whole) r.last = n;
      else if (r.first < 0) r.first += n;
      if (r.last < 0) r.last += n;
      if (r.first < 0 || r.last < r.first || r.last > n) detail::throw_index_error(r.last > n ? r.last : r.first, c.axis, n);
      c.offset += r.first * stride_[c.axis];
      c.extent[c.out] = (r.last - r.first + r.step - 1) / r.step;
      c.stride[c.out++] = stride_[c.axis] * r.step;
    }
    ++c.axis;
  }
  template <int... K, class... P> auto sub_view(detail::int_list<K...>, P... parts) const {
    constexpr kept_extents k = kept<P...>();
    part_cursor c;
    (take_part(c, parts), ...);
    view<T, k.extent[K]...> result(data_ + c.offset, detail::no_strides_yet{});
    result.extents_.assign(c.extent);
    for (int a = 0; a < static_cast<int>(sizeof...(K)); ++a) result.stride_[a] = c.stride[a];
    return result;
  }
  view(T* p, detail::no_strides_yet) : data_(p) {}
  template <class, extent_t...> friend class view;

  T* data_;
  [[no_unique_address]] detail::extents<E...> extents_{};
  std::ptrdiff_t stride_[rank + (rank == 0)] = {};
};

}  // namespace sinter
