// SPDX-License-Identifier: Apache-2.0
// Data files of modules that sinter_add_stablehlo embeds.
#pragma once

#include <sinter/import/module_data.hpp>
