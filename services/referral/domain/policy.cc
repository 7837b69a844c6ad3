#include "services/referral/domain/policy.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "libs/base/check.h"
#include "services/referral/domain/in_force.h"

namespace pdp::referral {

namespace embedded {
extern const absl::string_view kPolicy;
extern const absl::string_view kCodeLists;
}  // namespace embedded

namespace {

template <typename Message>
Message Parse(absl::string_view text) {
  Message message;
  PDP_CHECK(google::protobuf::TextFormat::ParseFromString(std::string(text), &message),
            "shipped reference data is malformed");
  return message;
}

}  // namespace

const common::v1::PolicySet& ShippedPolicySet() {
  static const auto* const set =
      new common::v1::PolicySet(decider::ParsePolicySet(embedded::kPolicy));
  return *set;
}
const v1::CodeLists& ShippedCodeLists() {
  static const auto* const lists =
      new v1::CodeLists(Parse<v1::CodeLists>(embedded::kCodeLists));
  return *lists;
}

Policy Policy::Shipped(Date on) { return Policy(ShippedPolicySet(), on); }
Policy Policy::InForce(Date on) { return Policy(RulesInForce::Policies(), on); }

absl::Time MinutesOn(absl::Time from, const Policy& policy, absl::string_view key) {
  return from + absl::Minutes(policy.Int(key));
}

const v1::CodeList::Code* FindCode(absl::string_view list, absl::string_view code) {
  const v1::CodeList* found = RulesInForce::Codes(list);
  if (found == nullptr) return nullptr;
  for (const v1::CodeList::Code& row : found->codes()) {
    if (absl::string_view(row.code()) == code) return &row;
  }
  return nullptr;
}

std::string MapCode(absl::string_view list, absl::string_view code) {
  const v1::CodeList::Code* row = FindCode(list, code);
  return row == nullptr ? "" : row->maps_to();
}

}  // namespace pdp::referral
