#ifndef PDP_SERVICES_REFERRAL_PROCESSES_LIFE_EVENTS_H_
#define PDP_SERVICES_REFERRAL_PROCESSES_LIFE_EVENTS_H_

#include <string>
#include <vector>

#include "libs/projection/process.h"
#include "libs/projection/surroundings.h"
#include "pdp/referral/v1/commands.pb.h"
#include "pdp/referral/v1/public_events.pb.h"
#include "services/referral/nat_reader.h"

namespace pdp::referral {

// What an event of NAT means to one referral of the person (REF-25, REF-85):
//
//   RequirementEnded, SentenceEnded    REVOKED, TERMINATED -> SER, EXPIRED -> SEE, QUASHED -> ACQ:
//     of its requirement or sentence   WithdrawReferral, a draft is discarded; COMPLETED: nothing.
//                                      A UPW referral follows its requirement alone
//   DeathRecorded                      the same with USE
//   LocationChanged                    CUSTODY pauses FIRST_APPOINTMENT and WORK_ARRANGED;
//                                      COMMUNITY resumes them
//
// Empty: nothing. Whatever the state forbids is an answer.
std::vector<v1::Command> CommandsOf(const v1::PublicEvent& event, const v1::Referral& referral);

// The referrals of a person in an area, under any of their CRNs (REF-93): of the view, once it has
// passed what the cell has applied. `seen`: as NatReader has it. Blocking.
absl::StatusOr<std::vector<std::string>> ReferralsOf(const projection::Surroundings& host,
                                                     const NatReader& nat, Area area,
                                                     const std::string& crn,
                                                     const common::v1::Position& seen);

// Carries them out in each area that has referrals of the person.
class LifeEvents final : public projection::Process {
 public:
  explicit LifeEvents(const projection::Surroundings& host) : host_(host), nat_(host) {}
  std::string name() const override { return "life_events"; }
  std::vector<projection::Subscription> subscriptions() const override;
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;

 private:
  const projection::Surroundings& host_;
  NatReader nat_;
};

// The area's copy of the access lists of NAT (REF-90, REF-91).
class AccessFollower final : public projection::Process {
 public:
  std::string name() const override { return "access_follower"; }
  std::vector<projection::Subscription> subscriptions() const override;
  // A merge and a restriction of either record stand in one order.
  std::string OrderingKey(const common::v1::CloudEvent&) const override { return ""; }
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;
};

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_PROCESSES_LIFE_EVENTS_H_
