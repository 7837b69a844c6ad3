#ifndef PDP_LIBS_HOST_LATE_READER_H_
#define PDP_LIBS_HOST_LATE_READER_H_

#include <atomic>

#include "libs/projection/projection.h"

namespace pdp::host {

// A row reader that can be handed out before the views are open. Thread-safe.
class LateReader final : public projection::RowReader {
 public:
  void Bind(const projection::RowReader* reader) { reader_ = reader; }

  absl::StatusOr<bool> Get(Area area, absl::string_view key, google::protobuf::Message* row,
                           bool* erased) const override {
    const projection::RowReader* reader = reader_;
    if (reader == nullptr) return NotYet();
    return reader->Get(area, key, row, erased);
  }
  absl::Status Scan(Area area, const projection::ScanRange& range, google::protobuf::Message* row,
                    absl::FunctionRef<bool(absl::string_view, bool)> visit) const override {
    const projection::RowReader* reader = reader_;
    if (reader == nullptr) return NotYet();
    return reader->Scan(area, range, row, visit);
  }

 private:
  static absl::Status NotYet() { return absl::FailedPreconditionError("the host is starting"); }
  std::atomic<const projection::RowReader*> reader_ = nullptr;
};

}  // namespace pdp::host

#endif  // PDP_LIBS_HOST_LATE_READER_H_
