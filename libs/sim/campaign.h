#ifndef PDP_LIBS_SIM_CAMPAIGN_H_
#define PDP_LIBS_SIM_CAMPAIGN_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "libs/sim/world.h"

namespace pdp::sim {

// Many seeds, in processes of their own: one that aborts takes nothing with it but is a failure of
// the seed it was at. Forks: call it while the process has one thread.
struct Campaign {
  Repertoire repertoire;
  uint64_t from = 1;
  uint64_t seeds = 2'000;
  // At one time.
  int processes = 2;
  // Seeds a process plays before the next one takes over.
  uint64_t seeds_per_process = 50;
  // No new process is started once so many seeds have failed.
  size_t failures_max = 5;
};

struct CampaignReport {
  struct Failure {
    uint64_t seed = 0;
    std::string problem;
    // Played to its end, so that it can be shrunk.
    bool aborted = false;
  };
  uint64_t seeds = 0;
  Counts counts;
  std::map<std::string, uint64_t> marks;
  // By play: "seeds", "commands", "accepted", "event PersonRegistered", ...
  std::map<std::string, std::map<std::string, uint64_t>> plays;
  // By seed.
  std::vector<Failure> failures;
  std::string Summary() const;
};

CampaignReport RunCampaign(const Campaign& campaign);

}  // namespace pdp::sim

#endif  // PDP_LIBS_SIM_CAMPAIGN_H_
