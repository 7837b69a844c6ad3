// An acknowledged command is never lost (design, 8): kill -9 of a service under load, again and
// again, with an oracle outside of it. Embedded log; the machine stays up, so what the service has
// written to the kernel counts, and the log is fsynced besides.

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "libs/base/hash.h"
#include "libs/base/status_matchers.h"
#include "libs/rpc/client.h"
#include "libs/rpc/status.h"
#include "pdp/common/v1/admin_service.grpc.pb.h"
#include "pdp/referral/v1/service.grpc.pb.h"
#include "tests/crash/oracle.h"
#include "tests/crash/process.h"

namespace pdp::crash {
namespace {

namespace rv1 = referral::v1;
using ::testing::IsEmpty;

constexpr int kKills = 20;
// On a machine so slow that this passes first, fewer kills are enough.
constexpr absl::Duration kTestMax = absl::Seconds(60);
constexpr int kKillsMin = 3;
constexpr int kCallers = 8;
constexpr int kPeopleRead = 200;

std::string Crn(uint64_t n) { return absl::StrFormat("T%06d", n); }
std::string Family(uint64_t n) { return absl::StrCat("Invented", n); }

rv1::ExecuteRequest Register(uint64_t n) {
  rv1::ExecuteRequest request;
  request.mutable_header()->set_command_id(
      std::string(DerivedCommandId("crash", absl::StrCat(n)).bytes()));
  request.mutable_header()->mutable_actor()->set_id("ro-1");
  request.mutable_header()->mutable_actor()->add_roles("RO");
  request.set_area("NAT");
  auto* person = request.mutable_command()->mutable_register_person();
  person->set_crn(Crn(n));
  person->mutable_identity()->mutable_name()->set_given("Ann");
  person->mutable_identity()->mutable_name()->set_family(Family(n));
  person->mutable_identity()->set_date_of_birth("1990-01-01");
  person->mutable_identity()->set_sex("F");
  person->set_home_area("N56");
  person->set_pdu("N56ESX");
  return request;
}

class CrashTest : public ::testing::Test {
 protected:
  CrashTest() {
    std::string name = (std::filesystem::temp_directory_path() / "pdp_crash_XXXXXX").string();
    dir_ = mkdtemp(name.data());
    std::ofstream(dir_ / "kek") << std::string(64, 'b') << "\n";
    std::filesystem::permissions(dir_ / "kek", std::filesystem::perms::owner_read |
                                                   std::filesystem::perms::owner_write);
  }
  ~CrashTest() override {
    service_.reset();
    std::filesystem::remove_all(dir_);
  }

  // Starts the service and waits until it answers; the folder is the same every time.
  void Start() {
    std::filesystem::remove(dir_ / "referral.port");
    service_ = std::make_unique<Process>(
        std::vector<std::string>{PDP_REFERRAL, "--areas", "NAT", "--data", dir_ / "data",
                                 "--peer-dir", dir_, "--kek-file", dir_ / "kek"},
        dir_ / "log");
    const absl::Time deadline = absl::Now() + absl::Seconds(60);
    while (!std::filesystem::exists(dir_ / "referral.port") ||
           rpc::AddressFromDir(dir_, "referral").empty()) {
      ASSERT_TRUE(service_->running()) << Log();
      ASSERT_LT(absl::Now(), deadline) << Log();
      absl::SleepFor(absl::Milliseconds(5));
    }
    const auto channel = rpc::MakeChannel(rpc::AddressFromDir(dir_, "referral"));
    ASSERT_OK(channel);
    channel_ = *channel;
  }
  std::string Log() const {
    std::ifstream file(dir_ / "log");
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  // One attempt; tells the oracle what came of it.
  grpc::Status Send(const std::shared_ptr<grpc::Channel>& channel, uint64_t n) {
    const rv1::ExecuteRequest request = Register(n);
    oracle_.Sent(request.header().command_id());
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
    rv1::ExecuteReply reply;
    const grpc::Status status =
        rv1::ReferralService::NewStub(channel)->Execute(&context, request, &reply);
    if (status.ok()) {
      oracle_.Acknowledged(request.header().command_id(), reply.outcome());
    } else if (!rpc::IsRetryable(status)) {
      ADD_FAILURE() << Crn(n) << ": " << status.error_message();
    }
    return status;
  }

  // Asks again, with the same id, until the outcome is known.
  grpc::Status SendUntilKnown(uint64_t n) {
    const absl::Time deadline = absl::Now() + absl::Seconds(30);
    grpc::Status status = Send(channel_, n);
    while (!status.ok() && rpc::IsRetryable(status) && absl::Now() < deadline) {
      absl::SleepFor(absl::Milliseconds(5));
      status = Send(channel_, n);
    }
    return status;
  }

  // Load from kCallers callers until somebody kills the service.
  void LoadAndKill(absl::Duration after) {
    std::vector<std::thread> callers;
    std::atomic<bool> stop{false};
    for (int i = 0; i < kCallers; ++i) {
      callers.emplace_back([&, channel = channel_] {
        while (!stop) {
          if (!Send(channel, next_.fetch_add(1)).ok()) absl::SleepFor(absl::Milliseconds(1));
        }
      });
    }
    absl::SleepFor(after);
    service_->Kill();
    stop = true;
    for (std::thread& caller : callers) caller.join();
  }

  std::vector<common::v1::RecordInfo> Records() {
    const auto admin = common::v1::Admin::NewStub(channel_);
    std::vector<common::v1::RecordInfo> records;
    uint64_t from = 0;
    const absl::Time deadline = absl::Now() + absl::Seconds(30);
    while (true) {
      grpc::ClientContext context;
      common::v1::ReadRecordsRequest request;
      request.set_area("NAT");
      request.set_from_seq(from);
      request.set_limit(1000);
      common::v1::ReadRecordsReply reply;
      const grpc::Status status = admin->ReadRecords(&context, request, &reply);
      if (rpc::IsRetryable(status) && absl::Now() < deadline) continue;  // its cells are starting
      EXPECT_TRUE(status.ok()) << status.error_message();
      uint64_t last = 0;
      for (const auto& record : reply.records()) {
        last = std::max(last, record.position().seq());
        records.push_back(record);
      }
      if (!status.ok() || reply.records_size() == 0 || last < from) return records;
      from = last + 1;
    }
  }

  std::filesystem::path dir_;
  std::unique_ptr<Process> service_;
  std::shared_ptr<grpc::Channel> channel_;
  Oracle oracle_;
  std::atomic<uint64_t> next_{1};
};

TEST_F(CrashTest, AKilledServiceHasLostNothingItAcknowledgedAndDoneNothingTwice) {
  const uint32_t seed = std::random_device()();
  RecordProperty("seed", absl::StrCat(seed));
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> load_ms(30, 300);
  const absl::Time until = absl::Now() + kTestMax;
  int kills = 0;
  ASSERT_NO_FATAL_FAILURE(Start());
  while (kills < kKills && (absl::Now() < until || kills < kKillsMin)) {
    LoadAndKill(absl::Milliseconds(load_ms(random)));
    ++kills;
    ASSERT_NO_FATAL_FAILURE(Start()) << "after kill " << kills << ", seed " << seed;
    ASSERT_THAT(oracle_.Check(Records()), IsEmpty()) << "after kill " << kills << ", seed " << seed;
  }
  const size_t acknowledged = oracle_.acknowledged().size(), open = oracle_.unknown().size();
  std::printf("%d kills, %zu commands acknowledged, %zu of unknown outcome, seed %u\n", kills,
              acknowledged, open, seed);
  EXPECT_GT(acknowledged, static_cast<size_t>(kills));

  // Whoever does not know asks again with the same id, and is told; whoever knows is told the same.
  for (uint64_t n = 1; n < next_; ++n) {
    ASSERT_TRUE(SendUntilKnown(n).ok()) << Crn(n) << ", seed " << seed;
  }
  EXPECT_THAT(oracle_.unknown(), IsEmpty());
  EXPECT_THAT(oracle_.Check(Records()), IsEmpty()) << "seed " << seed;

  // The keys of the people came through as well: their names can still be read.
  std::uniform_int_distribution<uint64_t> person(1, next_ - 1);
  for (int i = 0; i < kPeopleRead; ++i) {
    const uint64_t n = person(random);
    grpc::ClientContext context;
    rv1::GetPersonRequest request;
    request.set_crn(Crn(n));
    request.mutable_actor()->set_id("ro-1");
    request.mutable_actor()->add_roles("RO");
    rv1::GetPersonReply reply;
    const grpc::Status status =
        rv1::ReferralService::NewStub(channel_)->GetPerson(&context, request, &reply);
    ASSERT_TRUE(status.ok()) << Crn(n) << ": " << status.error_message();
    EXPECT_EQ(reply.person().identity().name().family(), Family(n)) << "seed " << seed;
  }

  grpc::ClientContext context;
  common::v1::VerifyLogRequest request;
  request.set_area("NAT");
  common::v1::VerifyLogReply verified;
  ASSERT_TRUE(common::v1::Admin::NewStub(channel_)->VerifyLog(&context, request, &verified).ok());
  EXPECT_TRUE(verified.intact()) << verified.finding();
  EXPECT_EQ(service_->Stop(), 0) << Log();
}

}  // namespace
}  // namespace pdp::crash
