// What is kept: the answers of gemmact_resolve_keep, and what problems that list or do not list KEPT resolve to.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>

#include "host/core/names.hpp"
#include "host/core/problem.hpp"
#include "host/core/status.hpp"
#include "tests/host/core/small_catalogue.hpp"
#include "tests/host/sample_layer.hpp"

namespace gemmact::core {
namespace {

using test::sample_layer;

struct row {
  const char* what;
  sample_layer layer;
  gemmact_keep keep;  // KEEP_AUTO: refused ...
  gemmact_type type;
  gemmact_status status = GEMMACT_OK;  // ... with this
  const char* says = "";
};

sample_layer asking(sample_layer l, gemmact_keep keep, uint64_t flags = 0) {
  l.problem.keep = keep;
  l.problem.flags = flags;
  return l;
}

sample_layer typed(sample_layer l, uint32_t slot, gemmact_type type) {
  l.at(slot).type = type;
  return l;
}

void check(const std::vector<row>& rows, const std::function<kept_form(sample_layer&)>& ask) {
  for (row r : rows) {
    SCOPED_TRACE(r.what);
    try {
      kept_form form = ask(r.layer);
      EXPECT_EQ(r.status, GEMMACT_OK) << "accepted as " << name_of(form.keep);
      EXPECT_STREQ(name_of(form.keep), name_of(r.keep));
      EXPECT_STREQ(name_of(form.type), name_of(r.type));
    } catch (const failure& f) {
      EXPECT_STREQ(status_name(f.status()), status_name(r.status)) << f.message();
      EXPECT_NE(f.message().find(r.says), std::string::npos) << f.message();
    }
  }
}

constexpr gemmact_type none{};

TEST(keep, resolve_keep_answers) {
  auto forward = [](const char* f) { return test::forward_layer(f); };
  sample_layer no_y = forward("tanh");
  no_y.drop(GEMMACT_Y);
  sample_layer backward = test::activation_grad_layer("tanh", GEMMACT_F16);
  sample_layer backward_no_dy = backward;
  backward_no_dy.drop(GEMMACT_DY);
  sample_layer params = test::activation_grad_layer("prelu", GEMMACT_F32);
  params.add(GEMMACT_DPARAM, GEMMACT_F32, GEMMACT_SCALAR);
  sample_layer run_slope = test::forward_layer("prelu");
  run_slope.add(GEMMACT_PARAM, GEMMACT_F32, GEMMACT_SCALAR);
  sample_layer maxout_weights(GEMMACT_WEIGHT_GRAD);
  maxout_weights.problem.combine = GEMMACT_MAXOUT;
  maxout_weights.problem.pieces = 2;
  const std::vector<row> rows = {
      {"linear", forward("linear"), GEMMACT_KEEP_NOTHING, none},
      {"relu", forward("relu"), GEMMACT_KEEP_BIT, GEMMACT_BIT},
      {"prelu", forward("prelu"), GEMMACT_KEEP_BIT, GEMMACT_BIT},
      {"hinge", forward("hinge"), GEMMACT_KEEP_BIT, GEMMACT_BIT},
      {"sigmoid", forward("sigmoid"), GEMMACT_KEEP_OUTPUT, GEMMACT_F32},
      {"sigmoid bf16", typed(forward("sigmoid"), GEMMACT_Y, GEMMACT_BF16), GEMMACT_KEEP_OUTPUT, GEMMACT_BF16},
      {"tanh e4m3", typed(forward("tanh"), GEMMACT_Y, GEMMACT_E4M3), GEMMACT_KEEP_OUTPUT, GEMMACT_BF16},
      {"swish f16", typed(forward("swish"), GEMMACT_Y, GEMMACT_F16), GEMMACT_KEEP_Z, GEMMACT_F16},
      {"prelu trained", asking(forward("prelu"), GEMMACT_KEEP_AUTO, GEMMACT_TRAIN_PARAMS), GEMMACT_KEEP_Z, GEMMACT_F32},
      {"linear trained", asking(forward("linear"), GEMMACT_KEEP_AUTO, GEMMACT_TRAIN_PARAMS), GEMMACT_KEEP_Z,
       GEMMACT_F32},
      {"gated", test::gated_layer("relu"), GEMMACT_KEEP_Z, GEMMACT_F32},
      {"gated linear", test::gated_layer("linear"), GEMMACT_KEEP_Z, GEMMACT_F32},
      {"maxout", test::maxout_layer(), GEMMACT_KEEP_INDEX, GEMMACT_U8},
      {"maxout trained", asking(test::maxout_layer(), GEMMACT_KEEP_AUTO, GEMMACT_TRAIN_PARAMS), GEMMACT_KEEP_INDEX,
       GEMMACT_U8},
      {"maxout weights", maxout_weights, GEMMACT_KEEP_INDEX, GEMMACT_U8},
      {"weights", test::weight_grad_layer(), GEMMACT_KEEP_NOTHING, none},
      {"backward", backward, GEMMACT_KEEP_OUTPUT, GEMMACT_F32},
      {"backward without DY", backward_no_dy, GEMMACT_KEEP_OUTPUT, GEMMACT_F16},
      {"DPARAM", params, GEMMACT_KEEP_Z, GEMMACT_F32},
      {"explicit nothing", asking(forward("tanh"), GEMMACT_KEEP_NOTHING), GEMMACT_KEEP_NOTHING, none},
      {"explicit z", asking(forward("relu"), GEMMACT_KEEP_Z), GEMMACT_KEEP_Z, GEMMACT_F32},
      {"explicit output", asking(forward("relu"), GEMMACT_KEEP_OUTPUT), GEMMACT_KEEP_OUTPUT, GEMMACT_F32},
      {"leaky output", asking(forward("leaky_relu(slope=0)"), GEMMACT_KEEP_OUTPUT), GEMMACT_KEEP_OUTPUT, GEMMACT_F32},
      {"no Y", no_y, GEMMACT_KEEP_AUTO, none, GEMMACT_MISSING_TENSOR, "Y is not listed"},
      {"Y of bits", typed(forward("tanh"), GEMMACT_Y, GEMMACT_BIT), GEMMACT_KEEP_AUTO, none, GEMMACT_BAD_TENSOR,
       "float"},
      {"negative slope", asking(forward("leaky_relu(slope=-1)"), GEMMACT_KEEP_OUTPUT), GEMMACT_KEEP_AUTO, none,
       GEMMACT_BAD_KEEP, "for these parameters"},
      {"slope at run", asking(run_slope, GEMMACT_KEEP_OUTPUT), GEMMACT_KEEP_AUTO, none, GEMMACT_BAD_KEEP, "PARAM"},
      {"swish output", asking(forward("swish"), GEMMACT_KEEP_OUTPUT), GEMMACT_KEEP_AUTO, none, GEMMACT_BAD_KEEP,
       "does not follow from its output"},
      {"swish bit", asking(forward("swish"), GEMMACT_KEEP_BIT), GEMMACT_KEEP_AUTO, none, GEMMACT_BAD_KEEP, "one bit"},
      {"trained bit", asking(forward("prelu"), GEMMACT_KEEP_BIT, GEMMACT_TRAIN_PARAMS), GEMMACT_KEEP_AUTO, none,
       GEMMACT_BAD_KEEP, "need z"},
      {"trained nothing", asking(forward("prelu"), GEMMACT_KEEP_NOTHING, GEMMACT_TRAIN_PARAMS), GEMMACT_KEEP_AUTO, none,
       GEMMACT_BAD_KEEP, "need z"},
      {"relu index", asking(forward("relu"), GEMMACT_KEEP_INDEX), GEMMACT_KEEP_AUTO, none, GEMMACT_BAD_KEEP, "maxout"},
      {"maxout z", asking(test::maxout_layer(), GEMMACT_KEEP_Z), GEMMACT_KEEP_AUTO, none, GEMMACT_BAD_KEEP, "winner"},
      {"gated bit", asking(test::gated_layer("relu"), GEMMACT_KEEP_BIT), GEMMACT_KEEP_AUTO, none, GEMMACT_BAD_KEEP,
       "both its z"},
      {"backward nothing", asking(backward, GEMMACT_KEEP_NOTHING), GEMMACT_KEEP_AUTO, none, GEMMACT_BAD_KEEP,
       "needs output"},
      {"weights z", asking(test::weight_grad_layer(), GEMMACT_KEEP_Z), GEMMACT_KEEP_AUTO, none, GEMMACT_BAD_KEEP,
       "reads nothing"},
  };
  check(rows, [](sample_layer& l) { return resolve_keep(l.link(), test::small_catalogue()); });
}

TEST(keep, problems_resolve) {
  auto kept = [](sample_layer l, gemmact_type type) { return l.add(GEMMACT_KEPT, type); };
  sample_layer with_residual = asking(test::forward_layer("tanh"), GEMMACT_KEEP_OUTPUT);
  with_residual.add(GEMMACT_RESIDUAL);
  sample_layer scaled = asking(test::forward_layer("tanh"), GEMMACT_KEEP_OUTPUT);
  scaled.add(GEMMACT_SCALE_Y, GEMMACT_F32, GEMMACT_SCALAR);
  sample_layer gated = kept(test::gated_layer(), GEMMACT_BF16);
  sample_layer pair = gated;
  pair.add(GEMMACT_KEPT, GEMMACT_BF16, GEMMACT_EACH, 1);
  sample_layer odd_pair = gated;
  odd_pair.add(GEMMACT_KEPT, GEMMACT_F32, GEMMACT_EACH, 1);
  sample_layer nothing = asking(test::activation_grad_layer("linear"), GEMMACT_KEEP_AUTO);
  nothing.drop(GEMMACT_KEPT);
  const std::vector<row> rows = {
      {"inference", test::forward_layer("relu"), GEMMACT_KEEP_NOTHING, none},
      {"inference, trained", asking(test::forward_layer("prelu"), GEMMACT_KEEP_AUTO, GEMMACT_TRAIN_PARAMS),
       GEMMACT_KEEP_NOTHING, none},
      {"bit", kept(test::forward_layer("relu"), GEMMACT_BIT), GEMMACT_KEEP_BIT, GEMMACT_BIT},
      {"z in another type", kept(test::forward_layer("swish"), GEMMACT_BF16), GEMMACT_KEEP_Z, GEMMACT_BF16},
      {"Y serves", asking(test::forward_layer("tanh"), GEMMACT_KEEP_OUTPUT), GEMMACT_KEEP_OUTPUT, GEMMACT_F32},
      {"Y and KEPT", kept(asking(test::forward_layer("tanh"), GEMMACT_KEEP_OUTPUT), GEMMACT_F16), GEMMACT_KEEP_OUTPUT,
       GEMMACT_F16},
      {"residual and KEPT", kept(with_residual, GEMMACT_F32), GEMMACT_KEEP_OUTPUT, GEMMACT_F32},
      {"gated pair", pair, GEMMACT_KEEP_Z, GEMMACT_BF16},
      {"winner", kept(test::maxout_layer(), GEMMACT_U8), GEMMACT_KEEP_INDEX, GEMMACT_U8},
      {"linear backward", nothing, GEMMACT_KEEP_NOTHING, none},
      {"residual", with_residual, GEMMACT_KEEP_AUTO, none, GEMMACT_MISSING_TENSOR, "Y does not hold it"},
      {"scaled", scaled, GEMMACT_KEEP_AUTO, none, GEMMACT_MISSING_TENSOR, "Y does not hold it"},
      {"e4m3", typed(asking(test::forward_layer("tanh"), GEMMACT_KEEP_OUTPUT), GEMMACT_Y, GEMMACT_E4M3),
       GEMMACT_KEEP_AUTO, none, GEMMACT_MISSING_TENSOR, "Y does not hold it"},
      {"z without KEPT", asking(test::forward_layer("relu"), GEMMACT_KEEP_Z), GEMMACT_KEEP_AUTO, none,
       GEMMACT_MISSING_TENSOR, "KEPT is not listed, but keep is z"},
      {"nothing, but KEPT", kept(asking(test::forward_layer("relu"), GEMMACT_KEEP_NOTHING), GEMMACT_BIT),
       GEMMACT_KEEP_AUTO, none, GEMMACT_UNEXPECTED_TENSOR, "nothing is kept"},
      {"linear, but KEPT", kept(test::forward_layer("linear"), GEMMACT_F32), GEMMACT_KEEP_AUTO, none,
       GEMMACT_UNEXPECTED_TENSOR, "the derivative needs nothing"},
      {"bit as f32", kept(test::forward_layer("relu"), GEMMACT_F32), GEMMACT_KEEP_AUTO, none, GEMMACT_BAD_KEEP,
       "keep is bit (from auto), which is kept as bit"},
      {"z as bit", kept(asking(test::forward_layer("relu"), GEMMACT_KEEP_Z), GEMMACT_BIT), GEMMACT_KEEP_AUTO, none,
       GEMMACT_BAD_KEEP, "f32, f16 or bf16"},
      {"winner as f32", kept(test::maxout_layer(), GEMMACT_F32), GEMMACT_KEEP_AUTO, none, GEMMACT_BAD_KEEP, "u8"},
      {"half a pair", gated, GEMMACT_KEEP_AUTO, none, GEMMACT_MISSING_TENSOR, "KEPT[1]"},
      {"odd pair", odd_pair, GEMMACT_KEEP_AUTO, none, GEMMACT_BAD_TENSOR, "both halves"},
  };
  check(rows, [](sample_layer& l) {
    problem p = check_problem(l.link(), test::small_catalogue());
    return kept_form{p.keep, p.keep_type};
  });
}

TEST(keep, the_layer_below) {
  problem p = check_problem(test::below_layer("relu").link(), test::small_catalogue());
  EXPECT_EQ(p.keep, GEMMACT_KEEP_NOTHING);
  EXPECT_EQ(p.keep_below, GEMMACT_KEEP_BIT);
  sample_layer trained = test::below_layer("prelu", GEMMACT_F16);
  trained.add(GEMMACT_BELOW | GEMMACT_DPARAM, GEMMACT_F32, GEMMACT_SCALAR);
  EXPECT_EQ(check_problem(trained.link(), test::small_catalogue()).keep_below, GEMMACT_KEEP_Z);
}

}  // namespace
}  // namespace gemmact::core
