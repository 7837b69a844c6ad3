// pdp-demo: fills a running platform with the demonstration area and plays the journey of two
// cases, chapter by chapter (journey.h).
//
//   pdp-demo next --dir DIR                 how many days ago the services must live for the next
//                                           chapter; nothing when all have been played
//   pdp-demo play --dir DIR                 sets up the supply chain and plays the next chapter
//   pdp-demo fill --dir DIR [--people N] [--no-journey]
//                                           sets up the supply chain and registers the caseload;
//                                           without a journey there will be none in this state
//   pdp-demo credentials --dir DIR          makes what is missing of DIR/gateway
//   pdp-demo token --dir DIR --client ID    prints a token for the gateway, good for 600 s
//   pdp-demo caseload --file F [--people N] the same people as a file for `pdpctl import`
//
// DIR holds the <service>.port files. Done again it changes nothing: DIR/demo.first_day keeps the
// day of the first chapter and DIR/demo.filled_on that of the first filling, because the same
// commands must be sent on every other day, DIR/demo.chapters how many chapters have been played,
// DIR/demo.story what they told, and DIR/demo.set_up what need not be set up again: longer than a
// command id is remembered. --area is N56 unless said.

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "google/protobuf/util/json_util.h"
#include "tools/demo/area.h"
#include "tools/demo/caseload.h"
#include "tools/demo/credentials.h"
#include "tools/demo/journey.h"
#include "tools/demo/unpaid_work.h"

namespace pdp::demo {
namespace {

bool Say(const char* what, const absl::Status& status) {
  if (status.ok()) return true;
  std::fprintf(stderr, "pdp-demo: %s: %s\n", what, std::string(status.message()).c_str());
  return false;
}

std::string ReadText(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void WriteText(const std::string& path, const std::string& text) {
  std::ofstream(path + ".new") << text;
  std::filesystem::rename(path + ".new", path);
}

// The day kept in a file of DIR; `day` is kept when there is none.
Date KeptDay(const std::string& path, Date day) {
  const std::string text(absl::StripAsciiWhitespace(ReadText(path)));
  if (const std::optional<Date> kept = ParseDate(text); kept.has_value()) return *kept;
  WriteText(path, FormatDate(day) + "\n");
  return day;
}

Date FirstDay(const std::string& dir) {
  return KeptDay(dir + "/demo.first_day", FirstDayOf(LocalDate(absl::Now())));
}

int ChaptersPlayed(const std::string& dir) {
  int played = 0;
  (void)absl::SimpleAtoi(absl::StripAsciiWhitespace(ReadText(dir + "/demo.chapters")), &played);
  return played;
}

int PrintNext(const std::string& dir) {
  const int played = ChaptersPlayed(dir);
  if (played < kChapterCount) {
    std::printf("%d\n", DaysBehind(played, FirstDay(dir), absl::Now()));
  }
  return 0;
}

int PrintToken(const std::string& dir, const std::string& client) {
  const auto credentials = Credentials::Open(dir + "/gateway");
  if (!Say("the credentials", credentials.status())) return 1;
  const auto token = credentials->Token(client, absl::Now());
  if (!Say("the token", token.status())) return 2;
  std::printf("%s\n", token->c_str());
  return 0;
}

// Once in the life of a state.
bool SetUp(const std::string& dir, absl::string_view what,
           absl::FunctionRef<absl::Status()> set_up) {
  const std::string path = dir + "/demo.set_up";
  const std::string done = ReadText(path);
  if (absl::c_linear_search(absl::StrSplit(done, '\n'), what)) return true;
  if (!Say(std::string(what).c_str(), set_up())) return false;
  WriteText(path, absl::StrCat(done, what, "\n"));
  return true;
}

bool SetUpOrganisations(const std::string& dir, Platform& platform, AreaOptions area) {
  area.first_day = FirstDay(dir);
  return SetUp(dir, "the supply chain",
               [&] { return SetUpSupplyChain(platform.subcontractor, area); });
}

int Play(const std::string& dir, AreaOptions area) {
  const int chapter = ChaptersPlayed(dir);
  if (chapter >= kChapterCount) return 0;
  const auto platform = Platform::Open(dir);
  if (!Say("the credentials", platform.status())) return 1;
  area.first_day = FirstDay(dir);
  if (!SetUpOrganisations(dir, **platform, area)) return 1;
  std::string story = absl::StrCat(kChapters[chapter].name, ", ",
                                   FormatDate(area.first_day + kChapters[chapter].day), "\n");
  std::printf("%s", story.c_str());
  const std::vector<std::string> steps = JourneySteps(chapter);
  bool aloud = false;
  JourneyOptions options;
  options.area = area.area;
  options.first_day = area.first_day;
  options.chapters = chapter + 1;
  options.before = [&](const std::string& step) {
    aloud = absl::c_linear_search(steps, step);
    return absl::OkStatus();
  };
  options.tell = [&](const std::string& line) {
    if (!aloud) return;
    absl::StrAppend(&story, "  ", line, "\n");
    std::printf("  %s\n", line.c_str());
    std::fflush(stdout);
  };
  JourneyResult result;
  if (!Say("the journey", PlayJourney(**platform, options, &result))) return 1;
  WriteText(dir + "/demo.story", ReadText(dir + "/demo.story") + story);
  WriteText(dir + "/demo.chapters", absl::StrCat(chapter + 1, "\n"));
  return 0;
}

int Fill(const std::string& dir, AreaOptions area, bool journey) {
  const auto platform = Platform::Open(dir);
  if (!Say("the credentials", platform.status())) return 1;
  std::printf("the demonstration area %s\n", area.area.c_str());
  if (!SetUpOrganisations(dir, **platform, area)) return 1;
  area.first_day = KeptDay(dir + "/demo.filled_on", LocalDate(absl::Now()));
  if (!SetUp(dir, "the unpaid work", [&] {
        return SetUpUnpaidWork((*platform)->unpaid_work, area.area, area.first_day);
      })) {
    return 1;
  }
  std::printf("  a prime (P01), two charities (S01, S02), a pool for each of six services, open\n"
              "  projects of unpaid work with three weeks of sessions\n");
  const absl::Time begin = absl::Now();
  area.progress = isatty(STDOUT_FILENO) != 0;
  if (!Say("the caseload", RegisterCaseload((*platform)->referral, area))) return 1;
  std::printf("  %lu people with needs, risk and a sentence, in %.1f s\n", area.people,
              absl::ToDoubleSeconds(absl::Now() - begin));
  // Log time has come to today: no journey can begin in the past any more.
  if (!journey) WriteText(dir + "/demo.chapters", absl::StrCat(kChapterCount, "\n"));
  return 0;
}

// Needs no platform.
int WriteCaseload(const std::string& path, const AreaOptions& area) {
  CaseloadOptions caseload;
  caseload.seed = area.seed;
  caseload.area = area.area;
  caseload.today = LocalDate(absl::Now());
  std::ofstream file(path);
  google::protobuf::util::JsonPrintOptions json;
  json.preserve_proto_field_names = true;
  for (uint64_t n = 0; n < area.people; ++n) {
    std::string text;
    (void)google::protobuf::util::MessageToJsonString(ToLine(MakePerson(caseload, n)), &text, json);
    file << text << "\n";
  }
  file.close();
  if (!file) return Say("the file", absl::DataLossError("cannot write " + path)) ? 0 : 1;
  std::printf("%lu people of %s in %s\n", area.people, area.area.c_str(), path.c_str());
  return 0;
}

int Main(int argc, char** argv) {
  AreaOptions area;
  std::string dir, client, file, verb;
  bool journey = true;
  const auto wrong = [](const std::string& what) {
    std::fprintf(stderr, "pdp-demo: %s; see the head of tools/demo/main.cc\n", what.c_str());
    return 2;
  };
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    if (i == 1) {
      verb = arg;
      continue;
    }
    if (arg == "--no-journey") {
      journey = false;
      continue;
    }
    if (i + 1 == argc) return wrong(arg + " needs a value, or is no option");
    const std::string value = argv[++i];
    if (arg == "--dir") {
      dir = value;
    } else if (arg == "--area") {
      area.area = value;
    } else if (arg == "--client") {
      client = value;
    } else if (arg == "--file") {
      file = value;
    } else if (arg != "--people" || !absl::SimpleAtoi(value, &area.people) ||
               area.people > 800'000) {
      return wrong("'" + arg + " " + value + "' is no option");
    }
  }
  if (verb == "caseload") {
    return file.empty() ? wrong("caseload needs --file") : WriteCaseload(file, area);
  }
  if (dir.empty()) return wrong("--dir DIR with the .port files of the services is needed");
  if (verb == "token") return PrintToken(dir, client);
  if (verb == "next") return PrintNext(dir);
  if (verb == "play") return Play(dir, area);
  if (verb == "fill") return Fill(dir, area, journey);
  if (verb == "credentials") {
    return Say("the credentials", Credentials::Open(dir + "/gateway").status()) ? 0 : 1;
  }
  return wrong("'" + verb + "' is none of next, play, fill, credentials, token, caseload");
}

}  // namespace
}  // namespace pdp::demo

int main(int argc, char** argv) { return pdp::demo::Main(argc, argv); }
