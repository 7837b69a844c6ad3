#ifndef PDP_LIBS_HOST_QUERY_H_
#define PDP_LIBS_HOST_QUERY_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "grpcpp/grpcpp.h"
#include "libs/host/host.h"
#include "libs/rpc/status.h"

namespace pdp::host {

// Answers a query of a service: waits for `request.read().min_position()` when the request has
// `read` (pdp.common.v1.ReadOptions), then runs `answer` on a query thread and finishes the call.
//
//   grpc::ServerUnaryReactor* CaseList(grpc::CallbackServerContext* context,
//       const CaseListRequest* request, CaseListReply* reply) override {
//     return host::Query(host_, context, *request, {"case_list"},
//                        [=, this] { return ReadCaseList(*request, reply); });   // grpc::Status
//   }
//
// `answer` may read rows and states and may block on the disk, never on a peer or on a command.
template <typename Request, typename Answer>
grpc::ServerUnaryReactor* Query(const ServiceHost& host, grpc::CallbackServerContext* context,
                                const Request& request, std::vector<std::string> projections,
                                Answer answer) {
  common::v1::ReadOptions read;
  if constexpr (requires { request.read(); }) read = request.read();
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  absl::Time deadline = absl::FromChrono(context->deadline());
  host.WhenAt(read, deadline, projections,
              [reactor, answer = std::move(answer)](absl::Status status) mutable {
                reactor->Finish(status.ok() ? answer() : rpc::ToStatus(status));
              });
  return reactor;
}

}  // namespace pdp::host

#endif  // PDP_LIBS_HOST_QUERY_H_
