#include "libs/log/verify.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/record/codec.h"

namespace pdp::log {
namespace {

constexpr size_t kReadMax = 1024;
constexpr absl::Duration kReadTimeout = absl::Seconds(30);

}  // namespace

bool Verifier::Found(const Seen& at, std::string what) {
  report_.damage = Damage{at.index, at.epoch, at.seq, std::move(what)};
  return false;
}

bool Verifier::Offer(int64_t index, absl::string_view bytes) {
  if (report_.damage.has_value()) return false;
  ++report_.records;
  const absl::StatusOr<v1::Record> record = record::Decode(bytes);
  if (suspect_.has_value()) {
    const bool vouched = record.ok() && record->prev_hash() == suspect_->hash.view();
    const Seen& altered = vouched && last_accepted_.index >= 0 ? last_accepted_ : *suspect_;
    return Found(altered, "altered: its hash is not the one its neighbour was written with");
  }
  Seen seen{index, acceptance_.state().epoch.value(), acceptance_.state().seq.value() + 1, {}};
  if (!record.ok()) return Found(seen, std::string(record.status().message()));
  seen = {index, record->epoch(), record->seq(), {}};
  if (record->area() != area_.code()) {
    return Found(seen, absl::StrCat("is of area ", record->area()));
  }
  const uint64_t last = acceptance_.state().seq.value();
  const record::Verdict verdict = acceptance_.Offer(bytes, *record);
  if (verdict == record::Verdict::kAccepted) {
    ++report_.accepted;
    seen.hash = acceptance_.state().hash;
    last_accepted_ = seen;
    return true;
  }
  if (verdict != record::Verdict::kFork) {
    ++report_.dropped[std::string(record::VerdictName(verdict))];
    return true;
  }
  const bool repeat = !record->has_epoch_started() && record->seq() <= last;
  if (repeat) return Found(seen, "a second record of this seq with other bytes");
  if (record->has_epoch_started() && record->seq() > last) {
    return Found(seen, "its author had read records that are missing before it");
  }
  seen.hash = Sha256(bytes);
  suspect_ = seen;
  return true;
}

VerifyReport Verifier::Finish() {
  if (suspect_.has_value() && !report_.damage.has_value()) {
    Found(last_accepted_.index >= 0 ? last_accepted_ : *suspect_,
          "altered, or its successor was: nothing follows that could tell");
  }
  report_.epoch = acceptance_.state().epoch.value();
  report_.seq = acceptance_.state().seq.value();
  report_.hash_hex = acceptance_.state().hash.hex();
  return report_;
}

absl::StatusOr<VerifyReport> Verify(Area area, RawSource& source) {
  Verifier verifier(area);
  ASSIGN_OR_RETURN(const RawSource::Bounds bounds, source.GetBounds());
  RETURN_IF_ERROR(source.Seek(bounds.first));
  int64_t next = bounds.first;
  while (next < bounds.end) {
    const absl::StatusOr<RawSource::Batch> batch =
        source.Read(kReadMax, kReadTimeout, RawSource::Wait::kForRecordsOrEnd);
    if (absl::IsDataLoss(batch.status())) {
      VerifyReport report = verifier.Finish();
      if (!report.damage.has_value()) {
        report.damage = Damage{next, 0, 0, std::string(batch.status().message())};
      }
      return report;
    }
    RETURN_IF_ERROR(batch.status());
    for (const RawRecord& record : batch->records) {
      next = record.index + 1;
      if (!verifier.Offer(record.index, record.bytes)) return verifier.Finish();
    }
    if (batch->at_end) break;
    if (batch->records.empty()) return absl::UnavailableError("the log stopped answering");
  }
  return verifier.Finish();
}

}  // namespace pdp::log
