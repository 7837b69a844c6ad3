#include "libs/rpc/shape.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/unknown_field_set.h"
#include "google/protobuf/util/time_util.h"
#include "libs/base/ids.h"
#include "libs/rpc/status.h"

namespace pdp::rpc {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr size_t kFindingsMax = 100;

class ShapeWalk {
 public:
  std::vector<decider::Violation> Take() && { return std::move(found_); }

  void Walk(const Message& message, const std::string& path) {
    if (found_.size() >= kFindingsMax) return;
    const Reflection* reflection = message.GetReflection();
    const auto& unknown = reflection->GetUnknownFields(message);
    for (int i = 0; i < unknown.field_count(); ++i) {
      Add(absl::StrCat(path, "#", unknown.field(i).number()),
          "this field number is not known here");
    }
    if (message.GetDescriptor()->full_name() == "google.protobuf.Timestamp") {
      CheckInstant(message, path);
      return;
    }
    std::vector<const FieldDescriptor*> fields;
    reflection->ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
      const std::string name = path.empty() ? field->name() : absl::StrCat(path, ".",
          field->name());
      if (field->is_repeated()) {
        WalkRepeated(message, reflection, field, name);
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        Walk(reflection->GetMessage(message, field), name);
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        std::string scratch;
        CheckString(reflection->GetStringReference(message, field, &scratch), name);
      }
    }
  }

  void Add(std::string field, std::string detail) {
    if (found_.size() >= kFindingsMax) return;
    found_.push_back({.code = "VALIDATION_FAILED", .field = std::move(field),
                      .detail = std::move(detail)});
  }

 private:
  void WalkRepeated(const Message& message, const Reflection* reflection,
                    const FieldDescriptor* field, const std::string& name) {
    const int size = reflection->FieldSize(message, field);
    if (size > kRepeatedMax) {
      Add(name, absl::StrCat(size, " elements, more than ", kRepeatedMax));
      return;
    }
    for (int i = 0; i < size; ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        Walk(reflection->GetRepeatedMessage(message, field, i), absl::StrCat(name, "[", i, "]"));
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        std::string scratch;
        CheckString(reflection->GetRepeatedStringReference(message, field, i, &scratch),
                    absl::StrCat(name, "[", i, "]"));
      }
    }
  }

  void CheckString(const std::string& value, const std::string& name) {
    if (value.size() > kStringBytesMax) {
      Add(name, absl::StrCat(value.size(), " bytes, more than ", kStringBytesMax));
    }
  }

  void CheckInstant(const Message& message, const std::string& path) {
    google::protobuf::Timestamp instant;
    instant.CopyFrom(message);
    const bool in_range =
        instant.seconds() >= google::protobuf::util::TimeUtil::kTimestampMinSeconds &&
        instant.seconds() <= google::protobuf::util::TimeUtil::kTimestampMaxSeconds;
    if (!in_range || instant.nanos() < 0 || instant.nanos() > 999'999'999) {
      Add(path, "not an instant of the years 1 to 9999");
    }
  }

  std::vector<decider::Violation> found_;
};

}  // namespace

std::vector<decider::Violation> FindBadShape(const Message& message) {
  ShapeWalk walk;
  walk.Walk(message, "");
  return std::move(walk).Take();
}

std::vector<decider::Violation> FindBadHeader(const common::v1::CommandHeader& header,
                                              absl::string_view path) {
  const std::string& id = header.command_id();
  if (id.size() == CommandId::kBytes && id.find_first_not_of('\0') != std::string::npos) return {};
  return {{.code = "COMMAND_ID_MALFORMED",
           .field = absl::StrCat(path, ".command_id"),
           .detail = absl::StrCat("16 bytes, not all zero; got ", id.size())}};
}

std::vector<decider::Violation> FindBadExecute(const Message& request,
                                               const common::v1::CommandHeader& header,
                                               const std::string& area_code, bool has_command,
                                               Area* area) {
  std::vector<decider::Violation> found = FindBadShape(request);
  for (decider::Violation& bad : FindBadHeader(header)) found.push_back(std::move(bad));
  const std::optional<Area> known = Area::FromCode(area_code);
  if (!known.has_value()) {
    found.push_back({.code = "VALIDATION_FAILED", .field = "area",
                     .detail = absl::StrCat("not an area code: '", area_code.substr(0, 20), "'")});
  }
  if (!has_command) {
    found.push_back({.code = "VALIDATION_FAILED", .field = "command",
                     .detail = "exactly one command is set"});
  }
  if (found.empty()) *area = *known;
  return found;
}

grpc::Status CheckShape(const Message& request, absl::string_view service) {
  std::vector<decider::Violation> found = FindBadShape(request);
  if (found.empty()) return grpc::Status::OK;
  return ToStatus(decider::ValidationFailed(std::move(found)), service);
}

}  // namespace pdp::rpc
