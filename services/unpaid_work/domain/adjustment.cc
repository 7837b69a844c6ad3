#include <algorithm>

#include "services/unpaid_work/domain/commands.h"
#include "services/unpaid_work/domain/ledger.h"
#include "services/unpaid_work/domain/policy.h"

// Adjustments and travel (UPW-16, 17).

namespace pdp::unpaid_work {

Verdict Decide(Unit& unit, const v1::MakeAdjustment& command, const Facts& facts) {
  const v1::Case* c = FindCase(unit, command.crn());
  const v1::Group* group = c == nullptr ? nullptr : GroupOf(*c, command.group());
  Checks checks;
  checks.Require(command.direction() != v1::DIRECTION_UNSPECIFIED, "direction", "is missing");
  checks.Require(command.minutes() >= 1, "minutes", "must be 1 or more");
  const auto on = checks.DateField(command.on(), "on");
  const v1::ListedCode* reason = FindCode("adjustment_reason", command.reason());
  checks.Known(reason != nullptr, command.reason(), "reason");
  const AggregateId id = CaseId(command.crn());
  // OT is a manager's, TTX a coordinator's.
  const bool manager = reason != nullptr && reason->maps_to() == "MG";
  const bool allowed = manager ? facts.HasRole("MG") : facts.HasAnyRole("CO", "MG");
  if (group != nullptr && !allowed) return decider::NotAuthorised("another role's to do");
  if (auto rejected = Admit(unit, facts, {id, group != nullptr, {"CO", "MG"}}, checks)) {
    return *rejected;
  }
  if (c->status() == v1::CASE_CLOSED) return decider::Reject("CASE_CLOSED");
  const v1::Requirement& lead = *LeadOf(*c, *group);
  if (!IsRunning(lead)) return decider::StateForbidsCommand("REQUIREMENT_TERMINATED");
  if (*on > Today(facts)) return decider::Reject("ADJUSTMENT_IN_FUTURE");
  if (*on < DateOf(lead.order_date())) return decider::Reject("ADJUSTMENT_BEFORE_ORDER");
  const int64_t most =
      Policy(OccurredOn(facts)).Int(absl::StrCat("upw.adjust.max.", command.reason()));
  if (command.minutes() > most) return decider::Reject("ADJUSTMENT_ABOVE_REASON_MAX");
  const int64_t owed = BalanceOf(lead, v1::OWED);
  if (command.direction() == v1::DECREASE && command.minutes() > owed) {
    return decider::Reject("ADJUSTMENT_EXCEEDS_REMAINING");
  }
  if (command.direction() == v1::INCREASE && owed + command.minutes() > OrderedMinutes(lead)) {
    return decider::Reject("ADJUSTMENT_ABOVE_ORDER");
  }
  v1::Event event;
  auto* adjustment = event.mutable_adjustment_made()->mutable_adjustment();
  adjustment->set_adjustment_id(
      absl::StrCat(command.crn(), "/adjustment/", c->adjustments_size() + 1));
  adjustment->set_group(group->group_id());
  adjustment->set_direction(command.direction());
  adjustment->set_minutes(command.minutes());
  adjustment->set_reason(command.reason());
  adjustment->set_on(command.on());
  event.mutable_adjustment_made()->set_policy_version(PolicyVersion());
  const v1::Adjustment made = *adjustment;
  unit.Emit(id, std::move(event));
  Ledger ledger(unit, command.crn(), facts, absl::StrCat("adj/", made.adjustment_id()));
  ledger.Adjust(made);
  ledger.Finish();
  v1::Reply reply;
  reply.mutable_make_adjustment()->set_adjustment_id(made.adjustment_id());
  return reply;
}

Verdict Decide(Unit& unit, const v1::ReverseAdjustment& command, const Facts& facts) {
  const v1::Case* c = FindCase(unit, command.crn());
  const v1::Adjustment* adjustment = nullptr;
  if (c != nullptr) {
    for (const v1::Adjustment& row : c->adjustments()) {
      if (row.adjustment_id() == command.adjustment_id()) adjustment = &row;
    }
  }
  const AggregateId id = CaseId(command.crn());
  if (auto rejected =
          Admit(unit, facts, {id, adjustment != nullptr, {"CO", "MG"}}, Checks())) {
    return *rejected;
  }
  if (adjustment->reason() == "OT" && !facts.HasRole("MG")) {
    return decider::NotAuthorised("a manager's to do");
  }
  if (c->status() == v1::CASE_CLOSED) return decider::Reject("CASE_CLOSED");
  if (adjustment->reversed()) return decider::Reject("ALREADY_REVERSED");
  // Taking an increase back may not lift what was served above what is owed.
  if (adjustment->direction() == v1::INCREASE &&
      adjustment->minutes() > GroupOwed(*c, *FindGroup(*c, adjustment->group()))) {
    return decider::Reject("ADJUSTMENT_EXCEEDS_REMAINING");
  }
  v1::Event event;
  event.mutable_adjustment_reversed()->set_adjustment_id(command.adjustment_id());
  unit.Emit(id, std::move(event));
  Ledger ledger(unit, command.crn(), facts, absl::StrCat("adj/", command.adjustment_id(), "/x"));
  ledger.ReverseAdjustment(command.adjustment_id());
  ledger.Finish();
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::CreditTravel& command, const Facts& facts) {
  const v1::Case* c = FindCase(unit, command.crn());
  const v1::Appointment* appointment =
      c == nullptr ? nullptr : FindAppointment(*c, command.appointment_id());
  Checks checks;
  checks.Require(command.out() >= 0 && command.out() <= 1440, "out", "must be 0 to 1440");
  checks.Require(command.back() >= 0 && command.back() <= 1440, "back", "must be 0 to 1440");
  const AggregateId id = CaseId(command.crn());
  if (auto rejected = Admit(unit, facts, {id, appointment != nullptr, {"CO"}}, checks)) {
    return *rejected;
  }
  if (c->status() == v1::CASE_CLOSED) return decider::Reject("CASE_CLOSED");
  if (appointment->status() != v1::APPOINTMENT_ATTENDED) return decider::Reject("NOT_ATTENDED");
  if (appointment->kind() != v1::GROUP && appointment->kind() != v1::INDIVIDUAL) {
    return decider::Reject("KIND_NOT_TRAVEL_ELIGIBLE");
  }
  if (appointment->travel_credited()) return decider::Reject("TRAVEL_ALREADY_CREDITED");
  const std::string date = appointment->date();
  const Policy policy(DateOf(date));
  const int64_t free = policy.Int("upw.travel.free_minutes_each_way");
  int64_t room = policy.Int("upw.travel.day_cap");
  for (const v1::Entry& entry : c->entries()) {
    if (entry.to() == v1::TRAVEL && entry.work_date() == date) room -= entry.minutes();
  }
  const int64_t due = std::min(room, std::max<int64_t>(0, command.out() - free) +
                                         std::max<int64_t>(0, command.back() - free));
  if (due <= 0) return decider::Reject("TRAVEL_NOTHING_DUE");
  v1::Event event;
  auto* credited = event.mutable_travel_credited();
  credited->set_appointment_id(command.appointment_id());
  credited->set_out(command.out());
  credited->set_back(command.back());
  credited->set_minutes(due);
  credited->set_work_date(date);
  credited->set_policy_version(PolicyVersion());
  unit.Emit(id, std::move(event));
  Ledger ledger(unit, command.crn(), facts,
                absl::StrCat("travel/", command.appointment_id()));
  const int64_t posted = ledger.Credit({.account = v1::TRAVEL,
                                        .minutes = due,
                                        .appointment_id = command.appointment_id(),
                                        .work_date = date,
                                        .keep_surplus = false});
  ledger.Finish();
  v1::Reply reply;
  reply.mutable_credit_travel()->set_credited_minutes(posted);
  return reply;
}

}  // namespace pdp::unpaid_work
