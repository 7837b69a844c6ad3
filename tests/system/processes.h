#ifndef PDP_TESTS_SYSTEM_PROCESSES_H_
#define PDP_TESTS_SYSTEM_PROCESSES_H_

#include <signal.h>
#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace pdp::system_test {

// The platform as processes of this machine: the built binaries of bin/, on free loopback ports,
// with their state in a folder of their own. Ended by their process ids, whatever becomes of the
// test: they also end with the thread that started them. One thread, the main one.
class Processes {
 public:
  struct Options {
    std::vector<std::string> services = ServicesBuilt();
    // host:port of a Kafka broker; empty: the embedded log.
    std::string bootstrap;
  };
  // The services that have a server in this build, in the order they are started; "gateway" last.
  static std::vector<std::string> ServicesBuilt();

  explicit Processes(Options options);
  ~Processes();
  Processes(const Processes&) = delete;
  Processes& operator=(const Processes&) = delete;

  // Starts and waits until it serves. DeadlineExceeded or FailedPrecondition show the end of its
  // output.
  absl::Status Start(const std::string& service);
  absl::Status StartAll();
  // How many days ago the services live, from their next start on.
  void LiveDaysAgo(int days) { days_behind_ = days; }
  // Ends it at once and waits for its end: what it had acknowledged must be there after Start.
  void Kill(const std::string& service);
  // SIGTERM to all. FailedPrecondition when one had ended before, does not end, or ends with
  // another code than 0: a sanitizer's report is an exit code.
  absl::Status StopAll();

  const std::vector<std::string>& services() const { return options_.services; }
  // Holds <service>.port, <service>.log, <service>/ and gateway/ (credentials).
  const std::string& dir() const { return dir_; }
  std::string OutputOf(const std::string& service) const;

 private:
  std::vector<std::string> CommandOf(const std::string& service) const;
  // True once it has ended; `*code` is then its exit code, or 128 + signal.
  bool Ended(const std::string& service, int* code);

  const Options options_;
  std::string dir_;
  int days_behind_ = 0;
  std::map<std::string, pid_t> pids_;
};

}  // namespace pdp::system_test

#endif  // PDP_TESTS_SYSTEM_PROCESSES_H_
