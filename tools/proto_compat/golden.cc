#include "tools/proto_compat/golden.h"

#include <functional>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/base/hash.h"
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

constexpr int kDepth = 4;

void Fill(Message* message, int depth);

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
      std::string text = absl::StrCat(field->name(), "-", salt);
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

void Undecided(const Descriptor* type, const std::string& path, std::set<const Descriptor*>* seen,
               std::vector<std::string>* out) {
  if (type->full_name().rfind("google.protobuf.", 0) == 0) return;
  if (!seen->insert(type).second) return;
  const bool all_clear = type->options().HasExtension(common::v1::all_clear);
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    const std::string name = absl::StrCat(path, ".", field->name());
    const auto& options = field->options();
    // A personal field is sealed whole: what is below it needs no decision of its own.
    if (options.HasExtension(common::v1::personal)) continue;
    if (!all_clear && !options.HasExtension(common::v1::clear)) out->push_back(name);
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field->is_map()) {
      Undecided(field->message_type(), name, seen, out);
    }
  }
}

}  // namespace

std::vector<const Descriptor*> EventEnvelopes() {
  return {referral::v1::Event::descriptor(), programmes::v1::Event::descriptor(),
          unpaid_work::v1::Event::descriptor(), subcontractor::v1::Event::descriptor()};
}

std::vector<std::unique_ptr<Message>> Samples(const Descriptor* envelope) {
  std::vector<std::unique_ptr<Message>> samples;
  auto* factory = google::protobuf::MessageFactory::generated_factory();
  for (int i = 0; i < envelope->field_count(); ++i) {
    std::unique_ptr<Message> sample(factory->GetPrototype(envelope)->New());
    SetOne(sample.get(), envelope->field(i), 1, kDepth);
    samples.push_back(std::move(sample));
  }
  return samples;
}

std::string GoldenName(const Message& sample) {
  const Descriptor* envelope = sample.GetDescriptor();
  const FieldDescriptor* event =
      sample.GetReflection()->GetOneofFieldDescriptor(sample, envelope->oneof_decl(0));
  const std::vector<std::string> package =
      absl::StrSplit(std::string(envelope->file()->package()), '.');
  std::string shape;
  std::set<const Descriptor*> seen;
  const std::function<void(const Descriptor*)> describe = [&](const Descriptor* type) {
    if (!seen.insert(type).second) return;
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* f = type->field(i);
      absl::StrAppend(&shape, type->full_name(), ":", f->number(), ":", f->name(), ":", f->type(),
                      ":", f->is_repeated(), "\n");
      if (f->message_type() != nullptr) describe(f->message_type());
    }
  };
  describe(event->message_type());
  return absl::StrCat(package[1], "/", event->message_type()->name(), ".",
                      Sha256(shape).hex().substr(0, 12));
}

std::vector<std::string> UndecidedFields(const Descriptor* event) {
  std::vector<std::string> out;
  std::set<const Descriptor*> seen;
  Undecided(event, event->name(), &seen, &out);
  return out;
}

}  // namespace pdp::proto_compat
