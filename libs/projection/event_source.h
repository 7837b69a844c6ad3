#ifndef PDP_LIBS_PROJECTION_EVENT_SOURCE_H_
#define PDP_LIBS_PROJECTION_EVENT_SOURCE_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/area.h"
#include "pdp/common/v1/cloud_event.pb.h"

namespace pdp::projection {

// Public events of one service, from some partitions, after a position of each. At least once, in
// order per partition; events at or before the position may come again and are the reader's to
// drop. Hides whether they come from our own rows, from a peer's event feed or from Kafka.
//
// Poll is called by one thread; Close and the notify callback come from any thread. A source mends
// its own connection: Unavailable means nothing is coming for now, and Poll may simply be called
// again. Any other error is final for this source (open another).
class EventSource {
 public:
  virtual ~EventSource() = default;
  // Waits up to `timeout` for the first event. Empty when none came.
  virtual absl::StatusOr<std::vector<common::v1::CloudEvent>> Poll(size_t events_max,
                                                                   absl::Duration timeout) = 0;
  // Makes a Poll in progress, and all later ones, return at once (Cancelled).
  virtual void Close() = 0;
};

struct SourceRequest {
  std::string service;
  // One entry a partition wanted; seq 0 from the beginning.
  std::vector<common::v1::FeedPosition> after;
  // Short names of the event types wanted (ReferralAccepted); empty: all.
  std::vector<std::string> types;
  // Called, from any thread, when events may have arrived. May be empty.
  std::function<void()> notify;
};

// Which binding a process reads is chosen once, by the host.
using SourceFactory = std::function<absl::StatusOr<std::unique_ptr<EventSource>>(SourceRequest)>;

}  // namespace pdp::projection

#endif  // PDP_LIBS_PROJECTION_EVENT_SOURCE_H_
