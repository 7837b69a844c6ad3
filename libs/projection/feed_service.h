#ifndef PDP_LIBS_PROJECTION_FEED_SERVICE_H_
#define PDP_LIBS_PROJECTION_FEED_SERVICE_H_

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "libs/base/area.h"
#include "libs/base/ids.h"
#include "libs/projection/projection.h"
#include "libs/projection/pulse.h"
#include "pdp/common/v1/feed_service.grpc.pb.h"

namespace pdp::projection {

// EventFeed over the rows of the publisher: the public events of this service as a stream that can
// be resumed after any position. Partitions asked for but not hosted here are left out (NOT_FOUND
// when none is hosted); CaughtUp lists those that are served.
//
// One thread reads rows for all subscribers; a subscriber gets its next page only when the page
// before has been written, so a slow one costs one page of memory and holds up nobody. Callback
// threads never touch the disk.
class FeedService final : public common::v1::EventFeed::CallbackService {
 public:
  // `rows` are those of the publisher; `checkpoint` tells how far they go. Both outlive the
  // service.
  FeedService(std::vector<Area> areas, const RowReader& rows, std::function<Seq(Area)> checkpoint);
  ~FeedService() override;

  // There are new rows. Never blocks.
  void Wake() { pulse_.Beat(); }
  // Ends every stream with UNAVAILABLE (they resume elsewhere or later) and refuses new ones.
  void Stop();
  size_t subscribers() const;
  // Events read from the rows and not yet written, over all streams.
  size_t buffered() const;

  grpc::ServerWriteReactor<common::v1::SubscribeReply>* Subscribe(
      grpc::CallbackServerContext* context, const common::v1::SubscribeRequest* request) override;

  static constexpr size_t kPageEvents = 64;

 private:
  class Stream;
  void Pump();
  void Remove(Stream* stream);
  std::vector<std::shared_ptr<Stream>> Streams() const;

  const std::vector<Area> areas_;
  const RowReader& rows_;
  const std::function<Seq(Area)> checkpoint_;
  Pulse pulse_;
  mutable absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_map<Stream*, std::shared_ptr<Stream>> streams_ ABSL_GUARDED_BY(mutex_);
  std::thread pump_;
};

}  // namespace pdp::projection

#endif  // PDP_LIBS_PROJECTION_FEED_SERVICE_H_
