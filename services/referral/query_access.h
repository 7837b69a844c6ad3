#ifndef PDP_SERVICES_REFERRAL_QUERY_ACCESS_H_
#define PDP_SERVICES_REFERRAL_QUERY_ACCESS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "grpcpp/grpcpp.h"
#include "libs/host/host.h"
#include "libs/rpc/status.h"
#include "pdp/common/v1/common.pb.h"
#include "services/referral/domain/domain.h"

// Who may see what, what a request must hold, and pages: shared by the queries. What an actor may
// not see does not exist for it: NOT_FOUND, or no row.

namespace pdp::referral {

inline constexpr char kServiceName[] = "referral";
// Rows looked at for one page; a page that a narrow filter leaves short has a token to go on.
inline constexpr size_t kScanMax = 2'000;

bool HasRole(const common::v1::Actor& actor, absl::string_view role);
bool IsProvider(const common::v1::Actor& actor);
// Somebody of the authority, or the platform itself.
bool IsOfficial(const common::v1::Actor& actor);

grpc::Status Unseen(const AggregateId& id);
grpc::Status Failed(const absl::Status& status, const AggregateId& id);

// Whether anybody is of limited access in an area that is hosted here. Where nobody is, no person
// need be looked up.
bool HasLimited(const host::ServiceHost& host, Area area);

// Whether one actor may see a person (REF-90): by the copy of the access lists that the area keeps
// and, where NAT is hosted here too, by NAT's own (REF-91). For the length of one query.
class Audience {
 public:
  Audience(const host::ServiceHost& host, Area area, const common::v1::Actor& actor);
  // REF-90; of an official of one area, in NAT's lists, also REF-92: the person's home is in that
  // area, or an open referral; where the area is of another process, a live sentence.
  bool MaySeePerson(absl::string_view crn) const;
  // A referral: its holder's users or officials (REF-92), then REF-90.
  bool MaySeeCase(absl::string_view crn, absl::string_view holder_org) const;
  // Of the authority, and not of another area than this one (REF-92).
  bool official() const { return official_; }
  bool provider() const { return provider_; }
  const common::v1::Actor& actor() const { return actor_; }

 private:
  bool Allowed(Area where, absl::string_view crn) const;
  bool BelongsTo(Area own, absl::string_view crn) const;

  const host::ServiceHost& host_;
  const Area area_;
  const common::v1::Actor& actor_;
  // Of an official of one area.
  const std::optional<Area> own_;
  const bool provider_, official_;
  // Somebody is of limited access there; found out for the first person.
  mutable std::optional<bool> any_here_, any_in_nat_;
};

// REF-92: an open referral of any record of the person in that area; where the area is of another
// process, a live sentence there. Of the views, NAT's here.
bool HasOpenReferralIn(const host::ServiceHost& host, Area area, const std::string& crn);

// A page token: where the page before ended, sealed, and bound to the query and its filters (not
// to the actor, who is checked on every page, nor to the size of the page). It may name a person,
// so it is opaque. Thread-safe.
class Cursor {
 public:
  // `request` is the query with its page, actor and read options.
  static absl::StatusOr<std::string> Seal(const host::ServiceHost& host,
                                          const google::protobuf::Message& request,
                                          absl::string_view place);
  // Empty for an empty token; InvalidArgument when it was not made by Seal for the same filters.
  static absl::StatusOr<std::string> Open(const host::ServiceHost& host,
                                          const google::protobuf::Message& request,
                                          const std::string& token);
};

// Collects what is wrong with a request, then names all of it at once.
class RequestCheck {
 public:
  // Checks the shape of the request, its area and its page. kOptional: an empty area is none.
  enum class AreaIs { kGiven, kOptional };
  template <typename Request>
  RequestCheck(const host::ServiceHost& host, const Request& request,
               AreaIs area = AreaIs::kGiven)
      : RequestCheck(host, static_cast<const google::protobuf::Message&>(request)) {
    if (area == AreaIs::kGiven || !request.area().empty()) AreaCode(request.area());
    if constexpr (requires { request.page(); }) Page(request, request.page());
  }
  void Require(bool holds, absl::string_view code, const char* field, const char* detail);
  // A date or empty.
  void DateOrEmpty(const std::string& text, const char* field);
  // OK and `area`, or VALIDATION_FAILED with every bad field, or UNAVAILABLE when the area is not
  // hosted here.
  grpc::Status Finish(Area* area) const;
  // The same for rows that another cell keeps, whatever area is asked for.
  grpc::Status FinishIn(Area cell) const;
  // Where the page before ended; empty for the first.
  const std::string& place() const { return place_; }

 private:
  RequestCheck(const host::ServiceHost& host, const google::protobuf::Message& request);
  void AreaCode(const std::string& code);
  void Page(const google::protobuf::Message& request, const common::v1::PageRequest& page);

  const host::ServiceHost& host_;
  std::vector<decider::Violation> violations_;
  std::optional<Area> area_;
  std::string place_;
};

// 0 is 50, at most `most`.
int PageSize(const common::v1::PageRequest& page, int most = 200);

// What a page reads: rows of one projection whose keys start with `prefix`, in order of key.
struct PageOf {
  const projection::RowReader& rows;
  Area area;
  std::string prefix;
  // The last key of the page before; empty: from the start.
  std::string after;
  // Keys before this one only; empty: to the end.
  std::string until;
  size_t looked_at_max = kScanMax;
};

// Fills a page: those rows that `keep` keeps are given to `add`, until the page is full. `add`
// returns false when it took nothing after all.
template <typename Row, typename Request, typename Reply, typename Keep, typename Add>
grpc::Status FillPage(const host::ServiceHost& host, const Request& request, const PageOf& page,
                      Reply* reply, Keep keep, Add add) {
  const int size = PageSize(request.page());
  Row row;
  std::string last;
  size_t seen = 0;
  int kept = 0;
  bool more = false;
  const projection::ScanRange range{
      .prefix = page.prefix, .after_key = page.after, .limit = page.looked_at_max + 1};
  const absl::Status status = page.rows.Scan(
      page.area, range, &row,
      [&](absl::string_view key, bool erased) {
        if (!page.until.empty() && key >= page.until) return false;
        if (kept == size || seen == page.looked_at_max) {
          more = true;
          return false;
        }
        ++seen;
        last = std::string(key);
        if (keep(row) && add(row, erased)) ++kept;
        return true;
      });
  if (!status.ok()) return rpc::ToStatus(status, kServiceName);
  if (!more) return grpc::Status::OK;
  auto token = Cursor::Seal(host, request, last);
  if (!token.ok()) return rpc::ToStatus(token.status(), kServiceName);
  reply->set_next_page_token(*std::move(token));
  return grpc::Status::OK;
}

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_QUERY_ACCESS_H_
