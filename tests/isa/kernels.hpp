// SPDX-License-Identifier: Apache-2.0
// A header of kernels that exist once for each instruction set.
#pragma once

#include <cstdint>
#include <string>

#include <sinter/dispatch.hpp>

/// The name of the instruction set, and a digest of the bits of results of all kinds of kernels.
template <class Isa> std::string run_kernels(std::uint64_t& digest);
