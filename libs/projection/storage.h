#ifndef PDP_LIBS_PROJECTION_STORAGE_H_
#define PDP_LIBS_PROJECTION_STORAGE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/base/area.h"
#include "libs/base/ids.h"
#include "libs/projection/marks.h"
#include "libs/view/view_db.h"

namespace pdp::projection {

// Where a projection has got to, and which of its tables is live. Internal to the runner; the one
// place of this library that knows the view database. Thread-safe.
class Storage {
 public:
  // Rows of one build of a projection: its version, and how often that version was built before.
  struct Build {
    uint32_t version = 0;
    uint32_t generation = 0;
    friend bool operator==(const Build&, const Build&) = default;
  };
  struct Archived {
    Seq seq;
    std::string bytes;
  };

  class Table;
  // Writes that become visible together.
  class Batch {
   public:
    explicit Batch(Storage& storage);
    ~Batch();
    void Put(const Table& table, absl::string_view key, absl::string_view value);
    void Delete(const Table& table, absl::string_view key);
    void SetLive(const std::string& projection, Build build);
    void SetCheckpoint(const std::string& projection, Build build, Area area, Seq seq);

   private:
    friend class Storage;
    struct Impl;
    std::unique_ptr<Impl> impl_;
  };

  explicit Storage(view::ViewDb& db) : db_(db) {}

  // Opens the table, made when missing.
  absl::StatusOr<std::shared_ptr<Table>> Open(const std::string& projection, Build build);
  // Drops table and checkpoints. Iterators in progress stay valid.
  absl::Status Drop(const std::string& projection, Build build);

  absl::StatusOr<std::optional<std::string>> Get(const Table& table, absl::string_view key);
  // Rows with key in [from, ...) that start with `prefix`, ascending, of one snapshot.
  absl::Status Scan(const Table& table, absl::string_view from, absl::string_view prefix,
                    absl::FunctionRef<bool(absl::string_view key, absl::string_view value)> visit);

  absl::StatusOr<std::optional<Build>> Live(const std::string& projection);
  absl::StatusOr<Seq> Checkpoint(const std::string& projection, Build build, Area area);

  // All or nothing; not synced.
  absl::Status Write(Batch& batch);

  // Records of the archive after `after`, in order of seq: at most `records_max`, and no more than
  // about 4 MiB.
  absl::StatusOr<std::vector<Archived>> ReadArchive(Area area, Seq after, size_t records_max);
  absl::StatusOr<Seq> ArchiveHead(Area area);

 private:
  view::ViewDb& db_;
};

}  // namespace pdp::projection

#endif  // PDP_LIBS_PROJECTION_STORAGE_H_
