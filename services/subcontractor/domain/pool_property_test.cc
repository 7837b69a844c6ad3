// Properties of every history of a pool, over random histories with printed seeds: deficits of a
// bucket sum to 0, totals are sums of buckets, the bound of SUB-46, and a replay that gives the
// same pool (SUB-52).

#include "gtest/gtest.h"
#include "libs/base/random.h"
#include "services/subcontractor/domain/arithmetic.h"
#include "services/subcontractor/domain/replay.h"
#include "services/subcontractor/domain/story.h"

namespace pdp::subcontractor {
namespace {

const Area kArea = *Area::FromCode("N56");

// Runs random commands against a pool and keeps the events of the pool as its log.
class History {
 public:
  struct Entry {
    v1::Event event;
    EventFacts facts;
  };

  History(uint64_t seed, const std::string& mode, bool hmac) : random_(seed), hmac_(hmac) {
    Keep(story_.OpenPool({.shares = {{"P01", 400'000},
                                     {"S01", 250'000},
                                     {"S02", 150'000},
                                     {"S03", 120'000},
                                     {"S04", 80'000}},
                          .mode = mode,
                          .tie = hmac ? "TIE_HMAC" : "TIE_ID"}));
    if (hmac_) {
      v1::Command command;
      command.mutable_commit_seed()->set_service("TSP");
      command.mutable_commit_seed()->set_date("2025-09-01");
      command.mutable_commit_seed()->set_seed(std::string(32, 's'));
      Keep(story_.world.When(command));
    }
  }

  void Step() {
    const uint64_t dice = random_.Below(100);
    if (dice < 70) return Draw();
    if (dice < 90) return Settle();
    if (dice < 97) return Direct();
    if (left_ < 2) Leave();
  }

  const v1::PoolState& pool() const { return story_.pool(); }
  const std::vector<Entry>& log() const { return log_; }
  bool bound_exceeded() const { return bound_exceeded_; }

 private:
  static constexpr const char* kOrgs[] = {"P01", "S01", "S02", "S03", "S04"};

  void Keep(const Story::Result& result) {
    ASSERT_TRUE(result.accepted()) << result.reason();
    for (const auto& e : result.events) {
      if (e.aggregate != PoolId(kArea, "TSP")) continue;
      bound_exceeded_ |= e.event.has_apportionment_bound_exceeded();
      log_.push_back({e.event, EventFacts{kArea, e.version, story_.world.now(),
                                          story_.world.now()}});
    }
  }
  std::string Stratum() {
    constexpr const char* kStrata[] = {"LOW", "MEDIUM", "HIGH"};
    return kStrata[random_.Below(3)];
  }
  void Draw() {
    std::string more;
    for (const char* org : kOrgs) {
      if (random_.Below(6) == 0) absl::StrAppend(&more, "excluded_orgs: '", org, "' ");
    }
    if (random_.Below(4) == 0) {
      absl::StrAppend(&more, "weight_centi: ", 1 + random_.Below(300));
    }
    const std::string id = absl::StrCat("R", ++referrals_);
    Keep(story_.Apportion(id, 1, more, Stratum()));
    live_.push_back(absl::StrCat(id, "/1"));
  }
  void Settle() {
    if (live_.empty()) return;
    const size_t at = random_.Below(live_.size());
    constexpr const char* kOutcomes[] = {"outcome: RESCINDED", "outcome: EXPIRED",
                                         "outcome: DECLINED code: 'UNSAFE'",
                                         "outcome: DECLINED code: 'OTHER'"};
    const v1::State* state = story_.world.Find(AllocationId(live_[at]));
    if (state->allocation().allocation().state() == v1::DRAWN) {
      Keep(story_.Settle(live_[at], kOutcomes[random_.Below(4)]));
    }
    live_.erase(live_.begin() + at);
  }
  void Direct() {
    story_.System();
    Keep(story_.world.When(Parse(absl::StrCat(
        "record_override { referral_id: 'D", ++referrals_, "' round: 1 org: '",
        kOrgs[random_.Below(5)], "' service: 'TSP' pdu: 'N56ESSEX' stratum: '", Stratum(),
        "' instrument: 'DIFF-1' code: 'X' }"))));
  }
  void Leave() {
    story_.System();
    Keep(story_.world.When(Parse(absl::StrCat("leave_pool { service: 'TSP' org: 'S0", 4 - left_++,
                                              "' on: '2025-09-01' }"))));
  }

  Story story_;
  SplitMix64 random_;
  bool hmac_;
  int referrals_ = 0;
  int left_ = 0;
  bool bound_exceeded_ = false;
  std::vector<std::string> live_;
  std::vector<Entry> log_;
};

void CheckFigures(const v1::PoolState& pool) {
  std::map<std::string, int64_t> totals;
  for (const v1::Bucket& bucket : pool.buckets()) {
    int64_t sum = 0;
    for (const v1::OrgNano& row : bucket.deficits()) {
      sum += row.nano();
      totals[row.org()] += row.nano();
    }
    ASSERT_EQ(sum, 0) << bucket.key();
    if (pool.mode() == v1::STRICT) {
      ASSERT_FALSE(OutOfBounds(bucket).has_value()) << bucket.ShortDebugString();
    }
  }
  for (const auto& [org, total] : totals) ASSERT_EQ(NanoOf(pool.totals(), org), total) << org;
}

class PoolPropertyTest : public ::testing::TestWithParam<std::tuple<const char*, bool>> {};

TEST_P(PoolPropertyTest, SumsBoundAndReplayHoldAfterEveryStep) {
  const auto [mode, hmac] = GetParam();
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    History history(seed, mode, hmac);
    for (int step = 0; step < 150; ++step) {
      history.Step();
      CheckFigures(history.pool());
      if (HasFatalFailure()) return;
    }
    EXPECT_FALSE(history.bound_exceeded());
    PoolReplay replay(kArea, "TSP", {{"2025-09-01", std::string(32, 's')}});
    for (const auto& entry : history.log()) {
      ASSERT_TRUE(replay.Apply(entry.event, entry.facts)) << replay.finding();
    }
    EXPECT_EQ(FiguresDigest(replay.pool()), FiguresDigest(history.pool()));
    EXPECT_EQ(replay.draws(), history.pool().draws());
    EXPECT_EQ(replay.ties_unproved(), 0u);
    // Without the seed the sums still replay.
    PoolReplay sealed(kArea, "TSP", {});
    for (const auto& entry : history.log()) {
      ASSERT_TRUE(sealed.Apply(entry.event, entry.facts)) << sealed.finding();
    }
    EXPECT_EQ(FiguresDigest(sealed.pool()), FiguresDigest(history.pool()));
  }
}

INSTANTIATE_TEST_SUITE_P(Modes, PoolPropertyTest,
                         ::testing::Values(std::make_tuple("STRICT", false),
                                           std::make_tuple("BALANCED", false),
                                           std::make_tuple("STRICT", true),
                                           std::make_tuple("BALANCED", true)));

TEST(PoolReplayTest, AChangedWinnerIsNamedAsTheFirstDifference) {
  History history(7, "STRICT", false);
  for (int step = 0; step < 60; ++step) history.Step();
  int changed = 0;
  PoolReplay replay(kArea, "TSP", {});
  for (auto entry : history.log()) {
    if (entry.event.has_referral_apportioned() && ++changed == 5) {
      auto* draw = entry.event.mutable_referral_apportioned()->mutable_draw();
      const std::string other = draw->shares(draw->shares(0).org() == draw->winner() ? 1 : 0).org();
      draw->set_winner(other);
      EXPECT_FALSE(replay.Apply(entry.event, entry.facts));
      EXPECT_EQ(replay.differing_referral_id(), draw->request().referral_id());
      EXPECT_FALSE(replay.finding().empty());
      return;
    }
    ASSERT_TRUE(replay.Apply(entry.event, entry.facts)) << replay.finding();
  }
  FAIL() << "fewer than five draws";
}

// SUB-45: the order of arrival inside a batch does not matter.
TEST(BatchTest, TheOrderOfArrivalDoesNotChangeTheDraws) {
  const auto run = [](std::vector<int> order) {
    Story story;
    EXPECT_TRUE(story.OpenPool({.tie = "TIE_HMAC", .batch_minutes = 60}).accepted());
    v1::Command commit;
    commit.mutable_commit_seed()->set_service("TSP");
    commit.mutable_commit_seed()->set_date("2025-09-01");
    commit.mutable_commit_seed()->set_seed(std::string(32, 'q'));
    EXPECT_TRUE(story.world.When(commit).accepted());
    for (const int n : order) {
      EXPECT_TRUE(story.Apportion(absl::StrCat("R", n), 1).accepted());
    }
    EXPECT_TRUE(story.world.When(Parse("draw_batch { service: 'TSP' }")).accepted());
    std::map<int, std::string> winners;
    for (const int n : order) {
      winners[n] = story.world.Find(AllocationId(absl::StrCat("R", n, "/1")))
                       ->allocation().allocation().winner();
    }
    return winners;
  };
  EXPECT_EQ(run({1, 2, 3, 4, 5, 6, 7, 8, 9}), run({9, 3, 7, 1, 5, 8, 2, 6, 4}));
}

TEST(SplitTest, PartsSumExactlyAndFollowTheirWeights) {
  for (uint64_t seed = 1; seed <= 2'000; ++seed) {
    SplitMix64 random(seed);
    std::vector<Part> parts;
    const size_t count = 1 + random.Below(12);
    int64_t weights = 0;
    for (size_t i = 0; i < count; ++i) {
      parts.push_back({absl::StrCat("S", 100 + i), static_cast<int64_t>(random.Below(1'000'001))});
      weights += parts.back().weight;
    }
    const int64_t total =
        static_cast<int64_t>(random.Below(20'000'000'000)) - 10'000'000'000;
    const std::vector<int64_t> split = SplitLargestRemainder(total, parts);
    int64_t sum = 0;
    for (const int64_t part : split) sum += part;
    ASSERT_EQ(sum, total) << "seed " << seed;
    if (weights == 0) continue;
    for (size_t i = 0; i < count; ++i) {
      // Never further than one from the exact part.
      const __int128 off = static_cast<__int128>(split[i]) * weights -
                           static_cast<__int128>(total) * parts[i].weight;
      ASSERT_LT(off < 0 ? -off : off, weights) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace pdp::subcontractor
