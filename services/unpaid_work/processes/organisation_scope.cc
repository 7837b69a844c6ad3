#include "services/unpaid_work/processes/organisation_scope.h"

#include <algorithm>

#include "libs/base/log.h"
#include "libs/engine/cell_reader.h"
#include "services/unpaid_work/domain/unpaid_work.h"

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

// A later word about a subcontract: its PDUs stay those agreed when it was activated.
template <typename Later>
std::optional<v1::RecordOrganisationScope> Change(const Later& later,
                                                  const v1::OrganisationScope& known,
                                                  bool suspended) {
  if (!ForUnpaidWork(later.services())) return std::nullopt;
  v1::RecordOrganisationScope command = From(later, later.subcontract_id());
  *command.mutable_contract()->mutable_pdus() = later.pdus();
  for (const v1::OrganisationScope::Contract& contract : known.contracts()) {
    if (contract.contract_id() != later.subcontract_id()) continue;
    *command.mutable_contract()->mutable_pdus() = contract.pdus();
  }
  command.mutable_contract()->set_suspended(suspended);
  return command;
}

std::string OrgOf(const sub::PublicEvent& event) {
  if (event.has_prime_contract_activated()) return event.prime_contract_activated().org();
  if (event.has_subcontract_activated()) return event.subcontract_activated().org();
  if (event.has_subcontract_suspended()) return event.subcontract_suspended().org();
  if (event.has_subcontract_resumed()) return event.subcontract_resumed().org();
  if (event.has_subcontract_ended()) return event.subcontract_ended().org();
  return "";
}

}  // namespace

std::optional<v1::RecordOrganisationScope> ScopeOf(const sub::PublicEvent& event,
                                                   const v1::OrganisationScope& known) {
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
  if (event.has_subcontract_suspended()) return Change(event.subcontract_suspended(), known, true);
  if (event.has_subcontract_resumed()) return Change(event.subcontract_resumed(), known, false);
  if (event.has_subcontract_ended()) return Change(event.subcontract_ended(), known, false);
  return std::nullopt;
}

std::vector<projection::Subscription> OrganisationScopeKeeper::subscriptions() const {
  return {{.service = "subcontractor",
           .partitions = projection::Partitions::kOwn,
           .types = {"PrimeContractActivated", "SubcontractActivated", "SubcontractSuspended",
                     "SubcontractResumed", "SubcontractEnded"}}};
}

std::string OrganisationScopeKeeper::OrderingKey(const common::v1::CloudEvent& event) const {
  return OrgOf(projection::DataOf<sub::PublicEvent>(event));
}

absl::Status OrganisationScopeKeeper::React(const common::v1::CloudEvent& event,
                                            projection::ProcessContext& context) {
  const auto data = projection::DataOf<sub::PublicEvent>(event);
  const std::string org = OrgOf(data);
  if (org.empty()) return absl::OkStatus();
  const engine::CellReader* cell = host_.reader(context.area());
  if (cell == nullptr) return absl::UnavailableError("the cell is not hosted here");
  v1::OrganisationScope known;
  const auto read = cell->ReadState(OrganisationScopeId(org));
  if (read.ok()) {
    known = static_cast<const v1::State&>(*read->state).organisation_scope();
  } else if (read.status().code() != absl::StatusCode::kNotFound) {
    return read.status();
  }
  std::optional<v1::RecordOrganisationScope> scope = ScopeOf(data, known);
  if (!scope) return absl::OkStatus();
  v1::Command command;
  *command.mutable_record_organisation_scope() = *std::move(scope);
  const engine::CommandOutcome outcome = context.Execute("scope", command);
  if (const std::string refusal = projection::RefusalOf(outcome); !refusal.empty()) {
    PDP_LOG(ERROR) << "the contract scope of " << org << " was refused: " << refusal;
  }
  return projection::Done(outcome);
}

}  // namespace pdp::unpaid_work
