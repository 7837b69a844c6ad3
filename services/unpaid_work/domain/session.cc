#include <algorithm>

#include "absl/strings/str_format.h"
#include "services/unpaid_work/domain/commands.h"
#include "services/unpaid_work/domain/composition.h"
#include "services/unpaid_work/domain/overbook.h"
#include "services/unpaid_work/domain/policy.h"
#include "services/unpaid_work/domain/session_capacity.h"

namespace pdp::unpaid_work {
namespace {

bool Offered(const v1::ProjectTerms& terms, Date date, int start, int end) {
  const std::string on = FormatDate(date);
  return std::any_of(
      terms.availability().begin(), terms.availability().end(), [&](const auto& row) {
        if (row.weekday() != IsoWeekday(date) || on < row.from()) return false;
        if (!row.until().empty() && on >= row.until()) return false;
        // What runs past midnight is refused as that, not as outside the row.
        if (start < row.start() || std::min(end, 1440) > row.end()) return false;
        const auto days = date - DateOf(row.from());
        switch (row.frequency()) {
          case v1::FORTNIGHTLY: return days / 7 % 2 == 0;
          case v1::ONCE: return days < 7;
          case v1::WEEKLY:
          case v1::FREQUENCY_UNSPECIFIED:
          case v1::Frequency_INT_MIN_SENTINEL_DO_NOT_USE_:
          case v1::Frequency_INT_MAX_SENTINEL_DO_NOT_USE_: return true;
        }
        return true;
      });
}

std::optional<Rejected> AdmitSession(const Unit& unit, const Facts& facts,
                                     const std::string& session_id, const Checks& checks) {
  return Admit(unit, facts,
               {SessionId(session_id), FindSession(unit, session_id) != nullptr, {"CO", "PL"}},
               checks);
}

}  // namespace

Capacity CapacityOf(const v1::Project& project, v1::Kind kind, int planned, int supervisors,
                    Date session_date, const Facts& facts) {
  if (kind != v1::GROUP) return {planned, 0};
  const int64_t most =
      Policy(session_date).Int("upw.group.max") * std::max(1, supervisors);
  const int seats = static_cast<int>(std::min<int64_t>(planned, most));
  const Policy now(OccurredOn(facts));
  const std::string since =
      FormatDate(OccurredOn(facts) - now.Int("upw.turnout.lookback_days"));
  int64_t attended = 0, closed = 0;
  for (const v1::TurnoutDay& day : project.turnout()) {
    if (day.date() < since) continue;
    attended += day.attended();
    closed += day.closed();
  }
  return {seats, OverbookSeats(seats, TurnoutTwentieths(attended, closed),
                               static_cast<int>(now.Int("upw.overbook.cap")),
                               static_cast<int>(now.Int("upw.overbook.alpha_inverse")))};
}

int64_t RepairMinutes(const Facts& facts) {
  return Policy(OccurredOn(facts)).Int("upw.women.repair_minutes");
}

Verdict Decide(Unit& unit, const v1::PlanSession& command, const Facts& facts) {
  const v1::Project* project = FindProject(unit, command.project_id());
  Checks checks;
  const auto date = checks.DateField(command.date(), "date");
  checks.Require(command.slot() >= 1 && command.slot() <= 99, "slot", "must be 1 to 99");
  checks.Require(command.start() >= 0 && command.start() < 1440 &&
                     command.start() < command.end(),
                 "start", "must be 0 <= start < end");
  checks.Require(command.end() <= 60 || command.start() >= 120, "end",
                 "may not cross 01:00 to 02:00");
  checks.Require(command.capacity() >= 0 && command.capacity() <= 200, "capacity",
                 "must be 0 to 200");
  checks.Require(!date.has_value() || *date >= Today(facts), "date", "lies in the past");
  const AggregateId project_aggregate = ProjectId(command.project_id());
  if (auto rejected = Admit(unit, facts,
                            {project_aggregate, project != nullptr, {"CO", "PL"}}, checks)) {
    return *rejected;
  }
  const std::string session_id =
      absl::StrFormat("%s.%04d%02d%02d.%d", command.project_id(), date->year(), date->month(),
                      date->day(), command.slot());
  if (const v1::Session* known = FindSession(unit, session_id)) {
    return decider::StateForbidsCommand(v1::SessionStatus_Name(known->status()));
  }
  const v1::ProjectTerms& terms = project->terms();
  if (project->status() != v1::PROJECT_OPEN) return decider::Reject("PROJECT_NOT_OPEN");
  if (!Offered(terms, *date, command.start(), command.end())) {
    return decider::Reject("OUTSIDE_AVAILABILITY");
  }
  if (command.date() > terms.risk_assessment_valid_until()) {
    return decider::Reject("RISK_ASSESSMENT_EXPIRED");
  }
  if (command.end() > 1440) return decider::Reject("SESSION_CROSSES_MIDNIGHT");

  // UPW-41: INDIVIDUAL holds one unless stated.
  const int planned = command.capacity() > 0             ? command.capacity()
                      : terms.kind() == v1::INDIVIDUAL   ? 1
                                                         : terms.max_group();
  const Capacity capacity = CapacityOf(*project, terms.kind(), planned, 0, *date, facts);
  v1::Event event;
  auto* session = event.mutable_session_planned()->mutable_session();
  session->set_session_id(session_id);
  session->set_project_id(command.project_id());
  session->set_date(command.date());
  session->set_start(command.start());
  session->set_end(command.end());
  session->set_kind(terms.kind());
  session->set_status(v1::SESSION_PLANNED);
  session->set_capacity(capacity.seats);
  session->set_overbook(capacity.overbook);
  session->set_planned_capacity(planned);
  session->set_women_only(terms.women_only());
  session->set_org(terms.org());
  session->set_pdu(terms.pdu());
  session->set_min_group(terms.min_group());
  event.mutable_session_planned()->set_policy_version(PolicyVersion());
  unit.Emit(SessionId(session_id), std::move(event));
  // Its project is open: so is it.
  v1::Event opened;
  opened.mutable_session_opened()->set_on(FormatDate(OccurredOn(facts)));
  unit.Emit(SessionId(session_id), std::move(opened));
  v1::Reply reply;
  reply.mutable_plan_session()->set_session_id(session_id);
  reply.mutable_plan_session()->set_capacity(capacity.seats);
  reply.mutable_plan_session()->set_overbook(capacity.overbook);
  return reply;
}

Verdict Decide(Unit& unit, const v1::LockRoster& command, const Facts& facts) {
  if (auto rejected = AdmitSession(unit, facts, command.session_id(), Checks())) return *rejected;
  const v1::Session& session = *FindSession(unit, command.session_id());
  if (session.status() != v1::SESSION_OPEN) {
    return decider::StateForbidsCommand(v1::SessionStatus_Name(session.status()),
                                        {"SESSION_OPEN"});
  }
  // UPW-45: not before lock_days ahead of it.
  const int64_t lock_days = Policy(OccurredOn(facts)).Int("upw.roster.lock_days");
  if (Today(facts) < DateOf(session.date()) - lock_days) {
    return decider::StateForbidsCommand("SESSION_OPEN, too early to lock");
  }
  if (session.kind() == v1::GROUP && session.supervisors().empty()) {
    return decider::Reject("SUPERVISOR_REQUIRED");
  }
  if (session.seats_size() < session.min_group()) return decider::Reject("BELOW_MINIMUM_GROUP");
  const std::vector<RosterMember> roster = RosterOf(unit, session);
  if (const auto broken = WomenOnlyBroken(roster); !broken.empty()) {
    return RejectAll("COMPOSITION_WOMEN_ONLY", broken);
  }
  if (const auto lone = LoneWomen(roster); !lone.empty()) {
    return RejectAll("COMPOSITION_LONE_WOMAN", lone);
  }
  v1::Event event;
  event.mutable_session_locked()->set_on(FormatDate(OccurredOn(facts)));
  unit.Emit(SessionId(command.session_id()), std::move(event));
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::CancelSession& command, const Facts& facts) {
  Checks checks;
  checks.Require(!command.reason().empty(), "reason", "is missing");
  if (auto rejected = AdmitSession(unit, facts, command.session_id(), checks)) return *rejected;
  const v1::Session session = *FindSession(unit, command.session_id());
  const bool decided = std::any_of(session.seats().begin(), session.seats().end(),
                                   [](const v1::Seat& seat) { return seat.decided(); });
  if (session.status() > v1::SESSION_LOCKED || decided) {
    return decider::StateForbidsCommand(v1::SessionStatus_Name(session.status()),
                                        {"SESSION_PLANNED", "SESSION_OPEN", "SESSION_LOCKED"});
  }
  const AggregateId id = SessionId(command.session_id());
  v1::Event event;
  event.mutable_session_cancelled()->set_reason(command.reason());
  unit.Emit(id, std::move(event));
  for (const v1::Seat& seat : session.seats()) {
    WithdrawAppointment(unit, seat.crn(), seat.appointment_id(), "SESSION_CANCELLED",
                        v1::BY_SERVICE, facts);
  }
  for (const std::string& staff_id : session.supervisors()) {
    v1::Event freed;
    freed.mutable_supervisor_freed()->set_session_id(command.session_id());
    unit.Emit(SupervisorId(staff_id), std::move(freed));
  }
  return v1::Reply();
}

}  // namespace pdp::unpaid_work
