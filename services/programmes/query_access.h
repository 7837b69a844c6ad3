#ifndef PDP_SERVICES_PROGRAMMES_QUERY_ACCESS_H_
#define PDP_SERVICES_PROGRAMMES_QUERY_ACCESS_H_

#include <optional>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "grpcpp/grpcpp.h"
#include "libs/host/host.h"
#include "libs/rpc/status.h"
#include "pdp/common/v1/common.pb.h"
#include "pdp/programmes/v1/queries.pb.h"
#include "services/programmes/domain/programmes.h"

// Who may see what, pages and states: shared by the queries.

namespace pdp::programmes {

inline constexpr char kServiceName[] = "programmes";
// Rows looked at for one page; a page that a narrow filter leaves short has a token to go on.
inline constexpr size_t kScanMax = 5'000;

// Section 1: somebody of an organisation sees what that organisation delivers; staff without one
// are the area's own, and hold a role; the platform sees everything.
bool Sees(const common::v1::Actor& actor, absl::string_view delivery_org);
// Whether this query's actor may see a person (REF-90), by the area's copy of the access lists.
// Made once a query; few people are of limited access.
class Audience {
 public:
  static absl::StatusOr<Audience> Of(const host::ServiceHost& host, Area area,
                                     const common::v1::Actor& actor);
  // The case of that person held by that organisation: scope and access.
  bool Sees(absl::string_view crn, absl::string_view delivery_org) const;
  // A row of a view, under every CRN of the person.
  bool Sees(const v1::EnrolmentRow& row) const;

 private:
  common::v1::Actor actor_;
  // CRNs of people the actor may not see.
  std::set<std::string, std::less<>> hidden_;
};
// NOT_YOUR_ORGANISATION when a list is asked for by the name of an organisation that is not the
// actor's.
grpc::Status CheckOrg(const common::v1::Actor& actor, absl::string_view org);

grpc::Status Unseen(const AggregateId& id);
grpc::Status Failed(const absl::Status& status, const AggregateId& id);
grpc::Status Invalid(std::string field, std::string detail);
// The hosted area of a code, or the status to answer with.
grpc::Status HostedArea(const host::ServiceHost& host, const std::string& code, Area* area);

struct Loaded {
  v1::State state;
  Version version;
  bool erased = false;
};
absl::StatusOr<Loaded> Load(const host::ServiceHost& host, Area area, const AggregateId& id);

// 0 is 50, at most 200.
int PageSize(const common::v1::PageRequest& page);
// A token names its list and says where the page ended; opaque to the caller.
std::string TokenOf(absl::string_view list, absl::string_view place);
// Where the page before ended, "" for the first page; an error when the token is not of that list.
grpc::Status PlaceOf(const common::v1::PageRequest& page, absl::string_view list,
                     std::string* place);

// One page of rows in the order of their keys; `from_key`: rows after it, for the first page.
template <typename Row, typename Reply, typename Keep, typename Add>
grpc::Status Page(const projection::RowReader& rows, Area area, const std::string& list,
                  const std::string& prefix, const std::string& from_key,
                  const common::v1::PageRequest& page, Reply* reply, Keep keep, Add add) {
  std::string after;
  if (auto status = PlaceOf(page, list, &after); !status.ok()) return status;
  if (after.empty()) after = from_key;
  const int size = PageSize(page);
  Row row;
  std::string last;
  size_t seen = 0;
  int kept = 0;
  const absl::Status status =
      rows.Scan(area, {.prefix = prefix, .after_key = after, .limit = kScanMax}, &row,
                [&](absl::string_view key, bool) {
                  ++seen;
                  last = std::string(key);
                  if (!keep(row)) return true;
                  add(row);
                  return ++kept < size;
                });
  if (!status.ok()) return rpc::ToStatus(status, kServiceName);
  if (kept == size || seen == kScanMax) reply->set_next_page_token(TokenOf(list, last));
  return grpc::Status::OK;
}

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_QUERY_ACCESS_H_
