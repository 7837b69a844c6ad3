// Bad input against every running service: a clear refusal with a stable reason, every bad field
// named, and nothing written.

#include <memory>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"
#include "grpcpp/generic/generic_stub.h"
#include "gtest/gtest.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"
#include "libs/rpc/status.h"
#include "pdp/common/v1/admin_service.grpc.pb.h"
#include "pdp/gateway/v1/gateway_service.grpc.pb.h"
#include "tests/system/processes.h"
#include "tests/system/story.h"
#include "tools/demo/area.h"

namespace pdp::system_test {
namespace {

using google::protobuf::Message;

// A command that each service takes on an empty log, and what makes another one of it.
struct Subject {
  const char* service;
  // "Referral" of ReferralService.
  const char* name;
  const char* area;
  const char* role;
  const char* command;
  // The same command with another content; `%` stands for a number of its own in both.
  const char* other;
  // A command on something that is there, for the check of its version.
  const char* change_area;
  const char* change_role;
  const char* change;
  // What has to be there first, in `area` and by `role`; null: nothing.
  const char* before = nullptr;
};
constexpr Subject kSubjects[] = {
    {"referral", "Referral", "NAT", "RO",
     "register_person { crn: 'T91000%' home_area: 'N56' pdu: 'N56ESX' identity { name { given: 'A'"
     " family: 'B' } sex: 'F' date_of_birth: '1990-01-01' } }",
     "register_person { crn: 'T91000%' home_area: 'N56' pdu: 'N56NFK' identity { name { given: 'A'"
     " family: 'B' } sex: 'F' date_of_birth: '1990-01-01' } }",
     "NAT", "RO",
     "correct_identity { crn: 'T910005' identity { name { given: 'C' family: 'D' } } }"},
    {"subcontractor", "Subcontractor", "NAT", "A",
     "register_organisation { organisation { org_id: 'S9%' legal_name: 'Example' kind: CHARITY"
     " structure: SINGLE_ORGANISATION } }",
     "register_organisation { organisation { org_id: 'S9%' legal_name: 'Another' kind: CHARITY"
     " structure: SINGLE_ORGANISATION } }",
     "N56", "A", "activate_contract { contract_id: 'PC-N56' }"},
    {"programmes", "Programmes", "N56", "SCH",
     "open_group { group_id: 'G9%' code: 'COG-W-N56-9%' version_ref: 'COG-W/1' delivery_org: 'S01'"
     " site_id: 'SITE9' sex_mode: WOMEN slots { iso_weekday: 2 start_min: 600 } earliest_start:"
     " '2026-01-06' }",
     "open_group { group_id: 'G9%' code: 'COG-W-N56-9%' version_ref: 'COG-W/1' delivery_org: 'S01'"
     " site_id: 'SITE9' sex_mode: WOMEN slots { iso_weekday: 3 start_min: 600 } earliest_start:"
     " '2026-01-06' }",
     "N56", "SCH", "generate_schedule { group_id: 'G95' }",
     "register_site { site_id: 'SITE9' pdu: 'N56ESX' opens_min: 480 closes_min: 1260 }"},
    {"unpaid_work", "UnpaidWork", "N56", "CO",
     "register_supervisor { staff_id: 'SU9%' org: 'S01' sex: 'F' }",
     "register_supervisor { staff_id: 'SU9%' org: 'S01' sex: 'M' }",
     "N56", "CO", "record_staff_absence { staff_id: 'SU95' absence { } }"},
};

const Subject* SubjectOf(const std::string& service) {
  for (const Subject& subject : kSubjects) {
    if (service == subject.service) return &subject;
  }
  return nullptr;
}

class World : public ::testing::Environment {
 public:
  void TearDown() override {
    if (processes_ == nullptr) return;
    EXPECT_OK(processes_->StopAll());
    processes_.reset();
  }
  absl::Status Open() {
    if (platform_ != nullptr) return absl::OkStatus();
    processes_ = std::make_unique<Processes>(Processes::Options());
    absl::Status started = processes_->StartAll();
    if (!started.ok()) return started;
    auto platform = demo::Platform::Open(processes_->dir());
    if (!platform.ok()) return platform.status();
    demo::AreaOptions area;
    area.first_day = LocalDate(absl::Now());
    absl::Status filled = demo::SetUpSupplyChain((*platform)->subcontractor, area);
    if (!filled.ok()) return filled;
    platform_ = *std::move(platform);
    return absl::OkStatus();
  }
  std::unique_ptr<Processes> processes_;
  std::unique_ptr<demo::Platform> platform_;
};
World* const world = static_cast<World*>(::testing::AddGlobalTestEnvironment(new World));

class BadInputTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    ASSERT_OK(world->Open());
    subject_ = SubjectOf(GetParam());
    ASSERT_NE(subject_, nullptr) << "a new service needs a row in kSubjects";
    service_ = ServiceOf(*world->platform_, GetParam());
    if (subject_->before != nullptr) {
      ASSERT_TRUE(Send(*Make(subject_->area, subject_->role, subject_->before)).ok());
    }
  }

  // A good request; `n` makes it another aggregate.
  std::unique_ptr<Message> Good(int n, bool other = false) const {
    return Make(subject_->area, subject_->role,
                absl::StrReplaceAll(other ? subject_->other : subject_->command,
                                    {{"%", absl::StrCat(n)}}));
  }
  std::unique_ptr<Message> Make(const char* area, const char* role,
                                const std::string& command) const {
    const auto* type = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
        absl::StrCat("pdp.", subject_->service, ".v1.ExecuteRequest"));
    std::unique_ptr<Message> request(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
    const std::string text =
        absl::StrCat("header { actor { id: 'tester' roles: '", role, "' } } area: '", area,
                     "' command { ", command, " }");
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, request.get())) << text;
    HeaderOf(request.get())->set_command_id(Random::System().Bytes(16));
    return request;
  }
  static common::v1::CommandHeader* HeaderOf(Message* request) {
    return static_cast<common::v1::CommandHeader*>(request->GetReflection()->MutableMessage(
        request, request->GetDescriptor()->FindFieldByName("header")));
  }
  static void SetArea(Message* request, const std::string& area) {
    request->GetReflection()->SetString(request, request->GetDescriptor()->FindFieldByName("area"),
                                        area);
  }
  // The message of the one command that is set.
  static Message* CommandOf(Message* request) {
    Message* command = request->GetReflection()->MutableMessage(
        request, request->GetDescriptor()->FindFieldByName("command"));
    std::vector<const google::protobuf::FieldDescriptor*> set;
    command->GetReflection()->ListFields(*command, &set);
    return command->GetReflection()->MutableMessage(command, set.at(0));
  }

  // Execute with any bytes.
  grpc::Status Send(const std::string& bytes, absl::Duration timeout = absl::Seconds(20)) const {
    grpc::GenericStub stub(service_->channel());
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
    grpc::CompletionQueue queue;
    const grpc::Slice slice(bytes);
    auto call = stub.PrepareUnaryCall(
        &context,
        absl::StrCat("/pdp.", subject_->service, ".v1.", subject_->name, "Service/Execute"),
        grpc::ByteBuffer(&slice, 1), &queue);
    call->StartCall();
    grpc::ByteBuffer reply;
    grpc::Status status;
    call->Finish(&reply, &status, nullptr);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    return status;
  }
  grpc::Status Send(const Message& request) const { return Send(request.SerializeAsString()); }

  // The ids of the commands of test requests that took effect in both cells. What processes do
  // beside them, and barriers, does not count.
  std::set<std::string> Commits() const {
    const auto one = Good(0), two = Make(subject_->change_area, subject_->change_role,
                                         subject_->change);
    const std::string types[] = {CommandOf(one.get())->GetDescriptor()->name(),
                                 CommandOf(two.get())->GetDescriptor()->name()};
    std::set<std::string> ids;
    for (const char* area : {"N56", "NAT"}) {
      uint64_t from = 0;
      while (true) {
        common::v1::ReadRecordsRequest request;
        request.set_area(area);
        request.set_from_seq(from);
        request.set_limit(100);
        common::v1::ReadRecordsReply reply;
        grpc::ClientContext context;
        const grpc::Status status = common::v1::Admin::NewStub(service_->channel())
                                        ->ReadRecords(&context, request, &reply);
        EXPECT_TRUE(status.ok()) << demo::Describe(status);
        uint64_t last = from;
        for (const auto& record : reply.records()) {
          if (record.kind() == "Commit" &&
              (record.command_type() == types[0] || record.command_type() == types[1])) {
            ids.insert(record.command_id_hex());
          }
          last = std::max(last, record.position().seq());
        }
        if (reply.records_size() < 100) break;
        from = last + 1;
      }
    }
    return ids;
  }

  // Refused with these, every field of `fields` named, and nothing written.
  void ExpectRefused(const std::string& bytes, grpc::StatusCode code, const std::string& reason,
                     const std::set<std::string>& fields = {}) const {
    const std::set<std::string> before = Commits();
    const grpc::Status status = Send(bytes);
    EXPECT_EQ(status.error_code(), code) << demo::Describe(status);
    EXPECT_EQ(demo::ReasonOf(status), reason) << demo::Describe(status);
    if (!reason.empty()) {
      const auto error = rpc::FromStatus(status);
      ASSERT_OK(error);
      EXPECT_EQ(error->domain, subject_->service);
      std::set<std::string> named;
      for (const auto& violation : error->violations) named.insert(violation.field);
      for (const std::string& field : fields) {
        EXPECT_EQ(named.count(field), 1u) << field << " in " << demo::Describe(status);
      }
    }
    EXPECT_EQ(Commits(), before);
  }

  const Subject* subject_ = nullptr;
  demo::Service* service_ = nullptr;
};

TEST_P(BadInputTest, UnknownFieldsAreRefusedWhereverTheyStand) {
  const auto request = Good(1);
  request->GetReflection()->MutableUnknownFields(request.get())->AddVarint(900, 1);
  auto* header = HeaderOf(request.get());
  header->GetReflection()->MutableUnknownFields(header)->AddLengthDelimited(901, "x");
  Message* command = CommandOf(request.get());
  command->GetReflection()->MutableUnknownFields(command)->AddFixed32(902, 7);
  std::set<std::string> fields = {"#900", "header#901"};
  const std::string bytes = request->SerializeAsString();
  ExpectRefused(bytes, grpc::StatusCode::INVALID_ARGUMENT, "VALIDATION_FAILED", fields);
  const auto error = rpc::FromStatus(Send(bytes));
  EXPECT_EQ(error->violations.size(), 3u);
}

TEST_P(BadInputTest, AFieldOfAnotherWireTypeIsNoFieldOfOurs) {
  const auto request = Good(1);
  // `area` (a string) as a number.
  request->GetReflection()->ClearField(request.get(),
                                       request->GetDescriptor()->FindFieldByName("area"));
  const int number = request->GetDescriptor()->FindFieldByName("area")->number();
  request->GetReflection()->MutableUnknownFields(request.get())->AddVarint(number, 56);
  ExpectRefused(request->SerializeAsString(), grpc::StatusCode::INVALID_ARGUMENT,
                "VALIDATION_FAILED", {absl::StrCat("#", number), "area"});
}

TEST_P(BadInputTest, BytesThatAreNoMessageAreRefused) {
  const std::set<std::string> before = Commits();
  for (const std::string& bytes : {std::string("\x0a\xff\xff\xff\xff\x0f"), std::string("garbage"),
                                   std::string(1000, '\xff')}) {
    EXPECT_FALSE(Send(bytes).ok());
  }
  EXPECT_EQ(Commits(), before);
}

TEST_P(BadInputTest, HeaderAreaAndCommandAreCheckedTogether) {
  const auto request = Good(1);
  HeaderOf(request.get())->set_command_id("short");
  HeaderOf(request.get())->mutable_occurred_at()->set_nanos(-1);
  SetArea(request.get(), "X99");
  request->GetReflection()->ClearField(request.get(),
                                       request->GetDescriptor()->FindFieldByName("command"));
  ExpectRefused(request->SerializeAsString(), grpc::StatusCode::INVALID_ARGUMENT,
                "VALIDATION_FAILED",
                {"header.command_id", "header.occurred_at", "area", "command"});
}

TEST_P(BadInputTest, AnAreaThatIsNotHostedHereSaysSo) {
  const auto request = Good(1);
  SetArea(request.get(), "N07");
  ExpectRefused(request->SerializeAsString(), grpc::StatusCode::UNAVAILABLE, "CELL_NOT_HOSTED");
}

TEST_P(BadInputTest, TooLongAStringAndTooLargeAMessageAreRefused) {
  const auto request = Good(1);
  HeaderOf(request.get())->set_correlation_id(std::string(64 * 1024 + 1, 'x'));
  ExpectRefused(request->SerializeAsString(), grpc::StatusCode::INVALID_ARGUMENT,
                "VALIDATION_FAILED", {"header.correlation_id"});
  HeaderOf(request.get())->set_correlation_id(std::string(5 * 1024 * 1024, 'x'));
  ExpectRefused(request->SerializeAsString(), grpc::StatusCode::RESOURCE_EXHAUSTED, "");
}

TEST_P(BadInputTest, ACallThatCannotBeInTimeLeavesNothingHalfDone) {
  const std::set<std::string> before = Commits();
  const auto expired = Good(2);
  EXPECT_EQ(Send(expired->SerializeAsString(), -absl::Seconds(1)).error_code(),
            grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_EQ(Commits(), before);
  // The outcome is not known; the same id again makes it known, and once.
  const auto hurried = Good(3);
  (void)Send(hurried->SerializeAsString(), absl::Milliseconds(2));
  EXPECT_TRUE(Send(*hurried).ok());
  EXPECT_TRUE(Send(*hurried).ok());
  EXPECT_EQ(Commits().size(), before.size() + 1);
}

TEST_P(BadInputTest, ACommandIdIsForOneCommand) {
  const auto first = Good(4);
  ASSERT_TRUE(Send(*first).ok());
  const auto second = Good(4, /*other=*/true);
  *HeaderOf(second.get()) = *HeaderOf(first.get());
  ExpectRefused(second->SerializeAsString(), grpc::StatusCode::ALREADY_EXISTS,
                "COMMAND_ID_REUSED");
  // A repeat is no bad input.
  EXPECT_TRUE(Send(*first).ok());
}

TEST_P(BadInputTest, AStaleVersionIsRefused) {
  ASSERT_TRUE(Send(*Good(5)).ok());
  const auto request = Make(subject_->change_area, subject_->change_role, subject_->change);
  HeaderOf(request.get())->set_expected_version(40);
  ExpectRefused(request->SerializeAsString(), grpc::StatusCode::ABORTED, "VERSION_CONFLICT");
}

TEST_P(BadInputTest, NobodyInParticularMayDoNothing) {
  const auto request = Good(6);
  HeaderOf(request.get())->mutable_actor()->clear_roles();
  ExpectRefused(request->SerializeAsString(), grpc::StatusCode::PERMISSION_DENIED,
                "NOT_AUTHORISED");
}

INSTANTIATE_TEST_SUITE_P(Services, BadInputTest, ::testing::ValuesIn([] {
                           std::vector<std::string> services = Processes::ServicesBuilt();
                           // The gateway has no Execute; its own tests are below.
                           services.pop_back();
                           return services;
                         }()),
                         [](const auto& info) { return info.param; });

// The gateway: every bad field of one request, and nothing forwarded.
TEST(GatewayBadInputTest, BadFieldsAreNamedAndNothingIsForwarded) {
  ASSERT_OK(world->Open());
  namespace gv1 = gateway::v1;
  const auto refused = [](const auto& request, auto method, auto* reply) {
    return world->platform_->gateway.Call<gv1::Allocations>("S01-delivery", method, request, reply);
  };
  gv1::AcceptOfferRequest accept;
  accept.set_name("pools/N56-TSP/offers/r~1");
  accept.set_request_id("123e4567-e89b-42d3-a456-426614174000");
  accept.GetReflection()->MutableUnknownFields(&accept)->AddVarint(900, 1);
  accept.set_etag(std::string(70'000, 'x'));
  gv1::AcceptOfferReply accepted;
  grpc::Status status = refused(accept, &gv1::Allocations::Stub::AcceptOffer, &accepted);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  const auto error = rpc::FromStatus(status);
  ASSERT_OK(error);
  EXPECT_EQ(error->reason, "VALIDATION_FAILED");
  EXPECT_EQ(error->domain, "gateway");
  std::set<std::string> named;
  for (const auto& violation : error->violations) named.insert(violation.field);
  EXPECT_EQ(named, (std::set<std::string>{"#900", "etag"}));
  gv1::ListOffersRequest list;
  list.set_parent("pools/N56-TSP");
  list.set_page_token("forged");
  gv1::ListOffersReply offers;
  EXPECT_EQ(demo::ReasonOf(refused(list, &gv1::Allocations::Stub::ListOffers, &offers)),
            "PAGE_TOKEN_INVALID");
  // What may not be seen comes before what is wrong with the page.
  list.set_parent("pools/N56-NOPE");
  EXPECT_EQ(demo::ReasonOf(refused(list, &gv1::Allocations::Stub::ListOffers, &offers)),
            "NOT_VISIBLE");
}

}  // namespace
}  // namespace pdp::system_test
