#ifndef PDP_SERVICES_UNPAID_WORK_WIRING_H_
#define PDP_SERVICES_UNPAID_WORK_WIRING_H_

#include "libs/host/host.h"

namespace pdp::unpaid_work {

// Everything of this service that a host runs: projections, processes, gRPC. One list for main and
// for tests, so that a test cannot run another service than the binary.
void Wire(host::ServiceHost& host);

}  // namespace pdp::unpaid_work

#endif  // PDP_SERVICES_UNPAID_WORK_WIRING_H_
