#ifndef PDP_SERVICES_UNPAID_WORK_PROJECTIONS_CASES_H_
#define PDP_SERVICES_UNPAID_WORK_PROJECTIONS_CASES_H_

#include <string>

#include "libs/projection/projection.h"
#include "pdp/unpaid_work/v1/queries.pb.h"

namespace pdp::unpaid_work {

// case_summary: the cases of an area, without personal data.
//
//   f/{crn}   v1.Case, its clear fields
//   k/{crn}   v1.CaseSummary, in the order of ListCases
class Cases final : public projection::Projection {
 public:
  static constexpr char kName[] = "case_summary";
  static constexpr char kOrderPrefix[] = "k/";
  std::string name() const override { return kName; }
  uint32_t version() const override { return 1; }
  absl::Status Project(const projection::RecordedEvent& recorded,
                       projection::RowWriter& rows) override;
};

// The row of a case as it now is. Pure.
v1::CaseSummary Summarise(const v1::Case& c);

}  // namespace pdp::unpaid_work

#endif  // PDP_SERVICES_UNPAID_WORK_PROJECTIONS_CASES_H_
