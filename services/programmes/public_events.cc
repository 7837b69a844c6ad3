#include "services/programmes/public_events.h"

#include "pdp/programmes/v1/events.pb.h"
#include "pdp/programmes/v1/public_events.pb.h"

namespace pdp::programmes {
namespace {

using projection::RecordedEvent;
using v1::PublicEvent;

std::string Id(const RecordedEvent& r) { return std::string(r.aggregate.id()); }

void Fill(const v1::EnrolmentAllocated& e, const RecordedEvent& r,
          PublicEvent::EnrolmentAllocated* out) {
  out->set_enrolment_id(Id(r));
  out->set_referral_id(e.referral_id());
  out->set_holder_org(e.holder_org());
  out->set_on(e.on());
  out->set_stratum(e.stratum());
  out->set_group_id(e.group_id());
  out->set_planned_finish(e.planned_finish());
}
void Fill(const v1::IndividualSessionPlanned& e, const RecordedEvent& r,
          PublicEvent::IndividualSessionPlanned* out) {
  out->set_enrolment_id(Id(r));
  out->set_referral_id(e.referral_id());
  out->set_holder_org(e.holder_org());
  out->set_on(e.on());
  out->set_stratum(e.stratum());
  out->set_session_id(e.session().session_id());
  out->set_date(e.session().date());
  out->set_first(e.first());
}
void Fill(const v1::ProgrammeStarted& e, const RecordedEvent& r,
          PublicEvent::ProgrammeStarted* out) {
  out->set_enrolment_id(Id(r));
  out->set_referral_id(e.referral_id());
  out->set_holder_org(e.holder_org());
  out->set_date(e.date());
  out->set_row(e.row());
  out->set_delivery_org(e.delivery_org());
}
void Fill(const v1::ProgrammeCompleted& e, const RecordedEvent& r,
          PublicEvent::ProgrammeCompleted* out) {
  out->set_enrolment_id(Id(r));
  out->set_referral_id(e.referral_id());
  out->set_holder_org(e.holder_org());
  out->set_completed_on(e.completed_on());
  out->set_delivery_org(e.delivery_org());
  out->set_route(e.route());
  out->set_stratum(e.stratum());
  out->set_core_credited(e.core_credited());
  out->set_core_total(e.core_total());
  out->set_dosage_bp(e.dosage_bp());
  out->set_minutes(e.minutes());
  *out->mutable_outcomes() = e.outcomes();
  out->set_n(e.n());
  *out->mutable_fact() = e.fact();
}
// The reason is free text: it stays here.
void Fill(const v1::CompletionRevoked& e, const RecordedEvent& r,
          PublicEvent::CompletionRevoked* out) {
  out->set_enrolment_id(Id(r));
  out->set_referral_id(e.referral_id());
  out->set_holder_org(e.holder_org());
  out->set_date(e.date());
  out->set_delivery_org(e.delivery_org());
  *out->mutable_fact() = e.fact();
}
void Fill(const v1::EnrolmentEnded& e, const RecordedEvent& r, PublicEvent::EnrolmentEnded* out) {
  out->set_enrolment_id(Id(r));
  out->set_referral_id(e.referral_id());
  out->set_holder_org(e.holder_org());
  out->set_on(e.on());
  out->set_reason_code(e.reason_code());
  out->set_started(e.started());
  out->set_stratum(e.stratum());
  out->set_cause(e.cause());
  out->set_provider_caused(e.provider_caused());
  out->set_version_ref(e.version_ref());
}
// Recorded and corrected alike; the reason of a correction and its evidence stay here.
template <typename E, typename Out>
void FillAttendance(const E& e, Out* out) {
  out->set_enrolment_id(e.enrolment_id());
  out->set_referral_id(e.referral_id());
  out->set_holder_org(e.holder_org());
  out->set_session_id(e.attendance().session_id());
  out->set_row(e.attendance().row());
  out->set_date(e.attendance().date());
  out->set_route(e.route());
  out->set_code(e.attendance().code());
  out->set_minutes_present(e.attendance().minutes_present());
  out->set_attended(e.attended());
  out->set_complied(e.complied());
  *out->mutable_fact() = e.fact();
}
void Fill(const v1::SessionHeld& e, const RecordedEvent& r, PublicEvent::SessionHeld* out) {
  out->set_session_id(e.session_id());
  out->set_group_id(Id(r));
  out->set_row(e.row());
  out->set_date(e.date());
  out->set_minutes(e.minutes());
  out->set_delivery_org(e.delivery_org());
  out->set_route(e.route());
  out->set_attended(e.attended());
  out->set_absent(e.absent());
  *out->mutable_fact() = e.fact();
}
void Fill(const v1::GroupConfirmed& e, const RecordedEvent& r, PublicEvent::GroupConfirmed* out) {
  out->set_group_id(Id(r));
  out->set_members(e.members());
  out->set_women(e.women());
  out->set_start(e.start());
  out->set_finish(e.finish());
}

void Fill(const v1::WarningRecorded& e, PublicEvent::WarningRecorded* out) {
  out->set_warning_id(e.warning().warning_id());
  out->set_order_id(e.order_id());
  out->set_given_on(e.warning().given_on());
  out->set_failure_id(e.warning().failure_id());
  out->set_source(e.warning().source());
}
void Fill(const v1::WarningWithdrawn& e, PublicEvent::WarningWithdrawn* out) {
  out->set_warning_id(e.warning_id());
  out->set_order_id(e.order_id());
  out->set_on(e.on());
  out->set_source(e.source());
}
template <typename Out>
void FillSession(const std::string& crn, const v1::Appointment& session, Out* out) {
  out->set_crn(crn);
  out->set_session_id(session.appointment_id());
  out->set_date(session.date());
  out->set_start_min(session.start_min());
  out->set_minutes(session.minutes());
  out->set_site(session.site_id());
}

using Messages = std::vector<std::unique_ptr<google::protobuf::Message>>;

// What is given back first: a reader who takes them in order never sees a clash that is none.
void AddSessions(const v1::PersonSessionsChanged& e, Messages* out) {
  for (const std::string& session_id : e.released_session_ids()) {
    auto event = std::make_unique<PublicEvent>();
    event->mutable_person_session_released()->set_crn(e.crn());
    event->mutable_person_session_released()->set_session_id(session_id);
    out->push_back(std::move(event));
  }
  for (const v1::Appointment& session : e.moved()) {
    auto event = std::make_unique<PublicEvent>();
    FillSession(e.crn(), session, event->mutable_person_session_moved());
    out->push_back(std::move(event));
  }
  for (const v1::Appointment& session : e.booked()) {
    auto event = std::make_unique<PublicEvent>();
    FillSession(e.crn(), session, event->mutable_person_session_booked());
    out->push_back(std::move(event));
  }
}

// Steps are no event of the contract between the services: this service's own process takes them.
std::unique_ptr<google::protobuf::Message> StepOf(const v1::Event& event) {
  auto out = std::make_unique<v1::InternalEvent>();
  if (event.has_step_due()) {
    const v1::StepDue& due = event.step_due();
    auto* step = out->mutable_step_due();
    step->set_order_id(due.order_id());
    *step->mutable_step() = due.step();
    step->set_enforcement_id(due.enforcement_id());
    step->set_referral_id(due.referral_id());
    step->set_enrolment_id(due.enrolment_id());
    *step->mutable_failure_ids() = due.failure_ids();
    return out;
  }
  if (!event.has_step_withdrawn()) return nullptr;
  const v1::StepWithdrawn& withdrawn = event.step_withdrawn();
  auto* step = out->mutable_step_withdrawn();
  step->set_order_id(withdrawn.order_id());
  *step->mutable_step() = withdrawn.step();
  step->set_enforcement_id(withdrawn.enforcement_id());
  step->set_referral_id(withdrawn.referral_id());
  return out;
}

// True when the event is public.
bool Fill(const v1::Event& event, const RecordedEvent& r, PublicEvent& out) {
  switch (event.event_case()) {
    case v1::Event::kEnrolmentAllocated:
      Fill(event.enrolment_allocated(), r, out.mutable_enrolment_allocated());
      return true;
    case v1::Event::kIndividualSessionPlanned:
      Fill(event.individual_session_planned(), r, out.mutable_individual_session_planned());
      return true;
    case v1::Event::kProgrammeStarted:
      Fill(event.programme_started(), r, out.mutable_programme_started());
      return true;
    case v1::Event::kProgrammeCompleted:
      Fill(event.programme_completed(), r, out.mutable_programme_completed());
      return true;
    case v1::Event::kCompletionRevoked:
      Fill(event.completion_revoked(), r, out.mutable_completion_revoked());
      return true;
    case v1::Event::kEnrolmentEnded:
      Fill(event.enrolment_ended(), r, out.mutable_enrolment_ended());
      return true;
    case v1::Event::kAttendanceRecorded:
      FillAttendance(event.attendance_recorded(), out.mutable_attendance_recorded());
      return true;
    case v1::Event::kAttendanceCorrected:
      FillAttendance(event.attendance_corrected(), out.mutable_attendance_corrected());
      return true;
    case v1::Event::kSessionHeld:
      Fill(event.session_held(), r, out.mutable_session_held());
      return true;
    case v1::Event::kGroupConfirmed:
      Fill(event.group_confirmed(), r, out.mutable_group_confirmed());
      return true;
    case v1::Event::kWarningRecorded:
      Fill(event.warning_recorded(), out.mutable_warning_recorded());
      return true;
    case v1::Event::kWarningWithdrawn:
      Fill(event.warning_withdrawn(), out.mutable_warning_withdrawn());
      return true;
    case v1::Event::kErasureConfirmed:
      out.mutable_erasure_confirmed()->set_crn(event.erasure_confirmed().crn());
      out.mutable_erasure_confirmed()->set_area(std::string(r.area.code()));
      *out.mutable_erasure_confirmed()->mutable_gaps() = event.erasure_confirmed().gaps();
      return true;
    // Several public events, or internal ones: see ToPublic.
    case v1::Event::kPersonSessionsChanged:
    case v1::Event::kStepDue:
    case v1::Event::kStepWithdrawn:
      return false;
    // Private.
    case v1::Event::kEnrolmentOpened:
    case v1::Event::kSuitabilityConfirmed:
    case v1::Event::kDeliveryChoiceRecorded:
    case v1::Event::kEnrolmentListed:
    case v1::Event::kReferralFactsUpdated:
    case v1::Event::kMarkedNotReady:
    case v1::Event::kMarkedReady:
    case v1::Event::kFacilitatorRegistered:
    case v1::Event::kCapabilityRecorded:
    case v1::Event::kLeaveRecorded:
    case v1::Event::kStaffBooked:
    case v1::Event::kSiteRegistered:
    case v1::Event::kRoomPut:
    case v1::Event::kSiteClosed:
    case v1::Event::kRoomBooked:
    case v1::Event::kGroupOpened:
    case v1::Event::kStaffAssigned:
    case v1::Event::kMemberAllocated:
    case v1::Event::kSchedulePlanned:
    case v1::Event::kSessionMoved:
    case v1::Event::kSessionCancelled:
    case v1::Event::kGroupCodeTaken:
    case v1::Event::kCatchUpRequired:
    case v1::Event::kCatchUpSatisfied:
    case v1::Event::kCatchUpVoided:
    case v1::Event::kIndividualSessionCancelled:
    case v1::Event::kCatchUpExpired:
    case v1::Event::kAttendanceReviewRequired:
    case v1::Event::kMeasureTaken:
    case v1::Event::kMeasureDeclined:
    case v1::Event::kOutcomeRated:
    case v1::Event::kReviewHeld:
    case v1::Event::kEnrolmentSuspended:
    case v1::Event::kEnrolmentResumed:
    case v1::Event::kEnrolmentTransferredOut:
    case v1::Event::kCreditLapsed:
    case v1::Event::kCreditTransferred:
    case v1::Event::kMemberRemoved:
    case v1::Event::kEnrolmentReleased:
    case v1::Event::kEnrolmentPaused:
    case v1::Event::kCompositionBreached:
    case v1::Event::kCompositionResolved:
    case v1::Event::kGroupCancelled:
    case v1::Event::kGroupClosed:
    case v1::Event::kAppointmentRecorded:
    case v1::Event::kAppointmentReleased:
    case v1::Event::kPersonAliasAdded:
    case v1::Event::kPersonAliasRemoved:
    case v1::Event::kFailureRaised:
    case v1::Event::kFailureOutcomesChanged:
    case v1::Event::kFailureConfirmed:
    case v1::Event::kFailureRescinded:
    case v1::Event::kTaskRaised:
    case v1::Event::kTaskClosed:
    case v1::Event::kDeliveryOrgRecorded:
    case v1::Event::kAccessCopied:
    case v1::Event::kNonAssociationRecorded:
    case v1::Event::kStaffIdentityDeclared:
    case v1::Event::kStaffIdentityWithdrawn:
    case v1::Event::kCatchUpDueMoved:
    case v1::Event::EVENT_NOT_SET:
      return false;
  }
  return false;
}

}  // namespace

Messages ToPublic(const RecordedEvent& recorded) {
  Messages result;
  auto out = std::make_unique<PublicEvent>();
  const auto& event = recorded.As<v1::Event>();
  if (event.has_person_sessions_changed()) AddSessions(event.person_sessions_changed(), &result);
  if (auto step = StepOf(event)) result.push_back(std::move(step));
  if (Fill(event, recorded, *out)) result.push_back(std::move(out));
  return result;
}

}  // namespace pdp::programmes
