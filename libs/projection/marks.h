#ifndef PDP_LIBS_PROJECTION_MARKS_H_
#define PDP_LIBS_PROJECTION_MARKS_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "pdp/common/v1/cloud_event.pb.h"

namespace pdp::view {
class ViewDb;
}

namespace pdp::projection {

// How far a reader of public events has got: everything up to and including the position is dealt
// with. Kept beside the views and like them not fsynced: a mark may fall back, and what comes again
// then has no second effect because command ids are derived from events. Thread-safe.
class MarkStore {
 public:
  virtual ~MarkStore() = default;
  virtual absl::StatusOr<std::optional<common::v1::FeedPosition>> Get(absl::string_view key) = 0;
  virtual absl::Status Put(absl::string_view key, const common::v1::FeedPosition& mark) = 0;
};

// Marks in the family meta of the views; `db` outlives the store.
std::unique_ptr<MarkStore> MakeViewMarks(view::ViewDb& db);

}  // namespace pdp::projection

#endif  // PDP_LIBS_PROJECTION_MARKS_H_
