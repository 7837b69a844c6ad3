#include "tests/system/processes.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "libs/base/random.h"
#include "libs/base/status_macros.h"
#include "tools/demo/credentials.h"

namespace pdp::system_test {
namespace {

constexpr absl::Duration kStartPatience = absl::Seconds(120), kEndPatience = absl::Seconds(60);
constexpr size_t kShownBytes = 4000;

std::string BinaryOf(const std::string& service) {
  return absl::StrCat(PDP_BINARY_DIR, "/bin/pdp-", absl::StrReplaceAll(service, {{"_", "-"}}));
}

}  // namespace

std::vector<std::string> Processes::ServicesBuilt() {
  std::vector<std::string> services;
  for (const char* service :
       {"subcontractor", "referral", "programmes", "unpaid_work", "gateway"}) {
    if (std::filesystem::exists(BinaryOf(service))) services.push_back(service);
  }
  return services;
}

Processes::Processes(Options options) : options_(std::move(options)) {
  std::string name = (std::filesystem::temp_directory_path() / "pdp_system_XXXXXX").string();
  dir_ = mkdtemp(name.data());
  std::ofstream(dir_ + "/kek") << absl::BytesToHexString(Random::System().Bytes(32)) << "\n";
  std::filesystem::permissions(dir_ + "/kek", std::filesystem::perms::owner_read);
}

Processes::~Processes() {
  for (const std::string& service : options_.services) Kill(service);
  std::error_code ignored;
  std::filesystem::remove_all(dir_, ignored);
}

std::vector<std::string> Processes::CommandOf(const std::string& service) const {
  if (service == "gateway") {
    const std::string keys = dir_ + "/gateway";
    return {BinaryOf(service), "--peer-dir", dir_, "--port-file", dir_ + "/gateway.port",
            "--credentials", keys + "/registry.textproto", "--token-key-file", keys + "/seal.key",
            "--access-log", keys + "/access.log", "--tls-cert", keys + "/server.pem", "--tls-key",
            keys + "/server.key", "--client-ca", keys + "/ca.pem", "--notice-seconds", "0",
            "--drain-seconds", "5"};
  }
  std::vector<std::string> command = {BinaryOf(service), "--areas", "N56,NAT", "--data",
                                      absl::StrCat(dir_, "/", service), "--peer-dir", dir_,
                                      "--kek-file", dir_ + "/kek", "--drain-seconds", "5",
                                      "--days-behind", absl::StrCat(days_behind_)};
  if (!options_.bootstrap.empty()) {
    command.insert(command.end(), {"--log", "kafka", "--bootstrap-servers", options_.bootstrap});
  }
  return command;
}

absl::Status Processes::Start(const std::string& service) {
  if (service == "gateway") {
    RETURN_IF_ERROR(demo::Credentials::Open(dir_ + "/gateway").status());
  }
  const std::string port = absl::StrCat(dir_, "/", service, ".port");
  const std::string output = absl::StrCat(dir_, "/", service, ".log");
  std::filesystem::remove(port);
  // Everything that allocates before the fork: other threads may hold the heap's lock.
  std::vector<std::string> command = CommandOf(service);
  std::vector<char*> argv;
  for (std::string& word : command) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) return absl::ErrnoToStatus(errno, "fork");
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(125);
    const int fd = open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (fd < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0) _exit(126);
    execv(argv[0], argv.data());
    _exit(127);
  }
  pids_[service] = pid;
  const absl::Time give_up = absl::Now() + kStartPatience;
  while (!std::filesystem::exists(port)) {
    int code = 0;
    if (Ended(service, &code)) {
      return absl::FailedPreconditionError(
          absl::StrCat(service, " ended with ", code, ":\n", OutputOf(service)));
    }
    if (absl::Now() > give_up) {
      return absl::DeadlineExceededError(
          absl::StrCat(service, " does not serve:\n", OutputOf(service)));
    }
    absl::SleepFor(absl::Milliseconds(5));
  }
  return absl::OkStatus();
}

absl::Status Processes::StartAll() {
  for (const std::string& service : options_.services) RETURN_IF_ERROR(Start(service));
  return absl::OkStatus();
}

bool Processes::Ended(const std::string& service, int* code) {
  const auto it = pids_.find(service);
  if (it == pids_.end()) return false;
  int status = 0;
  if (waitpid(it->second, &status, WNOHANG) != it->second) return false;
  pids_.erase(it);
  *code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return true;
}

void Processes::Kill(const std::string& service) {
  const auto it = pids_.find(service);
  if (it == pids_.end()) return;
  kill(it->second, SIGKILL);
  int status = 0;
  while (waitpid(it->second, &status, 0) < 0 && errno == EINTR) {
  }
  pids_.erase(it);
}

absl::Status Processes::StopAll() {
  std::string wrong;
  const std::map<std::string, pid_t> running = pids_;
  for (const auto& [service, pid] : running) {
    int code = 0;
    if (Ended(service, &code)) {
      absl::StrAppend(&wrong, service, " had ended with ", code, ":\n", OutputOf(service), "\n");
    } else {
      kill(pid, SIGTERM);
    }
  }
  const absl::Time give_up = absl::Now() + kEndPatience;
  while (!pids_.empty() && absl::Now() < give_up) {
    const std::map<std::string, pid_t> left = pids_;
    for (const auto& [service, pid] : left) {
      int code = 0;
      if (Ended(service, &code) && code != 0) {
        absl::StrAppend(&wrong, service, " ended with ", code, ":\n", OutputOf(service), "\n");
      }
    }
    absl::SleepFor(absl::Milliseconds(5));
  }
  for (const auto& [service, pid] : pids_) {
    absl::StrAppend(&wrong, service, " does not end:\n", OutputOf(service), "\n");
  }
  return wrong.empty() ? absl::OkStatus() : absl::FailedPreconditionError(wrong);
}

std::string Processes::OutputOf(const std::string& service) const {
  std::ifstream file(absl::StrCat(dir_, "/", service, ".log"));
  std::ostringstream text;
  text << file.rdbuf();
  const std::string all = text.str();
  return all.size() <= kShownBytes ? all : all.substr(all.size() - kShownBytes);
}

}  // namespace pdp::system_test
