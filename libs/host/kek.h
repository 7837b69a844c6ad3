#ifndef PDP_LIBS_HOST_KEK_H_
#define PDP_LIBS_HOST_KEK_H_

#include <string>

#include "absl/status/statusor.h"

namespace pdp::host {

// The key-encryption key in `path`: 64 hex digits and white space; the 32 bytes. FailedPrecondition
// when anybody but the owner may read the file, InvalidArgument when it holds something else. No
// message ever holds a byte of it.
absl::StatusOr<std::string> ReadKek(const std::string& path);

}  // namespace pdp::host

#endif  // PDP_LIBS_HOST_KEK_H_
