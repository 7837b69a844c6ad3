#ifndef PDP_SERVICES_REFERRAL_DOMAIN_REQUIREMENT_RULES_H_
#define PDP_SERVICES_REFERRAL_DOMAIN_REQUIREMENT_RULES_H_

#include <optional>

#include "services/referral/domain/commands.h"

namespace pdp::referral {

// DATE_ORDER, HOURS_OUT_OF_BOUNDS, UPW_NOT_CARRIED_BY_ORDER of a requirement in its sentence
// (REF-21 to 23), in this order.
std::optional<Rejected> CheckRules(const v1::Requirement& requirement, const v1::Sentence& sentence,
                                   const Policy& policy);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_DOMAIN_REQUIREMENT_RULES_H_
