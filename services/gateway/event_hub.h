#ifndef PDP_SERVICES_GATEWAY_EVENT_HUB_H_
#define PDP_SERVICES_GATEWAY_EVENT_HUB_H_

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "grpcpp/grpcpp.h"
#include "pdp/common/v1/cloud_event.pb.h"
#include "pdp/gateway/v1/gateway_service.pb.h"
#include "services/gateway/backends.h"
#include "services/gateway/sealer.h"

namespace pdp::gateway {

// The public events of all services, merged, with the organisations that may see each (GW-6,
// GW-10). Watch and ListEvents both read here, so what one shows the other shows: an event's
// audience is decided once, when it arrives, from the event itself.
//
// One thread a service reads its EventFeed from the beginning and resumes after a break. Events are
// kept in memory, `kept_max` a partition; older ones are a gap. Nothing is durable: after a restart
// the hub reads the feeds again. Thread-safe.
class EventHub {
 public:
  explicit EventHub(size_t kept_max = 50'000) : kept_max_(kept_max) {}
  ~EventHub() { Stop(); }

  // Follows the feeds of `services` until Stop.
  void Start(Backends& backends, const std::vector<std::string>& services);
  void Stop();

  // Takes one event of a service; repeats and events behind the head are ignored. For the reader
  // threads and tests.
  void Add(const std::string& service, const common::v1::CloudEvent& event);
  // All events of the service up to now have been added.
  void SetCaughtUp(const std::string& service, bool caught_up);

  struct Page {
    std::vector<v1::EventFrame> frames;  // events and gaps, without tokens
    std::vector<WatchPosition> after;    // where each frame leaves the reader
    WatchPosition position;              // where the whole page leaves the reader
    bool at_head = false;                // nothing more is here, and the feeds have caught up
  };
  // What `tenant` may see after `position`, at most `frames_max` frames; `all`: whatever it is (the
  // Authority). InvalidArgument TOKEN_AHEAD for a position beyond the head of a caught-up feed.
  absl::StatusOr<Page> Read(const std::string& tenant, bool all, const std::set<std::string>& types,
                            const WatchPosition& position, size_t frames_max) const;
  // Waits until an event arrives after `seen` changes, at most `timeout`. Returns the changes now.
  uint64_t WaitBeyond(uint64_t seen, absl::Duration timeout) const;
  uint64_t changes() const;

 private:
  struct Item {
    common::v1::CloudEvent event;
    std::set<std::string> audience;
  };
  struct Partition {
    std::deque<Item> items;
    // The newest event that is no longer kept; (0, 0) when all are.
    std::pair<uint64_t, uint32_t> dropped_to{0, 0};
    std::pair<uint64_t, uint32_t> head{0, 0};
  };
  void Follow(Backends& backends, const std::string& service);

  const size_t kept_max_;
  std::atomic<bool> stopping_{false};
  mutable absl::Mutex mutex_;
  std::map<std::pair<std::string, std::string>, Partition> partitions_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, bool> caught_up_ ABSL_GUARDED_BY(mutex_);
  uint64_t changes_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::string, grpc::ClientContext*> streams_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

// The organisations that may see an event: those in the fields that the table of watchable events
// names for its type. Empty for every other type.
std::set<std::string> AudienceOf(const std::string& service, const common::v1::CloudEvent& event);

}  // namespace pdp::gateway

#endif  // PDP_SERVICES_GATEWAY_EVENT_HUB_H_
