#ifndef PDP_SERVICES_PROGRAMMES_PROCESSES_PERSON_FACTS_H_
#define PDP_SERVICES_PROGRAMMES_PROCESSES_PERSON_FACTS_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/projection/high_water.h"
#include "libs/projection/process.h"
#include "libs/projection/surroundings.h"
#include "pdp/programmes/v1/queries.pb.h"
#include "pdp/referral/v1/public_events.pb.h"

namespace pdp::programmes {

// What happens to a person, an order or a requirement in NAT, for every case that is open here
// (PM-2, PM-3; interfaces, B1, C6):
//
//   event of referral                             does
//   IdentityCorrected, NeedsRecorded,             GetReferral at or after the event's position,
//   BarrierRecorded, BarrierClosed, RiskRecorded  UpdateReferralFacts: only newer facts count
//   RequirementVaried, SentenceEndChanged         the same with the order's newest dates (PRG-70)
//   RequirementEnded, SentenceEnded               EndEnrolment; nothing when it was completed
//   DeathRecorded                                 EndEnrolment(DIED)
//   LocationChanged                               CUSTODY: SuspendEnrolment; COMMUNITY: a task
class PersonFacts final : public projection::Process {
 public:
  // `nat`: how far it has read, for whoever makes people known here.
  PersonFacts(const projection::Surroundings& host, std::shared_ptr<projection::HighWater> nat)
      : host_(host), nat_(std::move(nat)) {}
  std::string name() const override { return "person_facts"; }
  std::vector<projection::Subscription> subscriptions() const override;
  // In order per person, whichever of person and sentence it is about.
  std::string OrderingKey(const common::v1::CloudEvent& event) const override;
  void Resumes(const std::string& service, const common::v1::FeedPosition& after) override {
    nat_->Saw(after.seq());
  }
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;

 private:
  absl::Status Update(const common::v1::CloudEvent& event,
                      const referral::v1::PublicEvent& data, const v1::EnrolmentRow& enrolment,
                      projection::ProcessContext& context);

  const projection::Surroundings& host_;
  const std::shared_ptr<projection::HighWater> nat_;
};

// The access lists of people, whether known here or not (REF-90): a case may come later.
class AccessFollower final : public projection::Process {
 public:
  std::string name() const override { return "access_follower"; }
  std::vector<projection::Subscription> subscriptions() const override;
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;
};

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_PROCESSES_PERSON_FACTS_H_
