#include "services/subcontractor/projections/pool_trace.h"

#include "absl/strings/str_cat.h"
#include "libs/base/timestamp.h"
#include "libs/projection/publisher.h"
#include "pdp/subcontractor/v1/events.pb.h"
#include "pdp/subcontractor/v1/queries.pb.h"
#include "services/subcontractor/domain/commands.h"

namespace pdp::subcontractor {

std::string PoolTrace::EventPrefix(absl::string_view service) {
  return absl::StrCat("e/", service, "/");
}

std::string PoolTrace::SeedPrefix(absl::string_view service) {
  return absl::StrCat("s/", service, "/");
}

absl::Status PoolTrace::Project(const projection::RecordedEvent& recorded,
                                projection::RowWriter& rows) {
  const auto& event = recorded.As<v1::Event>();
  v1::PoolTraceRow row;
  *row.mutable_recorded_at() = ToTimestamp(recorded.recorded_at);
  *row.mutable_occurred_at() = ToTimestamp(recorded.occurred_at);
  if (event.has_seed_revealed()) {
    *row.mutable_event() = event;
    rows.Put(absl::StrCat(SeedPrefix(event.seed_revealed().service()),
                          event.seed_revealed().date()),
             row);
    return absl::OkStatus();
  }
  if (recorded.aggregate.kind() != "pool") return absl::OkStatus();
  *row.mutable_event() = event;
  // pool/{area}/{service}
  const absl::string_view id = recorded.aggregate.id();
  const absl::string_view service = id.substr(id.find('/') + 1);
  rows.Put(absl::StrCat(EventPrefix(service), projection::PublicKey(recorded.seq, recorded.index)),
           row);
  return absl::OkStatus();
}

}  // namespace pdp::subcontractor
