#include <algorithm>

#include "libs/base/check.h"
#include "services/unpaid_work/domain/commands.h"
#include "services/unpaid_work/domain/ledger.h"
#include "services/unpaid_work/domain/policy.h"

// Attendance: outcomes and their corrections (UPW-14, 15, 61 to 65).

namespace pdp::unpaid_work {
namespace {

bool AttendanceGiven(const v1::OutcomeItem& item) {
  return item.actual_start() != 0 || item.actual_end() != 0 || item.penalty() != 0 ||
         !item.quality().empty() || !item.behaviour().empty();
}

// VALIDATION_FAILED and UNKNOWN_CODE of one item.
Checks CheckItem(const v1::OutcomeItem& item, const Facts& facts) {
  Checks checks;
  checks.Require(item.penalty() >= 0, "penalty", "must be 0 or more");
  const v1::OutcomeCode* code = FindOutcome(item.code());
  checks.Known(code != nullptr && (!code->import_only() || facts.HasRole("SYS")), item.code(),
               "code");
  if (!item.quality().empty()) checks.KnownIn("work_quality", item.quality(), "quality");
  if (!item.behaviour().empty()) checks.KnownIn("behaviour", item.behaviour(), "behaviour");
  return checks;
}

// The row's own codes after APPOINTMENT_NOT_OPEN, in the printed order (UPW-62).
std::optional<Rejected> RefuseItem(const Unit& unit, const v1::Appointment& appointment,
                                   const v1::OutcomeItem& item, const Facts& facts) {
  const v1::OutcomeCode& code = *FindOutcome(item.code());
  const Date date = DateOf(appointment.date());
  const bool started = Moment{date, appointment.start()} <= Now(facts);
  const bool ended = Moment{date, item.actual_end()} <= Now(facts);
  if ((!started && !code.allowed_before_start()) || (code.attended() && !ended)) {
    return decider::Reject("OUTCOME_IN_FUTURE");
  }
  if (code.attended()) {
    if (item.quality().empty() || item.behaviour().empty() ||
        (item.actual_start() == 0 && item.actual_end() == 0)) {
      return decider::Reject("ATTENDANCE_DATA_MISSING");
    }
  } else if (AttendanceGiven(item)) {
    return decider::Reject("ATTENDANCE_DATA_NOT_ALLOWED");
  }
  if (!code.attended()) return std::nullopt;
  const v1::Session& session = *FindSession(unit, appointment.session_id());
  if (item.actual_start() < session.start() || item.actual_end() > session.end()) {
    return decider::Reject("ACTUAL_OUTSIDE_SESSION");
  }
  if (item.actual_end() <= item.actual_start()) return decider::Reject("END_NOT_AFTER_START");
  if (item.penalty() > item.actual_end() - item.actual_start()) {
    return decider::Reject("PENALTY_EXCEEDS_WORK");
  }
  return std::nullopt;
}

const v1::Appointment* Find(const Unit& unit, const v1::OutcomeItem& item) {
  const v1::Case* c = FindCase(unit, item.crn());
  return c == nullptr ? nullptr : FindAppointment(*c, item.appointment_id());
}

std::optional<Rejected> RefuseRecord(const Unit& unit, const v1::OutcomeItem& item,
                                     const Facts& facts) {
  const v1::Appointment* appointment = Find(unit, item);
  const AggregateId id = CaseId(item.crn());
  const bool seen = appointment != nullptr && SeesOrganisation(facts, appointment->org());
  if (auto rejected = Admit(unit, facts, {id, seen, {"SU", "CO", "SYS"}},
                            CheckItem(item, facts))) {
    return rejected;
  }
  if (FindCase(unit, item.crn())->status() == v1::CASE_CLOSED) {
    return decider::Reject("CASE_CLOSED");
  }
  if (appointment->status() != v1::APPOINTMENT_BOOKED) {
    return decider::Reject("APPOINTMENT_NOT_OPEN");
  }
  return RefuseItem(unit, *appointment, item, facts);
}

// Book O (UPW-15).
v1::Offer CloseOffer(const v1::Appointment& appointment, const v1::OutcomeItem& item,
                     const v1::OutcomeCode& code) {
  v1::Offer offer;
  const int64_t scheduled = appointment.end() - appointment.start();
  if (code.attended()) {
    const int64_t gross = item.actual_end() - item.actual_start();
    offer.set_offered(std::max(scheduled, gross));
    offer.set_worked(gross - item.penalty());
    offer.set_penalty(item.penalty());
    const int64_t lost = offer.offered() - gross;
    if (code.fault() == v1::FAULT_SERVICE) {
      offer.set_lost_service(lost);
    } else {
      offer.set_lost_person(lost);
    }
    return offer;
  }
  offer.set_offered(scheduled);
  if (code.status() == v1::APPOINTMENT_ABSENT_PENDING) {
    offer.set_lost_pending(scheduled);
  } else if (code.fault() == v1::FAULT_SERVICE) {
    offer.set_lost_service(scheduled);
  } else if (code.fault() == v1::FAULT_PERSON) {
    offer.set_lost_person(scheduled);
  } else {
    offer.set_lost_excused(scheduled);
  }
  return offer;
}

common::v1::DeliveryFact MakeFact(const v1::Case& c, const v1::Appointment& appointment,
                                  const v1::AppointmentOutcome& outcome, int64_t worked) {
  common::v1::DeliveryFact fact;
  const std::string stem =
      absl::StrCat("unpaid_work/out/", appointment.appointment_id(), "/");
  fact.set_fact_id(absl::StrCat(stem, outcome.outcome_rev()));
  if (outcome.outcome_rev() > 1) {
    fact.set_supersedes(absl::StrCat(stem, outcome.outcome_rev() - 1));
  }
  fact.set_kind(common::v1::DeliveryFact::WORK);
  fact.set_service("UPW");
  fact.set_delivery_org(appointment.org());
  fact.set_area(appointment.fact_area());
  fact.set_pdu(appointment.pdu().empty() ? c.pdu() : appointment.pdu());
  if (const v1::Group* group = FindGroup(c, appointment.group())) {
    fact.set_referral_id(LeadOf(c, *group)->referral_id());
  }
  fact.set_service_date(appointment.date());
  fact.set_quantity_centi(100);
  fact.set_minutes(worked);
  fact.set_code(outcome.code());
  return fact;
}

bool AttendedBefore(const v1::Case& c, const v1::Appointment& appointment) {
  return std::any_of(c.appointments().begin(), c.appointments().end(), [&](const auto& row) {
    return row.group() == appointment.group() && row.status() == v1::APPOINTMENT_ATTENDED &&
           row.appointment_id() != appointment.appointment_id();
  });
}

// What OutcomeRecorded, OutcomeCorrected and OutcomeDefaulted share.
template <typename Out>
void Fill(Out* out, const v1::Case& c, const v1::Appointment& appointment,
          const v1::AppointmentOutcome& outcome, const v1::OutcomeCode& code, int64_t worked) {
  out->set_crn(c.crn());
  out->set_appointment_id(appointment.appointment_id());
  out->set_date(appointment.date());
  out->set_org(appointment.org());
  *out->mutable_outcome() = outcome;
  out->set_status(code.status());
  if (const v1::Group* group = FindGroup(c, appointment.group())) {
    for (const std::string& member : group->members()) {
      const v1::Requirement& requirement = *FindRequirement(c, member);
      if (!IsLive(requirement)) continue;
      out->add_requirement_ids(member);
      out->add_referral_ids(requirement.referral_id());
    }
  }
  out->set_holder_org(c.org());
  *out->mutable_fact() = MakeFact(c, appointment, outcome, worked);
  out->set_policy_version(PolicyVersion());
}

// UPW-45: a locked session has run when every seat has its outcome.
void FinishSession(Unit& unit, const std::string& session_id, const Facts& facts) {
  const v1::Session session = *FindSession(unit, session_id);
  if (session.status() != v1::SESSION_LOCKED || session.seats().empty()) return;
  int attended = 0;
  v1::TurnoutDay day;
  day.set_date(session.date());
  for (const v1::Seat& seat : session.seats()) {
    if (!seat.decided()) return;
    if (seat.attended()) ++attended;
    const v1::Case* c = FindCase(unit, seat.crn());
    const v1::Appointment* appointment =
        c == nullptr ? nullptr : FindAppointment(*c, seat.appointment_id());
    const v1::OutcomeCode* code =
        appointment == nullptr ? nullptr : FindOutcome(appointment->outcome().code());
    // UPW-71: without what the service did and what was rescheduled.
    const bool counts = code != nullptr && code->fault() != v1::FAULT_SERVICE &&
                        code->status() != v1::APPOINTMENT_RESCHEDULED;
    if (!counts) continue;
    day.set_closed(day.closed() + 1);
    if (code->attended()) day.set_attended(day.attended() + 1);
  }
  v1::Event event;
  auto* run = event.mutable_session_run();
  run->set_session_id(session_id);
  run->set_date(session.date());
  run->set_org(session.org());
  run->set_attended(attended);
  // Nothing was delivered to anybody when nobody came.
  if (attended > 0) {
    auto* fact = run->mutable_fact();
    fact->set_fact_id(absl::StrCat("unpaid_work/run/", session_id));
    fact->set_kind(common::v1::DeliveryFact::WORK_SESSION);
    fact->set_service("UPW");
    fact->set_delivery_org(session.org());
    fact->set_area(std::string(facts.area.code()));
    fact->set_pdu(session.pdu());
    fact->set_service_date(session.date());
    fact->set_quantity_centi(100);
    fact->set_minutes(session.end() - session.start());
  }
  unit.Emit(SessionId(session_id), std::move(event));
  if (day.closed() == 0) return;
  v1::Event counted;
  auto* turnout = counted.mutable_project_turnout_counted();
  *turnout->mutable_day() = day;
  const int64_t lookback = Policy(OccurredOn(facts)).Int("upw.turnout.lookback_days");
  turnout->set_since(FormatDate(Today(facts) - lookback));
  unit.Emit(ProjectId(session.project_id()), std::move(counted));
}

}  // namespace

void ApplyOutcome(Unit& unit, const Ruling& ruling, const Facts& facts) {
  const v1::OutcomeItem& item = ruling.item;
  const std::string& crn = item.crn();
  const v1::Case& c = *FindCase(unit, crn);
  const v1::Appointment appointment = *FindAppointment(c, item.appointment_id());
  const v1::OutcomeCode& code = *FindOutcome(item.code());
  const bool corrects = appointment.has_outcome();

  v1::AppointmentOutcome outcome;
  outcome.set_code(item.code());
  outcome.set_actual_start(item.actual_start());
  outcome.set_actual_end(item.actual_end());
  outcome.set_penalty(item.penalty());
  outcome.set_quality(item.quality());
  outcome.set_behaviour(item.behaviour());
  outcome.set_outcome_rev(appointment.outcome().outcome_rev() + 1);
  if (code.enforceable()) {
    outcome.set_not_enforceable_reason(NotCoveredReason(c, appointment));
    outcome.set_enforceable(outcome.not_enforceable_reason().empty());
  }
  const v1::Offer offer = CloseOffer(appointment, item, code);
  std::string evidence_due;
  if (code.status() == v1::APPOINTMENT_ABSENT_PENDING) {
    const int days = static_cast<int>(Policy(OccurredOn(facts)).Int("upw.evidence.business_days"));
    // Outside the calendar there is no clock; the task list still shows the absence.
    if (const auto due = AddWorkingDays(DateOf(appointment.date()), days)) {
      evidence_due = FormatDate(*due);
    }
  }

  v1::Event event;
  if (ruling.defaulted) {
    Fill(event.mutable_outcome_defaulted(), c, appointment, outcome, code, offer.worked());
  } else if (corrects) {
    auto* corrected = event.mutable_outcome_corrected();
    Fill(corrected, c, appointment, outcome, code, offer.worked());
    corrected->set_attended(code.attended());
    corrected->set_first_attended(code.attended() && !AttendedBefore(c, appointment));
    corrected->set_evidence_due(evidence_due);
    corrected->set_reason(ruling.correction_reason);
    corrected->set_old_code(appointment.outcome().code());
  } else {
    auto* recorded = event.mutable_outcome_recorded();
    Fill(recorded, c, appointment, outcome, code, offer.worked());
    recorded->set_attended(code.attended());
    recorded->set_first_attended(code.attended() && !AttendedBefore(c, appointment));
    recorded->set_evidence_due(evidence_due);
  }
  unit.Emit(CaseId(crn), std::move(event));
  v1::Event closed;
  closed.mutable_offer_closed()->set_appointment_id(item.appointment_id());
  closed.mutable_offer_closed()->set_outcome_rev(outcome.outcome_rev());
  *closed.mutable_offer_closed()->mutable_offer() = offer;
  unit.Emit(CaseId(crn), std::move(closed));

  Ledger ledger(unit, crn, facts,
                absl::StrCat("out/", item.appointment_id(), "/", outcome.outcome_rev()));
  if (corrects) ledger.ReverseAppointment(item.appointment_id(), !code.attended());
  ledger.Credit({.account = appointment.kind() == v1::ETE ? v1::ETE_USED : v1::WORKED,
                 .minutes = offer.worked(),
                 .appointment_id = item.appointment_id(),
                 .work_date = appointment.date()});
  ledger.Finish();
  SettleFailure(unit, crn, item.appointment_id(), ruling.noted_on.value_or(Today(facts)));

  v1::Event decided;
  decided.mutable_seat_decided()->set_seat_no(appointment.seat_no());
  decided.mutable_seat_decided()->set_attended(code.attended());
  unit.Emit(SessionId(appointment.session_id()), std::move(decided));
  FinishSession(unit, appointment.session_id(), facts);
}

Verdict Decide(Unit& unit, const v1::RecordOutcome& command, const Facts& facts) {
  if (auto rejected = RefuseRecord(unit, command.item(), facts)) return *rejected;
  ApplyOutcome(unit, {.item = command.item()}, facts);
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::RecordSessionOutcomes& command, const Facts& facts) {
  const v1::Session* session = FindSession(unit, command.session_id());
  Checks checks;
  checks.Require(command.items_size() > 0 && command.items_size() <= 200, "items",
                 "must be 1 to 200");
  const AggregateId id = SessionId(command.session_id());
  const bool seen = session != nullptr && SeesOrganisation(facts, session->org());
  if (auto rejected = Admit(unit, facts, {id, seen, {"SU", "CO"}}, checks)) return *rejected;
  // UPW-65: each item alone; the version that was expected is the session's, checked above.
  Facts item_facts = facts;
  item_facts.expected_version.reset();
  v1::Reply reply;
  for (const v1::OutcomeItem& item : command.items()) {
    auto* result = reply.mutable_record_session_outcomes()->add_results();
    result->set_crn(item.crn());
    result->set_appointment_id(item.appointment_id());
    const v1::Appointment* appointment = Find(unit, item);
    std::optional<Rejected> rejected;
    if (appointment != nullptr && appointment->session_id() != command.session_id()) {
      rejected = decider::NotFound(CaseId(item.crn()));
    } else {
      rejected = RefuseRecord(unit, item, item_facts);
    }
    if (rejected.has_value()) {
      result->set_reason(rejected->reason);
      result->set_detail(rejected->detail);
      continue;
    }
    ApplyOutcome(unit, {.item = item}, item_facts);
  }
  return reply;
}

Verdict Decide(Unit& unit, const v1::CorrectOutcome& command, const Facts& facts) {
  const v1::OutcomeItem& item = command.item();
  const v1::Appointment* appointment = Find(unit, item);
  const AggregateId id = CaseId(item.crn());
  Checks checks = CheckItem(item, facts);
  checks.Require(!command.reason().empty(), "reason", "is missing");
  if (auto rejected = Admit(unit, facts, {id, appointment != nullptr, {"CO", "MG", "RO"}},
                            checks)) {
    return *rejected;
  }
  if (FindCase(unit, item.crn())->status() == v1::CASE_CLOSED) {
    return decider::Reject("CASE_CLOSED");
  }
  const v1::AppointmentOutcome& now = appointment->outcome();
  if (!appointment->has_outcome() || now.outcome_rev() != command.outcome_rev()) {
    return decider::Reject("OUTCOME_REV_CONFLICT", absl::StrCat("is at ", now.outcome_rev()));
  }
  const bool same = now.code() == item.code() && now.actual_start() == item.actual_start() &&
                    now.actual_end() == item.actual_end() && now.penalty() == item.penalty() &&
                    now.quality() == item.quality() && now.behaviour() == item.behaviour();
  if (same) return decider::Reject("CORRECTION_NO_CHANGE");
  if (auto rejected = RefuseItem(unit, *appointment, item, facts)) return *rejected;
  ApplyOutcome(unit, {.item = item, .correction_reason = command.reason()}, facts);
  return v1::Reply();
}

}  // namespace pdp::unpaid_work
