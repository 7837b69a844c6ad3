#include "services/subcontractor/domain/policy.h"

#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/check.h"

namespace pdp::subcontractor {

namespace embedded {
extern const absl::string_view kPolicy;
}  // namespace embedded

const common::v1::PolicySet& ShippedPolicySet() {
  static const auto* const set =
      new common::v1::PolicySet(decider::ParsePolicySet(embedded::kPolicy));
  return *set;
}

Beta DefaultBeta(Date on) {
  const std::vector<std::string> parts =
      absl::StrSplit(PolicyOn(on).Text("apportion.beta"), absl::MaxSplits('/', 1));
  Beta beta{};
  PDP_CHECK(parts.size() == 2 && absl::SimpleAtoi(parts[0], &beta.num) &&
                absl::SimpleAtoi(parts[1], &beta.den) && beta.num >= 0 && beta.den > 0,
            "apportion.beta is no fraction");
  return beta;
}

std::optional<int64_t> VatRateBp(v1::VatClass vat_class, Date on) {
  const std::string key = absl::StrCat("vat.rate_bp.", v1::VatClass_Name(vat_class));
  if (!PolicyOn(on).Find(key)) return std::nullopt;
  return PolicyOn(on).Int(key);
}

}  // namespace pdp::subcontractor
