#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/engine/cell.h"
#include "services/referral/cell_rules.h"
#include "services/referral/domain/policy.h"
#include "services/referral/domain/working_days.h"
#include "services/referral/projections/rule_effects.h"
#include "services/referral/query_access.h"
#include "services/referral/service_queries.h"

// GetSettings, RuleEffects: the published rules and whom they touched.

namespace pdp::referral {

grpc::Status ReadSettings(const host::ServiceHost& host, const v1::SettingsRequest& request,
                          v1::SettingsReply* reply) {
  RequestCheck check(host, request);
  const Date today = LocalDate(host.clock().Now());
  const bool codes = absl::StartsWith(request.name(), kCodesSettings);
  const std::string list = codes ? request.name().substr(sizeof(kCodesSettings) - 1) : "";
  const bool known = request.name() == kPolicySettings || request.name() == kCalendarSettings ||
                     (codes && RulesInForce::Codes(list) != nullptr);
  check.Require(known, "UNKNOWN_CODE", "name", "is none of policy, calendar, codes/{list}");
  Area area;
  if (auto status = check.Finish(&area); !status.ok()) return status;
  // Rules are nobody's data: every official reads them.
  if (!IsOfficial(request.actor())) {
    return rpc::ToStatus(decider::NotAuthorised("an official"), kServiceName);
  }
  const auto read = host.cell(area)->ReadState(SettingsId(request.name()));
  if (read.ok()) {
    *reply->mutable_versions() =
        static_cast<const v1::State&>(*read->state).settings().versions();
  } else if (read.status().code() != absl::StatusCode::kNotFound) {
    return rpc::ToStatus(read.status(), kServiceName);
  }
  const CellRules rules(host.cell(area), today);
  reply->set_in_force(codes                                ? RulesInForce::Codes(list)->version()
                      : request.name() == kCalendarSettings ? CalendarNow()
                                                            : RulesInForce::Policies().version());
  return grpc::Status::OK;
}

grpc::Status ReadRuleEffects(const host::ServiceHost& host, const v1::RuleEffectsRequest& request,
                             v1::RuleEffectsReply* reply) {
  RequestCheck check(host, request);
  check.Require(!request.cause().empty(), "FIELD_MISSING", "cause", "which version");
  Area area;
  if (auto status = check.Finish(&area); !status.ok()) return status;
  const Audience audience(host, area, request.actor());
  if (!audience.official()) return grpc::Status::OK;
  return FillPage<v1::RuleEffect>(
      host, request,
      {host.rows(RuleEffects::kName), area, RuleEffects::CausePrefix(request.cause()),
       check.place(), ""},
      reply,
      [&](const v1::RuleEffect& effect) { return audience.MaySeePerson(effect.crn()); },
      [&](const v1::RuleEffect& effect, bool) {
        *reply->add_effects() = effect;
        return true;
      });
}

}  // namespace pdp::referral
