#include "services/referral/domain/field_changes.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "libs/base/check.h"

namespace pdp::referral {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// `index` < 0: not a list. nullopt: the message does not have the field.
std::optional<v1::FieldValue> ValueOf(const Message& message, const FieldDescriptor* field,
                                      int index) {
  const auto* access = message.GetReflection();
  if (index < 0 && !access->HasField(message, field)) return std::nullopt;
  if (index >= 0 && index >= access->FieldSize(message, field)) return std::nullopt;
  v1::FieldValue value;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      value.set_text(index < 0 ? access->GetString(message, field)
                               : access->GetRepeatedString(message, field, index));
      break;
    case FieldDescriptor::CPPTYPE_INT32:
      value.set_number(index < 0 ? access->GetInt32(message, field)
                                 : access->GetRepeatedInt32(message, field, index));
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      value.set_number(index < 0 ? access->GetInt64(message, field)
                                 : access->GetRepeatedInt64(message, field, index));
      break;
    case FieldDescriptor::CPPTYPE_BOOL:
      value.set_flag(index < 0 ? access->GetBool(message, field)
                               : access->GetRepeatedBool(message, field, index));
      break;
    case FieldDescriptor::CPPTYPE_ENUM:
      value.set_code(index < 0 ? access->GetEnum(message, field)->name()
                               : access->GetRepeatedEnum(message, field, index)->name());
      break;
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_MESSAGE:
      PDP_CHECK(false, "an amended value has texts, numbers, flags and codes only");
  }
  return value;
}

const Message* MessageAt(const Message& message, const FieldDescriptor* field, int index) {
  const auto* access = message.GetReflection();
  if (index < 0) return &access->GetMessage(message, field);
  return index < access->FieldSize(message, field)
             ? &access->GetRepeatedMessage(message, field, index)
             : nullptr;
}

void Compare(const Message& before, const Message& after, const std::string& path,
             std::vector<v1::AmendedField>& found);

void CompareAt(const Message& before, const Message& after, const FieldDescriptor* field, int index,
               const std::string& path, std::vector<v1::AmendedField>& found) {
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    const Message* old_one = MessageAt(before, field, index);
    const Message* new_one = MessageAt(after, field, index);
    const Message& like = old_one != nullptr ? *old_one : *new_one;
    std::unique_ptr<Message> none(like.New());
    return Compare(old_one != nullptr ? *old_one : *none, new_one != nullptr ? *new_one : *none,
                   path, found);
  }
  const auto old_value = ValueOf(before, field, index), new_value = ValueOf(after, field, index);
  const auto text = [](const std::optional<v1::FieldValue>& value) {
    return value ? value->SerializeAsString() : "";
  };
  const bool same =
      old_value.has_value() == new_value.has_value() && text(old_value) == text(new_value);
  if (same) return;
  v1::AmendedField& change = found.emplace_back();
  change.set_field(path);
  if (old_value) *change.mutable_old_value() = *old_value;
  if (new_value) *change.mutable_new_value() = *new_value;
}

void Compare(const Message& before, const Message& after, const std::string& path,
             std::vector<v1::AmendedField>& found) {
  const auto* access = before.GetReflection();
  for (int i = 0; i < before.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = before.GetDescriptor()->field(i);
    const std::string name = absl::StrCat(path, path.empty() ? "" : ".", field->name());
    if (!field->is_repeated()) {
      CompareAt(before, after, field, -1, name, found);
      continue;
    }
    const int rows = std::max(access->FieldSize(before, field), access->FieldSize(after, field));
    for (int row = 0; row < rows; ++row) {
      CompareAt(before, after, field, row, absl::StrCat(name, "[", row, "]"), found);
    }
  }
}

}  // namespace

std::vector<v1::AmendedField> FieldChanges(const Message& before, const Message& after) {
  PDP_CHECK(before.GetDescriptor() == after.GetDescriptor(), "two messages of one type");
  std::vector<v1::AmendedField> found;
  Compare(before, after, "", found);
  return found;
}

}  // namespace pdp::referral
