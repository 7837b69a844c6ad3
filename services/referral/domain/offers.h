#ifndef PDP_SERVICES_REFERRAL_DOMAIN_OFFERS_H_
#define PDP_SERVICES_REFERRAL_DOMAIN_OFFERS_H_

#include "services/referral/domain/commands.h"

namespace pdp::referral {

// The event of an accepted offer, by the organisation or, for a last resort that lapsed, by SYS.
v1::ReferralAccepted AcceptedEvent(const v1::Referral& referral, const v1::Round& offer,
                                   const Facts& facts);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_DOMAIN_OFFERS_H_
