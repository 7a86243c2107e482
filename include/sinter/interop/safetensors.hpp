// SPDX-License-Identifier: Apache-2.0
// .safetensors files: tensors by name, mapped into memory and checked before anything is looked at; written so that there is always an old
// or a new file. Specification: huggingface/safetensors, "Format".
#pragma once

#include <memory>
#include <sinter/graph/field_names.hpp>
#include <sinter/graph/tree.hpp>
#include <sinter/interop/safetensors_header.hpp>

namespace sinter {

namespace detail {

// Calls f(name, leaf) for the leaves of a tree: fields by their names, what has none by its number, all joined by dots: blocks.0.w.
template <class T, class F> void each_named_leaf(const std::string& name, T& tree, F& f);
template <class T, int I> std::string part_name() {
  if constexpr (is_structure<T>) return std::string(field_name<T, I>());
  else return std::to_string(I);
}
template <class T, class Parts, class F, int... I> void each_named_part(const std::string& name, const Parts& parts, F& f, int_list<I...>) {
  const std::string before = name.empty() ? name : name + ".";
  (each_named_leaf(before + part_name<T, I>(), std::get<static_cast<std::size_t>(I)>(parts), f), ...);
}
template <class T, class F> void each_named_leaf(const std::string& name, T& tree, F& f) {
  if constexpr (!is_nested<T>) f(name, tree);
  else {
    const auto parts = parts_of(tree);
    constexpr int count = static_cast<int>(std::tuple_size_v<decltype(parts)>);
    each_named_part<std::remove_const_t<T>>(name, parts, f, make_int_list<count>{});
  }
}

// What can be in files, asked before anything else is instantiated so that messages are short.
template <class X> constexpr bool has_safetensors_name() {
  if constexpr (is_tensor<X> || is_view<X> || expression_like<X>) return dtype_of<typename X::value_type>() != dtype::complex128;
  else return true;
}
template <class Leaves> inline constexpr bool all_saved = false;
template <class... L>
inline constexpr bool all_saved<std::tuple<L&...>> = ((is_tensor<std::remove_const_t<L>> || is_view<std::remove_const_t<L>> ||
                                                       number_like<std::remove_const_t<L>> ||
                                                       expression_like<std::remove_const_t<L>>)&&...);
template <class Leaves> inline constexpr bool all_loaded = false;
template <class... L> inline constexpr bool all_loaded<std::tuple<L&...>> = ((is_tensor<L> || number_like<L>)&&...);
template <class Leaves> inline constexpr bool all_named = true;
template <class... L> inline constexpr bool all_named<std::tuple<L&...>> = (has_safetensors_name<std::remove_const_t<L>>() && ...);
template <class X> using leaves_t = decltype(leaves_of(std::declval<X&>()));
template <class X> constexpr bool can_save() {
  constexpr bool good = all_saved<leaves_t<X>>;
  static_assert(good, "sinter::safetensors_writer: this is no tensor, view, expression, number or structure of them");
  if constexpr (good) {
    constexpr bool named = all_named<leaves_t<X>>;
    static_assert(named, "sinter: .safetensors files have no name for complex<double>; save real and imaginary parts");
    return named;
  }
  return false;
}
template <class Name, class X, class... More> constexpr bool can_save_all() {
  if constexpr (!can_save<X>()) return false;
  else if constexpr (sizeof...(More) > 0) return can_save_all<More...>();
  else return true;
}
template <class X> constexpr bool can_load() {
  constexpr bool good = all_loaded<leaves_t<X>>;
  static_assert(good, "sinter::safetensors_file::load_into: this is no tensor, number or structure of them");
  if constexpr (good) {
    constexpr bool named = all_named<leaves_t<X>>;
    static_assert(named, "sinter: .safetensors files have no name for complex<double>; load real and imaginary parts");
    return named;
  }
  return false;
}

template <class X> inline constexpr bool is_list_of_tensors = false;
template <class X>
requires requires(const X& x) {
  std::string(x.begin()->first);
  x.begin()->second;
  x.end();
}
inline constexpr bool is_list_of_tensors<X> = true;

}  // namespace detail

/// The tensors of a .safetensors file by name: `safetensors_file f(path); auto w = f.load<float, dyn, 64>("w");`. The file is mapped: what
/// is not looked at is not read. The constructor checks all of the header: names, types, that the data is that of the tensors without
/// holes. Error: io_error that names file, tensor and byte.
class safetensors_file {
 public:
  explicit safetensors_file(const std::string& path) : file_(path) {
    if (file_.size() < 8) detail::refuse_file(path, "has " + std::to_string(file_.size()) + " bytes; expected a .safetensors file");
    std::uint64_t length = 0;
    for (int i = 7; i >= 0; --i) length = length << 8 | file_.bytes()[i];
    if (length > detail::longest_safetensors_header || length > file_.size() - 8)
      detail::refuse_file(path, "promises a header of " + std::to_string(length) + " bytes and has " + std::to_string(file_.size() - 8) +
                                    " (at most " + std::to_string(detail::longest_safetensors_header) + " are taken)");
    const std::string_view text(reinterpret_cast<const char*>(file_.bytes()) + 8, length);
    header_ = detail::safetensors_parser(text, file_.name()).parse();
    data_ = file_.bytes() + 8 + length;
    detail::check_safetensors(header_, file_.size() - 8 - length, path);
    for (std::size_t i = 0; i < header_.entries.size(); ++i) by_name_.push_back(i);
    std::sort(by_name_.begin(), by_name_.end(),
              [&](std::size_t a, std::size_t b) { return header_.entries[a].name < header_.entries[b].name; });
  }

  /// The names of the tensors, in the order of their data.
  std::vector<std::string> names() const {
    std::vector<std::string> r;
    for (const auto& e : header_.entries) r.push_back(e.name);
    return r;
  }
  bool contains(const std::string& name) const { return find(name) != nullptr; }
  /// The format's name of the element type: F32, BF16, I64, BOOL.
  const std::string& type(const std::string& name) const { return entry(name).type; }
  const std::vector<extent_t>& extents(const std::string& name) const { return entry(name).extents; }
  /// The file's own notes, as written.
  const std::vector<std::pair<std::string, std::string>>& metadata() const { return header_.metadata; }

  /// A copy of a tensor. Error: io_error if its element type or shape is another.
  template <element T, extent_t... E> tensor<T, E...> load(const std::string& name) const {
    const auto& e = checked<T, E...>(name);
    tensor<T, E...> x(detail::uninitialised{}, e.extents.data());
    copy(e, x.data());
    return x;
  }
  /// A structure, tuple or array of tensors and numbers, each leaf under its name: "blocks.0.w" is `x.blocks[0].w`; under a name of its own
  /// with that before it. Other tensors of the file are no error. Error: io_error; nothing of x changes then.
  template <class X> void load_into(X& x) const {
    if constexpr (detail::can_load<X>()) load_leaves(std::string(), x);
  }
  template <class X> void load_into(const std::string& name, X& x) const {
    if constexpr (detail::can_load<X>()) load_leaves(name, x);
  }
  /// The same with a name for each leaf, in order: the arguments of a model that another program exported. Error: io_error; also where
  /// there are more or fewer names than leaves.
  template <class X> void load_into(const std::vector<std::string>& names, X& x) const {
    if constexpr (detail::can_load<X>()) {
      std::size_t leaves = 0;
      counter count{leaves};
      detail::each_named_leaf(std::string(), x, count);
      if (leaves != names.size())
        detail::refuse_file(file_.name(), "is read by " + std::to_string(names.size()) + " names; expected one for each of " +
                                              std::to_string(leaves) + " tensors");
      std::size_t next = 0;
      in_order<checker> check{names, next, {*this}};
      detail::each_named_leaf(std::string(), x, check);
      next = 0;
      in_order<loader> load{names, next, {*this}};
      detail::each_named_leaf(std::string(), x, load);
    }
  }
  /// The elements where they lie in the mapped file, read only, for as long as this object lives.
  /// Error: io_error as load; also where a file laid them at an address that does not suit their type.
  template <element T, extent_t... E> sinter::view<const T, E...> view(const std::string& name) const& {
    using V = sinter::view<const T, E...>;
    const auto& e = checked<T, E...>(name);
    const unsigned char* const p = data_ + e.begin;
    if (reinterpret_cast<std::uintptr_t>(p) % alignof(T) != 0)
      detail::refuse_file(file_.name(), "tensor '" + name + "' is not aligned to " + std::to_string(alignof(T)) + " bytes; load it");
    if constexpr (std::is_same_v<T, bool>)
      for (std::uint64_t i = e.begin; i < e.end; ++i)
        if (data_[i] > 1) detail::refuse_file(file_.name(), "tensor '" + name + "' has bools that are neither 0 nor 1; load it");
    std::ptrdiff_t stride[max_rank + 1] = {}, n = 1;
    for (int a = V::rank - 1; a >= 0; --a) stride[a] = n, n *= e.extents[static_cast<std::size_t>(a)];
    return detail::view_maker<V>::make(reinterpret_cast<const T*>(p), e.extents.data(), stride);
  }
  template <element T, extent_t... E> sinter::view<const T, E...> view(const std::string& name) const&& = delete;

 private:
  static_assert(detail::little_endian, "sinter: .safetensors files hold the bytes of a little-endian machine; swap them where this runs");
  detail::mapped_file file_;
  const unsigned char* data_ = nullptr;
  detail::safetensors_header header_;
  std::vector<std::size_t> by_name_;

  template <class X> void load_leaves(const std::string& name, X& x) const {
    checker check{*this};
    detail::each_named_leaf(name, x, check);
    loader load{*this};
    detail::each_named_leaf(name, x, load);
  }

  struct checker {
    const safetensors_file& file;
    template <class X> void operator()(const std::string& name, X&) const {
      if constexpr (detail::is_tensor<X>) expect(name, static_cast<X*>(nullptr));
      else file.checked<X>(name);
    }
    template <class T, extent_t... E> void expect(const std::string& name, tensor<T, E...>*) const { file.checked<T, E...>(name); }
  };
  struct loader {
    const safetensors_file& file;
    template <class X> void operator()(const std::string& name, X& x) const {
      if constexpr (detail::is_tensor<X>) take(name, x);
      else file.copy(file.entry(name), &x);
    }
    template <class T, extent_t... E> void take(const std::string& name, tensor<T, E...>& x) const { x = file.load<T, E...>(name); }
  };

  struct counter {
    std::size_t& leaves;
    template <class X> void operator()(const std::string&, X&) const { ++leaves; }
  };
  template <class F> struct in_order {
    const std::vector<std::string>& names;
    std::size_t& next;
    F f;
    template <class X> void operator()(const std::string&, X& x) const { f(names[next++], x); }
  };

  const detail::safetensors_entry* find(const std::string& name) const {
    const auto at = std::lower_bound(by_name_.begin(), by_name_.end(), name,
                                     [&](std::size_t i, const std::string& n) { return header_.entries[i].name < n; });
    return at != by_name_.end() && header_.entries[*at].name == name ? &header_.entries[*at] : nullptr;
  }
  const detail::safetensors_entry& entry(const std::string& name) const {
    const auto* const e = find(name);
    if (!e) detail::refuse_file(file_.name(), "has no tensor named '" + name + "'");
    return *e;
  }
  template <class T, extent_t... E> const detail::safetensors_entry& checked(const std::string& name) const {
    static_assert(dtype_of<T>() != dtype::complex128,
                  "sinter: .safetensors files have no name for complex<double>; load real and imaginary parts");
    const auto& e = entry(name);
    constexpr extent_t given[] = {E..., 0};
    constexpr int rank = sizeof...(E);
    if (e.type != detail::safetensors_name<T>())
      detail::refuse_file(file_.name(), "tensor '" + name + "' has elements of type " + e.type + "; expected " +
                                            detail::safetensors_name<T>() + ": load that type and cast it");
    if (e.extents.size() != rank || !tensor<T, E...>::takes(e.extents.data()))
      detail::refuse_file(file_.name(), "tensor '" + name + "' has the shape " +
                                            detail::shape_text(e.extents.data(), static_cast<int>(e.extents.size())) + "; expected " +
                                            detail::shape_text(given, rank));
    return e;
  }
  template <class T> void copy(const detail::safetensors_entry& e, T* to) const {
    if (e.begin == e.end) return;
    std::memcpy(to, data_ + e.begin, e.end - e.begin);
    if constexpr (std::is_same_v<T, bool>) {
      auto* const bytes = reinterpret_cast<unsigned char*>(to);
      for (std::uint64_t i = 0; i < e.end - e.begin; ++i) bytes[i] = bytes[i] != 0;
    }
  }
};

/// Writes a .safetensors file: `safetensors_writer f(path); f.add("w", w); f.note("step", "7"); f.finish();`. Tensors that
/// were added must live until finish, but for temporaries. Until then, and if anything fails or the program or machine ends, a file that
/// stood there stays as it was; what was written so far may be left beside it as path.unfinished0, where the next program writes over it.
/// Larger elements come first, so that all are aligned.
class safetensors_writer {
 public:
  explicit safetensors_writer(std::string path) : path_(static_cast<std::string&&>(path)) {}

  /// A tensor, view, expression or number; of a structure, tuple or array of them each leaf: name.blocks.0.w, by the names of fields and
  /// the places of what has no name. Without a name: blocks.0.w.
  template <class X> void add(X&& x) {
    if constexpr (detail::can_save<std::remove_cvref_t<X>>()) add_any(std::string(), static_cast<X&&>(x));
  }
  template <class X> void add(const std::string& name, X&& x) {
    if constexpr (detail::can_save<std::remove_cvref_t<X>>()) add_any(name, static_cast<X&&>(x));
  }
  /// A note for the file's metadata.
  void note(const std::string& key, const std::string& text) { notes_ += (notes_.empty() ? "" : ",") + quoted(key) + ":" + quoted(text); }

  void finish() {
    std::sort(items_.begin(), items_.end(), [](const item& a, const item& b) {
      return a.element_bytes != b.element_bytes ? a.element_bytes > b.element_bytes : a.place < b.place;
    });
    std::string header = notes_.empty() ? "{" : "{\"__metadata__\":{" + notes_ + "}";
    std::uint64_t at = 0;
    for (const item& i : items_) {
      header +=
          (header.size() > 1 ? "," : "") + quoted(i.name) + i.description + std::to_string(at) + "," + std::to_string(at + i.bytes) + "]}";
      at += i.bytes;
    }
    header += '}';
    header.append((8 - header.size() % 8) % 8, ' ');
    if (header.size() > detail::longest_safetensors_header)
      detail::refuse_file(path_, "would have a header of " + std::to_string(header.size()) + " bytes; at most " +
                                     std::to_string(detail::longest_safetensors_header) + " may be");
    detail::output_file out(path_);
    std::string length;
    for (int i = 0; i < 8; ++i) length += static_cast<char>(header.size() >> (8 * i) & 255);
    out.write(length.data(), 8);
    out.write(header.data(), header.size());
    for (const item& i : items_) i.write(out, i.x);
    out.finish(true);
  }

 private:
  struct item {
    std::string name, description;  // ,"dtype":...,"data_offsets":[
    std::uint64_t bytes = 0, element_bytes = 0;
    std::size_t place = 0;
    const void* x = nullptr;
    void (*write)(detail::output_file&, const void*) = nullptr;
  };
  struct adder {
    safetensors_writer& to;
    template <class X> void operator()(const std::string& name, const X& x) const { to.add_any(name, x); }
  };
  std::string path_, notes_;
  std::vector<item> items_;
  std::vector<std::shared_ptr<const void>> owners_;

  template <class X> static void write_elements(detail::output_file& out, const void* x) {
    detail::write_npy_elements(out, *static_cast<const X*>(x));
  }
  template <class X> void add_any(const std::string& name, X&& x) {
    using type = std::remove_cvref_t<X>;
    if constexpr (expression_like<type>) add_any(name, eval(x));
    else if constexpr (detail::number_like<type>) add_any(name, tensor<type>(x));
    else if constexpr (!std::is_lvalue_reference_v<X> || detail::is_view<type>) {  // a temporary: its copy lives as long as this object
      const auto owner = std::make_shared<const type>(static_cast<X&&>(x));
      owners_.push_back(owner);
      list_all(name, *owner);
    } else list_all(name, x);
  }
  template <class X> void list_all(const std::string& name, const X& x) {
    if constexpr (detail::is_nested<X>) {
      adder f{*this};
      detail::each_named_leaf(name, x, f);
    } else {
      list(name, x);
    }
  }
  template <class X> void list(const std::string& name, const X& x) {
    static_assert(detail::little_endian, "sinter: .safetensors files hold the bytes of a little-endian machine");
    using T = typename X::value_type;
    if (name == "__metadata__") detail::refuse_file(path_, "no tensor may be named __metadata__");
    for (const item& i : items_)
      if (i.name == name) detail::refuse_file(path_, "already has a tensor named '" + name + "'");
    item i;
    i.name = name, i.place = items_.size(), i.element_bytes = sizeof(T), i.bytes = sizeof(T), i.x = &x, i.write = &write_elements<X>;
    i.description = ":{\"dtype\":\"" + std::string(detail::safetensors_name<T>()) + "\",\"shape\":[";
    for (int a = 0; a < X::rank; ++a) {
      i.description += (a ? "," : "") + std::to_string(x.extent(a));
      i.bytes *= static_cast<std::uint64_t>(x.extent(a));
    }
    i.description += "],\"data_offsets\":[";
    quoted(name);  // refuses what is no text before anything is written
    items_.push_back(static_cast<item&&>(i));
  }
  std::string quoted(std::string_view s) const {
    std::string r = "\"";
    while (!s.empty()) {
      const std::size_t n = detail::utf8_length(s);
      if (n == 0) detail::refuse_file(path_, "a name or note is no UTF-8");
      const auto c = static_cast<unsigned char>(s[0]);
      constexpr const char* digits = "0123456789abcdef";
      if (c < 0x20) r += std::string("\\u00") + digits[c >> 4] + digits[c & 15];
      else if (c == '"' || c == '\\') r += {'\\', static_cast<char>(c)};
      else r += s.substr(0, n);
      s.remove_prefix(n);
    }
    return r + '"';
  }
};

namespace detail {
inline void add_to_safetensors(safetensors_writer&) {}
template <class X, class... More> void add_to_safetensors(safetensors_writer& f, const std::string& name, const X& x, const More&... more) {
  f.add(name, x);
  add_to_safetensors(f, more...);
}
}  // namespace detail

/// Writes a structure, tuple or array of tensors, each leaf under its name: `save_safetensors("model.safetensors", parameters)`; as
/// safetensors_writer.
template <class X>
requires(detail::is_nested<X> && !detail::is_list_of_tensors<X>) void save_safetensors(const std::string& path, const X& x) {
  if constexpr (detail::can_save<X>()) {
    safetensors_writer f(path);
    f.add(x);
    f.finish();
  }
}
/// Reads what that wrote into a structure that exists: `load_safetensors("model.safetensors", parameters)`. Run-time extents are those of
/// the file. Error: io_error that names file and tensor; nothing of x changes then.
template <class X>
requires detail::is_nested<X>
void load_safetensors(const std::string& path, X& x) {
  if constexpr (detail::can_load<X>()) safetensors_file(path).load_into(x);
}
/// Writes tensors, or structures of them, and their names: `save_safetensors("model.safetensors", "w", w, "b", b)`; as safetensors_writer.
template <class... NamesAndTensors>
requires(sizeof...(NamesAndTensors) % 2 == 0 && sizeof...(NamesAndTensors) > 0) void save_safetensors(const std::string& path,
                                                                                                      const NamesAndTensors&... pairs) {
  if constexpr (detail::can_save_all<NamesAndTensors...>()) {
    safetensors_writer f(path);
    detail::add_to_safetensors(f, pairs...);
    f.finish();
  }
}
/// The same of a list of names and tensors, such as a std::map.
template <class List>
requires detail::is_list_of_tensors<List>
void save_safetensors(const std::string& path, const List& list) {
  safetensors_writer f(path);
  for (const auto& [name, x] : list) f.add(name, x);
  f.finish();
}

}  // namespace sinter
