#ifndef PDP_TESTS_CRASH_LOAD_H_
#define PDP_TESTS_CRASH_LOAD_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "grpcpp/grpcpp.h"
#include "tests/crash/oracle.h"

namespace pdp::crash {

// Callers that register people, one number each, and tell the oracle what they were told. A number
// whose outcome a caller has not been told is sent again, with the same command id, by the next
// that is free.
class Load {
 public:
  // Where to send the next command; asked before every call.
  using Target = std::function<std::shared_ptr<grpc::Channel>()>;

  explicit Load(Oracle& oracle) : oracle_(oracle) {}
  ~Load() { Stop(); }

  void Start(Target target, int callers);
  // Waits for the calls in progress; they end by themselves when the service is gone.
  void Stop();

  // Asks again for `most` numbers (evenly spread) and for every one that is not answered: with the
  // same ids, until they are. The first that stays unanswered, or says something else, as a text.
  std::string AskAgain(const Target& target, uint64_t most);
  // Reads the names of `people` acknowledged people: the keys came through as well.
  std::string ReadNames(const std::shared_ptr<grpc::Channel>& channel, uint64_t people);

  // What a caller got that is neither an acknowledgement nor something to try again.
  std::vector<std::string> wrong() const;
  // Acknowledgements since the beginning, and when the newest came.
  uint64_t acknowledged() const { return acknowledged_; }
  absl::Time last_acknowledged() const;

 private:
  grpc::Status Send(const std::shared_ptr<grpc::Channel>& channel, uint64_t n);
  void Call(const Target& target);
  uint64_t Next();

  Oracle& oracle_;
  std::vector<std::thread> callers_;
  std::atomic<bool> stop_{false};
  std::atomic<uint64_t> acknowledged_{0};
  mutable absl::Mutex mutex_;
  uint64_t next_ ABSL_GUARDED_BY(mutex_) = 1;
  std::vector<uint64_t> again_ ABSL_GUARDED_BY(mutex_);
  std::vector<uint64_t> told_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> wrong_ ABSL_GUARDED_BY(mutex_);
  absl::Time last_acknowledged_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

// A number from the environment, or `fallback`.
uint64_t FromEnvironment(const char* name, uint64_t fallback);

}  // namespace pdp::crash

#endif  // PDP_TESTS_CRASH_LOAD_H_
