#include "services/gateway/events_service.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace pdp::gateway {
namespace {

constexpr absl::Duration kListWaitMax = absl::Seconds(20);
constexpr size_t kPageFrames = 200;

bool SeesAll(const Principal& principal) {
  return principal.standing == common::v1::AUTHORITY || principal.standing == common::v1::AUDITOR;
}

template <typename Request>
std::set<std::string> TypesOf(const Request& request) {
  return {request.types().begin(), request.types().end()};
}

}  // namespace

// One stream. Its thread checks, reads the hub and writes; gRPC's callbacks only mark what
// happened. Deleted when both the thread and gRPC are done with it.
class EventsService::Watch final : public grpc::ServerWriteReactor<v1::EventFrame> {
 public:
  Watch(EventsService& service, grpc::CallbackServerContext& context,
        const v1::WatchEventsRequest& request)
      : service_(service), request_(request) {
    call_.method = "Events.WatchEvents";
    begun_ = service_.path_.Begin(context, "Events.WatchEvents", request, &call_);
  }
  void Launch() {
    std::thread([this] { Run(); }).detach();
  }

  void OnWriteDone(bool ok) override {
    absl::MutexLock lock(&mutex_);
    writing_ = false;
    if (!ok) cancelled_ = true;
  }
  void OnCancel() override {
    absl::MutexLock lock(&mutex_);
    cancelled_ = true;
  }
  void OnDone() override {
    {
      absl::MutexLock lock(&mutex_);
      done_ = true;
    }
  }
  void Drain() {
    absl::MutexLock lock(&mutex_);
    draining_ = true;
  }

 private:
  void Run() {
    grpc::Status status = Stream();
    service_.path_.End(call_, status);
    Finish(status);
    const auto done = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return done_; };
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&done));
    }
    service_.Gone(this);
    delete this;
  }

  grpc::Status Stream() {
    if (!begun_.ok()) return begun_;
    if (grpc::Status admitted = service_.path_.Admit(request_, &call_); !admitted.ok()) {
      return admitted;
    }
    Quotas& quotas = service_.path_.parts().quotas;
    const std::string& tenant = call_.principal.tenant;
    if (!quotas.OpenWatch(tenant)) {
      return rpc::MakeStatus({.code = grpc::StatusCode::RESOURCE_EXHAUSTED,
                              .message = "four watches are open already",
                              .reason = "QUOTA_EXCEEDED", .domain = "gateway", .quota = true});
    }
    grpc::Status status = Pump();
    quotas.CloseWatch(tenant);
    return status;
  }

  grpc::Status Pump() {
    const CallPath::Parts& parts = service_.path_.parts();
    const std::string& tenant = call_.principal.tenant;
    absl::StatusOr<WatchPosition> position = parts.sealer.OpenWatch(tenant, request_.after());
    if (!position.ok()) return rpc::ToStatus(position.status(), "gateway");
    bool told_caught_up = false;
    absl::Time silent_since = parts.clock.Now();
    while (true) {
      const uint64_t seen = service_.hub_.changes();
      absl::StatusOr<EventHub::Page> page =
          service_.hub_.Read(tenant, SeesAll(call_.principal), TypesOf(request_), *position,
                             kPageFrames);
      if (!page.ok()) return rpc::ToStatus(page.status(), "gateway");
      for (size_t i = 0; i < page->frames.size(); ++i) {
        page->frames[i].set_token(parts.sealer.SealWatch(tenant, page->after[i]));
        if (grpc::Status written = Put(page->frames[i]); !written.ok()) return written;
        ++call_.rows;
        told_caught_up = false;
        silent_since = parts.clock.Now();
      }
      *position = page->position;
      v1::EventFrame quiet;
      quiet.set_token(parts.sealer.SealWatch(tenant, *position));
      if (page->at_head && !told_caught_up) {
        quiet.mutable_caught_up();
        if (grpc::Status written = Put(quiet); !written.ok()) return written;
        told_caught_up = true;
        silent_since = parts.clock.Now();
      }
      if (parts.clock.Now() - silent_since >= service_.limits_.heartbeat) {
        quiet.mutable_heartbeat();
        if (grpc::Status written = Put(quiet); !written.ok()) return written;
        silent_since = parts.clock.Now();
      }
      if (Cancelled()) return grpc::Status(grpc::StatusCode::CANCELLED, "the client left");
      if (Draining()) return EndWith("DRAINING", "this instance stops", quiet);
      if (parts.clock.Now() - call_.started > service_.limits_.age_max) {
        return EndWith("WATCH_TOO_OLD", "resume with the token", quiet);
      }
      if (page->frames.empty()) {
        // Short, so that a cancelled or draining watch is noticed.
        service_.hub_.WaitBeyond(seen, std::min(service_.limits_.heartbeat,
            absl::Milliseconds(200)));
      }
    }
  }

  // Writes a frame and waits until it is taken.
  grpc::Status Put(const v1::EventFrame& frame) {
    {
      absl::MutexLock lock(&mutex_);
      if (cancelled_) return grpc::Status(grpc::StatusCode::CANCELLED, "the client left");
      writing_ = true;
    }
    out_ = frame;
    StartWrite(&out_);
    const auto settled = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      return !writing_ || cancelled_;
    };
    absl::MutexLock lock(&mutex_);
    if (!mutex_.AwaitWithTimeout(absl::Condition(&settled), service_.limits_.write_max)) {
      return Refuse(grpc::StatusCode::RESOURCE_EXHAUSTED, "WATCH_TOO_SLOW",
                    "the watch was not read quickly enough");
    }
    if (cancelled_) return grpc::Status(grpc::StatusCode::CANCELLED, "the client left");
    return grpc::Status::OK;
  }

  grpc::Status EndWith(const std::string& reason, const std::string& detail, v1::EventFrame frame) {
    const grpc::Status status = rpc::MakeStatus({.code = grpc::StatusCode::UNAVAILABLE,
                                                 .message = detail,
                                                 .reason = reason,
                                                 .domain = "gateway",
                                                 .retry_after = Jittered()});
    auto* end = frame.mutable_end();
    end->set_code(static_cast<int>(status.error_code()));
    end->set_reason(reason);
    end->set_retry_after_millis(absl::ToInt64Milliseconds(Jittered()));
    if (grpc::Status written = Put(frame); !written.ok()) return written;
    return status;
  }

  // 1 to 3 s, the same for one stream: spreads the return of those that a drain sends away.
  absl::Duration Jittered() const {
    const std::string seed = call_.principal.client + absl::FormatTime(call_.started);
    return absl::Seconds(1) + absl::Milliseconds(std::hash<std::string>()(seed) % 2000);
  }
  bool Cancelled() {
    absl::MutexLock lock(&mutex_);
    return cancelled_;
  }
  bool Draining() {
    absl::MutexLock lock(&mutex_);
    return draining_;
  }

  EventsService& service_;
  // Copied: the request goes when the stream is finished.
  const v1::WatchEventsRequest request_;
  Call call_;
  grpc::Status begun_;
  v1::EventFrame out_;
  absl::Mutex mutex_;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
};

EventsService::~EventsService() {
  absl::MutexLock lock(&mutex_);
  const auto empty = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return watches_.empty(); };
  mutex_.Await(absl::Condition(&empty));
}

void EventsService::Drain() {
  absl::MutexLock lock(&mutex_);
  draining_ = true;
  for (Watch* watch : watches_) watch->Drain();
}

void EventsService::Gone(Watch* watch) {
  absl::MutexLock lock(&mutex_);
  watches_.erase(watch);
}

grpc::ServerWriteReactor<v1::EventFrame>* EventsService::WatchEvents(
    grpc::CallbackServerContext* context, const v1::WatchEventsRequest* request) {
  auto* watch = new Watch(*this, *context, *request);
  {
    absl::MutexLock lock(&mutex_);
    watches_.insert(watch);
    if (draining_) watch->Drain();
  }
  watch->Launch();
  return watch;
}

grpc::ServerUnaryReactor* EventsService::ListEvents(grpc::CallbackServerContext* context,
                                                    const v1::ListEventsRequest* request,
                                                    v1::ListEventsReply* reply) {
  return path_.Serve(context, "Events.ListEvents", *request, reply,
                     [this, request, reply](Call& call) { return List(call, *request, reply); });
}

grpc::Status EventsService::List(Call& call, const v1::ListEventsRequest& request,
                                 v1::ListEventsReply* reply) {
  const CallPath::Parts& parts = path_.parts();
  const std::string& tenant = call.principal.tenant;
  if (request.page_size() < 0) {
    return BadField("page_size", "PAGE_SIZE_NEGATIVE", "page_size is 0 to 200");
  }
  const absl::StatusOr<WatchPosition> position = parts.sealer.OpenWatch(tenant, request.after());
  if (!position.ok()) return rpc::ToStatus(position.status(), "gateway");
  const size_t frames_max =
      request.page_size() == 0 ? 50 : std::min<size_t>(request.page_size(), kPageFrames);
  const absl::Time until =
      std::min(call.deadline - absl::Milliseconds(200),
               parts.clock.Now() +
                   std::min(absl::Seconds(std::max(0, request.max_wait_seconds())), kListWaitMax));
  while (true) {
    const uint64_t seen = hub_.changes();
    absl::StatusOr<EventHub::Page> page = hub_.Read(tenant, SeesAll(call.principal),
                                                    TypesOf(request), *position, frames_max);
    if (!page.ok()) return rpc::ToStatus(page.status(), "gateway");
    const absl::Duration left = until - parts.clock.Now();
    if (page->frames.empty() && left > absl::ZeroDuration()) {
      hub_.WaitBeyond(seen, left);
      continue;
    }
    for (size_t i = 0; i < page->frames.size(); ++i) {
      page->frames[i].set_token(parts.sealer.SealWatch(tenant, page->after[i]));
      *reply->add_frames() = std::move(page->frames[i]);
    }
    reply->set_next_token(parts.sealer.SealWatch(tenant, page->position));
    if (page->at_head) {
      v1::EventFrame& frame = *reply->add_frames();
      frame.mutable_caught_up();
      frame.set_token(reply->next_token());
    }
    call.rows = reply->frames_size();
    return grpc::Status::OK;
  }
}

}  // namespace pdp::gateway
