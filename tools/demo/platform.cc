#include "tools/demo/platform.h"

#include <fstream>

#include "absl/strings/str_join.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace pdp::demo {

std::shared_ptr<grpc::Channel> Service::channel() {
  absl::MutexLock lock(&mutex_);
  if (channel_ == nullptr) {
    std::ifstream file(absl::StrCat(port_dir_, "/", name_, ".port"));
    std::string address;
    file >> address;
    if (!address.empty() && address.find(':') == std::string::npos) {
      address = absl::StrCat("127.0.0.1:", address);
    }
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(4 << 20);
    // Channels to one address share a connection unless told otherwise; a dead one would linger.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    channel_ = grpc::CreateCustomChannel(address.empty() ? "127.0.0.1:1" : address,
                                         grpc::InsecureChannelCredentials(), arguments);
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

}  // namespace pdp::demo
