#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/calendar.h"
#include "services/unpaid_work/projections/calendar.h"
#include "services/unpaid_work/projections/cases.h"
#include "services/unpaid_work/projections/ledger.h"
#include "services/unpaid_work/query_access.h"
#include "services/unpaid_work/service_queries.h"

// A person's case: figures, ledger, calendar.

namespace pdp::unpaid_work {
namespace {

// Postings that GetCase shows of one book, and that one answer of LedgerEntries adds up.
constexpr int kBookEntriesMax = 500;
constexpr size_t kLedgerMax = 100'000;

// The case when the actor may see it.
grpc::Status LoadCase(const host::ServiceHost& host, Area area, const common::v1::Actor& actor,
                      const std::string& crn, Loaded* loaded) {
  const AggregateId id = CaseId(crn);
  auto read = Load(host, area, id);
  if (!read.ok()) return Failed(read.status(), id);
  if (!SeesCase(actor, crn, read->state.case_().org())) return Unseen(id);
  *loaded = *std::move(read);
  return grpc::Status::OK;
}

// Every entry of the books under `prefix`, oldest first within a book.
template <typename Visit>
grpc::Status VisitLedger(const host::ServiceHost& host, Area area, const std::string& prefix,
                         Visit visit) {
  v1::LedgerEntry entry;
  const absl::Status status =
      host.rows(LedgerView::kName)
          .Scan(area, {.prefix = prefix, .limit = kLedgerMax}, &entry,
                [&](absl::string_view, bool) {
                  visit(entry);
                  return true;
                });
  return status.ok() ? grpc::Status::OK : rpc::ToStatus(status, kService);
}

template <typename Books>
auto* BookOf(Books* books, const std::string& requirement_id) {
  for (auto& book : *books) {
    if (book.requirement_id() == requirement_id) return &book;
  }
  auto* added = books->Add();
  added->set_requirement_id(requirement_id);
  return added;
}

// Recorded on a local day after `as_at`.
bool After(const v1::LedgerEntry& entry, const std::string& as_at) {
  if (as_at.empty()) return false;
  return FormatDate(LocalDate(absl::FromUnixSeconds(entry.recorded_at().seconds()))) > as_at;
}

}  // namespace

grpc::Status ReadCase(const host::ServiceHost& host, const v1::GetCaseRequest& request,
                      v1::GetCaseReply* reply) {
  RequestCheck check(request);
  check.Require(!request.crn().empty(), "crn", "is empty");
  Area area;
  if (auto status = check.Finish(host, &area); !status.ok()) return status;
  Loaded loaded;
  if (auto status = LoadCase(host, area, request.actor(), request.crn(), &loaded); !status.ok()) {
    return status;
  }
  const v1::Case& c = loaded.state.case_();
  reply->set_version(loaded.version.value());
  reply->set_erased(loaded.erased);
  reply->set_person_owed(PersonOwed(c));
  reply->set_person_open(PersonOpen(c));
  for (const v1::Requirement& requirement : c.requirements()) {
    v1::BookLedger* book = reply->add_books();
    book->set_requirement_id(requirement.requirement_id());
    *book->mutable_balances() = requirement.balances();
  }
  const auto add = [reply](const v1::LedgerEntry& entry) {
    v1::BookLedger* book = BookOf(reply->mutable_books(), entry.requirement_id());
    if (book->entries_size() == kBookEntriesMax) return book->set_entries_left_out(true);
    *book->add_entries() = entry;
  };
  *reply->mutable_case_() = c;
  return VisitLedger(host, area, LedgerView::Prefix(request.crn(), ""), add);
}

grpc::Status ReadCases(const host::ServiceHost& host, const v1::ListCasesRequest& request,
                       v1::ListCasesReply* reply) {
  Area area;
  if (auto status = RequestCheck(request).Finish(host, &area); !status.ok()) return status;
  const auto keep = [&](const v1::CaseSummary& row) {
    // Visibility before any filter and before paging.
    if (!SeesCase(request.actor(), row.crn(), row.org())) return false;
    if (!request.org().empty() && request.org() != row.org()) return false;
    if (!request.pdu().empty() && request.pdu() != row.pdu()) return false;
    if (request.status() != v1::CASE_STATUS_UNSPECIFIED && request.status() != row.status()) {
      return false;
    }
    return request.flag().empty() || std::find(row.flags().begin(), row.flags().end(),
                                               request.flag()) != row.flags().end();
  };
  return Page<v1::CaseSummary>(host.rows(Cases::kName), area, Cases::kOrderPrefix, request.page(),
                               reply, keep,
                               [&](const v1::CaseSummary& row) { *reply->add_cases() = row; });
}

grpc::Status ReadLedger(const host::ServiceHost& host, const v1::LedgerEntriesRequest& request,
                        v1::LedgerEntriesReply* reply) {
  RequestCheck check(request);
  check.Require(!request.crn().empty(), "crn", "is empty");
  check.DateOrEmpty(request.as_at(), "as_at");
  Area area;
  if (auto status = check.Finish(host, &area); !status.ok()) return status;
  Loaded loaded;
  if (auto status = LoadCase(host, area, request.actor(), request.crn(), &loaded); !status.ok()) {
    return status;
  }
  const std::string prefix = LedgerView::Prefix(request.crn(), request.requirement_id());
  const auto post = [&](const v1::LedgerEntry& entry) {
    if (After(entry, request.as_at())) return;
    Post(entry, BookOf(reply->mutable_books(), entry.requirement_id())->mutable_balances());
  };
  if (auto status = VisitLedger(host, area, prefix, post); !status.ok()) return status;
  return Page<v1::LedgerEntry>(
      host.rows(LedgerView::kName), area, prefix, request.page(), reply,
      [&](const v1::LedgerEntry& row) {
        return !After(row, request.as_at()) && absl::StartsWith(row.cause(), request.cause());
      },
      [&](const v1::LedgerEntry& row) { *reply->add_entries() = row; });
}

grpc::Status ReadCalendar(const host::ServiceHost& host, const v1::PersonCalendarRequest& request,
                          v1::PersonCalendarReply* reply) {
  RequestCheck check(request);
  check.Require(!request.crn().empty(), "crn", "is empty");
  check.DateOrEmpty(request.from(), "from");
  check.DateOrEmpty(request.to(), "to");
  Area area;
  if (auto status = check.Finish(host, &area); !status.ok()) return status;
  Loaded loaded;
  if (auto status = LoadCase(host, area, request.actor(), request.crn(), &loaded); !status.ok()) {
    return status;
  }
  const std::string prefix = PersonCalendar::Prefix(request.crn());
  const auto keep = [&](const v1::CalendarEntry& row) {
    const v1::Appointment& appointment = row.appointment();
    if (appointment.date() < request.from()) return false;
    return request.status() == v1::APPOINTMENT_STATUS_UNSPECIFIED ||
           request.status() == appointment.status();
  };
  // '0' is the character after '/': behind every entry of the last day.
  const std::string until = request.to().empty() ? "" : absl::StrCat(prefix, request.to(), "0");
  return Page<v1::CalendarEntry>(host.rows(PersonCalendar::kName), area, prefix, request.page(),
                                 reply, keep,
                                 [&](const v1::CalendarEntry& row) { *reply->add_entries() = row; },
                                 until);
}

}  // namespace pdp::unpaid_work
