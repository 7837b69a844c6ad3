#ifndef PDP_LIBS_PROJECTION_ENTRY_H_
#define PDP_LIBS_PROJECTION_ENTRY_H_

#include <atomic>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "libs/privacy/key_vault.h"
#include "libs/projection/projection.h"
#include "libs/projection/storage.h"
#include "pdp/common/v1/common.pb.h"

// What the runner holds of each projection. Internal to the runner.

namespace pdp::projection {

// One build of the rows of a projection: a table and how far it has got in each area. The table is
// dropped when a retired build is no longer read by anybody.
struct TableBuild {
  TableBuild(Storage& storage, std::string projection, Storage::Build build,
             std::shared_ptr<Storage::Table> table)
      : storage(storage),
        projection(std::move(projection)),
        build(build),
        table(std::move(table)) {}
  ~TableBuild();

  Storage& storage;
  const std::string projection;
  const Storage::Build build;
  std::shared_ptr<Storage::Table> table;
  std::atomic<bool> retired = false;
};

struct Retry {
  absl::Status failure;
  // By the steady side of the clock.
  absl::Duration due = -absl::InfiniteDuration();
  absl::Duration wait;
};

struct Waiter {
  std::vector<common::v1::Position> positions;
  absl::Time deadline;
  std::function<void(absl::Status)> done;
};

// One projection. `stepping` is held while its live rows are written or switched.
struct Entry {
  std::unique_ptr<Projection> projection;
  std::string name;
  std::unique_ptr<RowReader> reader;
  std::vector<std::function<void(Area)>> listeners;

  absl::Mutex stepping;  // before mutex
  mutable absl::Mutex mutex;
  std::shared_ptr<TableBuild> live ABSL_GUARDED_BY(mutex);
  std::map<Area, Seq> checkpoints ABSL_GUARDED_BY(mutex);
  std::map<Area, Retry> retries ABSL_GUARDED_BY(mutex);
  std::list<Waiter> waiters ABSL_GUARDED_BY(mutex);
  bool rebuilding ABSL_GUARDED_BY(mutex) = false;
  std::map<Area, Seq> rebuilt ABSL_GUARDED_BY(mutex);

  // The live rows are of the version of the code: they are kept up to date.
  bool current() const {
    absl::MutexLock lock(&mutex);
    return live != nullptr && live->build.version == projection->version();
  }
  std::shared_ptr<TableBuild> LiveBuild() const {
    absl::MutexLock lock(&mutex);
    return live;
  }
};

// Rows of the live build, whichever that is when a query begins.
class LiveReader final : public RowReader {
 public:
  LiveReader(Storage& storage, privacy::KeyVault& vault, const Entry& entry)
      : storage_(storage), vault_(vault), entry_(entry) {}
  absl::StatusOr<bool> Get(Area area, absl::string_view key, google::protobuf::Message* row,
                           bool* erased) const override;
  absl::Status Scan(Area area, const ScanRange& range, google::protobuf::Message* row,
                    absl::FunctionRef<bool(absl::string_view, bool)> visit) const override;

 private:
  Storage& storage_;
  privacy::KeyVault& vault_;
  const Entry& entry_;
};

}  // namespace pdp::projection

#endif  // PDP_LIBS_PROJECTION_ENTRY_H_
