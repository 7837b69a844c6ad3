#ifndef PDP_SERVICES_SUBCONTRACTOR_PROCESSES_SOURCES_H_
#define PDP_SERVICES_SUBCONTRACTOR_PROCESSES_SOURCES_H_

#include "services/subcontractor/processes/charger.h"

namespace pdp::subcontractor {

// The services whose public events carry delivery facts (interfaces, E).
Charger::Sources FactSources();

}  // namespace pdp::subcontractor

#endif  // PDP_SERVICES_SUBCONTRACTOR_PROCESSES_SOURCES_H_
