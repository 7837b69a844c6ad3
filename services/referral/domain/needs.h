#ifndef PDP_SERVICES_REFERRAL_DOMAIN_NEEDS_H_
#define PDP_SERVICES_REFERRAL_DOMAIN_NEEDS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/decider/decider.h"
#include "services/referral/domain/policy.h"

// What is known of a person's needs: checks of the answers, and the one meaning of "woman".
namespace pdp::referral {

// REF-7: gender identity GIF, or sex F with gender identity not GIM; by the basis in force.
bool IsWoman(const v1::Identity& identity, const Policy& policy);

// The section names set in `needs`, in field order: "WRITTEN", "INTERPRETER", ...
std::vector<std::string> SectionsOf(const v1::Needs& needs);
// Replaces in `into` every section that `from` has.
void ReplaceSections(const v1::Needs& from, v1::Needs* into);

// Empties the details of answers NO and DECLINED; returns the names of the emptied fields (REF-2).
std::vector<std::string> ClearDetails(v1::Needs* needs);
// REF-2, 3, 4, 8, 9, 11: every wrong field at once. `field` is a path below `prefix`.
std::vector<decider::Violation> CheckNeeds(const v1::Needs& needs, Date today, const Policy& policy,
                                           absl::string_view prefix);
// Score ranges and the date of assessment: SCORE_OUT_OF_RANGE, ASSESSED_IN_FUTURE, or empty.
std::string CheckRisk(const v1::Risk& risk, Date today);

// What the decision reads of a person: the newest of what the person record and the referral's own
// form say, section by section.
struct PersonFacts {
  v1::Identity identity;
  v1::Needs needs;
  v1::Risk risk;
};
PersonFacts NewestFacts(const v1::Person& person, const v1::Referral& referral);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_DOMAIN_NEEDS_H_
