// SPDX-License-Identifier: Apache-2.0
// The verifier: what must hold in every graph, after every pass.
#pragma once

#include <sinter/graph/control.hpp>

namespace sinter::graph {

/// Null for a sound graph, else what is wrong with it. Shapes are interned: equal ones have one number.
constexpr const char* verify(const graph_view& g) {
  for (int i = 0; i < g.shape_count; ++i)
    for (int a = 0; a < g.shapes[i].rank; ++a) {
      const extent_t e = g.shapes[i][a];
      if (is_symbol(e) ? symbol_index(e) >= g.symbol_count : e < 0) return "an extent that is neither a number nor a symbol";
    }
  for (int i = 0; i < g.node_count; ++i) {
    const node n = g.nodes[i];  // a copy: constant evaluation reads a local sooner than an element behind a pointer
    const int operands = n.operands;
    if (n.op >= opcode::count) return "an unknown opcode";
    if (n.shape < 0 || n.shape >= g.shape_count) return "a node without a shape";
    if (n.attribute < 0 || n.attribute + n.attributes > g.pool_count) return "attributes outside the pool";
    const op_info& op = info(n.op);
    if (op.operands >= 0 && operands != op.operands) return "a node with a wrong number of operands";
    if (operands > max_operands) return "too many operands";
    for (int k = 0; k < operands; ++k)
      if (n.operand[k] < 0 || n.operand[k] >= i) return "an operand that does not come before its user";
    if (op.kind == op_info::element) {
      const bool compares = n.op >= opcode::equal && n.op <= opcode::greater_equal;
      const bool mixes = compares || n.op == opcode::cast || n.op == opcode::bitcast || n.op == opcode::select || n.op == opcode::real ||
                         n.op == opcode::imag || n.op == opcode::complex;
      for (int k = 0; k < operands; ++k) {
        const node& from = g.nodes[n.operand[k]];
        if (from.shape != n.shape) return "an element op whose operands have another shape";
        if (!mixes && (n.op == opcode::abs ? real_dtype(from.type) : from.type) != n.type)
          return "an element op whose operands have another type";
      }
      if (n.op == opcode::select &&
          (g[n.operand[0]].type != dtype::boolean || g[n.operand[1]].type != n.type || g[n.operand[2]].type != n.type))
        return "a select with wrong types";
      if (compares && (n.type != dtype::boolean || g[n.operand[0]].type != g[n.operand[1]].type)) return "a comparison with wrong types";
    }
    if (n.op == opcode::gather || n.op == opcode::scatter) {
      const bool scatter = n.op == opcode::scatter;
      const node &x = g.nodes[n.operand[0]], &base = g.nodes[n.operand[1]], &along = scatter ? g.nodes[n.operand[2]] : n;
      if (base.type != dtype::i32 && base.type != dtype::i64) return "a gather or scatter without offsets";
      if (x.type != n.type || along.type != n.type || base.shape != along.shape || (scatter && x.shape != n.shape))
        return "a gather or scatter whose operands do not fit";
      if (n.attributes != g.shapes[along.shape].rank + scatter) return "a gather or scatter without strides";
    }
    if (n.op == opcode::literal && (n.attributes != 3 || g.attribute(i, 0) < 0 || g.attribute(i, 0) >= g.external_count))
      return "a literal without its data";
    if (n.op == opcode::library_call) {
      const shape<>& s = g.shapes[n.shape];
      if (n.attributes != 3 || g.attribute(i, 0) < 0 || g.attribute(i, 0) >= g.external_count) return "a library call without a functor";
      for (int a = 0; a < g.attribute(i, 2); ++a)
        for (int k = 0; k < operands; ++k)
          if (a >= s.rank || a >= g.shape_of(n.operand[k]).rank || g.shape_of(n.operand[k])[a] != s[a])
            return "a library call whose operands have other batches";
    }
    if (n.op == opcode::control && (n.attributes != control::count || operands + (g.attribute(i, control::outlined) != 0) != 2 ||
                                    g[n.operand[0]].op != opcode::bundle))
      return "a loop or branch without its bundles";
    if (op.kind == op_info::reduction) {
      const shape<>&from = g.shape_of(n.operand[0]), &s = g.shapes[n.shape];
      const extent_t first = g.attribute(i, 0), last = g.attribute(i, 1);
      if (first < 0 || last <= first || last > from.rank || from.rank != s.rank) return "a reduction over axes that do not exist";
      for (int a = 0; a < s.rank; ++a)
        if (a >= first && a < last ? s[a] != 1 : s[a] != from[a]) return "a reduction of a wrong shape";
    }
  }
  for (int i = 0; i < g.result_count; ++i)
    if (g.results[i] < 0 || g.results[i] >= g.node_count) return "a result that does not exist";
  return nullptr;
}

}  // namespace sinter::graph
