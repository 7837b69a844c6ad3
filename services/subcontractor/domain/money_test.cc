// Prices, facts, period close, statements and the ledger: SUB-90 to 92, 100, 105 to 107; worked
// examples W13 and W14.

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/subcontractor/domain/arithmetic.h"
#include "services/subcontractor/domain/ledger.h"
#include "services/subcontractor/domain/pricing.h"
#include "services/subcontractor/domain/story.h"

namespace pdp::subcontractor {
namespace {

using ::testing::ElementsAre;

v1::PriceRule Rule(const std::string& text) {
  v1::PriceRule rule;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &rule));
  return rule;
}

constexpr char kBands[] =
    "bands { up_to_centi: 1000 price_micro: 100000000 } "
    "bands { up_to_centi: 2000 price_micro: 90000000 } bands { price_micro: 80000000 }";

TEST(W13, UnitAndHourlyPricesRoundHalfToEvenOnce) {
  EXPECT_EQ(UnitPence(145'500'000, 100), 14550);
  EXPECT_EQ(UnitPence(12'345'678, 300), 3704);
  EXPECT_EQ(HourlyPence(23'750'000, 95), 3760);
  EXPECT_EQ(DivideHalfEven(5, 2), 2);
  EXPECT_EQ(DivideHalfEven(7, 2), 4);
  EXPECT_EQ(DivideHalfEven(-5, 2), -2);
}

TEST(W13, MarginalBandsPriceEachUnitAtItsOwnBand) {
  const v1::PriceRule rule = Rule(absl::StrCat("model: BANDED_MARGINAL ", kBands));
  EXPECT_EQ(MarginalPence(rule, 900, 300), 28'000);
}

TEST(W13, ABlockIsPaidByActiveDays) { EXPECT_EQ(BlockPence(60'000'000'000, 12, 31), 2'322'581); }

TEST(MoneyTest, AProductBeyond64BitsIsAnOverflow) {
  EXPECT_EQ(UnitPence(INT64_MAX, INT64_MAX), std::nullopt);
}

TEST(W14, TheChainOfFiveEventsEndsInTheGivenHash) {
  using P = std::vector<std::pair<v1::Account, int64_t>>;
  const std::vector<P> events = {
      {{v1::SUB_COST, 100'000}, {v1::ACCRUED, -100'000}},
      {{v1::ACCRUED, 100'000}, {v1::VAT, 0}, {v1::PAYABLE, -85'000}, {v1::HELD, -15'000}},
      {{v1::PAYABLE, 85'000}, {v1::CASH, -85'000}},
      {{v1::HELD, 15'000}, {v1::PAYABLE, -9'000}, {v1::SUB_COST, -6'000}},
      {{v1::PAYABLE, 9'000}, {v1::CASH, -9'000}}};
  v1::State ledger;
  std::map<v1::Account, int64_t> balances;
  for (size_t i = 0; i < events.size(); ++i) {
    std::vector<v1::Posting> postings;
    for (const auto& [account, pence] : events[i]) {
      postings.emplace_back().set_account(account);
      postings.back().set_amount_pence(pence);
    }
    v1::Event event;
    v1::LedgerPosted* posted = event.mutable_ledger_posted();
    *posted->mutable_link() =
        NextLink("SC-1", ledger.ledger().link(), absl::StrCat("e", i + 1), postings);
    for (const auto& posting : postings) *posted->add_postings() = posting;
    Subcontractor::Evolve(ledger, LedgerId("SC-1"), event, EventFacts{});
  }
  for (const auto& balance : ledger.ledger().balances()) {
    balances[balance.account()] = balance.amount_pence();
  }
  EXPECT_EQ(balances[v1::SUB_COST], 94'000);
  EXPECT_EQ(balances[v1::CASH], -94'000);
  for (const auto account : {v1::ACCRUED, v1::PAYABLE, v1::HELD, v1::VAT}) {
    EXPECT_EQ(balances[account], 0) << v1::Account_Name(account);
  }
  EXPECT_EQ(ledger.ledger().link().hash_hex(),
            "4a42b3fee52803260977a0e75ce7d43d23d7034f2d7f327de2ba971a5925c8cd");
}

class ChargeTest : public ::testing::Test {
 protected:
  void SetUp() override { story.Contract(""); }

  // An attended session of S01 on a date.
  static std::string Fact(const std::string& id, const std::string& more = "") {
    return absl::StrCat("fact { fact_id: '", id,
                        "' kind: ATTENDANCE service: 'TSP' delivery_org: 'S01' area: 'N56' pdu: "
                        "'N56ESSEX' service_date: '2025-08-10' quantity_centi: 100 minutes: 95 "
                        "code: 'ATTC' ",
                        more, " }");
  }
  Story::Result Accrue(const std::string& fact) {
    story.System();
    return story.world.When(Parse(absl::StrCat("accrue_fact { ", fact, " }")));
  }
  Story::Result Reverse(const std::string& fact) {
    story.System();
    return story.world.When(Parse(absl::StrCat("reverse_fact { ", fact, " }")));
  }
  int64_t Balance(v1::Account account) {
    const v1::State* state = story.world.Find(LedgerId("SC-1"));
    if (state == nullptr) return 0;
    int64_t all = 0, found = 0;
    for (const auto& balance : state->ledger().balances()) {
      all += balance.amount_pence();
      if (balance.account() == account) found = balance.amount_pence();
    }
    EXPECT_EQ(all, 0) << "trial balance (SUB-106)";
    return found;
  }
  // Prices of the sheet are replaced by these.
  void Priced(const std::string& prices) {
    story = Story();
    story.Contract(prices);
  }
  Story::Result Close(const std::string& month = "2025-08") {
    story.System();
    return story.world.When(
        Parse(absl::StrCat("close_period { subcontract_id: 'SC-1' month: '", month, "' }")));
  }
  Story story;
};

TEST_F(ChargeTest, AFactIsChargedOnceUnderEachMatchingRule) {
  const auto first = Accrue(Fact("programmes/att/1/e/1"));
  ASSERT_TRUE(first.accepted()) << first.reason();
  ASSERT_EQ(first.reply().accrue_fact().charges_size(), 1);
  EXPECT_EQ(first.reply().accrue_fact().charges(0).amount_pence(), 14'550);
  EXPECT_EQ(Balance(v1::SUB_COST), 14'550);
  EXPECT_EQ(Balance(v1::ACCRUED), -14'550);
  const auto again = Accrue(Fact("programmes/att/1/e/1"));
  ASSERT_TRUE(again.accepted());
  EXPECT_TRUE(again.events.empty());
  EXPECT_EQ(again.reply().accrue_fact().charges(0).amount_pence(), 14'550);
}

TEST_F(ChargeTest, ACorrectionReversesAndChargesInOneCommit) {
  ASSERT_TRUE(Accrue(Fact("att/1")).accepted());
  const auto corrected = Accrue(Fact("att/2", "supersedes: 'att/1'"));
  ASSERT_TRUE(corrected.accepted());
  EXPECT_THAT(corrected.reply().accrue_fact().reversed_charge_ids(), ElementsAre("att/1#att"));
  EXPECT_EQ(Balance(v1::SUB_COST), 14'550);
}

TEST_F(ChargeTest, ACorrectionToACodeThatDoesNotPayOnlyReverses) {
  ASSERT_TRUE(Accrue(Fact("att/1")).accepted());
  std::string absent = Fact("att/2", "supersedes: 'att/1'");
  absent.replace(absent.find("ATTC"), 4, "UAAB");
  ASSERT_TRUE(Accrue(absent).accepted());
  EXPECT_EQ(Balance(v1::SUB_COST), 0);
}

TEST_F(ChargeTest, ACancelledFactIsReversedOnly) {
  ASSERT_TRUE(Accrue(Fact("cmp/1")).accepted());
  ASSERT_TRUE(Reverse(Fact("cmp/1/x", "supersedes: 'cmp/1' cancelled: true")).accepted());
  EXPECT_EQ(Balance(v1::SUB_COST), 0);
  EXPECT_EQ(Balance(v1::ACCRUED), 0);
}

// Every order in which three revisions can arrive leaves the last one charged, once.
TEST_F(ChargeTest, TheOrderOfArrivalDoesNotMatter) {
  std::vector<std::string> facts = {Fact("a/1"), Fact("a/2", "supersedes: 'a/1'"),
                                    Fact("a/3", "supersedes: 'a/2'")};
  facts[2].replace(facts[2].find("centi: 100"), 10, "centi: 200");
  std::sort(facts.begin(), facts.end());
  do {
    story = Story();
    story.Contract("");
    for (const std::string& fact : facts) {
      ASSERT_TRUE(Accrue(fact).accepted());
      ASSERT_TRUE(Accrue(fact).accepted());
    }
    EXPECT_EQ(Balance(v1::SUB_COST), 29'100);
    EXPECT_EQ(story.world.Find(FactId("a/3"))->fact().status(), v1::FACT_LIVE);
    EXPECT_EQ(story.world.Find(FactId("a/1"))->fact().status(), v1::FACT_SUPERSEDED);
  } while (std::next_permutation(facts.begin(), facts.end()));
}

TEST_F(ChargeTest, ACancellationBeforeItsFactLeavesNothingToCharge) {
  ASSERT_TRUE(Reverse(Fact("cmp/1/x", "supersedes: 'cmp/1' cancelled: true")).accepted());
  const auto late = Accrue(Fact("cmp/1"));
  ASSERT_TRUE(late.accepted());
  EXPECT_EQ(late.reply().accrue_fact().charges_size(), 0);
  EXPECT_EQ(Balance(v1::SUB_COST), 0);
}

TEST_F(ChargeTest, ThePrimesOwnDeliveryIsSuccessWithoutEvent) {
  std::string own = Fact("att/9");
  own.replace(own.find("'S01'"), 5, "'P01'");
  const auto result = Accrue(own);
  ASSERT_TRUE(result.accepted());
  EXPECT_TRUE(result.events.empty());
}

TEST_F(ChargeTest, ASubcontractWithoutAPriceForTheServiceIsRefused) {
  std::string other = Fact("att/9");
  other.replace(other.find("'TSP'"), 5, "'BBR'");
  EXPECT_EQ(Accrue(other).reason(), "NO_PRICE_RULE");
}

TEST_F(ChargeTest, AFactOfAnotherAreaIsNotThisCellsToCharge) {
  std::string other = Fact("att/9");
  other.replace(other.find("'N56'"), 5, "'N07'");
  EXPECT_EQ(Accrue(other).reason(), "VALIDATION_FAILED");
}

TEST_F(ChargeTest, ASessionForAReferralNotAllocatedToTheProviderIsAnAlertOnce) {
  const auto first = Accrue(Fact("att/1", "referral_id: 'R001'"));
  ASSERT_TRUE(first.accepted());
  ASSERT_TRUE(first.events[0].event.has_allocation_bypassed());
  EXPECT_EQ(first.events[0].event.allocation_bypassed().org(), "S01");
  const auto second = Accrue(Fact("att/5", "referral_id: 'R001'"));
  EXPECT_FALSE(second.events[0].event.has_allocation_bypassed());
}

TEST_F(ChargeTest, W13WholeBandsAreTruedUpAtTheClose) {
  Priced(absl::StrCat("prices { rule_id: 'att' service: 'TSP' model: BANDED_WHOLE kind: ATTENDANCE "
                      "vat_class: VAT_EXEMPT ",
                      kBands, " }"));
  for (int i = 0; i < 12; ++i) ASSERT_TRUE(Accrue(Fact(absl::StrCat("att/", i))).accepted());
  EXPECT_EQ(Balance(v1::SUB_COST), 120'000);
  const auto closed = Close();
  ASSERT_TRUE(closed.accepted());
  EXPECT_EQ(closed.events[0].event.period_true_up_posted().charge().amount_pence(), -12'000);
  EXPECT_EQ(Balance(v1::SUB_COST), 108'000);
  // A late fact posts the difference it makes: a 13th unit at £90.
  ASSERT_TRUE(Accrue(Fact("att/late")).accepted());
  EXPECT_EQ(Balance(v1::SUB_COST), 117'000);
}

TEST_F(ChargeTest, W13AFloorIsMadeUpAtTheClose) {
  Priced(
      "prices { rule_id: 'att' service: 'TSP' model: UNIT kind: ATTENDANCE vat_class: VAT_EXEMPT "
      "price_micro: 8412500000 } prices { rule_id: 'floor' service: 'TSP' model: FLOOR_CEILING "
      "floor_pence: 1000000 vat_class: VAT_EXEMPT }");
  ASSERT_TRUE(Accrue(Fact("att/1")).accepted());
  EXPECT_EQ(Balance(v1::SUB_COST), 841'250);
  const auto closed = Close();
  ASSERT_TRUE(closed.accepted());
  EXPECT_EQ(closed.events[0].event.period_true_up_posted().charge().amount_pence(), 158'750);
  EXPECT_EQ(closed.events[0].event.period_true_up_posted().charge().fact_id(),
            "period/SC-1/2025-08");
}

TEST_F(ChargeTest, ABlockIsPostedForTheDaysTheSubcontractRan) {
  Priced(
      "prices { rule_id: 'block' service: 'TSP' model: BLOCK price_micro: 60000000000 vat_class: "
      "VAT_EXEMPT }");
  // The sheet starts on 2025-07-20: 12 of 31 days.
  const auto closed = Close("2025-07");
  ASSERT_TRUE(closed.accepted());
  EXPECT_EQ(closed.events[0].event.period_true_up_posted().charge().amount_pence(), 2'322'581);
  EXPECT_TRUE(Close("2025-07").events.empty());
  EXPECT_EQ(Close("2025-09").reason(), "STATE_FORBIDS_COMMAND");
}

TEST_F(ChargeTest, TheStatementHoldsEveryUnstatedChargeOnce) {
  ASSERT_TRUE(Accrue(Fact("att/1")).accepted());
  ASSERT_TRUE(Accrue(Fact("att/2")).accepted());
  EXPECT_EQ(story.world.When(Parse("draft_statement { subcontract_id: 'SC-1' month: '2025-08' }"))
                .reason(),
            "STATE_FORBIDS_COMMAND");
  ASSERT_TRUE(Close().accepted());
  const auto drafted =
      story.world.When(Parse("draft_statement { subcontract_id: 'SC-1' month: '2025-08' }"));
  ASSERT_TRUE(drafted.accepted());
  const v1::StatementState& statement =
      story.world.Find(StatementId("SC-1/2025-08"))->statement();
  ASSERT_EQ(statement.lines_size(), 1);
  EXPECT_THAT(statement.lines(0).charge_ids(), ElementsAre("att/1#att", "att/2#att"));
  EXPECT_EQ(statement.net_pence(), 29'100);
  EXPECT_EQ(statement.vat_pence(), 5'820);
  EXPECT_EQ(statement.ledger().n(), 2u);
  // Late: into the next statement, with the reversal that came since.
  ASSERT_TRUE(Accrue(Fact("att/3")).accepted());
  ASSERT_TRUE(Reverse(Fact("att/1/x", "supersedes: 'att/1' cancelled: true")).accepted());
  story.world.At("2025-10-02T09:00:00Z");
  ASSERT_TRUE(Close("2025-09").accepted());
  ASSERT_TRUE(
      story.world.When(Parse("draft_statement { subcontract_id: 'SC-1' month: '2025-09' }"))
          .accepted());
  const v1::StatementState& next = story.world.Find(StatementId("SC-1/2025-09"))->statement();
  ASSERT_EQ(next.lines_size(), 1);
  EXPECT_THAT(next.lines(0).charge_ids(), ElementsAre("att/3#att", "att/1#att#r"));
  EXPECT_EQ(next.net_pence(), 0);
}

TEST_F(ChargeTest, OnlyFinanceOfTheSubcontractorAcceptsAStatement) {
  ASSERT_TRUE(Accrue(Fact("att/1")).accepted());
  ASSERT_TRUE(Close().accepted());
  ASSERT_TRUE(
      story.world.When(Parse("draft_statement { subcontract_id: 'SC-1' month: '2025-08' }"))
          .accepted());
  const v1::Command accept = Parse("accept_statement { statement_id: 'SC-1/2025-08' }");
  story.Org("S01", "DELIVERY");
  EXPECT_EQ(story.world.When(accept).reason(), "FUNCTION_REQUIRED");
  story.Org("P01", "FINANCE");
  EXPECT_EQ(story.world.When(accept).reason(), "NOT_AUTHORISED");
  story.System();
  EXPECT_EQ(story.world.When(accept).reason(), "STATE_FORBIDS_COMMAND") << "no silence agreed";
  story.Org("S01", "FINANCE");
  EXPECT_TRUE(story.world.When(accept).accepted());
  EXPECT_EQ(story.world.When(accept).reason(), "STATE_FORBIDS_COMMAND");
}

}  // namespace
}  // namespace pdp::subcontractor
