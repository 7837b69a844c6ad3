#ifndef PDP_SERVICES_UNPAID_WORK_PROCESSES_ORGANISATION_SCOPE_H_
#define PDP_SERVICES_UNPAID_WORK_PROCESSES_ORGANISATION_SCOPE_H_

#include <optional>
#include <string>
#include <vector>

#include "libs/projection/process.h"
#include "pdp/subcontractor/v1/public_events.pb.h"
#include "pdp/unpaid_work/v1/commands.pb.h"

namespace pdp::unpaid_work {

// Organisation scope (section 8; interfaces, B4): the contracts under which an organisation may
// deliver unpaid work here, as they now are (UPW-77).
class OrganisationScopeKeeper final : public projection::Process {
 public:
  std::string name() const override { return "organisation_scope"; }
  std::vector<projection::Subscription> subscriptions() const override;
  absl::Status React(const common::v1::CloudEvent& event,
                     projection::ProcessContext& context) override;
};

// nullopt: not about unpaid work. Pure.
std::optional<v1::RecordOrganisationScope> ScopeOf(const subcontractor::v1::PublicEvent& event);

}  // namespace pdp::unpaid_work

#endif  // PDP_SERVICES_UNPAID_WORK_PROCESSES_ORGANISATION_SCOPE_H_
