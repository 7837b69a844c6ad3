#ifndef PDP_SERVICES_UNPAID_WORK_PROCESSES_INTAKE_H_
#define PDP_SERVICES_UNPAID_WORK_PROCESSES_INTAKE_H_

#include <memory>
#include <string>
#include <vector>

#include "libs/projection/process.h"
#include "libs/projection/surroundings.h"
#include "pdp/referral/v1/public_events.pb.h"
#include "services/unpaid_work/processes/referral_snapshot.h"

namespace pdp::unpaid_work {

// Intake (section 8; interfaces, D5, D11): what becomes of a referral of line UPW.
//
//   event               does
//   ReferralAccepted    GetReferral; ReserveCase in NAT; RegisterRequirement, or AssignOrganisation
//                       when the requirement is known; then the person's facts are taken over
//   ReferralReturned,   AssignOrganisation(none): the requirement stays the court's. Never taken
//   ReferralWithdrawn   over: its intake exception is resolved
//   ReferralReopened    intake exception REFERRAL_REOPENED, unless a fact of ours reopened it
//
// A refusal is kept as an intake exception with its code (UPW-80); a case in transit is waited for.
// The registration is tried first each time: its repeat under the same id gets the first outcome,
// so a redelivered ReferralAccepted can never take the case back from a later organisation. In
// order per referral.
class Intake final : public projection::Process {
 public:
  Intake(const projection::Surroundings& host, std::shared_ptr<const projection::HighWater> nat)
      : host_(host), nat_(std::move(nat)) {}
  std::string name() const override { return "intake"; }
  std::vector<projection::Subscription> subscriptions() const override;
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;

 private:
  absl::Status Accept(const common::v1::CloudEvent& event,
                      const referral::v1::PublicEvent::ReferralAccepted& accepted,
                      projection::ProcessContext& context);
  // Nobody delivers any more; `cause` RETURNED or WITHDRAWN.
  absl::Status LetGo(const common::v1::CloudEvent& event, const std::string& referral_id,
                     const char* cause, projection::ProcessContext& context);
  absl::Status Except(const std::string& referral_id, const std::string& crn,
                      const std::string& code, const std::string& detail,
                      projection::ProcessContext& context);

  const projection::Surroundings& host_;
  const std::shared_ptr<const projection::HighWater> nat_;
};

// Person facts (section 8): what referral learns later of a person whose case is here, taken over
// when newer. Reads NAT; who is not known here is passed by (Intake asks at or after this mark).
class PersonFollower final : public projection::Process {
 public:
  PersonFollower(const projection::Surroundings& host, std::shared_ptr<projection::HighWater> nat)
      : host_(host), nat_(std::move(nat)) {}
  std::string name() const override { return "person_facts"; }
  std::vector<projection::Subscription> subscriptions() const override;
  void Resumes(const std::string& service, const common::v1::FeedPosition& after) override {
    nat_->Saw(after.seq());
  }
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;

 private:
  const projection::Surroundings& host_;
  const std::shared_ptr<projection::HighWater> nat_;
};

}  // namespace pdp::unpaid_work

#endif  // PDP_SERVICES_UNPAID_WORK_PROCESSES_INTAKE_H_
