#include <algorithm>

#include "services/programmes/domain/catalogue.h"
#include "services/programmes/projections/calendars.h"
#include "services/programmes/projections/enrolments.h"
#include "services/programmes/projections/groups.h"
#include "services/programmes/projections/sessions.h"
#include "services/programmes/query_access.h"
#include "services/programmes/service_queries.h"

// Groups, days and calendars.

namespace pdp::programmes {
namespace {

constexpr int kBoardDaysMax = 31;

bool Is(const std::string& wanted, const std::string& has) {
  return wanted.empty() || wanted == has;
}

void AddStanding(const v1::Member& member, const v1::Enrolment& enrolment,
                 v1::GetGroupReply* reply) {
  auto* standing = reply->add_members();
  standing->set_enrolment_id(member.enrolment_id());
  standing->set_joined_on(member.joined_on());
  standing->set_crn(enrolment.crn());
  standing->set_status(enrolment.status());
  const v1::ProgrammeVersion* version = FindVersion(enrolment.version_ref());
  if (version == nullptr) return;
  if (const auto latest = LatestStart(*version, enrolment.requirement().order_end())) {
    standing->set_latest_start(FormatDate(*latest));
  }
  int core = 0, credited = 0;
  for (const v1::LedgerRow& row : enrolment.ledger()) {
    ++core;
    credited += row.credit() == v1::CREDITED;
  }
  standing->set_core_total(core);
  standing->set_core_credited(credited);
  standing->set_open_obligations(static_cast<int>(
      std::count_if(enrolment.obligations().begin(), enrolment.obligations().end(),
                    [](const v1::Obligation& obligation) { return obligation.open(); })));
}

// A person: whoever delivers to them. Staff: their organisation. A room: whoever plans in the area.
grpc::Status SeesCalendar(const host::ServiceHost& host, Area area,
                          const v1::GetCalendarRequest& request, bool* seen) {
  *seen = false;
  if (request.kind() == v1::CALENDAR_ROOM) {
    *seen = Sees(request.actor(), request.actor().organisation());
    return grpc::Status::OK;
  }
  if (request.kind() == v1::CALENDAR_STAFF) {
    const AggregateId id = FacilitatorId(request.subject());
    const auto staff = Load(host, area, id);
    if (!staff.ok()) return Failed(staff.status(), id);
    *seen = Sees(request.actor(), staff->state.facilitator().org());
    return *seen ? grpc::Status::OK : Unseen(id);
  }
  const auto audience = Audience::Of(host, area, request.actor());
  if (!audience.ok()) return rpc::ToStatus(audience.status(), kServiceName);
  v1::EnrolmentRow row;
  const absl::Status scanned = host.rows(Enrolments::kName)
      .Scan(area,
            {.prefix = Enrolments::PersonPrefix(request.subject()), .after_key = "",
             .limit = kScanMax},
            &row, [&](absl::string_view, bool) {
              *seen = audience->Sees(row);
              return !*seen;
            });
  return scanned.ok() ? grpc::Status::OK : rpc::ToStatus(scanned, kServiceName);
}

}  // namespace

grpc::Status ReadGroup(const host::ServiceHost& host, const v1::GetGroupRequest& request,
                       v1::GetGroupReply* reply) {
  Area area;
  if (auto status = HostedArea(host, request.area(), &area); !status.ok()) return status;
  const AggregateId id = GroupId(request.group_id());
  const auto loaded = Load(host, area, id);
  if (!loaded.ok()) return Failed(loaded.status(), id);
  const v1::Group& group = loaded->state.group();
  if (!Sees(request.actor(), group.delivery_org())) return Unseen(id);
  const auto audience = Audience::Of(host, area, request.actor());
  if (!audience.ok()) return rpc::ToStatus(audience.status(), kServiceName);
  *reply->mutable_group() = group;
  reply->set_version(loaded->version.value());
  for (const v1::Member& member : group.members()) {
    const auto enrolment = Load(host, area, EnrolmentId(member.enrolment_id()));
    if (!enrolment.ok()) return rpc::ToStatus(enrolment.status(), kServiceName);
    // Who may not be seen is counted, not shown.
    const v1::Enrolment& person = enrolment->state.enrolment();
    if (audience->Sees(person.crn(), group.delivery_org())) AddStanding(member, person, reply);
    if (enrolment->state.enrolment().responsivity().woman()) {
      reply->set_women(reply->women() + 1);
    } else {
      reply->set_others(reply->others() + 1);
    }
  }
  return grpc::Status::OK;
}

grpc::Status ReadGroups(const host::ServiceHost& host, const v1::ListGroupsRequest& request,
                        v1::ListGroupsReply* reply) {
  Area area;
  if (auto status = HostedArea(host, request.area(), &area); !status.ok()) return status;
  if (auto status = CheckOrg(request.actor(), request.org()); !status.ok()) return status;
  const auto keep = [&](const v1::GroupRow& row) {
    return Sees(request.actor(), row.delivery_org()) && Is(request.org(), row.delivery_org()) &&
           Is(request.route(), row.route()) &&
           (request.status() == v1::GROUP_STATUS_UNSPECIFIED || request.status() == row.status());
  };
  return Page<v1::GroupRow>(host.rows(Groups::kName), area, "groups", Groups::kOrderPrefix, "",
                            request.page(), reply, keep,
                            [&](const v1::GroupRow& row) { *reply->add_groups() = row; });
}

grpc::Status ReadDayBoard(const host::ServiceHost& host, const v1::DayBoardRequest& request,
                          v1::DayBoardReply* reply) {
  Area area;
  if (auto status = HostedArea(host, request.area(), &area); !status.ok()) return status;
  const std::string last_day = request.to().empty() ? request.from() : request.to();
  const auto from = ParseDate(request.from()), to = ParseDate(last_day);
  if (!from) return Invalid("from", "a date YYYY-MM-DD");
  if (!to || *to < *from || *to - *from >= kBoardDaysMax) {
    return Invalid("to", "a date not before `from`, 31 days in all");
  }
  if (auto status = CheckOrg(request.actor(), request.org()); !status.ok()) return status;
  const std::string end = Sessions::DayKey(FormatDate(*to + 1));
  const int size = PageSize(request.page());
  std::string after;
  if (auto status = PlaceOf(request.page(), "day_board", &after); !status.ok()) return status;
  after = std::max(after, Sessions::DayKey(request.from()));
  v1::DaySession row;
  std::string last;
  size_t seen = 0;
  bool over = false;
  const absl::Status scanned = host.rows(Sessions::kName)
      .Scan(area, {.prefix = Sessions::kDayPrefix, .after_key = after, .limit = kScanMax}, &row,
            [&](absl::string_view key, bool) {
              if (key >= end) {
                over = true;
                return false;
              }
              ++seen;
              last = std::string(key);
              if (!Sees(request.actor(), row.delivery_org()) ||
                  !Is(request.org(), row.delivery_org()) ||
                  !Is(request.site_id(), row.site_id()) ||
                  (request.status() != v1::SESSION_STATUS_UNSPECIFIED &&
                   request.status() != row.status())) {
                return true;
              }
              *reply->add_sessions() = row;
              return reply->sessions_size() < size;
            });
  if (!scanned.ok()) return rpc::ToStatus(scanned, kServiceName);
  if (!over && (reply->sessions_size() == size || seen == kScanMax)) {
    reply->set_next_page_token(TokenOf("day_board", last));
  }
  return grpc::Status::OK;
}

grpc::Status ReadCalendar(const host::ServiceHost& host, const v1::GetCalendarRequest& request,
                          v1::GetCalendarReply* reply) {
  Area area;
  if (auto status = HostedArea(host, request.area(), &area); !status.ok()) return status;
  if (request.kind() == v1::CALENDAR_KIND_UNSPECIFIED) return Invalid("kind", "must be given");
  if (request.subject().empty()) return Invalid("subject", "must be given");
  if (!request.from().empty() && !ParseDate(request.from())) {
    return Invalid("from", "a date YYYY-MM-DD");
  }
  bool seen = false;
  if (auto status = SeesCalendar(host, area, request, &seen); !status.ok()) return status;
  const std::string prefix = Calendars::Prefix(request.kind(), request.subject());
  return Page<v1::CalendarEntry>(
      host.rows(Calendars::kName), area, absl::StrCat("calendar/", prefix), prefix,
      absl::StrCat(prefix, request.from()), request.page(), reply,
      [&](const v1::CalendarEntry&) { return seen; },
      [&](const v1::CalendarEntry& entry) {
        *reply->add_entries() = entry;
        // That the time is taken, not by what.
        if (Sees(request.actor(), entry.delivery_org())) return;
        auto* shown = reply->mutable_entries(reply->entries_size() - 1);
        shown->clear_session_id();
        shown->clear_delivery_org();
      });
}

}  // namespace pdp::programmes
