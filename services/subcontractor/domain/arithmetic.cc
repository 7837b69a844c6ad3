#include "services/subcontractor/domain/arithmetic.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "libs/base/check.h"

namespace pdp::subcontractor {

std::optional<int64_t> DivideHalfEven(Wide numerator, Wide denominator) {
  PDP_CHECK(denominator > 0, "the divisor is positive");
  const bool negative = numerator < 0;
  const Wide magnitude = negative ? -numerator : numerator;
  Wide quotient = magnitude / denominator;
  const Wide rest = magnitude % denominator;
  // Compared as rest against what is missing: twice the rest could overflow.
  const Wide missing = denominator - rest;
  if (rest > missing || (rest == missing && quotient % 2 == 1)) ++quotient;
  if (quotient > std::numeric_limits<int64_t>::max()) return std::nullopt;
  return static_cast<int64_t>(negative ? -quotient : quotient);
}

std::optional<Wide> Multiply(Wide a, Wide b) {
  Wide product;
  if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
  return product;
}

std::vector<int64_t> SplitLargestRemainder(int64_t total, const std::vector<Part>& parts) {
  if (parts.empty()) return {};
  std::vector<Part> weighted = parts;
  Wide sum = 0;
  for (const Part& part : weighted) {
    PDP_CHECK(part.weight >= 0, "a weight is not negative");
    sum += part.weight;
  }
  if (sum == 0) {
    for (Part& part : weighted) part.weight = 1;
    sum = static_cast<Wide>(weighted.size());
  }
  const Wide magnitude = total < 0 ? -static_cast<Wide>(total) : static_cast<Wide>(total);
  std::vector<Wide> remainders(weighted.size());
  std::vector<int64_t> result(weighted.size());
  Wide left = magnitude;
  for (size_t i = 0; i < weighted.size(); ++i) {
    const Wide product = magnitude * weighted[i].weight;
    result[i] = static_cast<int64_t>(product / sum);
    remainders[i] = product % sum;
    left -= result[i];
  }
  std::vector<size_t> order(weighted.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    if (remainders[a] != remainders[b]) return remainders[a] > remainders[b];
    if (weighted[a].weight != weighted[b].weight) return weighted[a].weight > weighted[b].weight;
    return weighted[a].id < weighted[b].id;
  });
  for (size_t i = 0; i < order.size() && left > 0; ++i, --left) ++result[order[i]];
  PDP_CHECK(left == 0, "the parts sum to the total");
  if (total < 0) {
    for (int64_t& part : result) part = -part;
  }
  return result;
}

}  // namespace pdp::subcontractor
