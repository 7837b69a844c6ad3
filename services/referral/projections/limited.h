#ifndef PDP_SERVICES_REFERRAL_PROJECTIONS_LIMITED_H_
#define PDP_SERVICES_REFERRAL_PROJECTIONS_LIMITED_H_

#include "libs/projection/projection.h"

namespace pdp::referral {

// The people of limited access (REF-90): <crn> -> v1.AccessLists, a row only while a list stands.
// In NAT as decided there, in an area as its copy has it. Every CRN of a merged person has the
// lists of all of them (REF-93). A row kAny stands while there is anybody.
class Limited final : public projection::Projection {
 public:
  static constexpr char kName[] = "limited";
  // No CRN begins so (REF-1).
  static constexpr char kAny[] = "*";
  std::string name() const override { return kName; }
  uint32_t version() const override { return 2; }
  absl::Status Project(const projection::RecordedEvent& event,
                       projection::RowWriter& rows) override;
};

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_PROJECTIONS_LIMITED_H_
