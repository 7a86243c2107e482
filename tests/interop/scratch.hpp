// SPDX-License-Identifier: Apache-2.0
// A folder for one test case, and files as strings.
#pragma once

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace scratch {

namespace fs = std::filesystem;

// Where files are in memory, if there is such a place.
inline fs::path in_memory() { return fs::is_directory("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path(); }

class folder {
 public:
  explicit folder(const fs::path& in = fs::temp_directory_path())
      : path_(in / ("sinter_" + std::to_string(std::chrono::steady_clock::now().time_since_epoch().count()))) {
    fs::create_directories(path_);
  }
  ~folder() { fs::remove_all(path_); }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;

  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  std::string path() const { return path_.string(); }
  std::ptrdiff_t files() const { return std::distance(fs::directory_iterator(path_), fs::directory_iterator()); }

 private:
  fs::path path_;
};

inline std::string content(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}
inline void write(const std::string& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

// A Python with NumPy, or nothing. cmake/test.sh installs the system's, before which another python3 may stand.
inline const std::string& numpy_python() {
  static const std::string found = [] {
    for (const std::string name : {"python3", "/usr/bin/python3"})
      if (std::system((name + " -c 'import numpy' 2>/dev/null").c_str()) == 0) return name;
    return std::string();
  }();
  return found;
}
inline bool has_numpy() { return !numpy_python().empty(); }
// Whether a program runs to its end, in a folder.
inline bool python(const folder& in, const std::string& program) {
  write(in / "program.py", program);
  return std::system(("cd '" + in.path() + "' && " + numpy_python() + " program.py").c_str()) == 0;
}

}  // namespace scratch
