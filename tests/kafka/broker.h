#ifndef PDP_TESTS_KAFKA_BROKER_H_
#define PDP_TESTS_KAFKA_BROKER_H_

#include <cstdint>
#include <string>

namespace pdp {

// A real Kafka for the tests of this process. Under ctest it is the one broker that the fixture
// `kafka_broker` starts and stops, in the folder PDP_KAFKA_DIR; a test that is run by itself starts
// its own through tools/kafka at the first use, and stops it by its process ids when it ends. Tests
// of the fixture run one at a time: any of them may kill the broker.
class KafkaBroker {
 public:
  static KafkaBroker& Instance();
  // A name for a topic or a service that no other test, and no other run, has used.
  static std::string FreshName(const std::string& prefix);
  // "host:port"; empty when it could not be started (the reason is on standard error).
  const std::string& bootstrap() const { return bootstrap_; }
  KafkaBroker(const KafkaBroker&) = delete;
  KafkaBroker& operator=(const KafkaBroker&) = delete;
  // Kills the broker at once and starts it again on its own disk.
  bool Kill();
  bool Restart();

 private:
  KafkaBroker();
  ~KafkaBroker();
  std::string dir_;
  bool own_ = false;
  std::string bootstrap_;
};

// Real brokers of a test's own, in a folder of their own: for tests that harm them, or that start
// services with fresh folders, since a service finds the log of its name whoever has written it.
// Three: three copies of every partition, two of which a write waits for. Or one.
class KafkaCluster {
 public:
  static constexpr int kNodes = 3;
  explicit KafkaCluster(int nodes = kNodes);
  ~KafkaCluster();
  KafkaCluster(const KafkaCluster&) = delete;
  KafkaCluster& operator=(const KafkaCluster&) = delete;

  // Empty when it could not be started.
  const std::string& bootstrap() const { return bootstrap_; }
  // Nodes are 1 to 3.
  bool Kill(int node);
  // A killed node loses everything it had stored.
  bool EmptyDisk(int node);
  bool Restart(int node);
  // Stops it in its tracks, and lets it go on: a broker that is slow.
  bool Pause(int node);
  bool Resume(int node);
  // From now on no file of the node that runs grows beyond: to it, its disk is full.
  bool SetFileBytesMax(int node, uint64_t bytes);
  // All, in good order.
  bool Stop();
  bool Start();

 private:
  const int nodes_;
  std::string dir_;
  std::string bootstrap_;
};

}  // namespace pdp

#endif  // PDP_TESTS_KAFKA_BROKER_H_
