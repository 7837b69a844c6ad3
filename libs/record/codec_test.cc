#include "libs/record/codec.h"

#include <string>

#include "gtest/gtest.h"
#include "libs/base/hash.h"
#include "libs/base/status_matchers.h"

namespace pdp::record {
namespace {

using ::pdp::testing::StatusIs;

log::v1::Record Commit() {
  log::v1::Record record;
  record.set_area("N56");
  record.set_epoch(3);
  record.set_seq(41);
  record.set_prev_hash(std::string(32, 'h'));
  record.mutable_commit()->set_command_type("RegisterPerson");
  return record;
}

TEST(CodecTest, TheFrameIsMagicThenLittleEndianCrcThenPayload) {
  const std::string bytes = Encode(Commit());
  ASSERT_GT(bytes.size(), kHeaderBytes);
  EXPECT_EQ(bytes.substr(0, 4), std::string("PDP\x01", 4));
  const std::string payload = bytes.substr(8);
  EXPECT_EQ(payload, Commit().SerializeAsString());
  const uint32_t crc = Crc32c(payload);
  EXPECT_EQ(static_cast<unsigned char>(bytes[4]), crc & 0xff);
  EXPECT_EQ(static_cast<unsigned char>(bytes[7]), crc >> 24);
}

TEST(CodecTest, ARecordComesBackAsItWentIn) {
  ASSERT_OK_AND_ASSIGN(const log::v1::Record back, Decode(Encode(Commit())));
  EXPECT_EQ(back.SerializeAsString(), Commit().SerializeAsString());
}

TEST(CodecTest, EveryFlippedBitIsFound) {
  const std::string good = Encode(Commit());
  for (size_t i = 0; i < good.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bad = good;
      bad[i] ^= static_cast<char>(1 << bit);
      EXPECT_THAT(Decode(bad), StatusIs(absl::StatusCode::kDataLoss, "corrupted record"))
          << "byte " << i << " bit " << bit;
    }
  }
}

TEST(CodecTest, EveryShorterPrefixIsFound) {
  const std::string good = Encode(Commit());
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_THAT(Decode(absl::string_view(good).substr(0, size)),
                StatusIs(absl::StatusCode::kDataLoss, "corrupted record"));
  }
}

TEST(CodecTest, WhatCouldNotBeReadBackIsRefusedBeforeItIsWritten) {
  ASSERT_OK_AND_ASSIGN(const std::string bytes, EncodeVerified(Commit()));
  EXPECT_EQ(bytes, Encode(Commit()));
  log::v1::Record not_utf8 = Commit();
  not_utf8.mutable_commit()->set_correlation_id("\xff\xfe");
  EXPECT_THAT(EncodeVerified(not_utf8), StatusIs(absl::StatusCode::kInvalidArgument));
  log::v1::Record large = Commit();
  large.mutable_commit()->set_reply(std::string(kRecordBytesMax, 'x'));
  EXPECT_THAT(EncodeVerified(large), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(CodecTest, AWellFramedRecordWithoutMeaningIsCorrupted) {
  log::v1::Record no_kind = Commit();
  no_kind.clear_kind();
  EXPECT_THAT(Decode(Encode(no_kind)), StatusIs(absl::StatusCode::kDataLoss, "no kind"));
  log::v1::Record short_hash = Commit();
  short_hash.set_prev_hash("short");
  EXPECT_THAT(Decode(Encode(short_hash)), StatusIs(absl::StatusCode::kDataLoss, "prev_hash"));
  log::v1::Record no_area = Commit();
  no_area.set_area("N99");
  EXPECT_THAT(Decode(Encode(no_area)), StatusIs(absl::StatusCode::kDataLoss, "unknown area"));
}

}  // namespace
}  // namespace pdp::record
