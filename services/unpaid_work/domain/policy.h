#ifndef PDP_SERVICES_UNPAID_WORK_DOMAIN_POLICY_H_
#define PDP_SERVICES_UNPAID_WORK_DOMAIN_POLICY_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "libs/base/calendar.h"
#include "pdp/unpaid_work/v1/types.pb.h"

// Law and contract numbers as dated data (specification, section 3; interfaces, C11), and the code
// tables of section 11. Shipped with the service, parsed once, never destroyed.

namespace pdp::unpaid_work {

const v1::PolicySet& ShippedPolicySet();
const v1::CodeTables& ShippedCodes();

// The rows in force on one date: the order date for basis ORDER, the date of the work for WORK, the
// date of occurred_at for NOW. Of the rows of a key the latest effective_from not after it counts.
class Policy {
 public:
  explicit Policy(Date on) : on_(on) {}

  // nullopt: no row of the key is in force.
  std::optional<std::string> Find(absl::string_view key) const;
  // A number of minutes, days, months or hours. The key must have a row in force.
  int64_t Int(absl::string_view key) const;
  // nullopt for NONE.
  std::optional<int64_t> IntOrNone(absl::string_view key) const;

 private:
  Date on_;
};
// Stored with every decision that used a row (UPW-10).
const std::string& PolicyVersion();

const v1::OutcomeCode* FindOutcome(absl::string_view code);
const v1::ListedCode* FindCode(absl::string_view list, absl::string_view code);
bool KnownCode(absl::string_view list, absl::string_view code);

}  // namespace pdp::unpaid_work

#endif  // PDP_SERVICES_UNPAID_WORK_DOMAIN_POLICY_H_
