#include "libs/rpc/execute.h"

namespace pdp::rpc {

grpc::Status CheckExecute(const grpc::ServerContextBase& context, absl::string_view service,
                          const google::protobuf::Message& request,
                          const common::v1::CommandHeader& header, const std::string& area_code,
                          bool has_command, Area* area) {
  if (grpc::Status trusted = RequireTrustedPeer(context, service); !trusted.ok()) return trusted;
  std::vector<decider::Violation> found =
      FindBadExecute(request, header, area_code, has_command, area);
  if (!found.empty()) return ToStatus(decider::ValidationFailed(std::move(found)), service);
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
