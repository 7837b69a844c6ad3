// Groups: opened, staffed, filled, scheduled, confirmed, rescheduled (PRG-12, 39 to 51, 60 to 72).

#include <algorithm>
#include <map>
#include <set>

#include "services/programmes/domain/catalogue.h"
#include "services/programmes/domain/places.h"

namespace pdp::programmes {
namespace {

constexpr auto kScheduler = {"SCH"};

struct Found {
  const v1::Group* group = nullptr;
  std::optional<Rejected> refused;
};

Found FindFor(const Unit& unit, const std::string& group_id, const Facts& facts,
              std::initializer_list<const char*> roles) {
  Found found{.group = FindGroup(unit, group_id), .refused = {}};
  if (found.group == nullptr) {
    found.refused = decider::NotFound(GroupId(group_id));
  } else if (auto role = CheckRole(facts, roles)) {
    found.refused = role;
  } else if (auto org = CheckOrganisation(facts, found.group->delivery_org())) {
    found.refused = org;
  } else {
    found.refused = CheckVersion(facts, GroupId(group_id), unit.VersionOf(GroupId(group_id)));
  }
  return found;
}

// Emits on the calendars of staff and rooms what the sessions take and give back.
void Book(Unit& unit, const v1::Group& group, const std::vector<v1::Session>& sessions) {
  std::map<std::string, v1::StaffBooked> staff;
  std::map<std::string, v1::RoomBooked> rooms;
  std::set<std::string> moved;
  for (const v1::Session& session : sessions) moved.insert(session.session_id());
  for (const v1::Session& old : group.sessions()) {
    if (!moved.contains(old.session_id())) continue;
    for (const std::string& id : old.staff()) staff[id].add_released_session_ids(old.session_id());
    rooms[old.room()].add_released_session_ids(old.session_id());
  }
  for (const v1::Session& session : sessions) {
    v1::Booking booking;
    booking.set_session_id(session.session_id());
    booking.set_date(session.date());
    booking.set_start_min(session.start_min());
    booking.set_minutes(session.minutes());
    booking.set_site_id(group.site_id());
    for (const std::string& id : session.staff()) *staff[id].add_bookings() = booking;
    *rooms[session.room()].add_bookings() = booking;
  }
  const std::string site_id = group.site_id();
  for (auto& [id, booked] : staff) {
    v1::Event event;
    *event.mutable_staff_booked() = std::move(booked);
    unit.Emit(FacilitatorId(id), event);
  }
  for (auto& [id, booked] : rooms) {
    v1::Event event;
    booked.set_room_id(id);
    *event.mutable_room_booked() = std::move(booked);
    unit.Emit(SiteId(site_id), event);
  }
}

int CountWomen(const Unit& unit, const v1::Group& group) {
  return static_cast<int>(std::count_if(
      group.members().begin(), group.members().end(), [&](const v1::Member& member) {
        const v1::Enrolment* enrolment = FindEnrolment(unit, member.enrolment_id());
        return enrolment != nullptr && enrolment->responsivity().woman();
      }));
}

// Date on which everything the order must cover is over: the last session, REVIEW included
// (PRG-70).
std::optional<Date> PlannedFinish(const v1::Group& group) {
  if (group.sessions().empty()) return std::nullopt;
  return ParseDate(group.sessions(group.sessions_size() - 1).date());
}

// Everything that keeps one person out of the group (AllocateMembers).
void CheckPerson(const v1::Group& group, const v1::Enrolment& enrolment, const Facts& facts,
                 std::vector<Violation>* found) {
  const v1::Responsivity& person = enrolment.responsivity();
  const auto add = [&](const char* code) { found->push_back({code, enrolment.id(), "", ""}); };
  for (const v1::Member& member : group.members()) {
    if (member.enrolment_id() == enrolment.id()) add("ALREADY_MEMBER");
  }
  if ((group.sex_mode() == v1::WOMEN && !person.woman()) ||
      (group.sex_mode() == v1::MEN && person.woman())) {
    add("SEX_MODE_MISMATCH");
  }
  if (person.woman()) {
    const std::string& choice = person.delivery_choice();
    if (choice.empty()) {
      add("CHOICE_NOT_ASKED");
    } else if (choice == "ONE_TO_ONE" ||
               (choice == "WOMEN_ONLY" && group.sex_mode() != v1::WOMEN)) {
      add("PREFERENCE_NOT_MET");
    }
  }
  for (const v1::Slot& slot : group.slots()) {
    const int minutes = FindVersion(group.version_ref())->rows(1).minutes();
    for (const auto& window : person.unavailable()) {
      if (window.weekday() == slot.iso_weekday() &&
          window.from_min() < slot.start_min() + minutes && slot.start_min() < window.to_min()) {
        add("NOT_AVAILABLE");
      }
    }
  }
  const v1::ProgrammeVersion& version = *FindVersion(group.version_ref());
  const auto order_end = ParseDate(enrolment.requirement().order_end());
  const auto finish = PlannedFinish(group);
  if (order_end.has_value() && finish.has_value() &&
      *finish > *order_end - FinishBufferDays(version)) {
    add("SENTENCE_TOO_SHORT");
  }
  for (const v1::Session& session : group.sessions()) {
    if (session.row() == version.join_last_row() &&
        facts.occurred_at >= LocalInstant(*ParseDate(session.date()), session.start_min())) {
      add("JOIN_WINDOW_CLOSED");
    }
  }
}

constexpr auto kAllocationOrder = {
    "ALREADY_MEMBER",    "GROUP_FULL",        "LONE_WOMAN",       "SEX_MODE_MISMATCH",
    "PREFERENCE_NOT_MET", "CHOICE_NOT_ASKED", "NOT_AVAILABLE",    "SENTENCE_TOO_SHORT",
    "JOIN_WINDOW_CLOSED"};

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
  return v1::Reply();
}

std::optional<Rejected> CheckMovable(const v1::Group& group, const std::string& row) {
  for (const v1::Session& session : group.sessions()) {
    if (session.row() != row) continue;
    if (session.status() == v1::HELD) return Reject("SESSION_LOCKED", "the session was held");
    return std::nullopt;
  }
  return decider::NotFound(AggregateId("session", absl::StrCat(group.group_id(), "/", row)));
}

}  // namespace

Verdict Handle(Unit& unit, const v1::OpenGroup& command, const Facts& facts) {
  if (auto refused = CheckRole(facts, kScheduler)) return *refused;
  if (auto refused = CheckOrganisation(facts, command.delivery_org())) return *refused;
  std::vector<Violation> bad;
  const auto need = [&](bool ok, const char* field) {
    if (!ok) bad.push_back({"REQUIRED", "", field, "must be given"});
  };
  need(!command.group_id().empty(), "group_id");
  need(!command.code().empty(), "code");
  need(!command.delivery_org().empty(), "delivery_org");
  need(command.sex_mode() != v1::SEX_MODE_UNSPECIFIED, "sex_mode");
  need(!command.slots().empty(), "slots");
  need(ParseDate(command.earliest_start()).has_value(), "earliest_start");
  need(FindSite(unit, command.site_id()) != nullptr, "site_id");
  for (const v1::Slot& slot : command.slots()) {
    if (slot.iso_weekday() < 1 || slot.iso_weekday() > 7 || slot.start_min() < 0 ||
        slot.start_min() >= 24 * 60) {
      bad.push_back({"OUT_OF_RANGE", "", "slots", "weekday 1 to 7, minutes of one day"});
    }
  }
  if (!bad.empty()) return decider::ValidationFailed(std::move(bad));
  if (FindGroup(unit, command.group_id()) != nullptr) {
    return decider::StateForbidsCommand("OPEN");
  }
  const v1::ProgrammeVersion* version = FindVersion(command.version_ref());
  const Date start = *ParseDate(command.earliest_start());
  if (version == nullptr || version->status() != "PUBLISHED" ||
      start < *ParseDate(version->effective_from())) {
    return Reject("VERSION_NOT_CURRENT", command.version_ref());
  }
  v1::GroupSize size = version->size();
  if (command.sex_mode() == v1::WOMEN) {
    // PRG-49: size.women; with several the smallest of each applies.
    size.set_min(std::min(size.min(), 2));
    size.set_viable(std::min(size.viable(), 4));
    size.set_max(std::min(size.max(), 8));
  }
  if (command.has_size()) {
    if (command.size().min() < size.min() || command.size().max() > size.max() ||
        command.size().min() > command.size().max()) {
      return Reject("SIZE_OUT_OF_POLICY", "a group may narrow, never widen");
    }
    size = command.size();
  }
  if (unit.Find(GroupCodeId(command.code())) != nullptr) return Reject("GROUP_CODE_TAKEN");
  v1::Event taken;
  taken.mutable_group_code_taken()->set_group_id(command.group_id());
  unit.Emit(GroupCodeId(command.code()), taken);
  v1::Event event;
  v1::GroupOpened* opened = event.mutable_group_opened();
  opened->set_group_id(command.group_id());
  opened->set_code(command.code());
  opened->set_version_ref(command.version_ref());
  opened->set_content_hash(ContentHash(*version));
  opened->set_delivery_org(command.delivery_org());
  opened->set_site_id(command.site_id());
  opened->set_sex_mode(command.sex_mode());
  *opened->mutable_slots() = command.slots();
  opened->set_earliest_start(command.earliest_start());
  *opened->mutable_size() = size;
  unit.Emit(GroupId(command.group_id()), event);
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::AssignStaff& command, const Facts& facts) {
  const Found found = FindFor(unit, command.group_id(), facts, kScheduler);
  if (found.refused) return *found.refused;
  if (found.group->status() != v1::FORMING) {
    return decider::StateForbidsCommand(v1::GroupStatus_Name(found.group->status()));
  }
  std::vector<Violation> wrong;
  const Date start = *ParseDate(found.group->earliest_start());
  const std::string kind = absl::StrCat("PROG:", FindVersion(found.group->version_ref())->code());
  for (const v1::RosteredStaff& rostered : command.staff()) {
    const v1::Facilitator* staff = FindFacilitator(unit, rostered.staff_id());
    if (staff == nullptr) return decider::NotFound(FacilitatorId(rostered.staff_id()));
    if (!HasCapability(*staff, kind, start)) {
      wrong.push_back({"CAPABILITY_MISSING", rostered.staff_id(), "", kind});
    }
    if (staff->org() != found.group->delivery_org()) {
      wrong.push_back({"FACILITATOR_ORG_MISMATCH", rostered.staff_id(), "", staff->org()});
    }
  }
  if (auto refused = FirstOf({"CAPABILITY_MISSING", "FACILITATOR_ORG_MISMATCH"}, wrong)) {
    return *refused;
  }
  v1::Event event;
  *event.mutable_staff_assigned()->mutable_staff() = command.staff();
  unit.Emit(GroupId(command.group_id()), event);
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::AllocateMembers& command, const Facts& facts) {
  const Found found = FindFor(unit, command.group_id(), facts, kScheduler);
  if (found.refused) return *found.refused;
  if (command.enrolment_ids().empty()) {
    return decider::ValidationFailed({{"REQUIRED", "", "enrolment_ids", "at least one"}});
  }
  const v1::Group group = *found.group;
  std::vector<Violation> wrong;
  int women = CountWomen(unit, group), others = group.members_size() - women;
  std::vector<v1::Enrolment> people;
  for (const std::string& id : command.enrolment_ids()) {
    const v1::Enrolment* enrolment = FindEnrolment(unit, id);
    if (enrolment == nullptr) return decider::NotFound(EnrolmentId(id));
    people.push_back(*enrolment);
    CheckPerson(group, *enrolment, facts, &wrong);
    ++(enrolment->responsivity().woman() ? women : others);
  }
  // Somebody who is a member already is told so, whatever their status is now (E20).
  for (const v1::Enrolment& enrolment : people) {
    const bool member = std::any_of(group.members().begin(), group.members().end(),
                                    [&](const v1::Member& m) {
                                      return m.enrolment_id() == enrolment.id();
                                    });
    if (!member && enrolment.status() != v1::WAITING) {
      return decider::StateForbidsCommand(v1::EnrolmentStatus_Name(enrolment.status()));
    }
  }
  if (group.members_size() + command.enrolment_ids_size() > group.size().max()) {
    wrong.push_back({"GROUP_FULL", group.group_id(), "", ""});
  }
  // PRG-42: from CONFIRMED on a mixed group never holds exactly one woman among others.
  if (group.sex_mode() == v1::MIXED && group.status() >= v1::CONFIRMED && women == 1 &&
      others > 0) {
    wrong.push_back({"LONE_WOMAN", group.group_id(), "", ""});
  }
  if (auto refused = FirstOf(kAllocationOrder, std::move(wrong))) return *refused;
  const std::string on = FormatDate(LocalDate(facts.occurred_at));
  for (const v1::Enrolment& enrolment : people) {
    v1::Event member;
    member.mutable_member_allocated()->set_enrolment_id(enrolment.id());
    member.mutable_member_allocated()->set_delivery_org(enrolment.delivery_org());
    member.mutable_member_allocated()->set_stratum(enrolment.stratum());
    member.mutable_member_allocated()->set_on(on);
    unit.Emit(GroupId(group.group_id()), member);
    v1::Event allocated;
    v1::EnrolmentAllocated* a = allocated.mutable_enrolment_allocated();
    a->set_referral_id(enrolment.referral_id());
    a->set_group_id(group.group_id());
    a->set_delivery_org(enrolment.delivery_org());
    a->set_stratum(enrolment.stratum());
    a->set_on(on);
    if (const auto finish = PlannedFinish(group)) a->set_planned_finish(FormatDate(*finish));
    unit.Emit(EnrolmentId(enrolment.id()), allocated);
  }
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::GenerateSchedule& command, const Facts& facts) {
  const Found found = FindFor(unit, command.group_id(), facts, kScheduler);
  if (found.refused) return *found.refused;
  if (found.group->status() != v1::FORMING) {
    return decider::StateForbidsCommand(v1::GroupStatus_Name(found.group->status()));
  }
  const v1::Group group = *found.group;
  const std::vector<v1::Slot> slots(group.slots().begin(), group.slots().end());
  const PlanResult result =
      PlanRows(*FindVersion(group.version_ref()), slots, group.group_id(),
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
  return reply;
}

Verdict Handle(Unit& unit, const v1::ConfirmGroup& command, const Facts& facts) {
  const Found found = FindFor(unit, command.group_id(), facts, {"PM"});
  if (found.refused) return *found.refused;
  if (found.group->status() != v1::SCHEDULED) {
    return decider::StateForbidsCommand(v1::GroupStatus_Name(found.group->status()));
  }
  const v1::Group group = *found.group;
  const v1::ProgrammeVersion& version = *FindVersion(group.version_ref());
  std::vector<Violation> wrong;
  const int women = CountWomen(unit, group);
  if (group.members_size() < group.size().min()) {
    wrong.push_back({"BELOW_MINIMUM", group.group_id(), "", ""});
  }
  if (group.sex_mode() == v1::MIXED && women == 1 && group.members_size() > 1) {
    wrong.push_back({"LONE_WOMAN", group.group_id(), "", ""});
  }
  const auto finish = PlannedFinish(group);
  for (const v1::Member& member : group.members()) {
    const v1::Enrolment* enrolment = FindEnrolment(unit, member.enrolment_id());
    const auto order_end = ParseDate(enrolment->requirement().order_end());
    if (order_end.has_value() && *finish > *order_end - FinishBufferDays(version)) {
      wrong.push_back({"SENTENCE_TOO_SHORT", member.enrolment_id(), "", ""});
    }
  }
  for (const v1::Session& session : group.sessions()) {
    for (const std::string& id : session.staff()) {
      const v1::Facilitator* staff = FindFacilitator(unit, id);
      const Date date = *ParseDate(session.date());
      if (!HasCapability(*staff, absl::StrCat("PROG:", version.code()), date) ||
          (women > 0 && !HasCapability(*staff, "TRAUMA", date))) {
        wrong.push_back({"CAPABILITY_MISSING", id, session.session_id(), ""});
      }
    }
  }
  if (!wrong.empty()) {
    return Rejected{.reason = "GROUP_NOT_CONFIRMABLE", .detail = "", .violations = wrong};
  }
  v1::Event event;
  event.mutable_group_confirmed()->set_members(group.members_size());
  event.mutable_group_confirmed()->set_women(women);
  event.mutable_group_confirmed()->set_start(group.sessions(0).date());
  event.mutable_group_confirmed()->set_finish(FormatDate(*finish));
  unit.Emit(GroupId(group.group_id()), event);
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::RescheduleSession& command, const Facts& facts) {
  const Found found = FindFor(unit, command.group_id(), facts, kScheduler);
  if (found.refused) return *found.refused;
  const v1::Group group = *found.group;
  if (auto refused = CheckMovable(group, command.row())) return *refused;
  const auto date = ParseDate(command.date());
  if (!date.has_value()) {
    return decider::ValidationFailed({{"DATE_MALFORMED", "", "date", "a date YYYY-MM-DD"}});
  }
  if (LocalInstant(*date, command.start_min()) <= facts.occurred_at) return Reject("IN_THE_PAST");
  const std::vector<v1::Slot> slots(group.slots().begin(), group.slots().end());
  const std::vector<v1::Session> sessions(group.sessions().begin(), group.sessions().end());
  return Moved(unit, group,
               MoveRow(*FindVersion(group.version_ref()), slots, sessions,
                       {.row = command.row(), .date = *date, .start_min = command.start_min(),
                        .cascade_none = command.cascade_none()},
                       PlacesFor(unit, group)),
               facts, command.reason());
}

Verdict Handle(Unit& unit, const v1::CancelSession& command, const Facts& facts) {
  const Found found = FindFor(unit, command.group_id(), facts, {"SCH", "FAC"});
  if (found.refused) return *found.refused;
  const v1::Group group = *found.group;
  if (auto refused = CheckMovable(group, command.row())) return *refused;
  if (!IsCancellationCause(command.cause_code())) {
    return Reject("REASON_INVALID", absl::StrCat("'", command.cause_code(), "' is no cause"));
  }
  const std::vector<v1::Slot> slots(group.slots().begin(), group.slots().end());
  const std::vector<v1::Session> sessions(group.sessions().begin(), group.sessions().end());
  const PlanResult result = MoveRow(*FindVersion(group.version_ref()), slots, sessions,
                                    {.row = command.row(), .cancelled = true},
                                    PlacesFor(unit, group));
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
