#ifndef PDP_SERVICES_SUBCONTRACTOR_PROCESSES_FOLLOWERS_H_
#define PDP_SERVICES_SUBCONTRACTOR_PROCESSES_FOLLOWERS_H_

#include <string>
#include <vector>

#include "libs/projection/process.h"

namespace pdp::subcontractor {

// OfferFollower (section 7; interfaces, B1): what the referral service tells of placement and
// delivery.
//
//   ReferralDirected   RecordOverride (SUB-49)
//   DeliveryStarted    bypass check (SUB-53)
//   DeliveryEnded      the allocation is no longer open (SUB-42)
//   ReferralHandedOff  the same: the referral goes on in another area
//   ReferralReopened   the allocation is open again
class OfferFollower final : public projection::Process {
 public:
  std::string name() const override { return "offer_follower"; }
  std::vector<projection::Subscription> subscriptions() const override;
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;
};

// PoolKeeper (section 7): an activated subcontract joins the pools of its services. It starts at
// deficit 0 and share 0; it is drawn once all members have signed new shares (SUB-43, 50). A
// suspended one is suspended there (SUB-41) and an ended one leaves (SUB-38, 50), unless the member
// stands on another subcontract by then.
class PoolKeeper final : public projection::Process {
 public:
  std::string name() const override { return "pool_keeper"; }
  std::vector<projection::Subscription> subscriptions() const override;
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;
};

// The area's copy of the organisations registered in NAT (section 2).
class OrganisationFollower final : public projection::Process {
 public:
  std::string name() const override { return "organisation_follower"; }
  std::vector<projection::Subscription> subscriptions() const override;
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;
};

}  // namespace pdp::subcontractor

#endif  // PDP_SERVICES_SUBCONTRACTOR_PROCESSES_FOLLOWERS_H_
