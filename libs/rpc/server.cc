#include "libs/rpc/server.h"

#include <atomic>
#include <fstream>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/security/tls_certificate_provider.h"
#include "grpcpp/security/tls_credentials_options.h"
#include "libs/base/check.h"
#include "libs/base/log.h"
#include "libs/base/status_macros.h"

namespace pdp::rpc {
namespace {

constexpr unsigned kTlsReloadSeconds = 10;

bool IsLoopbackAddress(absl::string_view listen) {
  return absl::StartsWith(listen, "127.") || absl::StartsWith(listen, "localhost:") ||
         absl::StartsWith(listen, "[::1]:") || absl::StartsWith(listen, "unix:");
}

absl::Status CheckReadable(const std::string& file) {
  if (std::ifstream(file).good()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("cannot read ", file));
}

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeCredentials(
    const ServerOptions& options) {
  if (!options.tls.has_value()) {
    if (!IsLoopbackAddress(options.listen)) {
      return absl::InvalidArgumentError(
          absl::StrCat("without TLS only a loopback address is served, not ", options.listen));
    }
    return grpc::InsecureServerCredentials();
  }
  const TlsOptions& tls = *options.tls;
  RETURN_IF_ERROR(CheckReadable(tls.certificate_file));
  RETURN_IF_ERROR(CheckReadable(tls.key_file));
  RETURN_IF_ERROR(CheckReadable(tls.client_ca_file));
  auto files = std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      tls.key_file, tls.certificate_file, tls.client_ca_file, kTlsReloadSeconds);
  grpc::experimental::TlsServerCredentialsOptions credentials(files);
  credentials.watch_root_certs();
  credentials.watch_identity_key_cert_pairs();
  credentials.set_cert_request_type(
      tls.require_client_certificate ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                                     : GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
  return grpc::experimental::TlsServerCredentials(credentials);
}

}  // namespace

class Server::Impl {
 public:
  Impl(ServerOptions options, Clock& clock) : options_(std::move(options)), clock_(clock) {}
  ~Impl() { Stop(); }

  void Add(grpc::Service* service) {
    PDP_CHECK(server_ == nullptr, "services are added before the start");
    services_.push_back(service);
  }

  absl::Status Start() {
    PDP_CHECK(server_ == nullptr && !stopped_, "a server starts once");
    ASSIGN_OR_RETURN(const auto credentials, MakeCredentials(options_));
    static std::once_flag plugins;
    std::call_once(plugins, [] { grpc::EnableDefaultHealthCheckService(true); });
    // The reflection plugin registers for every builder of the process: the first server decides.
    static std::once_flag reflection;
    if (options_.reflection) {
      std::call_once(reflection, [] {
          grpc::reflection::InitProtoReflectionServerBuilderPlugin(); });
    }
    grpc::ServerBuilder builder;
    builder.AddListeningPort(options_.listen, credentials, &port_);
    builder.SetMaxReceiveMessageSize(options_.message_bytes_max);
    builder.SetMaxSendMessageSize(options_.message_bytes_max);
    // Two servers on one port would share it silently.
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    for (grpc::Service* service : services_) builder.RegisterService(service);
    std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> creators;
    creators.push_back(MakeMetricsInterceptor(metrics_, clock_));
    builder.experimental().SetInterceptorCreators(std::move(creators));
    server_ = builder.BuildAndStart();
    if (server_ == nullptr || port_ == 0) {
      server_.reset();
      return absl::UnavailableError(absl::StrCat("cannot listen on ", options_.listen));
    }
    serving_ = true;
    if (options_.metrics_port >= 0) {
      ASSIGN_OR_RETURN(metrics_server_,
                       MetricsServer::Start(metrics_, options_.metrics_host, options_.metrics_port,
                                            [this] { return serving_.load(); }));
    }
    return absl::OkStatus();
  }

  void Stop() {
    if (stopped_.exchange(true) || server_ == nullptr) return;
    serving_ = false;
    if (auto* health = server_->GetHealthCheckService()) health->SetServingStatus(false);
    if (options_.drain_notice > absl::ZeroDuration()) {
      std::this_thread::sleep_for(absl::ToChronoMilliseconds(options_.drain_notice));
    }
    server_->Shutdown(absl::ToChronoTime(clock_.Now() + options_.drain_calls));
    server_->Wait();
    metrics_server_.reset();
  }

  void SetServing(const std::string& part, bool serving) {
    if (server_ == nullptr || stopped_) return;
    if (auto* health = server_->GetHealthCheckService()) health->SetServingStatus(part, serving);
  }

  int port() const { return port_; }
  int metrics_port() const { return metrics_server_ == nullptr ? -1 : metrics_server_->port(); }
  Metrics& metrics() { return metrics_; }

 private:
  const ServerOptions options_;
  Clock& clock_;
  Metrics metrics_;
  std::vector<grpc::Service*> services_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<MetricsServer> metrics_server_;
  int port_ = 0;
  std::atomic<bool> serving_{false};
  std::atomic<bool> stopped_{false};
};

Server::Server(ServerOptions options, Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(options), clock)) {}
Server::~Server() = default;
void Server::Add(grpc::Service* service) { impl_->Add(service); }
absl::Status Server::Start() { return impl_->Start(); }
void Server::Stop() { impl_->Stop(); }
void Server::SetServing(const std::string& part, bool serving) { impl_->SetServing(part, serving); }
int Server::port() const { return impl_->port(); }
int Server::metrics_port() const { return impl_->metrics_port(); }
Metrics& Server::metrics() { return impl_->metrics(); }

}  // namespace pdp::rpc
