#ifndef PDP_LIBS_ENGINE_COMMAND_H_
#define PDP_LIBS_ENGINE_COMMAND_H_

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "libs/decider/decider.h"
#include "pdp/common/v1/common.pb.h"
#include "pdp/log/v1/record.pb.h"

namespace pdp::engine {

// One command on its way to a cell.
struct CommandRequest {
  common::v1::CommandHeader header;
  // The service's Command envelope, one case set.
  std::shared_ptr<const google::protobuf::Message> command;
  // SHA-256 of the command's deterministic bytes; computed on Submit when empty.
  std::string digest;
  // Set by processes: moves the inbox mark in the same commit.
  std::optional<log::v1::Cause> cause;
  std::string causation_id;
  // Set by the cell itself when a timer is due.
  std::string timer_id;
  // The caller stops waiting then.
  absl::Time deadline = absl::InfiniteFuture();
};

// The command took effect, now or (outcome.duplicate) earlier: its record has been read back from
// the log as accepted. For validate_only: it would have, and outcome has no position.
struct Committed {
  common::v1::Outcome outcome;
  // Serialized Reply envelope of the service; empty when the command has none.
  std::string reply_bytes;
};

// What became of a command. A refusal of the domain is a value; a failure of the infrastructure is
// a status; the two never mix.
//
//   Unavailable        not in the log, and never will be under this attempt. Payload kOwnerPayload
//                      names the endpoint that owns the cell, when it is another's
//   DeadlineExceeded   not known; ask again with the same command id
//   ResourceExhausted  a limit is reached; payload kRetryPayload: wait that many milliseconds
//   InvalidArgument    COMMAND_ID_MALFORMED, COMMAND_TOO_LARGE; never in the log
//   DataLoss           the cell has stopped; an operator decides
struct CommandOutcome {
  std::variant<Committed, decider::Rejected, absl::Status> result;

  bool committed() const { return std::holds_alternative<Committed>(result); }
};

inline constexpr char kOwnerPayload[] = "pdp.dev/owner";
inline constexpr char kRetryPayload[] = "pdp.dev/retry_ms";

// host:port of the process that has the cell, when that is why the command was not taken here.
inline std::optional<std::string> OwnerOf(const CommandOutcome& outcome) {
  const auto* failed = std::get_if<absl::Status>(&outcome.result);
  if (failed == nullptr) return std::nullopt;
  const auto owner = failed->GetPayload(kOwnerPayload);
  return owner ? std::make_optional<std::string>(*owner) : std::nullopt;
}

}  // namespace pdp::engine

#endif  // PDP_LIBS_ENGINE_COMMAND_H_
