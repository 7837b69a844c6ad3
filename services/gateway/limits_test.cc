#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/rpc/testing/certificates.h"
#include "services/gateway/access_log.h"
#include "services/gateway/names.h"
#include "services/gateway/quota.h"
#include "services/gateway/workers.h"

namespace pdp::gateway {
namespace {

// GW-14: READ 50/s burst 100, WRITE 10/s burst 20; RetryInfo = missing / rate, rounded up to ms.
TEST(QuotaTest, ABurstPassesThenTheRateHolds) {
  FakeClock clock(absl::FromUnixSeconds(1));
  Quotas quotas(clock);
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(quotas.Take("A", "WRITE")) << i;
  EXPECT_EQ(quotas.Take("A", "WRITE"), absl::Milliseconds(100));
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(quotas.Take("A", "READ")) << i;
  EXPECT_EQ(quotas.Take("A", "READ"), absl::Milliseconds(20));
  EXPECT_FALSE(quotas.Take("B", "WRITE"));
  clock.Advance(absl::Microseconds(99'001));
  EXPECT_EQ(quotas.Take("A", "WRITE"), absl::Milliseconds(1));
  clock.Advance(absl::Milliseconds(1));
  EXPECT_FALSE(quotas.Take("A", "WRITE"));
}

TEST(QuotaTest, ALongPauseFillsTheBucketAndNoMore) {
  FakeClock clock(absl::FromUnixSeconds(1));
  Quotas quotas(clock);
  EXPECT_FALSE(quotas.Take("A", "WRITE"));
  clock.Advance(absl::Hours(100'000));
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(quotas.Take("A", "WRITE")) << i;
  EXPECT_TRUE(quotas.Take("A", "WRITE"));
}

TEST(QuotaTest, FourWatchesATenant) {
  FakeClock clock(absl::FromUnixSeconds(1));
  Quotas quotas(clock);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(quotas.OpenWatch("A"));
  EXPECT_FALSE(quotas.OpenWatch("A"));
  EXPECT_TRUE(quotas.OpenWatch("B"));
  quotas.CloseWatch("A");
  EXPECT_TRUE(quotas.OpenWatch("A"));
}

TEST(WorkersTest, ATenantsNextCallWaitsForOneCallOfEachOther) {
  std::string order;
  {
    absl::Notification begun, go;
    Workers workers(1, 100);
    ASSERT_TRUE(workers.Run("X", [&] {
      begun.Notify();
      go.WaitForNotification();
    }));
    begun.WaitForNotification();
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(workers.Run("A", [&] { order += "A"; }));
    ASSERT_TRUE(workers.Run("B", [&] { order += "B"; }));
    go.Notify();
  }
  EXPECT_EQ(order, "ABAAAA");
}

TEST(WorkersTest, RefusesBeyondItsLimit) {
  absl::Notification begun, go;
  Workers workers(1, 2);
  ASSERT_TRUE(workers.Run("X", [&] {
    begun.Notify();
    go.WaitForNotification();
  }));
  begun.WaitForNotification();
  EXPECT_TRUE(workers.Run("A", [] {}));
  EXPECT_TRUE(workers.Run("A", [] {}));
  EXPECT_FALSE(workers.Run("B", [] {}));
  go.Notify();
}

TEST(AccessLogTest, ATenantReadsItsOwnRecordsPageByPage) {
  rpc::testing::TestAuthority folder;
  ASSERT_OK_AND_ASSIGN(auto log, AccessLog::Open(folder.folder() + "/access"));
  for (int i = 0; i < 5; ++i) {
    v1::AccessRecord record;
    record.set_method(absl::StrCat("M", i));
    EXPECT_OK(log->Append(i % 2 == 0 ? "A" : "B", record));
  }
  int64_t offset = 0;
  std::string methods;
  while (offset >= 0) {
    ASSERT_OK_AND_ASSIGN(const auto page, log->Read("A", &offset, 2));
    for (const auto& record : page) methods += record.method();
  }
  EXPECT_EQ(methods, "M0M2M4");
  EXPECT_FALSE(AccessLog::Open(folder.folder() + "/none/access").ok());
}

TEST(NamesTest, NamesCarryTheAreaAndTheIdOfTheService) {
  const auto offer = ParseOffer("pools/N56-SI_EM/offers/r-1~2");
  ASSERT_TRUE(offer.has_value());
  EXPECT_EQ(offer->pool.area.code(), "N56");
  EXPECT_EQ(offer->pool.id, "SI_EM");
  EXPECT_EQ(offer->referral_id, "r-1");
  EXPECT_EQ(offer->round, 2);
  EXPECT_EQ(FormatOffer("pools/N56-SI_EM", "r-1", 2), "pools/N56-SI_EM/offers/r-1~2");
  const auto statement = ParseStatement("subcontracts/N56-S1/statements/S1~2025-09");
  ASSERT_TRUE(statement.has_value());
  EXPECT_EQ(statement->statement_id, "S1/2025-09");
  EXPECT_EQ(FormatStatement("subcontracts/N56-S1", "S1/2025-09"),
            "subcontracts/N56-S1/statements/S1~2025-09");
  EXPECT_EQ(ParseAreaName("cases", "cases/NAT-x")->id, "x");
}

TEST(NamesTest, AnythingElseIsNoName) {
  for (const char* bad : {"", "cases", "cases/", "cases/N56", "cases/N56-", "cases/X99-1",
      "case/N56-1",
                          "cases/N56-1/x"}) {
    EXPECT_FALSE(ParseAreaName("cases", bad).has_value()) << bad;
  }
  for (const char* bad : {"pools/N56-TSP/offers/r", "pools/N56-TSP/offers/~1",
      "pools/N56-TSP/offers/r~0",
                          "pools/N56-TSP/offers/r~x", "pools/N56-TSP/offer/r~1"}) {
    EXPECT_FALSE(ParseOffer(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace pdp::gateway
