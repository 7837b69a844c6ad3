#ifndef PDP_LIBS_ENGINE_CELL_READER_H_
#define PDP_LIBS_ENGINE_CELL_READER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "libs/base/ids.h"
#include "pdp/common/v1/common.pb.h"

namespace pdp::engine {

class Past;

// The views of a cell, for those who read and do not write: queries and processes. Thread-safe in
// Cell; SteppedCell has one thread.
class CellReader {
 public:
  struct ReadResult {
    std::unique_ptr<google::protobuf::Message> state;
    Version version;
    Seq seq;
    bool erased = false;
  };

  virtual ~CellReader() = default;
  // The newest applied state, personal fields opened (empty when erased); NotFound when nothing was
  // ever emitted on it.
  virtual absl::StatusOr<ReadResult> ReadState(const AggregateId& id) const = 0;
  // How the aggregates became what they are, as applied (past.h).
  virtual Past past() const = 0;
  // Of the views. The default position before anything was accepted.
  virtual common::v1::Position position() const = 0;
};

}  // namespace pdp::engine

#endif  // PDP_LIBS_ENGINE_CELL_READER_H_
