#include "services/gateway/gateway.h"

#include <fstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "services/gateway/handlers.h"

namespace pdp::gateway {
namespace {

absl::StatusOr<std::string> ReadKey(const std::string& path) {
  std::ifstream file(path);
  std::string text;
  if (!file || !std::getline(file, text)) {
    return absl::InvalidArgumentError(absl::StrCat("cannot read the token key ", path));
  }
  const std::string key = absl::HexStringToBytes(absl::StripAsciiWhitespace(text));
  if (key.size() != 32) {
    return absl::InvalidArgumentError(absl::StrCat(path, " holds no 64 hexadecimal digits"));
  }
  return key;
}

class WiredGateway final : public Gateway {
 public:
  WiredGateway(Options options, Clock& clock, std::unique_ptr<CredentialFile> credentials,
               std::unique_ptr<AccessLog> access_log, AuthRules rules, std::string key)
      : options_(std::move(options)),
        credentials_(std::move(credentials)),
        access_log_(std::move(access_log)),
        rules_(std::move(rules)),
        authenticator_(*credentials_, clock),
        quotas_(clock),
        sealer_(std::move(key), clock),
        backends_(options_.peers, options_.peer_dir, options_.peer_tls, clock),
        visibility_(backends_),
        workers_(std::make_unique<Workers>(options_.worker_threads, options_.queued_max)),
        path_({authenticator_, rules_, quotas_, *access_log_, visibility_, *workers_, backends_,
               sealer_, clock}),
        events_(std::make_unique<EventsService>(path_, hub_, options_.watch)),
        server_(options_.server, clock) {}
  ~WiredGateway() override { Stop(); }

  absl::Status Serve() {
    services_.push_back(MakeIdentity(path_));
    services_.push_back(MakeAllocations(path_));
    services_.push_back(MakeCapacity(path_));
    services_.push_back(MakeCases(path_));
    services_.push_back(MakeSubcontracts(path_));
    services_.push_back(MakeMoney(path_));
    services_.push_back(MakeDelivery(path_));
    for (const auto& service : services_) server_.Add(service.get());
    server_.Add(events_.get());
    RETURN_IF_ERROR(server_.Start());
    server_.SetServing("read", true);
    server_.SetServing("write", true);
    hub_.Start(backends_, {"referral", "programmes", "unpaid_work", "subcontractor"});
    return absl::OkStatus();
  }

  void Stop() override {
    if (stopped_) return;
    stopped_ = true;
    events_->Drain();
    server_.Stop();
    hub_.Stop();
    events_.reset();
    workers_.reset();
  }
  int port() const override { return server_.port(); }
  int metrics_port() const override { return server_.metrics_port(); }
  EventHub& hub() override { return hub_; }

 private:
  const Options options_;
  std::unique_ptr<CredentialFile> credentials_;
  std::unique_ptr<AccessLog> access_log_;
  AuthRules rules_;
  Authenticator authenticator_;
  Quotas quotas_;
  Sealer sealer_;
  Backends backends_;
  ServiceVisibility visibility_;
  std::unique_ptr<Workers> workers_;
  CallPath path_;
  EventHub hub_;
  std::unique_ptr<EventsService> events_;
  std::vector<std::unique_ptr<grpc::Service>> services_;
  rpc::Server server_;
  bool stopped_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Gateway>> Gateway::Start(Options options, Clock& clock) {
  ASSIGN_OR_RETURN(AuthRules rules, AuthRules::Read(GatewayServices()));
  ASSIGN_OR_RETURN(auto credentials, CredentialFile::Open(options.credentials_file, clock));
  ASSIGN_OR_RETURN(auto access_log, AccessLog::Open(options.access_log_file));
  ASSIGN_OR_RETURN(std::string key, ReadKey(options.token_key_file));
  auto gateway =
      std::make_unique<WiredGateway>(std::move(options), clock, std::move(credentials),
                                     std::move(access_log), std::move(rules), std::move(key));
  RETURN_IF_ERROR(gateway->Serve());
  return std::unique_ptr<Gateway>(std::move(gateway));
}

}  // namespace pdp::gateway
