#include "services/programmes/projections/enrolments.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "services/programmes/domain/programmes.h"

namespace pdp::programmes {
namespace {

using projection::RecordedEvent;
using projection::RowWriter;

bool IsLdc(const v1::Responsivity& person) {
  return person.learning_difficulty() == "SUSPECTED" || person.learning_difficulty() == "CONFIRMED";
}

v1::EnrolmentRow RowOf(const v1::Enrolment& e) {
  v1::EnrolmentRow row;
  row.set_enrolment_id(e.id());
  row.set_referral_id(e.referral_id());
  row.set_round(e.round());
  row.set_crn(e.crn());
  *row.mutable_aliases() = e.aliases();
  row.set_status(e.status());
  row.set_route(e.route());
  row.set_version_ref(e.version_ref());
  row.set_delivery_org(e.delivery_org());
  row.set_stratum(e.stratum());
  row.set_received_on(e.received_on());
  row.set_opened_on(e.opened_on());
  row.set_requirement_key(e.requirement().key());
  row.set_order_id(e.requirement().order_id());
  row.set_order_end(e.requirement().order_end());
  row.set_group_id(e.group_id());
  row.set_pdu(e.pdu());
  row.set_started_on(e.started_on());
  row.set_completed_on(e.completion().completed_on());
  row.set_end_reason(e.end_reason());
  *row.mutable_tokens() = e.tokens();
  *row.mutable_pauses() = e.pauses();
  row.mutable_marks()->set_woman(e.responsivity().woman());
  row.mutable_marks()->set_ldc(IsLdc(e.responsivity()));
  return row;
}

// Every key under which the row is found.
std::set<std::string> KeysOf(const v1::EnrolmentRow& row) {
  if (row.enrolment_id().empty()) return {};
  std::set<std::string> keys = {
      absl::StrCat(Enrolments::kAllPrefix, row.enrolment_id()),
      absl::StrCat(Enrolments::PersonPrefix(row.crn()), row.enrolment_id())};
  for (const std::string& alias : row.aliases()) {
    keys.insert(absl::StrCat(Enrolments::PersonPrefix(alias), row.enrolment_id()));
  }
  if (!row.group_id().empty()) {
    keys.insert(absl::StrCat(Enrolments::GroupPrefix(row.group_id()), row.enrolment_id()));
  }
  if (row.status() == v1::WAITING) {
    keys.insert(absl::StrCat(Enrolments::kWaitingPrefix, row.enrolment_id()));
  }
  return keys;
}

}  // namespace

std::string Enrolments::ReferralPrefix(absl::string_view referral_id) {
  return absl::StrCat(kAllPrefix, referral_id, "/");
}
std::string Enrolments::PersonPrefix(absl::string_view crn) { return absl::StrCat("c/", crn, "/"); }
std::string Enrolments::GroupPrefix(absl::string_view group_id) {
  return absl::StrCat("g/", group_id, "/");
}

absl::Status Enrolments::Project(const RecordedEvent& recorded, RowWriter& rows) {
  if (recorded.aggregate.kind() != "enrolment") return absl::OkStatus();
  const std::string state_key = absl::StrCat("x/", recorded.aggregate.id());
  v1::State state;
  rows.Get(state_key, state.mutable_enrolment());
  const v1::EnrolmentRow before = RowOf(state.enrolment());
  Programmes::Evolve(
      state, recorded.aggregate, recorded.As<v1::Event>(),
      {recorded.area, recorded.version, recorded.recorded_at, recorded.occurred_at});
  rows.Put(state_key, state.enrolment(), state.enrolment().crn());
  v1::EnrolmentRow row = RowOf(state.enrolment());
  row.set_version(recorded.version.value());
  const std::set<std::string> keys = KeysOf(row);
  for (const std::string& key : KeysOf(before)) {
    if (!keys.contains(key)) rows.Delete(key);
  }
  for (const std::string& key : keys) rows.Put(key, row, row.crn());
  return absl::OkStatus();
}

}  // namespace pdp::programmes
