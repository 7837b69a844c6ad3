#include "services/referral/processes/settings.h"

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/engine/cell_reader.h"
#include "services/referral/domain/in_force.h"
#include "services/referral/projections/case_lists.h"
#include "services/referral/projections/cases.h"
#include "services/referral/reference/shipped_catalogue.h"

namespace pdp::referral {
namespace {

using projection::Partitions;

constexpr absl::Duration kViewWait = absl::Seconds(10);
constexpr size_t kPage = 500;

template <typename Event>
v1::CopySettings Copy(std::string name, const Event& event) {
  v1::CopySettings copy;
  copy.set_name(std::move(name));
  *copy.mutable_published() = event.content();
  return copy;
}

// REF-57: those that were decided and have not ended.
bool MayBeReviewed(v1::ReferralState state) {
  switch (state) {
    case v1::NEEDS_INFO:
    case v1::REVIEW:
    case v1::DEFERRED:
    case v1::CONFLICT:
    case v1::ROUTED:
    case v1::OFFERED:
    case v1::UNPLACED:
    case v1::ACCEPTED:
    case v1::ASSIGNED:
    case v1::IN_DELIVERY:
      return true;
    case v1::DRAFT:
    case v1::DISCARDED:
    case v1::EXPIRED:
    case v1::SUBMITTED:  // Decided by the new rules anyway.
    case v1::ENDED:
    case v1::CONCLUDED:
    case v1::CLOSED:
    case v1::MOVED:
    case v1::REFERRAL_STATE_UNSPECIFIED:
    case v1::ReferralState_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::ReferralState_INT_MAX_SENTINEL_DO_NOT_USE_:
      return false;
  }
  return false;
}

bool HasRunningClock(const v1::Referral& referral) {
  for (const v1::SlaClock& clock : referral.clocks()) {
    if (clock.status() == v1::SlaClock::RUNNING || clock.status() == v1::SlaClock::PAUSED) {
      return true;
    }
  }
  return false;
}

// Every referral of the area, as the view has them once it has passed the event.
absl::StatusOr<std::vector<std::string>> AllReferrals(const projection::Surroundings& host,
                                                      Area area) {
  RETURN_IF_ERROR(host.CatchUp(area, kViewWait, {Cases::kName}));
  std::vector<std::string> ids;
  std::string after;
  for (bool more = true; more;) {
    more = false;
    v1::CaseRow row;
    size_t seen = 0;
    RETURN_IF_ERROR(host.rows(Cases::kName)
                        .Scan(area, {.prefix = kAllCases, .after_key = after, .limit = kPage}, &row,
                              [&](absl::string_view key, bool) {
                                ids.push_back(row.referral_id());
                                after = std::string(key);
                                more = ++seen == kPage;
                                return true;
                              }));
  }
  return ids;
}

}  // namespace

std::optional<v1::CopySettings> CopyOf(const v1::PublicEvent& event) {
  if (event.has_policy_set_published()) {
    return Copy(kPolicySettings, event.policy_set_published());
  }
  if (event.has_calendar_published()) {
    return Copy(kCalendarSettings, event.calendar_published());
  }
  if (event.has_codes_published()) {
    return Copy(absl::StrCat(kCodesSettings, event.codes_published().name()),
                event.codes_published());
  }
  return std::nullopt;
}

std::vector<projection::Subscription> SettingsFollower::subscriptions() const {
  return {{.service = "referral",
           .partitions = Partitions::kNat,
           .types = {"PolicySetPublished", "CalendarPublished", "CodesPublished"}}};
}

absl::Status SettingsFollower::React(const common::v1::CloudEvent& event,
                                     projection::ProcessContext& context) {
  const auto copy = CopyOf(projection::DataOf<v1::PublicEvent>(event));
  if (!copy) return absl::OkStatus();
  v1::Command command;
  *command.mutable_copy_settings() = *copy;
  // Place of the event in NAT's history; one is published a command.
  command.mutable_copy_settings()->set_nat_order(event.seq());
  return projection::Done(
      context.Execute(absl::StrCat("settings/", context.area().code()), command));
}

std::vector<projection::Subscription> RuleChanges::subscriptions() const {
  return {{.service = "referral", .partitions = Partitions::kOwn, .types = {"RulesTookEffect"}}};
}

absl::Status RuleChanges::Review(const v1::Referral& referral, const std::string& cause,
                                 projection::ProcessContext& context) const {
  v1::Command command;
  v1::ReviewRoute* review = command.mutable_review_route();
  review->set_referral_id(referral.id());
  review->set_cause(cause);
  ASSIGN_OR_RETURN(*review->mutable_facts(),
                   nat_.Facts(referral.origin_crn(), referral.sentence_key()));
  *review->mutable_catalogue() = ShippedCatalogue();
  return projection::Done(context.Execute(absl::StrCat("review/", referral.id()), command));
}

absl::Status RuleChanges::React(const common::v1::CloudEvent& event,
                                projection::ProcessContext& context) {
  const auto effect = projection::DataOf<v1::InternalEvent>(event).rules_took_effect();
  const engine::CellReader* cell = host_.reader(context.area());
  if (cell == nullptr) return absl::UnavailableError("the cell is not hosted here");
  const bool calendar = effect.name() == kCalendarSettings;
  const std::string cause = absl::StrCat(
      effect.name() == kPolicySettings ? "POLICY:" : "CODES:", effect.version());
  ASSIGN_OR_RETURN(const std::vector<std::string> ids, AllReferrals(host_, context.area()));
  for (const std::string& id : ids) {
    ASSIGN_OR_RETURN(const engine::CellReader::ReadResult read, cell->ReadState(ReferralId(id)));
    const v1::Referral& referral = static_cast<const v1::State&>(*read.state).referral();
    // Of an erased person nothing is decided any more.
    if (read.erased) continue;
    if (calendar) {
      if (!HasRunningClock(referral)) continue;
      v1::Command command;
      command.mutable_recompute_clocks()->set_referral_id(id);
      RETURN_IF_ERROR(
          projection::Done(context.Execute(absl::StrCat("clocks/", id), command)));
    } else if (referral.has_decision() && MayBeReviewed(referral.state())) {
      RETURN_IF_ERROR(Review(referral, cause, context));
    }
  }
  return absl::OkStatus();
}

}  // namespace pdp::referral
