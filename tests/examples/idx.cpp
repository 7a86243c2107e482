// SPDX-License-Identifier: Apache-2.0
// The Fashion-MNIST reader refuses every kind of damaged file with its reason; the picture it leads to is well-formed.
#include "../../examples/fashion_mnist/idx.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <string>
#include <system_error>
#include <vector>

#include "../../examples/fashion_mnist/svg.hpp"

namespace {

namespace fs = std::filesystem;
using namespace fashion_mnist;
using std::string;

/// A directory of its own, removed at the end.
struct scratch {
  fs::path path = fs::temp_directory_path() / ("sinter-idx-" + std::to_string(std::chrono::steady_clock::now().time_since_epoch().count()));
  scratch() { fs::create_directories(path); }
  ~scratch() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;

  fs::path write(const string& name, const string& bytes) const {
    std::ofstream(path / name, std::ios::binary) << bytes;
    return path / name;
  }
};

string words(std::initializer_list<std::uint32_t> list) {
  string out;
  for (const auto word : list)
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(word >> shift & 255);
  return out;
}

string some_pixels(std::size_t images) {
  string out(images * image_pixels, '\0');
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<char>(i * 7 % 256);
  return out;
}

string images_bytes(std::uint32_t count) { return words({0x803, count, 28, 28}) + some_pixels(count); }
string labels_bytes(const string& labels) { return words({0x801, static_cast<std::uint32_t>(labels.size())}) + labels; }

string gzip(const string& bytes) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  string out(deflateBound(&stream, static_cast<uLong>(bytes.size())) + 32, '\0');
  string in = bytes;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

/// The message with which `read(file)` refuses, without the file's name in front, which is checked.
template <class Read> string refusal(Read read, const fs::path& file) {
  try {
    read(file);
  } catch (const io_error& error) {
    const string text = error.what(), start = file.string() + ": ";
    CHECK(text.substr(0, start.size()) == start);
    return text.substr(std::min(text.size(), start.size()));
  }
  return "accepted";
}

/// The first place where tags do not balance, or "" if the text is one well-formed element.
string unbalanced(const string& text) {
  std::vector<string> open;
  std::size_t roots = 0;
  for (std::size_t at = text.find('<'); at != string::npos; at = text.find('<', at + 1)) {
    const std::size_t end = text.find('>', at);
    if (end == string::npos || text.find('<', at + 1) < end) return text.substr(at, 40);
    string tag = text.substr(at + 1, end - at - 1);
    const string name = tag.substr(tag[0] == '/', tag.find_first_of(" \n/", 1) - (tag[0] == '/'));
    if (std::count(tag.begin(), tag.end(), '\'') % 2 != 0) return tag;
    if (tag[0] == '/') {
      if (open.empty() || open.back() != name) return tag;
      open.pop_back();
    } else if (tag.back() != '/') {
      if (open.empty()) ++roots;
      open.push_back(name);
    } else if (open.empty()) {
      return tag;
    }
  }
  if (!open.empty()) return open.back();
  return roots == 1 ? "" : "more than one root";
}

std::size_t occurrences(const string& text, const string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

}  // namespace

TEST_CASE("a good pair of files is read, packed or plain") {
  const scratch dir;
  const string labels{3, 0, 9};
  const auto check = [&] {
    const dataset data = read_dataset(dir.path, "train");
    CHECK(data.size() == 3);
    CHECK(string(data.pixels.begin(), data.pixels.end()) == some_pixels(3));
    CHECK(data.labels == std::vector<std::int32_t>{3, 0, 9});
    CHECK(data.image(2) == data.pixels.data() + 1568);
  };
  dir.write("train-images-idx3-ubyte.gz", gzip(images_bytes(3)));
  dir.write("train-labels-idx1-ubyte.gz", gzip(labels_bytes(labels)));
  check();
  dir.write("train-images-idx3-ubyte", images_bytes(3));
  dir.write("train-labels-idx1-ubyte", labels_bytes(labels));
  fs::remove(dir.path / "train-images-idx3-ubyte.gz");
  fs::remove(dir.path / "train-labels-idx1-ubyte.gz");
  check();
}

TEST_CASE("more images than the reader takes at a time") {
  const scratch dir;
  CHECK(read_images(dir.write("i.gz", gzip(images_bytes(3000)))).size() == 3000 * 784);
  CHECK(read_images(dir.write("i", images_bytes(3000))).size() == 3000 * 784);
}

TEST_CASE("files that are none") {
  const scratch dir;
  CHECK(refusal(read_images, dir.path / "none") == "no such file; expected an IDX file, as in the Debian package dataset-fashion-mnist");
  CHECK(refusal(read_images, dir.path) == "not a regular file; expected an IDX file");
  CHECK(refusal(read_images, dir.write("empty", "")) == "only 0 bytes; expected an IDX header of 16 bytes");
  CHECK(refusal(read_labels, dir.write("short", words({0x801}))) == "only 4 bytes; expected an IDX header of 8 bytes");
  CHECK(refusal(read_labels, dir.write("text", "<html>not found</html>")) ==
        "magic number 0x3c68746d; expected 0x00000801 (unsigned bytes, rank 1)");
}

TEST_CASE("headers that ask for something else") {
  const scratch dir;
  CHECK(refusal(read_images, dir.write("swapped", labels_bytes("123456789"))) ==
        "magic number 0x00000801; expected 0x00000803 (unsigned bytes, rank 3)");
  CHECK(refusal(read_labels, dir.write("swapped too", images_bytes(1))) ==
        "magic number 0x00000803; expected 0x00000801 (unsigned bytes, rank 1)");
  CHECK(refusal(read_images, dir.write("small", words({0x803, 1, 28, 14}) + some_pixels(1))) == "images of 28 x 14; expected 28 x 28");
  CHECK(refusal(read_images, dir.write("none", images_bytes(0))) == "0 images of 28 x 28; expected at least 1");
  CHECK(refusal(read_images, dir.write("huge", words({0x803, 0xffffffff, 28, 28}) + some_pixels(1))) ==
        "data ends after 784 bytes; expected 3367254359280 bytes (4294967295 images of 28 x 28)");
}

TEST_CASE("truncated and trailing bytes, packed and plain") {
  const scratch dir;
  const string good = images_bytes(2), packed = gzip(good);
  CHECK(refusal(read_images, dir.write("cut", good.substr(0, good.size() - 1))) ==
        "data ends after 1567 bytes; expected 1568 bytes (2 images of 28 x 28)");
  CHECK(refusal(read_images, dir.write("cut inside.gz", gzip(good.substr(0, 1000)))) ==
        "data ends after 984 bytes; expected 1568 bytes (2 images of 28 x 28)");
  CHECK(refusal(read_images, dir.write("long", good + "x")) == "more data than its header states; expected the end of the file");
  CHECK(refusal(read_images, dir.write("long inside.gz", gzip(good + "x"))) ==
        "more data than its header states; expected the end of the file");
  CHECK(refusal(read_images, dir.write("long outside.gz", packed + "xyz")) == "3 bytes after the gzip data; expected the end of the file");
}

TEST_CASE("a gzip file cut at any byte") {
  const scratch dir;
  const string packed = gzip(labels_bytes(string{1, 2, 3}));
  for (std::size_t n = 2; n < packed.size(); ++n) {
    CAPTURE(n);
    CHECK(refusal(read_labels, dir.write("cut.gz", packed.substr(0, n))) ==
          "gzip data cut off after " + std::to_string(n) + " bytes; expected a complete gzip file");
  }
}

TEST_CASE("damaged gzip data") {
  const scratch dir;
  string checksum = gzip(images_bytes(2)), method = checksum;
  checksum[checksum.size() - 5] ^= 1;
  method[2] = 7;
  CHECK(refusal(read_images, dir.write("checksum.gz", checksum)) ==
        "gzip data damaged (incorrect data check); expected an intact gzip file");
  CHECK(refusal(read_images, dir.write("method.gz", method)) ==
        "gzip data damaged (unknown compression method); expected an intact gzip file");
}

TEST_CASE("labels out of range, and another number of labels than images") {
  const scratch dir;
  CHECK(refusal(read_labels, dir.write("ten", labels_bytes(string{9, 0, 10}))) == "label 10 at index 2; expected 0 to 9");
  dir.write("t10k-images-idx3-ubyte", images_bytes(3));
  const auto labels = dir.write("t10k-labels-idx1-ubyte", labels_bytes(string{1, 2}));
  CHECK(refusal([&](const fs::path&) { read_dataset(dir.path, "t10k"); }, labels) ==
        "2 labels; expected 3, one for each image in t10k-images-idx3-ubyte");
}

TEST_CASE("base64 has the values of RFC 4648, section 10") {
  CHECK(fashion_mnist::detail::base64("") == "");
  CHECK(fashion_mnist::detail::base64("f") == "Zg==");
  CHECK(fashion_mnist::detail::base64("fo") == "Zm8=");
  CHECK(fashion_mnist::detail::base64("foobar") == "Zm9vYmFy");
  CHECK(fashion_mnist::detail::base64("\xff\xfe\xfd") == "//79");
}

TEST_CASE("a PNG holds the inverted pixels") {
  const std::array<std::uint8_t, 6> pixels = {0, 1, 2, 253, 254, 255};
  const string file = fashion_mnist::detail::png(pixels.data(), 2, 3);
  CHECK(file.substr(0, 16) == string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16));
  CHECK(file.substr(16, 8) == words({3, 2}));
  CHECK(file.substr(file.size() - 8) == string("IEND\xae\x42\x60\x82", 8));
  const std::size_t data = file.find("IDAT") + 4;
  std::array<std::uint8_t, 9> raw{};
  uLongf size = 8;
  REQUIRE(uncompress(raw.data(), &size, reinterpret_cast<const Bytef*>(file.data()) + data, static_cast<uLong>(file.size() - data - 16)) ==
          Z_OK);
  CHECK(raw == std::array<std::uint8_t, 9>{0, 255, 254, 253, 0, 2, 1, 0, 0});
}

TEST_CASE("the picture is well-formed and marks what is wrong") {
  const std::vector<std::uint8_t> pixels(image_pixels, 9);
  picture p{"a < b & \"c\"", {}, {2.3, 1.1, .7, .6}, 2};
  for (int i = 0; i < 10; ++i) p.tiles.push_back({pixels.data(), "Coat", i % 5 == 0 ? "Shirt & <tie>" : "Coat"});
  const string svg = to_svg(p);
  CHECK(unbalanced(svg) == "");
  CHECK(svg.find("<title>a &lt; b &amp; \"c\"</title>") != string::npos);
  CHECK(occurrences(svg, "<image ") == 10);
  CHECK(occurrences(svg, "wrong-frame'") == 2);
  CHECK(occurrences(svg, "(Shirt &amp; &lt;tie&gt;)") == 2);
  CHECK(occurrences(svg, "<circle ") == 2);
  CHECK(unbalanced(to_svg({"nothing", {}, {}, 2})) == "");
  CHECK(unbalanced(to_svg({"not finite", {}, {1, NAN, INFINITY}, 2})) == "");
  CHECK(unbalanced("<svg><a></svg></a>") == "/svg");
}
