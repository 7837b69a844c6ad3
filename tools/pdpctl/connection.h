#ifndef PDP_TOOLS_PDPCTL_CONNECTION_H_
#define PDP_TOOLS_PDPCTL_CONNECTION_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "grpcpp/grpcpp.h"
#include "tools/pdpctl/arguments.h"

namespace pdp::pdpctl {

// The channel to a service: --target, or <dir>/<service>.port. InvalidArgument says which of the
// two is missing; NotFound that the service has written no port there.
absl::StatusOr<std::shared_ptr<grpc::Channel>> Connect(const Arguments& arguments,
                                                       const std::string& service);

// Headers sent with a call.
using Metadata = std::vector<std::pair<std::string, std::string>>;

// A unary call by its path. Follows the owner that a non-owner names, once.
grpc::Status Call(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                  const google::protobuf::Message& request, google::protobuf::Message* reply,
                  absl::Duration timeout, const Metadata& metadata = {});

// A failed call for people: reason, detail, every violation, what to do.
std::string Explain(const grpc::Status& status);

}  // namespace pdp::pdpctl

#endif  // PDP_TOOLS_PDPCTL_CONNECTION_H_
