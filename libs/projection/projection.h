#ifndef PDP_LIBS_PROJECTION_PROJECTION_H_
#define PDP_LIBS_PROJECTION_PROJECTION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "libs/base/area.h"
#include "libs/base/ids.h"
#include "pdp/log/v1/record.pb.h"

// What the author of a view writes and reads. Everything else (threads, checkpoints, rebuilding) is
// the runner's.
//
//   class CaseList final : public projection::Projection {
//    public:
//     std::string name() const override { return "case_list"; }
//     uint32_t version() const override { return 1; }          // raise it when the rows change
//     absl::Status Project(const projection::RecordedEvent& e,
//                          projection::RowWriter& rows) override {
//       const auto& event = e.As<referral::v1::Event>();
//       switch (event.event_case()) { ... rows.Put(key, row, crn); ... }
//       return absl::OkStatus();
//     }
//   };

namespace pdp::projection {

// One committed event as a projection sees it. Valid during the call only.
struct RecordedEvent {
  std::string service;
  Area area;
  Epoch epoch;
  Seq seq;
  // Position of the event inside its commit, from 0.
  uint32_t index = 0;
  absl::Time recorded_at;
  absl::Time occurred_at;
  AggregateId aggregate;
  Version version;
  // Name of the oneof case, e.g. PersonRegistered.
  std::string type;
  // The whole commit: command id, actor, correlation, other events. Never null.
  const log::v1::Commit* commit = nullptr;
  // The service's Event envelope, unsealed; personal fields are empty when `erased`.
  std::shared_ptr<const google::protobuf::Message> event;
  // The person's key is gone: render "erased".
  bool erased = false;

  template <typename Event>
  const Event& As() const {
    return static_cast<const Event&>(*event);
  }
};

// Rows of one projection in one area, during Project. Writes become durable together with the
// checkpoint, or not at all; reads see the writes made before them. Keys are any bytes, ordered
// bytewise, at most 512 bytes, and never personal data (privacy::BlindIndex where one must look up
// by a personal value). One area never sees another's rows.
//
// A failure of the disk or of the vault is remembered and fails the whole batch, which is tried
// again later: authors need not check.
class RowWriter {
 public:
  virtual ~RowWriter() = default;
  // Personal fields of `row` are sealed under the key of `subject`, which must then be given. When
  // that key is destroyed they are dropped and the row reads as erased.
  virtual void Put(absl::string_view key, const google::protobuf::Message& row,
                   absl::string_view subject = "") = 0;
  // False, leaving `row` cleared, when there is none.
  virtual bool Get(absl::string_view key, google::protobuf::Message* row) = 0;
  virtual void Delete(absl::string_view key) = 0;
  // Keys that start with `prefix`, ascending, at most `limit`.
  virtual std::vector<std::string> Scan(absl::string_view prefix, size_t limit) = 0;
};

// A view over the events of a service. Owned by the runner; Project is called by one thread at a
// time, in order of (seq, index) within an area. It must depend on its arguments alone (no clock,
// no members that change): a rebuild calls it again for every event of history, beside the live
// one, on the same object from another thread.
class Projection {
 public:
  virtual ~Projection() = default;
  // lower_snake_case, unique in the service, at most 40 characters.
  virtual std::string name() const = 0;
  // From 1. Another version than the live one is built beside it at start and switched over when it
  // has caught up.
  virtual uint32_t version() const = 0;
  // OK for events it has no use for. An error stops this projection in this area (others go on,
  // commands too) until the next retry; it shows in the projection's info.
  virtual absl::Status Project(const RecordedEvent& event, RowWriter& rows) = 0;
};

// Which rows of an area a query wants, in ascending order of key.
struct ScanRange {
  std::string prefix;
  // Only keys after this one (the last key of the page before); empty: from the start.
  std::string after_key;
  size_t limit = 100;
};

// Rows of one projection, for queries: always those of the live version, at its last checkpoint.
// Thread-safe. Errors: FailedPrecondition before the host has started, Internal when the disk
// fails.
class RowReader {
 public:
  virtual ~RowReader() = default;
  // False, leaving `row` cleared, when there is none. `erased` (optional) tells that personal
  // fields were there and their key is destroyed.
  virtual absl::StatusOr<bool> Get(Area area, absl::string_view key,
                                   google::protobuf::Message* row,
                                   bool* erased = nullptr) const = 0;
  // Fills `row` and calls `visit(key, erased)` for each row of one consistent snapshot, until the
  // limit or until it returns false.
  virtual absl::Status Scan(Area area, const ScanRange& range, google::protobuf::Message* row,
                            absl::FunctionRef<bool(absl::string_view key, bool erased)> visit)
      const = 0;
};

}  // namespace pdp::projection

#endif  // PDP_LIBS_PROJECTION_PROJECTION_H_
