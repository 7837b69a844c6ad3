#ifndef PDP_LIBS_PRIVACY_AEAD_H_
#define PDP_LIBS_PRIVACY_AEAD_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// AES-256-GCM by OpenSSL: 32-byte keys, 12-byte nonces, 16-byte tag behind the ciphertext. A nonce
// is used once under one key. Pure; thread-safe.

namespace pdp::privacy {

inline constexpr size_t kNonceBytes = 12;
inline constexpr size_t kTagBytes = 16;

std::string AeadSeal(absl::string_view key, absl::string_view nonce, absl::string_view associated,
                     absl::string_view plain);
// DataLoss when key, nonce, associated data or ciphertext is not what was sealed.
absl::StatusOr<std::string> AeadOpen(absl::string_view key, absl::string_view nonce,
                                     absl::string_view associated, absl::string_view sealed);

}  // namespace pdp::privacy

#endif  // PDP_LIBS_PRIVACY_AEAD_H_
