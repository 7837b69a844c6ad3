#ifndef PDP_SERVICES_REFERRAL_PROCESSES_ALL_H_
#define PDP_SERVICES_REFERRAL_PROCESSES_ALL_H_

#include <memory>
#include <vector>

#include "libs/base/area.h"
#include "libs/projection/process.h"
#include "libs/projection/surroundings.h"

namespace pdp::referral {

// Every process of the service for one area, made anew: one list for main and for the simulator.
// `host` outlives them.
std::vector<std::unique_ptr<projection::Process>> MakeProcesses(
    Area area, const projection::Surroundings& host);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_PROCESSES_ALL_H_
