#include "services/referral/processes/all.h"

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

namespace pdp::referral {

std::vector<std::unique_ptr<projection::Process>> MakeProcesses(
    Area area, const projection::Surroundings& host) {
  std::vector<std::unique_ptr<projection::Process>> all;
  if (area.is_nat()) {
    all.push_back(std::make_unique<Erasures>(host));
    return all;
  }
  all.push_back(std::make_unique<CourtRequirements>(host));
  all.push_back(std::make_unique<SlotKeeper>(host));
  all.push_back(std::make_unique<Deciding>(host, ProgrammesEstimator(host)));
  all.push_back(std::make_unique<Placement>(host));
  all.push_back(std::make_unique<Apportioned>());
  all.push_back(std::make_unique<DeliveryFacts>(host));
  all.push_back(std::make_unique<Organisations>());
  all.push_back(std::make_unique<LifeEvents>(host));
  all.push_back(std::make_unique<AccessFollower>());
  all.push_back(std::make_unique<Reevaluation>(host));
  all.push_back(std::make_unique<CaseTransfers>());
  all.push_back(std::make_unique<Handoffs>(host));
  all.push_back(std::make_unique<AreaErasures>(host));
  all.push_back(std::make_unique<DraftKeys>(host));
  all.push_back(std::make_unique<SettingsFollower>());
  all.push_back(std::make_unique<RuleChanges>(host));
  return all;
}

}  // namespace pdp::referral
