#ifndef PDP_LIBS_SIM_SIMULATION_H_
#define PDP_LIBS_SIM_SIMULATION_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "libs/sim/world.h"

namespace pdp::sim {

struct Report {
  uint64_t seed = 0;
  // Empty: every promise was kept.
  std::string problem;
  uint64_t trace_hash = 0;
  std::string trace;
  Counts counts;
  std::string play;
  // Of the play: attempts answered, commands accepted, events.
  std::map<std::string, uint64_t> tally;
};

// One seed, from the first start to the last check. Equal arguments give equal reports.
Report Simulate(const Repertoire& repertoire, uint64_t seed, bool keep_trace = false,
                const std::set<int>& leave_out_ops = {},
                const std::set<int>& leave_out_faults = {});

// The shortest story of a failing seed: faults and commands are left out as long as it goes on
// failing. At most `runs_max` runs.
std::string Shrink(const Repertoire& repertoire, uint64_t seed, int runs_max = 300);

}  // namespace pdp::sim

#endif  // PDP_LIBS_SIM_SIMULATION_H_
