// SPDX-License-Identifier: Apache-2.0
// mdspan as views and back: sinter::from_mdspan, sinter::as_mdspan.
#pragma once

#include <sinter/interop/mdspan.hpp>
#include <sinter/sinter.hpp>
