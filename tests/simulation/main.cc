#include <algorithm>
#include <iostream>
#include <map>
#include <string>
#include <thread>

#include "absl/strings/numbers.h"
#include "libs/base/log.h"
#include "libs/sim/campaign.h"
#include "libs/sim/simulation.h"
#include "tests/simulation/service_play.h"

// pdp-sim [--play P] [--from S] [--seeds N] [--jobs J] [--keep-going]
//     plays N seeds from S in J processes; the first that fails is shrunk and its story printed, or
//     every one that fails is named
// pdp-sim [--play P] --seed K [--trace] [--log] [--shrink]
//     plays one seed; prints what happened, what the cells say, or its shortest story
//
// P: bank, referral, programmes, unpaid_work, subcontractor; without it each seed decides, as in
// simulation_test.

namespace {

int Usage() {
  std::cerr << "pdp-sim [--play P] [--from S] [--seeds N] [--jobs J] [--keep-going] |"
               " --seed K [--trace] [--log] [--shrink]\n";
  return 2;
}

// No items: there is no such play.
pdp::sim::Repertoire PlaysOf(const std::string& name) {
  if (name.empty()) return pdp::sim::Everything();
  pdp::sim::Repertoire one;
  for (const auto& item : pdp::sim::Everything().items) {
    if (item.play->name() == name) one.items = {item};
  }
  return one;
}

int RunOne(const pdp::sim::Repertoire& plays, uint64_t seed, bool trace) {
  const pdp::sim::Report report = pdp::sim::Simulate(plays, seed, trace);
  std::cout << report.trace << "seed " << seed << " (" << report.play << "): "
            << (report.problem.empty() ? "kept every promise" : report.problem) << "\n";
  return report.problem.empty() ? 0 : 1;
}

int RunMany(const pdp::sim::Campaign& campaign) {
  const pdp::sim::CampaignReport report = pdp::sim::RunCampaign(campaign);
  std::cout << report.Summary();
  for (const auto& failure : report.failures) {
    std::cout << "seed " << failure.seed << " fails: " << failure.problem << "\n";
  }
  if (report.failures.empty()) return 0;
  const auto& first = report.failures.front();
  if (campaign.failures_max == 1 && !first.aborted) {
    std::cout << "its shortest story:\n" << pdp::sim::Shrink(campaign.repertoire, first.seed);
  }
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::map<std::string, uint64_t> numbers = {
      {"--from", 1}, {"--seeds", 2'000}, {"--jobs", std::thread::hardware_concurrency()}};
  std::map<std::string, bool> flags = {
      {"--trace", false}, {"--log", false}, {"--keep-going", false}, {"--shrink", false}};
  std::string play;
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    if (arg == "--play" && i + 1 < argc) {
      play = argv[++i];
    } else if (flags.contains(arg)) {
      flags[arg] = true;
    } else if ((numbers.contains(arg) || arg == "--seed") && i + 1 < argc) {
      if (!absl::SimpleAtoi(argv[++i], &numbers[arg])) return Usage();
    } else {
      return Usage();
    }
  }
  const pdp::sim::Repertoire plays = PlaysOf(play);
  if (plays.items.empty()) return Usage();
  if (!flags["--log"]) pdp::SetMinSeverity(static_cast<pdp::Severity>(3));
  if (numbers.contains("--seed")) {
    if (!flags["--shrink"]) return RunOne(plays, numbers["--seed"], flags["--trace"]);
    std::cout << pdp::sim::Shrink(plays, numbers["--seed"]);
    return 0;
  }
  return RunMany({.repertoire = plays,
                  .from = numbers["--from"],
                  .seeds = numbers["--seeds"],
                  .processes = static_cast<int>(std::max<uint64_t>(1, numbers["--jobs"])),
                  .failures_max = flags["--keep-going"] ? ~size_t{0} : 1});
}
