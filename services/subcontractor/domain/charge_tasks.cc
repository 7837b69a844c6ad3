#include "services/subcontractor/domain/commands.h"

// RaiseChargeTask, RetryCharge: a delivery fact that was refused waits for a person, and is charged
// once the reason is gone (interfaces, 1: a refusal becomes a task; E: no price rule).

namespace pdp::subcontractor {

void CloseChargeTask(Unit& unit, const std::string& fact_id, const std::string& cause) {
  const v1::ChargeTaskState* task = FindChargeTask(unit, fact_id);
  if (task == nullptr || !task->open()) return;
  v1::Event event;
  event.mutable_charge_task_closed()->set_fact_id(fact_id);
  event.mutable_charge_task_closed()->set_cause(cause);
  unit.Emit(ChargeTaskId(fact_id), std::move(event));
}

Verdict Decide(Unit& unit, const v1::RaiseChargeTask& command, const Facts& facts) {
  if (!IsSystem(facts)) return SystemOnly();
  const std::string& fact_id = command.fact().fact_id();
  Checks checks;
  checks.Require(IsFactId(fact_id), "fact.fact_id", "must be 1 to 190 bytes without # and |");
  checks.Require(!command.code().empty(), "code", "is missing");
  if (!checks.ok()) return checks.Failed();
  // Known meanwhile: charged, or replaced by another fact. One task a fact.
  if (FindFact(unit, fact_id) != nullptr) return v1::Reply();
  const v1::ChargeTaskState* known = FindChargeTask(unit, fact_id);
  if (known != nullptr && known->open()) return v1::Reply();
  v1::Event event;
  v1::ChargeTaskRaised* raised = event.mutable_charge_task_raised();
  *raised->mutable_fact() = command.fact();
  raised->set_code(command.code());
  raised->set_raised_on(FormatDate(Today(facts)));
  const std::string subcontract_id = SubcontractOf(unit, command.fact());
  if (const v1::SubcontractState* subcontract = FindSubcontract(unit, subcontract_id)) {
    raised->set_org(subcontract->org());
    raised->set_prime_org(subcontract->prime_org());
  }
  unit.Emit(ChargeTaskId(fact_id), std::move(event));
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::RetryCharge& command, const Facts& facts) {
  if (!IsAuthority(facts) && !IsSystem(facts)) {
    return decider::NotAuthorised("the authority has a waiting fact charged");
  }
  const AggregateId id = ChargeTaskId(command.fact_id());
  const v1::ChargeTaskState* task = FindChargeTask(unit, command.fact_id());
  if (task == nullptr) return decider::NotFound(id);
  if (auto conflict = decider::CheckVersion(facts, id, unit.VersionOf(id))) return *conflict;
  if (!task->open()) return decider::StateForbidsCommand("CLOSED");
  return AccrueDelivered(unit, pdp::common::v1::DeliveryFact(task->fact()), facts);
}

}  // namespace pdp::subcontractor
