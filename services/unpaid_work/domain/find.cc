#include <algorithm>

#include "services/unpaid_work/domain/commands.h"
#include "services/unpaid_work/domain/ledger.h"
#include "services/unpaid_work/domain/policy.h"

namespace pdp::unpaid_work {

const v1::Case* FindCase(const Unit& unit, absl::string_view crn) {
  const v1::State* state = unit.Find(CaseId(crn));
  return state != nullptr && state->has_case_() ? &state->case_() : nullptr;
}

const v1::Project* FindProject(const Unit& unit, absl::string_view project_id) {
  const v1::State* state = unit.Find(ProjectId(project_id));
  return state != nullptr && state->has_project() ? &state->project() : nullptr;
}

const v1::Session* FindSession(const Unit& unit, absl::string_view session_id) {
  const v1::State* state = unit.Find(SessionId(session_id));
  return state != nullptr && state->has_session() ? &state->session() : nullptr;
}

const v1::Supervisor* FindSupervisor(const Unit& unit, absl::string_view staff_id) {
  const v1::State* state = unit.Find(SupervisorId(staff_id));
  return state != nullptr && state->has_supervisor() ? &state->supervisor() : nullptr;
}

const v1::OrganisationScope* FindOrganisationScope(const Unit& unit, absl::string_view org) {
  const v1::State* state = unit.Find(OrganisationScopeId(org));
  return state != nullptr && state->has_organisation_scope() ? &state->organisation_scope()
                                                             : nullptr;
}

bool OrganisationCovers(const Unit& unit, absl::string_view org, absl::string_view pdu, Date on) {
  const v1::OrganisationScope* scope = FindOrganisationScope(unit, org);
  if (scope == nullptr) return false;
  const std::string date = FormatDate(on);
  return std::any_of(scope->contracts().begin(), scope->contracts().end(), [&](const auto& row) {
    const bool in_time = row.from() <= date && (row.to().empty() || date <= row.to());
    const bool in_place = pdu.empty() || row.pdus().empty() ||
                          std::find(row.pdus().begin(), row.pdus().end(), pdu) != row.pdus().end();
    return !row.suspended() && in_time && in_place;
  });
}

const v1::Appointment* FindAppointment(const v1::Case& c, absl::string_view appointment_id) {
  for (const v1::Appointment& appointment : c.appointments()) {
    if (absl::string_view(appointment.appointment_id()) == appointment_id) return &appointment;
  }
  return nullptr;
}

const v1::Seat* FindSeat(const v1::Session& session, absl::string_view crn) {
  for (const v1::Seat& seat : session.seats()) {
    if (absl::string_view(seat.crn()) == crn) return &seat;
  }
  return nullptr;
}

bool AssessmentComplete(const v1::Case& c) { return MissingSections(c).empty(); }

std::vector<std::string> MissingSections(const v1::Case& c) {
  std::vector<std::string> missing;
  for (const v1::CodeTables::List& list : ShippedCodes().lists()) {
    if (list.name() != "section") continue;
    for (const v1::ListedCode& code : list.codes()) {
      if (code.maps_to() != "MANDATORY") continue;
      const bool answered = std::any_of(
          c.assessment().begin(), c.assessment().end(),
          [&](const v1::AssessmentSection& section) {
            return section.section() == code.code() && SectionCounts(section);
          });
      if (!answered) missing.push_back(code.code());
    }
  }
  return missing;
}

v1::CaseStatus HighestStatus(const v1::Case& c) {
  if (!c.has_communication() || !AssessmentComplete(c) || !c.ete_needs_recorded()) {
    return v1::CASE_REGISTERED;
  }
  if (c.inducted_on().empty()) return v1::CASE_ASSESSED;
  const bool working = std::any_of(c.appointments().begin(), c.appointments().end(),
                                   [](const v1::Appointment& appointment) {
                                     return appointment.kind() != v1::INDUCTION;
                                   });
  return working ? v1::CASE_ACTIVE : v1::CASE_INDUCTED;
}

void RaiseStatus(Unit& unit, const std::string& crn, v1::CaseStatus to) {
  const v1::CaseStatus from = FindCase(unit, crn)->status();
  if (from >= to || from >= v1::CASE_COMPLETED) return;
  v1::Event event;
  event.mutable_case_status_changed()->set_from(from);
  event.mutable_case_status_changed()->set_to(to);
  unit.Emit(CaseId(crn), std::move(event));
}

}  // namespace pdp::unpaid_work
