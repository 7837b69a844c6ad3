#include "services/programmes/processes/all.h"

#include "services/programmes/processes/enforcement.h"
#include "services/programmes/processes/erasure.h"
#include "services/programmes/processes/followers.h"
#include "services/programmes/processes/person_facts.h"
#include "services/programmes/processes/referral_cases.h"

namespace pdp::programmes {

std::vector<std::unique_ptr<projection::Process>> MakeProcesses(
    Area area, const projection::Surroundings& host) {
  std::vector<std::unique_ptr<projection::Process>> all;
  if (area.is_nat()) return all;
  const auto nat = std::make_shared<projection::HighWater>();
  all.push_back(std::make_unique<PersonFacts>(host, nat));
  all.push_back(std::make_unique<ReferralCases>(host, nat));
  all.push_back(std::make_unique<Returns>(host));
  all.push_back(std::make_unique<AccessFollower>());
  all.push_back(std::make_unique<Enforcement>(host));
  all.push_back(std::make_unique<UnpaidWorkFollower>(host));
  all.push_back(std::make_unique<Organisations>(host));
  all.push_back(std::make_unique<Erasures>(host));
  return all;
}

}  // namespace pdp::programmes
