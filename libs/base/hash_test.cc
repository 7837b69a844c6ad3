#include "libs/base/hash.h"

#include "gtest/gtest.h"
#include "libs/base/random.h"
#include "libs/base/sha256_stream.h"

namespace pdp {
namespace {

TEST(HashTest, Sha256OfAbcIsTheStandardsExample) {
  // FIPS 180-2, appendix B.1.
  EXPECT_EQ(Sha256("abc").hex(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(HashTest, PiecesHashToWhatTheWholeDoes) {
  Sha256Stream pieces;
  for (const char* piece : {"a", "", "bc"}) pieces.Add(piece);
  EXPECT_EQ(pieces.Finish(), Sha256("abc"));
}

TEST(HashTest, HmacSha256IsTheStandardsExample) {
  // RFC 4231, test case 2.
  EXPECT_EQ(HmacSha256("Jefe", "what do ya want for nothing?").hex(),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(HashTest, Crc32cIsTheStandardsExample) {
  // RFC 3720, B.4: 32 bytes of zeros; and the customary check value.
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(Crc32c("123456789"), 0xe3069283u);
}

TEST(HashTest, Crc32cOfEveryLengthIsTheDefinitionsBitByBit) {
  std::string bytes;
  for (int length = 0; length <= 40; ++length) {
    uint32_t crc = 0xffffffffu;
    for (const char c : bytes) {
      crc ^= static_cast<unsigned char>(c);
      for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78u : 0);
    }
    EXPECT_EQ(Crc32c(bytes), crc ^ 0xffffffffu) << length;
    bytes.push_back(static_cast<char>(37 * length + 11));
  }
}

TEST(HashTest, UuidV5IsTheReferralSpecificationsW8) {
  EXPECT_EQ(UuidV5("207b7e68-7128-5e06-98c9-13dd29e511a3", "Z000001/1/2/UPW"),
            "56c49957-80f5-5aed-9f45-d4e25e6034fb");
}

TEST(HashTest, SplitMix64StartsAsInSubcontractorW10) {
  SplitMix64 random(0);
  EXPECT_EQ(random.Next(), 0xe220a8397b1dcdafULL);
  EXPECT_EQ(random.Next(), 0x6e789e6aa1b965f4ULL);
}

TEST(HashTest, DerivedCommandIdsDifferByStepAndByEvent) {
  EXPECT_EQ(DerivedCommandId("referral/N56/7/0", "a"), DerivedCommandId("referral/N56/7/0", "a"));
  EXPECT_NE(DerivedCommandId("referral/N56/7/0", "a"), DerivedCommandId("referral/N56/7/0", "b"));
  EXPECT_NE(DerivedCommandId("referral/N56/7/0", "a"), DerivedCommandId("referral/N56/7/1", "a"));
}

}  // namespace
}  // namespace pdp
