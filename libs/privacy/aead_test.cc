#include "libs/privacy/aead.h"

#include <string>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"

namespace pdp::privacy {
namespace {

using ::pdp::testing::StatusIs;

// The GCM specification (McGrew and Viega), test cases 14 and 16, 256-bit keys.
TEST(AeadTest, AgreesWithTheTestCasesOfTheGcmSpecification) {
  EXPECT_EQ(absl::BytesToHexString(AeadSeal(std::string(32, '\0'), std::string(12, '\0'), "",
                                            std::string(16, '\0'))),
            "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
  const std::string key = absl::HexStringToBytes(
      "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
  const std::string nonce = absl::HexStringToBytes("cafebabefacedbaddecaf888");
  const std::string associated = absl::HexStringToBytes("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const std::string plain = absl::HexStringToBytes(
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6"
      "b5"
      "25b16aedf5aa0de657ba637b39");
  const std::string sealed = AeadSeal(key, nonce, associated, plain);
  EXPECT_EQ(
      absl::BytesToHexString(sealed),
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056"
      "828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b");
  ASSERT_OK_AND_ASSIGN(const std::string opened, AeadOpen(key, nonce, associated, sealed));
  EXPECT_EQ(opened, plain);
}

TEST(AeadTest, AnyFlippedByteDoesNotOpen) {
  const std::string key(32, 'k'), nonce(12, 'n');
  const std::string sealed = AeadSeal(key, nonce, "place", "Ann Example");
  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string bad = sealed;
    bad[i] ^= 0x40;
    EXPECT_THAT(AeadOpen(key, nonce, "place", bad), StatusIs(absl::StatusCode::kDataLoss));
  }
  EXPECT_THAT(AeadOpen(key, nonce, "another place", sealed), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(AeadOpen(key, nonce, "place", "short"), StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace pdp::privacy
