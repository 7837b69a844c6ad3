#ifndef PDP_SERVICES_REFERRAL_PROJECTIONS_SENTENCES_H_
#define PDP_SERVICES_REFERRAL_PROJECTIONS_SENTENCES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/projection/projection.h"

namespace pdp::referral {

// Which sentences a person has, in NAT: <crn> -> v1.IdsOfPerson, their keys `{crn}/{event_no}`.
class Sentences final : public projection::Projection {
 public:
  static constexpr char kName[] = "sentences";
  std::string name() const override { return kName; }
  uint32_t version() const override { return 2; }
  absl::Status Project(const projection::RecordedEvent& event,
                       projection::RowWriter& rows) override;
};

// The keys of the sentences of one record of a person, in order.
absl::StatusOr<std::vector<std::string>> SentenceKeysOf(const projection::RowReader& sentences,
                                                        absl::string_view crn);

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_PROJECTIONS_SENTENCES_H_
