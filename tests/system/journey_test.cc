// The journey of a case through real processes, with each of them killed at every step of it.

#include <algorithm>
#include <cstdlib>

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

TEST_F(JourneyTest, TheWorldIsToldOfThePlacementInOrder) {
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
  const std::vector<std::string> nat = {"PersonRegistered", "ResponsibleOfficerChanged",
                                        "SentenceRegistered", "RequirementRegistered"};
  EXPECT_EQ(types("referral/NAT her"), nat);
  const std::vector<std::string> expected = {"ReferralSubmitted", "EligibilityDecided",
                                             "ReferralRouted", "ReferralOffered",
                                             "ReferralAccepted"};
  std::vector<std::string> found;
  for (const std::string& type : types("referral/N56 her")) {
    if (std::find(expected.begin(), expected.end(), type) != expected.end()) found.push_back(type);
  }
  EXPECT_EQ(found, expected);
  const std::vector<std::string> drawn = types("subcontractor/N56 her");
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
  for (const std::string& last : demo::JourneySteps(0)) {
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

// Victims, chapter by chapter: gtest runs them in the order in which they are listed. All together
// die at every step; each alone at every third, another third in another run, or at every step when
// PDP_KILL_AT_EVERY_STEP is set.
struct Blow {
  int chapter;
  std::string victim;
  int stride, offset;
};

class KillTest : public ::testing::Test, public ::testing::WithParamInterface<Blow> {
 protected:
  void SetUp() override { ASSERT_OK(world.Open(GetParam().chapter)); }
  static std::vector<std::string> Victims() {
    if (GetParam().victim == "everybody") return Processes::ServicesBuilt();
    return {GetParam().victim};
  }
};

TEST_P(KillTest, AtEveryStepNothingIsLostAndNothingHappensTwice) {
  const uint64_t seed = absl::ToUnixNanos(absl::Now());
  SplitMix64 random(seed);
  // Into the calls as they arrive, or into what they set off.
  const absl::Duration delay = random.Below(2) == 0 ? absl::Microseconds(random.Below(10'000))
                                                    : absl::Milliseconds(20 + random.Below(180));
  SCOPED_TRACE(absl::StrCat("killed after ", absl::FormatDuration(delay)));
  const auto strike = [&] {
    absl::SleepFor(delay);
    for (const std::string& victim : Victims()) world.processes().Kill(victim);
    for (const std::string& victim : Victims()) EXPECT_OK(world.processes().Start(victim));
  };
  EXPECT_EQ(world.StrikeAtEveryStep(absl::StrCat(GetParam().victim, " killed"), strike,
                                    GetParam().stride, GetParam().offset),
            "");
}
INSTANTIATE_TEST_SUITE_P(Victims, KillTest, ::testing::ValuesIn([] {
                           std::vector<std::string> victims = Processes::ServicesBuilt();
                           victims.push_back("everybody");
                           const int stride =
                               std::getenv("PDP_KILL_AT_EVERY_STEP") != nullptr ? 1 : 3;
                           const int run = static_cast<int>(absl::ToUnixSeconds(absl::Now()) % 3);
                           std::vector<Blow> blows;
                           for (int chapter = 0; chapter < demo::kChapterCount; ++chapter) {
                             int offset = run;
                             for (const std::string& victim : victims) {
                               const bool all = victim == "everybody";
                               blows.push_back({chapter, victim, all ? 1 : stride,
                                                all ? 0 : offset++ % stride});
                             }
                           }
                           return blows;
                         }()),
                         [](const auto& info) {
                           return absl::StrCat(demo::kChapters[info.param.chapter].name, "_",
                                               info.param.victim);
                         });

// Listed last, run last: the whole of it.
class WholeStoryTest : public ::testing::TestWithParam<int> {
 protected:
  void SetUp() override { ASSERT_OK(world.Open(demo::kChapterCount - 1)); }
};

// Types of a partition in order, without repeats of one that follow each other.
std::vector<std::string> TypesOf(const std::string& partition) {
  std::vector<std::string> types;
  const auto lines = world.undisturbed().find(partition);
  if (lines == world.undisturbed().end()) return types;
  for (const std::string& line : lines->second) {
    const std::string name = line.substr(0, line.find(' '));
    const std::string type = name.substr(name.rfind('.') + 1);
    if (types.empty() || types.back() != type) types.push_back(type);
  }
  return types;
}

TEST_P(WholeStoryTest, DeliveryIsToldInOrderAndPlayedAgainChangesNothing) {
  // IF, B2 and B3, in the order of the specifications' life of an enrolment and of a case.
  const std::vector<std::string> hers = TypesOf("programmes/N56 her");
  const auto at = [&](const std::string& type) {
    return std::find(hers.begin(), hers.end(), type) - hers.begin();
  };
  EXPECT_LT(at("EnrolmentAllocated"), at("ProgrammeStarted"));
  EXPECT_LT(at("ProgrammeStarted"), at("SessionHeld"));
  EXPECT_LT(at("SessionHeld"), at("ProgrammeCompleted"));
  EXPECT_EQ(hers.back(), "ProgrammeCompleted");
  EXPECT_EQ(TypesOf("unpaid_work/N56 his"),
            (std::vector<std::string>{"AppointmentBooked", "OutcomeRecorded", "AppointmentBooked",
                                      "OutcomeRecorded", "SessionRun"}));
  const std::vector<std::string> referral = TypesOf("referral/N56 her");
  for (const char* type : {"ReferralAccepted", "DeliveryStarted", "DeliveryEnded"}) {
    EXPECT_EQ(std::count(referral.begin(), referral.end(), type), 1) << type;
  }
  JourneyResult again;
  ASSERT_OK_AND_ASSIGN(const auto before, world.Events());
  ASSERT_OK(world.Play("undisturbed", &again));
  ASSERT_OK_AND_ASSIGN(const auto after, world.Events());
  for (const auto& [service, events] : before) {
    EXPECT_EQ(after.at(service).size(), events.size()) << service;
  }
  EXPECT_EQ(world.Disturbance({{"undisturbed", again}}), "");
  // 8 attendances and a completion of hers, 180 and 390 minutes of his at 9.50 pounds an hour.
  EXPECT_EQ(again.charges, 10);
  EXPECT_EQ(again.charged_pence, 7 * 4200 + 25000 + 2850 + 6175);
  EXPECT_EQ(again.worked_minutes, 570);
  EXPECT_EQ(again.owed_minutes, 6000 - 570);
}
INSTANTIATE_TEST_SUITE_P(Last, WholeStoryTest, ::testing::Values(0));

}  // namespace
}  // namespace pdp::system_test
