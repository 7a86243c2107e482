// SPDX-License-Identifier: Apache-2.0
// The parser: text of a module to flat records, in slices. A slice goes on where the one before stopped, between two ops, and is a
// constant of its own, so that no text is too long for a compiler's limits. Attributes and types stay in the text; who needs them reads
// them.
#pragma once

#include <sinter/import/stablehlo_ops.hpp>

namespace sinter::mlir {

/// What the parser expected where it stopped.
enum class expected : std::uint8_t {
  nothing,
  closing_bracket,
  closing_quote,
  module_or_function,
  symbol,
  value_name,
  equals_sign,
  op_name,
  known_op,
  opening_parenthesis,
  closing_parenthesis,
  opening_brace,
  closing_brace,
  colon,
  type,
  arrow,
  region,
  one_block,
  less_nesting,
  defined_value,
  result_number,
  defined_function,
  unique_name,
  attribute,
  integer,
  integers,
  number,
  literal,
  element_type,
  shape,
  supported_type,
  supported_op,
  same_shapes,
  declared_type,
  argument_type,
  operands,
  results,
  no_recursion,
  elementwise_body,
  function_to_call,
  callable_function,
  data,
  direction,
  format,
  text_without_zero,
  fewer_ops,
  fewer_loops,
  fewer_constants,
  static_shape,
  unquantised_type,
  one_device,
  known_dialect,
};

struct diagnostic {
  expected what = expected::nothing;
  int at = 0, end = 0;
  constexpr explicit operator bool() const { return what != expected::nothing; }
};

/// A use of a value: its name without '%', and the number behind '#'.
struct use {
  span name;
  int number;
  std::uint32_t hash;
};
/// A definition of `count` values of one name; `type` is where the type of a parameter stands, -1 for results.
struct definition {
  span name;
  int count, type;
  std::uint32_t hash;
};
/// An op, or an event between ops. `name`: of a function its symbol. Attributes stand in [attributes, signature), of an op with regions
/// also in those of its operation_end. -1: there is none.
struct op_record {
  op_kind kind;
  bool generic;
  span name;
  int attributes, signature, end;
  int first_use, uses, first_definition, definitions;
};

struct parse_size {
  int ops = 0, uses = 0, definitions = 0;
  int values = 0;  // that the definitions stand for
  constexpr bool fits(const parse_size& room) const { return ops <= room.ops && uses <= room.uses && definitions <= room.definitions; }
  constexpr bool operator==(const parse_size&) const = default;
};

/// Where a parse stands: in which constructs, and behind what.
struct parse_state {
  static constexpr int deepest = 32;
  enum frame_t : std::uint8_t {
    in_module,
    in_generic_module,
    in_function,
    in_generic_function,
    in_generic,
    in_condition,
    in_body,
    in_reducer
  };
  frame_t frame[deepest] = {};
  span symbol[deepest] = {};  // of a generic function
  int depth = 0, at = 0;
  bool done = false;
};

/// An array that grows: in the caller's room first, which then need not be copied, in its own where that ends.
template <class T> class growing_array {
 public:
  constexpr growing_array() = default;
  constexpr growing_array(T* room, int capacity) : at_(room), capacity_(capacity) {}
  growing_array(const growing_array&) = delete;
  growing_array& operator=(const growing_array&) = delete;
  constexpr ~growing_array() { delete[] own_; }
  constexpr int size() const { return size_; }
  constexpr const T* data() const { return at_; }
  constexpr T& operator[](int i) { return at_[i]; }
  constexpr const T& operator[](int i) const { return at_[i]; }
  constexpr T& back() { return at_[size_ - 1]; }
  constexpr void pop() { --size_; }
  constexpr void drop(int n) { size_ -= n; }
  constexpr int add(const T& x) {
    if (size_ == capacity_) grow();
    at_[size_] = x;
    return size_++;
  }

 private:
  T *at_ = nullptr, *own_ = nullptr;
  int size_ = 0, capacity_ = 0;
  constexpr void grow() {
    capacity_ = capacity_ ? 2 * capacity_ : 64;
    T* const bigger = new T[static_cast<unsigned>(capacity_)]{};
    for (int i = 0; i < size_; ++i) bigger[i] = at_[i];
    delete[] own_;
    at_ = own_ = bigger;
  }
};

/// What a parse found so far.
struct parsed {
  growing_array<op_record> ops;
  growing_array<use> uses;
  growing_array<definition> definitions;
  int values = 0;
  diagnostic failed;
  constexpr parsed() = default;
  constexpr parsed(op_record* o, use* u, definition* d, const parse_size& room)
      : ops(o, room.ops), uses(u, room.uses), definitions(d, room.definitions) {}
  constexpr parse_size size() const { return {ops.size(), uses.size(), definitions.size(), values}; }
};

class parser {
 public:
  constexpr parser(text t, const parse_state& from, parsed& to) : t_(t), s_(from), out_(to) {}

  /// Parses on until `chars` of text are consumed, or to the end of the text.
  constexpr parse_state run(int chars) {
    if (s_.at == 0)
      if (const auto zero = static_cast<int>(__builtin_strlen(t_.at)); zero < t_.size) fail(expected::text_without_zero, zero);
    const int enough = s_.at + chars < t_.size ? s_.at + chars : t_.size;
    while (!s_.done && !out_.failed && (s_.at < enough || enough == t_.size)) step();
    return s_;
  }

 private:
  text t_;
  parse_state s_;
  parsed& out_;

  constexpr void fail(expected what, int at) {
    if (!out_.failed) {
      int end = at;
      while (end < t_.size && end < at + 48 && t_.at[end] != '\n' && t_.at[end]) ++end;
      out_.failed = {what, at, end};
    }
  }
  constexpr void space() {
    const char c = t_.at[s_.at];
    if (c <= ' ' || c == '/') s_.at = skip_space(t_, s_.at);
  }
  constexpr char next() {
    space();
    return t_.at[s_.at];
  }
  constexpr bool accept(char c) {
    if (next() != c || s_.at >= t_.size) return false;
    ++s_.at;
    return true;
  }
  constexpr void require(char c, expected what) {
    if (!accept(c)) fail(what, s_.at);
  }
  constexpr bool accept(const char* word) {
    space();
    if (!is_word(t_, s_.at, word)) return false;
    s_.at += static_cast<int>(__builtin_strlen(word));
    return true;
  }
  constexpr void group() {  // a bracketed part
    const int end = skip_group(t_, s_.at);
    if (end >= t_.size && (t_.size == 0 || !is_closing(t_.at[t_.size - 1]))) fail(expected::closing_bracket, s_.at);
    s_.at = end;
  }
  static constexpr bool is_closing(char c) { return c == ')' || c == ']' || c == '}' || c == '>'; }
  constexpr span name() {
    const int begin = s_.at;
    s_.at = skip_name(t_, s_.at);
    return {begin, s_.at};
  }
  constexpr void string() {
    const int end = skip_string(t_, s_.at);
    if (end >= t_.size) fail(expected::closing_quote, s_.at);
    s_.at = end;
  }
  constexpr span symbol() {  // @name or @"name"
    require('@', expected::symbol);
    if (t_.at[s_.at] == '"') {
      const int begin = s_.at + 1;
      string();
      return {begin, s_.at - 1};
    }
    const span n = name();
    if (n.size() == 0) fail(expected::symbol, n.begin);
    return n;
  }
  constexpr span value_name() {
    require('%', expected::value_name);
    const span n = name();
    if (n.size() == 0) fail(expected::value_name, n.begin);
    return n;
  }
  constexpr int integer() {
    int n = 0;
    if (!is_digit(t_.at[s_.at])) fail(expected::integer, s_.at);
    for (; is_digit(t_.at[s_.at]); ++s_.at) {
      n = 10 * n + (t_.at[s_.at] - '0');
      if (n > 100000) {
        fail(expected::integer, s_.at);
        return 0;
      }
    }
    return n;
  }
  constexpr definition define() {
    const span n = value_name();
    return {n, 1, -1, hash(t_, n)};
  }
  constexpr void add_use() {
    const span n = value_name();
    int number = 0;
    if (t_.at[s_.at] == '#') ++s_.at, number = integer();
    out_.uses.add({n, number, hash(t_, n)});
  }
  constexpr void type() {
    space();
    const int begin = s_.at;
    if (starts_with(t_, begin, "tensor<")) {
      s_.at = scan(t_, begin, ">");
      if (contains(t_, begin + 7, s_.at, '<') || contains(t_, begin + 7, s_.at, '\n')) s_.at = begin + 6, group();
      else if (s_.at < t_.size) ++s_.at;
      else fail(expected::closing_bracket, begin);
      return;
    }
    if (t_.at[begin] == '(') return group();
    if (t_.at[begin] == '!') ++s_.at;
    if (name().size() == 0) return fail(expected::type, begin);
    if (t_.at[s_.at] == '<') group();
  }
  // T, or (T, ...) -> T, or a list of types.
  constexpr void signature() {
    for (;;) {
      type();
      if (out_.failed) return;
      space();
      if (starts_with(t_, s_.at, "->")) s_.at += 2, type(), space();
      if (t_.at[s_.at] != ',' || out_.failed) return;
      ++s_.at;
    }
  }
  constexpr void location() {
    if (accept("loc")) {
      if (next() == '(') group();
      else fail(expected::opening_parenthesis, s_.at);
    }
  }
  constexpr void push(parse_state::frame_t f, span symbol = {}) {
    if (s_.depth == parse_state::deepest) return fail(expected::less_nesting, s_.at);
    s_.symbol[s_.depth] = symbol;
    s_.frame[s_.depth++] = f;
  }
  constexpr op_record record(op_kind kind, span name) const {
    return {kind, false, name, -1, -1, s_.at, out_.uses.size(), 0, out_.definitions.size(), 0};
  }
  constexpr op_record& add(op_kind kind, span name) { return out_.ops[out_.ops.add(record(kind, name))]; }

  constexpr void step() {
    space();
    if (s_.at >= t_.size) {
      if (s_.depth) return fail(expected::closing_brace, t_.size);
      s_.done = true;
      return;
    }
    const char c = t_.at[s_.at];
    if (c == '}') return close();
    const bool outside =
        s_.depth == 0 || s_.frame[s_.depth - 1] == parse_state::in_module || s_.frame[s_.depth - 1] == parse_state::in_generic_module;
    if (outside) {
      if (c == '#' || c == '!') return alias();
      if (c == '{' && starts_with(t_, s_.at, "{-#")) {  // what stands behind it are resources
        s_.at = t_.size;
        return;
      }
      if (c != '"' && !is_letter(c)) return fail(expected::module_or_function, s_.at);
    }
    operation(outside);
  }
  constexpr void alias() {  // #name = attribute, !name = type
    ++s_.at, name();
    require('=', expected::equals_sign);
    space();
    const int begin = s_.at;
    while (s_.at < t_.size && t_.at[s_.at] != '\n' && !out_.failed)
      if (is_opening(t_.at[s_.at])) group();
      else if (t_.at[s_.at] == '"') string();
      else ++s_.at;
    if (s_.at == begin) fail(expected::attribute, begin);
  }

  // '}' at the end of a function, a module, or a region.
  constexpr void close() {
    if (s_.depth == 0) return fail(expected::module_or_function, s_.at);
    const auto frame = s_.frame[--s_.depth];
    const span symbol = s_.symbol[s_.depth];
    ++s_.at;
    switch (frame) {
      case parse_state::in_module: return location();
      case parse_state::in_function: add(op_kind::function_end, symbol), location(); return;
      case parse_state::in_reducer: add(op_kind::region_end, {}), end_operation(false); return;
      case parse_state::in_condition:
        add(op_kind::region_end, {});
        if (!accept("do")) return fail(expected::region, s_.at);
        require('{', expected::opening_brace);
        add(op_kind::region_begin, {});
        return push(parse_state::in_body);
      case parse_state::in_body: add(op_kind::region_end, {}), end_operation(false); return;
      case parse_state::in_generic_module:
      case parse_state::in_generic_function:
      case parse_state::in_generic:
        if (frame == parse_state::in_generic) add(op_kind::region_end, {});
        if (accept(',')) {
          require('{', expected::opening_brace);
          push(frame, symbol);
          return begin_region(frame);
        }
        require(')', expected::closing_parenthesis);
        if (frame == parse_state::in_generic) return end_operation(true);
        if (frame == parse_state::in_generic_function) {
          op_record& r = add(op_kind::function_end, symbol);
          if (next() == '{') {
            const int begin = s_.at;
            group();
            if (symbol.size() == 0) out_.ops.back().name = string_attribute(begin, s_.at, "sym_name");
          }
          static_cast<void>(r);
        } else if (next() == '{') {
          group();
        }
        require(':', expected::colon);
        signature();
        location();
    }
  }
  // Behind the regions of an op: further attributes and its type, in the generic form.
  constexpr void end_operation(bool generic) {
    op_record r = record(op_kind::operation_end, {});
    r.generic = generic, r.attributes = s_.at;
    if (generic) {
      if (next() == '{') group();
      require(':', expected::colon);
      r.signature = s_.at;
      signature();
    }
    location();
    r.end = s_.at;
    out_.ops.add(r);
  }
  // Behind '{' of a region in the generic form.
  constexpr void begin_region(parse_state::frame_t frame) {
    op_record& r = add(op_kind::region_begin, {});
    const bool function = frame == parse_state::in_generic_function;
    if (function) r.kind = op_kind::function_begin, r.name = s_.symbol[s_.depth - 1], r.generic = true;
    else if (frame == parse_state::in_generic_module) out_.ops.pop();
    if (next() == '^') {
      ++s_.at, name();
      int count = 0;
      if (accept('(')) count = arguments(')');
      require(':', expected::colon);
      if (frame != parse_state::in_generic_module) out_.ops.back().definitions = count;
    }
    if (frame != parse_state::in_generic_module) out_.ops.back().end = s_.at;
  }
  // %name: type {attributes} loc(...), ... up to `end`.
  constexpr int arguments(char end) {
    int count = 0;
    if (accept(end)) return 0;
    do {
      space();
      definition d = define();
      require(':', expected::colon);
      space();
      d.type = s_.at;
      type();
      if (next() == '{') group();
      location();
      out_.definitions.add(d), ++count, ++out_.values;
    } while (!out_.failed && accept(','));
    require(end, expected::closing_parenthesis);
    return count;
  }

  constexpr void operation(bool outside) {
    const int first_definition = out_.definitions.size();
    if (t_.at[s_.at] == '^') return fail(expected::one_block, s_.at);
    if (t_.at[s_.at] == '%') {
      do {
        space();
        definition d = define();
        if (accept(':')) space(), d.count = integer();
        out_.values += d.count;
        out_.definitions.add(d);
      } while (!out_.failed && accept(','));
      require('=', expected::equals_sign);
      space();
    }
    if (out_.failed) return;
    op_record r = record(op_kind::unknown, {});
    r.first_definition = first_definition, r.definitions = out_.definitions.size() - first_definition;
    r.generic = t_.at[s_.at] == '"';
    if (r.generic) {
      r.name.begin = s_.at + 1;
      string();
      r.name.end = s_.at - 1;
    } else {
      r.name = {s_.at, scan(t_, s_.at, " ")};  // mostly: then no character of it is looked at alone
    }
    r.kind = kind_of(t_, r.name);
    if (!r.generic) {
      if (r.kind == op_kind::unknown) r.name = name(), r.kind = kind_of(t_, r.name);
      else s_.at = r.name.end;
    }
    if (r.name.size() == 0) return fail(expected::op_name, s_.at);
    if (r.kind == op_kind::unknown) {
      s_.at = r.name.end;
      return fail(is_other_dialect(r.name) ? expected::known_dialect : expected::known_op, r.name.begin);
    }
    if (r.kind == op_kind::of_devices) return fail(expected::one_device, r.name.begin);
    if (r.kind == op_kind::of_dynamic_shapes) return fail(expected::static_shape, r.name.begin);
    if (r.kind == op_kind::of_quantised_types) return fail(expected::unquantised_type, r.name.begin);
    if (outside && r.kind != op_kind::module_op && r.kind != op_kind::func) return fail(expected::module_or_function, r.name.begin);
    if (!outside && (r.kind == op_kind::module_op || r.kind == op_kind::func)) return fail(expected::closing_brace, r.name.begin);
    r.attributes = s_.at;
    if (r.generic) generic(r);
    else if (r.kind == op_kind::module_op) module();
    else if (r.kind == op_kind::func) function();
    else if (r.kind == op_kind::while_) loop(r);
    else pretty(r);
  }
  constexpr bool is_other_dialect(span name) const {
    bool dot = false;
    for (int i = name.begin; i < name.end; ++i) dot |= t_.at[i] == '.';
    constexpr const char* dialects[] = {"stablehlo.", "chlo.", "func.", "builtin.", "check."};
    for (const char* known : dialects) dot &= !starts_with(t_, name.begin, known);
    return dot;
  }
  constexpr void finish(op_record& r) {
    r.uses = out_.uses.size() - r.first_use, r.end = s_.at;
    out_.ops.add(r);
  }
  constexpr void module() {
    if (next() == '@') symbol();
    if (accept("attributes")) space(), group();
    location();
    require('{', expected::opening_brace);
    push(parse_state::in_module);
  }
  constexpr void function() {
    if (!accept("public") && !accept("private")) accept("nested");
    space();
    op_record r = record(op_kind::function_begin, {});
    r.name = symbol();
    require('(', expected::opening_parenthesis);
    if (next() != '%' && t_.at[s_.at] != ')') {  // a declaration without names
      --s_.at;
      group();
    } else {
      r.definitions = arguments(')');
    }
    space();
    if (starts_with(t_, s_.at, "->")) {
      s_.at += 2, space();
      r.signature = s_.at;
      type();
    }
    if (accept("attributes")) space(), group();
    location();
    r.end = s_.at;
    if (next() != '{') {
      out_.definitions.drop(r.definitions), out_.values -= r.definitions;  // declared only
      return;
    }
    ++s_.at;
    out_.ops.add(r);
    push(parse_state::in_function, r.name);
  }
  constexpr void generic(op_record& r) {
    require('(', expected::opening_parenthesis);
    if (!accept(')')) {
      do space(), add_use();
      while (!out_.failed && accept(','));
      require(')', expected::closing_parenthesis);
    }
    r.attributes = s_.at;
    if (next() == '<') group();
    const int properties_end = s_.at;
    if (next() == '(') {
      ++s_.at;
      require('{', expected::opening_brace);
      auto frame = parse_state::in_generic;
      if (r.kind == op_kind::module_op) frame = parse_state::in_generic_module;
      if (r.kind == op_kind::func) frame = parse_state::in_generic_function;
      span symbol{};
      if (frame == parse_state::in_generic) finish(r);
      else if (frame == parse_state::in_generic_function) symbol = string_attribute(r.attributes, properties_end, "sym_name");
      push(frame, symbol);
      return begin_region(frame);
    }
    if (next() == '{') group();
    require(':', expected::colon);
    r.signature = s_.at;
    signature();
    finish_pretty(r);
  }
  // The string that stands for `key` in the text [begin, end).
  constexpr span string_attribute(int begin, int end, const char* key) {
    for (int at = begin; at < end; ++at)
      if (t_.at[at] == '"') at = skip_string(t_, at) - 1;
      else if (is_word(t_, at, key) && !is_name(t_.at[at - 1])) {
        at = scan(t_, at, "\"");
        return {at + 1, skip_string(t_, at) - 1};
      }
    return {};
  }
  // while(%a = %x, ...) : types attributes {...} cond {...} do {...}
  constexpr void loop(op_record& r) {
    require('(', expected::opening_parenthesis);
    const int first = out_.definitions.size();
    int count = 0;
    if (!accept(')')) {
      do {
        space();
        out_.definitions.add(define()), ++count, out_.values += 2;  // of both regions
        require('=', expected::equals_sign);
        space(), add_use();
      } while (!out_.failed && accept(','));
      require(')', expected::closing_parenthesis);
    }
    if (accept(':')) r.signature = s_.at, signature();
    if (accept("attributes")) space(), r.attributes = s_.at, group();
    if (!accept("cond")) return fail(expected::region, s_.at);
    require('{', expected::opening_brace);
    finish(r);
    op_record region = record(op_kind::region_begin, {});
    region.first_definition = first, region.definitions = count;
    out_.ops.add(region);
    push(parse_state::in_condition);
  }
  // name operands and attributes : type
  constexpr void pretty(op_record& r) {
    int depth = 0;
    const bool bare = r.kind == op_kind::func_return || r.kind == op_kind::stablehlo_return;
    for (;;) {
      space();
      if (s_.at >= t_.size || out_.failed) return fail(expected::colon, s_.at);
      const char c = t_.at[s_.at];
      if (c == '%') add_use();
      else if (c == ',') ++s_.at;
      else if (c == '(') ++depth, ++s_.at;
      else if (c == ')') {
        if (--depth < 0) return fail(expected::colon, s_.at);
        ++s_.at;
      } else if (c == '"') string();
      else if (c == '@') symbol();
      else if (c == '[' || c == '{' || c == '<') group();
      else if (c == ':') {
        ++s_.at;
        if (depth == 0) break;
      } else if (bare && c == '}' && out_.uses.size() == r.first_use) {  // nothing is returned
        s_.at = r.attributes;
        return finish(r);
      } else if (c == '-' && t_.at[s_.at + 1] == '>') s_.at += 2;
      else if (c == '=' || c == '#' || c == '-' || c == '+') ++s_.at;
      else if (bare && is_word(t_, s_.at, "loc")) {
        location();
        return finish(r);
      } else if (is_name(c)) s_.at = skip_name(t_, s_.at + 1);
      else return fail(expected::colon, s_.at);
    }
    r.signature = s_.at;
    signature();
    finish_pretty(r);
  }
  constexpr void finish_pretty(op_record& r) {
    if (out_.failed) return;
    if (!r.generic && r.kind == op_kind::reduce && accept("reducer")) return reducer(r);
    if (r.kind >= op_kind::check_eq && r.kind <= op_kind::check_close && next() == '{') group();
    const int end = s_.at;
    location();
    finish(r);
    if (s_.at == end) out_.ops.back().end = end;
  }
  // reducer(%a: T, %b: T) (%c: T, %d: T) {...}: the region's parameters are the first of each pair, then the second.
  constexpr void reducer(op_record& r) {
    finish(r);
    op_record region = record(op_kind::region_begin, {});
    while (accept('(')) arguments(')');
    const int count = out_.definitions.size() - region.first_definition;
    sinter::detail::list<definition> pairs;
    for (int i = 0; i < count; ++i) pairs.add(out_.definitions[region.first_definition + i]);
    for (int i = 0; i < count; ++i) out_.definitions[region.first_definition + (i % 2 ? count / 2 : 0) + i / 2] = pairs[i];
    region.definitions = count;
    require('{', expected::opening_brace);
    region.end = s_.at;
    out_.ops.add(region);
    push(parse_state::in_reducer);
  }
};

/// A slice of the text, parsed.
template <parse_size N> struct frozen_slice {
  parse_state next;
  diagnostic failed;
  parse_size size;
  op_record ops[N.ops + 1] = {};
  use uses[N.uses + 1] = {};
  definition definitions[N.definitions + 1] = {};
};
template <parse_size N> constexpr frozen_slice<N> parse_slice(text t, const parse_state& from, int chars) {
  frozen_slice<N> s;
  parsed p(s.ops, s.uses, s.definitions, N);
  s.next = parser(t, from, p).run(chars);
  s.failed = p.failed, s.size = p.size();  // the slice holds all that was found if it fits
  return s;
}

inline constexpr int slice_chars = 24576;
inline constexpr parse_size usual_slice{512, 640, 512, 0};

template <class Text> inline constexpr text text_of{Text::value, static_cast<int>(sizeof(Text::value)) - 1};

template <class Text, int K> struct slice {
  static constexpr parse_state from() {
    if constexpr (K == 0) return {};
    else return slice<Text, K - 1>::value.next;
  }
  static constexpr auto first = parse_slice<usual_slice>(text_of<Text>, from(), slice_chars);
  static constexpr const auto& whole() {
    if constexpr (first.size.fits(usual_slice)) return first;
    else return again<first.size>;
  }
  template <parse_size N> static constexpr auto again = parse_slice<N>(text_of<Text>, from(), slice_chars);
  static constexpr const auto& value = whole();
  static constexpr bool is_last = value.next.done || value.failed;
};
/// How many slices there are.
template <class Text, int K = 0> constexpr int slices() {
  if constexpr (slice<Text, K>::is_last) return K + 1;
  else return slices<Text, K + 1>();
}

}  // namespace sinter::mlir
