#include "tests/simulation/vocabulary.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "google/protobuf/descriptor.h"
#include "libs/sim/words.h"

namespace pdp::sim {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr int kDepthMax = 5;
constexpr size_t kWordsMax = 24;  // of one field name

template <typename T>
void Add(std::vector<T>& known, const T& value) {
  if (known.size() < kWordsMax && std::find(known.begin(), known.end(), value) == known.end()) {
    known.push_back(value);
  }
}

int64_t IntegerOf(const Message& message, const FieldDescriptor* field, int at) {
  const Reflection* reflection = message.GetReflection();
  const bool many = field->is_repeated();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return many ? reflection->GetRepeatedInt32(message, field, at)
                  : reflection->GetInt32(message, field);
    case FieldDescriptor::CPPTYPE_INT64:
      return many ? reflection->GetRepeatedInt64(message, field, at)
                  : reflection->GetInt64(message, field);
    case FieldDescriptor::CPPTYPE_UINT32:
      return many ? reflection->GetRepeatedUInt32(message, field, at)
                  : reflection->GetUInt32(message, field);
    case FieldDescriptor::CPPTYPE_UINT64:
      return static_cast<int64_t>(many ? reflection->GetRepeatedUInt64(message, field, at)
                                       : reflection->GetUInt64(message, field));
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_BOOL:
    case FieldDescriptor::CPPTYPE_ENUM:
    case FieldDescriptor::CPPTYPE_STRING:
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return 0;
  }
  return 0;
}

// Every message inside that holds something, itself included. Not in maps: reflection gives their
// entries in no order, and a seed would be two stories.
void Collect(Message& message, std::vector<Message*>* into) {
  into->push_back(&message);
  std::vector<const FieldDescriptor*> fields;
  const Reflection* reflection = message.GetReflection();
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_map()) continue;
    if (!field->is_repeated()) {
      Collect(*reflection->MutableMessage(&message, field), into);
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      Collect(*reflection->MutableRepeatedMessage(&message, field, i), into);
    }
  }
}

}  // namespace

void Vocabulary::Learn(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  const Reflection* reflection = message.GetReflection();
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->is_map()) continue;
    const int count = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < std::min(count, 8); ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        Learn(field->is_repeated() ? reflection->GetRepeatedMessage(message, field, i)
                                   : reflection->GetMessage(message, field));
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        const std::string text = field->is_repeated()
                                     ? reflection->GetRepeatedString(message, field, i)
                                     : reflection->GetString(message, field);
        if (text.size() <= 96 && !absl::StrContains(text, "ords-")) {
          Add(texts_[field->name()], text);
        }
      } else if (const int64_t number = IntegerOf(message, field, i); number != 0) {
        Add(numbers_[field->name()], number);
      }
    }
  }
}

std::string Vocabulary::FreshWords() { return Words(++words_); }

std::string Vocabulary::Text(const std::string& field_name, Dice& dice) {
  const auto known = texts_.find(field_name);
  if (known != texts_.end() && !dice.Chance(80)) {
    return known->second[dice.Below(known->second.size())];
  }
  return dice.Chance(100) ? "" : FreshWords();
}

int64_t Vocabulary::Number(const std::string& field_name, Dice& dice) {
  const auto known = numbers_.find(field_name);
  if (known != numbers_.end() && dice.Chance(800)) {
    return known->second[dice.Below(known->second.size())];
  }
  return dice.Between(-1, dice.Chance(500) ? 4 : 1'000);
}

void Vocabulary::Set(Message& message, const FieldDescriptor* field, Dice& dice, int depth) {
  const Reflection* reflection = message.GetReflection();
  int count = 1;
  if (field->is_repeated()) {
    reflection->ClearField(&message, field);
    count = dice.Chance(700) ? 1 : static_cast<int>(dice.Below(3));
  }
  const bool many = field->is_repeated();
  for (int i = 0; i < count; ++i) {
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        Fill(many ? *reflection->AddMessage(&message, field)
                  : *reflection->MutableMessage(&message, field),
             dice, depth + 1);
        break;
      case FieldDescriptor::CPPTYPE_STRING: {
        std::string text = field->type() == FieldDescriptor::TYPE_BYTES
                               ? std::string(32, static_cast<char>('a' + dice.Below(26)))
                               : Text(field->name(), dice);
        many ? reflection->AddString(&message, field, std::move(text))
             : reflection->SetString(&message, field, std::move(text));
        break;
      }
      case FieldDescriptor::CPPTYPE_ENUM: {
        const auto* type = field->enum_type();
        const int value = type->value(static_cast<int>(dice.Below(type->value_count())))->number();
        many ? reflection->AddEnumValue(&message, field, value)
             : reflection->SetEnumValue(&message, field, value);
        break;
      }
      case FieldDescriptor::CPPTYPE_BOOL:
        many ? reflection->AddBool(&message, field, dice.Chance(500))
             : reflection->SetBool(&message, field, dice.Chance(500));
        break;
      case FieldDescriptor::CPPTYPE_INT32: {
        const auto value = static_cast<int32_t>(Number(field->name(), dice));
        many ? reflection->AddInt32(&message, field, value)
             : reflection->SetInt32(&message, field, value);
        break;
      }
      case FieldDescriptor::CPPTYPE_INT64: {
        const int64_t value = Number(field->name(), dice);
        many ? reflection->AddInt64(&message, field, value)
             : reflection->SetInt64(&message, field, value);
        break;
      }
      case FieldDescriptor::CPPTYPE_UINT32: {
        const auto value = static_cast<uint32_t>(std::max<int64_t>(0, Number(field->name(), dice)));
        many ? reflection->AddUInt32(&message, field, value)
             : reflection->SetUInt32(&message, field, value);
        break;
      }
      case FieldDescriptor::CPPTYPE_UINT64: {
        const auto value = static_cast<uint64_t>(std::max<int64_t>(0, Number(field->name(), dice)));
        many ? reflection->AddUInt64(&message, field, value)
             : reflection->SetUInt64(&message, field, value);
        break;
      }
      case FieldDescriptor::CPPTYPE_DOUBLE:
        many ? reflection->AddDouble(&message, field, 0.5)
             : reflection->SetDouble(&message, field, 0.5);
        break;
      case FieldDescriptor::CPPTYPE_FLOAT:
        many ? reflection->AddFloat(&message, field, 0.5f)
             : reflection->SetFloat(&message, field, 0.5f);
        break;
    }
  }
}

void Vocabulary::Fill(Message& message, Dice& dice, int depth) {
  if (depth > kDepthMax) return;
  const auto* type = message.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (field->containing_oneof() != nullptr) continue;
    if (dice.Chance(field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE ? 600 : 850)) {
      Set(message, field, dice, depth);
    }
  }
  for (int i = 0; i < type->oneof_decl_count(); ++i) {
    const auto* oneof = type->oneof_decl(i);
    Set(message, oneof->field(static_cast<int>(dice.Below(oneof->field_count()))), dice, depth);
  }
}

std::unique_ptr<Message> Vocabulary::MakeUp(const Message& envelope, Dice& dice) {
  std::unique_ptr<Message> made(envelope.New());
  Fill(*made, dice, 0);
  return made;
}

void Vocabulary::Change(Message& message, int changes_max, Dice& dice) {
  for (int i = static_cast<int>(dice.Between(0, changes_max)); i > 0; --i) {
    std::vector<Message*> all;
    Collect(message, &all);
    // Not the envelope: another case would be another command.
    if (all.size() < 2) return;
    Message& at = *all[1 + dice.Below(all.size() - 1)];
    std::vector<const FieldDescriptor*> fields;
    at.GetReflection()->ListFields(at, &fields);
    const auto* type = at.GetDescriptor();
    if (type->field_count() == 0) continue;
    const FieldDescriptor* field =
        fields.empty() || dice.Chance(200)
            ? type->field(static_cast<int>(dice.Below(type->field_count())))
            : fields[dice.Below(fields.size())];
    if (dice.Chance(100)) {
      at.GetReflection()->ClearField(&at, field);
    } else {
      Set(at, field, dice, 3);
    }
  }
}

}  // namespace pdp::sim
