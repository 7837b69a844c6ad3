// pdp-demo: fills a running platform with the demonstration area and plays the journey of a case.
//
//   pdp-demo --dir DIR [--people N] [--area N56] [--no-journey]
//   pdp-demo credentials --dir DIR          makes what is missing of DIR/gateway
//   pdp-demo token --dir DIR --client ID    prints a token for the gateway, good for 600 s
//
// DIR holds the <service>.port files. Done again it changes nothing: the day of the first time is
// kept in DIR/demo.first_day, because the same commands must be sent on every other day.

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/time/clock.h"
#include "tools/demo/area.h"
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

Date FirstDay(const std::string& dir) {
  const std::string path = dir + "/demo.first_day";
  std::string text;
  std::ifstream(path) >> text;
  if (const std::optional<Date> day = ParseDate(text); day.has_value()) return *day;
  const Date today = LocalDate(absl::Now());
  std::ofstream(path + ".new") << FormatDate(today) << "\n";
  std::filesystem::rename(path + ".new", path);
  return today;
}

int PrintToken(const std::string& dir, const std::string& client) {
  const auto credentials = Credentials::Open(dir + "/gateway");
  if (!Say("the credentials", credentials.status())) return 1;
  const auto token = credentials->Token(client, absl::Now());
  if (!Say("the token", token.status())) return 2;
  std::printf("%s\n", token->c_str());
  return 0;
}

int Fill(const std::string& dir, AreaOptions area, bool journey) {
  const auto platform = Platform::Open(dir);
  if (!Say("the credentials", platform.status())) return 1;
  area.first_day = FirstDay(dir);
  std::printf("the demonstration area %s\n", area.area.c_str());
  if (!Say("the supply chain", SetUpSupplyChain((*platform)->subcontractor, area))) return 1;
  std::printf("  a prime (P01), two charities (S01, S02), a pool for each of six services\n");
  // Where that service is part of the platform.
  if (std::filesystem::exists(dir + "/unpaid_work.port")) {
    if (!Say("the unpaid work", SetUpUnpaidWork((*platform)->unpaid_work, area.area,
                                                area.first_day))) {
      return 1;
    }
    std::printf("  two open unpaid work projects and three weeks of sessions for each of them\n");
  }
  const absl::Time begin = absl::Now();
  if (!Say("the caseload", RegisterCaseload((*platform)->referral, area))) return 1;
  std::printf("  took %.1f s\n", absl::ToDoubleSeconds(absl::Now() - begin));
  if (!journey) return 0;
  std::printf("the journey of a case\n");
  JourneyOptions options;
  options.area = area.area;
  options.first_day = area.first_day;
  options.programmes = std::filesystem::exists(dir + "/programmes.port");
  options.tell = [](const std::string& line) {
    std::printf("  %s\n", line.c_str());
    std::fflush(stdout);
  };
  JourneyResult result;
  return Say("the journey", PlayJourney(**platform, options, &result)) ? 0 : 1;
}

int Main(int argc, char** argv) {
  AreaOptions area;
  std::string dir, client, verb;
  bool journey = true;
  const auto wrong = [](const std::string& what) {
    std::fprintf(stderr, "pdp-demo: %s; see the head of tools/demo/main.cc\n", what.c_str());
    return 2;
  };
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    if (i == 1 && (arg == "credentials" || arg == "token")) {
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
    } else if (arg != "--people" || !absl::SimpleAtoi(value, &area.people) ||
               area.people > 800'000) {
      return wrong("'" + arg + " " + value + "' is no option");
    }
  }
  if (dir.empty()) return wrong("--dir DIR with the .port files of the services is needed");
  if (verb == "token") return PrintToken(dir, client);
  if (verb == "credentials") {
    return Say("the credentials", Credentials::Open(dir + "/gateway").status()) ? 0 : 1;
  }
  return Fill(dir, area, journey);
}

}  // namespace
}  // namespace pdp::demo

int main(int argc, char** argv) { return pdp::demo::Main(argc, argv); }
