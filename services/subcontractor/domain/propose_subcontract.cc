#include <algorithm>
#include <map>
#include <set>

#include "services/subcontractor/domain/arithmetic.h"
#include "services/subcontractor/domain/canonical.h"
#include "services/subcontractor/domain/commands.h"
#include "services/subcontractor/domain/policy.h"

// ProposeSubcontract: SUB-31, 32, 33, 35, 37.

namespace pdp::subcontractor {
namespace {

// Below this annual value the short sheet is enough (SUB-32).

using ServicePdus = std::map<std::string, std::set<std::string>>;

ServicePdus PdusOf(const google::protobuf::RepeatedPtrField<v1::ServiceScope>& scope) {
  ServicePdus pdus;
  for (const v1::ServiceScope& row : scope) {
    pdus[row.service()].insert(row.pdus().begin(), row.pdus().end());
  }
  return pdus;
}

void CheckPrice(Checks& checks, const v1::PriceRule& rule, const ServicePdus& scope) {
  checks.IdField(rule.rule_id(), "sheet.prices.rule_id");
  checks.Require(scope.contains(rule.service()), "sheet.prices.service",
                 absl::StrCat("rule ", rule.rule_id(), ": service is not in the sheet's scope"));
  checks.Require(rule.vat_class() != v1::VAT_CLASS_UNSPECIFIED, "sheet.prices.vat_class",
                 absl::StrCat("rule ", rule.rule_id(), ": is missing"));
  const bool by_fact = rule.model() == v1::UNIT || rule.model() == v1::HOURLY ||
                       rule.model() == v1::BANDED_MARGINAL || rule.model() == v1::BANDED_WHOLE;
  const bool banded = rule.model() == v1::BANDED_MARGINAL || rule.model() == v1::BANDED_WHOLE;
  checks.Require(rule.model() != v1::PRICE_MODEL_UNSPECIFIED, "sheet.prices.model",
                 absl::StrCat("rule ", rule.rule_id(), ": is missing"));
  checks.Require(!by_fact || rule.kind() != pdp::common::v1::DeliveryFact::KIND_UNSPECIFIED,
                 "sheet.prices.kind", absl::StrCat("rule ", rule.rule_id(), ": is missing"));
  checks.Require(rule.price_micro() >= 0, "sheet.prices.price_micro",
                 absl::StrCat("rule ", rule.rule_id(), ": must not be negative"));
  checks.Require(rule.model() != v1::FLOOR_CEILING || rule.has_floor_pence() ||
                     rule.has_ceiling_pence(),
                 "sheet.prices.floor_pence",
                 absl::StrCat("rule ", rule.rule_id(), ": needs a floor or a ceiling"));
  checks.Require(banded == !rule.bands().empty(), "sheet.prices.bands",
                 absl::StrCat("rule ", rule.rule_id(), ": bands go with banded models"));
  int64_t last = 0;
  for (int i = 0; i < rule.bands_size(); ++i) {
    const bool open = i + 1 == rule.bands_size();
    checks.Require(open ? rule.bands(i).up_to_centi() == 0 : rule.bands(i).up_to_centi() > last,
                   "sheet.prices.bands",
                   absl::StrCat("rule ", rule.rule_id(), ": bands ascend, the last is open"));
    checks.Require(rule.bands(i).price_micro() >= 0, "sheet.prices.bands",
                   absl::StrCat("rule ", rule.rule_id(), ": must not be negative"));
    last = rule.bands(i).up_to_centi();
  }
}

// Wrong values, as opposed to missing ones.
std::optional<Rejected> CheckValues(const v1::ProposeSubcontract& command) {
  const v1::TermSheet& sheet = command.sheet();
  Checks checks;
  checks.IdField(command.subcontract_id(), "subcontract_id");
  checks.IdField(command.org(), "org");
  for (const v1::ServiceScope& scope : sheet.scope()) {
    checks.Require(KnownService(scope.service()), "sheet.scope.service",
                   "is not in the catalogue");
    for (const std::string& pdu : scope.pdus()) checks.IdField(pdu, "sheet.scope.pdus");
  }
  for (const v1::PoolShare& share : sheet.pool_shares()) {
    checks.Require(share.share_ppm() >= 0 && share.share_ppm() <= 1'000'000,
                   "sheet.pool_shares.share_ppm", "must be 0 to 1000000");
  }
  const ServicePdus scope = PdusOf(sheet.scope());
  std::set<std::string> rules;
  for (const v1::PriceRule& rule : sheet.prices()) {
    CheckPrice(checks, rule, scope);
    checks.Require(rules.insert(rule.rule_id()).second, "sheet.prices.rule_id",
                   absl::StrCat(rule.rule_id(), " is named twice"));
  }
  checks.Require(!sheet.has_payment_days() || sheet.payment_days() >= 0, "sheet.payment_days",
                 "must not be negative");
  checks.Require(!sheet.has_at_risk_share_ppm() || (sheet.at_risk_share_ppm() >= 0 &&
                                                    sheet.at_risk_share_ppm() <= 1'000'000),
                 "sheet.at_risk_share_ppm", "must be 0 to 1000000");
  if (!sheet.start().empty()) checks.DateField(sheet.start(), "sheet.start");
  if (!sheet.end().empty()) checks.DateField(sheet.end(), "sheet.end");
  checks.Require(sheet.start().empty() || sheet.end().empty() || sheet.start() <= sheet.end(),
                 "sheet.end", "lies before start");
  if (checks.ok()) return std::nullopt;
  return checks.Failed();
}

// TERM_SHEET_INCOMPLETE with every missing field (SUB-32).
std::optional<Rejected> CheckComplete(const v1::TermSheet& sheet,
                                      const decider::Policy& policy) {
  Rejected rejected = decider::Reject("TERM_SHEET_INCOMPLETE", "the term sheet lacks fields");
  const auto need = [&](bool there, const char* field) {
    if (!there) rejected.violations.push_back({.code = "TERM_SHEET_INCOMPLETE", .field = field});
  };
  const bool short_sheet =
      sheet.has_annual_value_pence() &&
      sheet.annual_value_pence() < policy.Int("sub.short_sheet_below_pence");
  need(!sheet.scope().empty(), "sheet.scope");
  need(!sheet.pool_shares().empty(), "sheet.pool_shares");
  need(!sheet.monthly_volume().empty(), "sheet.monthly_volume");
  need(!sheet.prices().empty(), "sheet.prices");
  need(short_sheet || !sheet.targets().empty(), "sheet.targets");
  need(sheet.has_payment_days(), "sheet.payment_days");
  need(short_sheet || sheet.has_liability_cap_pence(), "sheet.liability_cap_pence");
  need(short_sheet || sheet.has_at_risk_share_ppm(), "sheet.at_risk_share_ppm");
  need(!sheet.start().empty(), "sheet.start");
  need(!sheet.end().empty(), "sheet.end");
  need(sheet.has_notice_days(), "sheet.notice_days");
  need(sheet.has_variation_notice_days(), "sheet.variation_notice_days");
  need(!sheet.dispute_route().empty(), "sheet.dispute_route");
  need(sheet.has_annual_value_pence(), "sheet.annual_value_pence");
  if (rejected.violations.empty()) return std::nullopt;
  return rejected;
}

// SUB-31. Whole: every service and PDU of the contract with the entire pool share of each.
std::optional<Rejected> CheckScope(const v1::TermSheet& sheet,
                                   const v1::PrimeContractTerms& terms) {
  const ServicePdus awarded = PdusOf(terms.scope());
  const ServicePdus wanted = PdusOf(sheet.scope());
  Rejected outside = decider::Reject("SCOPE_OUTSIDE_AWARD", "not in the prime's award");
  for (const auto& [service, pdus] : wanted) {
    const auto award = awarded.find(service);
    for (const std::string& pdu : pdus) {
      if (award == awarded.end() || !award->second.contains(pdu)) {
        outside.violations.push_back(
            {.code = "SCOPE_OUTSIDE_AWARD", .subject = absl::StrCat(service, ":", pdu)});
      }
    }
    if (pdus.empty() && award == awarded.end()) {
      outside.violations.push_back({.code = "SCOPE_OUTSIDE_AWARD", .subject = service});
    }
  }
  if (!outside.violations.empty()) return outside;
  std::map<std::string, int64_t> shares;
  for (const v1::PoolShare& share : sheet.pool_shares()) {
    shares[share.service()] = share.share_ppm();
  }
  const bool whole =
      wanted == awarded && std::all_of(awarded.begin(), awarded.end(), [&](const auto& row) {
        const auto share = shares.find(row.first);
        return share != shares.end() && share->second == 1'000'000;
      });
  if (whole && !terms.allow_whole()) {
    return decider::Reject("SCOPE_WHOLE_CONTRACT", "a part may be subcontracted, not all of it");
  }
  return std::nullopt;
}

// SUB-37, tier 2: at-risk share <= the prime's, by cross-multiplication.
std::optional<Rejected> CheckTierRisk(const v1::TermSheet& sheet,
                                      const v1::PrimeContractTerms& terms) {
  if (!sheet.has_at_risk_share_ppm()) return std::nullopt;
  const Wide down = static_cast<Wide>(sheet.at_risk_share_ppm()) * terms.expected_income_pence();
  const Wide up = static_cast<Wide>(1'000'000) * terms.at_risk_income_pence();
  if (down <= up) return std::nullopt;
  return decider::Reject("TIER_RISK_CAP", "more income at risk than the prime bears itself");
}

}  // namespace

Verdict Decide(Unit& unit, const v1::ProposeSubcontract& command, const Facts& facts) {
  const v1::PrimeContractState* contract = FindPrimeContract(unit, command.contract_id());
  if (contract == nullptr) return decider::NotFound(PrimeContractId(command.contract_id()));
  const std::string prime = contract->terms().prime_org();
  if (!Holds(facts, prime, "ADMIN")) return NotHeld(facts, prime, "ADMIN");
  const AggregateId id = SubcontractId(command.subcontract_id());
  if (auto conflict = decider::CheckVersion(facts, id, unit.VersionOf(id))) return *conflict;
  if (auto rejected = CheckValues(command)) return *rejected;
  const v1::SubcontractState* known = FindSubcontract(unit, command.subcontract_id());
  const bool open = known != nullptr && (known->status() == v1::SUBCONTRACT_PROPOSED ||
                                         known->status() == v1::SUBCONTRACT_PART_SIGNED);
  if (known != nullptr && !open) {
    return decider::StateForbidsCommand(v1::SubcontractStatus_Name(known->status()));
  }
  if (known != nullptr &&
      (known->contract_id() != command.contract_id() || known->org() != command.org())) {
    return decider::StateForbidsCommand("another proposal has this id");
  }
  if (contract->status() != v1::CONTRACT_ACTIVE) {
    return decider::StateForbidsCommand(v1::ContractStatus_Name(contract->status()));
  }
  const v1::TermSheet& sheet = command.sheet();
  if (auto rejected = CheckScope(sheet, contract->terms())) return *rejected;
  if ((!sheet.start().empty() && sheet.start() < contract->terms().from()) ||
      (!sheet.end().empty() && sheet.end() > contract->terms().to())) {
    return decider::Reject("PERIOD_OUTSIDE_CONTRACT", "outside the prime contract's period");
  }
  const decider::Policy policy = PolicyOn(Today(facts));
  if (auto rejected = CheckComplete(sheet, policy)) return *rejected;
  const v1::ProviderState* provider = FindProvider(unit, command.org());
  if (provider != nullptr && provider->organisation().exclusion() == v1::EXCLUDED) {
    return decider::Reject("ORGANISATION_EXCLUDED", "the organisation is excluded");
  }
  if (auto rejected = CheckTierRisk(sheet, contract->terms())) return *rejected;
  v1::Event event;
  v1::SubcontractProposed* proposed = event.mutable_subcontract_proposed();
  proposed->set_subcontract_id(command.subcontract_id());
  proposed->set_contract_id(command.contract_id());
  proposed->set_org(command.org());
  proposed->set_prime_org(prime);
  *proposed->mutable_sheet() = sheet;
  proposed->set_version(1);
  proposed->set_sha256_hex(
      SignedHash(absl::StrCat("pdp-term-sheet-v1|", command.subcontract_id(), "|1"), sheet));
  proposed->set_lapses_on(
      FormatDate(Today(facts) + static_cast<int>(policy.Int("sub.proposal_days"))));
  proposed->set_policy_version(policy.version());
  if (sheet.payment_days() > policy.Int("pay.days_max")) {
    proposed->add_flags("TERM_OVERRIDE_INEFFECTIVE");
  }
  v1::Reply reply;
  reply.mutable_propose_subcontract()->set_sha256_hex(proposed->sha256_hex());
  reply.mutable_propose_subcontract()->set_version(1);
  unit.Emit(id, std::move(event));
  return reply;
}

}  // namespace pdp::subcontractor
