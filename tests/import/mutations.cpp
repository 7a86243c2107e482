// SPDX-License-Identifier: Apache-2.0
// Damaged modules at run time: each is a diagnostic or a sound graph. Under sanitizers this shows that no text reads or writes out of
// bounds.
#include <doctest/doctest.h>

#include <random>
#include <set>
#include <string>

#include "import/read_module.hpp"
#include "import/seeds.hpp"

using read_module::outcome;
using read_module::read;
using sinter::mlir::expected;

namespace {

// Deterministic: std::mt19937 gives the same numbers everywhere, its distributions do not.
class mutator {
 public:
  explicit mutator(unsigned seed) : random_(seed) {}
  std::string next() {
    std::string s = any_seed();
    for (int changes = 1 + below(3); changes > 0; --changes) change(s);
    return s;
  }

 private:
  std::mt19937 random_;
  int below(std::size_t n) { return static_cast<int>(random_() % n); }
  std::string any_seed() { return seeds[below(std::size(seeds))]; }
  void change(std::string& s) {
    static const char* const words[] = {"-1",
                                        "99999999999999999999",
                                        "0",
                                        "?",
                                        "tensor<",
                                        "%0#99999",
                                        "dense<",
                                        "{",
                                        "}",
                                        "[",
                                        ")",
                                        "\"",
                                        "x0x",
                                        "4611686018427387904",
                                        "i1",
                                        "f64",
                                        "complex<f32>",
                                        "stablehlo.",
                                        "^bb1:",
                                        "0x",
                                        "-9223372036854775808"};
    if (s.empty()) return;
    const auto at = static_cast<std::size_t>(below(s.size()));
    const auto length = static_cast<std::size_t>(1 + below(40));
    switch (below(9)) {
      case 0: s[at] = static_cast<char>(below(256)); break;
      case 1: s.erase(at, length); break;
      case 2: s.insert(at, s.substr(at, length)); break;
      case 3: s.resize(at); break;
      case 4: s.insert(at, words[below(std::size(words))]); break;
      case 5: s.replace(at, 1, words[below(std::size(words))]); break;
      case 6: {  // another digit
        const std::size_t digit = s.find_first_of("0123456789", at);
        if (digit != std::string::npos) s[digit] = static_cast<char>('0' + below(10));
        break;
      }
      case 7: {  // a line goes, or stands twice
        const std::size_t begin = s.rfind('\n', at) + 1, end = s.find('\n', at);
        const std::string line = s.substr(begin, end == std::string::npos ? end : end - begin + 1);
        if (below(2)) s.erase(begin, line.size());
        else s.insert(begin, line);
        break;
      }
      default: {  // a part of another module
        const std::string other = any_seed();
        s.insert(at, other.substr(static_cast<std::size_t>(below(other.size())), 3 * length));
      }
    }
  }
};

// The text is wrong in one way; what that is said to be.
expected of(const std::string& s) {
  const outcome o = read(s);
  CHECK(o.unsound == nullptr);
  if (o.failed) {
    CHECK(o.failed.at >= 0);
    CHECK(o.failed.at <= static_cast<int>(s.size()));
    CHECK(o.failed.end >= o.failed.at);
    CHECK(sinter::mlir::rule_of(o.failed.what) != nullptr);
    CHECK(message({s.c_str(), static_cast<int>(s.size())}, o.failed).size() > 8);
  }
  return o.failed.what;
}
std::string repeated(const std::string& s, int n) {
  std::string all;
  for (int i = 0; i < n; ++i) all += s;
  return all;
}
// A function of %x: tensor<4xf32> and %i: tensor<i32> with these ops.
std::string with(const std::string& ops) {
  return "func.func @main(%x: tensor<4xf32>, %i: tensor<i32>) -> tensor<4xf32> {\n" + ops + "\nreturn %x : tensor<4xf32>\n}\n";
}

}  // namespace

TEST_CASE("seeds are sound, whole and in slices") {
  for (const char* s : seeds) {
    const outcome whole = read(s), parts = read(s, 50);
    CHECK_FALSE(whole.failed);
    CHECK(whole.unsound == nullptr);
    CHECK(whole.results > 0);
    CHECK(parts.nodes == whole.nodes);
    CHECK(parts.results == whole.results);
  }
}
TEST_CASE("a damaged module is a diagnostic or a sound graph") {
  mutator next(1);
  int good = 0, bad = 0;
  std::set<expected> kinds;
  for (int i = 0; i < 2000; ++i) {
    const std::string s = next.next();
    const outcome o = read(s);
    if (o.unsound) CHECK_MESSAGE(o.unsound == nullptr, s);
    if (o.failed) ++bad, kinds.insert(o.failed.what);
    else ++good;
    if (o.failed && (o.failed.at < 0 || o.failed.at > static_cast<int>(s.size()) || o.failed.end < o.failed.at)) CHECK_MESSAGE(false, s);
    const outcome parts = read(s, 200);
    if (parts.failed.what != o.failed.what || parts.failed.at != o.failed.at || parts.nodes != o.nodes) CHECK_MESSAGE(false, s);
  }
  CHECK(good > 100);
  CHECK(bad > 1000);
  CHECK(kinds.size() > 20);
}
TEST_CASE("text that ends too soon") {
  for (const char* seed : {seeds[0], seeds[3], seeds[5]})
    for (std::size_t n = 0; n < std::string(seed).size(); ++n) {
      const outcome o = read(std::string(seed).substr(0, n));
      CHECK(o.unsound == nullptr);
    }
  CHECK(of("") == expected::module_or_function);
  CHECK(of("module {") == expected::closing_brace);
  CHECK(of("func.func @main(") != expected::nothing);
  CHECK(of(with("%0 = stablehlo.constant dense<\"0x00 : tensor<4xf32>")) != expected::nothing);
}
TEST_CASE("brackets, nesting and zeros") {
  CHECK(of(std::string("func.func @f() {\0 return }", 26)) == expected::text_without_zero);
  CHECK(of(with("%0 = stablehlo.add " + repeated("(", 5000))) != expected::nothing);
  CHECK(of(with("%0 = stablehlo.constant dense<" + repeated("[", 3000) + "1" + repeated("]", 3000) + "> : tensor<1xf32>")) ==
        expected::closing_bracket);
  const std::string open = "\"stablehlo.if\"(%p) ({\n", close = "}) : (tensor<i1>) -> ()\n";
  CHECK(of("func.func @main(%p: tensor<i1>) {\n" + repeated(open, 40) + repeated(close, 40) + "return\n}") == expected::less_nesting);
  CHECK(of(repeated("module {\n", 100)) == expected::less_nesting);
  CHECK(of("func.func @f() { ^bb1: return }") == expected::one_block);
}
TEST_CASE("numbers that do not fit") {
  CHECK(of(with("%0 = stablehlo.constant dense<99999999999999999999> : tensor<i64>")) == expected::number);
  CHECK(of(with("%0 = stablehlo.constant dense<[1, 99999999999999999999]> : tensor<2xi64>")) == expected::number);
  CHECK(of(with("%0 = stablehlo.constant dense<1.5> : tensor<i32>")) == expected::integer);
  CHECK(of(with("%0 = stablehlo.constant dense<[1, 2, 3]> : tensor<2xi32>")) == expected::number);
  CHECK(of(with("%0 = stablehlo.constant dense<[1]> : tensor<2xi32>")) == expected::literal);
  CHECK(of(with("%0 = stablehlo.constant dense<\"0x123\"> : tensor<2xi32>")) == expected::literal);
  CHECK(of(with("%0 = stablehlo.constant dense<\"0x0000000g\"> : tensor<1xi32>")) == expected::literal);
  CHECK(of(with("%0 = stablehlo.constant dense<[1, x]> : tensor<2xi32>")) == expected::number);
  CHECK(of(with("%0 = stablehlo.constant dense<\"0xFF\"> : tensor<16777217xui8>")) == expected::fewer_constants);
  CHECK(of(with("%0 = stablehlo.constant dense<1.0> : tensor<281474976710657xf32>")) == expected::shape);
  CHECK(of(with("%0 = stablehlo.constant dense<1.0> : tensor<16777216x16777216x2xf32>")) == expected::same_shapes);
  CHECK(of(with("%0 = stablehlo.constant dense<1.0> : tensor<1x1x1x1x1x1x1x1x1xf32>")) == expected::shape);
  CHECK(of(with("%0 = stablehlo.constant dense<1.0> : tensor<99999999999999999999xf32>")) == expected::shape);
  CHECK(of(with("%0 = stablehlo.constant dense<> : tensor<0x3xf32>")) == expected::nothing);
  CHECK(of(with("%0 = stablehlo.slice %x [0:9223372036854775808] : (tensor<4xf32>) -> tensor<4xf32>")) != expected::nothing);
  CHECK(of(with("%0 = stablehlo.slice %x [0:4:9999999999] : (tensor<4xf32>) -> tensor<1xf32>")) == expected::nothing);
  CHECK(of(with("%0 = stablehlo.slice %x [-1:4] : (tensor<4xf32>) -> tensor<5xf32>")) == expected::shape);
  CHECK(of(with("%z = stablehlo.constant dense<0.0> : tensor<f32>\n%0 = stablehlo.pad %x, %z, low = [9223372036854775807], high = [1], "
                "interior = [281474976710656] : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>")) == expected::integers);
  CHECK(of(with("%z = stablehlo.constant dense<0.0> : tensor<f32>\n%0 = stablehlo.pad %x, %z, low = [0], high = [1], "
                "interior = [281474976710656] : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>")) != expected::nothing);
}
TEST_CASE("names") {
  CHECK(of(with("%0 = stablehlo.add %y, %y : tensor<4xf32>")) == expected::defined_value);
  CHECK(of(with("%0 = stablehlo.add %x#99999, %x : tensor<4xf32>")) == expected::result_number);
  CHECK(of(with("%0 = stablehlo.add %x#999999999999, %x : tensor<4xf32>")) == expected::integer);
  CHECK(of(with("%0 = stablehlo.add %x, %x : tensor<4xf32>\n%0 = stablehlo.add %x, %x : tensor<4xf32>")) == expected::unique_name);
  CHECK(of(with("%0:3 = stablehlo.add %x, %x : tensor<4xf32>\n%1 = stablehlo.add %0#2, %x : tensor<4xf32>")) != expected::nothing);
  CHECK(of("func.func @main(%x: tensor<f32>, %x: tensor<f32>) { return }") == expected::unique_name);
  CHECK(of(with("%0 = call @nowhere(%x) : (tensor<4xf32>) -> tensor<4xf32>")) == expected::defined_function);
  CHECK(of(with("%0 = call @main(%x, %i) : (tensor<4xf32>, tensor<i32>) -> tensor<4xf32>")) == expected::no_recursion);
  CHECK(of(with("%0 = call @main(%x) : (tensor<4xf32>) -> tensor<4xf32>")) == expected::operands);
  CHECK(of(with("%0 = stablehlo.nothing %x : tensor<4xf32>")) == expected::known_op);
  CHECK(of(with("%0 = tosa.add %x, %x : tensor<4xf32>")) == expected::known_dialect);
  CHECK(of(with("%0 = \"stablehlo.all_reduce\"(%x) : (tensor<4xf32>) -> tensor<4xf32>")) == expected::one_device);
  CHECK(of(with("%0 = stablehlo.dynamic_reshape %x, %i : (tensor<4xf32>, tensor<i32>) -> tensor<4xf32>")) == expected::static_shape);
  CHECK(of(with("%0 = stablehlo.uniform_quantize %x : (tensor<4xf32>) -> tensor<4xf32>")) == expected::unquantised_type);
  CHECK(of(with("%0 = stablehlo.add %x, %x : tensor<4x!quant.uniform<i8:f32, 0.1>>")) == expected::unquantised_type);
  CHECK(of(with("%0 = stablehlo.add %x, %x : tensor<?xf32>")) == expected::static_shape);
  CHECK(of("func.func @main(%x: tuple<tensor<f32>>) { return }") == expected::supported_type);
}
TEST_CASE("operands, attributes and regions of ops") {
  CHECK(of(with("%0 = stablehlo.add %x : tensor<4xf32>")) == expected::operands);
  CHECK(of(with("%0 = stablehlo.add %x, %x, %x : tensor<4xf32>")) == expected::operands);
  CHECK(of(with("%0 = stablehlo.sine %x, %x : tensor<4xf32>")) == expected::operands);
  CHECK(of(with("%0 = stablehlo.add %x, %i : (tensor<4xf32>, tensor<i32>) -> tensor<4xf32>")) == expected::same_shapes);
  CHECK(of(with("%0 = stablehlo.add %x, %x : tensor<3xf32>")) == expected::declared_type);
  CHECK(of(with("%0 = stablehlo.compare XX, %x, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>")) == expected::direction);
  CHECK(of(with("%0 = stablehlo.reduce_precision %x, format = e99999999m1 : tensor<4xf32>")) == expected::format);
  CHECK(of(with("%0 = stablehlo.transpose %x, dims = [7] : (tensor<4xf32>) -> tensor<4xf32>")) != expected::nothing);
  CHECK(of(with("%0 = stablehlo.transpose %x, dims = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0] : (tensor<4xf32>) -> tensor<4xf32>")) ==
        expected::integers);
  CHECK(of(with("%0 = stablehlo.transpose %x, dims = \"a\" : (tensor<4xf32>) -> tensor<4xf32>")) == expected::integers);
  CHECK(of(with("%0 = stablehlo.broadcast_in_dim %x, dims = [4294967296] : (tensor<4xf32>) -> tensor<4xf32>")) != expected::nothing);
  CHECK(of(with("%0 = stablehlo.iota dim = 4294967296 : tensor<4xi32>")) == expected::integer);
  CHECK(of(with("%0 = \"stablehlo.if\"(%i) ({ \"stablehlo.return\"() : () -> () }, { \"stablehlo.return\"() : () -> () }) : (tensor<i32>) "
                "-> ()")) == expected::same_shapes);
  CHECK(of(with("%0 = \"stablehlo.case\"(%i) : (tensor<i32>) -> tensor<4xf32>")) == expected::region);
  CHECK(of(with("%0 = \"stablehlo.reduce\"(%x, %i) : (tensor<4xf32>, tensor<i32>) -> tensor<f32>")) == expected::region);
  CHECK(of(with("%0 = \"stablehlo.map\"(%x) ({\n^bb0(%a: tensor<f32>, %b: tensor<f32>):\nstablehlo.return %a : tensor<f32>\n}) : "
                "(tensor<4xf32>) -> "
                "tensor<4xf32>")) == expected::operands);
  CHECK(of(with("%0 = \"stablehlo.map\"(%x) ({\n^bb0(%a: tensor<f32>):\n}) : (tensor<4xf32>) -> tensor<4xf32>")) == expected::results);
  CHECK(of(with("%0 = stablehlo.while(%a = %x) : tensor<4xf32> cond { stablehlo.return %a : tensor<4xf32> } do { stablehlo.return %a : "
                "tensor<4xf32> }")) == expected::same_shapes);
  CHECK(of(with("%0 = stablehlo.custom_call @unknown(%x) : (tensor<4xf32>) -> tensor<4xf32>")) == expected::function_to_call);
  CHECK(of(with("%0 = stablehlo.concatenate " + repeated("%x, ", 999) + "%x, dim = 0 : (" + repeated("tensor<4xf32>, ", 999) +
                "tensor<4xf32>) -> tensor<4000xf32>")) == expected::nothing);
  CHECK(of(with("%0 = stablehlo.add " + repeated("%x, ", 5000) + "%x : tensor<4xf32>")) == expected::operands);
}
TEST_CASE("functions that multiply are bounded") {
  std::string s = with("%0 = call @f0(%x) : (tensor<4xf32>) -> tensor<4xf32>");
  for (int k = 0; k < 40; ++k) {
    const std::string next = k < 39 ? "call @f" + std::to_string(k + 1) + "(" : "func.call @g(";
    s += "func.func private @f" + std::to_string(k) + "(%x: tensor<4xf32>) -> tensor<4xf32> {\n%0 = " + next +
         "%x) : (tensor<4xf32>) -> tensor<4xf32>\n%1 = " + next + "%0) : (tensor<4xf32>) -> tensor<4xf32>\nreturn %1 : tensor<4xf32>\n}\n";
  }
  s += "func.func private @g(%x: tensor<4xf32>) -> tensor<4xf32> { return %x : tensor<4xf32> }\n";
  CHECK(of(s) == expected::fewer_ops);
}
TEST_CASE("loops are bounded") {
  const auto loops = [](int n) {
    std::string s = "%p0 = stablehlo.add %x, %x : tensor<4xf32>\n%c = stablehlo.constant dense<5> : tensor<i32>\n";
    for (int k = 0; k < n; ++k) {
      const std::string number = std::to_string(k);
      s += "%a" + number + ":2 = stablehlo.while(%j = %i, %y = %p" + number +
           ") : tensor<i32>, tensor<4xf32> cond { %q = stablehlo.compare LT, %j, %c : (tensor<i32>, tensor<i32>) -> tensor<i1>\n"
           "stablehlo.return %q : tensor<i1> } do { %q = stablehlo.add %j, %j : tensor<i32>\n%w = stablehlo.sine %y : tensor<4xf32>\n"
           "stablehlo.return %q, %w : tensor<i32>, tensor<4xf32> }\n%p" +
           std::to_string(k + 1) + " = stablehlo.negate %a" + number + "#1 : tensor<4xf32>\n";
    }
    return "func.func @main(%x: tensor<4xf32>, %i: tensor<i32>) -> tensor<4xf32> {\n" + s + "return %p" + std::to_string(n) +
           " : tensor<4xf32>\n}\n";
  };
  CHECK(of(loops(64)) == expected::nothing);
  CHECK(of(loops(65)) == expected::fewer_loops);
}
