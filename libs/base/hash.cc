#include "libs/base/hash.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
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

// Algorithms are fetched once and contexts kept by each thread: asking OpenSSL's providers for them
// takes longer than hashing a record.
EVP_MD_CTX* Sha256Context() {
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  struct Own {
    EVP_MD_CTX* const context = EVP_MD_CTX_new();
    ~Own() { EVP_MD_CTX_free(context); }
  };
  thread_local const Own own;
  PDP_CHECK(EVP_DigestInit_ex2(own.context, sha256, nullptr) == 1, "OpenSSL has no SHA-256");
  return own.context;
}

EVP_MAC_CTX* HmacContext() {
  struct Own {
    Own() {
      static EVP_MAC* const hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
      context = EVP_MAC_CTX_new(hmac);
      char digest[] = "SHA256";
      const OSSL_PARAM params[] = {
          OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
          OSSL_PARAM_construct_end()};
      PDP_CHECK(EVP_MAC_CTX_set_params(context, params) == 1, "OpenSSL has no HMAC-SHA256");
    }
    ~Own() { EVP_MAC_CTX_free(context); }
    EVP_MAC_CTX* context;
  };
  thread_local const Own own;
  return own.context;
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
  EVP_MD_CTX* const context = Sha256Context();
  const bool ok =
      EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1 &&
      EVP_DigestFinal_ex(context, reinterpret_cast<unsigned char*>(digest.bytes.data()),
                         nullptr) == 1;
  PDP_CHECK(ok, "SHA-256 failed");
  return digest;
}

Digest HmacSha256(absl::string_view key, absl::string_view bytes) {
  Digest digest;
  size_t size = 0;
  EVP_MAC_CTX* const context = HmacContext();
  const bool ok =
      EVP_MAC_init(context, Data(key), key.size(), nullptr) == 1 &&
      EVP_MAC_update(context, Data(bytes), bytes.size()) == 1 &&
      EVP_MAC_final(context, reinterpret_cast<unsigned char*>(digest.bytes.data()), &size,
                    digest.bytes.size()) == 1;
  PDP_CHECK(ok && size == digest.bytes.size(), "HMAC-SHA256 failed");
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
