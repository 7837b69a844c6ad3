#ifndef PDP_SERVICES_UNPAID_WORK_TESTING_SERVED_H_
#define PDP_SERVICES_UNPAID_WORK_TESTING_SERVED_H_

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "gtest/gtest.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/engine/domain.h"
#include "libs/host/host.h"
#include "libs/rpc/status.h"
#include "services/unpaid_work/public_events.h"
#include "services/unpaid_work/testing/peers.h"
#include "services/unpaid_work/wiring.h"

extern char** environ;

// The service as a process of its own that a test starts and kills: the test's binary again, run
// for the one test Served.UntilKilled, on an embedded log and with a clock set at each start.

namespace pdp::unpaid_work {

inline constexpr char kFolder[] = "PDP_UNPAID_WORK_TEST_FOLDER";
inline constexpr char kNow[] = "PDP_UNPAID_WORK_TEST_NOW";
inline constexpr char kPeers[] = "PDP_UNPAID_WORK_TEST_PEERS";

// The machine's clock, begun at another instant.
class ShiftedClock final : public Clock {
 public:
  explicit ShiftedClock(absl::Time start) : shift_(start - Clock::System().Now()) {}
  absl::Time Now() override { return Clock::System().Now() + shift_; }

 private:
  const absl::Duration shift_;
};

// Not a test by itself: serves for ServedTest until it is killed.
TEST(Served, UntilKilled) {
  const char* folder = std::getenv(kFolder);
  if (folder == nullptr) GTEST_SKIP() << "serves for ServedTest only";
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  int64_t now = 0;
  ASSERT_TRUE(absl::SimpleAtoi(std::getenv(kNow), &now));
  auto options = host::ParseOptions(
      {"--areas", "N56,NAT", "--data", absl::StrCat(folder, "/data"), "--kek-file",
       absl::StrCat(folder, "/kek"), "--port-file", absl::StrCat(folder, "/port"), "--peers",
       std::getenv(kPeers)});
  ASSERT_TRUE(options.ok()) << options.status();
  ShiftedClock clock(absl::FromUnixSeconds(now));
  host::ServiceHost host(*options, engine::MakeDomain<UnpaidWork>(), ToPublic, clock);
  Wire(host);
  EXPECT_EQ(host.Run(), 0);
}

class ServedTest : public ::testing::Test {
 protected:
  ServedTest()
      : folder_(std::filesystem::temp_directory_path() /
                absl::StrCat("pdp_unpaid_work_", CommandId(Random::System().Bytes(16)).hex())) {
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ / "kek") << std::string(64, 'a') << "\n";
    ::chmod((folder_ / "kek").c_str(), 0600);
  }
  ~ServedTest() override {
    Kill();
    std::filesystem::remove_all(folder_);
  }

  void Start(absl::string_view instant) {
    absl::Time now;
    std::string error;
    ASSERT_TRUE(absl::ParseTime(absl::RFC3339_full, instant, &now, &error)) << error;
    std::filesystem::remove(folder_ / "port");
    std::vector<std::string> env = {
        absl::StrCat(kFolder, "=", folder_.string()),
        absl::StrCat(kNow, "=", absl::ToUnixSeconds(now)),
        absl::StrCat(kPeers, "=referral=", referral_server_.address(),
                     ",subcontractor=", subcontractor_server_.address())};
    std::vector<char*> envp;
    for (char** e = environ; *e != nullptr; ++e) envp.push_back(*e);
    for (std::string& e : env) envp.push_back(e.data());
    envp.push_back(nullptr);
    std::string self = "/proc/self/exe", filter = "--gtest_filter=Served.UntilKilled";
    char* argv[] = {self.data(), filter.data(), nullptr};
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    const std::string log = folder_ / "log";
    for (int fd : {1, 2}) {
      ::posix_spawn_file_actions_addopen(&files, fd, log.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                         0600);
    }
    ASSERT_EQ(::posix_spawn(&pid_, "/proc/self/exe", &files, nullptr, argv, envp.data()), 0);
    ::posix_spawn_file_actions_destroy(&files);
    std::string port;
    ASSERT_TRUE(Eventually([&] {
      std::ifstream(folder_ / "port") >> port;
      return !port.empty() || ::waitpid(pid_, nullptr, WNOHANG) != 0;
    }));
    ASSERT_FALSE(port.empty()) << Log();
    channel_ = grpc::CreateChannel(absl::StrCat("127.0.0.1:", port),
                                   grpc::InsecureChannelCredentials());
  }
  // As a power cut does: nothing is drained.
  void Kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  std::string Log() const {
    std::ifstream file(folder_ / "log");
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  static bool Eventually(const std::function<bool()>& holds) {
    const absl::Time deadline = Clock::System().Now() + absl::Seconds(60);
    while (!holds()) {
      if (Clock::System().Now() > deadline) return false;
    }
    return true;
  }

  const std::filesystem::path folder_;
  testing::PlayedReferral referral_;
  testing::PlayedFeed referral_feed_{"referral"};
  testing::PlayedFeed subcontractor_feed_{"subcontractor"};
  testing::Neighbour referral_server_{{&referral_, &referral_feed_}};
  testing::Neighbour subcontractor_server_{{&subcontractor_feed_}};
  pid_t pid_ = -1;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace pdp::unpaid_work

#endif  // PDP_SERVICES_UNPAID_WORK_TESTING_SERVED_H_
