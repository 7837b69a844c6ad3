#ifndef PDP_SERVICES_GATEWAY_FLAGS_H_
#define PDP_SERVICES_GATEWAY_FLAGS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/gateway/gateway.h"

namespace pdp::gateway {

struct CommandLine {
  Options options;
  // Gets the gRPC port once it serves; empty: none.
  std::string port_file;
};

// InvalidArgument naming the flag for anything unknown, malformed or missing.
absl::StatusOr<CommandLine> ParseCommandLine(const std::vector<std::string>& args);
std::string HelpText();

}  // namespace pdp::gateway

#endif  // PDP_SERVICES_GATEWAY_FLAGS_H_
