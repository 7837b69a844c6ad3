#include "libs/projection/feed_service.h"

#include <algorithm>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "libs/projection/publisher.h"
#include "libs/projection/process.h"

namespace pdp::projection {

using common::v1::CloudEvent;
using common::v1::FeedPosition;
using common::v1::SubscribeReply;
using common::v1::SubscribeRequest;

// One subscriber. States: idle (nothing to write, waits for the pump), writing, finished. Exactly
// one Finish; it waits for a write in flight. Lives until OnDone and until the pump lets go of it.
// gRPC is never called under a lock.
class FeedService::Stream final : public grpc::ServerWriteReactor<SubscribeReply> {
 public:
  Stream(FeedService& service, std::map<Area, std::pair<Seq, uint32_t>> at,
         absl::flat_hash_set<std::string> types)
      : service_(service), at_(std::move(at)), types_(std::move(types)) {}

  void OnWriteDone(bool ok) override {
    bool hungry = false;
    {
      absl::MutexLock lock(&mutex_);
      writing_ = false;
      if (!ok && !end_) end_ = grpc::Status(grpc::StatusCode::CANCELLED, "the stream is broken");
      hungry = buffer_.empty();
    }
    Continue();
    if (hungry) service_.Wake();
  }
  void OnCancel() override { End(grpc::Status(grpc::StatusCode::CANCELLED, "cancelled")); }
  void OnDone() override {
    service_.Remove(this);  // may delete this
  }

  void End(grpc::Status status) {
    {
      absl::MutexLock lock(&mutex_);
      if (!end_) end_ = std::move(status);
    }
    Continue();
  }

  // Reads the next page when the one before is written. Pump thread only.
  void Fill() {
    {
      absl::MutexLock lock(&mutex_);
      if (end_ || writing_ || !buffer_.empty()) return;
    }
    std::deque<SubscribeReply> page;
    std::map<Area, Seq> heads;
    for (auto& [area, at] : at_) {
      heads[area] = service_.checkpoint_(area);
      absl::Status read = ReadArea(area, at, page);
      if (!read.ok()) {
        End(grpc::Status(grpc::StatusCode::UNAVAILABLE, std::string(read.message())));
        return;
      }
    }
    if (page.empty()) {
      if (caught_up_sent_) return;
      SubscribeReply& reply = page.emplace_back();
      for (const auto& [area, head] : heads) {
        FeedPosition& at = *reply.mutable_caught_up()->add_at();
        at.set_area(std::string(area.code()));
        at.set_seq(head.value());
        at.set_index(std::numeric_limits<uint32_t>::max());
      }
      caught_up_sent_ = true;
    } else {
      caught_up_sent_ = false;
    }
    {
      absl::MutexLock lock(&mutex_);
      buffer_ = std::move(page);
    }
    Continue();
  }

  size_t buffered() const {
    absl::MutexLock lock(&mutex_);
    return buffer_.size();
  }

 private:
  // A page of one area; pages that the filter empties are passed over.
  absl::Status ReadArea(Area area, std::pair<Seq, uint32_t>& at, std::deque<SubscribeReply>& page) {
    const size_t wanted = page.size() + FeedService::kPageEvents;
    while (page.size() < wanted) {
      auto events = ReadPublic(service_.rows_, area, at.first, at.second,
                               wanted - page.size());
      if (!events.ok()) return events.status();
      if (events->empty()) break;
      for (CloudEvent& event : *events) {
        at = {Seq(event.seq()), event.index()};
        if (IsInternal(event)) continue;
        if (!types_.empty() && !types_.contains(event.type()) &&
            !types_.contains(std::string(ShortType(event)))) {
          continue;
        }
        *page.emplace_back().mutable_event() = std::move(event);
      }
    }
    return absl::OkStatus();
  }

  // Starts the next write or the end, outside the lock: gRPC may call back at once.
  void Continue() {
    const SubscribeReply* next = nullptr;
    std::optional<grpc::Status> finish;
    {
      absl::MutexLock lock(&mutex_);
      if (writing_ || finished_) return;
      if (end_) {
        finished_ = true;
        finish = *end_;
      } else if (!buffer_.empty()) {
        current_ = std::move(buffer_.front());
        buffer_.pop_front();
        writing_ = true;
        next = &current_;
      }
    }
    if (finish) {
      Finish(*finish);
    } else if (next != nullptr) {
      StartWrite(next);
    }
  }

  FeedService& service_;
  // Pump thread only.
  std::map<Area, std::pair<Seq, uint32_t>> at_;
  const absl::flat_hash_set<std::string> types_;
  bool caught_up_sent_ = false;

  mutable absl::Mutex mutex_;
  std::deque<SubscribeReply> buffer_ ABSL_GUARDED_BY(mutex_);
  SubscribeReply current_;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<grpc::Status> end_ ABSL_GUARDED_BY(mutex_);
};

namespace {

// Ends a call at once.
class Refusal final : public grpc::ServerWriteReactor<SubscribeReply> {
 public:
  explicit Refusal(const grpc::Status& status) { Finish(status); }
  void OnDone() override { delete this; }
};

}  // namespace

FeedService::FeedService(std::vector<Area> areas, const RowReader& rows,
                         std::function<Seq(Area)> checkpoint)
    : areas_(std::move(areas)),
      rows_(rows),
      checkpoint_(std::move(checkpoint)),
      pump_([this] { Pump(); }) {}

FeedService::~FeedService() {
  Stop();
  const auto gone = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return streams_.empty(); };
  {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&gone));
  }
}

void FeedService::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }
  for (const std::shared_ptr<Stream>& stream : Streams()) {
    stream->End(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the event feed is stopping"));
  }
  pulse_.Beat();
  if (pump_.joinable()) pump_.join();
}

size_t FeedService::subscribers() const {
  absl::MutexLock lock(&mutex_);
  return streams_.size();
}

size_t FeedService::buffered() const {
  size_t events = 0;
  for (const std::shared_ptr<Stream>& stream : Streams()) events += stream->buffered();
  return events;
}

grpc::ServerWriteReactor<SubscribeReply>* FeedService::Subscribe(
    grpc::CallbackServerContext* context, const SubscribeRequest* request) {
  std::map<Area, std::pair<Seq, uint32_t>> at;
  for (const FeedPosition& after : request->after()) {
    const std::optional<Area> area = Area::FromCode(after.area());
    if (!area) {
      return new Refusal(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT,
                                      absl::StrCat("no such area: ", after.area())));
    }
    if (std::find(areas_.begin(), areas_.end(), *area) == areas_.end()) continue;
    at[*area] = {Seq(after.seq()), after.index()};
  }
  if (request->after().empty()) {
    for (Area area : areas_) at[area] = {checkpoint_(area), std::numeric_limits<uint32_t>::max()};
  }
  if (at.empty()) {
    return new Refusal(
        grpc::Status(grpc::StatusCode::NOT_FOUND, "none of these areas is hosted here"));
  }
  absl::flat_hash_set<std::string> types(request->types().begin(), request->types().end());
  auto stream = std::make_shared<Stream>(*this, std::move(at), std::move(types));
  bool stopped = false;
  {
    absl::MutexLock lock(&mutex_);
    streams_.emplace(stream.get(), stream);
    stopped = stopped_;
  }
  if (stopped) {
    stream->End(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the event feed is stopping"));
  }
  pulse_.Beat();
  return stream.get();
}

std::vector<std::shared_ptr<FeedService::Stream>> FeedService::Streams() const {
  absl::MutexLock lock(&mutex_);
  std::vector<std::shared_ptr<Stream>> streams;
  for (const auto& [key, stream] : streams_) streams.push_back(stream);
  return streams;
}

void FeedService::Remove(Stream* stream) {
  std::shared_ptr<Stream> last;  // deleted after the lock is given back
  absl::MutexLock lock(&mutex_);
  const auto it = streams_.find(stream);
  last = std::move(it->second);
  streams_.erase(it);
}

void FeedService::Pump() {
  while (true) {
    const uint64_t seen = pulse_.count();
    {
      absl::MutexLock lock(&mutex_);
      if (stopped_) return;
    }
    for (const std::shared_ptr<Stream>& stream : Streams()) stream->Fill();
    pulse_.Await(seen, absl::Seconds(5));
  }
}

}  // namespace pdp::projection
