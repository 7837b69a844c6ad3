// Who joins and who leaves a group (PRG-39, 42 to 44, 49, 52, 69, 70, 102).

#include <algorithm>
#include <set>

#include "services/programmes/domain/group.h"
#include "services/programmes/domain/places.h"

namespace pdp::programmes {
namespace {

// PM-6: what subcontractor said last; an organisation it said nothing of is the prime's own affair.
bool IsActive(const Unit& unit, const std::string& org, const std::string& route, Date on) {
  const v1::State* state = unit.Find(DeliveryOrgId(org));
  if (state == nullptr) return true;
  const auto& contracts = state->delivery_org().contracts();
  return std::any_of(contracts.begin(), contracts.end(), [&](const v1::DeliveryContract& contract) {
    const auto from = ParseDate(contract.from()), to = ParseDate(contract.to());
    const auto& services = contract.services();
    return !contract.suspended() && !(from.has_value() && on < *from) &&
           !(to.has_value() && *to < on) &&
           std::find(services.begin(), services.end(), route) != services.end();
  });
}

// PRG-44, 46: whether the rosters there are serve the one who joins.
void CheckRosters(const Unit& unit, const v1::Group& group, const v1::Responsivity& person,
                  const std::string& enrolment_id, const Facts& facts,
                  std::vector<Violation>* found) {
  std::set<std::string> told;
  for (const v1::Session& session : SessionsOfMembers(group, Today(facts))) {
    const Date date = *ParseDate(session.date());
    std::vector<const v1::Facilitator*> roster;
    for (const std::string& id : session.staff()) {
      roster.push_back(FindFacilitator(unit, id));
      if (!person.woman() || HasCapability(*roster.back(), "TRAUMA", date)) continue;
      if (!told.insert(id).second) continue;
      found->push_back({"CAPABILITY_MISSING", id, "", absl::StrCat("TRAUMA ", session.date())});
    }
    if (!Serves(roster, person, date) && told.insert(enrolment_id).second) {
      found->push_back(
          {"CAPABILITY_MISSING", enrolment_id, "", absl::StrCat("CULTURAL ", session.date())});
    }
  }
}

bool Live(const v1::NonAssociation& pair, Date on) {
  const auto until = ParseDate(pair.until());
  return !until.has_value() || on <= *until;
}

// PRG-51, whichever of the two it is recorded for, under any of their CRNs.
bool NotTogether(const Unit& unit, const v1::Enrolment& a, const v1::Enrolment& b, Date on) {
  const auto names = [&](const v1::Enrolment& one, const v1::Enrolment& other) {
    const std::vector<std::string> crns = CrnsOf(unit, other.crn());
    return std::any_of(one.non_associations().begin(), one.non_associations().end(),
                       [&](const v1::NonAssociation& pair) {
                         return Live(pair, on) &&
                                std::find(crns.begin(), crns.end(), pair.other_crn()) != crns.end();
                       });
  };
  return names(a, b) || names(b, a);
}

// PRG-51: never in one group.
void CheckPairs(const Unit& unit, const v1::Group& group, const std::vector<v1::Enrolment>& people,
                const Facts& facts, std::vector<Violation>* found) {
  std::vector<v1::Enrolment> others;
  for (const v1::Member& member : group.members()) {
    others.push_back(*FindEnrolment(unit, member.enrolment_id()));
  }
  for (const v1::Enrolment& person : people) {
    for (const v1::Enrolment& other : others) {
      if (other.id() != person.id() && NotTogether(unit, person, other, Today(facts))) {
        found->push_back({"NON_ASSOCIATION", person.id(), "", other.id()});
      }
    }
    others.push_back(person);
  }
}

// Everything that keeps one person out of the group (AllocateMembers).
void CheckPerson(const Unit& unit, const v1::Group& group, const v1::Enrolment& enrolment,
                 const Facts& facts, std::vector<Violation>* found) {
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
  // PRG-69: without credit up to the start of join_last_row; with credit (102) up to the row at
  // which the person joins again.
  const std::string join_row = enrolment.status() == v1::PAUSED
                                   ? CarryCredit(version, enrolment.ledger()).join_row
                                   : version.join_last_row();
  for (const v1::Session& session : group.sessions()) {
    if (session.row() == join_row &&
        facts.occurred_at >= LocalInstant(*ParseDate(session.date()), session.start_min())) {
      add("JOIN_WINDOW_CLOSED");
    }
  }
  if (!IsActive(unit, group.delivery_org(), version.route(), Today(facts))) {
    add("DELIVERY_ORG_NOT_ACTIVE");
  }
  std::set<std::string> own;
  const std::vector<v1::Session> sessions = SessionsOfMembers(group, Today(facts));
  for (const v1::Session& session : sessions) own.insert(session.session_id());
  for (const v1::Session& session : sessions) {
    const v1::Appointment* clash =
        ClashFor(unit, enrolment.crn(), AppointmentOf(session, group.site_id()), own);
    if (clash == nullptr) continue;
    found->push_back({"PERSON_DOUBLE_BOOKED", enrolment.id(), "",
                      absl::StrCat(session.session_id(), " and ", clash->appointment_id())});
    break;
  }
}

constexpr auto kAllocationOrder = {
    "ALREADY_MEMBER",         "GROUP_FULL",         "LONE_WOMAN",         "SEX_MODE_MISMATCH",
    "PREFERENCE_NOT_MET",     "CHOICE_NOT_ASKED",   "NON_ASSOCIATION",    "NOT_AVAILABLE",
    "SENTENCE_TOO_SHORT",     "JOIN_WINDOW_CLOSED", "CAPABILITY_MISSING", "PERSON_DOUBLE_BOOKED",
    "DELIVERY_ORG_NOT_ACTIVE"};

// Reasons for leaving a group: the person's, the provider's, those of the one-to-one route and of
// an end (PRG-23, 101, 103).
bool IsLeavingReason(const std::string& code) {
  return PausesClock(code).has_value() || IsOneToOneReason(code) ||
         ProviderCaused(code, "").has_value();
}

}  // namespace

Verdict Handle(Unit& unit, const v1::AllocateMembers& command, const Facts& facts) {
  const FoundGroup found = FindGroupFor(unit, command.group_id(), facts, {"SCH"});
  if (found.refused) return *found.refused;
  if (command.enrolment_ids().empty()) {
    return decider::ValidationFailed({{"FIELD_MISSING", "", "enrolment_ids", "at least one"}});
  }
  const v1::Group group = *found.group;
  std::vector<Violation> wrong;
  if (!IsOpen(group)) return StateForbids(group);
  Composition after = CompositionOf(unit, group);
  std::vector<v1::Enrolment> people;
  for (const std::string& id : command.enrolment_ids()) {
    const v1::Enrolment* enrolment = FindEnrolment(unit, id);
    if (enrolment == nullptr) return decider::NotFound(EnrolmentId(id));
    // Whose the group is was asked above; whose the person is, here.
    if (auto refused = CheckOrganisation(facts, enrolment->delivery_org())) return *refused;
    people.push_back(*enrolment);
    CheckPerson(unit, group, *enrolment, facts, &wrong);
    ++(enrolment->responsivity().woman() ? after.women : after.others);
    CheckRosters(unit, group, enrolment->responsivity(), enrolment->id(), facts, &wrong);
  }
  CheckPairs(unit, group, people, facts, &wrong);
  // Somebody who is a member already is told so, whatever their status is now (E20).
  for (const v1::Enrolment& enrolment : people) {
    const bool member =
        std::any_of(group.members().begin(), group.members().end(),
                    [&](const v1::Member& m) { return m.enrolment_id() == enrolment.id(); });
    if (!member && enrolment.status() != v1::WAITING && enrolment.status() != v1::PAUSED) {
      return StateForbids(enrolment);
    }
  }
  if (group.members_size() + command.enrolment_ids_size() > group.size().max()) {
    wrong.push_back({"GROUP_FULL", group.group_id(), "", ""});
  }
  // PRG-42: from CONFIRMED on a mixed group never holds exactly one woman among others.
  if (group.sex_mode() == v1::MIXED && group.status() >= v1::CONFIRMED && after.lone_woman()) {
    wrong.push_back({"LONE_WOMAN", group.group_id(), "", ""});
  }
  if (auto refused = FirstOf(kAllocationOrder, std::move(wrong))) return *refused;
  const std::string on = FormatDate(LocalDate(facts.occurred_at));
  for (const v1::Enrolment& enrolment : people) {
    v1::Event member;
    member.mutable_member_allocated()->set_enrolment_id(enrolment.id());
    member.mutable_member_allocated()->set_delivery_org(group.delivery_org());
    member.mutable_member_allocated()->set_stratum(enrolment.stratum());
    member.mutable_member_allocated()->set_on(on);
    unit.Emit(GroupId(group.group_id()), member);
    v1::Event allocated;
    v1::EnrolmentAllocated* a = allocated.mutable_enrolment_allocated();
    a->set_referral_id(enrolment.referral_id());
    a->set_group_id(group.group_id());
    a->set_delivery_org(group.delivery_org());
    a->set_holder_org(enrolment.delivery_org());
    a->set_stratum(enrolment.stratum());
    a->set_on(on);
    if (const auto finish = PlannedFinish(group)) a->set_planned_finish(FormatDate(*finish));
    unit.Emit(EnrolmentId(enrolment.id()), allocated);
    if (enrolment.status() == v1::PAUSED) {
      const CarriedCredit carried =
          CarryCredit(*FindVersion(enrolment.version_ref()), enrolment.ledger());
      v1::Event event;
      v1::CreditTransferred* transferred = event.mutable_credit_transferred();
      *transferred->mutable_rows() = {carried.transferred.begin(), carried.transferred.end()};
      *transferred->mutable_lapsed_rows() = {carried.lapsed.begin(), carried.lapsed.end()};
      transferred->set_join_row(carried.join_row);
      unit.Emit(EnrolmentId(enrolment.id()), event);
    }
    std::vector<v1::Appointment> booked;
    for (const v1::Session& session : SessionsOfMembers(group, Today(facts))) {
      booked.push_back(AppointmentOf(session, group.site_id()));
    }
    BookPerson(unit, enrolment, booked, {}, {});
  }
  CheckComposition(unit, group.group_id(), people.front().id(), facts);
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::RemoveMember& command, const Facts& facts) {
  const FoundGroup found = FindGroupFor(unit, command.group_id(), facts, {"SCH", "TM"});
  if (found.refused) return *found.refused;
  const v1::Enrolment* enrolment = VisibleEnrolment(unit, command.enrolment_id(), facts);
  if (enrolment == nullptr) return decider::NotFound(EnrolmentId(command.enrolment_id()));
  const bool member =
      std::any_of(found.group->members().begin(), found.group->members().end(),
                  [&](const v1::Member& m) { return m.enrolment_id() == command.enrolment_id(); });
  if (!member ||
      (enrolment->status() != v1::ALLOCATED && enrolment->status() != v1::ON_PROGRAMME)) {
    return StateForbids(*enrolment);
  }
  if (!IsLeavingReason(command.reason_code())) {
    return Reject("REASON_INVALID", absl::StrCat("'", command.reason_code(), "' is no reason"));
  }
  const v1::Enrolment leaver = *enrolment;
  LeaveGroup(unit, leaver, command.reason_code(), Today(facts), facts);
  ReleaseEnrolment(unit, leaver, command.reason_code(), Today(facts));
  return v1::Reply();
}

}  // namespace pdp::programmes
