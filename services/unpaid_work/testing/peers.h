#ifndef PDP_SERVICES_UNPAID_WORK_TESTING_PEERS_H_
#define PDP_SERVICES_UNPAID_WORK_TESTING_PEERS_H_

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "libs/decider/decider.h"
#include "libs/rpc/status.h"
#include "pdp/common/v1/feed_service.grpc.pb.h"
#include "pdp/referral/v1/public_events.pb.h"
#include "pdp/referral/v1/service.grpc.pb.h"
#include "pdp/subcontractor/v1/public_events.pb.h"

// The neighbours of the service as a test plays them, each a server of its own on loopback.

namespace pdp::unpaid_work::testing {

// The public events of a service as the test publishes them, replayed to every subscriber after the
// position it names, as the real feed does.
class PlayedFeed final : public common::v1::EventFeed::Service {
 public:
  explicit PlayedFeed(std::string service) : service_(std::move(service)) {}

  // `text`: the PublicEvent. Its position is the next of the area.
  template <typename PublicEvent>
  void Publish(const std::string& area, const std::string& subject, const std::string& text) {
    PublicEvent data;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &data)) << text;
    std::lock_guard<std::mutex> lock(mutex_);
    common::v1::CloudEvent event;
    event.set_area(area);
    event.set_seq(++seqs_[area]);
    event.set_id(absl::StrCat(service_, "/", area, "/", event.seq(), "/0"));
    event.set_type(absl::StrCat("pdp.", service_, ".v1.", decider::CaseName(data)));
    event.set_subject(subject);
    event.set_data(data.SerializeAsString());
    events_.push_back(std::move(event));
    published_.notify_all();
  }

  // Event `n` again under its id, as a publisher that repeats itself.
  void Repeat(size_t n) {
    std::lock_guard<std::mutex> lock(mutex_);
    common::v1::CloudEvent event = events_.at(n);
    event.set_seq(++seqs_[event.area()]);
    events_.push_back(std::move(event));
    published_.notify_all();
  }

  grpc::Status Subscribe(grpc::ServerContext* context,
                         const common::v1::SubscribeRequest* request,
                         grpc::ServerWriter<common::v1::SubscribeReply>* writer) override {
    std::map<std::string, uint64_t> after;
    for (const auto& at : request->after()) after[at.area()] = at.seq();
    size_t next = 0;
    while (!context->IsCancelled()) {
      common::v1::SubscribeReply reply;
      if (Next(*request, after, &next, reply.mutable_event()) && !writer->Write(reply)) break;
    }
    return grpc::Status::OK;
  }

 private:
  static bool Wanted(const common::v1::SubscribeRequest& request, const std::string& type) {
    if (request.types().empty()) return true;
    for (const std::string& wanted : request.types()) {
      if (type == wanted || absl::EndsWith(type, absl::StrCat(".", wanted))) return true;
    }
    return false;
  }
  // The next event for this subscriber, if one comes within the time a cancelled one may linger.
  bool Next(const common::v1::SubscribeRequest& request,
            const std::map<std::string, uint64_t>& after, size_t* next,
            common::v1::CloudEvent* event) {
    std::unique_lock<std::mutex> lock(mutex_);
    published_.wait_for(lock, std::chrono::milliseconds(100),
                        [&] { return *next < events_.size(); });
    for (; *next < events_.size(); ++*next) {
      const auto at = after.find(events_[*next].area());
      if (at == after.end() || events_[*next].seq() <= at->second) continue;
      if (!Wanted(request, events_[*next].type())) continue;
      *event = events_[(*next)++];
      return true;
    }
    return false;
  }

  const std::string service_;
  std::mutex mutex_;
  std::condition_variable published_;
  std::vector<common::v1::CloudEvent> events_;
  std::map<std::string, uint64_t> seqs_;
};

// GetReferral (A4) over what the test says of each referral.
class PlayedReferral final : public referral::v1::ReferralService::Service {
 public:
  void Put(const std::string& text) {
    referral::v1::GetReferralReply reply;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &reply)) << text;
    std::lock_guard<std::mutex> lock(mutex_);
    referrals_[reply.referral_id()] = reply;
  }
  grpc::Status GetReferral(grpc::ServerContext*, const referral::v1::GetReferralRequest* request,
                           referral::v1::GetReferralReply* reply) override {
    std::lock_guard<std::mutex> lock(mutex_);
    asked_.push_back(*request);
    const auto it = referrals_.find(request->referral_id());
    if (it == referrals_.end()) {
      return rpc::ToStatus(decider::NotFound(AggregateId("referral", request->referral_id())),
                           "referral");
    }
    *reply = it->second;
    return grpc::Status::OK;
  }
  std::vector<referral::v1::GetReferralRequest> asked() {
    std::lock_guard<std::mutex> lock(mutex_);
    return asked_;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, referral::v1::GetReferralReply> referrals_;
  std::vector<referral::v1::GetReferralRequest> asked_;
};

// A server of a neighbour.
class Neighbour {
 public:
  explicit Neighbour(std::vector<grpc::Service*> services) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    for (grpc::Service* service : services) builder.RegisterService(service);
    server_ = builder.BuildAndStart();
  }
  ~Neighbour() { server_->Shutdown(std::chrono::system_clock::now()); }
  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }

 private:
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace pdp::unpaid_work::testing

#endif  // PDP_SERVICES_UNPAID_WORK_TESTING_PEERS_H_
