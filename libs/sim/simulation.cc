#include "libs/sim/simulation.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/sim/checks.h"

namespace pdp::sim {

Report Simulate(const Repertoire& repertoire, uint64_t seed, bool keep_trace,
                const std::set<int>& leave_out_ops, const std::set<int>& leave_out_faults) {
  Report report{.seed = seed};
  World world(MakePlan(repertoire, seed, leave_out_ops, leave_out_faults), keep_trace);
  report.problem = world.Run();
  if (report.problem.empty()) {
    report.problem =
        world.truncated() ? CheckTruncated(world) : world.plan().play->Judge(world);
  }
  report.play = world.plan().play->name();
  report.tally = std::move(world.tally);
  report.trace_hash = world.scheduler().trace_hash();
  report.trace = world.scheduler().trace();
  report.counts = world.counts();
  return report;
}

namespace {

// Leaves out ever smaller pieces of [0, count) while `fails` holds.
std::set<int> LeaveOut(int count, int* runs_left,
                       const std::function<bool(const std::set<int>&)>& fails) {
  std::set<int> out;
  for (int piece = std::max(1, count / 2); piece >= 1 && *runs_left > 0; piece /= 2) {
    for (int from = 0; from < count && *runs_left > 0; from += piece) {
      std::set<int> more = out;
      for (int i = from; i < std::min(count, from + piece); ++i) more.insert(i);
      if (more.size() == out.size()) continue;
      --*runs_left;
      if (fails(more)) out = std::move(more);
    }
  }
  return out;
}

}  // namespace

std::string Shrink(const Repertoire& repertoire, uint64_t seed, int runs_max) {
  const Plan whole = MakePlan(repertoire, seed);
  const int ops = static_cast<int>(whole.ops.size());
  const int faults = static_cast<int>(whole.faults.size());
  int left = runs_max;
  const std::set<int> no_faults = LeaveOut(faults, &left, [&](const std::set<int>& out) {
    return !Simulate(repertoire, seed, false, {}, out).problem.empty();
  });
  const std::set<int> no_ops = LeaveOut(ops, &left, [&](const std::set<int>& out) {
    return !Simulate(repertoire, seed, false, out, no_faults).problem.empty();
  });
  const Report report = Simulate(repertoire, seed, true, no_ops, no_faults);
  std::string story = absl::StrCat("seed ", seed, " (", report.play, "): ", report.problem, "\n  ",
                                   whole.slots,
                                   " machines, ", whole.areas.size(), " areas, ",
                                   ops - static_cast<int>(no_ops.size()), " of ", ops,
                                   " commands, ", faults - static_cast<int>(no_faults.size()),
                                   " of ", faults, " faults:\n");
  for (int i = 0; i < faults; ++i) {
    if (!no_faults.contains(i)) absl::StrAppend(&story, "  ", Describe(whole.faults[i]), "\n");
  }
  for (int i = 0; i < ops; ++i) {
    if (!no_ops.contains(i)) absl::StrAppend(&story, "  op ", i, " ", Describe(whole.ops[i]), "\n");
  }
  absl::StrAppend(&story, "trace (microseconds):\n", report.trace);
  return story;
}

}  // namespace pdp::sim
