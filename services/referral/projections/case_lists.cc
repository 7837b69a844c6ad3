#include "services/referral/projections/case_lists.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/base/hash.h"
#include "services/referral/domain/commands.h"

namespace pdp::referral {
namespace {

constexpr char kNoDate[] = "9999-12-31";
// A key has at most 512 bytes; a longer value stands under its digest.
constexpr size_t kValueBytesMax = 64;

std::string DateOr(const std::string& date) { return date.empty() ? kNoDate : date; }

std::string Order(const v1::CaseRow& row) {
  const int stratum = row.stratum() == "HIGH" ? 0 : row.stratum() == "MEDIUM" ? 1 : 2;
  return absl::StrFormat("%d%s%d%020d%s", row.breached() ? 0 : 1, DateOr(row.due_on()), stratum,
                         row.submitted_at().seconds(), row.referral_id());
}

char LetterOf(CaseListOf list) {
  switch (list) {
    case CaseListOf::kState:
      return 's';
    case CaseListOf::kOrg:
      return 'o';
    case CaseListOf::kCaseworker:
      return 'c';
    case CaseListOf::kPdu:
      return 'p';
    case CaseListOf::kRoute:
      return 'r';
  }
  return 's';
}

v1::CaseRow Slim(const v1::CaseRow& row) {
  v1::CaseRow slim = row;
  slim.clear_clocks();
  slim.clear_version();
  return slim;
}

void AddClocks(const v1::CaseRow& row, const v1::CaseRow& slim,
               std::map<std::string, v1::CaseRow>* lists) {
  for (const v1::SlaClock& clock : row.clocks()) {
    const bool waits = clock.status() == v1::SlaClock::RUNNING ||
                       clock.status() == v1::SlaClock::PAUSED ||
                       (clock.status() == v1::SlaClock::BREACHED && clock.stopped_on().empty());
    if (!waits) continue;
    v1::CaseRow one = slim;
    *one.add_clocks() = clock;
    one.set_clock(clock.code());
    one.set_due_on(clock.due_on());
    one.set_breached(clock.status() == v1::SlaClock::BREACHED);
    lists->emplace(absl::StrFormat("%s%s/%s/%s/%06d", kClockList, DateOr(clock.due_on()),
                                   row.referral_id(), clock.code(), clock.n()),
                   std::move(one));
  }
}

// Due when the clock of the transfer is (REF-86).
void AddTransfer(const v1::CaseRow& row, const v1::CaseRow& slim,
                 std::map<std::string, v1::CaseRow>* lists) {
  v1::CaseRow one = slim;
  one.clear_clock();
  one.clear_due_on();
  one.set_breached(false);
  for (const v1::SlaClock& clock : row.clocks()) {
    if (clock.code() != "TRANSFER" || !clock.stopped_on().empty()) continue;
    one.set_clock(clock.code());
    one.set_due_on(clock.due_on());
    one.set_breached(clock.status() == v1::SlaClock::BREACHED);
  }
  lists->emplace(absl::StrCat(kTransfers, row.transfer_to(), "/", DateOr(one.due_on()), "/",
                              row.referral_id()),
                 std::move(one));
}

}  // namespace

bool IsOver(v1::ReferralState state) {
  return IsFinished(state) || state == v1::ENDED || state == v1::MOVED;
}

std::string ListPrefix(CaseListOf list, absl::string_view value) {
  return absl::StrCat("l/", std::string(1, LetterOf(list)), "/",
                      value.size() <= kValueBytesMax ? std::string(value) : Sha256(value).hex(),
                      "/");
}

std::map<std::string, v1::CaseRow> ListRows(const v1::CaseRow& row) {
  std::map<std::string, v1::CaseRow> lists;
  if (row.state() == v1::REFERRAL_STATE_UNSPECIFIED) return lists;
  const v1::CaseRow slim = Slim(row);
  const std::string order = Order(row);
  lists.emplace(absl::StrCat(kAllCases, order), slim);
  const auto in = [&](CaseListOf list, absl::string_view value) {
    if (!value.empty()) lists.emplace(absl::StrCat(ListPrefix(list, value), order), slim);
  };
  in(CaseListOf::kState, absl::StrCat(static_cast<int>(row.state())));
  in(CaseListOf::kOrg, row.org());
  in(CaseListOf::kPdu, row.pdu());
  in(CaseListOf::kRoute, row.route());
  for (const v1::Caseworker& caseworker : row.caseworkers()) {
    in(CaseListOf::kCaseworker, caseworker.id());
  }
  const auto waits = [&](const char* prefix, const std::string& since) {
    lists.emplace(absl::StrCat(prefix, DateOr(since), "/", row.referral_id()), slim);
  };
  if (row.state() == v1::DRAFT) waits(kDrafts, row.last_saved_on());
  if (row.state() == v1::UNPLACED) waits(kUnplaced, row.since_on());
  if (!row.return_on().empty()) waits(kReturns, row.return_on());
  if (!row.possible_duplicates().empty() && !IsOver(row.state())) {
    waits(kDuplicates, row.duplicates_on());
  }
  if (!row.reference().empty()) lists.emplace(absl::StrCat(kReferences, row.reference()), slim);
  if (!row.transfer_to().empty()) AddTransfer(row, slim, &lists);
  AddClocks(row, slim, &lists);
  return lists;
}

}  // namespace pdp::referral
