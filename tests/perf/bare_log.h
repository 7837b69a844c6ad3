#ifndef PDP_TESTS_PERF_BARE_LOG_H_
#define PDP_TESTS_PERF_BARE_LOG_H_

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/grpcpp.h"
#include "libs/log/event_log.h"

namespace pdp::perf {

// The floor under a domain command: what the design asks of any write (a chained record, durable,
// read back in order before it is answered) with no domain, no state, no seal and no view. Claims
// an area of a log and keeps whatever it is given. Any failure ends the process.
class BareLog {
 public:
  // `where`: a folder for an embedded log, or the host:port of a broker.
  explicit BareLog(const std::string& where);
  ~BareLog();

  // Calls `kept`, on the thread that reads the log, once the bytes are durable.
  void Keep(const grpc::ByteBuffer& bytes, std::function<void()> kept);

 private:
  void Read();

  std::unique_ptr<log::EventLog> log_;
  std::unique_ptr<log::Tail> tail_;
  absl::Mutex mutex_;
  log::TailPosition end_ ABSL_GUARDED_BY(mutex_);
  std::deque<std::function<void()>> waiting_ ABSL_GUARDED_BY(mutex_);
  std::atomic<bool> stop_ = false;
  std::thread reader_;
};

}  // namespace pdp::perf

#endif  // PDP_TESTS_PERF_BARE_LOG_H_
