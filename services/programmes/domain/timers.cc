#include "libs/base/calendar.h"
#include "services/programmes/domain/programmes.h"

// Timers that follow from events; each is set again or cancelled by the event that changes what it
// waits for. A timer that fires late finds the state as it is and changes nothing when it is over.

namespace pdp::programmes {
namespace {

using Change = decider::TimerChange<v1::Command>;

// The day after a last day.
std::optional<absl::Time> After(const std::string& last_day) {
  const auto date = ParseDate(last_day);
  if (!date.has_value()) return std::nullopt;
  return StartOfLocalDate(*date + 1);
}

// PRG-87: while the failure is provisional.
Change Evidence(const v1::State& after, const std::string& failure_id) {
  Change change{.timer_id = absl::StrCat("failure/", failure_id), .due_at = {}, .command = {}};
  for (const v1::Failure& failure : after.order().failures()) {
    if (failure.failure_id() == failure_id && failure.status() == v1::PROVISIONAL) {
      change.due_at = After(failure.provisional_until());
    }
  }
  change.command.mutable_confirm_failure()->set_order_id(after.order().order_id());
  change.command.mutable_confirm_failure()->set_failure_id(failure_id);
  return change;
}

// PRG-95: while the obligation is open.
Change CatchUp(const v1::State& after, const std::string& obligation_id) {
  const v1::Enrolment& enrolment = after.enrolment();
  Change change{.timer_id = absl::StrCat("catch_up/", enrolment.id(), "/", obligation_id),
                .due_at = {},
                .command = {}};
  for (const v1::Obligation& obligation : enrolment.obligations()) {
    if (obligation.id() == obligation_id && obligation.open()) {
      change.due_at = After(obligation.due_by());
    }
  }
  change.command.mutable_expire_catch_up()->set_enrolment_id(enrolment.id());
  change.command.mutable_expire_catch_up()->set_obligation_id(obligation_id);
  return change;
}

// PRG-102: while the enrolment is paused.
Change Credit(const v1::State& after) {
  const v1::Enrolment& enrolment = after.enrolment();
  Change change{.timer_id = absl::StrCat("credit/", enrolment.id()), .due_at = {}, .command = {}};
  if (enrolment.status() == v1::PAUSED) change.due_at = After(enrolment.credit_until());
  change.command.mutable_lapse_credit()->set_enrolment_id(enrolment.id());
  return change;
}

}  // namespace

std::string Programmes::SubjectOf(const AggregateId& id) {
  return id.kind() == "facilitator" ? absl::StrCat("staff/", id.id()) : "";
}

std::vector<Change> Programmes::Timers(const AggregateId&, const State& after, const Event& event,
                                       const EventFacts&) {
  if (event.has_failure_raised()) {
    return {Evidence(after, event.failure_raised().failure().failure_id())};
  }
  if (event.has_failure_outcomes_changed()) {
    return {Evidence(after, event.failure_outcomes_changed().failure().failure_id())};
  }
  if (event.has_failure_confirmed()) {
    return {Evidence(after, event.failure_confirmed().failure_id())};
  }
  if (event.has_failure_rescinded()) {
    return {Evidence(after, event.failure_rescinded().failure_id())};
  }
  if (event.has_catch_up_required()) {
    return {CatchUp(after, event.catch_up_required().obligation().id())};
  }
  if (event.has_catch_up_satisfied()) {
    return {CatchUp(after, event.catch_up_satisfied().obligation_id())};
  }
  if (event.has_catch_up_voided()) {
    return {CatchUp(after, event.catch_up_voided().obligation_id())};
  }
  if (event.has_catch_up_due_moved()) {
    return {CatchUp(after, event.catch_up_due_moved().obligation_id())};
  }
  if (event.has_enrolment_paused() || event.has_enrolment_allocated() ||
      event.has_enrolment_resumed() || event.has_enrolment_ended() ||
      event.has_enrolment_transferred_out()) {
    return {Credit(after)};
  }
  return {};
}

}  // namespace pdp::programmes
