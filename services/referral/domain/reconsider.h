#ifndef PDP_SERVICES_REFERRAL_DOMAIN_RECONSIDER_H_
#define PDP_SERVICES_REFERRAL_DOMAIN_RECONSIDER_H_

#include <string>

#include "services/referral/domain/recorder.h"

namespace pdp::referral {

// Facts or rules as they now are, and why they are looked at.
struct Occasion {
  const v1::NatFacts& nat;
  const v1::Catalogue& catalogue;
  // Live answers that were defaults before (REF-47).
  const google::protobuf::RepeatedPtrField<v1::Estimate>& estimates;
  // E.g. AMENDED:RISK, NEEDS:READING, POLICY:pdp-2020.1, ESTIMATE.
  std::string cause;
};

// What a changed fact or rule means for a referral that was decided (REF-13, REF-57). The decision
// is computed again for the day it was taken, so that the passing of time alone changes nothing.
//
//   NEEDS_INFO, REVIEW, DEFERRED, CONFLICT,   an input or the result would differ:
//   ROUTED, UNPLACED                          DecisionReopened, back to SUBMITTED
//   OFFERED                                   the same: OfferRescinded that decides again
//   ACCEPTED, ASSIGNED, IN_DELIVERY           outcome or route would differ: RouteReviewRaised, a
//                                             task; no more: RouteReviewCleared
//   from ROUTED on, when not decided again    DeliveryRequirementsChanged when the tokens differ
//
// Call it behind the event that changed the referral itself, if any.
void Reconsider(Recorder& record, const v1::Referral& now, const Occasion& occasion,
                const Policy& policy, Date today);

// In REVIEW or ROUTED, not tried again yet: a version failed in time on a default date (REF-47).
bool FailedOnDefaultEstimate(const v1::Referral& referral);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_DOMAIN_RECONSIDER_H_
