#ifndef PDP_SERVICES_UNPAID_WORK_DOMAIN_UNPAID_WORK_H_
#define PDP_SERVICES_UNPAID_WORK_DOMAIN_UNPAID_WORK_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/decider/decider.h"
#include "pdp/unpaid_work/v1/commands.pb.h"
#include "pdp/unpaid_work/v1/events.pb.h"
#include "pdp/unpaid_work/v1/state.pb.h"

namespace pdp::unpaid_work {

// The pure core of the unpaid work service: what is owed, what was offered, what was worked, what
// the law requires next. Aggregates: case_slot/{crn} in the cell NAT; case/{crn}, project/{id},
// session/{id}, supervisor/{staff}, organisation_scope/{org}, intake_exception/{referral_id} in the
// cell of an area. A command that touches a session and cases (a seat) is one commit or none.
//
//   Case         REGISTERED -> ASSESSED -> INDUCTED -> ACTIVE -> COMPLETED -> CLOSED
//                COMPLETED -> ACTIVE by correction; suspended beside any open state
//   Requirement  LIVE <-> HOURS_DONE -> CLOSED; LIVE -> TERMINATED
//   Appointment  BOOKED -> ATTENDED, ABSENT_PENDING -> ABSENT_EXCUSED | ABSENT_UNEXCUSED,
//                ABSENT_EXCUSED, ABSENT_UNEXCUSED, STOOD_DOWN, RESCHEDULED, WITHDRAWN
//   Instruction  ISSUED -> ACKNOWLEDGED | REFUSED_WITNESSED | SUPERSEDED
//   Project      NOMINATED -> EVALUATED -> APPROVED -> OPEN <-> SUSPENDED -> CLOSED;
//                NOMINATED, EVALUATED -> DECLINED
//   Session      PLANNED -> OPEN -> LOCKED -> RUN; PLANNED, OPEN, LOCKED -> CANCELLED
struct UnpaidWork {
  using Command = v1::Command;
  using Event = v1::Event;
  using State = v1::State;
  using Reply = v1::Reply;
  static constexpr char kService[] = "unpaid_work";

  static decider::Verdict<Reply> Decide(decider::Unit<UnpaidWork>& unit, const Command& command,
                                        const decider::Facts& facts);
  static void Evolve(State& state, const AggregateId& id, const Event& event,
                     const decider::EventFacts& facts);
  // The CRN for a case; "staff/{id}" and "project/{id}" for what is sealed of those; else empty.
  static std::string SubjectOf(const AggregateId& id);
  // The aggregate a command is about, whose version it may expect; empty for several.
  static AggregateId TargetOf(const Command& command);
  static std::vector<decider::TimerChange<Command>> Timers(const AggregateId& id,
                                                           const State& after, const Event& event,
                                                           const decider::EventFacts& facts);
};

using Unit = decider::Unit<UnpaidWork>;
using Verdict = decider::Verdict<v1::Reply>;
using decider::EventFacts;
using decider::Facts;
using decider::Rejected;
using decider::Violation;

inline AggregateId CaseId(absl::string_view crn) { return {"case", crn}; }
inline AggregateId CaseSlotId(absl::string_view crn) { return {"case_slot", crn}; }
inline AggregateId ProjectId(absl::string_view project_id) { return {"project", project_id}; }
inline AggregateId SessionId(absl::string_view session_id) { return {"session", session_id}; }
inline AggregateId SupervisorId(absl::string_view staff_id) { return {"supervisor", staff_id}; }
inline AggregateId ErasureId(absl::string_view crn) { return AggregateId("erasure", crn); }
inline AggregateId OrganisationScopeId(absl::string_view org) {
  return {"organisation_scope", org};
}
inline AggregateId IntakeExceptionId(absl::string_view referral_id) {
  return {"intake_exception", referral_id};
}

// Typed reads; nullptr when nothing of that kind was ever emitted there.
const v1::Case* FindCase(const Unit& unit, absl::string_view crn);
const v1::Project* FindProject(const Unit& unit, absl::string_view project_id);
const v1::Session* FindSession(const Unit& unit, absl::string_view session_id);
const v1::Supervisor* FindSupervisor(const Unit& unit, absl::string_view staff_id);
const v1::OrganisationScope* FindOrganisationScope(const Unit& unit, absl::string_view org);

// Figures of a case that queries show too (UPW-11, 55).
int64_t PersonOwed(const v1::Case& c);
int64_t PersonOpen(const v1::Case& c);

}  // namespace pdp::unpaid_work

#endif  // PDP_SERVICES_UNPAID_WORK_DOMAIN_UNPAID_WORK_H_
