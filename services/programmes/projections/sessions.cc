#include "services/programmes/projections/sessions.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "pdp/programmes/v1/events.pb.h"

namespace pdp::programmes {
namespace {

using projection::RecordedEvent;
using projection::RowWriter;

// More rows than any version has.
constexpr size_t kRowsMax = 200;

std::string SessionKey(absl::string_view session_id) { return absl::StrCat("s/", session_id); }
std::string GroupKey(absl::string_view group_id) { return absl::StrCat("g/", group_id); }
std::string BoardKey(const v1::DaySession& session) {
  return absl::StrFormat("%s%s/%04d/%s", Sessions::DayKey(session.date()), session.site_id(),
                         session.start_min(), session.session_id());
}

// Where and when; leaves the register alone.
void Place(const v1::Session& from, v1::DaySession* to) {
  to->set_session_id(from.session_id());
  to->set_date(from.date());
  to->set_start_min(from.start_min());
  to->set_minutes(from.minutes());
  to->set_room(from.room());
  to->set_row(from.row());
  to->set_placeholder(from.placeholder());
  *to->mutable_staff() = from.staff();
}

// PRG-81: members on that date; nobody for a placeholder (PRG-63).
int Expected(const v1::GroupOnBoard& group, const v1::DaySession& session) {
  if (session.placeholder()) return 0;
  return static_cast<int>(std::count_if(
      group.members().begin(), group.members().end(),
      [&](const v1::Member& member) { return member.joined_on() <= session.date(); }));
}

class Board {
 public:
  explicit Board(RowWriter& rows) : rows_(rows) {}

  // Cleared when there is none.
  v1::DaySession Find(absl::string_view session_id) {
    v1::DaySession session;
    rows_.Get(SessionKey(session_id), &session);
    return session;
  }
  v1::GroupOnBoard FindGroup(absl::string_view group_id) {
    v1::GroupOnBoard group;
    rows_.Get(GroupKey(group_id), &group);
    return group;
  }
  void Put(const v1::DaySession& session) {
    Remove(session.session_id());
    rows_.Put(SessionKey(session.session_id()), session);
    rows_.Put(BoardKey(session), session);
  }
  void Remove(absl::string_view session_id) {
    const v1::DaySession old = Find(session_id);
    if (old.session_id().empty()) return;
    rows_.Delete(BoardKey(old));
    rows_.Delete(SessionKey(session_id));
  }
  // Members changed: who is expected where.
  void PutGroup(const std::string& group_id, const v1::GroupOnBoard& group) {
    rows_.Put(GroupKey(group_id), group);
    for (const std::string& key :
         rows_.Scan(SessionKey(absl::StrCat(group_id, "/")), kRowsMax)) {
      v1::DaySession session;
      if (!rows_.Get(key, &session) || session.group_id() != group_id) continue;
      session.set_expected(Expected(group, session));
      Put(session);
    }
  }
  void PutGroupSession(const std::string& group_id, const v1::Session& planned) {
    const v1::GroupOnBoard group = FindGroup(group_id);
    v1::DaySession session = Find(planned.session_id());
    Place(planned, &session);
    session.set_group_id(group_id);
    session.set_group_code(group.group_code());
    session.set_site_id(group.site_id());
    session.set_delivery_org(group.delivery_org());
    session.set_version_ref(group.version_ref());
    session.set_expected(Expected(group, session));
    if (session.status() == v1::SESSION_STATUS_UNSPECIFIED) session.set_status(v1::PLANNED);
    Put(session);
  }

 private:
  RowWriter& rows_;
};

void Open(const v1::GroupOpened& e, v1::GroupOnBoard* group) {
  group->set_group_code(e.code());
  group->set_delivery_org(e.delivery_org());
  group->set_site_id(e.site_id());
  group->set_version_ref(e.version_ref());
}

// The current outcome of a person, counted once: a correction takes the place of what was before.
template <typename E>
void Count(Board& board, RowWriter& rows, const E& event) {
  v1::DaySession session = board.Find(event.attendance().session_id());
  if (session.session_id().empty()) return;
  const std::string key = absl::StrCat("a/", session.session_id(), "|", event.enrolment_id());
  v1::AttendanceMark mark;
  if (!rows.Get(key, &mark)) session.set_recorded(session.recorded() + 1);
  session.set_attended(session.attended() + event.attended() - mark.attended());
  mark.set_attended(event.attended());
  rows.Put(key, mark);
  board.Put(session);
}

}  // namespace

std::string Sessions::DayKey(absl::string_view date) {
  return absl::StrCat(kDayPrefix, date, "/");
}

absl::Status Sessions::Project(const RecordedEvent& recorded, RowWriter& rows) {
  const auto& event = recorded.As<v1::Event>();
  const std::string id(recorded.aggregate.id());
  Board board(rows);
  switch (event.event_case()) {
    case v1::Event::kGroupOpened: {
      v1::GroupOnBoard group;
      Open(event.group_opened(), &group);
      board.PutGroup(id, group);
      break;
    }
    case v1::Event::kMemberAllocated: {
      v1::GroupOnBoard group = board.FindGroup(id);
      v1::Member* member = group.add_members();
      member->set_enrolment_id(event.member_allocated().enrolment_id());
      member->set_joined_on(event.member_allocated().on());
      board.PutGroup(id, group);
      break;
    }
    case v1::Event::kSchedulePlanned:
      for (const v1::Session& session : event.schedule_planned().sessions()) {
        board.PutGroupSession(id, session);
      }
      break;
    case v1::Event::kSessionMoved: {
      const v1::Session& to = event.session_moved().to();
      board.PutGroupSession(id, to);
      v1::DaySession session = board.Find(to.session_id());
      session.set_moves(session.moves() + 1);
      board.Put(session);
      break;
    }
    case v1::Event::kIndividualSessionPlanned: {
      v1::DaySession session;
      Place(event.individual_session_planned().session(), &session);
      session.set_enrolment_id(id);
      session.set_delivery_org(event.individual_session_planned().delivery_org());
      session.set_expected(1);
      session.set_status(v1::PLANNED);
      board.Put(session);
      break;
    }
    case v1::Event::kAttendanceRecorded:
      Count(board, rows, event.attendance_recorded());
      break;
    case v1::Event::kAttendanceCorrected:
      Count(board, rows, event.attendance_corrected());
      break;
    case v1::Event::kSessionHeld: {
      v1::DaySession session = board.Find(event.session_held().session_id());
      if (session.session_id().empty()) break;
      session.set_status(v1::HELD);
      board.Put(session);
      break;
    }
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
    case v1::Event::kSessionCancelled:  // SessionMoved gives it its new place (PRG-65)
    case v1::Event::kGroupConfirmed:
    case v1::Event::kGroupCodeTaken:
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
      break;
  }
  return absl::OkStatus();
}

}  // namespace pdp::programmes
