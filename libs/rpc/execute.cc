#include "libs/rpc/execute.h"

namespace pdp::rpc {

grpc::Status CheckExecute(const grpc::ServerContextBase& context, absl::string_view service,
                          const google::protobuf::Message& request,
                          const common::v1::CommandHeader& header, const std::string& area_code,
                          bool has_command, Area* area) {
  if (grpc::Status trusted = RequireTrustedPeer(context, service); !trusted.ok()) return trusted;
  std::vector<decider::Violation> found = FindBadShape(request);
  for (decider::Violation& bad : FindBadHeader(header)) found.push_back(std::move(bad));
  const std::optional<Area> known = Area::FromCode(area_code);
  if (!known.has_value()) {
    found.push_back({.code = "VALIDATION_FAILED", .field = "area",
                     .detail = absl::StrCat("not an area code: '", area_code.substr(0, 20), "'")});
  }
  if (!has_command) {
    found.push_back({.code = "VALIDATION_FAILED", .field = "command",
                     .detail = "exactly one command is set"});
  }
  if (!found.empty()) return ToStatus(decider::ValidationFailed(std::move(found)), service);
  *area = *known;
  return grpc::Status::OK;
}

grpc::Status CellNotHosted(absl::string_view service, Area area) {
  return MakeStatus({.code = grpc::StatusCode::UNAVAILABLE,
                     .message = absl::StrCat("this process does not serve ", area.code()),
                     .reason = "CELL_NOT_HOSTED",
                     .domain = std::string(service),
                     .metadata = {{"area", std::string(area.code())}}});
}

}  // namespace pdp::rpc
