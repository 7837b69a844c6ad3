#include "libs/projection/process_runner.h"

#include <deque>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "google/protobuf/wrappers.pb.h"
#include "gtest/gtest.h"
#include "libs/base/hash.h"

namespace pdp::projection {
namespace {

using common::v1::CloudEvent;
using common::v1::FeedPosition;
using Command = google::protobuf::StringValue;

const Area kN56 = *Area::FromCode("N56");

CloudEvent EventAt(const std::string& area, uint64_t seq, const std::string& subject,
                   uint32_t index = 0) {
  CloudEvent event;
  event.set_id(absl::StrCat("referral/", area, "/", seq, "/", index));
  event.set_type("pdp.referral.v1.ReferralAccepted");
  event.set_area(area);
  event.set_seq(seq);
  event.set_index(index);
  event.set_subject(subject);
  event.set_correlation_id("corr-1");
  return event;
}

// Everything outside the runner, surviving its restarts: a feed of events, marks, and a service
// that takes commands and remembers outcomes by command id, as a cell does.
class World final : public MarkStore {
 public:
  absl::StatusOr<std::optional<FeedPosition>> Get(absl::string_view key) override {
    absl::MutexLock lock(&mutex_);
    const auto it = marks_.find(std::string(key));
    if (it == marks_.end()) return std::optional<FeedPosition>();
    return std::optional<FeedPosition>(it->second);
  }
  absl::Status Put(absl::string_view key, const FeedPosition& mark) override {
    absl::MutexLock lock(&mutex_);
    if (!marks_writable_) return absl::InternalError("the disk is gone");
    marks_[std::string(key)] = mark;
    return absl::OkStatus();
  }
  void SetMarksWritable(bool writable) {
    absl::MutexLock lock(&mutex_);
    marks_writable_ = writable;
  }
  void LoseMarks() {
    absl::MutexLock lock(&mutex_);
    marks_.clear();
  }

  void Publish(CloudEvent event) {
    absl::MutexLock lock(&mutex_);
    feed_.push_back(std::move(event));
    if (notify_) notify_();
  }

  engine::CommandOutcome Execute(Area area, engine::CommandRequest request) {
    absl::MutexLock lock(&mutex_);
    const std::string id = request.header.command_id();
    const std::string& text = static_cast<const Command&>(*request.command).value();
    attempts_.push_back({id, text});
    engine::CommandOutcome outcome;
    if (failing_.contains(text)) {
      outcome.result = absl::UnavailableError("down");
      return outcome;
    }
    if (refused_.contains(text)) {
      outcome.result = decider::Reject("NOT_FOUND");
      return outcome;
    }
    if (taken_.insert({area, id}).second) {
      effects_.push_back(text);
      if (request.cause) {
        causes_.push_back(*request.cause);
        FeedPosition at;
        at.set_seq(request.cause->seq());
        at.set_index(request.cause->index());
        inbox_[{area, request.cause->area()}] = at;
      }
    }
    outcome.result = engine::Committed{};
    return outcome;
  }

  void Fail(const std::string& text) {
    absl::MutexLock lock(&mutex_);
    failing_.insert(text);
  }
  void Mend() {
    absl::MutexLock lock(&mutex_);
    failing_.clear();
  }
  void Refuse(const std::string& text) {
    absl::MutexLock lock(&mutex_);
    refused_.insert(text);
  }

  std::vector<std::string> effects() const {
    absl::MutexLock lock(&mutex_);
    return effects_;
  }
  // Command ids of the attempts at `text`.
  std::vector<std::string> attempts(const std::string& text) const {
    absl::MutexLock lock(&mutex_);
    std::vector<std::string> ids;
    for (const auto& [id, tried] : attempts_) {
      if (tried == text) ids.push_back(id);
    }
    return ids;
  }
  [[nodiscard]] bool AwaitAttempts(const std::string& text, size_t count) const {
    return Await([=, this]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      size_t tried = 0;
      for (const auto& attempt : attempts_) tried += attempt.second == text;
      return tried >= count;
    });
  }
  [[nodiscard]] bool AwaitEffects(size_t count) const {
    return Await([=, this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return effects_.size() >= count; });
  }
  [[nodiscard]] bool AwaitMark(const std::string& key, uint64_t seq) const {
    return Await([=, this]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
      const auto it = marks_.find(key);
      return it != marks_.end() && it->second.seq() == seq;
    });
  }
  uint64_t mark(const std::string& key) const {
    absl::MutexLock lock(&mutex_);
    const auto it = marks_.find(key);
    return it == marks_.end() ? 0 : it->second.seq();
  }
  std::vector<log::v1::Cause> causes() const {
    absl::MutexLock lock(&mutex_);
    return causes_;
  }

  ProcessRunner::Engine engine() {
    return {.execute = [this](Area area, engine::CommandRequest request) {
              return Execute(area, std::move(request));
            },
            .inbox = [this](Area own, const std::string&, const std::string&, Area area)
                -> absl::StatusOr<FeedPosition> {
              absl::MutexLock lock(&mutex_);
              return inbox_[{own, std::string(area.code())}];
            },
            .leads = {}};
  }

  class Source final : public EventSource {
   public:
    Source(World& world, SourceRequest request) : world_(world), request_(std::move(request)) {}
    absl::StatusOr<std::vector<CloudEvent>> Poll(size_t events_max, absl::Duration) override {
      absl::MutexLock lock(&world_.mutex_);
      std::vector<CloudEvent> events;
      while (next_ < world_.feed_.size() && events.size() < events_max) {
        const CloudEvent& event = world_.feed_[next_++];
        for (const FeedPosition& after : request_.after) {
          if (after.area() == event.area() && std::pair(event.seq(), event.index()) >
                                                  std::pair(after.seq(), after.index())) {
            events.push_back(event);
          }
        }
      }
      return events;
    }
    void Close() override {}

   private:
    World& world_;
    const SourceRequest request_;
    size_t next_ = 0;
  };
  SourceFactory sources() {
    return [this](SourceRequest request) -> absl::StatusOr<std::unique_ptr<EventSource>> {
      absl::MutexLock lock(&mutex_);
      notify_ = request.notify;
      return std::make_unique<Source>(*this, std::move(request));
    };
  }

 private:
  template <typename Condition>
  bool Await(Condition condition) const {
    absl::MutexLock lock(&mutex_);
    return mutex_.AwaitWithTimeout(absl::Condition(&condition), absl::Seconds(20));
  }

  mutable absl::Mutex mutex_;
  std::deque<CloudEvent> feed_;
  std::function<void()> notify_;
  std::map<std::string, FeedPosition> marks_;
  bool marks_writable_ = true;
  std::set<std::string> failing_;
  std::set<std::string> refused_;
  std::vector<std::pair<std::string, std::string>> attempts_;
  std::set<std::pair<Area, std::string>> taken_;
  std::vector<std::string> effects_;
  std::vector<log::v1::Cause> causes_;
  std::map<std::pair<Area, std::string>, FeedPosition> inbox_;
};

// Issues two commands an event: "<subject>:<seq>:first" and then "...:second".
class TwoSteps final : public Process {
 public:
  std::string name() const override { return "two_steps"; }
  std::vector<Subscription> subscriptions() const override {
    return {{.service = "referral", .partitions = Partitions::kOwn}};
  }
  absl::Status React(const CloudEvent& event, ProcessContext& context) override {
    for (const char* step : {"first", "second"}) {
      Command command;
      command.set_value(absl::StrCat(event.subject(), ":", event.seq(), ":", step));
      const engine::CommandOutcome outcome = context.Execute(step, command);
      if (absl::Status done = Done(outcome); !done.ok()) return done;
      if (!RefusalOf(outcome).empty()) return absl::OkStatus();
    }
    return absl::OkStatus();
  }
};

constexpr char kMark[] = "process/N56/two_steps/referral/N56";

class ProcessRunnerTest : public ::testing::Test {
 protected:
  std::unique_ptr<ProcessRunner> Run() {
    ProcessRunner::Options options;
    options.service = "programmes";
    options.clock = &clock_;
    options.tick = absl::Milliseconds(2);
    auto runner =
        std::make_unique<ProcessRunner>(options, world_.engine(), world_, world_.sources());
    runner->Add(kN56, std::make_unique<TwoSteps>());
    runner->Start();
    return runner;
  }

  FakeClock clock_{absl::FromUnixSeconds(1'750'000'000)};
  World world_;
};

TEST_F(ProcessRunnerTest, AnEventCausesItsStepsInOrderAndMovesTheMark) {
  auto runner = Run();
  world_.Publish(EventAt("N56", 3, "a"));
  ASSERT_TRUE(world_.AwaitMark(kMark, 3));
  EXPECT_EQ(world_.effects(), (std::vector<std::string>{"a:3:first", "a:3:second"}));
}

TEST_F(ProcessRunnerTest, CommandIdsAreDerivedFromTheEventAndTheStep) {
  auto runner = Run();
  world_.Publish(EventAt("N56", 3, "a", 2));
  ASSERT_TRUE(world_.AwaitEffects(2));
  EXPECT_EQ(world_.attempts("a:3:second").at(0),
            std::string(DerivedCommandId("referral/N56/3/2", "second").bytes()));
}

TEST_F(ProcessRunnerTest, ARedeliveredEventHasNoSecondEffectAndIsNotEvenTried) {
  auto runner = Run();
  world_.Publish(EventAt("N56", 3, "a"));
  world_.Publish(EventAt("N56", 3, "a"));
  world_.Publish(EventAt("N56", 4, "a"));
  ASSERT_TRUE(world_.AwaitMark(kMark, 4));
  EXPECT_EQ(world_.effects().size(), 4u);
  EXPECT_EQ(world_.attempts("a:3:first").size(), 1u);
}

TEST_F(ProcessRunnerTest, ACrashAfterTheCommitAndBeforeTheMarkRepeatsWithoutASecondEffect) {
  world_.SetMarksWritable(false);
  auto runner = Run();
  world_.Publish(EventAt("N56", 3, "a"));
  ASSERT_TRUE(world_.AwaitEffects(2));
  runner.reset();
  world_.SetMarksWritable(true);
  runner = Run();
  ASSERT_TRUE(world_.AwaitMark(kMark, 3));
  EXPECT_EQ(world_.effects(), (std::vector<std::string>{"a:3:first", "a:3:second"}));
  EXPECT_EQ(world_.attempts("a:3:second").size(), 2u);
}

TEST_F(ProcessRunnerTest, ACrashBetweenTwoStepsIsTakenUpAgainEvenWhenTheViewsAreLost) {
  world_.Fail("a:3:second");
  auto runner = Run();
  world_.Publish(EventAt("N56", 3, "a"));
  ASSERT_TRUE(world_.AwaitAttempts("a:3:second", 1));
  runner.reset();
  world_.LoseMarks();
  world_.Mend();
  runner = Run();
  ASSERT_TRUE(world_.AwaitMark(kMark, 3));
  EXPECT_EQ(world_.effects(), (std::vector<std::string>{"a:3:first", "a:3:second"}));
}

TEST_F(ProcessRunnerTest, WithTheViewsLostTheInboxOfTheLogTellsWhereToGoOn) {
  auto runner = Run();
  world_.Publish(EventAt("N56", 3, "a"));
  world_.Publish(EventAt("N56", 4, "b"));
  ASSERT_TRUE(world_.AwaitMark(kMark, 4));
  runner.reset();
  world_.LoseMarks();
  runner = Run();
  ASSERT_TRUE(world_.AwaitMark(kMark, 4));
  EXPECT_EQ(world_.attempts("a:3:first").size(), 1u);
  EXPECT_EQ(world_.effects().size(), 4u);
}

TEST_F(ProcessRunnerTest, UnavailableIsRetriedAfterOneSecondDoublingWithTheSameId) {
  world_.Fail("a:3:first");
  auto runner = Run();
  world_.Publish(EventAt("N56", 3, "a"));
  ASSERT_TRUE(world_.AwaitAttempts("a:3:first", 1));
  // Not before its time: another event is handled meanwhile, and nothing was tried again.
  clock_.Advance(absl::Milliseconds(999));
  world_.Publish(EventAt("N56", 4, "b"));
  ASSERT_TRUE(world_.AwaitEffects(2));
  EXPECT_EQ(world_.attempts("a:3:first").size(), 1u);
  clock_.Advance(absl::Milliseconds(1));
  ASSERT_TRUE(world_.AwaitAttempts("a:3:first", 2));
  clock_.Advance(absl::Milliseconds(1000));
  world_.Publish(EventAt("N56", 5, "b"));
  ASSERT_TRUE(world_.AwaitEffects(4));
  EXPECT_EQ(world_.attempts("a:3:first").size(), 2u);
  world_.Mend();
  clock_.Advance(absl::Milliseconds(1000));
  ASSERT_TRUE(world_.AwaitMark(kMark, 5));
  const auto ids = world_.attempts("a:3:first");
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 1u);
}

// What people make of the wall clock neither stretches nor ends a wait.
TEST_F(ProcessRunnerTest, AClockThatIsSetBackByADayPutsNoRetryOff) {
  world_.Fail("a:3:first");
  auto runner = Run();
  world_.Publish(EventAt("N56", 3, "a"));
  ASSERT_TRUE(world_.AwaitAttempts("a:3:first", 1));
  clock_.SetBack(absl::Hours(24));
  clock_.Advance(absl::Seconds(1));
  EXPECT_TRUE(world_.AwaitAttempts("a:3:first", 2));
}

TEST_F(ProcessRunnerTest, TheWaitBetweenAttemptsStopsGrowingAtFiveMinutes) {
  world_.Fail("a:3:first");
  auto runner = Run();
  world_.Publish(EventAt("N56", 3, "a"));
  ASSERT_TRUE(world_.AwaitAttempts("a:3:first", 1));
  for (size_t attempt = 2; attempt <= 14; ++attempt) {
    clock_.Advance(absl::Minutes(5));
    ASSERT_TRUE(world_.AwaitAttempts("a:3:first", attempt));
  }
}

TEST_F(ProcessRunnerTest, ARefusalEndsTheStepAndIsNeverRetried) {
  world_.Refuse("a:3:first");
  auto runner = Run();
  world_.Publish(EventAt("N56", 3, "a"));
  ASSERT_TRUE(world_.AwaitMark(kMark, 3));
  EXPECT_EQ(world_.attempts("a:3:first").size(), 1u);
  EXPECT_TRUE(world_.effects().empty());
}

TEST_F(ProcessRunnerTest, EventsOfOneKeyStayInOrderBehindOneThatWaitsWhileOthersGoOn) {
  world_.Fail("a:3:first");
  auto runner = Run();
  world_.Publish(EventAt("N56", 3, "a"));
  world_.Publish(EventAt("N56", 4, "a"));
  world_.Publish(EventAt("N56", 5, "b"));
  ASSERT_TRUE(world_.AwaitEffects(2));
  EXPECT_EQ(world_.effects(), (std::vector<std::string>{"b:5:first", "b:5:second"}));
  EXPECT_LT(world_.mark(kMark), 3u) << "the mark must stay below what is not done";
  world_.Mend();
  clock_.Advance(absl::Seconds(1));
  ASSERT_TRUE(world_.AwaitMark(kMark, 5));
  EXPECT_EQ(world_.effects(),
            (std::vector<std::string>{"b:5:first", "b:5:second", "a:3:first", "a:3:second",
                                      "a:4:first", "a:4:second"}));
}

TEST_F(ProcessRunnerTest, OnlyTheLowestOpenEventIsNamedAsCause) {
  world_.Fail("a:3:first");
  auto runner = Run();
  world_.Publish(EventAt("N56", 3, "a"));
  world_.Publish(EventAt("N56", 5, "b"));
  ASSERT_TRUE(world_.AwaitEffects(2));
  EXPECT_TRUE(world_.causes().empty()) << "an inbox at 5 would hide the open event at 3";
  runner.reset();
  world_.LoseMarks();
  world_.Mend();
  runner = Run();
  ASSERT_TRUE(world_.AwaitMark(kMark, 5));
  EXPECT_EQ(world_.effects().size(), 4u);
}

// Notes from where it resumes, and what it reacts to.
class Noting final : public Process {
 public:
  explicit Noting(std::vector<std::string>* notes) : notes_(*notes) {}
  std::string name() const override { return "noting"; }
  std::vector<Subscription> subscriptions() const override {
    return {{.service = "referral", .partitions = Partitions::kOwn}};
  }
  void Resumes(const std::string& service, const FeedPosition& after) override {
    notes_.push_back(absl::StrCat(service, "/", after.area(), " after ", after.seq()));
  }
  absl::Status React(const CloudEvent& event, ProcessContext&) override {
    notes_.push_back(absl::StrCat("event ", event.seq()));
    return absl::OkStatus();
  }

 private:
  std::vector<std::string>& notes_;
};

TEST_F(ProcessRunnerTest, AProcessIsToldWhatIsDoneAlreadyBeforeItReacts) {
  std::vector<std::string> notes;
  const auto play = [&] {
    ProcessRunner runner({.service = "programmes", .clock = &clock_, .threads = false},
                         world_.engine(), world_, world_.sources());
    runner.Add(kN56, std::make_unique<Noting>(&notes));
    runner.Step();
  };
  world_.Publish(EventAt("N56", 3, "a"));
  play();
  world_.Publish(EventAt("N56", 4, "a"));
  play();
  EXPECT_EQ(notes, (std::vector<std::string>{"referral/N56 after 0", "event 3",
                                             "referral/N56 after 3", "event 4"}));
}

// One command to the own cell, then one to NAT.
class Reserving final : public Process {
 public:
  std::string name() const override { return "reserving"; }
  std::vector<Subscription> subscriptions() const override {
    return {{.service = "referral", .partitions = Partitions::kOwn}};
  }
  absl::Status React(const CloudEvent&, ProcessContext& context) override {
    Command command;
    command.set_value("own");
    if (absl::Status own = Done(context.Execute("own", command)); !own.ok()) return own;
    command.set_value("nat");
    return Done(context.Execute("nat", command, Area::Nat()));
  }
};

// The cells of a service are led each by whom it happens to be: a process of the area would wait
// for NAT for ever where another process leads that.
TEST_F(ProcessRunnerTest, ACommandToACellThatAnotherProcessLeadsGoesThere) {
  ProcessRunner::Engine engine = world_.engine();
  std::set<std::string> led_elsewhere = {"NAT"};
  engine.execute = [&](Area area, engine::CommandRequest request) -> engine::CommandOutcome {
    if (!led_elsewhere.contains(std::string(area.code()))) {
      return world_.Execute(area, std::move(request));
    }
    absl::Status elsewhere = absl::UnavailableError("the cell is owned by another");
    elsewhere.SetPayload(engine::kOwnerPayload, absl::Cord("10.0.0.2:4000"));
    return {elsewhere};
  };
  std::vector<std::pair<std::string, std::string>> forwarded;
  engine.forward = [&](Area area, const std::string& owner, engine::CommandRequest request) {
    forwarded.emplace_back(owner, request.header.command_id());
    EXPECT_FALSE(request.cause.has_value());
    return world_.Execute(area, std::move(request));
  };
  ProcessRunner runner({.service = "programmes", .clock = &clock_, .threads = false}, engine,
                       world_, world_.sources());
  runner.Add(kN56, std::make_unique<Reserving>());
  world_.Publish(EventAt("N56", 3, "a"));
  runner.Step();
  EXPECT_EQ(world_.effects(), (std::vector<std::string>{"own", "nat"}));
  EXPECT_EQ(forwarded,
            (std::vector<std::pair<std::string, std::string>>{
                {"10.0.0.2:4000",
                 std::string(DerivedCommandId("referral/N56/3/0", "nat").bytes())}}));
  // The own cell is another's: its process reacts, not this one.
  led_elsewhere = {"N56"};
  world_.Publish(EventAt("N56", 4, "a"));
  runner.Step();
  EXPECT_EQ(world_.effects().size(), 2u);
  EXPECT_EQ(forwarded.size(), 1u);
}

TEST_F(ProcessRunnerTest, PartitionsThatWereNotSubscribedAreLeftAlone) {
  auto runner = Run();
  world_.Publish(EventAt("NAT", 1, "a"));
  world_.Publish(EventAt("N56", 1, "b"));
  ASSERT_TRUE(world_.AwaitMark(kMark, 1));
  EXPECT_EQ(world_.effects(), (std::vector<std::string>{"b:1:first", "b:1:second"}));
}

}  // namespace
}  // namespace pdp::projection
