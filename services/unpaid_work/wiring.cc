#include "services/unpaid_work/wiring.h"

#include <memory>

#include "services/unpaid_work/processes/all.h"
#include "services/unpaid_work/projections/calendar.h"
#include "services/unpaid_work/projections/cases.h"
#include "services/unpaid_work/projections/ledger.h"
#include "services/unpaid_work/projections/tasks.h"
#include "services/unpaid_work/projections/work.h"
#include "services/unpaid_work/service.h"

namespace pdp::unpaid_work {

void Wire(host::ServiceHost& host) {
  host.AddProjection(std::make_unique<Cases>());
  host.AddProjection(std::make_unique<LedgerView>());
  host.AddProjection(std::make_unique<PersonCalendar>());
  host.AddProjection(std::make_unique<SessionRoster>());
  host.AddProjection(std::make_unique<ProjectIndex>());
  host.AddProjection(std::make_unique<Tasks>());
  host.AddProcesses([&host](Area area) { return MakeProcesses(area, host); });
  host.AddGrpcService(std::make_unique<UnpaidWorkServiceImpl>(host));
}

}  // namespace pdp::unpaid_work
