#include "tools/proto_compat/golden.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/privacy/seal.h"
#include "pdp/testing/v1/bank.pb.h"

namespace pdp::proto_compat {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FileDescriptorProto;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::filesystem::path kGolden = std::filesystem::path(PDP_SOURCE_DIR) / "proto/golden";
constexpr char kHowTo[] = "run build/<preset>/bin/proto-compat proto/golden and commit the line";

TEST(GoldenTest, EveryEventOfTodayHasItsLine) {
  for (const Descriptor* envelope : EventEnvelopes()) {
    for (const auto& sample : Samples(Prototype(*envelope))) {
      ASSERT_OK_AND_ASSIGN(const std::vector<Golden> lines,
                           ReadGoldens(kGolden / GoldenPath(*sample)));
      const Golden today = MakeGolden(*sample);
      const bool found = std::any_of(lines.begin(), lines.end(), [&](const Golden& line) {
        return line.shape == today.shape && line.bytes == today.bytes;
      });
      EXPECT_TRUE(found) << GoldenPath(*sample) << " has no line of shape " << today.shape << ": "
                         << kHowTo;
    }
  }
}

TEST(GoldenTest, EveryLineEverShippedSaysTodayWhatItSaidThen) {
  std::map<std::string, const Descriptor*> by_service;
  for (const Descriptor* envelope : EventEnvelopes()) {
    std::string service = std::string(envelope->file()->package());
    by_service[service.substr(4, service.size() - 4 - 3)] = envelope;
  }
  int lines = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kGolden)) {
    if (!entry.is_regular_file() || entry.path().extension() != ".jsonl") continue;
    const Descriptor* envelope = by_service[entry.path().parent_path().filename().string()];
    ASSERT_NE(envelope, nullptr) << entry.path() << " is of no service";
    ASSERT_OK_AND_ASSIGN(const std::vector<Golden> goldens, ReadGoldens(entry.path()));
    EXPECT_FALSE(goldens.empty()) << entry.path();
    for (const Golden& golden : goldens) {
      ++lines;
      EXPECT_OK(CheckReadable(Prototype(*envelope), golden))
          << entry.path() << " shape " << golden.shape;
    }
  }
  EXPECT_GT(lines, 0);
}

TEST(GoldenTest, EveryFieldOfEveryEventIsPersonalOrClearWithAReason) {
  for (const Descriptor* envelope : EventEnvelopes()) {
    for (int i = 0; i < envelope->field_count(); ++i) {
      const Descriptor& event = *envelope->field(i)->message_type();
      EXPECT_THAT(UndecidedFields(event), IsEmpty()) << event.full_name();
      // What is personal can be sealed and put together again (libs/privacy/seal.h).
      EXPECT_OK(privacy::HasPersonalFields(event)) << event.full_name();
    }
  }
}

TEST(GoldenTest, SamplesAreTheSameInEveryRun) {
  for (const Descriptor* envelope : EventEnvelopes()) {
    const auto first = Samples(Prototype(*envelope)), second = Samples(Prototype(*envelope));
    ASSERT_EQ(first.size(), static_cast<size_t>(envelope->field_count()));
    std::set<std::string> paths;
    for (size_t i = 0; i < first.size(); ++i) {
      EXPECT_EQ(ToLine(MakeGolden(*first[i])), ToLine(MakeGolden(*second[i])));
      EXPECT_TRUE(paths.insert(GoldenPath(*first[i])).second) << GoldenPath(*first[i]);
    }
  }
}

TEST(GoldenTest, ALineComesBackAsWritten) {
  for (const auto& sample : Samples(testing::v1::Event::default_instance())) {
    const Golden golden = MakeGolden(*sample);
    ASSERT_OK_AND_ASSIGN(const Golden back, FromLine(ToLine(golden)));
    EXPECT_EQ(back.shape, golden.shape);
    EXPECT_EQ(back.bytes, golden.bytes);
    EXPECT_OK(CheckReadable(testing::v1::Event::default_instance(), back));
  }
  EXPECT_FALSE(FromLine("{}").ok());
  EXPECT_FALSE(FromLine("not json").ok());
}

TEST(GoldenTest, PersonalFieldsAreInvented) {
  for (const auto& sample : Samples(testing::v1::Event::default_instance())) {
    const auto& event = static_cast<const testing::v1::Event&>(*sample);
    if (!event.has_account_opened()) continue;
    EXPECT_EQ(event.account_opened().owner(), "T000001");
    EXPECT_EQ(event.account_opened().full_name(), "invented full_name 1");
  }
}

// What may and what must never happen to an event, done to a small one: `fields` are those of the
// event D of today, as text of a DescriptorProto.
class Schema {
 public:
  explicit Schema(const std::string& fields) : pool_(), factory_(&pool_) {
    FileDescriptorProto file;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
        absl::StrCat(R"(name: "small.proto" package: "pdp.small.v1" syntax: "proto3"
          enum_type { name: "Colour" value { name: "NONE" number: 0 }
                      value { name: "RED" number: )",
                     fields.find("RED=2") == std::string::npos ? 1 : 2, R"( } }
          message_type {
            name: "Event" oneof_decl { name: "event" }
            field { name: "d" number: 1 type: TYPE_MESSAGE type_name: ".pdp.small.v1.D"
                    label: LABEL_OPTIONAL oneof_index: 0 }
          }
          message_type { name: "D" )",
                     fields, "\n}"),
        &file));
    EXPECT_NE(pool_.BuildFile(file), nullptr);
  }
  const google::protobuf::Message& prototype() {
    return *factory_.GetPrototype(pool_.FindMessageTypeByName("pdp.small.v1.Event"));
  }

 private:
  google::protobuf::DescriptorPool pool_;
  google::protobuf::DynamicMessageFactory factory_;
};

constexpr char kPence[] =
    R"(field { name: "pence" number: 1 type: TYPE_INT64 label: LABEL_OPTIONAL })";
constexpr char kNote[] =
    R"(field { name: "note" number: 2 type: TYPE_STRING label: LABEL_OPTIONAL })";
constexpr char kColour[] = R"(field { name: "colour" number: 3 type: TYPE_ENUM
                              type_name: ".pdp.small.v1.Colour" label: LABEL_OPTIONAL })";

std::string Replaced(std::string text, const std::string& what, const std::string& by) {
  return text.replace(text.find(what), what.size(), by);
}

TEST(ChangeTest, AddedFieldsAreFineAndWhatAnOldLogCouldNotSayAfterwardsIsFound) {
  const std::string then_fields = absl::StrCat(kPence, kNote, kColour);
  Schema then(then_fields);
  const Golden golden = MakeGolden(*Samples(then.prototype())[0]);
  const auto reads = [&](const std::string& fields) {
    Schema now(fields);
    return CheckReadable(now.prototype(), golden);
  };
  EXPECT_OK(reads(then_fields));
  EXPECT_OK(reads(absl::StrCat(
      then_fields, R"(field { name: "more" number: 4 type: TYPE_STRING label: LABEL_OPTIONAL })")));
  const std::string changed[] = {
      absl::StrCat(Replaced(kPence, "number: 1", "number: 9"), kNote, kColour),
      absl::StrCat(Replaced(kPence, "TYPE_INT64", "TYPE_SINT64"), kNote, kColour),
      absl::StrCat(Replaced(kPence, "TYPE_INT64", "TYPE_STRING"), kNote, kColour),
      absl::StrCat(Replaced(kPence, "pence", "pounds"), kNote, kColour),
      absl::StrCat(kNote, kColour),
      absl::StrCat(then_fields, "  # RED=2"),
  };
  for (const std::string& fields : changed) {
    const absl::Status status = reads(fields);
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << fields;
  }
  EXPECT_THAT(std::string(reads(changed[4]).message()), HasSubstr("remove /d/pence"));
}

TEST(ChangeTest, EveryChangeOfShapeAsksForALine) {
  const std::string fields = absl::StrCat(kPence, kNote, kColour);
  const auto shape = [](const std::string& text) {
    Schema schema(text);
    return MakeGolden(*Samples(schema.prototype())[0]).shape;
  };
  EXPECT_EQ(shape(fields), shape(fields));
  std::set<std::string> shapes = {shape(fields), shape(absl::StrCat(kPence, kNote)),
                                  shape(absl::StrCat(fields, "  # RED=2")),
                                  shape(Replaced(fields, "TYPE_INT64", "TYPE_INT32"))};
  EXPECT_EQ(shapes.size(), 4u);
}

}  // namespace
}  // namespace pdp::proto_compat
