#ifndef PDP_SERVICES_PROGRAMMES_PROJECTIONS_ENROLMENTS_H_
#define PDP_SERVICES_PROGRAMMES_PROJECTIONS_ENROLMENTS_H_

#include <string>

#include "libs/projection/projection.h"
#include "pdp/programmes/v1/queries.pb.h"

namespace pdp::programmes {

// Every enrolment of an area as the lists need it. What a row says is taken from the state that the
// domain's own Evolve makes of the events, so a list never tells another standing than the cell.
// What it tells of the person is sealed under the CRN.
//
//   x/{enrolment_id}              v1.Enrolment, what the rows are made of
//   e/{enrolment_id}              v1.EnrolmentRow: all, in order of referral and round
//   c/{crn}/{enrolment_id}        of one person, under every CRN of theirs
//   g/{group_id}/{enrolment_id}   who are in a group now
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
  static std::string ReferralPrefix(absl::string_view referral_id);
  static std::string PersonPrefix(absl::string_view crn);
  static std::string GroupPrefix(absl::string_view group_id);
};

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_PROJECTIONS_ENROLMENTS_H_
