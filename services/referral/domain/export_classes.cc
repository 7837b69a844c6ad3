#include "services/referral/domain/export_classes.h"

#include <algorithm>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/time_util.h"
#include "pdp/referral/v1/export.pb.h"

namespace pdp::referral {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool IsOurs(const Descriptor& type) {
  return type.full_name().rfind("pdp.referral.v1.", 0) == 0;
}

// EXPORT_CLASS_UNSPECIFIED: none.
v1::ExportClass OwnClass(const FieldDescriptor& field) {
  const v1::ExportClass own = field.options().GetExtension(v1::export_as);
  return own != v1::EXPORT_CLASS_UNSPECIFIED
             ? own
             : field.containing_type()->options().GetExtension(v1::export_all);
}

// The class of what an amendment changed: that of the field it names.
v1::ExportClass ClassOfPath(const std::string& path) {
  const Descriptor* type = v1::AmendValues::descriptor();
  for (absl::string_view step : absl::StrSplit(path, '.')) {
    step = step.substr(0, step.find('['));
    const FieldDescriptor* field =
        type == nullptr ? nullptr : type->FindFieldByName(std::string(step));
    if (field == nullptr) return v1::REDACT_THIRD_PARTY;
    if (IsOurs(*type) && OwnClass(*field) != v1::EXPORT) return OwnClass(*field);
    type = field->message_type();
  }
  return v1::EXPORT;
}

class Walk {
 public:
  explicit Walk(std::vector<v1::BundleField>* out) : out_(out) {}

  void Into(const Message& message, const std::string& path) {
    std::vector<const FieldDescriptor*> fields;
    message.GetReflection()->ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
      const std::string name =
          path.empty() ? field->name() : absl::StrCat(path, ".", field->name());
      const v1::ExportClass shown = ClassIn(message, *field);
      if (shown != v1::EXPORT) {
        Add(name, "", shown);
      } else if (field->is_map()) {
        Map(message, *field, name);
      } else if (field->is_repeated()) {
        const int size = message.GetReflection()->FieldSize(message, field);
        for (int i = 0; i < size; ++i) Value(message, *field, i, absl::StrCat(name, "[", i, "]"));
      } else {
        Value(message, *field, -1, name);
      }
    }
  }

 private:
  static v1::ExportClass ClassIn(const Message& message, const FieldDescriptor& field) {
    // A type of another package is shown as the field that holds it.
    if (!IsOurs(*field.containing_type())) return v1::EXPORT;
    const bool amended = message.GetDescriptor() == v1::AmendedField::descriptor() &&
                         field.number() != v1::AmendedField::kFieldFieldNumber;
    if (amended) return ClassOfPath(static_cast<const v1::AmendedField&>(message).field());
    return OwnClass(field);
  }

  void Add(const std::string& name, std::string value, v1::ExportClass shown) {
    v1::BundleField& field = out_->emplace_back();
    field.set_name(name);
    field.set_value(std::move(value));
    field.set_class_(shown);
  }

  void Map(const Message& message, const FieldDescriptor& field, const std::string& name) {
    std::vector<std::pair<std::string, const Message*>> entries;
    const auto* access = message.GetReflection();
    for (int i = 0; i < access->FieldSize(message, &field); ++i) {
      const Message& entry = access->GetRepeatedMessage(message, &field, i);
      entries.emplace_back(TextOf(entry, *field.message_type()->map_key(), -1), &entry);
    }
    std::sort(entries.begin(), entries.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [key, entry] : entries) {
      Value(*entry, *field.message_type()->map_value(), -1, absl::StrCat(name, "[", key, "]"));
    }
  }

  void Value(const Message& message, const FieldDescriptor& field, int index,
             const std::string& name) {
    if (field.message_type() == nullptr) {
      return Add(name, TextOf(message, field, index), v1::EXPORT);
    }
    const auto* access = message.GetReflection();
    const Message& inner = index < 0 ? access->GetMessage(message, &field)
                                     : access->GetRepeatedMessage(message, &field, index);
    if (const auto* at = dynamic_cast<const google::protobuf::Timestamp*>(&inner)) {
      return Add(name, google::protobuf::util::TimeUtil::ToString(*at), v1::EXPORT);
    }
    Into(inner, name);
  }

  static std::string TextOf(const Message& m, const FieldDescriptor& f, int i) {
    const auto* access = m.GetReflection();
    const bool one = i < 0;
    switch (f.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING: {
        const std::string text =
            one ? access->GetString(m, &f) : access->GetRepeatedString(m, &f, i);
        return f.type() == FieldDescriptor::TYPE_BYTES ? absl::BytesToHexString(text) : text;
      }
      case FieldDescriptor::CPPTYPE_INT32:
        return absl::StrCat(one ? access->GetInt32(m, &f) : access->GetRepeatedInt32(m, &f, i));
      case FieldDescriptor::CPPTYPE_INT64:
        return absl::StrCat(one ? access->GetInt64(m, &f) : access->GetRepeatedInt64(m, &f, i));
      case FieldDescriptor::CPPTYPE_UINT32:
        return absl::StrCat(one ? access->GetUInt32(m, &f) : access->GetRepeatedUInt32(m, &f, i));
      case FieldDescriptor::CPPTYPE_UINT64:
        return absl::StrCat(one ? access->GetUInt64(m, &f) : access->GetRepeatedUInt64(m, &f, i));
      case FieldDescriptor::CPPTYPE_BOOL:
        return (one ? access->GetBool(m, &f) : access->GetRepeatedBool(m, &f, i)) ? "yes" : "no";
      case FieldDescriptor::CPPTYPE_ENUM:
        return (one ? access->GetEnum(m, &f) : access->GetRepeatedEnum(m, &f, i))->name();
      // No floating point (REF-56).
      case FieldDescriptor::CPPTYPE_DOUBLE:
      case FieldDescriptor::CPPTYPE_FLOAT:
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return "";
    }
    return "";
  }

  std::vector<v1::BundleField>* out_;
};

void Find(const Descriptor& type, std::set<const Descriptor*>* seen,
          std::vector<std::string>* found) {
  if (!IsOurs(type) || !seen->insert(&type).second) return;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (!type.options().map_entry() && OwnClass(field) == v1::EXPORT_CLASS_UNSPECIFIED) {
      found->push_back(field.full_name());
    }
    if (field.message_type() != nullptr) Find(*field.message_type(), seen, found);
  }
}

}  // namespace

std::vector<v1::BundleField> ExportFields(const Message& event) {
  std::vector<v1::BundleField> fields;
  Walk(&fields).Into(event, "");
  return fields;
}

std::vector<std::string> FieldsWithoutClass(const Descriptor& envelope) {
  std::vector<std::string> found;
  std::set<const Descriptor*> seen;
  for (int i = 0; i < envelope.field_count(); ++i) {
    Find(*envelope.field(i)->message_type(), &seen, &found);
  }
  return found;
}

}  // namespace pdp::referral
