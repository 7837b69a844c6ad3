#include <algorithm>
#include <functional>

#include "libs/base/check.h"
#include "services/unpaid_work/domain/commands.h"
#include "services/unpaid_work/domain/composition.h"
#include "services/unpaid_work/domain/eligibility.h"
#include "services/unpaid_work/domain/ledger.h"
#include "services/unpaid_work/domain/policy.h"

// Seats: a session and the cases of those who sit in it, one commit or none (UPW-43).

namespace pdp::unpaid_work {
namespace {

// One person who asks for a seat, as the case stands without the appointment that moves.
struct Applicant {
  v1::Case c;
  const v1::Group* group = nullptr;
  int64_t minutes = 0;
  bool window_closed = false;
};

bool Overlaps(const v1::Appointment& appointment, const v1::Session& session, int end) {
  const bool live = appointment.status() == v1::APPOINTMENT_BOOKED ||
                    appointment.status() == v1::APPOINTMENT_ATTENDED;
  return live && appointment.date() == session.date() && appointment.start() < end &&
         session.start() < appointment.end();
}

// UPW-56: scheduled if booked, gross if attended.
int64_t LoadOf(const v1::Appointment& appointment) {
  if (appointment.status() == v1::APPOINTMENT_BOOKED) {
    return appointment.end() - appointment.start();
  }
  if (appointment.status() != v1::APPOINTMENT_ATTENDED) return 0;
  return appointment.outcome().actual_end() - appointment.outcome().actual_start();
}

int64_t Load(const v1::Case& c, Date from, Date to) {
  int64_t minutes = 0;
  for (const v1::Appointment& appointment : c.appointments()) {
    const Date date = DateOf(appointment.date());
    if (from <= date && date <= to) minutes += LoadOf(appointment);
  }
  return minutes;
}

// UPW-66 and 08: the first group with something left to offer whose window admits the date.
void ChooseGroup(Applicant& applicant, Date date, Date as_of) {
  for (const v1::Group* group : GroupsInOrder(applicant.c, as_of)) {
    if (GroupOwed(applicant.c, *group) - GroupOpen(applicant.c, *group) <= 0) continue;
    const std::optional<Date> last_day = GroupLastDay(applicant.c, *group, as_of);
    if (last_day.has_value() && date > *last_day && WindowInForce(date)) {
      applicant.window_closed = true;
      continue;
    }
    applicant.group = group;
    applicant.window_closed = false;
    return;
  }
}

// Without its group: that points into the applicant's case, which must have its last place first.
Applicant MakeApplicant(const v1::Case& c, const v1::Session& session,
                        const std::string& moving) {
  Applicant applicant{.c = c};
  auto* appointments = applicant.c.mutable_appointments();
  appointments->erase(std::remove_if(appointments->begin(), appointments->end(),
                                     [&moving](const v1::Appointment& appointment) {
                                       return appointment.appointment_id() == moving;
                                     }),
                      appointments->end());
  const int64_t left = PersonOwed(applicant.c) - PersonOpen(applicant.c);
  applicant.minutes = std::min<int64_t>(session.end() - session.start(), left);
  return applicant;
}

bool NonAssociated(const v1::Case& a, const v1::Case& b) {
  const auto names = [](const v1::Case& c, const std::string& crn) {
    return std::any_of(c.constraints().begin(), c.constraints().end(), [&](const auto& row) {
      return row.code() == "NON_ASSOCIATION" && row.param() == crn;
    });
  };
  return names(a, b.crn()) || names(b, a.crn());
}

bool BarsSex(const v1::Case& c, const std::string& sex) {
  return std::any_of(c.constraints().begin(), c.constraints().end(), [&](const auto& row) {
    return (row.code() == "STAFF_NOT_MALE" && sex == "M") ||
           (row.code() == "STAFF_NOT_FEMALE" && sex == "F");
  });
}

bool SessionClosed(const v1::Session& session, const std::string& reason, const Facts& facts) {
  if (Moment{DateOf(session.date()), session.start()} <= Now(facts)) return true;
  if (session.status() == v1::SESSION_OPEN) return false;
  const bool repair = reason == "REPAIR" || reason == "DAY_PLAN";
  return session.status() != v1::SESSION_LOCKED || !repair;
}

using Fails = std::function<bool(const Applicant&)>;

// Everything that may refuse seats in one session, each code over all people before the next one.
std::optional<Rejected> RefuseSeats(const Unit& unit, const v1::Session& session,
                                    const std::string& reason,
                                    const std::vector<Applicant>& applicants,
                                    const Facts& facts) {
  if (SessionClosed(session, reason, facts)) return decider::Reject("SESSION_CLOSED");
  std::optional<Rejected> rejected;
  const auto refuse = [&](const char* code, const Fails& fails) {
    std::vector<std::string> failing;
    for (const Applicant& applicant : applicants) {
      if (fails(applicant)) failing.push_back(applicant.c.crn());
    }
    if (failing.empty()) return false;
    rejected = RejectAll(code, failing);
    return true;
  };
  for (const char* gate : {"COMMUNICATION_NEEDS_UNKNOWN", "ASSESSMENT_INCOMPLETE",
                           "ETE_NEEDS_NOT_ASSESSED", "INDUCTION_REQUIRED"}) {
    if (refuse(gate, [&](const Applicant& a) { return GateCode(a.c, session.kind()) == gate; })) {
      return rejected;
    }
  }
  const v1::Project& project = *FindProject(unit, session.project_id());
  Rejected masked = decider::Reject("NOT_ELIGIBLE");
  for (const Applicant& applicant : applicants) {
    for (const std::string& code : MaskCodes(unit, applicant.c, project, session)) {
      masked.violations.push_back(
          {.code = "NOT_ELIGIBLE", .subject = applicant.c.crn(), .field = code});
    }
  }
  if (!masked.violations.empty()) return masked;
  const Date date = DateOf(session.date());
  const Policy policy(date);
  const auto end = [&](const Applicant& a) {
    return session.start() + static_cast<int>(a.minutes);
  };
  if (refuse("WINDOW_CLOSED", [](const Applicant& a) { return a.window_closed; }) ||
      refuse("NOTHING_LEFT_TO_OFFER",
             [](const Applicant& a) { return a.group == nullptr || a.minutes <= 0; }) ||
      refuse("ETE_ALLOTMENT_EXCEEDED",
             [&](const Applicant& a) {
               return session.kind() == v1::ETE &&
                      a.minutes > a.group->ete_allotted() - EteUsed(a.c, *a.group) -
                                      OpenEte(a.c, *a.group);
             }) ||
      refuse("DOUBLE_BOOKED",
             [&](const Applicant& a) {
               return std::any_of(
                   a.c.appointments().begin(), a.c.appointments().end(),
                   [&](const auto& row) { return Overlaps(row, session, end(a)); });
             }) ||
      refuse("DAILY_MAXIMUM_EXCEEDED",
             [&](const Applicant& a) {
               return Load(a.c, date, date) + a.minutes > policy.Int("upw.day.max_minutes");
             }) ||
      refuse("WEEKLY_MAXIMUM_EXCEEDED", [&](const Applicant& a) {
        const Date monday = WeekStart(date);
        return Load(a.c, monday, monday + 6) + a.minutes > policy.Int("upw.week.max_minutes");
      })) {
    return rejected;
  }
  if (session.seats_size() + static_cast<int>(applicants.size()) >
      session.capacity() + session.overbook()) {
    return decider::Reject("SESSION_FULL");
  }
  std::vector<const v1::Case*> present;
  for (const v1::Seat& seat : session.seats()) present.push_back(FindCase(unit, seat.crn()));
  for (const Applicant& applicant : applicants) present.push_back(&applicant.c);
  if (refuse("NON_ASSOCIATION", [&](const Applicant& a) {
        return std::any_of(present.begin(), present.end(), [&](const v1::Case* other) {
          return other != nullptr && other->crn() != a.c.crn() && NonAssociated(a.c, *other);
        });
      })) {
    return rejected;
  }
  std::vector<RosterMember> roster = RosterOf(unit, session);
  for (const Applicant& applicant : applicants) roster.push_back(MemberOf(applicant.c, session));
  if (const auto broken = WomenOnlyBroken(roster); !broken.empty()) {
    return RejectAll("COMPOSITION_WOMEN_ONLY", broken);
  }
  if (const auto lone = LoneWomen(roster); !lone.empty()) {
    return RejectAll("COMPOSITION_LONE_WOMAN", lone);
  }
  refuse("SUPERVISOR_SEX_RESTRICTED", [&](const Applicant& a) {
    return std::any_of(session.supervisors().begin(), session.supervisors().end(),
                       [&](const std::string& staff_id) {
                         const v1::Supervisor* staff = FindSupervisor(unit, staff_id);
                         return staff != nullptr && BarsSex(a.c, staff->sex());
                       });
  });
  return rejected;
}

// The appointment of a seat that was just given.
v1::Appointment Seated(const v1::Session& session, const Applicant& applicant, uint32_t seat_no) {
  v1::Appointment appointment;
  appointment.set_appointment_id(absl::StrCat(session.session_id(), ".", seat_no));
  appointment.set_date(session.date());
  appointment.set_start(session.start());
  appointment.set_end(session.start() + static_cast<int>(applicant.minutes));
  appointment.set_kind(session.kind());
  appointment.set_project_id(session.project_id());
  appointment.set_session_id(session.session_id());
  appointment.set_seat_no(seat_no);
  appointment.set_revision(1);
  appointment.set_status(v1::APPOINTMENT_BOOKED);
  appointment.mutable_offer()->set_offered(applicant.minutes);
  appointment.mutable_offer()->set_open(applicant.minutes);
  appointment.set_group(applicant.group->group_id());
  appointment.set_org(session.org());
  appointment.set_pdu(session.pdu());
  return appointment;
}

void EmitSeat(Unit& unit, const v1::Appointment& appointment, const std::string& crn,
              const std::string& reason) {
  v1::Event event;
  auto* booked = event.mutable_seat_booked();
  auto* seat = booked->mutable_seat();
  seat->set_seat_no(appointment.seat_no());
  seat->set_crn(crn);
  seat->set_appointment_id(appointment.appointment_id());
  seat->set_start(appointment.start());
  seat->set_end(appointment.end());
  booked->set_reason(reason);
  unit.Emit(SessionId(appointment.session_id()), std::move(event));
}

void EmitBooked(Unit& unit, const v1::Case& before, const v1::Appointment& appointment,
                const Facts& facts) {
  v1::Event event;
  auto* booked = event.mutable_appointment_booked();
  booked->set_crn(before.crn());
  *booked->mutable_appointment() = appointment;
  booked->mutable_appointment()->set_fact_area(std::string(facts.area.code()));
  for (const std::string& member : FindGroup(before, appointment.group())->members()) {
    const v1::Requirement& requirement = *FindRequirement(before, member);
    if (!IsLive(requirement)) continue;
    booked->add_requirement_ids(member);
    booked->add_referral_ids(requirement.referral_id());
  }
  booked->set_holder_org(before.org());
  booked->set_first(std::none_of(before.appointments().begin(), before.appointments().end(),
                                 [&appointment](const v1::Appointment& row) {
                                   return row.group() == appointment.group();
                                 }));
  booked->set_site(SiteName(unit, appointment.project_id()));
  booked->set_policy_version(PolicyVersion());
  const bool clock_runs = !before.first_offer_due().empty() && before.first_offered_on().empty() &&
                          !before.first_offer_breached();
  const std::string due = before.first_offer_due();
  const std::string crn = before.crn();
  unit.Emit(CaseId(crn), std::move(event));
  if (clock_runs) {
    v1::Event met;
    met.mutable_first_offer_met()->set_due(due);
    met.mutable_first_offer_met()->set_on(FormatDate(OccurredOn(facts)));
    unit.Emit(CaseId(crn), std::move(met));
  }
  if (appointment.kind() != v1::INDUCTION) {
    RaiseStatus(unit, crn, HighestStatus(*FindCase(unit, crn)));
  }
}

void EmitReleased(Unit& unit, const v1::Appointment& appointment, const std::string& crn,
                  const std::string& reason, v1::ReleasedBy by) {
  v1::Event event;
  auto* released = event.mutable_seat_released();
  released->set_seat_no(appointment.seat_no());
  released->set_crn(crn);
  released->set_reason(reason);
  released->set_by(by);
  unit.Emit(SessionId(appointment.session_id()), std::move(event));
}

bool ReasonFits(const std::string& reason) {
  return reason.empty() || reason == "REPAIR" || reason == "DAY_PLAN";
}

}  // namespace

std::string SiteName(const Unit& unit, absl::string_view project_id) {
  const v1::Project* project = FindProject(unit, project_id);
  return project == nullptr ? "" : project->terms().site().name();
}

void WithdrawAppointment(Unit& unit, const std::string& crn, const std::string& appointment_id,
                         const std::string& reason, v1::ReleasedBy by, const Facts& facts) {
  const v1::Appointment* found = FindAppointment(*FindCase(unit, crn), appointment_id);
  PDP_CHECK(found != nullptr && found->status() == v1::APPOINTMENT_BOOKED,
            "only a booked appointment is withdrawn");
  const v1::Appointment appointment = *found;
  v1::Event event;
  auto* withdrawn = event.mutable_appointment_withdrawn();
  withdrawn->set_crn(crn);
  withdrawn->set_appointment_id(appointment_id);
  withdrawn->set_date(appointment.date());
  withdrawn->set_start(appointment.start());
  withdrawn->set_end(appointment.end());
  withdrawn->set_site(SiteName(unit, appointment.project_id()));
  withdrawn->set_reason(reason);
  withdrawn->set_by(by);
  unit.Emit(CaseId(crn), std::move(event));
  EmitReleased(unit, appointment, crn, reason, by);
  CheckRoster(unit, appointment.session_id(), facts);
}

Verdict Decide(Unit& unit, const v1::BookSeats& command, const Facts& facts) {
  const v1::Session* session = FindSession(unit, command.session_id());
  Checks checks;
  std::vector<std::string> crns(command.crns().begin(), command.crns().end());
  std::sort(crns.begin(), crns.end());
  checks.Require(!crns.empty() && crns.size() <= 100, "crns", "must be 1 to 100");
  checks.Require(std::adjacent_find(crns.begin(), crns.end()) == crns.end(), "crns",
                 "names one twice");
  checks.Require(ReasonFits(command.reason()), "reason", "must be empty, REPAIR or DAY_PLAN");
  bool found = session != nullptr;
  for (const std::string& crn : crns) found = found && FindCase(unit, crn) != nullptr;
  const AggregateId id = SessionId(command.session_id());
  if (auto rejected = Admit(unit, facts, {id, found, {"CO", "PL", "SYS"}}, checks)) {
    return *rejected;
  }
  std::vector<std::string> closed, suspended;
  std::vector<Applicant> applicants;
  for (const std::string& crn : crns) {
    const v1::Case& c = *FindCase(unit, crn);
    if (c.status() == v1::CASE_CLOSED) closed.push_back(crn);
    if (c.has_suspended()) suspended.push_back(crn);
    applicants.push_back(MakeApplicant(c, *session, ""));
  }
  if (!closed.empty()) return RejectAll("CASE_CLOSED", closed);
  if (!suspended.empty()) return RejectAll("CASE_SUSPENDED", suspended);
  for (Applicant& applicant : applicants) {
    ChooseGroup(applicant, DateOf(session->date()), Today(facts));
  }
  if (auto rejected = RefuseSeats(unit, *session, command.reason(), applicants, facts)) {
    return *rejected;
  }
  v1::Reply reply;
  for (const Applicant& applicant : applicants) {
    const v1::Session& now = *FindSession(unit, command.session_id());
    const v1::Appointment appointment = Seated(now, applicant, now.seats_given() + 1);
    EmitSeat(unit, appointment, applicant.c.crn(), command.reason());
    EmitBooked(unit, *FindCase(unit, applicant.c.crn()), appointment, facts);
    auto* booked = reply.mutable_book_seats()->add_booked();
    booked->set_crn(applicant.c.crn());
    booked->set_appointment_id(appointment.appointment_id());
    booked->set_seat_no(appointment.seat_no());
  }
  CheckRoster(unit, command.session_id(), facts);
  const v1::Session& after = *FindSession(unit, command.session_id());
  PDP_CHECK(after.seats_size() <= after.capacity() + after.overbook(),
            "booked exceeds C + O (UPW-43)");
  return reply;
}

Verdict Decide(Unit& unit, const v1::ReleaseSeat& command, const Facts& facts) {
  const v1::Case* c = FindCase(unit, command.crn());
  const v1::Appointment* appointment =
      c == nullptr ? nullptr : FindAppointment(*c, command.appointment_id());
  Checks checks;
  checks.Require(!command.reason().empty(), "reason", "is missing");
  checks.Require(command.by() != v1::RELEASED_BY_UNSPECIFIED, "by", "is missing");
  const AggregateId id = CaseId(command.crn());
  const bool seen = appointment != nullptr && SeesOrganisation(facts, appointment->org());
  if (auto rejected = Admit(unit, facts, {id, seen, {"CO", "SU", "SYS"}}, checks)) {
    return *rejected;
  }
  if (c->status() == v1::CASE_CLOSED) return decider::Reject("CASE_CLOSED");
  if (appointment->status() != v1::APPOINTMENT_BOOKED) {
    return decider::StateForbidsCommand(v1::AppointmentStatus_Name(appointment->status()),
                                        {"APPOINTMENT_BOOKED"});
  }
  if (SessionClosed(*FindSession(unit, appointment->session_id()), "REPAIR", facts)) {
    return decider::Reject("SESSION_CLOSED");
  }
  WithdrawAppointment(unit, command.crn(), command.appointment_id(), command.reason(),
                      command.by(), facts);
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::MoveAppointment& command, const Facts& facts) {
  const v1::Case* c = FindCase(unit, command.crn());
  const v1::Appointment* found =
      c == nullptr ? nullptr : FindAppointment(*c, command.appointment_id());
  const v1::Session* to = FindSession(unit, command.to_session_id());
  Checks checks;
  checks.Require(found == nullptr || found->session_id() != command.to_session_id(),
                 "to_session_id", "is where the appointment is");
  checks.Require(ReasonFits(command.reason()), "reason", "must be empty, REPAIR or DAY_PLAN");
  const AggregateId id = CaseId(command.crn());
  const bool seen = found != nullptr && to != nullptr && SeesOrganisation(facts, found->org());
  if (auto rejected = Admit(unit, facts, {id, seen, {"CO", "SU", "SYS"}}, checks)) {
    return *rejected;
  }
  if (c->status() == v1::CASE_CLOSED) return decider::Reject("CASE_CLOSED");
  if (c->has_suspended()) return decider::Reject("CASE_SUSPENDED");
  if (found->status() != v1::APPOINTMENT_BOOKED) {
    return decider::StateForbidsCommand(v1::AppointmentStatus_Name(found->status()),
                                        {"APPOINTMENT_BOOKED"});
  }
  if (SessionClosed(*FindSession(unit, found->session_id()), command.reason(), facts)) {
    return decider::Reject("SESSION_CLOSED");
  }
  const v1::Appointment old = *found;
  std::vector<Applicant> applicants;
  applicants.push_back(MakeApplicant(*c, *to, command.appointment_id()));
  ChooseGroup(applicants[0], DateOf(to->date()), Today(facts));
  if (auto rejected = RefuseSeats(unit, *to, command.reason(), applicants, facts)) {
    return *rejected;
  }
  v1::Appointment moved = Seated(*to, applicants[0], to->seats_given() + 1);
  moved.set_appointment_id(old.appointment_id());
  moved.set_revision(old.revision() + 1);
  moved.set_placement_id(old.placement_id());
  moved.set_note_rev(old.note_rev());
  moved.set_note_sensitive(old.note_sensitive());
  moved.set_fact_area(std::string(facts.area.code()));
  EmitReleased(unit, old, command.crn(), "MOVED", v1::BY_SERVICE);
  EmitSeat(unit, moved, command.crn(), command.reason());
  v1::Event event;
  auto* changed = event.mutable_appointment_moved();
  changed->set_crn(command.crn());
  *changed->mutable_appointment() = moved;
  changed->set_from_session_id(old.session_id());
  changed->set_reason(command.reason());
  changed->set_site(SiteName(unit, moved.project_id()));
  unit.Emit(id, std::move(event));
  CheckRoster(unit, old.session_id(), facts);
  CheckRoster(unit, command.to_session_id(), facts);
  return v1::Reply();
}

}  // namespace pdp::unpaid_work
