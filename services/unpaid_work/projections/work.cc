#include "services/unpaid_work/projections/work.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/unpaid_work/projections/fold.h"

namespace pdp::unpaid_work {
namespace {

std::string InOrder(const v1::Project& project) {
  return absl::StrCat(ProjectIndex::Prefix(project.status(), project.terms().kind()),
                      project.project_id());
}

}  // namespace

std::string SessionRoster::Key(absl::string_view session_id) {
  const size_t slot_dot = session_id.rfind('.');
  const size_t date_dot = slot_dot == absl::string_view::npos || slot_dot == 0
                              ? absl::string_view::npos
                              : session_id.rfind('.', slot_dot - 1);
  uint32_t slot = 0;
  if (date_dot == absl::string_view::npos || slot_dot - date_dot != 9 ||
      !absl::SimpleAtoi(session_id.substr(slot_dot + 1), &slot)) {
    return absl::StrCat("?/", session_id);
  }
  const absl::string_view day = session_id.substr(date_dot + 1, 8);
  return absl::StrCat(day.substr(0, 4), "-", day.substr(4, 2), "-", day.substr(6, 2), "/",
                      session_id.substr(0, date_dot), "/", absl::StrFormat("%06u", slot));
}

absl::Status SessionRoster::Project(const projection::RecordedEvent& recorded,
                                    projection::RowWriter& rows) {
  if (recorded.aggregate.kind() != "session") return absl::OkStatus();
  const std::string key = Key(recorded.aggregate.id());
  v1::State state;
  v1::Session before;
  if (rows.Get(key, &before)) *state.mutable_session() = std::move(before);
  Fold(recorded, state);
  rows.Put(key, state.session());
  return absl::OkStatus();
}

std::string ProjectIndex::Prefix(v1::ProjectStatus status, v1::Kind kind) {
  if (status == v1::PROJECT_STATUS_UNSPECIFIED) return "k/";
  if (kind == v1::KIND_UNSPECIFIED) return absl::StrCat("k/", static_cast<int>(status), "/");
  return absl::StrCat("k/", static_cast<int>(status), "/", static_cast<int>(kind), "/");
}

absl::Status ProjectIndex::Project(const projection::RecordedEvent& recorded,
                                   projection::RowWriter& rows) {
  if (recorded.aggregate.kind() != "project") return absl::OkStatus();
  const std::string by_id = absl::StrCat("i/", recorded.aggregate.id());
  v1::State state;
  v1::Project before;
  if (rows.Get(by_id, &before)) {
    rows.Delete(InOrder(before));
    *state.mutable_project() = std::move(before);
  }
  Fold(recorded, state);
  DropPersonal(state.mutable_project());
  rows.Put(by_id, state.project());
  rows.Put(InOrder(state.project()), state.project());
  return absl::OkStatus();
}

}  // namespace pdp::unpaid_work
