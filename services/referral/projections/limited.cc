#include "services/referral/projections/limited.h"

#include "pdp/referral/v1/events.pb.h"
#include "services/referral/domain/access.h"

namespace pdp::referral {
namespace {

void Put(absl::string_view crn, const v1::AccessLists& lists, projection::RowWriter& rows) {
  if (IsLimited(lists)) {
    rows.Put(crn, lists);
    rows.Put(Limited::kAny, v1::AccessLists());
    return;
  }
  rows.Delete(crn);
  // The mark is the first of all.
  if (rows.Scan("", 2).size() == 1) rows.Delete(Limited::kAny);
}

using Crns = google::protobuf::RepeatedPtrField<std::string>;

void Put(const Crns& crns, const v1::AccessLists& lists, projection::RowWriter& rows) {
  for (const std::string& crn : crns) Put(crn, lists, rows);
}

// The lists of the record, or of the family where it has one.
template <typename E>
void PutChange(const E& event, projection::RowWriter& rows) {
  const v1::AccessLists& lists = event.has_united() ? event.united() : event.lists();
  Put(event.crn(), lists, rows);
  Put(event.aliases(), lists, rows);
}

}  // namespace

absl::Status Limited::Project(const projection::RecordedEvent& recorded,
                              projection::RowWriter& rows) {
  const auto& event = recorded.As<v1::Event>();
  if (event.has_access_restricted()) PutChange(event.access_restricted(), rows);
  if (event.has_restriction_lifted()) PutChange(event.restriction_lifted(), rows);
  if (event.has_access_cleared()) PutChange(event.access_cleared(), rows);
  if (event.has_clearance_revoked()) PutChange(event.clearance_revoked(), rows);
  // access/{crn}: the id is the CRN.
  if (event.has_access_copied()) {
    Put(recorded.aggregate.id(), event.access_copied().lists(), rows);
  }
  if (event.has_person_merged()) {
    const v1::PersonMerged& merged = event.person_merged();
    Put(merged.root().empty() ? merged.to() : merged.root(), merged.united(), rows);
    Put(merged.aliases(), merged.united(), rows);
  }
  if (event.has_person_unmerged()) {
    const v1::PersonUnmerged& unmerged = event.person_unmerged();
    Put(unmerged.from(), unmerged.lists(), rows);
    Put(unmerged.aliases(), unmerged.lists(), rows);
    Put(unmerged.survivors(), unmerged.survivor_lists(), rows);
  }
  return absl::OkStatus();
}

}  // namespace pdp::referral
