#include <memory>

#include "libs/engine/domain.h"
#include "libs/host/host.h"
#include "services/programmes/domain/programmes.h"
#include "services/programmes/processes/enforcement.h"
#include "services/programmes/processes/erasure.h"
#include "services/programmes/processes/followers.h"
#include "services/programmes/processes/person_facts.h"
#include "services/programmes/processes/referral_cases.h"
#include "services/programmes/projections/access.h"
#include "services/programmes/projections/calendars.h"
#include "services/programmes/projections/enrolments.h"
#include "services/programmes/projections/groups.h"
#include "services/programmes/projections/sessions.h"
#include "services/programmes/projections/tasks.h"
#include "services/programmes/public_events.h"
#include "services/programmes/service.h"

int main(int argc, char** argv) {
  using namespace pdp;
  using ProcessPtr = std::unique_ptr<projection::Process>;
  host::ServiceHost host(host::ParseFlags(argc, argv),
                         engine::MakeDomain<programmes::Programmes>(), programmes::ToPublic);
  host.AddProjection(std::make_unique<programmes::AccessIndex>());
  host.AddProjection(std::make_unique<programmes::Enrolments>());
  host.AddProjection(std::make_unique<programmes::Groups>());
  host.AddProjection(std::make_unique<programmes::Sessions>());
  host.AddProjection(std::make_unique<programmes::Calendars>());
  host.AddProjection(std::make_unique<programmes::Tasks>());
  host.AddProcess([&](Area area) -> ProcessPtr {
    if (area.is_nat()) return nullptr;
    return std::make_unique<programmes::ReferralCases>(host);
  });
  host.AddProcess([&](Area area) -> ProcessPtr {
    if (area.is_nat()) return nullptr;
    return std::make_unique<programmes::Returns>(host);
  });
  host.AddProcess([&](Area area) -> ProcessPtr {
    if (area.is_nat()) return nullptr;
    return std::make_unique<programmes::PersonFacts>(host);
  });
  host.AddProcess([](Area area) -> ProcessPtr {
    if (area.is_nat()) return nullptr;
    return std::make_unique<programmes::AccessFollower>();
  });
  host.AddProcess([&](Area area) -> ProcessPtr {
    if (area.is_nat()) return nullptr;
    return std::make_unique<programmes::Enforcement>(host);
  });
  host.AddProcess([&](Area area) -> ProcessPtr {
    if (area.is_nat()) return nullptr;
    return std::make_unique<programmes::UnpaidWorkFollower>(host);
  });
  host.AddProcess([&](Area area) -> ProcessPtr {
    if (area.is_nat()) return nullptr;
    return std::make_unique<programmes::Organisations>(host);
  });
  host.AddProcess([&](Area area) -> ProcessPtr {
    if (area.is_nat()) return nullptr;
    return std::make_unique<programmes::Erasures>(host);
  });
  host.AddGrpcService(std::make_unique<programmes::ProgrammesServiceImpl>(host));
  return host.Run();
}
