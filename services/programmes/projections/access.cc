#include "services/programmes/projections/access.h"

#include "pdp/programmes/v1/events.pb.h"

namespace pdp::programmes {

absl::Status AccessIndex::Project(const projection::RecordedEvent& recorded,
                                  projection::RowWriter& rows) {
  const auto& event = recorded.As<v1::Event>();
  if (!event.has_access_copied()) return absl::OkStatus();
  const v1::AccessCopy& access = event.access_copied().access();
  if (access.excluded().empty() && access.restricted().empty()) {
    rows.Delete(access.crn());
  } else {
    rows.Put(access.crn(), access);
  }
  return absl::OkStatus();
}

}  // namespace pdp::programmes
