#include "libs/criteria/content_hash.h"

#include "libs/base/deterministic_bytes.h"
#include "libs/base/hash.h"

namespace pdp::criteria {

std::string ContentHash(const google::protobuf::MessageLite& content) {
  return Sha256(DeterministicBytes(content)).hex();
}

}  // namespace pdp::criteria
