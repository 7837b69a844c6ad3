#ifndef PDP_LIBS_PRIVACY_BLIND_INDEX_H_
#define PDP_LIBS_PRIVACY_BLIND_INDEX_H_

#include <string>

#include "absl/strings/string_view.h"

namespace pdp::privacy {

// The key under which an index row stands for the sealed value `text`: equal texts find each other
// and nobody without `index_key` can tell what the text is. The first 16 bytes of HMAC-SHA-256 in
// hex (32 characters). Normalise the text (case, spaces) before; use one index key for each index.
std::string BlindIndex(absl::string_view index_key, absl::string_view text);

}  // namespace pdp::privacy

#endif  // PDP_LIBS_PRIVACY_BLIND_INDEX_H_
