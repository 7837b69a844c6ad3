#ifndef PDP_LIBS_VIEW_VIEW_DB_H_
#define PDP_LIBS_VIEW_VIEW_DB_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "rocksdb/db.h"
#include "rocksdb/write_batch.h"

namespace pdp::view {

// A column family; valid as long as its ViewDb and until dropped.
using Family = rocksdb::ColumnFamilyHandle*;

// Everything a service process keeps beside its log, in one RocksDB: the families of every cell and
// one more for each version of each projection. All of it can be rebuilt from the log, so writes go
// to the write-ahead log without fsync: after a power cut the views are a little older, whole, and
// together with the checkpoint that says so.
//
// Thread-safe. A failed write or fsync is never retried: the caller stops and says why.
class ViewDb {
 public:
  // Creates the folder when missing. `env` is the machine (null: this one) and must outlive the
  // database. FailedPrecondition when another process has it open, DataLoss when it is damaged.
  static absl::StatusOr<std::unique_ptr<ViewDb>> Open(const std::string& path,
                                                      rocksdb::Env* env = nullptr);
  ~ViewDb();
  ViewDb(const ViewDb&) = delete;
  ViewDb& operator=(const ViewDb&) = delete;

  Family meta() const { return meta_; }
  Family archive() const { return archive_; }
  Family by_aggregate() const { return by_aggregate_; }
  Family state() const { return state_; }
  Family idempotency() const { return idempotency_; }
  Family inbox() const { return inbox_; }
  Family timers() const { return timers_; }

  // A family by name ("p.case_list.v1"), made when missing.
  absl::StatusOr<Family> Named(const std::string& name);
  // Drops it with all its rows; OK when there is none. Nobody may be using it.
  absl::Status Drop(const std::string& name);
  // Names of the families made by Named, ascending.
  std::vector<std::string> names() const;

  // nullopt when there is no such key.
  absl::StatusOr<std::optional<std::string>> Get(Family family, absl::string_view key) const;
  // All of the batch or nothing. `sync` waits for the disk.
  absl::Status Write(rocksdb::WriteBatch* batch, bool sync = false);
  absl::Status Put(Family family, absl::string_view key, absl::string_view value);

  // Visits rows whose key starts with `prefix` and is >= `from`, ascending, of one snapshot, until
  // `visit` returns false.
  absl::Status Scan(Family family, absl::string_view prefix, absl::string_view from,
                    absl::FunctionRef<bool(absl::string_view key, absl::string_view value)> visit)
      const;

  // A consistent copy in the new folder `path`, made of hard links where the file system allows.
  absl::Status Checkpoint(const std::string& path) const;

  // For batches and iterators with needs of their own.
  rocksdb::DB& db() const { return *db_; }

 private:
  ViewDb() = default;
  Family Fixed(const std::string& name) const;

  std::unique_ptr<rocksdb::DB> db_;
  Family meta_ = nullptr, archive_ = nullptr, by_aggregate_ = nullptr, state_ = nullptr,
         idempotency_ = nullptr, inbox_ = nullptr, timers_ = nullptr;
  mutable absl::Mutex mutex_;
  std::map<std::string, Family> families_ ABSL_GUARDED_BY(mutex_);
};

// RocksDB's view of a text, and ours of a slice.
inline rocksdb::Slice ToSlice(absl::string_view text) { return {text.data(), text.size()}; }
inline absl::string_view ToView(const rocksdb::Slice& slice) {
  return {slice.data(), slice.size()};
}
// The Abseil status of a RocksDB status; `what` says what was being done.
absl::Status ToStatus(const rocksdb::Status& status, absl::string_view what);

}  // namespace pdp::view

#endif  // PDP_LIBS_VIEW_VIEW_DB_H_
