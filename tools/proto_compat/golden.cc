#include "tools/proto_compat/golden.h"

#include <fstream>
#include <functional>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/util/json_util.h"
#include "libs/base/check.h"
#include "libs/base/deterministic_bytes.h"
#include "libs/base/hash.h"
#include "libs/base/status_macros.h"
#include "nlohmann/json.hpp"
#include "pdp/common/v1/options.pb.h"
#include "pdp/programmes/v1/events.pb.h"
#include "pdp/referral/v1/events.pb.h"
#include "pdp/subcontractor/v1/events.pb.h"
#include "pdp/unpaid_work/v1/events.pb.h"

namespace pdp::proto_compat {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using nlohmann::ordered_json;

constexpr int kDepth = 4;
constexpr size_t kShapeDigits = 12;

void Fill(Message* message, int depth);

std::string TextOf(const FieldDescriptor& field, int salt) {
  if (field.options().GetExtension(common::v1::subject)) return "T000001";
  if (field.options().GetExtension(common::v1::personal)) {
    return absl::StrCat("invented ", field.name(), " ", salt);
  }
  return absl::StrCat(field.name(), "-", salt);
}

void SetOne(Message* message, const FieldDescriptor* field, int salt, int depth) {
  const Reflection* r = message->GetReflection();
  const bool many = field->is_repeated();
  const int n = field->number() * 7 + salt;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return many ? r->AddInt32(message, field, n) : r->SetInt32(message, field, n);
    case FieldDescriptor::CPPTYPE_INT64:
      return many ? r->AddInt64(message, field, n) : r->SetInt64(message, field, n);
    case FieldDescriptor::CPPTYPE_UINT32:
      return many ? r->AddUInt32(message, field, n) : r->SetUInt32(message, field, n);
    case FieldDescriptor::CPPTYPE_UINT64:
      return many ? r->AddUInt64(message, field, n) : r->SetUInt64(message, field, n);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return many ? r->AddDouble(message, field, n) : r->SetDouble(message, field, n);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return many ? r->AddFloat(message, field, n) : r->SetFloat(message, field, n);
    case FieldDescriptor::CPPTYPE_BOOL:
      return many ? r->AddBool(message, field, true) : r->SetBool(message, field, true);
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = TextOf(*field, salt);
      return many ? r->AddString(message, field, text) : r->SetString(message, field, text);
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      const EnumDescriptor* type = field->enum_type();
      const auto* value = type->value(type->value_count() - 1);
      return many ? r->AddEnum(message, field, value) : r->SetEnum(message, field, value);
    }
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      if (depth == 0) return;
      Message* child = many ? r->AddMessage(message, field) : r->MutableMessage(message, field);
      Fill(child, depth - 1);
      return;
    }
  }
}

void Fill(Message* message, int depth) {
  std::set<const google::protobuf::OneofDescriptor*> done;
  const Descriptor* type = message->GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (const auto* oneof = field->real_containing_oneof()) {
      if (!done.insert(oneof).second) continue;
    }
    SetOne(message, field, 1, depth);
    if (field->is_repeated() && !field->is_map()) SetOne(message, field, 2, depth);
  }
}

void Describe(const Descriptor& type, std::set<std::string>* seen, std::string* shape) {
  if (!seen->insert(std::string(type.full_name())).second) return;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    absl::StrAppend(shape, type.full_name(), ":", field->number(), ":", field->name(), ":",
                    field->type(), ":", field->is_repeated(), "\n");
    if (field->message_type() != nullptr) Describe(*field->message_type(), seen, shape);
    if (const EnumDescriptor* values = field->enum_type();
        values != nullptr && seen->insert(std::string(values->full_name())).second) {
      for (int v = 0; v < values->value_count(); ++v) {
        absl::StrAppend(shape, values->full_name(), ":", values->value(v)->number(), ":",
                        values->value(v)->name(), "\n");
      }
    }
  }
}

void Undecided(const Descriptor& type, const std::string& path, std::set<const Descriptor*>* seen,
               std::vector<std::string>* out) {
  if (type.full_name().rfind("google.protobuf.", 0) == 0) return;
  if (!seen->insert(&type).second) return;
  const bool all_clear = type.options().HasExtension(common::v1::all_clear);
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    const std::string name = absl::StrCat(path, ".", field->name());
    const auto& options = field->options();
    // A personal field is sealed whole: what is below it needs no decision of its own.
    if (options.GetExtension(common::v1::personal)) continue;
    const bool message = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    const bool decides_below =
        message && !field->is_repeated() &&
        field->message_type()->full_name().rfind("google.protobuf.", 0) != 0;
    if (!all_clear && !options.HasExtension(common::v1::clear) && !decides_below) {
      out->push_back(name);
    }
    if (message && !field->is_map() && !all_clear &&
        !options.HasExtension(common::v1::clear)) {
      Undecided(*field->message_type(), name, seen, out);
    }
  }
}

std::string Json(const Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  PDP_CHECK(google::protobuf::util::MessageToJsonString(message, &json, options).ok(),
            "an event has a JSON form");
  return json;
}

const Descriptor& EventOf(const Message& sample) {
  return *sample.GetReflection()
              ->GetOneofFieldDescriptor(sample, sample.GetDescriptor()->oneof_decl(0))
              ->message_type();
}

}  // namespace

std::vector<const Descriptor*> EventEnvelopes() {
  return {referral::v1::Event::descriptor(), programmes::v1::Event::descriptor(),
          unpaid_work::v1::Event::descriptor(), subcontractor::v1::Event::descriptor()};
}

const Message& Prototype(const Descriptor& type) {
  return *google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type);
}

std::vector<std::unique_ptr<Message>> Samples(const Message& envelope) {
  std::vector<std::unique_ptr<Message>> samples;
  const Descriptor& type = *envelope.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    samples.emplace_back(envelope.New());
    SetOne(samples.back().get(), type.field(i), 1, kDepth);
  }
  return samples;
}

std::string GoldenPath(const Message& sample) {
  const std::vector<std::string> package =
      absl::StrSplit(std::string(sample.GetDescriptor()->file()->package()), '.');
  return absl::StrCat(package[1], "/", EventOf(sample).name(), ".jsonl");
}

Golden MakeGolden(const Message& sample) {
  std::string shape;
  std::set<std::string> seen;
  Describe(EventOf(sample), &seen, &shape);
  return {Sha256(shape).hex().substr(0, kShapeDigits), DeterministicBytes(sample), Json(sample)};
}

std::string ToLine(const Golden& golden) {
  ordered_json line;
  line["shape"] = golden.shape;
  line["bytes"] = absl::Base64Escape(golden.bytes);
  line["event"] = ordered_json::parse(golden.json);
  return line.dump();
}

absl::StatusOr<Golden> FromLine(const std::string& text) {
  const ordered_json line = ordered_json::parse(text, nullptr, false);
  if (!line.is_object() || !line.contains("shape") || !line.contains("bytes") ||
      !line.contains("event")) {
    return absl::InvalidArgumentError("not a golden line: shape, bytes and event are expected");
  }
  Golden golden{line["shape"].get<std::string>(), "", line["event"].dump()};
  if (!absl::Base64Unescape(line["bytes"].get<std::string>(), &golden.bytes)) {
    return absl::InvalidArgumentError("not a golden line: its bytes are not base64");
  }
  return golden;
}

absl::StatusOr<std::vector<Golden>> ReadGoldens(const std::string& path) {
  std::vector<Golden> goldens;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    absl::StatusOr<Golden> golden = FromLine(line);
    if (!golden.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ":", goldens.size() + 1, ": ", golden.status().message()));
    }
    goldens.push_back(*std::move(golden));
  }
  return goldens;
}

absl::Status CheckReadable(const Message& envelope, const Golden& golden) {
  const std::unique_ptr<Message> event(envelope.New());
  if (!event->ParseFromString(golden.bytes)) {
    return absl::FailedPreconditionError("the bytes do not parse: a field was retyped");
  }
  // What is not known any more, or known by another name, number or type, reads differently.
  const ordered_json then = ordered_json::parse(golden.json);
  const ordered_json now = ordered_json::parse(Json(*event));
  if (nlohmann::json(then) == nlohmann::json(now)) return absl::OkStatus();
  std::string what;
  for (const auto& change : ordered_json::diff(then, now)) {
    absl::StrAppend(&what, what.empty() ? "" : ", ", change["op"].get<std::string>(), " ",
                    change["path"].get<std::string>());
  }
  return absl::FailedPreconditionError(
      absl::StrCat("a field was renumbered, retyped, renamed or removed: ", what));
}

std::vector<std::string> UndecidedFields(const Descriptor& event) {
  std::vector<std::string> out;
  std::set<const Descriptor*> seen;
  Undecided(event, std::string(event.name()), &seen, &out);
  return out;
}

}  // namespace pdp::proto_compat
