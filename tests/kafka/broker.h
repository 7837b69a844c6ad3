#ifndef PDP_TESTS_KAFKA_BROKER_H_
#define PDP_TESTS_KAFKA_BROKER_H_

#include <string>

namespace pdp {

// A real Kafka for the tests of this process: started through tools/kafka at the first use, stopped
// by its process ids when the process ends. One broker unless said otherwise before the first use.
class KafkaBroker {
 public:
  static KafkaBroker& Instance();
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
  std::string bootstrap_;
};

}  // namespace pdp

#endif  // PDP_TESTS_KAFKA_BROKER_H_
