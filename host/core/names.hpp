// Names of the interface's enumerators, for messages, explanations and the command. All texts are static.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "host/include/gemmact/gemmact.h"

namespace gemmact::core {

struct error_row {
  const char* name;  // "GEMMACT_OK"
  const char* cause;
  const char* cure;
};

// Every status, in the order of its number.
std::span<const error_row> error_rows();

// "GEMMACT_OK"; "GEMMACT_UNKNOWN_STATUS" for a number that is none.
const char* status_name(gemmact_status status);

// In small letters as the command takes them ("bf16", "input_grad"); for one of `number_of` the last resort is "?".
const char* name_of(gemmact_type type);
const char* name_of(gemmact_operation operation);
const char* name_of(gemmact_combine combine);
const char* name_of(gemmact_compute compute);
const char* name_of(gemmact_accuracy accuracy);
const char* name_of(gemmact_order order);
const char* name_of(gemmact_extent extent);
const char* name_of(gemmact_keep keep);

// "W", "W[1]", "BELOW|DZ"; "slot 99" for a number that is no slot.
std::string slot_text(uint32_t slot, uint32_t index);

// A caller's text for a message: in double quotes, other than printable ASCII as \xNN, cut after 60 characters.
std::string quoted(std::string_view text);

}  // namespace gemmact::core
