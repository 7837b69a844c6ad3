#ifndef PDP_SERVICES_GATEWAY_AUTHENTICATOR_H_
#define PDP_SERVICES_GATEWAY_AUTHENTICATOR_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "pdp/common/v1/options.pb.h"
#include "services/gateway/credentials.h"

namespace pdp::gateway {

// Whose call it is. From the credential registry only (GW-3).
struct Principal {
  std::string tenant, client;
  std::vector<common::v1::Function> functions;
  common::v1::Party standing = common::v1::PARTY_UNSPECIFIED;
  std::vector<std::string> areas;

  bool Has(common::v1::Function function) const;
};

// What a connection and its headers offer as proof.
struct Evidence {
  // From the TLS layer: verified certificate of the peer (PEM) and its URI names.
  std::string certificate_pem;
  std::vector<std::string> names;
  // Header `authorization`; empty when absent.
  std::string authorization;
  // Header `x-forwarded-client-cert`; empty when absent.
  std::string forwarded_certificate;
};

// Who calls (GW-1, GW-2). Failures are UNAUTHENTICATED with the reason first in the message:
// TOKEN_MISSING, TOKEN_EXPIRED, TOKEN_NOT_BOUND, TOKEN_INVALID, CLIENT_UNKNOWN. Thread-safe.
// Verified tokens are remembered by their hash until they expire.
class Authenticator {
 public:
  Authenticator(CredentialFile& file, Clock& clock) : file_(file), clock_(clock) {}

  absl::StatusOr<Principal> Authenticate(const Evidence& evidence);
  // Forwarded-certificate headers that were ignored because the peer is no trusted proxy.
  uint64_t ignored_forwards() const;

 private:
  struct Claims {
    std::string client_id;
    // base64url of cnf.x5t#S256; empty without it.
    std::string thumbprint;
    absl::Time expires_at;
  };
  absl::StatusOr<Claims> Verify(const std::string& token);
  absl::StatusOr<Claims> ReadClaims(const std::string& payload, const Credentials& credentials);

  CredentialFile& file_;
  Clock& clock_;
  mutable absl::Mutex mutex_;
  std::map<std::string, Claims> verified_ ABSL_GUARDED_BY(mutex_);
  // The reading of the registry that `verified_` belongs to: another one, other keys.
  std::shared_ptr<const Credentials> verified_by_ ABSL_GUARDED_BY(mutex_);
  uint64_t ignored_forwards_ ABSL_GUARDED_BY(mutex_) = 0;
};

// base64url (no padding) of the SHA-256 of the certificate's DER: the x5t#S256 of RFC 8705. Empty
// when it does not parse.
std::string CertificateThumbprint(const std::string& pem);

}  // namespace pdp::gateway

#endif  // PDP_SERVICES_GATEWAY_AUTHENTICATOR_H_
