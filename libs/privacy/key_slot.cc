#include "libs/privacy/key_slot.h"

#include <cstdint>

#include "libs/base/hash.h"
#include "libs/privacy/aead.h"
#include "libs/privacy/key_vault.h"

namespace pdp::privacy {
namespace {

constexpr size_t kStateAt = 4, kSizeAt = 5, kSubjectAt = 6, kNonceAt = 102, kWrappedAt = 114;
constexpr size_t kWrappedBytes = kKeyBytes + kTagBytes;

}  // namespace

std::string EncodeSlot(const Slot& slot) {
  std::string bytes(kSlotBytes, '\0');
  bytes[kStateAt] = slot.state;
  bytes[kSizeAt] = static_cast<char>(slot.subject.size());
  bytes.replace(kSubjectAt, slot.subject.size(), slot.subject);
  bytes.replace(kNonceAt, slot.nonce.size(), slot.nonce);
  bytes.replace(kWrappedAt, slot.wrapped.size(), slot.wrapped);
  const uint32_t crc = Crc32c(absl::string_view(bytes).substr(kStateAt));
  for (int i = 0; i < 4; ++i) bytes[i] = static_cast<char>(crc >> (8 * i));
  return bytes;
}

absl::StatusOr<std::optional<Slot>> DecodeSlot(absl::string_view bytes) {
  if (bytes.find_first_not_of('\0') == absl::string_view::npos) return std::optional<Slot>();
  uint32_t crc = 0;
  for (int i = 0; i < 4; ++i) crc |= uint32_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  Slot slot;
  slot.state = bytes[kStateAt];
  const size_t size = static_cast<unsigned char>(bytes[kSizeAt]);
  if (crc != Crc32c(bytes.substr(kStateAt)) || size > kSubjectBytesMax) {
    return absl::DataLossError("a slot of the key vault is damaged");
  }
  slot.subject = std::string(bytes.substr(kSubjectAt, size));
  slot.nonce = std::string(bytes.substr(kNonceAt, kNonceBytes));
  slot.wrapped = std::string(bytes.substr(kWrappedAt, kWrappedBytes));
  return std::optional<Slot>(std::move(slot));
}

}  // namespace pdp::privacy
