// The walk-through of services/referral/README.md, pasted line by line into a shell against real
// processes: every command works, and prints what the README says.

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "tests/backup/tool.h"
#include "tests/system/processes.h"
#include "tools/demo/area.h"
#include "tools/demo/platform.h"

namespace pdp::system_test {
namespace {

using Lines = std::vector<std::string>;

// A fenced block of commands, and the block of text behind it, if any.
struct Step {
  Lines commands;
  Lines prints;
  bool says = false;
};

std::vector<Step> StepsOf(const std::string& path) {
  std::ifstream file(path);
  std::vector<Step> steps;
  Lines* into = nullptr;
  for (std::string line; std::getline(file, line);) {
    if (line == "```sh") {
      into = &steps.emplace_back().commands;
    } else if (line == "```text" && !steps.empty()) {
      steps.back().says = true;
      into = &steps.back().prints;
    } else if (line == "```") {
      into = nullptr;
    } else if (into != nullptr) {
      into->push_back(line);
    }
  }
  return steps;
}

// "..." alone stands for any lines, in a line for any text.
bool LineFits(absl::string_view wanted, absl::string_view line) {
  const size_t at = wanted.find("...");
  if (at == absl::string_view::npos) return wanted == line;
  if (!absl::StartsWith(line, wanted.substr(0, at))) return false;
  const absl::string_view rest = wanted.substr(at + 3);
  for (size_t from = at; from <= line.size(); ++from) {
    if (LineFits(rest, line.substr(from))) return true;
  }
  return false;
}
bool Fits(const Lines& wanted, size_t i, const Lines& lines, size_t j) {
  if (i == wanted.size()) return j == lines.size();
  if (wanted[i] == "...") {
    for (size_t to = j; to <= lines.size(); ++to) {
      if (Fits(wanted, i + 1, lines, to)) return true;
    }
    return false;
  }
  return j < lines.size() && LineFits(wanted[i], lines[j]) && Fits(wanted, i + 1, lines, j + 1);
}

TEST(WalkthroughMatchingTest, EllipsesStandForLinesAndForTextAndNothingElseDoes) {
  EXPECT_TRUE(Fits({"a ... c", "...", "z"}, 0, {"a b c", "1", "2", "z"}, 0));
  EXPECT_TRUE(Fits({"...", "z"}, 0, {"z"}, 0));
  EXPECT_FALSE(Fits({"a"}, 0, {"a", "b"}, 0));
  EXPECT_FALSE(Fits({"a ... c"}, 0, {"a b d"}, 0));
  EXPECT_FALSE(Fits({"a", "b"}, 0, {"a"}, 0));
}

TEST(WalkthroughTest, EveryCommandOfTheReadmeWorksAndPrintsWhatItSays) {
  const std::vector<Step> steps = StepsOf(PDP_SOURCE_DIR "/services/referral/README.md");
  ASSERT_GE(steps.size(), 8u);
  Processes::Options options;
  Processes processes(options);
  ASSERT_OK(processes.StartAll());
  ASSERT_OK_AND_ASSIGN(const auto platform, demo::Platform::Open(processes.dir()));
  demo::AreaOptions area;
  area.first_day = LocalDate(absl::Now());
  ASSERT_OK(demo::SetUpSupplyChain(platform->subcontractor, area));
  // Where tools/run has them.
  const std::filesystem::path home = std::filesystem::path(processes.dir()) / "home";
  std::filesystem::create_directories(home / "build/release");
  std::filesystem::create_directories(home / "var");
  std::filesystem::create_directory_symlink(PDP_BINARY_DIR "/bin", home / "build/release/bin");
  std::filesystem::create_directory_symlink(processes.dir(), home / "var/demo");
  const std::string script = (home / "script").string();
  {
    std::ofstream file(script);
    file << "cd " << home.string() << "\n";
    for (const Step& step : steps) {
      for (const std::string& line : step.commands) file << line << "\n";
      file << "echo '@@@'\n";
    }
  }
  // One shell for all of it, as for whoever pastes. What hangs is ended.
  const backup_test::Said said = backup_test::RunCommand("timeout 200 bash " + script);
  std::vector<std::string> printed = absl::StrSplit(said.text, "@@@\n");
  ASSERT_EQ(printed.size(), steps.size() + 1) << said.text;
  for (size_t i = 0; i < steps.size(); ++i) {
    if (!steps[i].says) continue;
    const Lines lines = absl::StrSplit(absl::StripSuffix(printed[i], "\n"), '\n');
    EXPECT_TRUE(Fits(steps[i].prints, 0, lines, 0))
        << "step " << i + 1 << ":\n"
        << absl::StrJoin(steps[i].commands, "\n") << "\nprinted:\n"
        << printed[i] << "the README says:\n"
        << absl::StrJoin(steps[i].prints, "\n");
  }
  EXPECT_OK(processes.StopAll());
}

}  // namespace
}  // namespace pdp::system_test
