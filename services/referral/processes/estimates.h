#ifndef PDP_SERVICES_REFERRAL_PROCESSES_ESTIMATES_H_
#define PDP_SERVICES_REFERRAL_PROCESSES_ESTIMATES_H_

#include "libs/projection/surroundings.h"
#include "services/referral/processes/deciding.h"

namespace pdp::referral {

// EstimateCompletion of programmes (interfaces, A1): 2,000 ms, no retry; any failure gives nothing,
// and the decision uses its default (REF-47).
Estimator ProgrammesEstimator(const projection::Surroundings& host);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_PROCESSES_ESTIMATES_H_
