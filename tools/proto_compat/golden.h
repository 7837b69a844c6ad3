#ifndef PDP_TOOLS_PROTO_COMPAT_GOLDEN_H_
#define PDP_TOOLS_PROTO_COMPAT_GOLDEN_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

// Golden bytes: of each event, in each shape it was ever shipped in, one line with every field set,
// made once and never changed. Reading it with today's descriptors proves that yesterday's log says
// today what it said then.
//
// A line is JSON: {"shape": hash of the descriptors, "bytes": base64, "event": the event as JSON}.
// proto/golden/<service>/<Event>.jsonl holds the lines of one event, oldest first.

namespace pdp::proto_compat {

struct Golden {
  // Over the field numbers, names and types, and the values of the enums, of all that the event
  // can hold: another shape is another line.
  std::string shape;
  std::string bytes;
  std::string json;
};

// The Event envelopes of all services.
std::vector<const google::protobuf::Descriptor*> EventEnvelopes();
// The empty message of a type that is built in.
const google::protobuf::Message& Prototype(const google::protobuf::Descriptor& type);

// One message a oneof case of `envelope` (an empty one), every field set to a value derived from
// its number and name, nested messages to a depth of 4, repeated fields with two elements. Personal
// fields are plainly invented. Deterministic.
std::vector<std::unique_ptr<google::protobuf::Message>> Samples(
    const google::protobuf::Message& envelope);

// "<service>/<Event>.jsonl" of the event that `sample` holds.
std::string GoldenPath(const google::protobuf::Message& sample);
Golden MakeGolden(const google::protobuf::Message& sample);

std::string ToLine(const Golden& golden);
// InvalidArgument when the line is none.
absl::StatusOr<Golden> FromLine(const std::string& line);
// The lines of a file; empty when there is none.
absl::StatusOr<std::vector<Golden>> ReadGoldens(const std::string& path);

// Reads `golden` with `envelope` as it is today. FailedPrecondition says what became of it: a field
// renumbered, retyped, renamed or removed.
absl::Status CheckReadable(const google::protobuf::Message& envelope, const Golden& golden);

// The fields of `event` (and of its submessages) that are neither personal nor clear with a reason.
std::vector<std::string> UndecidedFields(const google::protobuf::Descriptor& event);

}  // namespace pdp::proto_compat

#endif  // PDP_TOOLS_PROTO_COMPAT_GOLDEN_H_
