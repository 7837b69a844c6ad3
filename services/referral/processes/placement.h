#ifndef PDP_SERVICES_REFERRAL_PROCESSES_PLACEMENT_H_
#define PDP_SERVICES_REFERRAL_PROCESSES_PLACEMENT_H_

#include "libs/projection/process.h"
#include "libs/projection/surroundings.h"
#include "pdp/referral/v1/state.pb.h"
#include "pdp/subcontractor/v1/commands.pb.h"

namespace pdp::referral {

// The offer round (REF-60, REF-63; interfaces, D3): settles the round that is over, then asks
// subcontractor for the next one and records its answer. In order per referral; calls carry ids
// derived from the event, so a repeat has no second effect.
//
//   event                         calls
//   ReferralRouted, Retried       Apportion
//   OfferDeclined, OfferLapsed    Settle(DECLINED, EXPIRED), Apportion
//   ReferralReturned              Settle(RETURNED), Apportion unless it goes back to the decision
//   ReferralAccepted              Settle(ACCEPTED)
//   ReferralWithdrawn             Settle(WITHDRAWN_BEFORE_START) when a round was open
//   DecideAgain                   Settle(RESCINDED) when a round was queued (REF-57)
//   ReferralHandedOff             Settle(TRANSFERRED), or RESCINDED for an open offer (REF-95)
//   ReferralReceived              Apportion, when it arrived ROUTED
class Placement final : public projection::Process {
 public:
  explicit Placement(const projection::Surroundings& host) : host_(host) {}
  std::string name() const override { return "placement"; }
  std::vector<projection::Subscription> subscriptions() const override;
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;

 private:
  absl::Status Settle(projection::ProcessContext& context, const std::string& apportionment_id,
                      subcontractor::v1::SettleOutcome outcome, const std::string& code,
                      bool started);
  // REF-90: the contracted organisations without a cleared user of a person with limited access.
  absl::Status AddUncleared(Area area, const std::string& crn, std::set<std::string>* excluded);
  absl::Status Apportion(projection::ProcessContext& context, const AggregateId& id);

  const projection::Surroundings& host_;
};

// A queued round is completed by ReferralApportioned or ApportionmentFailed (interfaces, B4).
class Apportioned final : public projection::Process {
 public:
  std::string name() const override { return "apportioned"; }
  std::vector<projection::Subscription> subscriptions() const override;
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;
  std::string OrderingKey(const common::v1::CloudEvent& event) const override;
};

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_PROCESSES_PLACEMENT_H_
