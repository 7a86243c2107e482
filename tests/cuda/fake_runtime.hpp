// SPDX-License-Identifier: Apache-2.0
// A CUDA runtime of the host alone, for tests of what sinter asks of the real one: memory is the host's, and what is put into a stream
// waits there until somebody waits for it, so that an order that nobody asked for is not there. No kernels but those of `launch`.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <cuda_runtime_api.h>

namespace fake {

/// As at the start of a process, with two devices. Blocks that were freed are kept, poisoned, until then.
void reset();
/// The n-th call from now on, counted from 1, fails; 0: none. What destroys something does it nevertheless, and a wait that
/// fails drops what it waits for, as when a kernel has ended the context.
void fail(int n, cudaError_t e = cudaErrorMemoryAllocation);
/// The calls since reset, by name, in order; cudaGetLastError, which cannot fail, is not among them.
const std::vector<std::string>& calls();
int count(const std::string& call);
/// What is alive: blocks, pinned blocks, streams, events, graphs and executable graphs. Their sum.
int alive();
int blocks();
/// Whether an address lies in a block that is alive, and the device of the block, or -1.
int device_of(const void* p);
/// Puts a kernel into a stream, or into the graph that the stream records.
void launch(cudaStream_t stream, std::function<void()> kernel);
/// What cudaGetLastError would report.
cudaError_t last_error();
/// What the pools were told to keep.
unsigned long long& threshold();

}  // namespace fake
