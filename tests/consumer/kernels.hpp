// SPDX-License-Identifier: Apache-2.0
// A kernel that exists once for each instruction set.
#pragma once

#include <sinter/sinter.hpp>

template <class Isa> void add(sinter::view<float, 4> c, sinter::view<const float, 4> a, sinter::view<const float, 4> b);
