#include "libs/record/acceptance.h"

#include <utility>

#include "libs/base/check.h"
#include "libs/base/planted.h"

namespace pdp::record {

absl::string_view VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kAccepted: return "accepted";
    case Verdict::kStaleEpoch: return "stale_epoch";
    case Verdict::kGap: return "gap";
    case Verdict::kDuplicate: return "duplicate";
    case Verdict::kFork: return "fork";
  }
  return "?";
}

Acceptance::Acceptance(ReaderState state)
    : state_(std::move(state)), first_remembered_(state_.seq.value()) {}

Verdict Acceptance::Offer(absl::string_view bytes, const log::v1::Record& record) {
  PDP_CHECK(counts_.fork == 0, "a record was offered after a fork");
  const Verdict verdict = Judge(bytes, record);
  switch (verdict) {
    case Verdict::kAccepted: ++counts_.accepted; break;
    case Verdict::kStaleEpoch: ++counts_.stale_epoch; break;
    case Verdict::kGap: ++counts_.gap; break;
    case Verdict::kDuplicate: ++counts_.duplicate; break;
    case Verdict::kFork: ++counts_.fork; break;
  }
  return verdict;
}

Verdict Acceptance::Judge(absl::string_view bytes, const log::v1::Record& record) {
  const uint64_t seq = record.seq();
  const uint64_t last = state_.seq.value();
  if (record.has_epoch_started()) {
    if (record.epoch() <= state_.epoch.value()) return Verdict::kStaleEpoch;
    if (seq > last) return Verdict::kFork;
    if (seq == last && record.prev_hash() != state_.hash.view()) return Verdict::kFork;
    state_.epoch = Epoch(record.epoch());
    state_.hash = Sha256(bytes);
    state_.owner_id = record.epoch_started().owner_id();
    state_.endpoint = record.epoch_started().endpoint();
    first_remembered_ = last;
    return Verdict::kAccepted;
  }
  if (record.epoch() < state_.epoch.value() && !PDP_PLANTED(kSkipFence)) {
    return Verdict::kStaleEpoch;
  }
  if (record.epoch() > state_.epoch.value()) return Verdict::kGap;
  if (seq <= last) return JudgeRepeat(bytes, seq);
  if (seq > last + 1 && !PDP_PLANTED(kAcceptGap)) return Verdict::kGap;
  if (record.prev_hash() != state_.hash.view() && !PDP_PLANTED(kAcceptGap)) return Verdict::kFork;
  state_.seq = Seq(seq);
  state_.hash = Sha256(bytes);
  if (ring_.empty()) ring_.resize(kRememberedMax);
  ring_[seq % kRememberedMax] = state_.hash;
  return Verdict::kAccepted;
}

Verdict Acceptance::JudgeRepeat(absl::string_view bytes, uint64_t seq) const {
  const bool remembered =
      seq > first_remembered_ && seq + kRememberedMax > state_.seq.value();
  if (!remembered) return Verdict::kDuplicate;
  return Sha256(bytes) == ring_[seq % kRememberedMax] ? Verdict::kDuplicate : Verdict::kFork;
}

}  // namespace pdp::record
