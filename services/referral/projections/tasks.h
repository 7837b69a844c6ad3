#ifndef PDP_SERVICES_REFERRAL_PROJECTIONS_TASKS_H_
#define PDP_SERVICES_REFERRAL_PROJECTIONS_TASKS_H_

#include <string>

#include "libs/projection/projection.h"

namespace pdp::referral {

// What waits for an official beside the referrals themselves.
//
//   e/<decide_by>/<referral id>/<service>/<id>   v1.EnforcementTask of an area, sealed under the
//                                                person's key, while the report stands (REF-26)
//   r/<referral id>                              v1.EnforcementTask: whom its tasks are about
//   x/<referral id>/<service>/<id>               v1.EnforcementTask: the date a task stands under
//   q/<area>/<imposed_on>/<requirement key>      v1.QuarantinedCode, in NAT (REF-20)
class Tasks final : public projection::Projection {
 public:
  static constexpr char kName[] = "tasks";
  static constexpr char kEnforcement[] = "e/";
  std::string name() const override { return kName; }
  uint32_t version() const override { return 1; }
  absl::Status Project(const projection::RecordedEvent& event,
                       projection::RowWriter& rows) override;
  static std::string QuarantinePrefix(absl::string_view area);
};

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_PROJECTIONS_TASKS_H_
