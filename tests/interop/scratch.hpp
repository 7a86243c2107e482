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

class folder {
 public:
  folder() : path_(fs::temp_directory_path() / ("sinter_" + std::to_string(std::chrono::steady_clock::now().time_since_epoch().count()))) {
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

// Whether a Python program runs to its end, in a folder; and whether Python and NumPy are there at all.
inline bool python(const folder& in, const std::string& program) {
  write(in / "program.py", program);
  return std::system(("cd '" + in.path() + "' && python3 program.py").c_str()) == 0;
}
inline bool has_numpy() {
  static const bool found = std::system("python3 -c 'import numpy' 2>/dev/null") == 0;
  return found;
}

}  // namespace scratch
