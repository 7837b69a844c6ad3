#include <algorithm>

#include "services/subcontractor/domain/commands.h"
#include "services/subcontractor/domain/ledger.h"
#include "services/subcontractor/domain/pricing.h"

// ClosePeriod: BLOCK, the true-up of BANDED_WHOLE, and FLOOR_CEILING (SUB-92).

namespace pdp::subcontractor {
namespace {

const v1::ChargeBookState::RuleTotal* TotalOf(const v1::ChargeBookState* book,
                                              const std::string& rule_id) {
  if (book == nullptr) return nullptr;
  for (const auto& total : book->rules()) {
    if (total.rule_id() == rule_id) return &total;
  }
  return nullptr;
}

struct Closing {
  std::string month;
  Month days;
  v1::SubcontractState subcontract;
  const v1::TermVersion* version = nullptr;
};

// What a rule still owes or is owed at the month's end; 0: nothing to post.
std::optional<int64_t> TrueUp(const v1::PriceRule& rule, const Closing& closing,
                              const v1::ChargeBookState* book) {
  switch (rule.model()) {
    case v1::BLOCK: {
      const v1::TermSheet& sheet = closing.version->sheet();
      const Date from = std::max(*ParseDate(sheet.start()), closing.days.first);
      const Date to = std::min(*ParseDate(LastDay(closing.subcontract)), closing.days.last);
      const int active = to < from ? 0 : static_cast<int>(to - from) + 1;
      const int days = static_cast<int>(closing.days.last - closing.days.first) + 1;
      return BlockPence(rule.price_micro(), active, days);
    }
    case v1::BANDED_WHOLE: {
      const auto* total = TotalOf(book, rule.rule_id());
      if (total == nullptr) return 0;
      const auto whole = WholePence(rule, std::max<int64_t>(total->quantity_centi(), 0));
      if (!whole) return std::nullopt;
      return *whole - total->amount_pence();
    }
    case v1::FLOOR_CEILING: {
      int64_t charged = 0;
      for (const v1::PriceRule& other : closing.version->sheet().prices()) {
        if (other.service() != rule.service() || other.rule_id() == rule.rule_id()) continue;
        if (const auto* total = TotalOf(book, other.rule_id())) charged += total->amount_pence();
      }
      if (rule.has_floor_pence() && charged < rule.floor_pence()) {
        return rule.floor_pence() - charged;
      }
      if (rule.has_ceiling_pence() && charged > rule.ceiling_pence()) {
        return rule.ceiling_pence() - charged;
      }
      return 0;
    }
    case v1::UNIT:
    case v1::HOURLY:
    case v1::BANDED_MARGINAL:
    case v1::PRICE_MODEL_UNSPECIFIED:
    case v1::PriceModel_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::PriceModel_INT_MAX_SENTINEL_DO_NOT_USE_:
      return 0;
  }
  return 0;
}

void Post(Unit& unit, const Closing& closing, const v1::PriceRule& rule, int64_t pence) {
  const std::string& id = closing.subcontract.subcontract_id();
  v1::Event event;
  v1::PeriodTrueUpPosted* posted = event.mutable_period_true_up_posted();
  v1::Charge* charge = posted->mutable_charge();
  charge->set_fact_id(absl::StrCat("period/", id, "/", closing.month));
  charge->set_rule_id(rule.rule_id());
  charge->set_charge_id(ChargeId(charge->fact_id(), rule.rule_id()));
  charge->set_subcontract_id(id);
  charge->set_month(closing.month);
  charge->set_service_date(FormatDate(closing.days.last));
  charge->set_price_version(closing.version->version());
  charge->set_amount_pence(pence);
  charge->set_state(v1::CHARGE_ACCRUED);
  posted->set_model(rule.model());
  posted->set_vat_class(rule.vat_class());
  const std::string charge_id = charge->charge_id();
  const std::vector<v1::Posting> postings =
      AccruePostings({closing.subcontract.prime_org(), closing.subcontract.org()}, pence);
  for (const v1::Posting& posting : postings) *posted->add_postings() = posting;
  unit.Emit(ChargeBookId(id, closing.month), std::move(event));
  PostToLedger(unit, id, charge_id, postings, closing.month);
}

}  // namespace

Verdict Decide(Unit& unit, const v1::ClosePeriod& command, const Facts& facts) {
  if (!IsSystem(facts)) return SystemOnly();
  const AggregateId id = SubcontractId(command.subcontract_id());
  const v1::SubcontractState* subcontract = FindSubcontract(unit, command.subcontract_id());
  if (subcontract == nullptr) return decider::NotFound(id);
  Checks checks;
  const auto days = ParseMonth(command.month());
  checks.Require(days.has_value(), "month", "is not a month (YYYY-MM)");
  if (!checks.ok()) return checks.Failed();
  if (subcontract->status() != v1::SUBCONTRACT_ACTIVE &&
      subcontract->status() != v1::SUBCONTRACT_SUSPENDED &&
      subcontract->status() != v1::SUBCONTRACT_ENDED) {
    return decider::StateForbidsCommand(v1::SubcontractStatus_Name(subcontract->status()));
  }
  if (days->last >= Today(facts)) return decider::StateForbidsCommand("MONTH_RUNNING");
  const v1::ChargeBookState* book =
      FindChargeBook(unit, command.subcontract_id(), command.month());
  if (book != nullptr && book->closed()) return v1::Reply();
  Closing closing{command.month(), *days, *subcontract};
  for (const v1::TermVersion& version : closing.subcontract.versions()) {
    if (!version.effective_from().empty() && version.effective_from() <= FormatDate(days->last)) {
      closing.version = &version;
    }
  }
  // Before the start or after the end there is no month to close: the chain of closings stops,
  // unless late charges wait for a statement.
  const bool over = closing.version == nullptr ||
                    LastDay(closing.subcontract) < FormatDate(days->first);
  const v1::LedgerState* ledger = FindLedger(unit, command.subcontract_id());
  if (over && (ledger == nullptr || ledger->open_months().empty())) return v1::Reply();
  // Blocks and bands first: floor and ceiling look at the month with them in it.
  for (const bool bounds : {false, true}) {
    if (over) break;
    for (const v1::PriceRule& rule : closing.version->sheet().prices()) {
      if ((rule.model() == v1::FLOOR_CEILING) != bounds) continue;
      const auto pence =
          TrueUp(rule, closing, FindChargeBook(unit, command.subcontract_id(), command.month()));
      if (!pence) return decider::Reject("AMOUNT_OVERFLOW", "the amount leaves 64 bits");
      if (*pence != 0) Post(unit, closing, rule, *pence);
    }
  }
  book = FindChargeBook(unit, command.subcontract_id(), command.month());
  int64_t total = 0;
  if (book != nullptr) {
    for (const auto& row : book->rules()) total += row.amount_pence();
  }
  v1::Event event;
  v1::PeriodClosed* closed = event.mutable_period_closed();
  closed->set_subcontract_id(command.subcontract_id());
  closed->set_month(command.month());
  closed->set_total_pence(total);
  unit.Emit(ChargeBookId(command.subcontract_id(), command.month()), std::move(event));
  return v1::Reply();
}

}  // namespace pdp::subcontractor
