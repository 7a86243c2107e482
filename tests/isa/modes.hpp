// SPDX-License-Identifier: Apache-2.0
// What each translation unit of the test of modes offers, by the value of SINTER_CHECKED that it was compiled with.
#pragma once

/// Sums of results: tensors, views and expressions, made and evaluated in this unit.
template <int Checked> double compute();
/// The same of an expression that the unit of the other mode made.
template <int Checked> double compute_what_the_other_made();
/// Whether an operand that this unit overwrote is noticed when it evaluates an expression that the other unit made.
template <int Checked> bool notices();
