#ifndef PDP_SERVICES_SUBCONTRACTOR_QUERY_ACCESS_H_
#define PDP_SERVICES_SUBCONTRACTOR_QUERY_ACCESS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "grpcpp/grpcpp.h"
#include "libs/host/host.h"
#include "pdp/common/v1/common.pb.h"
#include "services/subcontractor/domain/subcontractor.h"

// Who may see what, pages and states: shared by the queries.

namespace pdp::subcontractor {

// Rows looked at for one page; a page that a narrow filter leaves short has a token to go on.
inline constexpr size_t kScanMax = 5'000;

// The authority, an auditor or the platform.
bool SeesAll(const common::v1::Actor& actor);
// SeesAll, or the actor's organisation is one of the parties.
bool IsParty(const common::v1::Actor& actor, const std::string& one, const std::string& other = "");

grpc::Status Unseen(const AggregateId& id);
grpc::Status Failed(const absl::Status& status, const AggregateId& id);
// The hosted area of a code, or the status to answer with.
grpc::Status HostedArea(const host::ServiceHost& host, const std::string& code, Area* area);

struct Loaded {
  v1::State state;
  Version version;
};
absl::StatusOr<Loaded> Load(const host::ServiceHost& host, Area area, const AggregateId& id);

// 0 is 50, at most 200.
int PageSize(const common::v1::PageRequest& page);
// The token is the key of the last row: opaque to the caller. Empty: from the start.
std::string AfterKey(const common::v1::PageRequest& page);
std::string TokenOf(absl::string_view key);

}  // namespace pdp::subcontractor

#endif  // PDP_SERVICES_SUBCONTRACTOR_QUERY_ACCESS_H_
