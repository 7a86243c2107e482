// SPDX-License-Identifier: Apache-2.0
// How far the partition of a large graph has come, as a plain constant: a compiler limits what one constant may cost, so it goes on in
// the next one. What is decided does not depend on where it stops.
#pragma once

#include <sinter/fuse/cluster.hpp>

namespace sinter::fuse {

struct progress_size {
  int nodes = 0, trials = 0, passed = 0, sources = 0, computes = 0;
  constexpr bool fits(const progress_size& room) const {
    return nodes <= room.nodes && trials <= room.trials && passed <= room.passed && sources <= room.sources && computes <= room.computes;
  }
};

struct progress_point {
  bool begun = false, done = false;
  int next = 0;          // the node to go on with
  bool complete = true;  // nothing had to be written to memory in this round
};

struct progress_view {
  const bool* written = nullptr;
  const detail::trial* trials = nullptr;
  const int *passed = nullptr, *sources = nullptr, *computes = nullptr;
  progress_size size;
  progress_point at;
};

template <progress_size N> struct frozen_progress {
  bool written[N.nodes + 1] = {};
  detail::trial trials[N.trials + 1] = {};
  int passed[N.passed + 1] = {}, sources[N.sources + 1] = {}, computes[N.computes + 1] = {};
  progress_size size;  // of what is there: all of it, or nothing if there is more than room
  progress_point at;
  constexpr progress_view view() const { return {written, trials, passed, sources, computes, size, at}; }
};
template <progress_size N> constexpr frozen_progress<N> freeze(const progress_view& p) {
  frozen_progress<N> f;
  f.size = p.size, f.at = p.at;
  if (!p.size.fits(N)) return f;
  for (int i = 0; i < p.size.nodes; ++i) f.written[i] = p.written[i];
  for (int i = 0; i < p.size.trials; ++i) f.trials[i] = p.trials[i];
  for (int i = 0; i < p.size.passed; ++i) f.passed[i] = p.passed[i];
  for (int i = 0; i < p.size.sources; ++i) f.sources[i] = p.sources[i];
  for (int i = 0; i < p.size.computes; ++i) f.computes[i] = p.computes[i];
  return f;
}

}  // namespace sinter::fuse
