#ifndef PDP_LIBS_BASE_DETERMINISTIC_BYTES_H_
#define PDP_LIBS_BASE_DETERMINISTIC_BYTES_H_

#include <string>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/message_lite.h"

// Header only, as timestamp.h: whoever has no protobuf does not link it.
namespace pdp {

// Serialised with maps in the order of their keys: equal messages give equal bytes. What is hashed,
// sealed or compared is written so, and not as SerializeAsString happens to.
inline std::string DeterministicBytes(const google::protobuf::MessageLite& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

}  // namespace pdp

#endif  // PDP_LIBS_BASE_DETERMINISTIC_BYTES_H_
