#ifndef PDP_SERVICES_UNPAID_WORK_PROCESSES_ORGANISATION_SCOPE_H_
#define PDP_SERVICES_UNPAID_WORK_PROCESSES_ORGANISATION_SCOPE_H_

#include <optional>
#include <string>
#include <vector>

#include "libs/projection/process.h"
#include "libs/projection/surroundings.h"
#include "pdp/subcontractor/v1/public_events.pb.h"
#include "pdp/unpaid_work/v1/commands.pb.h"

namespace pdp::unpaid_work {

// Organisation scope (section 8; interfaces, B4): the contracts under which an organisation may
// deliver unpaid work here, as they now are (UPW-77). A suspended one covers nothing until it is
// resumed, an ended one nothing after its last day. In order per organisation.
class OrganisationScopeKeeper final : public projection::Process {
 public:
  explicit OrganisationScopeKeeper(const projection::Surroundings& host) : host_(host) {}
  std::string name() const override { return "organisation_scope"; }
  std::vector<projection::Subscription> subscriptions() const override;
  std::string OrderingKey(const common::v1::CloudEvent& event) const override;
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;

 private:
  const projection::Surroundings& host_;
};

// The contract as it is after the event; nullopt: not about unpaid work. `known` is the scope as it
// was: suspension and end leave the PDUs agreed for unpaid work as they are. Pure.
std::optional<v1::RecordOrganisationScope> ScopeOf(const subcontractor::v1::PublicEvent& event,
                                                   const v1::OrganisationScope& known);

}  // namespace pdp::unpaid_work

#endif  // PDP_SERVICES_UNPAID_WORK_PROCESSES_ORGANISATION_SCOPE_H_
