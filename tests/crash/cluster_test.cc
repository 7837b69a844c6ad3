// Three real brokers, and what the design promises of them: an acknowledged command survives the
// loss of any one machine with its disk. Under load one broker is killed, its disk emptied, and it
// comes back; then the leader of the cell's partition is killed; then all three are stopped and
// started. Nothing acknowledged may be missing, and the chain must be whole.

#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/area.h"
#include "libs/base/status_macros.h"
#include "libs/base/status_matchers.h"
#include "libs/log/kafka_client.h"
#include "tests/crash/load.h"
#include "tests/crash/service.h"
#include "tests/kafka/broker.h"

namespace pdp::crash {
namespace {

using ::testing::IsEmpty;

constexpr int kCallers = 4;
constexpr absl::Duration kPatience = absl::Seconds(45);
// So many acknowledged commands before and after each blow.
constexpr uint64_t kBetween = 100;

// What the brokers say of the partition of the cell.
struct Partition {
  int leader = -1;
  int in_sync = 0;
};

class Cluster {
 public:
  const std::string& bootstrap() const { return brokers_.bootstrap(); }
  KafkaCluster& brokers() { return brokers_; }

  absl::StatusOr<Partition> Look() {
    if (client_ == nullptr) {
      log::KafkaLogOptions options;
      options.brokers = bootstrap();
      ASSIGN_OR_RETURN(client_, log::MakeKafkaClient(RD_KAFKA_PRODUCER, options, {},
                                                     [](rd_kafka_conf_t*) {}));
    }
    const rd_kafka_metadata_t* raw = nullptr;
    const auto err = rd_kafka_metadata(client_.get(), 1, nullptr, &raw, 2000);
    if (err != RD_KAFKA_RESP_ERR_NO_ERROR) return absl::UnavailableError(rd_kafka_err2str(err));
    const log::KafkaPtr<const rd_kafka_metadata_t> metadata(raw);
    for (int t = 0; t < metadata->topic_cnt; ++t) {
      const rd_kafka_metadata_topic& topic = metadata->topics[t];
      if (log::LogTopic("referral") != topic.topic) continue;
      const auto& partition = topic.partitions[Area::Nat().index()];
      return Partition{partition.leader, partition.isr_cnt};
    }
    return absl::NotFoundError("no such topic");
  }
  // Until all three copies are in step and one of them leads.
  bool AwaitWhole() {
    for (const absl::Time end = absl::Now() + kPatience; absl::Now() < end;) {
      const auto partition = Look();
      if (partition.ok() && partition->leader > 0 && partition->in_sync == KafkaCluster::kNodes) {
        return true;
      }
      absl::SleepFor(absl::Milliseconds(50));
    }
    return false;
  }

 private:
  KafkaCluster brokers_;
  log::KafkaPtr<rd_kafka_t> client_;
};

TEST(ClusterTest, NothingAcknowledgedIsLostWithAnyOneBrokerNorWithAllOfThemStopped) {
  const absl::Time begin = absl::Now();
  Cluster cluster;
  ASSERT_FALSE(cluster.bootstrap().empty());
  Folder folder;
  Service service(folder, "referral",
                  {"--log", "kafka", "--bootstrap-servers", cluster.bootstrap()});
  ASSERT_OK(service.Start());
  ASSERT_TRUE(cluster.AwaitWhole());
  Oracle oracle;
  Load load(oracle);
  const auto where = [&] { return service.channel(); };
  // Returns the seconds until so many more are acknowledged.
  const auto await_acknowledged = [&](uint64_t more) {
    const uint64_t before = load.acknowledged();
    const absl::Time start = absl::Now();
    while (load.acknowledged() < before + more) {
      if (absl::Now() > start + kPatience) return -1.0;
      absl::SleepFor(absl::Milliseconds(5));
    }
    return absl::ToDoubleSeconds(absl::Now() - start);
  };
  load.Start(where, kCallers);
  ASSERT_GE(await_acknowledged(kBetween), 0);

  ASSERT_OK_AND_ASSIGN(Partition partition, cluster.Look());
  const int follower = partition.leader % KafkaCluster::kNodes + 1;
  ASSERT_TRUE(cluster.brokers().Kill(follower));
  const double without_follower = await_acknowledged(kBetween);
  ASSERT_GE(without_follower, 0) << service.Output();
  ASSERT_TRUE(cluster.brokers().EmptyDisk(follower));
  ASSERT_TRUE(cluster.brokers().Restart(follower));
  ASSERT_TRUE(cluster.AwaitWhole());
  ASSERT_GE(await_acknowledged(kBetween), 0) << service.Output();

  ASSERT_OK_AND_ASSIGN(partition, cluster.Look());
  ASSERT_TRUE(cluster.brokers().Kill(partition.leader));
  const double without_leader = await_acknowledged(kBetween);
  ASSERT_GE(without_leader, 0) << service.Output();
  ASSERT_TRUE(cluster.brokers().Restart(partition.leader));
  ASSERT_TRUE(cluster.AwaitWhole());

  ASSERT_TRUE(cluster.brokers().Stop());
  ASSERT_TRUE(cluster.brokers().Start());
  const double after_all = await_acknowledged(kBetween);
  ASSERT_GE(after_all, 0) << service.Output();
  load.Stop();

  EXPECT_EQ(load.AskAgain(where, 1000), "");
  EXPECT_THAT(load.wrong(), IsEmpty());
  EXPECT_THAT(oracle.in_doubt(), IsEmpty());
  LogReader reader;
  ASSERT_OK(reader.ReadOn(service));
  EXPECT_THAT(oracle.Check(reader.records()), IsEmpty());
  ASSERT_OK_AND_ASSIGN(const common::v1::VerifyLogReply verified, service.Verify());
  EXPECT_TRUE(verified.intact()) << verified.finding();
  EXPECT_EQ(load.ReadNames(service.channel(), 100), "");
  // What the brokers hold, not only what the service keeps of it.
  EXPECT_EQ(std::system(absl::StrCat(PDP_LOG_VERIFY, " --area NAT --service referral",
                                     " --bootstrap-servers ", cluster.bootstrap())
                            .c_str()),
            0);
  std::printf(
      "%zu commands acknowledged; the next %d took %.1f s without one broker, %.1f s without the "
      "leader, %.1f s after all three; %.0f s in all\n",
      oracle.acknowledged().size(), static_cast<int>(kBetween), without_follower, without_leader,
      after_all, absl::ToDoubleSeconds(absl::Now() - begin));
}

}  // namespace
}  // namespace pdp::crash
