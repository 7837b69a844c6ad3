// The journey on a real Kafka broker: killed services, a killed broker, and what a client that
// nobody here wrote (kcat) reads from the topics.

#include <algorithm>
#include <array>
#include <cstdio>
#include <regex>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "libs/base/area.h"
#include "libs/base/status_matchers.h"
#include "tests/kafka/broker.h"
#include "tests/system/world.h"

namespace pdp::system_test {
namespace {

class Platform : public ::testing::Environment {
 public:
  void TearDown() override { EXPECT_OK(world.Close()); }
  World world;
};
World& world =
    static_cast<Platform*>(::testing::AddGlobalTestEnvironment(new Platform))->world;

class KafkaJourneyTest : public ::testing::Test {
 protected:
  static void Open(int chapter) {
    ASSERT_FALSE(KafkaBroker::Instance().bootstrap().empty());
    ASSERT_OK(world.Open(chapter, {.bootstrap = KafkaBroker::Instance().bootstrap()}));
  }
};

// One message as kcat prints it.
struct Message {
  int partition = 0;
  int64_t offset = 0;
  std::map<std::string, std::string> headers;
};

std::vector<Message> ReadWithKcat(const std::string& topic) {
  const std::string command =
      absl::StrCat("kcat -b ", KafkaBroker::Instance().bootstrap(), " -C -t ", topic,
                   " -o beginning -e -q -f '%p\\t%o\\t%h\\n'");
  std::string output;
  FILE* pipe = popen(command.c_str(), "r");
  EXPECT_NE(pipe, nullptr);
  std::array<char, 4096> buffer;
  size_t size = 0;
  while (pipe != nullptr && (size = fread(buffer.data(), 1, buffer.size(), pipe)) > 0) {
    output.append(buffer.data(), size);
  }
  EXPECT_EQ(pclose(pipe), 0) << command;
  std::vector<Message> messages;
  for (absl::string_view line : absl::StrSplit(output, '\n', absl::SkipEmpty())) {
    const std::vector<absl::string_view> parts = absl::StrSplit(line, '\t');
    Message message;
    if (parts.size() != 3 || !absl::SimpleAtoi(parts[0], &message.partition) ||
        !absl::SimpleAtoi(parts[1], &message.offset)) {
      ADD_FAILURE() << "kcat printed " << line;
      continue;
    }
    for (absl::string_view header : absl::StrSplit(parts[2], ',')) {
      message.headers.insert(absl::StrSplit(header, absl::MaxSplits('=', 1)));
    }
    messages.push_back(std::move(message));
  }
  return messages;
}

// At every second step of the present chapter. The same players in each: they have a past.
std::string StrikeTheBroker() {
  return world.StrikeAtEveryStep("broker killed",
                                 [] {
                                   EXPECT_TRUE(KafkaBroker::Instance().Kill());
                                   EXPECT_TRUE(KafkaBroker::Instance().Restart());
                                 },
                                 2);
}

TEST_F(KafkaJourneyTest, AServiceKilledAtThePlacementLosesAndDoublesNothing) {
  ASSERT_NO_FATAL_FAILURE(Open(0));
  for (const char* victim : {"referral", "programmes"}) {
    EXPECT_EQ(world.StrikeAtEveryStep(absl::StrCat(victim, " killed"),
                                      [&] {
                                        world.processes().Kill(victim);
                                        EXPECT_OK(world.processes().Start(victim));
                                      },
                                      3),
              "");
  }
}

TEST_F(KafkaJourneyTest, TheBrokerKilledAtThePlacementLosesAndDoublesNothing) {
  ASSERT_NO_FATAL_FAILURE(Open(0));
  EXPECT_EQ(StrikeTheBroker(), "");
}

TEST_F(KafkaJourneyTest, TheBrokerKilledAtTheBeginningLosesAndDoublesNothing) {
  ASSERT_NO_FATAL_FAILURE(Open(1));
  EXPECT_EQ(StrikeTheBroker(), "");
}

// Runs after the kills (gtest keeps the order of the file): repeats are allowed, with the same id.
TEST_F(KafkaJourneyTest, KcatSeesCloudEventsInOrder) {
  ASSERT_NO_FATAL_FAILURE(Open(demo::kChapterCount - 1));
  const std::regex time(R"re(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z)re");
  ASSERT_OK_AND_ASSIGN(const auto feeds, world.Events());
  for (const auto& [service, events] : feeds) {
    const std::string topic = absl::StrCat("pdp.", service, ".events.v1");
    std::set<std::string> expected;
    for (const auto& event : events) expected.insert(event.id());
    EXPECT_FALSE(expected.empty()) << service;
    // What is published last may still be on its way to the broker.
    std::vector<Message> messages;
    std::set<std::string> ids;
    const absl::Time give_up = absl::Now() + absl::Seconds(30);
    do {
      messages = ReadWithKcat(topic);
      ids.clear();
      for (Message& message : messages) ids.insert(message.headers["ce_id"]);
    } while (ids != expected && absl::Now() < give_up);
    EXPECT_EQ(ids, expected) << topic;
    std::map<int, std::pair<uint64_t, uint64_t>> at;
    std::set<std::string> seen;
    for (Message& message : messages) {
      auto& headers = message.headers;
      SCOPED_TRACE(absl::StrCat(topic, " partition ", message.partition, " offset ",
                                message.offset));
      for (const char* needed : {"ce_specversion", "ce_id", "ce_type", "ce_source", "ce_subject",
                                 "ce_time", "ce_area", "ce_seq", "content-type"}) {
        EXPECT_EQ(headers.count(needed), 1u) << needed;
      }
      EXPECT_EQ(headers["ce_specversion"], "1.0");
      EXPECT_EQ(headers["content-type"], "application/protobuf");
      EXPECT_EQ(headers["ce_source"], absl::StrCat("/pdp/", service, "/", headers["ce_area"]));
      EXPECT_TRUE(std::regex_match(headers["ce_time"], time)) << headers["ce_time"];
      EXPECT_EQ(headers["ce_type"].rfind(absl::StrCat("pdp.", service, ".v1."), 0), 0u);
      const auto area = Area::FromCode(headers["ce_area"]);
      ASSERT_TRUE(area.has_value());
      EXPECT_EQ(message.partition, area->index());
      const std::vector<std::string> id = absl::StrSplit(headers["ce_id"], '/');
      ASSERT_EQ(id.size(), 4u);
      EXPECT_EQ(id[0], service);
      EXPECT_EQ(id[1], headers["ce_area"]);
      EXPECT_EQ(id[2], headers["ce_seq"]);
      if (!seen.insert(headers["ce_id"]).second) continue;  // at least once, same id
      std::pair<uint64_t, uint64_t> position;
      ASSERT_TRUE(absl::SimpleAtoi(id[2], &position.first));
      ASSERT_TRUE(absl::SimpleAtoi(id[3], &position.second));
      if (at.count(message.partition) > 0) {
        EXPECT_LT(at[message.partition], position);
      }
      at[message.partition] = position;
    }
  }
}

}  // namespace
}  // namespace pdp::system_test
