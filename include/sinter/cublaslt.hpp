// SPDX-License-Identifier: Apache-2.0
// Products by cuBLASLt, NVIDIA's library, for functions that ask for it. Needs cublasLt.h; link with -lcublasLt, or, with
// CMake, sinter_use_cuda_libraries(program cublaslt).
//
//   #include <sinter/cublaslt.hpp>
//   constexpr auto dense = sinter::fn([](auto x, auto w, auto b) { return sinter::gelu_tanh(sinter::dot(x, w) + b); });
//   dense.on<sinter::backend::cublaslt>().into(dy, dx, dw, db);      // one launch: bias and GELU are an epilogue of the library
//
// All else of such a function is as without it: other groups, streams, graphs, scratch memory (32 MiB more).
#pragma once

#include <sinter/core/check.hpp>  // first: compilers print the path to a message
#include <sinter/cuda.hpp>
#include <sinter/run/cublaslt.hpp>
