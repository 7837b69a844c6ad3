// OfferFollower, PoolKeeper, OrganisationFollower, SeedKeeper (section 7; interfaces, B1, B4).

#include "services/subcontractor/processes/followers.h"

#include "gmock/gmock.h"
#include "libs/base/status_matchers.h"
#include "pdp/referral/v1/public_events.pb.h"
#include "pdp/subcontractor/v1/public_events.pb.h"
#include "services/subcontractor/processes/desk.h"
#include "services/subcontractor/processes/seed_keeper.h"

namespace pdp::subcontractor {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using Referral = referral::v1::PublicEvent;

class FollowersTest : public ::testing::Test {
 protected:
  absl::Status Told(const std::string& text, const std::string& id = "") {
    return desk_.GiveText<Referral>(offers_, "referral.v1", text, id);
  }
  absl::Status Kept(const std::string& text, const std::string& id = "") {
    return desk_.GiveText<v1::PublicEvent>(keeper_, "subcontractor.v1", text, id);
  }
  int Open(const std::string& org) {
    return FindMember(desk_.story().pool(), org)->open_count();
  }
  v1::AllocationState State(const std::string& id) {
    return desk_.story().world.Find(AllocationId(id))->allocation().allocation().state();
  }

  Desk desk_;
  OfferFollower offers_;
  PoolKeeper keeper_;
};

constexpr char kDirected[] =
    "referral_directed { referral_id: 'R004' round: 1 apportionment_id: 'R004/1' org: 'S02' route: "
    "'TSP' pdu: 'N56ESSEX' stratum: 'LOW' instrument: 'DIFF-1' code: 'CONTINUITY' }";

// W7 (c).
TEST_F(FollowersTest, ADirectedReferralIsAnOverrideOnceChargedToItsTarget) {
  desk_.story().OpenPool({});
  desk_.story().Draws(3);  // P A B: d = .5, -.1, -.4
  ASSERT_OK(Told(kDirected, "referral/N56/5/0"));
  EXPECT_THAT(desk_.events, ElementsAre("AllocationOverridden", "AllocationRecorded",
                                        "ReferralRoundRecorded"));
  EXPECT_THAT(desk_.story().Deficits(),
              ElementsAre(1'000'000'000, 200'000'000, -1'200'000'000));
  EXPECT_EQ(State("R004/1"), v1::OVERRIDDEN);
  ASSERT_OK(Told(kDirected, "referral/N56/5/0"));
  ASSERT_OK(Told(kDirected, "referral/N56/99/0"));
  EXPECT_THAT(desk_.story().Deficits(),
              ElementsAre(1'000'000'000, 200'000'000, -1'200'000'000));
}

TEST_F(FollowersTest, AStartByTheHolderIsNoAlertAndOneBySomebodyElseIs) {
  desk_.story().OpenPool({});
  ASSERT_TRUE(desk_.story().Apportion("R001", 1).accepted());
  ASSERT_TRUE(desk_.story().Settle("R001/1", "outcome: ACCEPTED").accepted());
  ASSERT_OK(Told("delivery_started { referral_id: 'R001' org: 'P01' on: '2025-09-01' }"));
  EXPECT_THAT(desk_.events, Not(Contains("AllocationBypassed")));
  ASSERT_OK(Told("delivery_started { referral_id: 'R001' org: 'S02' on: '2025-09-01' }"));
  EXPECT_THAT(desk_.events, Contains("AllocationBypassed"));
}

TEST_F(FollowersTest, AnEndClosesTheAllocationAndAReopeningOpensItAgain) {
  desk_.story().OpenPool({});
  ASSERT_TRUE(desk_.story().Apportion("R001", 1).accepted());
  ASSERT_TRUE(desk_.story().Settle("R001/1", "outcome: ACCEPTED").accepted());
  EXPECT_EQ(Open("P01"), 1);
  const char kEnded[] =
      "delivery_ended { referral_id: 'R001' org: 'P01' on: '2025-09-01' cause: 'COMPLETED' }";
  ASSERT_OK(Told(kEnded, "referral/N56/5/0"));
  EXPECT_EQ(Open("P01"), 0);
  ASSERT_OK(Told(kEnded, "referral/N56/5/0"));
  EXPECT_EQ(Open("P01"), 0);
  const char kReopened[] = "referral_reopened { referral_id: 'R001' org: 'P01' on: '2025-09-02' }";
  ASSERT_OK(Told(kReopened, "referral/N56/6/0"));
  EXPECT_EQ(Open("P01"), 1);
  ASSERT_OK(Told(kReopened, "referral/N56/8/0")) << "reopened already";
  EXPECT_EQ(Open("P01"), 1);
  ASSERT_OK(Told(kEnded, "referral/N56/9/0"));
  EXPECT_EQ(Open("P01"), 0);
}

TEST_F(FollowersTest, AReopeningOfWhatWasNeverHeldHereOpensNothing) {
  desk_.story().OpenPool({});
  ASSERT_OK(Told("referral_reopened { referral_id: 'R009' org: 'P01' on: '2025-09-02' }"));
  EXPECT_THAT(desk_.events, IsEmpty());
}

TEST_F(FollowersTest, AReferralHandedToAnotherAreaIsNoLongerOpenHere) {
  desk_.story().OpenPool({});
  ASSERT_TRUE(desk_.story().Apportion("R001", 1).accepted());
  ASSERT_TRUE(desk_.story().Settle("R001/1", "outcome: ACCEPTED").accepted());
  ASSERT_OK(Told("referral_handed_off { referral_id: 'R001' from_area: 'N56' to_area: 'N07' }"));
  EXPECT_EQ(Open("P01"), 0);
  // The settlement of the transfer comes after or before it: the same sums.
  ASSERT_TRUE(desk_.story().Settle("R001/1", "outcome: TRANSFERRED").accepted());
  EXPECT_EQ(Open("P01"), 0);
  EXPECT_THAT(desk_.story().Deficits(), ElementsAre(0, 0, 0));
}

// A pool of P01 alone and SC-1 of S01 for TSP and BBR.
class KeeperTest : public FollowersTest {
 protected:
  void SetUp() override {
    desk_.story().Contract("");
    desk_.story().OpenPool({.shares = {{"P01", 1'000'000}}});
    ASSERT_OK(Kept(
        "subcontract_activated { subcontract_id: 'SC-1' org: 'S01' from: '2025-07-20' to: "
        "'2026-12-31' services: ['BBR', 'TSP'] scope { service: 'TSP' pdus: 'N56ESSEX' } scope { "
        "service: 'BBR' pdus: 'N56ESSEX' } capabilities: 'FEMALE_FACILITATOR' }"));
  }
  const v1::PoolMember* Member() { return FindMember(desk_.story().pool(), "S01"); }
};

TEST_F(KeeperTest, AnActivatedSubcontractJoinsThePoolsThatThereAre) {
  ASSERT_NE(Member(), nullptr);
  EXPECT_EQ(Member()->terms().subcontract_id(), "SC-1");
  EXPECT_THAT(Member()->terms().capabilities(), ElementsAre("FEMALE_FACILITATOR"));
  EXPECT_THAT(desk_.refusals, ElementsAre("NOT_FOUND")) << "there is no pool of BBR";
}

TEST_F(KeeperTest, ASuspendedSubcontractDrawsNothingUntilItIsResumed) {
  const auto shares = "agree_shares { service: 'TSP' effective_from: '2025-09-01' shares { org: "
                      "'P01' share_ppm: 100000 } shares { org: 'S01' share_ppm: 900000 } "
                      "signed_by: ['P01', 'S01'] }";
  desk_.story().Authority();
  ASSERT_TRUE(desk_.story().world.When(Parse(shares)).accepted());
  EXPECT_EQ(desk_.story().Draw(), "S01");
  ASSERT_OK(Kept("subcontract_suspended { subcontract_id: 'SC-1' org: 'S01' services: ['BBR', "
                 "'TSP'] reason: 'insurance lapsed' }"));
  EXPECT_EQ(Member()->status(), v1::MEMBER_SUSPENDED);
  const auto draw = desk_.story().Apportion("R100", 1);
  EXPECT_EQ(draw.reply().apportion().org(), "P01");
  ASSERT_EQ(draw.reply().apportion().exclusions_size(), 1);
  EXPECT_THAT(draw.reply().apportion().exclusions(0).codes(), ElementsAre("E_SUSPENDED"));
  ASSERT_OK(Kept("subcontract_resumed { subcontract_id: 'SC-1' org: 'S01' services: ['TSP'] }"));
  EXPECT_EQ(desk_.story().Draw(), "S01");
}

TEST_F(KeeperTest, AnEndedSubcontractLeavesUnlessAnotherTookItsPlace) {
  // Renewed: the member stands on SC-2 when SC-1 ends.
  ASSERT_OK(Kept("subcontract_activated { subcontract_id: 'SC-2' org: 'S01' from: '2025-08-01' to: "
                 "'2027-12-31' services: 'TSP' scope { service: 'TSP' pdus: 'N56ESSEX' } }"));
  ASSERT_OK(Kept("subcontract_ended { subcontract_id: 'SC-1' org: 'S01' services: ['TSP'] to: "
                 "'2025-08-31' }"));
  EXPECT_NE(Member(), nullptr);
  ASSERT_OK(Kept("subcontract_ended { subcontract_id: 'SC-2' org: 'S01' services: ['TSP'] to: "
                 "'2025-08-31' }", "subcontractor/N56/50/0"));
  EXPECT_EQ(Member(), nullptr);
  ASSERT_OK(Kept("subcontract_ended { subcontract_id: 'SC-2' org: 'S01' services: ['TSP'] to: "
                 "'2025-08-31' }", "subcontractor/N56/51/0"));
}

TEST(OrganisationFollowerTest, WhatIsRegisteredInNatIsCopiedOnce) {
  Desk desk;
  OrganisationFollower follower;
  const std::string registered =
      "organisation_registered { organisation { org_id: 'S01' legal_name: 'Harbour' kind: CHARITY "
      "} }";
  ASSERT_OK(desk.GiveText<v1::InternalEvent>(follower, "subcontractor.internal.v1", registered));
  ASSERT_OK(desk.GiveText<v1::InternalEvent>(follower, "subcontractor.internal.v1", registered));
  EXPECT_THAT(desk.events, ElementsAre("OrganisationCopied"));
  EXPECT_EQ(desk.story().world.Find(ProviderId("S01"))->provider().organisation().legal_name(),
            "Harbour");
  EXPECT_THAT(desk.executed, Contains("copy/N56")) << "the area in the step: one event, many cells";
  ASSERT_EQ(follower.subscriptions().size(), 1u);
  EXPECT_EQ(follower.subscriptions()[0].partitions, projection::Partitions::kNat);
}

// Seeds of 32 equal bytes: 0, 1, 2 ...
class Counting final : public Random {
 public:
  std::string Bytes(size_t count) override { return std::string(count, next_++); }

 private:
  char next_ = 0;
};

class SeedKeeperTest : public ::testing::Test {
 protected:
  const v1::SeedState* Seed(const std::string& date) {
    const v1::State* state = desk_.story().world.Find(
        SeedId(*Area::FromCode("N56"), "TSP", date));
    return state == nullptr ? nullptr : &state->seed();
  }
  absl::Status Opened(bool by_seed) {
    return desk_.GiveText<v1::PublicEvent>(
        keeper_, "subcontractor.v1",
        absl::StrCat("pool_opened { service: 'TSP' area: 'N56' draws_by_seed: ",
                     by_seed ? "true" : "false", " }"));
  }
  Desk desk_;
  Counting random_;
  SeedKeeper keeper_{random_};
};

TEST_F(SeedKeeperTest, OpeningAPoolCommitsTodaysAndTomorrowsSeed) {
  desk_.story().OpenPool({.tie = "TIE_HMAC"});
  ASSERT_OK(Opened(true));
  ASSERT_NE(Seed("2025-09-01"), nullptr);
  ASSERT_NE(Seed("2025-09-02"), nullptr);
  EXPECT_EQ(Seed("2025-09-03"), nullptr);
  EXPECT_EQ(Seed("2025-09-01")->sha256_hex(), Sha256(std::string(32, '\0')).hex());
  EXPECT_NE(Seed("2025-09-01")->seed(), Seed("2025-09-02")->seed());
}

TEST_F(SeedKeeperTest, APoolThatNeedsNoSeedGetsNone) {
  desk_.story().OpenPool({});
  ASSERT_OK(Opened(false));
  EXPECT_THAT(desk_.executed, IsEmpty());
}

TEST_F(SeedKeeperTest, TheRevealingOfADayCommitsTheDayAfterTheNextAndTouchesNoSeedThatStands) {
  desk_.story().OpenPool({.tie = "TIE_HMAC"});
  ASSERT_OK(Opened(true));
  const std::string kept = Seed("2025-09-02")->seed();
  desk_.story().world.At("2025-09-02T00:00:01+01:00");
  ASSERT_OK(desk_.GiveText<v1::InternalEvent>(
      keeper_, "subcontractor.internal.v1", "seed_revealed { service: 'TSP' date: '2025-09-01' }"));
  EXPECT_EQ(Seed("2025-09-02")->seed(), kept) << "the first commitment of a day stands";
  EXPECT_NE(Seed("2025-09-03"), nullptr);
}

}  // namespace
}  // namespace pdp::subcontractor
