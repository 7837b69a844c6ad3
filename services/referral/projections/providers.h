#ifndef PDP_SERVICES_REFERRAL_PROJECTIONS_PROVIDERS_H_
#define PDP_SERVICES_REFERRAL_PROJECTIONS_PROVIDERS_H_

#include <string>

#include "libs/projection/projection.h"

namespace pdp::referral {

// The organisations contracted in an area: <org>/<contract id> -> v1.Contracted. Who could be
// offered a case, for the excluded organisations of a person with limited access (REF-90).
class Providers final : public projection::Projection {
 public:
  static constexpr char kName[] = "providers";
  std::string name() const override { return kName; }
  uint32_t version() const override { return 1; }
  absl::Status Project(const projection::RecordedEvent& event,
                       projection::RowWriter& rows) override;
};

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_PROJECTIONS_PROVIDERS_H_
