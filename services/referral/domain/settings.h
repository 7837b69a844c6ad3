#ifndef PDP_SERVICES_REFERRAL_DOMAIN_SETTINGS_H_
#define PDP_SERVICES_REFERRAL_DOMAIN_SETTINGS_H_

#include <vector>

#include "services/referral/domain/commands.h"

namespace pdp::referral {

// The days on which something of a published version begins to count, ascending: each
// effective_from of a policy set's rows, one of a calendar or a list.
std::vector<Date> DaysInForce(const v1::PublishedVersion& published);

// FireTimer RULES_DUE.
Verdict StartRules(Unit& unit, const v1::FireTimer& command, const Facts& facts);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_DOMAIN_SETTINGS_H_
