#include "tests/kafka/broker.h"

#include <signal.h>
#include <sys/resource.h>

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

pid_t PidOf(const std::string& dir, int node) {
  pid_t pid = -1;
  std::ifstream(absl::StrCat(dir, "/node", node, "/pid")) >> pid;
  return pid;
}

bool Signal(const std::string& dir, int node, int signal_number) {
  const pid_t pid = PidOf(dir, node);
  return pid > 0 && kill(pid, signal_number) == 0;
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

KafkaCluster::KafkaCluster(int nodes) : nodes_(nodes) {
  std::string name = (std::filesystem::temp_directory_path() / "pdp_cluster_XXXXXX").string();
  dir_ = mkdtemp(name.data());
  Start();
}

KafkaCluster::~KafkaCluster() {
  // There is nothing to keep.
  for (int node = 1; node <= nodes_; ++node) Kill(node);
  std::filesystem::remove_all(dir_);
}

bool KafkaCluster::Kill(int node) {
  return Run(absl::StrCat("kill --node ", node, " --dir ", dir_));
}
bool KafkaCluster::EmptyDisk(int node) {
  return Run(absl::StrCat("wipe --node ", node, " --dir ", dir_));
}
bool KafkaCluster::Restart(int node) {
  return Run(absl::StrCat("restart --node ", node, " --dir ", dir_));
}
bool KafkaCluster::Pause(int node) { return Signal(dir_, node, SIGSTOP); }
bool KafkaCluster::Resume(int node) { return Signal(dir_, node, SIGCONT); }
bool KafkaCluster::SetFileBytesMax(int node, uint64_t bytes) {
  const rlimit limit{bytes, RLIM_INFINITY};
  const pid_t pid = PidOf(dir_, node);
  return pid > 0 && prlimit(pid, RLIMIT_FSIZE, &limit, nullptr) == 0;
}
bool KafkaCluster::Stop() { return Run(absl::StrCat("stop --dir ", dir_)); }
bool KafkaCluster::Start() {
  const bool started = Run(absl::StrCat("start --nodes ", nodes_, " --dir ", dir_));
  if (started) std::ifstream(dir_ + "/bootstrap") >> bootstrap_;
  return started;
}

}  // namespace pdp
