#ifndef PDP_SERVICES_GATEWAY_EVENTS_SERVICE_H_
#define PDP_SERVICES_GATEWAY_EVENTS_SERVICE_H_

#include <set>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "pdp/gateway/v1/gateway_service.grpc.pb.h"
#include "services/gateway/call.h"
#include "services/gateway/event_hub.h"

namespace pdp::gateway {

struct WatchLimits {
  absl::Duration heartbeat = absl::Seconds(15);
  absl::Duration age_max = absl::Minutes(30);
  // A frame not taken for this long ends the watch (WATCH_TOO_SLOW); the transport holds a bounded
  // amount, so nothing piles up here.
  absl::Duration write_max = absl::Seconds(20);
};

// WatchEvents and its polling twin (GW-10, GW-11). A watch has a thread of its own; there are at
// most Quotas::kWatchesMax a tenant. Drain ends every watch with an `end` frame; call it before
// the server stops.
class EventsService final : public v1::Events::CallbackService {
 public:
  EventsService(CallPath& path, EventHub& hub, WatchLimits limits = {})
      : path_(path), hub_(hub), limits_(limits) {}
  ~EventsService() override;

  void Drain();

  grpc::ServerWriteReactor<v1::EventFrame>* WatchEvents(
      grpc::CallbackServerContext* context, const v1::WatchEventsRequest* request) override;
  grpc::ServerUnaryReactor* ListEvents(grpc::CallbackServerContext* context,
                                       const v1::ListEventsRequest* request,
                                       v1::ListEventsReply* reply) override;

 private:
  class Watch;
  grpc::Status List(Call& call, const v1::ListEventsRequest& request, v1::ListEventsReply* reply);
  void Gone(Watch* watch);

  CallPath& path_;
  EventHub& hub_;
  const WatchLimits limits_;
  absl::Mutex mutex_;
  std::set<Watch*> watches_ ABSL_GUARDED_BY(mutex_);
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace pdp::gateway

#endif  // PDP_SERVICES_GATEWAY_EVENTS_SERVICE_H_
