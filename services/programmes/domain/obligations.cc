#include "services/programmes/domain/obligations.h"

#include <algorithm>

namespace pdp::programmes {
namespace {

constexpr int kCatchUpDays = 14;      // catch.days
constexpr int kCatchUpFloorDays = 2;  // catch.floor_days
constexpr int kCatchUpMinutesMin = 30;
constexpr int kCatchUpBp = 4000;     // catch.individual_bp
constexpr int kCatchUpMaxBp = 2000;  // catch.max_bp

// The obligation that the outcomes of a row leave, if any: none once one of them is credited, else
// that of the first that calls for catching up (PRG-91).
std::optional<v1::Obligation> Owed(const Unit& unit, const v1::Enrolment& enrolment,
                                   const std::string& row) {
  if (!FindRow(*FindVersion(enrolment.version_ref()), row)->core()) return std::nullopt;
  const v1::Attendance* cause = nullptr;
  for (const v1::Attendance& a : enrolment.attendances()) {
    if (a.row() != row || a.lapsed()) continue;
    if (a.credit()) return std::nullopt;
    const OutcomeCode& code = *FindOutcome(a.code());
    // ATTC with too few minutes gets no credit and opens one too (PRG-82).
    if (!code.obligation && !code.credit) continue;
    if (cause == nullptr || a.date() < cause->date()) cause = &a;
  }
  if (cause == nullptr) return std::nullopt;
  const bool service_fault = FindOutcome(cause->code())->service_fault;
  v1::Obligation owed;
  owed.set_row(row);
  owed.set_cause_code(cause->code());
  owed.set_cause_session(cause->session_id());
  owed.set_service_fault(service_fault);
  owed.set_due_by(DueBy(unit, enrolment, row, *ParseDate(cause->date()), service_fault));
  owed.set_open(true);
  return owed;
}

// PRG-94: those that stand and lie with the person.
int Standing(const v1::Enrolment& enrolment) {
  return static_cast<int>(
      std::count_if(enrolment.obligations().begin(), enrolment.obligations().end(),
                    [](const auto& o) { return !o.voided() && !o.service_fault(); }));
}

}  // namespace

const v1::Attendance* CurrentOutcome(const v1::Enrolment& enrolment,
                                     const std::string& session_id) {
  const v1::Attendance* latest = nullptr;
  for (const v1::Attendance& attendance : enrolment.attendances()) {
    if (attendance.session_id() == session_id) latest = &attendance;
  }
  return latest;
}

Date DueOn(Date session_date, std::optional<Date> barrier, bool service_fault) {
  Date due = session_date + kCatchUpDays;
  if (barrier.has_value()) due = service_fault ? *barrier - 1 : std::min(due, *barrier - 1);
  return std::max(session_date + kCatchUpFloorDays, due);
}

std::string DueBy(const Unit& unit, const v1::Enrolment& enrolment, const std::string& row_code,
                  Date session_date, bool service_fault) {
  std::optional<Date> barrier;
  if (const v1::Group* group = FindGroup(unit, enrolment.group_id())) {
    barrier = BarrierOf(*FindVersion(enrolment.version_ref()), group->sessions(), row_code);
  }
  return FormatDate(DueOn(session_date, barrier, service_fault));
}

void MoveDueDates(Unit& unit, const std::string& enrolment_id) {
  const v1::Enrolment enrolment = *FindEnrolment(unit, enrolment_id);
  for (const v1::Obligation& obligation : enrolment.obligations()) {
    const v1::Attendance* cause = CurrentOutcome(enrolment, obligation.cause_session());
    if (!obligation.open() || cause == nullptr) continue;
    const std::string due_by = DueBy(unit, enrolment, obligation.row(), *ParseDate(cause->date()),
                                     obligation.service_fault());
    if (due_by == obligation.due_by()) continue;
    v1::Event event;
    event.mutable_catch_up_due_moved()->set_obligation_id(obligation.id());
    event.mutable_catch_up_due_moved()->set_due_by(due_by);
    unit.Emit(EnrolmentId(enrolment_id), event);
  }
}

int IndividualMinutes(const v1::CatalogueRow& row) {
  return row.kind() == v1::GROUP ? std::max(kCatchUpMinutesMin, row.minutes() * kCatchUpBp / 10000)
                                 : row.individual_minutes();
}

int CatchUpLimit(const v1::ProgrammeVersion& version) {
  const auto core = std::count_if(version.rows().begin(), version.rows().end(),
                                  [](const auto& row) { return row.core(); });
  return static_cast<int>(core * kCatchUpMaxBp / 10000);
}

void FollowUp(Unit& unit, const std::string& enrolment_id, const std::string& row) {
  const v1::Enrolment enrolment = *FindEnrolment(unit, enrolment_id);
  const AggregateId id = EnrolmentId(enrolment_id);
  const auto owed = Owed(unit, enrolment, row);
  const v1::Obligation* open = nullptr;
  bool expired = false;
  for (const v1::Obligation& obligation : enrolment.obligations()) {
    if (obligation.row() != row) continue;
    if (obligation.open()) open = &obligation;
    expired = expired || (owed.has_value() && obligation.expired() && !obligation.voided() &&
                          obligation.cause_session() == owed->cause_session() &&
                          obligation.cause_code() == owed->cause_code());
  }
  if (open != nullptr) {
    if (owed.has_value() && open->cause_session() == owed->cause_session() &&
        open->cause_code() == owed->cause_code()) {
      return;
    }
    std::string by_session;
    for (const v1::Attendance& a : enrolment.attendances()) {
      if (a.row() == row && a.credit() && !a.lapsed()) by_session = a.session_id();
    }
    v1::Event event;
    if (!owed.has_value() && !by_session.empty() && by_session != open->cause_session()) {
      event.mutable_catch_up_satisfied()->set_obligation_id(open->id());
      event.mutable_catch_up_satisfied()->set_by_session(by_session);
    } else {
      event.mutable_catch_up_voided()->set_obligation_id(open->id());
    }
    unit.Emit(id, event);
  }
  if (!owed.has_value() || expired) return;
  const int limit = CatchUpLimit(*FindVersion(enrolment.version_ref()));
  const int before = Standing(*FindEnrolment(unit, enrolment_id));
  v1::Event event;
  v1::Obligation* obligation = event.mutable_catch_up_required()->mutable_obligation();
  *obligation = *owed;
  obligation->set_id(absl::StrCat(row, "/", enrolment.obligations_size() + 1));
  unit.Emit(id, event);
  const int after = Standing(*FindEnrolment(unit, enrolment_id));
  if (before > limit || after <= limit) return;
  v1::Event review;
  review.mutable_attendance_review_required()->set_opened(after);
  review.mutable_attendance_review_required()->set_limit(limit);
  unit.Emit(id, review);
}

}  // namespace pdp::programmes
