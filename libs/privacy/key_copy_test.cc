#include "libs/privacy/key_copy.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/privacy/key_slot.h"
#include "libs/privacy/key_vault.h"

namespace pdp::privacy {
namespace {

using ::pdp::testing::StatusIs;
using ::testing::HasSubstr;

const std::string kKek(kKeyBytes, 'K');

class KeyCopyTest : public ::testing::Test {
 protected:
  KeyCopyTest() {
    std::string name = ::testing::TempDir() + "pdp_key_copy_XXXXXX";
    dir_ = mkdtemp(name.data());
    vault_ = Vault("vault");
    copy_ = Copy();
  }
  ~KeyCopyTest() override { std::filesystem::remove_all(dir_); }

  std::unique_ptr<KeyVault> Vault(const std::string& name) const {
    auto vault = OpenFileKeyVault(absl::StrCat(dir_, "/", name), kKek);
    EXPECT_OK(vault);
    return vault.ok() ? *std::move(vault) : nullptr;
  }
  std::string CopyFile() const { return dir_ + "/copy"; }
  std::unique_ptr<KeyCopy> Copy() const {
    auto copy = KeyCopy::Open(CopyFile());
    EXPECT_OK(copy);
    return copy.ok() ? *std::move(copy) : nullptr;
  }
  // In slices of two slots, so that slices do not stand for everything.
  static absl::Status Update(KeyVault& vault, KeyCopy& copy) {
    for (uint64_t at = 0;; at += 2) {
      const auto slots = vault.Export(at, 2);
      if (!slots.ok()) return slots.status();
      if (slots->empty()) return copy.Sync();
      if (absl::Status status = copy.Update(at, *slots); !status.ok()) return status;
    }
  }
  // The copy as the vault of a new machine.
  std::unique_ptr<KeyVault> Restored() {
    copy_.reset();
    std::filesystem::create_directories(dir_ + "/restored");
    std::filesystem::copy_file(CopyFile(), dir_ + "/restored/keys.v1",
                               std::filesystem::copy_options::overwrite_existing);
    return Vault("restored");
  }
  std::string Bytes(const std::string& path) const {
    std::ifstream in(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }

  std::string dir_;
  std::unique_ptr<KeyVault> vault_;
  std::unique_ptr<KeyCopy> copy_;
};

TEST_F(KeyCopyTest, EveryKeyOpensFromTheCopyAndTheSameFileComesUpToDate) {
  ASSERT_OK_AND_ASSIGN(const PersonKey first, vault_->Obtain("T000001"));
  ASSERT_OK(Update(*vault_, *copy_));
  EXPECT_EQ(copy_->slots(), 2u);
  ASSERT_OK_AND_ASSIGN(const PersonKey second, vault_->Obtain("T000002"));
  ASSERT_OK(Update(*vault_, *copy_));
  EXPECT_EQ(copy_->slots(), 3u);
  const auto restored = Restored();
  ASSERT_OK_AND_ASSIGN(const PersonKey again, restored->Find("T000001"));
  EXPECT_EQ(again.secret, first.secret);
  ASSERT_OK_AND_ASSIGN(const PersonKey other, restored->Find("T000002"));
  EXPECT_EQ(other.secret, second.secret);
}

TEST_F(KeyCopyTest, AKeyDestroyedInTheVaultIsOverwrittenInTheCopy) {
  ASSERT_OK(vault_->Obtain("T000001").status());
  ASSERT_OK(vault_->Obtain("T000002").status());
  ASSERT_OK(Update(*vault_, *copy_));
  const std::string wrapped = DecodeSlot(Bytes(CopyFile()).substr(kSlotBytes, kSlotBytes))
                                  .value()
                                  ->wrapped;
  ASSERT_OK(vault_->Destroy("T000001"));
  ASSERT_OK(Update(*vault_, *copy_));
  EXPECT_EQ(copy_->destroyed(), 1u);
  EXPECT_EQ(Bytes(CopyFile()).find(wrapped), std::string::npos);
  const auto restored = Restored();
  EXPECT_THAT(restored->Find("T000001"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(restored->Obtain("T000001"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_OK(restored->Find("T000002").status());
}

TEST_F(KeyCopyTest, AnOlderVaultNeverBringsADestroyedKeyBack) {
  ASSERT_OK(vault_->Obtain("T000001").status());
  ASSERT_OK(Update(*vault_, *copy_));
  ASSERT_OK(copy_->Destroy("T000001"));
  // The vault still has it: as after a restore of a copy made before the erasure.
  ASSERT_OK(Update(*vault_, *copy_));
  EXPECT_EQ(copy_->revived(), 1u);
  EXPECT_THAT(Restored()->Find("T000001"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(KeyCopyTest, WhoHasNoKeyYetCanBeBarredFromOne) {
  ASSERT_OK(Update(*vault_, *copy_));
  ASSERT_OK(copy_->Destroy("T000009"));
  ASSERT_OK(copy_->Destroy("T000009"));
  EXPECT_EQ(copy_->destroyed(), 1u);
  EXPECT_THAT(Restored()->Obtain("T000009"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(KeyCopyTest, KeysOfAnotherVaultAreRefusedAndNothingIsOverwritten) {
  ASSERT_OK(vault_->Obtain("T000001").status());
  ASSERT_OK(Update(*vault_, *copy_));
  const std::string before = Bytes(CopyFile());
  const auto other = Vault("other");
  ASSERT_OK(other->Obtain("T000003").status());
  EXPECT_THAT(Update(*other, *copy_), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(Bytes(CopyFile()), before);
}

TEST_F(KeyCopyTest, ADamagedSlotIsNamed) {
  ASSERT_OK(vault_->Obtain("T000001").status());
  ASSERT_OK(Update(*vault_, *copy_));
  copy_.reset();
  std::string bytes = Bytes(CopyFile());
  bytes[kSlotBytes + 120] ^= 1;
  std::ofstream(CopyFile(), std::ios::binary | std::ios::trunc) << bytes;
  const auto opened = KeyCopy::Open(CopyFile());
  EXPECT_THAT(opened, StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(std::string(opened.status().message()), HasSubstr("slot 1"));
}

TEST_F(KeyCopyTest, OneProcessAtATime) {
  EXPECT_THAT(KeyCopy::Open(CopyFile()), StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace pdp::privacy
