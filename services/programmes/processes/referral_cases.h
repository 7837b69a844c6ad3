#ifndef PDP_SERVICES_PROGRAMMES_PROCESSES_REFERRAL_CASES_H_
#define PDP_SERVICES_PROGRAMMES_PROCESSES_REFERRAL_CASES_H_

#include <memory>
#include <utility>

#include "libs/projection/high_water.h"
#include "libs/projection/process.h"
#include "libs/projection/surroundings.h"
#include "pdp/referral/v1/public_events.pb.h"

namespace pdp::programmes {

// The case as referral has it, in order per referral (PM-1, 3, 4; interfaces, D5):
//
//   event of referral                 does
//   ReferralAccepted (AP, SI)         GetReferral at that version, ReceiveReferral; a refusal, or
//                                     a referral that is not found, is a task
//   ReferralReturned                  EndEnrolment(RETURNED); nothing where it ended already
//   ReferralWithdrawn                 EndEnrolment with the reason of C6
//   ReferralHandedOff                 TransferOut: the ledger is exported, the place freed
//   ReferralReopened                  task, unless a fact of this service reopened it
//
// One process for all of them: an ending waits behind the acceptance it follows, however long that
// waits for referral's answer.
class ReferralCases final : public projection::Process {
 public:
  // `nat`: how far PersonFacts has read.
  ReferralCases(const projection::Surroundings& host,
                std::shared_ptr<const projection::HighWater> nat)
      : host_(host), nat_(std::move(nat)) {}
  std::string name() const override { return "referral_cases"; }
  std::vector<projection::Subscription> subscriptions() const override;
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;

 private:
  absl::Status Receive(const common::v1::CloudEvent& event,
                       const referral::v1::PublicEvent::ReferralAccepted& accepted,
                       projection::ProcessContext& context);
  absl::Status Withdraw(const common::v1::CloudEvent& event,
                        const referral::v1::PublicEvent::ReferralWithdrawn& withdrawn,
                        projection::ProcessContext& context);
  absl::Status HandOff(const common::v1::CloudEvent& event,
                       const referral::v1::PublicEvent::ReferralHandedOff& handed_off,
                       projection::ProcessContext& context);

  const projection::Surroundings& host_;
  const std::shared_ptr<const projection::HighWater> nat_;
};

// D6: an enrolment that ended NOT_SUITABLE or INFEASIBLE before start, not because of a referral
// event, goes back to referral as WRONG_ROUTE (A5).
class Returns final : public projection::Process {
 public:
  explicit Returns(const projection::Surroundings& host) : host_(host) {}
  std::string name() const override { return "returns"; }
  std::vector<projection::Subscription> subscriptions() const override;
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;

 private:
  const projection::Surroundings& host_;
};

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_PROCESSES_REFERRAL_CASES_H_
