#ifndef PDP_SERVICES_REFERRAL_DOMAIN_TOKENS_H_
#define PDP_SERVICES_REFERRAL_DOMAIN_TOKENS_H_

#include <string>
#include <vector>

#include "services/referral/domain/needs.h"

namespace pdp::referral {

// The delivery tokens of a person on a route (REF-13), sorted and unique. `route_kind` is AP, SI or
// UPW. They bind whoever accepts; the shared vocabulary is interfaces, C1.
std::vector<std::string> DeriveTokens(const PersonFacts& facts, absl::string_view route_kind,
                                      const Policy& policy);

// The shared minority list: every code that begins with A, B, M or O, and W3, W4, W5.
bool IsMinorityEthnicity(absl::string_view code);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_DOMAIN_TOKENS_H_
