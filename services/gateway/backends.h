#ifndef PDP_SERVICES_GATEWAY_BACKENDS_H_
#define PDP_SERVICES_GATEWAY_BACKENDS_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "grpcpp/grpcpp.h"
#include "libs/base/clock.h"
#include "libs/rpc/client.h"
#include "libs/rpc/status.h"

namespace pdp::gateway {

// The services behind the gateway. Thread-safe.
class Backends {
 public:
  // `fixed`: service -> host:port. `peer_dir`: where services write <service>.port; may be empty.
  Backends(std::map<std::string, std::string> fixed, std::string peer_dir,
           std::optional<rpc::ClientTls> tls, Clock& clock)
      : fixed_(std::move(fixed)), peer_dir_(std::move(peer_dir)), tls_(std::move(tls)),
        clock_(clock) {}

  // Null while the service has no address.
  std::shared_ptr<grpc::Channel> channel(const std::string& service);

  // One call, ending at `deadline`. A refusal arrives as its service made it; a failure of the way
  // there as UNAVAILABLE or DEADLINE_EXCEEDED.
  template <typename Service, typename Reply, typename Request>
  grpc::Status Call(const std::string& service,
                    grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&,
                                                          Reply*),
                    const Request& request, Reply* reply, absl::Time deadline) {
    const std::shared_ptr<grpc::Channel> on = channel(service);
    if (on == nullptr) {
      return rpc::ToStatus(absl::UnavailableError(service + " is down"), "gateway");
    }
    auto answer =
        rpc::Caller(deadline - clock_.Now(), tls_).Call<Service, Reply>(on, method, request);
    if (!answer.ok()) return rpc::ToStatus(answer.status(), service);
    if (!answer->ok()) return rpc::MakeStatus(*answer->refusal);
    *reply = std::move(answer->reply);
    return grpc::Status::OK;
  }

 private:
  struct Entry {
    std::string address;
    std::shared_ptr<grpc::Channel> channel;
  };
  const std::map<std::string, std::string> fixed_;
  const std::string peer_dir_;
  const std::optional<rpc::ClientTls> tls_;
  Clock& clock_;
  absl::Mutex mutex_;
  std::map<std::string, Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pdp::gateway

#endif  // PDP_SERVICES_GATEWAY_BACKENDS_H_
