#ifndef PDP_TOOLS_PDPCTL_GATEWAY_CALLS_H_
#define PDP_TOOLS_PDPCTL_GATEWAY_CALLS_H_

#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/grpcpp.h"
#include "tools/pdpctl/arguments.h"

// The gateway as an organisation outside the Authority calls it: a certificate (--ca --cert --key),
// a token (--token-file), and methods of several gRPC services named `Service.Method`. Like the
// rest of pdpctl it knows them from the descriptors.

namespace pdp::pdpctl {

// "Allocations.ListOffers" and its fields, one method or (empty name) all. NotFound names the
// nearest.
absl::StatusOr<std::string> DescribeGateway(const std::string& name);

// One unary call. A mutation without a request_id gets a new one, printed on `err` before the call
// so that an unknown outcome can be asked for again. InvalidArgument and NotFound: nothing was
// sent.
absl::StatusOr<grpc::Status> CallGateway(const Arguments& arguments, const std::string& name,
                                         const std::string& json, absl::Duration timeout,
                                         std::ostream& out, std::ostream& err);

}  // namespace pdp::pdpctl

#endif  // PDP_TOOLS_PDPCTL_GATEWAY_CALLS_H_
