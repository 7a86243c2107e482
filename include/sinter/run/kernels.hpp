// SPDX-License-Identifier: Apache-2.0
// Which kernel runs a group, and what memory it needs besides its operands.
#pragma once

#include <sinter/run/binding.hpp>
#include <sinter/simd/columns.hpp>
#include <sinter/simd/rows.hpp>
#include <sinter/simd/rows_user.hpp>

namespace sinter {
inline namespace SINTER_ISA {
namespace run {

constexpr extent_t static_or_open(extent_t e) { return graph::is_symbol(e) ? -1 : e; }

// The code that a key names, in place of that of one group.
template <class Key> struct code_of_key {
  static constexpr auto value = code_of(Key{});
  static constexpr fuse::code_size size = value.size;
};

// The bytes of row buffers that group G needs.
template <class Code> constexpr extent_t buffer_bytes(extent_t inner, extent_t loop) {
  return Code::value.buffers == 0 ? 0
                                  : (Code::value.kind == group_kind::columns ? loop * fuse::lanes : inner + fuse::lanes) * 8 *
                                        Code::value.buffers * (Code::value.pairs ? 2 : 1);
}

template <group_kind Kind, class Key, class Backend> struct kernel_for { using type = simd::rows_kernel<Key, Backend>; };
template <class Key, class Backend> struct kernel_for<group_kind::columns, Key, Backend> {
  using type = simd::columns_kernel<Key, Backend>;
};
template <class Key, class Backend> struct kernel_for<group_kind::row_call, Key, Backend> {
  using type = simd::user_rows_kernel<Key, Backend>;
};
template <group_kind Kind, class Key, class Backend> using kernel_of = typename kernel_for<Kind, Key, Backend>::type;

}  // namespace run
}  // namespace SINTER_ISA
}  // namespace sinter
