#ifndef PDP_TESTS_KAFKA_BROKER_H_
#define PDP_TESTS_KAFKA_BROKER_H_

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

}  // namespace pdp

#endif  // PDP_TESTS_KAFKA_BROKER_H_
