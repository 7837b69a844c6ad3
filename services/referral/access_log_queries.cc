#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "libs/base/calendar.h"
#include "services/referral/domain/commands.h"
#include "services/referral/projections/access_log.h"
#include "services/referral/query_access.h"
#include "services/referral/service_queries.h"

// AccessLog (REF-91): who has read persons under limited access.

namespace pdp::referral {

grpc::Status ReadAccessLog(const host::ServiceHost& host, const v1::AccessLogRequest& request,
                           v1::AccessLogReply* reply) {
  RequestCheck check(host, request);
  check.DateOrEmpty(request.from(), "from");
  check.DateOrEmpty(request.to(), "to");
  const std::optional<std::string> crn = NormaliseCrn(request.crn());
  check.Require(request.crn().empty() || crn, "CRN_MALFORMED", "crn", "is no CRN");
  Area area;
  if (auto status = check.Finish(&area); !status.ok()) return status;
  if (!HasRole(request.actor(), "DP") && !HasRole(request.actor(), "AM") &&
      !HasRole(request.actor(), "SYS")) {
    return rpc::ToStatus(decider::NotAuthorised("DP or AM"), kServiceName);
  }
  const Audience audience(host, area, request.actor());
  if (!audience.official()) return grpc::Status::OK;
  const std::string prefix = crn                        ? AccessLog::PersonPrefix(*crn)
                             : !request.reader().empty() ? AccessLog::ReaderPrefix(request.reader())
                                                         : AccessLog::AllPrefix();
  PageOf page{host.rows(AccessLog::kName), area, prefix, check.place(), ""};
  if (const auto from = ParseDate(request.from()); from && page.after.empty()) {
    page.after = absl::StrCat(prefix, AccessLog::From(StartOfLocalDate(*from)));
  }
  if (const auto to = ParseDate(request.to())) {
    page.until = absl::StrCat(prefix, AccessLog::From(StartOfLocalDate(*to + 1)));
  }
  return FillPage<v1::AccessLogEntry>(
      host, request, page, reply,
      [&](const v1::AccessLogEntry& entry) {
        return (request.reader().empty() || entry.actor_id() == request.reader()) &&
               audience.MaySeePerson(entry.crn());
      },
      [&](const v1::AccessLogEntry& entry, bool) {
        *reply->add_entries() = entry;
        return true;
      });
}

}  // namespace pdp::referral
