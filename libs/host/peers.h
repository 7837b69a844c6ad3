#ifndef PDP_LIBS_HOST_PEERS_H_
#define PDP_LIBS_HOST_PEERS_H_

#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/channel.h"

namespace pdp::host {

// Where the other services are. Addresses come from --peers (fixed) or from
// <peer-dir>/<service>.port files, which each service writes when it starts: services may start in
// any order and come back on another port. So ask for the channel, or make the stub, at each call;
// both are cheap:
//
//   auto stub = peers.Stub<subcontractor::v1::SubcontractorService>("subcontractor");
//   grpc::Status status = stub->Execute(&context, request, &reply);
//
// Calls to a peer that is not known (yet) fail with UNAVAILABLE, like calls to one that is down.
// Thread-safe.
class Peers {
 public:
  // `fixed`: service -> host:port. `peer_dir` may be empty.
  Peers(std::map<std::string, std::string> fixed, std::string peer_dir);

  // The channel to the peer's present address. Never null.
  std::shared_ptr<grpc::Channel> channel(absl::string_view service) const;

  template <typename Service>
  std::unique_ptr<typename Service::Stub> Stub(absl::string_view service) const {
    return Service::NewStub(channel(service));
  }

  // host:port, or empty when not known (yet).
  std::string address(absl::string_view service) const;

 private:
  struct Entry {
    std::string address;
    std::shared_ptr<grpc::Channel> channel;
  };
  const std::map<std::string, std::string> fixed_;
  const std::string peer_dir_;
  mutable absl::Mutex mutex_;
  mutable std::map<std::string, Entry, std::less<>> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace pdp::host

#endif  // PDP_LIBS_HOST_PEERS_H_
