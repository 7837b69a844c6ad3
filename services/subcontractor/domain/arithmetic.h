#ifndef PDP_SERVICES_SUBCONTRACTOR_DOMAIN_ARITHMETIC_H_
#define PDP_SERVICES_SUBCONTRACTOR_DOMAIN_ARITHMETIC_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

// Exact integer arithmetic of the specification, section 2. Pure.

namespace pdp::subcontractor {

// The one wide type: products of two 64-bit figures fit.
using Wide = __int128;

// numerator / denominator rounded half to even (2.5 -> 2, 3.5 -> 4, -2.5 -> -2). denominator > 0.
// nullopt when the result leaves int64 (AMOUNT_OVERFLOW).
std::optional<int64_t> DivideHalfEven(Wide numerator, Wide denominator);

// a * b; nullopt on overflow of 128 bits.
std::optional<Wide> Multiply(Wide a, Wide b);

struct Part {
  std::string id;
  int64_t weight = 0;
};

// LR split: every part floored, then one more to the largest remainders; ties larger weight, then
// id ascending. The parts sum exactly to `total`; a negative total is split as its magnitude and
// the sign kept. Result in the order of `parts`. Weights >= 0; all zero counts as all equal.
std::vector<int64_t> SplitLargestRemainder(int64_t total, const std::vector<Part>& parts);

}  // namespace pdp::subcontractor

#endif  // PDP_SERVICES_SUBCONTRACTOR_DOMAIN_ARITHMETIC_H_
