#ifndef PDP_LIBS_RPC_REASON_REGISTRY_H_
#define PDP_LIBS_RPC_REASON_REGISTRY_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "grpcpp/support/status.h"
#include "pdp/common/v1/reason_code.pb.h"

namespace pdp::rpc {

// Every reason code of the platform (interfaces, C12): the shared ones of reason_codes.textproto in
// this folder and those of services/<service>/reference/reason_codes.textproto, built into the
// library. Immutable; any thread.
class ReasonRegistry {
 public:
  // What is built in. A file that does not parse ends the process at its first use; a test says so
  // before that.
  static const ReasonRegistry& Global();

  // From texts (name of the file, content). InvalidArgument names the file and the code for: text
  // that does not parse, a malformed code, a missing status, owner or English text, or a code with
  // two meanings (registered twice with another status).
  static absl::StatusOr<ReasonRegistry> Parse(
      const std::vector<std::pair<std::string, std::string>>& files);

  // Null when not registered.
  const common::v1::ReasonCode* Find(absl::string_view code) const;
  // The status of a registered code; FAILED_PRECONDITION, and a message in the log, for any other.
  grpc::StatusCode StatusOf(absl::string_view code) const;
  const std::map<std::string, common::v1::ReasonCode, std::less<>>& all() const { return codes_; }

 private:
  std::map<std::string, common::v1::ReasonCode, std::less<>> codes_;
};

}  // namespace pdp::rpc

#endif  // PDP_LIBS_RPC_REASON_REGISTRY_H_
