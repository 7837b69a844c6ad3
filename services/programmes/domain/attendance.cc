// Registers, outcomes and credit (PRG-53, 80 to 86).

#include <algorithm>

#include "services/programmes/domain/enforcement.h"
#include "services/programmes/domain/membership.h"
#include "services/programmes/domain/obligations.h"

namespace pdp::programmes {
namespace {

constexpr int kPresentBp = 7500;  // dose.min_present_bp
constexpr int kNoticeMin = 2880;  // sched.notice_min

// One session as a register sees it.
struct Register {
  v1::Session session;
  const v1::Group* group = nullptr;  // null: individual
  std::string enrolment_id;          // of an individual one
};

std::optional<Register> FindSession(const Unit& unit, const std::string& session_id) {
  const size_t slash = session_id.rfind('/');
  if (slash == std::string::npos) return std::nullopt;
  if (const v1::Group* group = FindGroup(unit, session_id.substr(0, slash))) {
    for (const v1::Session& session : group->sessions()) {
      if (session.session_id() == session_id) return Register{session, group, ""};
    }
    return std::nullopt;
  }
  const size_t row = session_id.rfind('/', slash - 1);
  if (row == std::string::npos) return std::nullopt;
  const std::string enrolment_id = session_id.substr(0, row);
  if (const v1::Enrolment* enrolment = FindEnrolment(unit, enrolment_id)) {
    for (const v1::Session& session : enrolment->individual()) {
      if (session.session_id() == session_id) return Register{session, nullptr, enrolment_id};
    }
  }
  return std::nullopt;
}

bool TakesAttendance(const v1::Enrolment& enrolment) {
  return enrolment.status() == v1::ALLOCATED || enrolment.status() == v1::ON_PROGRAMME ||
         enrolment.status() == v1::PAUSED || enrolment.status() == v1::SUSPENDED;
}

// PRG-81: a member on that date who was not suspended then, or the owner of the individual session.
bool Expected(const Unit& unit, const Register& reg, const std::string& enrolment_id) {
  const v1::Enrolment* enrolment = FindEnrolment(unit, enrolment_id);
  if (enrolment == nullptr) return false;
  const std::string& date = reg.session.date();
  if (enrolment->status() == v1::SUSPENDED && date >= enrolment->suspended_on()) return false;
  if (reg.group == nullptr) return reg.enrolment_id == enrolment_id;
  if (reg.session.placeholder()) return false;
  const auto on_date = [&](const v1::Member& m) {
    return m.enrolment_id() == enrolment_id && m.joined_on() <= date &&
           (m.left_on().empty() || date < m.left_on());
  };
  return std::any_of(reg.group->members().begin(), reg.group->members().end(), on_date) ||
         std::any_of(reg.group->former_members().begin(), reg.group->former_members().end(),
                     on_date);
}

// Everybody without whose outcome the register cannot close (PRG-85), each once.
std::vector<std::string> Attendees(const Unit& unit, const Register& reg) {
  std::vector<std::string> ids;
  for (const auto* list : {&reg.group->members(), &reg.group->former_members()}) {
    for (const v1::Member& member : *list) {
      const std::string& id = member.enrolment_id();
      if (std::find(ids.begin(), ids.end(), id) == ids.end() && Expected(unit, reg, id) &&
          TakesAttendance(*FindEnrolment(unit, id))) {
        ids.push_back(id);
      }
    }
  }
  return ids;
}

common::v1::DeliveryFact AttendanceFact(const Facts& facts, const v1::Enrolment& enrolment,
                                        const v1::Attendance& attendance, const std::string& pdu) {
  common::v1::DeliveryFact fact;
  const std::string stem =
      absl::StrCat("programmes/att/", attendance.session_id(), "/", enrolment.id(), "/");
  fact.set_fact_id(absl::StrCat(stem, attendance.rev()));
  fact.set_kind(common::v1::DeliveryFact::ATTENDANCE);
  fact.set_service(enrolment.route());
  fact.set_delivery_org(attendance.delivery_org());
  fact.set_area(std::string(facts.area.code()));
  fact.set_pdu(pdu);
  fact.set_referral_id(enrolment.referral_id());
  fact.set_service_date(attendance.date());
  fact.set_quantity_centi(100);
  fact.set_minutes(attendance.minutes_present());
  fact.set_code(attendance.code());
  if (attendance.rev() > 1) fact.set_supersedes(absl::StrCat(stem, attendance.rev() - 1));
  return fact;
}

std::string PduOf(const Unit& unit, const Register& reg, const v1::Enrolment& enrolment) {
  if (reg.group != nullptr) {
    if (const v1::Site* site = FindSite(unit, reg.group->site_id())) return site->pdu();
  }
  return enrolment.pdu();
}

v1::Attendance Make(const Register& reg, const v1::Enrolment& enrolment, const std::string& code,
                    int minutes_present, int rev) {
  v1::Attendance attendance;
  attendance.set_session_id(reg.session.session_id());
  attendance.set_row(reg.session.row());
  attendance.set_date(reg.session.date());
  attendance.set_code(code);
  attendance.set_minutes_present(minutes_present);
  attendance.set_planned_minutes(reg.session.minutes());
  // PRG-82.
  attendance.set_credit(FindOutcome(code)->credit &&
                        minutes_present >= reg.session.minutes() * kPresentBp / 10000);
  attendance.set_rev(rev);
  attendance.set_delivery_org(reg.group != nullptr ? reg.group->delivery_org()
                                                   : enrolment.delivery_org());
  return attendance;
}

// `before` is the enrolment before the outcome: ProgrammeStarted follows from the first attended
// one.
void Start(Unit& unit, const Register& reg, const v1::Enrolment& before,
           const std::string& delivery_org) {
  if (!before.started_on().empty()) return;
  v1::Event event;
  v1::ProgrammeStarted* started = event.mutable_programme_started();
  started->set_referral_id(before.referral_id());
  started->set_holder_org(before.delivery_org());
  started->set_date(reg.session.date());
  started->set_row(reg.session.row());
  started->set_delivery_org(delivery_org);
  unit.Emit(EnrolmentId(before.id()), event);
}

void CheckEntry(const Unit& unit, const Register& reg, const v1::AttendanceEntry& entry,
                std::vector<Violation>* wrong) {
  const auto add = [&](const char* code) {
    wrong->push_back({code, entry.enrolment_id(), "", ""});
  };
  if (!Expected(unit, reg, entry.enrolment_id())) return add("NOT_EXPECTED");
  const OutcomeCode* code = FindOutcome(entry.code());
  if (code == nullptr || entry.minutes_present() < 0 ||
      entry.minutes_present() > reg.session.minutes() ||
      (code->attended && entry.minutes_present() == 0) ||
      (!code->attended && entry.minutes_present() > 0)) {
    return add("OUTCOME_INVALID");
  }
  const v1::Enrolment& enrolment = *FindEnrolment(unit, entry.enrolment_id());
  if (!TakesAttendance(enrolment)) return add("ENROLMENT_CLOSED");
  const v1::Attendance* before = CurrentOutcome(enrolment, reg.session.session_id());
  if (before != nullptr &&
      (before->code() != entry.code() || before->minutes_present() != entry.minutes_present())) {
    add("ALREADY_RECORDED");
  }
  // PRG-68: exactly 2880 minutes are enough.
  if (entry.code() == "UAAB" && !reg.session.moves().empty() &&
      reg.session.moves(reg.session.moves_size() - 1).notice_min() < kNoticeMin) {
    add("NOTICE_TOO_SHORT");
  }
}

}  // namespace

Verdict Handle(Unit& unit, const v1::RecordAttendance& command, const Facts& facts) {
  const auto found = FindSession(unit, command.session_id());
  if (!found.has_value()) return decider::NotFound(AggregateId("session", command.session_id()));
  if (auto refused = CheckRole(facts, {"FAC"})) return *refused;
  Register reg = *found;
  const std::string org = reg.group != nullptr
                              ? reg.group->delivery_org()
                              : FindEnrolment(unit, reg.enrolment_id)->delivery_org();
  if (auto refused = CheckOrganisation(facts, org)) return *refused;
  if (reg.group != nullptr && reg.group->status() != v1::CONFIRMED &&
      reg.group->status() != v1::RUNNING) {
    return decider::StateForbidsCommand(v1::GroupStatus_Name(reg.group->status()));
  }
  if (reg.session.status() == v1::SESSION_CANCELLED) {
    return decider::StateForbidsCommand("CANCELLED");
  }
  std::vector<Violation> wrong;
  if (facts.occurred_at < LocalInstant(*ParseDate(reg.session.date()), reg.session.start_min())) {
    wrong.push_back({"SESSION_NOT_STARTED", command.session_id(), "", ""});
  }
  int women = 0, others = 0, absent = 0;
  for (const v1::AttendanceEntry& entry : command.entries()) {
    CheckEntry(unit, reg, entry, &wrong);
  }
  if (wrong.empty() && command.close() && reg.group != nullptr) {
    for (const std::string& id : Attendees(unit, reg)) {
      std::string code;
      const v1::Enrolment& enrolment = *FindEnrolment(unit, id);
      if (const auto* before = CurrentOutcome(enrolment, command.session_id()))
        code = before->code();
      for (const v1::AttendanceEntry& entry : command.entries()) {
        if (entry.enrolment_id() == id) code = entry.code();
      }
      if (code.empty()) {
        wrong.push_back({"REGISTER_INCOMPLETE", id, "", ""});
      } else if (!FindOutcome(code)->attended) {
        ++absent;
      } else {
        ++(enrolment.responsivity().woman() ? women : others);
      }
    }
    // PRG-53.
    const std::string& action = command.lone_woman_action();
    if (women == 1 && others > 0 && action != "STAYED_BY_OWN_CHOICE" &&
        action != "MOVED_TO_ONE_TO_ONE" && action != "SESSION_STOPPED") {
      wrong.push_back({"LONE_WOMAN_ACTION_REQUIRED", command.session_id(), "", ""});
    }
  }
  if (auto refused = FirstOf({"SESSION_NOT_STARTED", "NOT_EXPECTED", "OUTCOME_INVALID",
                              "ALREADY_RECORDED", "NOTICE_TOO_SHORT", "REGISTER_INCOMPLETE",
                              "LONE_WOMAN_ACTION_REQUIRED", "ENROLMENT_CLOSED"},
                             std::move(wrong))) {
    return *refused;
  }
  std::optional<v1::Group> group;
  if (reg.group != nullptr) {
    group = *reg.group;
    reg.group = &*group;
  }
  for (const v1::AttendanceEntry& entry : command.entries()) {
    const v1::Enrolment enrolment = *FindEnrolment(unit, entry.enrolment_id());
    if (CurrentOutcome(enrolment, command.session_id()) != nullptr)
      continue;  // PRG-81: identical repeat
    const OutcomeCode& code = *FindOutcome(entry.code());
    v1::Event event;
    v1::AttendanceRecorded* recorded = event.mutable_attendance_recorded();
    *recorded->mutable_attendance() =
        Make(reg, enrolment, entry.code(), entry.minutes_present(), 1);
    recorded->set_enrolment_id(enrolment.id());
    recorded->set_referral_id(enrolment.referral_id());
    recorded->set_route(enrolment.route());
    recorded->set_attended(code.attended);
    recorded->set_complied(code.complied);
    recorded->set_holder_org(enrolment.delivery_org());
    *recorded->mutable_fact() =
        AttendanceFact(facts, enrolment, recorded->attendance(), PduOf(unit, reg, enrolment));
    unit.Emit(EnrolmentId(enrolment.id()), event);
    if (code.attended) Start(unit, reg, enrolment, org);
    FollowUp(unit, enrolment.id(), reg.session.row());
    FollowOutcome(unit, enrolment, recorded->attendance(), facts);
  }
  if (command.close() && group.has_value() && reg.session.status() != v1::HELD) {
    v1::Event event;
    v1::SessionHeld* held = event.mutable_session_held();
    held->set_session_id(command.session_id());
    held->set_row(reg.session.row());
    held->set_date(reg.session.date());
    held->set_minutes(reg.session.minutes());
    held->set_delivery_org(org);
    const v1::ProgrammeVersion& version = *FindVersion(group->version_ref());
    held->set_route(version.route());
    held->set_attended(women + others);
    held->set_absent(absent);
    held->set_lone_woman_action(command.lone_woman_action());
    auto* fact = held->mutable_fact();
    fact->set_fact_id(absl::StrCat("programmes/ses/", command.session_id()));
    fact->set_kind(common::v1::DeliveryFact::GROUP_SESSION);
    fact->set_service(version.route());
    fact->set_delivery_org(org);
    fact->set_area(std::string(facts.area.code()));
    if (const v1::Site* site = FindSite(unit, group->site_id())) fact->set_pdu(site->pdu());
    fact->set_service_date(reg.session.date());
    fact->set_quantity_centi(100);
    fact->set_minutes(reg.session.minutes());
    unit.Emit(GroupId(group->group_id()), event);
  }
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::CorrectAttendance& command, const Facts& facts) {
  const v1::Enrolment* found = VisibleEnrolment(unit, command.enrolment_id(), facts);
  if (found == nullptr) return decider::NotFound(EnrolmentId(command.enrolment_id()));
  if (auto refused = CheckRole(facts, {"FAC", "TM"})) return *refused;
  if (auto refused = CheckOrganisation(facts, found->delivery_org())) return *refused;
  const v1::Enrolment enrolment = *found;
  const AggregateId id = EnrolmentId(command.enrolment_id());
  if (auto conflict = CheckVersion(facts, id, unit.VersionOf(id))) return *conflict;
  const auto reg = FindSession(unit, command.session_id());
  const v1::Attendance* before = CurrentOutcome(enrolment, command.session_id());
  if (!reg.has_value() || before == nullptr) return Reject("NOTHING_TO_CORRECT");
  if (before->code() == command.code() && before->minutes_present() == command.minutes_present()) {
    return Reject("NOTHING_TO_CORRECT");
  }
  const OutcomeCode* code = FindOutcome(command.code());
  if (code == nullptr || command.reason().empty() || command.minutes_present() < 0 ||
      command.minutes_present() > reg->session.minutes() ||
      code->attended != (command.minutes_present() > 0)) {
    return decider::ValidationFailed({{"FIELD_MISSING", "", "code, minutes_present, reason",
                                       "a known code with minutes that fit it, and a reason"}});
  }
  // PRG-83: a failing outcome becomes an excused absence only with evidence.
  if (FindOutcome(before->code())->failing && !code->failing && !code->attended &&
      command.evidence_ref().empty()) {
    return Reject("EVIDENCE_REQUIRED");
  }
  if (enrolment.status() == v1::COMPLETED) return Reject("COMPLETION_MUST_BE_REVOKED_FIRST");
  if (!IsOpen(enrolment)) return Reject("ENROLMENT_CLOSED");
  v1::Event event;
  v1::AttendanceCorrected* corrected = event.mutable_attendance_corrected();
  *corrected->mutable_attendance() =
      Make(*reg, enrolment, command.code(), command.minutes_present(), before->rev() + 1);
  corrected->set_enrolment_id(enrolment.id());
  corrected->set_referral_id(enrolment.referral_id());
  corrected->set_route(enrolment.route());
  corrected->set_attended(code->attended);
  corrected->set_complied(code->complied);
  corrected->set_reason(command.reason());
  corrected->set_evidence_ref(command.evidence_ref());
  corrected->set_holder_org(enrolment.delivery_org());
  *corrected->mutable_fact() =
      AttendanceFact(facts, enrolment, corrected->attendance(), PduOf(unit, *reg, enrolment));
  const std::string org = corrected->attendance().delivery_org();
  unit.Emit(EnrolmentId(enrolment.id()), event);
  if (code->attended) Start(unit, *reg, enrolment, org);
  FollowUp(unit, enrolment.id(), reg->session.row());
  FollowOutcome(unit, enrolment, corrected->attendance(), facts);
  return v1::Reply();
}

}  // namespace pdp::programmes
