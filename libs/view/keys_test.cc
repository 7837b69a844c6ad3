#include "libs/view/keys.h"

#include "gtest/gtest.h"

namespace pdp::view {
namespace {

TEST(KeysTest, ByteOrderIsTheOrderOfHistory) {
  const Area area = *Area::FromCode("N56");
  EXPECT_LT(ArchiveKey(area, Seq(1)), ArchiveKey(area, Seq(2)));
  EXPECT_LT(ArchiveKey(area, Seq(255)), ArchiveKey(area, Seq(256)));
  // An epoch begins behind the record it was accepted after, and before the next one.
  EXPECT_LT(ArchiveKey(area, Seq(7)), ArchiveKey(area, Seq(7), 3));
  EXPECT_LT(ArchiveKey(area, Seq(7), 3), ArchiveKey(area, Seq(8)));
}

TEST(KeysTest, OneAggregatesVersionsAreNotAnothers) {
  const Area area = *Area::FromCode("N56");
  const AggregateId short_id("case", "T1"), long_id("case", "T12");
  EXPECT_EQ(ByAggregateKey(area, short_id, Version(3)).rfind(AggregatePrefix(area, short_id), 0),
            0u);
  EXPECT_NE(ByAggregateKey(area, long_id, Version(3)).rfind(AggregatePrefix(area, short_id), 0),
            0u);
}

TEST(KeysTest, NumbersComeBack) {
  EXPECT_EQ(FromBigEndian(BigEndian64(0x0102030405060708ULL)), 0x0102030405060708ULL);
  EXPECT_EQ(FromBigEndian(BigEndian32(0xfffefdfcU)), 0xfffefdfcULL);
}

TEST(KeysTest, TimersStandInTheOrderInWhichTheyAreDue) {
  const Area area = *Area::FromCode("N56");
  EXPECT_LT(TimerKey(area, 999, "z"), TimerKey(area, 1000, "a"));
  EXPECT_LT(TimerKey(area, INT64_MAX, "z"), TimerIdKey(area, "a"));
}

}  // namespace
}  // namespace pdp::view
