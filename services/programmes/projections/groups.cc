#include "services/programmes/projections/groups.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "pdp/programmes/v1/events.pb.h"
#include "services/programmes/domain/catalogue.h"

namespace pdp::programmes {
namespace {

using projection::RecordedEvent;
using projection::RowWriter;

void Open(const v1::GroupOpened& e, v1::GroupRow* row) {
  row->set_code(e.code());
  row->set_version_ref(e.version_ref());
  if (const v1::ProgrammeVersion* version = FindVersion(e.version_ref())) {
    row->set_route(version->route());
  }
  row->set_delivery_org(e.delivery_org());
  row->set_site_id(e.site_id());
  row->set_sex_mode(e.sex_mode());
  *row->mutable_size() = e.size();
  row->set_earliest_start(e.earliest_start());
  row->set_status(v1::FORMING);
}

// First, last and joining row, from the dates of all sessions.
void Redate(v1::GroupView* view) {
  v1::GroupRow* row = view->mutable_row();
  row->clear_start();
  row->clear_finish();
  row->clear_join_by();
  const v1::ProgrammeVersion* version = FindVersion(row->version_ref());
  for (const auto& session : view->sessions()) {
    if (row->start().empty() || session.date() < row->start()) row->set_start(session.date());
    row->set_finish(std::max(row->finish(), session.date()));
    if (version != nullptr && session.row() == version->join_last_row()) {
      row->set_join_by(session.date());
    }
  }
}

void Plan(const v1::SchedulePlanned& e, v1::GroupView* view) {
  view->clear_sessions();
  for (const v1::Session& session : e.sessions()) {
    auto* planned = view->add_sessions();
    planned->set_row(session.row());
    planned->set_date(session.date());
  }
  Redate(view);
  view->mutable_row()->set_status(v1::SCHEDULED);
}

void Move(const v1::Session& to, v1::GroupView* view) {
  for (auto& session : *view->mutable_sessions()) {
    if (session.row() == to.row()) session.set_date(to.date());
  }
  Redate(view);
}

// False when the lists do not show the change.
bool Change(const v1::Event& event, v1::GroupView* view) {
  v1::GroupRow* row = view->mutable_row();
  switch (event.event_case()) {
    case v1::Event::kGroupOpened:
      Open(event.group_opened(), row);
      return true;
    case v1::Event::kMemberAllocated:
      row->set_members(row->members() + 1);
      return true;
    case v1::Event::kSchedulePlanned:
      Plan(event.schedule_planned(), view);
      return true;
    case v1::Event::kSessionMoved:
      Move(event.session_moved().to(), view);
      return true;
    case v1::Event::kGroupConfirmed:
      row->set_status(v1::CONFIRMED);
      return true;
    case v1::Event::kSessionHeld:
      row->set_status(v1::RUNNING);
      return true;
    case v1::Event::kEnrolmentOpened:
    case v1::Event::kSuitabilityConfirmed:
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
    case v1::Event::kStaffAssigned:
    case v1::Event::kEnrolmentAllocated:
    case v1::Event::kSessionCancelled:
    case v1::Event::kIndividualSessionPlanned:
    case v1::Event::kGroupCodeTaken:
    case v1::Event::kAttendanceRecorded:
    case v1::Event::kAttendanceCorrected:
    case v1::Event::kProgrammeStarted:
    case v1::Event::kCatchUpRequired:
    case v1::Event::kCatchUpSatisfied:
    case v1::Event::kCatchUpVoided:
    case v1::Event::kMeasureTaken:
    case v1::Event::kMeasureDeclined:
    case v1::Event::kOutcomeRated:
    case v1::Event::kReviewHeld:
    case v1::Event::kProgrammeCompleted:
    case v1::Event::kCompletionRevoked:
    case v1::Event::kEnrolmentEnded:
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

std::string OrderKey(const v1::GroupRow& row) {
  return absl::StrFormat("%s%02d/%s/%s", Groups::kOrderPrefix, static_cast<int>(row.status()),
                         row.start().empty() ? row.earliest_start() : row.start(), row.code());
}
bool IsOpen(const v1::GroupRow& row) {
  return row.status() == v1::SCHEDULED || row.status() == v1::CONFIRMED ||
         row.status() == v1::RUNNING;
}
std::string OpenKey(const v1::GroupRow& row) {
  return absl::StrCat(Groups::OpenPrefix(row.version_ref()), row.group_id());
}

}  // namespace

std::string Groups::OpenPrefix(absl::string_view version_ref) {
  return absl::StrCat("v/", version_ref, "/");
}

absl::Status Groups::Project(const RecordedEvent& recorded, RowWriter& rows) {
  if (recorded.aggregate.kind() != "group") return absl::OkStatus();
  v1::GroupView view;
  const std::string key = absl::StrCat("g/", recorded.aggregate.id());
  rows.Get(key, &view);
  const v1::GroupRow before = view.row();
  if (!Change(recorded.As<v1::Event>(), &view)) return absl::OkStatus();
  v1::GroupRow* row = view.mutable_row();
  row->set_group_id(std::string(recorded.aggregate.id()));
  rows.Put(key, view);
  if (!before.group_id().empty() && OrderKey(before) != OrderKey(*row)) {
    rows.Delete(OrderKey(before));
  }
  rows.Put(OrderKey(*row), *row);
  if (IsOpen(*row)) {
    rows.Put(OpenKey(*row), *row);
  } else if (IsOpen(before)) {
    rows.Delete(OpenKey(before));
  }
  return absl::OkStatus();
}

}  // namespace pdp::programmes
