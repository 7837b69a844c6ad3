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

// Where a field stands. Most parts of a record are as they were: its text is made for what is not.
struct Place {
  const Place* above = nullptr;
  absl::string_view name;
  // Of a list; of a map.
  int index = -1;
  const std::string* key = nullptr;

  std::string Text() const {
    std::string text = above == nullptr ? "" : above->Text();
    absl::StrAppend(&text, text.empty() ? "" : ".", name);
    if (index >= 0) absl::StrAppend(&text, "[", index, "]");
    if (key != nullptr) absl::StrAppend(&text, "[", *key, "]");
    return text;
  }
};

void Compare(const Message& before, const Message& after, const Place* at,
             std::vector<v1::AmendedField>& found);

// An instant is one value, not two numbers.
std::optional<v1::FieldValue> InstantOf(const google::protobuf::Timestamp& stamp) {
  if (stamp.seconds() == 0 && stamp.nanos() == 0) return std::nullopt;
  v1::FieldValue value;
  value.set_text(absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ",
                                  absl::FromUnixSeconds(stamp.seconds()) +
                                      absl::Nanoseconds(stamp.nanos()),
                                  absl::UTCTimeZone()));
  return value;
}

// Equal bytes; a map may have others in another order and is then looked into.
bool IsSame(const Message& one, const Message& other) {
  return one.ByteSizeLong() == other.ByteSizeLong() &&
         one.SerializePartialAsString() == other.SerializePartialAsString();
}

// Whether a leaf is the same in both, or in neither.
bool IsSame(const Message& one, const Message& other, const FieldDescriptor* field, int index) {
  const auto* access = one.GetReflection();
  if (index < 0 && access->HasField(one, field) != access->HasField(other, field)) return false;
  if (index >= 0 && (index >= access->FieldSize(one, field) ||
                     index >= access->FieldSize(other, field))) {
    return false;
  }
  const auto same = [&](auto get, auto get_repeated) {
    return index < 0 ? (access->*get)(one, field) == (access->*get)(other, field)
                     : (access->*get_repeated)(one, field, index) ==
                           (access->*get_repeated)(other, field, index);
  };
  using google::protobuf::Reflection;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string one_kept, other_kept;
      return index < 0 ? access->GetStringReference(one, field, &one_kept) ==
                             access->GetStringReference(other, field, &other_kept)
                       : access->GetRepeatedStringReference(one, field, index, &one_kept) ==
                             access->GetRepeatedStringReference(other, field, index, &other_kept);
    }
    case FieldDescriptor::CPPTYPE_INT32:
      return same(&Reflection::GetInt32, &Reflection::GetRepeatedInt32);
    case FieldDescriptor::CPPTYPE_INT64:
      return same(&Reflection::GetInt64, &Reflection::GetRepeatedInt64);
    case FieldDescriptor::CPPTYPE_UINT32:
      return same(&Reflection::GetUInt32, &Reflection::GetRepeatedUInt32);
    case FieldDescriptor::CPPTYPE_UINT64:
      return same(&Reflection::GetUInt64, &Reflection::GetRepeatedUInt64);
    case FieldDescriptor::CPPTYPE_BOOL:
      return same(&Reflection::GetBool, &Reflection::GetRepeatedBool);
    case FieldDescriptor::CPPTYPE_ENUM:
      return same(&Reflection::GetEnumValue, &Reflection::GetRepeatedEnumValue);
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  return false;
}

void AddChange(const Place& at, std::optional<v1::FieldValue> old_value,
               std::optional<v1::FieldValue> new_value, std::vector<v1::AmendedField>& found) {
  v1::AmendedField& change = found.emplace_back();
  change.set_field(at.Text());
  if (old_value) *change.mutable_old_value() = *std::move(old_value);
  if (new_value) *change.mutable_new_value() = *std::move(new_value);
}

void CompareMessages(const Message& before, const Message& after, const Place& at,
                     std::vector<v1::AmendedField>& found) {
  using google::protobuf::Timestamp;
  if (before.GetDescriptor() != Timestamp::descriptor()) return Compare(before, after, &at, found);
  const auto& old_stamp = static_cast<const Timestamp&>(before);
  const auto& new_stamp = static_cast<const Timestamp&>(after);
  if (old_stamp.seconds() == new_stamp.seconds() && old_stamp.nanos() == new_stamp.nanos()) return;
  AddChange(at, InstantOf(old_stamp), InstantOf(new_stamp), found);
}

void CompareAt(const Message& before, const Message& after, const FieldDescriptor* field,
               const Place& at, std::vector<v1::AmendedField>& found) {
  if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
    if (IsSame(before, after, field, at.index)) return;
    return AddChange(at, ValueOf(before, field, at.index), ValueOf(after, field, at.index), found);
  }
  const Message* old_one = MessageAt(before, field, at.index);
  const Message* new_one = MessageAt(after, field, at.index);
  std::unique_ptr<Message> none;
  if (old_one == nullptr || new_one == nullptr) {
    none.reset((old_one != nullptr ? old_one : new_one)->New());
  }
  const Message& from = old_one != nullptr ? *old_one : *none;
  const Message& to = new_one != nullptr ? *new_one : *none;
  // Most parts of a record are as they were, and told so by their bytes sooner than by walking
  // them. Below a part that differs that would be done again at each depth.
  if (at.above == nullptr && IsSame(from, to)) return;
  CompareMessages(from, to, at, found);
}

// Keys are texts; in their order.
void CompareMap(const Message& before, const Message& after, const FieldDescriptor* field,
                const Place& at, std::vector<v1::AmendedField>& found) {
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
    std::unique_ptr<Message> none;
    if (pair.first == nullptr || pair.second == nullptr) none.reset(like.New());
    Place entry = at;
    entry.key = &name;
    CompareAt(pair.first != nullptr ? *pair.first : *none,
              pair.second != nullptr ? *pair.second : *none, value, entry, found);
  }
}

void Compare(const Message& before, const Message& after, const Place* at,
             std::vector<v1::AmendedField>& found) {
  const auto* access = before.GetReflection();
  for (int i = 0; i < before.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = before.GetDescriptor()->field(i);
    Place place{.above = at, .name = field->name()};
    if (!field->is_repeated()) {
      const bool is_set = access->HasField(before, field) || access->HasField(after, field);
      if (is_set) CompareAt(before, after, field, place, found);
      continue;
    }
    const int rows = std::max(access->FieldSize(before, field), access->FieldSize(after, field));
    if (rows > 0 && field->is_map()) {
      CompareMap(before, after, field, place, found);
      continue;
    }
    for (place.index = 0; place.index < rows; ++place.index) {
      CompareAt(before, after, field, place, found);
    }
  }
}

}  // namespace

std::vector<v1::AmendedField> FieldChanges(const Message& before, const Message& after) {
  PDP_CHECK(before.GetDescriptor() == after.GetDescriptor(), "two messages of one type");
  std::vector<v1::AmendedField> found;
  Compare(before, after, nullptr, found);
  return found;
}

}  // namespace pdp::referral
