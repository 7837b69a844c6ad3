// Sessions with one person, and what is no longer caught up (PRG-39, 44, 45, 93, 95).

#include <algorithm>

#include "services/programmes/domain/membership.h"
#include "services/programmes/domain/obligations.h"
#include "services/programmes/domain/places.h"

namespace pdp::programmes {

Verdict Handle(Unit& unit, const v1::ScheduleIndividual& command, const Facts& facts) {
  const v1::Enrolment* found = VisibleEnrolment(unit, command.enrolment_id(), facts);
  if (found == nullptr) return decider::NotFound(EnrolmentId(command.enrolment_id()));
  if (auto refused = CheckRole(facts, {"SCH", "FAC"})) return *refused;
  if (auto refused = CheckOrganisation(facts, found->delivery_org())) return *refused;
  const v1::Enrolment enrolment = *found;
  const AggregateId aggregate = EnrolmentId(enrolment.id());
  if (auto conflict = CheckVersion(facts, aggregate, unit.VersionOf(aggregate))) return *conflict;
  if (enrolment.status() != v1::ALLOCATED && enrolment.status() != v1::ON_PROGRAMME) {
    return StateForbids(enrolment);
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
  if (command.staff().empty()) bad.push_back({"FIELD_MISSING", "", "staff", "at least one"});
  if (!bad.empty()) return decider::ValidationFailed(std::move(bad));
  std::vector<Violation> wrong;
  if (row->kind() == v1::GROUP &&
      std::none_of(enrolment.obligations().begin(), enrolment.obligations().end(),
                   [&](const auto& o) { return o.open() && o.row() == command.row(); })) {
    wrong.push_back({"CATCH_UP_NOT_MATCHING", command.row(), "", "no open obligation of the row"});
  }
  // PRG-45: the option of a female facilitator is put first.
  if (enrolment.responsivity().woman() && enrolment.responsivity().female_facilitator().empty()) {
    wrong.push_back({"FEMALE_FACILITATOR_REQUIRED", enrolment.id(), "", "not yet asked"});
  }
  for (const std::string& id : command.staff()) {
    const v1::Facilitator* staff = FindFacilitator(unit, id);
    if (staff == nullptr) return decider::NotFound(FacilitatorId(id));
    // Who has not declared a gender does not count as female.
    if (enrolment.responsivity().woman() &&
        enrolment.responsivity().female_facilitator() == "REQUESTED" &&
        staff->declared_gender() != "F") {
      wrong.push_back({"FEMALE_FACILITATOR_REQUIRED", id, "", ""});
    }
    const std::string kind = absl::StrCat("PROG:", FindVersion(enrolment.version_ref())->code());
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
  v1::Appointment appointment;
  appointment.set_date(command.date());
  appointment.set_start_min(command.start_min());
  appointment.set_minutes(command.minutes());
  if (const auto* clash = ClashFor(unit, enrolment.crn(), appointment, {})) {
    wrong.push_back({"PERSON_DOUBLE_BOOKED", enrolment.id(), "", clash->appointment_id()});
  }
  if (auto refused =
          FirstOf({"CATCH_UP_NOT_MATCHING", "FEMALE_FACILITATOR_REQUIRED", "CAPABILITY_MISSING",
                   "STAFF_ON_LEAVE", "STAFF_DOUBLE_BOOKED", "PERSON_DOUBLE_BOOKED"},
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
  planned->set_first(enrolment.individual().empty());
  planned->set_holder_org(enrolment.delivery_org());
  planned->set_on(FormatDate(Today(facts)));
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
  appointment.set_appointment_id(session->session_id());
  BookPerson(unit, enrolment, {appointment}, {}, {});
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::CancelIndividual& command, const Facts& facts) {
  const FoundEnrolment found =
      FindEnrolmentFor(unit, command.enrolment_id(), facts, {"SCH", "FAC"});
  if (found.refused) return *found.refused;
  const auto& sessions = found.enrolment->individual();
  const auto session = std::find_if(sessions.begin(), sessions.end(), [&](const auto& s) {
    return s.session_id() == command.session_id();
  });
  if (session == sessions.end()) {
    return decider::NotFound(AggregateId("session", command.session_id()));
  }
  if (session->status() != v1::PLANNED ||
      CurrentOutcome(*found.enrolment, command.session_id()) != nullptr) {
    return decider::StateForbidsCommand(
        session->status() == v1::PLANNED ? "RECORDED" : v1::SessionStatus_Name(session->status()));
  }
  if (!IsCancellationCause(command.cause_code())) {
    return Reject("REASON_INVALID", absl::StrCat("'", command.cause_code(), "' is no cause"));
  }
  v1::Event event;
  event.mutable_individual_session_cancelled()->set_session_id(command.session_id());
  event.mutable_individual_session_cancelled()->set_cause_code(command.cause_code());
  event.mutable_individual_session_cancelled()->set_service_fault(command.cause_code() !=
                                                                  "PERSON_REQUEST");
  unit.Emit(EnrolmentId(command.enrolment_id()), event);
  for (const std::string& staff : session->staff()) {
    v1::Event freed;
    freed.mutable_staff_booked()->add_released_session_ids(command.session_id());
    unit.Emit(FacilitatorId(staff), freed);
  }
  BookPerson(unit, *found.enrolment, {}, {}, {command.session_id()});
  return v1::Reply();
}

Verdict Handle(Unit& unit, const v1::ExpireCatchUp& command, const Facts& facts) {
  const FoundEnrolment found = FindEnrolmentFor(unit, command.enrolment_id(), facts, {"SYS"});
  if (found.refused) return *found.refused;
  for (const v1::Obligation& obligation : found.enrolment->obligations()) {
    if (obligation.id() != command.obligation_id() || !obligation.open() ||
        !IsOpen(*found.enrolment) || Today(facts) <= *ParseDate(obligation.due_by())) {
      continue;
    }
    v1::Event event;
    event.mutable_catch_up_expired()->set_obligation_id(obligation.id());
    event.mutable_catch_up_expired()->set_row(obligation.row());
    unit.Emit(EnrolmentId(command.enrolment_id()), event);
  }
  return v1::Reply();
}

}  // namespace pdp::programmes
