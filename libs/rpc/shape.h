#ifndef PDP_LIBS_RPC_SHAPE_H_
#define PDP_LIBS_RPC_SHAPE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "grpcpp/support/status.h"
#include "libs/base/area.h"
#include "libs/decider/decider.h"
#include "pdp/common/v1/common.pb.h"

// The shape of a request, checked before it costs anything. Every bad field is named at once.
// Pure; any thread.

namespace pdp::rpc {

// No string and no bytes field is longer.
inline constexpr size_t kStringBytesMax = 64 * 1024;
// No repeated field has more elements.
inline constexpr int kRepeatedMax = 10'000;

// Unknown fields anywhere (a caller newer than us must not believe that we understood it), strings
// that are too long, too many elements, instants outside the years 1 to 9999. Paths as in
// "command.register_person.name". Empty: well-formed. At most 100 findings.
std::vector<decider::Violation> FindBadShape(const google::protobuf::Message& message);

// The same, and what every command carries: a command id of 16 bytes, not all zero.
std::vector<decider::Violation> FindBadHeader(const common::v1::CommandHeader& header,
                                              absl::string_view path = "header");

// All that an Execute request must be: the two above, a known area, exactly one command. `area` is
// set when there is none of it wrong.
std::vector<decider::Violation> FindBadExecute(const google::protobuf::Message& request,
                                               const common::v1::CommandHeader& header,
                                               const std::string& area_code, bool has_command,
                                               Area* area);

// OK, or INVALID_ARGUMENT VALIDATION_FAILED naming every bad field. For queries.
grpc::Status CheckShape(const google::protobuf::Message& request, absl::string_view service);

}  // namespace pdp::rpc

#endif  // PDP_LIBS_RPC_SHAPE_H_
