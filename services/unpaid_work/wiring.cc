#include "services/unpaid_work/wiring.h"

#include <memory>

#include "services/unpaid_work/processes/court_changes.h"
#include "services/unpaid_work/processes/erasure.h"
#include "services/unpaid_work/processes/intake.h"
#include "services/unpaid_work/processes/organisation_scope.h"
#include "services/unpaid_work/processes/programmes_clash.h"
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
  const auto in_areas = [&host](auto make) {
    host.AddProcess([make](Area area) -> std::unique_ptr<projection::Process> {
      if (area.is_nat()) return nullptr;
      return make();
    });
  };
  const auto nat = std::make_shared<NatHighWater>();
  in_areas([&host, nat] { return std::make_unique<Intake>(host, nat); });
  in_areas([&host, nat] { return std::make_unique<PersonFollower>(host, nat); });
  in_areas([&host] { return std::make_unique<CourtChanges>(host); });
  in_areas([&host] { return std::make_unique<OrganisationScopeKeeper>(host); });
  in_areas([&host] { return std::make_unique<ProgrammesClash>(host); });
  in_areas([&host] { return std::make_unique<Erasures>(host); });
  host.AddGrpcService(std::make_unique<UnpaidWorkServiceImpl>(host));
}

}  // namespace pdp::unpaid_work
