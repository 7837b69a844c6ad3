#ifndef PDP_LIBS_LOG_ROCKS_LOG_H_
#define PDP_LIBS_LOG_ROCKS_LOG_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/log/event_log.h"
#include "rocksdb/env.h"

namespace rocksdb {
class Env;
}

namespace pdp::log {

struct RocksLogOptions {
  // Frames waiting for the disk, over all areas. More: Append answers ResourceExhausted. Raise it
  // only with the memory to hold them.
  size_t in_flight_records_max = 65'536;
  size_t in_flight_bytes_max = 64u << 20;
  // The newest records of an area kept in memory, so that tails that keep up never read the disk.
  size_t recent_records_max = 4'096;
  size_t recent_bytes_max = 4u << 20;
  absl::Duration claim_timeout = absl::Seconds(30);
  Clock* clock = &Clock::System();
  // The machine; null: this one. Outlives the log.
  rocksdb::Env* env = nullptr;
};

// The binding for one machine: a RocksDB in the folder `path`, keyed by area byte and big-endian
// physical index. One background thread writes everything queued, over all areas, as one batch with
// one fdatasync; tails see a record only after that. One process at a time (FailedPrecondition
// otherwise). A failed write or sync ends the process (never retried: what is on the disk is then
// unknown; the next start finds out). Tails must be destroyed before the log.
absl::StatusOr<std::unique_ptr<EventLog>> OpenRocksLog(const std::string& path,
                                                       RocksLogOptions options = {});

// The same without a thread and on a machine of the caller's, for simulators: the same code, which
// writes when Step says so. One thread in all.
class SteppedRocksLog : public EventLog {
 public:
  // Writes everything queued as one batch with one sync. A failure, of which the other form dies:
  // the log is not to be used again.
  virtual absl::Status Step() = 0;
  // The frames of the area from `from` on, as the disk holds them.
  virtual absl::StatusOr<std::vector<std::string>> Frames(Area area, int64_t from) = 0;
};
absl::StatusOr<std::unique_ptr<SteppedRocksLog>> OpenSteppedRocksLog(const std::string& path,
                                                                     rocksdb::Env* env,
                                                                     RocksLogOptions options);

}  // namespace pdp::log

#endif  // PDP_LIBS_LOG_ROCKS_LOG_H_
