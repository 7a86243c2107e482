// SPDX-License-Identifier: Apache-2.0
// Contiguous ranges as views: sinter::as_view.
#pragma once

#include <sinter/interop/range.hpp>
#include <sinter/sinter.hpp>
