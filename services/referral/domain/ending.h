#ifndef PDP_SERVICES_REFERRAL_DOMAIN_ENDING_H_
#define PDP_SERVICES_REFERRAL_DOMAIN_ENDING_H_

#include <string>

#include "services/referral/domain/recorder.h"

namespace pdp::referral {

// How delivery of a referral stops (REF-96).
struct EndOptions {
  // COMPLETED, STOPPED, WITHDRAWN.
  std::string cause;
  std::string code;
  Date on;
  std::string source_service;
  std::string source_event_id;
};

// PRE_DECISION, PRE_ACCEPTANCE, PRE_START, IN_DELIVERY.
std::string PhaseOf(const v1::Referral& referral);
bool IsStarted(const v1::Referral& referral);
// DeliveryEnded, and ReferralConcluded in the same commit when no report is due.
void EmitEnd(Recorder& record, const v1::Referral& before, const EndOptions& end);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_DOMAIN_ENDING_H_
