#include "libs/projection/asyncapi.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "libs/base/check.h"
#include "libs/projection/publisher.h"
#include "pdp/common/v1/options.pb.h"

namespace pdp::projection {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

// "pdp.referral.v1.ReferralAccepted" -> "referral.ReferralAccepted": a legal, unique component
// name.
std::string SchemaName(const Descriptor& type) {
  return absl::StrReplaceAll(type.full_name(), {{"pdp.", ""}, {".v1.", "."}});
}

std::string ScalarSchema(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32: return "{type: integer, format: int32}";
    case FieldDescriptor::CPPTYPE_UINT32: return "{type: integer, minimum: 0}";
    case FieldDescriptor::CPPTYPE_INT64: return "{type: string, format: int64}";
    case FieldDescriptor::CPPTYPE_UINT64: return "{type: string, format: uint64}";
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT: return "{type: number}";
    case FieldDescriptor::CPPTYPE_BOOL: return "{type: boolean}";
    case FieldDescriptor::CPPTYPE_STRING:
      return field.type() == FieldDescriptor::TYPE_BYTES
                 ? "{type: string, contentEncoding: base64}"
                 : "{type: string}";
    case FieldDescriptor::CPPTYPE_ENUM: {
      std::string names;
      for (int i = 0; i < field.enum_type()->value_count(); ++i) {
        absl::StrAppend(&names, i == 0 ? "" : ", ", field.enum_type()->value(i)->name());
      }
      return absl::StrCat("{type: string, enum: [", names, "]}");
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (field.message_type()->full_name() == "google.protobuf.Timestamp") {
        return "{type: string, format: date-time}";
      }
      return absl::StrCat("{$ref: '#/components/schemas/", SchemaName(*field.message_type()), "'}");
  }
  return "{}";
}

std::string FieldSchema(const FieldDescriptor& field) {
  if (field.is_map()) {
    return absl::StrCat("{type: object, additionalProperties: ",
                        ScalarSchema(*field.message_type()->map_value()), "}");
  }
  if (field.is_repeated()) return absl::StrCat("{type: array, items: ", ScalarSchema(field), "}");
  return ScalarSchema(field);
}

// Every message type reachable from `type`, by schema name.
void Collect(const Descriptor& type, std::map<std::string, const Descriptor*>& types) {
  if (type.full_name() == "google.protobuf.Timestamp") return;
  const bool is_map_entry = type.options().map_entry();
  if (!is_map_entry && !types.emplace(SchemaName(type), &type).second) return;
  for (int i = 0; i < type.field_count(); ++i) {
    if (const Descriptor* nested = type.field(i)->message_type()) Collect(*nested, types);
  }
}

void AppendSchema(const Descriptor& type, std::string& out) {
  absl::StrAppend(&out, "    ", SchemaName(type), ":\n      type: object\n");
  std::string fields;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    // Personal fields never reach the topic.
    if (field.options().GetExtension(common::v1::personal)) continue;
    absl::StrAppend(&fields, "        ", field.json_name(), ": ", FieldSchema(field), "\n");
  }
  if (!fields.empty()) absl::StrAppend(&out, "      properties:\n", fields);
}

constexpr char kHeaders[] = R"(  messageTraits:
    cloudEvent:
      headers:
        type: object
        required: [ce_specversion, ce_id, ce_type, ce_source, ce_time, ce_area, ce_seq]
        properties:
          ce_specversion: {type: string, const: "1.0"}
          ce_id: {type: string, description: "<service>/<area>/<seq>/<index>, same on repeats"}
          ce_type: {type: string}
          ce_source: {type: string, format: uri-reference}
          ce_subject: {type: string, description: "The aggregate it is about"}
          ce_time: {type: string, format: date-time}
          ce_area: {type: string, description: "Partition: the probation area, or NAT"}
          ce_seq: {type: string, description: "Position in the area"}
          ce_correlationid: {type: string}
          ce_causationid: {type: string}
          traceparent: {type: string}
          content-type: {type: string, const: application/protobuf}
)";

}  // namespace

std::string AsyncApiOf(absl::string_view service, const Descriptor& public_event) {
  PDP_CHECK(public_event.oneof_decl_count() == 1, "a PublicEvent has exactly one oneof");
  const google::protobuf::OneofDescriptor& cases = *public_event.oneof_decl(0);
  const std::string topic = EventsTopic(service);

  std::string out = absl::StrCat(
      "asyncapi: 2.6.0\n", "info:\n", "  title: ", Quoted(absl::StrCat("PDP ", service, " events")),
      "\n  version: 1.0.0\n  description: ",
      Quoted(absl::StrCat("Public events: at least once, in order per partition (area), "
                          "CloudEvents 1.0 binary mode. The value is a serialized ",
                          public_event.full_name(), ".")),
      "\ndefaultContentType: application/protobuf\nchannels:\n  ", topic,
      ":\n    bindings:\n      kafka: {topic: ", topic, ", partitions: ", Area::kCount,
      "}\n    subscribe:\n      operationId: ", service,
      "Events\n      message:\n        oneOf:\n");
  for (int i = 0; i < cases.field_count(); ++i) {
    absl::StrAppend(&out, "          - $ref: '#/components/messages/",
                    cases.field(i)->message_type()->name(), "'\n");
  }
  absl::StrAppend(&out, "components:\n", kHeaders, "  messages:\n");
  std::map<std::string, const Descriptor*> types;
  for (int i = 0; i < cases.field_count(); ++i) {
    const Descriptor& type = *cases.field(i)->message_type();
    absl::StrAppend(&out, "    ", type.name(), ":\n      name: pdp.", service, ".v1.", type.name(),
                    "\n      traits: [{$ref: '#/components/messageTraits/cloudEvent'}]\n",
                    "      payload:\n        type: object\n        required: [",
                    cases.field(i)->json_name(), "]\n        properties:\n          ",
                    cases.field(i)->json_name(), ": {$ref: '#/components/schemas/",
                    SchemaName(type), "'}\n");
    Collect(type, types);
  }
  absl::StrAppend(&out, "  schemas:\n");
  for (const auto& [name, type] : types) AppendSchema(*type, out);
  return out;
}

}  // namespace pdp::projection
