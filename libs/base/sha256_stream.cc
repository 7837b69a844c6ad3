#include "libs/base/sha256_stream.h"

#include <openssl/evp.h>

#include "libs/base/check.h"

namespace pdp {

struct Sha256Stream::Impl {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~Impl() { EVP_MD_CTX_free(context); }
};

Sha256Stream::Sha256Stream() : impl_(std::make_unique<Impl>()) {
  PDP_CHECK(EVP_DigestInit_ex(impl_->context, EVP_sha256(), nullptr) == 1, "SHA-256 is there");
}
Sha256Stream::~Sha256Stream() = default;

void Sha256Stream::Add(absl::string_view bytes) {
  PDP_CHECK(EVP_DigestUpdate(impl_->context, bytes.data(), bytes.size()) == 1, "SHA-256 goes on");
}

Digest Sha256Stream::Finish() {
  Digest digest;
  PDP_CHECK(EVP_DigestFinal_ex(impl_->context,
                               reinterpret_cast<unsigned char*>(digest.bytes.data()),
                               nullptr) == 1,
            "SHA-256 ends");
  return digest;
}

}  // namespace pdp
