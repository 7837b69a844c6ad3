#ifndef PDP_SERVICES_REFERRAL_PROJECTIONS_SENTENCES_H_
#define PDP_SERVICES_REFERRAL_PROJECTIONS_SENTENCES_H_

#include "libs/projection/projection.h"

namespace pdp::referral {

// Which sentences a person has, in NAT: key = sentence key `{crn}/{event_no}`, row = v1.Sentence
// with its identifiers only.
class Sentences final : public projection::Projection {
 public:
  static constexpr char kName[] = "sentences";
  std::string name() const override { return kName; }
  uint32_t version() const override { return 1; }
  absl::Status Project(const projection::RecordedEvent& event,
                       projection::RowWriter& rows) override;
};

}  // namespace pdp::referral

#endif  // PDP_SERVICES_REFERRAL_PROJECTIONS_SENTENCES_H_
