#include "libs/decider/decider.h"

#include "google/protobuf/struct.pb.h"
#include "google/protobuf/wrappers.pb.h"
#include "gtest/gtest.h"
#include "libs/decider/testkit.h"

namespace pdp::decider {
namespace {

// A counter that may move only by ±1 a step and whose steps may touch a second counter.
struct Counters {
  using Command = google::protobuf::Int64Value;
  using Event = google::protobuf::Int64Value;
  using State = google::protobuf::Int64Value;
  using Reply = google::protobuf::Int64Value;

  static Verdict<Reply> Decide(Unit<Counters>& unit, const Command& command, const Facts& facts) {
    const AggregateId left("counter", "left"), right("counter", "right");
    if (auto conflict = CheckVersion(facts, left, unit.VersionOf(left))) return *conflict;
    Event event;
    event.set_value(command.value());
    unit.Emit(left, event);
    unit.Emit(left, event);
    if (unit.Find(left)->value() < 0) return Reject("BELOW_ZERO");
    event.set_value(unit.Find(left)->value());
    unit.Emit(right, event);
    return event;
  }
  static void Evolve(State& state, const AggregateId&, const Event& event, const EventFacts&) {
    state.set_value(state.value() + event.value());
  }
};

Counters::Command Step(int64_t by) {
  Counters::Command command;
  command.set_value(by);
  return command;
}

TEST(DeciderTest, ADecisionSeesItsOwnEventsAndMayTouchSeveralAggregates) {
  World<Counters> world;
  const auto result = world.When(Step(3));
  ASSERT_TRUE(result.accepted());
  EXPECT_EQ(result.events.size(), 3u);
  EXPECT_EQ(world.Find(AggregateId("counter", "left"))->value(), 6);
  EXPECT_EQ(world.Find(AggregateId("counter", "right"))->value(), 6);
  EXPECT_EQ(world.VersionOf(AggregateId("counter", "left")), Version(2));
}

TEST(DeciderTest, ARefusedDecisionLeavesNoTrace) {
  World<Counters> world;
  EXPECT_EQ(world.When(Step(-1)).reason(), "BELOW_ZERO");
  EXPECT_EQ(world.Find(AggregateId("counter", "left")), nullptr);
}

TEST(DeciderTest, AnotherVersionThanExpectedIsAConflictThatNamesTheCurrentOne) {
  World<Counters> world;
  ASSERT_TRUE(world.When(Step(1)).accepted());
  const auto result = world.Expecting(1).When(Step(1));
  EXPECT_EQ(result.reason(), "VERSION_CONFLICT");
  EXPECT_EQ(result.rejected().metadata.at("current_version"), "2");
  EXPECT_TRUE(world.Expecting(2).When(Step(1)).accepted());
}

TEST(DeciderTest, OccurredAtIsBoundedOnBothSides) {
  Facts facts;
  facts.recorded_at = absl::FromUnixSeconds(1'000'000'000);
  facts.occurred_at = facts.recorded_at + absl::Minutes(2);
  EXPECT_FALSE(CheckOccurredAt(facts, 7));
  facts.occurred_at += absl::Nanoseconds(1);
  EXPECT_EQ(CheckOccurredAt(facts, 7)->reason, "OCCURRED_AT_OUT_OF_RANGE");
  facts.occurred_at = facts.recorded_at - absl::Hours(7 * 24);
  EXPECT_FALSE(CheckOccurredAt(facts, 7));
  facts.occurred_at -= absl::Nanoseconds(1);
  EXPECT_EQ(CheckOccurredAt(facts, 7)->reason, "OCCURRED_AT_OUT_OF_RANGE");
}

}  // namespace
}  // namespace pdp::decider
