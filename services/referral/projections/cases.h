#ifndef PDP_SERVICES_REFERRAL_PROJECTIONS_CASES_H_
#define PDP_SERVICES_REFERRAL_PROJECTIONS_CASES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/area.h"
#include "libs/projection/projection.h"
#include "pdp/referral/v1/queries.pb.h"

namespace pdp::referral {

// The lists of referrals of an area, without personal data:
//
//   r/<referral id>            v1.CaseRow, whole but for its milestones
//   v/<referral id>            v1.CaseRow, the milestones only
//   p/<crn>                    v1.IdsOfPerson: a person's referrals
//   i/<org>/<respond_on>/<id>  v1.OfferSheet, in the order of OfferInbox
//   s/<referral id>            v1.OfferSheet, the open offer of a referral
//   and the lists of case_lists.h
class Cases final : public projection::Projection {
 public:
  static constexpr char kName[] = "cases";
  std::string name() const override { return kName; }
  uint32_t version() const override { return 5; }
  absl::Status Project(const projection::RecordedEvent& event,
                       projection::RowWriter& rows) override;

  // The row behind an event of its referral, its milestone behind those of `before`. Pure: a report
  // of a past day folds it again.
  static v1::CaseRow After(const v1::CaseRow& before, const projection::RecordedEvent& event);

  static std::string RowKey(absl::string_view referral_id);
  static std::string MilestonesKey(absl::string_view referral_id);
  static std::string PersonKey(absl::string_view crn);
  static std::string InboxPrefix(absl::string_view org);
};

// The referrals of one record of a person in an area, by id, at most `limit`.
absl::StatusOr<std::vector<std::string>> ReferralIdsOf(const projection::RowReader& cases,
                                                       Area area, absl::string_view crn,
                                                       size_t limit);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_PROJECTIONS_CASES_H_
