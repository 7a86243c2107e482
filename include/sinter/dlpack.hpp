// SPDX-License-Identifier: Apache-2.0
// Memory shared with other array libraries through DLPack: sinter::to_dlpack, sinter::from_dlpack.
#pragma once

#include <sinter/interop/dlpack.hpp>
#include <sinter/sinter.hpp>
