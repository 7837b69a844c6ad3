#include <algorithm>

#include "services/unpaid_work/domain/commands.h"
#include "services/unpaid_work/domain/ledger.h"
#include "services/unpaid_work/domain/policy.h"

// What a timer asks when it is due. Nothing is emitted when it no longer applies: one fired late or
// twice changes nothing.

namespace pdp::unpaid_work {
namespace {

void EvidenceDuePassed(Unit& unit, const v1::Case& c, const std::string& ref,
                       const Facts& facts) {
  const v1::Appointment* appointment = FindAppointment(c, ref);
  if (appointment == nullptr || appointment->status() != v1::APPOINTMENT_ABSENT_PENDING ||
      appointment->evidence() != v1::EVIDENCE_DUE || appointment->evidence_due().empty() ||
      FormatDate(Today(facts)) <= appointment->evidence_due()) {
    return;
  }
  Ruling ruling;
  ruling.item.set_crn(c.crn());
  ruling.item.set_appointment_id(ref);
  ruling.item.set_code("UACP");
  ruling.defaulted = true;
  // UPW-63: noted the day after it was due, however late the clock runs.
  ruling.noted_on = DateOf(appointment->evidence_due()) + 1;
  ApplyOutcome(unit, ruling, facts);
}

void OutcomeDuePassed(Unit& unit, const v1::Case& c, const std::string& ref,
                      const Facts& facts) {
  const v1::Appointment* appointment = FindAppointment(c, ref);
  if (appointment == nullptr || appointment->status() != v1::APPOINTMENT_BOOKED) return;
  const Date date = DateOf(appointment->date());
  const auto due = AddWorkingDays(
      date, static_cast<int>(Policy(date).Int("upw.outcome.due_business_days")));
  if (!due.has_value() || Today(facts) <= *due) return;
  v1::Event event;
  auto* overdue = event.mutable_outcome_overdue();
  overdue->set_appointment_id(ref);
  overdue->set_date(appointment->date());
  overdue->set_due(FormatDate(*due));
  unit.Emit(CaseId(c.crn()), std::move(event));
}

// UPW-08.
void WindowPassed(Unit& unit, const v1::Case& c, const std::string& ref, const Facts& facts) {
  const v1::Requirement* requirement = FindRequirement(c, ref);
  if (requirement == nullptr || !IsLive(*requirement) || requirement->expired() ||
      requirement->last_day().empty() ||
      FormatDate(Today(facts)) <= requirement->last_day()) {
    return;
  }
  const int64_t owed = BalanceOf(*requirement, v1::OWED);
  if (owed == 0) return;
  const std::string crn = c.crn(), last_day = requirement->last_day();
  const std::string group_id = requirement->group();
  v1::Event event;
  auto* expired = event.mutable_window_expired();
  expired->set_requirement_id(ref);
  expired->set_last_day(last_day);
  expired->set_owed(owed);
  expired->set_policy_version(PolicyVersion());
  unit.Emit(CaseId(crn), std::move(event));
  const v1::Case& after = *FindCase(unit, crn);
  const std::optional<Date> group_last_day =
      GroupLastDay(after, *FindGroup(after, group_id), Today(facts));
  if (!group_last_day.has_value()) return;
  WithdrawFuture(unit, crn, "WINDOW_CLOSED", facts, [&](const v1::Appointment& appointment) {
    const Date date = DateOf(appointment.date());
    return appointment.group() == group_id && date > *group_last_day && WindowInForce(date);
  });
}

void FirstOfferDuePassed(Unit& unit, const v1::Case& c, const Facts& facts) {
  if (c.first_offer_due().empty() || !c.first_offered_on().empty() || c.first_offer_breached() ||
      FormatDate(Today(facts)) <= c.first_offer_due()) {
    return;
  }
  v1::Event event;
  event.mutable_first_offer_breached()->set_due(c.first_offer_due());
  unit.Emit(CaseId(c.crn()), std::move(event));
}

// UPW-69: nothing is decided by the clock.
void DecisionDuePassed(Unit& unit, const v1::Case& c, const std::string& ref,
                       const Facts& facts) {
  for (const v1::Failure& failure : c.failures()) {
    if (failure.failure_id() != ref || failure.status() != v1::FAILURE_OPEN) continue;
    if (failure.decision_due().empty() || FormatDate(Today(facts)) <= failure.decision_due()) {
      return;
    }
    v1::Event event;
    event.mutable_enforcement_overdue()->set_failure_id(ref);
    event.mutable_enforcement_overdue()->set_due(failure.decision_due());
    unit.Emit(CaseId(c.crn()), std::move(event));
    return;
  }
}

// UPW-49: still alone at start - repair_minutes: her seat is released by the service.
void RepairTimePassed(Unit& unit, const v1::Session& session, const Facts& facts) {
  if (session.status() > v1::SESSION_LOCKED) return;
  const int64_t start = session.start() - RepairMinutes(facts);
  const auto minutes_until = [&] {
    const Moment now = Now(facts);
    return (DateOf(session.date()) - now.date) * 1440 + start - now.minute;
  }();
  if (minutes_until > 0) return;
  const auto lone = session.lone();
  const auto seats = session.seats();
  for (const std::string& crn : lone) {
    for (const v1::Seat& seat : seats) {
      if (seat.crn() != crn || seat.decided()) continue;
      WithdrawAppointment(unit, crn, seat.appointment_id(), "COMPOSITION_BREACH", v1::BY_SERVICE,
                          facts);
    }
  }
}

}  // namespace

Verdict Decide(Unit& unit, const v1::FireTimer& command, const Facts& facts) {
  const bool of_session = command.what() == v1::FireTimer::REPAIR_TIME_PASSED;
  const v1::Case* c = of_session ? nullptr : FindCase(unit, command.of());
  const v1::Session* session = of_session ? FindSession(unit, command.of()) : nullptr;
  Checks checks;
  checks.Require(command.what() != v1::FireTimer::WHAT_UNSPECIFIED, "what", "is missing");
  const AggregateId id = of_session ? SessionId(command.of()) : CaseId(command.of());
  if (auto rejected =
          Admit(unit, facts, {id, c != nullptr || session != nullptr, {"SYS"}}, checks)) {
    return *rejected;
  }
  switch (command.what()) {
    case v1::FireTimer::EVIDENCE_DUE_PASSED:
      EvidenceDuePassed(unit, *c, command.ref(), facts);
      break;
    case v1::FireTimer::OUTCOME_DUE_PASSED:
      OutcomeDuePassed(unit, *c, command.ref(), facts);
      break;
    case v1::FireTimer::WINDOW_PASSED:
      WindowPassed(unit, *c, command.ref(), facts);
      break;
    case v1::FireTimer::FIRST_OFFER_DUE_PASSED:
      FirstOfferDuePassed(unit, *c, facts);
      break;
    case v1::FireTimer::REPAIR_TIME_PASSED:
      RepairTimePassed(unit, *session, facts);
      break;
    case v1::FireTimer::DECISION_DUE_PASSED:
      DecisionDuePassed(unit, *c, command.ref(), facts);
      break;
    case v1::FireTimer::WHAT_UNSPECIFIED:
    case v1::FireTimer_What_FireTimer_What_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::FireTimer_What_FireTimer_What_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return v1::Reply();
}

}  // namespace pdp::unpaid_work
