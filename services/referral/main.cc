#include <memory>

#include "libs/engine/domain.h"
#include "libs/host/host.h"
#include "services/referral/domain/domain.h"
#include "services/referral/processes/all.h"
#include "services/referral/public_events.h"
#include "services/referral/service.h"
#include "services/referral/views.h"

int main(int argc, char** argv) {
  using namespace pdp;
  host::ServiceHost host(host::ParseFlags(argc, argv),
                         engine::MakeDomain<referral::ReferralDomain>(), referral::ToPublic);
  referral::AddViews(host);
  host.AddProcesses([&](Area area) { return referral::MakeProcesses(area, host); });
  host.AddGrpcService(std::make_unique<referral::ReferralServiceImpl>(host));
  return host.Run();
}
