#include <algorithm>

#include "services/subcontractor/domain/evolve.h"
#include "services/subcontractor/domain/ledger.h"

namespace pdp::subcontractor::evolve {
namespace {

void AddUnstated(v1::ChargeBookState& book, const v1::Charge& charge, absl::string_view id,
                 int64_t amount_pence, v1::VatClass vat_class) {
  auto* entry = book.add_unstated();
  entry->set_charge_id(std::string(id));
  entry->set_rule_id(charge.rule_id());
  entry->set_amount_pence(amount_pence);
  entry->set_vat_class(vat_class);
  entry->set_month(charge.month());
}

void AddToRule(v1::ChargeBookState& book, const v1::Charge& charge, absl::string_view service,
               int sign) {
  v1::ChargeBookState::RuleTotal* found = nullptr;
  for (auto& total : *book.mutable_rules()) {
    if (total.rule_id() == charge.rule_id()) found = &total;
  }
  if (found == nullptr) {
    found = book.add_rules();
    found->set_rule_id(charge.rule_id());
  }
  if (!service.empty()) found->set_service(std::string(service));
  found->set_quantity_centi(found->quantity_centi() + sign * charge.quantity_centi());
  found->set_amount_pence(found->amount_pence() + sign * charge.amount_pence());
}

}  // namespace

void Proposed(v1::SubcontractState& state, const v1::SubcontractProposed& event) {
  state.set_subcontract_id(event.subcontract_id());
  state.set_contract_id(event.contract_id());
  state.set_org(event.org());
  state.set_prime_org(event.prime_org());
  state.set_status(v1::SUBCONTRACT_PROPOSED);
  state.set_lapses_on(event.lapses_on());
  // An amendment before both have signed takes the place of the proposal, signatures included.
  state.clear_versions();
  v1::TermVersion* version = state.add_versions();
  version->set_version(event.version());
  *version->mutable_sheet() = event.sheet();
  version->set_sha256_hex(event.sha256_hex());
}

void Activated(v1::SubcontractState& state, const v1::SubcontractActivated& event) {
  state.set_status(v1::SUBCONTRACT_ACTIVE);
  state.clear_lapses_on();
  state.mutable_versions(state.versions_size() - 1)->set_effective_from(event.from());
}

void Listed(v1::ProviderState& provider, const v1::SubcontractListed& event) {
  v1::ProviderState::Listed* row = nullptr;
  for (auto& known : *provider.mutable_subcontracts()) {
    if (known.subcontract_id() == event.subcontract_id()) row = &known;
  }
  if (row == nullptr) row = provider.add_subcontracts();
  row->set_subcontract_id(event.subcontract_id());
  *row->mutable_scope() = event.scope();
  row->set_from(event.from());
  row->set_to(event.to());
}

void Charged(v1::ChargeBookState& book, const v1::Charge& charge, absl::string_view service,
             v1::VatClass vat_class) {
  book.set_subcontract_id(charge.subcontract_id());
  book.set_month(charge.month());
  AddToRule(book, charge, service, 1);
  AddUnstated(book, charge, charge.charge_id(), charge.amount_pence(), vat_class);
}

void Reversed(v1::ChargeBookState& book, const v1::ChargeReversed& event) {
  AddToRule(book, event.charge(), "", -1);
  AddUnstated(book, event.charge(), ReversalId(event.charge()), -event.charge().amount_pence(),
              event.vat_class());
}

void Stated(v1::ChargeBookState& book, const v1::ChargesStated& event) {
  const int count = std::min<int>(static_cast<int>(event.count()), book.unstated_size());
  book.mutable_unstated()->DeleteSubrange(0, count);
}

void Posted(v1::LedgerState& ledger, const v1::LedgerPosted& event) {
  ledger.set_subcontract_id(event.subcontract_id());
  *ledger.mutable_link() = event.link();
  for (const v1::Posting& posting : event.postings()) {
    v1::LedgerState::Balance* found = nullptr;
    for (auto& balance : *ledger.mutable_balances()) {
      if (balance.account() == posting.account()) found = &balance;
    }
    if (found == nullptr) {
      found = ledger.add_balances();
      found->set_account(posting.account());
    }
    found->set_amount_pence(found->amount_pence() + posting.amount_pence());
  }
  if (event.month().empty()) return;
  auto* months = ledger.mutable_open_months();
  if (std::find(months->begin(), months->end(), event.month()) == months->end()) {
    *months->Add() = event.month();
    std::sort(months->begin(), months->end());
  }
}

void ClosedMonth(v1::LedgerState& ledger, const std::string& month) {
  auto* months = ledger.mutable_open_months();
  months->erase(std::remove(months->begin(), months->end(), month), months->end());
}

void Superseded(v1::FactState& fact, const v1::FactSuperseded& event) {
  fact.set_status(event.cancelled() ? v1::FACT_CANCELLED : v1::FACT_SUPERSEDED);
  fact.set_superseded_by(event.by_fact_id());
  for (v1::Charge& charge : *fact.mutable_charges()) charge.set_state(v1::CHARGE_REVERSED);
}

void Drafted(v1::StatementState& statement, const v1::StatementDrafted& event) {
  statement.set_statement_id(event.statement_id());
  statement.set_subcontract_id(event.subcontract_id());
  statement.set_month(event.month());
  statement.set_org(event.org());
  statement.set_prime_org(event.prime_org());
  *statement.mutable_lines() = event.lines();
  statement.set_net_pence(event.net_pence());
  statement.set_vat_pence(event.vat_pence());
  *statement.mutable_ledger() = event.ledger();
  statement.set_status(v1::STATEMENT_DRAFTED);
  statement.set_silence_accepts_on(event.silence_accepts_on());
}

}  // namespace pdp::subcontractor::evolve
