#include "libs/base/hash.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <cstring>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "libs/base/check.h"

namespace pdp {
namespace {

const unsigned char* Data(absl::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

constexpr std::array<uint32_t, 256> MakeCrcTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) ? 0x82f63b78u : 0u);
    table[i] = crc;
  }
  return table;
}

}  // namespace

std::string Digest::hex() const { return absl::BytesToHexString(view()); }

Digest Digest::FromBytes(absl::string_view raw) {
  Digest digest;
  if (raw.size() == digest.bytes.size()) std::memcpy(digest.bytes.data(), raw.data(), raw.size());
  return digest;
}

Digest Sha256(absl::string_view bytes) {
  Digest digest;
  SHA256(Data(bytes), bytes.size(), reinterpret_cast<unsigned char*>(digest.bytes.data()));
  return digest;
}

Digest HmacSha256(absl::string_view key, absl::string_view bytes) {
  Digest digest;
  unsigned int size = 0;
  const unsigned char* ok =
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), Data(bytes), bytes.size(),
           reinterpret_cast<unsigned char*>(digest.bytes.data()), &size);
  PDP_CHECK(ok != nullptr && size == digest.bytes.size(), "HMAC-SHA256 failed");
  return digest;
}

CommandId DerivedCommandId(absl::string_view source_event_id, absl::string_view step) {
  return CommandId(
      Sha256(absl::StrCat(source_event_id, "|", step)).view().substr(0, CommandId::kBytes));
}

std::string UuidV5(absl::string_view ns, absl::string_view name) {
  const std::string raw = absl::HexStringToBytes(absl::StrReplaceAll(ns, {{"-", ""}}));
  PDP_CHECK(raw.size() == 16, "the namespace of a UUID is a UUID");
  const std::string input = absl::StrCat(raw, name);
  std::array<unsigned char, SHA_DIGEST_LENGTH> sha;
  SHA1(Data(input), input.size(), sha.data());
  sha[6] = (sha[6] & 0x0f) | 0x50;
  sha[8] = (sha[8] & 0x3f) | 0x80;
  const std::string hex = absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(sha.data()), 16));
  return absl::StrCat(hex.substr(0, 8), "-", hex.substr(8, 4), "-", hex.substr(12, 4), "-",
                      hex.substr(16, 4), "-", hex.substr(20));
}

namespace {

uint32_t Crc32cByTable(uint32_t crc, absl::string_view bytes) {
  static constexpr std::array<uint32_t, 256> kTable = MakeCrcTable();
  for (const char c : bytes) {
    crc = kTable[(crc ^ static_cast<unsigned char>(c)) & 0xff] ^ (crc >> 8);
  }
  return crc;
}

#if defined(__x86_64__)
// The instruction of the processor: eight bytes a step.
__attribute__((target("sse4.2"))) uint32_t Crc32cByInstruction(uint32_t crc,
                                                               absl::string_view bytes) {
  uint64_t state = crc;
  while (bytes.size() >= sizeof(uint64_t)) {
    uint64_t word;
    std::memcpy(&word, bytes.data(), sizeof word);
    state = __builtin_ia32_crc32di(state, word);
    bytes.remove_prefix(sizeof word);
  }
  crc = static_cast<uint32_t>(state);
  for (const char c : bytes) crc = __builtin_ia32_crc32qi(crc, static_cast<unsigned char>(c));
  return crc;
}
#endif

}  // namespace

uint32_t Crc32c(absl::string_view bytes) {
  constexpr uint32_t kOnes = 0xffffffffu;
#if defined(__x86_64__)
  static const bool kHasInstruction = __builtin_cpu_supports("sse4.2") != 0;
  if (kHasInstruction) return Crc32cByInstruction(kOnes, bytes) ^ kOnes;
#endif
  return Crc32cByTable(kOnes, bytes) ^ kOnes;
}

}  // namespace pdp
