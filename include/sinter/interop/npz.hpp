// SPDX-License-Identifier: Apache-2.0
// NumPy's file of several arrays, .npz: a zip archive of .npy files, with zip64 for large ones. Reads stored and deflated entries, writes
// stored ones. Needs zlib. Specification: PKWARE's APPNOTE 6.3; checksums are verified.
#pragma once

#include <zlib.h>

#include <vector>

#include <sinter/interop/npy.hpp>

namespace sinter {

namespace detail {

template <int Bytes> std::uint64_t little(const unsigned char* p) {
  std::uint64_t x = 0;
  for (int i = Bytes - 1; i >= 0; --i) x = x << 8 | p[i];
  return x;
}
template <int Bytes> void append_little(std::string& s, std::uint64_t x) {
  for (int i = 0; i < Bytes; ++i) s += static_cast<char>(x >> (8 * i) & 255);
}
inline std::uint32_t add_to_crc(std::uint32_t crc, const void* p, std::size_t n) {
  return static_cast<std::uint32_t>(::crc32_z(crc, static_cast<const Bytef*>(p), n));
}

struct zip_entry {
  std::string name;
  unsigned method = 0, flags = 0;
  std::uint32_t crc = 0;
  std::uint64_t packed = 0, size = 0, at = 0;
};

// The list of entries at the end of an archive.
class zip_directory {
 public:
  explicit zip_directory(input_file& in) : in_(in) {
    const std::uint64_t tail_size = in.size() < 22 + 65535 ? in.size() : 22 + 65535;
    std::vector<unsigned char> tail(tail_size);
    in.seek(in.size() - tail_size);
    in.read(tail.data(), tail_size);
    std::uint64_t end = tail_size < 22 ? 0 : tail_size - 21;  // one past the record that ends the archive
    while (end > 0 && (little<4>(&tail[end - 1]) != 0x06054b50 || end + 21 + little<2>(&tail[end + 19]) != tail_size)) --end;
    if (end == 0) refuse_file(in.name(), "is no zip archive, or one that was cut off");
    const unsigned char* const record = &tail[end - 1];
    std::uint64_t count = little<2>(record + 10), size = little<4>(record + 12), at = little<4>(record + 16);
    if (count == 0xffff || size == 0xffffffff || at == 0xffffffff) {
      const std::uint64_t record_at = in.size() - tail_size + end - 1;
      if (record_at < 20) damaged("no zip64 record");
      unsigned char locator[20], big[56];
      read_at(record_at - 20, locator, sizeof(locator));
      if (little<4>(locator) != 0x07064b50) damaged("no zip64 record");
      read_at(little<8>(locator + 8), big, sizeof(big));
      if (little<4>(big) != 0x06064b50) damaged("no zip64 record");
      count = little<8>(big + 32), size = little<8>(big + 40), at = little<8>(big + 48);
    }
    if (at > in.size() || size > in.size() - at) damaged("a directory beyond its end");
    std::vector<unsigned char> bytes(size);
    if (size > 0) read_at(at, bytes.data(), size);
    read_entries(bytes, count);
  }

  const std::vector<zip_entry>& entries() const { return entries_; }

 private:
  input_file& in_;
  std::vector<zip_entry> entries_;

  [[noreturn]] void damaged(const std::string& what) { refuse_file(in_.name(), "is a damaged zip archive: it has " + what); }
  void read_at(std::uint64_t at, void* to, std::size_t n) {
    if (at > in_.size() || n > in_.size() - at) damaged("records beyond its end");
    in_.seek(at);
    in_.read(to, n);
  }
  void read_entries(const std::vector<unsigned char>& bytes, std::uint64_t count) {
    const unsigned char* p = bytes.data();
    std::uint64_t left = bytes.size();
    for (; count > 0; --count) {
      if (left < 46 || little<4>(p) != 0x02014b50) damaged("fewer entries than it promises");
      const std::uint64_t name = little<2>(p + 28), extra = little<2>(p + 30), comment = little<2>(p + 32),
                          all = 46 + name + extra + comment;
      if (all > left) damaged("an entry that is cut off");
      zip_entry e;
      e.name.assign(reinterpret_cast<const char*>(p + 46), name);
      e.flags = static_cast<unsigned>(little<2>(p + 8)), e.method = static_cast<unsigned>(little<2>(p + 10));
      e.crc = static_cast<std::uint32_t>(little<4>(p + 16));
      e.packed = little<4>(p + 20), e.size = little<4>(p + 24), e.at = little<4>(p + 42);
      read_zip64(e, p + 46 + name, extra);
      entries_.push_back(static_cast<zip_entry&&>(e));
      p += all, left -= all;
    }
  }
  // Sizes and offsets of 0xffffffff stand in the extra field 1, in this order.
  void read_zip64(zip_entry& e, const unsigned char* p, std::uint64_t left) {
    while (left >= 4) {
      const std::uint64_t id = little<2>(p), n = little<2>(p + 2);
      p += 4, left -= 4;
      if (n > left) damaged("an extra field that is cut off");
      if (id == 1) {
        const unsigned char *q = p, *const end = p + n;
        for (std::uint64_t* x : {&e.size, &e.packed, &e.at}) {
          if (*x != 0xffffffff) continue;
          if (end - q < 8) damaged("a zip64 field that is too short");
          *x = little<8>(q), q += 8;
        }
      }
      p += n, left -= n;
    }
  }
};

// The content of an entry as a source for load_npy.
class zip_source {
 public:
  zip_source(input_file& in, const zip_entry& e) : in_(in), entry_(e), name_(in.name() + ":" + e.name), packed_left_(e.packed) {
    if (e.flags & 1) refuse_file(name_, "is encrypted");
    if (e.method != 0 && e.method != 8)
      refuse_file(name_, "is packed by method " + std::to_string(e.method) + "; expected 0 (stored) or 8 (deflated)");
    unsigned char header[30];
    if (e.at > in.size() || in.size() - e.at < sizeof(header)) refuse_file(name_, "lies beyond the end of the file");
    in.seek(e.at);
    in.read(header, sizeof(header));
    const std::uint64_t begin = e.at + sizeof(header) + little<2>(header + 26) + little<2>(header + 28);
    if (little<4>(header) != 0x04034b50) refuse_file(name_, "does not begin where the directory says");
    // Deflate packs by less than 1032 : 1, so what claims more asks for memory in vain.
    if (begin > in.size() || e.packed > in.size() - begin || (e.method == 0 ? e.size != e.packed : e.size / 1032 > e.packed))
      refuse_file(name_, "has sizes that do not fit the file");
    in.seek(begin);
    if (e.method == 8 && inflateInit2(&stream_, -MAX_WBITS) != Z_OK) refuse_file(name_, "cannot be unpacked: zlib does not start");
  }
  ~zip_source() {
    if (entry_.method == 8) inflateEnd(&stream_);
  }
  zip_source(const zip_source&) = delete;
  zip_source& operator=(const zip_source&) = delete;

  const std::string& name() const { return name_; }
  std::uint64_t size() const { return entry_.size; }
  void read(void* to, std::size_t n) {
    if (entry_.method == 0) {
      if (n > packed_left_) refuse_file(name_, "ends in the middle of what it promises");
      in_.read(to, n);
      packed_left_ -= n;
    } else {
      unpack(static_cast<Bytef*>(to), n);
    }
    crc_ = add_to_crc(crc_, to, n);
  }
  /// Call after everything was read.
  void check() {
    unsigned char more;
    if (entry_.method == 8 && !ended_) unpack(&more, 1, true);
    if (crc_ != entry_.crc) refuse_file(name_, "is damaged: its checksum is wrong");
  }

 private:
  input_file& in_;
  const zip_entry& entry_;
  std::string name_;
  std::uint64_t packed_left_;
  std::uint32_t crc_ = 0;
  z_stream stream_{};
  bool ended_ = false;
  std::vector<Bytef> buffer_;

  void unpack(Bytef* to, std::size_t n, bool expect_end = false) {
    while (n > 0) {
      const std::size_t step = n < (1u << 30) ? n : 1u << 30;  // zlib counts in 32 bits
      stream_.next_out = to, stream_.avail_out = static_cast<uInt>(step);
      while (stream_.avail_out > 0 && !ended_) {
        if (stream_.avail_in == 0 && packed_left_ > 0) refill();
        const int status = inflate(&stream_, Z_NO_FLUSH);
        ended_ = status == Z_STREAM_END;
        if (status != Z_OK && !ended_) refuse_file(name_, std::string("is damaged: ") + (stream_.msg ? stream_.msg : zError(status)));
      }
      if (expect_end ? stream_.avail_out == 0 : stream_.avail_out > 0) refuse_file(name_, "unpacks to another size than it promises");
      to += step, n -= step;
    }
  }
  void refill() {
    buffer_.resize(std::size_t{1} << 16);
    const std::size_t n = packed_left_ < buffer_.size() ? packed_left_ : buffer_.size();
    in_.read(buffer_.data(), n);
    packed_left_ -= n;
    stream_.next_in = buffer_.data(), stream_.avail_in = static_cast<uInt>(n);
  }
};

}  // namespace detail

/// The arrays of a .npz file by name: `npz_file f("model.npz"); auto w = f.load<tensor<float, dyn, 64>>("w");`
/// Error: io_error that names file and array.
class npz_file {
 public:
  explicit npz_file(const std::string& path) : in_(path), directory_(in_) {}

  /// The names of the arrays, in the order of the file.
  std::vector<std::string> names() const {
    std::vector<std::string> r;
    for (const auto& e : directory_.entries()) r.push_back(e.name.ends_with(".npy") ? e.name.substr(0, e.name.size() - 4) : e.name);
    return r;
  }
  bool contains(const std::string& name) const { return find(name) != nullptr; }
  template <class X> X load(const std::string& name) {
    const detail::zip_entry* const e = find(name);
    if (!e) detail::refuse_file(in_.name(), "has no array named " + name);
    detail::zip_source source(in_, *e);
    X x = detail::npy_maker<X>::load(source);
    source.check();
    return x;
  }

 private:
  detail::input_file in_;
  detail::zip_directory directory_;

  const detail::zip_entry* find(const std::string& name) const {
    for (const auto& e : directory_.entries())
      if (e.name == name + ".npy" || e.name == name) return &e;
    return nullptr;
  }
};

/// Writes a .npz file as numpy.savez does: `npz_writer f("model.npz"); f.add("w", w); f.finish();`. Until finish, and if anything fails, a
/// file that stood there stays as it was. Sizes and offsets from `plain` on are written as zip64.
class npz_writer {
 public:
  explicit npz_writer(const std::string& path, std::uint64_t plain = 0xffffffff) : out_(path), plain_(plain) {}

  template <class X> void add(const std::string& name, const X& x) {
    if constexpr (expression_like<X>) {
      add(name, eval(x));
    } else {
      static_assert(detail::is_tensor<X> || detail::is_view<X>, "sinter::npz_writer: this is no tensor, view or expression");
      for (const auto& e : entries_)
        if (e.name == name + ".npy") detail::refuse_file(out_.name(), "already has an array named " + name);
      const std::string npy = detail::npy_header_text(x);
      detail::zip_entry e;
      e.name = name + ".npy", e.at = out_.position();
      e.size = e.packed = npy.size() + static_cast<std::uint64_t>(x.size()) * sizeof(typename X::value_type);
      const std::string header = local_header(e);
      out_.write(header.data(), header.size());
      sink to{out_, 0};
      to.write(npy.data(), npy.size());
      detail::write_npy_elements(to, x);
      e.crc = to.crc;
      std::string crc;
      detail::append_little<4>(crc, e.crc);
      out_.write_at(e.at + 14, crc.data(), crc.size());
      entries_.push_back(static_cast<detail::zip_entry&&>(e));
    }
  }
  void finish() {
    const std::uint64_t at = out_.position(), count = entries_.size();
    for (const auto& e : entries_) {
      const std::string header = central_header(e);
      out_.write(header.data(), header.size());
    }
    const std::uint64_t end = out_.position(), size = end - at;
    const bool large = count >= 0xffff || size >= plain_ || at >= plain_;
    std::string s;
    if (large) {
      append<4, 8, 2, 2, 4, 4, 8, 8, 8, 8>(s, 0x06064b50, 44, 45, 45, 0, 0, count, count, size, at);
      append<4, 4, 8, 4>(s, 0x07064b50, 0, end, 1);
    }
    const std::uint64_t shown = large ? 0xffff : count;
    append<4, 2, 2, 2, 2, 4, 4, 2>(s, 0x06054b50, 0, 0, shown, shown, large ? 0xffffffff : size, large ? 0xffffffff : at, 0);
    out_.write(s.data(), s.size());
    out_.finish();
  }

 private:
  struct sink {
    detail::output_file& out;
    std::uint32_t crc;
    void write(const void* p, std::size_t n) {
      out.write(p, n);
      crc = detail::add_to_crc(crc, p, n);
    }
  };
  detail::output_file out_;
  std::uint64_t plain_;
  std::vector<detail::zip_entry> entries_;

  template <int... Bytes, class... X> static void append(std::string& s, X... x) {
    (detail::append_little<Bytes>(s, static_cast<std::uint64_t>(x)), ...);
  }
  static constexpr unsigned day = 0x21;  // 1980-01-01, as NumPy writes: the same arrays give the same file
  std::string local_header(const detail::zip_entry& e) const {
    const bool large = e.size >= plain_;
    const std::uint64_t size = large ? 0xffffffff : e.size;
    std::string s;
    append<4, 2, 2, 2, 2, 2, 4, 4, 4, 2, 2>(s, 0x04034b50, large ? 45 : 20, 0, 0, 0, day, 0, size, size, e.name.size(), large ? 20 : 0);
    s += e.name;
    if (large) append<2, 2, 8, 8>(s, 1, 16, e.size, e.size);
    return s;
  }
  std::string central_header(const detail::zip_entry& e) const {
    const bool large = e.size >= plain_, far = e.at >= plain_;
    const std::uint64_t size = large ? 0xffffffff : e.size;
    const int extra = (large ? 16 : 0) + (far ? 8 : 0), needed = extra ? 45 : 20;
    std::string s;
    append<4, 2, 2, 2, 2, 2, 2, 4, 4, 4, 2, 2, 2, 2, 2, 4, 4>(s, 0x02014b50, needed, needed, 0, 0, 0, day, e.crc, size, size, e.name.size(),
                                                              extra ? extra + 4 : 0, 0, 0, 0, 0, far ? 0xffffffff : e.at);
    s += e.name;
    if (extra) append<2, 2>(s, 1, extra);
    if (large) append<8, 8>(s, e.size, e.size);
    if (far) append<8>(s, e.at);
    return s;
  }
};

namespace detail {
inline void add_to_npz(npz_writer&) {}
template <class X, class... More> void add_to_npz(npz_writer& f, const std::string& name, const X& x, const More&... more) {
  f.add(name, x);
  add_to_npz(f, more...);
}
}  // namespace detail

/// Writes arrays and their names: `save_npz("model.npz", "w", w, "b", b)`.
template <class... NamesAndArrays> void save_npz(const std::string& path, const NamesAndArrays&... pairs) {
  npz_writer f(path);
  detail::add_to_npz(f, pairs...);
  f.finish();
}

}  // namespace sinter
