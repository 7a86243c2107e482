// SPDX-License-Identifier: Apache-2.0
// StableHLO modules as functions.
#pragma once

#include <sinter/sinter.hpp>
// In this order compilers name few files where a module breaks a rule.
#include <sinter/import/stablehlo_rules.hpp>

#include <sinter/import/stablehlo.hpp>
