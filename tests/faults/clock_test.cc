// A machine whose clock is wrong by a day: a service is started in the past, in the present, in the
// past again.

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/base/timestamp.h"
#include "tests/crash/load.h"
#include "tests/crash/service.h"

namespace pdp::faults {
namespace {

using ::testing::IsEmpty;

TEST(ClockFaultsTest, AClockThatIsADayLateAndRightAgainLosesNothingAndLogTimeNeverGoesBack) {
  crash::Folder folder;
  crash::Service present(folder, "referral", {"--log", "embedded"});
  crash::Service past(folder, "referral", {"--log", "embedded", "--days-behind", "1"});
  crash::Oracle oracle;
  crash::Load load(oracle);
  for (crash::Service* service : {&past, &present, &past, &present}) {
    ASSERT_OK(service->Start());
    const auto where = [&] { return service->channel(); };
    const uint64_t wanted = load.acknowledged() + 50;
    load.Start(where, 4);
    for (const absl::Time end = absl::Now() + absl::Seconds(30);
         load.acknowledged() < wanted && absl::Now() < end;) {
      absl::SleepFor(absl::Milliseconds(2));
    }
    load.Stop();
    EXPECT_GE(load.acknowledged(), wanted) << service->Output();
    // Repeats are known whatever the clock says.
    EXPECT_EQ(load.AskAgain(where, 100), "");
    crash::LogReader reader;
    ASSERT_OK(reader.ReadOn(*service));
    EXPECT_THAT(oracle.Check(reader.records()), IsEmpty());
    absl::Time last = absl::InfinitePast();
    for (const common::v1::RecordInfo& record : reader.records()) {
      EXPECT_GE(FromTimestamp(record.recorded_at()), last) << record.position().seq();
      last = FromTimestamp(record.recorded_at());
    }
    service->Kill();
  }
  EXPECT_THAT(load.wrong(), IsEmpty());
}

}  // namespace
}  // namespace pdp::faults
