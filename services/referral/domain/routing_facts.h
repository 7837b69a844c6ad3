#ifndef PDP_SERVICES_REFERRAL_DOMAIN_ROUTING_FACTS_H_
#define PDP_SERVICES_REFERRAL_DOMAIN_ROUTING_FACTS_H_

#include "libs/criteria/criteria.h"
#include "services/referral/domain/routing.h"

namespace pdp::referral {

// The fact dictionary of the criteria (REF-12, REF-48, REF-49), from person and sentences.
criteria::Context FactsForCriteria(const RoutingInputs& inputs, const Policy& policy);

// Canonical hash over everything a decision reads but the catalogue and the policy (REF-56).
std::string HashInputs(const RoutingInputs& inputs, const criteria::Context& context);

const v1::Requirement* SourceRequirement(const RoutingInputs& inputs);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_DOMAIN_ROUTING_FACTS_H_
