// SPDX-License-Identifier: Apache-2.0
#include <libxsmm.h>

#include "peers.hpp"

namespace peers {

prepared squares_libxsmm(const products<float>& p) {
  struct state {
    libxsmm_smmfunction f;
    products<float> p;
  };
  const int m = static_cast<int>(p.m), n = static_cast<int>(p.n), k = static_cast<int>(p.k), flags = LIBXSMM_GEMM_FLAG_NONE;
  const float one = 1, zero = 0;
  const libxsmm_smmfunction f = libxsmm_smmdispatch(n, m, k, &n, &k, &n, &one, &zero, &flags, nullptr);  // column-major: c^T = b^T a^T
  if (!f) return {};
  return {[](void* s) {
            const state& x = *static_cast<state*>(s);
            for (long i = 0; i < x.p.count; ++i) x.f(x.p.b + i * x.p.k * x.p.n, x.p.a + i * x.p.m * x.p.k, x.p.c + i * x.p.m * x.p.n);
          },
          new state{f, p}};
}

}  // namespace peers
