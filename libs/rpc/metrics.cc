#include "libs/rpc/metrics.h"

#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "httplib.h"

namespace pdp::rpc {
namespace {

absl::string_view CodeName(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::OK: return "OK";
    case grpc::StatusCode::CANCELLED: return "CANCELLED";
    case grpc::StatusCode::UNKNOWN: return "UNKNOWN";
    case grpc::StatusCode::INVALID_ARGUMENT: return "INVALID_ARGUMENT";
    case grpc::StatusCode::DEADLINE_EXCEEDED: return "DEADLINE_EXCEEDED";
    case grpc::StatusCode::NOT_FOUND: return "NOT_FOUND";
    case grpc::StatusCode::ALREADY_EXISTS: return "ALREADY_EXISTS";
    case grpc::StatusCode::PERMISSION_DENIED: return "PERMISSION_DENIED";
    case grpc::StatusCode::RESOURCE_EXHAUSTED: return "RESOURCE_EXHAUSTED";
    case grpc::StatusCode::FAILED_PRECONDITION: return "FAILED_PRECONDITION";
    case grpc::StatusCode::ABORTED: return "ABORTED";
    case grpc::StatusCode::OUT_OF_RANGE: return "OUT_OF_RANGE";
    case grpc::StatusCode::UNIMPLEMENTED: return "UNIMPLEMENTED";
    case grpc::StatusCode::INTERNAL: return "INTERNAL";
    case grpc::StatusCode::UNAVAILABLE: return "UNAVAILABLE";
    case grpc::StatusCode::DATA_LOSS: return "DATA_LOSS";
    case grpc::StatusCode::UNAUTHENTICATED: return "UNAUTHENTICATED";
    case grpc::StatusCode::DO_NOT_USE: break;
  }
  return "UNKNOWN";
}

// One object a call: counts from its start to the status it leaves with. A call that ends without a
// status of ours (the client went away) counts as CANCELLED.
class CallMeter final : public grpc::experimental::Interceptor {
 public:
  CallMeter(Metrics& metrics, Clock& clock, std::string method)
      : metrics_(metrics), clock_(clock), method_(std::move(method)), started_(clock.Now()) {
    metrics_.Started(method_);
  }
  ~CallMeter() override { metrics_.Finished(method_, CodeName(code_), clock_.Now() - started_); }

  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(
            grpc::experimental::InterceptionHookPoints::PRE_SEND_STATUS)) {
      code_ = methods->GetSendStatus().error_code();
    }
    methods->Proceed();
  }

 private:
  Metrics& metrics_;
  Clock& clock_;
  const std::string method_;
  const absl::Time started_;
  grpc::StatusCode code_ = grpc::StatusCode::CANCELLED;
};

class CallMeterFactory final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  CallMeterFactory(Metrics& metrics, Clock& clock) : metrics_(metrics), clock_(clock) {}
  grpc::experimental::Interceptor* CreateServerInterceptor(
      grpc::experimental::ServerRpcInfo* info) override {
    return new CallMeter(metrics_, clock_, info->method());
  }

 private:
  Metrics& metrics_;
  Clock& clock_;
};

class HttpMetricsServer final : public MetricsServer {
 public:
  ~HttpMetricsServer() override {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }
  absl::Status Listen(const Metrics& metrics, const std::string& host, int port,
                      std::function<bool()> healthy) {
    server_.Get("/metrics", [&metrics](const httplib::Request&, httplib::Response& response) {
      response.set_content(metrics.Prometheus(), "text/plain; version=0.0.4");
    });
    server_.Get("/health", [healthy](const httplib::Request&, httplib::Response& response) {
      const bool up = healthy();
      response.status = up ? 200 : 503;
      response.set_content(up ? "SERVING\n" : "NOT_SERVING\n", "text/plain");
    });
    // Few threads: a scrape now and then.
    server_.new_task_queue = [] { return new httplib::ThreadPool(2); };
    if (port == 0) {
      port_ = server_.bind_to_any_port(host.c_str());
    } else {
      port_ = server_.bind_to_port(host.c_str(), port) ? port : -1;
    }
    if (port_ <= 0) {
      return absl::UnavailableError(absl::StrCat("cannot listen on ", host, ":", port));
    }
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    // Stopping a server whose thread has not begun to listen would leave the thread behind.
    while (!server_.is_running()) std::this_thread::yield();
    return absl::OkStatus();
  }
  int port() const override { return port_; }

 private:
  httplib::Server server_;
  int port_ = -1;
  std::thread thread_;
};

}  // namespace

void Metrics::Started(absl::string_view method) {
  absl::MutexLock lock(&mutex_);
  ++methods_[std::string(method)].in_flight;
}

void Metrics::Finished(absl::string_view method, absl::string_view code, absl::Duration took) {
  const double seconds = absl::ToDoubleSeconds(took);
  absl::MutexLock lock(&mutex_);
  Method& m = methods_[std::string(method)];
  --m.in_flight;
  ++m.by_code[std::string(code)];
  ++m.count;
  m.seconds_sum += seconds;
  size_t bucket = 0;
  while (bucket < kBounds.size() && seconds > kBounds[bucket]) ++bucket;
  ++m.buckets[bucket];
}

void Metrics::AddGauge(std::string text, std::function<double()> read) {
  absl::MutexLock lock(&mutex_);
  gauges_.emplace_back(std::move(text), std::move(read));
}

void Metrics::Count(absl::string_view text, uint64_t by) {
  absl::MutexLock lock(&mutex_);
  counters_[std::string(text)] += by;
}

std::string Metrics::Prometheus() const {
  std::string out;
  std::vector<std::pair<std::string, std::function<double()>>> gauges;
  {
    absl::MutexLock lock(&mutex_);
    absl::StrAppend(&out, "# TYPE pdp_rpc_handled_total counter\n");
    for (const auto& [name, m] : methods_) {
      for (const auto& [code, n] : m.by_code) {
        absl::StrAppendFormat(&out, "pdp_rpc_handled_total{method=\"%s\",code=\"%s\"} %d\n", name,
                              code, n);
      }
    }
    absl::StrAppend(&out, "# TYPE pdp_rpc_in_flight gauge\n");
    for (const auto& [name, m] : methods_) {
      absl::StrAppendFormat(&out, "pdp_rpc_in_flight{method=\"%s\"} %d\n", name, m.in_flight);
    }
    absl::StrAppend(&out, "# TYPE pdp_rpc_seconds histogram\n");
    for (const auto& [name, m] : methods_) {
      uint64_t total = 0;
      for (size_t i = 0; i < m.buckets.size(); ++i) {
        total += m.buckets[i];
        const std::string bound = i < kBounds.size() ? absl::StrCat(kBounds[i]) : "+Inf";
        absl::StrAppendFormat(&out, "pdp_rpc_seconds_bucket{method=\"%s\",le=\"%s\"} %d\n", name,
                              bound, total);
      }
      absl::StrAppendFormat(&out, "pdp_rpc_seconds_sum{method=\"%s\"} %g\n", name, m.seconds_sum);
      absl::StrAppendFormat(&out, "pdp_rpc_seconds_count{method=\"%s\"} %d\n", name, m.count);
    }
    for (const auto& [text, n] : counters_) absl::StrAppend(&out, text, " ", n, "\n");
    gauges = gauges_;
  }
  // Read outside the lock: a gauge may take locks of its own.
  for (const auto& [text, read] : gauges) absl::StrAppend(&out, text, " ", read(), "\n");
  return out;
}

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> MakeMetricsInterceptor(
    Metrics& metrics, Clock& clock) {
  return std::make_unique<CallMeterFactory>(metrics, clock);
}

absl::StatusOr<std::unique_ptr<MetricsServer>> MetricsServer::Start(const Metrics& metrics,
                                                                    const std::string& host,
                                                                    int port,
                                                                    std::function<bool()> healthy) {
  auto server = std::make_unique<HttpMetricsServer>();
  if (absl::Status status = server->Listen(metrics, host, port, std::move(healthy)); !status.ok()) {
    return status;
  }
  return std::unique_ptr<MetricsServer>(std::move(server));
}

}  // namespace pdp::rpc
