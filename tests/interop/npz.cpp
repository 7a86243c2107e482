// SPDX-License-Identifier: Apache-2.0
// .npz files: there and back, deflated and zip64 ones, damage, and NumPy itself where it is there.
#include <sinter/npz.hpp>

#include <cstring>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "interop/scratch.hpp"

namespace {

using namespace sinter;

tensor<float, dyn, 3> numbers(int n) {
  tensor<float, dyn, 3> x(n);
  for (int i = 0; i < 3 * n; ++i) x.data()[i] = float(i % 100) / 4;
  return x;
}
template <class F> std::string refusal(F f) {
  try {
    f();
    return "";
  } catch (const io_error& e) {
    return e.what();
  }
}
bool has(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }
template <class X> bool equal(const X& a, const X& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(*a.data())) == 0;
}

template <int Bytes> void put(std::string& s, std::uint64_t x) { sinter::detail::append_little<Bytes>(s, x); }

// An archive of one deflated entry, as numpy.savez_compressed makes it: sizes in the directory, zip64 in the local header.
std::string deflated(const std::string& name, const std::string& content) {
  z_stream z{};
  REQUIRE(deflateInit2(&z, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string packed(content.size() + 1000, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data())), z.avail_in = static_cast<uInt>(content.size());
  z.next_out = reinterpret_cast<Bytef*>(packed.data()), z.avail_out = static_cast<uInt>(packed.size());
  REQUIRE(deflate(&z, Z_FINISH) == Z_STREAM_END);
  packed.resize(z.total_out);
  deflateEnd(&z);
  const std::uint32_t crc = sinter::detail::add_to_crc(0, content.data(), content.size());
  std::string s;
  put<4>(s, 0x04034b50), put<2>(s, 45), put<2>(s, 0), put<2>(s, 8), put<4>(s, 0x210000), put<4>(s, crc);
  put<4>(s, 0xffffffff), put<4>(s, 0xffffffff), put<2>(s, name.size()), put<2>(s, 20);
  s += name;
  put<2>(s, 1), put<2>(s, 16), put<8>(s, content.size()), put<8>(s, packed.size());
  s += packed;
  const std::size_t at = s.size();
  put<4>(s, 0x02014b50), put<2>(s, 45), put<2>(s, 45), put<2>(s, 0), put<2>(s, 8), put<4>(s, 0x210000), put<4>(s, crc);
  put<4>(s, packed.size()), put<4>(s, content.size()), put<2>(s, name.size());
  put<4>(s, 0), put<4>(s, 0), put<4>(s, 0), put<4>(s, 0);  // no extra field, no comment, disk 0, attributes, offset 0
  s += name;
  const std::size_t size = s.size() - at;
  put<4>(s, 0x06054b50), put<4>(s, 0), put<2>(s, 1), put<2>(s, 1), put<4>(s, size), put<4>(s, at), put<2>(s, 0);
  return s;
}

}  // namespace

TEST_CASE("npz: several arrays there and back") {
  const scratch::folder in;
  const std::string path = in / "x.npz";
  const auto w = numbers(1000);
  const tensor<bool, 3> flags{true, false, true};
  save_npz(path, "w", w, "flags", flags, "sum", sum(w, axis<0>), "part", w.sub(range<0, 10>, 1));
  npz_file f(path);
  CHECK(f.names() == std::vector<std::string>{"w", "flags", "sum", "part"});
  CHECK(f.contains("w"));
  CHECK(!f.contains("b"));
  CHECK(equal(f.load<tensor<float, dyn, 3>>("w"), w));
  CHECK(f.load<tensor<float, 10>>("part")(9) == w(9, 1));
  CHECK(equal(f.load<tensor<bool, 3>>("flags"), flags));  // in any order
  CHECK(equal(f.load<tensor<float, 3>>("sum"), eval(sum(w, axis<0>))));
  CHECK(in.files() == 1);

  const std::string before = scratch::content(path);
  save_npz(path, "w", w, "flags", flags, "sum", sum(w, axis<0>), "part", w.sub(range<0, 10>, 1));
  CHECK(scratch::content(path) == before);  // the same arrays, the same bytes
  {
    npz_writer unfinished(path);
    unfinished.add("w", flags);
    CHECK(has(refusal([&] { unfinished.add("w", flags); }), "already has an array named w"));
  }
  CHECK(scratch::content(path) == before);
  CHECK(in.files() == 1);
  save_npz(path);
  CHECK(npz_file(path).names().empty());
}

TEST_CASE("npz: zip64") {
  const scratch::folder in;
  const std::string path = in / "x.npz";
  const auto w = numbers(100);
  for (const std::uint64_t plain : {0u, 200u, 1400u}) {  // everything is large, one entry is, only an offset is
    npz_writer f(path, plain);
    f.add("w", w);
    f.add("b", tensor<int, 2>{1, 2});
    f.finish();
    npz_file g(path);
    CHECK(equal(g.load<tensor<float, dyn, 3>>("w"), w));
    CHECK(g.load<tensor<int, 2>>("b")(1) == 2);
  }
}

TEST_CASE("npz: deflated entries") {
  const scratch::folder in;
  const std::string path = in / "x.npz";
  const auto w = numbers(50000);  // unpacks in several steps
  save_npy(in / "w.npy", w);
  const std::string good = deflated("w.npy", scratch::content(in / "w.npy"));
  CHECK(good.size() < 300000);
  const auto load = [&] { return npz_file(path).load<tensor<float, dyn, 3>>("w"); };
  scratch::write(path, good);
  CHECK(equal(load(), w));
  std::string bad = good;
  bad[14] = static_cast<char>(bad[14] ^ 1);  // the local checksum does not count, the directory's does
  scratch::write(path, bad);
  CHECK(equal(load(), w));
  bad = good;
  const std::size_t directory = good.find("PK\x01\x02");
  bad[directory + 16] = static_cast<char>(bad[directory + 16] ^ 1);
  scratch::write(path, bad);
  CHECK(has(refusal(load), "x.npz:w.npy: is damaged: its checksum is wrong"));
  bad = good;
  bad[directory + 24] = static_cast<char>(bad[directory + 24] ^ 4);
  scratch::write(path, bad);
  CHECK(refusal(load) != "");
  bad = good;
  bad[directory + 27] = '\x7f';  // claims 2 GiB
  scratch::write(path, bad);
  CHECK(has(refusal(load), "sizes that do not fit"));
  bad = good;
  bad[directory + 10] = 12;
  scratch::write(path, bad);
  CHECK(has(refusal(load), "packed by method 12"));
  bad = good;
  bad[directory + 8] = 1;
  scratch::write(path, bad);
  CHECK(has(refusal(load), "is encrypted"));
  bad = good;
  bad[200] = static_cast<char>(bad[200] ^ 16);
  scratch::write(path, bad);
  CHECK(has(refusal(load), "is damaged"));
}

TEST_CASE("npz: damage") {
  const scratch::folder in;
  const std::string path = in / "x.npz";
  const auto w = numbers(20);
  save_npz(path, "w", w, "b", tensor<int, 2>{1, 2});
  const std::string good = scratch::content(path);
  npz_file f(path);
  CHECK(has(refusal([&] { f.load<tensor<float, dyn, 3>>("v"); }), "has no array named v"));
  CHECK(has(refusal([&] { f.load<tensor<double, dyn, 3>>("w"); }), "x.npz:w.npy: holds elements of type f4; expected f8"));
  CHECK(has(refusal([&] { npz_file(in / "none.npz"); }), "cannot be opened"));
  const auto load_all = [&] {
    npz_file g(path);
    const auto x = g.contains("w") ? g.load<tensor<float, dyn, 3>>("w") : w;
    const auto b = g.contains("b") ? g.load<tensor<int, 2>>("b") : tensor<int, 2>{1, 2};
    CHECK(equal(x, w));  // outside of the load: doctest catches what is thrown in a CHECK
    CHECK(b(1) == 2);
  };
  for (std::size_t n = 0; n < good.size(); n += 7) {  // cut off anywhere
    scratch::write(path, good.substr(0, n));
    CHECK(refusal(load_all) != "");
  }
  scratch::write(path, "before" + good);
  CHECK(refusal(load_all) != "");
  std::uint32_t seed = 3;
  const auto random = [&](std::size_t n) { return static_cast<std::size_t>((seed = seed * 1664525u + 1013904223u) >> 8) % n; };
  int refused = 0;
  for (int k = 0; k < 500; ++k) {  // any bit turned: right arrays (loaded and compared), or an io_error
    std::string bad = good;
    const std::size_t at = random(bad.size());
    bad[at] = static_cast<char>(bad[at] ^ 1 << random(8));
    scratch::write(path, bad);
    refused += refusal(load_all) != "";
  }
  CHECK(refused > 100);
}

TEST_CASE("npz: NumPy reads what we write and we what it writes" * doctest::skip(!scratch::has_numpy())) {
  const scratch::folder in;
  const auto w = numbers(1000);
  save_npz(in / "a.npz", "w", w, "half", tensor<float16, 2>{1.5f, -0.25f});
  npz_writer large(in / "b.npz", 0);
  large.add("w", w);
  large.finish();
  REQUIRE(scratch::python(in, R"(
import numpy as np
want = (np.arange(3000) % 100).astype(np.float32).reshape(1000, 3) / np.float32(4)
a = np.load('a.npz')
assert a.files == ['w', 'half'] and (a['w'] == want).all() and a['half'].dtype == np.float16 and a['half'].tolist() == [1.5, -0.25]
assert (np.load('b.npz')['w'] == want).all()
np.savez('c.npz', w=want, t=np.asfortranarray(want))
np.savez_compressed('d.npz', w=want, flags=np.array([True, False]))
)"));
  npz_file c(in / "c.npz"), d(in / "d.npz");
  CHECK(c.names() == std::vector<std::string>{"w", "t"});
  CHECK(equal(c.load<tensor<float, dyn, 3>>("w"), w));
  CHECK(equal(c.load<tensor<float, dyn, 3>>("t"), w));
  CHECK(equal(d.load<tensor<float, dyn, 3>>("w"), w));
  CHECK(d.load<tensor<bool, 2>>("flags")(0) == true);
}
