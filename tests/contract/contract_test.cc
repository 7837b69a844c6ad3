// The contract over the two bindings that need no other process.

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "libs/base/random.h"
#include "libs/log/memory_log.h"
#include "libs/log/rocks_log.h"
#include "tests/contract/binding.h"

namespace pdp::log {
namespace {

class MemoryBinding final : public LogBinding {
 public:
  std::shared_ptr<EventLog> Connect() override { return std::make_shared<MemoryLog>(store_); }
  bool Restart() override { return true; }

 private:
  std::shared_ptr<MemoryStore> store_ = std::make_shared<MemoryStore>();
};

class RocksBinding final : public LogBinding {
 public:
  RocksBinding() {
    std::string name = ::testing::TempDir() + "pdp_contract_XXXXXX";
    path_ = mkdtemp(name.data());
    Restart();
  }
  ~RocksBinding() override {
    log_.reset();
    std::filesystem::remove_all(path_);
  }
  std::shared_ptr<EventLog> Connect() override { return log_; }
  bool Restart() override {
    log_.reset();
    absl::StatusOr<std::unique_ptr<EventLog>> log = OpenRocksLog(path_);
    EXPECT_TRUE(log.ok()) << log.status();
    if (log.ok()) log_ = *std::move(log);
    return log.ok();
  }

 private:
  std::string path_;
  std::shared_ptr<EventLog> log_;
};

INSTANTIATE_TEST_SUITE_P(
    Memory, LogContractTest,
    ::testing::Values(BindingFactory{"memory", [] { return std::make_unique<MemoryBinding>(); }}),
    BindingName);
INSTANTIATE_TEST_SUITE_P(
    Rocks, LogContractTest,
    ::testing::Values(BindingFactory{"rocksdb", [] { return std::make_unique<RocksBinding>(); }}),
    BindingName);

}  // namespace
}  // namespace pdp::log
