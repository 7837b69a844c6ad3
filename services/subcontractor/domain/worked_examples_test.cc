// Worked examples W4 to W9 of the specification, section 11, command by command.

#include "absl/strings/escaping.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/subcontractor/domain/story.h"

namespace pdp::subcontractor {
namespace {

using ::testing::ElementsAre;

constexpr int64_t kNano = 1'000'000'000;

TEST(W4, TwentyDrawsAtHalfThirtyTwentyLeaveNoDeficit) {
  Story story;
  ASSERT_TRUE(story.OpenPool({}).accepted());
  EXPECT_EQ(story.Draws(10), "P A B P P A P B A P");
  EXPECT_THAT(story.Deficits(), ElementsAre(0, 0, 0));
  EXPECT_EQ(story.Draws(10), "P A B P P A P B A P");
  EXPECT_THAT(story.Deficits(), ElementsAre(0, 0, 0));
}

TEST(W4, NewSharesSignedByAllTakeEffectFromTheEleventhDraw) {
  Story story;
  ASSERT_TRUE(story.OpenPool({}).accepted());
  EXPECT_EQ(story.Draws(10), "P A B P P A P B A P");
  story.Authority();
  ASSERT_TRUE(story.world
                  .When(Parse("agree_shares { service: 'TSP' effective_from: '2025-09-01' "
                              "shares { org: 'P01' share_ppm: 400000 } "
                              "shares { org: 'S01' share_ppm: 400000 } "
                              "shares { org: 'S02' share_ppm: 200000 } "
                              "signed_by: ['P01', 'S01', 'S02'] }"))
                  .accepted());
  EXPECT_EQ(story.Draws(10), "P A B P A P A B P A");
}

std::string DrawStrata(Story& story) {
  std::string letters;
  for (const char stratum : std::string("EEMHEMEHMEHE")) {
    Story::Add(letters, story.Draw("", stratum == 'E'   ? "LOW"
                                       : stratum == 'M' ? "MEDIUM"
                                                        : "HIGH"));
  }
  return letters;
}

TEST(W5, StrictDrawsEachStratumOnItsOwn) {
  Story story;
  ASSERT_TRUE(story.OpenPool({}).accepted());
  EXPECT_EQ(DrawStrata(story), "P A P P B A P A B P B A");
  EXPECT_THAT(story.Totals(), ElementsAre(kNano, -400'000'000, -600'000'000));
}

TEST(W5, BalancedAlsoWeighsTheTotals) {
  Story story;
  ASSERT_TRUE(story.OpenPool({.mode = "BALANCED"}).accepted());
  EXPECT_EQ(DrawStrata(story), "P A P B P A B P P A A P");
  EXPECT_THAT(story.Totals(), ElementsAre(0, -400'000'000, 400'000'000));
}

TEST(W6, BalancedDrawsOverChangingEligibleSets) {
  Story story;
  ASSERT_TRUE(story.OpenPool({.mode = "BALANCED"}).accepted());
  std::string letters;
  for (const char* excluded : {"", "P01", "", "S01", "P01", "", "S01", ""}) {
    Story::Add(letters, story.Draw(*excluded ? absl::StrCat("excluded_orgs: '", excluded, "'")
                                             : std::string()));
  }
  EXPECT_EQ(letters, "P A B P B A P P");
  EXPECT_THAT(story.Totals(), ElementsAre(-571'428'572, 400'000'000, 171'428'572));
  // D_i is the sum of d_i over the buckets.
  int64_t prime = 0;
  for (const v1::Bucket& bucket : story.pool().buckets()) {
    prime += NanoOf(bucket.deficits(), "P01");
  }
  EXPECT_EQ(prime, story.Total("P01"));
}

class W7 : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(story.OpenPool({}).accepted());
    ASSERT_EQ(story.Draws(3), "P A B");
    ASSERT_THAT(story.Deficits(), ElementsAre(500'000'000, -100'000'000, -400'000'000));
    for (const char* id : {"R001/1", "R002/1"}) {
      ASSERT_TRUE(story.Settle(id, "outcome: ACCEPTED").accepted());
    }
  }
  Story story;
};

TEST_F(W7, AValidDeclineIsRefundedAndTheNextRoundIsANewDraw) {
  const auto declined =
      story.Settle("R003/1", "outcome: DECLINED code: 'CONFLICT_OF_INTEREST'");
  ASSERT_TRUE(declined.accepted());
  EXPECT_EQ(declined.reply().settle().effect(), v1::EFFECT_REFUNDED);
  EXPECT_TRUE(declined.reply().settle().excused());
  EXPECT_THAT(story.Deficits(), ElementsAre(0, -400'000'000, 400'000'000));
  const auto second = story.Apportion("R003", 2, "excluded_orgs: 'S02'");
  EXPECT_EQ(second.reply().apportion().org(), "P01");
  EXPECT_EQ(story.Deficit("P01", "LOW:P01,S01"), -375'000'000);
  EXPECT_EQ(story.Deficit("S01", "LOW:P01,S01"), 375'000'000);
  EXPECT_EQ(story.Draws(4), "B P P A");
}

TEST_F(W7, ADeclineForBeingTooComplexStaysCharged) {
  const auto declined = story.Settle("R003/1", "outcome: DECLINED code: 'TOO_COMPLEX'");
  ASSERT_TRUE(declined.accepted());
  EXPECT_EQ(declined.reply().settle().effect(), v1::EFFECT_CONSUMED);
  EXPECT_FALSE(declined.reply().settle().excused());
  EXPECT_THAT(story.Deficits(), ElementsAre(500'000'000, -100'000'000, -400'000'000));
  EXPECT_EQ(story.Apportion("R003", 2, "excluded_orgs: 'S02'").reply().apportion().org(), "P01");
  EXPECT_EQ(story.Draws(4), "P P A P");
}

TEST_F(W7, ADirectAllocationIsChargedAndRepaidByLaterDraws) {
  story.referrals = 4;
  ASSERT_TRUE(story.world
                  .When(Parse("record_override { referral_id: 'R004' round: 1 org: 'S02' "
                              "service: 'TSP' pdu: 'N56ESSEX' stratum: 'LOW' "
                              "instrument: 'DIFF-1' code: 'LANGUAGE' }"))
                  .accepted());
  EXPECT_THAT(story.Deficits(), ElementsAre(kNano, 200'000'000, -1'200'000'000));
  EXPECT_EQ(story.Draws(6), "P P A P A P");
  EXPECT_THAT(story.Deficits(), ElementsAre(0, 0, 0));
}

TEST(W8, RemaindersGoToTheLargestRemainderThenToTheLowerId) {
  Story story;
  const std::string bucket = "LOW:S01,S02,S03";
  ASSERT_TRUE(story
                  .OpenPool({.shares = {{"S01", 333333}, {"S02", 333333}, {"S03", 333334}},
                             .prime = "S01"})
                  .accepted());
  EXPECT_EQ(story.Draw(), "S03");
  EXPECT_EQ(story.Deficit("S01", bucket), 333'333'000);
  EXPECT_EQ(story.Deficit("S02", bucket), 333'333'000);
  EXPECT_EQ(story.Deficit("S03", bucket), -666'666'000);
}

TEST(W8, EqualSharesGiveTheFirstIdTheOddNano) {
  // Shares 1/1/1 cannot be signed (they must be a million), so the draw is asked itself.
  v1::PoolState pool;
  pool.set_opened(true);
  pool.set_mode(v1::STRICT);
  pool.set_tie(v1::TIE_ID);
  v1::ShareVersion* version = pool.add_share_versions();
  version->set_effective_from("2025-01-01");
  for (const char* org : {"S01", "S02", "S03"}) {
    pool.add_members()->mutable_terms()->set_org(org);
    version->add_shares()->set_org(org);
    version->mutable_shares(version->shares_size() - 1)->set_share_ppm(1);
  }
  v1::DrawRequest request;
  request.set_referral_id("R001");
  request.set_stratum("LOW");
  request.set_weight_centi(100);
  Eligibility everybody;
  everybody.eligible = {"S01", "S02", "S03"};
  const v1::Draw draw = ComputeDraw(pool, request, everybody, {.date = Date(2025, 9, 1)});
  EXPECT_EQ(draw.winner(), "S01");
  ApplyDraw(pool, draw);
  const v1::Bucket& bucket = *FindBucket(pool, "LOW:S01,S02,S03");
  EXPECT_EQ(NanoOf(bucket.deficits(), "S01"), -666'666'666);
  EXPECT_EQ(NanoOf(bucket.deficits(), "S02"), 333'333'333);
  EXPECT_EQ(NanoOf(bucket.deficits(), "S03"), 333'333'333);
}

TEST(W8, WeightsCountAsTheirShareOfAReferral) {
  Story story;
  ASSERT_TRUE(story.OpenPool({}).accepted());
  std::string letters;
  for (const int weight : {100, 250, 100, 50, 100, 150}) {
    Story::Add(letters, story.Draw(absl::StrCat("weight_centi: ", weight)));
  }
  EXPECT_EQ(letters, "P A P B P B");
  EXPECT_THAT(story.Deficits(), ElementsAre(750'000'000, -250'000'000, -500'000'000));
}

std::string SeedText() {
  std::string seed;
  for (int i = 0; i < 32; ++i) seed.push_back(static_cast<char>(i));
  return seed;
}

v1::Command CommitSeedOn(const std::string& date) {
  v1::Command command;
  command.mutable_commit_seed()->set_service("TSP");
  command.mutable_commit_seed()->set_date(date);
  command.mutable_commit_seed()->set_seed(SeedText());
  return command;
}

TEST(W9, TiesByHmacAreReplayableFromTheRevealedSeed) {
  Story story;
  ASSERT_TRUE(story
                  .OpenPool({.shares = {{"S01", 500000}, {"S02", 500000}},
                             .tie = "TIE_HMAC",
                             .prime = "S01"})
                  .accepted());
  const auto committed = story.world.When(CommitSeedOn("2025-09-01"));
  ASSERT_TRUE(committed.accepted());
  EXPECT_EQ(committed.events[0].event.seed_committed().sha256_hex(),
            "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd");
  std::string orgs;
  for (int i = 0; i < 8; ++i) absl::StrAppend(&orgs, i == 0 ? "" : " ", story.Draw());
  EXPECT_EQ(orgs, "S01 S02 S01 S02 S02 S01 S02 S01");
}

TEST(W9, ABatchIsOrderedByHmac) {
  Story story;
  ASSERT_TRUE(story.OpenPool({.tie = "TIE_HMAC", .batch_minutes = 60}).accepted());
  ASSERT_TRUE(story.world.When(CommitSeedOn("2025-09-01")).accepted());
  for (const char* referral : {"R001", "R002", "R003", "R004"}) {
    EXPECT_EQ(story.Apportion(referral, 1).reply().apportion().status(), v1::QUEUED);
  }
  const auto batch = story.world.When(Parse("draw_batch { service: 'TSP' }"));
  ASSERT_TRUE(batch.accepted());
  std::string order;
  for (const auto& e : batch.events) {
    if (!e.event.has_referral_apportioned()) continue;
    absl::StrAppend(&order, order.empty() ? "" : " ",
                    e.event.referral_apportioned().draw().request().referral_id());
  }
  EXPECT_EQ(order, "R004 R002 R003 R001");
}

TEST(W9, ALeaversResidualIsSplitOverTheRest) {
  Story story;
  ASSERT_TRUE(story
                  .OpenPool({.shares = {{"P01", 500000}, {"S01", 250000}, {"S02", 250000}}})
                  .accepted());
  story.Draws(3);
  EXPECT_THAT(story.Deficits(), ElementsAre(500'000'000, -250'000'000, -250'000'000));
  ASSERT_TRUE(story.world
                  .When(Parse("leave_pool { service: 'TSP' org: 'S02' on: '2025-09-01' }"))
                  .accepted());
  EXPECT_EQ(story.Deficit("P01", "LOW:P01,S01"), 333'333'333);
  EXPECT_EQ(story.Deficit("S01", "LOW:P01,S01"), -333'333'333);
  EXPECT_EQ(story.Total("P01"), 333'333'333);
  EXPECT_EQ(FindBucket(story.pool(), "LOW:P01,S01,S02"), nullptr);
}

}  // namespace
}  // namespace pdp::subcontractor
