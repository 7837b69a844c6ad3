#ifndef PDP_TESTS_CONTRACT_BINDING_H_
#define PDP_TESTS_CONTRACT_BINDING_H_

#include <functional>
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "libs/log/event_log.h"

namespace pdp::log {

// One fresh log under test. To put a binding through the contract: derive, and instantiate
// LogContractTest with a factory.
class LogBinding {
 public:
  virtual ~LogBinding() = default;
  // A client of the log: another process where the binding allows several, else the same object
  // again.
  virtual std::shared_ptr<EventLog> Connect() = 0;
  // Closes and reopens what is stored, as after a restart of the process. False: nothing outlives
  // it.
  virtual bool Restart() { return false; }
};

struct BindingFactory {
  std::string name;
  std::function<std::unique_ptr<LogBinding>()> make;
};

inline void PrintTo(const BindingFactory& factory, std::ostream* os) { *os << factory.name; }

// The contract suite (contract_suite.cc), instantiated by contract_test.cc and by tests/kafka.
class LogContractTest : public ::testing::TestWithParam<BindingFactory> {
 protected:
  void SetUp() override {
    binding_ = GetParam().make();
    ASSERT_NE(binding_, nullptr) << "the binding did not come up";
    log_ = binding_->Connect();
  }

  std::unique_ptr<LogBinding> binding_;
  std::shared_ptr<EventLog> log_;
};

inline std::string BindingName(const ::testing::TestParamInfo<BindingFactory>& info) {
  return info.param.name;
}

}  // namespace pdp::log

#endif  // PDP_TESTS_CONTRACT_BINDING_H_
