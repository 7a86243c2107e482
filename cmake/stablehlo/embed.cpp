// SPDX-License-Identifier: Apache-2.0
// Makes a C++ header of a StableHLO module, and a file of its large constants:
//   embed <module.mlir> <name> <folder> [--larger <bytes>] [--elided]
// writes <folder>/<name>.hpp and <folder>/<name>.bin. Constants of more bytes than `larger` (4096) are put into the file, and their places
// in the text hold `dense_resource<offset>`. --elided: constants that an export left out become pseudo-random numbers.
#include <cmath>
#include <iostream>
#include <map>
#include <vector>

#include <sinter/import/stablehlo_data.hpp>
#include <sinter/import/stablehlo_message.hpp>

#include "literal.hpp"

namespace {

using namespace sinter::mlir;
using sinter::extent_t;

struct failure {
  std::string what;
};

/// The resources at the end of a module, {-# dialect_resources: {builtin: {name: "0x..."}} #-}: where their digits stand.
std::map<std::string, span> resources_of(text t, int from) {
  std::map<std::string, span> all;
  for (int at = from; at < t.size;) {
    if (t[at] != '"' && !is_name(t[at])) {
      ++at;
      continue;
    }
    const bool quoted = t[at] == '"';
    const int end = quoted ? skip_string(t, at) : skip_name(t, at);
    const span name{at + quoted, end - quoted};
    at = skip_space(t, end);
    if (t[at] != ':') continue;
    at = skip_space(t, at + 1);
    if (t[at] != '"') continue;
    const int behind = skip_string(t, at);
    if (starts_with(t, at + 1, "0x")) all[std::string(t.at + name.begin, static_cast<std::size_t>(name.size()))] = {at + 3, behind - 1};
    at = behind;
  }
  return all;
}

/// Bytes of hexadecimal digits.
std::vector<unsigned char> bytes_of(text t, span digits) {
  std::vector<unsigned char> bytes(static_cast<std::size_t>(digits.size() / 2));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int at = digits.begin + 2 * static_cast<int>(i), high = hex_digit(t[at]), low = hex_digit(t[at + 1]);
    if (high < 0 || low < 0) throw failure{message(t, {expected::literal, at, at + 2})};
    bytes[i] = static_cast<unsigned char>(16 * high + low);
  }
  return bytes;
}

/// Numbers between 0 and 1.
struct pseudo_random {
  std::uint64_t state;
  double next() {
    std::uint64_t z = state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-53;
  }
};
/// Weights with which numbers neither grow nor vanish from layer to layer: of one axis from 0.5 to 1.5, as scales and variances are; of
/// more with a variance of 1 / n, where n is how many of them a result takes (all but the last axis). Integers are 0, bools true.
void make_up(const tensor_type& t, pseudo_random& random, std::vector<unsigned char>& to) {
  const element_type part{real_dtype(t.element.type), t.element.kept};
  const auto bytes = static_cast<std::size_t>(size_of(part.type));
  const extent_t last = t.extents.rank > 0 ? t.extents[t.extents.rank - 1] : 1, all = elements_of(t);
  const double reach =
      t.extents.rank < 2 ? 0.5 : std::sqrt(3.0 * static_cast<double>(last < 1 ? 1 : last) / static_cast<double>(all < 1 ? 1 : all));
  for (std::size_t at = 0; at + bytes <= to.size(); at += bytes) {
    double x = part.type == sinter::dtype::boolean ? 1 : 0;
    if (is_float(part.type)) x = (t.extents.rank < 2 ? 1 : 0) + reach * (2 * random.next() - 1);
    number_text n;
    n.kind = number_text::bits, n.digits = __builtin_bit_cast(std::uint64_t, x);
    std::uint64_t bits = static_cast<std::uint64_t>(x);
    if (part.type == sinter::dtype::f64) bits = n.digits;
    else if (part.type == sinter::dtype::f16) bits = sinter::float16(x).bits;
    else if (part.type == sinter::dtype::bf16) bits = sinter::bfloat16(x).bits;
    else if (is_narrow_float(part.kept))
      bits = __builtin_bit_cast(
          std::uint32_t, static_cast<float>(sinter::detail::decode(format_of(part.kept), sinter::detail::encode(format_of(part.kept), x))));
    else if (part.type == sinter::dtype::f32) bits = __builtin_bit_cast(std::uint32_t, static_cast<float>(x));
    store_bytes(bits, static_cast<int>(bytes), to.data() + at);
  }
}

struct module_writer {
  std::string source;
  extent_t larger = 4096;
  bool elided = false;
  std::string shown, data;  // the text that is left, and the file

  void run() {
    if (source.compare(0, 4, "ML\xefR") == 0)
      throw failure{"1:1: expected text; this is MLIR bytecode: export text (as_text() in JAX), or run stablehlo-translate --deserialize"};
    if (source.find('\0') != std::string::npos) throw failure{"1:1: expected text without zeros"};
    if (source.size() > 0x7fffffff) throw failure{"1:1: expected a text of less than 2 GiB"};
    const text t{source.c_str(), static_cast<int>(source.size())};
    parsed p;
    static_cast<void>(parser(t, {}, p).run(t.size));
    if (p.failed) throw failure{message(t, p.failed)};
    linker l(t, p.size());
    if (p.size().ops > 0) l.add(p.ops.data(), p.uses.data(), p.definitions.data(), p.size());
    if (l.failed) throw failure{message(t, l.failed)};
    const module_view m{t, l.ops.data(), l.operands.data(), l.value_type.data(), l.size()};

    const std::size_t tail = source.find("\n{-#");
    const int end = tail == std::string::npos ? t.size : static_cast<int>(tail);
    const auto resources = resources_of(t, end);
    reader r(t);
    int done = 0;
    pseudo_random random{1};
    for (int i = 0; i < m.size.ops; ++i) {
      if (!has_literal(m.ops[i].kind)) continue;
      const int at = literal_of(r, m, m.ops[i]);
      if (at < 0) throw failure{message(t, {expected::literal, m.ops[i].name.begin, m.ops[i].name.end})};
      const literal_text literal = literal_at(r, at);
      if (literal.kind == literal_text::splat && !r.failed) continue;
      const tensor_type type = literal_type(r, m.ops[i]);
      if (!r.failed && type.kind != tensor_type::tensor) r.fail(expected::type, m.ops[i].signature);
      if (r.failed) throw failure{message(t, r.failed)};
      const extent_t size = sinter::detail::saturating_product(elements_of(type), size_of(type.element.type));
      if (literal.kind != literal_text::resource && size <= larger) continue;
      shown.append(source, static_cast<std::size_t>(done), static_cast<std::size_t>(at - done));
      shown += "dense_resource<" + std::to_string(data.size()) + '>';
      done = skip_group(t, scan(t, at, "<"));
      const std::vector<unsigned char> bytes = decode(m, i, literal, type, size, resources, random);
      data.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      data.resize((data.size() + 63) / 64 * 64);
    }
    shown.append(source, static_cast<std::size_t>(done), static_cast<std::size_t>(end - done));
    if (shown.empty() || shown.back() != '\n') shown += '\n';
  }

 private:
  std::vector<unsigned char> decode(const module_view& m, int op, const literal_text& literal, const tensor_type& type, extent_t size,
                                    const std::map<std::string, span>& resources, pseudo_random& random) const {
    std::vector<unsigned char> bytes(static_cast<std::size_t>(size));
    if (literal.kind != literal_text::resource) {
      literal_decoder d(m, 0, size, bytes.data());
      d.decode({op, false, 0, size, literal});
      if (d.failed) throw failure{message(m.source, d.failed)};
      return bytes;
    }
    const std::string name(m.source.at + literal.at, static_cast<std::size_t>(literal.end - literal.at));
    const std::string plain = name.size() > 1 && name[0] == '"' ? name.substr(1, name.size() - 2) : name;
    const diagnostic here{expected::data, literal.at, literal.end};
    if (name == "__elided__") {
      if (!elided) throw failure{message(m.source, here) + ", which the export left out; ELIDED makes up numbers for it"};
      make_up(type, random, bytes);
      return bytes;
    }
    const auto found = resources.find(plain);
    if (found == resources.end()) throw failure{message(m.source, here) + ", a resource of the module"};
    std::vector<unsigned char> given = bytes_of(m.source, found->second);
    if (given.size() < 4) throw failure{message(m.source, {expected::literal, found->second.begin, found->second.begin})};
    given.erase(given.begin(), given.begin() + 4);  // the alignment
    const element_type part{real_dtype(type.element.type), type.element.kept};
    const auto stored = static_cast<std::size_t>(stored_bytes(part)), kept = static_cast<std::size_t>(size_of(part.type));
    const std::size_t count = bytes.size() / kept;
    const bool splat = given.size() == stored && count > 1;
    if (!splat && given.size() != count * stored)
      throw failure{message(m.source, {expected::literal, literal.at, literal.end}) + ": the resource has " + std::to_string(given.size()) +
                    " bytes, " + std::to_string(count * stored) + " belong to the type"};
    for (std::size_t i = 0; i < count; ++i) {
      std::uint64_t bits = 0;
      for (std::size_t k = 0; k < stored; ++k) bits |= std::uint64_t{given[(splat ? 0 : i * stored) + k]} << (8 * k);
      store_bytes(kept_bits(bits, part), static_cast<int>(kept), bytes.data() + i * kept);
    }
    return bytes;
  }
};

std::uint64_t hash_of(const std::string& s) {
  std::uint64_t h = 0xcbf29ce484222325u;
  for (const char c : s) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return h;
}
std::string header_of(const std::string& module, const std::string& name, const std::string& folder, const module_writer& w) {
  const std::size_t colon = name.rfind("::");
  const std::string space = colon == std::string::npos ? "" : name.substr(0, colon),
                    own = colon == std::string::npos ? name : name.substr(colon + 2);
  std::string s = "// Made by sinter_add_stablehlo of " + module.substr(module.rfind('/') + 1) + ".\n#pragma once\n\n";
  if (!w.data.empty()) s += "#include <sinter/module_data.hpp>\n";
  s += "#include <sinter/stablehlo.hpp>\n\n";
  if (!space.empty()) s += "namespace " + space + " {\n\n";
  s += "struct " + own + "_text {\n  static constexpr char value[] =\n";
  embed::append_literal(s, w.shown);
  s += ";\n";
  if (!w.data.empty()) {
    s += "  static constexpr const char* folder =\n";
    embed::append_literal(s, folder);
    s += ";\n  static constexpr const char* file = \"" + own +
         ".bin\";\n  static constexpr unsigned long long bytes = " + std::to_string(w.data.size()) +
         ", hash = " + std::to_string(hash_of(w.data)) + "u;\n  static const void* data() { return sinter::module_data<" + own +
         "_text>(); }\n";
  }
  s += "};\ninline constexpr auto " + own + " = sinter::stablehlo<" + own + "_text>;\n";
  if (!space.empty()) s += "\n}  // namespace " + space + "\n";
  return s;
}

}  // namespace

int main(int count, char** argument) {
  if (count < 4) return std::cerr << "embed <module.mlir> <name> <folder> [--larger <bytes>] [--elided]\n", 2;
  const std::string module = argument[1], name = argument[2], folder = argument[3];
  module_writer w;
  for (int i = 4; i < count; ++i) {
    const std::string option = argument[i];
    if (option == "--elided") w.elided = true;
    else if (option == "--larger" && i + 1 < count) w.larger = std::atoll(argument[++i]);
    else return std::cerr << "embed: there is no option " << option << '\n', 2;
  }
  if (!embed::read_file(module, w.source)) return std::cerr << module << ": cannot be read\n", 1;
  try {
    w.run();
  } catch (const failure& f) {
    return std::cerr << module << ':' << f.what << '\n', 1;
  }
  const std::string file = folder + '/' + name.substr(name.rfind(':') + 1);
  std::string data = w.data;
  if (!data.empty())
    for (const std::uint64_t n : {static_cast<std::uint64_t>(w.data.size()), hash_of(w.data)})
      for (int i = 0; i < 8; ++i) data += static_cast<char>(n >> (8 * i));
  if (!embed::write_file(file + ".bin", data) || !embed::write_file(file + ".hpp", header_of(module, name, folder, w)))
    return std::cerr << file << ": cannot be written\n", 1;
}
