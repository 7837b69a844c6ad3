#include "libs/projection/runner.h"

#include <atomic>
#include <fstream>
#include <iterator>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/projection/publisher.h"
#include "libs/projection/testing/history.h"
#include "libs/record/upcaster.h"

namespace pdp::projection {
namespace {

using clinic::People;
using clinic::v1::PersonRow;
using ::pdp::testing::StatusIs;

const Area kN56 = *Area::FromCode("N56");
const Area kN07 = *Area::FromCode("N07");

common::v1::Position At(Area area, Seq seq) {
  common::v1::Position position;
  position.set_area(std::string(area.code()));
  position.set_epoch(1);
  position.set_seq(seq.value());
  return position;
}

class RunnerTest : public ::testing::Test {
 protected:
  std::unique_ptr<ProjectionRunner> Make(std::unique_ptr<Projection> projection) {
    ProjectionRunner::Options options;
    options.service = "clinic";
    options.areas = {kN56, kN07};
    options.records_batch_max = 3;
    options.retry = absl::Milliseconds(5);
    options.upcaster = &upcaster_;
    auto runner = std::make_unique<ProjectionRunner>(
        options, history_.db(), history_.vault(),
        [] { return std::make_unique<clinic::v1::Event>(); });
    people_ = &runner->Add(std::move(projection));
    public_ = &runner->Add(std::make_unique<Publisher>(clinic::ToPublic));
    return runner;
  }
  std::unique_ptr<ProjectionRunner> Started(std::unique_ptr<Projection> projection) {
    auto runner = Make(std::move(projection));
    EXPECT_OK(runner->Start());
    return runner;
  }
  static absl::Time Soon() { return absl::Now() + absl::Seconds(20); }

  PersonRow Row(Area area, const std::string& crn, bool* erased = nullptr) {
    PersonRow row;
    const auto found = people_->Get(area, crn, &row, erased);
    EXPECT_OK(found);
    return row;
  }
  std::vector<std::string> Rows(Area area) {
    std::vector<std::string> rows;
    PersonRow row;
    EXPECT_OK(people_->Scan(area, {}, &row, [&](absl::string_view key, bool) {
      rows.push_back(absl::StrCat(key, "=", row.SerializeAsString()));
      return true;
    }));
    return rows;
  }

  testing::History history_;
  record::Upcaster upcaster_;
  RowReader* people_ = nullptr;
  RowReader* public_ = nullptr;
};

TEST_F(RunnerTest, RowsFollowTheArchiveOfEachArea) {
  history_.Register(kN56, "X000001", "Ann");
  const Seq last = history_.Visit(kN56, "X000001", 30, 2);
  const Seq other = history_.Register(kN07, "X000001", "Other");
  auto runner = Started(std::make_unique<People>());
  ASSERT_OK(runner->WaitFor("people", {At(kN56, last), At(kN07, other)}, Soon()));
  EXPECT_EQ(Row(kN56, "X000001").name(), "Ann");
  EXPECT_EQ(Row(kN56, "X000001").minutes(), 60);
  EXPECT_EQ(Row(kN07, "X000001").name(), "Other");
  EXPECT_EQ(Row(kN07, "X000001").minutes(), 0);
}

TEST_F(RunnerTest, EventsOfAnOldSchemaAreLiftedBeforeAViewSeesThem) {
  // The first version of a visit counted hours.
  upcaster_.Add("VisitRecorded", 1, [](google::protobuf::Message& event) {
    auto& visit = *static_cast<clinic::v1::Event&>(event).mutable_visit_recorded();
    visit.set_minutes(visit.minutes() * 60);
  });
  history_.Register(kN56, "X000001", "Ann");
  const Seq last = history_.Visit(kN56, "X000001", 2);
  auto runner = Started(std::make_unique<People>());
  ASSERT_OK(runner->WaitFor("people", {At(kN56, last)}, Soon()));
  EXPECT_EQ(Row(kN56, "X000001").minutes(), 120);
}

TEST_F(RunnerTest, ARestartResumesAtTheCheckpointAndNoEffectIsDoubled) {
  history_.Register(kN56, "X000001", "Ann");
  for (int i = 0; i < 10; ++i) history_.Visit(kN56, "X000001", 1);
  // Several lives, each ended somewhere in the middle.
  for (int life = 0; life < 5; ++life) {
    auto runner = Started(std::make_unique<People>());
    const Seq at = history_.Visit(kN56, "X000001", 1);
    runner->Wake();
    if (life % 2 == 0) {
      ASSERT_OK(runner->WaitFor("people", {At(kN56, at)}, Soon()));
    }
    runner.reset();
    history_.Reopen();
  }
  const Seq last = history_.Barrier(kN56);
  auto runner = Started(std::make_unique<People>());
  ASSERT_OK(runner->WaitFor("people", {At(kN56, last)}, Soon()));
  EXPECT_EQ(Row(kN56, "X000001").minutes(), 15);
}

TEST_F(RunnerTest, WaitForGivesUpAtTheDeadlineAndAnswersAtOnceWhenThere) {
  const Seq seq = history_.Register(kN56, "X000001", "Ann");
  auto runner = Started(std::make_unique<People>());
  EXPECT_OK(runner->WaitFor("people", {}, absl::InfinitePast()));
  EXPECT_THAT(runner->WaitFor("people", {At(kN56, Seq(99))}, absl::Now() + absl::Milliseconds(20)),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_OK(runner->WaitFor("people", {At(kN56, seq)}, Soon()));
  EXPECT_OK(runner->WaitFor("people", {At(kN56, seq)}, absl::InfinitePast()));
  EXPECT_THAT(runner->WaitFor("nothing", {}, Soon()), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(RunnerTest, AWriteMadeWhileWaitingIsSeen) {
  auto runner = Started(std::make_unique<People>());
  absl::Notification seen;
  runner->WhenAt("people", {At(kN56, Seq(1))}, Soon(), [&](absl::Status status) {
    EXPECT_OK(status);
    seen.Notify();
  });
  history_.Register(kN56, "X000001", "Ann");
  runner->Wake();
  ASSERT_TRUE(seen.WaitForNotificationWithTimeout(absl::Seconds(20)));
  EXPECT_EQ(Row(kN56, "X000001").name(), "Ann");
}

TEST_F(RunnerTest, AFailingProjectionFallsBehindAloneSaysSoAndComesBack) {
  history_.Register(kN56, "X000001", "Ann");
  const Seq bad = history_.Visit(kN56, "X000001", 13);
  std::atomic<bool> broken = true;
  auto runner = Started(std::make_unique<People>(1, [&](const RecordedEvent& event) {
    if (broken && event.seq == bad) return absl::InternalError("no room for thirteen");
    return absl::OkStatus();
  }));
  EXPECT_OK(runner->WaitFor("public", {At(kN56, bad)}, Soon()));
  EXPECT_OK(runner->WaitFor("people", {At(kN56, Seq(1))}, Soon()));
  EXPECT_THAT(runner->WaitFor("people", {At(kN56, bad)}, Soon()),
              StatusIs(absl::StatusCode::kUnavailable, "no room for thirteen"));
  EXPECT_EQ(Row(kN56, "X000001").name(), "Ann") << "what came before is there";
  broken = false;
  absl::Status status;
  do {
    status = runner->WaitFor("people", {At(kN56, bad)}, Soon());
  } while (absl::IsUnavailable(status));
  EXPECT_OK(status);
  EXPECT_EQ(Row(kN56, "X000001").minutes(), 13);
}

// What people make of the wall clock neither stretches nor ends a wait.
TEST_F(RunnerTest, AClockThatIsSetBackDoesNotPutOffARetry) {
  FakeClock clock(absl::FromUnixSeconds(1'750'000'000));
  const Seq seq = history_.Register(kN56, "X000001", "Ann");
  bool broken = true;
  ProjectionRunner runner(
      {.service = "clinic", .areas = {kN56}, .clock = &clock, .retry = absl::Seconds(1),
       .threads = false, .upcaster = &upcaster_},
      history_.db(), history_.vault(), [] { return std::make_unique<clinic::v1::Event>(); });
  runner.Add(std::make_unique<People>(1, [&](const RecordedEvent&) {
    return broken ? absl::InternalError("no room") : absl::OkStatus();
  }));
  ASSERT_OK(runner.Start());
  runner.Step();
  broken = false;
  clock.SetBack(absl::Hours(1));
  clock.Advance(absl::Milliseconds(999));
  runner.Step();
  EXPECT_EQ(runner.checkpoint("people", kN56), Seq(0)) << "not before its time";
  clock.Advance(absl::Milliseconds(1));
  runner.Step();
  EXPECT_EQ(runner.checkpoint("people", kN56), seq);
}

TEST_F(RunnerTest, ARebuildLeavesEveryRowAsItWasAndShowsItsProgress) {
  for (int i = 0; i < 20; ++i) {
    const std::string crn = absl::StrCat("X", 100000 + i);
    history_.Register(kN56, crn, absl::StrCat("Name", i));
    history_.Visit(kN56, crn, i, 2);
  }
  const Seq last = history_.Barrier(kN56);
  auto runner = Started(std::make_unique<People>());
  ASSERT_OK(runner->WaitFor("people", {At(kN56, last)}, Soon()));
  const auto before = Rows(kN56);
  ASSERT_EQ(before.size(), 20u);
  std::vector<std::pair<uint64_t, uint64_t>> steps;
  ASSERT_OK(runner->Rebuild("people", [&](uint64_t done, uint64_t total) {
    EXPECT_EQ(Rows(kN56), before) << "queries go on meanwhile";
    steps.emplace_back(done, total);
  }));
  EXPECT_EQ(Rows(kN56), before);
  EXPECT_GT(steps.size(), 5u);
  EXPECT_TRUE(std::is_sorted(steps.begin(), steps.end()));
  EXPECT_EQ(steps.back(), std::pair(last.value(), last.value()));
  // The tables of the old build are gone, and the new rows go on.
  EXPECT_EQ(history_.db().names(), (std::vector<std::string>{"p.people.v1.r1", "p.public.v1"}));
  const Seq next = history_.Visit(kN56, "X100000", 5);
  runner->Wake();
  ASSERT_OK(runner->WaitFor("people", {At(kN56, next)}, Soon()));
  EXPECT_EQ(Row(kN56, "X100000").minutes(), 5);
}

TEST_F(RunnerTest, ANewVersionIsBuiltBesideTheOldRowsWhichServeUntilTheSwitch) {
  history_.Register(kN56, "X000001", "Ann");
  const Seq last = history_.Visit(kN56, "X000001", 30);
  {
    auto runner = Started(std::make_unique<People>(1));
    ASSERT_OK(runner->WaitFor("people", {At(kN56, last)}, Soon()));
    EXPECT_EQ(Row(kN56, "X000001").visits(), 1);
  }
  absl::Notification go;
  auto runner = Started(std::make_unique<People>(2, [&](const RecordedEvent&) {
    go.WaitForNotification();
    return absl::OkStatus();
  }));
  EXPECT_EQ(Row(kN56, "X000001").visits(), 1) << "the old rows serve while the new ones are built";
  EXPECT_OK(runner->WaitFor("public", {At(kN56, last)}, Soon())) << "others are not held up";
  go.Notify();
  ASSERT_OK(runner->WaitFor("people", {At(kN56, last)}, Soon()));
  EXPECT_EQ(Row(kN56, "X000001").visits(), 2);
  EXPECT_EQ(runner->info().at(0).live_version(), 2u);
}

TEST_F(RunnerTest, ASecondRebuildOfTheSameProjectionIsRefusedWhileOneRuns) {
  const Seq last = history_.Register(kN56, "X000001", "Ann");
  auto runner = Started(std::make_unique<People>());
  ASSERT_OK(runner->WaitFor("people", {At(kN56, last)}, Soon()));
  ASSERT_OK(runner->Rebuild("people", [&](uint64_t, uint64_t) {
    EXPECT_THAT(runner->Rebuild("people", [](uint64_t, uint64_t) {}),
                StatusIs(absl::StatusCode::kAborted));
  }));
  EXPECT_THAT(runner->Rebuild("nothing", [](uint64_t, uint64_t) {}),
              StatusIs(absl::StatusCode::kNotFound));
}

// Whether any file of the views holds `text`.
bool OnDisk(const std::filesystem::path& folder, const std::string& text) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (bytes.find(text) != std::string::npos) return true;
  }
  return false;
}

TEST_F(RunnerTest, PersonalDataIsSealedInEveryRowAndErasedReadsAsErased) {
  history_.Register(kN56, "X000001", "Annabella-Unmistakable");
  const Seq last = history_.Visit(kN56, "X000001", 30);
  std::atomic<int> erased_events = 0;
  auto runner = Started(std::make_unique<People>(1, [&](const RecordedEvent& event) {
    erased_events += event.erased;
    return absl::OkStatus();
  }));
  ASSERT_OK(runner->WaitFor("people", {At(kN56, last)}, Soon()));
  ASSERT_OK(runner->WaitFor("public", {At(kN56, last)}, Soon()));
  EXPECT_EQ(erased_events, 0);
  EXPECT_FALSE(OnDisk(history_.path(), "Annabella")) << "not even before the erasure";
  ASSERT_OK(history_.vault().Destroy("X000001"));
  bool erased = false;
  EXPECT_EQ(Row(kN56, "X000001", &erased).name(), "");
  EXPECT_TRUE(erased);
  EXPECT_EQ(Row(kN56, "X000001").minutes(), 30);
  // Later events and a rebuild keep the rest.
  const Seq next = history_.Visit(kN56, "X000001", 5);
  runner->Wake();
  ASSERT_OK(runner->WaitFor("people", {At(kN56, next)}, Soon()));
  ASSERT_OK(runner->Rebuild("people", [](uint64_t, uint64_t) {}));
  EXPECT_EQ(Row(kN56, "X000001").name(), "");
  EXPECT_EQ(Row(kN56, "X000001").minutes(), 35);
  EXPECT_EQ(erased_events, 1) << "the registration, seen again by the rebuild";
  EXPECT_FALSE(OnDisk(history_.path(), "Annabella"));
}

TEST_F(RunnerTest, PublicEventsCarryTheAttributesOfCloudEventsAndStableIds) {
  history_.Register(kN56, "X000001", "Ann");
  const Seq last = history_.Visit(kN56, "X000001", 30, 2);
  auto runner = Started(std::make_unique<People>());
  ASSERT_OK(runner->WaitFor("public", {At(kN56, last)}, Soon()));
  ASSERT_OK_AND_ASSIGN(const auto events, ReadPublic(*public_, kN56, Seq(0), 0, 100));
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].id(), "clinic/N56/1/0");
  EXPECT_EQ(events[1].id(), "clinic/N56/2/0");
  EXPECT_EQ(events[2].id(), "clinic/N56/2/1");
  EXPECT_EQ(events[2].type(), "pdp.clinic.v1.VisitCounted");
  EXPECT_EQ(events[2].source(), "/pdp/clinic/N56");
  EXPECT_EQ(events[2].subject(), "person/X000001");
  EXPECT_EQ(events[2].time().seconds(), 1'740'000'000);
  EXPECT_EQ(events[2].area(), "N56");
  EXPECT_EQ(events[2].seq(), 2u);
  EXPECT_EQ(events[2].index(), 1u);
  EXPECT_EQ(events[2].correlation_id(), "corr-1");
  EXPECT_EQ(events[2].causation_id(), "63636363636363636363636363636363");
  EXPECT_EQ(events[2].traceparent().substr(0, 3), "00-");
  clinic::v1::PublicEvent data;
  ASSERT_TRUE(data.ParseFromString(events[0].data()));
  EXPECT_EQ(data.person_known().crn(), "X000001");
  EXPECT_EQ(data.person_known().name(), "") << "personal fields do not leave the service";
  ASSERT_OK(runner->Rebuild("public", [](uint64_t, uint64_t) {}));
  ASSERT_OK_AND_ASSIGN(const auto again, ReadPublic(*public_, kN56, Seq(0), 0, 100));
  ASSERT_EQ(again.size(), events.size());
  for (size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(again[i].SerializeAsString(), events[i].SerializeAsString());
  }
}

TEST_F(RunnerTest, ScansPageThroughAPrefixInOrder) {
  Seq last;
  for (const char* crn : {"A1", "A2", "A3", "B1"}) last = history_.Register(kN56, crn, "n");
  auto runner = Started(std::make_unique<People>());
  ASSERT_OK(runner->WaitFor("people", {At(kN56, last)}, Soon()));
  const auto page = [&](ScanRange range) {
    std::string keys;
    PersonRow row;
    EXPECT_OK(people_->Scan(kN56, range, &row, [&](absl::string_view key, bool) {
      absl::StrAppend(&keys, key, " ");
      return true;
    }));
    return keys;
  };
  EXPECT_EQ(page({.prefix = "A", .limit = 2}), "A1 A2 ");
  EXPECT_EQ(page({.prefix = "A", .after_key = "A2", .limit = 2}), "A3 ");
  EXPECT_EQ(page({.prefix = "A", .after_key = "A3"}), "");
  EXPECT_EQ(page({.after_key = "A3"}), "B1 ");
}

}  // namespace
}  // namespace pdp::projection
