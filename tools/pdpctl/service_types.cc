#include "tools/pdpctl/service_types.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/util/json_util.h"
#include "libs/base/status_macros.h"

namespace pdp::pdpctl {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::MethodDescriptor;
using google::protobuf::OneofDescriptor;

constexpr int kDepthMax = 4;

// "UnpaidWorkService" of "unpaid_work".
std::string ClassName(const std::string& service) {
  std::string name;
  bool upper = true;
  for (const char c : service) {
    if (c == '_') {
      upper = true;
      continue;
    }
    name.push_back(upper ? absl::ascii_toupper(static_cast<unsigned char>(c)) : c);
    upper = false;
  }
  return name + "Service";
}

// Execute is `exec`; a stream has a word of its own.
bool IsQuery(const MethodDescriptor& method) {
  return method.name() != "Execute" && !method.server_streaming();
}

// One spelling for registerPerson, register_person and RegisterPerson.
std::string Plain(absl::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c != '_') plain.push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
  }
  return plain;
}

// How many edits lie between two names.
size_t Distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::string TypeName(const FieldDescriptor& field) {
  std::string name;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE: name = field.message_type()->name(); break;
    case FieldDescriptor::CPPTYPE_ENUM: {
      std::vector<std::string> values;
      for (int i = 0; i < field.enum_type()->value_count(); ++i) {
        if (field.enum_type()->value(i)->number() != 0) {
          values.push_back(field.enum_type()->value(i)->name());
        }
      }
      name = absl::StrJoin(values, " | ");
      break;
    }
    case FieldDescriptor::CPPTYPE_STRING:
      name = field.type() == FieldDescriptor::TYPE_BYTES ? "bytes (base64)" : "string";
      break;
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_BOOL: name = field.type_name(); break;
  }
  if (field.is_map()) return "{key: value}";
  return field.is_repeated() ? absl::StrCat("[", name, "]") : name;
}

}  // namespace

std::string Nearest(const std::string& wanted, const std::vector<std::string>& names) {
  const auto nearest =
      std::min_element(names.begin(), names.end(), [&](const auto& a, const auto& b) {
        return Distance(Plain(wanted), Plain(a)) < Distance(Plain(wanted), Plain(b));
      });
  return nearest == names.end() ? "" : *nearest;
}

std::vector<std::string> ServiceTypes::Names() {
  std::vector<std::string> names;
  for (const char* name : {"referral", "programmes", "unpaid_work", "subcontractor"}) {
    if (DescriptorPool::generated_pool()->FindServiceByName(
            absl::StrCat("pdp.", name, ".v1.", ClassName(name))) != nullptr) {
      names.push_back(name);
    }
  }
  return names;
}

absl::StatusOr<ServiceTypes> ServiceTypes::Of(const std::string& service) {
  const std::vector<std::string> names = Names();
  if (std::find(names.begin(), names.end(), service) == names.end()) {
    return absl::NotFoundError(absl::StrCat("there is no service '", service,
                                            "'; services: ", absl::StrJoin(names, " ")));
  }
  return ServiceTypes(DescriptorPool::generated_pool()->FindServiceByName(
      absl::StrCat("pdp.", service, ".v1.", ClassName(service))));
}

std::string ServiceTypes::PathOf(const MethodDescriptor& method) {
  return absl::StrCat("/", method.service()->full_name(), "/", method.name());
}

absl::StatusOr<const MethodDescriptor*> ServiceTypes::Query(const std::string& name) const {
  std::vector<std::string> names;
  for (int i = 0; i < service_->method_count(); ++i) {
    const MethodDescriptor* method = service_->method(i);
    if (!IsQuery(*method)) continue;
    if (Plain(method->name()) == Plain(name)) return method;
    names.push_back(method->name());
  }
  return absl::NotFoundError(absl::StrCat("there is no query '", name, "'; the nearest is ",
                                          Nearest(name, names), "; all: ",
                                          absl::StrJoin(names, " ")));
}

const OneofDescriptor* ServiceTypes::Commands() const {
  return service_->FindMethodByName("Execute")->input_type()->FindFieldByName("command")
      ->message_type()->FindOneofByName("command");
}

absl::StatusOr<std::unique_ptr<Message>> ServiceTypes::Execute(const std::string& area,
                                                               const std::string& json) const {
  const Descriptor* request_type = service_->FindMethodByName("Execute")->input_type();
  std::unique_ptr<Message> request = NewMessage(request_type);
  request->GetReflection()->SetString(request.get(), request_type->FindFieldByName("area"), area);
  const OneofDescriptor* commands = Commands();
  // The first key of the object is the command: spelled as JSON, as the proto or as the
  // specification does.
  const size_t open = json.find('"');
  const size_t close = open == std::string::npos ? open : json.find('"', open + 1);
  if (json.find('{') == std::string::npos || close == std::string::npos) {
    return absl::InvalidArgumentError(
        "a command is a JSON object with its name, as in {\"registerPerson\": {\"crn\": \"X1\"}}");
  }
  const std::string name = json.substr(open + 1, close - open - 1);
  const FieldDescriptor* chosen = nullptr;
  std::vector<std::string> names;
  for (int i = 0; i < commands->field_count(); ++i) {
    const FieldDescriptor* field = commands->field(i);
    names.push_back(field->json_name());
    if (Plain(field->name()) == Plain(name)) chosen = field;
  }
  if (chosen == nullptr) {
    return absl::NotFoundError(absl::StrCat("there is no command '", name, "'; the nearest is ",
                                            Nearest(name, names),
                                            "; `pdpctl <service> commands` lists all"));
  }
  Message* command = request->GetReflection()->MutableMessage(
      request.get(), request_type->FindFieldByName("command"));
  const std::string spelled =
      absl::StrCat(json.substr(0, open + 1), chosen->json_name(), json.substr(close));
  if (absl::Status status = FromJson(spelled, command); !status.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(status.message(), "\n", chosen->message_type()->name(), " takes:\n",
                     DescribeFields(chosen->message_type(), 1)));
  }
  return request;
}

absl::StatusOr<std::string> ServiceTypes::DescribeCommands(const std::string& name) const {
  const OneofDescriptor* commands = Commands();
  std::string text;
  std::vector<std::string> names;
  for (int i = 0; i < commands->field_count(); ++i) {
    const FieldDescriptor* field = commands->field(i);
    names.push_back(field->message_type()->name());
    if (!name.empty() && Plain(field->name()) != Plain(name)) continue;
    absl::StrAppend(&text, field->message_type()->name(), "  {\"", field->json_name(),
        "\": {...}}\n",
                    DescribeFields(field->message_type(), 1));
  }
  if (text.empty()) {
    return absl::NotFoundError(absl::StrCat("there is no command '", name, "'; the nearest is ",
                                            Nearest(name, names)));
  }
  return text;
}

absl::StatusOr<std::string> ServiceTypes::DescribeQueries(const std::string& name) const {
  if (!name.empty()) {
    ASSIGN_OR_RETURN(const MethodDescriptor* method, Query(name));
    return absl::StrCat(method->name(), "\n", DescribeFields(method->input_type(), 1));
  }
  std::string text;
  for (int i = 0; i < service_->method_count(); ++i) {
    const MethodDescriptor* method = service_->method(i);
    if (!IsQuery(*method)) continue;
    absl::StrAppend(&text, method->name(), "\n", DescribeFields(method->input_type(), 1));
  }
  return text;
}

std::unique_ptr<Message> NewMessage(const Descriptor* type) {
  return std::unique_ptr<Message>(MessageFactory::generated_factory()->GetPrototype(type)->New());
}

absl::Status FromJson(const std::string& json, Message* message) {
  const auto status = google::protobuf::util::JsonStringToMessage(json, message);
  if (status.ok()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "the JSON does not fit: ", absl::string_view(status.message().data(),
          status.message().size())));
}

std::string ToJson(const Message& message, bool pretty) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = pretty;
  std::string text;
  (void)google::protobuf::util::MessageToJsonString(message, &text, options);
  return text;
}

std::string DescribeFields(const Descriptor* type, int depth) {
  std::string text;
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    absl::StrAppend(&text, std::string(2 * depth, ' '), field->json_name(), ": ", TypeName(*field),
                    "\n");
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field->is_map() &&
        depth < kDepthMax && !absl::StartsWith(field->message_type()->full_name(), "google.")) {
      absl::StrAppend(&text, DescribeFields(field->message_type(), depth + 1));
    }
  }
  return text;
}

}  // namespace pdp::pdpctl
