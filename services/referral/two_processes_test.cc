// A person's data over two processes of the service: the rights of a person do not end where
// a process does.

#include <filesystem>
#include <fstream>

#include "gmock/gmock.h"
#include "libs/host/forward.h"
#include "services/referral/testing/service_world.h"

namespace pdp::referral {
namespace {

using ::testing::ElementsAre;

// NAT and N56 in two processes: each asks the other for what it does not keep.
class TwoProcessesTest : public ::testing::Test {
 protected:
  struct Process {
    std::filesystem::path folder;
    std::unique_ptr<host::ServiceHost> host;
    std::unique_ptr<v1::ReferralService::Stub> stub;
    std::string address() const { return absl::StrCat("127.0.0.1:", host->port()); }
  };

  TwoProcessesTest()
      : folder_(std::filesystem::temp_directory_path() /
                absl::StrCat("pdp_two_", CommandId(Random::System().Bytes(16)).hex())) {
    Start(Area::Nat(), "nat", &nat_);
    Start(*Area::FromCode("N56"), "area", &area_);
    // Each finds the other where a service finds its peers.
    std::ofstream(nat_.folder / "peers/referral.port") << area_.address() << "\n";
    std::ofstream(area_.folder / "peers/referral.port") << nat_.address() << "\n";
  }
  ~TwoProcessesTest() override {
    area_.host->Stop();
    nat_.host->Stop();
    std::filesystem::remove_all(folder_);
  }
  void Start(Area area, const char* name, Process* process) {
    process->folder = folder_ / name;
    std::filesystem::create_directories(process->folder);
    host::Options options;
    options.areas = {area};
    options.data_dir = process->folder / "data";
    options.peer_dir = process->folder / "peers";
    options.log = "memory";
    process->host = std::make_unique<host::ServiceHost>(
        options, engine::MakeDomain<ReferralDomain>(), ToPublic, clock_);
    AddViews(*process->host);
    process->host->AddGrpcService(std::make_unique<ReferralServiceImpl>(*process->host));
    ASSERT_OK(process->host->Start());
    process->stub = v1::ReferralService::NewStub(
        grpc::CreateChannel(process->address(), grpc::InsecureChannelCredentials()));
  }
  std::string Send(Process& process, const char* area, const std::string& role,
                   const std::string& text, const std::string& who = "somebody") {
    v1::ExecuteRequest request;
    request.mutable_header()->set_command_id(Random::System().Bytes(16));
    request.mutable_header()->mutable_actor()->set_id(who);
    request.mutable_header()->mutable_actor()->add_roles(role);
    request.set_area(area);
    EXPECT_TRUE(
        google::protobuf::TextFormat::ParseFromString(text, request.mutable_command())) << text;
    grpc::ClientContext context;
    reply_.Clear();
    const grpc::Status status = process.stub->Execute(&context, request, &reply_);
    if (status.ok()) return "";
    const auto details = rpc::FromStatus(status);
    return details.ok() && !details->reason.empty() ? details->reason : status.error_message();
  }
  // Titles of the sections, or the failure.
  std::vector<std::string> Titles(const std::string& request_id) {
    v1::SubjectBundleRequest request;
    request.set_request_id(request_id);
    request.mutable_actor()->set_id("dp");
    request.mutable_actor()->add_roles("DP");
    grpc::ClientContext context;
    auto reader = nat_.stub->SubjectBundle(&context, request);
    std::vector<std::string> titles;
    v1::SubjectBundlePart part;
    while (reader->Read(&part)) {
      if (part.has_section()) titles.push_back(part.section().title());
    }
    const grpc::Status status = reader->Finish();
    if (!status.ok()) return {absl::StrCat("failed ", status.error_code())};
    return titles;
  }

  std::string Day(int from_today) { return FormatDate(LocalDate(clock_.Now()) + from_today); }
  void Register() {
    ASSERT_EQ(Send(nat_, "NAT", "RO",
                   "register_person { crn: 'T000001' home_area: 'N56' pdu: 'N56ESX' identity { "
                   "name { family: 'Field' } sex: 'M' date_of_birth: '1990-01-01' } }"), "");
    ASSERT_EQ(Send(nat_, "NAT", "CF",
                   absl::StrCat("register_sentence { crn: 'T000001' event_no: 1 order_type: '201' "
                                "sentenced_on: '", Day(-60), "' end_on: '", Day(700),
                                "' area: 'N56' requirements { no: 1 kind: 'RAR' length: 30 unit: "
                                "'DAYS' imposed_on: '", Day(-60), "' } }")), "");
  }
  std::string Open() {
    EXPECT_EQ(Send(area_, "N56", "RO",
                   "open_referral { crn: 'T000001' line: 'PROGRAMME' need: 'COGNITIVE' pdu: "
                   "'N56ESX' sentence_key: 'T000001/1' requirement_key: 'T000001/1/1' }"), "");
    return reply_.reply().open_referral().referral_id();
  }
  std::string Submit(const std::string& id) {
    for (const std::string& section : WholeForm("T000001", Day(0), Day(-10))) {
      EXPECT_EQ(Send(area_, "N56", "RO",
                     absl::StrCat("save_section { referral_id: '", id, "' section { ", section,
                                  " } }")), "");
    }
    return Send(area_, "N56", "RO", absl::StrCat("submit_referral { referral_id: '", id, "' }"));
  }

  LateClock clock_{Clock::System(), Clock::System().Now() - absl::FromUnixSeconds(1'756'717'200)};
  std::filesystem::path folder_;
  Process nat_, area_;
  v1::ExecuteReply reply_;
};

// REF-101, REF-102.
TEST_F(TwoProcessesTest, AreasOfAnotherProcessAreAskedAndNeverLeftOut) {
  Register();
  const std::string referral = Open();
  const std::string reference = reply_.reply().open_referral().reference();
  ASSERT_EQ(Send(nat_, "NAT", "DP", "open_subject_request { crn: 'T000001' kind: ACCESS }"), "");
  const std::string access = reply_.reply().subject_request().request_id();
  ASSERT_EQ(Send(nat_, "NAT", "DP", "confirm_identity { request_id: '" + access + "' }"), "");
  EXPECT_THAT(Titles(access), ElementsAre("Person T000001", "Sentence T000001/1",
                                          "Referral " + reference));
  ASSERT_EQ(Send(nat_, "NAT", "DP", "open_subject_request { crn: 'T000001' kind: ERASURE basis: "
                                    "'COURT_ORDER' }", "dp-1"), "");
  const std::string approve = absl::StrCat("approve_erasure { request_id: '",
                                           reply_.reply().subject_request().request_id(), "' }");
  EXPECT_EQ(Send(nat_, "NAT", "DP", approve, "dp-2"), "OPEN_REFERRALS");
  ASSERT_EQ(Send(area_, "N56", "RO", "discard_draft { referral_id: '" + referral + "' }"), "");
  area_.host->Stop();
  EXPECT_THAT(Titles(access),
              ElementsAre(absl::StrCat("failed ", grpc::StatusCode::UNAVAILABLE)));
  EXPECT_NE(Send(nat_, "NAT", "DP", approve, "dp-2"), "") << "nothing is erased on a guess";
}

// REF-34: the slot is NAT's, the form the area's.
TEST_F(TwoProcessesTest, AFormIsSubmittedWhereNatIsLedByAnotherProcess) {
  Register();
  const std::string first = Open();
  ASSERT_EQ(Submit(first), "");
  EXPECT_EQ(reply_.outcome().position().area(), "N56");
  v1::GetPersonRequest request;
  request.set_crn("T000001");
  request.mutable_actor()->set_id("somebody");
  request.mutable_actor()->add_roles("RO");
  grpc::ClientContext context;
  v1::GetPersonReply person;
  ASSERT_TRUE(nat_.stub->GetPerson(&context, request, &person).ok());
  ASSERT_EQ(person.person().slots_size(), 1);
  EXPECT_EQ(person.person().slots(0).referral_id(), first);

  const std::string second = Open();
  EXPECT_EQ(Submit(second), "DUPLICATE_OPEN_REFERRAL");
  nat_.host->Stop();
  EXPECT_NE(Send(area_, "N56", "RO", "submit_referral { referral_id: '" + second + "' }"), "");
  const auto draft = area_.host->cell(*Area::FromCode("N56"))->ReadState(ReferralId(second));
  ASSERT_OK(draft.status());
  EXPECT_EQ(static_cast<const v1::State&>(*draft->state).referral().state(), v1::DRAFT);
}

// What a process of an area asks of NAT is executed where NAT is led: the same outcome, once.
TEST_F(TwoProcessesTest, ACommandOfAProcessIsExecutedByTheProcessThatLeadsTheCell) {
  ASSERT_EQ(Send(nat_, "NAT", "RO",
                 "register_person { crn: 'Z000001' home_area: 'N56' pdu: 'PDU1' identity { name { "
                 "family: 'Field' } date_of_birth: '1990-01-01' sex: 'M' } }"), "");
  const auto reserve = [&](const std::string& id, const std::string& referral) {
    auto command = std::make_shared<v1::Command>();
    command->mutable_reserve_slot()->set_crn("Z000001");
    command->mutable_reserve_slot()->set_key("COGNITIVE|Z000001/1");
    command->mutable_reserve_slot()->set_referral_id(referral);
    engine::CommandRequest request;
    request.header.set_command_id(std::string(DerivedCommandId(id, "slot").bytes()));
    request.header.mutable_actor()->set_id("process");
    request.header.mutable_actor()->add_roles("SYS");
    request.command = std::move(command);
    return host::Forward("referral",
                         grpc::CreateChannel(nat_.address(), grpc::InsecureChannelCredentials()),
                         Area::Nat(), request, absl::Seconds(5));
  };
  const engine::CommandOutcome first = reserve("event-1", "r1");
  ASSERT_TRUE(first.committed());
  EXPECT_EQ(std::get<engine::Committed>(first.result).outcome.position().area(), "NAT");
  const engine::CommandOutcome again = reserve("event-1", "r1");
  ASSERT_TRUE(again.committed());
  EXPECT_TRUE(std::get<engine::Committed>(again.result).outcome.duplicate());
  EXPECT_EQ(projection::RefusalOf(reserve("event-2", "r2")), "SLOT_HELD");
  nat_.host->Stop();
  EXPECT_EQ(projection::Done(reserve("event-3", "r3")).code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace pdp::referral
