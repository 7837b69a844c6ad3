#include <memory>

#include "libs/base/random.h"
#include "libs/engine/domain.h"
#include "libs/host/host.h"
#include "services/subcontractor/domain/subcontractor.h"
#include "services/subcontractor/processes/charger.h"
#include "services/subcontractor/processes/followers.h"
#include "services/subcontractor/processes/seed_keeper.h"
#include "services/subcontractor/processes/sources.h"
#include "services/subcontractor/projections/money.h"
#include "services/subcontractor/projections/pool_trace.h"
#include "services/subcontractor/projections/subcontracts.h"
#include "services/subcontractor/public_events.h"
#include "services/subcontractor/service.h"

int main(int argc, char** argv) {
  using namespace pdp;
  using ProcessPtr = std::unique_ptr<projection::Process>;
  host::ServiceHost host(host::ParseFlags(argc, argv),
                         engine::MakeDomain<subcontractor::Subcontractor>(),
                         subcontractor::ToPublic);
  host.AddProjection(std::make_unique<subcontractor::Subcontracts>());
  host.AddProjection(std::make_unique<subcontractor::PoolTrace>());
  host.AddProjection(std::make_unique<subcontractor::Money>());
  host.AddProcess([](Area area) -> ProcessPtr {
    if (area.is_nat()) return nullptr;
    return std::make_unique<subcontractor::Charger>(subcontractor::FactSources());
  });
  host.AddProcess([](Area area) -> ProcessPtr {
    if (area.is_nat()) return nullptr;
    return std::make_unique<subcontractor::OfferFollower>();
  });
  host.AddProcess([](Area area) -> ProcessPtr {
    if (area.is_nat()) return nullptr;
    return std::make_unique<subcontractor::PoolKeeper>();
  });
  host.AddProcess([](Area area) -> ProcessPtr {
    if (area.is_nat()) return nullptr;
    return std::make_unique<subcontractor::OrganisationFollower>();
  });
  host.AddProcess([](Area area) -> ProcessPtr {
    if (area.is_nat()) return nullptr;
    return std::make_unique<subcontractor::SeedKeeper>(Random::System());
  });
  host.AddGrpcService(std::make_unique<subcontractor::SubcontractorServiceImpl>(host));
  return host.Run();
}
