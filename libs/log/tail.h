#ifndef PDP_LIBS_LOG_TAIL_H_
#define PDP_LIBS_LOG_TAIL_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "libs/base/clock.h"
#include "libs/log/event_log.h"

// What the bindings share: they only move raw frames; resuming, accepting, claiming and finding the
// end are written once, here. For the authors of bindings and tools, not for users of the log.

namespace pdp::log {

struct RawRecord {
  int64_t index = 0;
  std::string bytes;
};

// Raw frames of one area in physical order, damaged and refused ones included. One thread, except
// Wake.
class RawSource {
 public:
  struct Bounds {
    // First index still held, and the index the next append will get.
    int64_t first = 0;
    int64_t end = 0;
  };
  struct Batch {
    std::vector<RawRecord> records;
    // Nothing was behind the last record (or the seek) when this was read.
    bool at_end = false;
    bool woken = false;
  };
  enum class Wait {
    // Return when there are records, or when there are none because the end is reached.
    kForRecordsOrEnd,
    // Wait at the end for a record to come.
    kForRecords,
  };

  virtual ~RawSource() = default;
  virtual absl::StatusOr<Bounds> GetBounds() = 0;
  // The next Read begins with the first record at or behind `index`.
  virtual absl::Status Seek(int64_t index) = 0;
  // Unavailable: try again, nothing skipped. DataLoss: records that were there no longer are.
  virtual absl::StatusOr<Batch> Read(size_t records_max, absl::Duration timeout, Wait wait) = 0;
  virtual void Wake() = 0;
};

// A tail of `area` over `source`. Resuming behind `after`:
//   the record before after.hint has after.hash   -> go on from there
//   no hint, or it does not fit                   -> read from the first record until the accepted
//       position equals `after`; at the end without it: Truncated; past it without it: Forked
// `waits` measures the timeouts of Poll: the machine's clock, whatever clock the records are
// stamped by, except in a simulation.
std::unique_ptr<Tail> MakeTail(Area area, std::unique_ptr<RawSource> source, TailPosition after,
                               Clock& waits = Clock::System());

// Reads `tail` to the end and gives the position there. Unavailable when `deadline` passes.
absl::StatusOr<TailPosition> ReadToEnd(Tail& tail, absl::Time deadline);

struct ClaimRequest {
  Area area;
  std::string owner_id;
  std::string endpoint;
  absl::Duration timeout;
  // Stamps the EpochStarted.
  Clock* clock = &Clock::System();
  // Measures `timeout`.
  Clock* waits = &Clock::System();
};
// EventLog::BeginClaim over a tail that stands at the claimant's position; `append` puts a frame in
// the log whether or not the area is marked broken; `succeeded` (optional) runs once the claim has.
std::unique_ptr<PendingClaim> ClaimThrough(std::unique_ptr<Tail> tail, ClaimRequest request,
                                           std::function<absl::Status(std::string bytes)> append,
                                           std::function<void()> succeeded = nullptr);

}  // namespace pdp::log

#endif  // PDP_LIBS_LOG_TAIL_H_
