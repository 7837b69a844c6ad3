#ifndef PDP_SERVICES_REFERRAL_DOMAIN_ROUTING_INPUTS_H_
#define PDP_SERVICES_REFERRAL_DOMAIN_ROUTING_INPUTS_H_

#include "services/referral/domain/domain.h"
#include "services/referral/domain/routing.h"

namespace pdp::referral {

// What the decision reads: the newest answers of the person's record and of the form, the sentence
// with an amended end (REF-70), and what the referral knows of itself. `catalogue` must outlive the
// result.
RoutingInputs InputsOf(const v1::NatFacts& nat, const v1::Catalogue& catalogue,
                       const google::protobuf::RepeatedPtrField<v1::Estimate>& estimates,
                       const v1::Referral& referral, Date decided_on);

// Whether a CRN is this person's: the record's own, or one that was merged into it (REF-93).
bool IsPersons(const v1::Person& person, absl::string_view crn);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_DOMAIN_ROUTING_INPUTS_H_
