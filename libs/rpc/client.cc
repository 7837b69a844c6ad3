#include "libs/rpc/client.h"

#include <fstream>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "grpcpp/impl/codegen/client_unary_call.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "libs/base/clock.h"
#include "libs/base/status_macros.h"

namespace pdp::rpc {
namespace {

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::InvalidArgumentError(absl::StrCat("cannot read ", path));
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(const std::string& target,
                                                           const std::optional<ClientTls>& tls) {
  grpc::ChannelArguments arguments;
  constexpr int kMessageBytesMax = 4 * 1024 * 1024;
  arguments.SetMaxReceiveMessageSize(kMessageBytesMax);
  arguments.SetMaxSendMessageSize(kMessageBytesMax);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  if (!tls.has_value()) {
    return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
  }
  grpc::SslCredentialsOptions options;
  ASSIGN_OR_RETURN(options.pem_root_certs, ReadFile(tls->ca_file));
  if (!tls->certificate_file.empty()) {
    ASSIGN_OR_RETURN(options.pem_cert_chain, ReadFile(tls->certificate_file));
    ASSIGN_OR_RETURN(options.pem_private_key, ReadFile(tls->key_file));
  }
  if (!tls->server_name.empty()) arguments.SetSslTargetNameOverride(tls->server_name);
  return grpc::CreateCustomChannel(target, grpc::SslCredentials(options), arguments);
}

std::string AddressFromDir(const std::string& dir, const std::string& service) {
  const absl::StatusOr<std::string> text = ReadFile(absl::StrCat(dir, "/", service, ".port"));
  if (!text.ok()) return "";
  const absl::string_view address = absl::StripAsciiWhitespace(*text);
  if (address.empty() || absl::StrContains(address, ":")) return std::string(address);
  return absl::StrCat("127.0.0.1:", address);
}

absl::StatusOr<std::optional<ErrorDetails>> Caller::Call(
    const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
    const google::protobuf::Message& request, google::protobuf::Message* reply) const {
  return Run(channel, [&](const std::shared_ptr<grpc::Channel>& on, grpc::ClientContext* context) {
    // As the generated stubs do it.
    using google::protobuf::Message;
    using google::protobuf::MessageLite;
    return grpc::internal::BlockingUnaryCall<Message, Message, MessageLite, MessageLite>(
        on.get(), grpc::internal::RpcMethod(method.c_str(), grpc::internal::RpcMethod::NORMAL_RPC),
        context, request, reply);
  });
}

absl::StatusOr<std::optional<ErrorDetails>> Caller::Run(
    const std::shared_ptr<grpc::Channel>& channel, const Attempt& attempt) const {
  const absl::Time deadline = Clock::System().Now() + attempt_;
  const auto once = [&](const std::shared_ptr<grpc::Channel>& on) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(deadline));
    return attempt(on, &context);
  };
  grpc::Status status = once(channel);
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE) {
    const absl::StatusOr<ErrorDetails> error = FromStatus(status);
    const auto owner = error->metadata.find(kOwnerMetadata);
    if (owner != error->metadata.end() && !owner->second.empty()) {
      ASSIGN_OR_RETURN(const auto other, MakeChannel(owner->second, tls_));
      status = once(other);
    }
  }
  if (status.ok()) return std::optional<ErrorDetails>();
  ASSIGN_OR_RETURN(ErrorDetails error, FromStatus(status));
  // Without a reason of the peer's own nobody refused anything: the transport failed.
  if (IsRetryable(status) || error.reason.empty()) return ToAbsl(status);
  return std::optional<ErrorDetails>(std::move(error));
}

}  // namespace pdp::rpc
