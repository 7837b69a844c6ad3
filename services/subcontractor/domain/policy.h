#ifndef PDP_SERVICES_SUBCONTRACTOR_DOMAIN_POLICY_H_
#define PDP_SERVICES_SUBCONTRACTOR_DOMAIN_POLICY_H_

#include <cstdint>
#include <optional>

#include "libs/decider/policy.h"
#include "pdp/subcontractor/v1/types.pb.h"

// The numbers of the rules (reference/policy.textproto; interfaces, C11).

namespace pdp::subcontractor {

// Parsed once from the embedded file; never destroyed.
const common::v1::PolicySet& ShippedPolicySet();
inline decider::Policy PolicyOn(Date on) { return {ShippedPolicySet(), on}; }

// apportion.beta: weight of the totals against the bucket in BALANCED (SUB-44).
struct Beta {
  int64_t num;
  int64_t den;
};
Beta DefaultBeta(Date on);

// Rate of a supply's own class on its date in 1/10,000 (SUB-108); nullopt: no row in force.
std::optional<int64_t> VatRateBp(v1::VatClass vat_class, Date on);

}  // namespace pdp::subcontractor

#endif  // PDP_SERVICES_SUBCONTRACTOR_DOMAIN_POLICY_H_
