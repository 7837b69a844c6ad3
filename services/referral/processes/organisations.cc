#include "services/referral/processes/organisations.h"

namespace pdp::referral {
namespace {

namespace sub = subcontractor::v1;

template <typename E>
v1::Contracted Fill(const std::string& contract_id, const E& event) {
  v1::Contracted contract;
  contract.set_contract_id(contract_id);
  contract.set_org(event.org());
  *contract.mutable_services() = event.services();
  *contract.mutable_pdus() = event.pdus();
  contract.set_from(event.from());
  contract.set_to(event.to());
  return contract;
}

}  // namespace

std::optional<v1::Contracted> ContractOf(const sub::PublicEvent& event) {
  if (event.has_prime_contract_activated()) {
    const auto& e = event.prime_contract_activated();
    return Fill(e.contract_id(), e);
  }
  if (event.has_subcontract_activated()) {
    const auto& e = event.subcontract_activated();
    return Fill(e.subcontract_id(), e);
  }
  if (event.has_subcontract_suspended()) {
    const auto& e = event.subcontract_suspended();
    v1::Contracted contract = Fill(e.subcontract_id(), e);
    contract.set_suspended(true);
    return contract;
  }
  if (event.has_subcontract_resumed()) {
    const auto& e = event.subcontract_resumed();
    return Fill(e.subcontract_id(), e);
  }
  if (event.has_subcontract_ended()) {
    const auto& e = event.subcontract_ended();
    return Fill(e.subcontract_id(), e);
  }
  return std::nullopt;
}

std::vector<projection::Subscription> Organisations::subscriptions() const {
  return {{.service = "subcontractor",
           .partitions = projection::Partitions::kOwn,
           .types = {"PrimeContractActivated", "SubcontractActivated", "SubcontractSuspended",
                     "SubcontractResumed", "SubcontractEnded"}}};
}

absl::Status Organisations::React(const common::v1::CloudEvent& event,
                                  projection::ProcessContext& context) {
  const auto contract = ContractOf(projection::DataOf<sub::PublicEvent>(event));
  if (!contract) return absl::OkStatus();
  v1::Command command;
  *command.mutable_record_contract()->mutable_contract() = *contract;
  return projection::Done(context.Execute("contract", command));
}

}  // namespace pdp::referral
