#ifndef PDP_SERVICES_PROGRAMMES_PROJECTIONS_ENROLMENTS_H_
#define PDP_SERVICES_PROGRAMMES_PROJECTIONS_ENROLMENTS_H_

#include <string>

#include "libs/projection/projection.h"
#include "pdp/programmes/v1/queries.pb.h"

namespace pdp::programmes {

// Every enrolment of an area as the lists need it. Row: v1.EnrolmentRow; what it tells of the
// person is sealed under the CRN.
//
//   e/{enrolment_id}              all, in order of referral and round
//   c/{crn}/{enrolment_id}        of one person
//   g/{group_id}/{enrolment_id}   whose last group it is
//   w/{enrolment_id}              who are waiting; the query, which knows the day, orders (PRG-25)
class Enrolments final : public projection::Projection {
 public:
  static constexpr char kName[] = "enrolments";
  std::string name() const override { return kName; }
  uint32_t version() const override { return 1; }
  absl::Status Project(const projection::RecordedEvent& event,
                       projection::RowWriter& rows) override;

  static constexpr char kAllPrefix[] = "e/";
  static constexpr char kWaitingPrefix[] = "w/";
  static std::string RowKey(absl::string_view enrolment_id);
  static std::string ReferralPrefix(absl::string_view referral_id);
  static std::string PersonPrefix(absl::string_view crn);
  static std::string GroupPrefix(absl::string_view group_id);
};

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_PROJECTIONS_ENROLMENTS_H_
