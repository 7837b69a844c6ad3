#include "libs/base/timestamp.h"

#include "gtest/gtest.h"

namespace pdp {
namespace {

TEST(TimestampTest, SecondsAreRoundedDownAndNanosecondsCountForward) {
  struct Case {
    absl::Time time;
    int64_t seconds;
    int32_t nanos;
  };
  const Case cases[] = {
      {absl::UnixEpoch(), 0, 0},
      {absl::FromUnixSeconds(1'756'717'200) + absl::Nanoseconds(250), 1'756'717'200, 250},
      {absl::UnixEpoch() - absl::Nanoseconds(1), -1, 999'999'999},
      {absl::UnixEpoch() - absl::Milliseconds(1500), -2, 500'000'000},
      // Finer than the form can hold: the instant at or before it.
      {absl::UnixEpoch() + absl::Nanoseconds(1) / 4, 0, 0},
      {absl::UnixEpoch() - absl::Nanoseconds(1) / 4, -1, 999'999'999},
  };
  for (const Case& c : cases) {
    const google::protobuf::Timestamp stamp = ToTimestamp(c.time);
    EXPECT_EQ(stamp.seconds(), c.seconds) << c.time;
    EXPECT_EQ(stamp.nanos(), c.nanos) << c.time;
    EXPECT_LE(FromTimestamp(stamp), c.time);
    EXPECT_LT(c.time - FromTimestamp(stamp), absl::Nanoseconds(1));
  }
}

TEST(TimestampTest, WholeNanosecondsComeBack) {
  const absl::Time time = absl::FromUnixSeconds(-62'135'596'800) + absl::Nanoseconds(7);  // year 1
  EXPECT_EQ(FromTimestamp(ToTimestamp(time)), time);
}

}  // namespace
}  // namespace pdp
