#ifndef PDP_SERVICES_PROGRAMMES_TESTING_SERVICE_FIXTURE_H_
#define PDP_SERVICES_PROGRAMMES_TESTING_SERVICE_FIXTURE_H_

// Longer than the house rule because one fixture, a whole service with its neighbours, serves all.

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "libs/base/calendar.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "pdp/programmes/v1/public_events.pb.h"
#include "pdp/programmes/v1/service.grpc.pb.h"
#include "services/programmes/testing/fake_peers.h"
#include "services/programmes/testing/service_process.h"

// The service as it ships: its binary as a process of its own on the embedded log, its neighbours
// played by the test, everything over gRPC. Dates are relative to the day of the run: the service
// runs on the real clock.

namespace pdp::programmes {

namespace ref = referral::v1;

struct As {
  std::string organisation;
  std::vector<std::string> roles;
};
inline const As kScheduler{"S01", {"SCH", "PM"}}, kFacilitator{"S01", {"FAC", "TM"}},
    kManager{"S01", {"PM", "TM"}}, kStranger{"S02", {"SCH", "PM", "TM", "FAC"}},
    kSystem{"", {"SYS"}}, kOfficer{"", {"RO"}};

inline std::string Day(int from_today) {
  return FormatDate(LocalDate(Clock::System().Now()) + from_today);
}
// 20:00 of a day: behind every session of it.
inline absl::Time Evening(const std::string& date) {
  return LocalInstant(*ParseDate(date), 20 * 60);
}

class ServiceTest : public ::testing::Test {
 protected:
  ServiceTest()
      : folder_(std::filesystem::temp_directory_path() /
                absl::StrCat("pdp_programmes_", CommandId(Random::System().Bytes(16)).hex())) {
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ / "kek") << std::string(64, 'b') << "\n";
    ::chmod((folder_ / "kek").c_str(), 0600);
    Serve("referral", {&referral_feed_, &referral_});
    Serve("subcontractor", {&subcontractor_feed_});
    Serve("unpaid_work", {&unpaid_work_feed_});
  }
  ~ServiceTest() override {
    process_.Kill();
    for (FakeFeed* feed : {&referral_feed_, &subcontractor_feed_, &unpaid_work_feed_}) feed->Stop();
    for (const auto& server : servers_) server->Shutdown(std::chrono::system_clock::now());
    std::filesystem::remove_all(folder_);
  }
  void Serve(const std::string& service, std::vector<grpc::Service*> parts) {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    for (grpc::Service* part : parts) builder.RegisterService(part);
    servers_.push_back(builder.BuildAndStart());
    peers_.push_back(absl::StrCat(service, "=127.0.0.1:", port));
  }
  void SetUp() override { ASSERT_NO_FATAL_FAILURE(StartService()); }

  void StartService() {
    const std::string address = process_.Start(
        PDP_BINARY_DIR "/bin/pdp-programmes",
        {"--areas", "N56,NAT", "--data", folder_ / "data", "--kek-file", folder_ / "kek", "--peers",
         absl::StrJoin(peers_, ",")});
    ASSERT_FALSE(address.empty()) << "the service did not start";
    channel_ = grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
    stub_ = v1::ProgrammesService::NewStub(channel_);
  }
  void KillAndRestart() {
    process_.Kill();
    ASSERT_NO_FATAL_FAILURE(StartService());
  }

  static void FillActor(const As& as, common::v1::Actor* actor) {
    actor->set_id("test");
    actor->set_organisation(as.organisation);
    for (const std::string& role : as.roles) actor->add_roles(role);
  }
  static std::string ReasonOf(const grpc::Status& status) {
    if (status.ok()) return "";
    const auto details = rpc::FromStatus(status);
    return details.ok() ? details->reason : status.error_message();
  }
  // The reason of a refusal, empty when it took effect; `violations_` holds what failed.
  std::string Execute(const As& as, const std::string& text, absl::Time at = absl::InfinitePast()) {
    v1::ExecuteRequest request;
    request.set_area("N56");
    request.mutable_header()->set_command_id(Random::System().Bytes(16));
    FillActor(as, request.mutable_header()->mutable_actor());
    if (at != absl::InfinitePast()) {
      request.mutable_header()->mutable_occurred_at()->set_seconds(absl::ToUnixSeconds(at));
    }
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, request.mutable_command()))
        << text;
    return Send(request);
  }
  std::string Send(const v1::ExecuteRequest& request) {
    grpc::ClientContext context;
    Deadline(context);
    last_ = request;
    reply_.Clear();
    violations_.clear();
    const grpc::Status status = stub_->Execute(&context, request, &reply_);
    if (!status.ok()) {
      const auto details = rpc::FromStatus(status);
      if (details.ok()) {
        for (const auto& violation : details->violations) violations_.insert(violation.code);
      }
    }
    return ReasonOf(status);
  }
  static void Deadline(grpc::ClientContext& context) {
    context.set_wait_for_ready(true);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
  }
  template <typename Request, typename Reply>
  grpc::Status Ask(grpc::Status (v1::ProgrammesService::Stub::*method)(grpc::ClientContext*,
                                                                       const Request&, Reply*),
                   const As& as, Request request, Reply* reply) {
    request.set_area("N56");
    if constexpr (requires { request.mutable_actor(); }) FillActor(as, request.mutable_actor());
    // Read your writes.
    if constexpr (requires { request.mutable_read(); }) {
      if (reply_.outcome().has_position()) {
        *request.mutable_read()->add_min_position() = reply_.outcome().position();
      }
    }
    grpc::ClientContext context;
    Deadline(context);
    reply->Clear();
    return (stub_.get()->*method)(&context, request, reply);
  }
  // Asks again until it holds: what processes do comes a little later.
  static bool Eventually(const std::function<bool()>& holds) {
    const absl::Time deadline = Clock::System().Now() + absl::Seconds(30);
    while (!holds()) {
      if (Clock::System().Now() > deadline) return false;
    }
    return true;
  }

  v1::Enrolment Enrolment(const std::string& id) {
    v1::GetEnrolmentRequest request;
    request.set_enrolment_id(id);
    v1::GetEnrolmentReply reply;
    Ask(&v1::ProgrammesService::Stub::GetEnrolment, kSystem, request, &reply);
    return reply.enrolment();
  }
  bool Reaches(const std::string& id, v1::EnrolmentStatus status) {
    return Eventually([&] { return Enrolment(id).status() == status; });
  }
  v1::Group Group(const std::string& id) {
    v1::GetGroupRequest request;
    request.set_group_id(id);
    v1::GetGroupReply reply;
    EXPECT_TRUE(Ask(&v1::ProgrammesService::Stub::GetGroup, kScheduler, request, &reply).ok());
    return reply.group();
  }
  std::vector<v1::Task> TaskList(const std::string& kind) {
    v1::ListTasksRequest request;
    request.set_kind(kind);
    v1::ListTasksReply reply;
    EXPECT_TRUE(Ask(&v1::ProgrammesService::Stub::ListTasks, kSystem, request, &reply).ok());
    return {reply.tasks().begin(), reply.tasks().end()};
  }
  // All public events so far, in order.
  std::vector<common::v1::CloudEvent> PublicEvents() {
    common::v1::SubscribeRequest request;
    request.add_after()->set_area("N56");
    grpc::ClientContext context;
    Deadline(context);
    auto stream = common::v1::EventFeed::NewStub(channel_)->Subscribe(&context, request);
    std::vector<common::v1::CloudEvent> events;
    common::v1::SubscribeReply reply;
    while (stream->Read(&reply) && reply.has_event()) events.push_back(reply.event());
    context.TryCancel();
    stream->Finish();
    return events;
  }
  static v1::PublicEvent DataOf(const common::v1::CloudEvent& event) {
    v1::PublicEvent data;
    EXPECT_TRUE(data.ParseFromString(event.data()));
    return data;
  }

  // What referral says of a man of 30 with five points of need, on a community order.
  void KnowReferral(const std::string& id, const std::string& crn) {
    ref::GetReferralReply reply;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
        absl::StrCat("area: 'N56' pdu: 'N56ESSEX' line: 'PROGRAMME' route: 'SI_COG' "
                     "version_ref: 'COG-GEN/1' state: ACCEPTED version: 12 person_version: 3 "
                     "sentence_version: 1 decision { outcome: ROUTED version_ref: 'COG-GEN/1' } "
                     "person { identity { name { family: 'Fieldsecret' } sex: 'M' date_of_birth: "
                     "'1990-02-03' } needs { written { language: 'en' formats: 'STANDARD' } } } "
                     "sentence { order_kind: 'COMMUNITY' end_on: '",
                     Day(500), "' }"),
        &reply));
    reply.set_referral_id(id);
    reply.set_crn(crn);
    reply.set_sentence_key(absl::StrCat(crn, "/1"));
    reply.set_requirement_key(absl::StrCat(crn, "/1/2"));
    referral_.Put(reply);
  }
  // The same with more said of it.
  void KnowReferral(const std::string& id, const std::string& crn, const std::string& more) {
    KnowReferral(id, crn);
    ref::GetReferralReply reply = referral_.Get(id);
    ref::GetReferralReply added;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(more, &added)) << more;
    reply.MergeFrom(added);
    referral_.Put(reply);
  }
  template <typename PublicEvent>
  common::v1::CloudEvent PublishInNat(const std::string& subject, const PublicEvent& data) {
    return referral_feed_.Publish("NAT", subject, Evening(Day(-1)), data);
  }
  common::v1::CloudEvent Accept(const std::string& id, const std::string& crn,
                                const std::string& org = "S01", int round = 1) {
    KnowReferral(id, crn);
    return PublishAccepted(id, org, round);
  }
  common::v1::CloudEvent PublishAccepted(const std::string& id, const std::string& org = "S01",
                                         int round = 1, const std::string& version = "COG-GEN/1") {
    ref::PublicEvent data;
    auto* accepted = data.mutable_referral_accepted();
    accepted->set_referral_id(id);
    accepted->set_round(round);
    accepted->set_version(12);
    accepted->set_org(org);
    accepted->set_line("PROGRAMME");
    accepted->set_route("SI_COG");
    accepted->set_version_ref(version);
    accepted->set_pdu("N56ESSEX");
    accepted->set_stratum("MEDIUM");
    accepted->set_submitted_on(Day(-130));
    accepted->add_tokens("WRITTEN:en:STANDARD");
    return referral_feed_.Publish("N56", absl::StrCat("referral/", id), Evening(Day(-120)),
                         data);
  }

  // Two facilitators, a site, a group of COG-GEN that began 100 days ago, with these people.
  void ScheduleGroup(const std::vector<std::string>& enrolments) {
    for (const char* staff : {"F1", "F2"}) {
      ASSERT_EQ(Execute(kManager, absl::StrCat("register_facilitator { staff_id: '", staff,
                                               "' org: 'S01' }")), "");
      ASSERT_EQ(Execute(kManager, absl::StrCat("record_capability { staff_id: '", staff,
                                               "' capability { kind: 'PROG:COG-GEN' gained_on: "
                                               "'2019-01-01' } }")), "");
    }
    ASSERT_EQ(Execute(kScheduler, "register_site { site_id: 'ST1' pdu: 'N56ESSEX' opens_min: 480 "
                                  "closes_min: 1260 }"), "");
    ASSERT_EQ(Execute(kScheduler,
                      "put_room { site_id: 'ST1' room_id: 'R1' capacity: 14 }"), "");
    const absl::Time before = Evening(Day(-110));
    ASSERT_EQ(Execute(kScheduler,
                      absl::StrCat("open_group { group_id: 'G1' code: 'COG-N56-001' version_ref: "
                                   "'COG-GEN/1' delivery_org: 'S01' site_id: 'ST1' sex_mode: MIXED "
                                   "slots { iso_weekday: 3 start_min: 600 } earliest_start: '",
                                   Day(-100), "' }"),
                      before), "");
    ASSERT_EQ(Execute(kScheduler, "assign_staff { group_id: 'G1' staff { staff_id: 'F1' order: 1 } "
                                  "staff { staff_id: 'F2' order: 2 } }", before), "");
    for (const std::string& id : enrolments) {
      ASSERT_EQ(Execute(kFacilitator,
                        absl::StrCat("confirm_suitability { enrolment_id: '", id, "' }"),
                        Evening(Day(-115))), "");
    }
    ASSERT_EQ(Execute(kScheduler,
                      absl::StrCat("allocate_members { group_id: 'G1' enrolment_ids: ['",
                                   absl::StrJoin(enrolments, "', '"), "'] }"),
                      before), "");
    ASSERT_EQ(Execute(kScheduler, "generate_schedule { group_id: 'G1' }", before), "");
    ASSERT_EQ(Execute(kScheduler, "confirm_group { group_id: 'G1' }", before), "");
  }
  // The register of a group session: everybody attended, but those named with another code.
  std::string Register(const v1::Session& session, const std::vector<std::string>& enrolments,
                       const std::string& absent = "", const std::string& code = "") {
    std::string text = absl::StrCat("record_attendance { session_id: '", session.session_id(),
                                    "' close: true ");
    for (const std::string& id : enrolments) {
      absl::StrAppend(&text, "entries { enrolment_id: '", id, "' ",
                      id == absent ? absl::StrCat("code: '", code, "'")
                                   : absl::StrCat("code: 'ATTC' minutes_present: ",
                                                  session.minutes()),
                      " } ");
    }
    return Execute(kFacilitator, absl::StrCat(text, "}"), Evening(session.date()));
  }
  // A session with one person, held and attended.
  void HoldIndividual(const std::string& enrolment, const std::string& row, const std::string& date,
                      int start_min) {
    ASSERT_EQ(Execute(kFacilitator,
                      absl::StrCat("schedule_individual { enrolment_id: '", enrolment, "' row: '",
                                   row, "' date: '", date, "' start_min: ", start_min,
                                   " minutes: 60 staff: 'F1' }"),
                      Evening(Day(-105))), "") << row;
    ASSERT_EQ(Execute(kFacilitator,
                      absl::StrCat("record_attendance { session_id: '", enrolment, "/", row,
                                   "/1' close: true entries { enrolment_id: '", enrolment,
                                   "' code: 'ATTC' minutes_present: 60 } }"),
                      Evening(date)), "") << row;
  }

  const std::filesystem::path folder_;
  FakeFeed referral_feed_{"referral"};
  FakeFeed subcontractor_feed_{"subcontractor"};
  FakeFeed unpaid_work_feed_{"unpaid_work"};
  FakeReferral referral_;
  std::vector<std::unique_ptr<grpc::Server>> servers_;
  std::vector<std::string> peers_;
  ServiceProcess process_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::ProgrammesService::Stub> stub_;
  v1::ExecuteRequest last_;
  v1::ExecuteReply reply_;
  std::set<std::string> violations_;
};

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_TESTING_SERVICE_FIXTURE_H_
