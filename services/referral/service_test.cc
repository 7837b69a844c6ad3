#include "services/referral/service.h"

#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"
#include "libs/base/calendar.h"
#include "libs/engine/cell.h"
#include "libs/engine/domain.h"
#include "libs/projection/publisher.h"
#include "libs/rpc/reason_registry.h"
#include "libs/rpc/status.h"
#include "pdp/subcontractor/v1/service.grpc.pb.h"
#include "services/referral/domain/domain.h"
#include "services/referral/processes/court_requirements.h"
#include "services/referral/processes/deciding.h"
#include "services/referral/processes/delivery_facts.h"
#include "services/referral/processes/life_events.h"
#include "services/referral/processes/organisations.h"
#include "services/referral/processes/placement.h"
#include "services/referral/processes/reevaluation.h"
#include "services/referral/processes/transfers.h"
#include "services/referral/public_events.h"
#include "services/referral/views.h"

// The service through its gRPC surface, with its processes, on an embedded log; subcontractor is
// played by a server that draws the organisation the test names.
namespace pdp::referral {
namespace {

namespace sub = subcontractor::v1;

class FakeSubcontractor final : public sub::SubcontractorService::Service {
 public:
  grpc::Status Execute(grpc::ServerContext*, const sub::ExecuteRequest* request,
                       sub::ExecuteReply* reply) override {
    std::lock_guard<std::mutex> lock(mutex_);
    const sub::Command& command = request->command();
    if (command.has_settle()) {
      calls_.push_back(
          absl::StrCat("Settle ", sub::SettleOutcome_Name(command.settle().outcome())));
      return grpc::Status::OK;
    }
    const sub::Apportion& apportion = command.apportion();
    calls_.push_back(absl::StrCat("Apportion ", apportion.service(), " round ", apportion.round(),
                                  " without ", apportion.excluded_orgs_size()));
    sub::ApportionReply* drawn = reply->mutable_reply()->mutable_apportion();
    drawn->set_apportionment_id(absl::StrCat(apportion.referral_id(), "/", apportion.round()));
    drawn->set_status(sub::APPORTIONED);
    drawn->set_org(apportion.round() == 1 ? "ORG-A" : "ORG-B");
    return grpc::Status::OK;
  }
  std::vector<std::string> calls() {
    std::lock_guard<std::mutex> lock(mutex_);
    return calls_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> calls_;
};

class ServiceTest : public ::testing::Test {
 protected:
  ServiceTest()
      : folder_(std::filesystem::temp_directory_path() /
                absl::StrCat("pdp_referral_", CommandId(Random::System().Bytes(16)).hex())) {
    std::filesystem::create_directories(folder_);
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&subcontractor_);
    server_ = builder.BuildAndStart();
    host::Options options;
    options.areas = {*Area::FromCode("N56"), Area::Nat()};
    options.data_dir = folder_ / "data";
    options.log = "memory";
    options.peers["subcontractor"] = absl::StrCat("127.0.0.1:", port);
    host_ = std::make_unique<host::ServiceHost>(options, engine::MakeDomain<ReferralDomain>(),
                                                ToPublic, clock_);
    Wire(*host_);
    EXPECT_OK(host_->Start());
    channel_ = grpc::CreateChannel(absl::StrCat("127.0.0.1:", host_->port()),
                                   grpc::InsecureChannelCredentials());
    stub_ = v1::ReferralService::NewStub(channel_);
  }
  ~ServiceTest() override {
    host_->Stop();
    server_->Shutdown();
    std::filesystem::remove_all(folder_);
  }

  static void Wire(host::ServiceHost& host) {
    AddViews(host);
    const auto in_areas = [&host](auto make) {
      host.AddProcess([make](Area area) -> std::unique_ptr<projection::Process> {
        if (area.is_nat()) return nullptr;
        return make();
      });
    };
    in_areas([&host] { return std::make_unique<CourtRequirements>(host); });
    in_areas([&host] { return std::make_unique<SlotKeeper>(host); });
    in_areas([&host] { return std::make_unique<Deciding>(host, Estimator()); });
    in_areas([&host] { return std::make_unique<Placement>(host); });
    in_areas([] { return std::make_unique<Apportioned>(); });
    in_areas([&host] { return std::make_unique<DeliveryFacts>(host); });
    in_areas([] { return std::make_unique<Organisations>(); });
    in_areas([&host] { return std::make_unique<LifeEvents>(host); });
    in_areas([] { return std::make_unique<AccessFollower>(); });
    in_areas([&host] { return std::make_unique<Reevaluation>(host); });
    in_areas([] { return std::make_unique<CaseTransfers>(); });
    in_areas([&host] { return std::make_unique<Handoffs>(host); });
    host.AddGrpcService(std::make_unique<ReferralServiceImpl>(host));
  }

  // Sends a command; "" when accepted, else the reason.
  std::string Send(const char* area, const char* role, const std::string& text,
                   const std::string& org = "") {
    v1::ExecuteRequest request;
    request.mutable_header()->set_command_id(Random::System().Bytes(16));
    request.mutable_header()->mutable_actor()->set_id(absl::StrCat("staff-", role));
    request.mutable_header()->mutable_actor()->add_roles(role);
    request.mutable_header()->mutable_actor()->set_organisation(org);
    request.set_area(area);
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, request.mutable_command()))
        << text;
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    reply_.Clear();
    last_ = request;
    const grpc::Status status = stub_->Execute(&context, request, &reply_);
    return status.ok() ? "" : Reason(status);
  }
  static std::string Reason(const grpc::Status& status) {
    const auto details = rpc::FromStatus(status);
    return details.ok() && !details->reason.empty() ? details->reason : status.error_message();
  }
  grpc::Status Get(const std::string& role, const std::string& org, v1::GetReferralReply* reply) {
    v1::GetReferralRequest request;
    request.set_area("N56");
    request.set_referral_id(id_);
    request.mutable_actor()->add_roles(role);
    request.mutable_actor()->set_organisation(org);
    grpc::ClientContext context;
    reply->Clear();
    return stub_->GetReferral(&context, request, reply);
  }
  // Until the condition holds, 20 s at most.
  template <typename Condition>
  bool Eventually(Condition condition) {
    const absl::Time deadline = Clock::System().Now() + absl::Seconds(20);
    while (Clock::System().Now() < deadline) {
      if (condition()) return true;
    }
    return false;
  }
  bool Reaches(v1::ReferralState state) {
    return Eventually([&] {
      v1::GetReferralReply reply;
      return Get("SYS", "", &reply).ok() && reply.state() == state;
    });
  }
  v1::CaseListReply ListCases(const std::string& role, const std::string& org) {
    v1::CaseListRequest request;
    request.set_area("N56");
    request.mutable_actor()->add_roles(role);
    request.mutable_actor()->set_organisation(org);
    *request.mutable_read()->add_min_position() =
        host_->cell(*Area::FromCode("N56"))->position();
    v1::CaseListReply reply;
    grpc::ClientContext context;
    EXPECT_TRUE(stub_->CaseList(&context, request, &reply).ok());
    return reply;
  }
  v1::OfferInboxReply Inbox(const std::string& org) {
    v1::OfferInboxRequest request;
    request.set_area("N56");
    request.mutable_actor()->add_roles("PV");
    request.mutable_actor()->set_organisation(org);
    *request.mutable_read()->add_min_position() =
        host_->cell(*Area::FromCode("N56"))->position();
    v1::OfferInboxReply reply;
    grpc::ClientContext context;
    EXPECT_TRUE(stub_->OfferInbox(&context, request, &reply).ok());
    return reply;
  }

  // Dates relative to the service's day.
  std::string Day(int from_today) { return FormatDate(LocalDate(clock_.Now()) + from_today); }
  void RegisterPersonAndSentence() {
    EXPECT_EQ(Send("NAT", "RO", "register_person { crn: 'Z000001' home_area: 'N56' pdu: 'PDU1' "
                   "identity { name { given: 'Samuelname' family: 'Fieldsecret' } sex: 'M' "
                   "date_of_birth: '1990-01-01' contact { address: '1 High Street' } } }"), "");
    EXPECT_EQ(
        Send("NAT", "CF",
             absl::StrCat(
                 "register_sentence { crn: 'Z000001' event_no: 1 order_type: '201' sentenced_on: '",
                 Day(-60), "' end_on: '", Day(700),
                 "' area: 'N56' offences { code: 'O1' main: true sexual: MARK_NO "
                 "extremism: MARK_NO domestic_abuse: MARK_NO } requirements { no: 1 kind: 'RAR' "
                 "length: 30 "
                 "unit: 'DAYS' imposed_on: '",
                 Day(-60),
                 "' } requirements { no: 2 ext_main: 'W' length: 80 "
                 "unit: 'HOURS' imposed_on: '",
                 Day(-60), "' } }")),
        "");
  }
  std::string SubmitProgramme() {
    EXPECT_EQ(Send("N56", "RO",
                   "open_referral { crn: 'Z000001' line: 'PROGRAMME' need: 'COGNITIVE' "
                   "sentence_key: 'Z000001/1' requirement_key: 'Z000001/1/1' }"),
              "");
    id_ = reply_.reply().open_referral().referral_id();
    for (const std::string& section : std::vector<std::string>{
             "person { name { family: 'Fieldsecret' } date_of_birth: '1990-01-01' sex: 'M' }",
             "contact { address: '1 High Street' }",
             "needs { written { language: 'en' formats: 'STANDARD' } interpreter { needed: NO } "
             "learning_difficulty { screening: 'NO' } reading { reads_simple_sentences: YES } "
             "access { step_free: NO hearing_loop: NO private_room: NO prayer_space: NO "
             "personal_care_space: NO quiet_space: NO } }",
             absl::StrCat("sentence { sentence_key: 'Z000001/1' confirmed_on: '", Day(0), "' }"),
             "need_type { need: 'COGNITIVE' }",
             absl::StrCat("risk { assessed_on: '", Day(-10),
                          "' ogrs3_bp: 6200 substance_stable: true "
                          "acute_mh: false items { i2_6: 1 i7_2: 1 i11_4: 1 i11_6: 1 i11_7: 1 } }"),
             "availability { has_fixed_times: NO }"}) {
      EXPECT_EQ(Send("N56", "RO", absl::StrCat("save_section { referral_id: '", id_, "' section { ",
                                               section, " } }")), "");
    }
    return Send("N56", "RO", absl::StrCat("submit_referral { referral_id: '", id_, "' }"));
  }

  // Runs on from 2025-09-01T09:00:00Z, inside the calendar whatever the machine's date.
  LateClock clock_{Clock::System(), Clock::System().Now() - absl::FromUnixSeconds(1'756'717'200)};
  std::filesystem::path folder_;
  FakeSubcontractor subcontractor_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<host::ServiceHost> host_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::ReferralService::Stub> stub_;
  v1::ExecuteReply reply_;
  v1::ExecuteRequest last_;
  std::string id_;
};

TEST_F(ServiceTest, ASubmittedReferralIsDecidedOfferedDeclinedAndAcceptedByTheNext) {
  RegisterPersonAndSentence();
  ASSERT_EQ(SubmitProgramme(), "");
  ASSERT_TRUE(Reaches(v1::OFFERED));
  v1::GetReferralReply reply;
  // REF-61, REF-92: the offered organisation sees the sheet, another nothing.
  ASSERT_TRUE(Get("PV", "ORG-A", &reply).ok());
  EXPECT_EQ(reply.sheet().route(), "TSP");
  EXPECT_EQ(reply.crn(), "");
  EXPECT_FALSE(reply.has_person());
  EXPECT_EQ(Get("PV", "ORG-B", &reply).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Inbox("ORG-A").offers_size(), 1);
  EXPECT_EQ(Inbox("ORG-B").offers_size(), 0);
  EXPECT_EQ(Send("N56", "PV", absl::StrCat("decline_offer { referral_id: '", id_, "' round: 1 "
                 "code: 'NO_CAPACITY_PUBLISHED' }"), "ORG-A"), "");
  ASSERT_TRUE(Eventually([&] { return Inbox("ORG-B").offers_size() == 1; }));
  EXPECT_EQ(Inbox("ORG-A").offers_size(), 0);
  EXPECT_EQ(Send("N56", "PV", absl::StrCat("accept_offer { referral_id: '", id_, "' round: 2 }"),
                 "ORG-B"), "");
  ASSERT_TRUE(Get("PV", "ORG-B", &reply).ok());
  EXPECT_EQ(reply.person().identity().name().family(), "Fieldsecret");
  EXPECT_EQ(reply.sentence().order_kind(), "COMMUNITY");
  EXPECT_EQ(reply.requirement().kind(), "RAR");
  EXPECT_EQ(reply.holder_org(), "ORG-B");
  EXPECT_GT(reply.decision().trace_size(), 0);
  EXPECT_EQ(Get("PV", "ORG-A", &reply).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ListCases("PV", "ORG-B").cases_size(), 1);
  EXPECT_EQ(ListCases("PV", "ORG-A").cases_size(), 0);
  ASSERT_TRUE(Eventually([&] { return subcontractor_.calls().size() == 4; }));
  EXPECT_EQ(subcontractor_.calls(),
            (std::vector<std::string>{"Apportion TSP round 1 without 0", "Settle DECLINED",
                                      "Apportion TSP round 2 without 1", "Settle ACCEPTED"}));
}

TEST_F(ServiceTest, ACourtRequirementOpensOneReferralWithItsSlot) {
  RegisterPersonAndSentence();
  id_ = "56c49957-80f5-5aed-9f45-d4e25e6034fb";  // W-8.
  ASSERT_TRUE(Reaches(v1::DRAFT));
  ASSERT_TRUE(Eventually([&] {
    v1::GetReferralReply reply;
    return Get("RO", "", &reply).ok() && reply.person().slots_size() == 1 &&
           reply.person().slots(0).key() == "UPW|Z000001/1/2";
  }));
}

TEST_F(ServiceTest, ASecondSubmissionForTheSameSlotIsADuplicateAndWithdrawingFreesIt) {
  RegisterPersonAndSentence();
  ASSERT_EQ(SubmitProgramme(), "");
  ASSERT_TRUE(Reaches(v1::OFFERED));
  const std::string first = id_;
  EXPECT_EQ(SubmitProgramme(), "DUPLICATE_OPEN_REFERRAL");
  const std::string second = id_;
  id_ = first;
  EXPECT_EQ(Send("N56", "RO", absl::StrCat("withdraw_referral { referral_id: '", first,
                                           "' code: 'MOV' }")), "");
  ASSERT_TRUE(Eventually([&] {
    v1::GetReferralReply reply;
    if (!Get("RO", "", &reply).ok()) return false;
    for (const v1::Slot& slot : reply.person().slots()) {
      if (slot.referral_id() == first) return false;
    }
    return true;
  }));
  EXPECT_EQ(Send("N56", "RO", absl::StrCat("submit_referral { referral_id: '", second, "' }")), "");
}

TEST_F(ServiceTest, ARepeatWithTheSameCommandIdGetsTheFirstOutcome) {
  RegisterPersonAndSentence();
  ASSERT_EQ(SubmitProgramme(), "");
  ASSERT_TRUE(Reaches(v1::OFFERED));
  grpc::ClientContext context;
  v1::ExecuteReply again;
  const grpc::Status status = stub_->Execute(&context, last_, &again);
  ASSERT_TRUE(status.ok()) << Reason(status);
  EXPECT_TRUE(again.outcome().duplicate());
}

TEST_F(ServiceTest, PublicEventsHoldNoPersonalData) {
  RegisterPersonAndSentence();
  ASSERT_EQ(SubmitProgramme(), "");
  ASSERT_TRUE(Reaches(v1::OFFERED));
  std::set<std::string> types;
  for (const Area area : host_->areas()) {
    common::v1::ReadOptions read;
    *read.add_min_position() = host_->cell(area)->position();
    ASSERT_OK(host_->WaitFor(read, Clock::System().Now() + absl::Seconds(20), {}));
    ASSERT_OK_AND_ASSIGN(const auto events,
                         projection::ReadPublic(host_->rows("public"), area, Seq(0), 0, 1000));
    for (const common::v1::CloudEvent& event : events) {
      types.insert(event.type());
      for (const char* secret : {"Fieldsecret", "Samuelname", "1990-01-01", "High Street"}) {
        EXPECT_FALSE(absl::StrContains(event.data(), secret)) << event.type();
      }
    }
  }
  EXPECT_TRUE(types.contains("pdp.referral.v1.PersonRegistered"));
  EXPECT_TRUE(types.contains("pdp.referral.v1.ReferralOffered"));
}

// REF-90, REF-91: by id at once, in lists as soon as the area has the copy; pages stay full.
TEST_F(ServiceTest, ARestrictionTakesThePersonOutOfEveryReadAndAClearanceBringsThemBack) {
  RegisterPersonAndSentence();
  ASSERT_EQ(SubmitProgramme(), "");
  ASSERT_TRUE(Reaches(v1::OFFERED));
  v1::GetReferralReply reply;
  ASSERT_TRUE(Get("RO", "TEAM-X", &reply).ok());
  const int all = ListCases("RO", "TEAM-X").cases_size();
  EXPECT_GE(all, 1);
  ASSERT_EQ(Inbox("ORG-A").offers_size(), 1);
  ASSERT_EQ(Send("NAT", "DP", "restrict_access { crn: 'Z000001' list: 'EXCLUDED' entries { org: "
                              "'TEAM-X' } reason: 'a relative' }"),
            "");
  const grpc::Status denied = Get("RO", "TEAM-X", &reply);
  EXPECT_EQ(Reason(denied), "NOT_FOUND");
  EXPECT_TRUE(Get("RO", "TEAM-Y", &reply).ok());
  EXPECT_TRUE(Eventually([&] { return ListCases("RO", "TEAM-X").cases_size() == 0; }));
  EXPECT_EQ(ListCases("RO", "TEAM-Y").cases_size(), all);
  // No user of the organisation is cleared: its sheet is gone too.
  EXPECT_EQ(Inbox("ORG-A").offers_size(), 0);
  EXPECT_EQ(Reason(Get("PV", "ORG-A", &reply)), "NOT_FOUND");
  ASSERT_EQ(Send("NAT", "DP", "clear_for_access { crn: 'Z000001' entries { org: 'ORG-A' } reason: "
                              "'vetted' }"),
            "");
  EXPECT_TRUE(Eventually([&] { return Inbox("ORG-A").offers_size() == 1; }));
  EXPECT_TRUE(Get("PV", "ORG-A", &reply).ok());
}

// REF-25.
TEST_F(ServiceTest, ARevokedSentenceWithdrawsItsReferralAndDiscardsTheCourtsDraft) {
  RegisterPersonAndSentence();
  ASSERT_EQ(SubmitProgramme(), "");
  ASSERT_TRUE(Reaches(v1::OFFERED));
  ASSERT_EQ(Send("NAT", "CF", absl::StrCat("end_sentence { crn: 'Z000001' event_no: 1 cause: "
                                           "'REVOKED' on: '", Day(0), "' }")),
            "");
  EXPECT_TRUE(Reaches(v1::CONCLUDED));
  v1::GetReferralReply reply;
  ASSERT_TRUE(Get("SYS", "", &reply).ok());
  EXPECT_EQ(reply.ended().code(), "SER");
  EXPECT_TRUE(Eventually([&] {
    const v1::CaseListReply list = ListCases("AA", "");
    for (const v1::CaseRow& row : list.cases()) {
      if (row.line() == "UPW" && row.state() == v1::DISCARDED) return true;
    }
    return false;
  })) << "the draft of the unpaid work requirement";
}

TEST(ReasonCodesTest, EveryCodeOfTheDomainIsRegistered) {
  const auto& registry = rpc::ReasonRegistry::Global();
  std::set<std::string> missing;
  for (const auto& entry :
       std::filesystem::directory_iterator(PDP_SOURCE_DIR "/services/referral/domain")) {
    const std::string name = entry.path().filename();
    if (entry.path().extension() != ".cc" || absl::EndsWith(name, "_test.cc")) continue;
    std::ifstream file(entry.path());
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    for (const char* before : {"Reject(\"", ".code = \"", "add(\"", ".Add(\""}) {
      for (size_t at = text.find(before); at != std::string::npos; at = text.find(before, at + 1)) {
        const size_t from = at + std::string(before).size();
        const std::string code = text.substr(from, text.find('"', from) - from);
        const bool upper =
            code.size() > 3 &&
            code.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == std::string::npos;
        if (upper && registry.Find(code) == nullptr) missing.insert(code);
      }
    }
  }
  EXPECT_TRUE(missing.empty()) << ::testing::PrintToString(missing);
}

}  // namespace
}  // namespace pdp::referral
