#ifndef PDP_TOOLS_DEMO_CREDENTIALS_H_
#define PDP_TOOLS_DEMO_CREDENTIALS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/rpc/client.h"

namespace pdp::demo {

// Who may speak to the gateway in the demonstration: an organisation's programs, each with the
// functions it needs and no more.
struct GatewayClientId {
  std::string id;
  std::string organisation;
  std::vector<std::string> functions;
};

// The credentials of the demonstration: what the operator of a real installation gets from a
// certificate authority and an authorization server, made on this machine. In one folder:
//
//   ca.pem ca.key                 the authority
//   server.pem server.key         of the gateway, for localhost and 127.0.0.1
//   <organisation>.pem .key       one certificate an organisation
//   signing.key                   of the tokens (EdDSA)
//   seal.key                      64 hexadecimal digits, for --token-key-file
//   registry.textproto            pdp.gateway.v1.CredentialRegistry, for --credentials
//
// Key files are readable by their owner only. Opening a folder again makes only what is missing,
// or is not good for two more days; files appear whole or not at all, so a crash leaves no half of
// a key. Every client is certificate-bound: neither certificate nor token is enough alone (GW-1).
class Credentials {
 public:
  // Internal names the file that could not be written.
  static absl::StatusOr<Credentials> Open(const std::string& folder);

  // <organisation>-delivery, -finance and -admin of P01, S01, S02, and of X01, which is in no
  // contract.
  static const std::vector<GatewayClientId>& Clients();

  const std::string& folder() const { return folder_; }
  rpc::ClientTls TlsOf(const std::string& organisation) const;
  // A token of the client, issued at `now`, bound to its organisation's certificate, good for
  // 600 s. NotFound lists the clients there are.
  absl::StatusOr<std::string> Token(const std::string& client_id, absl::Time now) const;

 private:
  explicit Credentials(std::string folder) : folder_(std::move(folder)) {}
  absl::Status MakeMissing();

  std::string folder_;
};

}  // namespace pdp::demo

#endif  // PDP_TOOLS_DEMO_CREDENTIALS_H_
