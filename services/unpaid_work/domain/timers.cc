#include "services/unpaid_work/domain/commands.h"
#include "services/unpaid_work/domain/ledger.h"
#include "services/unpaid_work/domain/policy.h"

// "Due on D" is met by anything that occurred on or before D; its timer fires at 00:00 on D+1.

namespace pdp::unpaid_work {
namespace {

using Change = decider::TimerChange<v1::Command>;
using What = v1::FireTimer::What;

Change Timer(What what, const std::string& of, const std::string& ref) {
  Change change;
  change.timer_id = absl::StrCat(v1::FireTimer::What_Name(what), "/", of, "/", ref);
  auto* fire = change.command.mutable_fire_timer();
  fire->set_what(what);
  fire->set_of(of);
  fire->set_ref(ref);
  return change;
}

Change After(What what, const std::string& of, const std::string& ref, const std::string& due) {
  Change change = Timer(what, of, ref);
  if (!due.empty()) change.due_at = StartOfLocalDate(DateOf(due) + 1);
  return change;
}

Change OutcomeTimer(const std::string& crn, const v1::Appointment& appointment) {
  const Date date = DateOf(appointment.date());
  const auto due = AddWorkingDays(
      date, static_cast<int>(Policy(date).Int("upw.outcome.due_business_days")));
  return After(v1::FireTimer::OUTCOME_DUE_PASSED, crn, appointment.appointment_id(),
               due.has_value() ? FormatDate(*due) : "");
}

}  // namespace

std::vector<decider::TimerChange<UnpaidWork::Command>> UnpaidWork::Timers(
    const AggregateId& id, const State& after, const Event& event, const EventFacts&) {
  const std::string of(id.id());
  std::vector<Change> changes;
  const auto outcome_known = [&](const std::string& appointment_id) {
    changes.push_back(Timer(v1::FireTimer::OUTCOME_DUE_PASSED, of, appointment_id));
  };
  const auto evidence = [&](const std::string& appointment_id, const std::string& due) {
    changes.push_back(After(v1::FireTimer::EVIDENCE_DUE_PASSED, of, appointment_id, due));
  };
  // Only the events that start or end a clock; every other one leaves the timers as they are.
  if (event.has_requirement_registered()) {
    const std::string& due = event.requirement_registered().first_offer_due();
    if (!due.empty()) {
      changes.push_back(After(v1::FireTimer::FIRST_OFFER_DUE_PASSED, of, "first", due));
    }
  } else if (event.has_first_offer_met()) {
    changes.push_back(Timer(v1::FireTimer::FIRST_OFFER_DUE_PASSED, of, "first"));
  } else if (event.has_window_set()) {
    changes.push_back(After(v1::FireTimer::WINDOW_PASSED, of,
                            event.window_set().requirement_id(), event.window_set().last_day()));
  } else if (event.has_window_extended()) {
    changes.push_back(After(v1::FireTimer::WINDOW_PASSED, of,
                            event.window_extended().requirement_id(),
                            event.window_extended().new_last_day()));
  } else if (event.has_requirement_reopened()) {
    const v1::Requirement* requirement =
        FindRequirement(after.case_(), event.requirement_reopened().requirement_id());
    if (requirement != nullptr) {
      changes.push_back(After(v1::FireTimer::WINDOW_PASSED, of, requirement->requirement_id(),
                              requirement->last_day()));
    }
  } else if (event.has_requirement_terminated()) {
    changes.push_back(Timer(v1::FireTimer::WINDOW_PASSED, of,
                            event.requirement_terminated().requirement_id()));
  } else if (event.has_appointment_booked()) {
    changes.push_back(OutcomeTimer(of, event.appointment_booked().appointment()));
  } else if (event.has_appointment_moved()) {
    changes.push_back(OutcomeTimer(of, event.appointment_moved().appointment()));
  } else if (event.has_appointment_withdrawn()) {
    outcome_known(event.appointment_withdrawn().appointment_id());
  } else if (event.has_outcome_recorded()) {
    outcome_known(event.outcome_recorded().appointment_id());
    if (!event.outcome_recorded().evidence_due().empty()) {
      evidence(event.outcome_recorded().appointment_id(),
               event.outcome_recorded().evidence_due());
    }
  } else if (event.has_outcome_corrected()) {
    evidence(event.outcome_corrected().appointment_id(),
             event.outcome_corrected().evidence_due());
  } else if (event.has_outcome_defaulted()) {
    evidence(event.outcome_defaulted().appointment_id(), "");
  } else if (event.has_evidence_submitted()) {
    evidence(event.evidence_submitted().appointment_id(), "");
  } else if (event.has_failure_noted()) {
    const v1::Failure& failure = event.failure_noted().failure();
    changes.push_back(After(v1::FireTimer::DECISION_DUE_PASSED, of, failure.failure_id(),
                            failure.decision_due()));
  } else if (event.has_failure_voided() && event.failure_voided().void_()) {
    changes.push_back(
        Timer(v1::FireTimer::DECISION_DUE_PASSED, of, event.failure_voided().failure_id()));
  } else if (event.has_composition_broken()) {
    Change change = Timer(v1::FireTimer::REPAIR_TIME_PASSED, of, "roster");
    change.due_at = LocalInstant(DateOf(event.composition_broken().repair_by_date()),
                                 event.composition_broken().repair_by());
    changes.push_back(std::move(change));
  } else if (event.has_composition_repaired() || event.has_session_cancelled()) {
    changes.push_back(Timer(v1::FireTimer::REPAIR_TIME_PASSED, of, "roster"));
  }
  return changes;
}

}  // namespace pdp::unpaid_work
