#include "libs/view/archive.h"

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/record/acceptance.h"
#include "libs/record/codec.h"
#include "libs/view/keys.h"

namespace pdp::view {

absl::Status Archive::ForEach(
    Area area, Seq from_seq,
    absl::FunctionRef<bool(const log::v1::Record& record, absl::string_view bytes)> visit) const {
  absl::Status decoded;
  RETURN_IF_ERROR(db_.Scan(db_.archive(), AreaKey(area), ArchiveKey(area, from_seq),
                           [&](absl::string_view key, absl::string_view value) {
                             auto record = record::Decode(value);
                             if (!record.ok()) {
                               decoded = absl::DataLossError(absl::StrCat(
                                   area.code(), " seq ", FromBigEndian(key.substr(1, 8)), ": ",
                                   record.status().message()));
                               return false;
                             }
                             return visit(*record, value);
                           }));
  return decoded;
}

absl::StatusOr<std::optional<log::v1::Record>> Archive::At(Area area, Seq seq,
                                                           std::string* bytes) const {
  ASSIGN_OR_RETURN(auto row, db_.Get(db_.archive(), ArchiveKey(area, seq)));
  if (!row.has_value()) return std::optional<log::v1::Record>();
  ASSIGN_OR_RETURN(log::v1::Record record, record::Decode(*row));
  if (bytes != nullptr) *bytes = std::move(*row);
  return std::optional<log::v1::Record>(std::move(record));
}

absl::StatusOr<std::optional<log::v1::IdempotencyRow>> Archive::Find(Area area,
                                                                     absl::string_view tenant,
                                                                     const CommandId& id) const {
  ASSIGN_OR_RETURN(auto value, db_.Get(db_.idempotency(), IdempotencyKey(area, tenant, id)));
  if (!value.has_value()) return std::optional<log::v1::IdempotencyRow>();
  log::v1::IdempotencyRow row;
  if (!row.ParseFromString(*value)) return absl::DataLossError("an idempotency row is damaged");
  return std::optional<log::v1::IdempotencyRow>(std::move(row));
}

absl::StatusOr<log::v1::CheckpointRow> Archive::Checkpoint(Area area) const {
  ASSIGN_OR_RETURN(auto value, db_.Get(db_.meta(), AreaKey(area)));
  log::v1::CheckpointRow row;
  if (value.has_value() && !row.ParseFromString(*value)) {
    return absl::DataLossError("a checkpoint row is damaged");
  }
  return row;
}

absl::StatusOr<Archive::Verified> Archive::Verify(Area area) const {
  Verified result;
  record::Acceptance acceptance{record::ReaderState()};
  // The checkpoint is read first: records that arrive meanwhile only make the archive longer.
  ASSIGN_OR_RETURN(log::v1::CheckpointRow checkpoint, Checkpoint(area));
  bool checkpoint_met = checkpoint.seq() == 0 && checkpoint.epoch() == 0;
  const absl::Status read =
      ForEach(area, Seq(0), [&](const log::v1::Record& record, absl::string_view bytes) {
        ++result.records;
        const record::Verdict verdict = acceptance.Offer(bytes, record);
        if (verdict != record::Verdict::kAccepted) {
          result.finding = absl::StrCat("record epoch ", record.epoch(), " seq ", record.seq(),
                                        " does not continue the chain: ",
                                        record::VerdictName(verdict));
          return false;
        }
        const auto& state = acceptance.state();
        if (state.seq.value() == checkpoint.seq() && state.epoch.value() == checkpoint.epoch() &&
            state.hash.view() == checkpoint.hash()) {
          checkpoint_met = true;
        }
        return true;
      });
  if (!read.ok()) {
    if (read.code() != absl::StatusCode::kDataLoss) return read;
    result.finding = std::string(read.message());
  }
  if (result.finding.empty() && !checkpoint_met) {
    result.finding = absl::StrCat("the chain does not reach the checkpoint at epoch ",
                                  checkpoint.epoch(), " seq ", checkpoint.seq());
  }
  result.intact = result.finding.empty();
  result.epoch = acceptance.state().epoch;
  result.seq = acceptance.state().seq;
  result.hash = acceptance.state().hash;
  return result;
}

}  // namespace pdp::view
