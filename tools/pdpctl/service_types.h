#ifndef PDP_TOOLS_PDPCTL_SERVICE_TYPES_H_
#define PDP_TOOLS_PDPCTL_SERVICE_TYPES_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace pdp::pdpctl {

// What a service takes and gives, from the descriptors this binary is built with: nothing here
// knows a command by name, so a new one is there with the next build.
class ServiceTypes {
 public:
  // NotFound lists the services there are.
  static absl::StatusOr<ServiceTypes> Of(const std::string& service);
  static std::vector<std::string> Names();

  const google::protobuf::ServiceDescriptor* descriptor() const { return service_; }
  // "/pdp.referral.v1.ReferralService/Execute"
  static std::string PathOf(const google::protobuf::MethodDescriptor& method);
  // NotFound names the nearest and how to list them.
  absl::StatusOr<const google::protobuf::MethodDescriptor*> Query(const std::string& name) const;

  // ExecuteRequest with the command of `json` ({"registerPerson": {...}}, or the name as the
  // specification writes it). InvalidArgument says what is wrong and which fields there are.
  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> Execute(
      const std::string& area, const std::string& json) const;
  // Every command, or the one of `name`, with its fields as JSON would name them.
  absl::StatusOr<std::string> DescribeCommands(const std::string& name) const;
  absl::StatusOr<std::string> DescribeQueries(const std::string& name) const;

 private:
  explicit ServiceTypes(const google::protobuf::ServiceDescriptor* service) : service_(service) {}
  // What the service can be told; a Command may hold more, which its service fills in.
  const google::protobuf::OneofDescriptor* Commands() const;
  const google::protobuf::ServiceDescriptor* service_;
};

// The name with the fewest edits from `wanted`, whatever the case; empty when there is none.
std::string Nearest(const std::string& wanted, const std::vector<std::string>& names);
std::unique_ptr<google::protobuf::Message> NewMessage(const google::protobuf::Descriptor* type);
// Fills `message`; InvalidArgument says what is wrong.
absl::Status FromJson(const std::string& json, google::protobuf::Message* message);
std::string ToJson(const google::protobuf::Message& message, bool pretty);
// "  crn: string\n": fields of a message, nested ones indented, to a depth of 4.
std::string DescribeFields(const google::protobuf::Descriptor* type, int depth);

}  // namespace pdp::pdpctl

#endif  // PDP_TOOLS_PDPCTL_SERVICE_TYPES_H_
