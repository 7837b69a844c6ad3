#include "libs/sim/remote_source.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "libs/base/mark.h"
#include "libs/base/status_macros.h"
#include "libs/projection/process.h"
#include "libs/projection/publisher.h"
#include "libs/sim/world.h"

namespace pdp::sim {
namespace {

using common::v1::CloudEvent;
using common::v1::FeedPosition;

class RemoteSource final : public projection::EventSource {
 public:
  RemoteSource(World& world, int reader_slot, projection::SourceRequest request)
      : world_(world), reader_slot_(reader_slot), request_(std::move(request)),
        asked_(request_.after) {}

  absl::StatusOr<std::vector<CloudEvent>> Poll(size_t events_max, absl::Duration) override {
    std::shared_ptr<Node> replica = world_.AnyReplica(reader_slot_);
    if (replica == nullptr) return absl::UnavailableError("no replica answers");
    // A connection begins again somewhere before: events come again.
    if (world_.network_dice().Chance(30)) {
      PDP_MARK("feed_repeated");
      request_.after = asked_;
    }
    std::vector<CloudEvent> events;
    for (FeedPosition& at : request_.after) {
      const auto area = Area::FromCode(at.area());
      if (!area.has_value()) continue;
      ASSIGN_OR_RETURN(std::vector<CloudEvent> page, Read(*replica, *area, at, events_max));
      for (CloudEvent& event : page) {
        at.set_seq(event.seq());
        at.set_index(event.index());
        if (Wanted(event)) events.push_back(std::move(event));
      }
    }
    return events;
  }
  void Close() override {}

 private:
  absl::StatusOr<std::vector<CloudEvent>> Read(Node& replica, Area area, const FeedPosition& after,
                                               size_t events_max) {
    if (request_.service != world_.plan().play->name()) {
      std::vector<CloudEvent> told;
      for (const CloudEvent& event : world_.Feed(request_.service, area)) {
        if (event.seq() > after.seq() && told.size() < events_max) told.push_back(event);
      }
      return told;
    }
    if (!replica.hosts(area)) return std::vector<CloudEvent>();
    return projection::ReadPublic(replica.public_rows(), area, Seq(after.seq()), after.index(),
                                  events_max);
  }
  bool Wanted(const CloudEvent& event) const {
    return request_.types.empty() ||
           std::find(request_.types.begin(), request_.types.end(),
                     projection::ShortType(event)) != request_.types.end();
  }

  World& world_;
  const int reader_slot_;
  projection::SourceRequest request_;
  const std::vector<FeedPosition> asked_;
};

}  // namespace

std::unique_ptr<projection::EventSource> MakeRemoteSource(World& world, int reader_slot,
                                                          projection::SourceRequest request) {
  return std::make_unique<RemoteSource>(world, reader_slot, std::move(request));
}

}  // namespace pdp::sim
