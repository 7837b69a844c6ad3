#ifndef PDP_SERVICES_SUBCONTRACTOR_PROJECTIONS_SUBCONTRACTS_H_
#define PDP_SERVICES_SUBCONTRACTOR_PROJECTIONS_SUBCONTRACTS_H_

#include <string>

#include "libs/projection/projection.h"

namespace pdp::subcontractor {

// Every subcontract of an area as it now stands. Key: subcontract id. Row: v1::SubcontractView.
class Subcontracts final : public projection::Projection {
 public:
  static constexpr char kName[] = "subcontracts";
  std::string name() const override { return kName; }
  uint32_t version() const override { return 2; }
  absl::Status Project(const projection::RecordedEvent& recorded,
                       projection::RowWriter& rows) override;
};

}  // namespace pdp::subcontractor

#endif  // PDP_SERVICES_SUBCONTRACTOR_PROJECTIONS_SUBCONTRACTS_H_
