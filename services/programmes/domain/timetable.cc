// The sessions of a group: planned, moved, cancelled (PRG-60 to 68, 72).

#include <algorithm>

#include "services/programmes/domain/group.h"
#include "services/programmes/domain/obligations.h"
#include "services/programmes/domain/places.h"

namespace pdp::programmes {
namespace {

Verdict Moved(Unit& unit, const v1::Group& group, const PlanResult& result, const Facts& facts,
              const std::string& reason) {
  if (const auto* failed = std::get_if<Unplannable>(&result)) {
    return Reject(failed->code, absl::StrCat("row ", failed->row));
  }
  const Plan& plan = std::get<Plan>(result);
  const v1::Group before = group;
  for (const v1::Session& session : plan.sessions) {
    v1::Event event;
    v1::SessionMoved* moved = event.mutable_session_moved();
    *moved->mutable_to() = session;
    for (const v1::Session& old : before.sessions()) {
      if (old.session_id() != session.session_id()) continue;
      moved->set_from_date(old.date());
      moved->set_from_start_min(old.start_min());
    }
    // PRG-68: real minutes between the move and the new start.
    moved->set_notice_min(absl::ToInt64Minutes(
        LocalInstant(*ParseDate(session.date()), session.start_min()) - facts.occurred_at));
    moved->set_reason_code(reason);
    unit.Emit(GroupId(before.group_id()), event);
  }
  Book(unit, before, plan.sessions);
  BookMembers(unit, before, plan.sessions, true);
  for (const v1::Member& member : before.members()) MoveDueDates(unit, member.enrolment_id());
  return v1::Reply();
}

// PRG-67: what was held or has any outcome stays where it is.
bool IsLocked(const Unit& unit, const v1::Group& group, const v1::Session& session) {
  if (session.status() == v1::HELD) return true;
  const auto recorded = [&](const v1::Member& member) {
    const v1::Enrolment* enrolment = FindEnrolment(unit, member.enrolment_id());
    return enrolment != nullptr &&
           std::any_of(enrolment->attendances().begin(), enrolment->attendances().end(),
                       [&](const auto& a) { return a.session_id() == session.session_id(); });
  };
  return std::any_of(group.members().begin(), group.members().end(), recorded) ||
         std::any_of(group.former_members().begin(), group.former_members().end(), recorded);
}

std::optional<Rejected> CheckMovable(const Unit& unit, const v1::Group& group,
                                     const std::string& row) {
  if (!IsOpen(group)) return StateForbids(group);
  for (const v1::Session& session : group.sessions()) {
    if (session.row() != row) continue;
    if (IsLocked(unit, group, session)) {
      return Reject("SESSION_LOCKED", "the session was held or has outcomes");
    }
    return std::nullopt;
  }
  return decider::NotFound(AggregateId("session", absl::StrCat(group.group_id(), "/", row)));
}

}  // namespace

Verdict Handle(Unit& unit, const v1::GenerateSchedule& command, const Facts& facts) {
  const FoundGroup found = FindGroupFor(unit, command.group_id(), facts, {"SCH"});
  if (found.refused) return *found.refused;
  if (found.group->status() != v1::FORMING) {
    return StateForbids(*found.group);
  }
  const v1::Group group = *found.group;
  const std::vector<v1::Slot> slots(group.slots().begin(), group.slots().end());
  const PlanResult result = PlanRows(*FindVersion(group.version_ref()), slots, group.group_id(),
                                     *ParseDate(group.earliest_start()), PlacesFor(unit, group));
  if (const auto* failed = std::get_if<Unplannable>(&result)) {
    return Reject(failed->code, absl::StrCat("row ", failed->row));
  }
  const Plan& plan = std::get<Plan>(result);
  v1::Event event;
  v1::Reply reply;
  for (const v1::Session& session : plan.sessions) {
    *event.mutable_schedule_planned()->add_sessions() = session;
  }
  for (const v1::SkippedSlot& skip : plan.skipped) {
    *event.mutable_schedule_planned()->add_skipped() = skip;
    *reply.mutable_schedule()->add_skipped() = skip;
  }
  reply.mutable_schedule()->set_sessions(static_cast<int32_t>(plan.sessions.size()));
  unit.Emit(GroupId(group.group_id()), event);
  Book(unit, group, plan.sessions);
  BookMembers(unit, group, plan.sessions, false);
  return reply;
}

Verdict Handle(Unit& unit, const v1::RescheduleSession& command, const Facts& facts) {
  const FoundGroup found = FindGroupFor(unit, command.group_id(), facts, {"SCH"});
  if (found.refused) return *found.refused;
  const v1::Group group = *found.group;
  if (auto refused = CheckMovable(unit, group, command.row())) return *refused;
  const auto date = ParseDate(command.date());
  if (!date.has_value()) {
    return decider::ValidationFailed({{"DATE_MALFORMED", "", "date", "a date YYYY-MM-DD"}});
  }
  if (LocalInstant(*date, command.start_min()) <= facts.occurred_at) return Reject("IN_THE_PAST");
  const std::vector<v1::Slot> slots(group.slots().begin(), group.slots().end());
  const std::vector<v1::Session> sessions(group.sessions().begin(), group.sessions().end());
  return Moved(unit, group,
               MoveRow(*FindVersion(group.version_ref()), slots, sessions,
                       {.row = command.row(),
                        .date = *date,
                        .start_min = command.start_min(),
                        .cascade_none = command.cascade_none()},
                       PlacesFor(unit, group)),
               facts, command.reason());
}

Verdict Handle(Unit& unit, const v1::CancelSession& command, const Facts& facts) {
  const FoundGroup found = FindGroupFor(unit, command.group_id(), facts, {"SCH", "FAC"});
  if (found.refused) return *found.refused;
  const v1::Group group = *found.group;
  if (auto refused = CheckMovable(unit, group, command.row())) return *refused;
  if (!IsCancellationCause(command.cause_code())) {
    return Reject("REASON_INVALID", absl::StrCat("'", command.cause_code(), "' is no cause"));
  }
  const std::vector<v1::Slot> slots(group.slots().begin(), group.slots().end());
  const std::vector<v1::Session> sessions(group.sessions().begin(), group.sessions().end());
  const PlanResult result =
      MoveRow(*FindVersion(group.version_ref()), slots, sessions,
              {.row = command.row(), .cancelled = true}, PlacesFor(unit, group));
  if (std::holds_alternative<Plan>(result)) {
    v1::Event event;
    for (const v1::Session& session : sessions) {
      if (session.row() != command.row()) continue;
      event.mutable_session_cancelled()->set_session_id(session.session_id());
      event.mutable_session_cancelled()->set_date(session.date());
    }
    event.mutable_session_cancelled()->set_cause_code(command.cause_code());
    event.mutable_session_cancelled()->set_service_fault(command.cause_code() != "PERSON_REQUEST");
    unit.Emit(GroupId(group.group_id()), event);
  }
  return Moved(unit, group, result, facts, command.cause_code());
}

}  // namespace pdp::programmes
