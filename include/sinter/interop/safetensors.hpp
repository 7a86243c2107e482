// SPDX-License-Identifier: Apache-2.0
// .safetensors files: tensors by name, mapped into memory and checked before anything is looked at; written so that there is always an old
// or a new file. Specification: huggingface/safetensors, "Format".
#pragma once

#include <memory>
#include <sinter/graph/tree.hpp>
#include <sinter/interop/safetensors_header.hpp>

namespace sinter {

namespace detail {

// Names of the leaves of a tree: name.0, name.1.0, by the places of fields.
template <class T, class F> void each_named_leaf(const std::string& name, T& tree, F& f);
template <class Parts, class F, int... I> void each_named_part(const std::string& name, const Parts& parts, F& f, int_list<I...>) {
  (each_named_leaf(name + "." + std::to_string(I), std::get<static_cast<std::size_t>(I)>(parts), f), ...);
}
template <class T, class F> void each_named_leaf(const std::string& name, T& tree, F& f) {
  if constexpr (!is_nested<T>) f(name, tree);
  else {
    const auto parts = parts_of(tree);
    each_named_part(name, parts, f, make_int_list<static_cast<int>(std::tuple_size_v<decltype(parts)>)>{});
  }
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
    for (std::size_t i = 1; i < by_name_.size(); ++i)
      if (header_.entries[by_name_[i]].name == header_.entries[by_name_[i - 1]].name)
        detail::refuse_file(path, "has two tensors named '" + header_.entries[by_name_[i]].name + "'");
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
  /// A structure, tuple or array of tensors that was saved under a name. Error: io_error; nothing of x changes then.
  template <class X> void load_into(const std::string& name, X& x) const {
    checker check{*this};
    detail::each_named_leaf(name, x, check);
    loader load{*this};
    detail::each_named_leaf(name, x, load);
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

/// Writes a .safetensors file: `safetensors_writer f(path); f.add("w", w); f.note("step", "7"); f.finish();`. What was added must live
/// until finish. Until then, and if anything fails or the program or machine ends, a file that stood there stays as it was; what was
/// written so far may be left beside it as path.part0. Larger elements come first, so that all are aligned.
class safetensors_writer {
 public:
  explicit safetensors_writer(std::string path) : path_(static_cast<std::string&&>(path)) {}

  /// A tensor, view, expression or number; of a structure, tuple or array of them each leaf: name.0, name.1.0, by the places of fields.
  template <class X> void add(const std::string& name, const X& x) {
    if constexpr (expression_like<X>) keep(name, eval(x));
    else if constexpr (detail::number_like<X>) keep(name, tensor<X>(x));
    else if constexpr (detail::is_tensor<X> || detail::is_view<X>) list(name, x);
    else if constexpr (detail::is_nested<X>) {
      adder f{*this};
      detail::each_named_leaf(name, x, f);
    } else {
      static_assert(never<X>, "sinter::safetensors_writer: this is no tensor, view, expression, number or structure of them");
    }
  }
  /// A note for the file's metadata.
  void note(const std::string& key, const std::string& text) { notes_ += (notes_.empty() ? "" : ",") + quoted(key) + ":" + quoted(text); }

  void finish() {
    std::stable_sort(items_.begin(), items_.end(), [](const item& a, const item& b) { return a.element_bytes > b.element_bytes; });
    std::string header = notes_.empty() ? "{" : "{\"__metadata__\":{" + notes_ + "}";
    std::uint64_t at = 0;
    for (const item& i : items_) {
      header +=
          (header.size() > 1 ? "," : "") + quoted(i.name) + i.description + std::to_string(at) + "," + std::to_string(at + i.bytes) + "]}";
      at += i.bytes;
    }
    header += '}';
    header.append((8 - header.size() % 8) % 8, ' ');
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
    const void* x = nullptr;
    void (*write)(detail::output_file&, const void*) = nullptr;
    std::shared_ptr<const void> owner;
  };
  struct adder {
    safetensors_writer& to;
    template <class X> void operator()(const std::string& name, const X& x) const { to.add(name, x); }
  };
  std::string path_, notes_;
  std::vector<item> items_;

  template <class X> static void write_elements(detail::output_file& out, const void* x) {
    detail::write_npy_elements(out, *static_cast<const X*>(x));
  }
  template <class X> void keep(const std::string& name, X&& x) {
    const auto owner = std::make_shared<const std::remove_cvref_t<X>>(static_cast<X&&>(x));
    list(name, *owner);
    items_.back().owner = owner;
  }
  template <class X> void list(const std::string& name, const X& x) {
    static_assert(detail::little_endian, "sinter: .safetensors files hold the bytes of a little-endian machine");
    using T = typename X::value_type;
    if (name == "__metadata__") detail::refuse_file(path_, "no tensor may be named __metadata__");
    for (const item& i : items_)
      if (i.name == name) detail::refuse_file(path_, "already has a tensor named '" + name + "'");
    item i;
    i.name = name, i.element_bytes = sizeof(T), i.bytes = sizeof(T), i.x = &x, i.write = &write_elements<X>;
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

/// Writes tensors, or structures of them, and their names: `save_safetensors("model.safetensors", "w", w, "b", b)`; as safetensors_writer.
template <class... NamesAndTensors>
requires(sizeof...(NamesAndTensors) % 2 == 0) void save_safetensors(const std::string& path, const NamesAndTensors&... pairs) {
  safetensors_writer f(path);
  detail::add_to_safetensors(f, pairs...);
  f.finish();
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
