#include "libs/backup/backup.h"

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "libs/base/status_macros.h"
#include "libs/base/status_matchers.h"
#include "libs/log/rocks_log.h"
#include "libs/privacy/key_copy.h"
#include "libs/privacy/key_slot.h"
#include "libs/privacy/key_vault.h"
#include "libs/record/codec.h"

namespace pdp::backup {
namespace {

namespace fs = std::filesystem;
using ::pdp::testing::StatusIs;
using ::testing::HasSubstr;

constexpr uint64_t kCommits = 40;
const Area kArea = *Area::FromCode("N56");
const std::string kKek(privacy::kKeyBytes, 'K');

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}
void Overwrite(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

class BackupTest : public ::testing::Test {
 protected:
  BackupTest() {
    std::string name = ::testing::TempDir() + "pdp_backup_XXXXXX";
    dir_ = mkdtemp(name.data());
    auto vault = privacy::OpenFileKeyVault(dir_ / "vault", kKek);
    EXPECT_OK(vault);
    vault_ = *std::move(vault);
    for (const char* person : {"T000001", "T000002"}) EXPECT_OK(vault_->Obtain(person).status());
    UpdateKeys();
    EXPECT_OK(FillLog());
  }
  ~BackupTest() override { fs::remove_all(dir_); }

  std::string Keys() const { return dir_ / "keys.v1"; }
  std::string Folder() const { return dir_ / "backup"; }
  std::string To() const { return dir_ / "data"; }

  void UpdateKeys() {
    ASSERT_OK_AND_ASSIGN(auto copy, privacy::KeyCopy::Open(Keys()));
    ASSERT_OK_AND_ASSIGN(const std::string slots, vault_->Export(0, 1000));
    ASSERT_OK(copy->Update(0, slots));
    ASSERT_OK(copy->Sync());
  }

  // A log of one epoch and kCommits barriers; `began_` is its end.
  absl::Status FillLog() {
    ASSIGN_OR_RETURN(auto log, log::OpenRocksLog(dir_ / "live"));
    RETURN_IF_ERROR(log->Claim(kArea, "owner", "here:1", {}).status());
    ASSIGN_OR_RETURN(log::TailPosition end, log->End(kArea));
    Digest hash = end.hash;
    for (uint64_t seq = 1; seq <= kCommits; ++seq) {
      log::v1::Record record;
      record.set_area(std::string(kArea.code()));
      record.set_epoch(end.epoch.value());
      record.set_seq(seq);
      record.set_prev_hash(std::string(hash.view()));
      record.mutable_barrier()->mutable_recorded_at()->set_seconds(static_cast<int64_t>(seq));
      ASSIGN_OR_RETURN(std::string bytes, record::EncodeVerified(record));
      hash = Sha256(bytes);
      RETURN_IF_ERROR(log->Append(kArea, std::move(bytes)));
    }
    ASSIGN_OR_RETURN(const auto tail, log->OpenTail(kArea, {}));
    for (uint64_t seen = 0; seen < kCommits + 1;) {
      ASSIGN_OR_RETURN(const auto batch, tail->Poll(1000, absl::Seconds(10)));
      seen += batch.records.size();
    }
    RETURN_IF_ERROR(log->Checkpoint(dir_ / "checkpoint"));
    began_.mutable_position()->set_area(std::string(kArea.code()));
    began_.mutable_position()->set_epoch(end.epoch.value());
    began_.mutable_position()->set_seq(kCommits);
    began_.set_hash_hex(hash.hex());
    return absl::OkStatus();
  }

  // As a service sends it: every file in pieces of 100 bytes.
  absl::StatusOr<BackupManifest> Take(
      const std::function<void(BackupManifest&)>& change = [](BackupManifest&) {}) {
    ASSIGN_OR_RETURN(auto writer, BackupWriter::Begin(Folder()));
    BackupManifest manifest;
    manifest.set_format(1);
    manifest.set_service("referral");
    *manifest.add_began() = began_;
    ASSIGN_OR_RETURN(const std::string header, vault_->Export(0, 1));
    manifest.set_vault_id(privacy::VaultId(header));
    manifest.set_vault_slots(3);
    for (const auto& entry : fs::directory_iterator(dir_ / "checkpoint")) {
      const std::string bytes = ReadFile(entry.path());
      auto& file = *manifest.add_files();
      file.set_name(absl::StrCat("log/", entry.path().filename().string()));
      file.set_bytes(bytes.size());
      file.set_sha256_hex(Sha256(bytes).hex());
      for (size_t at = 0; at == 0 || at < bytes.size(); at += 100) {
        common::v1::BackupData data;
        data.set_name(file.name());
        data.set_bytes(bytes.substr(at, 100));
        RETURN_IF_ERROR(writer->Add(data));
      }
    }
    change(manifest);
    return writer->Finish(manifest);
  }
  absl::StatusOr<Restored> RestoreIt(std::vector<std::string> erased = {}) {
    return Restore({.folder = Folder(), .service = "referral", .key_file = Keys(), .to = To(),
                    .erased = std::move(erased)});
  }
  // The manifest as it stands with another text, its digest made to fit.
  void Forge(const std::function<void(BackupManifest&)>& change) {
    BackupManifest manifest;
    ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(ReadFile(Folder() + "/manifest.json"),
                                                            &manifest)
                    .ok());
    change(manifest);
    std::string text;
    ASSERT_TRUE(google::protobuf::util::MessageToJsonString(manifest, &text).ok());
    Overwrite(Folder() + "/manifest.json", text);
    Overwrite(Folder() + "/manifest.sha256", Sha256(text).hex() + "  manifest.json\n");
  }

  fs::path dir_;
  std::unique_ptr<privacy::KeyVault> vault_;
  common::v1::BackupCell began_;
};

TEST_F(BackupTest, WhatWasTakenIsVerifiedAndRestoredWithItsKeys) {
  ASSERT_OK_AND_ASSIGN(const BackupManifest taken, Take());
  ASSERT_EQ(taken.ends_size(), 1);
  EXPECT_EQ(taken.ends(0).hash_hex(), began_.hash_hex());
  EXPECT_EQ(taken.ends(0).records(), kCommits + 1);
  EXPECT_OK(VerifyBackup(Folder(), "referral").status());
  ASSERT_OK_AND_ASSIGN(const Restored restored, RestoreIt());
  EXPECT_EQ(restored.erased, 0u);
  ASSERT_OK_AND_ASSIGN(const auto log, log::OpenRocksLog(To() + "/log"));
  ASSERT_OK_AND_ASSIGN(const log::TailPosition end, log->End(kArea));
  EXPECT_EQ(end.seq, Seq(kCommits));
  EXPECT_EQ(end.hash.hex(), began_.hash_hex());
  ASSERT_OK_AND_ASSIGN(const auto keys, privacy::OpenFileKeyVault(To() + "/keys", kKek));
  EXPECT_OK(keys->Find("T000002").status());
  // Verifying leaves nothing behind: it can be done again.
  EXPECT_OK(VerifyBackup(Folder(), "referral").status());
}

TEST_F(BackupTest, EveryWayOfDamageIsNamedAndNothingIsRestored) {
  ASSERT_OK(Take());
  const fs::path good = dir_ / "good";
  fs::copy(Folder(), good, fs::copy_options::recursive);
  int ways = 0;
  const auto refused = [&](const std::string& what, absl::StatusCode code,
                           const std::string& says, const std::function<void()>& damage) {
    fs::remove_all(Folder());
    fs::copy(good, Folder(), fs::copy_options::recursive);
    damage();
    const absl::Status verified = VerifyBackup(Folder(), "referral").status();
    EXPECT_THAT(verified, StatusIs(code)) << what;
    EXPECT_THAT(std::string(verified.message()), HasSubstr(says)) << what;
    EXPECT_THAT(RestoreIt().status(), StatusIs(code)) << what;
    EXPECT_FALSE(fs::exists(To())) << what;
    EXPECT_FALSE(fs::exists(To() + ".partial")) << what;
    ++ways;
  };
  for (const auto& entry : fs::directory_iterator(good / "log")) {
    const std::string name = entry.path().filename().string();
    const fs::path path = fs::path(Folder()) / "log" / name;
    const std::string bytes = ReadFile(entry.path());
    refused("missing " + name, absl::StatusCode::kDataLoss, name, [&] { fs::remove(path); });
    refused("longer " + name, absl::StatusCode::kDataLoss, name,
            [&] { Overwrite(path, bytes + "x"); });
    if (bytes.empty()) continue;
    refused("cut short " + name, absl::StatusCode::kDataLoss, name,
            [&] { Overwrite(path, bytes.substr(0, bytes.size() - 1)); });
    for (const size_t at : {size_t{0}, bytes.size() / 2, bytes.size() - 1}) {
      refused("altered " + name, absl::StatusCode::kDataLoss, name, [&] {
        std::string other = bytes;
        other[at] ^= 0x40;
        Overwrite(path, other);
      });
    }
  }
  refused("a stranger", absl::StatusCode::kDataLoss, "not of this backup",
          [&] { Overwrite(Folder() + "/log/000099.sst", "x"); });
  refused("an altered manifest", absl::StatusCode::kDataLoss, "manifest.json was altered", [&] {
    std::string text = ReadFile(Folder() + "/manifest.json");
    Overwrite(Folder() + "/manifest.json", text.replace(text.find("referral"), 8, "Referral"));
  });
  refused("no digest", absl::StatusCode::kDataLoss, "manifest.json was altered",
          [&] { fs::remove(Folder() + "/manifest.sha256"); });
  refused("no manifest", absl::StatusCode::kNotFound, "no finished backup",
          [&] { fs::remove(Folder() + "/manifest.json"); });
  refused("another service's", absl::StatusCode::kFailedPrecondition,
          "a backup of programmes, not of referral",
          [&] { Forge([](BackupManifest& m) { m.set_service("programmes"); }); });
  refused("a newer format", absl::StatusCode::kFailedPrecondition, "format 2",
          [&] { Forge([](BackupManifest& m) { m.set_format(2); }); });
  refused("a path out of it", absl::StatusCode::kDataLoss, "no file of a backup",
          [&] { Forge([](BackupManifest& m) { m.mutable_files(0)->set_name("log/../x"); }); });
  // Forged consistently: the chain and its end are held against each other.
  refused("another end", absl::StatusCode::kDataLoss, "does not end where its manifest says",
          [&] { Forge([](BackupManifest& m) { m.mutable_ends(0)->set_records(7); }); });
  refused("another beginning", absl::StatusCode::kDataLoss, "when the backup began", [&] {
    Forge([](BackupManifest& m) { m.mutable_began(0)->mutable_position()->set_seq(kCommits + 1); });
  });
  EXPECT_GT(ways, 20);
}

TEST_F(BackupTest, KeysThatDoNotFitAreRefused) {
  ASSERT_OK(Take([](BackupManifest& m) { m.set_vault_slots(4); }));
  const auto older = RestoreIt();
  EXPECT_THAT(older, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(older.status().message()), HasSubstr("lacks 1 persons' keys"));
  // A copy that was brought up to date after the backup has what it needs.
  ASSERT_OK(vault_->Obtain("T000003").status());
  UpdateKeys();
  EXPECT_OK(RestoreIt().status());
  fs::remove_all(To());

  fs::remove(Keys());
  EXPECT_THAT(RestoreIt(), StatusIs(absl::StatusCode::kNotFound));
  vault_.reset();
  ASSERT_OK_AND_ASSIGN(vault_, privacy::OpenFileKeyVault(dir_ / "other", kKek));
  for (const char* person : {"T1", "T2", "T3", "T4"}) ASSERT_OK(vault_->Obtain(person).status());
  UpdateKeys();
  const auto foreign = RestoreIt();
  EXPECT_THAT(foreign, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(foreign.status().message()), HasSubstr("another vault"));
  EXPECT_FALSE(fs::exists(To()));
}

TEST_F(BackupTest, AnErasureAfterTheBackupIsNotUndoneByIt) {
  ASSERT_OK(Take());
  // One is in the copy of the keys, the other was ordered after it.
  ASSERT_OK(vault_->Destroy("T000001"));
  UpdateKeys();
  ASSERT_OK_AND_ASSIGN(const Restored restored, RestoreIt({"T000002", "T000077"}));
  EXPECT_EQ(restored.erased, 3u);
  ASSERT_OK_AND_ASSIGN(const auto keys, privacy::OpenFileKeyVault(To() + "/keys", kKek));
  for (const char* person : {"T000001", "T000002", "T000077"}) {
    EXPECT_THAT(keys->Obtain(person), StatusIs(absl::StatusCode::kNotFound)) << person;
  }
  // And no file of the backup holds a key, wrapped or not.
  ASSERT_OK_AND_ASSIGN(const std::string slot, vault_->Export(2, 1));
  const std::string wrapped = privacy::DecodeSlot(slot).value()->wrapped;
  for (const auto& entry : fs::recursive_directory_iterator(Folder())) {
    if (!entry.is_regular_file()) continue;
    EXPECT_EQ(ReadFile(entry.path()).find(wrapped), std::string::npos) << entry.path();
  }
}

TEST_F(BackupTest, ItGoesToAnEmptyFolderOnly) {
  ASSERT_OK(Take());
  fs::create_directories(To());
  EXPECT_OK(RestoreIt().status());
  const auto again = RestoreIt();
  EXPECT_THAT(again, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(again.status().message()), HasSubstr("is not empty"));
  EXPECT_THAT(Take(), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(BackupTest, WhatDidNotArriveWholeIsNoBackup) {
  const std::function<void(BackupManifest&)> changes[] = {
      [](BackupManifest& m) { m.add_files()->set_name("log/000077.sst"); },
      [](BackupManifest& m) { m.mutable_files()->RemoveLast(); },
      [](BackupManifest& m) { m.mutable_files(0)->set_bytes(m.files(0).bytes() + 1); },
      [](BackupManifest& m) { m.mutable_files(0)->set_sha256_hex(Sha256("x").hex()); },
      [](BackupManifest& m) { m.mutable_began(0)->mutable_position()->set_seq(kCommits + 1); },
      [](BackupManifest& m) { m.mutable_began(0)->set_hash_hex(Sha256("x").hex()); },
  };
  for (const auto& change : changes) {
    EXPECT_THAT(Take(change), StatusIs(absl::StatusCode::kDataLoss));
    EXPECT_FALSE(fs::exists(Folder()));
    EXPECT_FALSE(fs::exists(Folder() + ".partial"));
  }
  EXPECT_THAT(Take([](BackupManifest& m) { m.set_format(9); }),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_OK_AND_ASSIGN(const auto writer, BackupWriter::Begin(Folder()));
  for (const char* name : {"", "x", "log", "log/", "/log/x", "log/../x", "log/.x", "keys/keys.v1",
                           "log/a/b", "log/a b"}) {
    common::v1::BackupData data;
    data.set_name(name);
    EXPECT_THAT(writer->Add(data), StatusIs(absl::StatusCode::kInvalidArgument)) << name;
  }
}

}  // namespace
}  // namespace pdp::backup
