#ifndef PDP_SERVICES_REFERRAL_VIEWS_H_
#define PDP_SERVICES_REFERRAL_VIEWS_H_

#include "libs/host/host.h"

namespace pdp::referral {

// Adds every view of the service to `host`, before its start.
void AddViews(host::ServiceHost& host);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_VIEWS_H_
