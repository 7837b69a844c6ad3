#include "tools/proto_compat/golden.h"

#include <filesystem>
#include <fstream>
#include <map>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pdp::proto_compat {
namespace {

using google::protobuf::Message;
using google::protobuf::UnknownFieldSet;

const std::filesystem::path kGolden = std::filesystem::path(PDP_SOURCE_DIR) / "proto/golden";

bool HasUnknownFields(const Message& message) {
  const auto* r = message.GetReflection();
  if (r->GetUnknownFields(message).field_count() > 0) return true;
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  r->ListFields(message, &fields);
  for (const auto* field : fields) {
    if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      if (HasUnknownFields(r->GetMessage(message, field))) return true;
      continue;
    }
    for (int i = 0; i < r->FieldSize(message, field); ++i) {
      if (HasUnknownFields(r->GetRepeatedMessage(message, field, i))) return true;
    }
  }
  return false;
}

TEST(GoldenTest, EveryEventOfToday_HasAGoldenFile) {
  for (const auto* envelope : EventEnvelopes()) {
    for (const auto& sample : Samples(envelope)) {
      EXPECT_TRUE(std::filesystem::exists(kGolden / (GoldenName(*sample) + ".bin")))
          << GoldenName(*sample) << ": run build/<preset>/bin/proto-compat proto/golden";
    }
  }
}

TEST(GoldenTest, EveryGoldenFileEverShippedIsReadInFullByTodaysDescriptors) {
  std::map<std::string, const google::protobuf::Descriptor*> by_service;
  for (const auto* envelope : EventEnvelopes()) {
    std::string service = std::string(envelope->file()->package());
    by_service[service.substr(4, service.size() - 4 - 3)] = envelope;
  }
  int files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kGolden)) {
    if (entry.path().extension() != ".bin") continue;
    ++files;
    const auto* envelope = by_service[entry.path().parent_path().filename().string()];
    ASSERT_NE(envelope, nullptr) << entry.path();
    std::unique_ptr<Message> message(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(envelope)->New());
    std::ifstream file(entry.path(), std::ios::binary);
    EXPECT_TRUE(message->ParseFromIstream(&file)) << entry.path();
    EXPECT_FALSE(HasUnknownFields(*message))
        << entry.path() << " holds a field that was renumbered, retyped or removed";
  }
  EXPECT_GT(files, 0);
}

TEST(GoldenTest, EveryFieldOfEveryEventIsPersonalOrClearWithAReason) {
  for (const auto* envelope : EventEnvelopes()) {
    for (int i = 0; i < envelope->field_count(); ++i) {
      EXPECT_THAT(UndecidedFields(envelope->field(i)->message_type()), ::testing::IsEmpty())
          << envelope->full_name();
    }
  }
}

}  // namespace
}  // namespace pdp::proto_compat
