#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds the demo, and trains and evaluates a classifier on Fashion-MNIST.   sh cmake/demo.sh
set -u
cd "$(dirname "$0")/.." || exit 1
. cmake/install.sh
require g++ cmake ninja-build libhwy-dev zlib1g-dev dataset-fashion-mnist
# What the tests and benchmarks need too; the demo does without.
prefer libxsimd-dev libeigen3-dev doctest-dev libbenchmark-dev

build=build/demo
step "configuring $build" $build/configure.log cmake -S . -B $build -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER=g++ \
  -DCMAKE_CXX_FLAGS_RELEASE="-O2 -DNDEBUG" -DCMAKE_CXX_FLAGS=-march=native -DSINTER_TESTS=OFF -DSINTER_BENCH=OFF
step "compiling the network into fused kernels" $build/build.log cmake --build $build --target fashion_mnist
exec $build/examples/fashion_mnist /usr/share/datasets/fashion-mnist $build
