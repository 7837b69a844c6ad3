#ifndef PDP_SERVICES_PROGRAMMES_TESTING_SERVICE_PROCESS_H_
#define PDP_SERVICES_PROGRAMMES_TESTING_SERVICE_PROCESS_H_

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace pdp::programmes {

// The binary of the service as a process of its own, so that it can be killed at any moment and
// that its wiring is what is tested. Killed by its id when the object goes.
class ServiceProcess {
 public:
  ServiceProcess() = default;
  ~ServiceProcess() { Kill(); }
  ServiceProcess(const ServiceProcess&) = delete;
  ServiceProcess& operator=(const ServiceProcess&) = delete;

  // Returns once it serves; the address is empty when it did not start.
  std::string Start(const std::string& binary, const std::vector<std::string>& flags) {
    int out[2];
    if (::pipe(out) != 0) return "";
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(out[1], STDOUT_FILENO);
      ::close(out[0]);
      ::close(out[1]);
      std::vector<char*> argv = {const_cast<char*>(binary.c_str())};
      for (const std::string& flag : flags) argv.push_back(const_cast<char*>(flag.c_str()));
      argv.push_back(nullptr);
      ::execv(binary.c_str(), argv.data());
      ::_exit(127);
    }
    ::close(out[1]);
    // "pdp-programmes ready on 127.0.0.1:34567 areas ..."
    std::string line;
    char c = 0;
    while (::read(out[0], &c, 1) == 1 && c != '\n') line += c;
    ::close(out[0]);
    const std::string before = " ready on ";
    const size_t at = line.find(before);
    if (at == std::string::npos) return "";
    const size_t from = at + before.size();
    return line.substr(from, line.find(' ', from) - from);
  }
  // As a power cut would: nothing is drained.
  void Kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

 private:
  pid_t pid_ = 0;
};

}  // namespace pdp::programmes

#endif  // PDP_SERVICES_PROGRAMMES_TESTING_SERVICE_PROCESS_H_
