#include "services/programmes/projections/sessions.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/programmes/domain/programmes.h"

namespace pdp::programmes {
namespace {

using projection::RecordedEvent;
using projection::RowWriter;

std::string SessionKey(absl::string_view session_id) { return absl::StrCat("s/", session_id); }
std::string BoardKey(const v1::DaySession& session) {
  return absl::StrFormat("%s%s/%04d/%s", Sessions::DayKey(session.date()), session.site_id(),
                         session.start_min(), session.session_id());
}

// Where, when and how it stands; leaves the register alone.
void Place(const v1::Session& from, v1::DaySession* to) {
  to->set_session_id(from.session_id());
  to->set_date(from.date());
  to->set_start_min(from.start_min());
  to->set_minutes(from.minutes());
  to->set_room(from.room());
  to->set_row(from.row());
  to->set_placeholder(from.placeholder());
  *to->mutable_staff() = from.staff();
  to->set_status(from.status() == v1::SESSION_STATUS_UNSPECIFIED ? v1::PLANNED : from.status());
  to->set_moves(from.moves_size());
}

// PRG-81: members on that date; nobody for a placeholder (PRG-63).
int Expected(const v1::Group& group, const v1::Session& session) {
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
  void Put(const v1::DaySession& session) {
    const v1::DaySession old = Find(session.session_id());
    if (!old.session_id().empty() && BoardKey(old) != BoardKey(session)) {
      rows_.Delete(BoardKey(old));
    }
    rows_.Put(SessionKey(session.session_id()), session);
    rows_.Put(BoardKey(session), session);
  }
  void Remove(absl::string_view session_id) {
    const v1::DaySession old = Find(session_id);
    if (old.session_id().empty()) return;
    rows_.Delete(BoardKey(old));
    rows_.Delete(SessionKey(session_id));
  }
  void PutAll(const v1::Group& group) {
    for (const v1::Session& planned : group.sessions()) {
      if (group.status() == v1::CANCELLED && planned.status() != v1::HELD) {
        Remove(planned.session_id());
        continue;
      }
      v1::DaySession session = Find(planned.session_id());
      Place(planned, &session);
      session.set_group_id(group.group_id());
      session.set_group_code(group.code());
      session.set_site_id(group.site_id());
      session.set_delivery_org(group.delivery_org());
      session.set_version_ref(group.version_ref());
      // Who was expected at a session that was held does not change any more.
      if (planned.status() != v1::HELD) session.set_expected(Expected(group, planned));
      Put(session);
    }
  }

 private:
  RowWriter& rows_;
};

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
  Board board(rows);
  if (recorded.aggregate.kind() == "group") {
    const std::string state_key = absl::StrCat("g/", recorded.aggregate.id());
    v1::State state;
    rows.Get(state_key, state.mutable_group());
    Programmes::Evolve(
        state, recorded.aggregate, event,
        {recorded.area, recorded.version, recorded.recorded_at, recorded.occurred_at});
    rows.Put(state_key, state.group());
    board.PutAll(state.group());
  } else if (event.has_individual_session_planned()) {
    const v1::IndividualSessionPlanned& planned = event.individual_session_planned();
    v1::DaySession session;
    Place(planned.session(), &session);
    session.set_enrolment_id(std::string(recorded.aggregate.id()));
    session.set_delivery_org(planned.delivery_org());
    session.set_expected(1);
    board.Put(session);
  } else if (event.has_individual_session_cancelled()) {
    board.Remove(event.individual_session_cancelled().session_id());
  } else if (event.has_attendance_recorded()) {
    Count(board, rows, event.attendance_recorded());
  } else if (event.has_attendance_corrected()) {
    Count(board, rows, event.attendance_corrected());
  }
  return absl::OkStatus();
}

}  // namespace pdp::programmes
