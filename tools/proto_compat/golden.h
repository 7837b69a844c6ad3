#ifndef PDP_TOOLS_PROTO_COMPAT_GOLDEN_H_
#define PDP_TOOLS_PROTO_COMPAT_GOLDEN_H_

#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

// Golden bytes: for each event ever shipped, one file with every field set, made once and never
// changed. Reading it back with today's descriptors proves that yesterday's log can be read.

namespace pdp::proto_compat {

// The Event envelopes of all services.
std::vector<const google::protobuf::Descriptor*> EventEnvelopes();

// One message a oneof case of `envelope`, every field set to a value derived from its number and
// name, nested messages to a depth of 4, repeated fields with two elements.
std::vector<std::unique_ptr<google::protobuf::Message>> Samples(
    const google::protobuf::Descriptor* envelope);

// "<service>/<Event>.<hash>": the hash is over the descriptor, so a new field is a new file and
// old files stay.
std::string GoldenName(const google::protobuf::Message& sample);

// The fields of `event` (and of its submessages) that are neither personal nor clear with a reason.
std::vector<std::string> UndecidedFields(const google::protobuf::Descriptor* event);

}  // namespace pdp::proto_compat

#endif  // PDP_TOOLS_PROTO_COMPAT_GOLDEN_H_
