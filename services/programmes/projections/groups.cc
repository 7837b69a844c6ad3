#include "services/programmes/projections/groups.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/programmes/domain/catalogue.h"
#include "services/programmes/domain/programmes.h"

namespace pdp::programmes {
namespace {

v1::GroupRow RowOf(const v1::Group& group) {
  v1::GroupRow row;
  row.set_group_id(group.group_id());
  row.set_code(group.code());
  row.set_version_ref(group.version_ref());
  row.set_delivery_org(group.delivery_org());
  row.set_status(group.status());
  row.set_members(group.members_size());
  row.set_site_id(group.site_id());
  row.set_sex_mode(group.sex_mode());
  *row.mutable_size() = group.size();
  row.set_earliest_start(group.earliest_start());
  const v1::ProgrammeVersion* version = FindVersion(group.version_ref());
  if (version != nullptr) row.set_route(version->route());
  for (const v1::Session& session : group.sessions()) {
    if (row.start().empty() || session.date() < row.start()) row.set_start(session.date());
    row.set_finish(std::max(row.finish(), session.date()));
    if (version != nullptr && session.row() == version->join_last_row()) {
      row.set_join_by(session.date());
    }
  }
  return row;
}

// Every key under which the row is found.
std::set<std::string> KeysOf(const v1::GroupRow& row) {
  if (row.group_id().empty()) return {};
  std::set<std::string> keys = {absl::StrFormat(
      "%s%02d/%s/%s", Groups::kOrderPrefix, static_cast<int>(row.status()),
      row.start().empty() ? row.earliest_start() : row.start(), row.code())};
  if (row.status() == v1::SCHEDULED || row.status() == v1::CONFIRMED ||
      row.status() == v1::RUNNING) {
    keys.insert(absl::StrCat(Groups::OpenPrefix(row.version_ref()), row.group_id()));
  }
  return keys;
}

}  // namespace

std::string Groups::OpenPrefix(absl::string_view version_ref) {
  return absl::StrCat("v/", version_ref, "/");
}

absl::Status Groups::Project(const projection::RecordedEvent& recorded,
                             projection::RowWriter& rows) {
  if (recorded.aggregate.kind() != "group") return absl::OkStatus();
  const std::string state_key = absl::StrCat("g/", recorded.aggregate.id());
  v1::State state;
  rows.Get(state_key, state.mutable_group());
  const v1::GroupRow before = RowOf(state.group());
  Programmes::Evolve(
      state, recorded.aggregate, recorded.As<v1::Event>(),
      {recorded.area, recorded.version, recorded.recorded_at, recorded.occurred_at});
  rows.Put(state_key, state.group());
  const v1::GroupRow row = RowOf(state.group());
  const std::set<std::string> keys = KeysOf(row);
  for (const std::string& key : KeysOf(before)) {
    if (!keys.contains(key)) rows.Delete(key);
  }
  for (const std::string& key : keys) rows.Put(key, row);
  return absl::OkStatus();
}

}  // namespace pdp::programmes
