#ifndef PDP_SERVICES_GATEWAY_TESTING_TOKENS_H_
#define PDP_SERVICES_GATEWAY_TESTING_TOKENS_H_

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/base/check.h"

namespace pdp::gateway::testing {

inline std::string Base64Url(absl::string_view bytes) {
  std::string text = absl::WebSafeBase64Escape(bytes);
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

// A private key that signs tokens of tests.
class TestSigner {
 public:
  explicit TestSigner(const std::string& alg) : alg_(alg) {
    if (alg == "ES256") key_ = EVP_EC_gen("P-256");
    if (alg == "PS256") key_ = EVP_RSA_gen(2048);
    if (alg == "EdDSA") key_ = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    PDP_CHECK(key_ != nullptr, alg);
  }
  ~TestSigner() { EVP_PKEY_free(key_); }
  TestSigner(const TestSigner&) = delete;
  TestSigner& operator=(const TestSigner&) = delete;

  std::string PublicPem() const {
    BIO* out = BIO_new(BIO_s_mem());
    PEM_write_bio_PUBKEY(out, key_);
    char* data = nullptr;
    const long size = BIO_get_mem_data(out, &data);
    std::string pem(data, size);
    BIO_free(out);
    return pem;
  }

  // `header_alg`: what the header claims; the signature is always this key's.
  std::string Sign(const std::string& kid, const std::string& claims,
                   const std::string& header_alg = "") const {
    const std::string header =
        absl::StrCat("{\"alg\":\"", header_alg.empty() ? alg_ : header_alg, "\",\"kid\":\"", kid,
            "\"}");
    const std::string text = absl::StrCat(Base64Url(header), ".", Base64Url(claims));
    return absl::StrCat(text, ".", Base64Url(Signature(text)));
  }

 private:
  std::string Signature(const std::string& text) const {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_PKEY_CTX* options = nullptr;
    EVP_DigestSignInit(context, &options, alg_ == "EdDSA" ? nullptr : EVP_sha256(), nullptr, key_);
    if (alg_ == "PS256") {
      EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING);
      EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST);
    }
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    size_t size = 0;
    EVP_DigestSign(context, nullptr, &size, bytes, text.size());
    std::string signature(size, '\0');
    EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size, bytes,
                   text.size());
    EVP_MD_CTX_free(context);
    signature.resize(size);
    return alg_ == "ES256" ? Raw(signature) : signature;
  }
  static std::string Raw(const std::string& der) {
    const auto* data = reinterpret_cast<const unsigned char*>(der.data());
    ECDSA_SIG* signature = d2i_ECDSA_SIG(nullptr, &data, static_cast<long>(der.size()));
    std::string raw(64, '\0');
    BN_bn2binpad(ECDSA_SIG_get0_r(signature), reinterpret_cast<unsigned char*>(raw.data()), 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(signature), reinterpret_cast<unsigned char*>(raw.data()) + 32,
        32);
    ECDSA_SIG_free(signature);
    return raw;
  }

  const std::string alg_;
  EVP_PKEY* key_ = nullptr;
};

}  // namespace pdp::gateway::testing

#endif  // PDP_SERVICES_GATEWAY_TESTING_TOKENS_H_
