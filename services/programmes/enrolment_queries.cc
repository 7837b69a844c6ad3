#include <algorithm>
#include <map>

#include "services/programmes/domain/catalogue.h"
#include "services/programmes/domain/waiting.h"
#include "services/programmes/projections/enrolments.h"
#include "services/programmes/projections/tasks.h"
#include "services/programmes/query_access.h"
#include "services/programmes/service_queries.h"
#include "services/programmes/waiting.h"

// Enrolments, who is waiting, and what waits for a person.

namespace pdp::programmes {
namespace {

// More people than an area ever has waiting; the list is put in order in memory (PRG-25: the order
// depends on the day).
constexpr size_t kWaitingMax = 50'000;

bool Is(const std::string& wanted, const std::string& has) {
  return wanted.empty() || wanted == has;
}

// Of a person under any of their CRNs (PRG-105).
bool IsOf(const std::string& crn, const v1::EnrolmentRow& row) {
  return Is(crn, row.crn()) ||
         std::find(row.aliases().begin(), row.aliases().end(), crn) != row.aliases().end();
}

void FillFigures(const v1::Enrolment& enrolment, Date today, v1::GetEnrolmentReply* reply) {
  std::optional<Date> latest;
  if (const v1::ProgrammeVersion* version = FindVersion(enrolment.version_ref())) {
    latest = LatestStart(*version, enrolment.requirement().order_end());
  }
  if (latest) reply->set_latest_start(FormatDate(*latest));
  const WaitingDays waited = WaitingOn(enrolment, today);
  reply->set_counted_days(waited.counted);
  reply->set_elapsed_days(waited.elapsed);
  if (enrolment.started_on().empty() && enrolment.status() != v1::ENDED &&
      enrolment.status() != v1::TRANSFERRED_OUT) {
    reply->set_flag(UrgencyOf(latest, today).flag);
  }
}

// The narrowest list that holds every enrolment asked for.
std::string PrefixFor(const v1::ListEnrolmentsRequest& request) {
  if (!request.referral_id().empty()) return Enrolments::ReferralPrefix(request.referral_id());
  if (!request.crn().empty()) return Enrolments::PersonPrefix(request.crn());
  if (!request.group_id().empty()) return Enrolments::GroupPrefix(request.group_id());
  if (request.status() == v1::WAITING) return Enrolments::kWaitingPrefix;
  return Enrolments::kAllPrefix;
}

bool Matches(const v1::WaitingListRequest& request, const v1::WaitingRow& row) {
  const v1::EnrolmentRow& enrolment = row.enrolment();
  if (!request.product().empty() && request.product() != enrolment.route() &&
      request.product() != enrolment.version_ref()) {
    return false;
  }
  if (!Is(request.pdu(), enrolment.pdu()) || !Is(request.org(), enrolment.delivery_org())) {
    return false;
  }
  if (request.has_woman() && request.woman() != enrolment.marks().woman()) return false;
  if (request.has_ldc() && request.ldc() != enrolment.marks().ldc()) return false;
  return request.flag() == v1::WAIT_FLAG_UNSPECIFIED || request.flag() == row.flag();
}

}  // namespace

grpc::Status ReadEnrolment(const host::ServiceHost& host, const v1::GetEnrolmentRequest& request,
                           v1::GetEnrolmentReply* reply) {
  Area area;
  if (auto status = HostedArea(host, request.area(), &area); !status.ok()) return status;
  const AggregateId id = EnrolmentId(request.enrolment_id());
  const auto loaded = Load(host, area, id);
  if (!loaded.ok()) return Failed(loaded.status(), id);
  const v1::Enrolment& enrolment = loaded->state.enrolment();
  const auto audience = Audience::Of(host, area, request.actor());
  if (!audience.ok()) return rpc::ToStatus(audience.status(), kServiceName);
  if (!audience->Sees(enrolment.crn(), enrolment.delivery_org())) return Unseen(id);
  *reply->mutable_enrolment() = enrolment;
  reply->set_version(loaded->version.value());
  reply->set_erased(loaded->erased);
  FillFigures(enrolment, LocalDate(host.clock().Now()), reply);
  return grpc::Status::OK;
}

grpc::Status ReadEnrolments(const host::ServiceHost& host, const v1::ListEnrolmentsRequest& request,
                            v1::ListEnrolmentsReply* reply) {
  Area area;
  if (auto status = HostedArea(host, request.area(), &area); !status.ok()) return status;
  if (auto status = CheckOrg(request.actor(), request.org()); !status.ok()) return status;
  const auto audience = Audience::Of(host, area, request.actor());
  if (!audience.ok()) return rpc::ToStatus(audience.status(), kServiceName);
  const auto keep = [&](const v1::EnrolmentRow& row) {
    return audience->Sees(row) && Is(request.org(), row.delivery_org()) &&
           Is(request.route(), row.route()) && IsOf(request.crn(), row) &&
           Is(request.referral_id(), row.referral_id()) &&
           Is(request.group_id(), row.group_id()) &&
           (request.status() == v1::ENROLMENT_STATUS_UNSPECIFIED ||
            request.status() == row.status());
  };
  const std::string prefix = PrefixFor(request);
  return Page<v1::EnrolmentRow>(
      host.rows(Enrolments::kName), area, absl::StrCat("enrolments/", prefix), prefix, "",
      request.page(), reply, keep,
      [&](const v1::EnrolmentRow& row) { *reply->add_enrolments() = row; });
}

grpc::Status ReadTasks(const host::ServiceHost& host, const v1::ListTasksRequest& request,
                       v1::ListTasksReply* reply) {
  Area area;
  if (auto status = HostedArea(host, request.area(), &area); !status.ok()) return status;
  if (auto status = CheckOrg(request.actor(), request.org()); !status.ok()) return status;
  const auto keep = [&](const v1::Task& task) {
    return (request.closed_too() || !task.closed()) &&
           Sees(request.actor(), task.delivery_org()) && Is(request.org(), task.delivery_org()) &&
           Is(request.kind(), task.kind()) && Is(request.referral_id(), task.referral_id());
  };
  return Page<v1::Task>(host.rows(Tasks::kName), area, "tasks", Tasks::kOrderPrefix, "",
                        request.page(), reply, keep,
                        [&](const v1::Task& task) { *reply->add_tasks() = task; });
}

grpc::Status ReadWaitingList(const host::ServiceHost& host, const v1::WaitingListRequest& request,
                             v1::WaitingListReply* reply) {
  Area area;
  if (auto status = HostedArea(host, request.area(), &area); !status.ok()) return status;
  if (auto status = CheckOrg(request.actor(), request.org()); !status.ok()) return status;
  const auto audience = Audience::Of(host, area, request.actor());
  if (!audience.ok()) return rpc::ToStatus(audience.status(), kServiceName);
  // The token keeps the day of the first page: later pages go on in the same order.
  std::string place;
  if (auto status = PlaceOf(request.page(), "waiting", &place); !status.ok()) return status;
  Date today = LocalDate(host.clock().Now());
  std::string after;
  if (!place.empty()) {
    const size_t bar = place.find('|');
    const auto day = ParseDate(place.substr(0, bar));
    if (bar == std::string::npos || !day) {
      return Invalid("page.page_token", "is no token of this list");
    }
    today = *day;
    after = place.substr(bar + 1);
  }
  std::map<std::string, v1::WaitingRow> waiting;
  v1::EnrolmentRow row;
  const absl::Status scanned = host.rows(Enrolments::kName)
      .Scan(area, {.prefix = Enrolments::kWaitingPrefix, .after_key = "", .limit = kWaitingMax},
            &row, [&](absl::string_view, bool) {
              if (!audience->Sees(row)) return true;
              v1::WaitingRow candidate = MakeWaiting(row, today);
              if (!Matches(request, candidate)) return true;
              std::string order = WaitingOrder(candidate);
              if (order > after) waiting.emplace(std::move(order), std::move(candidate));
              return true;
            });
  if (!scanned.ok()) return rpc::ToStatus(scanned, kServiceName);
  reply->set_as_of(FormatDate(today));
  const int size = PageSize(request.page());
  for (auto& [order, candidate] : waiting) {
    if (reply->waiting_size() == size) break;
    *reply->add_waiting() = std::move(candidate);
    if (reply->waiting_size() == size && waiting.size() > static_cast<size_t>(size)) {
      reply->set_next_page_token(
          TokenOf("waiting", absl::StrCat(FormatDate(today), "|", order)));
    }
  }
  return grpc::Status::OK;
}

}  // namespace pdp::programmes
