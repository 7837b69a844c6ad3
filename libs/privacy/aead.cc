#include "libs/privacy/aead.h"

#include <openssl/evp.h>

#include <memory>

#include "libs/base/check.h"

namespace pdp::privacy {
namespace {

constexpr size_t kAeadKeyBytes = 32;

struct ContextDeleter {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, ContextDeleter>;

// Fetched once: asking for it by EVP_aes_256_gcm() searches the providers at every call.
const EVP_CIPHER* Aes256Gcm() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  PDP_CHECK(cipher != nullptr, "OpenSSL has no AES-256-GCM");
  return cipher;
}

const unsigned char* In(absl::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* Out(std::string& bytes, size_t at = 0) {
  return reinterpret_cast<unsigned char*>(bytes.data()) + at;
}

}  // namespace

std::string AeadSeal(absl::string_view key, absl::string_view nonce, absl::string_view associated,
                     absl::string_view plain) {
  PDP_CHECK(key.size() == kAeadKeyBytes && nonce.size() == kNonceBytes, "wrong key or nonce size");
  const Context context(EVP_CIPHER_CTX_new());
  std::string sealed(plain.size() + kTagBytes, '\0');
  int size = 0;
  const bool ok =
      EVP_EncryptInit_ex(context.get(), Aes256Gcm(), nullptr, In(key), In(nonce)) == 1 &&
      EVP_EncryptUpdate(context.get(), nullptr, &size, In(associated),
                        static_cast<int>(associated.size())) == 1 &&
      EVP_EncryptUpdate(context.get(), Out(sealed), &size, In(plain),
                        static_cast<int>(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(context.get(), Out(sealed, plain.size()), &size) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes,
                          Out(sealed, plain.size())) == 1;
  PDP_CHECK(ok, "AES-256-GCM failed");
  return sealed;
}

absl::StatusOr<std::string> AeadOpen(absl::string_view key, absl::string_view nonce,
                                     absl::string_view associated, absl::string_view sealed) {
  PDP_CHECK(key.size() == kAeadKeyBytes, "wrong key size");
  if (nonce.size() != kNonceBytes || sealed.size() < kTagBytes) {
    return absl::DataLossError("sealed bytes are too short");
  }
  const size_t plain_size = sealed.size() - kTagBytes;
  std::string tag(sealed.substr(plain_size));
  std::string plain(plain_size, '\0');
  const Context context(EVP_CIPHER_CTX_new());
  int size = 0;
  const bool ok =
      EVP_DecryptInit_ex(context.get(), Aes256Gcm(), nullptr, In(key), In(nonce)) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &size, In(associated),
                        static_cast<int>(associated.size())) == 1 &&
      EVP_DecryptUpdate(context.get(), Out(plain), &size, In(sealed),
                        static_cast<int>(plain_size)) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(context.get(), Out(tag), &size) == 1;
  if (!ok) return absl::DataLossError("sealed bytes do not open: altered, or of another place");
  return plain;
}

}  // namespace pdp::privacy
