#ifndef PDP_TOOLS_PDPCTL_OPERATOR_H_
#define PDP_TOOLS_PDPCTL_OPERATOR_H_

#include <memory>
#include <ostream>
#include <string>

#include "grpcpp/grpcpp.h"
#include "tools/pdpctl/arguments.h"

// What an operator asks of a service: its Admin, and its public events. Each returns the status of
// the call and prints what came; `rebuild` shows its progress on `err`.

namespace pdp::pdpctl {

struct Session {
  std::shared_ptr<grpc::Channel> channel;
  std::string service;
  const Arguments& arguments;
  absl::Duration timeout;
  std::ostream& out;
  std::ostream& err;
};

grpc::Status ShowCells(Session& session);
grpc::Status ShowProjections(Session& session);
grpc::Status Rebuild(Session& session, const std::string& projection);
grpc::Status Verify(Session& session, const std::string& area);
grpc::Status ShowRecords(Session& session, const std::string& area);
// `command_id`: 16 bytes.
grpc::Status ShowLife(Session& session, const std::string& area, const std::string& command_id);
grpc::Status TailEvents(Session& session);

}  // namespace pdp::pdpctl

#endif  // PDP_TOOLS_PDPCTL_OPERATOR_H_
