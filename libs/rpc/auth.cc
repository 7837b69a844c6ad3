#include "libs/rpc/auth.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/rpc/status.h"

namespace pdp::rpc {
namespace {

std::string First(const grpc::AuthContext& auth, const char* name) {
  const std::vector<grpc::string_ref> values = auth.FindPropertyValues(name);
  return values.empty() ? "" : std::string(values[0].data(), values[0].size());
}

}  // namespace

bool IsLoopback(absl::string_view peer) {
  return absl::StartsWith(peer, "unix:") || absl::StartsWith(peer, "ipv4:127.") ||
         absl::StartsWith(peer, "ipv6:[::1]") || absl::StartsWith(peer, "ipv6:%5B::1%5D") ||
         absl::StartsWith(peer, "ipv6:[::ffff:127.") || absl::StartsWith(peer, "inproc");
}

PeerIdentity PeerOf(const grpc::ServerContextBase& context) {
  PeerIdentity peer;
  peer.loopback = IsLoopback(context.peer());
  const auto auth = context.auth_context();
  if (auth == nullptr) return peer;
  const std::string security = First(*auth, "transport_security_type");
  peer.encrypted = security == "ssl" || security == "tls";
  peer.common_name = First(*auth, "x509_common_name");
  peer.certificate_pem = First(*auth, "x509_pem_cert");
  for (const grpc::string_ref& name : auth->FindPropertyValues("x509_subject_alternative_name")) {
    peer.names.emplace_back(name.data(), name.size());
  }
  peer.authenticated = peer.encrypted && !peer.certificate_pem.empty();
  return peer;
}

grpc::Status RequireTrustedPeer(const grpc::ServerContextBase& context, absl::string_view service) {
  const PeerIdentity peer = PeerOf(context);
  if (peer.authenticated || (peer.loopback && !peer.encrypted)) return grpc::Status::OK;
  return MakeStatus({.code = grpc::StatusCode::UNAUTHENTICATED,
                     .message = "connect with a certificate of this platform",
                     .reason = "PEER_NOT_TRUSTED",
                     .domain = std::string(service)});
}

}  // namespace pdp::rpc
