#include "services/referral/domain/reference_number.h"

#include "gtest/gtest.h"
#include "libs/base/random.h"

namespace pdp::referral {
namespace {

constexpr absl::string_view kSymbols = "234679CDFGHJKMNPQRTVWXY";

ReferenceNumber Of(const char* area, uint64_t ordinal) {
  return {*Area::FromCode(area), ordinal};
}

// REF-36.
TEST(ReferenceNumberTest, W1ReferencesArePrintedAsInTheSpecification) {
  EXPECT_EQ(FormatReference(Of("N54", 0)), "222-2222");
  EXPECT_EQ(FormatReference(Of("N54", 1)), "2GQ-GK6T");
  EXPECT_EQ(FormatReference(Of("N07", 12345)), "GY7-MVMT");
  EXPECT_EQ(FormatReference(Of("N03", 0)), "6RD-XYT3");
  EXPECT_EQ(FormatReference(Of("N50", 6436342)), "JDW-GRR9");
}

// REF-37.
TEST(ReferenceNumberTest, W1ParsingForgivesCaseAndSpacesAndNamesTheFault) {
  EXPECT_EQ(std::get<ReferenceNumber>(ParseReference("gy7 mvmt")), Of("N07", 12345));
  EXPECT_EQ(ReasonOf(std::get<ReferenceError>(ParseReference("GY7-MVMV"))),
            "REFERENCE_CHECK_FAILED");
  EXPECT_EQ(ReasonOf(std::get<ReferenceError>(ParseReference("GY7-MVM0"))), "REFERENCE_MALFORMED");
  EXPECT_EQ(ReasonOf(std::get<ReferenceError>(ParseReference("KY7-MVMT"))), "REFERENCE_MALFORMED");
}

TEST(ReferenceNumberTest, TheSpaceOfAnAreaEndsAt23ToThe5) {
  EXPECT_TRUE(FormatReference(Of("N56", kReferenceSpace - 1)).has_value());
  EXPECT_EQ(FormatReference(Of("N56", kReferenceSpace)), std::nullopt);
}

// REF-37.
TEST(ReferenceNumberTest, EverySingleErrorAndEverySwapOfTwoDifferentSymbolsIsRefused) {
  const uint64_t seed = 36;
  SplitMix64 random(seed);
  for (int round = 0; round < 500; ++round) {
    const ReferenceNumber number{*Area::FromIndex(static_cast<int>(random.Below(12))),
                                 random.Below(kReferenceSpace)};
    std::string text = *FormatReference(number);
    ASSERT_EQ(std::get<ReferenceNumber>(ParseReference(text)), number) << text << " seed " << seed;
    text.erase(3, 1);
    for (size_t i = 0; i < text.size(); ++i) {
      for (const char other : kSymbols) {
        if (other == text[i]) continue;
        std::string wrong = text;
        wrong[i] = other;
        EXPECT_TRUE(std::holds_alternative<ReferenceError>(ParseReference(wrong))) << wrong;
      }
      for (size_t j = i + 1; j < text.size(); ++j) {
        if (text[i] == text[j]) continue;
        std::string swapped = text;
        std::swap(swapped[i], swapped[j]);
        EXPECT_TRUE(std::holds_alternative<ReferenceError>(ParseReference(swapped))) << swapped;
      }
    }
  }
}

}  // namespace
}  // namespace pdp::referral
