#ifndef PDP_LIBS_VIEW_ARCHIVE_H_
#define PDP_LIBS_VIEW_ARCHIVE_H_

#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/base/area.h"
#include "libs/base/hash.h"
#include "libs/base/ids.h"
#include "libs/view/view_db.h"
#include "pdp/log/v1/record.pb.h"
#include "pdp/log/v1/views.pb.h"

namespace pdp::view {

// The accepted records of the cells, as received. Read-only, thread-safe; does not own the
// database. Errors: DataLoss when a row does not decode, Internal when the disk fails.
class Archive {
 public:
  explicit Archive(const ViewDb& db) : db_(db) {}

  // Records from `from_seq` on in the order of history, EpochStarted included, until `visit`
  // returns false. `bytes` is the frame as received; valid during the call.
  absl::Status ForEach(
      Area area, Seq from_seq,
      absl::FunctionRef<bool(const log::v1::Record& record, absl::string_view bytes)> visit) const;
  // The commit, barrier or hand-off with this seq; nullopt when it has not been accepted here.
  absl::StatusOr<std::optional<log::v1::Record>> At(Area area, Seq seq,
                                                    std::string* bytes = nullptr) const;
  // What became of a command; nullopt when unknown or expired.
  absl::StatusOr<std::optional<log::v1::IdempotencyRow>> Find(Area area, absl::string_view tenant,
                                                              const CommandId& id) const;
  // How far the views of the area are; the default row when nothing was ever accepted.
  absl::StatusOr<log::v1::CheckpointRow> Checkpoint(Area area) const;

  // Recomputes the hash chain over everything archived and compares it with the checkpoint.
  struct Verified {
    bool intact = false;
    uint64_t records = 0;
    // What is wrong and where; empty when intact.
    std::string finding;
    Epoch epoch;
    Seq seq;
    Digest hash;
  };
  absl::StatusOr<Verified> Verify(Area area) const;

 private:
  const ViewDb& db_;
};

}  // namespace pdp::view

#endif  // PDP_LIBS_VIEW_ARCHIVE_H_
