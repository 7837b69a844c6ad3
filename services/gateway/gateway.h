#ifndef PDP_SERVICES_GATEWAY_GATEWAY_H_
#define PDP_SERVICES_GATEWAY_GATEWAY_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/clock.h"
#include "libs/rpc/client.h"
#include "libs/rpc/server.h"
#include "services/gateway/events_service.h"

namespace pdp::gateway {

// What an operator decides about a gateway process.
struct Options {
  rpc::ServerOptions server;
  // The credential registry, in text form.
  std::string credentials_file;
  // 32 bytes in hexadecimal; all gateways that share clients share it.
  std::string token_key_file;
  std::string access_log_file;
  std::map<std::string, std::string> peers;
  std::string peer_dir;
  std::optional<rpc::ClientTls> peer_tls;
  int worker_threads = 16;
  size_t queued_max = 2048;
  WatchLimits watch;
};

// The gateway, wired. Start refuses with the reason (AUTH_RULE_MISSING, an unreadable file); Stop
// drains: health, `end` to watches, running calls. Any thread may ask for the port.
class Gateway {
 public:
  static absl::StatusOr<std::unique_ptr<Gateway>> Start(Options options,
                                                        Clock& clock = Clock::System());
  virtual ~Gateway() = default;
  virtual void Stop() = 0;
  virtual int port() const = 0;
  virtual int metrics_port() const = 0;
  virtual EventHub& hub() = 0;
};

}  // namespace pdp::gateway

#endif  // PDP_SERVICES_GATEWAY_GATEWAY_H_
