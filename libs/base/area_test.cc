#include "libs/base/area.h"

#include "gtest/gtest.h"

namespace pdp {
namespace {

TEST(AreaTest, TheTwelveAreasAndNatHaveThePartitionsOfTheSpecification) {
  // Referral specification, section 6.
  EXPECT_EQ(Area::FromCode("N54")->index(), 0);
  EXPECT_EQ(Area::FromCode("N03")->index(), 3);
  EXPECT_EQ(Area::FromCode("N56")->index(), 8);
  EXPECT_EQ(Area::FromCode("N50")->index(), 11);
  EXPECT_EQ(Area::FromCode("NAT")->index(), 12);
  EXPECT_TRUE(Area::FromCode("NAT")->is_nat());
  EXPECT_EQ(Area::FromCode("N56")->name(), "East of England");
}

TEST(AreaTest, OtherDeliusCodesAreUnknown) {
  for (const char* code : {"N41", "N43", "N01", "N02", "N06", "N21", "C01", "", "n56", "N56 "}) {
    EXPECT_EQ(Area::FromCode(code), std::nullopt) << code;
  }
}

TEST(AreaTest, IndexAndCodeAreInverse) {
  for (Area area : Area::All()) {
    EXPECT_EQ(Area::FromIndex(area.index()), area);
    EXPECT_EQ(Area::FromCode(area.code()), area);
  }
  EXPECT_EQ(Area::FromIndex(13), std::nullopt);
  EXPECT_EQ(Area::FromIndex(-1), std::nullopt);
}

}  // namespace
}  // namespace pdp
