#ifndef PDP_TESTS_CRASH_PROCESS_H_
#define PDP_TESTS_CRASH_PROCESS_H_

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace pdp::crash {

// A child process, killed at the latest when this is destroyed.
class Process {
 public:
  // `words[0]` is the program. Output and errors are appended to `log_file`. `file_bytes_max`: no
  // file of it grows beyond; writing more fails as on a full disk. 0: no limit.
  Process(const std::vector<std::string>& words, const std::string& log_file,
          uint64_t file_bytes_max = 0);
  ~Process() { Kill(); }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  bool running();
  // kill -9; returns when it is gone. Nothing when it has ended already.
  void Kill();
  // SIGTERM; the exit code, or -1 when it was killed by a signal.
  int Stop();
  // Stops it in its tracks, and lets it go on.
  void Freeze();
  void Thaw();

 private:
  pid_t pid_ = -1;
};

}  // namespace pdp::crash

#endif  // PDP_TESTS_CRASH_PROCESS_H_
