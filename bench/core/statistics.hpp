// What may be said about two arms from paired rounds.
#pragma once
#include <string>
#include <vector>

namespace gemmact_bench {

struct summary {
  double median = 0, lower_quartile = 0, upper_quartile = 0;
  double low = 0, high = 0;  // the median lies between with a confidence of at least 95 % (order statistics)
};

// values must not be empty; fewer than 6 give [low, high] = [smallest, largest], with less confidence.
summary summarize(std::vector<double> values);

double geometric_mean(const std::vector<double>& values);

enum class verdict { faster, slower, same, cant_tell, wrong, failed };
const char* name_of(verdict v);  // "FASTER", "SLOWER", "SAME", "CAN'T TELL", "WRONG", "FAILED"

// The rule below, in words, for the report.
std::string verdict_rule();

struct comparison {
  summary ratio;     // baseline time / our time, a round at a time
  summary control;   // our time / our time again, a round at a time: 1 but for noise
  double noise = 0;  // the furthest that the control's interval strays from 1
  verdict result = verdict::cant_tell;
};

// Times of the same rounds; all of one length, at least 1.
comparison compare(const std::vector<double>& ours, const std::vector<double>& ours_again,
                   const std::vector<double>& baseline);

}  // namespace gemmact_bench
