#include "services/referral/projections/rule_effects.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/calendar.h"
#include "pdp/referral/v1/events.pb.h"
#include "pdp/referral/v1/queries.pb.h"

namespace pdp::referral {
namespace {

std::string SubjectKey(absl::string_view referral_id) { return absl::StrCat("r/", referral_id); }

void PutSubject(absl::string_view id, const std::string& crn, const std::string& reference,
                projection::RowWriter& rows) {
  v1::RuleEffect subject;
  subject.set_crn(crn);
  subject.set_reference(reference);
  rows.Put(SubjectKey(id), subject);
}

bool IsOfRules(absl::string_view cause) {
  return absl::StartsWith(cause, "POLICY:") || absl::StartsWith(cause, "CODES:") ||
         absl::StartsWith(cause, "CALENDAR:");
}

}  // namespace

std::string RuleEffects::CausePrefix(absl::string_view cause) {
  return absl::StrCat("e/", cause, "/");
}

absl::Status RuleEffects::Project(const projection::RecordedEvent& recorded,
                                  projection::RowWriter& rows) {
  const auto& event = recorded.As<v1::Event>();
  const absl::string_view id = recorded.aggregate.id();
  if (event.has_referral_opened()) {
    PutSubject(id, event.referral_opened().crn(), event.referral_opened().reference(), rows);
    return absl::OkStatus();
  }
  if (event.has_referral_received()) {
    PutSubject(id, event.referral_received().crn(),
               event.referral_received().snapshot().reference(), rows);
    return absl::OkStatus();
  }
  std::string cause, effect;
  v1::SlaClock clock;
  if (event.has_decision_reopened()) {
    cause = event.decision_reopened().cause();
    effect = "DECIDED_AGAIN";
  } else if (event.has_offer_rescinded() && event.offer_rescinded().decide_again()) {
    cause = event.offer_rescinded().cause();
    effect = "DECIDED_AGAIN";
  } else if (event.has_route_review_raised()) {
    cause = event.route_review_raised().review().cause();
    effect = "ROUTE_REVIEW";
  } else if (event.has_sla_clock_recomputed()) {
    cause = event.sla_clock_recomputed().reason();
    clock = event.sla_clock_recomputed().clock();
    effect = "CLOCK_MOVED";
  }
  if (!IsOfRules(cause)) return absl::OkStatus();
  v1::RuleEffect row;
  rows.Get(SubjectKey(id), &row);
  row.set_referral_id(std::string(id));
  row.set_effect(effect);
  row.set_on(FormatDate(LocalDate(recorded.recorded_at)));
  row.set_clock(clock.code());
  row.set_due_on(clock.due_on());
  rows.Put(absl::StrCat(CausePrefix(cause), id, "/", clock.code(), "/", clock.n()), row);
  return absl::OkStatus();
}

}  // namespace pdp::referral
