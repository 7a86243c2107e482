// SPDX-License-Identifier: Apache-2.0
// The same network, trained by the same steps in Eigen, for its time.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fashion_mnist {

/// Seconds of one epoch over `images` images of 28x28 pixels: batches of 128 in their order, from small random weights.
double seconds_of_epoch_in_eigen(const std::uint8_t* pixels, const std::int32_t* labels, std::size_t images);

}  // namespace fashion_mnist
