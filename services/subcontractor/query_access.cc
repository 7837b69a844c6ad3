#include "services/subcontractor/query_access.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "libs/engine/cell.h"
#include "libs/rpc/execute.h"
#include "libs/rpc/status.h"

namespace pdp::subcontractor {
namespace {

constexpr char kService[] = "subcontractor";
constexpr int kPageDefault = 50;
constexpr int kPageMax = 200;

}  // namespace

bool SeesAll(const common::v1::Actor& actor) {
  return std::any_of(actor.roles().begin(), actor.roles().end(), [](const std::string& role) {
    return role == "A" || role == "X" || role == "SYS";
  });
}

bool IsParty(const common::v1::Actor& actor, const std::string& one, const std::string& other) {
  if (SeesAll(actor)) return true;
  const std::string& org = actor.organisation();
  return !org.empty() && (org == one || org == other);
}

grpc::Status Unseen(const AggregateId& id) {
  return rpc::ToStatus(decider::NotFound(id), kService);
}

grpc::Status Failed(const absl::Status& status, const AggregateId& id) {
  return status.code() == absl::StatusCode::kNotFound ? Unseen(id)
                                                      : rpc::ToStatus(status, kService);
}

grpc::Status HostedArea(const host::ServiceHost& host, const std::string& code, Area* area) {
  const std::optional<Area> known = Area::FromCode(code);
  if (!known) {
    return rpc::ToStatus(decider::ValidationFailed({{.code = "VALIDATION_FAILED",
                                                     .field = "area",
                                                     .detail = "is no area"}}),
                         kService);
  }
  if (host.cell(*known) == nullptr) return rpc::CellNotHosted(kService, *known);
  *area = *known;
  return grpc::Status::OK;
}

absl::StatusOr<Loaded> Load(const host::ServiceHost& host, Area area, const AggregateId& id) {
  auto read = host.cell(area)->ReadState(id);
  if (!read.ok()) return read.status();
  return Loaded{static_cast<v1::State&>(*read->state), read->version};
}

int PageSize(const common::v1::PageRequest& page) {
  return page.page_size() <= 0 ? kPageDefault : std::min(page.page_size(), kPageMax);
}

std::string AfterKey(const common::v1::PageRequest& page) {
  std::string key;
  return absl::WebSafeBase64Unescape(page.page_token(), &key) ? key : "";
}

std::string TokenOf(absl::string_view key) { return absl::WebSafeBase64Escape(key); }

}  // namespace pdp::subcontractor
