#ifndef PDP_SERVICES_SUBCONTRACTOR_DOMAIN_SUBCONTRACTOR_H_
#define PDP_SERVICES_SUBCONTRACTOR_DOMAIN_SUBCONTRACTOR_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/decider/decider.h"
#include "pdp/subcontractor/v1/commands.pb.h"
#include "pdp/subcontractor/v1/events.pb.h"
#include "pdp/subcontractor/v1/state.pb.h"

// The decider of the subcontractor service: who delivers what on which terms, who gets which
// referral, what is owed. Pure; every figure is re-derivable from the events.

namespace pdp::subcontractor {

struct Subcontractor {
  using Command = v1::Command;
  using Event = v1::Event;
  using State = v1::State;
  using Reply = v1::Reply;
  static constexpr char kService[] = "subcontractor";

  static decider::Verdict<Reply> Decide(decider::Unit<Subcontractor>& unit, const Command& command,
                                        const decider::Facts& facts);
  static void Evolve(State& state, const AggregateId& id, const Event& event,
                     const decider::EventFacts& facts);
  // Nothing here is about a service user. The one sealed field is a pool's seed, under the key of
  // its area, so that no copy of the log gives away a tie before its day is over (SUB-45).
  static std::string SubjectOf(const AggregateId& id);
  static std::vector<decider::TimerChange<Command>> Timers(const AggregateId& id,
                                                           const State& after, const Event& event,
                                                           const decider::EventFacts& facts);
};

using Unit = decider::Unit<Subcontractor>;
using Verdict = decider::Verdict<v1::Reply>;
using decider::EventFacts;
using decider::Facts;
using decider::Rejected;
using decider::Violation;

// Ids of the aggregates of a cell.
inline AggregateId OrganisationId(absl::string_view org) { return {"organisation", org}; }
inline AggregateId IdentifierId(absl::string_view scheme, absl::string_view id) {
  return {"identifier", absl::StrCat(scheme, "/", id)};
}
inline AggregateId ProviderId(absl::string_view org) { return {"provider", org}; }
inline AggregateId PrimeContractId(absl::string_view id) { return {"prime_contract", id}; }
inline AggregateId ContractIndexId(absl::string_view service) {
  return {"contract_index", service};
}
inline AggregateId SubcontractId(absl::string_view id) { return {"subcontract", id}; }
inline AggregateId PoolId(Area area, absl::string_view service) {
  return {"pool", absl::StrCat(area.code(), "/", service)};
}
inline AggregateId SeedId(Area area, absl::string_view service, absl::string_view date) {
  return {"seed", absl::StrCat(area.code(), "/", service, "/", date)};
}
inline std::string ApportionmentId(absl::string_view referral_id, uint32_t round) {
  return absl::StrCat(referral_id, "/", round);
}
inline AggregateId AllocationId(absl::string_view apportionment_id) {
  return {"allocation", apportionment_id};
}
inline AggregateId ReferralIndexId(absl::string_view referral_id) {
  return {"referral_index", referral_id};
}
inline AggregateId ChargeBookId(absl::string_view subcontract_id, absl::string_view month) {
  return {"charge_book", absl::StrCat(subcontract_id, "/", month)};
}
inline AggregateId LedgerId(absl::string_view subcontract_id) {
  return {"ledger", subcontract_id};
}
inline AggregateId FactId(absl::string_view fact_id) { return {"fact", fact_id}; }
inline AggregateId ChargeTaskId(absl::string_view fact_id) { return {"task", fact_id}; }
inline AggregateId StatementId(absl::string_view statement_id) {
  return {"statement", statement_id};
}

// Typed reads; nullptr when nothing of that kind was ever emitted there.
const v1::OrganisationState* FindOrganisation(const Unit& unit, absl::string_view org);
const v1::ProviderState* FindProvider(const Unit& unit, absl::string_view org);
const v1::PrimeContractState* FindPrimeContract(const Unit& unit, absl::string_view id);
const v1::SubcontractState* FindSubcontract(const Unit& unit, absl::string_view id);
// Only an opened pool.
const v1::PoolState* FindPool(const Unit& unit, Area area, absl::string_view service);
const v1::SeedState* FindSeed(const Unit& unit, Area area, absl::string_view service,
                              absl::string_view date);
const v1::Allocation* FindAllocation(const Unit& unit, absl::string_view apportionment_id);
const v1::ReferralIndexState* FindReferralIndex(const Unit& unit, absl::string_view referral_id);
const v1::ChargeBookState* FindChargeBook(const Unit& unit, absl::string_view subcontract_id,
                                          absl::string_view month);
const v1::LedgerState* FindLedger(const Unit& unit, absl::string_view subcontract_id);
const v1::FactState* FindFact(const Unit& unit, absl::string_view fact_id);
const v1::ChargeTaskState* FindChargeTask(const Unit& unit, absl::string_view fact_id);
const v1::StatementState* FindStatement(const Unit& unit, absl::string_view statement_id);

}  // namespace pdp::subcontractor

#endif  // PDP_SERVICES_SUBCONTRACTOR_DOMAIN_SUBCONTRACTOR_H_
