#ifndef PDP_LIBS_PROJECTION_DECODE_H_
#define PDP_LIBS_PROJECTION_DECODE_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "libs/privacy/key_vault.h"
#include "libs/projection/projection.h"
#include "libs/projection/storage.h"
#include "libs/record/upcaster.h"

namespace pdp::projection {

// One archived record, opened: its commit (null for barriers and the like) and its events, unsealed
// and lifted to today's schema.
struct DecodedRecord {
  Seq seq;
  std::shared_ptr<const log::v1::Commit> commit;
  std::vector<RecordedEvent> events;
};

// Opens what is archived. DataLoss when a record is damaged or an event of it does not parse;
// FailedPrecondition when a newer program wrote it.
absl::StatusOr<std::vector<DecodedRecord>> DecodeRecords(
    const std::string& service, Area area, const std::vector<Storage::Archived>& archived,
    const std::function<std::unique_ptr<google::protobuf::Message>()>& new_event,
    const record::Upcaster& upcaster, privacy::KeyVault& vault);

}  // namespace pdp::projection

#endif  // PDP_LIBS_PROJECTION_DECODE_H_
