#include "services/subcontractor/domain/subcontractor.h"

namespace pdp::subcontractor {

const v1::OrganisationState* FindOrganisation(const Unit& unit, absl::string_view org) {
  const v1::State* state = unit.Find(OrganisationId(org));
  return state != nullptr && state->has_organisation() ? &state->organisation() : nullptr;
}

const v1::ProviderState* FindProvider(const Unit& unit, absl::string_view org) {
  const v1::State* state = unit.Find(ProviderId(org));
  return state != nullptr && state->has_provider() ? &state->provider() : nullptr;
}

const v1::PrimeContractState* FindPrimeContract(const Unit& unit, absl::string_view id) {
  const v1::State* state = unit.Find(PrimeContractId(id));
  return state != nullptr && state->has_prime_contract() ? &state->prime_contract() : nullptr;
}

const v1::SubcontractState* FindSubcontract(const Unit& unit, absl::string_view id) {
  const v1::State* state = unit.Find(SubcontractId(id));
  return state != nullptr && state->has_subcontract() ? &state->subcontract() : nullptr;
}

const v1::PoolState* FindPool(const Unit& unit, Area area, absl::string_view service) {
  const v1::State* state = unit.Find(PoolId(area, service));
  return state != nullptr && state->pool().opened() ? &state->pool() : nullptr;
}

const v1::SeedState* FindSeed(const Unit& unit, Area area, absl::string_view service,
                              absl::string_view date) {
  const v1::State* state = unit.Find(SeedId(area, service, date));
  return state != nullptr && state->has_seed() ? &state->seed() : nullptr;
}

const v1::Allocation* FindAllocation(const Unit& unit, absl::string_view apportionment_id) {
  const v1::State* state = unit.Find(AllocationId(apportionment_id));
  return state != nullptr && state->has_allocation() ? &state->allocation().allocation() : nullptr;
}

const v1::ReferralIndexState* FindReferralIndex(const Unit& unit, absl::string_view referral_id) {
  const v1::State* state = unit.Find(ReferralIndexId(referral_id));
  return state != nullptr && state->has_referral_index() ? &state->referral_index() : nullptr;
}

const v1::ChargeBookState* FindChargeBook(const Unit& unit, absl::string_view subcontract_id,
                                          absl::string_view month) {
  const v1::State* state = unit.Find(ChargeBookId(subcontract_id, month));
  return state != nullptr && state->has_charge_book() ? &state->charge_book() : nullptr;
}

const v1::LedgerState* FindLedger(const Unit& unit, absl::string_view subcontract_id) {
  const v1::State* state = unit.Find(LedgerId(subcontract_id));
  return state != nullptr && state->has_ledger() ? &state->ledger() : nullptr;
}

const v1::FactState* FindFact(const Unit& unit, absl::string_view fact_id) {
  const v1::State* state = unit.Find(FactId(fact_id));
  return state != nullptr && state->has_fact() ? &state->fact() : nullptr;
}

const v1::ChargeTaskState* FindChargeTask(const Unit& unit, absl::string_view fact_id) {
  const v1::State* state = unit.Find(ChargeTaskId(fact_id));
  return state != nullptr && state->has_charge_task() ? &state->charge_task() : nullptr;
}

const v1::StatementState* FindStatement(const Unit& unit, absl::string_view statement_id) {
  const v1::State* state = unit.Find(StatementId(statement_id));
  return state != nullptr && state->has_statement() ? &state->statement() : nullptr;
}

}  // namespace pdp::subcontractor
