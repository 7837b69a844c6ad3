#ifndef PDP_LIBS_RPC_STATUS_H_
#define PDP_LIBS_RPC_STATUS_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "grpcpp/support/status.h"
#include "libs/decider/decider.h"

// How a failure travels (GW-12, GW-13). Every failed call carries a google.rpc.Status with exactly
// one ErrorInfo{reason, domain = service, metadata}. Beside it: LocalizedMessage, BadRequest for
// every bad field, PreconditionFailure for every failing check of state, RetryInfo on UNAVAILABLE
// and RESOURCE_EXHAUSTED. Clients branch on the reason. Details take at most 6 KiB: violations
// beyond are cut and metadata says `truncated`.

namespace pdp::rpc {

struct ErrorDetails {
  grpc::StatusCode code = grpc::StatusCode::UNKNOWN;
  std::string message;
  // Registered reason code; never empty in an error made here.
  std::string reason;
  // The service that decided.
  std::string domain;
  std::map<std::string, std::string> metadata;
  // Those with a field are field violations, the others failing checks.
  std::vector<decider::Violation> violations;
  // RESOURCE_EXHAUSTED because of a quota: QuotaFailure is added.
  bool quota = false;
  std::optional<absl::Duration> retry_after;
};

// Facts that the engine and others attach to an absl::Status as payloads under "pdp.dev/<name>"
// leave as metadata <name>. These names have a meaning of their own:
inline constexpr char kReasonPayload[] = "pdp.dev/reason";      // the reason code, not metadata
inline constexpr char kOwnerPayload[] = "pdp.dev/owner";        // host:port of the cell's owner
inline constexpr char kRetryMsPayload[] = "pdp.dev/retry_ms";   // RetryInfo, not metadata
// The metadata key under which a non-owner names the owner.
inline constexpr char kOwnerMetadata[] = "owner";

// The longest the binary details of a status may get.
inline constexpr size_t kDetailsBytesMax = 6 * 1024;

grpc::Status MakeStatus(const ErrorDetails& error);

// A refusal of the domain. The canonical status is the registered one of the reason code; an
// unregistered code is reported in the log and leaves as FAILED_PRECONDITION.
grpc::Status ToStatus(const decider::Rejected& rejected, absl::string_view service);
ErrorDetails ToDetails(const decider::Rejected& rejected, absl::string_view service);

// A failure of the infrastructure. OK gives OK.
grpc::Status ToStatus(const absl::Status& status, absl::string_view service = "pdp");

// The error as its sender made it; InvalidArgument when the status is OK. A status without details
// (a broken connection, a foreign server) has an empty reason.
absl::StatusOr<ErrorDetails> FromStatus(const grpc::Status& status);

// Code and message, and the details as payloads under "pdp.dev/<name>".
absl::Status ToAbsl(const grpc::Status& status);

// True for the answers after which nothing is known or nothing happened and the same call may be
// repeated: UNAVAILABLE, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, and a cancelled or internal
// transport failure without a reason.
bool IsRetryable(const grpc::Status& status);

}  // namespace pdp::rpc

#endif  // PDP_LIBS_RPC_STATUS_H_
