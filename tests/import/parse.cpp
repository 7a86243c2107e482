// SPDX-License-Identifier: Apache-2.0
// The parser and the linker, at run time and in constant evaluation; and what they say of text that is wrong: line, column, and what stands
// there.
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <sinter/import/stablehlo_data.hpp>
#include <sinter/import/stablehlo_message.hpp>

namespace {

using namespace sinter::mlir;

text text_in(const std::string& s) { return {s.c_str(), static_cast<int>(s.size())}; }

// What is wrong with a module's text, as a message; empty: nothing.
std::string wrong(const std::string& s, int slice = 1 << 20) {
  const text t = text_in(s);
  parsed p;
  parse_state at;
  while (!at.done && !p.failed) at = parser(t, at, p).run(slice);
  if (p.failed) return message(t, p.failed);
  linker l(t, p.size());
  if (p.ops.size() > 0) l.add(p.ops.data(), p.uses.data(), p.definitions.data(), p.size());
  return l.failed ? message(t, l.failed) : "";
}
std::string in_function(const std::string& body) { return "func.func @f(%a: tensor<2xf32>) -> tensor<2xf32> {\n  " + body + "\n}\n"; }

struct small {
  static constexpr char value[] = R"(// comment
func.func @f(%a: tensor<2xf32>, %b: tensor<2xf32>) -> tensor<2xf32> {
  %0:2 = "stablehlo.sort"(%a, %b) ({
  ^bb0(%c: tensor<f32>, %d: tensor<f32>, %e: tensor<f32>, %f: tensor<f32>):
    %1 = stablehlo.compare LT, %c, %d : (tensor<f32>, tensor<f32>) -> tensor<i1>
    stablehlo.return %1 : tensor<i1>
  }) {dimension = 0 : i64} : (tensor<2xf32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>)
  %2 = stablehlo.add %0#1, %b : tensor<2xf32>
  return %2 : tensor<2xf32>
})";
};

}  // namespace

TEST_CASE("characters, names, strings and groups are found") {
  static constexpr char s[] = R"(a.b-c$1->x "q\"u" // no ) here
 (1, [2, {3 -> "]"}], <4>) z)";
  static constexpr text t{s, sizeof s - 1};
  static_assert(skip_name(t, 0) == 7);  // an arrow is no name
  static_assert(skip_string(t, 11) == 17);
  static_assert(scan(t, 0, "\n") == 30);
  static_assert(scan(t, 0, "#") == t.size);
  static_assert(skip_space(t, 18) == 32);
  static_assert(skip_group(t, 32) == 57);
  static_assert(position_of(t, 32).line == 2 && position_of(t, 32).column == 2);
  static_assert(skip_space(text{"//", 2}, 0) == 2);
  CHECK(skip_group(t, 32) == 57);
  const std::string open = "(1, [2)";
  CHECK(skip_group(text_in(open), 0) == 7);  // to the end, where brackets do not match
}

TEST_CASE("records of a module") {
  using stage = link_stage<small>;
  static_assert(!stage::value.failed);
  constexpr module_view m = module_of<small>;
  static_assert(m.size.ops == 10);
  static_assert(m.ops[0].kind == op_kind::function_begin && m.ops[0].match == 9 && m.ops[0].results == 2);
  static_assert(m.ops[1].kind == op_kind::sort && m.ops[1].operands == 2 && m.ops[1].results == 2 && m.ops[1].match == 6);
  static_assert(m.ops[2].kind == op_kind::region_begin && m.ops[2].results == 4 && m.ops[2].match == 5);
  static_assert(m.ops[7].kind == op_kind::add);
  static_assert(m.operand[m.ops[7].first_operand] == m.ops[1].first_result + 1);
  static_assert(m.operand[m.ops[7].first_operand + 1] == m.ops[0].first_result + 1);
  static_assert(kind_of(m.source, m.ops[7].name) == op_kind::add);
}

TEST_CASE("slices of any length give the same records") {
  const std::string s(small::value);
  const text t = text_in(s);
  parsed once;
  static_cast<void>(parser(t, {}, once).run(1 << 20));
  for (const int slice : {1, 7, 100}) {
    parsed p;
    parse_state at;
    int steps = 0;
    for (; !at.done && !p.failed; ++steps) at = parser(t, at, p).run(slice);
    CHECK(steps > 1);
    CHECK(p.size() == once.size());
    REQUIRE(p.ops.size() == once.ops.size());
    for (int i = 0; i < p.ops.size(); ++i) {
      CHECK(p.ops[i].kind == once.ops[i].kind);
      CHECK(p.ops[i].end == once.ops[i].end);
    }
  }
  CHECK(wrong(s) == "");
  CHECK(wrong(s, 3) == "");
}

TEST_CASE("types and attributes are read where they stand") {
  const std::string s =
      R"("a"(%x) <{n = 3 : i64, list = [1, -2], d = dense<[[0, 1], [2, 3]]> : tensor<2x2xi64>, s = dense<7> : tensor<2xi64>, a = array<i64: 4, 5>, e = #stablehlo<transpose ADJOINT>, t = true}> : (tensor<3x?xf32>) -> tensor<4x!x>)";
  const text t = text_in(s);
  reader r(t);
  const int begin = 7;
  sinter::extent_t n[8] = {};
  CHECK(r.integer(r.attribute(begin, t.size, "n"), -1) == 3);
  CHECK(r.integer(r.attribute(begin, t.size, "absent"), -1) == -1);
  CHECK(r.integers(r.attribute(begin, t.size, "list"), n, 8) == 2);
  CHECK(n[1] == -2);
  CHECK(r.integers(r.attribute(begin, t.size, "d"), n, 8) == 4);
  CHECK(n[3] == 3);
  CHECK(r.integers(r.attribute(begin, t.size, "s"), n, 8) == 2);
  CHECK(n[1] == 7);
  CHECK(r.integers(r.attribute(begin, t.size, "a"), n, 8) == 2);
  CHECK(n[0] == 4);
  CHECK(r.names(r.attribute(begin, t.size, "e"), "ADJOINT"));
  CHECK(!r.names(r.attribute(begin, t.size, "e"), "TRANSPOSE"));
  CHECK(r.flag(r.attribute(begin, t.size, "t"), false));
  CHECK(!r.failed);
  int at = static_cast<int>(s.find("tensor<3x"));
  static_cast<void>(r.type(at));
  CHECK(r.failed.what == expected::static_shape);
  reader other(t);
  at = static_cast<int>(s.find("tensor<4x"));
  static_cast<void>(other.type(at));
  CHECK(other.failed.what == expected::element_type);
}

TEST_CASE("types") {
  const auto type_of = [](const char* s) {
    reader r(text{s, static_cast<int>(std::char_traits<char>::length(s))});
    int at = 0;
    const tensor_type t = r.type(at);
    CHECK(!r.failed);
    CHECK(s[at] == '\0');
    return t;
  };
  CHECK(type_of("tensor<f32>").extents.rank == 0);
  CHECK(type_of("tensor<2x0x3xbf16>").extents == sinter::shape<>(2, 0, 3));
  CHECK(type_of("tensor<2xcomplex<f64>>").element.type == sinter::dtype::complex128);
  CHECK(type_of("tensor<2xui4>").element == element_type{sinter::dtype::u8, narrow::u4});
  CHECK(type_of("tensor<2x3xf8E5M2FNUZ>").element == element_type{sinter::dtype::f32, narrow::f8e5m2fnuz});
  CHECK(type_of("tensor<2xsi64>").element.type == sinter::dtype::i64);
  CHECK(type_of("tensor<2x3xf32, dense<[0, 1]> : tensor<2xindex>>").extents.rank == 2);  // a layout
  CHECK(type_of("!stablehlo.token").kind == tensor_type::token);
  CHECK(type_of("tuple<tensor<f32>, tuple<>>").kind == tensor_type::tuple);
}

TEST_CASE("text that is wrong") {
  CHECK(wrong("") == "");
  CHECK(wrong("x") == "1:1: expected an op of StableHLO or CHLO that sinter knows at 'x'");
  CHECK(wrong("%0 = 1") == "1:1: expected a module or a function at '%0 = 1'");
  CHECK(wrong(in_function("%0 = stablehlo.ad %a : tensor<2xf32>")) ==
        "2:8: expected an op of StableHLO or CHLO that sinter knows at 'stablehlo.ad %a : tensor<2xf32>'");
  CHECK(wrong(in_function("%0 = stablehlo.add %a, %b : tensor<2xf32>")) == "2:27: expected a value that is defined above at 'b'");
  CHECK(wrong(in_function("%0 = stablehlo.add %a, %a#1 : tensor<2xf32>")) ==
        "2:27: expected the number of a result that the op has at 'a'");
  CHECK(wrong(in_function("%a = stablehlo.add %a, %a : tensor<2xf32>")) == "2:4: expected a name that is not yet taken at 'a'");
  CHECK(wrong(in_function("%0 stablehlo.add %a, %a : tensor<2xf32>")).substr(0, 18) == "2:6: expected '=' ");
  CHECK(wrong(in_function("%0 = stablehlo.abs %a\n}")).substr(0, 32) == "3:1: expected ':' and a type at ");
  CHECK(wrong(in_function("%0 = stablehlo.slice %a [0:1 : (tensor<2xf32>) -> tensor<2xf32>")).substr(0, 55) ==
        "2:27: expected the bracket that closes this one at '[0:");
  CHECK(wrong("func.func @f() {\n  return").substr(0, 5) == "2:9: ");
  CHECK(wrong("module {\nfunc.func @f() {\n  return\n}\n") == "5:1: expected '}'");
  CHECK(wrong("func.func @f() {\n  return\n}\n}\n") == "4:1: expected a module or a function at '}'");
  CHECK(wrong("func.func f() {\n}").substr(0, 33) == "1:11: expected a symbol, @name at");
  CHECK(wrong(in_function("return %a : tensor<2xf32>\n^bb1:\n  return %a : tensor<2xf32>")) ==
        "3:1: expected a region of one block at '^bb1:'");
  CHECK(wrong("func.func @f() {\n  %0 = \"stablehlo.constant() : () -> ()\n}").find("expected a closing quote") != std::string::npos);
  std::string deep = "func.func @f() {\n", open = "\"stablehlo.if\"(%p) ({\n";
  for (int i = 0; i < 40; ++i) deep += open;
  CHECK(wrong(deep).find("less deep nesting") != std::string::npos);
}

TEST_CASE("text that ends anywhere is refused, and nothing behind it is read") {
  const std::string whole(small::value);
  for (std::size_t n = whole.find('{') + 1; n + 1 < whole.size(); ++n) {
    const std::string part = whole.substr(0, n);
    CAPTURE(part);
    const std::string said = wrong(part);
    CHECK(!said.empty());
  }
}

TEST_CASE("constants are refused that do not fit their types") {
  const auto refused = [](const std::string& literal, const std::string& type) {
    const std::string s = "func.func @f() {\n  %0 = stablehlo.constant " + literal + " : " + type + "\n  return\n}";
    const text t = text_in(s);
    parsed p;
    static_cast<void>(parser(t, {}, p).run(1 << 20));
    REQUIRE(!p.failed);
    linker l(t, p.size());
    l.add(p.ops.data(), p.uses.data(), p.definitions.data(), p.size());
    REQUIRE(!l.failed);
    const module_view m{t, l.ops.data(), l.operands.data(), l.value_type.data(), l.size()};
    const auto layout = lay_out<4>(m);
    if (layout.failed) return message(t, layout.failed);
    std::vector<unsigned char> bytes(static_cast<std::size_t>(layout.size.bytes) + 1);
    literal_decoder d(m, 0, layout.size.bytes, bytes.data());
    for (int i = 0; i < layout.size.literals; ++i) d.decode(layout.literal[i]);
    return d.failed ? message(t, d.failed) : std::string();
  };
  const std::string count = "expected a constant, dense<...>, of as many elements as its type has";
  CHECK(refused("dense<[1, 2]>", "tensor<2xi32>") == "");
  CHECK(refused("dense<[1, 2, 3]>", "tensor<2xi32>").find("expected a number") != std::string::npos);
  CHECK(refused("dense<[1]>", "tensor<2xi32>").find(count) != std::string::npos);
  CHECK(refused("dense<[1.5, 2]>", "tensor<2xi32>").find("expected an integer") != std::string::npos);
  CHECK(refused("dense<\"0x01\">", "tensor<2xi32>").find(count) != std::string::npos);
  CHECK(refused("dense<\"0x0102030g\">", "tensor<4xi8>").find(count) != std::string::npos);
  CHECK(refused("dense<\"01020304\">", "tensor<4xi8>").find(count) != std::string::npos);
}
