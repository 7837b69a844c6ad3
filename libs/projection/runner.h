#ifndef PDP_LIBS_PROJECTION_RUNNER_H_
#define PDP_LIBS_PROJECTION_RUNNER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/base/area.h"
#include "libs/base/clock.h"
#include "libs/projection/projection.h"
#include "pdp/common/v1/admin_service.pb.h"
#include "pdp/common/v1/common.pb.h"

namespace pdp::privacy {
class KeyVault;
}
namespace pdp::record {
class Upcaster;
}
namespace pdp::view {
class ViewDb;
}

namespace pdp::projection {

// Keeps the projections of one service up to date from the archive of accepted records.
//
// One thread reads the archive of each area from each projection's own checkpoint and writes rows
// and checkpoint in one batch, so a crash repeats nothing and loses nothing. It never holds up a
// command: commands only append to the archive, and a projection that is slow or failing falls
// behind alone.
//
// A projection whose code has another version than the live one is built beside it (rows in
// p.<name>.v<N>) while queries go on reading the old rows; once it has caught up, one batch
// switches the alias. Rebuild does the same on demand, into fresh rows of the same version.
//
// Thread-safe after Start, except Add. Rows of a view are not fsynced: after a power cut they may
// be older than they were, together with their checkpoint, and are brought up again.
class ProjectionRunner {
 public:
  struct Options {
    std::string service;
    std::vector<Area> areas;
    Clock* clock = &Clock::System();
    // Records a batch; bounds memory and the time between two looks at another projection.
    size_t records_batch_max = 256;
    // A failing projection is tried again after this, doubling to 64 times.
    absl::Duration retry = absl::Seconds(1);
    // False: no threads; the caller takes the steps (a simulator).
    bool threads = true;
    // Lifts events of old schema versions; null: the service has none. Outlives the runner.
    const record::Upcaster* upcaster = nullptr;
  };
  // A new, empty Event envelope of the service.
  using EventFactory = std::function<std::unique_ptr<google::protobuf::Message>()>;

  // `db` and `vault` must outlive the runner.
  ProjectionRunner(Options options, view::ViewDb& db, privacy::KeyVault& vault,
                   EventFactory new_event);
  ~ProjectionRunner();
  ProjectionRunner(const ProjectionRunner&) = delete;
  ProjectionRunner& operator=(const ProjectionRunner&) = delete;

  // Before Start. The reader is valid for the life of the runner.
  RowReader& Add(std::unique_ptr<Projection> projection);
  // Null when there is no such projection.
  RowReader* rows(absl::string_view name) const;

  // Starts the thread. Fails when rows or checkpoints cannot be opened. Without threads new
  // versions are built before it returns.
  absl::Status Start();
  // Without threads: one batch of every projection and area. True when anything was projected.
  bool Step();
  // Ends after the batch in progress. Waiters get Unavailable.
  void Stop();
  // Tells that the archive of some area has grown (the engine's commit listener). Never blocks.
  void Wake();
  // `listener` is called on the runner's thread after rows of `name` have become visible.
  void AddListener(absl::string_view name, std::function<void(Area)> listener);

  // Read-your-writes: calls `done` once, when `name` has projected up to every position (in areas
  // hosted here; others are ignored), with DeadlineExceeded after `deadline`, or Unavailable when
  // the projection is failing. At once and inline when there is nothing to wait for; else on the
  // runner's thread, which `done` must not hold up.
  void WhenAt(absl::string_view name, const std::vector<common::v1::Position>& positions,
              absl::Time deadline, std::function<void(absl::Status)> done);
  // The same, blocking. Not for callback threads.
  absl::Status WaitFor(absl::string_view name, const std::vector<common::v1::Position>& positions,
                       absl::Time deadline);

  // Builds all areas of `name` beside the live rows and switches over; blocks until done.
  // `progress` gets (records done, records in all). Queries are served from the old rows meanwhile.
  // NotFound; Aborted when a rebuild of it is running; Cancelled by Stop.
  absl::Status Rebuild(absl::string_view name,
                       absl::FunctionRef<void(uint64_t, uint64_t)> progress);

  std::vector<common::v1::ProjectionInfo> info() const;
  // The last seq of `area` that `name` has projected; 0 for none.
  Seq checkpoint(absl::string_view name, Area area) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pdp::projection

#endif  // PDP_LIBS_PROJECTION_RUNNER_H_
