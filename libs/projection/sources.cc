#include "libs/projection/sources.h"

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "libs/base/bounded_queue.h"
#include "libs/base/log.h"
#include "libs/base/status_macros.h"
#include "libs/projection/process.h"
#include "libs/projection/publisher.h"
#include "pdp/common/v1/feed_service.grpc.pb.h"

namespace pdp::projection {
namespace {

using common::v1::CloudEvent;
using common::v1::FeedPosition;

bool Wanted(const std::vector<std::string>& types, const CloudEvent& event) {
  return types.empty() ||
         std::find(types.begin(), types.end(), ShortType(event)) != types.end();
}

class LocalSource final : public EventSource {
 public:
  LocalSource(const RowReader& rows, Pulse& pulse, SourceRequest request)
      : rows_(rows), pulse_(pulse), request_(std::move(request)) {
    if (request_.notify) watch_ = pulse_.Watch(request_.notify);
  }
  ~LocalSource() override { pulse_.Unwatch(watch_); }

  absl::StatusOr<std::vector<CloudEvent>> Poll(size_t events_max, absl::Duration timeout) override {
    while (true) {
      const uint64_t seen = pulse_.count();
      if (closed()) return absl::CancelledError("the source is closed");
      ASSIGN_OR_RETURN(std::vector<CloudEvent> events, Read(events_max));
      if (!events.empty() || timeout <= absl::ZeroDuration()) return events;
      if (!pulse_.Await(seen, timeout)) timeout = absl::ZeroDuration();
    }
  }

  void Close() override {
    {
      absl::MutexLock lock(&mutex_);
      closed_ = true;
    }
    pulse_.Beat();
  }

 private:
  bool closed() const {
    absl::MutexLock lock(&mutex_);
    return closed_;
  }

  absl::StatusOr<std::vector<CloudEvent>> Read(size_t events_max) {
    std::vector<CloudEvent> events;
    for (FeedPosition& at : request_.after) {
      const Area area = Area::FromCode(at.area()).value_or(Area::Nat());
      while (events.size() < events_max) {
        ASSIGN_OR_RETURN(std::vector<CloudEvent> page,
                         ReadPublic(rows_, area, Seq(at.seq()), at.index(),
                                    events_max - events.size()));
        if (page.empty()) break;
        at.set_seq(page.back().seq());
        at.set_index(page.back().index());
        for (CloudEvent& event : page) {
          if (Wanted(request_.types, event)) events.push_back(std::move(event));
        }
      }
    }
    return events;
  }

  const RowReader& rows_;
  Pulse& pulse_;
  SourceRequest request_;
  uint64_t watch_ = 0;
  mutable absl::Mutex mutex_;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

class FeedSource final : public EventSource {
 public:
  FeedSource(std::function<std::shared_ptr<grpc::Channel>()> channel, SourceRequest request)
      : channel_(std::move(channel)),
        request_(std::move(request)),
        events_(kFeedBufferedMax),
        reader_([this] { Run(); }) {}

  ~FeedSource() override {
    Close();
    reader_.join();
  }

  absl::StatusOr<std::vector<CloudEvent>> Poll(size_t events_max, absl::Duration timeout) override {
    std::vector<CloudEvent> events = events_.PopUpTo(events_max, timeout);
    if (events.empty() && events_.closed()) return absl::CancelledError("the source is closed");
    return events;
  }

  void Close() override {
    events_.Close();
    absl::MutexLock lock(&mutex_);
    closed_ = true;
    if (context_ != nullptr) context_->TryCancel();
  }

 private:
  void Run() {
    absl::Duration wait = absl::Milliseconds(100);
    while (!closed()) {
      if (ReadStream()) wait = absl::Milliseconds(100);
      absl::MutexLock lock(&mutex_);
      mutex_.AwaitWithTimeout(absl::Condition(&closed_), wait);
      wait = std::min(2 * wait, absl::Seconds(5));
    }
  }

  // One connection. True when anything was read.
  bool ReadStream() {
    grpc::ClientContext context;
    {
      absl::MutexLock lock(&mutex_);
      if (closed_) return false;
      context_ = &context;
    }
    common::v1::SubscribeRequest request;
    for (const FeedPosition& at : request_.after) *request.add_after() = at;
    for (const std::string& type : request_.types) request.add_types(type);
    auto stub = common::v1::EventFeed::NewStub(channel_());
    auto stream = stub->Subscribe(&context, request);
    bool any = false;
    common::v1::SubscribeReply reply;
    while (stream->Read(&reply)) {
      any = true;
      if (!Take(reply)) context.TryCancel();
    }
    const grpc::Status ended = stream->Finish();
    absl::MutexLock lock(&mutex_);
    context_ = nullptr;
    if (!closed_ && ended.error_message() != last_error_) {
      last_error_ = ended.error_message();
      PDP_LOG(INFO) << "event feed of " << request_.service << " ended: " << last_error_;
    }
    return any;
  }

  // False once closed.
  bool Take(common::v1::SubscribeReply& reply) {
    using Frame = common::v1::SubscribeReply::FrameCase;
    switch (reply.frame_case()) {
      case Frame::kEvent: {
        Advance(reply.event().area(), reply.event().seq(), reply.event().index());
        if (!events_.Push(std::move(*reply.mutable_event()))) return false;
        break;
      }
      case Frame::kCaughtUp:
        for (const FeedPosition& at : reply.caught_up().at()) {
          Advance(at.area(), at.seq(), at.index());
        }
        return true;
      case Frame::FRAME_NOT_SET:
        return true;
    }
    if (request_.notify) request_.notify();
    return true;
  }

  void Advance(const std::string& area, uint64_t seq, uint32_t index) {
    for (FeedPosition& at : request_.after) {
      if (at.area() != area || std::pair(at.seq(), at.index()) >= std::pair(seq, index)) continue;
      at.set_seq(seq);
      at.set_index(index);
    }
  }

  bool closed() const {
    absl::MutexLock lock(&mutex_);
    return closed_;
  }

  const std::function<std::shared_ptr<grpc::Channel>()> channel_;
  SourceRequest request_;  // reading thread only
  BoundedQueue<CloudEvent> events_;
  mutable absl::Mutex mutex_;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::ClientContext* context_ ABSL_GUARDED_BY(mutex_) = nullptr;
  std::string last_error_ ABSL_GUARDED_BY(mutex_);
  std::thread reader_;
};

}  // namespace

std::unique_ptr<EventSource> MakeLocalSource(const RowReader& rows, Pulse& pulse,
                                             SourceRequest request) {
  return std::make_unique<LocalSource>(rows, pulse, std::move(request));
}

std::unique_ptr<EventSource> MakeFeedSource(
    std::function<std::shared_ptr<grpc::Channel>()> channel, SourceRequest request) {
  return std::make_unique<FeedSource>(std::move(channel), std::move(request));
}

}  // namespace pdp::projection
