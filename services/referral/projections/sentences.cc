#include "services/referral/projections/sentences.h"

#include "pdp/referral/v1/events.pb.h"
#include "services/referral/projections/ids_of_person.h"

namespace pdp::referral {

absl::Status Sentences::Project(const projection::RecordedEvent& recorded,
                                projection::RowWriter& rows) {
  const auto& event = recorded.As<v1::Event>();
  if (!event.has_sentence_registered()) return absl::OkStatus();
  AddIdOfPerson(event.sentence_registered().crn(), std::string(recorded.aggregate.id()), rows);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> SentenceKeysOf(const projection::RowReader& sentences,
                                                        absl::string_view crn) {
  return IdsOfPersonAt(sentences, Area::Nat(), crn);
}

}  // namespace pdp::referral
