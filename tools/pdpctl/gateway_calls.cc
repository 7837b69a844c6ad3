#include "tools/pdpctl/gateway_calls.h"

#include <fstream>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/base/random.h"
#include "libs/base/status_macros.h"
#include "tools/pdpctl/connection.h"
#include "tools/pdpctl/service_types.h"

namespace pdp::pdpctl {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::MethodDescriptor;

std::vector<const MethodDescriptor*> Methods() {
  std::vector<const MethodDescriptor*> methods;
  const auto* file =
      DescriptorPool::generated_pool()->FindFileByName("pdp/gateway/v1/gateway_service.proto");
  for (int i = 0; file != nullptr && i < file->service_count(); ++i) {
    for (int j = 0; j < file->service(i)->method_count(); ++j) {
      methods.push_back(file->service(i)->method(j));
    }
  }
  return methods;
}

std::string NameOf(const MethodDescriptor& method) {
  return absl::StrCat(method.service()->name(), ".", method.name());
}

absl::StatusOr<const MethodDescriptor*> Find(const std::string& name) {
  std::vector<std::string> names;
  for (const MethodDescriptor* method : Methods()) {
    names.push_back(NameOf(*method));
    if (absl::AsciiStrToLower(names.back()) == absl::AsciiStrToLower(name)) return method;
  }
  return absl::NotFoundError(absl::StrCat("the gateway has no '", name, "'; the nearest is ",
                                          Nearest(name, names),
                                          "; `pdpctl gateway methods` lists all"));
}

std::string NewUuid4() {
  std::string bytes = Random::System().Bytes(16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3F) | 0x80);
  const std::string hex = absl::BytesToHexString(bytes);
  return absl::StrCat(hex.substr(0, 8), "-", hex.substr(8, 4), "-", hex.substr(12, 4), "-",
                      hex.substr(16, 4), "-", hex.substr(20));
}

}  // namespace

absl::StatusOr<std::string> DescribeGateway(const std::string& name) {
  std::string text;
  if (!name.empty()) {
    ASSIGN_OR_RETURN(const MethodDescriptor* method, Find(name));
    return absl::StrCat(NameOf(*method), "\n", DescribeFields(method->input_type(), 1));
  }
  for (const MethodDescriptor* method : Methods()) {
    absl::StrAppend(&text, NameOf(*method), "\n", DescribeFields(method->input_type(), 1));
  }
  return text;
}

absl::StatusOr<grpc::Status> CallGateway(const Arguments& arguments, const std::string& name,
                                         const std::string& json, absl::Duration timeout,
                                         std::ostream& out, std::ostream& err) {
  ASSIGN_OR_RETURN(const MethodDescriptor* method, Find(name));
  if (method->server_streaming()) {
    return absl::InvalidArgumentError(
        absl::StrCat(NameOf(*method), " is a stream; Events.ListEvents gives the same frames"));
  }
  const auto request = NewMessage(method->input_type());
  if (absl::Status status = FromJson(json, request.get()); !status.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(status.message(), "\n", NameOf(*method),
                                                   " takes:\n",
                                                   DescribeFields(method->input_type(), 1)));
  }
  Metadata metadata;
  if (const std::string path = arguments.Option("token-file"); !path.empty()) {
    std::ifstream file(path);
    std::string token;
    if (!(file >> token)) {
      return absl::InvalidArgumentError(absl::StrCat("there is no token in ", path));
    }
    metadata.emplace_back("authorization", absl::StrCat("Bearer ", token));
  }
  ASSIGN_OR_RETURN(const auto channel, Connect(arguments, "gateway"));
  const auto* id = method->input_type()->FindFieldByName("request_id");
  if (id != nullptr && request->GetReflection()->GetString(*request, id).empty()) {
    const std::string fresh = NewUuid4();
    request->GetReflection()->SetString(request.get(), id, fresh);
    err << "request-id " << fresh << "\n";
  }
  const auto reply = NewMessage(method->output_type());
  const grpc::Status status = Call(channel, ServiceTypes::PathOf(*method), *request, reply.get(),
                                   timeout, metadata);
  if (status.ok()) out << ToJson(*reply, true);
  return status;
}

}  // namespace pdp::pdpctl
