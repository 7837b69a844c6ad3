// Groups: opened, staffed, confirmed, closed, cancelled (PRG-12, 31 to 35, 42, 44, 49, 70, 71).

#include "services/programmes/domain/group.h"

#include <algorithm>

#include "services/programmes/domain/places.h"

namespace pdp::programmes {
namespace {

// PRG-72: every row of the version would fit into the day and the hours of the site at every slot.
void CheckHours(const Unit& unit, const v1::OpenGroup& command, std::vector<Violation>* bad) {
  const v1::ProgrammeVersion* version = FindVersion(command.version_ref());
  const v1::Site* site = FindSite(unit, command.site_id());
  if (version == nullptr || site == nullptr) return;
  int longest = 0;
  for (const v1::CatalogueRow& row : version->rows()) longest = std::max(longest, row.minutes());
  for (const v1::Slot& slot : command.slots()) {
    if (slot.start_min() < std::max(site->opens_min(), kDayStartMin) ||
        slot.start_min() + longest > std::min(site->closes_min(), kDayEndMin)) {
      bad->push_back({"OUTSIDE_HOURS", "", "slots", absl::StrCat("start ", slot.start_min())});
    }
  }
}

}  // namespace

Verdict Handle(Unit& unit, const v1::OpenGroup& command, const Facts& facts) {
  if (auto refused = CheckRole(facts, {"SCH"})) return *refused;
  if (auto refused = CheckOrganisation(facts, command.delivery_org())) return *refused;
  std::vector<Violation> bad;
  const auto need = [&](bool ok, const char* field) {
    if (!ok) bad.push_back({"FIELD_MISSING", "", field, "must be given"});
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
  CheckHours(unit, command, &bad);
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
  const FoundGroup found = FindGroupFor(unit, command.group_id(), facts, {"SCH"});
  if (found.refused) return *found.refused;
  if (found.group->status() != v1::FORMING) {
    return StateForbids(*found.group);
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

Verdict Handle(Unit& unit, const v1::ConfirmGroup& command, const Facts& facts) {
  const FoundGroup found = FindGroupFor(unit, command.group_id(), facts, {"PM"});
  if (found.refused) return *found.refused;
  if (found.group->status() != v1::SCHEDULED) {
    return StateForbids(*found.group);
  }
  const v1::Group group = *found.group;
  const v1::ProgrammeVersion& version = *FindVersion(group.version_ref());
  std::vector<Violation> wrong;
  const Composition now = CompositionOf(unit, group);
  const int women = now.women;
  if (group.members_size() < group.size().min()) {
    wrong.push_back({"BELOW_MINIMUM", group.group_id(), "", ""});
  }
  if (group.sex_mode() == v1::MIXED && now.lone_woman()) {
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
  // PRG-46.
  const std::vector<v1::Responsivity> minorities = MinorityMembers(unit, group);
  for (const v1::Session& session : group.sessions()) {
    std::vector<const v1::Facilitator*> roster;
    for (const std::string& id : session.staff()) roster.push_back(FindFacilitator(unit, id));
    for (const v1::Responsivity& person : minorities) {
      if (Serves(roster, person, *ParseDate(session.date()))) continue;
      wrong.push_back({"CAPABILITY_MISSING", session.session_id(), "", "CULTURAL"});
      break;
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

Verdict Handle(Unit& unit, const v1::CloseGroup& command, const Facts& facts) {
  const FoundGroup found = FindGroupFor(unit, command.group_id(), facts, {"PM"});
  if (found.refused) return *found.refused;
  if (found.group->status() != v1::RUNNING) {
    return StateForbids(*found.group);
  }
  std::vector<Violation> outstanding;
  for (const v1::Session& session : found.group->sessions()) {
    if (!session.placeholder() && session.status() != v1::HELD) {
      outstanding.push_back({"SESSIONS_OUTSTANDING", session.session_id(), "", ""});
    }
  }
  if (auto refused = FirstOf({"SESSIONS_OUTSTANDING"}, std::move(outstanding))) return *refused;
  const v1::Group group = *found.group;
  v1::Event event;
  event.mutable_group_closed()->set_on(FormatDate(Today(facts)));
  unit.Emit(GroupId(group.group_id()), event);
  ReleasePlaces(unit, group);  // the placeholders behind the last row
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::CancelGroup& command, const Facts& facts) {
  const FoundGroup found = FindGroupFor(unit, command.group_id(), facts, {"PM"});
  if (found.refused) return *found.refused;
  if (!IsOpen(*found.group)) return StateForbids(*found.group);
  if (!IsCancellationCause(command.cause_code())) {
    return Reject("REASON_INVALID", absl::StrCat("'", command.cause_code(), "' is no cause"));
  }
  const v1::Group group = *found.group;
  v1::Event event;
  event.mutable_group_cancelled()->set_on(FormatDate(Today(facts)));
  event.mutable_group_cancelled()->set_cause_code(command.cause_code());
  event.mutable_group_cancelled()->set_service_fault(command.cause_code() != "PERSON_REQUEST");
  unit.Emit(GroupId(group.group_id()), event);
  ReleasePlaces(unit, group);
  for (const v1::Member& member : group.members()) {
    const v1::Enrolment enrolment = *FindEnrolment(unit, member.enrolment_id());
    LeaveGroup(unit, enrolment, "GROUP_CANCELLED", Today(facts), facts);
    if (enrolment.status() == v1::ALLOCATED || enrolment.status() == v1::ON_PROGRAMME) {
      ReleaseEnrolment(unit, enrolment, "GROUP_CANCELLED", Today(facts));
    }
  }
  return v1::Reply();
}

}  // namespace pdp::programmes
