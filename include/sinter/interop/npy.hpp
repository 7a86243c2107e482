// SPDX-License-Identifier: Apache-2.0
// NumPy's file of one array, .npy: versions 1.0 to 3.0, both orders of axes and of bytes, all element types but bfloat16, which the
// format has no name for. Specification: numpy.lib.format, NEP 1.
#pragma once

#include <memory>

#include <sinter/core/file.hpp>
#include <sinter/interop/layout.hpp>
#include <sinter/run/eval.hpp>

namespace sinter {

namespace detail {

inline constexpr bool little_endian = std::endian::native == std::endian::little;

struct npy_header {
  bool swapped = false;  // against the order of bytes here
  std::string type;      // NumPy's letter and bytes: f4, i8, b1
  bool fortran = false;
  int rank = 0;
  extent_t extent[max_rank] = {};
};

// NumPy's name of an element type, without the order of bytes.
template <class T> std::string npy_type() {
  static_assert(!std::is_same_v<T, bfloat16>,
                "sinter: .npy files have no name for bfloat16; save sinter::cast<float>(x), load a tensor of float and cast it");
  constexpr dtype d = dtype_of<T>();
  const char letter = d == dtype::boolean ? 'b' : is_float(d) ? 'f' : is_complex(d) ? 'c' : is_unsigned_integer(d) ? 'u' : 'i';
  return letter + std::to_string(sizeof(T));
}

// Reads the Python literal of a header: a dict with the keys descr, fortran_order and shape, in any order.
class npy_header_parser {
 public:
  npy_header_parser(std::string text, std::string file) : text_(std::move(text)), file_(std::move(file)) {}

  npy_header parse() {
    npy_header h;
    unsigned seen = 0;
    expect('{');
    while (!accept('}')) {
      const std::string key = string();
      const unsigned bit = key == "descr" ? 1 : key == "fortran_order" ? 2 : key == "shape" ? 4 : 0;
      if (!bit || (seen & bit)) wrong("the key '" + key + "'");
      seen |= bit;
      expect(':');
      if (bit == 1) descr(h);
      else if (bit == 2) h.fortran = boolean();
      else shape(h);
      if (!accept(',') && peek() != '}') wrong("no comma");
    }
    if (seen != 7) wrong("no descr, fortran_order or shape");
    if (peek() != '\0' || at_ != text_.size()) wrong("more than the dict");
    return h;
  }

 private:
  std::string text_, file_;
  std::size_t at_ = 0;

  [[noreturn]] void wrong(const std::string& what) {
    refuse_file(file_, "the header of the array has " + what + " at byte " + std::to_string(at_) +
                           "; expected {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), } with other values");
  }
  char peek() {  // the next character that is no space, or 0
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool accept(char c) { return peek() == c && c != '\0' ? ++at_, true : false; }
  void expect(char c) {
    if (!accept(c)) wrong(std::string("no ") + c);
  }
  std::string string() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') wrong(quote == '[' ? "a structured element type (a list)" : "no string");
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string::npos) wrong("a string without end");
    std::string s = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return s;
  }
  bool boolean() {
    peek();
    for (const char* word : {"True", "False"}) {
      if (text_.compare(at_, std::strlen(word), word) != 0) continue;
      at_ += std::strlen(word);
      return word[0] == 'T';
    }
    wrong("neither True nor False");
  }
  void descr(npy_header& h) {
    const std::string s = string();
    if (s.size() < 3 || std::strchr("<>|=", s[0]) == nullptr) wrong("the element type '" + s + "'");
    h.swapped = s[0] == (little_endian ? '>' : '<');
    h.type = s.substr(1);
  }
  void shape(npy_header& h) {
    expect('(');
    while (!accept(')')) {
      if (h.rank == max_rank) wrong("more than 8 axes");
      extent_t e = 0;
      const char first = peek();
      if (first < '0' || first > '9') wrong("no number");
      for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_)
        if (__builtin_mul_overflow(e, 10, &e) || __builtin_add_overflow(e, text_[at_] - '0', &e)) wrong("a number that is too large");
      accept('L');  // written by Python 2
      h.extent[h.rank++] = e;
      if (!accept(',') && (peek() != ')' || h.rank == 1)) wrong("no comma");
    }
  }
};

// Source: read(to, n), size() in bytes, name(). Leaves it before the data, whose bytes are returned.
template <class Source> npy_header read_npy_header(Source& in, std::uint64_t& data_bytes) {
  unsigned char start[12] = {};
  if (in.size() < 10) refuse_file(in.name(), "has " + std::to_string(in.size()) + " bytes; expected a .npy array");
  in.read(start, 10);
  if (std::memcmp(start, "\x93NUMPY", 6) != 0) refuse_file(in.name(), "does not begin as a .npy array does");
  if (start[6] < 1 || start[6] > 3 || start[7] != 0)
    refuse_file(in.name(), "is of format " + std::to_string(start[6]) + "." + std::to_string(start[7]) + "; expected 1.0, 2.0 or 3.0");
  std::uint64_t length = start[8] + 256u * start[9], before = 10;
  if (start[6] > 1) {
    if (in.size() < 12) refuse_file(in.name(), "ends in its header");
    in.read(start + 10, 2);
    length += static_cast<std::uint64_t>(start[10]) << 16 | static_cast<std::uint64_t>(start[11]) << 24, before = 12;
  }
  if (length > in.size() - before)
    refuse_file(in.name(), "promises a header of " + std::to_string(length) + " bytes and has " + std::to_string(in.size() - before));
  std::string text(length, '\0');
  in.read(text.data(), text.size());
  data_bytes = in.size() - before - length;
  return npy_header_parser(std::move(text), in.name()).parse();
}

inline std::string shape_text(const extent_t* e, int rank) {
  std::string s = "[";
  for (int a = 0; a < rank; ++a) s += (a ? ", " : "") + (e[a] == dyn ? std::string("dyn") : std::to_string(e[a]));
  return s + "]";
}

template <class T> void swap_bytes(T* p, extent_t n) {
  if constexpr (is_complex_element<T>) return swap_bytes(reinterpret_cast<typename T::value_type*>(p), 2 * n);
  auto* const bytes = reinterpret_cast<unsigned char*>(p);
  for (extent_t i = 0; i < n; ++i)
    for (std::size_t k = 0; k < sizeof(T) / 2; ++k) {
      unsigned char &a = bytes[static_cast<std::size_t>(i) * sizeof(T) + k],
                    &b = bytes[static_cast<std::size_t>(i) * sizeof(T) + sizeof(T) - 1 - k], c = a;
      a = b, b = c;
    }
}
// Calls f with the offset of each element, in row-major order.
template <class F> void each_offset(const extent_t* e, const std::ptrdiff_t* stride, int rank, F f) {
  extent_t index[max_rank] = {}, n = 1;
  for (int a = 0; a < rank; ++a) n *= e[a];
  std::ptrdiff_t offset = 0;
  for (; n > 0; --n) {
    f(offset);
    for (int a = rank - 1; a >= 0; --a) {
      offset += stride[a];
      if (++index[a] < e[a]) break;
      offset -= index[a] * stride[a], index[a] = 0;
    }
  }
}

template <class X> struct npy_maker {
  static_assert(never<X>, "sinter::load_npy: name the tensor to make: load_npy<sinter::tensor<float, sinter::dyn, 3>>(path)");
  template <class Source> static X load(Source&);  // so that nothing more is reported
};
template <class T, extent_t... E> struct npy_maker<tensor<T, E...>> {
  static constexpr int rank = sizeof...(E);
  static constexpr extent_t given[rank + 1] = {E..., 0};

  template <class Source> static tensor<T, E...> load(Source& in) {
    std::uint64_t have = 0;
    const npy_header h = read_npy_header(in, have);
    const std::string type = npy_type<T>();
    if (h.type != type) refuse_file(in.name(), "holds elements of type " + h.type + "; expected " + type + ": load that type and cast it");
    if (h.rank != rank || !tensor<T, E...>::takes(h.extent))
      refuse_file(in.name(), "holds an array of shape " + shape_text(h.extent, h.rank) + "; expected " + shape_text(given, rank));
    std::uint64_t need = sizeof(T);
    bool fits = true;
    for (int a = 0; a < rank; ++a) fits &= !__builtin_mul_overflow(need, static_cast<std::uint64_t>(h.extent[a]), &need) || need == 0;
    if (!fits || need != have)
      refuse_file(in.name(), "has " + std::to_string(have) + " bytes of elements; expected as many as shape " +
                                 shape_text(h.extent, h.rank) + " has" + (fits ? ", " + std::to_string(need) : ""));
    tensor<T, E...> x(uninitialised{}, h.extent);
    read(in, h, x.data(), x.size());
    return x;
  }

 private:
  template <class Source> static void read(Source& in, const npy_header& h, T* to, extent_t n) {
    std::unique_ptr<T[]> columns;
    T* p = to;
    if (h.fortran && rank > 1) columns.reset(new T[static_cast<std::size_t>(n)]), p = columns.get();
    in.read(p, static_cast<std::size_t>(n) * sizeof(T));
    if constexpr (std::is_same_v<T, bool>) {
      auto* const bytes = reinterpret_cast<unsigned char*>(p);
      for (extent_t i = 0; i < n; ++i) bytes[i] = bytes[i] != 0;
    }
    if (h.swapped) swap_bytes(p, n);
    if (!columns) return;
    std::ptrdiff_t stride[max_rank] = {1};
    for (int a = 1; a < rank; ++a) stride[a] = stride[a - 1] * h.extent[a - 1];
    each_offset(h.extent, stride, rank, [&](std::ptrdiff_t o) { *to++ = p[o]; });
  }
};

// The header that NumPy would write: its length a multiple of 64.
template <class X> std::string npy_header_text(const X& x) {
  using T = typename X::value_type;
  std::string shape;
  for (int a = 0; a < X::rank; ++a) shape += (a ? " " : "") + std::to_string(x.extent(a)) + (a + 1 < X::rank || a == 0 ? "," : "");
  std::string text = "{'descr': '" +
                     std::string(1, sizeof(T) == 1  ? '|'
                                    : little_endian ? '<'
                                                    : '>') +
                     npy_type<T>() + "', 'fortran_order': False, 'shape': (" + shape + "), }";
  text.append(63 - (10 + text.size()) % 64, ' ') += '\n';
  const auto n = static_cast<unsigned>(text.size());
  return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(n % 256) + static_cast<char>(n / 256) + text;
}
// Sink: write(from, n). Elements in row-major order, whatever the strides of x.
template <class Sink, class X> void write_npy_elements(Sink& out, const X& x) {
  using T = typename X::value_type;
  extent_t e[max_rank + 1] = {}, run = 1;
  std::ptrdiff_t s[max_rank + 1] = {};
  bool dense = true;
  for (int a = X::rank - 1; a >= 0; --a) {
    e[a] = x.extent(a), s[a] = stride_in(x, a);
    dense &= s[a] == run || e[a] == 1;
    run *= e[a];
  }
  if (run > 0 && !x.data()) throw exception("sinter: a tensor that was moved from has no elements to save; assign it first");
  if (dense || run == 0) return out.write(x.data(), static_cast<std::size_t>(run) * sizeof(T));
  T buffer[4096 / sizeof(T)];
  std::size_t n = 0;
  each_offset(e, s, X::rank, [&](std::ptrdiff_t o) {
    buffer[n++] = x.data()[o];
    if (n == sizeof(buffer) / sizeof(T)) out.write(buffer, sizeof(buffer)), n = 0;
  });
  out.write(buffer, n * sizeof(T));
}

}  // namespace detail

/// The array of a .npy file: `load_npy<tensor<float, dyn, 3>>("points.npy")`. Fortran order is transposed, foreign bytes are swapped.
/// Error: io_error that names the file, for one that is missing, damaged, or holds another element type or shape; nothing is returned then.
template <class X> X load_npy(const std::string& path) {
  detail::input_file in(path);
  return detail::npy_maker<X>::load(in);
}

/// Writes a tensor, view or expression as a .npy file of version 1.0 in row-major order.
/// Error: io_error; a file that stood there stays as it was.
template <class X> void save_npy(const std::string& path, const X& x) {
  if constexpr (expression_like<X>) {
    save_npy(path, eval(x));
  } else if constexpr (!detail::is_tensor<X> && !detail::is_view<X>) {
    static_assert(never<X>, "sinter::save_npy: this is no tensor, view or expression; make a tensor of it: sinter::tensor<float>(2)");
  } else {
    detail::output_file out(path);
    const std::string header = detail::npy_header_text(x);
    out.write(header.data(), header.size());
    detail::write_npy_elements(out, x);
    out.finish();
  }
}

}  // namespace sinter
