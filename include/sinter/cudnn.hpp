// SPDX-License-Identifier: Apache-2.0
// Convolutions by cuDNN and products by cuBLASLt, NVIDIA's libraries, for functions that ask for them. Needs cudnn.h and cublasLt.h; link
// with -lcudnn -lcublasLt, or, with CMake, sinter_use_cuda_libraries(program cudnn).
//
//   #include <sinter/cudnn.hpp>
//   constexpr auto layer = sinter::fn([](auto x, auto k, auto b) {
//     return sinter::relu(sinter::conv(x, k, sinter::same_padding, sinter::dimension_numbers<"NHWC", "OHWI", "NHWC">) + b);
//   });
//   layer.on<sinter::backend::cudnn>().into(dy, dx, dk, db);     // two launches: x is padded, then convolved with bias and relu
//
// All else of such a function is as without it: other groups, streams, graphs, scratch memory (32 MiB more). No GPU has run this yet.
#pragma once

#include <sinter/core/check.hpp>  // first: compilers print the path to a message
#include <sinter/cuda.hpp>
#include <sinter/ops/conv.hpp>
#include <sinter/run/cudnn.hpp>
