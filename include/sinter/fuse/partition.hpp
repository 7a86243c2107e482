// SPDX-License-Identifier: Apache-2.0
// Which nodes are written to memory, and which of those are computed together: the partition of a graph into groups. Starts from the
// results, lowers each back to memory, joins what shares a loop, and writes to memory what would otherwise be computed twice at a cost.
#pragma once

#include <sinter/fuse/emit.hpp>
#include <sinter/fuse/materialise.hpp>
#include <sinter/fuse/progress.hpp>

namespace sinter::fuse {

namespace detail {

class partitioner {
 public:
  partitioned out;
  constexpr partitioner(builder&& graph, unsigned strided) {
    out.graph = static_cast<builder&&>(graph);
    builder& g = out.graph;
    out.strided_result.resize(g.nodes.size(), -1);
    for (int r = 0; r < g.results.size(); ++r) {
      const int id = g.nodes[g.results[r]].op == opcode::as_complex ? g.nodes[g.results[r]].operand[0] : g.results[r];
      if (r >= 32 || !(strided >> r & 1)) continue;
      bool alone = info(g.nodes[id].op).kind != op_info::whole && g.nodes[id].op != opcode::reshape;
      for (int q = 0; q < g.results.size(); ++q) alone &= q == r || strip(g, g.results[q]) != id;
      for (int i = 0; i < g.nodes.size(); ++i)
        for (int k = 0; k < g.nodes[i].operands; ++k) alone &= g.nodes[i].operand[k] != id || i == g.results[r];
      if (alone) out.strided_result[id] = r;
    }
  }

  // Decides what the groups are; false: the work ended first, and another one goes on from what is saved.
  constexpr bool decide(int most_work) {
    work_left_ = most_work;
    if (!at_.begun) begin();
    while (!at_.done) {
      while (!lower_alone())
        if (work_left_ <= 0) return false;
      if (!join()) return false;
      at_.done = !write_what_is_shared();
    }
    return true;
  }
  // After that.
  constexpr void emit_groups() {
    work_left_ = no_limit;
    if (clusters_.size() == 0) join();
    for (const cluster& c : clusters_) emit(c);
  }
  static constexpr int no_limit = 1 << 30;

  constexpr void restore(const progress_view& from) {
    at_ = from.at;
    out.materialised.add_all(from.written, from.size.nodes);
    sources_.add_all(from.sources, from.size.sources), computes_.add_all(from.computes, from.size.computes);
    for (int i = 0; i < from.size.trials; ++i) {
      const trial& t = from.trials[i];
      known_.begin();
      known_.pass(from.passed + t.passed.first, t.passed.count);
      known_.keep(t.asked, t.answer, t.fits);
    }
  }
  // Without what is no longer right.
  template <progress_size N> constexpr frozen_progress<N> save() const {
    list<trial> trials;
    list<int> passed, sources, computes;
    trials.reserve(at_.begun ? out.graph.nodes.size() : 0);
    known_.for_each_right(out.materialised, [&](const trial& t, const int* through) {
      trial& kept = trials[trials.add(t)];
      kept.passed.first = passed.size();
      passed.add_all(through, t.passed.count);
      kept.asked.sources = kept.asked.computes = {};
      if (!t.fits) return;
      kept.answer.sources.first = sources.size(), kept.answer.computes.first = computes.size();
      sources.add_all(sources_.data() + t.answer.sources.first, t.answer.sources.count);
      computes.add_all(computes_.data() + t.answer.computes.first, t.answer.computes.count);
    });
    const progress_size size{out.materialised.size(), trials.size(), passed.size(), sources.size(), computes.size()};
    return freeze<N>(progress_view{out.materialised.data(), trials.data(), passed.data(), sources.data(), computes.data(), size, at_});
  }

 private:
  list<cluster> clusters_;
  list<int> cluster_of_;
  list<int> sources_;   // nodes that a group reads
  list<int> computes_;  // 2 * node + costly, of each step of a group
  trials known_;
  lowering lowering_{out.graph, out.materialised};
  dependences order_;
  struct user {
    int group, before;
  };
  list<user> users_;                              // groups that read a node, or write it
  list<int> last_user_, candidates_, found_for_;  // of a node; of a root; of a group, the last root that it was a candidate for
  static constexpr int max_depth = 40, max_steps = 96;

  progress_point at_;
  int work_left_ = 0;

  constexpr void begin() {
    const builder& g = out.graph;
    at_.begun = true;
    out.materialised.resize(g.nodes.size());
    for (std::int32_t r : g.results) out.materialised[strip(g, r)] = true;
    lowering_.fresh();
    for (int i = 0; i < g.nodes.size(); ++i)
      if ((g.nodes[i].op == opcode::gather || g.nodes[i].op == opcode::scatter) && lowering_.array_of(g.nodes[i].operand[0]) < 0)
        out.materialised[strip(g, g.nodes[i].operand[0])] = true;
    split_long_chains();
  }
  // A chain longer than a kernel body should be is cut.
  constexpr void split_long_chains() {
    const builder& g = out.graph;
    list<int> depth;
    depth.resize(g.nodes.size());
    for (int i = 0; i < g.nodes.size(); ++i) {
      int d = 0;
      for (int k = 0; k < g.nodes[i].operands; ++k) {
        const int o = g.nodes[i].operand[k];
        d = !out.materialised[o] && depth[o] > d ? depth[o] : d;
      }
      depth[i] = d + is_element(g.nodes[i].op) + is_reduction(g.nodes[i].op);
      if (depth[i] >= max_depth && is_element(g.nodes[i].op)) out.materialised[i] = true;
    }
  }
  // Lowers every root as a group of its own; false when something more had to be written to memory, or the work ended.
  constexpr bool lower_alone() {
    const builder& g = out.graph;
    for (int& i = at_.next; i < g.nodes.size(); ++i) {
      if (!out.materialised[i]) continue;
      if (work_left_ <= 0) return false;
      const cluster asked{{i}, 1};
      const opcode op = g.nodes[i].op;
      if (op != opcode::library_call && op != opcode::control && known_.find(asked, out.materialised)) continue;
      cluster c{{i}, 1, {sources_.size(), 0}};
      known_.begin();
      const bool is_known = op == opcode::library_call        ? read_library_call(c, i)
                            : op == opcode::scatter           ? read_scatter(c, i)
                            : op == opcode::control           ? read_control(c, i)
                            : info(op).kind == op_info::whole ? read_whole(c, i)
                                                              : read(c, i);
      if (is_known) known_.keep(asked, c, true);
      at_.complete &= is_known;
    }
    const bool complete = at_.complete;
    at_.next = 0, at_.complete = true;
    return complete;
  }
  // Puts every root into a group that it shares a loop with, or into one of its own; false when the work ended.
  constexpr bool join() {
    const builder& g = out.graph;
    clusters_.clear(), users_.clear(), found_for_.clear(), cluster_of_.clear(), last_user_.clear();
    cluster_of_.resize(g.nodes.size(), -1), last_user_.resize(g.nodes.size(), -1);
    int roots = 0;
    for (bool m : out.materialised) roots += m;
    order_.reset(roots);
    for (int i = 0; i < g.nodes.size(); ++i) {  // in topological order
      if (!out.materialised[i]) continue;
      if (work_left_ <= 0) return false;
      const cluster alone = known_.find({{i}, 1}, out.materialised)->answer;
      const opcode op = g.nodes[i].op;
      if (op == opcode::library_call ? joins_library_call(i)
          : op == opcode::control    ? joins_control(i)
                                     : info(op).kind != op_info::whole && joins(alone, i))
        continue;
      clusters_.add(alone), found_for_.add(-1), order_.add_group();
      add_to(clusters_.size() - 1, i, alone);
    }
    return true;
  }
  // Operands of whole-operand ops must be loads.
  constexpr bool read_whole(cluster& c, int i) {
    const builder& g = out.graph;
    const node n = g.nodes[i];
    bool complete = true;
    for (int k = 0; k < n.operands; ++k) {
      lowering& l = lowering_.fresh();
      access a;
      const bool is_load = l.as_load(n.operand[k], a);
      work_left_ -= l.work();
      known_.pass(l);
      if (is_load) sources_.add(a.node), ++c.sources.count;
      else out.materialised[l.force >= 0 ? l.force : strip(g, n.operand[k])] = true, complete = false;
    }
    return complete;
  }
  constexpr bool read_dense(cluster& c, int operand, int batches) {
    loop_access a;
    int force = -1;
    if (!as_dense(out, operand, batches, a, force)) {
      out.materialised[force] = true;
      return false;
    }
    sources_.add(a.node), ++c.sources.count;
    return true;
  }
  constexpr bool read_library_call(cluster& c, int i) {
    const node n = out.graph.nodes[i];
    bool complete = true;
    for (int k = 0; k < n.operands; ++k) complete &= read_dense(c, n.operand[k], static_cast<int>(out.graph.attribute(i, 2)));
    return complete;
  }
  constexpr bool read_control(cluster& c, int i) {
    bool complete = true;
    graph::for_each_in_bundle(out.graph, out.graph.nodes[i].operand[0], [&](int id) { complete &= read_dense(c, id, 0); });
    return complete;
  }
  constexpr bool read(cluster& c, int i) {
    lowering& l = lowering_.fresh();
    lower(c, l);
    int force = l.force >= 0 ? l.force : written_first(l);
    if (!l.ok && force < 0) force = middle(l, i);
    if (force >= 0) {
      out.materialised[force] = true;
      return false;
    }
    remember(c, l);
    known_.pass(l);
    return true;
  }
  // What computes the offsets and the updates of a scatter runs in its loop, unless that needs reductions.
  constexpr bool read_scatter(cluster& c, int i) {
    const builder& g = out.graph;
    bool complete = read(c, i);
    for (int k = 2; complete && k > 0 && lowering_.reduced; --k)
      if (const int id = strip(g, g.nodes[i].operand[k]); !out.materialised[id]) out.materialised[id] = true, complete = false;
    return complete;
  }
  // The results of one library call are one group.
  constexpr bool joins_library_call(int i) {
    for (int c = 0; c < clusters_.size(); ++c)
      if (same_library_call(clusters_[c].root[0], i)) {
        clusters_[c].root[clusters_[c].count++] = i, cluster_of_[i] = c;
        return true;
      }
    return false;
  }
  // So are those of a loop or branch; the first stands for all.
  constexpr bool joins_control(int i) {
    for (int c = 0; c < clusters_.size(); ++c)
      if (same_control(out.graph, clusters_[c].root[0], i)) {
        cluster_of_[i] = c;
        return true;
      }
    return false;
  }
  constexpr bool same_library_call(int i, int j) const {
    const builder& g = out.graph;
    const node &a = g.nodes[i], &b = g.nodes[j];
    bool same =
        a.op == opcode::library_call && b.op == opcode::library_call && a.operands == b.operands && g.attribute(i, 0) == g.attribute(j, 0);
    for (int k = 0; same && k < a.operands; ++k) same = a.operand[k] == b.operand[k];
    return same;
  }
  // What is costly and computed in two groups is written to memory, as far from the leaves as possible.
  constexpr bool write_what_is_shared() {
    const builder& g = out.graph;
    if (clusters_.size() < 2) return false;
    list<int> times, seen;  // in how many groups a node is computed, and the last of them
    list<bool> heavy, shadowed;
    times.resize(g.nodes.size()), seen.resize(g.nodes.size(), -1);
    heavy.resize(g.nodes.size(), false), shadowed.resize(g.nodes.size());
    for (int c = 0; c < clusters_.size(); ++c) {
      for (int k = 0; k < clusters_[c].computes.count; ++k) {
        const int id = computes_[clusters_[c].computes.first + k];
        if (seen[id >> 1] != c) ++times[id >> 1], seen[id >> 1] = c;
        if (id & 1) heavy[id >> 1] = true;
      }
    }
    bool changed = false;
    for (int i = g.nodes.size(); i-- > 0;) {
      const bool twice = times[i] > 1 && heavy[i] && !out.materialised[i];
      if (twice && !shadowed[i]) out.materialised[i] = changed = true;
      if (twice || (shadowed[i] && !out.materialised[i]))  // a consumer that is itself computed twice is written instead
        for (int k = 0; k < g.nodes[i].operands; ++k) shadowed[g.nodes[i].operand[k]] = true;
    }
    return changed;
  }
  // Keeps what later decisions ask of a lowered group.
  constexpr void remember(cluster& c, const lowering& l) {
    c.sources = {sources_.size(), 0};
    for (const access& a : l.accesses)
      if (a.kind == access::memory) sources_.add(a.node), ++c.sources.count;
    c.computes = {computes_.size(), 0};
    int* const computes = computes_.add_room(l.steps.size());
    for (const step& s : l.steps)
      if (s.op != opcode::param && s.op != opcode::constant && s.op != opcode::iota) computes[c.computes.count++] = s.node << 1 | s.heavy;
    computes_.drop(l.steps.size() - c.computes.count);
    c.steps = l.steps.size();
    c.elements = 1;
    for (int d = 0; d < l.dims; ++d) c.elements = graph::is_symbol(l.extent[d]) || c.elements < 0 ? -1 : c.elements * l.extent[d];
  }

  constexpr void lower(const cluster& c, lowering& l) {
    for (int i = 0; i < c.count; ++i) l.together.add(c.root[i]);
    for (int i = 0; i < c.count && l.ok; ++i) l.add_root(c.root[i]);
    if (l.ok && l.steps.size() > max_steps * 2) l.ok = false;
    work_left_ -= l.work();
  }

  // Root i, which reads what `more` says, is now in group c.
  constexpr void add_to(int c, int i, const cluster& more) {
    cluster_of_[i] = c;
    add_user(i, c);
    for (int k = 0; k < more.sources.count; ++k) {
      const int node = sources_[more.sources.first + k];
      add_user(node, c);
      if (cluster_of_[node] >= 0) order_.add(c, cluster_of_[node], clusters_[c].count == 1);
    }
  }
  constexpr void add_user(int node, int c) { last_user_[node] = users_.add({c, last_user_[node]}); }
  // The groups that write what root i, alone as `a`, reads, and the last ones that read it too, the last first. A number that all of a
  // large program reads, such as a rate or a position, makes no more of its groups candidates for each other.
  static constexpr int most_readers = 12;
  constexpr void find_candidates(const cluster& a, int i) {
    candidates_.clear();
    const user* const users = users_.data();
    for (int k = 0; k < a.sources.count; ++k) {
      const int node = sources_[a.sources.first + k];
      int left = most_readers;
      for (int u = last_user_[node]; u >= 0 && left-- > 0; u = users[u].before) add_candidate(users[u].group, i);
      if (left < 0 && cluster_of_[node] >= 0) add_candidate(cluster_of_[node], i);
    }
  }
  constexpr void add_candidate(int c, int i) {
    if (found_for_[c] == i) return;
    found_for_[c] = i;
    int at = candidates_.add(c);
    for (; at > 0 && candidates_[at - 1] < c; --at) candidates_[at] = candidates_[at - 1];
    candidates_[at] = c;
  }
  constexpr bool joins(const cluster& alone, int i) {
    find_candidates(alone, i);
    for (int c : candidates_) {
      const cluster& with = clusters_[c];
      if (info(out.graph.nodes[with.root[0]].op).kind == op_info::whole) continue;
      if (with.count == 8 || with.steps + alone.steps > max_steps || (with.elements != alone.elements && !reads_root(alone, with)))
        continue;
      if (!may_join(alone, c)) continue;
      cluster joined = with;
      joined.root[joined.count++] = i;
      if (!fit_together(joined)) continue;
      clusters_[c] = joined;
      add_to(c, i, alone);
      return true;
    }
    return false;
  }
  constexpr int middle(const lowering& l, int root) const {  // too many steps: cut in the middle
    for (int i = l.steps.size() / 2; i < l.steps.size(); ++i)
      if (is_element(l.steps[i].op) && l.steps[i].node != root && !out.materialised[l.steps[i].node]) return l.steps[i].node;
    return -1;
  }
  // Whether some roots are one group.
  constexpr bool fit_together(cluster& c) {
    if (const trial* const known = known_.find(c, out.materialised)) {
      if (known->fits) c = known->answer;
      return known->fits;
    }
    const cluster asked = c;
    known_.begin();
    const bool fits = fit_in_order(c, asked, true) || fit_in_order(c, asked, false);
    known_.keep(asked, c, fits);
    return fits;
  }
  // The first root sets the domain: mostly the widest, but a reduction finds its reduced loop only from its own result.
  constexpr bool fit_in_order(cluster& c, const cluster& asked, bool widest_first) {
    c = asked;
    order_roots(c, widest_first);
    lowering& both = lowering_.fresh();
    lower(c, both);
    const int force = both.force >= 0 ? both.force : written_first(both);
    known_.pass(both, force);
    if (!both.ok || force >= 0 || both.steps.size() > max_steps) return false;
    remember(c, both);
    return true;
  }
  constexpr void order_roots(cluster& c, bool widest_first) const {
    for (int i = 1; i < c.count; ++i)
      for (int j = i; j > 0 && (widest_first ? width(c.root[j]) > width(c.root[j - 1]) : width(c.root[j]) < width(c.root[j - 1])); --j) {
        const int t = c.root[j];
        c.root[j] = c.root[j - 1], c.root[j - 1] = t;
      }
  }
  constexpr int width(int id) const {
    int n = 0;
    const shape<>& s = root_shape(out.graph, id);
    for (int a = 0; a < s.rank; ++a) n += !is_one(s[a]);
    return n;
  }
  constexpr bool reads_root(const cluster& a, const cluster& b) const {
    for (int i = 0; i < a.sources.count; ++i)
      for (int k = 0; k < b.count; ++k)
        if (b.root[k] == sources_[a.sources.first + i]) return true;
    return false;
  }
  // No path from group c through another group to a.
  constexpr bool may_join(const cluster& a, int c) const {
    for (int i = 0; i < a.sources.count; ++i) {
      const int from = cluster_of_[sources_[a.sources.first + i]];
      if (from >= 0 && from != c && order_.depends(from, c)) return false;
    }
    return true;
  }

  constexpr void emit(const cluster& c) {
    const opcode op = out.graph.nodes[c.root[0]].op;
    if (op == opcode::library_call) return emit_library_call(out, c.root, c.count);
    if (op == opcode::control) return emit_control(out, c.root[0]);
    if (info(op).kind == op_info::whole && op != opcode::scatter) return emit_whole(out, c.root[0]);
    // The only group was the last to be lowered.
    const bool is_lowered = clusters_.size() == 1 && c.count == 1 && lowering_.is_of(c.root[0]);
    lowering& l = is_lowered ? lowering_ : lowering_.fresh();
    if (!is_lowered) lower(c, l);
    emission(out, l).run(is_beside_dot(l));
  }
  // It may run inside a contraction, which needs rows and columns apart, unless all of the product is consumed at once.
  constexpr bool is_beside_dot(const lowering& l) const {
    const builder& g = out.graph;
    for (const access& a : l.accesses)
      if (a.kind == access::memory && g.nodes[a.node].op == opcode::dot && !fits_beside(g, a.node)) return true;
    for (const cluster& c : clusters_)
      if (g.nodes[c.root[0]].op == opcode::dot)
        for (int i = 0; i < c.sources.count; ++i)
          for (const root& r : l.roots)
            if (sources_[c.sources.first + i] == r.node) return true;
    return false;
  }
};

}  // namespace detail

/// Partitions a simplified graph into groups. Bit r of `strided`: result r goes to memory of any layout. False: it takes more than so much
/// work, and nothing was done.
constexpr bool partition(builder&& graph, unsigned strided, partitioned& to, int most_work) {
  detail::partitioner p(static_cast<builder&&>(graph), strided);
  if (!p.decide(most_work)) return false;
  p.emit_groups();
  to = static_cast<partitioned&&>(p.out);
  return true;
}
constexpr partitioned partition(builder&& graph, unsigned strided) {
  partitioned p;
  partition(static_cast<builder&&>(graph), strided, p, detail::partitioner::no_limit);
  return p;
}
/// The same in steps for large graphs: as much as so much work does, from where the last step stopped,
template <progress_size Room>
constexpr frozen_progress<Room> partition_on(builder&& graph, unsigned strided, const progress_view& before, int work) {
  detail::partitioner p(static_cast<builder&&>(graph), strided);
  p.restore(before);
  p.decide(work);
  return p.template save<Room>();
}
/// and the groups, when that is done.
constexpr partitioned partition_end(builder&& graph, unsigned strided, const progress_view& done) {
  detail::partitioner p(static_cast<builder&&>(graph), strided);
  p.restore(done);
  p.emit_groups();
  return static_cast<partitioned&&>(p.out);
}

}  // namespace sinter::fuse
