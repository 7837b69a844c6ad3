#include "services/referral/domain/name_folding.h"

#include "gtest/gtest.h"

namespace pdp::referral {
namespace {

TEST(NameFoldingTest, W6FoldsAsTheSpecificationShows) {
  EXPECT_EQ(FoldName("O'Neill-Smith"), "oneillsmith");
  EXPECT_EQ(FoldName("Łukasz"), "lukasz");
  EXPECT_EQ(FoldName("Siân"), "sian");
  EXPECT_EQ(FoldName("Groß"), "gross");
}

// REF-103.
TEST(NameFoldingTest, EveryPairOfRef103IsFolded) {
  EXPECT_EQ(FoldName("Æ æ Œ œ Ø ø Ł ł Đ đ Ð ð Þ þ ı ẞ"), "aeaeoeoeoollddddththiss");
}

TEST(NameFoldingTest, ComposedAndDecomposedSpellingsAreOne) {
  EXPECT_EQ(FoldName("Ng\u0169 \u1EBFt"), FoldName("Ngu\u0303 e\u0302\u0301t"));
  EXPECT_EQ(FoldName("\u0419\u043E\u0433"), "\u0438\u043E\u0433");
  EXPECT_EQ(FoldName("\u0386\u03BD\u03BD\u03B1"), "\u03B1\u03BD\u03BD\u03B1");
}

TEST(NameFoldingTest, OnlyLettersStayAndOtherScriptsAsTheyAre) {
  EXPECT_EQ(FoldName(" 3rd \u2019Ab\u00A0d.\t"), "rdabd");
  EXPECT_EQ(FoldName("\u0645\u062D\u0645\u062F"), "\u0645\u062D\u0645\u062F");
  EXPECT_EQ(FoldedLetters(FoldName("\u0645\u062D")), 2u);
}

TEST(NameFoldingTest, BytesThatAreNoUtf8AreDropped) {
  EXPECT_EQ(FoldName("a\xFF\xC0""b\xE2\x82"), "ab");
  EXPECT_EQ(FoldName("\xF8\x80\x80\x80z"), "z");
  EXPECT_EQ(FoldName(""), "");
}

}  // namespace
}  // namespace pdp::referral
