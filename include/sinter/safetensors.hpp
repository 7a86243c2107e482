// SPDX-License-Identifier: Apache-2.0
// .safetensors files: sinter::safetensors_file, sinter::safetensors_writer, sinter::save_safetensors,
// sinter::load_safetensors.
#pragma once

#include <sinter/interop/safetensors.hpp>
#include <sinter/sinter.hpp>
