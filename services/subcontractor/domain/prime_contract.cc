#include <algorithm>
#include <set>

#include "services/subcontractor/domain/canonical.h"
#include "services/subcontractor/domain/commands.h"
#include "services/subcontractor/domain/policy.h"

// CreatePrimeContract, SignContract, ActivateContract: SUB-2, 30.

namespace pdp::subcontractor {
namespace {

// contract.kpi_min 3, above £5,000,000 in total (section 10; practice 2019, law 2025).

bool SignedBy(const v1::PrimeContractState& contract, v1::Party party) {
  return std::any_of(contract.signatures().begin(), contract.signatures().end(),
                     [&](const v1::Signature& signature) {
                       return signature.party() == party &&
                              signature.sha256_hex() == contract.sha256_hex();
                     });
}

std::optional<Rejected> CheckTerms(const v1::CreatePrimeContract& command) {
  const v1::PrimeContractTerms& terms = command.terms();
  Checks checks;
  checks.IdField(command.contract_id(), "contract_id");
  checks.IdField(terms.prime_org(), "terms.prime_org");
  const auto from = checks.DateField(terms.from(), "terms.from");
  const auto to = checks.DateField(terms.to(), "terms.to");
  checks.Require(!from || !to || *from <= *to, "terms.to", "lies before from");
  checks.Require(!terms.scope().empty(), "terms.scope", "is missing");
  std::set<std::string> services;
  for (const v1::ServiceScope& scope : terms.scope()) {
    checks.Require(KnownService(scope.service()), "terms.scope.service",
                   "is not in the catalogue");
    checks.Require(services.insert(scope.service()).second, "terms.scope.service",
                   "is named twice");
    checks.Require(!scope.pdus().empty(), "terms.scope.pdus", "is missing");
    for (const std::string& pdu : scope.pdus()) checks.IdField(pdu, "terms.scope.pdus");
  }
  checks.Require(terms.regime() == "PCR2015" || terms.regime() == "PA2023", "terms.regime",
                 "is not PCR2015 or PA2023");
  checks.Require(terms.annual_value_pence() > 0, "terms.annual_value_pence", "must be above 0");
  checks.Require(terms.total_value_pence() >= terms.annual_value_pence(),
                 "terms.total_value_pence", "is below the annual value");
  checks.Require(terms.expected_income_pence() >= 0, "terms.expected_income_pence",
                 "must not be negative");
  checks.Require(terms.at_risk_income_pence() >= 0 &&
                     terms.at_risk_income_pence() <= terms.expected_income_pence(),
                 "terms.at_risk_income_pence", "must be 0 to the expected income");
  if (checks.ok()) return std::nullopt;
  return checks.Failed();
}

}  // namespace

Verdict Decide(Unit& unit, const v1::CreatePrimeContract& command, const Facts& facts) {
  if (!IsSystem(facts) && !IsAuthority(facts)) return SystemOnly();
  const AggregateId id = PrimeContractId(command.contract_id());
  if (auto conflict = decider::CheckVersion(facts, id, unit.VersionOf(id))) return *conflict;
  if (auto rejected = CheckTerms(command)) return *rejected;
  if (FindPrimeContract(unit, command.contract_id()) != nullptr) {
    return decider::StateForbidsCommand("CREATED");
  }
  v1::Event event;
  v1::PrimeContractCreated* created = event.mutable_prime_contract_created();
  created->set_contract_id(command.contract_id());
  *created->mutable_terms() = command.terms();
  created->set_sha256_hex(
      SignedHash(absl::StrCat("pdp-prime-contract-v1|", command.contract_id()), command.terms()));
  v1::Reply reply;
  reply.mutable_create_prime_contract()->set_sha256_hex(created->sha256_hex());
  unit.Emit(id, std::move(event));
  return reply;
}

Verdict Decide(Unit& unit, const v1::SignContract& command, const Facts& facts) {
  const AggregateId id = PrimeContractId(command.contract_id());
  const v1::PrimeContractState* contract = FindPrimeContract(unit, command.contract_id());
  if (contract == nullptr) return decider::NotFound(id);
  const std::string& prime = contract->terms().prime_org();
  switch (command.party()) {
    case v1::PARTY_AUTHORITY:
      if (!IsAuthority(facts)) return decider::NotAuthorised("the authority signs for itself");
      break;
    case v1::PARTY_PRIME:
      if (!Holds(facts, prime, "ADMIN")) return NotHeld(facts, prime, "ADMIN");
      break;
    case v1::PARTY_GUARANTOR:
      // The guarantor is no user of the platform: the authority records the executed guarantee.
      if (!IsAuthority(facts)) return decider::NotAuthorised("the authority records a guarantee");
      break;
    case v1::PARTY_SUBCONTRACTOR:
    case v1::PARTY_UNSPECIFIED:
    case v1::Party_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::Party_INT_MAX_SENTINEL_DO_NOT_USE_:
      return decider::ValidationFailed({{.code = "VALIDATION_FAILED",
                                         .field = "party",
                                         .detail = "is no party of a prime contract"}});
  }
  if (auto conflict = decider::CheckVersion(facts, id, unit.VersionOf(id))) return *conflict;
  if (contract->status() != v1::CONTRACT_PENDING) {
    return decider::StateForbidsCommand(v1::ContractStatus_Name(contract->status()));
  }
  if (command.sha256_hex() != contract->sha256_hex()) {
    return decider::Reject("HASH_MISMATCH", "the contract on the table is another");
  }
  if (SignedBy(*contract, command.party())) return v1::Reply();
  v1::Signature signature;
  signature.set_party(command.party());
  signature.set_org(facts.actor.organisation());
  signature.set_sha256_hex(command.sha256_hex());
  signature.set_signed_on(FormatDate(Today(facts)));
  v1::Event event;
  if (command.party() == v1::PARTY_GUARANTOR) {
    *event.mutable_pcg_executed()->mutable_signature() = signature;
  } else {
    *event.mutable_contract_signed()->mutable_signature() = signature;
  }
  unit.Emit(id, std::move(event));
  return v1::Reply();
}

Verdict Decide(Unit& unit, const v1::ActivateContract& command, const Facts& facts) {
  if (!IsAuthority(facts)) return decider::NotAuthorised("the authority activates a contract");
  const AggregateId id = PrimeContractId(command.contract_id());
  const v1::PrimeContractState* contract = FindPrimeContract(unit, command.contract_id());
  if (contract == nullptr) return decider::NotFound(id);
  if (auto conflict = decider::CheckVersion(facts, id, unit.VersionOf(id))) return *conflict;
  if (contract->status() != v1::CONTRACT_PENDING) {
    return decider::StateForbidsCommand(v1::ContractStatus_Name(contract->status()));
  }
  const v1::PrimeContractTerms& terms = contract->terms();
  const decider::Policy policy = PolicyOn(Today(facts));
  const int64_t kpi_min = policy.Int("contract.kpi_min");
  if (terms.total_value_pence() > policy.Int("contract.kpi_min_above_pence") &&
      terms.kpis_size() < kpi_min) {
    return decider::Reject("KPI_MINIMUM", absl::StrCat("a contract of this value has at least ",
                                                       kpi_min, " KPIs"));
  }
  if (terms.commitments_count() < 1 && terms.sv_waiver_reason().empty()) {
    return decider::Reject("SOCIAL_VALUE_REQUIRED",
                           "needs a social value commitment or a reasoned waiver");
  }
  if (terms.pcg_required() && !contract->pcg_executed()) {
    return decider::Reject("PCG_NOT_EXECUTED", "the guarantee is not executed");
  }
  if (!SignedBy(*contract, v1::PARTY_AUTHORITY) || !SignedBy(*contract, v1::PARTY_PRIME)) {
    return decider::Reject("NOT_BOTH_SIGNED", "both parties sign one hash");
  }
  Rejected taken = decider::Reject("AREA_ALREADY_CONTRACTED",
                                   "one active prime contract per area, service and date");
  for (const v1::ServiceScope& scope : terms.scope()) {
    const v1::State* index = unit.Find(ContractIndexId(scope.service()));
    if (index == nullptr) continue;
    for (const auto& other : index->contract_index().contracts()) {
      // ISO dates compare as text.
      if (terms.from() <= other.to() && other.from() <= terms.to()) {
        taken.violations.push_back({.code = "AREA_ALREADY_CONTRACTED",
                                    .subject = scope.service(),
                                    .detail = other.contract_id()});
      }
    }
  }
  if (!taken.violations.empty()) return taken;
  v1::Event event;
  v1::PrimeContractActivated* activated = event.mutable_prime_contract_activated();
  activated->set_contract_id(command.contract_id());
  activated->set_org(terms.prime_org());
  activated->set_area(std::string(facts.area.code()));
  std::set<std::string> pdus;
  std::vector<std::string> services;
  for (const v1::ServiceScope& scope : terms.scope()) {
    services.push_back(scope.service());
    pdus.insert(scope.pdus().begin(), scope.pdus().end());
  }
  for (const std::string& service : services) activated->add_services(service);
  for (const std::string& pdu : pdus) activated->add_pdus(pdu);
  activated->set_from(terms.from());
  activated->set_to(terms.to());
  activated->set_policy_version(policy.version());
  const std::string from = terms.from(), to = terms.to();
  unit.Emit(id, std::move(event));
  for (const std::string& service : services) {
    v1::Event listed;
    listed.mutable_contract_listed()->set_contract_id(command.contract_id());
    listed.mutable_contract_listed()->set_from(from);
    listed.mutable_contract_listed()->set_to(to);
    unit.Emit(ContractIndexId(service), std::move(listed));
  }
  return v1::Reply();
}

}  // namespace pdp::subcontractor
