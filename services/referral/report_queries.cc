#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/base/calendar.h"
#include "libs/engine/cell.h"
#include "libs/engine/past.h"
#include "services/referral/projections/case_lists.h"
#include "services/referral/projections/cases.h"
#include "services/referral/projections/overrides.h"
#include "services/referral/query_access.h"
#include "services/referral/service_queries.h"

// TransferInbox, OverrideBoard and Performance. MixBoard is in mix_board.cc.

namespace pdp::referral {
namespace {

bool EqualOrAny(const std::string& wanted, const std::string& has) {
  return wanted.empty() || wanted == has;
}

// ---- TransferInbox

// Where a row stands in the inbox: due first, whatever area it comes from.
std::string PlaceOf(const v1::CaseRow& row) {
  return absl::StrCat(row.due_on().empty() ? "9999-12-31" : row.due_on(), "/", row.referral_id());
}

bool IsWanted(const v1::BoardRequest& request, const v1::CaseRow& row) {
  const std::string day = row.due_on().empty() ? row.transfer_on() : row.due_on();
  return EqualOrAny(request.org(), row.org()) && EqualOrAny(request.pdu(), row.pdu()) &&
         EqualOrAny(request.code(), row.transfer_code()) &&
         (request.from().empty() || day >= request.from()) &&
         (request.to().empty() || day <= request.to());
}

// Those that wait for `to` in one area and lie behind `place`, a page of them. `end` gets the place
// behind which the area was not looked at, where that comes before what it was.
absl::Status AddTransfers(const host::ServiceHost& host, Area from, Area to,
                          const v1::BoardRequest& request, const std::string& place,
                          std::vector<v1::CaseRow>* found, std::string* end) {
  const Audience audience(host, from, request.actor());
  const size_t most = found->size() + static_cast<size_t>(PageSize(request.page())) + 1;
  v1::CaseRow row;
  projection::ScanRange range{.prefix = absl::StrCat(kTransfers, to.code(), "/"),
                              .limit = kScanMax};
  // The keys are the places.
  if (!place.empty()) range.after_key = absl::StrCat(range.prefix, place);
  size_t looked_at = 0;
  return host.rows(Cases::kName).Scan(from, range, &row, [&](absl::string_view, bool) {
    if (IsWanted(request, row) && audience.MaySeePerson(row.crn())) found->push_back(row);
    const bool last = ++looked_at == kScanMax || found->size() == most;
    if (last && (end->empty() || PlaceOf(row) < *end)) *end = PlaceOf(row);
    return !last;
  });
}

// ---- Performance

// The row of a referral as it was at the end of a day: what had been recorded until then, folded as
// the view folds it.
absl::Status FoldUntil(const host::ServiceHost& host, Area area, const std::string& id,
                       absl::Time end, v1::CaseRow* row) {
  const AggregateId aggregate = ReferralId(id);
  return host.cell(area)->past().ForEach(aggregate, [&](const engine::Past::Step& step) {
    if (step.recorded_at >= end) return false;
    projection::RecordedEvent recorded;
    recorded.service = kServiceName;
    recorded.area = area;
    recorded.seq = step.seq;
    recorded.recorded_at = step.recorded_at;
    recorded.occurred_at = step.occurred_at;
    recorded.aggregate = aggregate;
    recorded.version = step.version;
    recorded.type = step.recorded.type();
    recorded.commit = &step.commit;
    // Not owned: the step outlives its use here.
    recorded.event = std::shared_ptr<const google::protobuf::Message>(std::shared_ptr<void>(),
                                                                      &step.event);
    recorded.erased = step.erased;
    *row = Cases::After(*row, recorded);
    return true;
  });
}

// The day of a step, the first of its kind or the last.
std::string DayOf(const v1::CaseRow& row, absl::string_view event, bool first) {
  std::string day;
  for (const v1::Milestone& milestone : row.milestones()) {
    if (milestone.event() != event) continue;
    day = milestone.on();
    if (first) break;
  }
  return day;
}

v1::PerformanceRow PerformanceOf(const v1::CaseRow& row) {
  v1::PerformanceRow out;
  out.set_reference(row.reference());
  out.set_referral_id(row.referral_id());
  out.set_line(row.line());
  out.set_route(row.route());
  out.set_org(row.org());
  out.set_pdu(row.pdu());
  out.set_stratum(row.stratum());
  out.set_state(row.state());
  // How it began, and where it last stood: rounds and routes may come again.
  out.set_opened_on(DayOf(row, "ReferralOpened", true));
  out.set_submitted_on(DayOf(row, "ReferralSubmitted", true));
  out.set_routed_on(DayOf(row, "ReferralRouted", false));
  out.set_offered_on(DayOf(row, "ReferralOffered", false));
  out.set_accepted_on(DayOf(row, "ReferralAccepted", false));
  out.set_arranged_on(DayOf(row, "AppointmentArranged", false));
  out.set_started_on(DayOf(row, "DeliveryStarted", false));
  out.set_held_on(DayOf(row, "AppointmentHeld", false));
  // REF-99: who has started has been there.
  if (out.held_on().empty()) out.set_held_on(out.started_on());
  if (row.state() == v1::ENDED || row.state() == v1::CONCLUDED) {
    out.set_ended_on(DayOf(row, "DeliveryEnded", false));
  }
  if (row.state() == v1::CONCLUDED) {
    out.set_concluded_on(DayOf(row, "ReferralConcluded", false));
  }
  for (const v1::SlaClock& clock : row.clocks()) {
    v1::ClockResult* result = out.add_clocks();
    result->set_code(clock.code());
    result->set_n(clock.n());
    result->set_due_on(clock.due_on());
    result->set_stopped_on(clock.stopped_on());
    result->set_status(clock.status());
  }
  return out;
}

}  // namespace

grpc::Status ReadTransferInbox(const host::ServiceHost& host, const v1::BoardRequest& request,
                               v1::BoardReply* reply) {
  RequestCheck check(host, request);
  check.DateOrEmpty(request.from(), "from");
  check.DateOrEmpty(request.to(), "to");
  // The referrals are still in the areas they come from: what matters is which of those are here.
  if (auto status = check.FinishIn(host.areas().front()); !status.ok()) return status;
  const Area to = *Area::FromCode(request.area());
  // The area managers' and administrators' of the target (REF-92).
  if (!Audience(host, to, request.actor()).official()) return grpc::Status::OK;
  std::vector<v1::CaseRow> found;
  std::string end;
  for (const Area from : Area::All()) {
    if (from == to || from.is_nat()) continue;
    if (host.cell(from) == nullptr) {
      reply->add_areas_elsewhere(std::string(from.code()));
      continue;
    }
    const absl::Status status = AddTransfers(host, from, to, request, check.place(), &found, &end);
    if (!status.ok()) return rpc::ToStatus(status, kServiceName);
  }
  std::sort(found.begin(), found.end(), [](const v1::CaseRow& a, const v1::CaseRow& b) {
    return PlaceOf(a) < PlaceOf(b);
  });
  // Behind the end there may be others that come before.
  while (!end.empty() && !found.empty() && PlaceOf(found.back()) > end) found.pop_back();
  const size_t size = static_cast<size_t>(PageSize(request.page()));
  for (size_t i = 0; i < std::min(size, found.size()); ++i) *reply->add_cases() = found[i];
  if (found.size() <= size && end.empty()) return grpc::Status::OK;
  auto token = Cursor::Seal(host, request, found.size() > size ? PlaceOf(found[size - 1]) : end);
  if (!token.ok()) return rpc::ToStatus(token.status(), kServiceName);
  reply->set_next_page_token(*std::move(token));
  return grpc::Status::OK;
}

grpc::Status ReadOverrides(const host::ServiceHost& host, const v1::OverrideBoardRequest& request,
                           v1::OverrideBoardReply* reply) {
  RequestCheck check(host, request);
  check.DateOrEmpty(request.from(), "from");
  check.DateOrEmpty(request.to(), "to");
  Area area;
  if (auto status = check.Finish(&area); !status.ok()) return status;
  const Audience audience(host, area, request.actor());
  if (!audience.official()) return grpc::Status::OK;
  const std::string prefix = Overrides::kList;
  PageOf page{host.rows(Overrides::kName), area, prefix, check.place(), ""};
  if (page.after.empty() && !request.from().empty()) {
    page.after = absl::StrCat(prefix, request.from());
  }
  // '0' is the character after '/'.
  if (!request.to().empty()) page.until = absl::StrCat(prefix, request.to(), "0");
  return FillPage<v1::OverrideRow>(
      host, request, page, reply,
      [&](const v1::OverrideRow& row) {
        return EqualOrAny(request.by(), row.by()) && EqualOrAny(request.crn(), row.crn()) &&
               audience.MaySeePerson(row.crn());
      },
      [&](const v1::OverrideRow& row, bool) {
        *reply->add_overrides() = row;
        return true;
      });
}

grpc::Status ReadPerformance(const host::ServiceHost& host, const v1::PerformanceRequest& request,
                             v1::PerformanceReply* reply) {
  RequestCheck check(host, request);
  check.DateOrEmpty(request.as_at(), "as_at");
  const Date today = LocalDate(host.clock().Now());
  const Date day = ParseDate(request.as_at()).value_or(today);
  check.Require(day <= today, "VALUE_OUT_OF_RANGE", "as_at", "has not come yet");
  Area area;
  if (auto status = check.Finish(&area); !status.ok()) return status;
  reply->set_as_at(FormatDate(day));
  const Audience audience(host, area, request.actor());
  const projection::RowReader& rows = host.rows(Cases::kName);
  absl::Status failed;
  const grpc::Status status = FillPage<v1::CaseRow>(
      host, request, {rows, area, kReferences, check.place(), ""}, reply,
      [&](const v1::CaseRow& row) {
        return failed.ok() && audience.MaySeeCase(row.crn(), row.org());
      },
      [&](const v1::CaseRow& row, bool) {
        v1::CaseRow whole;
        if (day == today) {
          v1::CaseRow steps;
          const auto found = rows.Get(area, Cases::RowKey(row.referral_id()), &whole);
          failed.Update(found.status());
          failed.Update(rows.Get(area, Cases::MilestonesKey(row.referral_id()), &steps).status());
          if (!failed.ok() || !*found) return false;
          whole.mutable_milestones()->Swap(steps.mutable_milestones());
        } else {
          const absl::Time end = StartOfLocalDate(day + 1);
          failed.Update(FoldUntil(host, area, row.referral_id(), end, &whole));
          // It had not been opened.
          if (!failed.ok() || whole.state() == v1::REFERRAL_STATE_UNSPECIFIED) return false;
        }
        *reply->add_rows() = PerformanceOf(whole);
        return true;
      });
  return failed.ok() ? status : rpc::ToStatus(failed, kServiceName);
}

}  // namespace pdp::referral
