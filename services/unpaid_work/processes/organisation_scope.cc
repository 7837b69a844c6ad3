#include "services/unpaid_work/processes/organisation_scope.h"

#include <algorithm>

#include "libs/base/log.h"

namespace pdp::unpaid_work {
namespace {

namespace sub = subcontractor::v1;

constexpr char kServiceCode[] = "UPW";

template <typename Activated>
v1::RecordOrganisationScope From(const Activated& activated, const std::string& contract_id) {
  v1::RecordOrganisationScope command;
  command.set_org(activated.org());
  v1::OrganisationScope::Contract* contract = command.mutable_contract();
  contract->set_contract_id(contract_id);
  contract->set_from(activated.from());
  contract->set_to(activated.to());
  return command;
}

bool ForUnpaidWork(const google::protobuf::RepeatedPtrField<std::string>& services) {
  return std::find(services.begin(), services.end(), kServiceCode) != services.end();
}

}  // namespace

std::optional<v1::RecordOrganisationScope> ScopeOf(const sub::PublicEvent& event) {
  if (event.has_prime_contract_activated()) {
    const auto& activated = event.prime_contract_activated();
    if (!ForUnpaidWork(activated.services())) return std::nullopt;
    v1::RecordOrganisationScope command = From(activated, activated.contract_id());
    *command.mutable_contract()->mutable_pdus() = activated.pdus();
    return command;
  }
  if (event.has_subcontract_activated()) {
    const auto& activated = event.subcontract_activated();
    if (!ForUnpaidWork(activated.services())) return std::nullopt;
    v1::RecordOrganisationScope command = From(activated, activated.subcontract_id());
    // A sheet agrees its PDUs for each service; without scopes they are the contract's.
    for (const sub::ServiceScope& scope : activated.scope()) {
      if (scope.service() != kServiceCode) continue;
      *command.mutable_contract()->mutable_pdus() = scope.pdus();
    }
    if (activated.scope().empty()) *command.mutable_contract()->mutable_pdus() = activated.pdus();
    return command;
  }
  return std::nullopt;
}

std::vector<projection::Subscription> OrganisationScopeKeeper::subscriptions() const {
  return {{.service = "subcontractor",
           .partitions = projection::Partitions::kOwn,
           .types = {"PrimeContractActivated", "SubcontractActivated"}}};
}

absl::Status OrganisationScopeKeeper::React(const common::v1::CloudEvent& event,
                                            projection::ProcessContext& context) {
  std::optional<v1::RecordOrganisationScope> scope =
      ScopeOf(projection::DataOf<sub::PublicEvent>(event));
  if (!scope) return absl::OkStatus();
  const std::string org = scope->org();
  v1::Command command;
  *command.mutable_record_organisation_scope() = *std::move(scope);
  const engine::CommandOutcome outcome = context.Execute("scope", command);
  if (const std::string refusal = projection::RefusalOf(outcome); !refusal.empty()) {
    PDP_LOG(ERROR) << "the contract scope of " << org << " was refused: " << refusal;
  }
  return projection::Done(outcome);
}

}  // namespace pdp::unpaid_work
