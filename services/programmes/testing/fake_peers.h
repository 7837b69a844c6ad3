#ifndef PDP_SERVICES_PROGRAMMES_TESTING_FAKE_PEERS_H_
#define PDP_SERVICES_PROGRAMMES_TESTING_FAKE_PEERS_H_

#include <algorithm>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "grpcpp/grpcpp.h"
#include "libs/decider/decider.h"
#include "libs/rpc/status.h"
#include "pdp/common/v1/feed_service.grpc.pb.h"
#include "pdp/referral/v1/public_events.pb.h"
#include "pdp/referral/v1/service.grpc.pb.h"

// The neighbours of programmes: what they publish, and what referral answers and is told.

namespace pdp::programmes {

// The public events of one neighbour.
class FakeFeed final : public common::v1::EventFeed::Service {
 public:
  explicit FakeFeed(std::string service) : service_(std::move(service)) {}

  template <typename PublicEvent>
  common::v1::CloudEvent Publish(const std::string& area, const std::string& subject,
                                 absl::Time time, const PublicEvent& data) {
    common::v1::CloudEvent event;
    std::lock_guard<std::mutex> lock(mutex_);
    event.set_seq(++seqs_[area]);
    event.set_id(absl::StrCat(service_, "/", area, "/", event.seq(), "/0"));
    event.set_type(absl::StrCat("pdp.", service_, ".v1.", decider::CaseName(data)));
    event.set_source(absl::StrCat("/pdp/", service_, "/", area));
    event.set_subject(subject);
    event.mutable_time()->set_seconds(absl::ToUnixSeconds(time));
    event.set_area(area);
    event.set_data(data.SerializeAsString());
    events_.push_back(event);
    more_.notify_all();
    return event;
  }
  // Ends every stream that is open: subscribers come back from where they are.
  void Stop() {
    std::lock_guard<std::mutex> lock(mutex_);
    stopped_ = true;
    more_.notify_all();
  }

  grpc::Status Subscribe(grpc::ServerContext* context,
                         const common::v1::SubscribeRequest* request,
                         grpc::ServerWriter<common::v1::SubscribeReply>* writer) override {
    std::map<std::string, uint64_t> after;
    for (const auto& at : request->after()) after[at.area()] = at.seq();
    size_t next = 0;
    bool told = false;
    std::unique_lock<std::mutex> lock(mutex_);
    while (!stopped_ && !context->IsCancelled()) {
      for (; next < events_.size(); ++next) {
        const common::v1::CloudEvent event = events_[next];
        const auto from = after.find(event.area());
        const bool wanted =
            request->types().empty() ||
            std::any_of(request->types().begin(), request->types().end(),
                        [&](const std::string& type) {
                          return absl::EndsWith(event.type(), absl::StrCat(".", type));
                        });
        if (!wanted || from == after.end() || event.seq() <= from->second) continue;
        common::v1::SubscribeReply reply;
        *reply.mutable_event() = event;
        if (!writer->Write(reply)) return grpc::Status::OK;
        told = false;
      }
      if (!told) {
        common::v1::SubscribeReply reply;
        for (const auto& [area, seq] : after) {
          auto* at = reply.mutable_caught_up()->add_at();
          at->set_area(area);
          at->set_seq(seq);
        }
        if (!writer->Write(reply)) return grpc::Status::OK;
        told = true;
      }
      more_.wait_for(lock, std::chrono::milliseconds(100));
    }
    return grpc::Status::OK;
  }

 private:
  const std::string service_;
  std::mutex mutex_;
  std::condition_variable more_;
  std::map<std::string, uint64_t> seqs_;
  std::vector<common::v1::CloudEvent> events_;
  bool stopped_ = false;
};

// Referral, as far as programmes asks it.
class FakeReferral final : public referral::v1::ReferralService::Service {
 public:
  void Put(const referral::v1::GetReferralReply& reply) {
    std::lock_guard<std::mutex> lock(mutex_);
    replies_[reply.referral_id()] = reply;
  }
  referral::v1::GetReferralReply Get(const std::string& referral_id) {
    std::lock_guard<std::mutex> lock(mutex_);
    return replies_[referral_id];
  }
  // Calls answer UNAVAILABLE until it is up again.
  void SetDown(bool down) {
    std::lock_guard<std::mutex> lock(mutex_);
    down_ = down;
  }
  std::vector<referral::v1::ExecuteRequest> executed() {
    std::lock_guard<std::mutex> lock(mutex_);
    return executed_;
  }

  grpc::Status GetReferral(grpc::ServerContext*, const referral::v1::GetReferralRequest* request,
                           referral::v1::GetReferralReply* reply) override {
    std::lock_guard<std::mutex> lock(mutex_);
    if (down_) return {grpc::StatusCode::UNAVAILABLE, "down"};
    const auto it = replies_.find(request->referral_id());
    if (it == replies_.end()) {
      return rpc::ToStatus(decider::NotFound(AggregateId("referral", request->referral_id())),
                           "referral");
    }
    *reply = it->second;
    return grpc::Status::OK;
  }
  grpc::Status Execute(grpc::ServerContext*, const referral::v1::ExecuteRequest* request,
                       referral::v1::ExecuteReply*) override {
    std::lock_guard<std::mutex> lock(mutex_);
    if (down_) return {grpc::StatusCode::UNAVAILABLE, "down"};
    executed_.push_back(*request);
    return grpc::Status::OK;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, referral::v1::GetReferralReply> replies_;
  std::vector<referral::v1::ExecuteRequest> executed_;
  bool down_ = false;
};

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_TESTING_FAKE_PEERS_H_
