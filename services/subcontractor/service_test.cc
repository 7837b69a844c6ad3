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
  ~ServiceTest() override { std::filesystem::remove_all(folder_); }

  // Before the members of a derived fixture, its clock among them, are gone.
  void TearDown() override {
    if (host_ != nullptr) host_->Stop();
    host_.reset();
  }

  void SetUp() override {
    host::Options options;
    options.areas = {kN56, Area::Nat()};
    options.data_dir = (folder_ / "data").string();
    options.log = "memory";
    host_ = std::make_unique<host::ServiceHost>(options, engine::MakeDomain<Subcontractor>(),
                                                ToPublic, clock());
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

  // Runs on from a day inside the terms of the story, whatever the machine's date.
  virtual Clock& clock() { return from_september_; }
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

  static constexpr int64_t kStartSeconds = 1'758'358'800;  // 2025-09-20T09:00:00Z
  LateClock from_september_{Clock::System(),
                            Clock::System().Now() - absl::FromUnixSeconds(kStartSeconds)};
  const std::filesystem::path folder_;
  std::unique_ptr<host::ServiceHost> host_;
  std::unique_ptr<v1::SubcontractorService::Stub> stub_;
};

TEST_F(ServiceTest, AnActivatedSubcontractJoinsThePoolAndDrawsAreVerified) {
  const std::string today = FormatDate(LocalDate(clock().Now()));
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

// From delivery to the accepted statement, by the timers of the service: SUB-90, 91, 100, 107.
class StatementTest : public ServiceTest {
 protected:
  Clock& clock() override { return clock_; }
  void At(const char* instant) {
    absl::Time time;
    std::string error;
    ASSERT_TRUE(absl::ParseTime(absl::RFC3339_full, instant, &time, &error)) << error;
    clock_.Set(time);
  }
  std::string Accrue(const std::string& id, const std::string& more,
                     const std::string& service = "TSP") {
    return Execute(kSystem, absl::StrCat("accrue_fact { ", Fact(id, more, service), " }"), &reply_);
  }
  static std::string Fact(const std::string& id, const std::string& more,
                          const std::string& service) {
    return absl::StrCat("fact { fact_id: '", id, "' kind: ATTENDANCE service: '", service,
                        "' delivery_org: 'S01' area: 'N56' pdu: 'N56ESSEX' service_date: "
                        "'2025-09-10' code: 'ATTC' ",
                        more, " }");
  }
  v1::GetStatementReply Statement(const As& as) {
    v1::GetStatementRequest request;
    request.set_area("N56");
    request.set_statement_id("SC-1/2025-09");
    v1::GetStatementReply reply;
    Ask(&v1::SubcontractorService::Stub::GetStatement, as, request, &reply);
    return reply;
  }
  std::vector<v1::ChargeTaskView> Tasks(const As& as) {
    v1::ListChargeTasksRequest request;
    request.set_area("N56");
    *request.mutable_read()->add_min_position() = reply_.outcome().position();
    v1::ListChargeTasksReply reply;
    EXPECT_TRUE(Ask(&v1::SubcontractorService::Stub::ListChargeTasks, as, request, &reply).ok());
    return {reply.tasks().begin(), reply.tasks().end()};
  }
  // h_n over the journal as a party reads it (SUB-107).
  static std::string ChainOf(const v1::GetLedgerReply& ledger) {
    std::string hash(64, '0');
    for (const v1::JournalEntry& entry : ledger.entries()) {
      std::set<std::pair<std::string, int64_t>> rows;
      for (const v1::Posting& posting : entry.postings()) {
        rows.insert({v1::Account_Name(posting.account()), posting.amount_pence()});
      }
      std::string text = hash + "\n";
      for (const auto& [account, pence] : rows) {
        absl::StrAppend(&text, "SC-1|", entry.link().n(), "|", entry.link().event_id(), "|",
                        account, "|", pence, "\n");
      }
      hash = Sha256(text).hex();
    }
    return hash;
  }

  FakeClock clock_{absl::FromUnixSeconds(kStartSeconds)};
  v1::ExecuteReply reply_;
};

TEST_F(StatementTest, AMonthIsClosedDraftedAndAcceptedWithTheChainInIt) {
  SetUpContracts();
  ASSERT_EQ(Accrue("att/1", "quantity_centi: 200"), "");
  ASSERT_EQ(Accrue("att/2", "quantity_centi: 100 supersedes: 'att/1'"), "");
  ASSERT_EQ(Accrue("att/3", "quantity_centi: 100"), "");
  EXPECT_EQ(Statement(kAuthority).statement().statement_id(), "") << "the month is running";
  // Day 1 at 06:00 local: 05:00Z in summer time.
  At("2025-10-01T05:00:00Z");
  const As finance{"S01", {"FINANCE"}};
  ASSERT_TRUE(Eventually([&] { return Statement(finance).has_statement(); })) << "timers";
  const v1::StatementView drafted = Statement(finance).statement();
  EXPECT_EQ(drafted.status(), v1::STATEMENT_DRAFTED);
  ASSERT_EQ(drafted.lines_size(), 1);
  // 2 units at 145.50, reversed; 1 unit instead; 1 unit: 291.00 and 20 % of it.
  EXPECT_EQ(drafted.lines(0).charge_ids_size(), 4);
  EXPECT_EQ(drafted.net_pence(), 29'100);
  EXPECT_EQ(drafted.lines(0).vat_rate_bp(), 2'000);
  EXPECT_EQ(drafted.vat_pence(), 5'820);

  v1::GetLedgerRequest get;
  get.set_area("N56");
  get.set_subcontract_id("SC-1");
  *get.mutable_read()->add_min_position() = reply_.outcome().position();
  v1::GetLedgerReply ledger;
  ASSERT_TRUE(
      Ask(&v1::SubcontractorService::Stub::GetLedger, {"P01", {"FINANCE"}}, get, &ledger).ok());
  EXPECT_EQ(ledger.entries_size(), 4);
  EXPECT_EQ(drafted.ledger().n(), 4u);
  EXPECT_EQ(drafted.ledger().hash_hex(), ChainOf(ledger)) << "both parties can recompute it";

  const std::string accept = "accept_statement { statement_id: 'SC-1/2025-09' }";
  EXPECT_EQ(Execute({"P01", {"FINANCE"}}, accept), "NOT_AUTHORISED");
  EXPECT_EQ(Execute({"S01", {"READER"}}, accept), "FUNCTION_REQUIRED");
  ASSERT_EQ(Execute(finance, accept, &reply_), "");
  EXPECT_EQ(Statement(finance).statement().status(), v1::STATEMENT_ACCEPTED);
  EXPECT_EQ(Execute(finance, accept), "STATE_FORBIDS_COMMAND");

  v1::ListChargesRequest list;
  list.set_area("N56");
  list.set_subcontract_id("SC-1");
  list.set_state(v1::CHARGE_ACCRUED);
  *list.mutable_read()->add_min_position() = reply_.outcome().position();
  v1::ListChargesReply charges;
  ASSERT_TRUE(
      Ask(&v1::SubcontractorService::Stub::ListCharges, finance, list, &charges).ok());
  ASSERT_EQ(charges.charges_size(), 2);
  for (const v1::ChargeView& row : charges.charges()) {
    EXPECT_EQ(row.statement_id(), "SC-1/2025-09");
  }
  // What comes now stands on the next one.
  ASSERT_EQ(Accrue("att/4", "quantity_centi: 100"), "");
  EXPECT_EQ(Statement(finance).statement().net_pence(), 29'100);
}

TEST_F(StatementTest, AFactWithoutAPriceIsATaskOfItsPartiesAndTheAuthority) {
  SetUpContracts();
  EXPECT_EQ(Accrue("att/1", "quantity_centi: 100", "BBR"), "NO_PRICE_RULE");
  ASSERT_EQ(Execute(kSystem,
                    absl::StrCat("raise_charge_task { ",
                                 Fact("att/1", "quantity_centi: 100", "BBR"),
                                 " code: 'NO_PRICE_RULE' }"),
                    &reply_),
            "");
  for (const As& as : {kAuthority, As{"S01", {"FINANCE"}}, As{"P01", {"FINANCE"}}}) {
    const auto tasks = Tasks(as);
    ASSERT_EQ(tasks.size(), 1u) << as.organisation;
    EXPECT_EQ(tasks[0].code(), "NO_PRICE_RULE");
    EXPECT_EQ(tasks[0].raised_on(), "2025-09-20");
  }
  EXPECT_TRUE(Tasks({"S02", {"FINANCE"}}).empty());
  EXPECT_EQ(Execute(kAuthority, "retry_charge { fact_id: 'att/1' }"), "NO_PRICE_RULE");
  ASSERT_EQ(Execute(kSystem,
                    absl::StrCat("reverse_fact { ",
                                 Fact("att/1/x", "supersedes: 'att/1' cancelled: true", "BBR"),
                                 " }"),
                    &reply_),
            "");
  EXPECT_TRUE(Tasks(kAuthority).empty());
}

TEST_F(StatementTest, ASubcontractEndsAfterItsLastDayAndItsMemberLeaves) {
  ASSERT_EQ(Execute(kAuthority,
                    "open_pool { service: 'TSP' prime_org: 'P01' mode: STRICT tie: TIE_ID "
                    "members { org: 'P01' services: 'TSP' geography: 'N56ESSEX' from: "
                    "'2025-01-01' } shares { org: 'P01' share_ppm: 1000000 } signed_by: 'P01' }"),
            "");
  SetUpContracts();
  ASSERT_TRUE(Eventually([&] { return Pool().members_size() == 2; })) << "PoolKeeper";
  EXPECT_EQ(Execute({"S01", {"ADMIN"}},
                    "end_subcontract { subcontract_id: 'SC-1' on: '2025-09-30' reason: 'x' }"),
            "NOTICE_TOO_SHORT");
  ASSERT_EQ(Execute(kAuthority,
                    "end_subcontract { subcontract_id: 'SC-1' on: '2025-09-30' reason: 'x' }"),
            "");
  EXPECT_EQ(Pool().members_size(), 2);
  At("2025-10-01T00:00:00+01:00");
  EXPECT_TRUE(Eventually([&] { return Pool().members_size() == 1; })) << "timer, then PoolKeeper";
}

}  // namespace
}  // namespace pdp::subcontractor
