// "History cannot be altered unnoticed": every byte of a record, and the same with its CRC mended.

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/log/rocks_log.h"
#include "libs/log/rocks_source.h"
#include "libs/log/verify.h"
#include "libs/record/codec.h"

namespace pdp::log {
namespace {

const Area kN56 = *Area::FromCode("N56");
constexpr size_t kMiddle = 5;

// An epoch and ten commits, chained.
std::vector<std::string> History() {
  std::vector<std::string> frames;
  Digest prev;
  for (uint64_t seq = 0; seq <= 10; ++seq) {
    v1::Record record;
    record.set_area("N56");
    record.set_epoch(1);
    record.set_seq(seq);
    record.set_prev_hash(std::string(prev.view()));
    if (seq == 0) {
      record.mutable_epoch_started()->set_owner_id("a");
    } else {
      record.mutable_commit()->set_command_type(absl::StrCat("Command", seq));
      record.mutable_commit()->set_reply("a reply with something in it");
    }
    frames.push_back(record::Encode(record));
    prev = Sha256(frames.back());
  }
  return frames;
}

VerifyReport VerifyFrames(const std::vector<std::string>& frames) {
  Verifier verifier(kN56);
  for (size_t i = 0; i < frames.size(); ++i) {
    if (!verifier.Offer(static_cast<int64_t>(i), frames[i])) break;
  }
  return verifier.Finish();
}

std::string MendCrc(std::string frame) {
  const uint32_t crc = Crc32c(absl::string_view(frame).substr(record::kHeaderBytes));
  for (int i = 0; i < 4; ++i) frame[4 + i] = static_cast<char>(crc >> (8 * i));
  return frame;
}

TEST(VerifyTest, AWholeHistoryIsWhole) {
  const VerifyReport report = VerifyFrames(History());
  EXPECT_FALSE(report.damage.has_value());
  EXPECT_EQ(report.accepted, 11u);
  EXPECT_EQ(report.seq, 10u);
  EXPECT_EQ(report.hash_hex, Sha256(History().back()).hex());
}

TEST(VerifyTest, AnyFlippedBitOfAnyByteOfARecordIsFoundAndTheRecordNamed) {
  const std::vector<std::string> good = History();
  for (size_t i = 0; i < good[kMiddle].size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::vector<std::string> bad = good;
      bad[kMiddle][i] ^= static_cast<char>(1 << bit);
      const VerifyReport report = VerifyFrames(bad);
      ASSERT_TRUE(report.damage.has_value()) << "byte " << i;
      EXPECT_EQ(report.damage->index, static_cast<int64_t>(kMiddle)) << "byte " << i;
    }
  }
}

// An intruder who knows the format mends the CRC; the chain still tells.
TEST(VerifyTest, AnyFlippedByteIsFoundEvenWhenItsCrcIsMended) {
  const std::vector<std::string> good = History();
  for (size_t i = record::kHeaderBytes; i < good[kMiddle].size(); ++i) {
    std::vector<std::string> bad = good;
    bad[kMiddle][i] ^= 1;
    bad[kMiddle] = MendCrc(bad[kMiddle]);
    const VerifyReport report = VerifyFrames(bad);
    // A changed epoch or seq makes readers pass the record over, and the hole after it shows.
    const bool found = report.damage.has_value() || report.accepted < good.size();
    EXPECT_TRUE(found) << "byte " << i;
    if (report.damage.has_value()) {
      EXPECT_NEAR(static_cast<double>(report.damage->index), static_cast<double>(kMiddle), 1) << i;
    }
  }
}

TEST(VerifyTest, AnAlteredPayloadIsPinnedOnTheAlteredRecordNotOnItsNeighbour) {
  std::vector<std::string> bad = History();
  v1::Record record = *record::Decode(bad[kMiddle]);
  record.mutable_commit()->set_reply("rewritten");
  bad[kMiddle] = record::Encode(record);
  const VerifyReport report = VerifyFrames(bad);
  ASSERT_TRUE(report.damage.has_value());
  EXPECT_EQ(report.damage->index, static_cast<int64_t>(kMiddle));
  EXPECT_EQ(report.damage->seq, kMiddle);
}

TEST(VerifyTest, ARemovedRecordIsFound) {
  std::vector<std::string> bad = History();
  bad.erase(bad.begin() + kMiddle);
  const VerifyReport report = VerifyFrames(bad);
  EXPECT_GT(report.dropped.at("gap"), 0u);
  EXPECT_EQ(report.seq, kMiddle - 1);
}

class BinaryTest : public ::testing::Test {
 protected:
  BinaryTest() {
    std::string name = ::testing::TempDir() + "pdp_verify_XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~BinaryTest() override { std::filesystem::remove_all(path_); }
  int Run() const {
    const int status = std::system(
        absl::StrCat(PDP_LOG_VERIFY, " --area N56 --data ", path_, " >", path_, ".out").c_str());
    return WEXITSTATUS(status);
  }
  void Put(int64_t index, const std::string& frame) {
    auto db = OpenRocks(path_, RocksAccess::kWrite);
    ASSERT_OK(db);
    ASSERT_TRUE((*db)->Put(rocksdb::WriteOptions(), RocksKey(kN56, index), frame).ok());
  }
  std::string path_;
};

TEST_F(BinaryTest, SaysWhetherALogOnDiskIsWhole) {
  const std::vector<std::string> frames = History();
  {
    ASSERT_OK_AND_ASSIGN(const std::unique_ptr<EventLog> log, OpenRocksLog(path_));
    for (const std::string& frame : frames) ASSERT_OK(log->Append(kN56, frame));
  }
  EXPECT_EQ(Run(), 0);
  for (size_t i = 0; i < frames[kMiddle].size(); i += 16) {
    std::string bad = frames[kMiddle];
    bad[i] ^= 1;
    Put(kMiddle, bad);
    EXPECT_EQ(Run(), 1) << "byte " << i;
  }
  Put(kMiddle, frames[kMiddle]);
  EXPECT_EQ(Run(), 0);
}

TEST_F(BinaryTest, SaysWhenThereIsNoLog) { EXPECT_EQ(Run(), 2); }

}  // namespace
}  // namespace pdp::log
