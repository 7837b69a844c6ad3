#include "tools/demo/platform.h"

#include "absl/strings/escaping.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "libs/base/status_macros.h"

namespace pdp::demo {

std::shared_ptr<grpc::Channel> Service::channel() {
  absl::MutexLock lock(&mutex_);
  if (channel_ == nullptr) {
    const std::string address = rpc::AddressFromDir(port_dir_, name_);
    auto channel = rpc::MakeChannel(address.empty() ? "127.0.0.1:1" : address, tls_);
    // Certificates that cannot be read are as good as nobody answering: asked for again.
    channel_ = channel.ok() ? *channel : rpc::MakeChannel("127.0.0.1:1").value();
  }
  return channel_;
}

void Service::Forget() {
  absl::MutexLock lock(&mutex_);
  channel_ = nullptr;
}

std::string ReasonOf(const grpc::Status& status) {
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return "";
  for (const auto& any : details.details()) {
    google::rpc::ErrorInfo info;
    if (any.UnpackTo(&info)) return info.reason();
  }
  return "";
}

std::string Describe(const grpc::Status& status) {
  std::string text = absl::StrCat("code ", status.error_code(), " ", ReasonOf(status), ": ",
                                  status.error_message());
  google::rpc::Status details;
  if (details.ParseFromString(status.error_details())) {
    for (const auto& any : details.details()) {
      google::rpc::BadRequest bad;
      if (!any.UnpackTo(&bad)) continue;
      for (const auto& field : bad.field_violations()) {
        absl::StrAppend(&text, "\n    ", field.field(), ": ", field.description());
      }
    }
  }
  return text;
}

std::string RequestIdOf(absl::string_view name) {
  std::string bytes(DerivedCommandId("demonstration request", name).bytes());
  bytes[6] = static_cast<char>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3F) | 0x80);
  const std::string hex = absl::BytesToHexString(bytes);
  return absl::StrCat(hex.substr(0, 8), "-", hex.substr(8, 4), "-", hex.substr(12, 4), "-",
                      hex.substr(16, 4), "-", hex.substr(20));
}

Gateway::Gateway(std::string port_dir, const Credentials& credentials)
    : credentials_(credentials) {
  for (const GatewayClientId& client : Credentials::Clients()) {
    if (ServiceOf(client.id) != nullptr) continue;
    services_.emplace_back(client.organisation,
                           std::make_unique<Service>("gateway", port_dir,
                                                     credentials.TlsOf(client.organisation)));
  }
}

Service* Gateway::ServiceOf(const std::string& client_id) {
  for (const GatewayClientId& client : Credentials::Clients()) {
    if (client.id != client_id) continue;
    for (const auto& [organisation, service] : services_) {
      if (organisation == client.organisation) return service.get();
    }
  }
  return nullptr;
}

absl::StatusOr<std::unique_ptr<Platform>> Platform::Open(const std::string& dir) {
  ASSIGN_OR_RETURN(const Credentials credentials, Credentials::Open(dir + "/gateway"));
  return std::make_unique<Platform>(dir, credentials);
}

}  // namespace pdp::demo
