#ifndef PDP_SERVICES_REFERRAL_DOMAIN_POLICY_H_
#define PDP_SERVICES_REFERRAL_DOMAIN_POLICY_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/base/calendar.h"
#include "libs/decider/policy.h"
#include "pdp/referral/v1/commands.pb.h"
#include "pdp/referral/v1/types.pb.h"

namespace pdp::referral {

// The rows of the set shipped with the service (reference/policy.textproto), or of another one.
class Policy : public decider::Policy {
 public:
  using decider::Policy::Policy;
  static Policy Shipped(Date on);
  // With what NAT has published (in_force.h).
  static Policy InForce(Date on);
};

// Rows that say after how many minutes a timer is due.
inline constexpr absl::string_view kSlotOrphan = "slot.orphan_minutes";
inline constexpr absl::string_view kEstimateRetry = "estimate.retry_minutes";
// So many minutes after `from` as the row of `key` says.
absl::Time MinutesOn(absl::Time from, const Policy& policy, absl::string_view key);

// Parsed once from the embedded files; never destroyed.
const common::v1::PolicySet& ShippedPolicySet();
const v1::CodeLists& ShippedCodeLists();

// The row of a code in the list in force; nullptr when the list does not have it.
const v1::CodeList::Code* FindCode(absl::string_view list, absl::string_view code);
// `maps_to` of the code, empty when unknown.
std::string MapCode(absl::string_view list, absl::string_view code);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_DOMAIN_POLICY_H_
