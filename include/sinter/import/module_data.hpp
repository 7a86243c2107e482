// SPDX-License-Identifier: Apache-2.0
// Where the constants lie that sinter_add_stablehlo has put aside: in a file that is mapped when a module first computes.
#pragma once

#include <cstdlib>
#include <string>

#include <sinter/core/file.hpp>

namespace sinter {

namespace detail {
inline std::string& module_data_place() {
  static std::string folder;
  return folder;
}
inline bool is_there(const std::string& path) { return ::access(path.c_str(), R_OK) == 0; }
inline std::string folder_of_executable() {
  char path[4096];
  const auto n = ::readlink("/proc/self/exe", path, sizeof path);
  std::string s(path, n > 0 ? static_cast<std::size_t>(n) : 0);
  return s.substr(0, s.rfind('/') + 1);
}
/// The path of a module's data file: in the folder that was set, or that SINTER_MODULE_DATA names; else where the build made it; else
/// beside the executable.
inline std::string module_data_path(const char* folder, const char* file) {
  if (!module_data_place().empty()) return module_data_place() + '/' + file;
  if (const char* const named = std::getenv("SINTER_MODULE_DATA"); named && *named) return std::string(named) + '/' + file;
  std::string built = std::string(folder) + '/' + file;
  if (const std::string beside = folder_of_executable() + file; !is_there(built) && is_there(beside)) return beside;
  return built;
}

// A data file ends with what tells whether it belongs to a module: its length without this, and a hash of its bytes.
struct module_data_end {
  std::uint64_t bytes = 0, hash = 0;
};
inline mapped_file open_module_data(const std::string& path, const module_data_end& want) {
  if (!is_there(path))
    refuse_file(path,
                "cannot be read: the constants of a module; say where the file is by sinter::module_data_folder(folder) or the "
                "environment variable SINTER_MODULE_DATA, or put it beside the executable");
  mapped_file f(path);
  module_data_end have;
  if (f.size() >= sizeof have) __builtin_memcpy(&have, f.bytes() + f.size() - sizeof have, sizeof have);
  if (f.size() != want.bytes + sizeof have || have.bytes != want.bytes || have.hash != want.hash)
    refuse_file(path, "is not the data of this module: expected " + std::to_string(want.bytes + sizeof have) +
                          " bytes that were written together with its header");
  return f;
}
}  // namespace detail

/// Says in which folder the data files of modules lie, before the first of them is used; this goes before the environment variable
/// SINTER_MODULE_DATA, which goes before the folder of the build.
inline void module_data_folder(const std::string& folder) { detail::module_data_place() = folder; }

/// The constants of the module Text, mapped at the first call.
/// Error: io_error that names the file, if it is missing or belongs to another text.
template <class Text> SINTER_NOINLINE const unsigned char* module_data() {
  static const detail::mapped_file file =
      detail::open_module_data(detail::module_data_path(Text::folder, Text::file), {Text::bytes, Text::hash});
  return file.bytes();
}

}  // namespace sinter
