#include "tests/fuzz/messages.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <set>
#include <utility>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"

namespace pdp::fuzz {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr int kDepthMax = 5;
constexpr int kElementsMax = 4;

// Texts that services look at: areas, dates, times of day, persons, codes, money, and what is none.
const std::vector<std::string>& Texts() {
  static const auto* texts = new std::vector<std::string>{
      "", " ", "N56", "NAT", "N07", "N99", "n56", "T000001", "T000002", "T99999999", "X000001",
      "t000001", "T000001/1", "T000001/1/1", "T000001/99999999999999999999", "T000001//",
      "2026-03-01", "2026-02-29", "2024-02-29", "0000-00-00", "9999-12-31", "2026-13-01",
      "2026-3-1", "20260301", "2026-03-01T10:00:00Z", "09:30", "24:00", "23:59", "9:5", "-1:00",
      "S01", "P01", "SC-N56-S01", "N56ESX", "RO", "AA", "ORG", "F", "M", "UPW", "TSP", "BBR", "0",
      "-1", "1.5", "1e308", "NaN", "18446744073709551616", "a/b", "a.b.c", "../../x", "%s%n",
      "{}", "[]", "null", "\"", "'; DROP TABLE x; --", "\n", std::string("\0", 1),
      std::string("a\0b", 3), "\xc3\xa9", "\xe2\x82\xac\xf0\x9f\x98\x80",
      "aaaaaaaaaaaaaaaaaaa\xc3\xa9", std::string(19, 'z') + "\xe2\x82\xac", std::string(300, 'x'),
      std::string(5000, 'y'), std::string(70'000, 'w'),
      "207b7e68-7128-5e06-98c9-13dd29e511a3", "207B7E68-7128-5E06-98C9-13DD29E511A3"};
  return *texts;
}

const std::vector<int64_t>& Numbers() {
  static const auto* numbers = new std::vector<int64_t>{
      0, 1, -1, 2, 7, 10, 24, 59, 60, 61, 100, 300, 480, 1440, 10'000, 86'400, 1'000'000,
      INT32_MAX, INT32_MIN, int64_t{INT32_MAX} + 1, INT64_MAX, INT64_MIN, INT64_MAX - 1,
      1'772'323'200, -62'135'596'801, 253'402'300'800, 999'999'999, 1'000'000'000};
  return *numbers;
}

// Of a hundred values, how many are meant to break something. Messages that are wrong in every
// field are refused by the first check, so most messages are mostly right.
thread_local uint32_t wild_percent = 50;
bool Wild(std::mt19937& random) { return random() % 100 < wild_percent; }

template <typename T>
const T& Pick(const std::vector<T>& from, std::mt19937& random) {
  return from[random() % from.size()];
}

std::string AnyText(std::mt19937& random, bool bytes) {
  if (random() % 16 == 0) {
    std::string text;
    for (size_t i = random() % 40; i > 0; --i) {
      text += static_cast<char>(bytes ? random() % 256 : 0x20 + random() % 0x5f);
    }
    return text;
  }
  if (bytes && random() % 2 == 0) return std::string(random() % 2 == 0 ? 16 : 32, 'k');
  return Pick(Texts(), random);
}

// Mostly what a field of this name may hold, so that a second check is reached behind the first.
std::string TextOf(const FieldDescriptor& field, std::mt19937& random) {
  static const auto* likely = new std::vector<std::pair<std::string, std::vector<std::string>>>{
      {"crn", {"T000001", "T000002", "T000003"}},
      {"area", {"N56", "NAT"}},
      {"pdu", {"N56ESX", "N56NFK"}},
      {"org", {"S01", "S02", "P01"}},
      {"_on", {"2026-03-01", "2026-03-02", "2025-12-31", "2026-06-30"}},
      {"date", {"2026-03-01", "1990-01-01", "2026-06-30"}},
      {"from", {"2026-03-01", "09:00"}},
      {"until", {"2026-03-31", "2027-03-01"}},
      {"start", {"09:30", "2026-03-02"}},
      {"end", {"16:00", "2026-12-31"}},
      {"role", {"RO", "AA", "SYS"}},
      {"id", {"1", "a1", "T000001/1", "N56-S01-GRP"}},
      {"sex", {"F", "M"}},
      {"code", {"UPW", "TSP", "A", "B"}},
      {"key", {"T000001/1", "T000001/1/1", "T000002/1/1"}},
      {"kind", {"UPW", "TSP", "BBR"}},
      {"reason", {"OTHER", "ILLNESS", "RISK"}},
      {"name", {"Ann", "Bo"}},
  };
  const bool bytes = field.type() == FieldDescriptor::TYPE_BYTES;
  if (!bytes && !Wild(random)) {
    for (const auto& [part, texts] : *likely) {
      if (field.name().find(part) != std::string::npos) return Pick(texts, random);
    }
    return random() % 2 == 0 ? "a" : "b1";
  }
  return AnyText(random, bytes);
}

int64_t AnyNumber(std::mt19937& random) {
  if (!Wild(random)) return random() % (random() % 2 == 0 ? 8 : 700);
  return random() % 4 == 0 ? static_cast<int64_t>((uint64_t{random()} << 32) | random())
                           : Pick(Numbers(), random);
}

double AnyReal(std::mt19937& random) {
  switch (Wild(random) ? random() % 6 : 5) {
    case 0: return std::numeric_limits<double>::quiet_NaN();
    case 1: return std::numeric_limits<double>::infinity();
    case 2: return -std::numeric_limits<double>::max();
    case 3: return -0.0;
    default: return static_cast<double>(AnyNumber(random)) / 3;
  }
}

void Fill(Message& message, std::mt19937& random, int depth);

int AnyEnum(const FieldDescriptor& field, std::mt19937& random) {
  const auto* type = field.enum_type();
  if (Wild(random) && random() % 4 == 0) return static_cast<int>(AnyNumber(random));
  return type->value(static_cast<int>(random() % type->value_count()))->number();
}

void SetOne(Message& message, const FieldDescriptor* field, std::mt19937& random, int depth) {
  const Reflection* reflection = message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection->SetInt32(&message, field, static_cast<int32_t>(AnyNumber(random)));
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection->SetInt64(&message, field, AnyNumber(random));
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection->SetUInt32(&message, field, static_cast<uint32_t>(AnyNumber(random)));
    case FieldDescriptor::CPPTYPE_UINT64:
      return reflection->SetUInt64(&message, field, static_cast<uint64_t>(AnyNumber(random)));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return reflection->SetDouble(&message, field, AnyReal(random));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return reflection->SetFloat(&message, field, static_cast<float>(AnyReal(random)));
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->SetBool(&message, field, random() % 2 == 0);
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection->SetEnumValue(&message, field, AnyEnum(*field, random));
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection->SetString(&message, field, TextOf(*field, random));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return Fill(*reflection->MutableMessage(&message, field), random, depth + 1);
  }
}

void AddOne(Message& message, const FieldDescriptor* field, std::mt19937& random, int depth) {
  const Reflection* reflection = message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection->AddInt32(&message, field, static_cast<int32_t>(AnyNumber(random)));
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection->AddInt64(&message, field, AnyNumber(random));
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection->AddUInt32(&message, field, static_cast<uint32_t>(AnyNumber(random)));
    case FieldDescriptor::CPPTYPE_UINT64:
      return reflection->AddUInt64(&message, field, static_cast<uint64_t>(AnyNumber(random)));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return reflection->AddDouble(&message, field, AnyReal(random));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return reflection->AddFloat(&message, field, static_cast<float>(AnyReal(random)));
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->AddBool(&message, field, random() % 2 == 0);
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection->AddEnumValue(&message, field, AnyEnum(*field, random));
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection->AddString(&message, field, TextOf(*field, random));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return Fill(*reflection->AddMessage(&message, field), random, depth + 1);
  }
}

void SetField(Message& message, const FieldDescriptor* field, std::mt19937& random, int depth) {
  if (!field->is_repeated()) return SetOne(message, field, random, depth);
  message.GetReflection()->ClearField(&message, field);
  for (size_t i = Wild(random) ? random() % (kElementsMax + 1) : 1; i > 0; --i) {
    AddOne(message, field, random, depth);
  }
}

// A sensible half of the fields, so that a check behind another is reached too.
void Fill(Message& message, std::mt19937& random, int depth) {
  if (depth > kDepthMax) return;
  const auto* type = message.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (field->containing_oneof() != nullptr) continue;
    if (random() % 4 != 0 || !Wild(random)) SetField(message, field, random, depth);
  }
  for (int i = 0; i < type->oneof_decl_count(); ++i) {
    const auto* oneof = type->oneof_decl(i);
    if (Wild(random) && random() % 8 == 0) continue;
    SetField(message, oneof->field(static_cast<int>(random() % oneof->field_count())), random,
             depth);
  }
}

// Every message inside, itself included.
void Collect(Message& message, std::vector<Message*>& into) {
  into.push_back(&message);
  const Reflection* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
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

void Change(Message& message, std::mt19937& random, int changes_max) {
  for (int i = 1 + static_cast<int>(random() % changes_max); i > 0; --i) {
    std::vector<Message*> all;
    Collect(message, all);
    Message& at = *all[random() % all.size()];
    const auto* type = at.GetDescriptor();
    if (type->field_count() == 0) continue;
    const auto* field = type->field(static_cast<int>(random() % type->field_count()));
    if (random() % 6 == 0) {
      at.GetReflection()->ClearField(&at, field);
    } else {
      SetField(at, field, random, 2);
    }
  }
}

std::unique_ptr<Message> Make(const google::protobuf::Descriptor& type, std::mt19937& random) {
  std::unique_ptr<Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type)->New());
  constexpr uint32_t kPercents[] = {0, 2, 10, 50};
  wild_percent = kPercents[random() % 4];
  Fill(*message, random, 0);
  wild_percent = 50;
  return message;
}

std::vector<const google::protobuf::MethodDescriptor*> Methods() {
  std::vector<const google::protobuf::MethodDescriptor*> methods;
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  // The pool does not list its files; these are where a service of ours is declared.
  for (const char* file :
       {"pdp/common/v1/admin_service.proto", "pdp/common/v1/feed_service.proto",
        "pdp/referral/v1/service.proto", "pdp/programmes/v1/service.proto",
        "pdp/unpaid_work/v1/service.proto", "pdp/subcontractor/v1/service.proto",
        "pdp/gateway/v1/gateway_service.proto"}) {
    const auto* descriptor = pool->FindFileByName(file);
    if (descriptor == nullptr) continue;
    for (int i = 0; i < descriptor->service_count(); ++i) {
      for (int m = 0; m < descriptor->service(i)->method_count(); ++m) {
        methods.push_back(descriptor->service(i)->method(m));
      }
    }
  }
  return methods;
}

std::vector<const google::protobuf::Descriptor*> RequestTypes() {
  std::set<const google::protobuf::Descriptor*> seen;
  std::vector<const google::protobuf::Descriptor*> types;
  for (const auto* method : Methods()) {
    if (seen.insert(method->input_type()).second) types.push_back(method->input_type());
  }
  std::sort(types.begin(), types.end(),
            [](const auto* a, const auto* b) { return a->full_name() < b->full_name(); });
  return types;
}

}  // namespace pdp::fuzz
