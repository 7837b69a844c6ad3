#include "tests/kafka/broker.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "libs/base/ids.h"
#include "libs/base/random.h"

namespace pdp {
namespace {

bool Run(const std::string& arguments) {
  return std::system(
             absl::StrCat(PDP_SOURCE_DIR, "/tools/kafka ", arguments, " >/dev/null").c_str()) == 0;
}

}  // namespace

KafkaBroker& KafkaBroker::Instance() {
  static KafkaBroker broker;
  return broker;
}

KafkaBroker::KafkaBroker() {
  const char* shared = std::getenv("PDP_KAFKA_DIR");
  if (shared != nullptr && std::filesystem::exists(absl::StrCat(shared, "/bootstrap"))) {
    dir_ = shared;
  } else {
    std::string name = (std::filesystem::temp_directory_path() / "pdp_kafka_XXXXXX").string();
    dir_ = mkdtemp(name.data());
    own_ = true;
    if (!Run(absl::StrCat("start --dir ", dir_))) return;
  }
  std::ifstream(dir_ + "/bootstrap") >> bootstrap_;
}

KafkaBroker::~KafkaBroker() {
  if (!own_) return;
  Run(absl::StrCat("stop --dir ", dir_));
  std::filesystem::remove_all(dir_);
}

std::string KafkaBroker::FreshName(const std::string& prefix) {
  return absl::StrCat(prefix, "-", CommandId(Random::System().Bytes(16)).hex().substr(0, 12));
}

bool KafkaBroker::Kill() { return Run(absl::StrCat("kill --node 1 --dir ", dir_)); }
bool KafkaBroker::Restart() { return Run(absl::StrCat("restart --node 1 --dir ", dir_)); }

}  // namespace pdp
