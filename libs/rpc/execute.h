#ifndef PDP_LIBS_RPC_EXECUTE_H_
#define PDP_LIBS_RPC_EXECUTE_H_

#include <algorithm>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "grpcpp/grpcpp.h"
#include "libs/base/area.h"
#include "libs/base/clock.h"
#include "libs/engine/cell.h"
#include "libs/engine/command.h"
#include "libs/rpc/auth.h"
#include "libs/rpc/shape.h"
#include "libs/rpc/status.h"

namespace pdp::rpc {

// The part of Execute that does not depend on a service's messages: trust, header, area. OK and
// `area` set, or the status to finish with.
grpc::Status CheckExecute(const grpc::ServerContextBase& context, absl::string_view service,
                          const google::protobuf::Message& request,
                          const common::v1::CommandHeader& header, const std::string& area_code,
                          bool has_command, Area* area);

// UNAVAILABLE CELL_NOT_HOSTED: this process does not own the area.
grpc::Status CellNotHosted(absl::string_view service, Area area);

// The outcome as the reply, or as the status to finish with.
template <typename ExecuteReply>
grpc::Status FinishExecute(const std::string& service, const engine::CommandOutcome& outcome,
                           ExecuteReply* reply) {
  if (const auto* rejected = std::get_if<decider::Rejected>(&outcome.result)) {
    return ToStatus(*rejected, service);
  }
  if (const auto* failed = std::get_if<absl::Status>(&outcome.result)) {
    return ToStatus(*failed, service);
  }
  const auto& committed = std::get<engine::Committed>(outcome.result);
  *reply->mutable_outcome() = committed.outcome;
  if (!committed.reply_bytes.empty() &&
      !reply->mutable_reply()->ParseFromString(committed.reply_bytes)) {
    return ToStatus(absl::DataLossError("the stored reply does not parse"), service);
  }
  return grpc::Status::OK;
}

// The longest a command may wait, whatever the caller's deadline.
inline constexpr absl::Duration kExecuteMax = absl::Seconds(60);

// Answers the Execute of a service: shape, trusted peer, area, then Cell::Submit; the reactor is
// finished on the cell's thread. `host` is anything with cell(Area) -> engine::Cell* and
// service() -> std::string (host::ServiceHost). ExecuteRequest and ExecuteReply are those of the
// service.proto (header, area, command; outcome, reply).
//
//   grpc::ServerUnaryReactor* Execute(grpc::CallbackServerContext* context,
//       const ExecuteRequest* request, ExecuteReply* reply) override {
//     return rpc::HandleExecute(host_, context, request, reply);
//   }
template <typename Host, typename ExecuteRequest, typename ExecuteReply>
grpc::ServerUnaryReactor* HandleExecute(const Host& host, grpc::CallbackServerContext* context,
                                        const ExecuteRequest* request, ExecuteReply* reply) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const std::string service = host.service();
  Area area;
  const bool has_command = request->has_command() && !decider::CaseName(request->command()).empty();
  const grpc::Status shape = CheckExecute(*context, service, *request, request->header(),
                                          request->area(), has_command, &area);
  if (!shape.ok()) {
    reactor->Finish(shape);
    return reactor;
  }
  auto* cell = host.cell(area);
  if (cell == nullptr) {
    reactor->Finish(CellNotHosted(service, area));
    return reactor;
  }
  engine::CommandRequest command;
  command.header = request->header();
  using Command = std::decay_t<decltype(request->command())>;
  command.command = std::make_shared<const Command>(request->command());
  command.deadline = std::min(absl::FromChrono(context->deadline()),
                              Clock::System().Now() + kExecuteMax);
  cell->Submit(std::move(command), [reactor, reply, service](engine::CommandOutcome outcome) {
    reactor->Finish(FinishExecute(service, outcome, reply));
  });
  return reactor;
}

}  // namespace pdp::rpc

#endif  // PDP_LIBS_RPC_EXECUTE_H_
