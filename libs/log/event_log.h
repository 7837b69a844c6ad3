#ifndef PDP_LIBS_LOG_EVENT_LOG_H_
#define PDP_LIBS_LOG_EVENT_LOG_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/base/area.h"
#include "libs/base/hash.h"
#include "libs/base/ids.h"
#include "pdp/log/v1/record.pb.h"

namespace pdp::log {

// Where a reader of one cell's log stands: everything up to and including (epoch, seq) with hash
// `hash` has been accepted. Default: before the first record. Stored with the views; survives
// restarts.
struct TailPosition {
  Epoch epoch;
  Seq seq;
  Digest hash;
  // The binding's own shortcut (physical index after the last accepted record: an offset, a key).
  // -1: none. May be stale or of another copy of the log: it is verified by hash before it is used,
  // and the log is read from its beginning when it does not fit.
  int64_t hint = -1;
  // Who owns `epoch`, as its EpochStarted said.
  std::string owner_id;
  std::string endpoint;
};

// One record that belongs to the history.
struct Accepted {
  v1::Record record;
  // As received; store these, never a new serialisation.
  std::string bytes;
  // SHA-256 of `bytes`.
  Digest hash;
  // TailPosition::hint of a reader that has read up to this record.
  int64_t hint = -1;
};

struct TailBatch {
  std::vector<Accepted> records;
  // Everything that was in the log as of the poll (for a broker: as of its last answer) has been
  // given.
  bool caught_up = false;
  // Records passed over in this poll, by record::VerdictName: stale_epoch, gap, duplicate.
  std::map<std::string, uint64_t> dropped;
};

// A reader of one cell's log. Every reader sees the same sequence of accepted records, each once,
// the own ones included. One thread polls; Wake may be called from any thread. Must not outlive its
// log.
class Tail {
 public:
  virtual ~Tail() = default;

  // Up to `records_max` records. Waits up to `timeout` for the first one; returns without waiting
  // when there are some, when woken, or when this is the first time the end has been reached (an
  // empty batch with caught_up). Empty on time-out.
  //   Unavailable  the binding cannot be reached; poll again, nothing is skipped
  //   DataLoss     "Truncated ...": the log holds less than the position says
  //                "Forked ...": the log holds another history than the position
  //                says, or two histories
  //                "corrupted record ...": a frame is damaged
  //                Stop and tell an operator. The tail gives the same error for ever; the records
  //                before the damage have been given by earlier polls.
  virtual absl::StatusOr<TailBatch> Poll(size_t records_max, absl::Duration timeout) = 0;

  // Makes the current Poll, or else the next, return at once.
  virtual void Wake() = 0;

  // After the last record given. Polling thread only.
  virtual TailPosition position() const = 0;
};

// A claim in progress (EventLog::BeginClaim). Must not outlive its log. One thread. Given up when
// destroyed: what it has appended may still take effect.
class PendingClaim {
 public:
  virtual ~PendingClaim() = default;
  // Goes on with the claim, waiting up to `wait` for the log. nullopt: not decided yet, step again.
  // Not to be called again once decided.
  virtual std::optional<absl::StatusOr<Epoch>> Step(absl::Duration wait) = 0;
};

// The totally ordered logs of a service, one for each area. The log is the truth of a cell;
// everything else is a view of it. Three bindings (memory_log.h, rocks_log.h, kafka_log.h) pass one
// contract suite (tests/contract). A binding stores whatever is appended; what counts is decided by
// readers, all by record::Acceptance.
//
// Thread-safe. Appends to one area keep the order of the calls.
//
//   ASSIGN_OR_RETURN(auto tail, log.OpenTail(area, checkpoint));
//   ... poll until caught_up ...
//   ASSIGN_OR_RETURN(Epoch epoch, log.Claim(area, id, "host:port", tail->position()));
//   ... poll: the EpochStarted arrives; its hash is prev_hash of the first commit ...
//   log.Append(area, *record::EncodeVerified(commit));  // acknowledged when the tail gives it back
class EventLog {
 public:
  virtual ~EventLog() = default;

  // A claim of the area: reads from `from` to the end, appends EpochStarted{E+1} and reads until it
  // is seen. Once it has succeeded every earlier record is readable and nothing of an older epoch
  // will be accepted by anybody. The caller's own tail sees the EpochStarted too. Clears the broken
  // mark of the area. `owner_id` is unique to the claimant (never reuse one after a restart).
  // Decided after the binding's claim_timeout at the latest:
  //   Aborted      another claimant got the epoch
  //   Unavailable  not known: the claim may still arrive; read on and claim again
  //   DataLoss     as of Tail::Poll
  //   InvalidArgument  owner_id or endpoint is not UTF-8 text
  virtual absl::StatusOr<std::unique_ptr<PendingClaim>> BeginClaim(Area area,
                                                                   const std::string& owner_id,
                                                                   const std::string& endpoint,
                                                                   TailPosition from) = 0;
  // BeginClaim and all its steps: blocks until it is decided.
  absl::StatusOr<Epoch> Claim(Area area, const std::string& owner_id, const std::string& endpoint,
                              TailPosition from);

  // Enqueues the frame `bytes`; never waits for a disk or a broker. OK promises nothing: the record
  // is in the log when a tail gives it back.
  //   ResourceExhausted  the in-flight limit is reached; not appended
  //   Unavailable        an append of this area failed since the last Claim; not appended
  //   InvalidArgument    larger than record::kRecordBytesMax; not appended
  virtual absl::Status Append(Area area, std::string bytes) = 0;

  // A reader of everything after `after`. Does not wait: that `after` is part of the history is
  // found out by the first polls.
  virtual absl::StatusOr<std::unique_ptr<Tail>> OpenTail(Area area, TailPosition after) = 0;

  // The position after the last record accepted as of the call. Unavailable, DataLoss as of
  // Tail::Poll.
  virtual absl::StatusOr<TailPosition> End(Area area) = 0;

  // The first delivery error of the area since its last Claim; OK when none. Of this area only:
  // what another one lost, which this process may never claim again, says nothing about it.
  virtual absl::Status Health(Area area) = 0;

  // A consistent copy of everything in the log as of the call, in the new folder `path` of the same
  // disk (hard links where the file system allows). Appends go on meanwhile. FailedPrecondition
  // when the binding keeps no files here.
  virtual absl::Status Checkpoint(const std::string& path) {
    return absl::FailedPreconditionError("this log has no files of its own on this machine");
  }
};

}  // namespace pdp::log

#endif  // PDP_LIBS_LOG_EVENT_LOG_H_
