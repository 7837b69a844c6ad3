#include <memory>

#include "libs/engine/domain.h"
#include "libs/host/host.h"
#include "services/programmes/domain/programmes.h"
#include "services/programmes/processes/all.h"
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
  host::ServiceHost host(host::ParseFlags(argc, argv),
                         engine::MakeDomain<programmes::Programmes>(), programmes::ToPublic);
  host.AddProjection(std::make_unique<programmes::AccessIndex>());
  host.AddProjection(std::make_unique<programmes::Enrolments>());
  host.AddProjection(std::make_unique<programmes::Groups>());
  host.AddProjection(std::make_unique<programmes::Sessions>());
  host.AddProjection(std::make_unique<programmes::Calendars>());
  host.AddProjection(std::make_unique<programmes::Tasks>());
  host.AddProcesses([&](Area area) { return programmes::MakeProcesses(area, host); });
  host.AddGrpcService(std::make_unique<programmes::ProgrammesServiceImpl>(host));
  return host.Run();
}
