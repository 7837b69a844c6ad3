#ifndef PDP_SERVICES_REFERRAL_PROJECTIONS_MIX_H_
#define PDP_SERVICES_REFERRAL_PROJECTIONS_MIX_H_

#include <string>

#include "absl/strings/string_view.h"
#include "libs/projection/projection.h"

namespace pdp::referral {

// Who was offered what, and what became of it, in counts by month; and the people referred by age,
// sex and need. Exact: what others than the authority and the organisation itself may see of it is
// decided when it is read (SUB-130).
//
//   m/<month>/<org>/<route>/<stratum>        v1.MixRow
//   g/<month>/<characteristic>/<value>       v1.DemographicRow
//   p/<crn>/<one of the two keys above>      what of it is of one person: not counted for whoever
//                                            may not see them (REF-90)
//   r/<referral id>                          v1.CaseRow: CRN, route and stratum of a referral
//
// A rebuild after an erasure counts that person's age and sex as NOT_KNOWN.
class Mix final : public projection::Projection {
 public:
  static constexpr char kName[] = "mix";
  static constexpr char kCounts[] = "m/";
  static constexpr char kPeople[] = "g/";
  std::string name() const override { return kName; }
  uint32_t version() const override { return 1; }
  absl::Status Project(const projection::RecordedEvent& event,
                       projection::RowWriter& rows) override;
  static std::string PersonPrefix(absl::string_view crn);
};

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_PROJECTIONS_MIX_H_
