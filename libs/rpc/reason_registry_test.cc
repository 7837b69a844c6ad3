#include "libs/rpc/reason_registry.h"

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"

namespace pdp::rpc {
namespace {

using ::pdp::testing::StatusIs;

TEST(ReasonRegistryTest, TheCommonCodesOfTheContractAreRegistered) {
  for (const char* code :
       {"COMMAND_ID_REUSED", "NOT_FOUND", "NOT_AUTHORISED", "NOT_YOUR_ORGANISATION",
        "FUNCTION_REQUIRED", "VERSION_CONFLICT", "OCCURRED_AT_OUT_OF_RANGE", "VALIDATION_FAILED",
        "STATE_FORBIDS_COMMAND", "NOT_VISIBLE", "COMMAND_ID_MALFORMED"}) {
    EXPECT_NE(ReasonRegistry::Global().Find(code), nullptr) << code;
  }
}

TEST(ReasonRegistryTest, AWrongFileIsRefusedWithItsNameAndTheCode) {
  const auto parse = [](std::string text) { return ReasonRegistry::Parse({{"f", text}}).status(); };
  const auto kBad = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(parse("codes { nonsense: 1 }"), StatusIs(kBad, "f: line 1"));
  EXPECT_THAT(parse("codes { code: 'lower' owner: 'x' status: ABORTED text_en: 't' }"),
              StatusIs(kBad, "lower is not UPPER_SNAKE_CASE"));
  EXPECT_THAT(parse("codes { code: 'A' owner: 'x' text_en: 't' }"), StatusIs(kBad,
      "A has no status"));
  EXPECT_THAT(parse("codes { code: 'A' status: ABORTED text_en: 't' }"), StatusIs(kBad, "owner"));
  EXPECT_THAT(parse("codes { code: 'A' owner: 'x' status: ABORTED }"), StatusIs(kBad, "English"));
  EXPECT_THAT(parse("codes { code: 'A' owner: 'x' status: ABORTED text_en: 't' }"
                    "codes { code: 'A' owner: 'y' status: NOT_FOUND text_en: 't' }"),
              StatusIs(kBad, "something else to x"));
}

// Codes that source names in Reject("CODE"...) or as a violation's code must be registered;
// the simulator answers nobody.
TEST(ReasonRegistryTest, EveryReasonCodeThatTheSourceRefusesWithIsRegistered) {
  const std::regex used("(Reject\\(\\s*|\\.reason = |\\.code = )\"([A-Z][A-Z0-9_]+)\"");
  std::set<std::string> missing;
  int seen = 0;
  for (const char* top : {"libs", "services"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(
             std::filesystem::path(PDP_SOURCE_DIR) / top)) {
      const std::string path = entry.path().string();
      if (!absl::EndsWith(path, ".cc") || absl::EndsWith(path, "_test.cc") ||
          absl::StrContains(path, "/testing/") || absl::StrContains(path, "/libs/sim/")) {
        continue;
      }
      std::ifstream file(path);
      std::stringstream text;
      text << file.rdbuf();
      const std::string content = text.str();
      for (std::sregex_iterator it(content.begin(), content.end(), used), end; it != end; ++it) {
        ++seen;
        if (ReasonRegistry::Global().Find((*it)[2].str()) == nullptr) {
          missing.insert((*it)[2].str() + " in " + entry.path().filename().string());
        }
      }
    }
  }
  EXPECT_GT(seen, 5);
  for (const std::string& code : missing) ADD_FAILURE() << code << " is not registered";
}

}  // namespace
}  // namespace pdp::rpc
