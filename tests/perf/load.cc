#include "tests/perf/load.h"

#include <algorithm>
#include <atomic>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "grpcpp/alarm.h"
#include "grpcpp/generic/generic_stub.h"

namespace pdp::perf {
namespace {

constexpr absl::Duration kAskAgain = absl::Milliseconds(50);

grpc::ByteBuffer ToBuffer(const std::string& bytes) {
  grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

class Run {
 public:
  Run(const std::shared_ptr<grpc::Channel>& channel, const LoadOptions& options)
      : stub_(channel), options_(options), callers_(options.callers) {}

  LoadResult Go() {
    const absl::Time begin = absl::Now();
    count_from_ = begin + options_.warm_up;
    end_ = count_from_ + options_.window;
    for (int i = 0; i < options_.callers; ++i) callers_[i].run = this;
    for (Caller& caller : callers_) Start(&caller);
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(
        +[](Run* run) { return run->finished_ == run->options_.callers; }, this));
    return Sum();
  }

 private:
  struct Caller {
    Run* run = nullptr;
    std::unique_ptr<grpc::ClientContext> context;
    grpc::ByteBuffer request, reply;
    absl::Time started;
    grpc::Alarm alarm;
    std::vector<int64_t> latencies_ns;
    uint64_t errors = 0;
    std::string first_error;
  };

  void Start(Caller* caller) {
    caller->request = ToBuffer(options_.request(next_.fetch_add(1)));
    Ask(caller);
  }

  void Ask(Caller* caller) {
    caller->context = std::make_unique<grpc::ClientContext>();
    caller->reply.Clear();
    caller->started = absl::Now();
    stub_.UnaryCall(caller->context.get(), options_.method, grpc::StubOptions(), &caller->request,
                    &caller->reply, [this, caller](grpc::Status status) { Done(caller, status); });
  }

  void Done(Caller* caller, const grpc::Status& status) {
    const absl::Time now = absl::Now();
    if (options_.ask_again && status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED) {
      caller->alarm.Set(absl::ToChronoTime(now + kAskAgain), [this, caller](bool) { Ask(caller); });
      return;
    }
    if (!status.ok()) {
      if (caller->errors++ == 0) caller->first_error = status.error_message();
    } else if (caller->started >= count_from_ && now <= end_) {
      caller->latencies_ns.push_back(absl::ToInt64Nanoseconds(now - caller->started));
    }
    if (now < end_ && (options_.calls_max == 0 || next_.load() < options_.calls_max)) {
      Start(caller);
      return;
    }
    absl::MutexLock lock(&mutex_);
    ++finished_;
  }

  LoadResult Sum() {
    LoadResult result;
    std::vector<int64_t> all;
    for (Caller& caller : callers_) {
      all.insert(all.end(), caller.latencies_ns.begin(), caller.latencies_ns.end());
      result.errors += caller.errors;
      if (result.first_error.empty()) result.first_error = caller.first_error;
    }
    if (all.empty()) return result;
    std::sort(all.begin(), all.end());
    result.calls_per_second = all.size() / absl::ToDoubleSeconds(options_.window);
    result.p50_ms = all[all.size() / 2] / 1e6;
    result.p99_ms = all[std::min(all.size() - 1, all.size() * 99 / 100)] / 1e6;
    return result;
  }

  grpc::TemplatedGenericStub<grpc::ByteBuffer, grpc::ByteBuffer> stub_;
  const LoadOptions& options_;
  std::vector<Caller> callers_;
  std::atomic<uint64_t> next_{0};
  absl::Time count_from_, end_;
  absl::Mutex mutex_;
  int finished_ = 0;
};

}  // namespace

LoadResult RunLoad(const std::shared_ptr<grpc::Channel>& channel, const LoadOptions& options) {
  Run run(channel, options);
  return run.Go();
}

}  // namespace pdp::perf
