#include "services/gateway/jws.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "nlohmann/json.hpp"

namespace pdp::gateway {
namespace {

constexpr size_t kTokenBytesMax = 16 * 1024;
constexpr int kRsaBitsMin = 2048;
constexpr size_t kP256Bytes = 32;

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

bool Decode(absl::string_view text, std::string* out) {
  // The decoder of the library accepts padding and spaces; a token has neither.
  for (const char c : text) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '_') return false;
  }
  return absl::WebSafeBase64Unescape(text, out);
}

// The DER form of a raw r || s signature; empty when it is not 64 bytes.
std::string EcdsaDer(absl::string_view raw) {
  if (raw.size() != 2 * kP256Bytes) return "";
  ECDSA_SIG* signature = ECDSA_SIG_new();
  BIGNUM* r = BN_bin2bn(Bytes(raw), kP256Bytes, nullptr);
  BIGNUM* s = BN_bin2bn(Bytes(raw) + kP256Bytes, kP256Bytes, nullptr);
  ECDSA_SIG_set0(signature, r, s);
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature, &der);
  std::string text;
  if (size > 0) text.assign(reinterpret_cast<const char*>(der), size);
  OPENSSL_free(der);
  ECDSA_SIG_free(signature);
  return text;
}

bool Fits(absl::string_view alg, EVP_PKEY* key) {
  if (alg == "EdDSA") return EVP_PKEY_is_a(key, "ED25519") == 1;
  if (alg == "PS256") {
    return EVP_PKEY_is_a(key, "RSA") == 1 && EVP_PKEY_get_bits(key) >= kRsaBitsMin;
  }
  if (alg == "ES256") {
    char group[32] = {};
    size_t size = 0;
    return EVP_PKEY_is_a(key, "EC") == 1 &&
           EVP_PKEY_get_group_name(key, group, sizeof(group), &size) == 1 &&
           absl::string_view(group) == "prime256v1";
  }
  return false;
}

}  // namespace

absl::StatusOr<VerifyKey> VerifyKey::FromPem(absl::string_view alg, absl::string_view pem) {
  BIO* in = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  VerifyKey key;
  key.alg_ = std::string(alg);
  key.key_ = std::shared_ptr<evp_pkey_st>(PEM_read_bio_PUBKEY(in, nullptr, nullptr, nullptr),
                                          EVP_PKEY_free);
  BIO_free(in);
  if (key.key_ == nullptr) return absl::InvalidArgumentError("not a public key in PEM");
  if (!Fits(alg, key.key_.get())) {
    return absl::InvalidArgumentError(absl::StrCat("the key does not fit the algorithm ", alg));
  }
  return key;
}

bool VerifyKey::Verify(absl::string_view signed_bytes, absl::string_view signature) const {
  const std::string der = alg_ == "ES256" ? EcdsaDer(signature) : std::string(signature);
  if (der.empty()) return false;
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* options = nullptr;
  const EVP_MD* digest = alg_ == "EdDSA" ? nullptr : EVP_sha256();
  bool ok = EVP_DigestVerifyInit(context, &options, digest, nullptr, key_.get()) == 1;
  if (ok && alg_ == "PS256") {
    ok = EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1;
  }
  ok = ok && EVP_DigestVerify(context, Bytes(der), der.size(), Bytes(signed_bytes),
                              signed_bytes.size()) == 1;
  EVP_MD_CTX_free(context);
  return ok;
}

absl::StatusOr<Jws> ParseJws(absl::string_view token) {
  const auto wrong = [](absl::string_view what) { return absl::InvalidArgumentError(what); };
  if (token.size() > kTokenBytesMax) return wrong("the token is too long");
  const std::vector<absl::string_view> parts = absl::StrSplit(token, '.');
  if (parts.size() != 3) return wrong("a token has three parts");
  std::string header;
  Jws jws;
  if (!Decode(parts[0], &header) || !Decode(parts[1], &jws.payload) ||
      !Decode(parts[2], &jws.signature)) {
    return wrong("the token is not base64url");
  }
  const auto json = nlohmann::json::parse(header, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return wrong("the header is not a JSON object");
  // Extensions that must be understood are not: RFC 7515, 4.1.11.
  if (json.contains("crit")) return wrong("the header asks for an extension");
  const auto text = [&](const char* name) {
    const auto it = json.find(name);
    return it != json.end() && it->is_string() ? it->get<std::string>() : std::string();
  };
  jws.alg = text("alg");
  jws.kid = text("kid");
  jws.signed_bytes = absl::StrCat(parts[0], ".", parts[1]);
  return jws;
}

}  // namespace pdp::gateway
