#include "services/subcontractor/projections/money.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/base/timestamp.h"
#include "pdp/subcontractor/v1/events.pb.h"
#include "pdp/subcontractor/v1/queries.pb.h"
#include "services/subcontractor/domain/commands.h"

namespace pdp::subcontractor {
namespace {

using projection::RecordedEvent;
using projection::RowWriter;

std::string ChargeKey(const v1::Charge& charge) {
  return absl::StrCat(Money::ChargePrefix(charge.subcontract_id(), charge.month()),
                      charge.charge_id());
}

void PutCharge(const RecordedEvent& recorded, const v1::Charge& charge, RowWriter& rows) {
  v1::ChargeView row;
  *row.mutable_charge() = charge;
  row.mutable_position()->set_area(std::string(recorded.area.code()));
  row.mutable_position()->set_epoch(recorded.epoch.value());
  row.mutable_position()->set_seq(recorded.seq.value());
  rows.Put(ChargeKey(charge), row);
}

void Reverse(const v1::ChargeReversed& reversed, RowWriter& rows) {
  const std::string key = ChargeKey(reversed.charge());
  v1::ChargeView row;
  if (!rows.Get(key, &row)) *row.mutable_charge() = reversed.charge();
  row.mutable_charge()->set_state(v1::CHARGE_REVERSED);
  row.set_reversed_by_fact_id(reversed.by_fact_id());
  rows.Put(key, row);
}

void Draft(const v1::StatementDrafted& drafted, RowWriter& rows) {
  v1::StatementView view;
  view.set_statement_id(drafted.statement_id());
  view.set_subcontract_id(drafted.subcontract_id());
  view.set_month(drafted.month());
  view.set_org(drafted.org());
  view.set_prime_org(drafted.prime_org());
  view.set_status(v1::STATEMENT_DRAFTED);
  *view.mutable_lines() = drafted.lines();
  view.set_net_pence(drafted.net_pence());
  view.set_vat_pence(drafted.vat_pence());
  *view.mutable_ledger() = drafted.ledger();
  view.set_silence_accepts_on(drafted.silence_accepts_on());
  rows.Put(absl::StrCat(Money::StatementPrefix(drafted.subcontract_id()), drafted.month()), view);
  for (const v1::StatementLine& line : drafted.lines()) {
    for (const std::string& charge_id : line.charge_ids()) {
      const std::string key =
          absl::StrCat(Money::ChargePrefix(drafted.subcontract_id(), line.month()), charge_id);
      v1::ChargeView charge;
      // A reversal stands on the statement under its own id and has no row of its own.
      if (!rows.Get(key, &charge)) continue;
      charge.set_statement_id(drafted.statement_id());
      rows.Put(key, charge);
    }
  }
}

void Raise(const v1::ChargeTaskRaised& raised, RowWriter& rows) {
  v1::ChargeTaskView view;
  *view.mutable_fact() = raised.fact();
  view.set_code(raised.code());
  view.set_raised_on(raised.raised_on());
  view.set_org(raised.org());
  view.set_prime_org(raised.prime_org());
  const std::string& fact_id = raised.fact().fact_id();
  rows.Put(absl::StrCat(Money::kTaskPrefix, raised.raised_on(), "/", fact_id), view);
  rows.Put(absl::StrCat("i/", fact_id), view);
}

void CloseTask(const std::string& fact_id, RowWriter& rows) {
  v1::ChargeTaskView view;
  if (!rows.Get(absl::StrCat("i/", fact_id), &view)) return;
  rows.Delete(absl::StrCat(Money::kTaskPrefix, view.raised_on(), "/", fact_id));
  rows.Delete(absl::StrCat("i/", fact_id));
}

}  // namespace

std::string Money::ChargePrefix(absl::string_view subcontract_id, absl::string_view month) {
  return month.empty() ? absl::StrCat("c/", subcontract_id, "/")
                       : absl::StrCat("c/", subcontract_id, "/", month, "/");
}

std::string Money::JournalPrefix(absl::string_view subcontract_id) {
  return absl::StrCat("j/", subcontract_id, "/");
}

std::string Money::StatementPrefix(absl::string_view subcontract_id) {
  return absl::StrCat("t/", subcontract_id, "/");
}

absl::Status Money::Project(const RecordedEvent& recorded, RowWriter& rows) {
  const auto& event = recorded.As<v1::Event>();
  if (event.has_charge_accrued()) PutCharge(recorded, event.charge_accrued().charge(), rows);
  if (event.has_period_true_up_posted()) {
    PutCharge(recorded, event.period_true_up_posted().charge(), rows);
  }
  if (event.has_charge_reversed()) Reverse(event.charge_reversed(), rows);
  if (event.has_ledger_posted()) {
    const v1::LedgerPosted& posted = event.ledger_posted();
    v1::JournalEntry entry;
    *entry.mutable_link() = posted.link();
    *entry.mutable_postings() = posted.postings();
    *entry.mutable_recorded_at() = ToTimestamp(recorded.recorded_at);
    // Fixed width keeps the order of the chain.
    rows.Put(absl::StrCat(JournalPrefix(posted.subcontract_id()),
                          absl::StrFormat("%016x", posted.link().n())),
             entry);
  }
  if (event.has_charge_task_raised()) Raise(event.charge_task_raised(), rows);
  if (event.has_charge_task_closed()) CloseTask(event.charge_task_closed().fact_id(), rows);
  if (event.has_statement_drafted()) Draft(event.statement_drafted(), rows);
  if (event.has_statement_accepted()) {
    const std::string key = absl::StrCat("t/", event.statement_accepted().statement_id());
    v1::StatementView view;
    if (rows.Get(key, &view)) {
      view.set_status(v1::STATEMENT_ACCEPTED);
      rows.Put(key, view);
    }
  }
  return absl::OkStatus();
}

}  // namespace pdp::subcontractor
