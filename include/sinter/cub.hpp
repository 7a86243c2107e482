// SPDX-License-Identifier: Apache-2.0
// Long sorts by CUB's radix sort, which is part of the CUDA toolkit, for functions that ask for it.
//
//   #include <sinter/cub.hpp>
//   constexpr auto sorted = sinter::fn([](auto x) { return sinter::sort(x); });
//   sorted.on<sinter::backend::cub>().into(dy, dx);
//
// One .cu file of the program has #include <sinter/cub_implementation.hpp>; with CMake, sinter_use_cuda_libraries(program cub) adds it. No
// GPU has run this yet.
#pragma once

#include <sinter/core/check.hpp>  // first: compilers print the path to a message
#include <sinter/cuda.hpp>
#include <sinter/ops/sort.hpp>
#include <sinter/run/cub.hpp>
