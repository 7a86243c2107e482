// SPDX-License-Identifier: Apache-2.0
// Files that are read and written whole: every failure is an io_error that names the file, and a file that is being written takes
// its place only when it is complete.
#pragma once

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>

#include <sinter/core/check.hpp>

namespace sinter::detail {

[[noreturn]] SINTER_NOINLINE inline void refuse_file(const std::string& file, const std::string& what) {
  throw io_error(file + ": " + what);
}
inline std::string system_reason() { return errno ? std::strerror(errno) : "unknown reason"; }

class input_file {
 public:
  explicit input_file(const std::string& path) : path_(path), file_(std::fopen(path.c_str(), "rb")) {
    if (!file_) refuse_file(path_, "cannot be opened: " + system_reason());
    const long n = std::fseek(file_, 0, SEEK_END) == 0 ? std::ftell(file_) : -1;
    if (n < 0 || n == static_cast<long>(~0ul >> 1)) {  // the latter is what a folder says
      std::fclose(file_);
      refuse_file(path_, "is no regular file");
    }
    size_ = static_cast<std::uint64_t>(n);
    std::rewind(file_);
  }
  ~input_file() { std::fclose(file_); }
  input_file(const input_file&) = delete;
  input_file& operator=(const input_file&) = delete;

  const std::string& name() const { return path_; }
  std::uint64_t size() const { return size_; }
  void seek(std::uint64_t to) {
    if (to > size_ || std::fseek(file_, static_cast<long>(to), SEEK_SET) != 0)
      refuse_file(path_, "ends after " + std::to_string(size_) + " bytes; expected data at " + std::to_string(to));
  }
  /// Reads n bytes or throws.
  void read(void* to, std::size_t n) {
    errno = 0;
    const std::size_t got = std::fread(to, 1, n, file_);
    if (got != n) refuse_file(path_, std::ferror(file_) ? "cannot be read: " + system_reason() : "ends in the middle of what it promises");
  }

 private:
  std::string path_;
  std::FILE* file_;
  std::uint64_t size_ = 0;
};

// Writes to a file beside the one that is named, and puts it in its place at the end: until then, and if anything fails, what
// stood there stays.
class output_file {
 public:
  explicit output_file(const std::string& path) : path_(path) {
    for (int i = 0; !file_ && i < 1000; ++i) {
      temporary_ = path + ".part" + std::to_string(i);
      errno = 0;
      file_ = std::fopen(temporary_.c_str(), "wbx");  // x: not one that exists
      if (!file_ && errno != EEXIST) break;
    }
    if (!file_) refuse_file(path_, "cannot be written: " + system_reason());
  }
  ~output_file() {
    if (!file_) return;
    std::fclose(file_);
    std::remove(temporary_.c_str());
  }
  output_file(const output_file&) = delete;
  output_file& operator=(const output_file&) = delete;

  const std::string& name() const { return path_; }
  std::uint64_t position() const { return position_; }
  void write(const void* from, std::size_t n) {
    errno = 0;
    if (n > 0 && std::fwrite(from, 1, n, file_) != n) refuse_file(path_, "cannot be written: " + system_reason());
    position_ += n;
  }
  /// Writes over earlier bytes.
  void write_at(std::uint64_t to, const void* from, std::size_t n) {
    errno = 0;
    if (std::fseek(file_, static_cast<long>(to), SEEK_SET) != 0 || std::fwrite(from, 1, n, file_) != n ||
        std::fseek(file_, 0, SEEK_END) != 0)
      refuse_file(path_, "cannot be written: " + system_reason());
  }
  void finish() {
    errno = 0;
    std::FILE* const f = file_;
    file_ = nullptr;
    if (std::fclose(f) != 0 || std::rename(temporary_.c_str(), path_.c_str()) != 0) {
      const std::string reason = system_reason();
      std::remove(temporary_.c_str());
      refuse_file(path_, "cannot be written: " + reason);
    }
  }

 private:
  std::string path_, temporary_;
  std::FILE* file_ = nullptr;
  std::uint64_t position_ = 0;
};

}  // namespace sinter::detail
