#ifndef PDP_LIBS_RPC_UTF8_H_
#define PDP_LIBS_RPC_UTF8_H_

#include <string>

#include "absl/strings/string_view.h"

namespace pdp::rpc {

// `text` with U+FFFD in place of every byte that is not part of UTF-8. For what goes into a message
// and may have been cut from a caller's text: protobuf writes a string that is not UTF-8 and then
// no client can read the message it stands in.
std::string ValidUtf8(absl::string_view text);

}  // namespace pdp::rpc

#endif  // PDP_LIBS_RPC_UTF8_H_
