// SPDX-License-Identifier: Apache-2.0
// Times functions against this machine's limits: sinter::bench, sinter::measure, sinter::machine_limits.
#pragma once

#include <sinter/run/bench.hpp>
#include <sinter/sinter.hpp>
