#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds everything, and runs every test, some of them under sanitizers too.   sh cmake/test.sh
set -u
cd "$(dirname "$0")/.." || exit 1
. cmake/install.sh
require g++ cmake ninja-build libhwy-dev libxsimd-dev libeigen3-dev doctest-dev libbenchmark-dev zlib1g-dev dataset-fashion-mnist
prefer ccache clang-19 python3-numpy g++-aarch64-linux-gnu qemu-user

jobs=$(nproc)
step "configuring build/test" build/test/configure.log cmake --preset ci
step "building build/test" build/test/build.log cmake --build --preset ci --parallel "$jobs"
step "configuring build/asan" build/asan/configure.log cmake --preset asan
step "building build/asan: the tests that run under sanitizers" build/asan/build.log cmake --build --preset asan --parallel "$jobs"

status=0
ctest --preset asan --parallel "$jobs" || status=1
ctest --preset ci --parallel "$jobs" || status=1
exit $status
