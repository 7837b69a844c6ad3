#include "tests/system/story.h"

#include <memory>
#include <regex>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/util/json_util.h"
#include "libs/base/status_macros.h"
#include "pdp/common/v1/admin_service.grpc.pb.h"
#include "pdp/common/v1/feed_service.grpc.pb.h"

namespace pdp::system_test {
namespace {

using common::v1::CloudEvent;

constexpr const char* kAreas[] = {"N56", "NAT"};

std::string JsonOf(const std::string& service, const CloudEvent& event) {
  const auto* type = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
      absl::StrCat("pdp.", service, ".v1.PublicEvent"));
  if (type == nullptr) return absl::StrCat("unknown service ", service);
  const std::unique_ptr<google::protobuf::Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
  if (!message->ParseFromString(event.data())) return "does not parse";
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(*message, &json).ok()) return "has no JSON form";
  return json;
}

}  // namespace

demo::Service* ServiceOf(demo::Platform& platform, const std::string& service) {
  if (service == "referral") return &platform.referral;
  if (service == "subcontractor") return &platform.subcontractor;
  if (service == "programmes") return &platform.programmes;
  if (service == "unpaid_work") return &platform.unpaid_work;
  return nullptr;
}

absl::StatusOr<std::vector<CloudEvent>> PublicEventsOf(demo::Service& service) {
  std::vector<CloudEvent> events;
  const grpc::Status status = demo::Patiently(
      service, [&](const std::shared_ptr<grpc::Channel>& channel, grpc::ClientContext* context) {
        events.clear();
        common::v1::SubscribeRequest request;
        for (const char* area : kAreas) request.add_after()->set_area(area);
        const auto stub = common::v1::EventFeed::NewStub(channel);
        const auto stream = stub->Subscribe(context, request);
        common::v1::SubscribeReply reply;
        bool caught_up = false;
        while (!caught_up && stream->Read(&reply)) {
          if (reply.has_event()) events.push_back(reply.event());
          caught_up = reply.has_caught_up();
        }
        // One that broke off says itself why.
        if (caught_up) context->TryCancel();
        const grpc::Status end = stream->Finish();
        return caught_up ? grpc::Status::OK : end;
      });
  if (!status.ok()) return absl::UnavailableError(demo::Describe(status));
  return events;
}

absl::StatusOr<std::map<std::string, std::vector<CloudEvent>>> AllPublicEvents(
    demo::Platform& platform, const std::vector<std::string>& services) {
  std::map<std::string, std::vector<CloudEvent>> all;
  for (const std::string& name : services) {
    demo::Service* service = ServiceOf(platform, name);
    if (service == nullptr) continue;
    ASSIGN_OR_RETURN(all[name], PublicEventsOf(*service));
  }
  return all;
}

namespace {

// One person of a journey, and what is replaced in what is told of them.
struct Protagonist {
  const char* who;
  std::string crn, referral_id, reference, holder, other;
};

bool IsTold(const std::string& json, const std::string& crn, const std::string& referral_id) {
  return !crn.empty() &&
         (absl::StrContains(json, crn) || absl::StrContains(json, referral_id));
}

std::string Anonymous(const std::string& text, const Protagonist& person) {
  static const auto* const instants =
      new std::regex(R"re("\d{4}-\d\d-\d\dT[0-9:.]+Z")re");
  static const auto* const dates = new std::regex(R"re("\d{4}-\d\d-\d\d")re");
  std::string line = absl::StrReplaceAll(
      text, {{person.reference, "<reference>"},
             {person.referral_id, "<referral>"},
             {person.crn, "<person>"},
             {absl::StrCat("\"", person.holder, "\""), "\"<holder>\""},
             {absl::StrCat("\"", person.other, "\""), "\"<other>\""}});
  line = std::regex_replace(line, *instants, "\"<instant>\"");
  return std::regex_replace(line, *dates, "\"<date>\"");
}

}  // namespace

absl::StatusOr<Story> StoryOf(const std::map<std::string, std::vector<CloudEvent>>& all,
                              const demo::JourneyResult& journey) {
  if (journey.crn.empty() || journey.referral_id.empty()) {
    return absl::InvalidArgumentError("the journey has no person or no referral");
  }
  const Protagonist protagonists[] = {
      {"her", journey.crn, journey.referral_id, journey.reference, journey.holder, journey.other},
      {"his", journey.worker_crn, journey.worker_referral_id, journey.worker_reference,
       journey.worker_holder, journey.worker_other}};
  Story story;
  for (const auto& [service, events] : all) {
    for (const CloudEvent& event : events) {
      const std::string json = JsonOf(service, event);
      // What is told of the second woman is her own story.
      if (IsTold(json, journey.companion_crn, journey.companion_referral_id)) continue;
      for (const Protagonist& person : protagonists) {
        if (!IsTold(json, person.crn, person.referral_id)) continue;
        story[absl::StrCat(service, "/", event.area(), " ", person.who)].push_back(
            Anonymous(absl::StrCat(event.type(), " ", json), person));
      }
    }
  }
  return story;
}

std::string Difference(const Story& expected, const Story& actual) {
  std::string text;
  std::set<std::string> partitions;
  for (const auto& [partition, lines] : expected) partitions.insert(partition);
  for (const auto& [partition, lines] : actual) partitions.insert(partition);
  const auto lines_of = [](const Story& story, const std::string& partition) {
    const auto it = story.find(partition);
    return it == story.end() ? std::vector<std::string>() : it->second;
  };
  for (const std::string& partition : partitions) {
    const auto left = lines_of(expected, partition), right = lines_of(actual, partition);
    for (size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
      const std::string a = i < left.size() ? left[i] : "(nothing)";
      const std::string b = i < right.size() ? right[i] : "(nothing)";
      if (a == b) continue;
      absl::StrAppend(&text, partition, " event ", i, "\n  expected ", a, "\n  found    ", b, "\n");
      break;
    }
  }
  return text;
}

std::string Faults(demo::Platform& platform, const std::vector<std::string>& services) {
  std::string faults;
  for (const std::string& name : services) {
    demo::Service* service = ServiceOf(platform, name);
    if (service == nullptr) continue;
    const auto events = PublicEventsOf(*service);
    if (!events.ok()) {
      absl::StrAppend(&faults, name, ": ", events.status().message(), "\n");
      continue;
    }
    std::set<std::string> ids;
    std::map<std::string, std::pair<uint64_t, uint32_t>> at;
    for (const CloudEvent& event : *events) {
      if (!ids.insert(event.id()).second) absl::StrAppend(&faults, event.id(), " twice\n");
      if (event.id() != absl::StrCat(name, "/", event.area(), "/", event.seq(), "/",
                                     event.index())) {
        absl::StrAppend(&faults, event.id(), " is not its position\n");
      }
      const std::pair<uint64_t, uint32_t> position{event.seq(), event.index()};
      if (at.count(event.area()) > 0 && position <= at[event.area()]) {
        absl::StrAppend(&faults, event.id(), " comes after a later one\n");
      }
      at[event.area()] = position;
    }
    for (const char* area : kAreas) {
      common::v1::VerifyLogRequest request;
      request.set_area(area);
      common::v1::VerifyLogReply reply;
      const grpc::Status status = demo::Patiently(
          *service, [&](const std::shared_ptr<grpc::Channel>& channel,
                        grpc::ClientContext* context) {
            return common::v1::Admin::NewStub(channel)->VerifyLog(context, request, &reply);
          });
      if (!status.ok() || !reply.intact()) {
        absl::StrAppend(&faults, name, " ", area, ": ",
                        status.ok() ? reply.finding() : demo::Describe(status), "\n");
      }
    }
  }
  return faults;
}

}  // namespace pdp::system_test
