#ifndef PDP_LIBS_PRIVACY_KEY_SLOT_H_
#define PDP_LIBS_PRIVACY_KEY_SLOT_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// The file format of the key vault and of its copy. Internal to this library. A slot never crosses
// a sector, so overwriting one is all or nothing:
//   0   4   CRC-32C of the rest, little-endian
//   4   1   state: 'H' header, 'K' key, 'D' destroyed; an all-zero slot was never filled
//   5   1   size of the subject
//   6   96  subject, zero padded
//   102 12  nonce          \ zero in a destroyed slot
//   114 48  wrapped key    /
//   162 94  zero
// A subject keeps its slot for ever.

namespace pdp::privacy {

inline constexpr size_t kSlotBytes = 256;
inline constexpr char kSlotHeader = 'H', kSlotKey = 'K', kSlotDestroyed = 'D';

struct Slot {
  char state = 0;
  std::string subject;
  std::string nonce;
  std::string wrapped;
};

std::string EncodeSlot(const Slot& slot);
// `bytes`: kSlotBytes of them. nullopt: never filled. DataLoss: damaged.
absl::StatusOr<std::optional<Slot>> DecodeSlot(absl::string_view bytes);

}  // namespace pdp::privacy

#endif  // PDP_LIBS_PRIVACY_KEY_SLOT_H_
