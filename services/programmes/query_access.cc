#include "services/programmes/query_access.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "libs/base/status_macros.h"
#include "libs/engine/cell.h"
#include "libs/rpc/execute.h"
#include "services/programmes/domain/access.h"
#include "services/programmes/projections/access.h"

namespace pdp::programmes {
namespace {

constexpr int kPageDefault = 50;
constexpr int kPageMax = 200;
// More people than are of limited access in the country.
constexpr size_t kLimitedPeopleMax = 100'000;

bool HoldsAnyOf(const common::v1::Actor& actor, std::initializer_list<const char*> roles) {
  return std::any_of(roles.begin(), roles.end(), [&](const char* role) {
    return std::find(actor.roles().begin(), actor.roles().end(), std::string(role)) !=
           actor.roles().end();
  });
}

}  // namespace

bool Sees(const common::v1::Actor& actor, absl::string_view delivery_org) {
  if (HoldsAnyOf(actor, {"SYS"})) return true;
  if (!HoldsAnyOf(actor, {"RO", "SCH", "FAC", "TM", "PM", "AM", "CED", "CAP", "PLW", "ANL"})) {
    return false;
  }
  return actor.organisation().empty() || actor.organisation() == delivery_org;
}

absl::StatusOr<Audience> Audience::Of(const host::ServiceHost& host, Area area,
                                      const common::v1::Actor& actor) {
  Audience audience;
  audience.actor_ = actor;
  v1::AccessCopy access;
  RETURN_IF_ERROR(host.rows(AccessIndex::kName)
                      .Scan(area, {.prefix = "", .after_key = "", .limit = kLimitedPeopleMax},
                            &access, [&](absl::string_view crn, bool) {
                              if (!MaySee(access, actor)) audience.hidden_.emplace(crn);
                              return true;
                            }));
  return audience;
}

bool Audience::Sees(absl::string_view crn, absl::string_view delivery_org) const {
  return programmes::Sees(actor_, delivery_org) && !hidden_.contains(crn);
}

bool Audience::Sees(const v1::EnrolmentRow& row) const {
  return Sees(row.crn(), row.delivery_org()) &&
         std::none_of(row.aliases().begin(), row.aliases().end(),
                      [&](const std::string& alias) { return hidden_.contains(alias); });
}

grpc::Status CheckOrg(const common::v1::Actor& actor, absl::string_view org) {
  if (org.empty() || actor.organisation().empty() || actor.organisation() == org ||
      HoldsAnyOf(actor, {"SYS"})) {
    return grpc::Status::OK;
  }
  return rpc::ToStatus(
      decider::Reject("NOT_YOUR_ORGANISATION", "the list of another organisation"), kServiceName);
}

grpc::Status Unseen(const AggregateId& id) {
  return rpc::ToStatus(decider::NotFound(id), kServiceName);
}

grpc::Status Failed(const absl::Status& status, const AggregateId& id) {
  return status.code() == absl::StatusCode::kNotFound ? Unseen(id)
                                                      : rpc::ToStatus(status, kServiceName);
}

grpc::Status Invalid(std::string field, std::string detail) {
  return rpc::ToStatus(decider::ValidationFailed({{.code = "VALIDATION_FAILED",
                                                   .subject = "",
                                                   .field = std::move(field),
                                                   .detail = std::move(detail)}}),
                       kServiceName);
}

grpc::Status HostedArea(const host::ServiceHost& host, const std::string& code, Area* area) {
  const std::optional<Area> known = Area::FromCode(code);
  if (!known) return Invalid("area", "is no area");
  if (host.cell(*known) == nullptr) return rpc::CellNotHosted(kServiceName, *known);
  *area = *known;
  return grpc::Status::OK;
}

absl::StatusOr<Loaded> Load(const host::ServiceHost& host, Area area, const AggregateId& id) {
  auto read = host.cell(area)->ReadState(id);
  if (!read.ok()) return read.status();
  return Loaded{static_cast<v1::State&>(*read->state), read->version, read->erased};
}

int PageSize(const common::v1::PageRequest& page) {
  return page.page_size() <= 0 ? kPageDefault : std::min(page.page_size(), kPageMax);
}

std::string TokenOf(absl::string_view list, absl::string_view place) {
  return absl::WebSafeBase64Escape(absl::StrCat(list, "|", place));
}

grpc::Status PlaceOf(const common::v1::PageRequest& page, absl::string_view list,
                     std::string* place) {
  place->clear();
  if (page.page_token().empty()) return grpc::Status::OK;
  std::string text;
  const std::string head = absl::StrCat(list, "|");
  if (!absl::WebSafeBase64Unescape(page.page_token(), &text) || text.rfind(head, 0) != 0) {
    return Invalid("page.page_token", "is no token of this list");
  }
  *place = text.substr(head.size());
  return grpc::Status::OK;
}

}  // namespace pdp::programmes
