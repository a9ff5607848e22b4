#include "tests/host/api/random_layer.hpp"

#include <climits>
#include <mutex>
#include <set>
#include <string>

namespace gemmact::test {
namespace {

template <class T>
T one_of(random_source& random, std::initializer_list<T> all) {
  return all.begin()[random.below(static_cast<int64_t>(all.size()))];
}

bool chance(random_source& random, int percent) { return random.below(100) < percent; }

gemmact_type float_type(random_source& random) { return one_of(random, {GEMMACT_F32, GEMMACT_F16, GEMMACT_BF16}); }

gemmact_type operand_type(random_source& random) {
  return one_of(random, {GEMMACT_F32, GEMMACT_F16, GEMMACT_BF16, GEMMACT_E4M3});
}

constexpr gemmact_extent vectors[] = {GEMMACT_SCALAR, GEMMACT_PER_COLUMN, GEMMACT_PER_ROW};

// The tensors of a problem with random layouts. Rows and columns are those of the slot's matrix.
class lister {
 public:
  lister(sample_layer& layer, random_source& random) : layer_(layer), random_(random) {}

  void matrix(uint32_t slot, int64_t rows, int64_t cols, gemmact_type type, uint32_t index = 0) {
    layer_.add(slot, type, GEMMACT_EACH, index);
    gemmact_tensor& t = layer_.tensors.back();
    bool words = type == GEMMACT_BIT, bytes = type == GEMMACT_U8;
    if (!words && !bytes && chance(random_, 25)) t.order = GEMMACT_COLUMN_MAJOR;
    int64_t dense = t.order == GEMMACT_ROW_MAJOR ? cols : rows;
    if (words) dense = (dense + 31) / 32 * 32;
    if (chance(random_, 30)) t.ld = dense + random_.below(3) * (words ? 32 : 1);
    int64_t ld = t.ld == 0 ? dense : t.ld;
    if (layer_.problem.batch > 1)
      t.batch_stride = ld * (t.order == GEMMACT_ROW_MAJOR ? rows : cols) + random_.below(2) * (words ? 32 : 3);
  }

  void vector(uint32_t slot, gemmact_extent extent, gemmact_type type, uint32_t index = 0) {
    layer_.add(slot, type, extent, index);
  }

 private:
  sample_layer& layer_;
  random_source& random_;
};

void forward_tensors(sample_layer& l, random_source& random, uint32_t pieces, gemmact_type type) {
  const gemmact_problem& p = l.problem;
  lister list(l, random);
  list.matrix(GEMMACT_X, p.m, p.k, type);
  for (uint32_t i = 0; i < pieces; ++i) {
    list.matrix(GEMMACT_W, p.n, p.k, type, i);
    if (chance(random, 50)) list.vector(GEMMACT_BIAS, vectors[random.below(3)], float_type(random), i);
    if (chance(random, 15)) list.vector(GEMMACT_SCALE_W, vectors[random.below(2)], GEMMACT_F32, i);
  }
  list.matrix(GEMMACT_Y, p.m, p.n, operand_type(random));
  if (chance(random, 20)) list.matrix(GEMMACT_C, p.m, p.n, operand_type(random));
  if (chance(random, 20)) list.matrix(GEMMACT_RESIDUAL, p.m, p.n, operand_type(random));
  for (uint32_t slot : {GEMMACT_ALPHA, GEMMACT_SCALE_X, GEMMACT_SCALE_Y, GEMMACT_AMAX_Y})
    if (chance(random, 15)) list.vector(slot, GEMMACT_SCALAR, GEMMACT_F32);
}

void gradient_tensors(sample_layer& l, random_source& random, uint32_t pieces, gemmact_type type) {
  const gemmact_problem& p = l.problem;
  lister list(l, random);
  if (p.combine == GEMMACT_MAXOUT) return list.matrix(GEMMACT_DY, p.m, p.n, type);
  for (uint32_t i = 0; i < pieces; ++i) list.matrix(GEMMACT_DZ, p.m, p.n, type, i);
}

// KEPT as resolve_keep answers, for the operations that have it.
void kept_tensors(sample_layer& l, random_source& random) {
  gemmact_keep keep;
  gemmact_type type;
  if (gemmact_resolve_keep(l.link(), &keep, &type) != GEMMACT_OK || keep == GEMMACT_KEEP_NOTHING) return;
  lister list(l, random);
  list.matrix(GEMMACT_KEPT, l.problem.m, l.problem.n, type);
  if (l.problem.combine == GEMMACT_GATED) list.matrix(GEMMACT_KEPT, l.problem.m, l.problem.n, type, 1);
}

void operation_tensors(sample_layer& l, random_source& random, uint32_t pieces) {
  const gemmact_problem& p = l.problem;
  bool maxout = p.combine == GEMMACT_MAXOUT;
  gemmact_type type = maxout && p.operation != GEMMACT_FORWARD ? float_type(random) : operand_type(random);
  lister list(l, random);
  switch (p.operation) {
    case GEMMACT_FORWARD:
      forward_tensors(l, random, pieces, type);
      if (chance(random, 60)) kept_tensors(l, random);
      return;
    case GEMMACT_ACTIVATION_GRAD:
      list.matrix(GEMMACT_DY, p.m, p.n, float_type(random));
      for (uint32_t i = 0; i < pieces; ++i) list.matrix(GEMMACT_DZ, p.m, p.n, operand_type(random), i);
      if (chance(random, 50)) list.vector(GEMMACT_DBIAS, vectors[random.below(3)], float_type(random));
      return kept_tensors(l, random);
    case GEMMACT_INPUT_GRAD:
      gradient_tensors(l, random, pieces, type);
      for (uint32_t i = 0; i < pieces; ++i) list.matrix(GEMMACT_W, p.n, p.k, type, i);
      list.matrix(GEMMACT_DX, p.m, p.k, float_type(random));
      if (maxout) kept_tensors(l, random);
      if (p.below == nullptr) return;
      list.matrix(GEMMACT_BELOW | GEMMACT_DZ, p.m, p.k, operand_type(random));
      list.matrix(GEMMACT_BELOW | GEMMACT_KEPT, p.m, p.k, GEMMACT_BF16);
      l.problem.keep_below = GEMMACT_KEEP_Z;
      return;
    default:
      gradient_tensors(l, random, pieces, type);
      list.matrix(GEMMACT_X, p.m, p.k, type);
      for (uint32_t i = 0; i < pieces; ++i) list.matrix(GEMMACT_DW, p.n, p.k, float_type(random), i);
      if (chance(random, 50)) list.vector(GEMMACT_DBIAS, vectors[random.below(3)], float_type(random));
      if (maxout) kept_tensors(l, random);
  }
}

int64_t odd_number(random_source& random) {
  return one_of<int64_t>(random, {0, -1, 1, 2, 3, 31, 32, 33, 255, 256, 1 << 20, int64_t{1} << 31, int64_t{1} << 32,
                                  int64_t{1} << 40, int64_t{1} << 62, INT64_MAX, INT64_MIN});
}

void spoil_head(gemmact_problem& p, random_source& random) {
  auto put = [&](auto& field) {
    const auto bits = static_cast<uint32_t>(random.below(12) == 0 ? random.next() : random.next() % 8);
    std::memcpy(&field, &bits, sizeof bits);
  };
  switch (random.below(18)) {
    case 0:
      p.struct_bytes = static_cast<size_t>(odd_number(random)) % (sizeof p + 1);
      break;
    case 1:
      put(p.operation);
      break;
    case 2:
      put(p.combine);
      break;
    case 3:
      put(p.pieces);
      break;
    case 4:
      put(p.batching);
      break;
    case 5:
      put(p.compute);
      break;
    case 6:
      put(p.accuracy);
      break;
    case 7:
      put(p.keep);
      break;
    case 8:
      put(p.keep_below);
      break;
    case 9:
      p.flags = random.next() >> random.below(64);
      break;
    case 10:
      p.m = odd_number(random);
      break;
    case 11:
      p.n = odd_number(random);
      break;
    case 12:
      p.k = odd_number(random);
      break;
    case 13:
      p.batch = odd_number(random);
      break;
    case 14:
      p.activation = random_text(random);
      break;
    case 15:
      p.below = random_text(random);
      break;
    case 16:
      put(p.below_combine);
      break;
    default:
      put(p.below_pieces);
      break;
  }
}

void spoil_tensor(gemmact_tensor& t, random_source& random) {
  auto put = [&](auto& field) {
    const auto bits = static_cast<uint32_t>(random.below(12) == 0 ? random.next() : random.next() % 9);
    std::memcpy(&field, &bits, sizeof bits);
  };
  switch (random.below(8)) {
    case 0:
      t.slot = static_cast<uint32_t>(random.below(26)) | (chance(random, 20) ? GEMMACT_BELOW : 0);
      break;
    case 1:
      put(t.index);
      break;
    case 2:
      put(t.type);
      break;
    case 3:
      put(t.order);
      break;
    case 4:
      put(t.extent);
      break;
    case 5:
      put(t.align_bytes);
      break;
    case 6:
      t.ld = odd_number(random);
      break;
    default:
      t.batch_stride = odd_number(random);
      break;
  }
}

}  // namespace

const char* random_text(random_source& random) {
  static std::mutex mutex;
  static std::set<std::string> kept;  // the addresses of its elements stay
  const char* const sound[] = {"relu",
                               "silu",
                               "swish(beta=1.5)",
                               "leaky_relu(slope=0.02)",
                               "tanh",
                               "sigmoid",
                               "gelu",
                               "linear",
                               "step",
                               "prelu",
                               "clip(lo=-2, hi=3)",
                               "hinge",
                               "softplus",
                               "mish",
                               "elu(alpha=2)",
                               "x * sigmoid(1.7 * x)",
                               "f(x; a=1, s[n]=0.5) = x > 0 ? a * x : s * sin(x)^3",
                               "max(0, 1 - x)"};
  std::string text = sound[random.below(std::size(sound))];
  for (int64_t damage = random.below(4) == 0 ? random.between(1, 4) : 0; damage > 0; --damage) {
    const size_t at = static_cast<size_t>(random.below(static_cast<int64_t>(text.size()) + 1));
    const char c = "x(),=;:?+-*/^<>. 0aeins_[]\n\xff"[random.below(28)];
    if (chance(random, 50)) text.insert(at, 1, c);
    else text.erase(at, 1);
  }
  std::lock_guard lock(mutex);
  return kept.insert(text).first->c_str();
}

sample_layer random_layer(random_source& random) {
  sample_layer l(static_cast<gemmact_operation>(random.between(GEMMACT_FORWARD, GEMMACT_WEIGHT_GRAD)));
  gemmact_problem& p = l.problem;
  p.m = random.between(1, 40);
  p.n = random.between(1, 40);
  p.k = random.between(1, 40);
  p.batch = chance(random, 30) ? random.between(2, 3) : 0;
  const bool huge = chance(random, 4);  // a batch that shares all its tensors
  if (huge) {
    p.n = one_of<int64_t>(random, {1, 40, 1 << 22});
    p.batch = one_of<int64_t>(random, {1 << 20, int64_t{1} << 32, int64_t{1} << 40});
  }
  p.combine = one_of(random, {GEMMACT_PLAIN, GEMMACT_PLAIN, GEMMACT_GATED, GEMMACT_MAXOUT});
  p.pieces = p.combine == GEMMACT_MAXOUT ? static_cast<uint32_t>(random.between(2, 8)) : 0;
  p.compute = one_of(random, {GEMMACT_COMPUTE_STRICT, GEMMACT_COMPUTE_TF32, GEMMACT_COMPUTE_FP8_FAST});
  p.accuracy = one_of(random, {GEMMACT_ACCURATE, GEMMACT_FAST});
  p.flags = static_cast<uint64_t>(random.below(128));
  p.activation = p.combine == GEMMACT_MAXOUT ? nullptr : random_text(random);
  p.below = p.operation == GEMMACT_INPUT_GRAD && chance(random, 50) ? random_text(random) : nullptr;
  operation_tensors(l, random, p.combine == GEMMACT_GATED ? 2 : std::max(p.pieces, 1u));
  if (p.activation != nullptr && std::string(p.activation).rfind("hinge", 0) == 0 &&
      p.operation <= GEMMACT_ACTIVATION_GRAD)
    l.add(GEMMACT_TARGET, GEMMACT_F32, GEMMACT_PER_ROW);
  if (huge)
    for (gemmact_tensor& t : l.tensors) t.batch_stride = 0;
  return l;
}

void spoil(sample_layer& layer, random_source& random) {
  for (int64_t changes = random.between(1, 2); changes > 0; --changes) {
    if (layer.tensors.empty() || chance(random, 35)) {
      spoil_head(layer.problem, random);
      continue;
    }
    const auto at = static_cast<size_t>(random.below(static_cast<int64_t>(layer.tensors.size())));
    if (chance(random, 15)) layer.tensors.erase(layer.tensors.begin() + static_cast<ptrdiff_t>(at));
    else if (chance(random, 15)) layer.tensors.push_back(gemmact_tensor(layer.tensors[at]));
    else spoil_tensor(layer.tensors[at], random);
  }
}

}  // namespace gemmact::test
