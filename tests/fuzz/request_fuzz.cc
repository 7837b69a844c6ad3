// The shape of every request of every service and of the gateway: whatever bytes come, each finding
// names its field, nothing unknown passes, and the refusal is one that a client can read.

#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "google/protobuf/stubs/logging.h"
#include "google/protobuf/unknown_field_set.h"
#include "libs/base/check.h"
#include "libs/rpc/shape.h"
#include "libs/rpc/status.h"
#include "tests/fuzz/messages.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using pdp::decider::Violation;

const std::vector<const google::protobuf::Descriptor*>& Types() {
  static const auto* types =
      new std::vector<const google::protobuf::Descriptor*>(pdp::fuzz::RequestTypes());
  return *types;
}

// The first two bytes choose the type; null when the rest is none of it.
std::unique_ptr<Message> Read(const uint8_t* data, size_t size) {
  if (size < 2) return nullptr;
  const auto* type = Types()[(data[0] | data[1] << 8) % Types().size()];
  std::unique_ptr<Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
  if (!message->ParseFromArray(data + 2, static_cast<int>(size - 2))) return nullptr;
  return message;
}

// What shape.h promises, looked for in another way: is there anything of it in the message?
bool AnythingBad(const Message& message) {
  const auto* reflection = message.GetReflection();
  if (!reflection->GetUnknownFields(message).empty()) return true;
  if (message.GetDescriptor()->full_name() == "google.protobuf.Timestamp") {
    const auto* type = message.GetDescriptor();
    const int64_t seconds = reflection->GetInt64(message, type->FindFieldByNumber(1));
    const int32_t nanos = reflection->GetInt32(message, type->FindFieldByNumber(2));
    // 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z.
    return seconds < -62'135'596'800 || seconds > 253'402'300'799 || nanos < 0 ||
           nanos > 999'999'999;
  }
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const bool is_message = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    const bool is_text = field->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
    if (!field->is_repeated()) {
      if (is_message && AnythingBad(reflection->GetMessage(message, field))) return true;
      if (is_text && reflection->GetString(message, field).size() > 64 * 1024) return true;
      continue;
    }
    const int count = reflection->FieldSize(message, field);
    if (count > 10'000) return true;
    for (int i = 0; i < count; ++i) {
      if (is_message && AnythingBad(reflection->GetRepeatedMessage(message, field, i))) return true;
      if (is_text && reflection->GetRepeatedString(message, field, i).size() > 64 * 1024) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned int seed) {
  std::mt19937 random(seed);
  // Half of the time bytes: unknown fields and broken wire are not made by reflection.
  if (random() % 2 == 0 || size < 2) return LLVMFuzzerMutate(data, size, max_size);
  std::unique_ptr<Message> message = Read(data, size);
  if (message == nullptr || random() % 16 == 0) {
    const size_t type = random() % Types().size();
    data[0] = static_cast<uint8_t>(type);
    data[1] = static_cast<uint8_t>(type >> 8);
    message = pdp::fuzz::Make(*Types()[type], random);
  } else {
    pdp::fuzz::Change(*message, random);
  }
  const std::string bytes = message->SerializePartialAsString();
  if (bytes.size() + 2 > max_size) return size;
  std::memcpy(data + 2, bytes.data(), bytes.size());
  return bytes.size() + 2;
}

// It would tell of every text that is not UTF-8.
extern "C" int LLVMFuzzerInitialize(int*, char***) {
  google::protobuf::SetLogHandler(nullptr);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::unique_ptr<Message> message = Read(data, size);
  if (message == nullptr) return 0;
  std::vector<Violation> found = pdp::rpc::FindBadShape(*message);
  PDP_CHECK(found.size() <= 100, "at most a hundred findings");
  PDP_CHECK(found.empty() == !AnythingBad(*message), "well-formed is what has nothing bad");
  for (const Violation& violation : found) {
    PDP_CHECK(!violation.field.empty(), "a finding names its field");
    PDP_CHECK(!violation.code.empty() && !violation.detail.empty(), "and says what is wrong");
  }
  // What Execute checks besides; `area` and `header` where the message has them.
  const auto* type = message->GetDescriptor();
  const auto* header = type->FindFieldByName("header");
  const auto* area = type->FindFieldByName("area");
  if (header != nullptr && area != nullptr && header->message_type() != nullptr &&
      header->message_type()->full_name() == "pdp.common.v1.CommandHeader" &&
      area->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    pdp::common::v1::CommandHeader given;
    given.CopyFrom(message->GetReflection()->GetMessage(*message, header));
    pdp::Area known;
    found = pdp::rpc::FindBadExecute(*message, given,
                                     message->GetReflection()->GetString(*message, area),
                                     data[0] % 2 == 0, &known);
  }
  if (found.empty()) return 0;
  // The refusal fits into the trailers of a call and reads back: its reason, its first fields.
  const size_t count = found.size();
  const std::string first = found.front().field;
  const grpc::Status status =
      pdp::rpc::ToStatus(pdp::decider::ValidationFailed(std::move(found)), "referral");
  PDP_CHECK(status.error_code() == grpc::StatusCode::INVALID_ARGUMENT, "it is INVALID_ARGUMENT");
  PDP_CHECK(status.error_details().size() <= pdp::rpc::kDetailsBytesMax, "it fits");
  const auto details = pdp::rpc::FromStatus(status);
  PDP_CHECK(details.ok() && details->reason == "VALIDATION_FAILED", "its reason can be read");
  PDP_CHECK(details->violations.size() <= count, "no more than were found");
  PDP_CHECK(!details->violations.empty() || first.size() > 1000, "what is wrong can be read");
  return 0;
}
