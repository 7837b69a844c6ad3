#ifndef PDP_SERVICES_PROGRAMMES_PROJECTIONS_ACCESS_H_
#define PDP_SERVICES_PROGRAMMES_PROJECTIONS_ACCESS_H_

#include "libs/projection/projection.h"

namespace pdp::programmes {

// The people of limited access: key = CRN, row = v1.AccessCopy. Few; a query reads them all.
class AccessIndex final : public projection::Projection {
 public:
  static constexpr char kName[] = "access";
  std::string name() const override { return kName; }
  uint32_t version() const override { return 1; }
  absl::Status Project(const projection::RecordedEvent& event,
                       projection::RowWriter& rows) override;
};

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_PROJECTIONS_ACCESS_H_
