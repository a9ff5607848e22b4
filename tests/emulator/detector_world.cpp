#include "tests/emulator/detector_world.hpp"

#include <gtest/gtest.h>

namespace gemmact::test {

void check_rules(const std::vector<detector_rule>& rules) {
  for (const detector_rule& rule : rules) {
    detector_world kept(rule.cluster_blocks), broken(rule.cluster_blocks);
    rule.run(kept, true);
    EXPECT_EQ(kept.races(), 0u) << rule.name << ", kept: " << kept.first();
    rule.run(broken, false);
    EXPECT_GT(broken.races(), 0u) << rule.name << ", broken, was not found";
    EXPECT_NE(broken.first().find(rule.words), std::string::npos)
        << rule.name << " lacks \"" << rule.words << "\": " << broken.first();
  }
}

}  // namespace gemmact::test
