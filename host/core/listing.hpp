// A caller's problem, copied out of its structs: sizes and enumerators have been checked, nothing else.
#pragma once
#include <array>
#include <span>

#include "host/core/activation_info.hpp"
#include "host/core/slots.hpp"
#include "host/include/gemmact/gemmact.h"

namespace gemmact::core {

struct listing {
  gemmact_problem head{};
  int pieces = 1, below_pieces = 1;  // products
  activation_use activation, below;  // below.info is null when there is none
  std::array<gemmact_tensor, max_tensors> all{};

  std::span<const gemmact_tensor> tensors() const { return {all.data(), head.tensor_count}; }
  const gemmact_tensor* find(uint32_t slot, uint32_t index = 0) const {
    for (const gemmact_tensor& t : tensors())
      if (t.slot == slot && t.index == index) return &t;
    return nullptr;
  }
  bool lists(uint32_t slot) const {
    for (const gemmact_tensor& t : tensors())
      if (t.slot == slot) return true;
    return false;
  }
  bool has(uint64_t flag) const { return (head.flags & flag) != 0; }
};

// Throws failure: NULL_ARGUMENT, STRUCT_SIZE, BAD_ENUM, NOT_SUPPORTED (reserved enumerators), BAD_SIZE and the failures
// of an activation's text.
listing read_listing(const gemmact_problem* given, catalogue functions);

// What the layer keeps for the backward that is asked for. `forward`: to keep nothing is then allowed, as no gradient is
// asked for yet.
struct keep_question {
  const char* field;  // "keep" or "keep_below", for messages
  gemmact_keep asked;
  gemmact_combine combine;
  const activation_use* activation;
  bool forward;
  bool wants_params;   // DPARAM will be or is asked for
  bool params_at_run;  // a PARAM tensor replaces a value of the text
};

// Never AUTO. Throws BAD_KEEP when what is asked cannot serve.
gemmact_keep choose_keep(const keep_question& question);

// The question for the layer itself, or for the layer below. Operations that read no KEPT of the layer keep NOTHING.
gemmact_keep choose_keep(const listing& l);
gemmact_keep choose_keep_below(const listing& l);

// The type that KEPT has when the caller has no wish; 0 for NOTHING.
gemmact_type kept_type(const listing& l, gemmact_keep keep);

}  // namespace gemmact::core
