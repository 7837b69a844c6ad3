#include "tools/pdpctl/connection.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "grpcpp/generic/generic_stub.h"
#include "libs/base/clock.h"
#include "libs/base/status_macros.h"
#include "libs/rpc/client.h"
#include "libs/rpc/reason_registry.h"
#include "libs/rpc/status.h"

namespace pdp::pdpctl {
namespace {

grpc::Status CallOnce(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                      const google::protobuf::Message& request, google::protobuf::Message* reply,
                      absl::Time deadline, const Metadata& metadata) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(deadline));
  for (const auto& [name, value] : metadata) context.AddMetadata(name, value);
  grpc::CompletionQueue queue;
  const grpc::Slice sent(request.SerializeAsString());
  auto call = stub.PrepareUnaryCall(&context, path, grpc::ByteBuffer(&sent, 1), &queue);
  call->StartCall();
  grpc::Status status;
  grpc::ByteBuffer received;
  call->Finish(&received, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  grpc::Slice whole;
  if (status.ok() && (!received.DumpToSingleSlice(&whole).ok() ||
                      !reply->ParseFromArray(whole.begin(), static_cast<int>(whole.size())))) {
    return grpc::Status(grpc::StatusCode::INTERNAL, "the reply does not parse");
  }
  return status;
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> Connect(const Arguments& arguments,
                                                       const std::string& service) {
  std::string target = arguments.Option("target");
  if (target.empty()) {
    const std::string dir = arguments.Option("dir");
    if (dir.empty()) {
      return absl::InvalidArgumentError(
          "say where the service is: --target host:port, or --dir with its .port file");
    }
    target = rpc::AddressFromDir(dir, service);
    if (target.empty()) {
      return absl::NotFoundError(
          absl::StrCat("there is no ", dir, "/", service, ".port: is the service running?"));
    }
  }
  std::optional<rpc::ClientTls> tls;
  if (!arguments.Option("ca").empty()) {
    tls = rpc::ClientTls{.ca_file = arguments.Option("ca"),
                         .certificate_file = arguments.Option("cert"),
                         .key_file = arguments.Option("key")};
  }
  return rpc::MakeChannel(target, tls);
}

grpc::Status Call(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                  const google::protobuf::Message& request, google::protobuf::Message* reply,
                  absl::Duration timeout, const Metadata& metadata) {
  const absl::Time deadline = Clock::System().Now() + timeout;
  grpc::Status status = CallOnce(channel, path, request, reply, deadline, metadata);
  if (status.error_code() != grpc::StatusCode::UNAVAILABLE) return status;
  const auto error = rpc::FromStatus(status);
  const auto owner = error->metadata.find(rpc::kOwnerMetadata);
  if (owner == error->metadata.end() || owner->second.empty()) return status;
  const auto other = rpc::MakeChannel(owner->second);
  return other.ok() ? CallOnce(*other, path, request, reply, deadline, metadata) : status;
}

std::string Explain(const grpc::Status& status) {
  const rpc::ErrorDetails error = *rpc::FromStatus(status);
  std::string text;
  if (error.reason.empty()) {
    absl::StrAppend(&text, "no answer: ", error.message, "\n");
    if (status.error_code() == grpc::StatusCode::UNAVAILABLE) {
      absl::StrAppend(&text, "  is the service running at that address?\n");
    }
    return text;
  }
  absl::StrAppend(&text, error.domain, " refused: ", error.reason, "\n  ", error.message, "\n");
  if (const auto* known = rpc::ReasonRegistry::Global().Find(error.reason)) {
    if (known->text_en() != error.message) absl::StrAppend(&text, "  ", known->text_en(), "\n");
  }
  for (const auto& violation : error.violations) {
    absl::StrAppend(&text, "  - ", violation.code);
    if (!violation.field.empty()) absl::StrAppend(&text, " at ", violation.field);
    if (!violation.subject.empty()) absl::StrAppend(&text, " for ", violation.subject);
    absl::StrAppend(&text, ": ", violation.detail, "\n");
  }
  for (const auto& [key, value] : error.metadata) {
    absl::StrAppend(&text, "  ", key, " = ", value, "\n");
  }
  if (error.retry_after.has_value()) {
    absl::StrAppend(&text, "  try again in ", absl::FormatDuration(*error.retry_after),
                    " with the same --command-id\n");
  }
  return text;
}

}  // namespace pdp::pdpctl
