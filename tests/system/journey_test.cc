// The journey of a case through real processes, with each of them killed at every step of it.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"
#include "tests/system/world.h"

namespace pdp::system_test {
namespace {

using demo::JourneyOptions;
using demo::JourneyResult;

// One platform for the whole binary: what one test kills, the next finds running again.
class Platform : public ::testing::Environment {
 public:
  void TearDown() override { EXPECT_OK(world.Close()); }
  World world;
};
World& world =
    static_cast<Platform*>(::testing::AddGlobalTestEnvironment(new Platform))->world;

class JourneyTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_OK(world.Open()); }
};

TEST_F(JourneyTest, TheWorldIsToldTheWholeStoryInOrder) {
  const auto types = [](const std::string& partition) {
    std::vector<std::string> names;
    const auto lines = world.undisturbed().find(partition);
    if (lines == world.undisturbed().end()) return names;
    for (const std::string& line : lines->second) {
      const std::string type = line.substr(0, line.find(' '));
      names.push_back(type.substr(type.rfind('.') + 1));
    }
    return names;
  };
  // The life of a referral as the specification tells it (REF, sections 2 and 5; IF, B1).
  const std::vector<std::string> nat = {"PersonRegistered", "SentenceRegistered",
                                        "RequirementRegistered"};
  EXPECT_EQ(types("referral/NAT"), nat);
  const std::vector<std::string> expected = {"ReferralSubmitted", "EligibilityDecided",
                                             "ReferralRouted", "ReferralOffered",
                                             "ReferralAccepted"};
  std::vector<std::string> found;
  for (const std::string& type : types("referral/N56")) {
    if (std::find(expected.begin(), expected.end(), type) != expected.end()) found.push_back(type);
  }
  EXPECT_EQ(found, expected);
  const std::vector<std::string> drawn = types("subcontractor/N56");
  EXPECT_EQ(std::count(drawn.begin(), drawn.end(), "ReferralApportioned"), 1);
}

TEST_F(JourneyTest, PlayedAgainItChangesNothing) {
  JourneyResult first, second;
  ASSERT_OK(world.Play("twice", &first));
  ASSERT_OK_AND_ASSIGN(const auto before, world.Events());
  ASSERT_OK(world.Play("twice", &second));
  ASSERT_OK_AND_ASSIGN(const auto after, world.Events());
  EXPECT_EQ(first.referral_id, second.referral_id);
  for (const auto& [service, events] : before) {
    EXPECT_EQ(after.at(service).size(), events.size()) << service;
  }
  EXPECT_EQ(world.Disturbance({{"twice", second}}), "");
}

TEST_F(JourneyTest, APlayerWhoDiesAtAnyStepGoesOnFromTheBeginning) {
  std::map<std::string, JourneyResult> journeys;
  for (const std::string& last : demo::JourneySteps(world.OptionsOf(""))) {
    const std::string name = "player died at " + last;
    JourneyOptions options = world.OptionsOf(name);
    options.before = [&](const std::string& step) {
      return step == last ? absl::AbortedError("died") : absl::OkStatus();
    };
    JourneyResult half;
    ASSERT_THAT(demo::PlayJourney(world.platform(), options, &half),
                testing::StatusIs(absl::StatusCode::kAborted));
    ASSERT_OK(world.Play(name, &journeys[name]));
  }
  EXPECT_EQ(world.Disturbance(journeys), "");
}

class KillTest : public JourneyTest, public ::testing::WithParamInterface<std::string> {
 protected:
  static std::vector<std::string> Victims() {
    if (GetParam() == "everybody") return Processes::ServicesBuilt();
    return {GetParam()};
  }
  // The journeys are named by `when`, not by the delay: the same people every time.
  static void KillAfter(absl::Duration delay, const std::string& when) {
    SCOPED_TRACE(absl::StrCat("killed after ", absl::FormatDuration(delay)));
    const auto strike = [&] {
      absl::SleepFor(delay);
      for (const std::string& victim : Victims()) world.processes().Kill(victim);
      for (const std::string& victim : Victims()) EXPECT_OK(world.processes().Start(victim));
    };
    EXPECT_EQ(world.StrikeAtEveryStep(absl::StrCat(GetParam(), " killed ", when), strike), "");
  }
};

TEST_P(KillTest, AtEveryStepNothingIsLostAndNothingHappensTwice) {
  const uint64_t seed = absl::ToUnixNanos(absl::Now());
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  SplitMix64 random(seed);
  // Into the calls as they arrive, and into what they set off.
  KillAfter(absl::Microseconds(random.Below(10'000)), "at once");
  KillAfter(absl::Milliseconds(20 + random.Below(180)), "later");
}
INSTANTIATE_TEST_SUITE_P(Victims, KillTest, ::testing::ValuesIn([] {
                           std::vector<std::string> victims = Processes::ServicesBuilt();
                           victims.push_back("everybody");
                           return victims;
                         }()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace pdp::system_test
