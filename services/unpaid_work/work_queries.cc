#include <algorithm>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "libs/base/calendar.h"
#include "services/unpaid_work/projections/tasks.h"
#include "services/unpaid_work/projections/work.h"
#include "services/unpaid_work/query_access.h"
#include "services/unpaid_work/service_queries.h"

// Sessions, projects, tasks.

namespace pdp::unpaid_work {
namespace {

template <typename Strings>
bool Holds(const Strings& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}
template <typename Strings>
bool HoldsAll(const Strings& all, const Strings& wanted) {
  return std::all_of(wanted.begin(), wanted.end(),
                     [&all](const std::string& one) { return Holds(all, one); });
}
bool EqualOrAny(const std::string& wanted, const std::string& has) {
  return wanted.empty() || wanted == has;
}

// Seats that may still be booked (UPW-43); none when nobody may be booked any more.
int FreeSeats(const v1::Session& session) {
  if (session.status() != v1::SESSION_PLANNED && session.status() != v1::SESSION_OPEN) return 0;
  return std::max(0, session.capacity() + session.overbook() - session.seats_size());
}

// Within the circle; whole metres, no root needed.
bool Near(const v1::ProjectSearchRequest& request, const v1::Site& site) {
  if (request.within_metres() == 0) return true;
  const int64_t east = site.easting() - request.easting();
  const int64_t north = site.northing() - request.northing();
  // Outside the square; inside it the squares cannot overflow.
  if (std::max(std::abs(east), std::abs(north)) > request.within_metres()) return false;
  return east * east + north * north <= request.within_metres() * request.within_metres();
}

bool Matches(const v1::ProjectSearchRequest& request, const v1::Project& project) {
  const v1::ProjectTerms& terms = project.terms();
  if (request.status() != v1::PROJECT_STATUS_UNSPECIFIED && request.status() != project.status()) {
    return false;
  }
  if (request.kind() != v1::KIND_UNSPECIFIED && request.kind() != terms.kind()) return false;
  if (!EqualOrAny(request.org(), terms.org())) return false;
  if (request.women_only() && !terms.women_only()) return false;
  if (!HoldsAll(terms.site().facility_tags(), request.facility_tags()) ||
      !HoldsAll(terms.support_tags(), request.support_tags()) ||
      !HoldsAll(terms.task_tags(), request.task_tags()) ||
      !HoldsAll(terms.skills(), request.skills()) ||
      !HoldsAll(terms.languages(), request.languages())) {
    return false;
  }
  const auto& rows = terms.availability();
  if (request.weekday() != 0 &&
      std::none_of(rows.begin(), rows.end(), [&request](const v1::AvailabilityRow& row) {
        return row.weekday() == request.weekday();
      })) {
    return false;
  }
  return Near(request, terms.site());
}

}  // namespace

grpc::Status ReadSession(const host::ServiceHost& host, const v1::GetSessionRequest& request,
                         v1::GetSessionReply* reply) {
  RequestCheck check(request);
  check.Require(!request.session_id().empty(), "session_id", "is empty");
  Area area;
  if (auto status = check.Finish(host, &area); !status.ok()) return status;
  const AggregateId id = SessionId(request.session_id());
  const auto loaded = Load(host, area, id);
  if (!loaded.ok()) return Failed(loaded.status(), id);
  if (!SeesOrganisation(request.actor(), loaded->state.session().org())) return Unseen(id);
  *reply->mutable_session() = loaded->state.session();
  reply->set_version(loaded->version.value());
  return grpc::Status::OK;
}

grpc::Status ReadRoster(const host::ServiceHost& host, const v1::SessionRosterRequest& request,
                        v1::SessionRosterReply* reply) {
  RequestCheck check(request);
  check.DateOrEmpty(request.from(), "from");
  check.DateOrEmpty(request.to(), "to");
  check.Require(request.free_seats() >= 0, "free_seats", "is negative");
  Area area;
  if (auto status = check.Finish(host, &area); !status.ok()) return status;
  const auto keep = [&](const v1::Session& row) {
    if (!SeesOrganisation(request.actor(), row.org())) return false;
    return row.date() >= request.from() && EqualOrAny(request.org(), row.org()) &&
           EqualOrAny(request.project_id(), row.project_id()) &&
           (request.supervisor().empty() || Holds(row.supervisors(), request.supervisor())) &&
           (request.free_seats() == 0 || FreeSeats(row) >= request.free_seats());
  };
  // '0' is the character after '/': behind every session of the last day.
  const std::string until = request.to().empty() ? "" : absl::StrCat(request.to(), "0");
  common::v1::PageRequest page = request.page();
  // The order begins with the date: an open start is skipped, not read.
  if (page.page_token().empty() && !request.from().empty()) {
    page.set_page_token(TokenOf(request.from()));
  }
  return Page<v1::Session>(host.rows(SessionRoster::kName), area, "", page, reply, keep,
                           [&](const v1::Session& row) { *reply->add_sessions() = row; }, until);
}

grpc::Status ReadProject(const host::ServiceHost& host, const v1::GetProjectRequest& request,
                         v1::GetProjectReply* reply) {
  RequestCheck check(request);
  check.Require(!request.project_id().empty(), "project_id", "is empty");
  Area area;
  if (auto status = check.Finish(host, &area); !status.ok()) return status;
  const AggregateId id = ProjectId(request.project_id());
  const auto loaded = Load(host, area, id);
  if (!loaded.ok()) return Failed(loaded.status(), id);
  const v1::Project& project = loaded->state.project();
  if (!SeesOrganisation(request.actor(), project.terms().org())) return Unseen(id);
  *reply->mutable_project() = project;
  reply->set_version(loaded->version.value());
  return grpc::Status::OK;
}

grpc::Status ReadProjects(const host::ServiceHost& host, const v1::ProjectSearchRequest& request,
                          v1::ProjectSearchReply* reply) {
  constexpr int64_t kMetresMax = 1'000'000;
  RequestCheck check(request);
  check.Require(request.weekday() >= 0 && request.weekday() <= 7, "weekday", "is not 1 to 7");
  check.Require(request.within_metres() >= 0 && request.within_metres() <= kMetresMax,
                "within_metres", "is not 0 to 1000000");
  for (const auto& [metres, field] : {std::pair{request.easting(), "easting"},
                                      std::pair{request.northing(), "northing"}}) {
    check.Require(metres >= 0 && metres <= 2 * kMetresMax, field, "is not on the grid");
  }
  Area area;
  if (auto status = check.Finish(host, &area); !status.ok()) return status;
  return Page<v1::Project>(
      host.rows(ProjectIndex::kName), area,
      ProjectIndex::Prefix(request.status(), request.kind()), request.page(), reply,
      [&](const v1::Project& row) {
        return SeesOrganisation(request.actor(), row.terms().org()) && Matches(request, row);
      },
      [&](const v1::Project& row) { *reply->add_projects() = row; });
}

grpc::Status ReadTasks(const host::ServiceHost& host, const v1::TasksRequest& request,
                       v1::TasksReply* reply) {
  RequestCheck check(request);
  check.DateOrEmpty(request.due_before(), "due_before");
  Area area;
  if (auto status = check.Finish(host, &area); !status.ok()) return status;
  const std::string until = request.due_before().empty()
                                ? ""
                                : absl::StrCat(Tasks::kOrderPrefix, request.due_before());
  return Page<v1::Task>(
      host.rows(Tasks::kName), area, Tasks::kOrderPrefix, request.page(), reply,
      [&](const v1::Task& row) {
        return SeesOrganisation(request.actor(), row.org()) &&
               EqualOrAny(request.owner(), row.owner()) && EqualOrAny(request.type(), row.type()) &&
               EqualOrAny(request.crn(), row.crn());
      },
      [&](const v1::Task& row) { *reply->add_tasks() = row; }, until);
}

}  // namespace pdp::unpaid_work
