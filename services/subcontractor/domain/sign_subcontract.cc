#include <algorithm>
#include <set>

#include "services/subcontractor/domain/commands.h"

// SignSubcontract, RejectSubcontract, LapseProposal: SUB-33.

namespace pdp::subcontractor {
namespace {

bool IsOpen(const v1::SubcontractState& state) {
  return state.status() == v1::SUBCONTRACT_PROPOSED ||
         state.status() == v1::SUBCONTRACT_PART_SIGNED;
}

// Which party the actor signs for; nullopt for an outsider.
std::optional<v1::Party> PartyOf(const v1::SubcontractState& state, const Facts& facts) {
  if (facts.actor.organisation().empty()) return std::nullopt;
  if (facts.actor.organisation() == state.prime_org()) return v1::PARTY_PRIME;
  if (facts.actor.organisation() == state.org()) return v1::PARTY_SUBCONTRACTOR;
  return std::nullopt;
}

// The cell's own list of which subcontract covers what, and the event the world sees.
void Activate(Unit& unit, const v1::SubcontractState& before, const Facts& facts) {
  const v1::TermSheet sheet = before.versions(before.versions_size() - 1).sheet();
  const std::string org = before.org();
  v1::Event event;
  v1::SubcontractActivated* activated = event.mutable_subcontract_activated();
  activated->set_contract_id(before.contract_id());
  activated->set_subcontract_id(before.subcontract_id());
  activated->set_org(org);
  activated->set_area(std::string(facts.area.code()));
  std::set<std::string> services, pdus;
  for (const v1::ServiceScope& scope : sheet.scope()) {
    services.insert(scope.service());
    pdus.insert(scope.pdus().begin(), scope.pdus().end());
  }
  for (const std::string& service : services) activated->add_services(service);
  for (const std::string& pdu : pdus) activated->add_pdus(pdu);
  activated->set_from(sheet.start());
  activated->set_to(sheet.end());
  *activated->mutable_scope() = sheet.scope();
  *activated->mutable_capabilities() = sheet.capabilities();
  v1::Event listing;
  v1::SubcontractListed* listed = listing.mutable_subcontract_listed();
  listed->set_subcontract_id(before.subcontract_id());
  *listed->mutable_scope() = sheet.scope();
  listed->set_from(sheet.start());
  listed->set_to(sheet.end());
  unit.Emit(SubcontractId(listed->subcontract_id()), std::move(event));
  unit.Emit(ProviderId(org), std::move(listing));
}

}  // namespace

Verdict Decide(Unit& unit, const v1::SignSubcontract& command, const Facts& facts) {
  const AggregateId id = SubcontractId(command.subcontract_id());
  const v1::SubcontractState* state = FindSubcontract(unit, command.subcontract_id());
  if (state == nullptr) return decider::NotFound(id);
  const auto party = PartyOf(*state, facts);
  if (!party) return decider::NotFound(id);
  if (!facts.HasRole("ADMIN")) return NotHeld(facts, facts.actor.organisation(), "ADMIN");
  if (auto conflict = decider::CheckVersion(facts, id, unit.VersionOf(id))) return *conflict;
  if (!IsOpen(*state) || FormatDate(Today(facts)) >= state->lapses_on()) {
    return decider::StateForbidsCommand(IsOpen(*state)
                                            ? "SUBCONTRACT_LAPSED"
                                            : v1::SubcontractStatus_Name(state->status()));
  }
  const v1::TermVersion& version = state->versions(state->versions_size() - 1);
  if (command.sha256_hex() != version.sha256_hex()) {
    return decider::Reject("HASH_MISMATCH", "the sheet on the table is another");
  }
  for (const v1::Signature& signature : version.signatures()) {
    if (signature.party() == *party) return v1::Reply();  // signed already
  }
  v1::Event event;
  v1::Signature* signature = event.mutable_subcontract_signed()->mutable_signature();
  signature->set_party(*party);
  signature->set_org(facts.actor.organisation());
  signature->set_sha256_hex(command.sha256_hex());
  signature->set_signed_on(FormatDate(Today(facts)));
  unit.Emit(id, std::move(event));
  state = FindSubcontract(unit, command.subcontract_id());
  if (state->versions(state->versions_size() - 1).signatures_size() == 2) {
    Activate(unit, v1::SubcontractState(*state), facts);
  }
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::RejectSubcontract& command, const Facts& facts) {
  const AggregateId id = SubcontractId(command.subcontract_id());
  const v1::SubcontractState* state = FindSubcontract(unit, command.subcontract_id());
  if (state == nullptr) return decider::NotFound(id);
  const auto party = PartyOf(*state, facts);
  if (!party) return decider::NotFound(id);
  if (!facts.HasRole("ADMIN")) return NotHeld(facts, facts.actor.organisation(), "ADMIN");
  if (auto conflict = decider::CheckVersion(facts, id, unit.VersionOf(id))) return *conflict;
  if (!IsOpen(*state)) {
    return decider::StateForbidsCommand(v1::SubcontractStatus_Name(state->status()));
  }
  v1::Event event;
  event.mutable_subcontract_rejected()->set_org(facts.actor.organisation());
  event.mutable_subcontract_rejected()->set_by_prime(*party == v1::PARTY_PRIME);
  unit.Emit(id, std::move(event));
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::LapseProposal& command, const Facts& facts) {
  if (!IsSystem(facts)) return SystemOnly();
  const AggregateId id = SubcontractId(command.subcontract_id());
  const v1::SubcontractState* state = FindSubcontract(unit, command.subcontract_id());
  if (state == nullptr) return decider::NotFound(id);
  // Bound, refused or amended in the meantime: nothing to do.
  if (!IsOpen(*state) || FormatDate(Today(facts)) < state->lapses_on()) return v1::Reply();
  v1::Event event;
  event.mutable_subcontract_lapsed()->set_lapsed_on(state->lapses_on());
  unit.Emit(id, std::move(event));
  return v1::Reply();
}

}  // namespace pdp::subcontractor
