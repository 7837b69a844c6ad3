// Clients that are too many, too quick, or do not listen.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "absl/strings/numbers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/log/memory_log.h"
#include "libs/rpc/status.h"
#include "pdp/common/v1/feed_service.grpc.pb.h"
#include "tests/crash/load.h"
#include "tests/crash/service.h"
#include "tests/faults/bank_cell.h"

namespace pdp::faults {
namespace {

using ::testing::IsEmpty;

// Registers `more` people and waits for it; false after a minute.
bool Register(crash::Load& load, const crash::Service& service, uint64_t more) {
  const uint64_t wanted = load.acknowledged() + more;
  load.Start([&] { return service.channel(); }, 4);
  const absl::Time deadline = absl::Now() + absl::Seconds(60);
  while (load.acknowledged() < wanted && absl::Now() < deadline) {
    absl::SleepFor(absl::Milliseconds(2));
  }
  load.Stop();
  return load.acknowledged() >= wanted;
}

TEST(ClientFaultsTest, AClientThatNeverReadsItsStreamHoldsUpNobody) {
  crash::Folder folder;
  crash::Service service(folder, "feed", {"--log", "embedded"});
  ASSERT_OK(service.Start());
  crash::Oracle oracle;
  crash::Load load(oracle);
  const auto feed = common::v1::EventFeed::NewStub(service.channel());
  common::v1::SubscribeRequest from_the_beginning;
  from_the_beginning.add_after()->set_area("NAT");

  grpc::ClientContext deaf;
  const auto unread = feed->Subscribe(&deaf, from_the_beginning);
  ASSERT_TRUE(Register(load, service, 600)) << service.Output();

  // Another one reads everything meanwhile.
  grpc::ClientContext attentive;
  attentive.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(30)));
  const auto stream = feed->Subscribe(&attentive, from_the_beginning);
  common::v1::SubscribeReply reply;
  uint64_t last = 0;
  const absl::StatusOr<common::v1::CellInfo> cell = service.Cell();
  ASSERT_OK(cell);
  while (last < cell->position().seq() && stream->Read(&reply)) {
    if (reply.has_event()) last = reply.event().seq();
    if (reply.has_caught_up()) last = reply.caught_up().at(0).seq();
  }
  EXPECT_GE(last, cell->position().seq());
  attentive.TryCancel();
  EXPECT_THAT(load.wrong(), IsEmpty());
  // Neither does it hold up the end.
  EXPECT_EQ(service.Stop(), 0) << service.Output();
}

// A connection as a gRPC client opens it: the preface of HTTP/2 and empty settings.
class IdleConnection {
 public:
  explicit IdleConnection(int port) {
    fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    static constexpr char kHello[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";
    const timeval patience{30, 0};
    open_ = fd_ >= 0 && connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof(to)) == 0 &&
            setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) == 0 &&
            send(fd_, kHello, sizeof(kHello) - 1, MSG_NOSIGNAL) == sizeof(kHello) - 1;
  }
  ~IdleConnection() {
    if (fd_ >= 0) close(fd_);
  }
  IdleConnection(const IdleConnection&) = delete;
  IdleConnection& operator=(const IdleConnection&) = delete;
  // The server's settings have come: it has taken the connection.
  bool Taken() {
    char header[9];
    return open_ && recv(fd_, header, sizeof(header), MSG_WAITALL) == sizeof(header) &&
           header[3] == 4;
  }

 private:
  int fd_ = -1;
  bool open_ = false;
};

TEST(ClientFaultsTest, TenThousandIdleConnectionsDoNotSlowTheOthersDown) {
  // The service inherits the limit.
  rlimit files{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &files), 0);
  files.rlim_cur = std::min<rlim_t>(files.rlim_max, 20'000);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &files), 0);
  const size_t count = std::min<size_t>(10'000, files.rlim_cur - 600);

  crash::Folder folder;
  crash::Service service(folder, "idle", {"--log", "embedded"});
  ASSERT_OK(service.Start());
  crash::Oracle oracle;
  crash::Load load(oracle);
  const auto timed = [&] {
    const absl::Time begin = absl::Now();
    EXPECT_TRUE(Register(load, service, 400)) << service.Output();
    return absl::ToDoubleSeconds(absl::Now() - begin);
  };
  timed();  // the first calls warm everything up
  const double alone = timed();
  std::vector<std::unique_ptr<IdleConnection>> idle;
  for (size_t i = 0; i < count; ++i) {
    idle.push_back(std::make_unique<IdleConnection>(service.port()));
    ASSERT_TRUE(idle.back()->Taken()) << "connection " << i << ": " << service.Output();
  }
  const double among_them = timed();
  std::printf("%zu idle connections: 400 commands took %.2f s, %.2f s without them\n", count,
              among_them, alone);
  EXPECT_LT(among_them, 5 * alone + 1);
  EXPECT_THAT(load.wrong(), IsEmpty());
  idle.clear();
  EXPECT_EQ(service.Stop(), 0) << service.Output();
}

// A log that takes its time for each record: what a cell can take is then known.
class SlowLog final : public log::EventLog {
 public:
  absl::StatusOr<std::unique_ptr<log::PendingClaim>> BeginClaim(
      Area area, const std::string& owner_id, const std::string& endpoint,
      log::TailPosition from) override {
    return log_.BeginClaim(area, owner_id, endpoint, std::move(from));
  }
  absl::Status Append(Area area, std::string bytes) override {
    absl::SleepFor(absl::Microseconds(150));
    return log_.Append(area, std::move(bytes));
  }
  absl::StatusOr<std::unique_ptr<log::Tail>> OpenTail(Area area, log::TailPosition after) override {
    return log_.OpenTail(area, std::move(after));
  }
  absl::StatusOr<log::TailPosition> End(Area area) override { return log_.End(area); }
  absl::Status Health(Area area) override { return log_.Health(area); }

 private:
  log::MemoryLog log_;
};

// What became of an open load: commands come at their times whether or not others are answered.
struct Answers {
  absl::Mutex mutex;
  std::vector<absl::Duration> accepted ABSL_GUARDED_BY(mutex);
  uint64_t refused ABSL_GUARDED_BY(mutex) = 0, wrong ABSL_GUARDED_BY(mutex) = 0;
  uint64_t open ABSL_GUARDED_BY(mutex) = 0;
  absl::Status refusal ABSL_GUARDED_BY(mutex);

  double P99Ms() {
    absl::MutexLock lock(&mutex);
    std::sort(accepted.begin(), accepted.end());
    return accepted.empty() ? 0
                            : absl::ToDoubleMilliseconds(accepted[accepted.size() * 99 / 100]);
  }
};

void Offer(BankCell& bank, absl::string_view name, double per_second, absl::Duration length,
           Answers& answers) {
  const absl::Time begin = absl::Now();
  const auto count = static_cast<uint64_t>(per_second * absl::ToDoubleSeconds(length));
  for (uint64_t n = 0; n < count; ++n) {
    const absl::Time due = begin + absl::Seconds(static_cast<double>(n) / per_second);
    if (due > absl::Now()) absl::SleepFor(due - absl::Now());
    {
      absl::MutexLock lock(&answers.mutex);
      ++answers.open;
    }
    const std::string owner = absl::StrCat(name, n);
    bank.cell().Submit(
        BankCell::Request(engine::testing::OpenAccount(owner, "Ann"), owner),
        [&answers, sent = absl::Now()](const engine::CommandOutcome& outcome) {
          absl::MutexLock lock(&answers.mutex);
          --answers.open;
          if (outcome.committed()) {
            answers.accepted.push_back(absl::Now() - sent);
          } else if (absl::IsResourceExhausted(BankCell::StatusOf(outcome))) {
            ++answers.refused;
            answers.refusal = BankCell::StatusOf(outcome);
          } else {
            ++answers.wrong;
          }
        });
  }
  const auto all_answered = [&] { return answers.open == 0; };
  absl::MutexLock lock(&answers.mutex);
  answers.mutex.Await(absl::Condition(&all_answered));
}

TEST(ClientFaultsTest, AtFiveTimesWhatTheCellCanTakeItRefusesAndKeepsItsPaceForTheRest) {
  Folder folder;
  SlowLog log;
  const auto vault = privacy::MakeMemoryKeyVault();
  ASSERT_OK_AND_ASSIGN(
      const auto bank,
      BankCell::Lead({.log = &log, .vault = vault.get(), .views = folder / "views"}));
  // What it can take: commands offered as fast as they are answered, sixteen at a time.
  std::atomic<uint64_t> done{0};
  std::vector<std::thread> callers;
  const absl::Time begin = absl::Now();
  for (int i = 0; i < 16; ++i) {
    callers.emplace_back([&, i] {
      for (int n = 0; absl::Now() < begin + absl::Seconds(2); ++n) {
        if (bank->OpenAccount(absl::StrCat("closed-", i, "-", n)).committed()) ++done;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  const double capacity = static_cast<double>(done) / absl::ToDoubleSeconds(absl::Now() - begin);

  const absl::Duration length = absl::Seconds(4);
  Answers answers;
  const absl::Time overload = absl::Now();
  Offer(*bank, "open-", 5 * capacity, length, answers);
  const double took = absl::ToDoubleSeconds(absl::Now() - overload);
  const double p99_ms = answers.P99Ms();
  absl::MutexLock lock(&answers.mutex);
  const double pace = static_cast<double>(answers.accepted.size()) / took;
  std::printf(
      "takes %.0f/s; at 5x: %zu accepted (%.0f/s, p99 %.0f ms), %llu refused\n", capacity,
      answers.accepted.size(), pace, p99_ms, static_cast<unsigned long long>(answers.refused));
  EXPECT_EQ(answers.wrong, 0u);
  EXPECT_GT(answers.refused, answers.accepted.size());
  EXPECT_GT(pace, 0.6 * capacity);
  // Far from what it takes to work off a full queue, however slow this machine is at the moment.
  const double full_queue_ms = 1000 * static_cast<double>(engine::CellOptions().queue_max) / pace;
  EXPECT_LT(p99_ms, full_queue_ms / 2);
  const auto told = rpc::FromStatus(rpc::ToStatus(answers.refusal, "bank"));
  ASSERT_OK(told);
  EXPECT_EQ(told->code, grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(told->retry_after.has_value()) << "no RetryInfo";
}

}  // namespace
}  // namespace pdp::faults
