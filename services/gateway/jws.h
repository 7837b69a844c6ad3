#ifndef PDP_SERVICES_GATEWAY_JWS_H_
#define PDP_SERVICES_GATEWAY_JWS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct evp_pkey_st;

namespace pdp::gateway {

// A public key pinned to one algorithm: a token cannot choose how it is checked. Immutable; any
// thread.
class VerifyKey {
 public:
  // alg: ES256 (EC P-256), PS256 (RSA of at least 2048 bits) or EdDSA (Ed25519). InvalidArgument
  // for another algorithm or a key that does not fit it.
  static absl::StatusOr<VerifyKey> FromPem(absl::string_view alg, absl::string_view pem);

  // True when `signature` (as in RFC 7518 and 8037) is this key's over `signed_bytes`.
  bool Verify(absl::string_view signed_bytes, absl::string_view signature) const;
  const std::string& alg() const { return alg_; }

 private:
  std::string alg_;
  std::shared_ptr<evp_pkey_st> key_;
};

// The parts of a compact JWS (RFC 7515) before anything is believed.
struct Jws {
  std::string alg, kid;
  // The JSON payload, and what the signature covers.
  std::string payload, signed_bytes, signature;
};
// InvalidArgument: not three base64url parts without padding, not a JSON header, or a `crit`
// header.
absl::StatusOr<Jws> ParseJws(absl::string_view token);

}  // namespace pdp::gateway

#endif  // PDP_SERVICES_GATEWAY_JWS_H_
