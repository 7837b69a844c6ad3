#ifndef PDP_SERVICES_UNPAID_WORK_QUERY_ACCESS_H_
#define PDP_SERVICES_UNPAID_WORK_QUERY_ACCESS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "grpcpp/grpcpp.h"
#include "libs/host/host.h"
#include "libs/rpc/status.h"
#include "pdp/common/v1/common.pb.h"
#include "services/unpaid_work/domain/unpaid_work.h"

// Who may see what, what a request must hold, and pages: shared by the queries. What an actor may
// not see does not exist for it: NOT_FOUND, or no row.

namespace pdp::unpaid_work {

inline constexpr char kService[] = "unpaid_work";

// Somebody of the service at all (section 1); the platform itself.
bool IsStaff(const common::v1::Actor& actor);
// UPW-77: staff without an organisation see the whole area, an organisation's users what it
// delivers, the platform everything.
bool SeesOrganisation(const common::v1::Actor& actor, const std::string& org);
// The same, and the person on the order (SP, id = CRN) sees the own case.
bool SeesCase(const common::v1::Actor& actor, const std::string& crn, const std::string& org);

grpc::Status Unseen(const AggregateId& id);
grpc::Status Failed(const absl::Status& status, const AggregateId& id);

// Collects what is wrong with a request, then names all of it at once.
class RequestCheck {
 public:
  // Checks shape, area and page token.
  template <typename Request>
  explicit RequestCheck(const Request& request) : RequestCheck(request, request.area()) {
    if constexpr (requires { request.page(); }) Page(request.page());
  }
  void Require(bool holds, const char* field, const char* detail);
  // A date or empty.
  void DateOrEmpty(const std::string& text, const char* field);
  // OK and `cell`, or VALIDATION_FAILED with every bad field, or UNAVAILABLE when the area is not
  // hosted here.
  grpc::Status Finish(const host::ServiceHost& host, Area* area) const;

 private:
  RequestCheck(const google::protobuf::Message& request, const std::string& area);
  void Page(const common::v1::PageRequest& page);

  std::vector<decider::Violation> violations_;
  std::optional<Area> area_;
};

struct Loaded {
  v1::State state;
  Version version;
  bool erased = false;
};
absl::StatusOr<Loaded> Load(const host::ServiceHost& host, Area area, const AggregateId& id);

// 0 is 50, at most 200.
int PageSize(const common::v1::PageRequest& page);
// The token is the key of the last row, opaque to the caller. Empty: from the start.
std::string AfterKey(const common::v1::PageRequest& page);
std::string TokenOf(absl::string_view key);

// Rows looked at for one page; a page that a narrow filter leaves short has a token to go on.
inline constexpr size_t kScanMax = 5'000;

// One page of the rows under `prefix`, in the order of their keys: those that `keep` keeps are
// given to `add`, until the page is full or the key reaches `until`.
template <typename Row, typename Reply, typename Keep, typename Add>
grpc::Status Page(const projection::RowReader& rows, Area area, const std::string& prefix,
                  const common::v1::PageRequest& page, Reply* reply, Keep keep, Add add,
                  const std::string& until = "") {
  const int size = PageSize(page);
  Row row;
  std::string last;
  size_t seen = 0;
  int kept = 0;
  bool ended = false;
  const absl::Status status =
      rows.Scan(area, {.prefix = prefix, .after_key = AfterKey(page), .limit = kScanMax}, &row,
                [&](absl::string_view key, bool) {
                  if (!until.empty() && key >= until) {
                    ended = true;
                    return false;
                  }
                  ++seen;
                  last = std::string(key);
                  if (!keep(row)) return true;
                  add(row);
                  return ++kept < size;
                });
  if (!status.ok()) return rpc::ToStatus(status, kService);
  if (!ended && (kept == size || seen == kScanMax)) reply->set_next_page_token(TokenOf(last));
  return grpc::Status::OK;
}

}  // namespace pdp::unpaid_work

#endif  // PDP_SERVICES_UNPAID_WORK_QUERY_ACCESS_H_
