// Any bytes as an equation: refused in printable words, or read, printed and read again to the same, and made a function
// (stable form, derivatives, what is kept, programs and struct) or refused as too large.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "host/core/status.hpp"
#include "host/cpu/catalogue.hpp"
#include "host/equation/function.hpp"
#include "host/equation/print.hpp"

namespace {

using namespace gemmact;
using namespace gemmact::equation;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

const forms& known_forms() {
  static const forms all(cpu::catalogue());
  return all;
}

void check_refusal(const core::failure& f) {
  require(f.status() == GEMMACT_BAD_ACTIVATION_TEXT || f.status() == GEMMACT_EQUATION_UNSUPPORTED,
          "one of two statuses");
  for (const char c : f.message()) require(c == '\n' || (c >= ' ' && c <= '~'), "a printable message");
  require(f.message().size() < 1000, "a short message");
}

bool readable(std::string_view text, declaration& d) {
  try {
    d = parse(text, known_forms().functions());
    return true;
  } catch (const core::failure& f) {
    check_refusal(f);
    return false;
  }
}

void check_printed(const declaration& d) {
  const std::string once = print(d, known_forms().functions());
  declaration again;
  // The tree of what is shared may be longer, or have more operations, than a text may.
  if (once.size() > max_text || !readable(once, again)) return;
  require(print(again, known_forms().functions()) == once, "what is printed is read as the same");
}

void check_program(const core::program& p) {
  require(p.registers <= max_registers && p.steps.size() <= max_steps, "a program within its limits");
  for (const core::program_step& step : p.steps) require(step.to < p.registers, "registers that are counted");
}

// The whole way: what devices would be given, or a refusal.
void check_made(std::string_view text) {
  try {
    const auto made = make_function(text, known_forms());
    require(made->source.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_ \n"
                                           "(){}<>.,;:?=!&|+-*") == std::string::npos,
            "a struct of known characters");
    for (const core::program* p :
         {&made->value, &made->grad, &made->grad_from_output, &made->bit, &made->grad_from_bit})
      check_program(*p);
    for (const core::program& p : made->param_grad) check_program(p);
  } catch (const core::failure& f) {
    check_refusal(f);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  declaration d;
  if (!readable(text, d)) return 0;
  check_printed(d);
  check_made(text);
  return 0;
}
