#include "services/referral/projections/limited.h"

#include "pdp/referral/v1/events.pb.h"
#include "services/referral/domain/access.h"

namespace pdp::referral {
namespace {

const v1::AccessLists* ListsOf(const v1::Event& event) {
  if (event.has_access_restricted()) return &event.access_restricted().lists();
  if (event.has_restriction_lifted()) return &event.restriction_lifted().lists();
  if (event.has_access_cleared()) return &event.access_cleared().lists();
  if (event.has_clearance_revoked()) return &event.clearance_revoked().lists();
  if (event.has_access_copied()) return &event.access_copied().lists();
  return nullptr;
}

}  // namespace

absl::Status Limited::Project(const projection::RecordedEvent& recorded,
                              projection::RowWriter& rows) {
  const v1::AccessLists* lists = ListsOf(recorded.As<v1::Event>());
  if (lists == nullptr) return absl::OkStatus();
  // person/{crn} and access/{crn}: the id is the CRN.
  if (IsLimited(*lists)) {
    rows.Put(recorded.aggregate.id(), *lists);
  } else {
    rows.Delete(recorded.aggregate.id());
  }
  return absl::OkStatus();
}

}  // namespace pdp::referral
