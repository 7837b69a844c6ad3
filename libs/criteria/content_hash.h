#ifndef PDP_LIBS_CRITERIA_CONTENT_HASH_H_
#define PDP_LIBS_CRITERIA_CONTENT_HASH_H_

#include <string>

#include "google/protobuf/message_lite.h"

namespace pdp::criteria {

// The hash that says which published content a decision used (REF-56, PRG-12): SHA-256 of the
// message's deterministic bytes, lower-case hexadecimal. The message must hold no map and no
// unknown field, whose order serialisation does not promise.
std::string ContentHash(const google::protobuf::MessageLite& content);

}  // namespace pdp::criteria

#endif  // PDP_LIBS_CRITERIA_CONTENT_HASH_H_
