// SPDX-License-Identifier: Apache-2.0
// Tensors of std::complex<float> (complex64) and std::complex<double> (complex128), and the functions complex, real, imag and conj.
// Opt-in, so that only those who compute with complex numbers include <complex>.
#pragma once

#include <complex>

#include <sinter/core/check.hpp>  // first: compilers print the path to a message
#include <sinter/ops/complex.hpp>
#include <sinter/sinter.hpp>

namespace sinter::detail {

// The standard lays both out as two numbers, the real part first.
template <> inline constexpr bool is_complex_element<std::complex<float>> = true;
template <> inline constexpr bool is_complex_element<std::complex<double>> = true;
template <> struct storage<dtype::complex64> { using type = std::complex<float>; };
template <> struct storage<dtype::complex128> { using type = std::complex<double>; };

}  // namespace sinter::detail
