#include "services/referral/domain/field_changes.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"
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
      value.set_number(index < 0 ? access->GetUInt32(message, field)
                                 : access->GetRepeatedUInt32(message, field, index));
      break;
    case FieldDescriptor::CPPTYPE_UINT64:
      // Versions and counts.
      value.set_number(static_cast<int64_t>(
          index < 0 ? access->GetUInt64(message, field)
                    : access->GetRepeatedUInt64(message, field, index)));
      break;
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

// An instant is one value, not two numbers. nullopt: the message is none, or is not set.
std::optional<v1::FieldValue> InstantOf(const Message& message) {
  if (message.GetDescriptor() != google::protobuf::Timestamp::descriptor()) return std::nullopt;
  const auto& stamp = static_cast<const google::protobuf::Timestamp&>(message);
  v1::FieldValue value;
  if (stamp.ByteSizeLong() > 0) {
    value.set_text(absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ",
                                    absl::FromUnixSeconds(stamp.seconds()) +
                                        absl::Nanoseconds(stamp.nanos()),
                                    absl::UTCTimeZone()));
  }
  return value;
}

// Equal bytes; a map may have others in another order and is then looked into.
bool IsSame(const Message& one, const Message& other) {
  return one.ByteSizeLong() == other.ByteSizeLong() &&
         one.SerializePartialAsString() == other.SerializePartialAsString();
}

// Both are of one field, so of one kind.
bool IsSame(const std::optional<v1::FieldValue>& one, const std::optional<v1::FieldValue>& other) {
  if (!one || !other) return one.has_value() == other.has_value();
  return one->text() == other->text() && one->number() == other->number() &&
         one->flag() == other->flag() && one->code() == other->code();
}

void AddChange(const std::string& path, const v1::FieldValue* old_value,
               const v1::FieldValue* new_value, std::vector<v1::AmendedField>& found) {
  v1::AmendedField& change = found.emplace_back();
  change.set_field(path);
  if (old_value != nullptr) *change.mutable_old_value() = *old_value;
  if (new_value != nullptr) *change.mutable_new_value() = *new_value;
}

void CompareAt(const Message& before, const Message& after, const FieldDescriptor* field, int index,
               const std::string& path, std::vector<v1::AmendedField>& found) {
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    const Message* old_one = MessageAt(before, field, index);
    const Message* new_one = MessageAt(after, field, index);
    std::unique_ptr<Message> none;
    if (old_one == nullptr || new_one == nullptr) {
      none.reset((old_one != nullptr ? old_one : new_one)->New());
    }
    const Message& from = old_one != nullptr ? *old_one : *none;
    const Message& to = new_one != nullptr ? *new_one : *none;
    // Most parts of a record are as they were.
    if (IsSame(from, to)) return;
    if (const auto old_time = InstantOf(from)) {
      const auto new_time = InstantOf(to);
      return AddChange(path, old_time->text().empty() ? nullptr : &*old_time,
                       new_time->text().empty() ? nullptr : &*new_time, found);
    }
    return Compare(from, to, path, found);
  }
  const auto old_value = ValueOf(before, field, index), new_value = ValueOf(after, field, index);
  if (IsSame(old_value, new_value)) return;
  AddChange(path, old_value ? &*old_value : nullptr, new_value ? &*new_value : nullptr, found);
}

// Keys are texts; in their order.
void CompareMap(const Message& before, const Message& after, const FieldDescriptor* field,
                const std::string& path, std::vector<v1::AmendedField>& found) {
  const auto* key = field->message_type()->map_key();
  const auto* value = field->message_type()->map_value();
  std::map<std::string, std::pair<const Message*, const Message*>> entries;
  const auto enter = [&](const Message& message, auto side) {
    const auto* access = message.GetReflection();
    for (int i = 0; i < access->FieldSize(message, field); ++i) {
      const Message& entry = access->GetRepeatedMessage(message, field, i);
      entries[entry.GetReflection()->GetString(entry, key)].*side = &entry;
    }
  };
  enter(before, &std::pair<const Message*, const Message*>::first);
  enter(after, &std::pair<const Message*, const Message*>::second);
  for (const auto& [name, pair] : entries) {
    const Message& like = pair.first != nullptr ? *pair.first : *pair.second;
    std::unique_ptr<Message> none(like.New());
    CompareAt(pair.first != nullptr ? *pair.first : *none,
              pair.second != nullptr ? *pair.second : *none, value, -1,
              absl::StrCat(path, "[", name, "]"), found);
  }
}

void Compare(const Message& before, const Message& after, const std::string& path,
             std::vector<v1::AmendedField>& found) {
  const auto* access = before.GetReflection();
  for (int i = 0; i < before.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = before.GetDescriptor()->field(i);
    const int rows = !field->is_repeated() ? 0
                                           : std::max(access->FieldSize(before, field),
                                                      access->FieldSize(after, field));
    const bool is_set = field->is_repeated()
                            ? rows > 0
                            : access->HasField(before, field) || access->HasField(after, field);
    if (!is_set) continue;
    const std::string name = absl::StrCat(path, path.empty() ? "" : ".", field->name());
    if (field->is_map()) {
      CompareMap(before, after, field, name, found);
      continue;
    }
    if (!field->is_repeated()) {
      CompareAt(before, after, field, -1, name, found);
      continue;
    }
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
