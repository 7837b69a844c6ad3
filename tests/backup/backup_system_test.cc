// A service is backed up while it works, and lives on from the backup on another machine.

#include <filesystem>
#include <fstream>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/privacy/key_vault.h"
#include "pdp/referral/v1/service.grpc.pb.h"
#include "tests/backup/tool.h"
#include "tests/crash/load.h"
#include "tests/crash/oracle.h"
#include "tests/crash/service.h"

namespace pdp::backup_test {
namespace {

namespace rv1 = referral::v1;
using crash::Load;
using crash::Oracle;
using crash::Service;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Records = std::vector<common::v1::RecordInfo>;

constexpr int kCallers = 8;
constexpr uint64_t kBefore = 300;

class BackupSystemTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) const { return folder_.path() / name; }

  Said Backup(const std::string& folder, const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"referral", "backup", Path(folder)};
    words.insert(words.end(), more.begin(), more.end());
    return Pdpctl(words);
  }
  Said Restore(const std::string& folder, const std::string& name,
               const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"referral", "restore", Path(folder), "--to",
                                      Path(name) + "/data"};
    words.insert(words.end(), more.begin(), more.end());
    return Pdpctl(words);
  }
  // With the keys, and to the live service.
  Said Pdpctl(std::vector<std::string> words) {
    std::string port;
    std::ifstream(Path("live") + "/port") >> port;
    words.insert(words.end(), {"--keys", Path("keys"), "--target", "127.0.0.1:" + port});
    return RunTool("pdpctl", words);
  }
  void AwaitAcknowledged(const Load& load, uint64_t count) {
    const absl::Time deadline = absl::Now() + absl::Seconds(60);
    while (load.acknowledged() < count && absl::Now() < deadline) {
      absl::SleepFor(absl::Milliseconds(2));
    }
    ASSERT_GE(load.acknowledged(), count);
  }

  // The name that the service shows of a person; "erased" when it says so.
  std::string NameOf(const Service& service, const std::string& crn) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(30)));
    rv1::GetPersonRequest request;
    request.set_crn(crn);
    request.mutable_actor()->set_id("ro-1");
    request.mutable_actor()->add_roles("RO");
    rv1::GetPersonReply reply;
    const grpc::Status status =
        rv1::ReferralService::NewStub(service.channel())->GetPerson(&context, request, &reply);
    if (!status.ok()) return status.error_message();
    if (reply.erased()) return "erased";
    return reply.person().identity().name().family();
  }

  crash::Folder folder_;
};

TEST_F(BackupSystemTest, WhatWasAcknowledgedBeforeItIsInItAndTheServiceGoesOnFromIt) {
  Service live(folder_, "live", {});
  ASSERT_OK(live.Start());
  Oracle oracle;
  Load load(oracle);
  load.Start([&] { return live.channel(); }, kCallers);
  AwaitAcknowledged(load, kBefore);
  const std::vector<std::string> before = oracle.acknowledged();
  const Said taken = Backup("b1");
  ASSERT_EQ(taken.code, 0) << taken.text;
  // Work went on meanwhile, and goes on.
  const uint64_t during = load.acknowledged();
  EXPECT_GT(during, before.size());
  AwaitAcknowledged(load, during + 10);
  // A second one, smaller; the keys of both are in the one copy.
  const Said log_only = Backup("b2", {"--views", "no"});
  ASSERT_EQ(log_only.code, 0) << log_only.text;
  load.Stop();
  EXPECT_THAT(load.wrong(), IsEmpty());
  ASSERT_OK_AND_ASSIGN(const Records whole, live.Records(0));
  EXPECT_EQ(live.Stop(), 0) << live.Output();
  EXPECT_FALSE(std::filesystem::exists(live.data() / "backup.partial"));
  EXPECT_TRUE(std::filesystem::exists(Path("b1") + "/views"));
  EXPECT_FALSE(std::filesystem::exists(Path("b2") + "/views"));

  for (const std::string backup : {"b1", "b2"}) {
    const Said verified = RunTool("pdpctl", {"referral", "verify", Path(backup)});
    EXPECT_EQ(verified.code, 0) << verified.text;
    const Said chain = RunTool("pdp-log-verify", {"--data", Path(backup) + "/log"});
    EXPECT_EQ(chain.code, 0) << chain.text;

    const std::string name = "restored-" + backup;
    const Said restored = Restore(backup, name);
    ASSERT_EQ(restored.code, 0) << restored.text;
    EXPECT_THAT(restored.text, HasSubstr("0 persons are erased")) << restored.text;
    Service service(folder_, name, {});
    ASSERT_OK(service.Start()) << service.Output();

    // A beginning of the live one's history, record by record, and everything acknowledged is in.
    ASSERT_OK_AND_ASSIGN(const Records records, service.Records(0));
    ASSERT_LE(records.size(), whole.size());
    std::set<std::string> there;
    for (size_t i = 0; i < records.size(); ++i) {
      ASSERT_EQ(records[i].hash_hex(), whole[i].hash_hex()) << i;
      there.insert(records[i].command_id_hex());
    }
    for (const std::string& id : before) {
      ASSERT_EQ(there.count(absl::BytesToHexString(id)), 1u) << absl::BytesToHexString(id);
    }

    // Asked again, commands are told what they were told; new ones follow; names can be read.
    Oracle again;
    Load more(again);
    more.Start([&] { return service.channel(); }, kCallers);
    AwaitAcknowledged(more, whole.size() + 200);
    more.Stop();
    EXPECT_THAT(more.wrong(), IsEmpty());
    EXPECT_EQ(more.AskAgain([&] { return service.channel(); }, 100), "");
    EXPECT_EQ(more.ReadNames(service.channel(), 100), "");
    ASSERT_OK_AND_ASSIGN(const Records grown, service.Records(0));
    EXPECT_GT(grown.size(), records.size());
    EXPECT_THAT(again.Check(grown), IsEmpty());
    ASSERT_OK_AND_ASSIGN(const auto verify, service.Verify());
    EXPECT_TRUE(verify.intact()) << verify.finding();
    EXPECT_EQ(service.Stop(), 0) << service.Output();
  }
  std::printf("%zu acknowledged before, %llu during the first, %zu records in all\n",
              before.size(), static_cast<unsigned long long>(during - before.size()),
              whole.size());
}

TEST_F(BackupSystemTest, AnOldBackupBringsNobodyBackWhoWasErasedAfterIt) {
  Service live(folder_, "live", {});
  ASSERT_OK(live.Start());
  Oracle oracle;
  Load load(oracle);
  load.Start([&] { return live.channel(); }, kCallers);
  AwaitAcknowledged(load, 50);
  load.Stop();
  ASSERT_EQ(Backup("old").code, 0);
  ASSERT_EQ(NameOf(live, "T000001"), "Invented1");

  ASSERT_EQ(live.Stop(), 0);
  {
    ASSERT_OK_AND_ASSIGN(const auto vault, privacy::OpenFileKeyVault(
                                               live.data() / "keys", std::string(32, '\xbb')));
    ASSERT_OK(vault->Destroy("T000001"));
  }
  ASSERT_OK(live.Start());
  // Until the copy of the keys knows, a restore says up to when it knows of erasures.
  const Said keys = Pdpctl({"referral", "backup-keys"});
  ASSERT_EQ(keys.code, 0) << keys.text;
  EXPECT_THAT(keys.text, HasSubstr("1 of them erased"));

  std::ofstream(Path("later")) << "T000002\n";
  const Said restored = Restore("old", "restored", {"--erased", Path("later")});
  ASSERT_EQ(restored.code, 0) << restored.text;
  EXPECT_THAT(restored.text, HasSubstr("2 persons are erased; an erasure ordered after 20"));
  EXPECT_THAT(restored.text, HasSubstr("must be ordered again"));
  Service service(folder_, "restored", {});
  ASSERT_OK(service.Start()) << service.Output();
  EXPECT_EQ(NameOf(service, "T000001"), "erased");
  EXPECT_EQ(NameOf(service, "T000002"), "erased");
  EXPECT_EQ(NameOf(service, "T000003"), "Invented3");
  EXPECT_EQ(service.Stop(), 0);
  EXPECT_EQ(live.Stop(), 0);
}

TEST_F(BackupSystemTest, WhatCannotBeDoneSaysWhyAndLeavesNothing) {
  Service live(folder_, "live", {});
  ASSERT_OK(live.Start());
  ASSERT_EQ(Backup("b").code, 0);
  const auto fails = [&](const Said& said, const std::string& says) {
    EXPECT_EQ(said.code, 1) << said.text;
    EXPECT_THAT(said.text, HasSubstr(says));
  };
  fails(Backup("b"), "is there already");
  fails(Restore("nowhere", "r"), "there is no finished backup");
  ASSERT_EQ(Restore("b", "r").code, 0);
  fails(Restore("b", "r"), "is not empty");
  fails(Pdpctl({"programmes", "restore", Path("b"), "--to", Path("p")}),
        "a backup of referral, not of programmes");
  // A byte of the log, somewhere in the middle of it.
  for (const auto& file : std::filesystem::directory_iterator(Path("b") + "/log")) {
    if (file.file_size() < 1000) continue;
    std::fstream bytes(file.path(), std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekg(500);
    const char was = static_cast<char>(bytes.get());
    bytes.seekp(500);
    bytes.put(static_cast<char>(was ^ 1)).flush();
  }
  fails(RunTool("pdpctl", {"referral", "verify", Path("b")}), "was altered");
  fails(Restore("b", "r2"), "was altered");
  EXPECT_FALSE(std::filesystem::exists(Path("r2") + "/data"));
  EXPECT_EQ(live.Stop(), 0);
  fails(Backup("c"), "is the service running at that address?");
  EXPECT_FALSE(std::filesystem::exists(Path("c")));
  EXPECT_FALSE(std::filesystem::exists(Path("c") + ".partial"));
}

}  // namespace
}  // namespace pdp::backup_test
