// Registers, credit, obligations and individual sessions (PRG-53, 80 to 85, 91 to 93).

#include <algorithm>

#include "services/programmes/domain/catalogue.h"
#include "services/programmes/domain/places.h"

namespace pdp::programmes {
namespace {

constexpr int kPresentBp = 7500;        // dose.min_present_bp
constexpr int kNoticeMin = 2880;        // sched.notice_min
constexpr int kCatchUpDays = 14;        // catch.days
constexpr int kCatchUpFloorDays = 2;    // catch.floor_days
constexpr int kCatchUpMinutesMin = 30;
constexpr int kCatchUpBp = 4000;        // catch.individual_bp

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

bool Expected(const Register& reg, const std::string& enrolment_id) {
  if (reg.group == nullptr) return reg.enrolment_id == enrolment_id;
  return !reg.session.placeholder() &&
         std::any_of(reg.group->members().begin(), reg.group->members().end(),
                     [&](const v1::Member& m) {
                       return m.enrolment_id() == enrolment_id &&
                              m.joined_on() <= reg.session.date();
                     });
}

const v1::Attendance* Current(const v1::Enrolment& enrolment, const std::string& session_id) {
  const v1::Attendance* latest = nullptr;
  for (const v1::Attendance& attendance : enrolment.attendances()) {
    if (attendance.session_id() == session_id) latest = &attendance;
  }
  return latest;
}

// PRG-92. `barrier` is the day of the next module's first row, else of the review.
std::string DueBy(const Unit& unit, const v1::Enrolment& enrolment, const std::string& row_code,
                  Date session_date, bool service_fault) {
  const v1::ProgrammeVersion& version = *FindVersion(enrolment.version_ref());
  const v1::CatalogueRow& row = *FindRow(version, row_code);
  Date due = session_date + kCatchUpDays;
  std::optional<Date> barrier;
  if (const v1::Group* group = FindGroup(unit, enrolment.group_id())) {
    for (const v1::Session& session : group->sessions()) {
      const v1::CatalogueRow& other = *FindRow(version, session.row());
      if (other.module() > row.module()) {
        barrier = ParseDate(session.date());
        break;
      }
    }
  }
  if (barrier.has_value()) due = service_fault ? *barrier - 1 : std::min(due, *barrier - 1);
  return FormatDate(std::max(session_date + kCatchUpFloorDays, due));
}

// PRG-93 (b): minutes an individual session of a row must have.
int IndividualMinutes(const v1::CatalogueRow& row) {
  return row.kind() == v1::GROUP
             ? std::max(kCatchUpMinutesMin, row.minutes() * kCatchUpBp / 10000)
             : row.individual_minutes();
}

common::v1::DeliveryFact AttendanceFact(const Facts& facts, const v1::Enrolment& enrolment,
                                        const v1::Attendance& attendance, const std::string& pdu) {
  common::v1::DeliveryFact fact;
  const std::string stem = absl::StrCat("programmes/att/", attendance.session_id(), "/",
                                        enrolment.id(), "/");
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

// PRG-91 to 93: what an outcome does to the obligations of its row. Emits on the enrolment.
void FollowUp(Unit& unit, const Register& reg, const std::string& enrolment_id) {
  const v1::Enrolment enrolment = *FindEnrolment(unit, enrolment_id);
  const std::string row = reg.session.row();
  const v1::Attendance* latest = Current(enrolment, reg.session.session_id());
  const bool credited = std::any_of(
      enrolment.attendances().begin(), enrolment.attendances().end(), [&](const auto& a) {
        return a.row() == row && a.credit() && Current(enrolment, a.session_id()) == &a;
      });
  const v1::Obligation* open = nullptr;
  for (const v1::Obligation& obligation : enrolment.obligations()) {
    if (obligation.row() == row && obligation.open()) open = &obligation;
  }
  v1::Event event;
  if (credited && open != nullptr) {
    event.mutable_catch_up_satisfied()->set_obligation_id(open->id());
    event.mutable_catch_up_satisfied()->set_by_session(reg.session.session_id());
    unit.Emit(EnrolmentId(enrolment_id), event);
    return;
  }
  const v1::CatalogueRow& planned = *FindRow(*FindVersion(enrolment.version_ref()), row);
  if (credited || open != nullptr || !planned.core() || latest == nullptr) return;
  const OutcomeCode& code = *FindOutcome(latest->code());
  if (!code.obligation && !code.credit) return;
  v1::Obligation* obligation = event.mutable_catch_up_required()->mutable_obligation();
  obligation->set_id(absl::StrCat(row, "/", enrolment.obligations_size() + 1));
  obligation->set_row(row);
  obligation->set_cause_code(latest->code());
  obligation->set_service_fault(code.service_fault);
  obligation->set_due_by(
      DueBy(unit, enrolment, row, *ParseDate(reg.session.date()), code.service_fault));
  obligation->set_open(true);
  unit.Emit(EnrolmentId(enrolment_id), event);
}

void Start(Unit& unit, const Register& reg, const std::string& enrolment_id,
           const std::string& delivery_org) {
  const v1::Enrolment enrolment = *FindEnrolment(unit, enrolment_id);
  if (!enrolment.started_on().empty()) return;
  v1::Event event;
  v1::ProgrammeStarted* started = event.mutable_programme_started();
  started->set_referral_id(enrolment.referral_id());
  started->set_holder_org(enrolment.delivery_org());
  started->set_date(reg.session.date());
  started->set_row(reg.session.row());
  started->set_delivery_org(delivery_org);
  unit.Emit(EnrolmentId(enrolment_id), event);
}

void CheckEntry(const Unit& unit, const Register& reg, const v1::AttendanceEntry& entry,
                std::vector<Violation>* wrong) {
  const auto add = [&](const char* code) {
    wrong->push_back({code, entry.enrolment_id(), "", ""});
  };
  if (!Expected(reg, entry.enrolment_id())) return add("NOT_EXPECTED");
  const OutcomeCode* code = FindOutcome(entry.code());
  if (code == nullptr || entry.minutes_present() < 0 ||
      entry.minutes_present() > reg.session.minutes() ||
      (code->attended && entry.minutes_present() == 0) ||
      (!code->attended && entry.minutes_present() > 0)) {
    return add("OUTCOME_INVALID");
  }
  const v1::Enrolment& enrolment = *FindEnrolment(unit, entry.enrolment_id());
  if (enrolment.status() != v1::ALLOCATED && enrolment.status() != v1::ON_PROGRAMME &&
      enrolment.status() != v1::WAITING) {
    return add("ENROLMENT_CLOSED");
  }
  const v1::Attendance* before = Current(enrolment, reg.session.session_id());
  if (before != nullptr && (before->code() != entry.code() ||
                            before->minutes_present() != entry.minutes_present())) {
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
  if (reg.group != nullptr && reg.group->status() < v1::CONFIRMED) {
    return decider::StateForbidsCommand(v1::GroupStatus_Name(reg.group->status()));
  }
  std::vector<Violation> wrong;
  if (facts.occurred_at <
      LocalInstant(*ParseDate(reg.session.date()), reg.session.start_min())) {
    wrong.push_back({"SESSION_NOT_STARTED", command.session_id(), "", ""});
  }
  int women = 0, others = 0, absent = 0;
  for (const v1::AttendanceEntry& entry : command.entries()) {
    CheckEntry(unit, reg, entry, &wrong);
  }
  if (wrong.empty() && command.close() && reg.group != nullptr) {
    for (const v1::Member& member : reg.group->members()) {
      if (!Expected(reg, member.enrolment_id())) continue;
      std::string code;
      const v1::Enrolment& enrolment = *FindEnrolment(unit, member.enrolment_id());
      if (const auto* before = Current(enrolment, command.session_id())) code = before->code();
      for (const v1::AttendanceEntry& entry : command.entries()) {
        if (entry.enrolment_id() == member.enrolment_id()) code = entry.code();
      }
      if (code.empty()) {
        wrong.push_back({"REGISTER_INCOMPLETE", member.enrolment_id(), "", ""});
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
  if (auto refused =
          FirstOf({"SESSION_NOT_STARTED", "NOT_EXPECTED", "OUTCOME_INVALID", "ALREADY_RECORDED",
                   "NOTICE_TOO_SHORT", "REGISTER_INCOMPLETE", "LONE_WOMAN_ACTION_REQUIRED",
                   "ENROLMENT_CLOSED"},
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
    if (Current(enrolment, command.session_id()) != nullptr) continue;  // PRG-81: identical repeat
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
    if (code.attended) Start(unit, reg, enrolment.id(), org);
    FollowUp(unit, reg, enrolment.id());
  }
  if (command.close() && group.has_value()) {
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
  const v1::Enrolment* found = FindEnrolment(unit, command.enrolment_id());
  if (found == nullptr) return decider::NotFound(EnrolmentId(command.enrolment_id()));
  if (auto refused = CheckRole(facts, {"FAC", "TM"})) return *refused;
  if (auto refused = CheckOrganisation(facts, found->delivery_org())) return *refused;
  const v1::Enrolment enrolment = *found;
  const auto reg = FindSession(unit, command.session_id());
  const v1::Attendance* before = Current(enrolment, command.session_id());
  if (!reg.has_value() || before == nullptr) return Reject("NOTHING_TO_CORRECT");
  if (before->code() == command.code() && before->minutes_present() == command.minutes_present()) {
    return Reject("NOTHING_TO_CORRECT");
  }
  const OutcomeCode* code = FindOutcome(command.code());
  if (code == nullptr || command.reason().empty()) {
    return decider::ValidationFailed({{"REQUIRED", "", "code, reason", "a known code, a reason"}});
  }
  // PRG-83: a failing outcome becomes an excused absence only with evidence.
  if (FindOutcome(before->code())->failing && !code->failing && !code->attended &&
      command.evidence_ref().empty()) {
    return Reject("EVIDENCE_REQUIRED");
  }
  if (enrolment.status() == v1::COMPLETED) return Reject("COMPLETION_MUST_BE_REVOKED_FIRST");
  if (enrolment.status() == v1::ENDED) return Reject("ENROLMENT_CLOSED");
  v1::Event event;
  v1::AttendanceCorrected* corrected = event.mutable_attendance_corrected();
  *corrected->mutable_attendance() = Make(*reg, enrolment, command.code(),
                                          command.minutes_present(), before->rev() + 1);
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
  if (code->attended) Start(unit, *reg, enrolment.id(), org);
  FollowUp(unit, *reg, enrolment.id());
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::ScheduleIndividual& command, const Facts& facts) {
  const v1::Enrolment* found = FindEnrolment(unit, command.enrolment_id());
  if (found == nullptr) return decider::NotFound(EnrolmentId(command.enrolment_id()));
  if (auto refused = CheckRole(facts, {"SCH", "FAC"})) return *refused;
  if (auto refused = CheckOrganisation(facts, found->delivery_org())) return *refused;
  const v1::Enrolment enrolment = *found;
  if (enrolment.status() != v1::ALLOCATED && enrolment.status() != v1::ON_PROGRAMME) {
    return decider::StateForbidsCommand(v1::EnrolmentStatus_Name(enrolment.status()));
  }
  const v1::CatalogueRow* row = FindRow(*FindVersion(enrolment.version_ref()), command.row());
  const auto date = ParseDate(command.date());
  std::vector<Violation> bad;
  if (row == nullptr) bad.push_back({"UNKNOWN_CODE", "", "row", "no row of the version"});
  if (!date.has_value()) bad.push_back({"DATE_MALFORMED", "", "date", "a date YYYY-MM-DD"});
  if (row != nullptr && command.minutes() < IndividualMinutes(*row)) {
    bad.push_back({"OUT_OF_RANGE", "", "minutes",
                   absl::StrCat("at least ", IndividualMinutes(*row), " for this row")});
  }
  if (command.staff().empty()) bad.push_back({"REQUIRED", "", "staff", "at least one"});
  if (!bad.empty()) return decider::ValidationFailed(std::move(bad));
  std::vector<Violation> wrong;
  if (row->kind() == v1::GROUP &&
      std::none_of(enrolment.obligations().begin(), enrolment.obligations().end(),
                   [&](const auto& o) { return o.open() && o.row() == command.row(); })) {
    wrong.push_back({"CATCH_UP_NOT_MATCHING", command.row(), "", "no open obligation of the row"});
  }
  // PRG-45: the option of a female facilitator is put first.
  if (enrolment.responsivity().woman() &&
      enrolment.responsivity().female_facilitator().empty()) {
    wrong.push_back({"FEMALE_FACILITATOR_REQUIRED", enrolment.id(), "", "not yet asked"});
  }
  for (const std::string& id : command.staff()) {
    const v1::Facilitator* staff = FindFacilitator(unit, id);
    if (staff == nullptr) return decider::NotFound(FacilitatorId(id));
    const std::string kind =
        absl::StrCat("PROG:", FindVersion(enrolment.version_ref())->code());
    if (!HasCapability(*staff, kind, *date) ||
        (enrolment.responsivity().woman() && !HasCapability(*staff, "TRAUMA", *date))) {
      wrong.push_back({"CAPABILITY_MISSING", id, "", kind});
    }
    for (const v1::DateRange& leave : staff->leave()) {
      if (*ParseDate(leave.from()) <= *date && *date <= *ParseDate(leave.to())) {
        wrong.push_back({"STAFF_ON_LEAVE", id, "", ""});
      }
    }
    for (const v1::Booking& booking : staff->bookings()) {
      if (Clashes(booking, *date, command.start_min(), command.minutes(), 0)) {
        wrong.push_back({"STAFF_DOUBLE_BOOKED", id, "", booking.session_id()});
      }
    }
  }
  if (auto refused = FirstOf({"CATCH_UP_NOT_MATCHING", "FEMALE_FACILITATOR_REQUIRED",
                              "CAPABILITY_MISSING", "STAFF_ON_LEAVE", "STAFF_DOUBLE_BOOKED"},
                             std::move(wrong))) {
    return *refused;
  }
  int k = 1;
  for (const v1::Session& session : enrolment.individual()) k += session.row() == command.row();
  v1::Event event;
  v1::IndividualSessionPlanned* planned = event.mutable_individual_session_planned();
  v1::Session* session = planned->mutable_session();
  session->set_session_id(absl::StrCat(enrolment.id(), "/", command.row(), "/", k));
  session->set_row(command.row());
  session->set_date(command.date());
  session->set_start_min(command.start_min());
  session->set_minutes(command.minutes());
  *session->mutable_staff() = command.staff();
  session->set_status(v1::PLANNED);
  planned->set_referral_id(enrolment.referral_id());
  planned->set_delivery_org(enrolment.delivery_org());
  planned->set_stratum(enrolment.stratum());
  planned->set_first(enrolment.group_id().empty() && enrolment.individual().empty());
  unit.Emit(EnrolmentId(enrolment.id()), event);
  for (const std::string& id : command.staff()) {
    v1::Event booked;
    v1::Booking* booking = booked.mutable_staff_booked()->add_bookings();
    booking->set_session_id(session->session_id());
    booking->set_date(command.date());
    booking->set_start_min(command.start_min());
    booking->set_minutes(command.minutes());
    unit.Emit(FacilitatorId(id), booked);
  }
  return v1::Reply();
}

}  // namespace pdp::programmes
