#include "services/unpaid_work/query_access.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "libs/base/calendar.h"
#include "libs/engine/cell.h"
#include "libs/rpc/execute.h"
#include "libs/rpc/shape.h"

namespace pdp::unpaid_work {
namespace {

constexpr int kPageDefault = 50;
constexpr int kPageMax = 200;
constexpr size_t kTokenBytesMax = 1'024;

bool HasRole(const common::v1::Actor& actor, absl::string_view role) {
  return std::find(actor.roles().begin(), actor.roles().end(), std::string(role)) !=
         actor.roles().end();
}

}  // namespace

bool IsStaff(const common::v1::Actor& actor) {
  for (const char* role : {"CO", "SU", "RO", "MG", "EO", "PL", "PA", "SYS"}) {
    if (HasRole(actor, role)) return true;
  }
  return false;
}

bool SeesOrganisation(const common::v1::Actor& actor, const std::string& org) {
  if (HasRole(actor, "SYS")) return true;
  return IsStaff(actor) && (actor.organisation().empty() || actor.organisation() == org);
}

bool SeesCase(const common::v1::Actor& actor, const std::string& crn, const std::string& org) {
  return SeesOrganisation(actor, org) || (HasRole(actor, "SP") && actor.id() == crn);
}

grpc::Status Unseen(const AggregateId& id) {
  return rpc::ToStatus(decider::NotFound(id), kService);
}

grpc::Status Failed(const absl::Status& status, const AggregateId& id) {
  return status.code() == absl::StatusCode::kNotFound ? Unseen(id)
                                                      : rpc::ToStatus(status, kService);
}

RequestCheck::RequestCheck(const google::protobuf::Message& request, const std::string& area)
    : violations_(rpc::FindBadShape(request)), area_(Area::FromCode(area)) {
  Require(area_.has_value() && !area_->is_nat(), "area", "is no probation area");
}

void RequestCheck::Page(const common::v1::PageRequest& page) {
  Require(page.page_size() >= 0, "page.page_size", "is negative");
  std::string key;
  Require(page.page_token().size() <= kTokenBytesMax &&
              absl::WebSafeBase64Unescape(page.page_token(), &key),
          "page.page_token", "is no token of this list");
}

void RequestCheck::Require(bool holds, const char* field, const char* detail) {
  if (holds) return;
  violations_.push_back({.code = "VALIDATION_FAILED", .field = field, .detail = detail});
}

void RequestCheck::DateOrEmpty(const std::string& text, const char* field) {
  Require(text.empty() || ParseDate(text).has_value(), field, "is no date YYYY-MM-DD");
}

grpc::Status RequestCheck::Finish(const host::ServiceHost& host, Area* area) const {
  if (!violations_.empty()) return rpc::ToStatus(decider::ValidationFailed(violations_), kService);
  if (host.cell(*area_) == nullptr) return rpc::CellNotHosted(kService, *area_);
  *area = *area_;
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

std::string AfterKey(const common::v1::PageRequest& page) {
  std::string key;
  return absl::WebSafeBase64Unescape(page.page_token(), &key) ? key : "";
}

std::string TokenOf(absl::string_view key) { return absl::WebSafeBase64Escape(key); }

}  // namespace pdp::unpaid_work
