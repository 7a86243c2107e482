// SPDX-License-Identifier: Apache-2.0
// The names of an aggregate's fields, read from how compilers print the address of one. Only names that stand in files and messages are
// taken from here: what is computed never depends on them.
#pragma once

#include <string_view>

#include <sinter/graph/fields.hpp>

namespace sinter::detail {

// An object that is never made: only its fields' addresses are looked at.
template <class T> union never_made {
  char nothing;
  T value;
  constexpr never_made() : nothing() {}
  constexpr ~never_made() {}
};
template <class T> inline never_made<T> example_of;
template <class T, int I> constexpr auto address_of_field() {
  const auto fields = fields_of(example_of<T>.value);
  return &std::get<static_cast<std::size_t>(I)>(fields);
}
template <class P> struct field_address { P address; };
template <class P> field_address(P) -> field_address<P>;
// g++: ... (& example_of<T>.never_made<T>::value.T::name)}]   clang: ... &example_of.value.name}]
template <auto Address> constexpr auto printed_field() { return std::string_view(__PRETTY_FUNCTION__); }

/// The name of field I of T: `field_name<point, 0>()` is "x" of `struct point { tensor<float> x, y; }`.
template <class T, int I> constexpr std::string_view field_name() {
  constexpr std::string_view text = printed_field<field_address{address_of_field<T, I>()}>();
  constexpr std::size_t last = text.find_last_not_of(")}]");
  constexpr std::size_t before = text.find_last_of(".:& (", last);
  static_assert(last != text.npos && before < last, "sinter: this compiler does not print the names of fields; g++ 12 and clang 14 do");
  return text.substr(before + 1, last - before);
}

}  // namespace sinter::detail
