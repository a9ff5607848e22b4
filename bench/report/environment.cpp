#include "bench/report/report.hpp"

namespace gemmact_bench {

const char* compiler_text() { return GEMMACT_BENCH_COMPILER; }
const char* baseline_flags_text() { return GEMMACT_BENCH_BASELINE_FLAGS; }

}  // namespace gemmact_bench
