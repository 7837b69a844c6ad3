#include <memory>

#include "libs/engine/domain.h"
#include "libs/host/host.h"
#include "services/referral/domain/domain.h"
#include "services/referral/processes/court_requirements.h"
#include "services/referral/processes/deciding.h"
#include "services/referral/processes/delivery_facts.h"
#include "services/referral/processes/erasure.h"
#include "services/referral/processes/estimates.h"
#include "services/referral/processes/life_events.h"
#include "services/referral/processes/organisations.h"
#include "services/referral/processes/placement.h"
#include "services/referral/processes/reevaluation.h"
#include "services/referral/processes/settings.h"
#include "services/referral/processes/transfers.h"
#include "services/referral/public_events.h"
#include "services/referral/service.h"
#include "services/referral/views.h"

int main(int argc, char** argv) {
  using namespace pdp;
  using ProcessPtr = std::unique_ptr<projection::Process>;
  host::ServiceHost host(host::ParseFlags(argc, argv),
                         engine::MakeDomain<referral::ReferralDomain>(), referral::ToPublic);
  referral::AddViews(host);
  host.AddProcess([&](Area area) -> ProcessPtr {
    if (area.is_nat()) return nullptr;
    return std::make_unique<referral::CourtRequirements>(host);
  });
  host.AddProcess([&](Area area) -> ProcessPtr {
    if (area.is_nat()) return nullptr;
    return std::make_unique<referral::SlotKeeper>(host);
  });
  host.AddProcess([&](Area area) -> ProcessPtr {
    if (area.is_nat()) return nullptr;
    return std::make_unique<referral::Deciding>(host, referral::ProgrammesEstimator(host));
  });
  host.AddProcess([&](Area area) -> ProcessPtr {
    if (area.is_nat()) return nullptr;
    return std::make_unique<referral::Placement>(host);
  });
  host.AddProcess([&](Area area) -> ProcessPtr {
    if (area.is_nat()) return nullptr;
    return std::make_unique<referral::Apportioned>();
  });
  host.AddProcess([&](Area area) -> ProcessPtr {
    if (area.is_nat()) return nullptr;
    return std::make_unique<referral::DeliveryFacts>(host);
  });
  host.AddProcess([&](Area area) -> ProcessPtr {
    if (area.is_nat()) return nullptr;
    return std::make_unique<referral::Organisations>();
  });
  host.AddProcess([&](Area area) -> ProcessPtr {
    if (area.is_nat()) return nullptr;
    return std::make_unique<referral::LifeEvents>(host);
  });
  host.AddProcess([&](Area area) -> ProcessPtr {
    if (area.is_nat()) return nullptr;
    return std::make_unique<referral::AccessFollower>();
  });
  host.AddProcess([&](Area area) -> ProcessPtr {
    if (area.is_nat()) return nullptr;
    return std::make_unique<referral::Reevaluation>(host);
  });
  host.AddProcess([&](Area area) -> ProcessPtr {
    if (area.is_nat()) return nullptr;
    return std::make_unique<referral::CaseTransfers>();
  });
  host.AddProcess([&](Area area) -> ProcessPtr {
    if (area.is_nat()) return nullptr;
    return std::make_unique<referral::Handoffs>(host);
  });
  host.AddProcess([&](Area area) -> ProcessPtr {
    if (area.is_nat()) return std::make_unique<referral::Erasures>(host);
    return std::make_unique<referral::AreaErasures>(host);
  });
  host.AddProcess([&](Area area) -> ProcessPtr {
    if (area.is_nat()) return nullptr;
    return std::make_unique<referral::DraftKeys>(host);
  });
  host.AddProcess([&](Area area) -> ProcessPtr {
    if (area.is_nat()) return nullptr;
    return std::make_unique<referral::SettingsFollower>();
  });
  host.AddProcess([&](Area area) -> ProcessPtr {
    if (area.is_nat()) return nullptr;
    return std::make_unique<referral::RuleChanges>(host);
  });
  host.AddGrpcService(std::make_unique<referral::ReferralServiceImpl>(host));
  return host.Run();
}
