#include "services/unpaid_work/public_events.h"

#include <string>

#include "libs/base/calendar.h"
#include "pdp/unpaid_work/v1/events.pb.h"
#include "pdp/unpaid_work/v1/public_events.pb.h"

namespace pdp::unpaid_work {
namespace {

using v1::PublicEvent;

template <typename From, typename To>
void FillTimes(const From& from, To* out) {
  out->set_appointment_id(from.appointment_id());
  out->set_date(from.date());
  out->set_start(from.start());
  out->set_end(from.end());
}

void FillBooked(const v1::AppointmentBooked& from, const std::string& on,
                PublicEvent::AppointmentBooked* out) {
  FillTimes(from.appointment(), out);
  out->set_crn(from.crn());
  out->set_site(from.site());
  *out->mutable_requirement_ids() = from.requirement_ids();
  *out->mutable_referral_ids() = from.referral_ids();
  out->set_holder_org(from.holder_org());
  out->set_first(from.first());
  out->set_on(on);
}

// The fact of an appointment that nobody delivered is absent, here too.
template <typename From, typename To>
void CopyFact(const From& from, To* out) {
  if (from.has_fact()) *out->mutable_fact() = from.fact();
}

template <typename From, typename To>
void FillOutcome(const From& from, To* out) {
  out->set_crn(from.crn());
  out->set_appointment_id(from.appointment_id());
  out->set_date(from.date());
  out->set_code(from.outcome().code());
  *out->mutable_requirement_ids() = from.requirement_ids();
  *out->mutable_referral_ids() = from.referral_ids();
  out->set_holder_org(from.holder_org());
  CopyFact(from, out);
}

template <typename From, typename To>
void FillAttended(const From& from, To* out) {
  FillOutcome(from, out);
  out->set_attended(from.attended());
  out->set_first_attended(from.first_attended());
}

template <typename From, typename To>
void FillRequirement(const From& from, const std::string& crn, To* out) {
  out->set_crn(crn);
  out->set_requirement_id(from.requirement_id());
  out->set_referral_id(from.referral_id());
  out->set_org(from.org());
}

// True when the event is public.
bool Fill(const projection::RecordedEvent& recorded, PublicEvent& out) {
  const auto& event = recorded.As<v1::Event>();
  // The CRN where the aggregate is a case.
  const std::string crn(recorded.aggregate.id());
  const std::string on = FormatDate(LocalDate(recorded.occurred_at));
  switch (event.event_case()) {
    case v1::Event::kAppointmentBooked:
      FillBooked(event.appointment_booked(), on, out.mutable_appointment_booked());
      return true;
    case v1::Event::kAppointmentMoved:
      FillTimes(event.appointment_moved().appointment(), out.mutable_appointment_moved());
      out.mutable_appointment_moved()->set_crn(crn);
      out.mutable_appointment_moved()->set_site(event.appointment_moved().site());
      return true;
    case v1::Event::kAppointmentTrimmed:
      FillTimes(event.appointment_trimmed(), out.mutable_appointment_trimmed());
      out.mutable_appointment_trimmed()->set_crn(crn);
      out.mutable_appointment_trimmed()->set_site(event.appointment_trimmed().site());
      return true;
    case v1::Event::kAppointmentWithdrawn:
      FillTimes(event.appointment_withdrawn(), out.mutable_appointment_withdrawn());
      out.mutable_appointment_withdrawn()->set_crn(crn);
      out.mutable_appointment_withdrawn()->set_site(event.appointment_withdrawn().site());
      return true;
    case v1::Event::kOutcomeRecorded:
      FillAttended(event.outcome_recorded(), out.mutable_outcome_recorded());
      return true;
    case v1::Event::kOutcomeCorrected:
      FillAttended(event.outcome_corrected(), out.mutable_outcome_corrected());
      return true;
    case v1::Event::kOutcomeDefaulted:
      FillOutcome(event.outcome_defaulted(), out.mutable_outcome_defaulted());
      return true;
    case v1::Event::kRequirementHoursDone: {
      auto* done = out.mutable_requirement_hours_done();
      FillRequirement(event.requirement_hours_done(), crn, done);
      done->set_work_date(event.requirement_hours_done().work_date());
      done->set_in_window(event.requirement_hours_done().in_window());
      CopyFact(event.requirement_hours_done(), done);
      return true;
    }
    case v1::Event::kRequirementReopened: {
      auto* reopened = out.mutable_requirement_reopened();
      FillRequirement(event.requirement_reopened(), crn, reopened);
      reopened->set_cause(event.requirement_reopened().cause());
      reopened->set_on(on);
      CopyFact(event.requirement_reopened(), reopened);
      return true;
    }
    case v1::Event::kErasureConfirmed:
      out.mutable_erasure_confirmed()->set_crn(event.erasure_confirmed().crn());
      out.mutable_erasure_confirmed()->set_area(std::string(recorded.area.code()));
      *out.mutable_erasure_confirmed()->mutable_gaps() = event.erasure_confirmed().gaps();
      return true;
    case v1::Event::kRequirementTerminated: {
      auto* ended = out.mutable_requirement_terminated();
      FillRequirement(event.requirement_terminated(), crn, ended);
      ended->set_on(event.requirement_terminated().on());
      ended->set_reason(event.requirement_terminated().reason());
      ended->set_cause(event.requirement_terminated().cause());
      return true;
    }
    case v1::Event::kSessionRun:
      out.mutable_session_run()->set_session_id(event.session_run().session_id());
      out.mutable_session_run()->set_date(event.session_run().date());
      CopyFact(event.session_run(), out.mutable_session_run());
      return true;
    case v1::Event::kCaseSlotSet:
    case v1::Event::kRequirementRegistered:
    case v1::Event::kRequirementVaried:
    case v1::Event::kGroupLeadSet:
    case v1::Event::kWindowSet:
    case v1::Event::kWindowExtended:
    case v1::Event::kWindowExpired:
    case v1::Event::kTotalityFlagged:
    case v1::Event::kMinutesPosted:
    case v1::Event::kSurplusKept:
    case v1::Event::kSurplusDrawn:
    case v1::Event::kCaseStatusChanged:
    case v1::Event::kCaseSuspended:
    case v1::Event::kCaseResumed:
    case v1::Event::kCaseClosed:
    case v1::Event::kOrganisationAssigned:
    case v1::Event::kPersonFactsTakenOver:
    case v1::Event::kCommunicationNeedsRecorded:
    case v1::Event::kSectionAnswered:
    case v1::Event::kConstraintDerived:
    case v1::Event::kConstraintWithdrawn:
    case v1::Event::kSupportNeedsDerived:
    case v1::Event::kEteNeedsRecorded:
    case v1::Event::kEteAllotmentSet:
    case v1::Event::kAvailabilitySet:
    case v1::Event::kWeeklyPlanSet:
    case v1::Event::kCompositionChoiceRecorded:
    case v1::Event::kConsentRecorded:
    case v1::Event::kConsentWithdrawn:
    case v1::Event::kInductionCompleted:
    case v1::Event::kInstructionIssued:
    case v1::Event::kInstructionAcknowledged:
    case v1::Event::kInstructionRefused:
    case v1::Event::kFirstOfferMet:
    case v1::Event::kFirstOfferBreached:
    case v1::Event::kOfferClosed:
    case v1::Event::kOutcomeOverdue:
    case v1::Event::kNoteWritten:
    case v1::Event::kEvidenceSubmitted:
    case v1::Event::kEvidenceAccepted:
    case v1::Event::kEvidenceRejected:
    case v1::Event::kAdjustmentMade:
    case v1::Event::kAdjustmentReversed:
    case v1::Event::kTravelCredited:
    case v1::Event::kFailureNoted:
    case v1::Event::kFailureVoided:
    case v1::Event::kEnforcementOverdue:
    case v1::Event::kProjectNominated:
    case v1::Event::kProjectEvaluated:
    case v1::Event::kProjectApproved:
    case v1::Event::kProjectDeclined:
    case v1::Event::kProjectOpened:
    case v1::Event::kProjectUpdated:
    case v1::Event::kProjectSuspended:
    case v1::Event::kProjectClosed:
    case v1::Event::kProjectTurnoutCounted:
    case v1::Event::kSessionPlanned:
    case v1::Event::kSessionOpened:
    case v1::Event::kSessionLocked:
    case v1::Event::kSessionCancelled:
    case v1::Event::kSupervisorAssigned:
    case v1::Event::kSupervisorUnassigned:
    case v1::Event::kSeatBooked:
    case v1::Event::kSeatReleased:
    case v1::Event::kSeatDecided:
    case v1::Event::kCompositionBroken:
    case v1::Event::kCompositionRepaired:
    case v1::Event::kSupervisorRegistered:
    case v1::Event::kCompetenceRecorded:
    case v1::Event::kStaffAbsenceRecorded:
    case v1::Event::kSupervisorBooked:
    case v1::Event::kSupervisorFreed:
    case v1::Event::kOrganisationScopeRecorded:
    case v1::Event::kIntakeExceptionRaised:
    case v1::Event::kIntakeExceptionResolved:
    case v1::Event::EVENT_NOT_SET:
      return false;
  }
  return false;
}

}  // namespace

std::vector<std::unique_ptr<google::protobuf::Message>> ToPublic(
    const projection::RecordedEvent& recorded) {
  std::vector<std::unique_ptr<google::protobuf::Message>> result;
  auto out = std::make_unique<PublicEvent>();
  if (Fill(recorded, *out)) result.push_back(std::move(out));
  return result;
}

}  // namespace pdp::unpaid_work
