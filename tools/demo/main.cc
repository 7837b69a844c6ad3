// pdp-demo: fills a running platform with the demonstration area and plays the journey of a case.
//
//   pdp-demo --dir DIR [--people N] [--area N56] [--no-journey]
//
// DIR holds the <service>.port files. Done again it changes nothing.

#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/time/clock.h"
#include "tools/demo/area.h"
#include "tools/demo/journey.h"

int main(int argc, char** argv) {
  using namespace pdp::demo;  // a program, not a library
  AreaOptions area;
  std::string dir;
  bool journey = true;
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    const std::string value = i + 1 < argc ? argv[i + 1] : "";
    if (arg == "--no-journey") {
      journey = false;
      continue;
    }
    ++i;
    if (arg == "--dir") {
      dir = value;
    } else if (arg == "--area") {
      area.area = value;
    } else if (arg != "--people" || !absl::SimpleAtoi(value, &area.people) ||
               area.people > 800'000) {
      std::fprintf(stderr, "pdp-demo: '%s %s' is no option; see the head of main.cc\n",
                   arg.c_str(), value.c_str());
      return 2;
    }
  }
  if (dir.empty()) {
    std::fprintf(stderr, "pdp-demo: --dir DIR with the .port files of the services is needed\n");
    return 2;
  }
  Service referral("referral", dir), subcontractor("subcontractor", dir);
  const auto say = [](const char* what, const absl::Status& status) {
    if (status.ok()) return true;
    std::fprintf(stderr, "pdp-demo: %s: %s\n", what, std::string(status.message()).c_str());
    return false;
  };
  std::printf("the demonstration area %s\n", area.area.c_str());
  if (!say("the supply chain", SetUpSupplyChain(subcontractor, area))) return 1;
  std::printf("  a prime (P01), two charities (S01, S02), a pool for each of six services\n");
  const absl::Time begin = absl::Now();
  if (!say("the caseload", RegisterCaseload(referral, area))) return 1;
  std::printf("  took %.1f s\n", absl::ToDoubleSeconds(absl::Now() - begin));
  if (!journey) return 0;
  std::printf("the journey of a case\n");
  JourneyOptions options;
  options.area = area.area;
  options.tell = [](const std::string& line) { std::printf("  %s\n", line.c_str()); };
  JourneyResult result;
  return say("the journey", PlayJourney(referral, options, &result)) ? 0 : 1;
}
