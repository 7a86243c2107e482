// SPDX-License-Identifier: Apache-2.0
// Products of matrices by cuBLASLt: a product in its terms, the algorithm that it chooses, remembered, and the call. Knows nothing of
// plans. Needs cublasLt.h; programs link cublasLt.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include <cublasLt.h>

#include <sinter/cuda/product.hpp>
#include <sinter/cuda/stream.hpp>

namespace sinter::device {

/// Throws device_error unless s is CUBLAS_STATUS_SUCCESS. The text names the call and the status.
inline void check(cublasStatus_t s, const char* call) {
  if (s != CUBLAS_STATUS_SUCCESS)
    throw device_error(std::string("sinter::device: ") + call + " failed: " + cublasLtGetStatusName(s) + ": " + cublasLtGetStatusString(s) +
                       "; the documentation of cuBLASLt describes this status");
}

namespace detail {

template <dtype D> inline constexpr int blas_type = -1;  // none
template <> inline constexpr int blas_type<dtype::f16> = CUDA_R_16F;
template <> inline constexpr int blas_type<dtype::bf16> = CUDA_R_16BF;
template <> inline constexpr int blas_type<dtype::f32> = CUDA_R_32F;
template <> inline constexpr int blas_type<dtype::f64> = CUDA_R_64F;

// Of its scratch memory, what NVIDIA advises for Hopper.
inline constexpr std::size_t blas_bytes = std::size_t{32} << 20;

// A matrix whose columns lie `lead` elements apart, `next` elements behind that of the batch before it.
struct blas_matrix {
  extent_t lead = 0, next = 0;
  bool transposed = false;  // so that its rows do
  bool operator==(const blas_matrix&) const = default;
};
// All that an algorithm is chosen by: c [rows, columns] = a [rows, depth] b [depth, columns].
struct blas_product {
  extent_t rows = 0, columns = 0, depth = 0, batches = 1;
  blas_matrix a, b, c;
  int type = 0, epilogue = CUBLASLT_EPILOGUE_DEFAULT, device = 0;
  std::uint32_t aligned = 256;  // bytes: of all addresses
  bool operator==(const blas_product&) const = default;
};

template <class H, cublasStatus_t (*Destroy)(H)> struct blas_destroy {
  using pointer = H;
  void operator()(H h) const { (void)Destroy(h); }
};
template <class H, cublasStatus_t (*Destroy)(H)> using blas_owner = std::unique_ptr<H, blas_destroy<H, Destroy>>;

// This thread's handle of the library on a device, which is the current one.
inline cublasLtHandle_t blas_handle(int device) {
  struct entry {
    int device;
    blas_owner<cublasLtHandle_t, cublasLtDestroy> handle;
  };
  static thread_local std::vector<entry> all;
  for (const entry& e : all)
    if (e.device == device) return e.handle.get();
  cublasLtHandle_t h = nullptr;
  check(cublasLtCreate(&h), "cublasLtCreate");
  all.push_back({device, blas_owner<cublasLtHandle_t, cublasLtDestroy>(h)});
  return h;
}

// A product with its algorithm, which is chosen once.
class blas_call {
 public:
  explicit blas_call(const blas_product& p) : what(p), handle_(blas_handle(p.device)) {
    cublasLtMatmulDesc_t d = nullptr;
    const bool wide = p.type == CUDA_R_64F;
    check(cublasLtMatmulDescCreate(&d, wide ? CUBLAS_COMPUTE_64F : CUBLAS_COMPUTE_32F, wide ? CUDA_R_64F : CUDA_R_32F),
          "cublasLtMatmulDescCreate");
    product_.reset(d);
    set(CUBLASLT_MATMUL_DESC_TRANSA, std::int32_t{p.a.transposed ? CUBLAS_OP_T : CUBLAS_OP_N});
    set(CUBLASLT_MATMUL_DESC_TRANSB, std::int32_t{p.b.transposed ? CUBLAS_OP_T : CUBLAS_OP_N});
    set(CUBLASLT_MATMUL_DESC_EPILOGUE, static_cast<std::uint32_t>(p.epilogue));
    // Its alignment is looked at when the algorithm is chosen.
    if (p.epilogue != CUBLASLT_EPILOGUE_DEFAULT)
      set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, reinterpret_cast<const void*>(std::uintptr_t{p.aligned}));
    lay_out(a_, p.a, p.rows, p.depth);
    lay_out(b_, p.b, p.depth, p.columns);
    lay_out(c_, p.c, p.rows, p.columns);

    cublasLtMatmulPreference_t wanted = nullptr;
    check(cublasLtMatmulPreferenceCreate(&wanted), "cublasLtMatmulPreferenceCreate");
    const blas_owner<cublasLtMatmulPreference_t, cublasLtMatmulPreferenceDestroy> owner(wanted);
    const auto want = [&](cublasLtMatmulPreferenceAttributes_t name, const auto& x) {
      check(cublasLtMatmulPreferenceSetAttribute(wanted, name, &x, sizeof(x)), "cublasLtMatmulPreferenceSetAttribute");
    };
    want(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, std::uint64_t{blas_bytes});
    for (const auto name : {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
                            CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES})
      want(name, p.aligned);
    cublasLtMatmulHeuristicResult_t found = {};
    int count = 0;
    const cublasStatus_t s =
        cublasLtMatmulAlgoGetHeuristic(handle_, product_.get(), a_.get(), b_.get(), c_.get(), c_.get(), wanted, 1, &found, &count);
    if (s == CUBLAS_STATUS_NOT_SUPPORTED || (s == CUBLAS_STATUS_SUCCESS && count == 0)) return;
    check(s, "cublasLtMatmulAlgoGetHeuristic");
    algorithm_ = found.algo, bytes_ = found.workspaceSize, works_ = true;
  }

  bool works() const { return works_; }
  void run(const void* a, const void* b, void* c, const void* bias, void* scratch) {
    if (what.epilogue != CUBLASLT_EPILOGUE_DEFAULT) set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, bias);
    const float one = 1, none = 0;
    const double wide_one = 1, wide_none = 0;
    const bool wide = what.type == CUDA_R_64F;
    const void *const alpha = wide ? static_cast<const void*>(&wide_one) : &one, *const beta =
                                                                                     wide ? static_cast<const void*>(&wide_none) : &none;
    check(cublasLtMatmul(handle_, product_.get(), alpha, a, a_.get(), b, b_.get(), beta, c, c_.get(), c, c_.get(), &algorithm_, scratch,
                         bytes_, current_stream().handle()),
          "cublasLtMatmul");
  }

  const blas_product what;

 private:
  using layout = blas_owner<cublasLtMatrixLayout_t, cublasLtMatrixLayoutDestroy>;
  template <class X> void set(cublasLtMatmulDescAttributes_t name, const X& x) {
    check(cublasLtMatmulDescSetAttribute(product_.get(), name, &x, sizeof(x)), "cublasLtMatmulDescSetAttribute");
  }
  void lay_out(layout& to, const blas_matrix& x, extent_t rows, extent_t columns) {
    if (x.transposed) std::swap(rows, columns);
    cublasLtMatrixLayout_t made = nullptr;
    check(cublasLtMatrixLayoutCreate(&made, static_cast<cudaDataType>(what.type), static_cast<std::uint64_t>(rows),
                                     static_cast<std::uint64_t>(columns), x.lead),
          "cublasLtMatrixLayoutCreate");
    to.reset(made);
    const auto say = [&](cublasLtMatrixLayoutAttribute_t name, const auto& v) {
      check(cublasLtMatrixLayoutSetAttribute(made, name, &v, sizeof(v)), "cublasLtMatrixLayoutSetAttribute");
    };
    say(CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, static_cast<std::int32_t>(what.batches));
    say(CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, std::int64_t{x.next});
  }

  cublasLtHandle_t handle_;
  blas_owner<cublasLtMatmulDesc_t, cublasLtMatmulDescDestroy> product_;
  layout a_, b_, c_;
  cublasLtMatmulAlgo_t algorithm_ = {};
  std::size_t bytes_ = 0;
  bool works_ = false;
};

// The call of a product, of this thread's; null where cuBLASLt has no algorithm for it.
inline blas_call* blas_call_for(const blas_product& p) {
  static thread_local std::vector<std::unique_ptr<blas_call>> all;
  auto at = std::find_if(all.begin(), all.end(), [&](const auto& c) { return c->what == p; });
  if (at == all.end()) {
    if (all.size() == 256) all.clear();  // extents that change with every call
    at = all.insert(all.end(), std::make_unique<blas_call>(p));
  }
  return (*at)->works() ? at->get() : nullptr;
}

// Rows that lie `row` elements apart, as columns of the transposed matrix; false if it is neither that nor the other way round.
inline bool as_blas(blas_matrix& to, extent_t rows, extent_t columns, std::ptrdiff_t row, std::ptrdiff_t column) {
  const auto fits = [](extent_t n, std::ptrdiff_t lead, extent_t others, std::ptrdiff_t unit) {
    return (unit == 1 || n == 1) && (lead >= n || others == 1);
  };
  if (fits(columns, row, rows, column)) to.lead = std::max<extent_t>(row, columns), to.transposed = false;
  else if (fits(rows, column, columns, row)) to.lead = std::max<extent_t>(column, rows), to.transposed = true;
  else return false;
  return true;
}

/// c = a b by cuBLASLt, on the current stream, for rows of any batches; then a row of numbers `bias` is added to each row of c, or more,
/// if an epilogue says so. scratch: blas_bytes, aligned to 256. False, and nothing is done, where cuBLASLt has no algorithm for the
/// product or it does not take the strides: one of an operand's axes must be contiguous, the last one of the result's.
template <dtype D, int B> bool blas_multiply(const cuda_kernels::product_operand<B>& a, const cuda_kernels::product_operand<B>& b,
                                             const cuda_kernels::product_operand<B>& c, const extent_t* batch, extent_t m, extent_t n,
                                             extent_t k, cublasLtEpilogue_t epilogue, const void* bias, void* scratch) {
  constexpr std::ptrdiff_t bytes = sizeof(storage_t<D>);
  blas_product p;  // of the transposed matrices: c^T [n, m] = b^T [n, k] a^T [k, m]
  p.rows = n, p.columns = m, p.depth = k, p.type = blas_type<D>, p.epilogue = epilogue;
  if (k == 0 || !as_blas(p.a, k, n, b.row, b.column) || !as_blas(p.b, m, k, a.row, a.column) || !as_blas(p.c, m, n, c.row, c.column) ||
      p.c.transposed)
    return false;
  // The batches, from the last axis on, as far as they lie evenly apart; the calls of others follow each other.
  int d = B;
  for (; d > 0; --d) {
    if (batch[d - 1] == 1) continue;
    if (p.batches == 1) p.a.next = b.batch[d - 1], p.b.next = a.batch[d - 1], p.c.next = c.batch[d - 1];
    else if (b.batch[d - 1] != p.a.next * p.batches || a.batch[d - 1] != p.b.next * p.batches || c.batch[d - 1] != p.c.next * p.batches)
      break;
    p.batches *= batch[d - 1];
  }
  extent_t calls = 1;
  for (int i = 0; i < d; ++i) calls *= batch[i];
  if (m == 0 || n == 0 || p.batches == 0 || calls == 0) return true;
  if (p.batches > 0x7fffffff) return false;

  std::uintptr_t addresses = reinterpret_cast<std::uintptr_t>(a.base) | reinterpret_cast<std::uintptr_t>(b.base) |
                             reinterpret_cast<std::uintptr_t>(c.base) | reinterpret_cast<std::uintptr_t>(bias) | 256;
  const auto steps = [&](std::ptrdiff_t elements) { addresses |= static_cast<std::uintptr_t>(elements * bytes); };
  steps(p.a.next), steps(p.b.next), steps(p.c.next);
  for (int i = 0; i < d; ++i) steps(a.batch[i]), steps(b.batch[i]), steps(c.batch[i]);
  p.aligned = static_cast<std::uint32_t>(addresses & (~addresses + 1));
  p.device = current_device();
  blas_call* const call = blas_call_for(p);
  if (!call) return false;
  for (extent_t i = 0; i < calls; ++i) {
    std::ptrdiff_t at_a = 0, at_b = 0, at_c = 0;
    extent_t rest = i;
    for (int j = d; j-- > 0; rest /= batch[j]) {
      const extent_t index = rest % batch[j];
      at_a += index * a.batch[j], at_b += index * b.batch[j], at_c += index * c.batch[j];
    }
    call->run(b.base + at_b * bytes, a.base + at_a * bytes, const_cast<char*>(c.base) + at_c * bytes, bias, scratch);
  }
  return true;
}

}  // namespace detail
}  // namespace sinter::device
