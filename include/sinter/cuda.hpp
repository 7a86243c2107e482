// SPDX-License-Identifier: Apache-2.0
// sinter on NVIDIA GPUs: functions called with device tensors run there, as kernels that nvcc generates from the same graph and groups.
// Compiled by nvcc with -std=c++20 and no other flag.
//
//   #include <sinter/cuda.hpp>
//   constexpr auto dense = sinter::fn([](auto x, auto w, auto b) { return sinter::gelu(sinter::dot(x, w) + b); });
//   auto dx = sinter::device::to(x);                    // a device::tensor; dw, db likewise
//   auto dy = dense(dx, dw, db);                        // on the current stream; nothing waits
//   dense.into(dy, dx, dw, db);                         // from the second time on, one launch of a CUDA graph
//   sinter::tensor<float, 64, 3072> y = dy.to_host();   // waits
//
// Operands are device tensors and views (raw pointers), and numbers. Functions, structures of tensors, grad and vmap, loops and branches
// are those of the CPU. Results are those of the CPU, bit by bit, but for reductions, whose order is a GPU's: threads of a row or column
// first, then a tree; it depends on the reduced length and on the alignment of the arrays, never on timing.
// An element op, a reduction or a row program of the user's must be compiled for the device, too: mark its functions __host__ __device__
// (examples/19_cuda.cu); nvcc says "calling a __host__ function" where one is not. Halves are sinter::float16 and sinter::bfloat16.
// This header has the elementwise ops, reductions, views, products, gather and nn. Host calls of functions, derivatives and the other ops
// need sinter/sinter.hpp beside it, which takes nvcc longer, as do plan, explain and prepare. Memory shared with other array libraries:
// sinter/cuda_dlpack.hpp. The kernels on the host, for tests and debuggers: sinter::device::replay(f, y, x...).
// CUDA has functions of its own in the global namespace, ::all, ::norm and others: write sinter::all, and give your functors other names.
// Sorts are kernels; other library calls (linear algebra, fft) stay on the host. Loops of unknown length and branches wait for each
// decision. Errors: device_error with the call and the kernel's name; what a kernel does wrong is reported by a later call, which waits.
#pragma once

#if !defined(__CUDACC__)
#error "sinter: sinter/cuda.hpp holds kernels; compile this file with nvcc (name it .cu, or pass -x cu)"
#endif

#include <sinter/core/check.hpp>  // first: compilers print the path to a message
#include <sinter/cuda/pinned.hpp>
#include <sinter/ops/gather.hpp>
#include <sinter/ops/nn.hpp>
#include <sinter/run/device_launch.hpp>
