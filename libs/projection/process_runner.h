#ifndef PDP_LIBS_PROJECTION_PROCESS_RUNNER_H_
#define PDP_LIBS_PROJECTION_PROCESS_RUNNER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/area.h"
#include "libs/base/clock.h"
#include "libs/engine/command.h"
#include "libs/projection/event_source.h"
#include "libs/projection/marks.h"
#include "libs/projection/process.h"

namespace pdp::projection {

// Runs the processes of a service: one thread for each (process, area).
//
// For each partition a process reads, a mark says how far everything is done. An event whose
// reaction fails is parked: it is tried again after 1 s doubling to 5 min, later events of the same
// ordering key wait behind it, others go on, and the mark stays below it. What a crash repeats has
// no second effect, because a repeated step has the same command id and gets the stored outcome.
//
//   where the mark comes from         | moved by
//   ----------------------------------|---------------------------------------------------------
//   view mark (MarkStore)             | every event done, effects or not
//   inbox (from the log, by cell)     | the commit that names the event as its cause; set only when
//                                     | nothing of that partition is parked before it
//
// A start reads after the view mark, or from the very event of the inbox mark on if that is later
// (the views were lost, or the process died between two steps of that event).
class ProcessRunner {
 public:
  struct Options {
    std::string service;
    Clock* clock = &Clock::System();
    absl::Duration retry_min = absl::Seconds(1);
    absl::Duration retry_max = absl::Minutes(5);
    // An event waiting longer is reported, once.
    absl::Duration alarm_after = absl::Minutes(15);
    // Parked events of one partition; more: the partition is read no further.
    size_t parked_max = 1024;
    size_t poll_events_max = 64;
    // The longest real time between two looks at the clock while something is parked.
    absl::Duration tick = absl::Milliseconds(50);
    // False: no threads; the caller takes the steps (a simulator).
    bool threads = true;
  };
  // What the runner needs of the engine.
  struct Engine {
    // Runs a command in the cell of `area` and waits. Unavailable when it is not hosted here.
    std::function<engine::CommandOutcome(Area area, engine::CommandRequest request)> execute;
    // Runs a command in a cell that another process leads, which `execute` has named (its
    // endpoint): the cells of a service are led each by whom it happens to be. Empty: nobody else
    // can lead one.
    std::function<engine::CommandOutcome(Area area, const std::string& owner,
                                         engine::CommandRequest request)>
        forward;
    // The inbox mark of the cell `own` for (process, service, area); seq 0 when there is none.
    std::function<absl::StatusOr<common::v1::FeedPosition>(
        Area own, const std::string& process, const std::string& service, Area area)>
        inbox;
    // False while another instance leads the cell: its processes rest here. Empty: always true.
    std::function<bool(Area own)> leads;
  };
  struct Info {
    std::string process;
    Area area;
    std::string source;
    std::vector<common::v1::FeedPosition> marks;
    size_t parked = 0;
    std::string last_error;
  };

  ProcessRunner(Options options, Engine engine, MarkStore& marks, SourceFactory sources);
  ~ProcessRunner();

  // Before Start.
  void Add(Area area, std::unique_ptr<Process> process);
  void Start();
  // Without threads: one look of every process at its sources, its parked events and its lead. True
  // when anything was done. Reactions run inside, and Engine::execute with them.
  bool Step();
  // Ends after the reactions in progress.
  void Stop();
  // Something may have changed (a fake clock was moved).
  void Wake();
  std::vector<Info> info() const;

 private:
  class Worker;
  const Options options_;
  const Engine engine_;
  MarkStore& marks_;
  const SourceFactory sources_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace pdp::projection

#endif  // PDP_LIBS_PROJECTION_PROCESS_RUNNER_H_
