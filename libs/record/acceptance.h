#ifndef PDP_LIBS_RECORD_ACCEPTANCE_H_
#define PDP_LIBS_RECORD_ACCEPTANCE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/hash.h"
#include "libs/base/ids.h"
#include "pdp/log/v1/record.pb.h"

namespace pdp::record {

// Where a reader is: epoch E, last accepted seq S, hash H of the last accepted record, and who owns
// E.
struct ReaderState {
  Epoch epoch;
  Seq seq;
  Digest hash;
  std::string owner_id;
  std::string endpoint;
};

enum class Verdict { kAccepted, kStaleEpoch, kGap, kDuplicate, kFork };
absl::string_view VerdictName(Verdict verdict);

// THE reader rule. Every reader of every log binding, the verifier and the tools decide by it what
// belongs to the history of a cell, so a zombie writer, a doubled or late produce and a lost
// message look the same to all of them.
//
//   record                      | condition, first that holds                   | verdict
//   ----------------------------|-----------------------------------------------|------------
//   EpochStarted                | epoch <= E                                    | kStaleEpoch
//     (seq, prev_hash = what    | seq > S                                       | kFork  (1)
//      its author had read)     | seq == S and prev_hash != H                   | kFork  (1)
//                               | else: E := epoch, S stays, H := hash          | kAccepted (2)
//   Commit, Barrier, Handoff    | epoch < E                                     | kStaleEpoch
//                               | epoch > E (its EpochStarted never got in)     | kGap
//                               | seq <= S, same bytes or no longer remembered  | kDuplicate
//                               | seq <= S, other bytes                         | kFork
//                               | seq > S+1                                     | kGap
//                               | prev_hash != H                                | kFork
//                               | else: S := seq, H := hash                     | kAccepted
//
// (1) The author saw records that we do not hold: our copy of the log is not the one it read.
// (2) seq < S is normal: the old owner's last records got in between its reading and its claim.
//
// kFork means stop: nothing after it may be offered (checked). The other refusals are dropped and
// counted. A ring of the last 4096 hashes of the epoch tells a duplicate from a fork; what is
// older, or was accepted before this object was made, is assumed to be a duplicate.
//
// Not thread-safe: one reader, one object.
class Acceptance {
 public:
  struct Counts {
    uint64_t accepted = 0;
    uint64_t stale_epoch = 0;
    uint64_t gap = 0;
    uint64_t duplicate = 0;
    uint64_t fork = 0;
  };

  explicit Acceptance(ReaderState state);

  // `bytes` is the frame as received, `record` what record::Decode made of it. Hashes the bytes at
  // most once; after kAccepted the hash is state().hash.
  Verdict Offer(absl::string_view bytes, const log::v1::Record& record);

  const ReaderState& state() const { return state_; }
  const Counts& counts() const { return counts_; }

 private:
  static constexpr size_t kRememberedMax = 4096;

  Verdict Judge(absl::string_view bytes, const log::v1::Record& record);
  Verdict JudgeRepeat(absl::string_view bytes, uint64_t seq) const;

  ReaderState state_;
  Counts counts_;
  // Hashes of the seqs (first_remembered_ .. S] of this epoch; seq s sits at s % kRememberedMax.
  std::vector<Digest> ring_;
  uint64_t first_remembered_;
};

}  // namespace pdp::record

#endif  // PDP_LIBS_RECORD_ACCEPTANCE_H_
