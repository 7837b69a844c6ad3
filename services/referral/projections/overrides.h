#ifndef PDP_SERVICES_REFERRAL_PROJECTIONS_OVERRIDES_H_
#define PDP_SERVICES_REFERRAL_PROJECTIONS_OVERRIDES_H_

#include "libs/projection/projection.h"

namespace pdp::referral {

// What people of an area decided by hand against what the platform had found (REF-34, REF-50,
// REF-52, REF-64), without their notes:
//
//   o/<date>/<seq>/<index>   v1.OverrideRow, in the order of OverrideBoard
//   r/<referral id>          v1.OverrideRow: CRN, reference and present route of a referral
class Overrides final : public projection::Projection {
 public:
  static constexpr char kName[] = "overrides";
  static constexpr char kList[] = "o/";
  std::string name() const override { return kName; }
  uint32_t version() const override { return 1; }
  absl::Status Project(const projection::RecordedEvent& event,
                       projection::RowWriter& rows) override;
};

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_PROJECTIONS_OVERRIDES_H_
