// SPDX-License-Identifier: Apache-2.0
// Nothing: CMake builds a precompiled header only beside a source file.
