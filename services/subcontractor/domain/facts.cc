#include <algorithm>
#include <set>

#include "services/subcontractor/domain/commands.h"
#include "services/subcontractor/domain/ledger.h"
#include "services/subcontractor/domain/pricing.h"

// AccrueFact, ReverseFact: one charge per (fact, rule) for ever, whatever the order of arrival
// (SUB-90, 91; interfaces, E).
//
//   the fact is      | not known                | superseded or cancelled before it came | known
//   arrives          | reverse what it          | reverse what it supersedes; no charge  | first
//                    | supersedes, then charge  |                                        | answer
//   what it replaces | LIVE: reversed, marked   | not known: marked, accrues nothing later

namespace pdp::subcontractor {
namespace {

using pdp::common::v1::DeliveryFact;

constexpr size_t kFactIdBytesMax = 190;

std::optional<Rejected> CheckFact(const DeliveryFact& fact, const Facts& facts) {
  Checks checks;
  checks.Require(IsFactId(fact.fact_id()), "fact.fact_id",
                 "must be 1 to 190 bytes without # and |");
  checks.Require(fact.supersedes().empty() || IsFactId(fact.supersedes()), "fact.supersedes",
                 "is no fact id");
  checks.Require(fact.supersedes() != fact.fact_id(), "fact.supersedes", "is the fact itself");
  checks.Require(fact.kind() != DeliveryFact::KIND_UNSPECIFIED, "fact.kind", "is missing");
  checks.Require(KnownService(fact.service()), "fact.service", "is not in the catalogue");
  checks.IdField(fact.delivery_org(), "fact.delivery_org");
  checks.Require(fact.area() == facts.area.code(), "fact.area", "is another cell's");
  checks.DateField(fact.service_date(), "fact.service_date");
  checks.Require(fact.quantity_centi() >= 0, "fact.quantity_centi", "must not be negative");
  checks.Require(fact.minutes() >= 0, "fact.minutes", "must not be negative");
  checks.Require(!fact.cancelled() || !fact.supersedes().empty(), "fact.supersedes",
                 "a cancelling fact names what it cancels");
  if (checks.ok()) return std::nullopt;
  return checks.Failed();
}

// The signed version in force on a date; nullptr: none.
const v1::TermVersion* VersionOn(const v1::SubcontractState& state, const std::string& date) {
  const v1::TermVersion* found = nullptr;
  for (const v1::TermVersion& version : state.versions()) {
    if (!version.effective_from().empty() && version.effective_from() <= date) found = &version;
  }
  return found;
}

Parties PartiesOf(const v1::SubcontractState& state) { return {state.prime_org(), state.org()}; }

v1::VatClass VatClassOf(const v1::SubcontractState& state, const v1::Charge& charge) {
  for (const v1::TermVersion& version : state.versions()) {
    if (version.version() != charge.price_version()) continue;
    for (const v1::PriceRule& rule : version.sheet().prices()) {
      if (rule.rule_id() == charge.rule_id()) return rule.vat_class();
    }
  }
  return v1::VAT_CLASS_UNSPECIFIED;
}

// Reverses every charge of the fact that `fact` supersedes, and marks it.
std::vector<std::string> ReverseSuperseded(Unit& unit, const DeliveryFact& fact) {
  std::vector<std::string> reversed;
  if (fact.supersedes().empty()) return reversed;
  const v1::FactState* old = FindFact(unit, fact.supersedes());
  if (old != nullptr &&
      (old->status() == v1::FACT_SUPERSEDED || old->status() == v1::FACT_CANCELLED)) {
    return reversed;
  }
  const std::vector<v1::Charge> charges =
      old == nullptr ? std::vector<v1::Charge>()
                     : std::vector<v1::Charge>(old->charges().begin(), old->charges().end());
  for (const v1::Charge& charge : charges) {
    if (charge.state() != v1::CHARGE_ACCRUED) continue;
    const v1::SubcontractState* subcontract = FindSubcontract(unit, charge.subcontract_id());
    const std::vector<v1::Posting> postings =
        AccruePostings(PartiesOf(*subcontract), -charge.amount_pence());
    v1::Event event;
    v1::ChargeReversed* out = event.mutable_charge_reversed();
    *out->mutable_charge() = charge;
    out->set_cause(fact.cancelled() ? "CANCELLED" : "SUPERSEDED");
    out->set_by_fact_id(fact.fact_id());
    for (const v1::Posting& posting : postings) *out->add_postings() = posting;
    out->set_vat_class(VatClassOf(*subcontract, charge));
    unit.Emit(ChargeBookId(charge.subcontract_id(), charge.month()), std::move(event));
    PostToLedger(unit, charge.subcontract_id(), ReversalId(charge), postings, charge.month());
    reversed.push_back(charge.charge_id());
  }
  v1::Event event;
  event.mutable_fact_superseded()->set_by_fact_id(fact.fact_id());
  event.mutable_fact_superseded()->set_cancelled(fact.cancelled());
  unit.Emit(FactId(fact.supersedes()), std::move(event));
  CloseChargeTask(unit, fact.supersedes(), fact.cancelled() ? "CANCELLED" : "SUPERSEDED");
  return reversed;
}

int64_t CumulativeOf(const Unit& unit, const std::string& subcontract_id, const std::string& month,
                     const std::string& rule_id, bool* closed) {
  const v1::ChargeBookState* book = FindChargeBook(unit, subcontract_id, month);
  *closed = book != nullptr && book->closed();
  if (book == nullptr) return 0;
  for (const auto& total : book->rules()) {
    if (total.rule_id() == rule_id) return total.quantity_centi();
  }
  return 0;
}

// Charges each matching rule. A refusal of one is a refusal of the whole command.
std::optional<Rejected> ChargeRules(Unit& unit, const DeliveryFact& fact,
                                    const std::string& subcontract_id,
                                    std::vector<v1::Charge>* charges) {
  const v1::SubcontractState subcontract = *FindSubcontract(unit, subcontract_id);
  const v1::TermVersion* version = VersionOn(subcontract, fact.service_date());
  const bool priced = version != nullptr &&
                      std::any_of(version->sheet().prices().begin(),
                                  version->sheet().prices().end(), [&](const v1::PriceRule& rule) {
                                    return rule.service() == fact.service();
                                  });
  if (!priced) {
    return decider::Reject("NO_PRICE_RULE", absl::StrCat(subcontract_id, " has no price for ",
                                                         fact.service(), " on that date"));
  }
  const std::string month = fact.service_date().substr(0, 7);
  for (const v1::PriceRule& rule : version->sheet().prices()) {
    if (!Pays(rule, fact)) continue;
    bool closed = false;
    const int64_t cumulative = CumulativeOf(unit, subcontract_id, month, rule.rule_id(), &closed);
    const auto pence = FactPence(rule, fact, cumulative, closed);
    if (!pence) return decider::Reject("AMOUNT_OVERFLOW", "the amount leaves 64 bits");
    v1::Charge charge;
    charge.set_charge_id(ChargeId(fact.fact_id(), rule.rule_id()));
    charge.set_fact_id(fact.fact_id());
    charge.set_rule_id(rule.rule_id());
    charge.set_subcontract_id(subcontract_id);
    charge.set_month(month);
    charge.set_service_date(fact.service_date());
    charge.set_price_version(version->version());
    charge.set_quantity_centi(fact.quantity_centi());
    charge.set_minutes(fact.minutes());
    charge.set_amount_pence(*pence);
    charge.set_state(v1::CHARGE_ACCRUED);
    const std::vector<v1::Posting> postings = AccruePostings(PartiesOf(subcontract), *pence);
    v1::Event event;
    v1::ChargeAccrued* accrued = event.mutable_charge_accrued();
    *accrued->mutable_charge() = charge;
    accrued->set_fact_service(fact.service());
    accrued->set_kind(fact.kind());
    for (const v1::Posting& posting : postings) *accrued->add_postings() = posting;
    accrued->set_vat_class(rule.vat_class());
    unit.Emit(ChargeBookId(subcontract_id, month), std::move(event));
    PostToLedger(unit, subcontract_id, charge.charge_id(), postings, month);
    charges->push_back(std::move(charge));
  }
  return std::nullopt;
}

v1::Reply Answer(const std::vector<v1::Charge>& charges, const std::vector<std::string>& reversed) {
  v1::Reply reply;
  for (const v1::Charge& charge : charges) *reply.mutable_accrue_fact()->add_charges() = charge;
  for (const std::string& id : reversed) reply.mutable_accrue_fact()->add_reversed_charge_ids(id);
  return reply;
}

}  // namespace

bool IsFactId(const std::string& id) {
  return !id.empty() && id.size() <= kFactIdBytesMax && id.find('#') == std::string::npos &&
         id.find('|') == std::string::npos && id.find('\n') == std::string::npos;
}

std::string SubcontractOf(const Unit& unit, const DeliveryFact& fact) {
  const v1::ProviderState* provider = FindProvider(unit, fact.delivery_org());
  if (provider == nullptr) return "";
  std::string found;
  for (const auto& listed : provider->subcontracts()) {
    if (fact.service_date() < listed.from() || fact.service_date() > listed.to()) continue;
    const bool covers = std::any_of(
        listed.scope().begin(), listed.scope().end(), [&](const v1::ServiceScope& scope) {
          return scope.service() == fact.service() &&
                 std::find(scope.pdus().begin(), scope.pdus().end(), fact.pdu()) !=
                     scope.pdus().end();
        });
    if (covers && (found.empty() || listed.subcontract_id() < found)) {
      found = listed.subcontract_id();
    }
  }
  return found;
}

Verdict AccrueDelivered(Unit& unit, const DeliveryFact& fact, const Facts& facts) {
  if (auto rejected = CheckFact(fact, facts)) return *rejected;
  const v1::FactState* known = FindFact(unit, fact.fact_id());
  if (known != nullptr && known->has_fact()) {
    return Answer({known->charges().begin(), known->charges().end()}, {});
  }
  // Superseded or cancelled before it came: it accrues nothing, yet undoes what it replaces.
  const bool late = known != nullptr;
  const v1::FactStatus late_status = late ? known->status() : v1::FACT_LIVE;
  const std::vector<std::string> reversed = ReverseSuperseded(unit, fact);
  std::vector<v1::Charge> charges;
  std::string subcontract_id;
  if (!fact.cancelled()) {
    CheckBypass(unit, fact.referral_id(), fact.delivery_org(), fact.service_date(), "",
                DeliveryFact::Kind_Name(fact.kind()), fact.fact_id());
    subcontract_id = SubcontractOf(unit, fact);
    if (!late && !subcontract_id.empty()) {
      if (auto rejected = ChargeRules(unit, fact, subcontract_id, &charges)) return *rejected;
    }
  }
  CloseChargeTask(unit, fact.fact_id(), "CHARGED");
  // The prime's own delivery leaves nothing in the money, unless it is part of a correction.
  if (charges.empty() && subcontract_id.empty() && fact.supersedes().empty() && !late) {
    return v1::Reply();
  }
  v1::Event event;
  v1::FactRecorded* recorded = event.mutable_fact_recorded();
  *recorded->mutable_fact() = fact;
  recorded->set_status(late_status);
  for (const v1::Charge& charge : charges) *recorded->add_charges() = charge;
  unit.Emit(FactId(fact.fact_id()), std::move(event));
  return Answer(charges, reversed);
}

Verdict Decide(Unit& unit, const v1::AccrueFact& command, const Facts& facts) {
  if (!IsSystem(facts)) return SystemOnly();
  return AccrueDelivered(unit, command.fact(), facts);
}

Verdict Decide(Unit& unit, const v1::ReverseFact& command, const Facts& facts) {
  if (!IsSystem(facts)) return SystemOnly();
  if (!command.fact().cancelled()) {
    return decider::ValidationFailed({{.code = "VALIDATION_FAILED",
                                       .field = "fact.cancelled",
                                       .detail = "a reversal is a cancelling fact"}});
  }
  return AccrueDelivered(unit, command.fact(), facts);
}

}  // namespace pdp::subcontractor
