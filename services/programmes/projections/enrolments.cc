#include "services/programmes/projections/enrolments.h"

#include "absl/strings/str_cat.h"
#include "pdp/programmes/v1/events.pb.h"

namespace pdp::programmes {
namespace {

using projection::RecordedEvent;
using projection::RowWriter;

bool IsLdc(const v1::Responsivity& person) {
  return person.learning_difficulty() == "SUSPECTED" || person.learning_difficulty() == "CONFIRMED";
}

void Mark(const v1::Responsivity& person, v1::EnrolmentRow* row) {
  row->mutable_marks()->set_woman(person.woman());
  row->mutable_marks()->set_ldc(IsLdc(person));
}

void Open(const v1::EnrolmentOpened& e, v1::EnrolmentRow* row) {
  row->set_referral_id(e.referral_id());
  row->set_round(e.round());
  row->set_crn(e.crn());
  row->set_delivery_org(e.delivery_org());
  row->set_stratum(e.stratum());
  row->set_route(e.route());
  row->set_version_ref(e.version_ref());
  row->set_requirement_key(e.requirement().key());
  row->set_order_id(e.requirement().order_id());
  row->set_order_end(e.requirement().order_end());
  row->set_received_on(e.received_on());
  row->set_opened_on(e.opened_on());
  *row->mutable_tokens() = e.tokens();
  row->set_pdu(e.pdu());
  row->set_status(v1::AWAITING_SUITABILITY);
  Mark(e.responsivity(), row);
}

// False when the lists do not show the change.
bool Change(const v1::Event& event, v1::EnrolmentRow* row) {
  switch (event.event_case()) {
    case v1::Event::kEnrolmentOpened:
      Open(event.enrolment_opened(), row);
      return true;
    case v1::Event::kSuitabilityConfirmed:
      row->set_status(v1::WAITING);
      return true;
    case v1::Event::kEnrolmentAllocated:
      row->set_status(v1::ALLOCATED);
      row->set_group_id(event.enrolment_allocated().group_id());
      return true;
    case v1::Event::kProgrammeStarted:
      row->set_status(v1::ON_PROGRAMME);
      row->set_started_on(event.programme_started().date());
      return true;
    case v1::Event::kProgrammeCompleted:
      row->set_status(v1::COMPLETED);
      row->set_completed_on(event.programme_completed().completed_on());
      return true;
    case v1::Event::kCompletionRevoked:
      row->set_status(v1::ON_PROGRAMME);
      row->clear_completed_on();
      return true;
    case v1::Event::kEnrolmentEnded:
      row->set_status(v1::ENDED);
      row->set_end_reason(event.enrolment_ended().reason_code());
      return true;
    case v1::Event::kDeliveryChoiceRecorded:
    case v1::Event::kEnrolmentListed:
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
    case v1::Event::kGroupConfirmed:
    case v1::Event::kIndividualSessionPlanned:
    case v1::Event::kGroupCodeTaken:
    case v1::Event::kAttendanceRecorded:
    case v1::Event::kAttendanceCorrected:
    case v1::Event::kCatchUpRequired:
    case v1::Event::kCatchUpSatisfied:
    case v1::Event::kCatchUpVoided:
    case v1::Event::kSessionHeld:
    case v1::Event::kMeasureTaken:
    case v1::Event::kMeasureDeclined:
    case v1::Event::kOutcomeRated:
    case v1::Event::kReviewHeld:
    case v1::Event::kReferralFactsUpdated:
    case v1::Event::kMarkedNotReady:
    case v1::Event::kMarkedReady:
    case v1::Event::kIndividualSessionCancelled:
    case v1::Event::kCatchUpExpired:
    case v1::Event::kAttendanceReviewRequired:
    case v1::Event::kCatchUpDueMoved:
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
    case v1::Event::kPersonSessionsChanged:
    case v1::Event::kAppointmentRecorded:
    case v1::Event::kAppointmentReleased:
    case v1::Event::kPersonAliasAdded:
    case v1::Event::kPersonAliasRemoved:
    case v1::Event::kFailureRaised:
    case v1::Event::kFailureOutcomesChanged:
    case v1::Event::kFailureConfirmed:
    case v1::Event::kFailureRescinded:
    case v1::Event::kWarningRecorded:
    case v1::Event::kWarningWithdrawn:
    case v1::Event::kStepDue:
    case v1::Event::kStepWithdrawn:
    case v1::Event::kTaskRaised:
    case v1::Event::kTaskClosed:
    case v1::Event::kDeliveryOrgRecorded:
    case v1::Event::kStaffIdentityDeclared:
    case v1::Event::kStaffIdentityWithdrawn:
    case v1::Event::kNonAssociationRecorded:
    case v1::Event::EVENT_NOT_SET:
      return false;
  }
  return false;
}

std::string PersonKey(const v1::EnrolmentRow& row) {
  return absl::StrCat(Enrolments::PersonPrefix(row.crn()), row.enrolment_id());
}
std::string GroupKey(const v1::EnrolmentRow& row) {
  return absl::StrCat(Enrolments::GroupPrefix(row.group_id()), row.enrolment_id());
}
std::string WaitingKey(const v1::EnrolmentRow& row) {
  return absl::StrCat(Enrolments::kWaitingPrefix, row.enrolment_id());
}

}  // namespace

std::string Enrolments::RowKey(absl::string_view enrolment_id) {
  return absl::StrCat(kAllPrefix, enrolment_id);
}
std::string Enrolments::ReferralPrefix(absl::string_view referral_id) {
  return absl::StrCat(kAllPrefix, referral_id, "/");
}
std::string Enrolments::PersonPrefix(absl::string_view crn) { return absl::StrCat("c/", crn, "/"); }
std::string Enrolments::GroupPrefix(absl::string_view group_id) {
  return absl::StrCat("g/", group_id, "/");
}

absl::Status Enrolments::Project(const RecordedEvent& recorded, RowWriter& rows) {
  if (recorded.aggregate.kind() != "enrolment") return absl::OkStatus();
  v1::EnrolmentRow row;
  const std::string id(recorded.aggregate.id());
  rows.Get(RowKey(id), &row);
  const v1::EnrolmentRow before = row;
  row.set_enrolment_id(id);
  if (!Change(recorded.As<v1::Event>(), &row)) return absl::OkStatus();
  row.set_version(recorded.version.value());
  if (!before.group_id().empty() && before.group_id() != row.group_id()) {
    rows.Delete(GroupKey(before));
  }
  if (before.status() == v1::WAITING && row.status() != v1::WAITING) rows.Delete(WaitingKey(row));
  rows.Put(RowKey(id), row, row.crn());
  rows.Put(PersonKey(row), row, row.crn());
  if (!row.group_id().empty()) rows.Put(GroupKey(row), row, row.crn());
  if (row.status() == v1::WAITING) rows.Put(WaitingKey(row), row, row.crn());
  return absl::OkStatus();
}

}  // namespace pdp::programmes
