#include "services/unpaid_work/projections/ledger.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "pdp/unpaid_work/v1/events.pb.h"

namespace pdp::unpaid_work {
namespace {

// n of "{crn}/{n}".
uint64_t NumberOf(const std::string& entry_id) {
  uint64_t n = 0;
  const absl::string_view text = entry_id;
  const size_t slash = text.rfind('/');
  const bool parses = absl::SimpleAtoi(
      slash == absl::string_view::npos ? text : text.substr(slash + 1), &n);
  return parses ? n : 0;
}

void Add(v1::Account account, int64_t minutes,
         google::protobuf::RepeatedPtrField<v1::Balance>* balances) {
  auto at = std::find_if(balances->begin(), balances->end(), [account](const v1::Balance& balance) {
    return balance.account() >= account;
  });
  if (at != balances->end() && at->account() == account) {
    at->set_minutes(at->minutes() + minutes);
    return;
  }
  const int index = static_cast<int>(at - balances->begin());
  v1::Balance* added = balances->Add();
  added->set_account(account);
  added->set_minutes(minutes);
  for (int i = balances->size() - 1; i > index; --i) balances->SwapElements(i, i - 1);
}

}  // namespace

std::string LedgerView::Prefix(absl::string_view crn, absl::string_view requirement_id) {
  return requirement_id.empty() ? absl::StrCat(crn, "/")
                                : absl::StrCat(crn, "/", requirement_id, "/");
}

absl::Status LedgerView::Project(const projection::RecordedEvent& recorded,
                             projection::RowWriter& rows) {
  const auto& event = recorded.As<v1::Event>();
  if (!event.has_minutes_posted()) return absl::OkStatus();
  const v1::MinutesPosted& posted = event.minutes_posted();
  v1::LedgerEntry entry;
  entry.set_entry_id(posted.entry_id());
  entry.set_requirement_id(posted.book());
  entry.set_from(posted.from());
  entry.set_to(posted.to());
  entry.set_minutes(posted.minutes());
  entry.set_cause(posted.cause());
  entry.set_appointment_id(posted.appointment_id());
  entry.set_work_date(posted.work_date());
  entry.set_reverses(posted.reverses());
  const absl::Duration since_epoch = recorded.recorded_at - absl::UnixEpoch();
  entry.mutable_recorded_at()->set_seconds(absl::ToUnixSeconds(recorded.recorded_at));
  entry.mutable_recorded_at()->set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(since_epoch - absl::Floor(since_epoch, absl::Seconds(1)))));
  rows.Put(absl::StrCat(Prefix(recorded.aggregate.id(), posted.book()),
                        absl::StrFormat("%016x", NumberOf(posted.entry_id()))),
           entry);
  return absl::OkStatus();
}

void Post(const v1::LedgerEntry& entry,
          google::protobuf::RepeatedPtrField<v1::Balance>* balances) {
  Add(entry.from(), -entry.minutes(), balances);
  Add(entry.to(), entry.minutes(), balances);
}

}  // namespace pdp::unpaid_work
