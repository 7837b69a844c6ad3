#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/base/calendar.h"
#include "libs/base/small_numbers.h"
#include "services/referral/projections/limited.h"
#include "services/referral/projections/mix.h"
#include "services/referral/query_access.h"
#include "services/referral/service_queries.h"

// MixBoard: exact counts for the authority, and for an organisation of its own; everything else
// after disclosure control (SUB-130; interfaces, C9).

namespace pdp::referral {
namespace {

// Some five years of an area; more are asked for in pieces.
constexpr size_t kRowsMax = 20'000;
constexpr size_t kLimitedMax = 10'000;

using Measures = std::map<std::string, int64_t>;

Measures MeasuresOf(const v1::MixRow& row) {
  Measures measures = {{"offered", row.offered()},
                       {"accepted", row.accepted()},
                       {"lapsed", row.lapsed()},
                       {"returned", row.returned()},
                       {"directed", row.directed()}};
  for (const auto& [code, count] : row.declined()) {
    measures[absl::StrCat("declined.", code)] = count;
  }
  return measures;
}

void Suppress(const std::string& measure, v1::MixRow* row) {
  row->add_suppressed(measure);
  if (measure == "offered") row->clear_offered();
  if (measure == "accepted") row->clear_accepted();
  if (measure == "lapsed") row->clear_lapsed();
  if (measure == "returned") row->clear_returned();
  if (measure == "directed") row->clear_directed();
  const std::string declined = "declined.";
  if (measure.rfind(declined, 0) == 0) {
    row->mutable_declined()->erase(measure.substr(declined.size()));
  }
}

void Subtract(const v1::MixRow& gone, v1::MixRow* row) {
  row->set_offered(row->offered() - gone.offered());
  row->set_accepted(row->accepted() - gone.accepted());
  row->set_lapsed(row->lapsed() - gone.lapsed());
  row->set_returned(row->returned() - gone.returned());
  row->set_directed(row->directed() - gone.directed());
  for (const auto& [code, count] : gone.declined()) {
    if (((*row->mutable_declined())[code] -= count) == 0) row->mutable_declined()->erase(code);
  }
}
void Subtract(const v1::DemographicRow& gone, v1::DemographicRow* row) {
  row->set_referrals(row->referrals() - gone.referrals());
}

// 2025-03 is month 2 of quarter 2025/0.
struct Quarter {
  std::string key;
  size_t month = 0;
};
Quarter QuarterOf(const std::string& month) {
  int number = 1;
  (void)absl::SimpleAtoi(month.substr(5), &number);
  return {absl::StrCat(month.substr(0, 4), "/", (number - 1) / 3),
          static_cast<size_t>((number - 1) % 3)};
}

// First (or last) month of the quarter of a month; empty for an empty one.
std::string EdgeOfQuarter(const std::string& month, bool first) {
  if (month.empty()) return "";
  const Date day = *ParseDate(absl::StrCat(month, "-01"));
  const int place = static_cast<int>(QuarterOf(month).month);
  return FormatDate(AddMonths(day, first ? -place : 2 - place)).substr(0, 7);
}

// The months of a quarter form a line: one table a quarter, a row a subject. `apply` is called for
// each count that must not be shown.
class Tables {
 public:
  void Put(const std::string& table, const std::string& subject, const std::string& month,
           int64_t count) {
    const Quarter quarter = QuarterOf(month);
    tables_[absl::StrCat(table, "/", quarter.key)][subject][quarter.month] = count;
  }
  // Table, subject and place of the month within its quarter.
  void Protect() {
    for (const auto& [name, rows] : tables_) {
      CountTable counts;
      for (const auto& [subject, months] : rows) {
        counts.emplace_back(months.begin(), months.end());
      }
      const SuppressedCells found = SuppressSmall(counts);
      size_t row = 0;
      for (const auto& [subject, months] : rows) {
        for (size_t month = 0; month < months.size(); ++month) {
          hidden_[{name, subject}][month] = found.cells[row][month];
        }
        ++row;
      }
    }
  }
  bool IsHidden(const std::string& table, const std::string& subject,
                const std::string& month) const {
    const Quarter quarter = QuarterOf(month);
    const auto found = hidden_.find({absl::StrCat(table, "/", quarter.key), subject});
    return found != hidden_.end() && found->second[quarter.month];
  }

 private:
  std::map<std::string, std::map<std::string, std::array<int64_t, 3>>> tables_;
  std::map<std::pair<std::string, std::string>, std::array<bool, 3>> hidden_;
};

std::string SubjectOf(const v1::MixRow& row) {
  return absl::StrCat(row.org(), "/", row.route(), "/", row.stratum());
}

// Everything of an area that an actor may count: without the people they may not see (REF-90).
class Board {
 public:
  // Months YYYY-MM, first and last; empty: open.
  Board(const host::ServiceHost& host, Area area, const common::v1::Actor& actor,
        std::string first, std::string last)
      : host_(host),
        area_(area),
        audience_(host, area, actor),
        first_(std::move(first)),
        last_(std::move(last)) {}

  absl::Status Read() {
    absl::Status status = Scan(Mix::kCounts, 0, &counts_);
    status.Update(Scan(Mix::kPeople, 0, &people_));
    for (const Area where : {area_, Area::Nat()}) {
      if (host_.cell(where) != nullptr) status.Update(TakeUnseen(where));
    }
    return status;
  }

  // Nothing of it may be shown: what was not read is not in the lines of the others.
  bool too_many() const { return too_many_; }
  const Audience& audience() const { return audience_; }
  std::map<std::string, v1::MixRow>& counts() { return counts_; }
  std::map<std::string, v1::DemographicRow>& people() { return people_; }

 private:
  // Rows whose keys are `prefix`, a month and more; known without the first `drop` characters.
  template <typename Row>
  absl::Status Scan(const std::string& prefix, size_t drop, std::map<std::string, Row>* into) {
    Row row;
    projection::ScanRange range{.prefix = prefix, .limit = kRowsMax + 1};
    if (!first_.empty()) range.after_key = absl::StrCat(prefix, first_);
    size_t seen = 0;
    const absl::Status status =
        host_.rows(Mix::kName).Scan(area_, range, &row, [&](absl::string_view key, bool) {
          const absl::string_view month = key.substr(prefix.size(), 7);
          if (!last_.empty() && month > absl::string_view(last_)) return false;
          ++seen;
          into->emplace(std::string(key.substr(drop)), row);
          return true;
        });
    too_many_ = too_many_ || seen > kRowsMax;
    return status;
  }

  absl::Status TakeUnseen(Area where) {
    std::vector<std::string> unseen;
    v1::AccessLists lists;
    size_t limited = 0;
    const projection::ScanRange people{.after_key = Limited::kAny, .limit = kLimitedMax + 1};
    absl::Status status = host_.rows(Limited::kName)
                              .Scan(where, people, &lists, [&](absl::string_view crn, bool) {
                                ++limited;
                                if (!audience_.MaySeePerson(crn)) unseen.emplace_back(crn);
                                return true;
                              });
    // Whoever is not looked at would be counted.
    too_many_ = too_many_ || limited > kLimitedMax;
    for (const std::string& crn : unseen) {
      // Named by both lists: taken once.
      if (taken_[crn]) continue;
      taken_[crn] = true;
      const std::string prefix = Mix::PersonPrefix(crn);
      status.Update(TakeFrom(absl::StrCat(prefix, Mix::kCounts), prefix.size(), &counts_));
      status.Update(TakeFrom(absl::StrCat(prefix, Mix::kPeople), prefix.size(), &people_));
    }
    return status;
  }

  template <typename Row>
  absl::Status TakeFrom(const std::string& prefix, size_t drop, std::map<std::string, Row>* from) {
    std::map<std::string, Row> gone;
    const absl::Status status = Scan(prefix, drop, &gone);
    for (const auto& [key, row] : gone) {
      const auto found = from->find(key);
      if (found != from->end()) Subtract(row, &found->second);
    }
    return status;
  }

  const host::ServiceHost& host_;
  const Area area_;
  const Audience audience_;
  const std::string first_, last_;
  bool too_many_ = false;
  std::map<std::string, v1::MixRow> counts_;
  std::map<std::string, v1::DemographicRow> people_;
  std::map<std::string, bool> taken_;
};

bool IsEmpty(const v1::MixRow& row) {
  for (const auto& [measure, count] : MeasuresOf(row)) {
    if (count != 0) return false;
  }
  return row.suppressed().empty();
}

// Over whole quarters and all organisations but the actor's own, whatever was asked for: what a
// filter leaves out must not give away what was suppressed.
void SuppressCounts(Board& board) {
  const std::string& own = board.audience().actor().organisation();
  Tables tables;
  for (const auto& [key, row] : board.counts()) {
    if (row.org() == own) continue;
    for (const auto& [measure, count] : MeasuresOf(row)) {
      tables.Put(measure, SubjectOf(row), row.month(), count);
    }
  }
  tables.Protect();
  for (auto& [key, row] : board.counts()) {
    if (row.org() == own) continue;
    for (const auto& [measure, count] : MeasuresOf(row)) {
      if (tables.IsHidden(measure, SubjectOf(row), row.month())) Suppress(measure, &row);
    }
  }
}

void SuppressPeople(Board& board) {
  Tables tables;
  for (const auto& [key, row] : board.people()) {
    tables.Put(row.characteristic(), row.value(), row.month(), row.referrals());
  }
  tables.Protect();
  for (auto& [key, row] : board.people()) {
    if (!tables.IsHidden(row.characteristic(), row.value(), row.month())) continue;
    row.clear_referrals();
    row.set_suppressed(true);
  }
}

bool IsMonth(const std::string& text) {
  return text.size() == 7 && ParseDate(absl::StrCat(text, "-01")).has_value();
}

}  // namespace

grpc::Status ReadMix(const host::ServiceHost& host, const v1::MixBoardRequest& request,
                     v1::MixBoardReply* reply) {
  RequestCheck check(host, request);
  check.Require(request.from_month().empty() || IsMonth(request.from_month()), "DATE_MALFORMED",
                "from_month", "is no month YYYY-MM");
  check.Require(request.to_month().empty() || IsMonth(request.to_month()), "DATE_MALFORMED",
                "to_month", "is no month YYYY-MM");
  Area area;
  if (auto status = check.Finish(&area); !status.ok()) return status;
  Board board(host, area, request.actor(), EdgeOfQuarter(request.from_month(), true),
              EdgeOfQuarter(request.to_month(), false));
  if (!board.audience().official() && !board.audience().provider()) return grpc::Status::OK;
  const absl::Status read = board.Read();
  if (!read.ok()) return rpc::ToStatus(read, kServiceName);
  check.Require(!board.too_many(), "VALUE_OUT_OF_RANGE", "from_month",
                "ask for fewer months at once");
  if (auto status = check.Finish(&area); !status.ok()) return status;
  if (board.audience().provider()) {
    SuppressCounts(board);
    SuppressPeople(board);
  }
  const auto in_time = [&](const std::string& month) {
    return (request.from_month().empty() || month >= request.from_month()) &&
           (request.to_month().empty() || month <= request.to_month());
  };
  for (const auto& [key, row] : board.counts()) {
    const bool wanted = in_time(row.month()) &&
                        (request.org().empty() || request.org() == row.org()) &&
                        (request.route().empty() || request.route() == row.route());
    if (wanted && !IsEmpty(row)) *reply->add_rows() = row;
  }
  for (const auto& [key, row] : board.people()) {
    const bool told = row.referrals() != 0 || row.suppressed();
    if (in_time(row.month()) && told) *reply->add_demographics() = row;
  }
  return grpc::Status::OK;
}

}  // namespace pdp::referral
