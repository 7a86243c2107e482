// SPDX-License-Identifier: Apache-2.0
#include "judge.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <string_view>

namespace conformance {
namespace {

using sinter::dtype;
using sinter::extent_t;
using sinter::mlir::element_type;

// Floating-point numbers as integers whose differences are units in the last place, by the bits they are stored as.
template <class Bits> std::int64_t place(Bits bits) {
  constexpr Bits sign = static_cast<Bits>(Bits{1} << (8 * sizeof(Bits) - 1));
  const auto magnitude = static_cast<std::int64_t>(bits & static_cast<Bits>(~sign));
  return bits & sign ? -magnitude : magnitude;
}
template <class T, class Bits> Bits bits_of(T x) {
  static_assert(sizeof(T) == sizeof(Bits));
  Bits b;
  std::memcpy(&b, &x, sizeof b);
  return b;
}
std::uint64_t units_between(std::int64_t a, std::int64_t b) {
  return a > b ? static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b)
               : static_cast<std::uint64_t>(b) - static_cast<std::uint64_t>(a);
}
std::uint64_t units_narrow(sinter::small_float f, double a, double b) {
  using sinter::detail::encode;
  if (!sinter::detail::has_sign(f)) return units_between(encode(f, a), encode(f, b));
  const int sign = 1 << (sinter::detail::bits_of(f) - 1);
  const auto at = [&](double x) {
    const int bits = encode(f, x), magnitude = bits & (sign - 1);
    return std::int64_t{bits & sign ? -magnitude : magnitude};
  };
  return units_between(at(a), at(b));
}

outcome numbers(const check_op& check, double a, double b, std::uint64_t units, bool same_bits) {
  if (same_bits || (a != a && b != b)) return outcome::strict;
  if (check.kind == check_op::exact) return outcome::failed;
  if (a == b) return outcome::strict;
  const double difference = std::fabs(a - b);
  if (check.kind == check_op::absolute) return difference <= check.tolerance ? outcome::strict : outcome::failed;
  if (a != a || b != b || std::isinf(a) || std::isinf(b)) return outcome::failed;
  if (static_cast<double>(units) <= check.tolerance) return outcome::strict;
  return difference <= 1e-5 * std::fabs(b) ? outcome::relaxed : outcome::failed;
}

struct array {
  const check_op& check;
  const void *have, *want;
  extent_t count, parts;  // parts: of an element
  verdict& v;

  void note(extent_t i, outcome o, const char* shown_have, const char* shown_want) const {
    if (o <= v.result) return;
    v.result = o;
    std::snprintf(v.why, sizeof v.why, "element %lld of %lld is %s, expected %s", static_cast<long long>(i / parts),
                  static_cast<long long>(count / parts), shown_have, shown_want);
  }
  template <class T, class Bits> void floats() const {
    for (extent_t i = 0; i < count; ++i) {
      const T a = static_cast<const T*>(have)[i], b = static_cast<const T*>(want)[i];
      const double x = static_cast<double>(a), y = static_cast<double>(b);
      const bool narrow = is_narrow_float(check.element.kept);
      const std::uint64_t units = narrow ? units_narrow(format_of(check.element.kept), x, y)
                                         : units_between(place(bits_of<T, Bits>(a)), place(bits_of<T, Bits>(b)));
      const outcome o = numbers(check, x, y, units, bits_of<T, Bits>(a) == bits_of<T, Bits>(b));
      if (o <= v.result) continue;
      char s[2][60];
      std::snprintf(s[0], sizeof s[0], "%.17g", x);
      std::snprintf(s[1], sizeof s[1], "%.17g (%llu units)", y, static_cast<unsigned long long>(units));
      note(i, o, s[0], s[1]);
    }
  }
  template <class T> void integers() const {
    for (extent_t i = 0; i < count; ++i) {
      const T a = static_cast<const T*>(have)[i], b = static_cast<const T*>(want)[i];
      const double difference = a > b ? static_cast<double>(a) - static_cast<double>(b) : static_cast<double>(b) - static_cast<double>(a);
      if (a == b || (check.kind != check_op::exact && difference != 0 && difference <= check.tolerance)) continue;
      note(i, outcome::failed, std::to_string(a).c_str(), std::to_string(b).c_str());
    }
  }
};

}  // namespace

void compare(const check_op& check, const void* have, const void* want, extent_t count, verdict& v) {
  const dtype t = check.element.type;
  const bool complex = t == dtype::complex64 || t == dtype::complex128;
  const array a{check, have, want, complex ? 2 * count : count, complex ? 2 : 1, v};
  switch (t) {
    case dtype::complex64:
    case dtype::f32: return a.floats<float, std::uint32_t>();
    case dtype::complex128:
    case dtype::f64: return a.floats<double, std::uint64_t>();
    case dtype::f16: return a.floats<sinter::float16, std::uint16_t>();
    case dtype::bf16: return a.floats<sinter::bfloat16, std::uint16_t>();
    case dtype::boolean: return a.integers<bool>();
    case dtype::i8: return a.integers<std::int8_t>();
    case dtype::i16: return a.integers<std::int16_t>();
    case dtype::i32: return a.integers<std::int32_t>();
    case dtype::i64: return a.integers<std::int64_t>();
    case dtype::u8: return a.integers<std::uint8_t>();
    case dtype::u16: return a.integers<std::uint16_t>();
    case dtype::u32: return a.integers<std::uint32_t>();
    case dtype::u64: return a.integers<std::uint64_t>();
    default: return without_checks(v);
  }
}

namespace {
// Ops and types that are not static, not of one device, or of quantised numbers.
constexpr const char* out_of_scope[] = {
    "all_gather",
    "all_reduce",
    "all_to_all",
    "collective_broadcast",
    "collective_permute",
    "reduce_scatter",
    "partition_id",
    "replica_id",
    "cross-replica-sum",
    "infeed",
    "outfeed",
    "send",
    "recv",
    "run_parallel",
    "dynamic_reshape",
    "dynamic_iota",
    "dynamic_broadcast_in_dim",
    "dynamic_pad",
    "dynamic_gather",
    "dynamic_conv",
    "real_dynamic_slice",
    "get_dimension_size",
    "set_dimension_size",
    "uniform_quantize",
    "uniform_dequantize",
    "dynamic_top_k",
    "dynamic_erf_inv",
};
const char* use_out_of_scope(std::string_view t) {
  for (const char* dialect : {"stablehlo.", "interpreter.", "chlo.", "@stablehlo."})
    for (const char* op : out_of_scope) {
      const std::string name = std::string(dialect) + op;
      for (std::size_t at = t.find(name); at != t.npos; at = t.find(name, at + 1))
        if (!sinter::mlir::is_name(t[at + name.size()])) return op;
    }
  if (t.find("!quant.") != t.npos) return "quantised types";
  if (t.find("#stablehlo.bounds") != t.npos) return "dynamic shapes";
  for (std::size_t at = t.find("tensor<"); at != t.npos; at = t.find("tensor<", at + 1))
    if (t.substr(at, t.find_first_of(">,", at) - at).find('?') != t.npos) return "dynamic shapes";
  return nullptr;
}
}  // namespace

void refuse(text module, const sinter::mlir::diagnostic& failed, const char* rule, verdict& v) {
  if (const char* use = use_out_of_scope({module.at, static_cast<std::size_t>(module.size)})) {
    v.result = outcome::not_in_scope;
    std::snprintf(v.why, sizeof v.why, "%s", use);
    return;
  }
  v.result = outcome::failed;
  std::string why = sinter::mlir::message(module, failed);
  if (rule) {  // "... [with const sinter::rule* R = (& sinter::detail::x)]"
    std::string_view r = rule;
    r.remove_prefix(std::min(r.rfind("R = ") + 4, r.size()));
    r = r.substr(0, r.find(']'));
    const std::size_t colon = r.rfind(':');
    if (colon != r.npos) r.remove_prefix(colon + 1);
    why += "; the rule " + std::string(r.substr(0, r.find(')'))) + " is broken";
  }
  std::snprintf(v.why, sizeof v.why, "%s", why.c_str());
}
void without_checks(verdict& v) {
  v.result = outcome::failed;
  std::snprintf(v.why, sizeof v.why, "nothing is checked");
}

}  // namespace conformance
