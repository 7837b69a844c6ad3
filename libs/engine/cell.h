#ifndef PDP_LIBS_ENGINE_CELL_H_
#define PDP_LIBS_ENGINE_CELL_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/base/area.h"
#include "libs/base/clock.h"
#include "libs/base/hash.h"
#include "libs/base/ids.h"
#include "libs/base/random.h"
#include "libs/engine/cell_reader.h"
#include "libs/engine/command.h"
#include "libs/engine/domain.h"
#include "libs/log/event_log.h"
#include "libs/privacy/key_vault.h"
#include "libs/view/view_db.h"
#include "pdp/common/v1/cloud_event.pb.h"

namespace pdp::engine {

struct CellOptions {
  Area area;
  // host:port at which this process answers; told to those who ask a non-owner.
  std::string endpoint;
  // Refusals and duplicates are answered without asking the log while the last own read-back is
  // younger than this, and an idle leader shows that it lives this often. Infinite on a log that
  // only this process can open.
  absl::Duration lease = absl::Seconds(1);
  // Follow only; claim when nothing has been seen for `failover`.
  bool standby = false;
  absl::Duration failover = absl::Seconds(3);
  // Commands waiting to be decided; more are refused with ResourceExhausted.
  size_t queue_max = 4096;
  // No more wait than the cell takes up within this, going by what the last ones cost it; others
  // are refused with ResourceExhausted at once. So what is accepted is answered about as soon as
  // ever, however much is offered.
  absl::Duration wait_max = absl::Milliseconds(200);
  // Commits sent and not yet read back; more wait in the queue.
  size_t in_flight_max = 2048;
  // Commands decided between two appends to the log; fewer when so many would take long (wait_max).
  size_t group_max = 256;
  // A commit not read back for this long means that the link is broken: the cell claims anew.
  absl::Duration read_back_max = absl::Seconds(10);
  // Pause between two attempts to claim.
  absl::Duration claim_retry = absl::Milliseconds(200);
  // Deserialised states kept, in bytes (as protobuf counts them).
  size_t state_cache_bytes_max = 64 << 20;
  // How long a command id is remembered, by log time.
  absl::Duration idempotency = absl::Hours(24 * 30);
};

// What an operator sees of a cell.
struct CellInfo {
  std::string service;
  Area area;
  // STARTING, STANDBY, CLAIMING, LEADING, STOPPED.
  std::string state;
  // Why it is stopped or not leading.
  std::string reason;
  common::v1::Position position;
  Digest hash;
  std::string owner;
  std::map<std::string, uint64_t> dropped;
  size_t queue_length = 0;
};

// One (service, area): a single writer, its log partition, its views. This is the write path:
//
//   Submit (any thread): shape of the id, deadline, admission -> bounded queue -> the cell thread:
//   idempotency look-up, load state (newest, commits in flight included), Decide, seal, chain,
//   append. The tail thread reads the log back; the cell thread writes archive, state, idempotency,
//   inbox, timers and checkpoint of all that was read in one batch, and then answers. The queue is
//   drained into the next append while one is in flight: that is the group commit.
//
//   state     | commands                                  | leaves by
//   ----------|-------------------------------------------|------------------------------------
//   STARTING  | wait in the queue                         | log read: CLAIMING or STANDBY
//   STANDBY   | Unavailable, with the owner               | silence for `failover`: CLAIMING
//   CLAIMING  | wait; Unavailable when a claim fails      | read back: LEADING or STANDBY
//   LEADING   | decided                                   | other epoch: STANDBY; broken: CLAIMING
//   STOPPED   | DataLoss; Unavailable when a disk fails   | a restart, once an operator decided
//
// Acknowledged means read back as accepted, never before. What is in flight when the link breaks or
// another claims stays pending until the next epoch has been read: then it is definitely in
// (answered) or out (Unavailable). Personal data is sealed before it leaves this class.
//
// Threads: one cell thread owns all state; Submit, ReadState, WaitFor, info are thread-safe. `done`
// runs on the cell thread (or inline on refusal of admission) and must not block.
class Cell final : public CellReader {
 public:
  // All must outlive the cell.
  struct Parts {
    std::shared_ptr<const Domain> domain;
    log::EventLog* log = nullptr;
    view::ViewDb* views = nullptr;
    privacy::KeyVault* vault = nullptr;
    Clock* clock = &Clock::System();
    Random* random = &Random::System();
  };

  Cell(CellOptions options, Parts parts);
  ~Cell() override;
  Cell(const Cell&) = delete;
  Cell& operator=(const Cell&) = delete;

  // Called after a batch has been applied, on the cell thread; must not block. Before Start.
  void AddCommitListener(std::function<void(Area)> listener);

  absl::Status Start();
  // Answers everything that waits (Unavailable when not in the log, DeadlineExceeded when not
  // known) and ends the threads. Idempotent.
  void Stop();

  void Submit(CommandRequest request, std::function<void(CommandOutcome)> done);
  // Submit and wait; for processes and tests, never on a callback thread.
  CommandOutcome Execute(CommandRequest request);

  absl::StatusOr<ReadResult> ReadState(const AggregateId& id) const override;
  Past past() const override;

  // Waits until the views have passed `position`: read-your-writes. Positions of another area are
  // passed at once.
  absl::Status WaitFor(const common::v1::Position& position, absl::Time deadline) const;
  common::v1::Position position() const override;
  // How far the events of a source have been taken over by `process`; seq 0: nothing yet.
  absl::StatusOr<common::v1::FeedPosition> InboxMark(absl::string_view process,
                                                     absl::string_view service, Area source) const;
  CellInfo info() const;
  bool leading() const;
  // Blocks until the cell leads. Unavailable at the deadline, DataLoss when it stopped.
  absl::Status WaitUntilLeading(absl::Time deadline) const;
  // A fake clock was moved: look at timers, lease and deadlines now.
  void Wake();

 private:
  friend class SteppedCell;
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// The CloudEvents-style opening of an archived event: parsed and, where the key still exists, with
// its personal fields; lifted to today's schema. FailedPrecondition when a newer program wrote it.
struct OpenedEvent {
  std::unique_ptr<google::protobuf::Message> event;
  bool erased = false;
};
absl::StatusOr<OpenedEvent> OpenEvent(const Domain& domain, Area area,
                                      const log::v1::RecordedEvent& recorded,
                                      privacy::KeyVault& vault);
// The same for a reader that knows the service's name and an empty Event envelope only.
absl::StatusOr<bool> OpenEventInto(const std::string& service, Area area,
                                   const log::v1::RecordedEvent& recorded,
                                   privacy::KeyVault& vault, const record::Upcaster& upcaster,
                                   google::protobuf::Message* event);

}  // namespace pdp::engine

#endif  // PDP_LIBS_ENGINE_CELL_H_
