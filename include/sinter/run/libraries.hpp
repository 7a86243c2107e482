// SPDX-License-Identifier: Apache-2.0
// Several libraries for one function.
#pragma once

#include <sinter/run/device_call.hpp>

namespace sinter {
namespace backend {
/// What each of these backends does, in one function: `f.on<backend::libraries<backend::cudnn, backend::cub>>()`.
template <class... Backends> struct libraries {};
}  // namespace backend

inline namespace SINTER_ISA {
namespace run {

template <class... B, fuse::schedule_value S> struct on_host<options<backend::libraries<B...>, S>> : on_host<options<default_backend, S>> {
};
template <class... B> inline constexpr unsigned device_flags<backend::libraries<B...>> = (for_device | ... | device_flags<B>);
template <class Place> struct place_for<backend::libraries<>, Place> { using type = Place; };
template <class First, class... B, class Place> struct place_for<backend::libraries<First, B...>, Place>
    : place_for<First, typename place_for<backend::libraries<B...>, Place>::type> {};

}  // namespace run
}  // namespace SINTER_ISA
}  // namespace sinter
