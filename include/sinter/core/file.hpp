// SPDX-License-Identifier: Apache-2.0
// Files that are read, mapped and written whole: every failure is an io_error that names the file, and a file that is being written takes
// its place only when it is complete.
#pragma once

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

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

// A file as memory that is read only. Its bytes come when they are looked at; a file that is replaced meanwhile stays here as it was, one
// that is cut off ends the program where the missing part is read.
class mapped_file {
 public:
  explicit mapped_file(const std::string& path) : path_(path) {
    errno = 0;
    const int f = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (f < 0) refuse_file(path_, "cannot be opened: " + system_reason());
    struct stat about {};
    const bool is_file = ::fstat(f, &about) == 0 && S_ISREG(about.st_mode);
    size_ = is_file ? static_cast<std::uint64_t>(about.st_size) : 0;
    void* const p = size_ > 0 ? ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, f, 0) : nullptr;
    const std::string reason = system_reason();
    ::close(f);
    if (!is_file) refuse_file(path_, "is no regular file");
    if (p == MAP_FAILED) refuse_file(path_, "cannot be mapped: " + reason);
    bytes_ = static_cast<const unsigned char*>(p);
  }
  ~mapped_file() { release(); }
  mapped_file(mapped_file&& o) noexcept : path_(static_cast<std::string&&>(o.path_)), bytes_(o.bytes_), size_(o.size_) {
    o.bytes_ = nullptr, o.size_ = 0;
  }
  mapped_file& operator=(mapped_file&&) = delete;

  const std::string& name() const { return path_; }
  std::uint64_t size() const { return size_; }
  const unsigned char* bytes() const { return bytes_; }

 private:
  std::string path_;
  const unsigned char* bytes_ = nullptr;
  std::uint64_t size_ = 0;

  void release() {
    if (bytes_) ::munmap(const_cast<unsigned char*>(bytes_), size_);
  }
};

// Writes to a file beside the one that is named, and puts it in its place at the end: until then, and if anything fails, what
// stood there stays. What a program that ended meanwhile left beside it is written over by the next, for only a program that runs locks it.
class output_file {
 public:
  explicit output_file(const std::string& path) : path_(path) {
    for (int i = 0; !file_ && i < 1000; ++i) {
      temporary_ = path + ".unfinished" + std::to_string(i);
      if (!take()) break;
    }
    if (!file_) refuse_file(path_, "cannot be written: " + system_reason());
  }
  ~output_file() {
    if (!file_) return;
    std::remove(temporary_.c_str());
    std::fclose(file_);
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
  /// Puts the file in its place; `to_disk`: after its bytes are there, and until its name is, so that a machine that fails leaves an old
  /// or a new file as well.
  void finish(bool to_disk = false) {
    errno = 0;
    std::FILE* const f = file_;
    file_ = nullptr;
    const int lock = ::dup(::fileno(f));  // keeps it locked until it has its name
    const bool is_written = lock >= 0 && (!to_disk || (std::fflush(f) == 0 && ::fsync(lock) == 0));
    const bool is_closed = std::fclose(f) == 0;
    const bool is_there = is_written && is_closed && std::rename(temporary_.c_str(), path_.c_str()) == 0;
    const std::string reason = system_reason();
    if (!is_there) std::remove(temporary_.c_str());
    if (lock >= 0) ::close(lock);
    if (!is_there) refuse_file(path_, "cannot be written: " + reason);
    if (to_disk) sync_folder();
  }

 private:
  std::string path_, temporary_;
  std::FILE* file_ = nullptr;
  std::uint64_t position_ = 0;

  // Opens the file that is to be written first: a new one, or one that nobody has locked. False: none can be opened at all.
  bool take() {
    errno = 0;
    int f = ::open(temporary_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    const bool is_new = f >= 0;
    if (!is_new && errno != EEXIST) return false;
    if (!is_new) f = ::open(temporary_.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (f < 0) return true;
    const bool is_locked = ::flock(f, LOCK_EX | LOCK_NB) == 0;
    const bool is_taken = !is_locked && errno == EWOULDBLOCK;  // other reasons: a file system without locks
    struct stat named {
    }, opened{};
    const bool is_named = ::fstat(f, &opened) == 0 && ::stat(temporary_.c_str(), &named) == 0 && named.st_ino == opened.st_ino;
    if (is_named && !is_taken && (is_new || is_locked) && ::ftruncate(f, 0) == 0) file_ = ::fdopen(f, "wb");
    if (!file_) ::close(f);
    return true;
  }
  void sync_folder() const {
    const std::size_t end = path_.rfind('/');
    const std::string folder = end == std::string::npos ? "." : end == 0 ? "/" : path_.substr(0, end);
    const int f = ::open(folder.c_str(), O_RDONLY | O_CLOEXEC);
    const bool good = f >= 0 && (::fsync(f) == 0 || errno == EINVAL);  // EINVAL: a file system that has nothing to do
    const std::string reason = system_reason();
    if (f >= 0) ::close(f);
    if (!good) refuse_file(path_, "is in its place, but its folder cannot be written to the disk: " + reason);
  }
};

}  // namespace sinter::detail
