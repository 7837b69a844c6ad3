#ifndef PDP_LIBS_RPC_AUTH_H_
#define PDP_LIBS_RPC_AUTH_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "grpcpp/grpcpp.h"

namespace pdp::rpc {

// Who is at the other end of a connection, as the transport proved it.
struct PeerIdentity {
  // TLS with a verified client certificate.
  bool authenticated = false;
  // The connection comes from this machine.
  bool loopback = false;
  bool encrypted = false;
  // URI and DNS names of the certificate, and its subject common name.
  std::vector<std::string> names;
  std::string common_name;
  // PEM of the certificate; empty without one.
  std::string certificate_pem;
};

PeerIdentity PeerOf(const grpc::ServerContextBase& context);

// True for a gRPC peer string ("ipv4:127.0.0.1:4711", "unix:...") of this machine.
bool IsLoopback(absl::string_view peer);

// Services stand behind the gateway: they take the actor from the header of a command, but only
// from a trusted peer: one with a verified certificate, or an unencrypted one of this machine.
// Anybody else gets UNAUTHENTICATED with PEER_NOT_TRUSTED.
grpc::Status RequireTrustedPeer(const grpc::ServerContextBase& context, absl::string_view service);

}  // namespace pdp::rpc

#endif  // PDP_LIBS_RPC_AUTH_H_
