#ifndef PDP_SERVICES_REFERRAL_PROJECTIONS_RULE_EFFECTS_H_
#define PDP_SERVICES_REFERRAL_PROJECTIONS_RULE_EFFECTS_H_

#include <string>

#include "libs/projection/projection.h"

namespace pdp::referral {

// Whom a version of the rules touched (REF-57, REF-86).
//
//   r/<referral id>              v1.RuleEffect with reference and CRN
//   e/<cause>/<referral id>/...  v1.RuleEffect, of causes POLICY:, CODES: and CALENDAR:
class RuleEffects final : public projection::Projection {
 public:
  static constexpr char kName[] = "rule_effects";
  std::string name() const override { return kName; }
  uint32_t version() const override { return 1; }
  absl::Status Project(const projection::RecordedEvent& event,
                       projection::RowWriter& rows) override;

  static std::string CausePrefix(absl::string_view cause);
};

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_PROJECTIONS_RULE_EFFECTS_H_
