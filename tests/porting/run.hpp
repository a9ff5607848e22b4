// A plan of the page's code, or of its table of roles, and a run of it on the CPU device.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "tests/porting/page.hpp"
#include "tests/porting/port.hpp"

namespace gemmact::porting {

struct release_context {
  void operator()(gemmact_context* c) const { gemmact_context_destroy(c); }
};
struct release_plan {
  void operator()(gemmact_plan* p) const { gemmact_plan_destroy(p); }
};
using plan_handle = std::unique_ptr<gemmact_plan, release_plan>;

gemmact_context* cpu();

// Throw std::runtime_error with the library's sentence.
void check(gemmact_status status);
plan_handle plan_by_name(const std::string& function, const matmul& c, const epilogue& e,
                         gemmact_context* context = cpu());
plan_handle plan_by_roles(const roles_row& row, const matmul& c, const epilogue& e);
void run(const gemmact_plan* plan, const std::vector<gemmact_binding>& memory);

uint32_t slot_of(const std::string& name);  // "BELOW+KEPT"

// Memory at 256 bytes' alignment.
class aligned_memory {
 public:
  explicit aligned_memory(size_t bytes);
  void* data() const { return memory_.get(); }

 private:
  struct release {
    void operator()(void* memory) const;
  };
  std::unique_ptr<void, release> memory_;
};

}  // namespace gemmact::porting
