// SPDX-License-Identifier: Apache-2.0
// The family of a case: the op, which its file is named by.
#pragma once

#include <algorithm>
#include <string>

namespace conformance {

/// The file's name up to its first element type: testdata/abs_bfloat16_20_20.mlir#0 -> abs.
inline std::string family(const std::string& id) {
  const std::size_t slash = id.rfind('/', id.find(".mlir"));
  std::string name = id.substr(slash == std::string::npos ? 0 : slash + 1);
  name.resize(std::min(name.find(".mlir"), name.size()));
  for (std::size_t at = name.find('_'); at != std::string::npos; at = name.find('_', at + 1)) {
    for (const char* type : {"float", "bfloat", "int", "uint", "complex", "bool"}) {
      const std::string t = type;
      const std::size_t end = at + 1 + t.size();
      if (name.compare(at + 1, t.size(), t) == 0 &&
          (t == "bool" ? end == name.size() || name[end] == '_' : end < name.size() && name[end] >= '0' && name[end] <= '9'))
        return name.substr(0, at);
    }
  }
  while (!name.empty() && name.back() == '_') name.pop_back();
  return name;
}

}  // namespace conformance
