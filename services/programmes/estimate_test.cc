// Estimates of PRG-18 and the order of those who wait (PRG-24, 25), by the worked examples.

#include "services/programmes/estimate.h"

#include <filesystem>
#include <fstream>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/rpc/reason_registry.h"
#include "services/programmes/domain/catalogue.h"
#include "services/programmes/domain/schedule.h"
#include "services/programmes/waiting.h"

namespace pdp::programmes {
namespace {

const Date kFrom(2026, 9, 1);

Tokens Of(std::initializer_list<const char*> tokens) {
  google::protobuf::RepeatedPtrField<std::string> list;
  for (const char* token : tokens) list.Add(token);
  return ReadTokens(list);
}
const Tokens kMan, kWoman = Of({"TRAUMA_INFORMED_STAFF", "WOMEN_SAFE_ANY"});

// TSP on Tuesdays 10:00 and Fridays 13:30, always free.
Joinable TspGroup(v1::GroupStatus status, Date earliest, int women, int others) {
  Joinable joinable;
  joinable.group.set_version_ref("TSP/1");
  joinable.group.set_status(status);
  joinable.group.set_sex_mode(v1::MIXED);
  joinable.group.mutable_size()->set_max(12);
  for (int i = 0; i < women + others; ++i) joinable.group.add_members();
  joinable.women = women;
  joinable.others = others;
  joinable.trauma_informed = true;
  std::vector<v1::Slot> slots(2);
  slots[0].set_iso_weekday(2);
  slots[0].set_start_min(600);
  slots[1].set_iso_weekday(5);
  slots[1].set_start_min(810);
  const PlanResult plan = PlanRows(*FindVersion("TSP/1"), slots, "G1", earliest,
                                   [](Date, int, const v1::CatalogueRow&) { return Place(); });
  for (const v1::Session& session : std::get<Plan>(plan).sessions) {
    *joinable.group.add_sessions() = session;
  }
  return joinable;
}

std::vector<v1::EstimateCompletionReply::Estimate> Ask(const std::string& route,
                                                       const Tokens& tokens,
                                                       std::vector<Joinable> groups = {}) {
  return Estimate(route, tokens, kFrom, [&](const v1::ProgrammeVersion& version) {
    std::vector<Joinable> of_version;
    for (const Joinable& group : groups) {
      if (group.group.version_ref() == version.version_ref()) of_version.push_back(group);
    }
    return of_version;
  });
}

TEST(EstimateTest, E19WithoutAJoinableGroupItIsTheNominalDate) {
  const auto tsp = Ask("TSP", kMan);
  ASSERT_EQ(tsp.size(), 1u);
  EXPECT_EQ(tsp[0].date(), "2027-01-19");
  EXPECT_EQ(tsp[0].source(), "NOMINAL");
  EXPECT_EQ(tsp[0].version_ref(), "TSP/1");
  const auto bbr = Ask("BBR", kMan);
  ASSERT_EQ(bbr.size(), 1u);
  EXPECT_EQ(bbr[0].date(), "2027-02-23");
  const auto em = Ask("SI_EM", kWoman);
  ASSERT_EQ(em.size(), 2u) << "the version for women, and the one for everybody";
  EXPECT_EQ(em[0].version_ref(), "EM-W/1") << "earliest first";
  EXPECT_EQ(em[0].date(), "2026-12-01");
  EXPECT_EQ(em[0].source(), "NOMINAL");
  EXPECT_EQ(Ask("SI_EM", kMan).size(), 1u) << "-W versions admit women only";
}

TEST(EstimateTest, NoVersionFitsAWomanOnBbr) {
  EXPECT_TRUE(Ask("BBR", kWoman).empty());
  EXPECT_TRUE(Ask("NO_SUCH_ROUTE", kMan).empty());
}

TEST(EstimateTest, E19AGroupThatHasBegunGivesItsOwnLastDate) {
  const Joinable running = TspGroup(v1::RUNNING, Date(2026, 8, 25), 0, 4);
  EXPECT_EQ(LastDate(running.group), Date(2026, 12, 11));
  const auto estimates = Ask("TSP", kMan, {running});
  ASSERT_EQ(estimates.size(), 1u);
  EXPECT_EQ(estimates[0].date(), "2026-12-11");
  EXPECT_EQ(estimates[0].source(), "GROUP");
}

TEST(EstimateTest, E19AWomanIsNeverMadeTheOneAmongMen) {
  const v1::ProgrammeVersion& tsp = *FindVersion("TSP/1");
  const Date earliest(2026, 9, 8);
  EXPECT_FALSE(MayJoin(tsp, TspGroup(v1::SCHEDULED, earliest, 0, 4), kWoman, kFrom));
  EXPECT_TRUE(MayJoin(tsp, TspGroup(v1::SCHEDULED, earliest, 1, 4), kWoman, kFrom));
  EXPECT_TRUE(MayJoin(tsp, TspGroup(v1::SCHEDULED, earliest, 0, 4), kMan, kFrom));
  EXPECT_FALSE(MayJoin(tsp, TspGroup(v1::SCHEDULED, earliest, 1, 4), kMan, kFrom))
      << "a man would leave her the one woman";
  EXPECT_TRUE(MayJoin(tsp, TspGroup(v1::SCHEDULED, earliest, 2, 2), kMan, kFrom));
}

TEST(EstimateTest, AGroupThatIsFullClosedToJoinersOrUnsuitableIsNoCandidate) {
  const v1::ProgrammeVersion& tsp = *FindVersion("TSP/1");
  const Joinable good = TspGroup(v1::CONFIRMED, Date(2026, 9, 8), 2, 4);
  ASSERT_TRUE(MayJoin(tsp, good, kWoman, kFrom));
  Joinable other = good;
  other.group.mutable_size()->set_max(6);
  EXPECT_FALSE(MayJoin(tsp, other, kWoman, kFrom)) << "PRG-49";
  other = good;
  other.trauma_informed = false;
  EXPECT_FALSE(MayJoin(tsp, other, kWoman, kFrom)) << "PRG-44";
  EXPECT_TRUE(MayJoin(tsp, other, kMan, kFrom));
  EXPECT_FALSE(MayJoin(tsp, good, Of({"TRAUMA_INFORMED_STAFF", "WOMEN_ONLY_GROUP"}), kFrom));
  EXPECT_FALSE(MayJoin(tsp, good, Of({"TRAUMA_INFORMED_STAFF", "ONE_TO_ONE"}), kFrom));
  other = good;
  other.group.set_sex_mode(v1::MEN);
  EXPECT_FALSE(MayJoin(tsp, other, kWoman, kFrom)) << "PRG-50";
  other = good;
  other.group.set_status(v1::FORMING);
  EXPECT_FALSE(MayJoin(tsp, other, kMan, kFrom));
  // PRG-69: SC2, the last row before which one may join, is on 18 September.
  EXPECT_TRUE(MayJoin(tsp, good, kMan, Date(2026, 9, 17)));
  EXPECT_FALSE(MayJoin(tsp, good, kMan, Date(2026, 9, 18)));
}

TEST(WaitingTest, E16FlagsAndBucketsByTheDaysThatAreLeft) {
  const Date today(2026, 9, 1);
  const struct {
    Date latest;
    v1::WaitFlag flag;
    int bucket;
  } cases[] = {{Date(2026, 8, 31), v1::WAIT_TOO_LATE, 2},
               {Date(2026, 9, 28), v1::WAIT_RED, 0},
               {Date(2026, 9, 29), v1::WAIT_AMBER, 1},
               {Date(2026, 11, 24), v1::WAIT_GREEN, 1}};
  for (const auto& c : cases) {
    EXPECT_EQ(UrgencyOf(c.latest, today).flag, c.flag) << FormatDate(c.latest);
    EXPECT_EQ(UrgencyOf(c.latest, today).bucket, c.bucket) << FormatDate(c.latest);
  }
  EXPECT_EQ(UrgencyOf(std::nullopt, today).flag, v1::WAIT_GREEN) << "an open end";
}

v1::EnrolmentRow Waiting(const std::string& id, const std::string& order_end,
                         const std::string& received_on) {
  v1::EnrolmentRow row;
  row.set_enrolment_id(id);
  row.set_version_ref("TSP/1");
  row.set_order_end(order_end);
  row.set_received_on(received_on);
  return row;
}

TEST(WaitingTest, OrderIsBucketThenLatestStartThenWaitThenId) {
  const Date today(2026, 9, 1);
  // TSP: latest start is 140 days before the end of the order (28 + 7 * 16, E7).
  const std::vector<v1::EnrolmentRow> in_order = {
      Waiting("a/1", "2027-01-25", "2026-08-01"),  // 2026-09-07: now
      Waiting("b/1", "2027-02-15", "2026-08-01"),  // 2026-09-28: now
      Waiting("d/1", "2027-03-31", "2026-06-01"),  // 2026-11-11: later, waiting longer
      Waiting("c/1", "2027-03-31", "2026-08-01"),
      Waiting("e/1", "2027-03-31", "2026-08-01"),
      Waiting("f/1", "", "2026-01-01"),            // an open end comes last of its bucket
      Waiting("g/1", "2027-01-18", "2026-01-01"),  // 2026-08-31: too late
  };
  for (size_t i = 0; i + 1 < in_order.size(); ++i) {
    EXPECT_LT(WaitingOrder(MakeWaiting(in_order[i], today)),
              WaitingOrder(MakeWaiting(in_order[i + 1], today)))
        << in_order[i].enrolment_id();
  }
}

// Interfaces, C12: what a refusal or a violation is called is registered, with its text.
TEST(ReasonCodesTest, EveryCodeOfTheServiceIsRegistered) {
  const auto& registry = rpc::ReasonRegistry::Global();
  std::set<std::string> missing;
  int seen = 0;
  for (const char* folder : {"/services/programmes/domain", "/services/programmes"}) {
    for (const auto& entry :
         std::filesystem::directory_iterator(absl::StrCat(PDP_SOURCE_DIR, folder))) {
      const std::string name = entry.path().filename();
      if (entry.path().extension() != ".cc" || absl::EndsWith(name, "_test.cc")) continue;
      std::ifstream file(entry.path());
      const std::string text((std::istreambuf_iterator<char>(file)), {});
      for (const char* before :
           {"Reject(\"", "push_back({\"", "ValidationFailed({{\"", "add(\"", ".code = \""}) {
        for (size_t at = text.find(before); at != std::string::npos;
             at = text.find(before, at + 1)) {
          const size_t from = at + std::string(before).size();
          const std::string code = text.substr(from, text.find('"', from) - from);
          ++seen;
          if (registry.Find(code) == nullptr) missing.insert(code);
        }
      }
    }
  }
  EXPECT_GT(seen, 100) << "the patterns no longer find what they look for";
  EXPECT_TRUE(missing.empty()) << ::testing::PrintToString(missing);
}

}  // namespace
}  // namespace pdp::programmes
