#include <algorithm>

#include "services/unpaid_work/domain/commands.h"
#include "services/unpaid_work/domain/policy.h"
#include "services/unpaid_work/domain/session_capacity.h"

// Supervisors and their assignment to sessions (UPW-52).

namespace pdp::unpaid_work {
namespace {

bool Clashes(const v1::Supervisor& staff, const v1::Session& session, int64_t gap) {
  return std::any_of(staff.assignments().begin(), staff.assignments().end(),
                     [&](const v1::Assignment& row) {
                       return row.date() == session.date() &&
                              row.start() < session.end() + gap &&
                              session.start() < row.end() + gap;
                     });
}

bool Absent(const v1::Supervisor& staff, const std::string& date) {
  return std::any_of(staff.absences().begin(), staff.absences().end(), [&](const auto& row) {
    return row.from() <= date && date <= row.to();
  });
}

bool Competent(const v1::Supervisor& staff, const v1::ProjectTerms& terms,
               const std::string& date) {
  return std::all_of(terms.competences().begin(), terms.competences().end(),
                     [&](const std::string& code) {
                       return std::any_of(staff.competences().begin(), staff.competences().end(),
                                          [&](const v1::Competence& row) {
                                            return row.code() == code &&
                                                   date <= row.valid_until();
                                          });
                     });
}

// Who of the roster bars a supervisor of that sex, by token or constraint.
std::vector<std::string> Barring(const Unit& unit, const v1::Session& session,
                                 const std::string& sex) {
  const std::string code = sex == "M" ? "STAFF_NOT_MALE" : "STAFF_NOT_FEMALE";
  std::vector<std::string> crns;
  if (sex.empty()) return crns;
  for (const v1::Seat& seat : session.seats()) {
    const v1::Case* c = FindCase(unit, seat.crn());
    if (c == nullptr) continue;
    const bool bars = std::any_of(c->constraints().begin(), c->constraints().end(),
                                  [&code](const auto& row) { return row.code() == code; });
    if (bars) crns.push_back(seat.crn());
  }
  return crns;
}

std::optional<Rejected> AdmitStaff(const Unit& unit, const Facts& facts,
                                   const std::string& staff_id, const Checks& checks) {
  return Admit(unit, facts,
               {SupervisorId(staff_id), FindSupervisor(unit, staff_id) != nullptr, {"CO"}},
               checks);
}

std::optional<Rejected> AdmitAssignment(const Unit& unit, const Facts& facts,
                                        const std::string& session_id,
                                        const std::string& staff_id) {
  const v1::Session* session = FindSession(unit, session_id);
  const bool found = session != nullptr && FindSupervisor(unit, staff_id) != nullptr;
  if (auto rejected =
          Admit(unit, facts, {SessionId(session_id), found, {"CO", "PL"}}, Checks())) {
    return rejected;
  }
  if (session->status() > v1::SESSION_LOCKED) {
    return decider::StateForbidsCommand(v1::SessionStatus_Name(session->status()),
                                        {"SESSION_OPEN", "SESSION_LOCKED"});
  }
  return std::nullopt;
}

}  // namespace

Verdict Decide(Unit& unit, const v1::RegisterSupervisor& command, const Facts& facts) {
  Checks checks;
  checks.IdField(command.staff_id(), "staff_id");
  checks.Require(!command.org().empty(), "org", "is missing");
  checks.Require(command.sex().empty() || command.sex() == "M" || command.sex() == "F", "sex",
                 "must be M, F or empty");
  const AggregateId id = SupervisorId(command.staff_id());
  if (auto rejected = Admit(unit, facts, {id, true, {"CO"}}, checks)) return *rejected;
  if (FindSupervisor(unit, command.staff_id()) != nullptr) {
    return decider::StateForbidsCommand("REGISTERED");
  }
  v1::Event event;
  event.mutable_supervisor_registered()->set_staff_id(command.staff_id());
  event.mutable_supervisor_registered()->set_org(command.org());
  event.mutable_supervisor_registered()->set_sex(command.sex());
  unit.Emit(id, std::move(event));
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::RecordCompetence& command, const Facts& facts) {
  Checks checks;
  checks.Require(!command.competence().code().empty(), "competence.code", "is missing");
  checks.DateField(command.competence().valid_until(), "competence.valid_until");
  if (auto rejected = AdmitStaff(unit, facts, command.staff_id(), checks)) return *rejected;
  v1::Event event;
  *event.mutable_competence_recorded()->mutable_competence() = command.competence();
  unit.Emit(SupervisorId(command.staff_id()), std::move(event));
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::RecordStaffAbsence& command, const Facts& facts) {
  Checks checks;
  const auto from = checks.DateField(command.absence().from(), "absence.from");
  const auto to = checks.DateField(command.absence().to(), "absence.to");
  checks.Require(!from || !to || *from <= *to, "absence.to", "lies before from");
  if (auto rejected = AdmitStaff(unit, facts, command.staff_id(), checks)) return *rejected;
  v1::Event event;
  *event.mutable_staff_absence_recorded()->mutable_absence() = command.absence();
  unit.Emit(SupervisorId(command.staff_id()), std::move(event));
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::AssignSupervisor& command, const Facts& facts) {
  if (auto rejected =
          AdmitAssignment(unit, facts, command.session_id(), command.staff_id())) {
    return *rejected;
  }
  const v1::Session session = *FindSession(unit, command.session_id());
  const v1::Supervisor& staff = *FindSupervisor(unit, command.staff_id());
  const v1::Project& project = *FindProject(unit, session.project_id());
  const int64_t gap = Policy(OccurredOn(facts)).Int("upw.supervisor.gap_minutes");
  if (Clashes(staff, session, gap)) return decider::Reject("SUPERVISOR_CLASH");
  if (Absent(staff, session.date())) return decider::Reject("SUPERVISOR_ABSENT");
  if (!Competent(staff, project.terms(), session.date())) {
    return decider::Reject("SUPERVISOR_NOT_COMPETENT");
  }
  if (const auto barring = Barring(unit, session, staff.sex()); !barring.empty()) {
    return RejectAll("SUPERVISOR_SEX_RESTRICTED", barring);
  }
  const Capacity capacity =
      CapacityOf(project, session.kind(), session.planned_capacity(),
                 session.supervisors_size() + 1, DateOf(session.date()), facts);
  v1::Event event;
  auto* assigned = event.mutable_supervisor_assigned();
  assigned->set_staff_id(command.staff_id());
  assigned->set_capacity(capacity.seats);
  assigned->set_overbook(capacity.overbook);
  unit.Emit(SessionId(command.session_id()), std::move(event));
  v1::Event booked;
  auto* assignment = booked.mutable_supervisor_booked()->mutable_assignment();
  assignment->set_session_id(command.session_id());
  assignment->set_date(session.date());
  assignment->set_start(session.start());
  assignment->set_end(session.end());
  unit.Emit(SupervisorId(command.staff_id()), std::move(booked));
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::UnassignSupervisor& command, const Facts& facts) {
  if (auto rejected =
          AdmitAssignment(unit, facts, command.session_id(), command.staff_id())) {
    return *rejected;
  }
  const v1::Session session = *FindSession(unit, command.session_id());
  const auto& staff = session.supervisors();
  if (std::find(staff.begin(), staff.end(), command.staff_id()) == staff.end()) {
    return decider::StateForbidsCommand("not assigned");
  }
  const v1::Project& project = *FindProject(unit, session.project_id());
  const Capacity capacity =
      CapacityOf(project, session.kind(), session.planned_capacity(),
                 session.supervisors_size() - 1, DateOf(session.date()), facts);
  v1::Event event;
  event.mutable_supervisor_unassigned()->set_staff_id(command.staff_id());
  event.mutable_supervisor_unassigned()->set_capacity(capacity.seats);
  event.mutable_supervisor_unassigned()->set_overbook(capacity.overbook);
  unit.Emit(SessionId(command.session_id()), std::move(event));
  v1::Event freed;
  freed.mutable_supervisor_freed()->set_session_id(command.session_id());
  unit.Emit(SupervisorId(command.staff_id()), std::move(freed));
  return v1::Reply();
}

}  // namespace pdp::unpaid_work
