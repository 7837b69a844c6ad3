#ifndef PDP_LIBS_DECIDER_POLICY_H_
#define PDP_LIBS_DECIDER_POLICY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/calendar.h"
#include "pdp/common/v1/policy.pb.h"

namespace pdp::decider {

// The policy rows in force on one date (interfaces, C11): of each key the row with the latest
// effective_from not after the date, of two equal ones the later in the file. Rows without
// effective_from are shipped and never in force. A value object over a set that outlives it.
//
//   const Policy policy(ShippedPolicySet(), Today(facts));
//   const int64_t days = policy.Int("stmt.accept_wd");
class Policy {
 public:
  Policy(const common::v1::PolicySet& set, Date on) : set_(&set), on_(on) {}

  // nullopt: no row of the key is in force.
  std::optional<std::string> Find(absl::string_view key) const;
  // For keys known to be in force: a missing row, or a value that is no number, is a fault of the
  // reference data and ends the process. A test of each service proves there is none.
  std::string Text(absl::string_view key) const;
  int64_t Int(absl::string_view key) const;
  bool Flag(absl::string_view key) const;
  // Comma-separated value.
  std::vector<std::string> List(absl::string_view key) const;
  const std::string& version() const { return set_->version(); }
  // False when the date lies before every row (POLICY_NOT_COVERED).
  bool Covers() const;

 private:
  const common::v1::PolicySet* set_;
  Date on_;
};

// Of a textproto; one that does not parse ends the process.
common::v1::PolicySet ParsePolicySet(absl::string_view text);

// Everything wrong with the shape of a set: name and version missing, rows without key, value,
// basis or source, effective_from that is no date, unknown source, two rows of one key and date.
// Empty: sound.
std::vector<std::string> PolicyFaults(const common::v1::PolicySet& set);

}  // namespace pdp::decider

#endif  // PDP_LIBS_DECIDER_POLICY_H_
