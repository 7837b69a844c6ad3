// The service as a whole over gRPC: real host, log in memory, own processes.

#include "services/subcontractor/service.h"

#include <filesystem>
#include <functional>
#include <set>

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "libs/base/hash.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/domain.h"
#include "libs/rpc/status.h"
#include "services/subcontractor/domain/story.h"
#include "services/subcontractor/processes/followers.h"
#include "services/subcontractor/processes/seed_keeper.h"
#include "services/subcontractor/projections/money.h"
#include "services/subcontractor/projections/pool_trace.h"
#include "services/subcontractor/projections/subcontracts.h"
#include "services/subcontractor/public_events.h"

namespace pdp::subcontractor {
namespace {

const Area kN56 = *Area::FromCode("N56");

struct As {
  std::string organisation;
  std::vector<std::string> roles;
};
const As kSystem{"", {"SYS"}};
const As kAuthority{"", {"A"}};

class ServiceTest : public ::testing::Test {
 protected:
  ServiceTest()
      : folder_(std::filesystem::temp_directory_path() /
                absl::StrCat("pdp_subcontractor_", CommandId(Random::System().Bytes(16)).hex())) {
    std::filesystem::create_directories(folder_);
  }
  ~ServiceTest() override {
    if (host_ != nullptr) host_->Stop();
    host_.reset();
    std::filesystem::remove_all(folder_);
  }

  void SetUp() override {
    host::Options options;
    options.areas = {kN56, Area::Nat()};
    options.data_dir = (folder_ / "data").string();
    options.log = "memory";
    host_ = std::make_unique<host::ServiceHost>(options, engine::MakeDomain<Subcontractor>(),
                                                ToPublic);
    host_->AddProjection(std::make_unique<Subcontracts>());
    host_->AddProjection(std::make_unique<PoolTrace>());
    host_->AddProjection(std::make_unique<Money>());
    using ProcessPtr = std::unique_ptr<projection::Process>;
    host_->AddProcess([](Area area) -> ProcessPtr {
      return area.is_nat() ? nullptr : std::make_unique<PoolKeeper>();
    });
    host_->AddProcess([](Area area) -> ProcessPtr {
      return area.is_nat() ? nullptr : std::make_unique<OrganisationFollower>();
    });
    host_->AddProcess([](Area area) -> ProcessPtr {
      return area.is_nat() ? nullptr : std::make_unique<SeedKeeper>(Random::System());
    });
    host_->AddGrpcService(std::make_unique<SubcontractorServiceImpl>(*host_));
    ASSERT_OK(host_->Start());
    stub_ = v1::SubcontractorService::NewStub(grpc::CreateChannel(
        absl::StrCat("127.0.0.1:", host_->port()), grpc::InsecureChannelCredentials()));
  }

  // The reason of a refusal, empty when it took effect.
  std::string Execute(const As& as, const std::string& text, v1::ExecuteReply* reply = nullptr,
                      const std::string& area = "N56") {
    v1::ExecuteRequest request;
    request.set_area(area);
    request.mutable_header()->set_command_id(Random::System().Bytes(16));
    FillActor(as, request.mutable_header()->mutable_actor());
    *request.mutable_command() = Parse(text);
    v1::ExecuteReply own;
    grpc::ClientContext context;
    Deadline(context);
    if (reply == nullptr) reply = &own;
    const grpc::Status status = stub_->Execute(&context, request, reply);
    return status.ok() ? "" : rpc::FromStatus(status)->reason;
  }
  static void FillActor(const As& as, common::v1::Actor* actor) {
    actor->set_id("test");
    actor->set_organisation(as.organisation);
    for (const std::string& role : as.roles) actor->add_roles(role);
  }
  static void Deadline(grpc::ClientContext& context) {
    context.set_wait_for_ready(true);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  }
  template <typename Request, typename Reply>
  grpc::Status Ask(grpc::Status (v1::SubcontractorService::Stub::*method)(grpc::ClientContext*,
                                                                          const Request&, Reply*),
                   const As& as, Request request, Reply* reply) {
    FillActor(as, request.mutable_actor());
    grpc::ClientContext context;
    Deadline(context);
    reply->Clear();
    return (stub_.get()->*method)(&context, request, reply);
  }
  // Asks again until it holds: what processes do comes a little later.
  static bool Eventually(const std::function<bool()>& holds) {
    const absl::Time deadline = Clock::System().Now() + absl::Seconds(20);
    while (!holds()) {
      if (Clock::System().Now() > deadline) return false;
    }
    return true;
  }
  v1::GetPoolReply Pool(const As& as = kAuthority) {
    v1::GetPoolRequest request;
    request.set_area("N56");
    request.set_service("TSP");
    v1::GetPoolReply reply;
    Ask(&v1::SubcontractorService::Stub::GetPool, as, request, &reply);
    return reply;
  }

  // PC-1 active and SC-1 of S01 active, with a price for attendance.
  void SetUpContracts() {
    v1::ExecuteReply reply;
    ASSERT_EQ(Execute(kAuthority,
                      "register_organisation { organisation { org_id: 'S01' legal_name: 'Harbour' "
                      "kind: CHARITY structure: SINGLE_ORGANISATION } }",
                      nullptr, "NAT"),
              "");
    ASSERT_EQ(Execute(kSystem,
                      absl::StrCat("create_prime_contract { contract_id: 'PC-1' terms { ",
                                   Story::kTerms, " } }"),
                      &reply),
              "");
    std::string hash = reply.reply().create_prime_contract().sha256_hex();
    const As prime{"P01", {"ADMIN"}}, sub{"S01", {"ADMIN"}};
    for (const auto& [as, party] : {std::pair{kAuthority, "PARTY_AUTHORITY"},
                                    std::pair{prime, "PARTY_PRIME"}}) {
      ASSERT_EQ(Execute(as, absl::StrCat("sign_contract { contract_id: 'PC-1' party: ", party,
                                         " sha256_hex: '", hash, "' }")),
                "");
    }
    ASSERT_EQ(Execute(kAuthority, "activate_contract { contract_id: 'PC-1' }"), "");
    ASSERT_EQ(Execute(prime,
                      absl::StrCat("propose_subcontract { subcontract_id: 'SC-1' contract_id: "
                                   "'PC-1' org: 'S01' sheet { ",
                                   Story::Sheet(""), " } }"),
                      &reply),
              "");
    hash = reply.reply().propose_subcontract().sha256_hex();
    for (const As& as : {prime, sub}) {
      ASSERT_EQ(Execute(as, absl::StrCat("sign_subcontract { subcontract_id: 'SC-1' sha256_hex: '",
                                         hash, "' }")),
                "");
    }
  }

  const std::filesystem::path folder_;
  std::unique_ptr<host::ServiceHost> host_;
  std::unique_ptr<v1::SubcontractorService::Stub> stub_;
};

TEST_F(ServiceTest, AnActivatedSubcontractJoinsThePoolAndDrawsAreVerified) {
  const std::string today = FormatDate(LocalDate(Clock::System().Now()));
  ASSERT_EQ(Execute(kAuthority,
                    "open_pool { service: 'TSP' prime_org: 'P01' mode: STRICT tie: TIE_HMAC "
                    "members { org: 'P01' services: 'TSP' geography: 'N56ESSEX' from: "
                    "'2025-01-01' } shares { org: 'P01' share_ppm: 1000000 } signed_by: 'P01' }"),
            "");
  SetUpContracts();
  ASSERT_TRUE(Eventually([&] { return Pool().members_size() == 2; })) << "PoolKeeper";
  ASSERT_EQ(Execute(kAuthority,
                    absl::StrCat("agree_shares { service: 'TSP' effective_from: '", today,
                                 "' shares { org: 'P01' share_ppm: 500000 } shares { org: 'S01' "
                                 "share_ppm: 500000 } signed_by: ['P01', 'S01'] }")),
            "");
  // Draws by HMAC wait for the seed of the day, which the keeper commits.
  v1::ExecuteReply reply;
  ASSERT_TRUE(Eventually([&] {
    static int n = 0;
    EXPECT_EQ(Execute(kSystem,
                      absl::StrCat("apportion { referral_id: 'W", ++n,
                                   "' round: 1 pdu: 'N56ESSEX' service: 'TSP' stratum: 'LOW' "
                                   "instrument: 'DIFF-1' }"),
                      &reply),
              "");
    return reply.reply().apportion().status() == v1::APPORTIONED;
  })) << "SeedKeeper";
  for (int i = 0; i < 6; ++i) {
    ASSERT_EQ(Execute(kSystem,
                      absl::StrCat("apportion { referral_id: 'R", i,
                                   "' round: 1 pdu: 'N56ESSEX' service: 'TSP' stratum: 'LOW' "
                                   "instrument: 'DIFF-1' tokens: 'FEMALE_FACILITATOR' }"),
                      &reply),
              "");
    EXPECT_EQ(reply.reply().apportion().org(), "S01") << "only S01 has female facilitators";
  }
  v1::VerifyPoolRequest verify;
  verify.set_area("N56");
  verify.set_service("TSP");
  *verify.mutable_read()->add_min_position() = reply.outcome().position();
  v1::VerifyPoolReply verified;
  ASSERT_TRUE(
      Ask(&v1::SubcontractorService::Stub::VerifyPool, kAuthority, verify, &verified).ok());
  EXPECT_TRUE(verified.intact()) << verified.finding();
  EXPECT_GE(verified.draws(), 7u);

  // A member sees every draw, others' referrals as pseudonyms; pages neither lose nor repeat.
  v1::ListDrawsRequest list;
  list.set_area("N56");
  list.set_service("TSP");
  list.mutable_page()->set_page_size(3);
  std::set<uint64_t> seen;
  int own = 0;
  do {
    v1::ListDrawsReply draws;
    ASSERT_TRUE(Ask(&v1::SubcontractorService::Stub::ListDraws, {"P01", {"DELIVERY"}}, list,
                    &draws).ok());
    for (const v1::DrawView& view : draws.draws()) {
      EXPECT_TRUE(seen.insert(view.draw_no()).second);
      EXPECT_EQ(view.pseudonym(), view.draw().winner() != "P01");
      if (view.pseudonym()) {
        EXPECT_EQ(view.draw().request().referral_id().size(), 32u);
        EXPECT_TRUE(view.draw().request().tokens().empty());
      } else {
        ++own;
      }
    }
    list.mutable_page()->set_page_token(draws.next_page_token());
  } while (!list.page().page_token().empty());
  EXPECT_EQ(seen.size(), verified.draws());
}

TEST_F(ServiceTest, OutsidersAndTheAbsentLookTheSame) {
  SetUpContracts();
  v1::GetSubcontractRequest get;
  get.set_area("N56");
  v1::GetSubcontractReply found;
  const auto ask = [&](const As& as, const std::string& id) {
    get.set_subcontract_id(id);
    return Ask(&v1::SubcontractorService::Stub::GetSubcontract, as, get, &found);
  };
  EXPECT_TRUE(ask({"S01", {"READER"}}, "SC-1").ok());
  EXPECT_EQ(found.subcontract().status(), v1::SUBCONTRACT_ACTIVE);
  EXPECT_EQ(found.version(), 4u) << "proposed, two signatures, activated";
  EXPECT_TRUE(ask({"P01", {"READER"}}, "SC-1").ok());
  EXPECT_EQ(ask({"S02", {"ADMIN"}}, "SC-1").error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ask({"S02", {"ADMIN"}}, "SC-9").error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ask({"", {}}, "SC-1").error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(ServiceTest, AFactBecomesAChargeInListAndLedger) {
  SetUpContracts();
  v1::ExecuteReply reply;
  ASSERT_EQ(
      Execute(kSystem,
              "accrue_fact { fact { fact_id: 'programmes/att/1/e/1' kind: ATTENDANCE service: "
              "'TSP' delivery_org: 'S01' area: 'N56' pdu: 'N56ESSEX' service_date: "
              "'2025-08-10' quantity_centi: 100 code: 'ATTC' } }",
              &reply),
      "");
  v1::ListChargesRequest list;
  list.set_area("N56");
  list.set_subcontract_id("SC-1");
  *list.mutable_read()->add_min_position() = reply.outcome().position();
  v1::ListChargesReply charges;
  ASSERT_TRUE(Ask(&v1::SubcontractorService::Stub::ListCharges, {"S01", {"FINANCE"}}, list,
                  &charges).ok());
  ASSERT_EQ(charges.charges_size(), 1);
  EXPECT_EQ(charges.charges(0).charge().amount_pence(), 14'550);
  v1::GetLedgerRequest get;
  get.set_area("N56");
  get.set_subcontract_id("SC-1");
  v1::GetLedgerReply ledger;
  ASSERT_TRUE(
      Ask(&v1::SubcontractorService::Stub::GetLedger, {"P01", {"FINANCE"}}, get, &ledger).ok());
  ASSERT_EQ(ledger.entries_size(), 1);
  EXPECT_EQ(ledger.head().hash_hex(), ledger.entries(0).link().hash_hex());
  int64_t sum = 0;
  for (const auto& balance : ledger.balances()) sum += balance.amount_pence();
  EXPECT_EQ(sum, 0);
}

}  // namespace
}  // namespace pdp::subcontractor
