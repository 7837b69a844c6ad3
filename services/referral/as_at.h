#ifndef PDP_SERVICES_REFERRAL_AS_AT_H_
#define PDP_SERVICES_REFERRAL_AS_AT_H_

#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/ids.h"
#include "libs/base/timestamp.h"
#include "libs/engine/cell_reader.h"
#include "libs/engine/past.h"
#include "libs/rpc/shape.h"
#include "services/referral/domain/domain.h"

namespace pdp::referral {

// Which state of a record a query wants: the newest, that of one version, or that of one instant of
// log time.
struct AsAt {
  std::optional<Version> version;
  std::optional<absl::Time> instant;
  bool newest() const { return !version && !instant; }
};

template <typename Request>
AsAt AsAtOf(const Request& request) {
  AsAt at;
  if (request.at_version() != 0) at.version = Version(request.at_version());
  if (request.has_as_at()) at.instant = FromTimestamp(request.as_at());
  return at;
}

// The shape of the request, because a field that is not known here may ask for another past;
// CONTRADICTION when both are given; VALUE_OUT_OF_RANGE for an instant that has not come: what will
// be recorded until then is not known.
template <typename Request>
std::vector<Violation> CheckAsAt(const Request& request, absl::Time now) {
  const AsAt at = AsAtOf(request);
  std::vector<Violation> found = rpc::FindBadShape(request);
  if (at.version && at.instant) {
    found.push_back({.code = "CONTRADICTION",
                     .field = "at_version",
                     .detail = "a version and an instant: one of them"});
  }
  if (at.instant && *at.instant > now) {
    found.push_back(
        {.code = "VALUE_OUT_OF_RANGE", .field = "as_at", .detail = "has not come yet"});
  }
  return found;
}

// NotFound when the record was not there, or never had that version. Not for the newest.
inline absl::StatusOr<engine::Past::State> StateAsAt(const engine::CellReader& cell,
                                                     const AggregateId& id, const AsAt& at) {
  return at.version ? cell.past().At(id, *at.version) : cell.past().At(id, *at.instant);
}

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_AS_AT_H_
