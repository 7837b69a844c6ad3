// Processes that react to the events of others: a peer that is gone for an hour, a million events
// to catch up with, and an event that cannot be digested.

#include <map>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "google/protobuf/wrappers.pb.h"
#include "gtest/gtest.h"
#include "libs/base/clock.h"
#include "libs/projection/process_runner.h"

namespace pdp::faults {
namespace {

using common::v1::CloudEvent;
using common::v1::FeedPosition;
using projection::EventSource;
using projection::ProcessRunner;
using projection::SourceRequest;

const Area kArea = *Area::FromCode("N56");
constexpr char kMark[] = "process/N56/follower/referral/N56";

// Events 1 to `count`, about ten subjects in turn, made as they are asked for.
class Numbers final : public EventSource {
 public:
  Numbers(uint64_t after, uint64_t count, size_t* polled_max)
      : next_(after + 1), end_(count), polled_max_(polled_max) {}
  absl::StatusOr<std::vector<CloudEvent>> Poll(size_t events_max, absl::Duration) override {
    *polled_max_ = std::max(*polled_max_, events_max);
    std::vector<CloudEvent> events;
    for (; next_ <= end_ && events.size() < events_max; ++next_) {
      CloudEvent& event = events.emplace_back();
      event.set_id(absl::StrCat("referral/N56/", next_, "/0"));
      event.set_subject(absl::StrCat("subject-", next_ % 10));
      event.set_area("N56");
      event.set_seq(next_);
    }
    return events;
  }
  void Close() override {}

 private:
  uint64_t next_;
  const uint64_t end_;
  size_t* const polled_max_;
};

class Marks final : public projection::MarkStore {
 public:
  absl::StatusOr<std::optional<FeedPosition>> Get(absl::string_view key) override {
    const auto it = marks_.find(std::string(key));
    if (it == marks_.end()) return std::optional<FeedPosition>();
    return std::optional<FeedPosition>(it->second);
  }
  absl::Status Put(absl::string_view key, const FeedPosition& mark) override {
    marks_[std::string(key)] = mark;
    return absl::OkStatus();
  }

 private:
  std::map<std::string, FeedPosition> marks_;
};

// One command an event, named after its seq.
class Follower final : public projection::Process {
 public:
  std::string name() const override { return "follower"; }
  std::vector<projection::Subscription> subscriptions() const override {
    return {{.service = "referral"}};
  }
  absl::Status React(const CloudEvent& event, projection::ProcessContext& context) override {
    google::protobuf::UInt64Value command;
    command.set_value(event.seq());
    return projection::Done(context.Execute("take", command));
  }
};

class ProcessFaultsTest : public ::testing::Test {
 protected:
  std::unique_ptr<ProcessRunner> Run(uint64_t events) {
    ProcessRunner::Options options;
    options.service = "programmes";
    options.clock = &clock_;
    options.threads = false;
    ProcessRunner::Engine engine;
    engine.execute = [this](Area, engine::CommandRequest request) {
      const uint64_t seq =
          static_cast<const google::protobuf::UInt64Value&>(*request.command).value();
      ++attempts_;
      if (down_ || seq == poison_) {
        return engine::CommandOutcome{absl::UnavailableError("the peer is gone")};
      }
      // As a cell does: a command id takes effect once.
      if (ids_ == nullptr || ids_->insert(request.header.command_id()).second) {
        ++effects_;
        in_order_ = in_order_ && seq > last_;
        last_ = seq;
      }
      return engine::CommandOutcome{engine::Committed{}};
    };
    auto runner = std::make_unique<ProcessRunner>(
        options, std::move(engine), marks_,
        [this, events](SourceRequest request) -> absl::StatusOr<std::unique_ptr<EventSource>> {
          return std::make_unique<Numbers>(request.after.front().seq(), events, &polled_max_);
        });
    runner->Add(kArea, std::make_unique<Follower>());
    runner->Start();
    return runner;
  }
  uint64_t Mark() { return marks_.Get(kMark).value().value_or(FeedPosition()).seq(); }

  FakeClock clock_{absl::FromUnixSeconds(1'750'000'000)};
  Marks marks_;
  bool down_ = false;
  uint64_t poison_ = 0;
  std::set<std::string>* ids_ = nullptr;
  uint64_t attempts_ = 0, effects_ = 0, last_ = 0;
  bool in_order_ = true;
  size_t polled_max_ = 0;
};

TEST_F(ProcessFaultsTest, APeerThatIsGoneForAnHourIsAskedSeldomAndThenEverythingIsDoneOnce) {
  std::set<std::string> ids;
  ids_ = &ids;
  down_ = true;
  constexpr uint64_t kEvents = 40;
  const auto runner = Run(kEvents);
  for (int second = 0; second < 3600; ++second) {
    while (runner->Step()) {
    }
    clock_.Advance(absl::Seconds(1));
  }
  // The first event of each of ten subjects, at 0, 1, 3, 7, ... 255 s and then every five minutes.
  EXPECT_EQ(attempts_, 10u * (9 + 11));
  EXPECT_EQ(effects_, 0u);
  EXPECT_EQ(Mark(), 0u);
  EXPECT_EQ(runner->info().front().parked, kEvents);
  EXPECT_NE(runner->info().front().last_error.find("the peer is gone"), std::string::npos);

  down_ = false;
  for (int second = 0; second < 301 + 4; ++second) {
    while (runner->Step()) {
    }
    clock_.Advance(absl::Seconds(1));
  }
  EXPECT_EQ(effects_, kEvents);
  EXPECT_EQ(Mark(), kEvents);
  EXPECT_EQ(runner->info().front().parked, 0u);
}

TEST_F(ProcessFaultsTest, AMillionEventsAreCaughtUpWithInOrderAndAFewAtATime) {
  constexpr uint64_t kEvents = 1'000'000;
  const absl::Time begin = absl::Now();
  const auto runner = Run(kEvents);
  while (runner->Step()) {
  }
  EXPECT_EQ(effects_, kEvents);
  EXPECT_EQ(attempts_, kEvents);
  EXPECT_TRUE(in_order_);
  EXPECT_EQ(Mark(), kEvents);
  EXPECT_LE(polled_max_, 64u);
  std::printf("a million events in %.1f s\n", absl::ToDoubleSeconds(absl::Now() - begin));
}

TEST_F(ProcessFaultsTest, APoisonEventHoldsUpItsOwnSubjectOnlyAndTheMarkStaysBelowIt) {
  constexpr uint64_t kEvents = 1000;
  poison_ = 500;  // of subject-0
  const auto runner = Run(kEvents);
  for (int minute = 0; minute < 20; ++minute) {
    while (runner->Step()) {
    }
    clock_.Advance(absl::Minutes(1));
  }
  // 51 of a hundred events of subject-0 wait: it and those behind it.
  EXPECT_EQ(effects_, kEvents - 51);
  EXPECT_EQ(Mark(), 499u);
  EXPECT_EQ(runner->info().front().parked, 51u);
}

}  // namespace
}  // namespace pdp::faults
