#include "services/referral/projections/sentences.h"

#include "pdp/referral/v1/events.pb.h"

namespace pdp::referral {

absl::Status Sentences::Project(const projection::RecordedEvent& recorded,
                                projection::RowWriter& rows) {
  const auto& event = recorded.As<v1::Event>();
  if (!event.has_sentence_registered()) return absl::OkStatus();
  v1::Sentence row;
  row.set_crn(event.sentence_registered().crn());
  row.set_event_no(event.sentence_registered().event_no());
  rows.Put(recorded.aggregate.id(), row, row.crn());
  return absl::OkStatus();
}

}  // namespace pdp::referral
