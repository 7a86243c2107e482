// SPDX-License-Identifier: Apache-2.0
// Reads a module's text as constant evaluation does, at run time: parsed in slices, linked, arrays decoded, lowered in slices.
#pragma once

#include <cstdlib>
#include <string>
#include <vector>

#include <sinter/graph/verify.hpp>
#include <sinter/import/stablehlo_message.hpp>
#include <sinter/stablehlo.hpp>

namespace read_module {

using namespace sinter::mlir;

// What became of a module: a diagnostic, or a sound graph.
struct outcome {
  diagnostic failed;
  const sinter::rule* rule = nullptr;  // that the lowering broke, with `failed` the line
  const char* unsound = nullptr;       // what graph::verify says of the graph: null unless sinter is wrong
  int nodes = 0, results = 0;
};

inline constexpr int most_nodes = 1 << 16, most_literals = 4096;
struct bytes_of_module {
  static constexpr const char* name = "constants";
  static const void* data() { return nullptr; }
};

// `slice`: characters and nodes at a time.
inline outcome read(const std::string& s, int slice = 16384) {
  outcome o;
  const std::vector<char> exact(s.c_str(), s.c_str() + s.size() + 1);  // so that a sanitizer sees a step too far
  const text t{exact.data(), static_cast<int>(s.size())};
  parsed p;
  for (parse_state at; !at.done && !p.failed;) at = parser(t, at, p).run(slice);
  if ((o.failed = p.failed)) return o;
  linker l(t, p.size());
  l.add(p.ops.data(), p.uses.data(), p.definitions.data(), p.size());
  if ((o.failed = l.failed)) return o;
  const module_view m{t, l.ops.data(), l.operands.data(), l.value_type.data(), l.size()};
  static data_layout<most_literals> layout;
  if (count_literals(m) > most_literals) {
    o.failed = {expected::data, 0, 0};
    return o;
  }
  layout = lay_out<most_literals>(m);
  if ((o.failed = layout.failed)) return o;
  for (sinter::extent_t k = 0; k < layout.size.bytes; k += bytes_at_once) {
    std::vector<unsigned char> bytes(bytes_at_once);
    literal_decoder d(m, k, k + bytes_at_once, bytes.data());
    for (int i = 0; i < layout.size.literals && !d.failed; ++i)
      if (!layout.literal[i].aside) d.decode(layout.literal[i]);
    if ((o.failed = d.failed)) return o;
  }
  const data_sources data{layout.literal, layout.size.literals, sinter::detail::define_data<bytes_of_module>::address,
                          sinter::detail::define_data<bytes_of_module>::address};
  lowering low(m, data);
  const int entry = entry_of(m);
  if (entry < 0) low.r.fail(expected::module_or_function, 0);
  else low.start(entry);
  while (!low.at.done && !low.failed()) {
    low.run(slice);
    if (low.g.nodes.size() > most_nodes) return o;
  }
  o.failed = low.r.failed, o.rule = low.g.failed.broken;
  o.nodes = low.g.nodes.size(), o.results = low.g.results.size();
  if (!o.failed && !o.rule) o.unsound = sinter::graph::verify(low.g.view());
  return o;
}

}  // namespace read_module
