#include "tests/crash/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libs/base/check.h"

namespace pdp::crash {

Process::Process(const std::vector<std::string>& words, const std::string& log_file,
                 uint64_t file_bytes_max) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  pid_ = fork();
  PDP_CHECK(pid_ >= 0, "a process can be started");
  if (pid_ == 0) {
    const int file = open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (file >= 0) {
      dup2(file, STDOUT_FILENO);
      dup2(file, STDERR_FILENO);
    }
    if (file_bytes_max > 0) {
      signal(SIGXFSZ, SIG_IGN);  // so that a write fails, instead of ending the process
      const rlimit limit{file_bytes_max, file_bytes_max};
      setrlimit(RLIMIT_FSIZE, &limit);
    }
    execv(argv[0], argv.data());
    _exit(127);
  }
}

bool Process::running() {
  if (pid_ < 0) return false;
  if (waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = -1;
  return pid_ >= 0;
}

void Process::Kill() {
  if (!running()) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void Process::Freeze() { kill(pid_, SIGSTOP); }
void Process::Thaw() { kill(pid_, SIGCONT); }

int Process::Stop() {
  if (!running()) return -1;
  kill(pid_, SIGTERM);
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace pdp::crash
