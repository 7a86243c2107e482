// SPDX-License-Identifier: Apache-2.0
// Memory of other libraries: a std::vector, what another library exports through DLPack, a file of NumPy's. Nothing is copied but
// to and from the file.
#include <cstdio>
#include <iostream>
#include <vector>

#include <sinter/dlpack.hpp>
#include <sinter/npy.hpp>
#include <sinter/ranges.hpp>

constexpr auto centred = sinter::fn([](auto x) { return x - sinter::mean(x, sinter::axis<1>, sinter::keepdims); });

int main() {
  using sinter::dyn;

  // A vector as a matrix of three columns; the function writes into a second one.
  std::vector<float> samples = {1, 2, 3, 4, 6, 8, 0, 0, 3}, result(samples.size());
  const auto x = sinter::as_view<dyn, 3>(samples);
  centred.into(sinter::as_view<dyn, 3>(result), x);
  std::cout << sinter::as_view<dyn, 3>(result) << '\n';

  // What a library such as NumPy or PyTorch receives and gives: a pointer with its own deleter.
  sinter::tensor<double, dyn, 2> owned(60);
  owned.fill(0.25);
  const sinter::dlpack_owner shared = sinter::to_dlpack(owned);
  auto seen = sinter::from_dlpack<sinter::view<double, dyn, 2>>(shared->dl_tensor);
  seen = seen * 2;
  std::cout << owned(59, 1) << '\n';

  // numpy.load reads the file, numpy.save writes such ones.
  sinter::save_npy("samples.npy", sinter::transpose(x));
  std::cout << sinter::load_npy<sinter::tensor<float, 3, dyn>>("samples.npy") << '\n';
  try {
    (void)sinter::load_npy<sinter::tensor<double, 3, 3>>("samples.npy");
  } catch (const sinter::io_error& e) {
    std::cout << e.what() << '\n';
  }
  std::remove("samples.npy");
}

// Output:
// [[-1,  0,  1],
//  [-2,  0,  2],
//  [-1, -1,  2]]
// 0.5
// [[1, 4, 0],
//  [2, 6, 0],
//  [3, 8, 3]]
// samples.npy: holds elements of type f4; expected f8: load that type and cast it
