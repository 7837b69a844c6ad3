#include "libs/privacy/key_vault.h"

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"

namespace pdp::privacy {
namespace {

using ::pdp::testing::StatusIs;

const std::string kKek(kKeyBytes, 'K');

class Folder {
 public:
  Folder() {
    std::string name = ::testing::TempDir() + "pdp_vault_XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }
  // The bytes of every file.
  std::string Everything() const {
    std::string all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path_)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      all.append(std::istreambuf_iterator<char>(in), {});
    }
    return all;
  }

 private:
  std::string path_;
};

std::unique_ptr<KeyVault> OpenFile(const Folder& folder) {
  absl::StatusOr<std::unique_ptr<KeyVault>> vault = OpenFileKeyVault(folder.path(), kKek);
  EXPECT_OK(vault);
  return vault.ok() ? *std::move(vault) : nullptr;
}

std::unique_ptr<KeyVault> OpenShared(const Folder& folder) {
  auto vault = OpenFileKeyVault(folder.path(), kKek, VaultUse::kShared);
  EXPECT_OK(vault);
  return vault.ok() ? *std::move(vault) : nullptr;
}

struct Kind {
  std::string name;
  std::function<std::unique_ptr<KeyVault>(const Folder&)> open;
};
void PrintTo(const Kind& kind, std::ostream* os) { *os << kind.name; }

class KeyVaultTest : public ::testing::TestWithParam<Kind> {
 protected:
  Folder folder_;
  std::unique_ptr<KeyVault> vault_ = GetParam().open(folder_);
};

TEST_P(KeyVaultTest, ASubjectHasOneKeyAndSubjectsHaveDifferentOnes) {
  ASSERT_OK_AND_ASSIGN(const PersonKey first, vault_->Obtain("X100001"));
  EXPECT_EQ(first.id, "X100001");
  EXPECT_EQ(first.secret.size(), kKeyBytes);
  ASSERT_OK_AND_ASSIGN(const PersonKey again, vault_->Obtain("X100001"));
  EXPECT_EQ(again.secret, first.secret);
  ASSERT_OK_AND_ASSIGN(const PersonKey found, vault_->Find("X100001"));
  EXPECT_EQ(found.secret, first.secret);
  ASSERT_OK_AND_ASSIGN(const PersonKey other, vault_->Obtain("X100002"));
  EXPECT_NE(other.secret, first.secret);
  EXPECT_OK(vault_->Sync());
  EXPECT_OK(vault_->Sync());
}

TEST_P(KeyVaultTest, AnUnknownSubjectIsNotTakenForAnErasedOne) {
  EXPECT_THAT(vault_->Find("X1"), StatusIs(absl::StatusCode::kFailedPrecondition, "unknown"));
}

TEST_P(KeyVaultTest, ADestroyedKeyNeverComesBack) {
  ASSERT_OK(vault_->Obtain("X1"));
  ASSERT_OK(vault_->Destroy("X1"));
  EXPECT_THAT(vault_->Find("X1"), StatusIs(absl::StatusCode::kNotFound, "erased"));
  EXPECT_THAT(vault_->Obtain("X1"), StatusIs(absl::StatusCode::kNotFound, "erased"));
  EXPECT_OK(vault_->Destroy("X1"));
}

TEST_P(KeyVaultTest, ASubjectWithoutAKeyIsBarredByDestroy) {
  ASSERT_OK(vault_->Destroy("X9"));
  EXPECT_THAT(vault_->Obtain("X9"), StatusIs(absl::StatusCode::kNotFound, "erased"));
}

TEST_P(KeyVaultTest, AnImpossibleSubjectIsRefused) {
  EXPECT_THAT(vault_->Obtain(""), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(vault_->Obtain(std::string(97, 'x')), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(vault_->Find("new\nline"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_OK(vault_->Obtain(std::string(96, 'x')));
}

INSTANTIATE_TEST_SUITE_P(All, KeyVaultTest,
                         ::testing::Values(Kind{"memory",
                                                [](const Folder&) { return MakeMemoryKeyVault(); }},
                                           Kind{"file", OpenFile}, Kind{"shared", OpenShared}),
                         [](const auto& info) { return info.param.name; });

TEST(FileKeyVaultTest, KeysAndErasuresOutliveTheProcess) {
  Folder folder;
  std::string secret;
  {
    const auto vault = OpenFile(folder);
    for (int i = 0; i < 100; ++i) ASSERT_OK(vault->Obtain(absl::StrCat("X", i)));
    secret = vault->Find("X42")->secret;
    ASSERT_OK(vault->Sync());
    ASSERT_OK(vault->Destroy("X43"));
  }
  const auto vault = OpenFile(folder);
  EXPECT_EQ(vault->Find("X42")->secret, secret);
  EXPECT_THAT(vault->Obtain("X43"), StatusIs(absl::StatusCode::kNotFound, "erased"));
  EXPECT_OK(vault->Obtain("X100"));
  EXPECT_EQ(vault->Find("X99")->secret.size(), kKeyBytes);
}

// What a slot holds of a key: any 8 bytes running of the wrapped key or its nonce would betray it.
TEST(FileKeyVaultTest, NoByteOfADestroyedKeyIsInAnyFile) {
  Folder folder;
  const auto vault = OpenFile(folder);
  ASSERT_OK(vault->Obtain("before"));
  const std::string without = folder.Everything();
  ASSERT_OK(vault->Obtain("X7"));
  const std::string slot = folder.Everything().substr(without.size());
  ASSERT_OK(vault->Obtain("behind"));
  ASSERT_OK(vault->Sync());
  // The part behind the subject: nonce and wrapped key (README, format).
  const std::string key_bytes = slot.substr(102, 60);
  ASSERT_NE(key_bytes, std::string(60, '\0'));
  ASSERT_NE(folder.Everything().find(key_bytes), std::string::npos);
  const std::string secret = vault->Find("X7")->secret;
  EXPECT_EQ(folder.Everything().find(secret), std::string::npos) << "a key lies there unwrapped";

  ASSERT_OK(vault->Destroy("X7"));
  const std::string after = folder.Everything();
  for (size_t i = 0; i + 8 <= key_bytes.size(); ++i) {
    EXPECT_EQ(after.find(key_bytes.substr(i, 8)), std::string::npos) << "at byte " << i;
  }
  EXPECT_OK(vault->Find("before"));
  EXPECT_OK(vault->Find("behind"));
}

TEST(FileKeyVaultTest, AnotherKeyEncryptionKeyDoesNotOpenIt) {
  Folder folder;
  { ASSERT_OK(OpenFile(folder)->Obtain("X1")); }
  EXPECT_THAT(OpenFileKeyVault(folder.path(), std::string(kKeyBytes, 'L')),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(OpenFileKeyVault(folder.path(), "short"),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(FileKeyVaultTest, OneProcessAtATime) {
  Folder folder;
  const auto vault = OpenFile(folder);
  EXPECT_THAT(OpenFileKeyVault(folder.path(), kKek),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(SharedKeyVaultTest, WhatOneMakesTheOtherFindsAndWhatOneDestroysIsGoneForBoth) {
  Folder folder;
  const auto a = OpenShared(folder), b = OpenShared(folder);
  ASSERT_OK_AND_ASSIGN(const PersonKey of_a, a->Obtain("X1"));
  ASSERT_OK_AND_ASSIGN(const PersonKey of_b, b->Obtain("X2"));
  ASSERT_OK_AND_ASSIGN(const PersonKey found, b->Find("X1"));
  EXPECT_EQ(found.secret, of_a.secret);
  ASSERT_OK_AND_ASSIGN(const PersonKey obtained, a->Obtain("X2"));
  EXPECT_EQ(obtained.secret, of_b.secret);
  EXPECT_OK(a->Sync());
  EXPECT_OK(b->Sync());
  ASSERT_OK(a->Destroy("X2"));
  EXPECT_THAT(b->Find("X2"), StatusIs(absl::StatusCode::kNotFound, "erased"));
  EXPECT_THAT(b->Obtain("X2"), StatusIs(absl::StatusCode::kNotFound, "erased"));
  ASSERT_OK(b->Destroy("X3"));
  EXPECT_THAT(a->Obtain("X3"), StatusIs(absl::StatusCode::kNotFound, "erased"));
}

TEST(SharedKeyVaultTest, ManyThatObtainTheSamePeopleAtOnceGetOneKeyEach) {
  Folder folder;
  constexpr int kPeople = 200, kVaults = 4;
  std::vector<std::vector<std::string>> secrets(kVaults);
  std::vector<std::thread> threads;
  for (int v = 0; v < kVaults; ++v) {
    threads.emplace_back([&, v] {
      const auto vault = OpenShared(folder);
      for (int i = 0; i < kPeople; ++i) {
        const auto key = vault->Obtain(absl::StrCat("X", i));
        ASSERT_OK(key);
        secrets[v].push_back(key->secret);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int v = 1; v < kVaults; ++v) EXPECT_EQ(secrets[v], secrets[0]);
}

TEST(SharedKeyVaultTest, IsNotSharedWithWhoeverWantsItAlone) {
  Folder folder;
  auto shared = OpenShared(folder);
  EXPECT_THAT(OpenFileKeyVault(folder.path(), kKek),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  shared.reset();
  const auto alone = OpenFile(folder);
  EXPECT_THAT(OpenFileKeyVault(folder.path(), kKek, VaultUse::kShared),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(FileKeyVaultTest, ATornLastSlotWasNeverSyncedAndIsIgnored) {
  Folder folder;
  { ASSERT_OK(OpenFile(folder)->Obtain("X1")); }
  std::filesystem::resize_file(folder.path() + "/keys.v1", 2 * 256 + 100);
  const auto vault = OpenFile(folder);
  ASSERT_OK(vault->Find("X1"));
  ASSERT_OK(vault->Obtain("X2"));
  EXPECT_OK(vault->Find("X2"));
}

TEST(FileKeyVaultTest, ADamagedSlotIsFoundAtOpening) {
  Folder folder;
  { ASSERT_OK(OpenFile(folder)->Obtain("X1")); }
  std::fstream file(folder.path() + "/keys.v1", std::ios::in | std::ios::out | std::ios::binary);
  constexpr int kAt = 256 + 120;
  file.seekg(kAt);
  const char was = static_cast<char>(file.get());
  file.seekp(kAt);
  file.put(static_cast<char>(was ^ 1));
  file.close();
  EXPECT_THAT(OpenFileKeyVault(folder.path(), kKek), StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace pdp::privacy
