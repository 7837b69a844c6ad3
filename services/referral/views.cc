#include "services/referral/views.h"

#include <memory>
#include <utility>

#include "services/referral/projections/access_log.h"
#include "services/referral/projections/cases.h"
#include "services/referral/projections/limited.h"
#include "services/referral/projections/mix.h"
#include "services/referral/projections/overrides.h"
#include "services/referral/projections/people.h"
#include "services/referral/projections/providers.h"
#include "services/referral/projections/rule_effects.h"
#include "services/referral/projections/sentences.h"
#include "services/referral/projections/tasks.h"

namespace pdp::referral {

std::vector<std::unique_ptr<projection::Projection>> MakeViews(People::Vault vault) {
  std::vector<std::unique_ptr<projection::Projection>> views;
  views.push_back(std::make_unique<Cases>());
  views.push_back(std::make_unique<Sentences>());
  views.push_back(std::make_unique<Providers>());
  views.push_back(std::make_unique<Limited>());
  views.push_back(std::make_unique<People>(std::move(vault)));
  views.push_back(std::make_unique<Tasks>());
  views.push_back(std::make_unique<Mix>());
  views.push_back(std::make_unique<Overrides>());
  views.push_back(std::make_unique<AccessLog>());
  views.push_back(std::make_unique<RuleEffects>());
  return views;
}

void AddViews(host::ServiceHost& host) {
  for (auto& view : MakeViews([&host]() -> privacy::KeyVault& { return host.vault(); })) {
    host.AddProjection(std::move(view));
  }
}

}  // namespace pdp::referral
