#ifndef PDP_LIBS_RPC_SERVER_H_
#define PDP_LIBS_RPC_SERVER_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "grpcpp/grpcpp.h"
#include "libs/base/clock.h"
#include "libs/rpc/metrics.h"

namespace pdp::rpc {

// Files in PEM. Read again when they change, without a restart (GW-1).
struct TlsOptions {
  std::string certificate_file;
  std::string key_file;
  // Whose client certificates are accepted.
  std::string client_ca_file;
  // False: a client may come without a certificate (it then authenticates by a token only).
  bool require_client_certificate = true;
};

struct ServerOptions {
  // host:port; port 0 takes a free one.
  std::string listen = "127.0.0.1:0";
  // Absent: no encryption, which is allowed on a loopback address only.
  std::optional<TlsOptions> tls;
  bool reflection = true;
  // Requests and replies above are refused with RESOURCE_EXHAUSTED.
  int message_bytes_max = 4 * 1024 * 1024;
  // HTTP port of /metrics and /health: 0 takes a free one, -1 none.
  int metrics_port = -1;
  std::string metrics_host = "127.0.0.1";
  // Stop: how long health says NOT_SERVING before calls are refused, and how long running calls
  // get.
  absl::Duration drain_notice = absl::ZeroDuration();
  absl::Duration drain_calls = absl::Seconds(10);
};

// The gRPC server of a process: callback services, grpc.health.v1, reflection, TLS, metrics.
//
//   rpc::Server server(options);
//   server.Add(&referral_service);
//   RETURN_IF_ERROR(server.Start());          // serving; server.port() is known
//   server.SetServing("write", false);        // health of a part
//   server.Stop();                            // drains; services may be destroyed after it
//
// Add before Start. SetServing, port and metrics from any thread; Start and Stop from one. Services
// are not owned and outlive the server.
class Server {
 public:
  explicit Server(ServerOptions options, Clock& clock = Clock::System());
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void Add(grpc::Service* service);
  // InvalidArgument: no TLS on an address that is not loopback, or unreadable files. Unavailable:
  // the address is taken.
  absl::Status Start();
  // Health NOT_SERVING, `drain_notice`, no new calls, `drain_calls` for running ones, then cancels
  // the rest. Idempotent.
  void Stop();

  // Health of "" and of the parts given here; "" is SERVING from Start to Stop.
  void SetServing(const std::string& part, bool serving);
  int port() const;
  // -1 when none was asked for.
  int metrics_port() const;
  Metrics& metrics();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pdp::rpc

#endif  // PDP_LIBS_RPC_SERVER_H_
