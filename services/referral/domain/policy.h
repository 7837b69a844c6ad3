#ifndef PDP_SERVICES_REFERRAL_DOMAIN_POLICY_H_
#define PDP_SERVICES_REFERRAL_DOMAIN_POLICY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/calendar.h"
#include "pdp/referral/v1/commands.pb.h"
#include "pdp/referral/v1/types.pb.h"

namespace pdp::referral {

// The policy rows in force on one date (interfaces, C11): the row of a key with the latest
// effective_from not after the date. Rows without effective_from are shipped but never in force.
// A value object over a set that outlives it.
class Policy {
 public:
  Policy(const v1::PolicySet& set, Date on) : set_(&set), on_(on) {}
  // The set shipped with the service (reference/policy.textproto).
  static Policy Shipped(Date on);

  // nullopt: no row of the key is in force.
  std::optional<std::string> Find(absl::string_view key) const;
  // For keys known to be in force: a missing row is a bug of the reference data.
  std::string Text(absl::string_view key) const;
  int64_t Int(absl::string_view key) const;
  // Comma-separated value.
  std::vector<std::string> List(absl::string_view key) const;
  const std::string& version() const { return set_->version(); }
  // False when the date lies before every row (POLICY_NOT_COVERED).
  bool Covers() const;

 private:
  const v1::PolicySet* set_;
  Date on_;
};

// Parsed once from the embedded files; never destroyed.
const v1::PolicySet& ShippedPolicySet();
const v1::CodeLists& ShippedCodeLists();

// The row of a code in a shipped list; nullptr when the list does not have it.
const v1::CodeList::Code* FindCode(absl::string_view list, absl::string_view code);
// `maps_to` of the code, empty when unknown.
std::string MapCode(absl::string_view list, absl::string_view code);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_DOMAIN_POLICY_H_
