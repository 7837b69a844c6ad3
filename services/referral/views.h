#ifndef PDP_SERVICES_REFERRAL_VIEWS_H_
#define PDP_SERVICES_REFERRAL_VIEWS_H_

#include <memory>
#include <vector>

#include "libs/host/host.h"
#include "libs/projection/projection.h"
#include "services/referral/projections/people.h"

namespace pdp::referral {

// Every view of the service, made anew.
std::vector<std::unique_ptr<projection::Projection>> MakeViews(People::Vault vault);
// Adds them to `host`, before its start.
void AddViews(host::ServiceHost& host);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_VIEWS_H_
