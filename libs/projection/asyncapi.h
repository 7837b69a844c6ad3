#ifndef PDP_LIBS_PROJECTION_ASYNCAPI_H_
#define PDP_LIBS_PROJECTION_ASYNCAPI_H_

#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace pdp::projection {

// The AsyncAPI 2.6 document (YAML) of a service's public topic: one channel, one message for each
// case of the one oneof of `public_event`, with its fields as JSON Schema and its CloudEvents
// headers. Deterministic: the same descriptors give the same text.
std::string AsyncApiOf(absl::string_view service, const google::protobuf::Descriptor& public_event);

}  // namespace pdp::projection

#endif  // PDP_LIBS_PROJECTION_ASYNCAPI_H_
