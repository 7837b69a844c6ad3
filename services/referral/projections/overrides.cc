#include "services/referral/projections/overrides.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/base/calendar.h"
#include "pdp/referral/v1/events.pb.h"
#include "pdp/referral/v1/queries.pb.h"

namespace pdp::referral {
namespace {

using projection::RecordedEvent;
using projection::RowWriter;

std::string SubjectKey(const RecordedEvent& recorded) {
  return absl::StrCat("r/", recorded.aggregate.id());
}

// What an event says of the referral that a later override will need; false: nothing.
bool Learn(const v1::Event& event, v1::OverrideRow* subject) {
  if (event.has_referral_opened()) {
    subject->set_crn(event.referral_opened().crn());
    subject->set_reference(event.referral_opened().reference());
    return true;
  }
  if (event.has_referral_received()) {
    subject->set_crn(event.referral_received().crn());
    subject->set_reference(event.referral_received().snapshot().reference());
    subject->set_to_route(event.referral_received().snapshot().decision().route());
    return true;
  }
  if (event.has_referral_routed()) {
    subject->set_to_route(event.referral_routed().route());
    return true;
  }
  return false;
}

// False: the event is none.
bool FillOverride(const v1::Event& event, v1::OverrideRow* row) {
  const std::string route = row->to_route();
  row->clear_to_route();
  if (event.has_decision_overridden()) {
    row->set_code(event.decision_overridden().code());
    row->set_from_route(event.decision_overridden().from_route());
    row->set_to_route(event.decision_overridden().to_route());
    *row->mutable_overridden_criteria() = event.decision_overridden().overridden_criteria();
    return true;
  }
  if (event.has_court_conflict_resolved()) {
    row->set_code(event.court_conflict_resolved().choice());
    row->set_to_route(event.court_conflict_resolved().route());
    *row->mutable_overridden_criteria() = event.court_conflict_resolved().overridden_criteria();
    return true;
  }
  if (event.has_duplicate_overridden()) {
    row->set_code(event.duplicate_overridden().override_code());
    return true;
  }
  if (event.has_referral_directed()) {
    row->set_code(event.referral_directed().code());
    row->set_from_route(route);
    row->set_to_route(event.referral_directed().route());
    row->set_org(event.referral_directed().org());
    return true;
  }
  return false;
}

}  // namespace

absl::Status Overrides::Project(const RecordedEvent& recorded, RowWriter& rows) {
  if (recorded.aggregate.kind() != "referral") return absl::OkStatus();
  const auto& event = recorded.As<v1::Event>();
  const bool taken = event.has_decision_overridden() || event.has_court_conflict_resolved() ||
                     event.has_duplicate_overridden() || event.has_referral_directed();
  const bool told = event.has_referral_opened() || event.has_referral_received() ||
                    event.has_referral_routed();
  if (!taken && !told) return absl::OkStatus();
  v1::OverrideRow row;
  rows.Get(SubjectKey(recorded), &row);
  if (Learn(event, &row)) rows.Put(SubjectKey(recorded), row);
  if (!FillOverride(event, &row)) return absl::OkStatus();
  row.set_event(recorded.type);
  row.set_on(FormatDate(LocalDate(recorded.occurred_at)));
  row.set_by(recorded.commit->actor().id());
  row.set_referral_id(std::string(recorded.aggregate.id()));
  rows.Put(absl::StrFormat("%s%s/%020d/%06d", kList, row.on(), recorded.seq.value(),
                           recorded.index),
           row);
  return absl::OkStatus();
}

}  // namespace pdp::referral
