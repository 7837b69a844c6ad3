#ifndef PDP_LIBS_BASE_HASH_H_
#define PDP_LIBS_BASE_HASH_H_

#include <array>
#include <cstdint>
#include <string>
#include "absl/strings/string_view.h"

#include "libs/base/ids.h"

namespace pdp {

// A SHA-256 digest. Default: 32 zero bytes, the digest before the first record of a chain.
struct Digest {
  std::array<char, 32> bytes{};
  absl::string_view view() const { return {bytes.data(), bytes.size()}; }
  std::string hex() const;
  // `raw` must be 32 bytes; anything else gives the zero digest.
  static Digest FromBytes(absl::string_view raw);
  friend bool operator==(const Digest&, const Digest&) = default;
};

Digest Sha256(absl::string_view bytes);
Digest HmacSha256(absl::string_view key, absl::string_view bytes);

// First 16 bytes of SHA-256(source + "|" + step): the id of a command that a process issues
// (interfaces, 1). The same event and step give the same id for ever.
CommandId DerivedCommandId(absl::string_view source_event_id, absl::string_view step);

// RFC 4122 version 5 of `name` in the namespace `ns` (text form); lower case with hyphens.
std::string UuidV5(absl::string_view ns, absl::string_view name);

// CRC-32C (Castagnoli) of `bytes`.
uint32_t Crc32c(absl::string_view bytes);

}  // namespace pdp

#endif  // PDP_LIBS_BASE_HASH_H_
