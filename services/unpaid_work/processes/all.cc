#include "services/unpaid_work/processes/all.h"

#include "services/unpaid_work/processes/court_changes.h"
#include "services/unpaid_work/processes/erasure.h"
#include "services/unpaid_work/processes/intake.h"
#include "services/unpaid_work/processes/organisation_scope.h"
#include "services/unpaid_work/processes/programmes_clash.h"

namespace pdp::unpaid_work {

std::vector<std::unique_ptr<projection::Process>> MakeProcesses(
    Area area, const projection::Surroundings& host) {
  std::vector<std::unique_ptr<projection::Process>> all;
  if (area.is_nat()) return all;
  const auto nat = std::make_shared<projection::HighWater>();
  all.push_back(std::make_unique<PersonFollower>(host, nat));
  all.push_back(std::make_unique<Intake>(host, nat));
  all.push_back(std::make_unique<CourtChanges>(host));
  all.push_back(std::make_unique<OrganisationScopeKeeper>(host));
  all.push_back(std::make_unique<ProgrammesClash>(host));
  all.push_back(std::make_unique<Erasures>(host));
  return all;
}

}  // namespace pdp::unpaid_work
