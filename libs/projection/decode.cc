#include "libs/projection/decode.h"

#include "libs/base/status_macros.h"
#include "libs/base/timestamp.h"
#include "libs/engine/cell.h"
#include "libs/record/codec.h"

namespace pdp::projection {
namespace {

absl::StatusOr<DecodedRecord> DecodeRecord(
    const std::string& service, Area area, const Storage::Archived& archived,
    const std::function<std::unique_ptr<google::protobuf::Message>()>& new_event,
    const record::Upcaster& upcaster, privacy::KeyVault& vault) {
  ASSIGN_OR_RETURN(log::v1::Record record, record::Decode(archived.bytes));
  DecodedRecord decoded{.seq = archived.seq};
  if (!record.has_commit()) return decoded;
  auto commit = std::make_shared<log::v1::Commit>(std::move(*record.mutable_commit()));
  decoded.commit = commit;
  uint32_t index = 0;
  for (const log::v1::RecordedEvent& stored : commit->events()) {
    RecordedEvent event;
    event.service = service;
    event.area = area;
    event.epoch = Epoch(record.epoch());
    event.seq = archived.seq;
    event.index = index++;
    event.recorded_at = FromTimestamp(commit->recorded_at());
    event.occurred_at =
        commit->has_occurred_at() ? FromTimestamp(commit->occurred_at()) : event.recorded_at;
    event.aggregate = AggregateId::FromText(stored.aggregate_id());
    event.version = Version(stored.version());
    event.type = stored.type();
    event.commit = commit.get();
    std::shared_ptr<google::protobuf::Message> message = new_event();
    ASSIGN_OR_RETURN(event.erased,
                     engine::OpenEventInto(service, area, stored, vault, upcaster,
                                           message.get()));
    event.event = std::move(message);
    decoded.events.push_back(std::move(event));
  }
  return decoded;
}

}  // namespace

absl::StatusOr<std::vector<DecodedRecord>> DecodeRecords(
    const std::string& service, Area area, const std::vector<Storage::Archived>& archived,
    const std::function<std::unique_ptr<google::protobuf::Message>()>& new_event,
    const record::Upcaster& upcaster, privacy::KeyVault& vault) {
  std::vector<DecodedRecord> records;
  records.reserve(archived.size());
  for (const Storage::Archived& one : archived) {
    ASSIGN_OR_RETURN(DecodedRecord decoded,
                     DecodeRecord(service, area, one, new_event, upcaster, vault));
    records.push_back(std::move(decoded));
  }
  return records;
}

}  // namespace pdp::projection
