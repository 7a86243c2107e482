// SPDX-License-Identifier: Apache-2.0
// Reads the IDX files of MNIST and Fashion-MNIST, packed with gzip or plain. A file is used only if every byte of it is
// accounted for; otherwise an io_error names the file, what was found and what was expected.
// Does not download, and does not read other element types than unsigned bytes.
#pragma once

#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <ios>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <sinter/core/check.hpp>

namespace fashion_mnist {

using io_error = sinter::io_error;

inline constexpr std::size_t image_rows = 28;
inline constexpr std::size_t image_columns = 28;
inline constexpr std::size_t image_pixels = image_rows * image_columns;
inline constexpr int classes = 10;

/// Images and their labels: pixels [n, 28, 28], 0 is background, labels [n], each 0 to 9.
struct dataset {
  std::vector<std::uint8_t> pixels;
  std::vector<std::int32_t> labels;

  std::size_t size() const { return labels.size(); }
  const std::uint8_t* image(std::size_t i) const { return pixels.data() + i * image_pixels; }
};

namespace detail {

[[noreturn]] inline void refuse(const std::filesystem::path& file, const std::string& found, const std::string& expected) {
  throw io_error(file.string() + ": " + found + "; expected " + expected);
}

inline std::vector<std::uint8_t> file_bytes(const std::filesystem::path& file) {
  std::error_code failed;
  if (!std::filesystem::exists(file, failed)) refuse(file, "no such file", "an IDX file, as in the Debian package dataset-fashion-mnist");
  if (!std::filesystem::is_regular_file(file, failed)) refuse(file, "not a regular file", "an IDX file");
  const auto size = std::filesystem::file_size(file, failed);
  std::ifstream in(file, std::ios::binary);
  if (failed || !in) refuse(file, "cannot be opened", "a readable file");
  std::vector<std::uint8_t> bytes(size);
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
  if (static_cast<std::uintmax_t>(in.gcount()) != size)
    refuse(file, "reading stopped after " + std::to_string(in.gcount()) + " bytes", std::to_string(size) + " bytes");
  return bytes;
}

/// The content of a file as a stream, unpacked on the way if the file begins like gzip. zlib's own gzread is not used: it
/// skips what follows the packed data without a word.
class byte_source {
 public:
  explicit byte_source(std::filesystem::path file) : file_(std::move(file)), bytes_(file_bytes(file_)) {
    packed_ = bytes_.size() >= 2 && bytes_[0] == 0x1f && bytes_[1] == 0x8b;
    if (!packed_) return;
    if (bytes_.size() > UINT32_MAX) refuse(file_, std::to_string(bytes_.size()) + " bytes of gzip data", "less than 4 GiB");
    stream_.next_in = bytes_.data();
    stream_.avail_in = static_cast<uInt>(bytes_.size());
    if (inflateInit2(&stream_, 16 + MAX_WBITS) != Z_OK) refuse(file_, "zlib does not start", "enough memory");
  }
  ~byte_source() {
    if (packed_) inflateEnd(&stream_);
  }
  byte_source(const byte_source&) = delete;
  byte_source& operator=(const byte_source&) = delete;

  const std::filesystem::path& file() const { return file_; }

  /// Reads up to n bytes; fewer only where the content ends.
  std::size_t read(std::uint8_t* out, std::size_t n) {
    if (packed_) return inflate_some(out, n);
    n = std::min(n, bytes_.size() - position_);
    std::copy_n(bytes_.data() + position_, n, out);
    position_ += n;
    return n;
  }

  /// Call after read: the content has to end here, with its checksum right and nothing after it.
  void expect_end() {
    std::uint8_t next;
    if (read(&next, 1) != 0) refuse(file_, "more data than its header states", "the end of the file");
    if (packed_ && stream_.avail_in != 0)
      refuse(file_, std::to_string(stream_.avail_in) + " bytes after the gzip data", "the end of the file");
  }

 private:
  std::size_t inflate_some(std::uint8_t* out, std::size_t n) {
    stream_.next_out = out;
    stream_.avail_out = static_cast<uInt>(n);
    while (stream_.avail_out != 0 && !ended_) {
      const int status = inflate(&stream_, Z_NO_FLUSH);
      ended_ = status == Z_STREAM_END;
      if (status == Z_BUF_ERROR || (status == Z_OK && stream_.avail_in == 0 && stream_.avail_out != 0))
        refuse(file_, "gzip data cut off after " + std::to_string(bytes_.size()) + " bytes", "a complete gzip file");
      if (status != Z_OK && !ended_)
        refuse(file_, std::string("gzip data damaged (") + (stream_.msg ? stream_.msg : zError(status)) + ")", "an intact gzip file");
    }
    return n - stream_.avail_out;
  }

  std::filesystem::path file_;
  std::vector<std::uint8_t> bytes_;
  std::size_t position_ = 0;
  bool packed_ = false;
  bool ended_ = false;
  z_stream stream_{};
};

inline std::string hexadecimal(std::uint32_t x) {
  char text[11];
  std::snprintf(text, sizeof text, "0x%08x", static_cast<unsigned>(x));
  return text;
}

/// Magic number and extents: big-endian 32-bit words, the first 0x0000'08'<rank> (08: unsigned bytes).
inline std::vector<std::uint32_t> read_header(byte_source& in, std::size_t rank) {
  std::vector<std::uint8_t> bytes(4 + 4 * rank);
  if (const std::size_t got = in.read(bytes.data(), bytes.size()); got != bytes.size())
    refuse(in.file(), "only " + std::to_string(got) + " bytes", "an IDX header of " + std::to_string(bytes.size()) + " bytes");
  std::vector<std::uint32_t> words(1 + rank);
  for (std::size_t i = 0; i < bytes.size(); ++i) words[i / 4] = words[i / 4] << 8 | bytes[i];
  const auto magic = static_cast<std::uint32_t>(0x0800 + rank);
  if (words[0] != magic)
    refuse(in.file(), "magic number " + hexadecimal(words[0]), hexadecimal(magic) + " (unsigned bytes, rank " + std::to_string(rank) + ")");
  return {words.begin() + 1, words.end()};
}

/// Grows as data arrives, so that a wrong count in the header cannot ask for terabytes.
inline std::vector<std::uint8_t> read_items(byte_source& in, std::uint64_t count, std::uint64_t item_bytes, const std::string& items) {
  if (count == 0) refuse(in.file(), "0 " + items, "at least 1");
  const std::uint64_t size = count * item_bytes;
  constexpr std::uint64_t piece = 1 << 20;
  std::vector<std::uint8_t> bytes;
  while (bytes.size() < size) {
    const std::size_t old = bytes.size();
    const std::size_t wanted = std::min(piece, size - old);
    bytes.resize(old + wanted);
    if (const std::size_t got = in.read(bytes.data() + old, wanted); got != wanted)
      refuse(in.file(), "data ends after " + std::to_string(old + got) + " bytes",
             std::to_string(size) + " bytes (" + std::to_string(count) + " " + items + ")");
  }
  in.expect_end();
  return bytes;
}

}  // namespace detail

/// The pixels of an images file (magic 0x00000803) of 28 x 28 images, one after the other.
inline std::vector<std::uint8_t> read_images(const std::filesystem::path& file) {
  detail::byte_source in(file);
  const auto extents = detail::read_header(in, 3);
  if (extents[1] != image_rows || extents[2] != image_columns)
    detail::refuse(file, "images of " + std::to_string(extents[1]) + " x " + std::to_string(extents[2]), "28 x 28");
  return detail::read_items(in, extents[0], image_pixels, "images of 28 x 28");
}

/// The labels of a labels file (magic 0x00000801), each 0 to 9.
inline std::vector<std::int32_t> read_labels(const std::filesystem::path& file) {
  detail::byte_source in(file);
  const auto extents = detail::read_header(in, 1);
  const auto bytes = detail::read_items(in, extents[0], 1, "labels");
  const auto wrong = std::find_if(bytes.begin(), bytes.end(), [](std::uint8_t label) { return label >= classes; });
  if (wrong != bytes.end())
    detail::refuse(file, "label " + std::to_string(*wrong) + " at index " + std::to_string(wrong - bytes.begin()), "0 to 9");
  return {bytes.begin(), bytes.end()};
}

/// <directory>/<part>-images-idx3-ubyte and -labels-idx1-ubyte, with .gz or without; part is "train" or "t10k".
inline dataset read_dataset(const std::filesystem::path& directory, const std::string& part) {
  const auto find = [&](const char* rest) {
    const auto plain = directory / (part + rest);
    std::error_code ignored;
    return std::filesystem::exists(plain, ignored) ? plain : std::filesystem::path(plain.string() + ".gz");
  };
  const auto images_file = find("-images-idx3-ubyte");
  const auto labels_file = find("-labels-idx1-ubyte");
  dataset data{read_images(images_file), read_labels(labels_file)};
  if (const std::size_t images = data.pixels.size() / image_pixels; data.labels.size() != images)
    detail::refuse(labels_file, std::to_string(data.labels.size()) + " labels",
                   std::to_string(images) + ", one for each image in " + images_file.filename().string());
  return data;
}

}  // namespace fashion_mnist
