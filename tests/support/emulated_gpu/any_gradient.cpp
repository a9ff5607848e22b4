#include "tests/support/emulated_gpu/any_gradient.hpp"

#include <algorithm>
#include <new>
#include <stdexcept>

#include "tests/support/emulated_gpu/any_chain.cuh"
#include "tests/support/emulated_gpu/program.hpp"

namespace gemmact::emulated_gpu {

using epilogue::form, epilogue::held, epilogue::params, tile::spread;
using place_of_pairs = tile::strip_place_of<tile::pairs>;

struct kept_row {
  std::string text;
  bool reads_bits;
  void (*make)(void* self);
  // Null where a kind of strips has not got it.
  void (*row)(void* self, const params&, const tile::strip&, u32 product);
  void (*row_staged)(void* self, const params&, const tile::staged_strip&, u32 product);
  void (*row_fetched)(void* self, const params&, const tile::fetched_strip&, u32 product);
  float (*get)(const void* self, int j);  // null of a bit and of nothing
  float (*grad)(const void* self, const any_function<4>& f, int j);
};

struct source_row {
  std::string text;
  void (*make)(void* self);
  void (*begin)(void* self, const params&, int i, const tile::strip_place&);
  void (*begin_pairs)(void* self, const params&, int i, const place_of_pairs&);
  void (*begin_fetched)(void* self, const params&, int i, const tile::fetched_place&);
  void (*row)(void* self, const params&, int i, const tile::strip&);
  void (*row_staged)(void* self, const params&, int i, const tile::staged_strip&);
  void (*row_fetched)(void* self, const params&, int i, const tile::fetched_strip&);
  float (*get)(const void* self, const params&, int i, int j);
};

namespace {

template <class Kept, class Strip>
void kept_of_row(void* self, const params& p, const Strip& s, u32 product) {
  if constexpr (requires(Kept k) { k.row(p, s, product); }) static_cast<Kept*>(self)->row(p, s, product);
  else static_cast<Kept*>(self)->row(p, s);
}

template <form what, class T, held where>
kept_row kept_row_of(const char* text) {
  using Kept = epilogue::kept<what, T, where>;
  static_assert(sizeof(Kept) <= 64);
  kept_row row{};
  row.text = without_spaces(text);
  row.reads_bits = epilogue::reads_bits_of<Kept>();
  row.make = [](void* self) { new (self) Kept; };
  if constexpr (where == held::in_memory) row.row = kept_of_row<Kept, tile::strip>;
  if constexpr (where != held::fetched) row.row_staged = kept_of_row<Kept, tile::staged_strip>;
  else row.row_fetched = kept_of_row<Kept, tile::fetched_strip>;
  if constexpr (what == form::nothing) row.row_fetched = kept_of_row<Kept, tile::fetched_strip>;
  if constexpr (requires(const Kept k) { k[0]; })
    row.get = [](const void* self, int j) { return (*static_cast<const Kept*>(self))[j]; };
  if constexpr (what != form::index)
    row.grad = [](const void* self, const any_function<4>& f, int j) {
      return static_cast<const Kept*>(self)->grad(f, j);
    };
  return row;
}

template <class Source>
source_row source_row_of(const char* text) {
  static_assert(sizeof(Source) <= 64);
  source_row row{};
  row.text = without_spaces(text);
  row.make = [](void* self) { new (self) Source; };
  row.begin = [](void* self, const params& p, int i, const tile::strip_place& s) {
    static_cast<Source*>(self)->begin(p, i, s);
  };
  row.begin_pairs = [](void* self, const params& p, int i, const place_of_pairs& s) {
    static_cast<Source*>(self)->begin(p, i, s);
  };
  row.begin_fetched = [](void* self, const params& p, int i, const tile::fetched_place& s) {
    static_cast<Source*>(self)->begin(p, i, s);
  };
  row.row = [](void* self, const params& p, int i, const tile::strip& s) { static_cast<Source*>(self)->row(p, i, s); };
  row.row_staged = [](void* self, const params& p, int i, const tile::staged_strip& s) {
    static_cast<Source*>(self)->row(p, i, s);
  };
  row.row_fetched = [](void* self, const params& p, int i, const tile::fetched_strip& s) {
    static_cast<Source*>(self)->row(p, i, s);
  };
  row.get = [](const void* self, const params& p, int i, int j) {
    return static_cast<const Source*>(self)->get(p, i, j);
  };
  return row;
}

// clang-format off
#define KEPT_IN(form_, T, where) \
  kept_row_of<form::form_, T, held::where>("epilogue::kept<epilogue::form::" #form_ ", " #T ", epilogue::held::" #where ">"),
#define KEPT(form_, T) kept_row_of<form::form_, T, held::in_memory>("epilogue::kept<epilogue::form::" #form_ ", " #T ">"),
#define KEPT_OF(T) KEPT(z, T) KEPT(output, T) KEPT_IN(z, T, fetched) KEPT_IN(output, T, fetched)
#define STAGED_OF(T) KEPT_IN(z, T, staged) KEPT_IN(output, T, staged) KEPT_IN(z, T, staged_pair)

const kept_row kept_rows[] = {
  kept_row_of<form::nothing, float, held::in_memory>("epilogue::kept<epilogue::form::nothing>"),
  kept_row_of<form::bit, float, held::in_memory>("epilogue::kept<epilogue::form::bit>"),
  KEPT_IN(bit, float, fetched) KEPT_IN(index, u8, fetched)
  KEPT_OF(float) KEPT_OF(f16_bits) KEPT_OF(bf16_bits) STAGED_OF(f16_bits) STAGED_OF(bf16_bits)
};

#define SOURCE(T, how) \
  source_row_of<epilogue::tensor<T, spread::how>>("epilogue::tensor<" #T ", tile::spread::" #how ">"),
#define SOURCES(T) SOURCE(T, each) SOURCE(T, scalar) SOURCE(T, per_column) SOURCE(T, per_row)

const source_row source_rows[] = {
  source_row_of<epilogue::number>("epilogue::number"), SOURCES(float) SOURCES(f16_bits) SOURCES(bf16_bits)
};
// clang-format on

template <class Row, size_t count>
const Row* find(const Row (&rows)[count], const std::string& text) {
  const auto found = std::find_if(rows, rows + count, [&](const Row& row) { return row.text == text; });
  if (found == rows + count)
    throw std::invalid_argument("the emulated GPU has no part " + text + ": any_gradient.cpp needs a row");
  return found;
}

// "epilogue::sources<…>" with any_source for each of them.
std::string take_sources(const std::string& text, gradient_parts& parts) {
  const size_t open = text.find('<');
  std::string any;
  for (const std::string& source : split_list(text.substr(open + 1, text.size() - open - 2))) {
    parts.sources.push_back(find(source_rows, source));
    any += any.empty() ? "any_source" : ",any_source";
  }
  return text.substr(0, open + 1) + any + ">";
}

gradient_parts chosen;

void check(const void* pointer, const std::string& text) {
  if (pointer == nullptr) throw std::logic_error("strips of this kind have no " + text);
}

}  // namespace

std::string take_gradient_parts(const std::string& step, gradient_parts& parts) {
  const size_t open = step.find('<');
  const std::string name = step.substr(0, open);
  const bool gate = name == "epilogue::gate", maxout = name == "epilogue::maxout_gradient";
  const bool plain = name == "epilogue::gradient", gated = name == "epilogue::gated_gradient";
  const bool forward = gate || name == "epilogue::activate";
  if (!forward && !maxout && !plain && !gated) return step;
  std::vector<std::string> words = split_list(step.substr(open + 1, step.size() - open - 2));
  if (!forward) {
    std::string& kept = words.at(maxout ? 2 : 1);
    parts.kept = find(kept_rows, kept);
    kept = "any_kept";
  }
  if (gated) {
    parts.second = find_step(words.at(2));
    if (parts.second == nullptr) throw std::invalid_argument("the emulated GPU has no step " + words[2]);
    words[2] = "any_second";
  }
  if (!maxout) {
    const size_t sources = forward ? 1 : gated ? 3 : 2;
    if (words.size() == sources) words.push_back("epilogue::sources<>");
    words[sources] = take_sources(words[sources], parts);
  }
  if (!forward && words.back().find("epilogue::summed<") != 0) words.push_back("epilogue::summed<0>");
  std::string text = name + "<";
  for (size_t i = 0; i < words.size(); ++i) text += (i == 0 ? "" : ",") + words[i];
  return text + ">";
}

void choose(const gradient_parts& parts) { chosen = parts; }

std::vector<std::string> gradient_part_types() {
  std::vector<std::string> all;
  for (const kept_row& row : kept_rows) all.push_back(row.text);
  for (const source_row& row : source_rows) all.push_back(row.text);
  return all;
}

std::vector<std::string> types_of(const gradient_parts& parts) {
  std::vector<std::string> all;
  if (parts.kept != nullptr) all.push_back(parts.kept->text);
  if (parts.second != nullptr) all.push_back(parts.second->text);
  for (const source_row* source : parts.sources) all.push_back(source->text);
  return all;
}

any_kept::any_kept() { chosen.kept->make(state_); }
void any_kept::row(const params& p, const tile::strip& s, u32 product) {
  check(reinterpret_cast<const void*>(chosen.kept->row), chosen.kept->text);
  chosen.kept->row(state_, p, s, product);
}
void any_kept::row(const params& p, const tile::staged_strip& s, u32 product) {
  check(reinterpret_cast<const void*>(chosen.kept->row_staged), chosen.kept->text);
  chosen.kept->row_staged(state_, p, s, product);
}
void any_kept::row(const params& p, const tile::fetched_strip& s, u32 product) {
  check(reinterpret_cast<const void*>(chosen.kept->row_fetched), chosen.kept->text);
  chosen.kept->row_fetched(state_, p, s, product);
}
bool any_kept::reads_bits() { return chosen.kept->reads_bits; }
float any_kept::operator[](int j) const {
  check(reinterpret_cast<const void*>(chosen.kept->get), chosen.kept->text);
  return chosen.kept->get(state_, j);
}
float any_kept::grad(const any_function<4>& f, int j) const { return chosen.kept->grad(state_, f, j); }

// sources<any_source, any_source> has each of them told its number.
void any_source::make(int i) { chosen.sources[size_t(i)]->make(state_); }
void any_source::begin(const params& p, int i, const tile::strip_place& s) {
  make(i);
  chosen.sources[size_t(i)]->begin(state_, p, i, s);
}
void any_source::begin(const params& p, int i, const place_of_pairs& s) {
  make(i);
  chosen.sources[size_t(i)]->begin_pairs(state_, p, i, s);
}
void any_source::begin(const params& p, int i, const tile::fetched_place& s) {
  make(i);
  chosen.sources[size_t(i)]->begin_fetched(state_, p, i, s);
}
void any_source::row(const params& p, int i, const tile::strip& s) { chosen.sources[size_t(i)]->row(state_, p, i, s); }
void any_source::row(const params& p, int i, const tile::staged_strip& s) {
  chosen.sources[size_t(i)]->row_staged(state_, p, i, s);
}
void any_source::row(const params& p, int i, const tile::fetched_strip& s) {
  chosen.sources[size_t(i)]->row_fetched(state_, p, i, s);
}
float any_source::get(const params& p, int i, int j) const { return chosen.sources[size_t(i)]->get(state_, p, i, j); }

namespace {

// The step that is chosen; it keeps nothing from strip to strip.
struct second_state {
  alignas(16) unsigned char bytes[16];
  second_state() {
    if (chosen.second->bytes > sizeof bytes) throw std::logic_error(chosen.second->text + " has more state than this");
    chosen.second->make(bytes);
  }
};

}  // namespace

void any_second::apply(const params& p, tile::strip& s) { chosen.second->apply(second_state().bytes, p, s); }
void any_second::apply(const params& p, tile::staged_strip& s) {
  chosen.second->apply_staged(second_state().bytes, p, s);
}
void any_second::apply(const params& p, tile::fetched_strip& s) {
  chosen.second->apply_fetched(second_state().bytes, p, s);
}

}  // namespace gemmact::emulated_gpu
