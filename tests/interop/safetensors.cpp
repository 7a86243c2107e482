// SPDX-License-Identifier: Apache-2.0
// .safetensors files: the very bytes of the format, every element type, structures by the names of their fields, damage of every kind, a
// program that is killed while it saves, and Python where it is there.
#include <sinter/complex.hpp>
#include <sinter/safetensors.hpp>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <complex>
#include <cstring>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include <doctest/doctest.h>

#include "interop/scratch.hpp"

namespace {

using namespace sinter;

std::string file(const std::string& header, const std::string& data) {
  std::string r;
  for (int i = 0; i < 8; ++i) r += static_cast<char>(header.size() >> (8 * i) & 255);
  return r + header + data;
}
// Why a file is refused, "" if it is taken.
std::string refusal(const std::string& path) {
  try {
    const safetensors_file f(path);
    return "";
  } catch (const io_error& e) {
    CHECK(std::string(e.what()).find(path + ": ") == 0);  // names the file
    return e.what();
  }
}
template <class F> std::string refusal_of(const F& load) {
  try {
    load();
    return "";
  } catch (const io_error& e) {
    return e.what();
  }
}
bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
template <class X, class Y> bool same(const X& x, const Y& y) {
  return x.size() == y.size() && std::memcmp(x.data(), y.data(), static_cast<std::size_t>(x.size()) * sizeof(*x.data())) == 0;
}

template <class T> void round_trip(const scratch::folder& in, const char* name) {
  const std::string path = in / "x.safetensors";
  tensor<T, dyn, 3> x(5);
  for (int i = 0; i < 15; ++i) x.data()[i] = static_cast<T>(static_cast<float>(i % 2 ? i : 15 - i));
  save_safetensors(path, "x", x);
  const safetensors_file f(path);
  CHECK(f.type("x") == name);
  CHECK(f.extents("x") == std::vector<extent_t>{5, 3});
  CHECK(same(f.load<T, 5, 3>("x"), x));
  CHECK(same(f.view<T, dyn, dyn>("x"), x));
}

template <template <class, extent_t...> class Tensor> struct block {
  Tensor<float, dyn, 2> w;
  Tensor<double, 3> bias;
};
template <template <class, extent_t...> class Tensor> struct network {
  block<Tensor> blocks[2];
  std::array<Tensor<int>, 2> steps;
  std::tuple<Tensor<bool, 2>, block<Tensor>> rest;
  Tensor<float16, 4> embedding_1;
};
struct plain {
  tensor<float, 2> x;
  float rate;
  std::int64_t step;
};
network<tensor> make_network(float start) {
  network<tensor> n{};
  for (block<tensor>* b : {&n.blocks[0], &n.blocks[1], &std::get<1>(n.rest)}) {
    b->w = tensor<float, dyn, 2>(3);
    for (auto& e : b->w) e = start++;
    for (auto& e : b->bias) e = static_cast<double>(start++);
  }
  n.steps[1] = 7;
  std::get<0>(n.rest)(1) = true;
  n.embedding_1(3) = 2.5f;
  return n;
}

}  // namespace

TEST_CASE("safetensors: the bytes of the format") {
  const scratch::folder in;
  const std::string path = in / "x.safetensors";
  save_safetensors(path, "b", tensor<std::uint8_t, 3>{1, 2, 3}, "a\"\n\u00e4", tensor<std::uint16_t, 1, 2>{{258, 3}}, "n",
                   tensor<double, 0, 4>());
  // Larger elements first, so that all are aligned; the header's end as well.
  std::string header =
      "{\"n\":{\"dtype\":\"F64\",\"shape\":[0,4],\"data_offsets\":[0,0]},"
      "\"a\\\"\\u000a\u00e4\":{\"dtype\":\"U16\",\"shape\":[1,2],\"data_offsets\":[0,4]},"
      "\"b\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[4,7]}}";
  header.append((8 - header.size() % 8) % 8, ' ');
  CHECK(scratch::content(path) == file(header, std::string("\2\1\3\0\1\2\3", 7)));
  const safetensors_file f(path);
  CHECK(f.names() == std::vector<std::string>{"n", "a\"\n\u00e4", "b"});
  CHECK(f.load<std::uint16_t, dyn, dyn>("a\"\n\u00e4")(0, 0) == 258);
  CHECK(f.load<double, dyn, 4>("n").extent(0) == 0);
  CHECK((f.contains("b") && !f.contains("c")));
}

TEST_CASE("safetensors: every element type") {
  const scratch::folder in;
  round_trip<bool>(in, "BOOL");
  round_trip<std::int8_t>(in, "I8");
  round_trip<std::int16_t>(in, "I16");
  round_trip<std::int32_t>(in, "I32");
  round_trip<std::int64_t>(in, "I64");
  round_trip<std::uint8_t>(in, "U8");
  round_trip<std::uint16_t>(in, "U16");
  round_trip<std::uint32_t>(in, "U32");
  round_trip<std::uint64_t>(in, "U64");
  round_trip<float>(in, "F32");
  round_trip<double>(in, "F64");
  round_trip<std::complex<float>>(in, "C64");
  const std::string path = in / "half.safetensors";
  const tensor<float16, 2> h{1.5f, -2.f};
  const tensor<bfloat16, 2> b{1.5f, -2.f};
  save_safetensors(path, "h", h, "b", b);
  const safetensors_file f(path);
  CHECK(same(f.load<float16, 2>("h"), h));
  CHECK(same(f.load<bfloat16, 2>("b"), b));
  CHECK(f.type("b") == "BF16");
}

TEST_CASE("safetensors: views, expressions, numbers, notes, lists") {
  const scratch::folder in;
  const std::string path = in / "x.safetensors";
  tensor<float, 3, 4> x;
  for (int i = 0; i < 12; ++i) x.data()[i] = static_cast<float>(i);
  safetensors_writer w(path);
  w.add("transposed", view<const float, 4, 3>(x.data(), strides{1, 4}));
  w.add("sum", x + x);
  w.add("pi", 3.25);
  w.add("temporary", make_network(3));
  w.note("format", "pt");
  w.note("a \"note\"", "two\nlines");
  CHECK(in.files() == 0);
  w.finish();
  CHECK(in.files() == 1);
  const safetensors_file f(path);
  CHECK(f.load<float, 4, 3>("transposed")(3, 1) == 7);
  CHECK(f.load<float, 3, 4>("sum")(2, 3) == 22);
  CHECK(f.load<double>("pi") == 3.25);
  CHECK(same(f.load<float, 3, 2>("temporary.blocks.1.w"), make_network(3).blocks[1].w));
  CHECK(f.metadata().size() == 2);
  CHECK(f.metadata()[1] == std::pair<std::string, std::string>("a \"note\"", "two\nlines"));
  const std::map<std::string, tensor<float, dyn>> list{{"one", {1}}, {"two", {1, 2}}};
  save_safetensors(path, list);  // in the place of the file that f has mapped, which stays as it was
  CHECK(f.load<double>("pi") == 3.25);
  CHECK(safetensors_file(path).load<float, dyn>("two")(1) == 2);
  CHECK_THROWS_AS(w.add("pi", 1.f), io_error);
  CHECK_THROWS_AS(w.add("__metadata__", 1.f), io_error);
  CHECK_THROWS_AS(w.add("\xff", 1.f), io_error);
}

TEST_CASE("safetensors: structures, by the names of their fields") {
  const scratch::folder in;
  const std::string path = in / "model.safetensors";
  const auto n = make_network(1);
  save_safetensors(path, n);
  {
    const safetensors_file f(path);
    std::vector<std::string> names = f.names(), expected;
    std::sort(names.begin(), names.end());
    for (const std::string b : {"blocks.0.", "blocks.1.", "rest.1."}) expected.push_back(b + "bias"), expected.push_back(b + "w");
    for (const char* other : {"steps.0", "steps.1", "rest.0", "embedding_1"}) expected.push_back(other);
    std::sort(expected.begin(), expected.end());
    CHECK(names == expected);
    CHECK(same(f.load<float, 3, 2>("blocks.1.w"), n.blocks[1].w));
  }
  network<tensor> m{};
  load_safetensors(path, m);
  CHECK(m.blocks[1].w.extent(0) == 3);
  CHECK((same(m.blocks[1].w, n.blocks[1].w) && same(m.blocks[0].bias, n.blocks[0].bias) && m.steps[1] == 7));
  CHECK((same(std::get<1>(m.rest).w, std::get<1>(n.rest).w) && std::get<0>(m.rest)(1) && m.embedding_1(3) == float16(2.5f)));

  // Under a name, beside others; numbers and plain structures.
  plain p{{1, 2}, 0.5f, 9};
  save_safetensors(path, "model", n, "optimiser", p);
  const safetensors_file f(path);
  CHECK(f.contains("model.rest.1.w"));
  CHECK(f.load<std::int64_t>("optimiser.step") == 9);
  plain q{};
  f.load_into("optimiser", q);
  CHECK((q.x(1) == 2 && q.rate == 0.5f && q.step == 9));
  std::tuple<float, std::int64_t> part{};
  CHECK(has(refusal_of([&] { f.load_into(part); }), "has no tensor named '0'"));

  // Nothing changes where one leaf does not fit: missing, of another type, of another shape.
  auto untouched = make_network(100);
  const auto is_untouched = [&] { return same(untouched.blocks[0].w, make_network(100).blocks[0].w) && untouched.steps[1] == 7; };
  CHECK(has(refusal_of([&] { f.load_into(untouched); }), "has no tensor named 'blocks.0.w'"));
  const auto refused_with = [&](auto other) {
    safetensors_writer w(path);
    w.add("blocks", n.blocks);
    w.add("steps", n.steps);
    w.add("rest", n.rest);
    w.add("embedding_1", other);
    w.finish();
    return refusal_of([&] { load_safetensors(path, untouched); });
  };
  CHECK(has(refused_with(tensor<float, 4>()), "tensor 'embedding_1' has elements of type F32; expected F16"));
  CHECK(is_untouched());
  CHECK(has(refused_with(tensor<float16, 5>()), "tensor 'embedding_1' has the shape [5]; expected [4]"));
  CHECK(is_untouched());
}

TEST_CASE("safetensors: what is refused, and why") {
  const scratch::folder in;
  const std::string path = in / "x.safetensors";
  const auto refused = [&](const std::string& header, const std::string& data, const std::string& why) {
    CAPTURE(header);
    scratch::write(path, file(header, data));
    const std::string said = refusal(path);
    CAPTURE(said);
    CHECK(has(said, why));
  };
  const auto entry = [](const std::string& name, const std::string& type, const std::string& shape, int begin, int end) {
    return "\"" + name + "\":{\"dtype\":\"" + type + "\",\"shape\":" + shape + ",\"data_offsets\":[" + std::to_string(begin) + "," +
           std::to_string(end) + "]}";
  };
  const std::string a = entry("a", "F32", "[2]", 0, 8), eight(8, 'x'), twelve(12, 'x');
  refused("{" + a + "}", eight, "");
  CHECK(refusal(path).empty());
  refused("{ \"a\" : { \"data_offsets\" : [ 0 , 8 ] , \"shape\" : [ 2 ] , \"dtype\" : \"F32\" } }   ", eight, "");
  CHECK(refusal(path).empty());
  refused("{}", "", "");
  CHECK(refusal(path).empty());

  CHECK(has(refusal(in / "missing"), "cannot be opened"));
  CHECK(has(refusal(in.path()), "is no regular file"));
  scratch::write(path, "");
  CHECK(has(refusal(path), "has 0 bytes"));
  scratch::write(path, std::string("\x10\0\0\0\0\0\0\0{}", 10));
  CHECK(has(refusal(path), "promises a header of 16 bytes and has 2"));
  scratch::write(path, std::string(8, '\xff') + "{}");
  CHECK(has(refusal(path), "promises a header of 18446744073709551615 bytes"));
  // One byte more than may be: a file with a hole, which takes no room.
  scratch::write(path, std::string("\x01\xe1\xf5\x05\0\0\0\0{}", 10));
  REQUIRE(truncate(path.c_str(), 8 + 100'000'001) == 0);
  CHECK(has(refusal(path), "(at most 100000000 are taken)"));
  refused("", "", "no { at its first byte at byte 8");
  refused(" {}", "", "no { at its first byte");
  refused("[]", "", "no { at its first byte");
  refused("{" + a, eight, "no } at byte");
  refused("{" + a + "}}", eight, "more than spaces behind its end");
  refused("{" + a + ",}", eight, "no \" at byte");
  refused("{" + a + "," + a + "}", eight, "has two tensors named 'a'");
  refused("{" + a + "," + entry("\\u0061", "F32", "[0]", 8, 8) + "}", eight, "has two tensors named 'a'");
  refused("{" + entry("a", "F31", "[2]", 0, 8) + "}", eight, "tensor 'a' has the element type 'F31', which is unknown");
  refused("{" + entry("a", "F32", "[3]", 0, 8) + "}", eight, "tensor 'a' has 8 bytes; expected as many as its shape and type have, 12");
  refused("{" + entry("a", "F32", "[4611686018427387904,4611686018427387904]", 0, 8) + "}", eight, "tensor 'a' has 8 bytes; expected");
  refused("{" + entry("a", "F32", "[18446744073709551615]", 0, 8) + "}", eight, "an extent that is too large");
  refused("{" + entry("a", "F32", "[18446744073709551616]", 0, 8) + "}", eight, "a number that is too large");
  refused("{" + entry("a", "F32", "[-2]", 0, 8) + "}", eight, "no number, or a negative one");
  refused("{" + entry("a", "F32", "[02]", 0, 8) + "}", eight, "a number that begins with 0");
  refused("{" + entry("a", "F32", "[2.0]", 0, 8) + "}", eight, "no ] at byte");
  refused("{" + entry("a", "F32", "[2;]", 0, 8) + "}", eight, "no ] at byte");
  refused("{" + entry("a", "F32", "[2]", 0, 8) + "}", twelve, "has 12 bytes of data, of which no tensor has those from 8");
  refused("{" + entry("a", "F32", "[2]", 4, 12) + "}", twelve, "tensor 'a' begins at byte 4 of the data, where the one before ends at 0");
  refused("{" + a + "," + entry("b", "F32", "[1]", 4, 8) + "}", eight, "tensor 'b' begins at byte 4");
  refused("{" + a + "," + entry("b", "U8", "[1]", 9, 10) + "}", std::string(10, 'x'), "tensor 'b' begins at byte 9");
  refused("{" + entry("a", "F32", "[2]", 8, 0) + "}", eight, "tensor 'a' lies at bytes 8 to 0 of 8 bytes");
  refused("{" + entry("a", "F32", "[3]", 0, 12) + "}", eight, "tensor 'a' lies at bytes 0 to 12 of 8 bytes");
  refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", eight, "no dtype, shape or data_offsets in tensor 'a'");
  refused("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}", eight, "the key 'dtype' in tensor 'a'");
  refused("{\"a\":{\"stride\":[1]}}", eight, "the key 'stride' in tensor 'a'");
  refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}}", eight, "fewer than two data_offsets");
  refused("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8,8]}}", eight, "more than two data_offsets");
  refused("{\"a\":3}", eight, "no { at byte");
  refused("{\"__metadata__\":{\"x\":1}}", "", "no \" at byte");
  refused("{\"__metadata__\":{\"x\":\"1\",\"x\":\"2\"}}", "", "has two notes named 'x'");
  refused("{\"__metadata__\":{},\"__metadata__\":{}}", "", "__metadata__ twice");
  refused("{\"a\n\":{}}", "", "a control character in a string");
  refused("{\"a\xff\":{}}", "", "a string that is no UTF-8");
  refused("{\"\\x\":{}}", "", "an escape that JSON has not");
  refused("{\"\\ud800\":{}}", "", "half of a character");
  refused("{\"\\u12\":{}}", "", "an escape");
  refused("{\"a", "", "a string without end");

  // What fits in itself, but not to what is asked for.
  scratch::write(path, file("{" + entry("a", "BOOL", "[8]", 0, 8) + "}", eight));
  const safetensors_file f(path);
  CHECK(has(refusal_of([&] { f.load<float, 2>("a"); }), "tensor 'a' has elements of type BOOL; expected F32"));
  CHECK(has(refusal_of([&] { f.load<bool, 2, 4>("a"); }), "tensor 'a' has the shape [8]; expected [2, 4]"));
  CHECK(has(refusal_of([&] { f.load<bool, 9>("a"); }), "tensor 'a' has the shape [8]; expected [9]"));
  CHECK(has(refusal_of([&] { f.view<bool, 8>("a"); }), "has bools that are neither 0 nor 1"));
  CHECK(f.load<bool, 8>("a")(3));                                                 // any other byte is true
  scratch::write(path, file("{" + entry("a", "F32", "[2]", 0, 8) + "}", eight));  // behind a header of no whole number of words
  const safetensors_file g(path);
  CHECK(g.load<float, 2>("a").size() == 2);
  CHECK(has(refusal_of([&] { g.view<float, 2>("a"); }), "tensor 'a' is not aligned to 4 bytes"));
  scratch::write(path, file("{" + entry("a", "F32", "[0,9223372036854775807]", 0, 0) + "}", ""));
  const safetensors_file empty(path);
  CHECK(empty.load<float, dyn, dyn>("a").size() == 0);
}

TEST_CASE("safetensors: any byte of the header changed is taken whole or refused") {
  const scratch::folder in(scratch::in_memory());
  const std::string path = in / "x.safetensors";
  safetensors_writer w(path);
  w.add("w", tensor<float, 2, 3>{{1, 2, 3}, {4, 5, 6}});
  w.add("b", tensor<std::int16_t, 3>{7, 8, 9});
  w.note("k", "v");
  w.finish();
  const std::string whole = scratch::content(path);
  const std::size_t header = whole.size() - 30;
  int taken = 0, refused = 0;
  const auto look = [&](const std::string& bytes) {
    scratch::write(path, bytes);
    try {
      const safetensors_file f(path);
      std::uint64_t size = 0, sum = 0;
      for (const std::string& name : f.names()) {
        extent_t n = 1;
        for (const extent_t e : f.extents(name)) n *= e;
        const int element = f.type(name) == "F32" || f.type(name) == "I32" || f.type(name) == "U32" ? 4 : 2;
        size += static_cast<std::uint64_t>(n * element);
      }
      CHECK(size == 30);
      if (f.contains("w") && f.type("w") == "F32" && f.extents("w").size() == 2)
        for (const float e : f.load<float, dyn, dyn>("w")) sum += static_cast<std::uint64_t>(e);
      CHECK((sum == 21 || sum == 0));
      ++taken;
    } catch (const io_error&) {
      ++refused;
    }
  };
  for (std::size_t i = 0; i < header; ++i)
    for (const char c : {'\0', '0', '9', '"', '{', '}', '[', ',', ' ', '\\', 'a', '\x7f', '\xff'}) {
      std::string bytes = whole;
      bytes[i] = c;
      if (bytes != whole) look(bytes);
    }
  for (std::size_t n = 0; n < header; ++n) look(whole.substr(0, n));
  std::mt19937 random(1);
  for (int i = 0; i < 3000; ++i) {
    std::string bytes = whole;
    for (unsigned k = 1 + random() % 4; k > 0; --k) bytes[random() % header] ^= static_cast<char>(1u << random() % 8);
    if (random() % 4 == 0) bytes.erase(random() % header, random() % 5);
    look(bytes);
  }
  CHECK(taken > 20);  // other names and notes
  CHECK(refused > 4000);
}

TEST_CASE("safetensors: a program that is killed while it saves leaves an old or a new file") {
  const scratch::folder in(scratch::in_memory());  // so that most of the time goes into writing
  const std::string path = in / "model.safetensors";
  constexpr int size = 50000;
  tensor<float, dyn> a(size), b(size);
  const auto save = [&] {
    a.fill(a(0) + 1), b.fill(a(0));
    save_safetensors(path, "a", a, "b", b);
  };
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 5; ++i) save();
  const auto each = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start).count() / 5;
  std::mt19937 random(7);
  int broken = 0, changed = 0, left = 0;
  float before = a(0);
  for (int round = 0; round < 200; ++round) {
    const pid_t child = fork();
    if (child == 0)
      for (;;) save();
    REQUIRE(child > 0);
    usleep(static_cast<useconds_t>(random() % static_cast<unsigned>(3 * each + 1000)));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    const safetensors_file f(path);
    const auto x = f.load<float, size>("a"), y = f.load<float, size>("b");
    for (int i = 0; i < size; ++i) broken += x(i) != x(0) || y(i) != x(0);
    changed += x(0) != before;
    left += in.files() > 1;
    before = x(0);
  }
  CHECK(broken == 0);
  CHECK(changed > 20);     // it was saving when it was killed
  CHECK(left > 20);        // it was saving when it was killed
  CHECK(in.files() <= 2);  // what was left behind is written over
  save_safetensors(path, "a", a);
  CHECK(in.files() == 1);
}

TEST_CASE("safetensors: Python reads what we write and we what it writes" * doctest::skip(!scratch::has_numpy())) {
  const scratch::folder in;
  const auto n = make_network(1);
  safetensors_writer w(in / "ours.safetensors");
  w.add(n);
  w.note("made by", "sinter \u00e4");
  w.finish();
  REQUIRE(scratch::python(in, R"(
import json, struct
import numpy as np

types = {'F64': '<f8', 'F32': '<f4', 'F16': '<f2', 'I64': '<i8', 'I32': '<i4', 'U8': 'u1', 'BOOL': '?'}
def load(path):
    data = open(path, 'rb').read()
    length, = struct.unpack('<Q', data[:8])
    header = json.loads(data[8:8 + length].decode('utf-8'))
    notes = header.pop('__metadata__', {})
    tensors, at = {}, 0
    for name, e in sorted(header.items(), key=lambda i: i[1]['data_offsets']):
        begin, end = e['data_offsets']
        assert begin == at
        at = end
        tensors[name] = np.frombuffer(data[8 + length + begin:8 + length + end], types[e['dtype']]).reshape(e['shape'])
    assert 8 + length + at == len(data)
    return tensors, notes
def save(path, tensors, notes):
    names = {np.dtype(v): k for k, v in types.items()}
    header, body = {'__metadata__': notes}, b''
    for name, x in tensors.items():
        bytes = np.ascontiguousarray(x).tobytes()
        header[name] = {'dtype': names[x.dtype], 'shape': list(x.shape), 'data_offsets': [len(body), len(body) + len(bytes)]}
        body += bytes
    text = json.dumps(header, indent=1).encode('utf-8')
    open(path, 'wb').write(struct.pack('<Q', len(text)) + text + body)

ours, notes = load('ours.safetensors')
assert notes == {'made by': 'sinter \u00e4'}, notes
assert sorted(ours) == ['blocks.0.bias', 'blocks.0.w', 'blocks.1.bias', 'blocks.1.w', 'embedding_1', 'rest.0', 'rest.1.bias', 'rest.1.w',
                        'steps.0', 'steps.1'], sorted(ours)
assert ours['blocks.1.w'].tolist() == [[10, 11], [12, 13], [14, 15]] and ours['blocks.1.bias'].dtype == np.float64
assert ours['steps.1'].shape == () and ours['steps.1'] == 7 and ours['rest.0'].tolist() == [False, True]
assert ours['embedding_1'].tolist() == [0, 0, 0, 2.5]
ours['blocks.0.w'] = np.arange(8, dtype=np.float32).reshape(4, 2)
ours['new'] = np.array([1, -2], np.int64)
save('theirs.safetensors', ours, {'k\u00e4y "1"': 'line\n\U0001f600'})
)"));
  network<tensor> m{};
  load_safetensors(in / "theirs.safetensors", m);
  CHECK((m.blocks[0].w.extent(0) == 4 && m.blocks[0].w(3, 1) == 7 && same(m.blocks[1].w, n.blocks[1].w) && m.steps[1] == 7));
  CHECK((same(std::get<1>(m.rest).bias, std::get<1>(n.rest).bias) && std::get<0>(m.rest)(1) && m.embedding_1(3) == float16(2.5f)));
  const safetensors_file f(in / "theirs.safetensors");
  CHECK(f.load<std::int64_t, 2>("new")(1) == -2);
  REQUIRE(f.metadata().size() == 1);
  CHECK(f.metadata()[0] == std::pair<std::string, std::string>("k\u00e4y \"1\"", "line\n\U0001f600"));
}
