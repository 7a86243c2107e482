// SPDX-License-Identifier: Apache-2.0
// .npy files: the very bytes that NumPy writes, every element type and order, damage of every kind, and NumPy itself where it is there.
#include <sinter/complex.hpp>
#include <sinter/npy.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "interop/scratch.hpp"

namespace {

using namespace sinter;

// A file as NumPy lays it out: magic, version, padded header, data.
std::string file(const std::string& header, const std::string& data, int version = 1) {
  const std::size_t before = version == 1 ? 10 : 12;
  std::string text = header;
  text.append(63 - (before + text.size()) % 64, ' ') += '\n';
  std::string r = std::string("\x93NUMPY") + static_cast<char>(version) + '\0';
  for (std::size_t i = 0; i < before - 8; ++i) r += static_cast<char>(text.size() >> (8 * i) & 255);
  return r + text + data;
}
std::string dict(const std::string& descr, const std::string& order, const std::string& shape) {
  return "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }";
}
template <class... T> std::string bytes(T... x) {
  std::string s;
  (s.append(reinterpret_cast<const char*>(&x), sizeof(x)), ...);
  return s;
}
template <class X> std::string refusal(const std::string& path) {
  try {
    load_npy<X>(path);
    return "loaded";
  } catch (const io_error& e) {
    CHECK(std::string(e.what()).find(path) == 0);  // names the file
    return e.what();
  }
}
bool has(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

template <class T> void round_trip(const scratch::folder& in) {
  const std::string path = in / "x.npy";
  tensor<T, dyn, 3> x(5);
  for (int i = 0; i < 15; ++i) x.data()[i] = static_cast<T>(static_cast<float>(i % 2 ? i : -i));
  save_npy(path, x);
  const auto y = load_npy<tensor<T, 5, 3>>(path);
  CHECK(std::memcmp(x.data(), y.data(), 15 * sizeof(T)) == 0);
}

}  // namespace

TEST_CASE("npy: the bytes of the format") {
  const scratch::folder in;
  const std::string path = in / "x.npy";
  save_npy(path, tensor<float, 2, 3>{{1, 2, 3}, {4, 5, 6}});
  // np.save(path, np.arange(1, 7, dtype=np.float32).reshape(2, 3))
  CHECK(scratch::content(path) == file(dict("<f4", "False", "(2, 3)"), bytes(1.f, 2.f, 3.f, 4.f, 5.f, 6.f)));
  CHECK(scratch::content(path).size() == 128 + 24);
  save_npy(path, tensor<std::int64_t, 2>{7, 8});
  CHECK(scratch::content(path) == file(dict("<i8", "False", "(2,)"), bytes(std::int64_t{7}, std::int64_t{8})));
  save_npy(path, tensor<double>(2.5));
  CHECK(scratch::content(path) == file(dict("<f8", "False", "()"), bytes(2.5)));
  save_npy(path, tensor<bool, 2>{true, false});
  CHECK(scratch::content(path) == file(dict("|b1", "False", "(2,)"), std::string("\x01\x00", 2)));
  CHECK(in.files() == 1);
}

TEST_CASE("npy: complex elements") {
  const scratch::folder in;
  round_trip<std::complex<float>>(in);
  round_trip<std::complex<double>>(in);
  const std::string path = in / "x.npy";
  save_npy(path, tensor<std::complex<float>, 1>{std::complex<float>(1, 2)});
  CHECK(scratch::content(path) == file(dict("<c8", "False", "(1,)"), bytes(1.f, 2.f)));
  // Foreign bytes: each part for itself.
  const std::string one("\x3f\x80\x00\x00", 4), two("\x40\x00\x00\x00", 4);
  scratch::write(path, file(dict(">c8", "False", "(1,)"), one + two));
  CHECK(load_npy<tensor<std::complex<float>, 1>>(path)(0) == std::complex<float>(1, 2));
}

TEST_CASE("npy: every element type there and back") {
  const scratch::folder in;
  round_trip<float>(in);
  round_trip<double>(in);
  round_trip<float16>(in);
  round_trip<bool>(in);
  round_trip<std::int8_t>(in);
  round_trip<std::int16_t>(in);
  round_trip<std::int32_t>(in);
  round_trip<std::int64_t>(in);
  round_trip<std::uint8_t>(in);
  round_trip<std::uint16_t>(in);
  round_trip<std::uint32_t>(in);
  round_trip<std::uint64_t>(in);
}

TEST_CASE("npy: views and expressions are written in row-major order") {
  const scratch::folder in;
  const std::string path = in / "x.npy";
  tensor<int, 40, 50> x;
  for (int i = 0; i < 2000; ++i) x.data()[i] = i;
  save_npy(path, view<const int, 50, 40>(x.data(), strides{1, 50}));
  const auto t = load_npy<tensor<int, dyn, dyn>>(path);
  CHECK(t.extent(0) == 50);
  CHECK(t(49, 3) == x(3, 49));
  CHECK(t(7, 39) == x(39, 7));
  save_npy(path, x.sub(range<0, 40, 3>, range<1, 2>));
  CHECK(load_npy<tensor<int, 14, 1>>(path)(13, 0) == x(39, 1));
  save_npy(path, sum(x, axis<0>) * 2);
  CHECK(load_npy<tensor<int, 50>>(path)(0) == 2 * 50 * (39 * 40 / 2));
  save_npy(path, tensor<float, dyn, 3>());
  CHECK(load_npy<tensor<float, dyn, 3>>(path).size() == 0);
  tensor<float, 100> gone;
  const tensor<float, 100> taken = std::move(gone);
  CHECK_THROWS_AS(save_npy(path, gone), exception);
}

TEST_CASE("npy: what other writers do") {
  const scratch::folder in;
  const std::string path = in / "x.npy", data = bytes(1.f, 2.f, 3.f, 4.f, 5.f, 6.f);
  using X = tensor<float, 2, 3>;
  scratch::write(path, file(dict("<f4", "True", "(2, 3)"), data));  // columns first
  CHECK(load_npy<X>(path)(0, 1) == 3);
  CHECK(load_npy<X>(path)(1, 2) == 6);
  for (const int number : {2, 3}) {
    scratch::write(path, file(dict("<f4", "False", "(2, 3)"), data, number));
    CHECK(load_npy<X>(path)(1, 0) == 4);
  }
  scratch::write(path, file("{\"shape\":(2L,3L,),\"fortran_order\":False,\"descr\":\"=f4\"}", data));  // other spelling, Python 2
  CHECK(load_npy<X>(path)(1, 1) == 5);
  scratch::write(path, file(dict(">i2", "False", "(2,)"), std::string("\x01\x02\xff\xfe", 4)));  // big-endian
  CHECK(load_npy<tensor<std::int16_t, 2>>(path)(0) == 0x102);
  CHECK(load_npy<tensor<std::int16_t, 2>>(path)(1) == -2);
  scratch::write(path, file(dict("|b1", "False", "(3,)"), std::string("\x00\x02\x01", 3)));  // a bool that is 2
  CHECK(load_npy<tensor<bool, 3>>(path)(1) == true);
  std::string cube;
  for (int i = 0; i < 24; ++i) cube += bytes(std::int32_t{i});
  scratch::write(path, file(dict("<i4", "True", "(2, 3, 4)"), cube));
  CHECK(load_npy<tensor<int, 2, dyn, 4>>(path)(1, 2, 3) == 23);
  CHECK(load_npy<tensor<int, 2, dyn, 4>>(path)(1, 0, 2) == 1 + 12);
}

TEST_CASE("npy: what is refused, and why") {
  const scratch::folder in;
  const std::string path = in / "x.npy", data = bytes(1.f, 2.f, 3.f, 4.f, 5.f, 6.f);
  using X = tensor<float, 2, 3>;
  CHECK(has(refusal<X>(in / "none.npy"), "cannot be opened: No such file"));
  CHECK(has(refusal<X>(in.path()), "no regular file"));
  const auto says = [&](const std::string& content, const char* text) {
    scratch::write(path, content);
    const std::string r = refusal<X>(path);
    INFO(r);
    CHECK(has(r, text));
  };
  const std::string good = file(dict("<f4", "False", "(2, 3)"), data);
  says(good, "loaded");
  says("", "has 0 bytes");
  says(good.substr(0, 9), "has 9 bytes");
  says("X" + good, "does not begin");
  says(good.substr(0, 60), "promises a header of 118 bytes and has 50");
  says(good.substr(0, good.size() - 1), "has 23 bytes of elements; expected as many as shape [2, 3] has, 24");
  says(good + "1", "has 25 bytes of elements");
  std::string other = good;
  other[6] = 4;
  says(other, "is of format 4.0");
  says(file(dict("<f8", "False", "(2, 3)"), data), "elements of type f8; expected f4");
  says(file(dict("<f4", "False", "(3, 2)"), data), "shape [3, 2]; expected [2, 3]");
  says(file(dict("<f4", "False", "(6,)"), data), "shape [6]");
  says(file(dict("<f4", "False", "(6)"), data), "no comma");
  says(file(dict("<f4", "False", "(-2, 3)"), data), "no number");
  says(file(dict("<f4", "False", "(99999999999999999999, 3)"), data), "too large");
  says(file(dict("<f4", "False", "(1, 1, 1, 1, 1, 1, 1, 2, 3)"), data), "more than 8 axes");
  says(file(dict("<f4", "Maybe", "(2, 3)"), data), "neither True nor False");
  says(file(dict("f4", "False", "(2, 3)"), data), "the element type 'f4'");
  says(file("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 3), }", data), "structured element type");
  says(file("{'descr': '<f4', 'shape': (2, 3), }", data), "no descr, fortran_order or shape");
  says(file("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", data), "the key 'descr'");
  says(file("{'descr': '<f4', 'colour': 3}", data), "the key 'colour'");
  says(file(dict("<f4", "False", "(2, 3)") + "1", data), "more than the dict");
  scratch::write(path, file(dict("<f4", "False", "(4611686018427387904, 4611686018427387904)"), data));
  CHECK(has(refusal<tensor<float, dyn, dyn>>(path), "has 24 bytes of elements"));  // nothing was allocated
}

TEST_CASE("npy: mutated headers load or are refused") {
  const scratch::folder in;
  const std::string path = in / "x.npy";
  std::string data;
  for (int i = 0; i < 24; ++i) data += bytes(float(i));
  std::uint32_t seed = 7;
  const auto random = [&](std::size_t n) { return static_cast<std::size_t>((seed = seed * 1664525u + 1013904223u) >> 8) % n; };
  constexpr char letters[] = "{}(),:'\"<>=|fiub0123456789TrueFalse \n\x93\xff";  // and the 0 at its end
  int loaded = 0;
  for (int k = 0; k < 500; ++k) {
    std::string f = file(dict("<f4", k % 2 ? "True" : "False", "(2, 3, 4)"), data, 1 + k % 3);
    for (std::size_t changes = 1 + random(3); changes > 0; --changes) {
      const std::size_t at = random(72);
      switch (random(4)) {
        case 0: f[at] = letters[random(sizeof(letters))]; break;
        case 1: f.insert(at, 1, letters[random(sizeof(letters))]); break;
        case 2: f.erase(at, 1 + random(4)); break;
        default: f[at] = static_cast<char>(f[at] ^ 1 << random(8));
      }
    }
    scratch::write(path, f);
    try {
      const auto x = load_npy<tensor<float, dyn, dyn, dyn>>(path);
      loaded += x.size() == 24;
      CHECK(x.size() == 24);
    } catch (const io_error&) {
    }
  }
  CHECK(loaded > 0);
  CHECK(loaded < 250);
}

TEST_CASE("npy: a failed write loses nothing") {
  const scratch::folder in;
  const std::string path = in / "x.npy";
  CHECK_THROWS_AS(save_npy(in / "no/such/folder.npy", tensor<float, 2>{1, 2}), io_error);
  save_npy(path, tensor<float, 2>{1, 2});
  const std::string before = scratch::content(path);
  rlimit limit{};
  getrlimit(RLIMIT_FSIZE, &limit);
  const rlimit small{1000, limit.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  CHECK_THROWS_AS(save_npy(path, tensor<float, 10000>()), io_error);  // as on a full disk
  setrlimit(RLIMIT_FSIZE, &limit);
  std::signal(SIGXFSZ, handler);
  CHECK(scratch::content(path) == before);
  CHECK(in.files() == 1);
  // What another program writes, which it has locked, is left alone; what one left behind is taken over.
  scratch::write(path + ".unfinished0", "of another writer");
  const int other = open((path + ".unfinished0").c_str(), O_RDWR);
  REQUIRE(flock(other, LOCK_EX) == 0);
  save_npy(path, tensor<float, 2>{3, 4});
  CHECK(scratch::content(path + ".unfinished0") == "of another writer");
  CHECK(load_npy<tensor<float, 2>>(path)(1) == 4);
  close(other);
  save_npy(path, tensor<float, 2>{5, 6});
  CHECK(load_npy<tensor<float, 2>>(path)(1) == 6);
  CHECK(in.files() == 1);
}

TEST_CASE("npy: NumPy reads what we write and we what it writes" * doctest::skip(!scratch::has_numpy())) {
  const scratch::folder in;
  tensor<float, 3, 4> x;
  for (int i = 0; i < 12; ++i) x.data()[i] = float(i) * 0.5f;
  save_npy(in / "a.npy", x);
  save_npy(in / "b.npy", view<const float, 4, 3>(x.data(), strides{1, 4}));
  save_npy(in / "c.npy", tensor<float16, 3>{1.5f, -2.f, 65504.f});
  save_npy(in / "d.npy", tensor<bool, dyn>{true, false, true});
  save_npy(in / "e.npy", tensor<std::uint64_t>(~std::uint64_t{0}));
  REQUIRE(scratch::python(in, R"(
import numpy as np
want = np.arange(12, dtype=np.float32).reshape(3, 4) * np.float32(0.5)
a, b = np.load('a.npy'), np.load('b.npy')
assert a.dtype == np.float32 and (a == want).all() and (b == want.T).all()
c = np.load('c.npy')
assert c.dtype == np.float16 and c.tolist() == [1.5, -2.0, 65504.0]
d = np.load('d.npy')
assert d.dtype == np.bool_ and d.tolist() == [True, False, True]
e = np.load('e.npy')
assert e.dtype == np.uint64 and e.shape == () and e == 2**64 - 1
np.save('f.npy', np.asfortranarray(want.astype(np.float64)))
np.save('g.npy', (np.arange(24, dtype='>i4') * 1000).reshape(2, 3, 4))
np.save('h.npy', np.array(True))
with open('i.npy', 'wb') as f: np.lib.format.write_array(f, want, version=(2, 0))
np.save('j.npy', np.array([1 + 2j]))
np.save('k.npy', np.array([(1, 2.0)], dtype=[('a', 'i4'), ('b', 'f8')]))
np.save('l.npy', np.zeros((0, 5), np.float16))
)"));
  const auto f = load_npy<tensor<double, dyn, dyn>>(in / "f.npy");
  CHECK(f(2, 1) == 4.5);
  CHECK(f(1, 3) == 3.5);
  CHECK(load_npy<tensor<std::int32_t, 2, 3, 4>>(in / "g.npy")(1, 2, 3) == 23000);
  CHECK(bool(load_npy<tensor<bool>>(in / "h.npy")) == true);
  CHECK(load_npy<tensor<float, 3, 4>>(in / "i.npy")(2, 3) == 5.5f);
  CHECK(has(refusal<tensor<double, 1>>(in / "j.npy"), "elements of type c16"));
  CHECK(has(refusal<tensor<double, 1>>(in / "k.npy"), "structured"));
  CHECK(load_npy<tensor<float16, dyn, 5>>(in / "l.npy").extent(0) == 0);
}
