#ifndef PDP_TESTS_CRASH_KILL_LOOP_H_
#define PDP_TESTS_CRASH_KILL_LOOP_H_

#include <string>
#include <vector>

#include "absl/time/time.h"

namespace pdp::crash {

// Kills a service under load, again and again, at moments drawn from a seed: while it serves and
// while it starts. After each kill its log is held against what callers were told.
struct KillLoop {
  // PDP_CRASH_KILLS instead, when it is set in the environment; PDP_CRASH_SEED sets the seed.
  int kills = 0;
  // Flags of the service that say where its log is.
  std::vector<std::string> flags;
  // Drawn evenly: how long it serves under load before it is killed.
  absl::Duration load_min, load_max;
};

// Runs it as a part of the current test, and prints how many kills there were, how many commands
// were acknowledged, and how those in doubt turned out.
void RunKillLoop(KillLoop loop);

}  // namespace pdp::crash

#endif  // PDP_TESTS_CRASH_KILL_LOOP_H_
