#include <algorithm>

#include "services/unpaid_work/domain/commands.h"
#include "services/unpaid_work/domain/ledger.h"

namespace pdp::unpaid_work {

Verdict Decide(Unit& unit, const v1::SuspendCase& command, const Facts& facts) {
  Checks checks;
  checks.Require(command.reason() != v1::SUSPENSION_REASON_UNSPECIFIED, "reason", "is missing");
  const auto from = checks.DateField(command.from(), "from");
  checks.Require(!from.has_value() || *from <= Today(facts), "from", "lies in the future");
  if (auto rejected = AdmitCase(unit, facts, command.crn(), {"RO", "MG", "SYS"}, checks)) {
    return *rejected;
  }
  if (FindCase(unit, command.crn())->has_suspended()) return decider::Reject("ALREADY_SUSPENDED");
  v1::Event event;
  event.mutable_case_suspended()->set_reason(command.reason());
  event.mutable_case_suspended()->set_from(command.from());
  unit.Emit(CaseId(command.crn()), std::move(event));
  WithdrawFuture(unit, command.crn(), "CASE_SUSPENDED", facts,
                 [](const v1::Appointment&) { return true; });
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::ResumeCase& command, const Facts& facts) {
  if (auto rejected = AdmitCase(unit, facts, command.crn(), {"RO", "MG", "SYS"}, Checks())) {
    return *rejected;
  }
  if (!FindCase(unit, command.crn())->has_suspended()) return decider::Reject("NOT_SUSPENDED");
  v1::Event event;
  event.mutable_case_resumed()->set_on(FormatDate(OccurredOn(facts)));
  unit.Emit(CaseId(command.crn()), std::move(event));
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::AssignOrganisation& command, const Facts& facts) {
  const v1::Case* c = FindCase(unit, command.crn());
  const v1::Requirement* requirement = nullptr;
  if (c != nullptr) {
    for (const v1::Requirement& row : c->requirements()) {
      const bool named = command.requirement_id().empty()
                             ? row.referral_id() == command.referral_id()
                             : row.requirement_id() == command.requirement_id();
      if (named) requirement = &row;
    }
  }
  Checks checks;
  checks.IdField(command.referral_id(), "referral_id");
  const AggregateId id = CaseId(command.crn());
  if (auto rejected = Admit(unit, facts, {id, requirement != nullptr, {"SYS"}}, checks)) {
    return *rejected;
  }
  if (c->status() == v1::CASE_CLOSED) return decider::Reject("CASE_CLOSED");
  if (!command.org().empty() &&
      !OrganisationCovers(unit, command.org(), c->pdu(), Today(facts))) {
    return decider::Reject("ORGANISATION_OUT_OF_SCOPE");
  }
  if (c->org() == command.org() && requirement->referral_id() == command.referral_id()) {
    return decider::Reject("NOTHING_TO_CHANGE");
  }
  v1::Event event;
  auto* assigned = event.mutable_organisation_assigned();
  assigned->set_referral_id(command.referral_id());
  assigned->set_requirement_id(requirement->requirement_id());
  assigned->set_old_org(c->org());
  assigned->set_new_org(command.org());
  assigned->set_cause(command.cause());
  unit.Emit(id, std::move(event));
  WithdrawFuture(unit, command.crn(), "ORGANISATION_CHANGED", facts,
                 [&command](const v1::Appointment& appointment) {
                   return appointment.org() != command.org();
                 });
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::CloseCase& command, const Facts& facts) {
  if (auto rejected = AdmitCase(unit, facts, command.crn(), {"CO", "SYS"}, Checks())) {
    return *rejected;
  }
  const v1::Case& c = *FindCase(unit, command.crn());
  const bool live = std::any_of(c.requirements().begin(), c.requirements().end(),
                                [](const auto& requirement) { return IsLive(requirement); });
  if (live) return decider::Reject("REQUIREMENT_STILL_LIVE");
  v1::Event event;
  event.mutable_case_closed()->set_on(FormatDate(OccurredOn(facts)));
  unit.Emit(CaseId(command.crn()), std::move(event));
  return v1::Reply();
}

}  // namespace pdp::unpaid_work
