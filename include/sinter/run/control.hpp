// SPDX-License-Identifier: Apache-2.0
// Loops and branches on the CPU.
#pragma once

#include <cstring>

#include <sinter/run/control_loop.hpp>
#include <sinter/run/launch.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace run {

template <class Backend, fuse::schedule_value Schedule> struct cpu_engine {
  static constexpr unsigned plans = 0;
  static constexpr bool remote = false;
  template <class Body> static void run(binding<Body>& x) {
    run_groups<Body, Backend, Schedule>(x, detail::make_int_list<Body::value.total.kernels>{});
  }
  template <class Body> static constexpr extent_t bytes(const binding<Body>& x) {
    return arena_bytes<Body, Backend, Schedule>(x, detail::make_int_list<Body::size.groups>{});
  }
  static void copy(void* to, const void* from, std::size_t bytes) { std::memcpy(to, from, bytes); }
  static bool read(const bool* flag) { return *flag; }
  static void write(std::int32_t* to, std::int32_t i) { *to = i; }
};
template <class Plan, int G, class Backend, fuse::schedule_value Schedule> struct control_group
    : control_loop<Plan, G, cpu_engine<Backend, Schedule>> {};

}  // namespace run
}  // namespace SINTER_ISA
}  // namespace sinter
