// SPDX-License-Identifier: Apache-2.0
// The yardstick of softmax over rows: AVX-512 by hand, for rows of a multiple of 64 elements, at most 4096. Three passes of a row that
// stays in the first-level cache: maximum, exp and sum into a buffer, times 1 / sum. Four vectors a step, exp with 0.9 ulp and without
// care for NaN and infinities. The second version stores past the caches and fetches the next row while it writes this one.
//
// TIMES
#include <immintrin.h>

#include <initializer_list>

#include "../peers/peers.hpp"

namespace peers {
namespace {

// 2^(x log2 e) = p(r) 2^n, x <= 0; the bits of t end in n. Below -87 the result is 0.
inline __m512 exp_of(__m512 x) {
  x = _mm512_max_ps(x, _mm512_set1_ps(-87.3f));
  const __m512 shift = _mm512_set1_ps(12582912.f);
  const __m512 t = _mm512_fmadd_ps(x, _mm512_set1_ps(1.44269504f), shift), n = _mm512_sub_ps(t, shift);
  __m512 r = _mm512_fnmadd_ps(n, _mm512_set1_ps(0.693359375f), x);
  r = _mm512_fnmadd_ps(n, _mm512_set1_ps(-2.12194440e-4f), r);
  __m512 p = _mm512_set1_ps(1.9875691500e-4f);
  for (const float c : {1.3981999507e-3f, 8.3334519073e-3f, 4.1665795894e-2f, 1.6666665459e-1f, 5.0000001201e-1f, 1.f, 1.f})
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(c));
  return _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(p), _mm512_slli_epi32(_mm512_castps_si512(t), 23)));
}

template <bool Past> void softmax(const matrix& m) {
  alignas(64) float kept[4096];
  const long n = m.columns;
  for (long r = 0; r < m.rows; ++r) {
    const float* x = m.x + r * n;
    float* y = m.y + r * n;
    __m512 most[4], sum[4];
    for (int k = 0; k < 4; ++k) most[k] = _mm512_loadu_ps(x + 16 * k), sum[k] = _mm512_setzero_ps();
    for (long c = 64; c < n; c += 64)
      for (int k = 0; k < 4; ++k) most[k] = _mm512_max_ps(most[k], _mm512_loadu_ps(x + c + 16 * k));
    const __m512 top =
        _mm512_set1_ps(_mm512_reduce_max_ps(_mm512_max_ps(_mm512_max_ps(most[0], most[1]), _mm512_max_ps(most[2], most[3]))));
    for (long c = 0; c < n; c += 64)
      for (int k = 0; k < 4; ++k) {
        const __m512 e = exp_of(_mm512_sub_ps(_mm512_loadu_ps(x + c + 16 * k), top));
        sum[k] = _mm512_add_ps(sum[k], e);
        _mm512_store_ps(kept + c + 16 * k, e);
      }
    const __m512 scale =
        _mm512_set1_ps(1 / _mm512_reduce_add_ps(_mm512_add_ps(_mm512_add_ps(sum[0], sum[1]), _mm512_add_ps(sum[2], sum[3]))));
    for (long c = 0; c < n; c += 64)
      for (int k = 0; k < 4; ++k) {
        const __m512 q = _mm512_mul_ps(_mm512_load_ps(kept + c + 16 * k), scale);
        if (Past) {
          _mm_prefetch(reinterpret_cast<const char*>(x + n + c + 16 * k), _MM_HINT_T0);  // beyond the last row it does nothing
          _mm512_stream_ps(y + c + 16 * k, q);
        } else {
          _mm512_storeu_ps(y + c + 16 * k, q);
        }
      }
  }
  if (Past) _mm_sfence();
}

}  // namespace

void softmax_lab(const matrix& m) { softmax<false>(m); }
void softmax_lab_streaming(const matrix& m) { softmax<true>(m); }

}  // namespace peers
