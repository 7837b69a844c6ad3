#include "services/referral/views.h"

#include <memory>

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

void AddViews(host::ServiceHost& host) {
  host.AddProjection(std::make_unique<Cases>());
  host.AddProjection(std::make_unique<Sentences>());
  host.AddProjection(std::make_unique<Providers>());
  host.AddProjection(std::make_unique<Limited>());
  host.AddProjection(
      std::make_unique<People>([&host]() -> privacy::KeyVault& { return host.vault(); }));
  host.AddProjection(std::make_unique<Tasks>());
  host.AddProjection(std::make_unique<Mix>());
  host.AddProjection(std::make_unique<Overrides>());
  host.AddProjection(std::make_unique<AccessLog>());
  host.AddProjection(std::make_unique<RuleEffects>());
}

}  // namespace pdp::referral
