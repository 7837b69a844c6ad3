#ifndef PDP_SERVICES_REFERRAL_PROCESSES_ORGANISATIONS_H_
#define PDP_SERVICES_REFERRAL_PROCESSES_ORGANISATIONS_H_

#include <optional>
#include <string>

#include "libs/projection/process.h"
#include "pdp/referral/v1/commands.pb.h"
#include "pdp/subcontractor/v1/public_events.pb.h"

namespace pdp::referral {

// The contract as an event of subcontractor leaves it: PrimeContractActivated; Subcontract-
// Activated, -Suspended, -Resumed, -Ended (interfaces, B4). nullopt: no contract event.
std::optional<v1::Contracted> ContractOf(const subcontractor::v1::PublicEvent& event);

// The area's copy of who is contracted, for ORGANISATION_NOT_CONTRACTED (REF-64).
class Organisations final : public projection::Process {
 public:
  std::string name() const override { return "organisations"; }
  std::vector<projection::Subscription> subscriptions() const override;
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;
};

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_PROCESSES_ORGANISATIONS_H_
