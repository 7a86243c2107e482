// SPDX-License-Identifier: Apache-2.0
// x w + b, with w in the layout that oneDNN prefers, reordered once; with an activation: gelu in its erf form.
#include <dnnl.hpp>
#include <unordered_map>

#include "peers.hpp"

namespace peers {

prepared dense_onednn(const float* x, const float* w, const float* b, float* y, long m, long k, long n, bool activation) {
  using namespace dnnl;
  struct state {
    engine e{engine::kind::cpu, 0};
    stream s{e};
    matmul f;
    memory weights;
    std::unordered_map<int, memory> arguments;
  };
  auto* const s = new state;
  const auto type = memory::data_type::f32;
  const auto ab = memory::format_tag::ab;
  const memory::desc xd({m, k}, type, ab), any({k, n}, type, memory::format_tag::any), plain({k, n}, type, ab), bd({1, n}, type, ab),
      yd({m, n}, type, ab);
  primitive_attr attributes;
  if (activation) {
    post_ops after;
    after.append_eltwise(1.f, algorithm::eltwise_gelu_erf, 0.f, 0.f);
    attributes.set_post_ops(after);
  }
  const matmul::primitive_desc pd(matmul::desc(xd, any, bd, yd), attributes, s->e);
  s->f = matmul(pd);
  s->weights = memory(pd.weights_desc(), s->e);
  memory from(plain, s->e, const_cast<float*>(w));
  reorder(from, s->weights).execute(s->s, from, s->weights);
  s->arguments = {{DNNL_ARG_SRC, memory(xd, s->e, const_cast<float*>(x))},
                  {DNNL_ARG_WEIGHTS, s->weights},
                  {DNNL_ARG_BIAS, memory(bd, s->e, const_cast<float*>(b))},
                  {DNNL_ARG_DST, memory(yd, s->e, y)}};
  s->s.wait();
  return {[](void* p) {
            state& t = *static_cast<state*>(p);
            t.f.execute(t.s, t.arguments);
            t.s.wait();
          },
          s};
}

}  // namespace peers
