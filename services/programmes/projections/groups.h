#ifndef PDP_SERVICES_PROGRAMMES_PROJECTIONS_GROUPS_H_
#define PDP_SERVICES_PROGRAMMES_PROJECTIONS_GROUPS_H_

#include <string>

#include "libs/projection/projection.h"
#include "pdp/programmes/v1/queries.pb.h"

namespace pdp::programmes {

// Every group of an area with its dates and counts, taken from the state that the domain's own
// Evolve makes of the events.
//
//   g/{group_id}                        v1.Group
//   o/{status}/{start}/{code}           v1.GroupRow, in the order of ListGroups
//   v/{version_ref}/{group_id}          v1.GroupRow of groups that somebody may yet join (PRG-18):
//                                       SCHEDULED, CONFIRMED, RUNNING
class Groups final : public projection::Projection {
 public:
  static constexpr char kName[] = "groups";
  std::string name() const override { return kName; }
  uint32_t version() const override { return 1; }
  absl::Status Project(const projection::RecordedEvent& event,
                       projection::RowWriter& rows) override;

  static constexpr char kOrderPrefix[] = "o/";
  static std::string OpenPrefix(absl::string_view version_ref);
};

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_PROJECTIONS_GROUPS_H_
