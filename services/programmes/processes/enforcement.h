#ifndef PDP_SERVICES_PROGRAMMES_PROCESSES_ENFORCEMENT_H_
#define PDP_SERVICES_PROGRAMMES_PROCESSES_ENFORCEMENT_H_

#include "libs/projection/process.h"
#include "libs/projection/surroundings.h"
#include "pdp/programmes/v1/public_events.pb.h"

namespace pdp::programmes {

// PM-7: steps that follow from failures and warnings (PRG-88 to 90), in order per order.
//
//   own event                                        does
//   StepDue REFERRAL_MANDATORY, RECALL_REFERRAL      ReportEnforcementReferral (A6), with what the
//                                                    failures rest on as evidence
//   StepDue of any other step                        a task for the responsible officer
//   StepWithdrawn                                    WithdrawEnforcementReferral (A7), or the task
//                                                    is closed
//
// ALREADY_REPORTED and NOT_OPEN are done; any other refusal is a task.
class Enforcement final : public projection::Process {
 public:
  explicit Enforcement(const projection::Surroundings& host) : host_(host) {}
  std::string name() const override { return "enforcement"; }
  std::vector<projection::Subscription> subscriptions() const override;
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;

 private:
  absl::Status Due(const common::v1::CloudEvent& event, const v1::InternalEvent::StepDue& due,
                   projection::ProcessContext& context);
  absl::Status Withdrawn(const v1::InternalEvent::StepWithdrawn& withdrawn,
                         projection::ProcessContext& context);
  absl::StatusOr<std::vector<std::string>> Evidence(const v1::InternalEvent::StepDue& due,
                                                    Area area) const;

  const projection::Surroundings& host_;
};

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_PROCESSES_ENFORCEMENT_H_
