// SPDX-License-Identifier: Apache-2.0
// Device memory shared with other array libraries through DLPack: sinter::to_dlpack of device tensors, sinter::from_dlpack to device views.
#pragma once

#include <sinter/cuda.hpp>
#include <sinter/interop/cuda_dlpack.hpp>
