#include "services/gateway/event_hub.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/area.h"
#include "libs/base/log.h"
#include "pdp/common/v1/feed_service.grpc.pb.h"

namespace pdp::gateway {
namespace {

constexpr absl::Duration kReconnect = absl::Milliseconds(500);

std::pair<uint64_t, uint32_t> At(const common::v1::CloudEvent& event) {
  return {event.seq(), event.index()};
}

}  // namespace

void EventHub::Start(Backends& backends, const std::vector<std::string>& services) {
  for (const std::string& service : services) {
    SetCaughtUp(service, false);
    threads_.emplace_back([this, &backends, service] { Follow(backends, service); });
  }
}

void EventHub::Stop() {
  stopping_ = true;
  {
    absl::MutexLock lock(&mutex_);
    for (auto& [service, context] : streams_) {
      if (context != nullptr) context->TryCancel();
    }
    ++changes_;
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void EventHub::Follow(Backends& backends, const std::string& service) {
  std::string told;
  while (!stopping_) {
    const std::shared_ptr<grpc::Channel> channel = backends.channel(service);
    if (channel != nullptr) {
      grpc::ClientContext context;
      common::v1::SubscribeRequest request;
      {
        absl::MutexLock lock(&mutex_);
        for (const Area area : Area::All()) {
          const auto& partition = partitions_[{service, std::string(area.code())}];
          common::v1::FeedPosition* after = request.add_after();
          after->set_area(std::string(area.code()));
          after->set_seq(partition.head.first);
          after->set_index(partition.head.second);
        }
        if (stopping_) return;
        streams_[service] = &context;
      }
      auto stub = common::v1::EventFeed::NewStub(channel);
      auto stream = stub->Subscribe(&context, request);
      common::v1::SubscribeReply reply;
      while (stream->Read(&reply)) {
        switch (reply.frame_case()) {
          case common::v1::SubscribeReply::kEvent: Add(service, reply.event()); break;
          case common::v1::SubscribeReply::kCaughtUp: SetCaughtUp(service, true); break;
          case common::v1::SubscribeReply::FRAME_NOT_SET: break;
        }
      }
      {
        absl::MutexLock lock(&mutex_);
        streams_[service] = nullptr;
      }
      const grpc::Status status = stream->Finish();
      // Once, not at every attempt.
      if (!stopping_ && told != status.error_message()) {
        told = status.error_message();
        PDP_LOG(INFO) << "the feed of " << service << " ended and is resumed: " << told;
      }
    }
    SetCaughtUp(service, false);
    absl::MutexLock lock(&mutex_);
    const auto stops = [this] { return stopping_.load(); };
    mutex_.AwaitWithTimeout(absl::Condition(&stops), kReconnect);
  }
}

void EventHub::Add(const std::string& service, const common::v1::CloudEvent& event) {
  std::set<std::string> audience = AudienceOf(service, event);
  absl::MutexLock lock(&mutex_);
  Partition& partition = partitions_[{service, event.area()}];
  if (At(event) <= partition.head) return;
  partition.head = At(event);
  ++changes_;
  // What nobody may watch moves the head and takes no memory.
  if (audience.empty()) return;
  partition.items.push_back({event, std::move(audience)});
  if (partition.items.size() > kept_max_) {
    partition.dropped_to = At(partition.items.front().event);
    partition.items.pop_front();
  }
}

void EventHub::SetCaughtUp(const std::string& service, bool caught_up) {
  absl::MutexLock lock(&mutex_);
  caught_up_[service] = caught_up;
  ++changes_;
}

absl::StatusOr<EventHub::Page> EventHub::Read(const std::string& tenant, bool all,
                                              const std::set<std::string>& types,
                                              const WatchPosition& position,
                                              size_t frames_max) const {
  Page page;
  page.position = position;
  absl::MutexLock lock(&mutex_);
  const bool caught_up = std::all_of(caught_up_.begin(), caught_up_.end(),
                                     [](const auto& entry) { return entry.second; });
  for (const auto& [key, at] : position) {
    const auto partition = partitions_.find(key);
    const auto known = caught_up_.find(key.first);
    const bool behind = partition == partitions_.end() || at > partition->second.head;
    if (behind && known != caught_up_.end() && known->second) {
      return absl::InvalidArgumentError("TOKEN_AHEAD: the token is ahead of all events");
    }
  }
  for (const auto& [key, partition] : partitions_) {
    auto& at = page.position[key];
    const auto add = [&](v1::EventFrame frame, std::pair<uint64_t, uint32_t> to) {
      at = to;
      page.frames.push_back(std::move(frame));
      page.after.push_back(page.position);
    };
    if (at < partition.dropped_to) {
      if (page.frames.size() >= frames_max) return page;
      v1::EventFrame frame;
      frame.mutable_gap()->set_area(key.second);
      frame.mutable_gap()->set_from(at.first);
      frame.mutable_gap()->set_to(partition.dropped_to.first);
      frame.mutable_gap()->set_reason("RETENTION");
      add(std::move(frame), partition.dropped_to);
    }
    auto item = std::upper_bound(
        partition.items.begin(), partition.items.end(), at,
        [](const auto& position, const Item& item) { return position < At(item.event); });
    for (; item != partition.items.end(); ++item) {
      const bool visible = all || item->audience.count(tenant) > 0;
      if (!visible || (!types.empty() && types.count(item->event.type()) == 0)) continue;
      if (page.frames.size() >= frames_max) return page;
      v1::EventFrame frame;
      *frame.mutable_event() = item->event;
      add(std::move(frame), At(item->event));
    }
    // Everything of the partition has been looked at.
    at = std::max(at, partition.head);
  }
  page.at_head = caught_up;
  return page;
}

uint64_t EventHub::changes() const {
  absl::MutexLock lock(&mutex_);
  return changes_;
}

uint64_t EventHub::WaitBeyond(uint64_t seen, absl::Duration timeout) const {
  absl::MutexLock lock(&mutex_);
  const auto changed = [this, seen]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return changes_ != seen; };
  mutex_.AwaitWithTimeout(absl::Condition(&changed), timeout);
  return changes_;
}

}  // namespace pdp::gateway
