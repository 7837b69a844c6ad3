#include <algorithm>
#include <map>

#include "services/subcontractor/domain/arithmetic.h"
#include "services/subcontractor/domain/commands.h"
#include "services/subcontractor/domain/ledger.h"
#include "services/subcontractor/domain/policy.h"
#include "services/subcontractor/domain/pricing.h"

// DraftStatement, AcceptStatement: SUB-100.

namespace pdp::subcontractor {
namespace {

// What one statement holds; the rest stands on the next one.
constexpr int kChargesMax = 4'000;

// VAT of a line in pence, rounded down in magnitude, or half to even without vat.round_down
// (SUB-108).
int64_t VatOf(int64_t net_pence, int64_t rate_bp, bool round_down) {
  const Wide product = static_cast<Wide>(net_pence) * rate_bp;
  return static_cast<int64_t>(round_down ? product / 10'000 : *DivideHalfEven(product, 10'000));
}

bool SilenceAccepts(const v1::SubcontractState& subcontract) {
  return !subcontract.versions().empty() &&
         subcontract.versions(subcontract.versions_size() - 1).sheet().silence_accepts();
}

// Takes what is unstated of the months up to `month`, oldest first, and marks it.
std::vector<v1::ChargeBookState::Unstated> TakeUnstated(Unit& unit,
                                                        const v1::DraftStatement& command,
                                                        const std::string& statement_id) {
  std::vector<v1::ChargeBookState::Unstated> taken;
  const v1::LedgerState* ledger = FindLedger(unit, command.subcontract_id());
  if (ledger == nullptr) return taken;
  const std::vector<std::string> months(ledger->open_months().begin(),
                                        ledger->open_months().end());
  for (const std::string& month : months) {
    if (month > command.month()) continue;
    const v1::ChargeBookState* book = FindChargeBook(unit, command.subcontract_id(), month);
    if (book == nullptr) continue;
    const int room = kChargesMax - static_cast<int>(taken.size());
    const int count = std::min(room, book->unstated_size());
    const bool drained = count == book->unstated_size();
    for (int i = 0; i < count; ++i) taken.push_back(book->unstated(i));
    v1::Event event;
    event.mutable_charges_stated()->set_statement_id(statement_id);
    event.mutable_charges_stated()->set_count(static_cast<uint32_t>(count));
    event.mutable_charges_stated()->set_month(month);
    if (count > 0) unit.Emit(ChargeBookId(command.subcontract_id(), month), event);
    if (drained) unit.Emit(LedgerId(command.subcontract_id()), std::move(event));
  }
  return taken;
}

}  // namespace

Verdict Decide(Unit& unit, const v1::DraftStatement& command, const Facts& facts) {
  if (!IsSystem(facts)) return SystemOnly();
  const v1::SubcontractState* found = FindSubcontract(unit, command.subcontract_id());
  if (found == nullptr) return decider::NotFound(SubcontractId(command.subcontract_id()));
  Checks checks;
  checks.Require(ParseMonth(command.month()).has_value(), "month", "is not a month (YYYY-MM)");
  if (!checks.ok()) return checks.Failed();
  const v1::SubcontractState subcontract = *found;
  const std::string statement_id = absl::StrCat(command.subcontract_id(), "/", command.month());
  v1::Reply reply;
  reply.mutable_draft_statement()->set_statement_id(statement_id);
  if (FindStatement(unit, statement_id) != nullptr) return reply;  // one a period
  const v1::ChargeBookState* book =
      FindChargeBook(unit, command.subcontract_id(), command.month());
  if (book == nullptr || !book->closed()) return decider::StateForbidsCommand("OPEN");

  v1::Event event;
  v1::StatementDrafted* drafted = event.mutable_statement_drafted();
  // One line a service month, rule and VAT class.
  std::map<std::tuple<std::string, std::string, int>, v1::StatementLine> lines;
  for (const auto& entry : TakeUnstated(unit, command, statement_id)) {
    v1::StatementLine& line =
        lines[{entry.month(), entry.rule_id(), static_cast<int>(entry.vat_class())}];
    line.set_month(entry.month());
    line.set_rule_id(entry.rule_id());
    line.set_vat_class(entry.vat_class());
    line.add_charge_ids(entry.charge_id());
    line.set_net_pence(line.net_pence() + entry.amount_pence());
  }
  int number = 0;
  int64_t net = 0, vat = 0;
  for (auto& [key, line] : lines) {
    line.set_line_id(absl::StrCat(++number));
    // The rate at the end of the service month: a line is a month's supply.
    const Date supplied = ParseMonth(line.month())->last;
    const auto rate_bp = VatRateBp(line.vat_class(), supplied);
    if (!rate_bp) return decider::Reject("POLICY_NOT_COVERED", "no VAT rate on that date");
    line.set_vat_rate_bp(*rate_bp);
    line.set_vat_pence(
        VatOf(line.net_pence(), *rate_bp, PolicyOn(supplied).Flag("vat.round_down")));
    net += line.net_pence();
    vat += line.vat_pence();
    *drafted->add_lines() = line;
  }
  drafted->set_statement_id(statement_id);
  drafted->set_subcontract_id(command.subcontract_id());
  drafted->set_month(command.month());
  drafted->set_org(subcontract.org());
  drafted->set_prime_org(subcontract.prime_org());
  drafted->set_net_pence(net);
  drafted->set_vat_pence(vat);
  drafted->set_policy_version(ShippedPolicySet().version());
  if (const v1::LedgerState* ledger = FindLedger(unit, command.subcontract_id())) {
    *drafted->mutable_ledger() = ledger->link();
  } else {
    drafted->mutable_ledger()->set_hash_hex(LedgerStart());  // h_0: nothing was ever posted
  }
  if (SilenceAccepts(subcontract)) {
    const auto on = AddWorkingDays(
        Today(facts), static_cast<int>(PolicyOn(Today(facts)).Int("stmt.accept_wd")));
    if (!on) return decider::Reject("CALENDAR_NOT_COVERED");
    drafted->set_silence_accepts_on(FormatDate(*on));
  }
  unit.Emit(StatementId(statement_id), std::move(event));
  return reply;
}

Verdict Decide(Unit& unit, const v1::AcceptStatement& command, const Facts& facts) {
  const AggregateId id = StatementId(command.statement_id());
  const v1::StatementState* statement = FindStatement(unit, command.statement_id());
  if (statement == nullptr) return decider::NotFound(id);
  const bool silence = IsSystem(facts) && facts.actor.organisation().empty();
  if (!silence && !Holds(facts, statement->org(), "FINANCE")) {
    return NotHeld(facts, statement->org(), "FINANCE");
  }
  if (auto conflict = decider::CheckVersion(facts, id, unit.VersionOf(id))) return *conflict;
  if (statement->status() == v1::STATEMENT_ACCEPTED) {
    if (silence) return v1::Reply();
    return decider::StateForbidsCommand(v1::StatementStatus_Name(statement->status()));
  }
  // Only where the agreement says so, and only when the days are over.
  if (silence && (statement->silence_accepts_on().empty() ||
                  FormatDate(Today(facts)) <= statement->silence_accepts_on())) {
    return decider::StateForbidsCommand(v1::StatementStatus_Name(statement->status()));
  }
  v1::Event event;
  event.mutable_statement_accepted()->set_statement_id(command.statement_id());
  event.mutable_statement_accepted()->set_by_silence(silence);
  unit.Emit(id, std::move(event));
  return v1::Reply();
}

}  // namespace pdp::subcontractor
