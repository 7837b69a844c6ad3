#ifndef PDP_SERVICES_REFERRAL_DOMAIN_ROUTED_H_
#define PDP_SERVICES_REFERRAL_DOMAIN_ROUTED_H_

#include <string>

#include "services/referral/domain/needs.h"
#include "services/referral/domain/recorder.h"

namespace pdp::referral {

// What ReferralRouted needs beside the decision.
struct Routed {
  PersonFacts person;
  bool domestic_abuse = false;
  // AP, SI or UPW.
  std::string route_kind;
  // In force now (REF-90).
  v1::AccessLists person_access;
};
// DifficultyAssessed, at the first route only (REF-59), and ReferralRouted with the tokens of the
// person on that route (REF-13).
void EmitRouted(Recorder& record, const v1::Referral& before, const Routed& routed_to,
                const v1::Decision& decision, const Policy& policy);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_DOMAIN_ROUTED_H_
