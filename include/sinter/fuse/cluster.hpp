// SPDX-License-Identifier: Apache-2.0
// What the partition keeps of the groups that it forms: what each reads, which depend on which, and what came of lowering some nodes
// together, so that no round of it lowers again what it knows.
#pragma once

#include <sinter/fuse/group.hpp>

namespace sinter::fuse::detail {

struct cluster {  // the roots of one future group, and what its lowering said
  int root[8] = {};
  int count = 0;
  span sources{}, computes{};
  int steps = 0;
  extent_t elements = 0;
  constexpr bool has_roots_of(const cluster& o) const {
    for (int k = 0; k < count; ++k)
      if (root[k] != o.root[k]) return false;
    return count == o.count;
  }
};

// What came of lowering some roots together. It is right until a node that was passed through is written to memory.
struct trial {
  cluster asked, answer;
  bool fits = false;
  span passed{};
  int before = -1;  // another trial whose last root is the same
};
class trials {
 public:
  // That of these roots, in this order; nullptr: none that is still right.
  constexpr const trial* find(const cluster& c, const list<bool>& materialised) const {
    const int i = c.root[c.count - 1];
    for (int t = i < last_.size() ? last_[i] : -1; t >= 0; t = trials_[t].before) {
      if (!trials_[t].asked.has_roots_of(c)) continue;
      const int *passed = passed_.data() + trials_[t].passed.first, *const end = passed + trials_[t].passed.count;
      const bool* const written = materialised.data();
      bool is_right = true;
      for (; passed != end && is_right; ++passed) is_right = !written[*passed];
      return is_right ? &trials_[t] : nullptr;  // this one replaced what is further back
    }
    return nullptr;
  }
  // f(trial, the nodes that it passed through) for each that is still right.
  template <class F> constexpr void for_each_right(const list<bool>& materialised, F f) const {
    for (const trial& t : trials_) {
      bool is_right = true;
      for (int k = 0; k < t.passed.count; ++k) is_right &= !materialised[passed_[t.passed.first + k]];
      if (is_right) f(t, passed_.data() + t.passed.first);
    }
  }
  // `begin`, then any number of `pass`, then `keep`.
  constexpr void begin() { first_passed_ = passed_.size(); }
  constexpr void pass(const lowering& l, int force = -1) {
    l.add_passed(passed_);
    if (force >= 0) passed_.add(force);
  }
  constexpr void pass(const int* nodes, int count) { passed_.add_all(nodes, count); }
  constexpr void keep(const cluster& asked, const cluster& answer, bool fits) {
    const int i = asked.root[asked.count - 1];
    last_.resize(i + 1 > last_.size() ? i + 1 : last_.size(), -1);
    last_[i] = trials_.add({asked, answer, fits, {first_passed_, passed_.size() - first_passed_}, last_[i]});
  }

 private:
  list<trial> trials_;
  list<int> passed_, last_;  // nodes; of a root, the last trial of which it is the last root
  int first_passed_ = 0;
};

// Which groups depend on which: a bit for each pair.
class dependences {
 public:
  constexpr void reset(int most_groups) {
    bits_.clear();
    words_ = most_groups / 64 + 1, groups_ = 0;
  }
  constexpr void add_group() {
    ++groups_;
    for (int w = 0; w < words_; ++w) bits_.add(0);
  }
  constexpr bool depends(int group, int on) const { return bits_[group * words_ + on / 64] >> (on % 64) & 1; }
  // So do then those that depend on the group; on a new one none does yet.
  constexpr void add(int group, int on, bool is_new) {
    if (group == on || depends(group, on)) return;
    add_one(group, on);
    for (int d = 0; d < groups_ && !is_new; ++d)
      if (depends(d, group)) add_one(d, on);
  }

 private:
  list<std::uint64_t> bits_;
  int words_ = 1, groups_ = 0;
  constexpr void add_one(int group, int on) {
    for (int w = 0; w < words_; ++w) bits_[group * words_ + w] |= bits_[on * words_ + w];
    bits_[group * words_ + on / 64] |= std::uint64_t{1} << (on % 64);
  }
};

}  // namespace sinter::fuse::detail
